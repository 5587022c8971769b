// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: whatever was changed of what is stored, verification names it, and a peer's copy mends it.
//!
//! Method: a small replica on a disk in memory, with everything that a log can hold; bytes flipped,
//! records swapped for others with true checksums, files cut, the index gone or lying.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use constancia_ledger::entry::ForkProof;
use constancia_ledger::id::EntryId;
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{Recovery, Replica, VerifyReport, restore_charter};
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, Gap, MemoryRows, Position, Record, RecordKind, Rows, Scanned,
    StoreError,
};
use constancia_proto::v1;
use constancia_tests::forge::public;
use constancia_tests::network::{Dice, charter, make_entry, put, write};

const FORKER: u8 = 12;

fn folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

fn segment_path() -> PathBuf {
    folder().join("00000000.seg")
}

/// A replica's store, with what it held when all was well.
struct Stored {
    disk: CrashDisk,
    rows: Arc<MemoryRows>,
    ids: BTreeMap<Position, EntryId>,
    positions: Vec<Position>,
    /// Where entries stand that others cite.
    cited: BTreeSet<Position>,
    copies: BTreeMap<EntryId, v1::SignedEntry>,
    bytes: Vec<u8>,
}

fn copy_rows(rows: &dyn Rows) -> Arc<MemoryRows> {
    let all = rows.range(&[0], &[255; 70], usize::MAX / 4).unwrap();
    let copy = MemoryRows::default();
    copy.apply(all.into_iter().map(|(key, value)| (key, Some(value))).collect()).unwrap();
    Arc::new(copy)
}

/// Entries of several members, one late payload, one pending, one fork.
fn store() -> Stored {
    let disk = CrashDisk::default();
    let rows = Arc::new(MemoryRows::default());
    let charter = charter(4);
    let ledger = constancia_ledger::id::LedgerId::of_charter(charter.id());
    let log = FileLog::create(Arc::new(disk.clone()), &folder(), ledger, *b"markmark").unwrap();
    let log = Box::new(log);
    let mut replica = Replica::found(charter, log, Arc::clone(&rows) as Arc<dyn Rows>).unwrap();
    let mut dice = Dice::new(5);
    write(&mut replica, 11, 2, &mut dice);
    write(&mut replica, FORKER, 1, &mut dice);
    let late = make_entry(&replica, 11, 1);
    put(&mut replica, &[late.clone().without_payload()]);
    write(&mut replica, 13, 1, &mut dice);
    put(&mut replica, &[late]);
    let rivals = [make_entry(&replica, FORKER, 7), make_entry(&replica, FORKER, 8)];
    put(&mut replica, &rivals[..1]);
    put(&mut replica, &rivals[1..]);
    write(&mut replica, 10, 1, &mut dice);
    let pending = make_entry(&replica, 13, 9).without_payload();
    put(&mut replica, &[pending]);
    write(&mut replica, 11, 1, &mut dice);

    let mut stored = Stored {
        bytes: Vec::new(),
        disk,
        rows,
        ids: BTreeMap::new(),
        positions: Vec::new(),
        cited: BTreeSet::new(),
        copies: BTreeMap::new(),
    };
    replica
        .rows()
        .walk_entries(&mut |row| {
            stored.ids.insert(row.position, row.facts.id);
            if let Some(late) = row.late_payload {
                stored.ids.insert(late, row.facts.id);
            }
            let copy = replica.read_message(&row.facts.id)?.unwrap();
            stored.copies.insert(row.facts.id, copy);
            let entry = replica.read_entry(&row.facts.id)?.unwrap();
            for parent in entry.header().parents() {
                stored.cited.extend(replica.find(&parent)?.map(|row| row.position));
            }
            Ok(true)
        })
        .unwrap();
    stored.positions = positions(replica.log());
    // A log that is open may have room laid out.
    drop(replica);
    stored.bytes = stored.disk.read(&segment_path()).unwrap();
    stored
}

fn positions(log: &dyn EntryLog) -> Vec<Position> {
    let mut positions = Vec::new();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(position, _) = scanned {
            positions.push(position);
        }
        Ok(true)
    })
    .unwrap();
    positions
}

impl Stored {
    fn copy(&self) -> Self {
        Self {
            disk: self.disk.copy(),
            rows: copy_rows(&*self.rows),
            ids: self.ids.clone(),
            positions: self.positions.clone(),
            cited: self.cited.clone(),
            copies: self.copies.clone(),
            bytes: self.bytes.clone(),
        }
    }

