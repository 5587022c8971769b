// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Corners that random histories find seldom: what is kept beyond a key's end, and how it travels.

use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::Replica;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::report;
use constancia_tests::histories::plot::Setup;
use constancia_tests::histories::world::Plotted;
use constancia_tests::network::Network;
use constancia_tests::people::public;
use ed25519_dalek::SigningKey;

/// Four people with a seat each; three must agree.
fn found() -> Plotted {
    Plotted::found(Setup { seats: 4, stricter: 0, quota: false })
}

fn sign_key(plotted: &Plotted, person: usize) -> SigningKey {
    plotted.people[person].sign.clone()
}

/// A replica that took these in, in this order.
fn holding(plotted: &Plotted, entries: &[EntryId]) -> Replica {
    let mut desk = plotted.empty_desk();
    for id in entries {
        let is_it = |message: &&v1::SignedEntry| EntryId::of_header(&message.header) == *id;
        desk.take(plotted.messages.iter().find(is_it).cloned());
    }
    desk.replica
}

/// A replica that has had a chance to take everything in: whoever needs something comes before it.
fn holding_all(plotted: &Plotted) -> Replica {
    let mut desk = plotted.empty_desk();
    desk.take(plotted.messages.iter().rev().cloned());
    desk.take(plotted.messages.clone());
    desk.replica
}

/// Both meet, and must end with one ledger.
fn meet(one: Replica, other: Replica) -> Vec<Replica> {
    let mut network = Network::new(vec![one, other], 1);
    let config = ExchangeConfig { follow: false, ..ExchangeConfig::default() };
    let link = network.connect(0, 1, config);
    network.settle().unwrap();
    let frontiers: Vec<_> = network.replicas.iter().map(Replica::frontier).collect();
    assert_eq!(frontiers[0], frontiers[1]);
    assert!(network.ended_in_sync(link));
    network.replicas
}

fn retire(key: &SigningKey) -> Body {
    let key = bytes::Bytes::copy_from_slice(public(key).as_bytes());
    Body::KeyRetired(v1::KeyRetired { key, reason: String::new() })
}

#[test]
fn branches_of_two_ended_keys_that_cite_each_other_come_in_for_whoever_cites_them() {
    let mut plotted = found();
    let [honest, forked, retired] = [0, 1, 2].map(|person| sign_key(&plotted, person));
    let say = || report("I-01", "2023", "1");
    let ended = plotted.put(&retired, None, &[], retire(&retired));
    let first = plotted.put(&forked, None, &[], say());
    let left = plotted.put(&forked, Some(first), &[], say());
    let right = plotted.put(&forked, Some(first), &[], say());
    let mut head = plotted.put(&honest, None, &[ended, first], say());
    let known = [ended, first, left, right, head];
    let (mut of_retired, mut of_forked) = (ended, right);
    for _ in 0..4 {
        of_retired = plotted.put(&retired, Some(of_retired), &[of_forked], say());
        of_forked = plotted.put(&forked, Some(of_forked), &[of_retired], say());
    }
    head = plotted.put(&honest, Some(head), &[of_forked], say());
    let all = holding_all(&plotted);
    let some = holding(&plotted, &known);
    let both = meet(all, some);
    assert_eq!(both[0].frontier().feeds[&public(&honest)].head, Some((2, head)));
    assert!(both.iter().all(|replica| replica.find(&head).unwrap().is_some()));
}

fn vote(proposal: EntryId) -> Body {
    constancia_tests::acts::vote(proposal)
}

fn is_held(replica: &Replica, id: EntryId) -> bool {
    replica.find(&id).unwrap().is_some()
}

#[test]
fn what_waits_to_see_whether_it_decides_comes_in_for_whoever_cites_it() {
    let mut plotted = found();
    let [honest, forked, other] = [0, 1, 2].map(|person| sign_key(&plotted, person));
    let say = || report("I-01", "2023", "1");
    let first = plotted.put(&forked, None, &[], say());
    let left = plotted.put(&forked, Some(first), &[], say());
    let right = plotted.put(&forked, Some(first), &[], say());
    let proposed = plotted.put(&other, None, &[], retire_member("miembro-03"));
    let withheld = plotted.put(&other, Some(proposed), &[], say());
    let beyond = plotted.put(&forked, Some(right), &[], say());
    let voted = plotted.put(&forked, Some(beyond), &[withheld], vote(proposed));
    let cites = plotted.put(&honest, None, &[beyond], say());
    let fork = [first, left, right, proposed];
    let replica = holding(&plotted, &[&fork[..], &[voted, beyond, right, cites, beyond]].concat());
    assert!(is_held(&replica, cites), "wanted: {:?}", replica.list_wanted());
}

fn retire_member(slug: &str) -> Body {
    propose(v1::proposal::Decision::RetireMember(v1::RetireMember { member: slug.to_owned() }))
}

fn propose(decision: v1::proposal::Decision) -> Body {
    Body::Proposal(v1::Proposal { decision: Some(decision), ..v1::Proposal::default() })
}
