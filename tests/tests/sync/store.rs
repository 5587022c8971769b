// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A damaged store is not served; it is verified, and repaired from a peer.

use std::fs;
use std::path::{Path, PathBuf};

use constancia_ledger::fault::Coded as _;
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::door::open_door;
use constancia_node::failure::Failure;
use constancia_node::node::{RunningNode, start_node};
use constancia_node::open_ledger::OpenLedger;
use constancia_node::repair::open_for_repair;
use constancia_proto::v1;
use constancia_tests::network::{Dice, charter, new_replica, write};
use constancia_tests::nodes::{SetClock, address, config, found, put, start};
use tempfile::{TempDir, tempdir};
use tokio_stream::StreamExt as _;

const A: u8 = 11;

/// A node that is whole, and the folder of one that held the same.
async fn whole_and_other() -> (TempDir, RunningNode, StoreFolder) {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let entries = write(&mut new_replica(&charter), A, 60, &mut Dice::new(1));
    let whole = found(&home.path().join("1"), &charter);
    put(&whole.live, &entries).await;
    let folder = StoreFolder::new(home.path().join("2"));
    let other = found(folder.root(), &charter);
    put(&other.live, &entries).await;
    start(other, config(&[])).await.shutdown().await.unwrap();
    (home, start(whole, config(&[])).await, folder)
}

fn find_segment(folder: &StoreFolder) -> PathBuf {
    let mut segments: Vec<PathBuf> =
        fs::read_dir(folder.log_path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    segments.sort();
    segments[0].clone()
}

fn flip(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn open(folder: &StoreFolder) -> OpenLedger {
    OpenLedger::open(folder.clone(), LockPatience::JustKilled).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_is_named_and_fetched_again() {
    let (_home, whole, folder) = whole_and_other().await;
    let segment = find_segment(&folder);
    flip(&segment, fs::read(&segment).unwrap().len() / 2);

    let mut access = open_door(folder.clone(), SetClock::at(1)).await.unwrap();
    let answers = access.client.verify(v1::VerifyRequest {}).await.unwrap().into_inner();
    let last = answers.map(Result::unwrap).filter(|answer| answer.done).next().await.unwrap();
    assert_eq!(last.damages.len(), 1, "{:?}", last.damages);
    assert_eq!(last.damages[0].code, "store.damaged");
    assert!(last.damages[0].offset > 0);
    assert_eq!(last.damages[0].entry_id.len(), 32, "the index knows which entry it was");

    let status = access.client.get_status(v1::GetStatusRequest {}).await.unwrap_err();
    let failure = Failure::from_status(&status);
    assert_eq!(failure.code, "store.damaged");
    assert!(failure.hint.unwrap().contains("repair"));

    let request = v1::RepairRequest { address: address(&whole).to_string() };
    let reply = access.client.repair(request).await.unwrap().into_inner();
    assert_eq!(reply.remaining, []);
    assert_eq!(reply.repaired, [last.damages[0].entry_id.clone()]);
    let status = access.client.get_status(v1::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.entries, 61);
    drop(access);
    let again = start(open(&folder), config(&[])).await;
    assert_eq!(again.live().shared().read().count_entries().unwrap(), 61);
    again.shutdown().await.unwrap();
    whole.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_not_served() {
    let (_home, whole, folder) = whole_and_other().await;
    let segment = find_segment(&folder);
    flip(&segment, fs::read(&segment).unwrap().len() / 2);
    // Without an index opening reads the whole log.
    fs::remove_dir_all(folder.index_path()).unwrap();
    let error = start_node(open(&folder), config(&[]), SetClock::at(1)).await.unwrap_err();
    assert_eq!(error.code(), "store.damaged");
    assert!(error.hint().unwrap().contains("verify"));
    whole.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_that_finds_damage_stops() {
    let (_home, whole, folder) = whole_and_other().await;
    let node = start(open(&folder), config(&[])).await;
    let segment = find_segment(&folder);
    flip(&segment, fs::read(&segment).unwrap().len() / 2);
    let answers = node.client().verify(v1::VerifyRequest {}).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers.last().unwrap().damages.len(), 1);
    assert_eq!(node.wait_for_failure().await.code(), "store.damaged");
    node.shutdown().await.unwrap();
    whole.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_charter_is_put_back_before_anything_can_be_opened() {
    let (_home, whole, folder) = whole_and_other().await;
    // Into the first record, behind the segment's own header.
    flip(&find_segment(&folder), 400);
    assert!(OpenLedger::open(folder.clone(), LockPatience::JustKilled).is_err());
    let ledger = open_for_repair(folder, &address(&whole)).await.unwrap();
    assert!(ledger.recovery.is_sound());
    assert_eq!(ledger.live.shared().read().count_entries().unwrap(), 61);
    whole.shutdown().await.unwrap();
}