    fn without_index(mut self) -> Self {
        self.rows = Arc::new(MemoryRows::default());
        self
    }

    fn open(&self) -> Result<(Replica, Recovery), StoreError> {
        let durable = self.rows.meta().unwrap().map(|meta| meta.log_end);
        let (log, _) = FileLog::open(Arc::new(self.disk.clone()), &folder(), durable)?;
        Replica::recover(Box::new(log), Arc::clone(&self.rows) as Arc<dyn Rows>)
    }

    /// Whether the record is an entry that another one cites.
    fn is_cited(&self, position: Position) -> bool {
        self.cited.contains(&position)
    }

    fn record_at(&self, offset: usize) -> Option<Position> {
        let offset = u64::try_from(offset).unwrap();
        self.positions.iter().rfind(|position| position.offset <= offset).copied()
    }

    /// Asks a peer that has everything.
    fn repair(&self, replica: &mut Replica) -> constancia_ledger::replica::RepairReport {
        replica
            .repair(&mut |ids| ids.iter().filter_map(|id| self.copies.get(id).cloned()).collect())
            .unwrap()
    }
}

fn verify(replica: &Replica) -> VerifyReport {
    let mut last = (0, 0);
    let report = replica.verify_stored(&mut |done, total| last = (done, total)).unwrap();
    assert_eq!(last.0, last.1);
    report
}

#[test]
fn what_is_whole_is_found_whole() {
    let stored = store();
    let (replica, recovery) = stored.open().unwrap();
    assert!(recovery.is_sound());
    let report = verify(&replica);
    assert!(report.is_sound(), "{:?}", report.damages);
    assert_eq!(report.records, u64::try_from(stored.positions.len()).unwrap());
    assert_eq!(report.entries, replica.count_entries().unwrap());
    assert_eq!(report.forked_keys, [public(FORKER)]);
    assert_eq!(report.pending_payloads, 1);
}

#[test]
fn a_flipped_byte_is_named_with_its_entry_and_mended_from_a_peer() {
    let whole = store();
    // Every byte of some records, some bytes of all.
    for offset in
        (0..whole.bytes.len()).filter(|offset| offset % 29 == 0 || (2_500..2_650).contains(offset))
    {
        let stored = whole.copy();
        stored.disk.flip(&segment_path(), offset, 1 << (offset % 8));
        let Ok((mut replica, _)) = stored.open() else {
            // Without the charter nothing else can be read: see below.
            assert_eq!(stored.record_at(offset), Some(stored.positions[0]));
            continue;
        };
        let report = verify(&replica);
        let at = stored.record_at(offset);
        let damages = &report.damages;
        assert_eq!(damages.len(), 1, "byte {offset}: {damages:?}");
        assert_eq!(damages[0].code, "store.damaged");
        assert_eq!(damages[0].file, "00000000.seg");
        assert_eq!(damages[0].position, at.unwrap_or_default());
        let entry = at.and_then(|at| stored.ids.get(&at).copied());
        assert_eq!(damages[0].entry, entry, "byte {offset}");
        let repaired = stored.repair(&mut replica);
        assert_eq!(repaired.remaining, []);
        assert_eq!(repaired.repaired, Vec::from_iter(entry));
        assert_eq!(stored.disk.read(&segment_path()).unwrap(), whole.bytes, "byte {offset}");
        let frontier = replica.frontier().clone();
        drop(replica);
        let (replica, recovery) = stored.open().unwrap();
        assert!(recovery.is_sound());
        assert_eq!(*replica.frontier(), frontier);
    }
}

#[test]
fn without_an_index_what_is_cited_is_mended_and_what_nobody_knows_is_given_up_and_fetched_again() {
    let whole = store();
    for position in &whole.positions[1..] {
        let stored = whole.copy().without_index();
        let offset = usize::try_from(position.offset).unwrap() + 40;
        stored.disk.flip(&segment_path(), offset, 0x04);
        let (mut replica, recovery) = stored.open().unwrap();
        assert!(!recovery.is_sound());
        assert!(!verify(&replica).is_sound());
        let repaired = stored.repair(&mut replica);
        let is_cited = whole.is_cited(*position);
        if is_cited {
            assert_eq!(repaired.repaired, [whole.ids[position]], "{position:?}");
        } else {
            // Nobody knows what it was: given up, and brought back by the next exchange.
            assert_eq!(repaired.given_up, [*position]);
        }
        assert_eq!(repaired.remaining, []);
        let offered = whole.copies.values().cloned().map(constancia_ledger::entry::decode_entry);
        let origin = constancia_ledger::replica::Origin::Local;
        replica.ingest(offered.collect(), origin).unwrap();
        let (expected, _) = whole.open().unwrap();
        let proofs = expected.list_fork_proofs().unwrap();
        let proofs: Vec<_> = proofs.iter().map(ForkProof::to_message).collect();
        replica.ingest_proofs(&proofs).unwrap();
        assert_eq!(replica.frontier(), expected.frontier());
        assert!(verify(&replica).is_sound());
    }
}

