// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Replicas that hold parts of a history meet, by the very sessions that nodes use, over links that
//! are cut anywhere; in the end all of them hold one ledger, and it is the one that the model says.

use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::replay::View;
use constancia_ledger::replica::Replica;
use constancia_tests::histories::plot::{DESKS, plot};
use constancia_tests::histories::world::Plotted;
use constancia_tests::model::Model;
use constancia_tests::network::{Dice, Network};
use constancia_tests::people::Desk;
use proptest::prelude::*;

use super::compare::differences_from;

/// Small batches, so that a short history needs several and a cut falls between them.
fn narrow(follow: bool) -> ExchangeConfig {
    ExchangeConfig { follow, batch_bytes: 2_000, batch_entries: 8, window_bytes: 6_000 }
}

/// How often a node that stays connected compares again before it must agree with its peer.
const RECHECKS_MAX: usize = 2;

/// A replica that holds what a desk held, as it came in some order.
fn hold(plotted: &Plotted, desk: usize, dice: &mut Dice) -> Replica {
    let mut messages = plotted.messages_of(&plotted.desks[desk]);
    for at in (1..messages.len()).rev().filter(|_| desk % 2 == 1) {
        messages.swap(at, dice.below(at + 1));
    }
    let mut replica = plotted.empty_desk();
    for batch in messages.chunks(1 + dice.below(9)) {
        replica.take(batch.to_vec());
    }
    replica.replica
}

/// Connects and cuts at random.
fn meet_and_part(network: &mut Network, dice: &mut Dice, rounds: usize) {
    for _ in 0..rounds {
        let (one, other) = (dice.below(DESKS), dice.below(DESKS));
        if one != other && network.count_links() < 8 {
            network.connect(one, other, narrow(dice.below(2) == 0));
        }
        let steps = dice.below(40);
        network.run(steps).unwrap();
        if dice.below(3) == 0 && network.count_links() > 0 {
            let link = dice.below(network.count_links());
            network.cut(link);
        }
    }
    network.cut_all();
}

/// Everybody stays connected until nothing happens any more.
fn settle(network: &mut Network) -> Result<(), TestCaseError> {
    let links: Vec<usize> =
        (1..DESKS).map(|node| network.connect(node - 1, node, narrow(true))).collect();
    // A node compares again from time to time: what was let go before somebody turned out to need it
    // comes then.
    for round in 0.. {
        let steps = network.settle().unwrap();
        prop_assert!(steps < 100_000, "no end after {} steps", steps);
        if network.converged() {
            break;
        }
        prop_assert!(round < RECHECKS_MAX, "{:#?}", frontiers(network));
        for link in &links {
            network.recheck(*link, 0).unwrap();
        }
    }
    for link in links {
        prop_assert!(network.agreed_root(link).is_some(), "link {link} ended without agreement");
    }
    network.cut_all();
    // Whoever meets now finds out in one message each way.
    for node in 1..DESKS {
        let link = network.connect(0, node, narrow(false));
        network.settle().unwrap();
        prop_assert!(network.ended_in_sync(link));
        let counts = network.traffic(link).iter().map(|traffic| traffic.messages.len());
        prop_assert_eq!(counts.collect::<Vec<_>>(), [1, 1]);
    }
    Ok(())
}

fn frontiers(network: &Network) -> Vec<String> {
    let told =
        |replica: &Replica| format!("{:?}, wants {:?}", replica.frontier(), replica.list_wanted());
    network.replicas.iter().map(told).collect()
}

/// A model of all that any of the replicas holds.
fn model_of(plotted: &Plotted, network: &Network) -> Model {
    let mut model = Model::new(plotted.messages[0].clone());
    for replica in &network.replicas {
        let count = replica.count_entries().unwrap();
        for arrival in 0..count {
            let id = replica.find_arrival(arrival).unwrap().unwrap();
            let message = replica.read_message(&id).unwrap().unwrap();
            // A payload that was dropped here may still be known elsewhere; it says nothing.
            model.tell([&message]);
        }
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_meets_comes_to_one_ledger(
        plotted in plot(4..30),
        seed in any::<u64>(),
        rounds in 0..30_usize,
    ) {
        let mut dice = Dice::new(seed);
        let replicas = (0..DESKS).map(|desk| hold(&plotted, desk, &mut dice)).collect();
        let mut network = Network::new(replicas, dice.roll());
        meet_and_part(&mut network, &mut dice, rounds);
        settle(&mut network)?;
        let model = model_of(&plotted, &network);
        let mut digests = Vec::new();
        for replica in std::mem::take(&mut network.replicas) {
            let found = differences_from(&plotted, &model, &replica);
            prop_assert!(found.is_empty(), "{found:#?}");
            let people = plotted.people.clone();
            let desk = Desk { replica, people, exercise: String::new() };
            let mut replay = desk.replay();
            digests.push(replay.state(&View::Frontier).unwrap().digest());
            // What a replica reads back from its log alone is what it was.
            let again = desk.restart();
            digests.push(again.replay().state(&View::Frontier).unwrap().digest());
        }
        prop_assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
    }
}
