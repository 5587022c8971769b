// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every byte of a replica's segment files flipped, every length cut, every byte of the end note
//! changed: named with file, place and entry, or, where nobody could know of it, cut off and kept.
//! Everything that is not named reads back exactly.

use constancia_ledger::replica::restore_charter;
use constancia_ledger::store::{EntryLog as _, LogNotice, StoreError};

use constancia_tests::everything::{Holding, take};

use crate::scene::{Scene, Whole, case, end_note_path, segment_path, verify};

/// Every byte is tried with an index; every so many-th without one too, which reads the log in another
/// way but has the same readers beneath. It divides no length in the format.
const OTHERWISE_STRIDE: usize = 13;

/// Numbers of the records in a segment.
fn records_of(whole: &Whole, segment: u32) -> std::ops::Range<usize> {
    let in_it = |n: &usize| whole.written[*n].position.segment == segment;
    let mut numbers = (0..whole.written.len()).filter(in_it);
    let first = numbers.next().unwrap();
    first..numbers.next_back().unwrap_or(first) + 1
}

/// Opens a store in which one record, or a segment's first line, is damaged: it is named, and all
/// the rest reads back.
fn assert_named(whole: &Whole, scene: &Scene, segment: u32, offset: usize) {
    let hit = whole.record_at(segment, offset);
    let (log, notices) = scene.open_log().unwrap();
    assert!(!notices.iter().any(|notice| matches!(notice, LogNotice::TornTail { .. })));
    whole.assert_rest_stands(&log, hit.as_slice());
    drop(log);
    let file = format!("{segment:08}.seg");
    if hit == Some(0) {
        // The charter: nothing can be opened before it is put back, and the error says where it was.
        let error = scene.open().unwrap_err();
        let StoreError::Damaged { position, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(position, whole.written[0].position);
        return;
    }
    let (replica, recovery, _) = scene.open().unwrap();
    let report = verify(&replica);
    let position = hit.map_or_else(
        || constancia_ledger::store::Position { segment, offset: 0 },
        |hit| whole.written[hit].position,
    );
    let named: Vec<_> =
        report.damages.iter().filter(|damage| damage.position == position).collect();
    assert_eq!(named.len(), 1, "{:?}", report.damages);
    assert_eq!((named[0].code, &named[0].file), ("store.damaged", &file));
    if recovery.rebuilt.is_none() {
        // The index knows which entry stood there, and where every other one stands.
        assert_eq!(report.damages.len(), 1, "{:?}", report.damages);
        assert_eq!(named[0].entry, hit.and_then(|hit| whole.written[hit].entry));
        whole.assert_rest_reads(&replica, hit.as_slice());
    } else {
        // What builds on it is named too, and the store is not taken for sound.
        assert!(!recovery.is_sound());
    }
}

#[test]
fn every_flipped_byte_of_every_segment_is_named_and_all_the_rest_reads_back() {
    let whole = Whole::new();
    assert!(whole.segments.len() >= 4);
    for (segment, bytes) in (0..).zip(&whole.segments) {
        for offset in 0..bytes.len() {
            let scene = whole.scene();
            scene.disk.flip(&segment_path(segment), offset, 1 << (offset % 8));
            let name = format!("segment {segment} byte {offset}");
            case(&name, || assert_named(&whole, &scene, segment, offset));
            if offset % OTHERWISE_STRIDE == 0 {
                let scene = scene.without_index();
                let name = format!("{name}, without an index");
                case(&name, || assert_named(&whole, &scene, segment, offset));
            }
        }
    }
}

#[test]
fn every_cut_of_every_segment_is_named_where_anything_still_knows_of_it() {
    let whole = Whole::new();
    for (segment, bytes) in (0..).zip(&whole.segments) {
        for len in 0..bytes.len() {
            // Each of the two alone is enough: at every boundary, and at every other length in turn.
            let is_boundary =
                (0..whole.written.len()).any(|n| whole.frame_end(n).abs_diff(len) <= 1);
            let known_by = ["index and end note", "index", "end note"];
            let known_by = if is_boundary { &known_by[..] } else { &known_by[len % 3..=len % 3] };
            for known_by in known_by.iter().copied() {
                let mut scene = whole.scene();
                if known_by == "end note" {
                    scene = scene.without_index();
                }
                if known_by == "index" {
                    scene = scene.without_end_note();
                }
                scene.disk.change(&segment_path(segment), |bytes| bytes.truncate(len));
                let name = format!("segment {segment} cut to {len}, known by {known_by}");
                case(&name, || assert_cut_named(&whole, &scene, segment, len));
            }
        }
    }
}

fn assert_cut_named(whole: &Whole, scene: &Scene, segment: u32, len: usize) {
    let lost: Vec<usize> =
        records_of(whole, segment).filter(|n| whole.frame_end(*n) > len).collect();
    let (mut log, notices) = scene.open_log().unwrap();
    assert!(!notices.iter().any(|notice| matches!(notice, LogNotice::TornTail { .. })));
    whole.assert_rest_stands(&log, &lost);
    let is_last = usize::try_from(segment).unwrap() + 1 == whole.segments.len();
    if is_last {
        // What comes next would stand in a hole.
        let record = whole.written[0].record.clone();
        assert!(matches!(log.append(&[record]), Err(StoreError::Damaged { .. })));
    }
    drop(log);
    if lost.contains(&0) {
        let error = scene.open().unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        return;
    }
    let (replica, recovery, _) = scene.open().unwrap();
    let report = verify(&replica);
    assert!(!report.is_sound());
    assert!(report.damages.iter().all(|damage| damage.code != "store.index_damaged"));
    if recovery.rebuilt.is_none() {
        for n in &lost {
            // A fork proof is no entry: it is named by its place alone.
            if let Some(id) = whole.written[*n].entry {
                assert!(report.damages.iter().any(|damage| damage.entry == Some(id)), "{id}");
            }
        }
        whole.assert_rest_reads(&replica, &lost);
    } else {
        assert!(!recovery.is_sound());
    }
}

/// Everything that was damaged or cut off comes back from a peer, and the files are what they were.
#[test]
fn what_was_flipped_or_cut_off_anywhere_is_put_back_by_a_peer() {
    let whole = Whole::new();
    for (segment, bytes) in (0..).zip(&whole.segments) {
        for offset in (0..bytes.len()).step_by(OTHERWISE_STRIDE) {
            for cut in [false, true] {
                let scene = whole.scene();
                scene.disk.change(&segment_path(segment), |bytes| {
                    if cut {
                        bytes.truncate(offset);
                    } else {
                        bytes[offset] ^= 0x02;
                    }
                });
                let name = format!("segment {segment} byte {offset}, cut: {cut}");
                case(&name, || assert_mended(&whole, &scene, false));
            }
        }
    }
}

/// Damage in two segments at once.
#[test]
fn what_two_segments_lost_is_put_back_too() {
    let whole = Whole::new();
    let count = u32::try_from(whole.segments.len()).unwrap();
    let damages = [(0, true), (40, true), (40, false), (190, true), (230, false), (500, true)];
    for first in 0..count {
        for second in first + 1..count {
            for (one, cut_one) in damages {
                for (other, cut_other) in damages {
                    let scene = whole.scene();
                    for (segment, at, cut) in [(first, one, cut_one), (second, other, cut_other)] {
                        scene.disk.change(&segment_path(segment), |bytes| {
                            if cut {
                                bytes.truncate(at);
                            } else {
                                bytes[at] ^= 0x02;
                            }
                        });
                    }
                    let name = format!("{first} {one} {cut_one}, {second} {other} {cut_other}");
                    // Where nothing at all is left of the last two, no number says how many records
                    // the first of them had.
                    let nothing_left = |at, cut| cut && at <= 181;
                    let may_give_up = second + 1 == count
                        && first + 1 == second
                        && nothing_left(one, cut_one)
                        && nothing_left(other, cut_other);
                    case(&name, || assert_mended(&whole, &scene, may_give_up));
                }
            }
        }
    }
}

/// Repairs a store from a peer that has everything; the charter, without which nothing can be
/// opened, first. Then everything is there again, in its order.
fn assert_mended(whole: &Whole, scene: &Scene, may_give_up: bool) {
    let peer = &whole.everything.holding().entries;
    if scene.open().is_err() {
        let (mut log, _) = scene.open_log().unwrap();
        let ledger = log.ledger();
        restore_charter(&mut log, ledger, peer[&ledger.charter()].clone()).unwrap();
    }
    let (mut replica, _, _) = scene.open().unwrap();
    let repaired = replica
        .repair(&mut |ids| ids.iter().filter_map(|id| peer.get(id).cloned()).collect())
        .unwrap();
    assert_eq!(repaired.remaining, []);
    drop(replica);
    let (mut replica, recovery, _) = scene.open().unwrap();
    assert!(recovery.is_sound() && verify(&replica).is_sound());
    if may_give_up && !repaired.given_up.is_empty() {
        // Said, and the next exchange brings it.
        for act in &whole.everything.acts {
            take(&mut replica, act).unwrap();
        }
    } else {
        assert_eq!(repaired.given_up, []);
        whole.assert_same_records(replica.log());
    }
    whole.assert_rest_reads(&replica, &[]);
    assert!(Holding::of(&replica).unwrap() == *whole.everything.holding());
}

/// `docs/format-log.md`, "The end of the log": where neither the index nor the end note is left, a
/// damaged last batch cannot be told from a write that was not finished.
#[test]
fn where_nothing_knows_of_it_only_the_last_batch_is_cut_off_and_its_bytes_are_kept() {
    let whole = Whole::new();
    let last = u32::try_from(whole.segments.len() - 1).unwrap();
    let bytes = &whole.segments[whole.segments.len() - 1];
    for offset in 0..bytes.len() {
        let scene = whole.scene().without_index().without_end_note();
        scene.disk.flip(&segment_path(last), offset, 0x10);
        let hit = whole.record_at(last, offset);
        case(&format!("byte {offset}"), || {
            let (log, notices) = scene.open_log().unwrap();
            let Some(hit) = hit.filter(|hit| *hit >= whole.last_batch) else {
                assert!(matches!(notices.as_slice(), [LogNotice::Damage(_), ..]), "{notices:?}");
                whole.assert_rest_stands(&log, hit.as_slice());
                return;
            };
            let [LogNotice::TornTail { kept, .. }] = notices.as_slice() else {
                panic!("{notices:?}");
            };
            let from = usize::try_from(whole.written[hit].position.offset).unwrap();
            let mut expected = bytes[from..].to_vec();
            expected[offset - from] ^= 0x10;
            assert_eq!(scene.disk.read(kept).unwrap(), expected);
            let gone: Vec<usize> = (hit..whole.written.len()).collect();
            whole.assert_rest_stands(&log, &gone);
            drop(log);
            let (replica, recovery, _) = scene.open().unwrap();
            assert!(recovery.is_sound() && verify(&replica).is_sound(), "no hole is left");
        });
    }
}

#[test]
fn an_end_note_that_was_changed_cut_or_removed_costs_nothing() {
    let whole = Whole::new();
    let note = whole.scene().disk.read(&end_note_path()).unwrap();
    let mut spoilt: Vec<(String, Vec<u8>)> = Vec::new();
    for at in 0..note.len() {
        let mut flipped = note.clone();
        flipped[at] ^= 1 << (at % 8);
        spoilt.push((format!("byte {at}"), flipped));
        spoilt.push((format!("cut to {at}"), note[..at].to_vec()));
    }
    for (name, note) in spoilt {
        for with_index in [true, false] {
            let mut scene = whole.scene();
            if !with_index {
                scene = scene.without_index();
            }
            scene.disk.change(&end_note_path(), |bytes| bytes.clone_from(&note));
            case(&name, || {
                let (replica, recovery, notices) = scene.open().unwrap();
                assert!(recovery.is_sound() && notices.is_empty(), "{notices:?}");
                assert!(verify(&replica).is_sound());
                whole.assert_rest_reads(&replica, &[]);
            });
        }
    }
}

#[test]
fn a_file_put_in_the_place_of_another_is_named() {
    let whole = Whole::new();
    for first in 0..whole.segments.len() {
        for second in (0..whole.segments.len()).filter(|second| *second != first) {
            let scene = whole.scene();
            let path = segment_path(u32::try_from(first).unwrap());
            scene.disk.change(&path, |bytes| bytes.clone_from(&whole.segments[second]));
            case(&format!("segment {second} in the place of {first}"), || match scene.open() {
                Ok((replica, _, _)) => assert!(!verify(&replica).is_sound()),
                Err(error) => {
                    assert_eq!(first, 0, "{error}");
                    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
                }
            });
        }
    }
}