#[test]
fn several_neighbouring_records_are_mended_with_and_without_an_index() {
    let whole = store();
    for first in 1..whole.positions.len() - 3 {
        for with_index in [true, false] {
            let mut stored = whole.copy();
            if !with_index {
                stored = stored.without_index();
            }
            let from = usize::try_from(whole.positions[first].offset).unwrap();
            let to = usize::try_from(whole.positions[first + 2].offset).unwrap() + 3;
            stored.disk.change(&segment_path(), |bytes| bytes[from + 3..to].fill(0));
            let (mut replica, _) = stored.open().unwrap();
            let report = verify(&replica);
            assert!(report.damages.len() >= if with_index { 2 } else { 1 });
            let repaired = stored.repair(&mut replica);
            assert_eq!(repaired.remaining, [], "{first} {with_index}");
            assert_eq!(
                repaired.given_up.is_empty(),
                with_index || (first..first + 3).all(|n| whole.is_cited(whole.positions[n])),
                "{first} {with_index} {:?}",
                repaired.given_up
            );
            assert!(stored.open().unwrap().1.is_sound());
        }
    }
}

#[test]
fn a_record_with_a_true_checksum_and_false_content_is_named_and_mended() {
    let whole = store();
    for (n, position) in whole.positions.iter().enumerate().skip(1) {
        let stored = whole.copy();
        let durable = Some(whole.rows.meta().unwrap().unwrap().log_end);
        let (mut log, _) =
            FileLog::open(Arc::new(stored.disk.clone()), &folder(), durable).unwrap();
        let mut record = log.read(*position).unwrap();
        let mut bytes = record.bytes.to_vec();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        record.bytes = bytes.into();
        let to = whole.positions.get(n + 1).copied().unwrap_or(log.end());
        let gap = Gap { from: *position, to, records: Some(1), reason: String::new() };
        log.replace(&gap, &[record]).unwrap();
        drop(log);
        let (mut replica, _) = stored.open().unwrap();
        let report = verify(&replica);
        assert_eq!(report.damages.len(), 1, "record {n}: {:?}", report.damages);
        assert_eq!(report.damages[0].position, *position);
        assert_eq!(report.damages[0].entry, stored.ids.get(position).copied());
        let repaired = stored.repair(&mut replica);
        assert_eq!(repaired.remaining, [], "record {n}");
        let (replica, recovery) = stored.open().unwrap();
        assert!(recovery.is_sound() && verify(&replica).is_sound());
    }
}

#[test]
fn a_log_that_lost_its_end_is_named_and_mended() {
    let whole = store();
    let last = whole.positions.len() - 3;
    for cut in [whole.positions[last].offset, whole.positions[last].offset + 50] {
        let stored = whole.copy();
        let cut = usize::try_from(cut).unwrap();
        stored.disk.change(&segment_path(), |bytes| bytes.truncate(cut));
        let (mut replica, recovery) = stored.open().unwrap();
        assert!(!recovery.is_sound());
        let report = verify(&replica);
        let named: Vec<_> = report.damages.iter().filter_map(|damage| damage.entry).collect();
        let gone: Vec<_> = whole.positions[last..].iter().map(|at| whole.ids[at]).collect();
        assert_eq!(named, gone);
        let repaired = stored.repair(&mut replica);
        assert_eq!((repaired.remaining, repaired.repaired), (Vec::new(), gone));
        assert_eq!(stored.disk.read(&segment_path()).unwrap().len(), whole.bytes.len());
        drop(replica);
        let (replica, recovery) = stored.open().unwrap();
        assert!(recovery.is_sound() && verify(&replica).is_sound());
    }
}

