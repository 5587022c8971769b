// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a peer must not do: each rule of the exchange, broken once, ends the session with its error,
//! and what was good before stays.

use bytes::Bytes;
use constancia_ledger::exchange::limits::{
    BATCH_ENTRIES_MAX, FEEDS_MAX, FORK_PROOFS_PER_MESSAGE_MAX, WANT_IDS_MAX,
};
use constancia_ledger::exchange::{ExchangeConfig, ExchangeError};
use constancia_ledger::fault::{Coded as _, Fault};
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use constancia_tests::forge::{Forged, public};
use constancia_tests::network::{Dice, Network, charter, make_entry, new_replica, write};

const A: u8 = 11;
const LINK: usize = 0;
const ANSWERER: usize = 1;

/// Two replicas that follow each other.
fn following() -> Network {
    let charter = charter(4);
    let mut network = Network::new(vec![new_replica(&charter), new_replica(&charter)], 1);
    write(&mut network.replicas[0], A, 3, &mut Dice::new(1));
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    network.connect(0, 1, config);
    network.settle().unwrap();
    network
}

fn refusal_of(message: Message) -> ExchangeError {
    let mut network = following();
    network.inject(LINK, ANSWERER, message);
    let error = network.settle().unwrap_err();
    assert_eq!(network.replicas[1].count_entries().unwrap(), 4, "what was good stays");
    error
}

fn ids(count: usize) -> Vec<Bytes> {
    vec![Bytes::from_static(&[7; 32]); count]
}

fn batch(number: u64, entries: Vec<v1::SignedEntry>) -> Message {
    Message::Batch(v1::Batch { number, entries })
}

#[test]
fn counts_over_their_limits_are_refused() {
    let entry = make_entry(&new_replica(&charter(4)), A, 1).to_message();
    let proof = v1::ForkProof::default();
    let heads = vec![v1::FrontierHead::default(); FEEDS_MAX + 1];
    let refused = [
        batch(2, vec![entry.clone(); BATCH_ENTRIES_MAX + 1]),
        batch(2, vec![v1::SignedEntry { payload: Some(vec![0; 1 << 21].into()), ..entry }]),
        Message::Want(v1::Want { entries: ids(WANT_IDS_MAX), payloads: ids(1) }),
        Message::ForkProofs(v1::ForkProofs {
            proofs: vec![proof; FORK_PROOFS_PER_MESSAGE_MAX + 1],
        }),
        Message::Frontier(v1::Frontier { heads, decisions: vec![] }),
    ];
    for message in refused {
        let error = refusal_of(message);
        assert_eq!((error.code(), error.fault()), ("exchange.too_many", Fault::Malformed));
    }
}

#[test]
fn wanting_without_end_is_refused() {
    let mut network = following();
    let error = loop {
        let want = v1::Want { entries: ids(WANT_IDS_MAX), payloads: vec![] };
        network.inject(LINK, ANSWERER, Message::Want(want));
        if let Err(error) = network.settle() {
            break error;
        }
    };
    assert_eq!(error.code(), "exchange.too_many");
}

#[test]
fn messages_out_of_place_are_refused() {
    let root = Bytes::from_static(&[1; 32]);
    let misplaced = [
        Message::Frontier(v1::Frontier::default()),
        Message::CaughtUp(v1::CaughtUp { frontier_root: root, pending_payloads: 0 }),
        Message::FrontierBuckets(v1::FrontierBuckets::default()),
        Message::BucketRequest(v1::BucketRequest::default()),
    ];
    for message in misplaced {
        let error = refusal_of(message);
        assert_eq!(error.code(), "exchange.unexpected_message");
        assert_eq!(error.fault(), Fault::Malformed);
    }
}

#[test]
fn nothing_comes_before_hello() {
    let charter = charter(4);
    let mut network = Network::new(vec![new_replica(&charter), new_replica(&charter)], 1);
    network.connect(0, 1, ExchangeConfig::default());
    network.inject(LINK, 0, Message::Want(v1::Want::default()));
    let error = network.settle().unwrap_err();
    assert_eq!(error.code(), "exchange.unexpected_message");
}

