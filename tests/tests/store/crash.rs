// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The machine stops at every single call, the disk loses, tears, zeroes or keeps what was not
//! synced, syncs fail, the disk fills up: what was acknowledged is there, and the log goes on.

use constancia_ledger::store::{
    CrashDisk, DiskFault, EntryLog, FileLog, LogNotice, Position, Record, StoreError, Unsynced,
};

use crate::scene::{
    Scene, create, end_note_path, kept_path, open, read_segments, record, records, scan,
    scan_records, segment_path,
};

const BATCHES: [usize; 8] = [1, 2, 1, 4, 1, 1, 3, 2];

/// What a disk may have done with what was not synced.
fn outcomes() -> Vec<Unsynced> {
    let torn = [0, 1, 8, 29, 33, 60, 100, 181, 300].map(Unsynced::Torn);
    let scattered = [0, 1].map(Unsynced::Scattered);
    let plain = [Unsynced::Lost, Unsynced::Kept, Unsynced::Zeroed];
    plain.into_iter().chain(scattered).chain(torn).collect()
}

/// Appends batches until the disk stops: records acknowledged, records of the batch that was not,
/// and the end that was durable.
fn append_all(log: &mut FileLog) -> (usize, usize, Position) {
    let mut acknowledged = 0;
    for batch in BATCHES {
        if log.append(&records(acknowledged, acknowledged + batch)).is_err() {
            return (acknowledged, batch, log.end());
        }
        acknowledged += batch;
    }
    (acknowledged, 0, log.end())
}

/// A log holds the first records, all of those acknowledged, and nothing else.
fn assert_prefix(log: &dyn EntryLog, acknowledged: usize, offered: usize) -> usize {
    let (found, gaps) = scan(log);
    assert!(gaps.is_empty(), "{gaps:?}");
    let found: Vec<Record> = found.into_iter().map(|(_, record)| record).collect();
    assert!(found.len() >= acknowledged, "{} of {acknowledged} are there", found.len());
    assert!(found.len() <= acknowledged + offered);
    assert_eq!(found, records(0, found.len()));
    found.len()
}

#[test]
fn stopped_at_any_call_nothing_acknowledged_is_lost() {
    stop_at_every_call(create, 30);
}

#[test]
fn stopped_at_any_call_with_room_laid_out_nothing_acknowledged_is_lost() {
    stop_at_every_call(|disk| create(disk).with_segment_bytes(1 << 20), 20);
}

fn stop_at_every_call(create: impl Fn(&CrashDisk) -> FileLog, calls_at_least: u64) {
    let calls = {
        let disk = CrashDisk::default();
        let mut log = create(&disk);
        let before = disk.count_calls();
        append_all(&mut log);
        disk.count_calls() - before
    };
    assert!(calls > calls_at_least, "{calls}");
    for stop in 0..calls {
        for takes_effect in [false, true] {
            let disk = CrashDisk::default();
            let mut log = create(&disk);
            disk.stop_at(stop, takes_effect);
            let (acknowledged, offered, end) = append_all(&mut log);
            assert!(disk.has_stopped());
            for unsynced in outcomes() {
                for durable_end in [None, Some(end)] {
                    let disk = disk.restart(unsynced);
                    let (mut log, _) = open(&disk, durable_end).unwrap();
                    let found = assert_prefix(&log, acknowledged, offered);
                    log.append(&records(found, found + 2)).unwrap();
                    drop(log);
                    // What came back after the stop was made durable before anybody built on it.
                    let (log, notices) = open(&disk.restart(Unsynced::Lost), None).unwrap();
                    assert!(notices.is_empty(), "{notices:?}");
                    assert_eq!(scan_records(&log), records(0, found + 2));
                }
            }
        }
    }
}

