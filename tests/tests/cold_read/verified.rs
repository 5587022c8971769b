// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every row of the index is held against the log: one that says something else, in whatever part of
//! the index, is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use constancia_ledger::fault::Coded as _;
use constancia_ledger::replica::{Origin, Outcome, Replica, SharedReplica};
use constancia_ledger::store::{
    LockPatience, MemoryLog, MemoryRows, Row, RowChange, RowKey, Rows, StoreError, StoreFolder,
};
use constancia_node::office::Office;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_tests::everything::{Everything, take};
use constancia_tests::forge::Forged;
use constancia_tests::network::{charter, new_replica};
use constancia_tests::nodes::SetClock;
use constancia_tests::verified::verify_at_once;
use tokio_stream::StreamExt as _;

const FORKED: u8 = 11;
const OTHER: u8 = 12;
const NODE: u8 = 101;

/// A ledger with everything that the index has rows for: a fork, a cited branch, a pending payload.
fn replica() -> Replica {
    let mut replica = new_replica(&charter(3));
    let ledger = replica.ledger();
    let first = Forged::after(FORKED, ledger, None);
    let left = Forged::after(FORKED, ledger, Some((&first.entry(), 1_000)));
    let right = Forged::after(FORKED, ledger, Some((&first.entry(), 1_001)));
    let witness = Forged::after(NODE, ledger, None).seeing(&right.entry());
    let mut bare = Forged::after(OTHER, ledger, None).seeing(&witness.entry()).sign();
    (bare.payload, bare.salt) = (None, None);
    let after = Forged::after(NODE, ledger, Some((&witness.entry(), 1_000))).seeing(&left.entry());
    for offered in [
        first.sign(),
        left.sign(),
        right.sign(),
        witness.sign(),
        right.sign(),
        bare,
        after.sign(),
        left.sign(),
    ] {
        let entry = constancia_ledger::entry::decode_entry(offered);
        replica.ingest(vec![entry], Origin::Local).unwrap();
    }
    assert_eq!(replica.list_fork_proofs().unwrap().len(), 1);
    assert_eq!(replica.list_pending().unwrap().len(), 1);
    replica
}

/// Every byte of a short value, and some of a long one.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by((len / 100).max(1))
}

#[test]
fn a_changed_row_of_any_kind_is_named() {
    let replica = replica();
    let is_sound = || replica.verify_stored(&mut |_, _| {}).unwrap().is_sound();
    assert!(is_sound());
    let rows = replica.rows();
    let all = rows.range(&[0], &[0xff; 65], 10_000).unwrap();
    let mut kinds: Vec<u8> = all.iter().map(|(key, _)| key[0]).collect();
    kinds.dedup();
    assert_eq!(kinds, *b"adefgklmpsv", "a row of each kind");
    for (key, value) in all {
        for at in places(value.len()) {
            let mut changed = value.clone();
            changed[at] ^= 1;
            rows.apply(vec![(key, Some(changed))]).unwrap();
            assert!(!is_sound(), "{key:?}: byte {at} of the value");
            rows.apply(vec![(key, Some(value.clone()))]).unwrap();
        }
        // The same row under another key, so that there are as many as before.
        for at in [1, key.len() / 2, key.len() - 1].into_iter().filter(|at| *at < key.len()) {
            let mut other = key.to_vec();
            other[at] ^= 1;
            let other = RowKey::of(&[&other]).unwrap();
            if rows.get(&other).unwrap().is_some() {
                continue;
            }
            rows.apply(vec![(key, None), (other, Some(value.clone()))]).unwrap();
            assert!(!is_sound(), "{key:?}: byte {at} of the key");
            rows.apply(vec![(key, Some(value.clone())), (other, None)]).unwrap();
        }
    }
    assert!(is_sound());
}

/// Whatever a ledger has in it: nothing of it takes verification the long way.
#[test]
fn an_index_that_is_right_is_gone_through_once() {
    assert_eq!(verify_at_once(&replica()).pending_payloads, 1);
    let everything = Everything::new();
    let mut replica = new_replica(&everything.charter);
    verify_at_once(&replica);
    for act in &everything.acts {
        take(&mut replica, act).unwrap();
        verify_at_once(&replica);
    }
}

