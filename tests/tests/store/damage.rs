// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every byte of a log flipped, every length cut: named, or cut back where it was never acknowledged;
//! never a panic, never silence, never a hole.

use constancia_ledger::store::{CrashDisk, EntryLog, Gap, LogNotice, Position, StoreError};

use crate::scene::{
    Scene, end_note_path, kept_path, log_folder, open, read_segments, record, records, scan,
    scan_records, segment_path,
};

/// Where a byte belongs: the frame that holds it, or the first line of its segment.
fn hit(scene: &Scene, segment: u32, offset: usize) -> (Position, Option<usize>) {
    match scene.record_at(segment, offset) {
        Some(n) => (scene.positions[n], Some(n)),
        None => (Position { segment, offset: 0 }, None),
    }
}

/// Every record but those lost reads back, at its place and in the scan.
fn assert_rest_is_whole(log: &dyn EntryLog, scene: &Scene, lost: &[usize]) {
    let (found, _) = scan(log);
    let kept = (0..scene.positions.len()).filter(|n| !lost.contains(n));
    let expected: Vec<_> = kept.map(|n| (scene.positions[n], record(n))).collect();
    assert_eq!(found, expected);
    for (position, record) in expected {
        assert_eq!(log.read(position).unwrap(), record);
    }
    for n in lost {
        assert!(matches!(log.read(scene.positions[*n]), Err(StoreError::Damaged { .. })));
    }
}

#[test]
fn every_flipped_byte_is_named_where_the_durable_end_is_known() {
    let whole = Scene::with_batches(&[1, 3, 2, 4, 1, 2]);
    let segments = read_segments(&whole.disk);
    assert!(segments.len() >= 3);
    for (segment, bytes) in (0..).zip(&segments) {
        for offset in 0..bytes.len() {
            let scene = whole.copy();
            scene.disk.flip(&segment_path(segment), offset, 1 << (offset % 8));
            let durable_end = (offset % 2 == 0).then_some(scene.end);
            if durable_end.is_some() {
                // Either of the two that know is enough.
                scene.forget_end();
            }
            let (log, notices) = open(&scene.disk, durable_end).unwrap();
            assert_eq!(kept_path(&notices), None, "nothing is cut: {segment} {offset}");
            let (from, lost) = hit(&scene, segment, offset);
            let (_, gaps) = scan(&log);
            assert_eq!(gaps.len(), 1, "{segment} {offset}: {gaps:?}");
            assert_eq!(gaps[0].from, from, "{segment} {offset}");
            let last = lost.is_some_and(|n| n + 1 == scene.positions.len());
            let expected =
                if last && gaps[0].records.is_none() { None } else { Some(lost.iter().len()) };
            assert_eq!(gaps[0].records.map(|n| usize::try_from(n).unwrap()), expected);
            assert_rest_is_whole(&log, &scene, lost.as_slice());
        }
    }
}

#[test]
fn without_any_durable_end_only_the_last_batch_may_be_taken_for_unfinished() {
    let whole = Scene::with_batches(&[1, 3, 2, 4, 1, 1, 2, 1, 2]);
    let segments = read_segments(&whole.disk);
    let last_segment = u32::try_from(segments.len() - 1).unwrap();
    assert!(whole.in_segment(last_segment).len() > 4, "several batches in it");
    let last_batch = whole.positions.len() - 2;
    for (segment, bytes) in (0..).zip(&segments) {
        for offset in 0..bytes.len() {
            let scene = whole.copy();
            scene.forget_end();
            scene.disk.flip(&segment_path(segment), offset, 0x10);
            let (log, notices) = open(&scene.disk, None).unwrap();
            let (found, gaps) = scan(&log);
            match hit(&scene, segment, offset) {
                (from, Some(n)) if n >= last_batch => {
                    let kept = kept_path(&notices).expect("said, and kept");
                    let start = usize::try_from(from.offset).unwrap();
                    let mut torn = segments[usize::try_from(segment).unwrap()][start..].to_vec();
                    torn[offset - start] ^= 0x10;
                    assert_eq!(scene.disk.read(kept).unwrap(), torn);
                    assert!(gaps.is_empty());
                    assert_eq!(found.len(), n);
                    assert_eq!(log.count_records(), u64::try_from(n).unwrap());
                }
                (from, lost) => {
                    assert_eq!(kept_path(&notices), None);
                    assert_eq!(gaps.len(), 1);
                    assert_eq!(gaps[0].from, from);
                    assert_rest_is_whole(&log, &scene, lost.as_slice());
                }
            }
        }
    }
}

