// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A process that merges with a peer, and takes its own people's entries in meanwhile, killed.

use std::collections::BTreeSet;

use constancia_ledger::entry::{VerifiedEntry, decode_signed_entry};
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{
    EntryLog, LockPatience, Position, RecordKind, Scanned, StoreFolder,
};
use constancia_node::node::RunningNode;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::node_client::NodeClient;
use constancia_tests::forge::public;
use constancia_tests::network::{Dice, charter, make_large_entry, new_replica, put};
use constancia_tests::nodes::{address, config, found, start};
use constancia_tests::program::{Desk, Started};
use serde_json::Value;
use tempfile::tempdir;
use tonic::transport::Channel;

/// Kills of a process that merges, by turns a node and the command `sync`.
const KILLS: usize = 60;
/// Entries that the peer gets before each turn, and their size: a few batches, so that there is
/// something to be in the middle of.
const NEWS: usize = 30;
const PAYLOAD_BYTES: usize = 60_000;
/// Most entries that the process takes in of its own people before it is killed.
const SUBMITTED_MAX: usize = 8;
/// Most looks, a millisecond each, that a process lives for beyond what it is watched doing.
const LOOKS_MAX: usize = 120;

const PEER: u8 = 11;
const OWN: u8 = 12;

/// A feed that grows without looking at others.
struct Author {
    replica: Replica,
    dice: Dice,
    seed: u8,
    bytes: usize,
}

impl Author {
    fn new(seed: u8, bytes: usize) -> Self {
        Self { replica: new_replica(&charter(4)), dice: Dice::new(seed.into()), seed, bytes }
    }

    fn write(&mut self) -> VerifiedEntry {
        let entry = make_large_entry(&self.replica, self.seed, self.bytes, &mut self.dice);
        put(&mut self.replica, std::slice::from_ref(&entry));
        entry
    }
}

/// What the process has acknowledged, and what it must hold therefore.
#[derive(Default)]
struct Acknowledged {
    ids: BTreeSet<EntryId>,
    /// Entries that it has shown.
    shown: u64,
}

/// Lets a node take entries in until it is killed; one that was not acknowledged is offered again.
async fn submit(
    process: &mut Started,
    own: &mut Vec<VerifiedEntry>,
    author: &mut Author,
    count: usize,
    acknowledged: &mut Acknowledged,
) {
    let serving: Value = serde_json::from_str(&process.next_line().expect("it serves")).unwrap();
    let local = format!("http://{}", serving["local"].as_str().unwrap());
    let mut node: NodeClient<Channel> = NodeClient::connect(local).await.unwrap();
    for _ in 0..count {
        if own.iter().all(|entry| acknowledged.ids.contains(&entry.id())) {
            own.push(author.write());
        }
        let next = own.iter().find(|entry| !acknowledged.ids.contains(&entry.id())).unwrap();
        let request = v1::SubmitRequest { entry: Some(next.to_message()) };
        let reply = node.submit(request).await.unwrap().into_inner();
        acknowledged.ids.insert(EntryId::from_slice(&reply.id).unwrap());
    }
    let status = node.get_status(v1::GetStatusRequest {}).await.unwrap().into_inner();
    acknowledged.shown = status.entries;
}

