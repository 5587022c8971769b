// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A damaged record is replaced by the one that stood there: the file is then byte for byte what it
//! was, at any crash the old or the new one, and a wrong number of records is refused.

use bytes::Bytes;
use constancia_ledger::store::{
    Disk as _, EntryLog, Gap, Position, Record, RecordKind, StoreError, Unsynced,
};

use crate::scene::{Scene, open, read_segments, record, records, scan, scan_records, segment_path};

/// Replaces every gap by the records that stood there.
fn repair_all(log: &mut dyn EntryLog, scene: &Scene) {
    for _ in 0..scene.positions.len() {
        let (found, gaps) = scan(log);
        let Some(gap) = gaps.first() else {
            return;
        };
        let before = found.iter().filter(|(position, _)| *position < gap.from).count();
        let missing = gap
            .records
            .map_or(scene.positions.len() - before, |count| usize::try_from(count).unwrap());
        log.replace(gap, &records(before, before + missing)).unwrap();
    }
}

#[test]
fn every_flipped_byte_can_be_repaired_to_the_same_bytes() {
    let whole = Scene::with_batches(&[1, 3, 2, 4, 1, 2]);
    let segments = read_segments(&whole.disk);
    for (segment, bytes) in (0..).zip(&segments) {
        for offset in 0..bytes.len() {
            let scene = whole.copy();
            scene.disk.flip(&segment_path(segment), offset, 0x04);
            let (mut log, _) = open(&scene.disk, Some(scene.end)).unwrap();
            repair_all(&mut log, &scene);
            assert_eq!(scan(&log).1, []);
            assert_eq!(scan_records(&log), records(0, scene.positions.len()));
            let mut log = open(&scene.disk.restart(Unsynced::Lost), None).unwrap().0;
            let found: Vec<_> = scan(&log).0.into_iter().map(|(position, _)| position).collect();
            assert_eq!(found, scene.positions, "no record moved: {segment} {offset}");
            log.append(&records(13, 15)).unwrap();
            assert_eq!(scan_records(&log), records(0, 15));
        }
    }
}

#[test]
fn every_cut_can_be_repaired() {
    let whole = Scene::with_batches(&[1, 3, 2, 4, 1, 2]);
    let segments = read_segments(&whole.disk);
    for (segment, bytes) in (0..).zip(&segments) {
        for len in (0..bytes.len()).rev() {
            let scene = whole.copy();
            scene.disk.change(&segment_path(segment), |bytes| bytes.truncate(len));
            let (mut log, _) = open(&scene.disk, Some(scene.end)).unwrap();
            repair_all(&mut log, &scene);
            assert_eq!(scan_records(&log), records(0, 13), "segment {segment} cut to {len}");
            log.append(&records(13, 15)).unwrap();
            let (log, notices) = open(&scene.disk.restart(Unsynced::Lost), None).unwrap();
            assert!(notices.is_empty(), "{notices:?}");
            assert_eq!(scan_records(&log), records(0, 15));
        }
    }
}

#[test]
fn missing_segments_can_be_repaired() {
    let whole = Scene::with_batches(&[3; 12]);
    let count = u32::try_from(read_segments(&whole.disk).len()).unwrap();
    for first in 0..count {
        for last in first..count.min(first + 2) {
            if last - first + 1 == count {
                continue;
            }
            let scene = whole.copy();
            for segment in first..=last {
                scene.disk.remove(&segment_path(segment)).unwrap();
            }
            let (mut log, _) = open(&scene.disk, Some(scene.end)).unwrap();
            repair_all(&mut log, &scene);
            let (log, notices) = open(&scene.disk, None).unwrap();
            assert!(notices.is_empty(), "{notices:?}");
            assert_eq!(scan_records(&log), records(0, 36));
        }
    }
}

fn gap_of(scene: &Scene, n: usize) -> Gap {
    let (from, to) = (scene.positions[n], scene.positions[n + 1]);
    Gap { from, to, records: Some(1), reason: "test".to_owned() }
}

#[test]
fn a_repair_with_too_many_or_too_few_records_or_at_no_place_is_refused() {
    let scene = Scene::with_batches(&[4, 1]);
    let before = read_segments(&scene.disk);
    let (mut log, _) = open(&scene.disk, None).unwrap();
    for count in [0, 2] {
        let refused = log.replace(&gap_of(&scene, 1), &records(1, 1 + count)).unwrap_err();
        assert!(matches!(refused, StoreError::RepairCount { expected: 1, .. }), "{refused}");
    }
    let mut nowhere = gap_of(&scene, 1);
    nowhere.from.offset += 1;
    assert!(matches!(log.replace(&nowhere, &records(1, 2)), Err(StoreError::NoGap { .. })));
    assert_eq!(read_segments(&scene.disk), before);
    log.append(&records(5, 6)).unwrap();
}