#[test]
fn every_cut_of_every_segment_is_named() {
    let whole = Scene::with_batches(&[1, 3, 2, 4, 1, 2]);
    let segments = read_segments(&whole.disk);
    let last = u32::try_from(segments.len() - 1).unwrap();
    for (segment, bytes) in (0..).zip(&segments) {
        for len in 0..bytes.len() {
            let scene = whole.copy();
            scene.disk.change(&segment_path(segment), |bytes| bytes.truncate(len));
            let (mut log, notices) = open(&scene.disk, Some(scene.end)).unwrap();
            assert_eq!(kept_path(&notices), None);
            let (found, gaps) = scan(&log);
            let cut = u64::try_from(len).unwrap();
            let ends = |n: &usize| {
                let next = scene.positions.get(n + 1).filter(|next| next.segment == segment);
                next.map_or(u64::try_from(bytes.len()).unwrap(), |next| next.offset)
            };
            let lost: Vec<_> =
                scene.in_segment(segment).into_iter().filter(|n| ends(n) > cut).collect();
            assert_eq!(found.len() + lost.len(), scene.positions.len());
            assert!(!gaps.is_empty(), "{segment} cut to {len}");
            if segment < last {
                let counted: u64 = gaps.iter().filter_map(|gap| gap.records).sum();
                assert_eq!(counted, u64::try_from(lost.len()).unwrap(), "{segment} {len} {gaps:?}");
            } else {
                // What comes next would stand where something is missing.
                assert!(matches!(log.append(&records(0, 1)), Err(StoreError::Damaged { .. })));
            }
        }
    }
}

#[test]
fn a_segment_that_is_missing_is_named_with_what_it_held() {
    let whole = Scene::with_batches(&[3; 12]);
    let count = u32::try_from(read_segments(&whole.disk).len()).unwrap();
    for segment in 0..count {
        let scene = whole.copy();
        remove(&scene, segment);
        let (log, notices) = open(&scene.disk, None).unwrap();
        assert!(!notices.is_empty());
        let (_, gaps) = scan(&log);
        assert_eq!(gaps.len(), 1);
        let lost = scene.in_segment(segment);
        if segment + 1 < count {
            assert_eq!(gaps[0].from, Position { segment, offset: 0 });
            assert_eq!(gaps[0].records, Some(u64::try_from(lost.len()).unwrap()));
            assert_rest_is_whole(&log, &scene, &lost);
        } else {
            assert_eq!(gaps[0].to, scene.end);
        }
    }
}

fn remove(scene: &Scene, segment: u32) {
    use constancia_ledger::store::Disk as _;
    scene.disk.remove(&segment_path(segment)).unwrap();
}

