// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A history reaches two strangers, in any order, with repetitions, with payloads that come late, with
//! restarts in between: both come to one state, and it is the state of a replay from nothing, of a
//! bundle, and of whoever pins the frontier later.

use std::collections::BTreeSet;
use std::sync::Arc;

use constancia_ledger::bundle::{export, import, open_bundle};
use constancia_ledger::entry::ForkProof;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::{EntryId, StateDigest};
use constancia_ledger::replay::{Replay, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_tests::histories::plot::plot;
use constancia_tests::histories::world::Plotted;
use constancia_tests::histories::{Delivery, delivery};
use constancia_tests::people::Desk;
use constancia_tests::states::differences;
use proptest::prelude::*;

/// A moment of a replica: its frontier, and the state at it.
struct Pinned {
    frontier: Frontier,
    digest: StateDigest,
    redacted: BTreeSet<EntryId>,
}

/// What of a view has been redacted by now, that which stands beyond a fork too.
fn redacted(replica: &Replica, replay: &Replay, view: &View) -> BTreeSet<EntryId> {
    let log = replay.log(view).unwrap();
    log.iter().map(|line| line.place.id).filter(|id| replica.is_redacted(id)).collect()
}

/// Delivers, and compares the growing replay with one from nothing whenever something came.
fn grow(plotted: &Plotted, way: &Delivery) -> (Desk, Replay, Vec<Pinned>) {
    let start = plotted.empty_desk();
    let mut growing = Replay::new(start.ledger());
    let mut pinned: Vec<Pinned> = Vec::new();
    let mut before = 0;
    let desk = way.deliver_to(start, &plotted.messages, |desk| {
        let count = desk.replica.count_entries().unwrap();
        let frontier = desk.replica.frontier().clone();
        if count == before && pinned.last().is_some_and(|last| last.frontier == frontier) {
            return;
        }
        before = count;
        growing.catch_up(&desk.replica).unwrap();
        let grown = growing.state(&View::Frontier).unwrap();
        let fresh = desk.replay().state(&View::Frontier).unwrap();
        assert_eq!(grown.digest(), fresh.digest(), "{:#?}", differences(&grown, &fresh));
        if desk.replica.list_pending().unwrap().is_empty() {
            let redacted = redacted(&desk.replica, &growing, &View::Frontier);
            pinned.push(Pinned { frontier, digest: grown.digest(), redacted });
        }
    });
    growing.catch_up(&desk.replica).unwrap();
    (desk, growing, pinned)
}

fn give_proofs(from: &Desk, to: &mut Desk) {
    let proofs = from.replica.list_fork_proofs().unwrap();
    let messages: Vec<_> = proofs.iter().map(ForkProof::to_message).collect();
    for outcome in to.replica.ingest_proofs(&messages).unwrap() {
        outcome.unwrap();
    }
}

/// The ledger by way of a file.
fn by_bundle(replica: &Replica) -> Replica {
    let mut file = Vec::new();
    export(replica, None, &mut file).unwrap();
    let bundle = open_bundle(&*file).unwrap();
    let (log, rows) = (Box::<MemoryLog>::default(), Arc::new(MemoryRows::default()));
    let mut copy = Replica::found(bundle.charter().unwrap(), log, rows).unwrap();
    let imported = import(bundle, &mut copy, &mut |_| ()).unwrap();
    assert_eq!((imported.held_back, imported.refused_count), (0, 0), "{imported:?}");
    copy
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn strangers_come_to_one_state(
        plotted in plot(4..30),
        one in delivery(),
        other in delivery(),
    ) {
        let (mut one, _, pinned) = grow(&plotted, &one);
        let mut other = other.deliver_to(plotted.empty_desk(), &plotted.messages, |_| ());
        // Beyond a key's end nobody needs entries, and who has not seen them knows no fork there.
        give_proofs(&one, &mut other);
        give_proofs(&other, &mut one);
        prop_assert_eq!(one.replica.frontier(), other.replica.frontier());
        let mut replay = one.replay();
        let state = replay.state(&View::Frontier).unwrap();
        let mut other_replay = other.replay();
        let other_state = other_replay.state(&View::Frontier).unwrap();
        prop_assert!(
            state.digest() == other_state.digest(),
            "{:#?}", differences(&state, &other_state)
        );
        let copy = by_bundle(&one.replica);
        prop_assert_eq!(copy.frontier(), one.replica.frontier());
        let copy = Desk { replica: copy, people: Vec::new(), exercise: String::new() };
        let copied = copy.replay().state(&View::Frontier).unwrap();
        prop_assert!(copied.digest() == state.digest(), "{:#?}", differences(&copied, &state));
        for then in pinned {
            let view = View::At(then.frontier);
            // What has been redacted since, nobody can see any more.
            if redacted(&one.replica, &replay, &view) == then.redacted {
                prop_assert_eq!(replay.state(&view).unwrap().digest(), then.digest);
            }
        }
    }
}
