// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: on a disk that is really full the program says so, with code, hint and exit status; nothing
//! that it acknowledged is lost, no slot is signed twice, and everything goes on once there is room,
//! a running node without being started again.
//!
//! Method: the built program on a file system of a few mebibytes, filled up to the last page but a
//! few. Mounting it takes root; anybody else is told that these tests were left out.

use std::fs;
use std::path::Path;
use std::process::Command;

use constancia_ledger::id::EntryId;
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::failure::Failure;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::node_client::NodeClient;
use constancia_tests::folder::copy_folder;
use constancia_tests::network::{Dice, charter, new_replica, write};
use constancia_tests::nodes::{address, config, found, put, start};
use constancia_tests::program::{Desk, Started};
use constancia_tests::small_disk::SmallDisk;
use serde_json::Value;
use tempfile::tempdir;
use tonic::transport::Channel;

/// Room for the program's files and then some: an index wants a few mebibytes to open.
const DISK_MEBIBYTES: u32 = 24;
/// Signatures until a disk with a few free pages is surely full: each takes two or three.
const SIGNATURES_MAX: usize = 30;
/// Pages left free: the smallest write of all takes one.
const ROOMS: std::ops::Range<u64> = 0..12;

const A: u8 = 11;
const B: u8 = 12;

/// A report that takes more than a page.
fn report(data: &str) -> String {
    let comment = "x".repeat(8_000);
    format!(
        "--data {data} report --indicator C-01 --period 2023 --value 851 --report-comment {comment} --yes"
    )
}

fn sign(desk: &Desk, data: &str) -> EntryId {
    desk.json(&report(data))["id"].as_str().unwrap().parse().unwrap()
}

/// Signs until the disk is full; what was acknowledged. The error is checked.
fn sign_until_full(desk: &Desk, data: &str) -> Vec<EntryId> {
    let mut acknowledged = Vec::new();
    for _ in 0..SIGNATURES_MAX {
        let output = desk.run(&format!("--json {}", report(data)));
        if output.status.success() {
            let receipt: Value = serde_json::from_slice(&output.stdout).unwrap();
            acknowledged.push(receipt["id"].as_str().unwrap().parse().unwrap());
            continue;
        }
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        let error: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        assert_eq!(error["error"]["code"], "store.disk_full", "{said}");
        assert!(error["error"]["hint"].as_str().unwrap().contains("free some space"), "{said}");
        return acknowledged;
    }
    panic!("the disk never became full");
}

/// Everything acknowledged is there, in a feed without holes, doubles or forks.
fn assert_all_there(data: &Path, acknowledged: &[EntryId]) {
    let folder = StoreFolder::new(data);
    let ledger = OpenLedger::open(folder, LockPatience::JustKilled).unwrap();
    assert!(ledger.recovery.is_sound(), "{:?}", ledger.recovery);
    let replica = ledger.live.shared().read();
    for id in acknowledged {
        assert!(replica.read_entry(id).unwrap().is_some(), "{id} is gone");
    }
    let (key, feed) = replica.frontier().feeds.iter().next().unwrap();
    let head = feed.head.unwrap().0;
    assert_eq!(replica.count_entries().unwrap(), head + 1);
    assert!((0..=head).all(|seq| replica.find_slot(key, seq).unwrap().len() == 1));
    assert!(replica.list_fork_proofs().unwrap().is_empty());
}

#[test]
fn signing_on_a_full_disk_is_a_clear_error_and_goes_on_with_room() {
    let Some(disk) = SmallDisk::mount(DISK_MEBIBYTES) else {
        return;
    };
    let desk = Desk::new(disk.path());
    desk.found();
    let mut acknowledged = Vec::new();
    for pages in ROOMS {
        disk.fill_but(pages);
        acknowledged.extend(sign_until_full(&desk, "sspc"));
        disk.empty();
        // The next signature first delivers what was signed and not stored, if anything was.
        acknowledged.push(sign(&desk, "sspc"));
        desk.ok("--data sspc verify");
        assert_all_there(&desk.path("sspc"), &acknowledged);
    }
}