#[test]
fn a_log_whose_segments_are_all_gone_is_not_taken_for_none() {
    let scene = Scene::with_batches(&[1]);
    remove(&scene, 0);
    let refused = open(&scene.disk, None).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

/// The bytes of a record's frame.
fn frame(scene: &Scene, n: usize) -> std::ops::Range<usize> {
    let at = |position: Position| usize::try_from(position.offset).unwrap();
    at(scene.positions[n])..at(scene.positions[n + 1])
}

#[test]
fn a_frame_that_was_taken_out_moved_or_doubled_is_named() {
    let whole = Scene::with_batches(&[1, 1, 1, 1]);
    let path = segment_path(0);
    let gaps_after = |change: &dyn Fn(&mut Vec<u8>)| -> Vec<Gap> {
        let scene = whole.copy();
        scene.forget_end();
        scene.disk.change(&path, change);
        scan(&open(&scene.disk, None).unwrap().0).1
    };
    let (first, second) = (frame(&whole, 1), frame(&whole, 2));
    let out = gaps_after(&|bytes| drop(bytes.drain(first.clone())));
    assert_eq!(out.iter().map(|gap| gap.records).collect::<Vec<_>>(), [Some(1)]);
    let doubled = gaps_after(&|bytes| {
        let copy = bytes[first.clone()].to_vec();
        bytes.splice(second.start..second.start, copy);
    });
    assert_eq!(doubled.len(), 1, "{doubled:?}");
    let swapped = gaps_after(&|bytes| {
        let moved: Vec<u8> = bytes.drain(first.clone()).collect();
        let to = second.end - moved.len();
        bytes.splice(to..to, moved);
    });
    assert_eq!(swapped.len(), 2, "{swapped:?}");
}

#[test]
fn zeroed_and_overwritten_blocks_are_named_and_what_follows_is_found() {
    let whole = Scene::with_batches(&[2, 2, 2]);
    let len = read_segments(&whole.disk)[0].len();
    for start in (0..len).step_by(13) {
        for fill in [0x00, 0xff, 0x5a] {
            let scene = whole.copy();
            scene.disk.change(&segment_path(0), |bytes| {
                let end = len.min(start + 100);
                bytes[start..end].fill(fill);
            });
            let (log, _) = open(&scene.disk, Some(scene.end)).unwrap();
            let (found, gaps) = scan(&log);
            assert!(!gaps.is_empty());
            for (position, record) in &found {
                let n = scene.positions.iter().position(|at| at == position).unwrap();
                assert_eq!(*record, crate::scene::record(n));
            }
            // 100 bytes touch at most three frames here.
            assert!(found.len() + 3 >= scene.positions.iter().filter(|at| at.segment == 0).count());
        }
    }
}

#[test]
fn a_frame_inside_a_payload_is_never_taken_for_a_record() {
    use bytes::Bytes;
    use constancia_ledger::store::{Record, RecordKind};
    // Frames of another log, as somebody might put them into a payload.
    let forged = Scene::with_batches(&[3]);
    let forged_frames = read_segments(&forged.disk)[0][181..].to_vec();
    let disk = CrashDisk::default();
    let mut log = constancia_ledger::store::FileLog::create(
        std::sync::Arc::new(disk.clone()),
        &log_folder(),
        crate::scene::ledger(),
        *b"own mark",
    )
    .unwrap();
    let carrier = Record { kind: RecordKind::Entry, bytes: Bytes::from(forged_frames) };
    let positions = log.append(&[record(0), carrier, record(1)]).unwrap();
    // The carrier's head is damaged, so what follows must be searched for.
    let head = usize::try_from(positions[1].offset).unwrap();
    disk.flip(&segment_path(0), head + 3, 1);
    let (log, _) = open(&disk, None).unwrap();
    let (found, gaps) = scan(&log);
    assert_eq!(found.into_iter().map(|(_, record)| record).collect::<Vec<_>>(), records(0, 2));
    assert_eq!((gaps[0].from, gaps[0].to, gaps[0].records), (positions[1], positions[2], Some(1)));
}

#[test]
fn a_damaged_first_line_hides_nothing_even_in_the_only_segment() {
    // The ledger is read from the charter then, so this log begins with an entry.
    let (disk, charter) = crate::head::log_with_charter();
    for offset in 0..181 {
        let disk = disk.copy();
        disk.flip(&segment_path(0), offset, 0x01);
        let (log, notices) = open(&disk, None).unwrap();
        assert_eq!(log.ledger(), charter);
        assert!(matches!(notices.first(), Some(LogNotice::Damage(_))));
        assert_eq!(scan_records(&log).len(), 3);
    }
}

#[test]
fn an_end_note_that_does_not_fit_the_log_cuts_nothing() {
    // The note of a log with other records, as a careless restore may leave it.
    let other = CrashDisk::default();
    crate::scene::create(&other).append(&records(5, 6)).unwrap();
    let note = other.read(&end_note_path()).unwrap();
    let scene = Scene::with_batches(&[1, 1, 1]);
    scene.disk.change(&end_note_path(), |bytes| bytes.clone_from(&note));
    let (mut log, notices) = open(&scene.disk, None).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    log.append(&records(3, 4)).unwrap();
    assert_eq!(scan_records(&log), records(0, 4));
}

#[test]
fn a_newer_layout_is_refused_and_damage_is_not_taken_for_one() {
    let scene = Scene::with_batches(&[1]);
    let text = String::from_utf8(read_segments(&scene.disk)[0][..181].to_vec()).unwrap();
    let line = text.replace("constancia-log-v1", "constancia-log-v2");
    let checked = &line[..line.find("check=").unwrap() + 6];
    let check = &blake3_hex("constancia v1 log segment", checked)[..16];
    let newer = format!("{checked}{check}\n");
    scene.disk.change(&segment_path(0), |bytes| {
        bytes.splice(..181, newer.into_bytes());
    });
    let refused = open(&scene.disk, None).unwrap_err();
    assert!(matches!(refused, StoreError::NewerLayout { expected: 1, found: 2, .. }));
}

fn blake3_hex(context: &str, text: &str) -> String {
    blake3::Hasher::new_derive_key(context).update(text.as_bytes()).finalize().to_hex().to_string()
}
