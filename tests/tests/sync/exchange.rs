// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The exchange over a simulated network.
//!
//! Method: random histories on replicas in memory, sessions in random interleavings, links that are
//! cut anywhere. The dice are seeded, so every failure repeats.

use bytes::Bytes;
use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::exchange::limits::HELLO_BYTES_MAX;
use constancia_ledger::replica::Replica;
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use constancia_tests::forge::public;
use constancia_tests::network::{Dice, Network, charter, make_entry, new_replica, put, write};
use prost::Message as _;

/// Three members, by the seeds of their keys. The founder, 10, has the charter in his feed.
const A: u8 = 11;
const B: u8 = 12;
const C: u8 = 13;

/// Small batches and windows, so that a short history needs many of them.
fn narrow(follow: bool) -> ExchangeConfig {
    ExchangeConfig { follow, batch_bytes: 2_000, batch_entries: 8, window_bytes: 6_000 }
}

fn pair(seed: u64) -> Network {
    let charter = charter(4);
    Network::new(vec![new_replica(&charter), new_replica(&charter)], seed)
}

fn holds_fork(replica: &Replica, seed: u8) -> Option<u64> {
    replica.frontier().feeds.get(&public(seed)).and_then(|feed| feed.forked_seq)
}

#[test]
fn equal_replicas_find_out_in_one_round_trip_of_at_most_200_bytes_each_way() {
    let mut network = pair(1);
    let mut dice = Dice::new(1);
    let entries = write(&mut network.replicas[0], A, 50, &mut dice);
    put(&mut network.replicas[1], &entries);
    let link = network.connect(0, 1, ExchangeConfig::default());
    network.settle().unwrap();
    assert!(network.ended_in_sync(link));
    for traffic in network.traffic(link) {
        let [("hello", bytes)] = traffic.messages[..] else {
            panic!("expected one hello, found {:?}", traffic.messages);
        };
        assert!(bytes <= 200, "{bytes} bytes");
    }
}

#[test]
fn no_hello_is_longer_however_large_the_ledgers_are() {
    let id = Bytes::from_static(&[0xff; 32]);
    let hello = v1::Hello {
        protocol: u32::MAX,
        ledger_id: id.clone(),
        frontier_root: id.clone(),
        fork_root: id,
        entries: u64::MAX,
        feeds: u64::MAX,
        pending_payloads: u64::MAX,
        follow: true,
    };
    let message = v1::ExchangeMessage { message: Some(Message::Hello(hello)) };
    let bytes = message.encoded_len();
    assert!(bytes <= HELLO_BYTES_MAX, "{bytes} bytes");
    // gRPC puts five bytes before each message.
    assert!(bytes + 5 <= 200, "{bytes} bytes");
}

#[test]
fn each_side_gets_exactly_what_it_lacks() {
    let mut network = pair(2);
    let mut dice = Dice::new(2);
    let shared = write(&mut network.replicas[0], A, 20, &mut dice);
    put(&mut network.replicas[1], &shared);
    write(&mut network.replicas[0], B, 30, &mut dice);
    write(&mut network.replicas[1], C, 40, &mut dice);
    let link = network.connect(0, 1, narrow(false));
    network.settle().unwrap();
    assert!(network.ended_in_sync(link));
    assert!(network.converged());
    let [there, back] = network.traffic(link);
    assert_eq!((there.entries, back.entries), (30, 40));
}

