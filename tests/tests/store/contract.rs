// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What every entry log and every set of rows does, wherever it keeps its bytes.

use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, Gap, MemoryLog, MemoryRows, Position, RECORD_BYTES_MAX, RealDisk,
    Record, RecordKind, RowKey, Rows, Scanned, SledRows, StoreError,
};

use crate::scene::{MARKER, SEGMENT_BYTES, create, ledger, record, records, scan, scan_records};

/// Runs a check over every log there is.
fn with_every_log(check: impl Fn(&mut dyn EntryLog)) {
    check(&mut MemoryLog::default());
    check(&mut create(&CrashDisk::default()));
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::create(Arc::new(RealDisk), &folder.path().join("log"), ledger(), MARKER);
    check(&mut log.unwrap().with_segment_bytes(SEGMENT_BYTES));
}

fn with_every_rows(check: impl Fn(&dyn Rows)) {
    check(&MemoryRows::default());
    let folder = tempfile::tempdir().unwrap();
    check(&SledRows::open(&folder.path().join("index")).unwrap().0);
    // So small that every batch ends a run, and runs are merged all the time.
    check(&SledRows::open_with_runs_of(&folder.path().join("runs"), 2).unwrap().0);
}

#[test]
fn what_was_appended_is_read_and_scanned_in_order() {
    with_every_log(|log| {
        let mut positions = Vec::new();
        for batch in [1, 3, 1, 7, 2] {
            let from = positions.len();
            let before = log.end();
            let appended = log.append(&records(from, from + batch)).unwrap();
            assert!(appended[0] >= before && log.end() > *appended.last().unwrap());
            positions.extend(appended);
        }
        assert!(positions.is_sorted());
        for (n, position) in positions.iter().enumerate() {
            assert_eq!(log.read(*position).unwrap(), record(n));
        }
        let (found, gaps) = scan(log);
        assert!(gaps.is_empty());
        let expected: Vec<_> = positions.into_iter().zip(records(0, 14)).collect();
        assert_eq!(found, expected);
    });
}

#[test]
fn a_scan_begins_where_it_is_told_and_stops_when_it_is_told() {
    with_every_log(|log| {
        let positions = log.append(&records(0, 4)).unwrap();
        log.append(&records(4, 20)).unwrap();
        let mut seen = Vec::new();
        log.scan(positions[2], &mut |scanned| {
            if let Scanned::Record(_, record) = scanned {
                seen.push(record);
            }
            Ok(seen.len() < 5)
        })
        .unwrap();
        assert_eq!(seen, records(2, 7));
        let mut at_end = 0;
        log.scan(log.end(), &mut |_| {
            at_end += 1;
            Ok(true)
        })
        .unwrap();
        assert_eq!(at_end, 0);
    });
}

#[test]
fn an_error_of_the_visitor_ends_the_scan() {
    with_every_log(|log| {
        log.append(&records(0, 3)).unwrap();
        let failed = log.scan(Position::default(), &mut |_| Err(StoreError::Poisoned));
        assert!(matches!(failed, Err(StoreError::Poisoned)));
    });
}

#[test]
fn an_empty_batch_changes_nothing() {
    with_every_log(|log| {
        let end = log.end();
        assert!(log.append(&[]).unwrap().is_empty());
        assert_eq!(log.end(), end);
    });
}

#[test]
fn a_place_without_a_record_is_damage() {
    with_every_log(|log| {
        log.append(&records(0, 2)).unwrap();
        for offset in [1_000_000, u64::MAX] {
            let read = log.read(Position { segment: 0, offset });
            assert!(matches!(read, Err(StoreError::Damaged { .. })));
        }
    });
}

#[test]
fn a_record_gives_way_to_another() {
    with_every_log(|log| {
        let positions = log.append(&records(0, 4)).unwrap();
        let gap = Gap {
            from: positions[1],
            to: positions[2],
            records: Some(1),
            reason: "redacted".to_owned(),
        };
        let shorter = Record { kind: RecordKind::Entry, bytes: Bytes::from_static(b"short") };
        log.replace(&gap, std::slice::from_ref(&shorter)).unwrap();
        assert_eq!(scan_records(log), [record(0), shorter, record(2), record(3)]);
        assert_eq!(log.read(positions[3]).unwrap(), record(3), "no other record moved");
        let next = log.append(&records(4, 5)).unwrap();
        assert_eq!(log.read(next[0]).unwrap(), record(4));
    });
}

#[test]
fn the_largest_record_fits_and_a_larger_one_is_refused() {
    let mut log = create(&CrashDisk::default());
    let sized = |len| Record { kind: RecordKind::Entry, bytes: vec![1; len].into() };
    let largest = sized(RECORD_BYTES_MAX);
    let positions = log.append(&[record(0), largest.clone(), record(1)]).unwrap();
    assert_eq!(log.read(positions[1]).unwrap(), largest);
    assert_eq!(scan_records(&log), [record(0), largest, record(1)]);
    let refused = log.append(&[record(2), sized(RECORD_BYTES_MAX + 1)]);
    assert!(matches!(refused, Err(StoreError::RecordTooLong { .. })));
    assert_eq!(log.append(&[record(2)]).unwrap().len(), 1);
    assert_eq!(log.count_records(), 4);
}

fn key(n: u8) -> RowKey {
    RowKey::of(&[&[b'k', n]]).unwrap()
}

fn fill(rows: &dyn Rows, from: u8, to: u8) {
    let batch = (from..to).map(|n| (key(n), Some(vec![n; 3])));
    rows.apply(batch.collect()).unwrap();
}

#[test]
fn rows_are_found_by_key_and_in_order() {
    with_every_rows(|rows| {
        fill(rows, 0, 10);
        assert_eq!(rows.get(&key(4)).unwrap(), Some(vec![4; 3]));
        assert_eq!(rows.get(&key(11)).unwrap(), None);
        assert_eq!(rows.last_in(&key(0), &key(6)).unwrap(), Some((key(6), vec![6; 3])));
        assert_eq!(rows.last_in(&key(20), &key(30)).unwrap(), None);
        assert_eq!(rows.last_in(&key(9), &key(2)).unwrap(), None);
        let range = rows.range(&key(2), &key(8), 3).unwrap();
        assert_eq!(range.iter().map(|(key, _)| key[1]).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(rows.range(&key(8), &key(2), 3).unwrap().is_empty());
    });
}

#[test]
fn a_batch_writes_and_removes_and_later_changes_win() {
    with_every_rows(|rows| {
        fill(rows, 0, 4);
        rows.apply(vec![
            (key(1), None),
            (key(2), Some(vec![9])),
            (key(3), Some(vec![8])),
            (key(3), None),
        ])
        .unwrap();
        assert_eq!(rows.get(&key(1)).unwrap(), None);
        assert_eq!(rows.get(&key(2)).unwrap(), Some(vec![9]));
        assert_eq!(rows.get(&key(3)).unwrap(), None);
    });
}

#[test]
fn cleared_rows_are_empty_and_take_new_ones() {
    with_every_rows(|rows| {
        fill(rows, 0, 4);
        rows.clear().unwrap();
        assert!(rows.range(&[0], &[255], 10).unwrap().is_empty());
        fill(rows, 7, 8);
        assert_eq!(rows.range(&[0], &[255], 10).unwrap().len(), 1);
    });
}
