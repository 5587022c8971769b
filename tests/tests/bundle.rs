// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: a bundle carries exactly the ledger, and every byte of it that is not as it was written is
//! refused, naming its place.

use constancia_ledger::bundle::{BUNDLE_LINE, BundleError, Imported, export, import, open_bundle};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_proto::v1::bundle_item::Item;
use constancia_tests::forge::{Forged, public, small_charter};
use constancia_tests::network::{Dice, charter, make_entry, new_replica, put, write};
use prost::Message as _;
use std::collections::BTreeSet;
use std::sync::Arc;

const A: u8 = 11;
const B: u8 = 12;
const C: u8 = 13;

fn write_whole(replica: &Replica) -> Vec<u8> {
    let mut file = Vec::new();
    export(replica, None, &mut file).unwrap();
    file
}

fn read_into_new(file: &[u8]) -> Result<(Replica, Imported), BundleError> {
    let bundle = open_bundle(file)?;
    let log = Box::new(MemoryLog::default());
    let rows = Arc::new(MemoryRows::default());
    let mut replica = Replica::found(bundle.charter()?, log, rows)?;
    let imported = import(bundle, &mut replica, &mut |_| ())?;
    Ok((replica, imported))
}

/// The items of a file, with the offset of each.
fn split(file: &[u8]) -> Vec<(usize, v1::BundleItem)> {
    let mut rest = &file[BUNDLE_LINE.len()..];
    let mut items = Vec::new();
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        items.push((offset, v1::BundleItem::decode_length_delimited(&mut rest).unwrap()));
    }
    items
}

fn join(items: &[v1::BundleItem]) -> Vec<u8> {
    let mut file = BUNDLE_LINE.to_vec();
    for item in items {
        file.extend(item.encode_length_delimited_to_vec());
    }
    file
}

fn written() -> (Replica, Vec<u8>) {
    let mut replica = new_replica(&charter(4));
    let mut dice = Dice::new(1);
    for seed in [A, B, A, C] {
        write(&mut replica, seed, 5, &mut dice);
    }
    let file = write_whole(&replica);
    (replica, file)
}

#[test]
fn a_bundle_carries_the_whole_ledger() {
    let (replica, file) = written();
    let (copy, imported) = read_into_new(&file).unwrap();
    assert_eq!(copy.frontier(), replica.frontier());
    assert_eq!((imported.accepted, imported.already_held, imported.refused_count), (20, 1, 0));
    assert_eq!(imported.bytes, u64::try_from(file.len()).unwrap());
    assert_eq!(write_whole(&copy), file, "what was read writes the same file");
}

#[test]
fn the_charter_is_first_and_every_parent_before_its_child() {
    let (_, file) = written();
    let mut seen = BTreeSet::new();
    for (_, item) in split(&file) {
        if let Some(Item::Entry(entry)) = item.item {
            let entry = constancia_ledger::entry::decode_entry(entry).unwrap();
            assert!(entry.header().parents().all(|parent| seen.contains(&parent)));
            seen.insert(entry.id());
        }
    }
    assert_eq!(seen.len(), 21);
}

#[test]
fn since_a_frontier_it_carries_the_charter_and_what_is_new() {
    let (mut replica, old) = written();
    let since = replica.frontier().clone();
    write(&mut replica, B, 7, &mut Dice::new(2));
    let mut file = Vec::new();
    assert_eq!(export(&replica, Some(since), &mut file).unwrap(), 8);
    let (mut copy, _) = read_into_new(&old).unwrap();
    let imported = import(open_bundle(&*file).unwrap(), &mut copy, &mut |_| ()).unwrap();
    assert_eq!((imported.accepted, imported.already_held), (7, 1));
    assert_eq!(copy.frontier(), replica.frontier());
    // To somebody who lacks what it builds on it is of no use, and it says so.
    let mut other = new_replica(&charter(4));
    let imported = import(open_bundle(&*file).unwrap(), &mut other, &mut |_| ()).unwrap();
    assert_eq!((imported.held_back, imported.refused_count), (7, 7));
    assert_eq!(imported.refused[0].code, "chain.parent_missing");
}