#[test]
fn nine_replicas_with_cut_links_converge() {
    for seed in 0..12 {
        let charter = charter(9);
        let replicas = (0..9).map(|_| new_replica(&charter)).collect();
        let mut network = Network::new(replicas, seed);
        let mut dice = Dice::new(seed + 1_000);
        for _ in 0..60 {
            let (one, other) = (dice.below(9), dice.below(9));
            if one != other && network.count_links() < 12 {
                network.connect(one, other, narrow(dice.below(2) == 0));
            }
            let writer = dice.below(9);
            let seed = 10 + u8::try_from(writer).unwrap();
            let count = dice.roll() % 4;
            write(&mut network.replicas[writer], seed, count, &mut dice);
            network.announce(writer).unwrap();
            let steps = dice.below(60);
            network.run(steps).unwrap();
            if dice.below(3) == 0 && network.count_links() > 0 {
                let link = dice.below(network.count_links());
                network.cut(link);
            }
        }
        network.cut_all();
        for node in 1..9 {
            network.connect(node - 1, node, narrow(true));
        }
        network.settle().unwrap();
        assert!(network.converged(), "seed {seed}: {:?}", network.roots());
        let counts: Vec<_> =
            network.replicas.iter().map(|replica| replica.count_entries().unwrap()).collect();
        assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "seed {seed}: {counts:?}");
    }
}

#[test]
fn a_cut_connection_resumes_and_sends_at_most_one_window_again() {
    for seed in 0..20 {
        let mut network = pair(seed);
        let mut dice = Dice::new(seed);
        write(&mut network.replicas[0], A, 200, &mut dice);
        let mut cuts: usize = 0;
        while !network.converged() {
            let link = network.connect(0, 1, narrow(false));
            let steps = 10 + dice.below(12);
            if network.run(steps).unwrap() == steps && !network.converged() {
                network.cut(link);
                cuts += 1;
            }
        }
        network.cut_all();
        let sent: usize = network.cut.iter().map(|traffic| traffic[0].entries).sum();
        // A window of 6,000 bytes, begun a batch below its end, holds at most 40 small entries.
        assert!(cuts > 2, "seed {seed}: the test cut nothing");
        assert!(sent <= 200 + cuts * 40, "seed {seed}: {sent} sent after {cuts} cuts");
        assert_eq!(network.replicas[1].count_entries().unwrap(), 201);
    }
}

#[test]
fn what_lands_while_both_follow_is_sent_on_once() {
    let charter = charter(4);
    let replicas = (0..3).map(|_| new_replica(&charter)).collect();
    let mut network = Network::new(replicas, 5);
    let mut dice = Dice::new(5);
    let first = network.connect(0, 1, narrow(true));
    let second = network.connect(1, 2, narrow(true));
    network.settle().unwrap();
    for round in 0..10 {
        for (node, seed) in [(0, A), (1, B), (2, C)] {
            write(&mut network.replicas[node], seed, 1 + round % 3, &mut dice);
            network.announce(node).unwrap();
            network.run(5).unwrap();
        }
    }
    network.settle().unwrap();
    assert!(network.converged());
    let written = usize::try_from(network.replicas[0].count_entries().unwrap()).unwrap() - 1;
    for link in [first, second] {
        let sent: usize = network.traffic(link).iter().map(|traffic| traffic.entries).sum();
        assert_eq!(sent, written, "every entry crosses each link once");
    }
    let hellos = network.traffic(first)[0].messages.iter().filter(|(name, _)| *name == "hello");
    assert_eq!(hellos.count(), 1);
}

#[test]
fn a_fork_shown_to_two_replicas_ends_with_the_proof_on_both() {
    for (shared, first, second) in [(0, 1, 1), (5, 1, 1), (5, 40, 3), (3, 2, 60), (0, 30, 30)] {
        let mut network = pair(7);
        let mut dice = Dice::new(7);
        let entries = write(&mut network.replicas[0], A, shared, &mut dice);
        put(&mut network.replicas[1], &entries);
        write(&mut network.replicas[0], A, first, &mut dice);
        write(&mut network.replicas[1], A, second, &mut dice);
        let link = network.connect(0, 1, narrow(false));
        network.settle().unwrap();
        assert!(network.ended_in_sync(link), "{shared} {first} {second}");
        assert!(network.converged());
        for replica in &network.replicas {
            assert_eq!(holds_fork(replica, A), Some(shared));
            assert_eq!(replica.list_fork_proofs().unwrap().len(), 1);
        }
        let sent: usize = network.traffic(link).iter().map(|traffic| traffic.entries).sum();
        assert!(sent <= 8, "{sent} entries sent to find where the branches part");
    }
}