#[test]
fn numbers_without_gaps_and_lists_with_something_in_them() {
    let entry = make_entry(&new_replica(&charter(4)), A, 1).to_message();
    let error = refusal_of(batch(9, vec![entry]));
    assert_eq!(error.to_string(), "expected batch number 2, found 9");
    let error = refusal_of(Message::Stored(v1::Stored { number: 1, refusals: vec![] }));
    assert_eq!(error.code(), "exchange.number");
    assert_eq!(refusal_of(batch(2, vec![])).code(), "exchange.nothing_in");
    let none = Message::ForkProofs(v1::ForkProofs::default());
    assert_eq!(refusal_of(none).code(), "exchange.nothing_in");
}

#[test]
fn ids_of_another_length_are_refused() {
    let short = Bytes::from_static(&[7; 31]);
    let error = refusal_of(Message::Want(v1::Want { entries: vec![short], payloads: vec![] }));
    assert_eq!(error.to_string(), "wanted id has 32 bytes, found 31");
}

#[test]
fn another_version_or_ledger_is_refused_and_the_other_side_is_told() {
    let charter = charter(4);
    let ledger = new_replica(&charter).ledger();
    let hello = v1::Hello {
        protocol: 1,
        ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
        frontier_root: Bytes::from_static(&[1; 32]),
        ..v1::Hello::default()
    };
    let newer = v1::Hello { protocol: 2, ..hello.clone() };
    let other = v1::Hello { ledger_id: Bytes::from_static(&[9; 32]), ..hello };
    for (hello, code) in [(newer, "exchange.protocol"), (other, "exchange.wrong_ledger")] {
        let error = refusal_of(Message::Hello(hello));
        assert_eq!((error.code(), error.fault()), (code, Fault::Refused));
        assert_eq!(error.to_message().code, code);
    }
}

#[test]
fn a_provably_wrong_entry_ends_the_session_and_its_good_neighbours_stay() {
    let mut network = following();
    let good = make_entry(&network.replicas[1], A, 1);
    let mut bad = make_entry(&network.replicas[1], 12, 2).to_message();
    bad.signature = Bytes::from_static(&[3; 64]);
    network.inject(LINK, ANSWERER, batch(2, vec![good.to_message(), bad]));
    let error = network.settle().unwrap_err();
    assert_eq!((error.code(), error.fault()), ("exchange.entry", Fault::Malformed));
    assert!(error.to_message().message.contains("signature"), "{}", error.to_message().message);
    assert!(network.replicas[1].find(&good.id()).unwrap().is_some());
}

#[test]
fn a_fork_proof_that_proves_nothing_ends_the_session() {
    let proof = v1::ForkProof::default();
    let error = refusal_of(Message::ForkProofs(v1::ForkProofs { proofs: vec![proof] }));
    assert_eq!((error.code(), error.fault()), ("exchange.entry", Fault::Malformed));
}

#[test]
fn what_this_side_may_not_know_yet_is_reported_and_nothing_more() {
    let mut network = following();
    let ledger = network.replicas[1].ledger();
    let stranger = Forged::after(99, ledger, None).sign();
    network.inject(LINK, ANSWERER, batch(2, vec![stranger]));
    // The other side gets an acknowledgement that it never expected: that is this test's doing.
    let error = network.settle().unwrap_err();
    assert_eq!(error.code(), "exchange.number");
    let tally = network.session(LINK, ANSWERER).tally();
    assert_eq!(tally.refused.len(), 1);
    assert_eq!(tally.refused[0].code, "chain.stranger");
    assert!(tally.refused[0].message.contains(&public(99).to_string()));
}

#[test]
fn the_words_of_a_peer_are_cut_and_cleaned() {
    let message = v1::ExchangeError {
        code: "x".repeat(1_000),
        message: format!("\u{1b}[31mred{}", "ñ".repeat(5_000)),
    };
    let ExchangeError::Peer { code, message } = refusal_of(Message::Error(message)) else {
        panic!("expected the peer's error");
    };
    assert_eq!(code.len(), 64);
    assert!(message.len() <= 1_024 && !message.contains('\u{1b}'));
}