/// Everything that the process acknowledged, showed or sent on is in its store.
fn assert_all_there(folder: &StoreFolder, acknowledged: &Acknowledged, peer: &RunningNode) {
    let ledger = OpenLedger::open(folder.clone(), LockPatience::JustKilled).unwrap();
    assert!(ledger.recovery.is_sound(), "{:?}", ledger.recovery);
    let replica = ledger.live.shared().read();
    for id in &acknowledged.ids {
        assert!(replica.find(id).unwrap().is_some(), "{id} was acknowledged and is gone");
    }
    assert!(replica.count_entries().unwrap() >= acknowledged.shown);
    let sent =
        peer.live().shared().read().frontier().feeds.get(&public(OWN)).and_then(|feed| feed.head);
    let held = replica.frontier().feeds.get(&public(OWN)).and_then(|feed| feed.head);
    assert!(held >= sent, "sent up to {sent:?}, held up to {held:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_merges_loses_nothing_acknowledged_and_merges_to_the_end() {
    let home = tempdir().unwrap();
    let peer = found(&home.path().join("peer"), &charter(4));
    let peer = start(peer, config(&[])).await;
    let folder = StoreFolder::new(home.path().join("own"));
    drop(found(folder.root(), &charter(4)));
    let desk = Desk::new(home.path());
    let at = address(&peer);
    let (mut news, mut author) = (Author::new(PEER, PAYLOAD_BYTES), Author::new(OWN, 100));
    let mut own = Vec::new();
    let mut acknowledged = Acknowledged::default();
    let mut dice = Dice::new(11);
    let mut kills = 0;
    for turn in 0.. {
        let new: Vec<VerifiedEntry> = (0..NEWS).map(|_| news.write()).collect();
        constancia_tests::nodes::put(peer.live(), &new).await;
        let mut process = if turn % 2 == 0 {
            desk.start(&format!("--data own --json serve --peer {at}"))
        } else {
            desk.start(&format!("--data own --json sync {at}"))
        };
        // Some die while they start.
        let count = dice.below(SUBMITTED_MAX);
        if turn % 2 == 0 && count > 0 {
            submit(&mut process, &mut own, &mut author, count, &mut acknowledged).await;
        }
        if dice.below(2) == 0 {
            // In the middle of what has come: the log has just grown, the rest has not.
            let before = measure_log(&folder);
            process.poll_until(LOOKS_MAX, || measure_log(&folder) > before);
        } else {
            process.poll(dice.below(LOOKS_MAX));
        }
        kills += usize::from(process.kill().1);
        // Not each time: who opens the store leaves its index whole, and a killed process does not.
        if turn % 3 == 0 {
            assert_all_there(&folder, &acknowledged, &peer);
        }
        if kills == KILLS {
            break;
        }
    }
    assert_all_there(&folder, &acknowledged, &peer);
    assert!(acknowledged.ids.len() > KILLS, "{} entries", acknowledged.ids.len());

    let lines = desk.ok(&format!("--data own --json sync {at}"));
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["in_sync"], true, "{last}");
    desk.ok("--data own verify");
    assert_merged(folder, &acknowledged, &peer);
    peer.shutdown().await.unwrap();
}

/// Both hold the same, and nothing stands twice in the log.
fn assert_merged(folder: StoreFolder, acknowledged: &Acknowledged, peer: &RunningNode) {
    let ledger = OpenLedger::open(folder, LockPatience::JustKilled).unwrap();
    let replica = ledger.live.shared().read();
    let root = peer.live().shared().read().frontier().root();
    assert_eq!(replica.frontier().root(), root);
    assert!(replica.list_fork_proofs().unwrap().is_empty());
    let held: BTreeSet<EntryId> = (0..replica.count_entries().unwrap())
        .map(|arrival| replica.find_arrival(arrival).unwrap().unwrap())
        .collect();
    assert!(acknowledged.ids.is_subset(&held));
    let logged = list_entries(replica.log());
    assert_eq!(logged.len(), held.len(), "nothing stands twice in the log");
    assert_eq!(logged.into_iter().collect::<BTreeSet<_>>(), held);
}

/// Bytes of the log's files.
fn measure_log(folder: &StoreFolder) -> u64 {
    let files = std::fs::read_dir(folder.log_path()).unwrap();
    files.filter_map(|file| file.unwrap().metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn list_entries(log: &dyn EntryLog) -> Vec<EntryId> {
    let mut ids = Vec::new();
    log.scan(Position::default(), &mut |scanned| {
        match scanned {
            Scanned::Record(_, record) if record.kind == RecordKind::Entry => {
                ids.push(decode_signed_entry(&record.bytes).unwrap().id());
            }
            other => panic!("{other:?}"),
        }
        Ok(true)
    })
    .unwrap();
    ids
}