#[test]
fn a_branch_that_somebody_cites_is_in_it_and_one_that_nobody_cites_is_not() {
    let mut replica = new_replica(&charter(4));
    let mut other = new_replica(&charter(4));
    let mut dice = Dice::new(3);
    let cited = write(&mut replica, A, 6, &mut dice);
    let citing = write(&mut replica, B, 1, &mut dice);
    let branch = write(&mut other, A, 4, &mut dice);
    let citing_branch = write(&mut other, C, 1, &mut dice);
    // The first of the other branch proves the fork; the rest waits for it until somebody cites it.
    let beyond = make_entry(&replica, A, 99);
    put(&mut replica, &branch);
    put(&mut replica, &[beyond]);
    put(&mut replica, &citing_branch);
    put(&mut replica, &branch.iter().rev().cloned().collect::<Vec<_>>());
    assert!(replica.find(&citing_branch[0].id()).unwrap().is_some());
    let file = write_whole(&replica);
    let (copy, imported) = read_into_new(&file).unwrap();
    assert_eq!(copy.frontier(), replica.frontier());
    assert_eq!(copy.find_fork_proof(&public(A)).unwrap().unwrap().seq(), 0);
    assert_eq!((imported.held_back, imported.not_needed), (0, 0));
    let kept = cited.iter().chain(&citing).chain(&branch).chain(&citing_branch);
    for entry in kept {
        assert!(copy.find(&entry.id()).unwrap().is_some());
    }
    assert_eq!(copy.count_entries().unwrap(), 1 + 6 + 1 + 4 + 1);
    assert!(matches!(split(&file)[0].1.item, Some(Item::ForkProof(_))));
}

#[test]
fn any_changed_byte_is_refused_or_makes_an_entry_that_is() {
    let (replica, file) = written();
    for place in (0..file.len()).step_by(7) {
        let mut changed = file.clone();
        changed[place] ^= 0x10;
        match read_into_new(&changed) {
            Err(_) => {}
            Ok((copy, imported)) => {
                assert!(imported.refused_count > 0, "byte {place} went unseen");
                assert!(copy.count_entries().unwrap() < replica.count_entries().unwrap());
            }
        }
    }
}

#[test]
fn a_changed_payload_is_refused_with_the_offset_of_its_item() {
    let (_, file) = written();
    let mut items = split(&file);
    let (offset, item) = &mut items[5];
    let offset = *offset;
    if let Some(Item::Entry(entry)) = &mut item.item {
        let mut payload = entry.payload.clone().unwrap().to_vec();
        payload[0] ^= 1;
        entry.payload = Some(payload.into());
    }
    let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
    let (_, imported) = read_into_new(&join(&items)).unwrap();
    assert_eq!(imported.refused[0].code, "verify.payload_hash");
    assert_eq!(imported.refused[0].offset, u64::try_from(offset).ok());
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let (_, file) = written();
    for length in (0..file.len()).step_by(11) {
        assert!(read_into_new(&file[..length]).is_err(), "cut at byte {length}");
    }
}

#[test]
fn items_that_are_not_canonical_are_refused_naming_their_offset() {
    let (_, file) = written();
    let items = split(&file);
    let (offset, item) = &items[3];
    let bytes = item.encode_to_vec();
    let spoilt: [(Vec<u8>, &str); 5] = [
        ([bytes.as_slice(), &[0x78, 1]].concat(), "bundle.not_canonical"),
        (vec![0x0a], "bundle.not_an_item"),
        (vec![], "bundle.empty"),
        (vec![0x0a, 0], "bundle.entry"),
        (vec![0x12, 0], "bundle.proof_after_entry"),
    ];
    for (item, code) in spoilt {
        let mut changed = file[..*offset].to_vec();
        prost::encode_length_delimiter(item.len(), &mut changed).unwrap();
        changed.extend(item);
        let error = read_into_new(&changed).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(&format!("byte {offset}")), "{error}");
    }
    let lengths: [(&[u8], &str); 3] = [
        (&[0x81, 0x00], "bundle.length"),
        (&[0xff, 0xff, 0xff, 0xff, 0x0f], "bundle.item_too_long"),
        (&[0xff; 11], "bundle.length"),
    ];
    for (length, code) in lengths {
        let changed = [&file[..*offset], length].concat();
        assert_eq!(read_into_new(&changed).unwrap_err().code(), code);
    }
}

#[test]
fn what_is_no_bundle_or_another_ledgers_is_refused() {
    assert_eq!(
        open_bundle(&b"constancia-bundle-v2\n"[..]).unwrap_err().code(),
        "bundle.not_a_bundle"
    );
    assert_eq!(open_bundle(BUNDLE_LINE).unwrap_err().code(), "bundle.no_charter");
    let (_, file) = written();
    let mut items: Vec<_> = split(&file).into_iter().map(|(_, item)| item).collect();
    items.remove(0);
    assert_eq!(open_bundle(&*join(&items)).unwrap_err().code(), "bundle.charter_missing");
    let mut other = new_replica(&charter(5));
    let error = import(open_bundle(&*file).unwrap(), &mut other, &mut |_| ()).unwrap_err();
    assert_eq!(error.code(), "bundle.wrong_ledger");
}

#[test]
fn a_bundle_with_the_other_branch_of_a_fork_is_taken_as_honest() {
    let charter = charter(4);
    let mut dice = Dice::new(1);
    let (mut one, mut other) = (new_replica(&charter), new_replica(&charter));
    write(&mut one, A, 1, &mut dice);
    write(&mut other, A, 3, &mut dice);
    let file = write_whole(&other);
    let imported = import(open_bundle(&*file).unwrap(), &mut one, &mut |_| ()).unwrap();
    assert_eq!((imported.not_needed, imported.held_back), (3, 0));
    assert_eq!(imported.refused, []);
    assert_eq!(one.find_fork_proof(&public(A)).unwrap().unwrap().seq(), 0);
}

