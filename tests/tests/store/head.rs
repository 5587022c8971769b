// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The head file: durable before the entry leaves, never a step back, never another's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::entry::{Draft, Kind, Payload, Prev, VerifiedEntry, sign_draft};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::{LedgerId, PublicKey};
use constancia_ledger::store::{
    CrashDisk, EntryLog as _, FileLog, HeadError, HeadFile, HeadVerdict, LockPatience, Record,
    RecordKind, Unsynced, check_head,
};
use ed25519_dalek::SigningKey;

use crate::scene::{MARKER, log_folder, record};

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(signing_key(seed).verifying_key().to_bytes())
}

fn sign(seed: u8, ledger: Option<LedgerId>, seq: u64, prev: Prev, text: &str) -> VerifiedEntry {
    let draft = Draft {
        seq,
        prev,
        seen: Vec::new(),
        height: if ledger.is_some() { seq + 1 } else { 0 },
        claimed_at_ms: 1_700_000_000_000,
        kind: Kind::Fact,
        payload: Payload { bytes: Bytes::copy_from_slice(text.as_bytes()), salt: [3; 16] },
    };
    sign_draft(draft, ledger, public(seed), &signing_key(seed)).unwrap()
}

/// A feed of so many entries, by the member with this key, in a ledger that key 1 founded.
fn feed(seed: u8, count: u64) -> (LedgerId, Vec<VerifiedEntry>) {
    let ledger = LedgerId::of_charter(sign(1, None, 0, Prev::Nothing, "charter").id());
    let mut entries: Vec<VerifiedEntry> = Vec::new();
    for seq in 0..count {
        let prev = entries.last().map_or(Prev::Ledger(ledger), |entry| Prev::Entry(entry.id()));
        entries.push(sign(seed, Some(ledger), seq, prev, "fact"));
    }
    (ledger, entries)
}

/// A log of three records, the first of them a charter, that nobody has noted the end of.
pub(crate) fn log_with_charter() -> (CrashDisk, LedgerId) {
    let charter = sign(1, None, 0, Prev::Nothing, "charter");
    let ledger = LedgerId::of_charter(charter.id());
    let disk = CrashDisk::default();
    let mut log = FileLog::create(Arc::new(disk.clone()), &log_folder(), ledger, MARKER).unwrap();
    log.append(&[Record { kind: RecordKind::Entry, bytes: charter.encode() }]).unwrap();
    log.append(&[record(1), record(2)]).unwrap();
    disk.change(&crate::scene::end_note_path(), Vec::clear);
    (disk, ledger)
}

fn path() -> PathBuf {
    PathBuf::from("/keys/sign.head")
}

fn open(disk: &CrashDisk, ledger: LedgerId, seed: u8) -> Result<HeadFile, HeadError> {
    HeadFile::open_on(Arc::new(disk.clone()), path(), ledger, public(seed))
}

#[test]
fn the_last_signed_entry_reads_back_whole() {
    let (ledger, entries) = feed(2, 3);
    let disk = CrashDisk::default();
    assert!(open(&disk, ledger, 2).unwrap().head().is_none());
    for entry in &entries {
        let mut file = open(&disk, ledger, 2).unwrap();
        file.write(entry).unwrap();
        // Writing it again changes nothing.
        file.write(entry).unwrap();
        let after = open(&disk.restart(Unsynced::Lost), ledger, 2).unwrap();
        assert_eq!(after.head().unwrap().entry(), entry);
    }
}

#[test]
fn nothing_at_or_below_the_head_nor_beyond_the_next_is_written() {
    let (ledger, entries) = feed(2, 4);
    let disk = CrashDisk::default();
    let mut file = open(&disk, ledger, 2).unwrap();
    let refused = file.write(&entries[1]).unwrap_err();
    assert!(matches!(refused, HeadError::NotNext { expected: 0, found: 1, .. }));
    file.write(&entries[0]).unwrap();
    file.write(&entries[1]).unwrap();
    let other = sign(2, Some(ledger), 1, Prev::Entry(entries[0].id()), "another");
    for wrong in [&entries[0], &other, &entries[3]] {
        let refused = file.write(wrong).unwrap_err();
        assert!(matches!(refused, HeadError::NotNext { expected: 2, .. }), "{refused}");
    }
    assert_eq!(open(&disk, ledger, 2).unwrap().head().unwrap().entry(), &entries[1]);
}

#[test]
fn stopped_at_any_call_the_old_or_the_new_head_is_there_and_the_new_once_it_was_written() {
    let (ledger, entries) = feed(2, 2);
    for stop in 0..5 {
        for takes_effect in [false, true] {
            for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn(50), Unsynced::Zeroed] {
                let disk = CrashDisk::default();
                let mut file = open(&disk, ledger, 2).unwrap();
                file.write(&entries[0]).unwrap();
                disk.stop_at(stop, takes_effect);
                let written = file.write(&entries[1]).is_ok();
                let after = open(&disk.restart(unsynced), ledger, 2).unwrap();
                let seq = after.head().unwrap().seq();
                assert!(seq == 1 || !written);
            }
        }
    }
}

