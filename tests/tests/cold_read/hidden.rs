// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What one side has and the other never asks for.

use bytes::Bytes;
use constancia_ledger::entry::decode_entry;
use constancia_ledger::exchange::limits::{FORK_PROOFS_PER_ROUND_MAX, PROTOCOL_VERSION};
use constancia_ledger::exchange::{ExchangeConfig, Output, Session, Side};
use constancia_ledger::replica::{Origin, Replica};
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use constancia_tests::forge::Forged;
use constancia_tests::network::{Network, charter, new_replica};

const WITHHOLDS: u8 = 11;
const HONEST: u8 = 12;

fn bare(forged: &Forged) -> v1::SignedEntry {
    v1::SignedEntry { payload: None, salt: None, ..forged.sign() }
}

fn take(replica: &mut Replica, entries: Vec<v1::SignedEntry>) {
    let offered = entries.into_iter().map(decode_entry).collect();
    replica.ingest(offered, Origin::Local).unwrap();
}

#[test]
fn a_key_that_withholds_thousands_of_payloads_hides_nobody_elses() {
    let (mut whole, mut lacking) = (new_replica(&charter(3)), new_replica(&charter(3)));
    let ledger = whole.ledger();
    let mut withheld: Vec<v1::SignedEntry> = Vec::new();
    let mut before = None;
    for _ in 0..4_200 {
        let entry = Forged::after(WITHHOLDS, ledger, before.as_ref().map(|it| (it, 1_000)));
        before = Some(entry.entry());
        withheld.push(bare(&entry));
    }
    // Behind nearly all of them, as ids go.
    let last = (0..100_000)
        .map(|at| Forged::after(HONEST, ledger, None).spoil(|it| it.claimed_at_ms = 1_000 + at))
        .find(|entry| entry.entry().id().as_bytes()[0] >= 0xfe)
        .unwrap();
    take(&mut whole, withheld.clone());
    take(&mut whole, vec![last.sign()]);
    // A peer that meant ill had sent it without.
    take(&mut lacking, withheld);
    take(&mut lacking, vec![bare(&last)]);
    let mut network = Network::new(vec![whole, lacking], 7);
    network.connect(0, 1, ExchangeConfig::default());
    network.settle().unwrap();
    let id = last.entry().id();
    assert!(network.replicas[1].find(&id).unwrap().unwrap().facts.has_payload);
}

#[test]
fn what_a_peers_entry_releases_is_news_to_that_peer() {
    let mut network = Network::new(vec![new_replica(&charter(3)), new_replica(&charter(3))], 7);
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    network.connect(0, 1, config);
    network.settle().unwrap();
    let ledger = network.replicas[0].ledger();
    let parent = Forged::after(WITHHOLDS, ledger, None);
    let child = Forged::after(HONEST, ledger, None).seeing(&parent.entry());
    // A third peer brought the child, which waits for its parent.
    network.replicas[0].ingest(vec![Ok(child.entry())], Origin::Peer(99)).unwrap();
    take(&mut network.replicas[1], vec![parent.sign()]);
    network.announce(1).unwrap();
    network.settle().unwrap();
    assert_eq!(network.replicas[0].count_entries().unwrap(), 3);
    assert!(network.converged());
}

#[test]
fn a_key_that_forks_lower_and_lower_breaks_no_connection() {
    let mut network = Network::new(vec![new_replica(&charter(3)), new_replica(&charter(3))], 7);
    let ledger = network.replicas[0].ledger();
    let mut feed: Vec<Forged> = Vec::new();
    for _ in 0..=FORK_PROOFS_PER_ROUND_MAX {
        let before = feed.last().map(Forged::entry);
        feed.push(Forged::after(WITHHOLDS, ledger, before.as_ref().map(|it| (it, 1_000))));
    }
    take(&mut network.replicas[0], feed.iter().map(Forged::sign).collect());
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    network.connect(0, 1, config);
    network.settle().unwrap();
    for entry in feed.into_iter().rev() {
        take(&mut network.replicas[0], vec![entry.spoil(|it| it.claimed_at_ms = 2_000).sign()]);
        network.announce(0).unwrap();
        network.settle().unwrap();
    }
    assert!(network.converged());
}

/// A peer may refuse a proof because it does not hold the grant of the key yet. It says so by what it
/// holds, and by nothing else.
#[test]
fn a_proof_that_the_other_side_did_not_keep_is_sent_again() {
    let mut replica = new_replica(&charter(3));
    let ledger = replica.ledger();
    let one = Forged::after(WITHHOLDS, ledger, None);
    let other = Forged::after(WITHHOLDS, ledger, None).spoil(|it| it.claimed_at_ms = 2_000);
    take(&mut replica, vec![one.sign(), other.sign()]);
    let peer = new_replica(&charter(3));
    let root = Bytes::copy_from_slice(peer.frontier().root().as_bytes());
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    let mut session = Session::new(ledger, config, Side::Caller);
    for round in 1..=3 {
        let hello = v1::Hello {
            protocol: PROTOCOL_VERSION,
            ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
            frontier_root: root.clone(),
            follow: true,
            ..v1::Hello::default()
        };
        let said = [
            Message::Hello(hello),
            Message::Frontier(peer.frontier().to_message()),
            Message::CaughtUp(v1::CaughtUp { frontier_root: root.clone(), pending_payloads: 0 }),
        ];
        let mut proofs = 0;
        let mut hear = |session: &mut Session| {
            while let Some(output) = session.poll(&replica).unwrap() {
                if let Output::Send(message) = output
                    && let Some(Message::ForkProofs(sent)) = message.message
                {
                    proofs += sent.proofs.len();
                }
            }
        };
        hear(&mut session);
        for message in said {
            let message = v1::ExchangeMessage { message: Some(message) };
            session.receive(&replica, message).unwrap();
            hear(&mut session);
        }
        assert_eq!(proofs, 1, "round {round}");
    }
}
