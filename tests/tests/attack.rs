// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: what a hostile key or peer can do to a replica that no single refusal shows: lose,
//! hide or smuggle an entry, or fill the disk.
//!
//! Method: forged entries in hostile orders, with and without payload, by several peers.

use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::chain::FeedEnd;
use constancia_ledger::entry::decode_entry;
use constancia_ledger::fault::Coded as _;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::replica::{Ingested, Origin, Outcome, Recovery, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_tests::forge::{Forged, public, small_charter};

const FOUNDER: u8 = 10;
const OTHER: u8 = 11;
const THIRD: u8 = 12;
const NODE: u8 = 101;
const STRANGER: u8 = 99;

fn charter() -> Forged {
    Forged::charter(FOUNDER, small_charter(3))
}

fn found() -> Replica {
    let rows = Arc::new(MemoryRows::default());
    Replica::found(charter().entry(), Box::<MemoryLog>::default(), rows).unwrap()
}

fn ingest(replica: &mut Replica, entries: &[&Forged], origin: Origin) -> Ingested {
    let offered = entries.iter().map(|entry| Ok(entry.entry())).collect();
    replica.ingest(offered, origin).unwrap()
}

fn id(forged: &Forged) -> EntryId {
    forged.entry().id()
}

fn bare(forged: &Forged) -> v1::SignedEntry {
    v1::SignedEntry { payload: None, salt: None, ..forged.sign() }
}

/// `count` entries of a key, one after another.
fn chain(
    seed: u8,
    ledger: LedgerId,
    from: Option<&Forged>,
    count: u64,
    claimed: u64,
) -> Vec<Forged> {
    let mut entries: Vec<Forged> = Vec::new();
    for _ in 0..count {
        let previous = entries.last().or(from).map(Forged::entry);
        let next = Forged::after(seed, ledger, previous.as_ref().map(|entry| (entry, claimed)));
        entries.push(next);
    }
    entries
}

fn recover_anew(replica: Replica) -> (Replica, Recovery) {
    let (log, _) = replica.into_store();
    Replica::recover(log, Arc::new(MemoryRows::default())).unwrap()
}

#[test]
fn a_forked_key_cannot_store_its_branch_by_sending_it_backwards() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let branch = chain(OTHER, ledger, Some(&first), 10, 1_002);
    ingest(&mut replica, &[&first, &left], Origin::Local);
    let backwards: Vec<&Forged> = branch.iter().rev().collect();
    ingest(&mut replica, &backwards, Origin::Peer(1));
    assert_eq!(replica.list_fork_proofs().unwrap().len(), 1);
    assert_eq!(replica.count_entries().unwrap(), 3);
}

#[test]
fn a_stranger_who_cites_a_branch_does_not_get_it_stored() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let right = chain(OTHER, ledger, Some(&first), 1, 1_002).remove(0);
    ingest(&mut replica, &[&first, &left], Origin::Local);
    let stranger = Forged::after(STRANGER, ledger, None).seeing(&right.entry());
    ingest(&mut replica, &[&stranger, &right], Origin::Peer(1));
    assert_eq!(replica.count_entries().unwrap(), 3);
}

#[test]
fn two_forked_keys_do_not_carry_each_other_in() {
    let mut replica = found();
    let ledger = replica.ledger();
    let fork = |seed| {
        let first = chain(seed, ledger, None, 1, 1_000).remove(0);
        let left = chain(seed, ledger, Some(&first), 1, 1_001).remove(0);
        [first, left]
    };
    let (one, two) = (fork(OTHER), fork(THIRD));
    ingest(&mut replica, &[&one[0], &one[1], &two[0], &two[1]], Origin::Local);
    let right = chain(OTHER, ledger, Some(&one[0]), 1, 1_002).remove(0);
    let citing = chain(THIRD, ledger, Some(&two[0]), 1, 1_002).remove(0).seeing(&right.entry());
    ingest(&mut replica, &[&citing, &right], Origin::Peer(1));
    assert_eq!(replica.count_entries().unwrap(), 5);
}

#[test]
fn a_long_branch_below_somebody_elses_entry_comes_in_whole() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let branch = chain(OTHER, ledger, Some(&first), 40, 1_002);
    let witness = Forged::after(NODE, ledger, None).seeing(&branch[39].entry());
    ingest(&mut replica, &[&first, &left, &branch[0], &witness], Origin::Local);
    // As peers do: what is wanted is asked for by id.
    for _ in 0..50 {
        let wanted = replica.list_wanted();
        let asked: Vec<&Forged> =
            branch.iter().filter(|entry| wanted.contains(&id(entry))).collect();
        ingest(&mut replica, &asked, Origin::Peer(1));
    }
    assert!(replica.list_wanted().is_empty());
    assert_eq!(replica.count_entries().unwrap(), 44);
    assert!(replica.is_ancestor(&id(&branch[0]), &id(&witness)).unwrap());
    assert!(!replica.is_ancestor(&id(&left), &id(&witness)).unwrap());
    let (again, recovery) = recover_anew(replica);
    assert!(recovery.is_sound());
    assert!(again.is_ancestor(&id(&branch[0]), &id(&witness)).unwrap());
}