#[test]
fn every_flipped_byte_and_every_cut_is_a_clear_error() {
    let (ledger, entries) = feed(2, 1);
    let disk = CrashDisk::default();
    open(&disk, ledger, 2).unwrap().write(&entries[0]).unwrap();
    let len = disk.read(&path()).unwrap().len();
    for at in 0..len {
        let flipped = disk.copy();
        flipped.flip(&path(), at, 0x20);
        let error = open(&flipped, ledger, 2).unwrap_err();
        assert!(matches!(error, HeadError::Damaged { .. }), "byte {at}: {error}");
        assert_eq!(error.code(), "head.damaged");
        let cut = disk.copy();
        cut.change(&path(), |bytes| bytes.truncate(at));
        assert!(matches!(open(&cut, ledger, 2), Err(HeadError::Damaged { .. })), "cut at {at}");
    }
}

#[test]
fn a_foreign_head_file_is_never_ignored() {
    let (ledger, entries) = feed(2, 1);
    let disk = CrashDisk::default();
    open(&disk, ledger, 2).unwrap().write(&entries[0]).unwrap();
    assert!(matches!(open(&disk, ledger, 3), Err(HeadError::WrongKey { .. })));
    let other = LedgerId::from_bytes([9; 32]);
    assert!(matches!(open(&disk, other, 2), Err(HeadError::WrongLedger { .. })));
    let mut file = open(&CrashDisk::default(), ledger, 3).unwrap();
    assert!(matches!(file.write(&entries[0]), Err(HeadError::WrongKey { .. })));
}

#[test]
fn one_process_at_a_time_signs_with_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let key_path = folder.path().join("sign");
    let (ledger, entries) = feed(2, 1);
    let mut file = HeadFile::open(&key_path, ledger, public(2), LockPatience::None).unwrap();
    let refused = HeadFile::open(&key_path, ledger, public(2), LockPatience::None).unwrap_err();
    assert!(matches!(refused, HeadError::Busy { .. }));
    file.write(&entries[0]).unwrap();
    drop(file);
    let file = HeadFile::open(&key_path, ledger, public(2), LockPatience::None).unwrap();
    assert_eq!(file.head().unwrap().id(), entries[0].id());
    assert!(
        HeadFile::path_for(Path::new("sign"), ledger).to_str().unwrap().starts_with("sign.head-")
    );
}

#[test]
fn what_the_head_file_and_the_store_say_together() {
    let (ledger, entries) = feed(2, 5);
    let key = public(2);
    let disk = CrashDisk::default();
    let mut file = open(&disk, ledger, 2).unwrap();
    let held = |seq: usize| Some((u64::try_from(seq).unwrap(), entries[seq].id()));
    assert_eq!(check_head(key, file.head(), None).unwrap(), HeadVerdict::InStep);
    let behind = check_head(key, None, held(0)).unwrap_err();
    assert_eq!(behind.code(), "head.key_behind");
    file.write(&entries[0]).unwrap();
    let reingest = HeadVerdict::ReingestHead(Box::new(entries[0].clone()));
    assert_eq!(check_head(key, file.head(), None).unwrap(), reingest);
    file.write(&entries[1]).unwrap();
    file.write(&entries[2]).unwrap();
    assert_eq!(check_head(key, file.head(), held(2)).unwrap(), HeadVerdict::InStep);
    let reingest = HeadVerdict::ReingestHead(Box::new(entries[2].clone()));
    assert_eq!(check_head(key, file.head(), held(1)).unwrap(), reingest);
    for store in [None, held(0)] {
        let behind = check_head(key, file.head(), store).unwrap_err();
        assert_eq!(behind.code(), "head.store_behind");
    }
    let behind = check_head(key, file.head(), held(3)).unwrap_err();
    assert_eq!(behind.code(), "head.key_behind");
    for (seq, other) in [(2, 4), (1, 4)] {
        let forked = check_head(key, file.head(), Some((seq, entries[other].id()))).unwrap_err();
        assert_eq!(forked.code(), "head.diverged");
    }
    file.adopt(&entries[4]).unwrap();
    assert_eq!(check_head(key, file.head(), held(4)).unwrap(), HeadVerdict::InStep);
}

#[test]
fn stopped_at_any_call_a_head_whose_payload_is_dropped_stays_the_head() {
    let (ledger, entries) = feed(2, 2);
    for stop in 0..5 {
        for takes_effect in [false, true] {
            for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn(50), Unsynced::Zeroed] {
                let disk = CrashDisk::default();
                let mut file = open(&disk, ledger, 2).unwrap();
                file.write(&entries[0]).unwrap();
                disk.stop_at(stop, takes_effect);
                let dropped = file.drop_payload().is_ok();
                let mut after = open(&disk.restart(unsynced), ledger, 2).unwrap();
                assert_eq!(after.head().unwrap().id(), entries[0].id());
                assert!(!(dropped && after.has_payload()));
                after.drop_payload().unwrap();
                // Signed again it does not come back, and the feed goes on.
                after.write(&entries[0]).unwrap();
                assert!(!after.has_payload());
                let in_step = check_head(public(2), after.head(), Some((0, entries[0].id())));
                assert_eq!(in_step.unwrap(), HeadVerdict::InStep);
                after.write(&entries[1]).unwrap();
            }
        }
    }
}