#[test]
fn where_the_head_file_finds_no_room_nothing_is_signed() {
    let Some(disk) = SmallDisk::mount(1) else {
        return;
    };
    let home = tempdir().unwrap();
    let desk = Desk::new(home.path());
    desk.found();
    // The key lives on a disk of its own.
    let keys = disk.path().join("keys");
    fs::create_dir(&keys).unwrap();
    for file in fs::read_dir(desk.path("sspc/keys")).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, keys.join(path.file_name().unwrap())).unwrap();
    }
    let report = format!("{} --key {}", report("sspc"), keys.join("firma").display());
    let mut acknowledged: Vec<EntryId> = Vec::new();
    for pages in 0..6 {
        disk.fill_but(pages);
        let entries = desk.json("--data sspc status")["entries"].clone();
        let output = desk.run(&format!("--json {report}"));
        if output.status.success() {
            let receipt: Value = serde_json::from_slice(&output.stdout).unwrap();
            acknowledged.push(receipt["id"].as_str().unwrap().parse().unwrap());
            assert!(pages > 1, "an entry of two pages found room in {pages}");
        } else {
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("store.disk_full"), "{said}");
            assert_eq!(output.status.code(), Some(3), "{said}");
            assert_eq!(desk.json("--data sspc status")["entries"], entries, "nothing was signed");
        }
        disk.empty();
        let receipt: Value = serde_json::from_str(&desk.ok(&format!("--json {report}"))).unwrap();
        acknowledged.push(receipt["id"].as_str().unwrap().parse().unwrap());
        assert_all_there(&desk.path("sspc"), &acknowledged);
    }
}

#[test]
fn where_the_store_finds_no_room_what_was_signed_is_delivered_by_the_next_signature() {
    let Some(disk) = SmallDisk::mount(DISK_MEBIBYTES) else {
        return;
    };
    let home = tempdir().unwrap();
    let desk = Desk::new(home.path());
    let data = disk.path().join("sspc");
    desk.found();
    copy_folder(&desk.path("sspc"), &data);
    let data = data.display().to_string();
    let report = format!("{} --key {}", report(&data), desk.path("sspc/keys/firma").display());
    let mut acknowledged: Vec<EntryId> = Vec::new();
    let mut signed_first = 0;
    for pages in ROOMS {
        disk.fill_but(pages);
        let mut failed = false;
        for _ in 0..SIGNATURES_MAX {
            let output = desk.run(&format!("--json {report}"));
            if !output.status.success() {
                let said = String::from_utf8(output.stderr).unwrap();
                assert!(said.contains("store.disk_full"), "{said}");
                signed_first += usize::from(said.contains("the next signature delivers it"));
                failed = true;
                break;
            }
            let receipt: Value = serde_json::from_slice(&output.stdout).unwrap();
            acknowledged.push(receipt["id"].as_str().unwrap().parse().unwrap());
        }
        assert!(failed);
        disk.empty();
        let receipt: Value = serde_json::from_str(&desk.ok(&format!("--json {report}"))).unwrap();
        acknowledged.push(receipt["id"].as_str().unwrap().parse().unwrap());
        assert_all_there(Path::new(&data), &acknowledged);
    }
    assert!(signed_first > 0, "the store was never what found no room");
}

async fn connect(process: &mut Started) -> NodeClient<Channel> {
    let serving: Value = serde_json::from_str(&process.next_line().expect("it serves")).unwrap();
    let local = format!("http://{}", serving["local"].as_str().unwrap());
    NodeClient::connect(local).await.unwrap()
}

async fn count_entries(node: &mut NodeClient<Channel>) -> u64 {
    node.get_status(v1::GetStatusRequest {}).await.unwrap().into_inner().entries
}

