// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every bit of a signed entry flipped, every byte of it cut off: refused with a code.

use constancia_ledger::entry::decode_signed_entry;
use constancia_ledger::fault::Coded as _;
use constancia_ledger::replica::{Origin, Outcome, Replica};
use constancia_proto::v1;
use constancia_tests::everything::{Act, Everything, Holding, take, without_payload};
use constancia_tests::network::new_replica;
use prost::Message as _;

use crate::scene::case;

/// A replica that lacks nothing but the last entry, and that entry.
fn all_but_the_last() -> (Replica, v1::SignedEntry) {
    let mut everything = Everything::new();
    let mut replica = new_replica(&everything.charter);
    let Some(Act::Entries(last)) = everything.acts.pop() else {
        panic!("the last act is an entry");
    };
    for act in &everything.acts {
        take(&mut replica, act).unwrap();
    }
    (replica, last[0].clone())
}

/// Offers bytes as an entry: why it is refused, or what became of it.
fn offer(replica: &mut Replica, bytes: Vec<u8>) -> Result<Outcome, &'static str> {
    let offered = vec![decode_signed_entry(&bytes.into())];
    match replica.ingest(offered, Origin::Peer(1)).unwrap().outcomes.remove(0).1 {
        Outcome::Refused(error) => Err(error.code()),
        outcome => Ok(outcome),
    }
}

#[test]
fn every_flipped_bit_of_an_entry_is_refused_with_a_code() {
    let (mut replica, entry) = all_but_the_last();
    let before = Holding::of(&replica).unwrap();
    let whole = entry.encode_to_vec();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            let name = format!("byte {at} bit {bit}");
            let code = case(&name, || offer(&mut replica, flipped)).expect_err(&name);
            assert!(code.starts_with("decode.") || code.starts_with("verify."), "{name}: {code}");
        }
    }
    assert_eq!(Holding::of(&replica).unwrap(), before, "nothing of it was kept");
    assert!(matches!(offer(&mut replica, whole), Ok(Outcome::Stored { .. })));
}

#[test]
fn every_byte_value_at_every_place_of_a_header_and_a_signature_is_refused() {
    let (mut replica, entry) = all_but_the_last();
    let whole = entry.encode_to_vec();
    let signed = without_payload(&entry).encoded_len();
    // The framing and the signature are refused by the bytes alone, so every value is tried; within
    // the header a signature check decides, and the test above has tried every bit.
    let header = entry.header.len();
    let outside = (0..signed).filter(|at| !(3..3 + header).contains(at));
    for at in outside {
        for value in (0..=u8::MAX).filter(|value| *value != whole[at]) {
            let mut changed = whole.clone();
            changed[at] = value;
            let name = format!("byte {at} = {value}");
            case(&name, || offer(&mut replica, changed)).expect_err(&name);
        }
    }
}

#[test]
fn an_entry_cut_off_anywhere_is_refused_unless_all_that_is_gone_is_its_payload() {
    let (mut replica, entry) = all_but_the_last();
    let whole = entry.encode_to_vec();
    let bare = without_payload(&entry).encoded_len();
    for len in 0..whole.len() {
        let offered = case(&format!("cut to {len}"), || offer(&mut replica, whole[..len].to_vec()));
        if len == bare {
            // What is signed is whole. The payload is pending, which status and verify say.
            assert!(matches!(offered, Ok(Outcome::Stored { .. })), "{offered:?}");
            let id = decode_signed_entry(&whole.clone().into()).unwrap().id();
            assert!(replica.list_pending().unwrap().contains(&id));
        } else {
            assert!(offered.is_err(), "cut to {len}: {offered:?}");
        }
    }
    assert_eq!(offer(&mut replica, whole), Ok(Outcome::PayloadStored));
}

#[test]
fn every_byte_put_in_or_taken_out_of_an_entry_is_refused() {
    let (mut replica, entry) = all_but_the_last();
    let whole = entry.encode_to_vec();
    for at in 0..=whole.len() {
        for put_in in [0x00, 0x01, 0x80, 0xff] {
            let mut longer = whole.clone();
            longer.insert(at, put_in);
            let name = format!("{put_in} put in at {at}");
            case(&name, || offer(&mut replica, longer)).expect_err(&name);
        }
        if at < whole.len() {
            let mut shorter = whole.clone();
            shorter.remove(at);
            let name = format!("byte {at} taken out");
            case(&name, || offer(&mut replica, shorter)).expect_err(&name);
        }
    }
}
