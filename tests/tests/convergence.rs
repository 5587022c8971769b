// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: same frontier, nothing pending, same T: same order, state and digest, in whatever order
//! entries arrived, with whatever duplicates, restarts and partitions. And a replay that grew with
//! every arrival is the replay from nothing.
//!
//! Method: random histories over replicas in memory; each reaches two strangers in random ways.

use constancia_ledger::replay::{LogLine, Replay, View};
use constancia_ledger::state::State;
use constancia_tests::histories::{Delivery, History, any_history, delivery};
use constancia_tests::people::Desk;
use constancia_tests::states::differences;
use constancia_tests::verified::verify_at_once;
use proptest::prelude::*;

/// The order, with what is the same everywhere: all but the arrival.
fn order(replay: &Replay) -> Vec<LogLine> {
    let log = replay.log(&View::Frontier).unwrap();
    log.into_iter().map(|line| LogLine { arrival: 0, ..line }).collect()
}

/// Delivers, and compares the growing replay with one from nothing after every batch.
fn deliver_and_compare(history: &History, delivery: &Delivery) -> (Desk, Replay) {
    let mut growing = Replay::new(history.desks[0].ledger());
    let desk = delivery.deliver(history, |desk| {
        growing.catch_up(&desk.replica).unwrap();
        let grown = growing.state(&View::Frontier).unwrap();
        let mut fresh = desk.replay();
        let fresh_state = fresh.state(&View::Frontier).unwrap();
        assert_eq!(
            grown.digest(),
            fresh_state.digest(),
            "{:#?}",
            differences(&grown, &fresh_state)
        );
        assert_eq!(growing.log(&View::Frontier).unwrap(), fresh.log(&View::Frontier).unwrap());
    });
    (desk, growing)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn everybody_comes_to_the_same_state(
        history in any_history(4..40),
        one in delivery(),
        other in delivery(),
    ) {
        let (one, mut replay) = deliver_and_compare(&history, &one);
        let other = other.deliver(&history, |_| {});
        prop_assert_eq!(one.replica.frontier(), other.replica.frontier());
        verify_at_once(&one.replica);
        verify_at_once(&other.replica);
        let state = replay.state(&View::Frontier).unwrap();
        let mut other_replay = other.replay();
        let other_state = other_replay.state(&View::Frontier).unwrap();
        prop_assert_eq!(order(&replay), order(&other_replay));
        prop_assert!(
            state.digest() == other_state.digest(),
            "{:#?}", differences(&state, &other_state)
        );
        let pinned = other_replay.state(&View::At(one.replica.frontier().clone())).unwrap();
        prop_assert_eq!(pinned.digest(), state.digest());
        let read = State::read(state.documents()).unwrap();
        prop_assert_eq!(read.digest(), state.digest());
        for (written, read) in state.indicators().zip(read.indicators()) {
            prop_assert_eq!(written, read);
        }
        prop_assert_eq!(read.findings(), state.findings());
    }

    #[test]
    fn an_entry_stands_after_its_ancestors(history in any_history(4..40), way in delivery()) {
        let desk = way.deliver(&history, |_| {});
        let log = desk.replay().log(&View::Frontier).unwrap();
        let mut known = std::collections::BTreeSet::new();
        for (line, number) in log.iter().zip(0..) {
            let entry = desk.replica.read_entry(&line.place.id).unwrap().unwrap();
            prop_assert!(entry.header().parents().all(|parent| known.contains(&parent)));
            known.insert(line.place.id);
            prop_assert_eq!(line.number, number);
        }
        prop_assert!(log.is_sorted_by_key(|line| line.place));
        let tips = desk.replica.frontier().tips().collect::<Vec<_>>();
        prop_assert!(tips.iter().all(|tip| known.contains(tip)));
    }
}