/// A file of these entries in this order, with its end.
fn file_of(charter: &v1::SignedEntry, entries: &[v1::SignedEntry]) -> Vec<u8> {
    let all = [charter].into_iter().chain(entries);
    let mut items: Vec<Item> = all.map(|entry| Item::Entry(entry.clone())).collect();
    let end = v1::BundleEnd { entries: u64::try_from(items.len()).unwrap(), fork_proofs: 0 };
    items.push(Item::End(end));
    join(&items.into_iter().map(|item| v1::BundleItem { item: Some(item) }).collect::<Vec<_>>())
}

fn small() -> (v1::SignedEntry, LedgerId) {
    let charter = Forged::charter(10, small_charter(4));
    (charter.sign(), LedgerId::of_charter(charter.entry().id()))
}

#[test]
fn a_branch_that_is_cited_long_after_it_was_read_is_taken() {
    let (charter, ledger) = small();
    let after = |entry: &Forged, claimed| Forged::after(A, ledger, Some((&entry.entry(), claimed)));
    let first = Forged::after(A, ledger, None);
    let (left, right) = (after(&first, 1_001), after(&first, 1_002));
    let (left_next, right_next) = (after(&left, 1_003), after(&right, 1_004));
    // More than what is taken in at a time.
    let mut large = vec![Forged::after(C, ledger, None)];
    for n in 0..6 {
        large[n].set_payload(vec![0xff; 1 << 20]);
        large.push(Forged::after(C, ledger, Some((&large[n].entry(), 2_000))));
    }
    let citing = Forged::after(B, ledger, None).seeing(&right_next.entry());
    let branches = [first, left, left_next, right.clone(), right_next.clone()];
    let entries = branches.iter().chain(&large).chain([&citing]);
    let entries: Vec<_> = entries.map(Forged::sign).collect();
    let (copy, imported) = read_into_new(&file_of(&charter, &entries)).unwrap();
    assert_eq!(imported.refused, []);
    for entry in [&right, &right_next, &citing] {
        assert!(copy.find(&entry.entry().id()).unwrap().is_some());
    }
}

#[test]
fn the_parent_that_is_named_is_the_one_that_is_missing() {
    let (charter, ledger) = small();
    // Of two parents the smaller id is looked for first.
    let mut parents = [A, C].map(|seed| Forged::after(seed, ledger, None));
    parents.sort_by_key(|parent| parent.entry().id());
    let [there, nowhere] = parents;
    let child = Forged::after(B, ledger, None).seeing(&there.entry()).seeing(&nowhere.entry());
    // Its parent that is there comes after it.
    let file = file_of(&charter, &[child.sign(), there.sign()]);
    let (_, imported) = read_into_new(&file).unwrap();
    assert_eq!((imported.accepted, imported.held_back, imported.refused_count), (1, 1, 1));
    let refused = &imported.refused[0];
    assert_eq!((refused.code, refused.id), ("chain.parent_missing", Some(child.entry().id())));
    let named = nowhere.entry().id().to_string();
    assert!(refused.message.contains(&named), "{} names {named}", refused.message);
}

#[test]
fn what_waited_in_a_bundle_is_refused_for_what_it_is_and_forgotten() {
    let (charter, ledger) = small();
    let parent = Forged::after(A, ledger, None);
    let child = Forged::after(B, ledger, None).seeing(&parent.entry()).spoil(|it| it.height = 9);
    let orphan = Forged::after(C, ledger, None).seeing(&child.entry());
    let file = file_of(&charter, &[orphan.sign(), child.sign(), parent.sign()]);
    let (copy, imported) = read_into_new(&file).unwrap();
    let codes: Vec<_> = imported.refused.iter().map(|item| (item.code, item.offset)).collect();
    let offsets: Vec<_> = split(&file).iter().map(|(at, _)| u64::try_from(*at).ok()).collect();
    let expected = [("chain.parent_missing", offsets[1]), ("chain.wrong_height", offsets[2])];
    assert_eq!(codes, expected);
    assert_eq!(copy.list_wanted(), BTreeSet::new());
}

#[test]
fn a_governance_entry_that_comes_whole_later_in_the_file_is_taken() {
    let (charter, ledger) = small();
    let whole = Forged::after(A, ledger, None).spoil(|header| header.kind = 1).sign();
    let without = v1::SignedEntry { payload: None, salt: None, ..whole.clone() };
    let taken = file_of(&charter, &[without.clone(), whole]);
    let (_, imported) = read_into_new(&taken).unwrap();
    assert_eq!((imported.accepted, imported.refused_count), (1, 0));
    let (_, imported) = read_into_new(&file_of(&charter, &[without])).unwrap();
    assert_eq!(imported.refused[0].code, "chain.governance_without_payload");
}