#[test]
fn a_longer_record_moves_those_behind_it_and_nothing_is_lost() {
    let scene = Scene::with_batches(&[4, 1]);
    let (mut log, _) = open(&scene.disk, None).unwrap();
    let longer = Record { kind: RecordKind::Entry, bytes: Bytes::from(vec![1; 400]) };
    log.replace(&gap_of(&scene, 1), std::slice::from_ref(&longer)).unwrap();
    let expected = [record(0), longer, record(2), record(3), record(4)];
    assert_eq!(scan_records(&log), expected);
    let log = open(&scene.disk.restart(Unsynced::Lost), None).unwrap().0;
    assert_eq!(scan_records(&log), expected);
}

#[test]
fn a_shorter_record_keeps_the_room_even_at_the_end_and_beside_large_ones() {
    let large = Record { kind: RecordKind::Entry, bytes: vec![3; 900_000].into() };
    let scene = Scene::with_batches(&[1]);
    let (mut log, _) = open(&scene.disk, None).unwrap();
    let positions = log.append(&vec![large; 3]).unwrap();
    let end = log.end();
    // Three for three, all of them empty: no padding is as long as all their room.
    let empty = Record { kind: RecordKind::Lost, bytes: Bytes::new() };
    let gap = Gap { from: positions[0], to: end, records: Some(3), reason: "test".to_owned() };
    let empties = vec![empty; 3];
    assert!(log.fits(&gap, &empties));
    assert!(!log.fits(&gap, &empties[..2]));
    log.replace(&gap, &empties).unwrap();
    assert_eq!(log.end(), end, "what the index knows to be durable is still there");
    let (log, notices) = open(&scene.disk, Some(end)).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    let expected = [vec![record(0)], empties].concat();
    assert_eq!(scan_records(&log), expected);
}

#[test]
fn bytes_put_in_between_are_taken_out() {
    let scene = Scene::with_batches(&[2]);
    let at = usize::try_from(scene.positions[1].offset).unwrap();
    scene.disk.change(&segment_path(0), |bytes| {
        bytes.splice(at..at, [7; 300]);
    });
    let (mut log, _) = open(&scene.disk, None).unwrap();
    let gap = scan(&log).1.remove(0);
    assert_eq!(gap.records, Some(0));
    assert!(!log.fits(&gap, &[]));
    log.replace(&gap, &[]).unwrap();
    assert_eq!(scan(&log).1, []);
    assert_eq!(scan_records(&log), records(0, 2));
}

#[test]
fn stopped_at_any_call_of_a_repair_the_old_or_the_new_record_is_there() {
    let whole = Scene::with_batches(&[2, 2, 2]);
    whole.disk.flip(&segment_path(0), usize::try_from(whole.positions[1].offset).unwrap() + 40, 1);
    for stop in 0..12 {
        for takes_effect in [false, true] {
            for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn(77), Unsynced::Zeroed] {
                let scene = whole.copy();
                let (mut log, _) = open(&scene.disk, Some(scene.end)).unwrap();
                let gap = scan(&log).1.remove(0);
                scene.disk.stop_at(stop, takes_effect);
                let repaired = log.replace(&gap, &records(1, 2));
                let disk = scene.disk.restart(unsynced);
                let (mut log, _) = open(&disk, Some(scene.end)).unwrap();
                let (found, gaps) = scan(&log);
                assert_eq!(found.len() + gaps.len(), 6);
                assert!(repaired.is_err() || gaps.is_empty());
                log.append(&records(6, 7)).unwrap();
            }
        }
    }
}

#[test]
fn a_lost_end_can_be_accepted_and_the_bytes_are_kept() {
    let scene = Scene::with_batches(&[2, 1, 1]);
    let last = usize::try_from(scene.positions[3].offset).unwrap();
    scene.disk.flip(&segment_path(0), last + 5, 1);
    scene.forget_end();
    let (mut log, _) = open(&scene.disk, Some(scene.end)).unwrap();
    assert!(matches!(log.append(&records(4, 5)), Err(StoreError::Damaged { .. })));
    let gap = scan(&log).1.remove(0);
    assert_eq!(gap.from, scene.positions[3]);
    log.replace(&gap, &[]).unwrap();
    let kept = crate::scene::log_folder().join(format!("torn-00000000-{last}"));
    assert!(scene.disk.read(&kept).is_some());
    let positions = log.append(&records(3, 5)).unwrap();
    assert_eq!(positions[0], Position { ..scene.positions[3] });
    assert_eq!(scan_records(&open(&scene.disk, None).unwrap().0), records(0, 5));
}
