// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: a fork is proven by its two headers, stored, stops its feed and stays out of the ledger,
//! except for what others cite; and a replica read back from its log knows all of it.
//!
//! Method: one key signs two entries for one slot.

use std::sync::Arc;

use constancia_ledger::chain::FeedEnd;
use constancia_ledger::entry::decode_entry;
use constancia_ledger::fault::Coded;
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::{Origin, Outcome, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_tests::forge::{Forged, public, small_charter};

const FOUNDER: u8 = 10;
const OTHER: u8 = 11;
const NODE: u8 = 101;

fn found() -> Replica {
    let charter = Forged::charter(FOUNDER, small_charter(3)).entry();
    let rows = Arc::new(MemoryRows::default());
    Replica::found(charter, Box::<MemoryLog>::default(), rows).unwrap()
}

fn offer(replica: &mut Replica, message: v1::SignedEntry) -> Outcome {
    let ingested = replica.ingest(vec![decode_entry(message)], Origin::Local).unwrap();
    ingested.outcomes.into_iter().next().unwrap().1
}

/// Feed of `OTHER`: an entry, two different ones after it, and one after the first of the two.
fn forked(ledger: LedgerId) -> [Forged; 4] {
    let first = Forged::after(OTHER, ledger, None);
    let left = Forged::after(OTHER, ledger, Some((&first.entry(), 1_001)));
    let right = Forged::after(OTHER, ledger, Some((&first.entry(), 1_002)));
    let beyond = Forged::after(OTHER, ledger, Some((&left.entry(), 1_003)));
    [first, left, right, beyond]
}

#[test]
fn a_fork_is_proven_stored_and_stops_the_feed() {
    let mut replica = found();
    let [first, left, right, beyond] = forked(replica.ledger());
    offer(&mut replica, first.sign());
    assert_eq!(offer(&mut replica, left.sign()), Outcome::Stored { arrival: 2 });
    let fork = Outcome::Fork { key: public(OTHER), seq: 1 };
    assert_eq!(offer(&mut replica, right.sign()), fork);
    let proofs = replica.list_fork_proofs().unwrap();
    assert_eq!(proofs.len(), 1);
    assert_eq!((proofs[0].key(), proofs[0].seq()), (public(OTHER), 1));
    let mut both = [left.entry().id(), right.entry().id()];
    both.sort_unstable();
    assert_eq!(proofs[0].entry_ids(), both);

    let feed = replica.frontier().feeds[&public(OTHER)];
    assert_eq!(feed.head, Some((0, first.entry().id())));
    assert_eq!(feed.forked_seq, Some(1));
    let not_needed = Outcome::NotNeeded { end: FeedEnd::Forked(1) };
    assert_eq!(offer(&mut replica, beyond.sign()), not_needed);
}

#[test]
fn a_fork_proof_alone_stops_the_feed_and_proves_nothing_when_spoilt() {
    let mut replica = found();
    let mut other = found();
    let [first, left, right, _] = forked(replica.ledger());
    for entry in [&first, &left, &right] {
        offer(&mut replica, entry.sign());
    }
    let proof = replica.list_fork_proofs().unwrap()[0].to_message();
    let swapped = v1::ForkProof {
        header_a: proof.header_b.clone(),
        signature_a: proof.signature_b.clone(),
        header_b: proof.header_a.clone(),
        signature_b: proof.signature_a.clone(),
        ..proof.clone()
    };
    let same = v1::ForkProof {
        header_b: proof.header_a.clone(),
        signature_b: proof.signature_a.clone(),
        ..proof.clone()
    };
    let outcomes = other.ingest_proofs(&[swapped, same, proof.clone(), proof]).unwrap();
    let codes: Vec<_> =
        outcomes.iter().map(|outcome| outcome.as_ref().map_err(Coded::code).copied()).collect();
    assert_eq!(codes, [Err("fork.not_canonical"), Err("fork.same_entry"), Ok(true), Ok(false)]);
    assert_eq!(offer(&mut other, first.sign()), Outcome::Stored { arrival: 1 });
    assert_eq!(offer(&mut other, left.sign()), Outcome::NotNeeded { end: FeedEnd::Forked(1) });
    assert_eq!(other.frontier(), replica.frontier());
}

#[test]
fn a_branch_entry_that_somebody_cites_is_kept_below_whoever_cites_it() {
    let mut replica = found();
    let [first, left, right, _] = forked(replica.ledger());
    let witness = Forged::after(NODE, replica.ledger(), None).seeing(&right.entry());
    offer(&mut replica, first.sign());
    offer(&mut replica, left.sign());
    let waits = Outcome::HeldBack { missing: vec![right.entry().id()], needed: false };
    assert_eq!(offer(&mut replica, witness.sign()), waits);
    let ingested = replica.ingest(vec![Ok(right.entry())], Origin::Local).unwrap();
    assert!(matches!(ingested.outcomes[0].1, Outcome::Stored { .. }));
    assert_eq!(ingested.released, vec![witness.entry().id()]);
    assert_eq!(ingested.forked.len(), 1);
    let cites =
        |entry: &Forged| replica.is_ancestor(&entry.entry().id(), &witness.entry().id()).unwrap();
    assert!(cites(&right));
    assert!(cites(&first));
    assert!(!cites(&left));
    assert_eq!(replica.frontier().feeds[&public(OTHER)].forked_seq, Some(1));
}

#[test]
fn a_replica_read_back_from_its_log_alone_is_the_same() {
    let mut replica = found();
    let ledger = replica.ledger();
    let [first, left, right, _] = forked(ledger);
    let witness = Forged::after(NODE, ledger, None).seeing(&right.entry());
    for entry in [&first, &left, &witness, &right] {
        offer(&mut replica, entry.sign());
    }
    let pending = Forged::after(12, ledger, None).spoil(|header| header.kind = 3);
    offer(&mut replica, v1::SignedEntry { payload: None, salt: None, ..pending.sign() });
    offer(&mut replica, pending.sign());
    let frontier = replica.frontier().clone();
    let entries = replica.count_entries().unwrap();
    let (log, _) = replica.into_store();
    let (again, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    assert_eq!(again.frontier(), &frontier);
    assert_eq!(again.count_entries().unwrap(), entries);
    assert!(again.list_pending().unwrap().is_empty());
    assert!(again.is_ancestor(&right.entry().id(), &witness.entry().id()).unwrap());
}

#[test]
fn an_entry_that_waits_proves_the_fork_when_its_slot_is_taken() {
    let mut replica = found();
    let ledger = replica.ledger();
    let nowhere = Forged::after(12, ledger, None);
    let waits = Forged::after(OTHER, ledger, None).seeing(&nowhere.entry());
    let in_time = Forged::after(OTHER, ledger, None);
    let held_back = Outcome::HeldBack { missing: vec![nowhere.entry().id()], needed: false };
    assert_eq!(offer(&mut replica, waits.sign()), held_back);
    let ingested = replica.ingest(vec![Ok(in_time.entry())], Origin::Local).unwrap();
    assert_eq!(ingested.forked.into_iter().collect::<Vec<_>>(), [public(OTHER)]);
    let proof = replica.find_fork_proof(&public(OTHER)).unwrap().unwrap();
    let mut both = [waits.entry().id(), in_time.entry().id()];
    both.sort_unstable();
    assert_eq!((proof.seq(), proof.entry_ids()), (0, both));
}

#[test]
fn beyond_a_fork_another_entry_in_a_slot_is_no_news() {
    let mut replica = found();
    let [first, left, right, beyond] = forked(replica.ledger());
    for entry in [&first, &left, &beyond, &right] {
        offer(&mut replica, entry.sign());
    }
    let after_right = Forged::after(OTHER, replica.ledger(), Some((&right.entry(), 1_004)));
    for again in [&right, &after_right] {
        assert_eq!(
            offer(&mut replica, again.sign()),
            Outcome::NotNeeded { end: FeedEnd::Forked(1) }
        );
    }
    assert!(replica.list_wanted().is_empty());
}