#[test]
fn a_branch_deeper_than_what_may_wait_for_a_parent_is_still_proven() {
    let mut network = pair(8);
    let mut dice = Dice::new(8);
    write(&mut network.replicas[0], A, 4_500, &mut dice);
    write(&mut network.replicas[1], A, 4_400, &mut dice);
    let link = network.connect(0, 1, ExchangeConfig::default());
    network.settle().unwrap();
    assert!(network.ended_in_sync(link));
    assert!(network.converged());
    assert_eq!(holds_fork(&network.replicas[0], A), Some(0));
}

#[test]
fn a_branch_that_somebody_cites_is_fetched_with_all_its_entries() {
    for seed in 0..10 {
        let mut network = pair(seed);
        let mut dice = Dice::new(seed);
        let entries = write(&mut network.replicas[0], A, 3, &mut dice);
        put(&mut network.replicas[1], &entries);
        // Member 1 cites the first branch, member 2 the second, before anybody knows of the fork.
        write(&mut network.replicas[0], A, 12, &mut dice);
        write(&mut network.replicas[0], B, 2, &mut dice);
        write(&mut network.replicas[1], A, 9, &mut dice);
        write(&mut network.replicas[1], C, 2, &mut dice);
        let link = network.connect(0, 1, narrow(false));
        network.settle().unwrap();
        assert!(network.ended_in_sync(link), "seed {seed}");
        assert!(network.converged());
        for replica in &network.replicas {
            assert_eq!(holds_fork(replica, A), Some(3));
            for tip in replica.frontier().tips() {
                assert!(replica.find(&tip).unwrap().is_some());
            }
            // 1 charter, 3 shared, 12 and 9 on branches, 2 and 2 that cite them.
            assert_eq!(replica.count_entries().unwrap(), 29);
        }
    }
}

#[test]
fn a_fork_known_to_one_side_is_proven_to_the_other_before_anything_else() {
    let mut network = pair(9);
    let mut dice = Dice::new(9);
    let shared = write(&mut network.replicas[0], A, 4, &mut dice);
    put(&mut network.replicas[1], &shared);
    let one = make_entry(&network.replicas[0], A, 1);
    let other = make_entry(&network.replicas[0], A, 2);
    put(&mut network.replicas[0], &[one.clone(), other]);
    put(&mut network.replicas[1], &[one]);
    write(&mut network.replicas[1], A, 6, &mut dice);
    let link = network.connect(0, 1, narrow(false));
    network.settle().unwrap();
    assert!(network.ended_in_sync(link));
    assert!(network.converged());
    let names: Vec<_> = network.traffic(link)[0].messages.iter().map(|(name, _)| *name).collect();
    assert_eq!(names[..3], ["hello", "fork_proofs", "frontier"]);
    assert_eq!(network.traffic(link)[0].entries, 0);
}

#[test]
fn a_fork_that_comes_to_light_while_both_follow_is_proven_to_all() {
    let charter = charter(4);
    let replicas = (0..3).map(|_| new_replica(&charter)).collect();
    let mut network = Network::new(replicas, 11);
    network.connect(0, 1, narrow(true));
    network.connect(1, 2, narrow(true));
    network.settle().unwrap();
    let one = make_entry(&network.replicas[0], A, 1);
    let other = make_entry(&network.replicas[0], A, 2);
    put(&mut network.replicas[0], &[one]);
    put(&mut network.replicas[2], &[other]);
    network.announce(0).unwrap();
    network.announce(2).unwrap();
    network.settle().unwrap();
    assert!(network.converged());
    for replica in &network.replicas {
        assert_eq!(holds_fork(replica, A), Some(0));
    }
}

