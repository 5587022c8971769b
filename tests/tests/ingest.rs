// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: every refusal of the one way in, by exactly its error; nothing refused is kept, and
//! nothing good is lost beside it.
//!
//! Method: entries that hold but for one thing, forged field by field, offered to a replica in
//! memory.

use std::sync::Arc;

use constancia_ledger::chain::ChainError;
use constancia_ledger::entry::{DecodeError, VerifyError, decode_entry, decode_signed_entry};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::{IngestError, Origin, Outcome, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_tests::forge::{Forged, public, small_charter};
use prost::Message as _;

const FOUNDER: u8 = 10;
const OTHER: u8 = 11;
const NODE: u8 = 101;
const STRANGER: u8 = 99;

fn found() -> Replica {
    let charter = Forged::charter(FOUNDER, small_charter(3)).entry();
    let rows = Arc::new(MemoryRows::default());
    Replica::found(charter, Box::<MemoryLog>::default(), rows).unwrap()
}

fn offer(replica: &mut Replica, message: v1::SignedEntry) -> Outcome {
    let ingested = replica.ingest(vec![decode_entry(message)], Origin::Local).unwrap();
    ingested.outcomes.into_iter().next().unwrap().1
}

fn refusal(outcome: Outcome) -> IngestError {
    match outcome {
        Outcome::Refused(error) => error,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn refused_decode(forged: &Forged) -> DecodeError {
    decode_entry(forged.sign()).unwrap_err()
}

#[test]
fn a_good_entry_is_stored_once() {
    let mut replica = found();
    let entry = Forged::after(OTHER, replica.ledger(), None);
    assert_eq!(offer(&mut replica, entry.sign()), Outcome::Stored { arrival: 1 });
    assert_eq!(offer(&mut replica, entry.sign()), Outcome::AlreadyHeld);
    assert_eq!(replica.count_entries().unwrap(), 2);
}

#[test]
fn a_header_that_is_not_canonical_is_refused() {
    let forged = Forged::after(OTHER, found().ledger(), None);
    let canonical = forged.header.encode_to_vec();
    let unknown_field = [canonical.as_slice(), &[0x78, 0x01]].concat();
    let longer_varint = [&[0x08, 0x81, 0x00], &canonical[2..]].concat();
    let version_twice = [&[0x08, 0x01], canonical.as_slice()].concat();
    for bytes in [unknown_field, longer_varint, version_twice] {
        let error = decode_entry(forged.sign_bytes(bytes)).unwrap_err();
        assert_eq!(error, DecodeError::HeaderNotCanonical);
    }
}

#[test]
fn an_unknown_version_is_refused_as_such() {
    let forged = Forged::after(OTHER, found().ledger(), None).spoil(|header| header.version = 2);
    assert_eq!(refused_decode(&forged), DecodeError::UnknownVersion { found: 2 });
}

#[test]
fn fields_of_a_wrong_length_are_refused() {
    let good = Forged::after(OTHER, found().ledger(), None);
    for (name, forged) in [
        ("author", good.clone().spoil(|header| header.author = vec![1; 31].into())),
        ("prev", good.clone().spoil(|header| header.prev = vec![1; 33].into())),
        ("seen", good.clone().spoil(|header| header.seen = vec![vec![1; 5].into()])),
        ("payload_hash", good.clone().spoil(|header| header.payload_hash = vec![].into())),
    ] {
        let error = refused_decode(&forged);
        assert!(
            matches!(error, DecodeError::FieldLength { field, expected: 32, .. } if field == name),
            "{error}"
        );
    }
    let mut signature = good.sign();
    signature.signature = vec![0; 63].into();
    assert_eq!(
        decode_entry(signature).unwrap_err(),
        DecodeError::FieldLength { field: "signature", expected: 64, found: 63 }
    );
    let mut salt = good.sign();
    salt.salt = Some(vec![0; 15].into());
    assert_eq!(
        decode_entry(salt).unwrap_err(),
        DecodeError::FieldLength { field: "salt", expected: 16, found: 15 }
    );
}

#[test]
fn what_is_too_large_is_refused() {
    let good = Forged::after(OTHER, found().ledger(), None);
    assert_eq!(
        decode_entry(good.sign_bytes(vec![0; 4_097])).unwrap_err(),
        DecodeError::HeaderTooLong { found: 4_097 }
    );
    let mut large = good.clone();
    large.set_payload(vec![0; (1 << 20) + 1]);
    assert_eq!(refused_decode(&large), DecodeError::PayloadTooLong { found: (1 << 20) + 1 });
    assert_eq!(
        decode_signed_entry(&vec![0; 3 << 20].into()).unwrap_err(),
        DecodeError::EntryTooLong { found: 3 << 20 }
    );
    let seen = (0..65_u8).map(|n| vec![n; 32].into()).collect();
    let crowded = good.spoil(|header| header.seen = seen);
    assert_eq!(refused_decode(&crowded), DecodeError::SeenTooMany { found: 65 });
}

#[test]
fn bytes_that_are_no_message_or_have_more_than_one_encoding_are_refused() {
    let message = Forged::after(OTHER, found().ledger(), None).sign().encode_to_vec();
    assert!(decode_signed_entry(&message.clone().into()).is_ok());
    let unknown_field = [message.as_slice(), &[0x78, 0x01]].concat();
    let error = decode_signed_entry(&unknown_field.into()).unwrap_err();
    assert_eq!(error, DecodeError::EntryNotCanonical);
    let error = decode_signed_entry(&vec![0xff; 20].into()).unwrap_err();
    assert_eq!(error.code(), "decode.not_an_entry");
    let forged = Forged::after(OTHER, found().ledger(), None);
    let error = decode_entry(forged.sign_bytes(vec![0xff; 20])).unwrap_err();
    assert_eq!(error.code(), "decode.not_a_header");
}

#[test]
fn tips_out_of_order_or_twice_are_refused() {
    let good = Forged::after(OTHER, found().ledger(), None);
    for seen in [[2_u8, 1], [1, 1]] {
        let forged =
            good.clone().spoil(|header| header.seen = seen.map(|n| vec![n; 32].into()).to_vec());
        assert!(matches!(refused_decode(&forged), DecodeError::SeenUnsorted { .. }));
    }
}

#[test]
fn payload_and_salt_come_together_and_as_long_as_the_header_says() {
    let good = Forged::after(OTHER, found().ledger(), None).sign();
    let half = v1::SignedEntry { salt: None, ..good.clone() };
    assert_eq!(decode_entry(half).unwrap_err(), DecodeError::PayloadHalf { found: "payload" });
    let longer = v1::SignedEntry { payload: Some(vec![0; 9].into()), ..good };
    let error = decode_entry(longer).unwrap_err();
    assert!(matches!(error, DecodeError::PayloadLength { found: 9, .. }), "{error}");
}

#[test]
fn the_remaining_header_rules_have_their_own_refusals() {
    let good = Forged::after(OTHER, found().ledger(), None);
    let kind = good.clone().spoil(|header| header.kind = 4);
    assert_eq!(refused_decode(&kind), DecodeError::UnknownKind { found: 4 });
    let late = 253_402_300_800_000;
    let claimed = good.clone().spoil(|header| header.claimed_at_ms = late);
    assert_eq!(refused_decode(&claimed), DecodeError::ClaimedTooLate { found: late });
    let low = good.clone().spoil(|header| header.height = 0);
    assert_eq!(refused_decode(&low), DecodeError::HeightZero);
    let rootless = good.spoil(|header| header.prev = vec![].into());
    assert!(matches!(refused_decode(&rootless), DecodeError::PrevMissing { .. }));
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let mut replica = found();
    let good = Forged::after(OTHER, replica.ledger(), None).sign();
    let other = Forged::after(NODE, replica.ledger(), None).sign();
    let swapped = v1::SignedEntry { signature: other.signature, ..good };
    let error = refusal(offer(&mut replica, swapped));
    assert!(matches!(error, IngestError::Verify(VerifyError::BadSignature { .. })), "{error}");
}

#[test]
fn entries_and_charters_of_another_ledger_are_refused() {
    let mut replica = found();
    let elsewhere = LedgerId::from_bytes([5; 32]);
    let foreign = Forged::after(OTHER, elsewhere, None);
    let expected = replica.ledger();
    assert_eq!(
        refusal(offer(&mut replica, foreign.sign())),
        IngestError::Verify(VerifyError::WrongLedger { expected, found: elsewhere })
    );
    let charter = Forged::charter(OTHER, small_charter(2)).sign();
    assert_eq!(refusal(offer(&mut replica, charter)).code(), "verify.wrong_ledger");
    assert_eq!(replica.count_entries().unwrap(), 1);
}

#[test]
fn a_weak_author_is_refused() {
    let mut replica = found();
    let mut identity = vec![0; 32];
    identity[0] = 1;
    let weak = Forged::after(OTHER, replica.ledger(), None)
        .spoil(|header| header.author = identity.into());
    let error = refusal(offer(&mut replica, weak.sign()));
    assert!(matches!(error, IngestError::Verify(VerifyError::WeakKey { .. })), "{error}");
}

#[test]
fn a_salt_that_was_not_signed_is_refused() {
    let mut replica = found();
    let good = Forged::after(OTHER, replica.ledger(), None).sign();
    let salted = v1::SignedEntry { salt: Some(vec![8; 16].into()), ..good.clone() };
    let error = refusal(offer(&mut replica, salted));
    assert!(matches!(error, IngestError::Verify(VerifyError::PayloadHash { .. })), "{error}");
    assert_eq!(offer(&mut replica, good), Outcome::Stored { arrival: 1 });
}

#[test]
fn a_strangers_feed_is_never_stored() {
    let mut replica = found();
    let stranger = Forged::after(STRANGER, replica.ledger(), None);
    assert_eq!(
        refusal(offer(&mut replica, stranger.sign())),
        IngestError::Chain(ChainError::Stranger { key: public(STRANGER) })
    );
    assert_eq!(replica.count_entries().unwrap(), 1);
}

#[test]
fn the_founder_has_one_first_entry() {
    let mut replica = found();
    let second = Forged::after(FOUNDER, replica.ledger(), None);
    assert_eq!(
        refusal(offer(&mut replica, second.sign())),
        IngestError::Chain(ChainError::FounderSecondStart { key: public(FOUNDER) })
    );
    assert!(replica.list_fork_proofs().unwrap().is_empty());
}

#[test]
fn an_entry_after_a_gap_waits_and_comes_in_with_its_parent() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = Forged::after(OTHER, ledger, None);
    let second = Forged::after(OTHER, ledger, Some((&first.entry(), 1_000)));
    let third = Forged::after(OTHER, ledger, Some((&second.entry(), 1_000)));
    let missing = vec![second.entry().id()];
    let waits = Outcome::HeldBack { missing: missing.clone(), needed: false };
    assert_eq!(offer(&mut replica, third.sign()), waits);
    assert_eq!(replica.list_wanted().into_iter().collect::<Vec<_>>(), missing);
    let waits = Outcome::HeldBack { missing: vec![first.entry().id()], needed: false };
    assert_eq!(offer(&mut replica, second.sign()), waits);
    let ingested = replica.ingest(vec![Ok(first.entry())], Origin::Local).unwrap();
    assert_eq!(ingested.released, vec![second.entry().id(), third.entry().id()]);
    assert_eq!(replica.count_entries().unwrap(), 4);
    assert!(replica.list_wanted().is_empty());
}

#[test]
fn prev_must_be_the_authors_own_entry_before() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = Forged::after(OTHER, ledger, None);
    offer(&mut replica, first.sign());
    let after = Some((&first.entry(), 1_000));
    let foreign = Forged::after(NODE, ledger, after);
    let jumped = Forged::after(OTHER, ledger, after).spoil(|header| header.seq = 7);
    for (wrong, expected) in [(foreign, 0), (jumped, 6)] {
        let error = refusal(offer(&mut replica, wrong.sign()));
        let IngestError::Chain(ChainError::WrongPrev { expected_seq, found_seq, .. }) = error
        else {
            panic!("{error}");
        };
        assert_eq!((expected_seq, found_seq), (expected, 0));
    }
}

#[test]
fn height_must_follow_from_the_parents() {
    let mut replica = found();
    let wrong = Forged::after(OTHER, replica.ledger(), None).spoil(|header| header.height = 2);
    let key = public(OTHER);
    assert_eq!(
        refusal(offer(&mut replica, wrong.sign())),
        IngestError::Chain(ChainError::WrongHeight { key, seq: 0, expected: 1, found: 2 })
    );
}

#[test]
fn a_feed_does_not_cite_itself_in_seen() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = Forged::after(OTHER, ledger, None);
    offer(&mut replica, first.sign());
    let own = Forged::after(OTHER, ledger, Some((&first.entry(), 1_000))).seeing(&first.entry());
    let cited = first.entry().id();
    assert_eq!(
        refusal(offer(&mut replica, own.sign())),
        IngestError::Chain(ChainError::SeenOwnFeed { key: public(OTHER), seq: 1, cited })
    );
}