#[test]
fn stopped_again_while_opening_nothing_is_lost_either() {
    let disk = CrashDisk::default();
    let mut log = create(&disk);
    log.append(&records(0, 2)).unwrap();
    let end = log.end();
    disk.stop_at(1, false);
    log.append(&records(2, 6)).unwrap_err();
    let torn = disk.restart(Unsynced::Torn(100));
    for stop in 0..12 {
        for unsynced in outcomes() {
            let disk = torn.copy();
            disk.stop_at(stop, true);
            let opened = open(&disk, Some(end));
            drop(opened);
            let disk = if disk.has_stopped() { disk.restart(unsynced) } else { disk.copy() };
            let (log, _) = open(&disk, Some(end)).unwrap();
            assert_prefix(&log, 2, 4);
        }
    }
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_back_to_the_last_whole_record_and_kept() {
    let scene = Scene::with_batches(&[2, 1]);
    let before = read_segments(&scene.disk)[0].len();
    let (mut log, _) = open(&scene.disk, None).unwrap();
    let positions = log.append(&records(3, 6)).unwrap();
    let bytes = read_segments(&scene.disk).swap_remove(0);
    let after = bytes.len();
    let ends: Vec<usize> = positions[1..]
        .iter()
        .map(|position| usize::try_from(position.offset).unwrap())
        .chain([after])
        .collect();
    for len in before..=after {
        let disk = scene.disk.copy();
        disk.change(&segment_path(0), |bytes| bytes.truncate(len));
        // As the note and the index would have it, had the machine stopped there.
        let stopped = Scene { disk, ..scene.copy() };
        stopped.forget_end();
        for durable_end in [Some(scene.end), None] {
            let disk = stopped.disk.copy();
            let (mut log, notices) = open(&disk, durable_end).unwrap();
            let whole = ends.iter().filter(|end| **end <= len).count();
            assert_eq!(scan_records(&log), records(0, 3 + whole));
            // Zeros at its end may as well be room that was laid out.
            let torn = &bytes[ends[..whole].last().copied().unwrap_or(before)..len];
            let rest = torn.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            match notices.as_slice() {
                [] => assert_eq!(rest, 0),
                [LogNotice::TornTail { bytes, kept, .. }] => {
                    assert_eq!(*bytes, u64::try_from(rest).unwrap());
                    assert_eq!(disk.read(kept).unwrap().len(), rest);
                }
                other => panic!("{other:?}"),
            }
            log.append(&records(3 + whole, 9)).unwrap();
            assert_eq!(scan_records(&open(&disk, None).unwrap().0), records(0, 9));
        }
    }
}

/// A log with segments large enough that room is laid out behind what is appended.
fn create_roomy(disk: &CrashDisk) -> FileLog {
    let mut log = create(disk).with_segment_bytes(1 << 20);
    for n in 0..3 {
        log.append(&[record(n)]).unwrap();
    }
    assert!(segment_bytes(disk) > log.end().offset);
    log
}

fn segment_bytes(disk: &CrashDisk) -> u64 {
    u64::try_from(read_segments(disk)[0].len()).unwrap()
}

#[test]
fn room_ahead_is_no_part_of_the_log() {
    let disk = CrashDisk::default();
    let log = create_roomy(&disk);
    let (end, killed) = (log.end(), disk.copy());
    drop(log);
    assert_eq!(segment_bytes(&disk), end.offset);
    for durable_end in [None, Some(end)] {
        let disk = killed.copy();
        let (mut log, notices) = open(&disk, durable_end).unwrap();
        assert_eq!((notices, log.end()), (Vec::new(), end));
        assert_eq!(segment_bytes(&disk), end.offset);
        log.append(&[record(3)]).unwrap();
        assert_eq!(scan_records(&log), records(0, 4));
    }
}

#[test]
fn what_stands_in_the_room_is_kept_and_never_taken_for_a_record() {
    let disk = CrashDisk::default();
    let log = create_roomy(&disk);
    let end = log.end();
    let killed = disk.copy();
    let end_bytes = usize::try_from(end.offset).unwrap();
    for at in [end_bytes, end_bytes + 7, read_segments(&killed)[0].len() - 1] {
        let disk = killed.copy();
        disk.flip(&segment_path(0), at, 4);
        let (log, notices) = open(&disk, Some(end)).unwrap();
        assert_eq!((scan_records(&log), log.end()), (records(0, 3), end));
        let kept = disk.read(kept_path(&notices).unwrap()).unwrap();
        assert_eq!((kept.len(), kept.last().copied()), (at + 1 - end_bytes, Some(4)));
    }
}

#[test]
fn a_record_that_was_durable_is_missed_where_there_are_zeros_now() {
    let disk = CrashDisk::default();
    let log = create_roomy(&disk);
    let (end, killed) = (log.end(), disk.copy());
    killed.change(&segment_path(0), |bytes| bytes[200..].fill(0));
    // The index knows, or the end note, or both.
    for (has_note, durable_end) in [(false, Some(end)), (true, None), (true, Some(end))] {
        let disk = killed.copy();
        if !has_note {
            disk.change(&end_note_path(), Vec::clear);
        }
        let (mut log, notices) = open(&disk, durable_end).unwrap();
        assert!(matches!(notices[..], [LogNotice::Damage(_)]), "{notices:?}");
        assert!(matches!(log.append(&[record(3)]), Err(StoreError::Damaged { .. })));
        let (found, gaps) = scan(&log);
        assert_eq!((found.len(), gaps[0].from.offset, gaps[0].to), (0, 181, end));
    }
}

#[test]
fn what_another_process_wrote_into_the_room_is_not_cut_off() {
    let disk = CrashDisk::default();
    let stale = create_roomy(&disk);
    let (mut log, _) = open(&disk, Some(stale.end())).unwrap();
    log.append(&[record(3)]).unwrap();
    drop(stale);
    drop(log);
    let (log, notices) = open(&disk, None).unwrap();
    assert_eq!((scan_records(&log), notices), (records(0, 4), Vec::new()));
}

#[test]
fn a_record_that_fits_is_taken_where_no_room_beside_it_does() {
    let disk = CrashDisk::default();
    let mut log = create(&disk).with_segment_bytes(1 << 20);
    log.append(&records(0, 5)).unwrap();
    let frame = log.end().offset - 181;
    disk.add_fault(DiskFault::Full(disk.count_bytes() + frame));
    log.append(&records(5, 8)).unwrap();
    assert_eq!(scan_records(&log), records(0, 8));
}

#[test]
fn tails_torn_twice_at_one_place_are_both_kept() {
    let scene = Scene::with_batches(&[1]);
    let mut kept = Vec::new();
    for fill in [1, 2] {
        scene.disk.change(&segment_path(0), |bytes| bytes.extend([fill; 9]));
        let (_, notices) = open(&scene.disk, None).unwrap();
        kept.push(kept_path(&notices).unwrap().to_owned());
    }
    let bytes: Vec<_> = kept.iter().map(|path| scene.disk.read(path).unwrap()).collect();
    assert_eq!(bytes, [vec![1; 9], vec![2; 9]]);
}

#[test]
fn after_a_failed_sync_nothing_more_is_taken_until_opened_again() {
    let disk = CrashDisk::default();
    let mut log = create(&disk);
    log.append(&records(0, 2)).unwrap();
    let end = log.end();
    // Syncs so far: the first segment's, and one append's.
    disk.add_fault(DiskFault::SyncFails(2));
    assert!(matches!(log.append(&records(2, 4)), Err(StoreError::Io { action: "sync", .. })));
    assert!(matches!(log.append(&records(2, 4)), Err(StoreError::Poisoned)));
    assert_eq!(log.end(), end);
    assert_eq!(log.read(Position { segment: 0, offset: 181 }).unwrap(), record(0));
    drop(log);
    // The system still shows the bytes that it could not write. Whoever takes them for durable
    // without writing them again loses them at the next power cut.
    let (log, _) = open(&disk, None).unwrap();
    let found = scan_records(&log);
    assert_eq!(found, records(0, 4));
    drop(log);
    let (log, notices) = open(&disk.restart(Unsynced::Lost), None).unwrap();
    assert!(notices.is_empty());
    assert_eq!(scan_records(&log), found);
}

#[test]
fn a_full_disk_costs_nothing_acknowledged_and_the_log_goes_on_when_there_is_room() {
    let needed: usize = {
        let disk = CrashDisk::default();
        append_all(&mut create(&disk));
        read_segments(&disk).iter().map(Vec::len).sum()
    };
    for room in 400..needed + 200 {
        let disk = CrashDisk::default();
        let mut log = create(&disk);
        disk.add_fault(DiskFault::Full(u64::try_from(room).unwrap()));
        let mut acknowledged = 0;
        for batch in BATCHES {
            let end = log.end();
            match log.append(&records(acknowledged, acknowledged + batch)) {
                Ok(_) => acknowledged += batch,
                Err(StoreError::DiskFull { .. }) => {
                    assert!(log.end() == end || log.end().segment > end.segment);
                    assert_prefix(&log, acknowledged, 0);
                    // A program that starts on a full disk reads, and waits for room.
                    let full = disk.copy();
                    full.add_fault(DiskFault::Full(0));
                    assert_prefix(&open(&full, None).unwrap().0, acknowledged, 0);
                    disk.clear_faults();
                    log.append(&records(acknowledged, acknowledged + batch)).unwrap();
                    acknowledged += batch;
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_prefix(&open(&disk.restart(Unsynced::Lost), None).unwrap().0, acknowledged, 0);
    }
}

#[test]
fn where_a_failed_write_cannot_be_cut_off_nothing_more_is_taken() {
    let disk = CrashDisk::default();
    let mut log = create(&disk);
    log.append(&records(0, 2)).unwrap();
    let used = read_segments(&disk)[0].len() + 300;
    disk.add_fault(DiskFault::Full(u64::try_from(used).unwrap()));
    disk.add_fault(DiskFault::TruncateFails);
    assert!(matches!(log.append(&records(2, 9)), Err(StoreError::DiskFull { .. })));
    assert!(matches!(log.append(&records(2, 3)), Err(StoreError::Poisoned)));
    drop(log);
    disk.clear_faults();
    let (mut log, _) = open(&disk, None).unwrap();
    let found = assert_prefix(&log, 2, 7);
    log.append(&records(found, 10)).unwrap();
}

#[test]
fn a_log_that_was_never_begun_is_none_and_one_that_was_is_not_made_anew() {
    let disk = CrashDisk::default();
    drop(create(&disk));
    let mut log = create(&disk);
    log.append(&records(0, 1)).unwrap();
    let refused = FileLog::create(
        std::sync::Arc::new(disk.clone()),
        &crate::scene::log_folder(),
        crate::scene::ledger(),
        [9; 8],
    );
    assert!(matches!(refused, Err(StoreError::LedgerExists { .. })));
    assert!(matches!(open(&CrashDisk::default(), None), Err(StoreError::NoLedger { .. })));
}

#[test]
fn stopped_while_it_is_made_a_log_is_there_or_not() {
    for stop in 0..8 {
        for unsynced in outcomes() {
            let disk = CrashDisk::default();
            disk.stop_at(stop, false);
            let made = FileLog::create(
                std::sync::Arc::new(disk.clone()),
                &crate::scene::log_folder(),
                crate::scene::ledger(),
                crate::scene::MARKER,
            );
            let disk = disk.restart(unsynced);
            match open(&disk, None) {
                Ok((log, notices)) => {
                    assert!(notices.is_empty());
                    assert!(scan_records(&log).is_empty());
                }
                Err(StoreError::NoLedger { .. }) => assert!(made.is_err()),
                Err(other) => panic!("stop {stop} {unsynced:?}: {other}"),
            }
            create(&disk).append(&records(0, 1)).unwrap();
        }
    }
}