#[test]
fn a_payload_that_is_pending_is_asked_for_and_sent_when_it_comes() {
    let charter = charter(4);
    let replicas = (0..3).map(|_| new_replica(&charter)).collect();
    let mut network = Network::new(replicas, 13);
    let whole = make_entry(&network.replicas[0], A, 1);
    put(&mut network.replicas[0], &[whole.clone().without_payload()]);
    let link = network.connect(0, 1, narrow(true));
    network.settle().unwrap();
    assert_eq!(network.agreed_root(link), Some(network.roots()[0]));
    assert_eq!(network.replicas[1].list_pending().unwrap(), [whole.id()]);
    put(&mut network.replicas[2], &[whole]);
    network.connect(2, 0, narrow(true));
    network.settle().unwrap();
    for replica in &network.replicas {
        assert_eq!(replica.list_pending().unwrap(), []);
    }
}

#[test]
fn what_has_come_and_is_stored_leaves_both_in_sync() {
    let mut network = pair(10);
    let mut dice = Dice::new(10);
    let link = network.connect(0, 1, narrow(true));
    assert!(!network.session(link, 0).is_in_sync(), "nothing has been compared");
    network.settle().unwrap();
    for node in [0, 1] {
        write(&mut network.replicas[node], if node == 0 { A } else { B }, 30, &mut dice);
        network.announce(node).unwrap();
        // Some of it is on its way, or not stored yet.
        let mut seen_behind = false;
        while network.run(1).unwrap() > 0 {
            seen_behind |= !network.session(link, 1 - node).is_in_sync();
        }
        assert!(seen_behind && network.converged());
        for end in [0, 1] {
            assert!(network.session(link, end).is_in_sync(), "end {end} after news of {node}");
        }
    }
}

#[test]
fn comparing_again_while_both_follow_costs_two_hellos() {
    let mut network = pair(17);
    let mut dice = Dice::new(17);
    write(&mut network.replicas[0], A, 9, &mut dice);
    let link = network.connect(0, 1, narrow(true));
    network.settle().unwrap();
    let before = network.traffic(link).clone();
    network.recheck(link, 1).unwrap();
    network.settle().unwrap();
    for (before, after) in before.iter().zip(network.traffic(link)) {
        assert_eq!(after.messages.len(), before.messages.len() + 1);
        assert_eq!(after.messages.last().unwrap().0, "hello");
    }
    assert!(network.session(link, 0).is_live());
}

#[test]
fn nine_replicas_converge_though_keys_fork_and_others_cite_their_branches() {
    let mut forks = 0;
    for seed in 0..40 {
        let charter = charter(9);
        let replicas = (0..9).map(|_| new_replica(&charter)).collect();
        let mut network = Network::new(replicas, seed);
        let mut dice = Dice::new(seed + 2_000);
        for _ in 0..50 {
            let (one, other) = (dice.below(9), dice.below(9));
            if one != other && network.count_links() < 10 {
                network.connect(one, other, narrow(dice.below(2) == 0));
            }
            // The keys of the first three members are used on every machine.
            let node = dice.below(9);
            let writer = if dice.below(4) == 0 { dice.below(3) } else { node };
            let count = dice.roll() % 4;
            let key = 10 + u8::try_from(writer).unwrap();
            write_if_it_may(&mut network.replicas[node], key, count, &mut dice);
            network.announce(node).unwrap();
            let steps = dice.below(60);
            network.run(steps).unwrap();
            if dice.below(3) == 0 && network.count_links() > 0 {
                let link = dice.below(network.count_links());
                network.cut(link);
            }
        }
        network.cut_all();
        for node in 1..9 {
            network.connect(node - 1, node, narrow(true));
        }
        network.settle().unwrap();
        assert!(network.converged(), "seed {seed}: {:?}", network.roots());
        for replica in &network.replicas {
            let frontier = replica.frontier();
            assert_eq!(frontier, network.replicas[0].frontier());
            for tip in frontier.tips() {
                assert!(replica.find(&tip).unwrap().is_some(), "seed {seed}");
            }
        }
        forks += network.replicas[0].list_fork_proofs().unwrap().len();
    }
    assert!(forks > 40, "only {forks} forks came about");
}

/// Writes with a key that is not known to have forked here.
fn write_if_it_may(replica: &mut Replica, seed: u8, count: u64, dice: &mut Dice) {
    if holds_fork(replica, seed).is_none() {
        write(replica, seed, count, dice);
    }
}