#[test]
fn claimed_time_never_decreases_within_a_feed() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = Forged::after(OTHER, ledger, None);
    offer(&mut replica, first.sign());
    let early = Forged::after(OTHER, ledger, Some((&first.entry(), 999)));
    assert_eq!(
        refusal(offer(&mut replica, early.sign())),
        IngestError::Chain(ChainError::ClaimedBeforePrev {
            key: public(OTHER),
            seq: 1,
            expected: 1_000,
            found: 999
        })
    );
}

#[test]
fn governance_without_payload_waits_for_it_and_a_fact_does_not() {
    let mut replica = found();
    let ledger = replica.ledger();
    let bare = |forged: &Forged| v1::SignedEntry { payload: None, salt: None, ..forged.sign() };

    let governance = Forged::after(OTHER, ledger, None).spoil(|header| header.kind = 1);
    let id = governance.entry().id();
    let waits = Outcome::HeldBack { missing: vec![id], needed: false };
    assert_eq!(offer(&mut replica, bare(&governance)), waits);
    assert!(replica.list_wanted().contains(&id));
    assert_eq!(offer(&mut replica, governance.sign()), Outcome::Stored { arrival: 1 });
    assert!(replica.list_wanted().is_empty());

    let fact = Forged::after(NODE, ledger, None).spoil(|header| header.kind = 3);
    assert_eq!(offer(&mut replica, bare(&fact)), Outcome::Stored { arrival: 2 });
    assert_eq!(replica.list_pending().unwrap(), vec![fact.entry().id()]);
    assert_eq!(offer(&mut replica, fact.sign()), Outcome::PayloadStored);
    assert_eq!(offer(&mut replica, fact.sign()), Outcome::AlreadyHeld);
    assert!(replica.list_pending().unwrap().is_empty());
    let read = replica.read_entry(&fact.entry().id()).unwrap().unwrap();
    assert!(read.payload().is_some());
}

#[test]
fn what_a_peer_may_leave_waiting_is_bounded() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = Forged::after(OTHER, ledger, None);
    let mut offered = Vec::new();
    let mut previous = first.entry();
    for _ in 0..4_100 {
        let next = Forged::after(OTHER, ledger, Some((&previous, 1_000))).entry();
        offered.push(Ok(next.clone()));
        previous = next;
    }
    let ingested = replica.ingest(offered, Origin::Peer(1)).unwrap();
    let full =
        |outcome: &Outcome| matches!(outcome, Outcome::Refused(IngestError::HeldBackFull(_)));
    assert_eq!(ingested.outcomes.iter().filter(|(_, outcome)| full(outcome)).count(), 4);
    // Another peer still has its own room, and the missing parent brings everything in.
    let ingested = replica.ingest(vec![Ok(first.entry())], Origin::Peer(2)).unwrap();
    assert_eq!(ingested.released.len(), 4_096);
}