#[test]
fn a_governance_entry_beyond_a_fork_is_not_asked_for_for_ever() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let right = chain(OTHER, ledger, Some(&first), 1, 1_002).remove(0);
    ingest(&mut replica, &[&first, &left, &right], Origin::Local);
    let beyond =
        Forged::after(OTHER, ledger, Some((&left.entry(), 1_003))).spoil(|header| header.kind = 1);
    let orphan = Forged::after(OTHER, ledger, Some((&beyond.entry(), 1_003)));
    let ingested = replica
        .ingest(vec![decode_entry(bare(&beyond)), Ok(orphan.entry())], Origin::Peer(1))
        .unwrap();
    for (_, outcome) in ingested.outcomes {
        assert_eq!(outcome, Outcome::NotNeeded { end: FeedEnd::Forked(1) });
    }
    assert!(replica.list_wanted().is_empty());
}

#[test]
fn two_second_starts_of_the_founder_do_not_strike_the_charter() {
    let mut replica = found();
    let ledger = replica.ledger();
    let start = Forged::after(FOUNDER, ledger, None);
    let again = Forged::after(FOUNDER, ledger, None).spoil(|header| header.claimed_at_ms = 2_000);
    let (a, b) = if id(&start) < id(&again) { (&start, &again) } else { (&again, &start) };
    let proof = v1::ForkProof {
        ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
        header_a: a.sign().header,
        signature_a: a.sign().signature,
        header_b: b.sign().header,
        signature_b: b.sign().signature,
    };
    let outcome = replica.ingest_proofs(std::slice::from_ref(&proof)).unwrap().remove(0);
    assert_eq!(outcome.unwrap_err().code(), "chain.founder_second_start");
    let feed = replica.frontier().feeds[&public(FOUNDER)];
    assert_eq!(feed.head, Some((0, ledger.charter())));
    assert_eq!(feed.forked_seq, None);
}

#[test]
fn a_bare_copy_that_waits_does_not_keep_the_whole_one_out() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let vote =
        Forged::after(OTHER, ledger, Some((&first.entry(), 1_000))).spoil(|header| header.kind = 1);
    replica.ingest(vec![decode_entry(bare(&vote))], Origin::Peer(1)).unwrap();
    ingest(&mut replica, &[&vote], Origin::Peer(2));
    let ingested = ingest(&mut replica, &[&first], Origin::Peer(2));
    assert_eq!(ingested.released, vec![id(&vote)]);
}

#[test]
fn a_peer_that_leaves_takes_nothing_of_another_with_it() {
    let mut replica = found();
    let feed = chain(OTHER, replica.ledger(), None, 2, 1_000);
    ingest(&mut replica, &[&feed[1]], Origin::Peer(1));
    ingest(&mut replica, &[&feed[1]], Origin::Peer(2));
    replica.drop_origin(Origin::Peer(1));
    let ingested = ingest(&mut replica, &[&feed[0]], Origin::Peer(2));
    assert_eq!(ingested.released, vec![id(&feed[1])]);
    // And each gives back what it used.
    replica.drop_origin(Origin::Peer(2));
    assert!(replica.list_wanted().is_empty());
}

#[test]
fn a_frontier_head_without_id_has_no_seq() {
    let head = v1::FrontierHead {
        key: Bytes::copy_from_slice(public(OTHER).as_bytes()),
        seq: 7,
        id: Bytes::new(),
        forked_seq: Some(3),
    };
    let message = v1::Frontier { heads: vec![head], decisions: Vec::new() };
    assert_eq!(Frontier::from_message(&message).unwrap_err().code(), "frontier.id");
}

#[test]
fn a_peer_without_room_does_not_keep_another_peers_copy_out() {
    let mut replica = found();
    let ledger = replica.ledger();
    let feed = chain(OTHER, ledger, None, 4_100, 1_000);
    let vote = Forged::after(OTHER, ledger, Some((&feed[0].entry(), 1_000)))
        .spoil(|header| header.kind = 1);
    replica.ingest(vec![decode_entry(bare(&vote))], Origin::Peer(1)).unwrap();
    let filling: Vec<&Forged> = feed.iter().skip(4).collect();
    ingest(&mut replica, &filling, Origin::Peer(1));
    let outcome = ingest(&mut replica, &[&vote], Origin::Peer(2)).outcomes.remove(0).1;
    assert_eq!(outcome, Outcome::HeldBack { missing: vec![id(&feed[0])], needed: false });
    let ingested = ingest(&mut replica, &[&feed[0]], Origin::Peer(2));
    assert_eq!(ingested.released, vec![id(&vote)]);
}

/// One entry per call, backwards, as it is fetched. No time is asserted; without remembering what is
/// needed this test alone takes half a minute.
#[test]
fn a_deep_branch_that_somebody_cites_comes_in_one_entry_at_a_time() {
    const DEPTH: u64 = 3_000;
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let branch = chain(OTHER, ledger, Some(&first), DEPTH, 1_002);
    let witness = Forged::after(NODE, ledger, None).seeing(&branch[branch.len() - 1].entry());
    ingest(&mut replica, &[&first, &left, &branch[0], &witness], Origin::Peer(1));
    for entry in branch.iter().rev() {
        ingest(&mut replica, &[entry], Origin::Peer(1));
    }
    assert!(replica.find(&id(&witness)).unwrap().is_some());
    assert_eq!(replica.count_entries().unwrap(), DEPTH + 4);
}