#[test]
fn an_index_that_lies_is_named_and_made_anew() {
    let whole = store();
    let rows = whole.rows.range(&[0], &[255; 70], 10_000).unwrap();
    for (key, value) in rows.iter().filter(|(key, _)| [b'e', b'a'].contains(&key[0])) {
        for change in [None, Some(flipped(value))] {
            let stored = whole.copy();
            let (mut replica, _) = stored.open().unwrap();
            stored.rows.apply(vec![(*key, change)]).unwrap();
            let report = verify(&replica);
            assert!(!report.is_sound(), "row {key:?}");
            assert!(report.damages.iter().all(|damage| damage.code == "store.index_damaged"));
            let repaired = stored.repair(&mut replica);
            assert_eq!(repaired.remaining, []);
            assert_eq!(stored.disk.read(&segment_path()).unwrap(), whole.bytes);
            assert_eq!(stored.rows.range(&[0], &[255; 70], 10_000).unwrap(), rows);
        }
    }
}

fn flipped(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    let middle = value.len() / 2;
    value[middle] ^= 1;
    value
}

#[test]
fn a_peer_that_sends_something_else_mends_nothing() {
    let whole = store();
    let stored = whole.copy();
    let position = whole.positions[2];
    stored.disk.flip(&segment_path(), usize::try_from(position.offset).unwrap() + 40, 1);
    let (mut replica, _) = stored.open().unwrap();
    let wanted = whole.ids[&position];
    let mut false_copy = whole.copies[&wanted].clone();
    false_copy.signature = vec![0; 64].into();
    let other = whole.copies.values().find(|copy| **copy != whole.copies[&wanted]).unwrap();
    let answers = [vec![], vec![other.clone()], vec![false_copy]];
    for answer in answers {
        let mut asked = Vec::new();
        let report = replica
            .repair(&mut |ids| {
                asked.extend_from_slice(ids);
                answer.clone()
            })
            .unwrap();
        assert_eq!(asked, [wanted]);
        assert_eq!(report.repaired, []);
        assert_eq!(report.remaining.len(), 1);
    }
    assert_eq!(stored.repair(&mut replica).remaining, []);
}

#[test]
fn a_damaged_charter_is_put_back_first() {
    let whole = store();
    let stored = whole.copy();
    let first = whole.positions[0];
    stored.disk.flip(&segment_path(), usize::try_from(first.offset).unwrap() + 60, 1);
    let refused = stored.open().unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    let durable = Some(whole.rows.meta().unwrap().unwrap().log_end);
    let (mut log, _) = FileLog::open(Arc::new(stored.disk.clone()), &folder(), durable).unwrap();
    let ledger = log.ledger();
    let wrong = whole.copies.iter().find(|(id, _)| **id != ledger.charter()).unwrap();
    let refused = restore_charter(&mut log, ledger, wrong.1.clone()).unwrap_err();
    assert!(matches!(refused, StoreError::BadCharter { .. }));
    restore_charter(&mut log, ledger, whole.copies[&ledger.charter()].clone()).unwrap();
    drop(log);
    assert_eq!(stored.disk.read(&segment_path()).unwrap(), whole.bytes);
    assert!(stored.open().unwrap().1.is_sound());
}

#[test]
fn a_repair_that_is_stopped_can_be_done_again() {
    let whole = store();
    for stop in 0..14 {
        let stored = whole.copy();
        let position = whole.positions[3];
        stored.disk.flip(&segment_path(), usize::try_from(position.offset).unwrap() + 40, 1);
        let (mut replica, _) = stored.open().unwrap();
        stored.disk.stop_at(stop, true);
        let copies = &whole.copies;
        let _stopped = replica
            .repair(&mut |ids| ids.iter().filter_map(|id| copies.get(id).cloned()).collect());
        drop(replica);
        let stored = Stored {
            disk: stored.disk.restart(constancia_ledger::store::Unsynced::Lost),
            ..stored
        };
        let (mut replica, _) = stored.open().unwrap();
        assert_eq!(stored.repair(&mut replica).remaining, []);
        drop(replica);
        assert_eq!(stored.disk.read(Path::new(&segment_path())).unwrap(), whole.bytes);
    }
}

#[test]
fn a_record_of_no_use_is_not_taken_for_an_entry() {
    // A proof that does not hold, with a true checksum.
    let stored = store();
    let (log, _) = FileLog::open(Arc::new(stored.disk.clone()), &folder(), None).unwrap();
    let mut log = log;
    let record = Record { kind: RecordKind::ForkProof, bytes: vec![1, 2, 3].into() };
    let positions = log.append(&[record]).unwrap();
    drop(log);
    let (replica, recovery) = stored.open().unwrap();
    assert!(!recovery.is_sound());
    let report = verify(&replica);
    assert_eq!(report.damages.len(), 1);
    assert_eq!(report.damages[0].position, positions[0]);
}
