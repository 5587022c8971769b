// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: "is x an ancestor of y?" is answered as the headers say, whatever forks, cites across
//! branches or comes late, and after recovery.
//!
//! Method: random tangles of feeds and branches, offered in random order and batches, against
//! ancestors kept as plain sets.

use std::collections::BTreeSet;
use std::sync::Arc;

use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_tests::forge::{Forged, small_charter};
use constancia_tests::verified::verify_at_once;
use proptest::test_runner::{Config, TestRunner};

const FOUNDER: u8 = 10;
const KEYS: [u8; 4] = [11, 12, 101, 102];
const WITNESS: u8 = 100;

fn found() -> Replica {
    let charter = Forged::charter(FOUNDER, small_charter(3)).entry();
    let rows = Arc::new(MemoryRows::default());
    Replica::found(charter, Box::<MemoryLog>::default(), rows).unwrap()
}

fn ingest(replica: &mut Replica, entries: &[&Forged], origin: Origin) {
    let offered = entries.iter().map(|entry| Ok(entry.entry())).collect();
    replica.ingest(offered, origin).unwrap();
}

/// One entry of a tangle: who wrote it, the entry, and which of the others are its ancestors.
struct Knot {
    seed: u8,
    entry: Forged,
    below: BTreeSet<usize>,
}

/// Who writes, two entries that are cited where that is possible, and whether it forks (at 7).
type Step = (usize, usize, usize, u32);

/// Ancestors in a random tangle of feeds and branches are those that the headers say, whatever the
/// batches and the order, and after recovery.
#[test]
fn ancestors_are_what_the_headers_say() {
    let cases = Config { cases: 24, ..Config::default() };
    let step = (0_usize..4, 0_usize..64, 0_usize..64, 0_u32..8);
    let steps = proptest::collection::vec(step, 5..45);
    TestRunner::new(cases)
        .run(&(steps, 1_usize..9, 0_u64..u64::MAX), |(steps, batch, shuffle)| {
            check_tangle(&tie(&steps), batch, shuffle);
            Ok(())
        })
        .unwrap();
}

fn tie(steps: &[Step]) -> Vec<Knot> {
    let ledger = found().ledger();
    let mut knots: Vec<Knot> = Vec::new();
    for (time, (who, one, other, back)) in steps.iter().enumerate() {
        let seed = KEYS[*who];
        let own: Vec<usize> = (0..knots.len()).filter(|n| knots[*n].seed == seed).collect();
        // Mostly after the last own entry; now and then after the one before, which is a fork.
        let prev = own.iter().rev().nth(usize::from(*back == 7)).or(own.last()).copied();
        let claimed = 1_000 + u64::try_from(time).unwrap();
        let previous = prev.map(|n| knots[n].entry.entry());
        let mut entry =
            Forged::after(seed, ledger, previous.as_ref().map(|entry| (entry, claimed)))
                .spoil(|header| header.claimed_at_ms = claimed);
        let mut below: BTreeSet<usize> = prev.into_iter().collect();
        let cited = BTreeSet::from([*one, *other]);
        for n in cited.into_iter().filter(|n| knots.get(*n).is_some_and(|knot| knot.seed != seed)) {
            entry = entry.seeing(&knots[n].entry.entry());
            below.insert(n);
        }
        let parents: Vec<usize> = below.iter().copied().collect();
        for parent in parents {
            below.extend(knots[parent].below.clone());
        }
        knots.push(Knot { seed, entry, below });
    }
    knots
}

fn check_tangle(knots: &[Knot], batch: usize, shuffle: u64) {
    let mut replica = found();
    // Somebody without a fork has seen everything, so every branch is needed.
    let witness =
        knots.iter().fold(Forged::after(WITNESS, replica.ledger(), None), |witness, knot| {
            witness.seeing(&knot.entry.entry())
        });
    ingest(&mut replica, &[&witness], Origin::Peer(1));
    let mut order: Vec<&Forged> = knots.iter().map(|knot| &knot.entry).collect();
    let mut state = shuffle;
    for n in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        order.swap(n, usize::try_from(state >> 33).unwrap() % (n + 1));
    }
    for offered in order.chunks(batch) {
        ingest(&mut replica, offered, Origin::Peer(2));
    }
    let expected = u64::try_from(knots.len()).unwrap() + 2;
    assert_eq!(replica.count_entries().unwrap(), expected);
    check_ancestors(knots, &replica);
    verify_at_once(&replica);
    let frontier = replica.frontier().clone();
    let (log, _) = replica.into_store();
    let (again, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
    assert!(recovery.is_sound());
    assert_eq!(again.frontier(), &frontier);
    check_ancestors(knots, &again);
    verify_at_once(&again);
}

fn check_ancestors(knots: &[Knot], replica: &Replica) {
    for (of, knot) in knots.iter().enumerate() {
        for (n, other) in knots.iter().enumerate() {
            let found =
                replica.is_ancestor(&other.entry.entry().id(), &knot.entry.entry().id()).unwrap();
            assert_eq!(found, knot.below.contains(&n), "{n} of {of}");
        }
    }
}