/// Rows that refuse to be written while they are told to.
#[derive(Debug, Default)]
struct FullRows {
    inner: MemoryRows,
    is_full: AtomicBool,
}

impl Rows for FullRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }
    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        self.inner.last_in(from, to)
    }
    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.range(from, to, limit)
    }
    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::Index { reason: "no room".to_owned() });
        }
        self.inner.apply(batch)
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.inner.clear()
    }
}

#[test]
fn an_index_that_waits_to_be_caught_up_is_no_damage() {
    let rows = Arc::new(FullRows::default());
    let log = Box::<MemoryLog>::default();
    let mut replica = Replica::found(charter(3), log, Arc::<FullRows>::clone(&rows)).unwrap();
    let entry = Forged::after(OTHER, replica.ledger(), None).entry();
    rows.is_full.store(true, Ordering::SeqCst);
    assert!(replica.ingest(vec![Ok(entry.clone())], Origin::Local).is_err());
    let report = replica.verify_stored(&mut |_, _| {}).unwrap();
    assert_eq!((report.damages, report.entries), (Vec::new(), 2));
    rows.is_full.store(false, Ordering::SeqCst);
    replica.ingest(vec![Ok(entry)], Origin::Local).unwrap();
    assert!(replica.verify_stored(&mut |_, _| {}).unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_verification_finds_wrong_is_made_anew_at_the_next_opening() {
    let home = tempfile::tempdir().unwrap();
    let open = || OpenLedger::open(StoreFolder::new(home.path()), LockPatience::JustKilled);
    let ledger = OpenLedger::found(StoreFolder::new(home.path()), charter(3)).unwrap();
    let entry = Forged::after(OTHER, ledger.live.ledger(), None).entry();
    ledger.live.ingest(vec![Ok(entry)], Origin::Local).await.unwrap();
    let slots = ledger.live.shared().read().rows().range(b"s", b"t", 10).unwrap();
    let (key, mut value) = slots[1].clone();
    value[0] ^= 1;
    ledger.live.shared().read().rows().apply(vec![(key, Some(value))]).unwrap();
    drop(ledger);
    // Closed cleanly, and so trusted.
    let ledger = open().unwrap();
    assert_eq!(ledger.recovery.rebuilt, None);
    let office = Office::new(ledger, SetClock::at(10_000_000));
    let verified = office.client().verify(v1::VerifyRequest {}).await.unwrap().into_inner();
    let last: Vec<_> = verified.collect().await;
    let report = last.last().unwrap().as_ref().unwrap();
    assert_eq!(report.damages[0].code, "store.index_damaged");
    drop((last, office));
    let ledger = loop {
        // The answer may come a moment before whoever gave it lets go.
        if let Ok(ledger) = open() {
            break ledger;
        }
    };
    assert!(ledger.recovery.rebuilt.is_some());
    let read = ledger.live.shared().read();
    assert!(read.verify_stored(&mut |_, _| {}).unwrap().is_sound());
}

#[test]
fn entries_that_were_checked_for_one_ledger_are_refused_in_another() {
    let (here, elsewhere) = (charter(3), charter(4));
    let share = |charter| SharedReplica::new(new_replica(charter));
    let (shared, foreign) = (share(&here), share(&elsewhere));
    // A signature by a key that both ledgers grant, which holds there and not here.
    let entry = Forged::after(OTHER, foreign.ledger(), None).entry();
    let id = entry.id();
    let checked = foreign.check(vec![Ok(entry)]);
    let outcomes = shared.ingest_checked(checked, Origin::Local).unwrap().outcomes;
    let [(Some(found), Outcome::Refused(error))] = outcomes.as_slice() else {
        panic!("{outcomes:?}");
    };
    assert_eq!((*found, error.code()), (id, "verify.wrong_ledger"));
}