/// A node on a full disk says so to its own people, takes nothing in from its peer, and goes on by
/// itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_says_that_its_disk_is_full_and_goes_on_with_room() {
    let Some(disk) = SmallDisk::mount(DISK_MEBIBYTES) else {
        return;
    };
    let home = tempdir().unwrap();
    let peer = found(&home.path().join("peer"), &charter(4));
    let peer = start(peer, config(&[])).await;
    drop(found(&disk.path().join("own"), &charter(4)));
    let desk = Desk::new(disk.path());
    let mut process = desk.start(&format!("--data own --json serve --peer {}", address(&peer)));
    let mut node = connect(&mut process).await;

    let mut dice = Dice::new(3);
    let (mut news, mut own) = (new_replica(&charter(4)), new_replica(&charter(4)));
    let mut acknowledged: Vec<EntryId> = Vec::new();
    let mut from_peer = 0;
    for pages in [0, 1, 2, 3, 5, 8, 13] {
        disk.fill_but(pages);
        let mut failure = None;
        // Small entries fill the last pages slowly: many at once.
        while failure.is_none() {
            for entry in write(&mut own, B, 40, &mut dice) {
                let request = v1::SubmitRequest { entry: Some(entry.to_message()) };
                match node.submit(request).await {
                    Ok(reply) if failure.is_none() => {
                        acknowledged.push(EntryId::from_slice(&reply.into_inner().id).unwrap());
                    }
                    // An entry in between may fit again: the one before it is missing then.
                    Ok(_) => panic!("an entry was taken in whose predecessor was not"),
                    Err(status) => {
                        failure.get_or_insert_with(|| Failure::from_status(&status));
                    }
                }
            }
        }
        let failure = failure.unwrap();
        assert_eq!(failure.code, "store.disk_full", "{failure}");
        // Meanwhile the peer has news, which find no room either.
        put(peer.live(), &write(&mut news, A, 200, &mut dice)).await;
        from_peer += 200;

        disk.empty();
        // The same process goes on: what failed is taken in now.
        for seq in 0.. {
            let Some(id) = own.find_slot(&constancia_tests::forge::public(B), seq).unwrap().pop()
            else {
                break;
            };
            if !acknowledged.contains(&id) {
                let entry = own.read_message(&id).unwrap();
                let reply = node.submit(v1::SubmitRequest { entry }).await.unwrap().into_inner();
                assert_eq!(reply.id, id.as_bytes().as_slice());
                acknowledged.push(id);
            }
        }
        let expected = 1 + u64::try_from(acknowledged.len()).unwrap() + from_peer;
        wait_for_entries(&mut node, &mut process, expected).await;
    }
    terminate(process);
    desk.ok("--data own verify");
    let ledger =
        OpenLedger::open(StoreFolder::new(disk.path().join("own")), LockPatience::JustKilled)
            .unwrap();
    let root = ledger.live.shared().read().frontier().root();
    assert_eq!(root, peer.live().shared().read().frontier().root());
    drop(ledger);
    peer.shutdown().await.unwrap();
}

/// The disk fills up while nobody writes, before what the index has taken in is on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_disk_was_full_for_a_while_answers_again_without_being_started_again() {
    let Some(disk) = SmallDisk::mount(DISK_MEBIBYTES) else {
        return;
    };
    drop(found(&disk.path().join("own"), &charter(4)));
    let desk = Desk::new(disk.path());
    let mut process = desk.start("--data own --json serve --listen 127.0.0.1:0");
    let mut node = connect(&mut process).await;
    let mut own = new_replica(&charter(4));
    let mut dice = Dice::new(4);
    let mut entries = 1;
    for _ in 0..4 {
        // Enough rows for a page of the index, which its database writes in its own time: within half
        // a second, by when there is no room.
        for entry in write(&mut own, B, 60, &mut dice) {
            let request = v1::SubmitRequest { entry: Some(entry.to_message()) };
            node.submit(request).await.unwrap();
            entries += 1;
        }
        disk.fill_but(0);
        for _ in 0..80 {
            process.poll(10);
            match node.get_status(v1::GetStatusRequest {}).await {
                Ok(status) => assert_eq!(status.into_inner().entries, entries),
                Err(status) => assert_eq!(Failure::from_status(&status).code, "store.disk_full"),
            }
        }
        disk.empty();
        assert_eq!(count_entries(&mut node).await, entries, "it answers as soon as there is room");
    }
    terminate(process);
    desk.ok("--data own verify");
}

/// The peer is tried again after a while, which doubles: looks until everything has come.
async fn wait_for_entries(node: &mut NodeClient<Channel>, process: &mut Started, expected: u64) {
    for _ in 0..3_000 {
        if count_entries(node).await == expected {
            return;
        }
        process.poll(10);
    }
    panic!("expected {expected} entries, found {}", count_entries(node).await);
}

/// Asks a process to end, which it does in good order.
fn terminate(process: Started) {
    let asked = Command::new("kill").arg(process.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(process.wait().1);
}
