// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Opening a log: what an unfinished write left at the end is cut off; damage is named, never cut.
//!
//! What is known to have been durable: everything up to the end that the index recorded and up to
//! the end note, and everything before a batch of which any record or head can be read, because a
//! batch is begun only after the one before it was synced. A record that cannot be read and stands
//! before that is damage. One that stands after it was never acknowledged, as far as anybody can
//! tell: it is cut off, with what follows, kept in a file beside, and reported.
//!
//! So where index and end note are both gone, a damaged last batch is taken for an unfinished one:
//! the two look the same. Nothing is lost by that which a key's head file or a peer would not bring
//! back, and the bytes are kept, but for zeros at the end, which say nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::disk::{Disk, NEW_ENDING, Piece, write_whole};
use super::super::frame::{HEAD_BYTES, Head, Marker};
use super::super::segment::{
    FrameReader, Met, Segment, parse_segment_name, read_frame, segment_name,
};
use super::super::{Gap, Position, RecordKind, StoreError};
use super::end_note::{END_NOTE_NAME, EndNote, EndNoteFile};
use super::scan::frames_begin;
use super::{FileLog, SEGMENT_BYTES, State, missing_segment, open_segment};
use crate::entry::decode_signed_entry;
use crate::id::LedgerId;

/// Bytes written again at a time.
const REWRITE_BYTES: u64 = 1 << 20;

/// What opening a log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNotice {
    /// A write had not been finished: cut off. Nothing of it was acknowledged.
    TornTail {
        /// Where the log ends now.
        at: Position,
        /// Bytes cut off.
        bytes: u64,
        /// Where they are kept.
        kept: PathBuf,
    },
    /// Damage: found without looking for it. Verification finds all.
    Damage(Gap),
}

impl fmt::Display for LogNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail { at, bytes, kept } => write!(
                f,
                "an unfinished write of {bytes} bytes was cut off at {} byte {} and kept in {}",
                segment_name(at.segment),
                at.offset,
                kept.display()
            ),
            Self::Damage(gap) => write!(
                f,
                "the entry log is damaged at {} byte {}: {}",
                segment_name(gap.from.segment),
                gap.from.offset,
                gap.reason
            ),
        }
    }
}

/// What stands at the end of the last segment.
#[derive(Debug)]
struct Tail {
    /// Number of the next record, as far as it can be told.
    next_record: u64,
    /// Where the batch of the last whole frame begins, among what was read.
    batch_begin: u64,
    /// What cannot be read, in order.
    damage: Vec<Damage>,
    /// Records before this one were durable, for a later batch was begun.
    durable_before: u64,
    /// Where it ends: behind it there is nothing, or room that was laid out.
    end: u64,
}

#[derive(Debug)]
struct Damage {
    from: u64,
    to: u64,
    /// The number that its first record should have.
    number: Option<u64>,
    reason: String,
}

/// What is missing where a log ends before it should.
pub(super) fn missing_end(end: Position, durable: Position) -> Gap {
    let reason = format!(
        "the log ends here but was durable up to {} byte {}",
        segment_name(durable.segment),
        durable.offset
    );
    // A first line that is cut off too is damage of its own.
    let from = Position { offset: end.offset.max(frames_begin()), ..end };
    Gap { from, to: durable, records: None, reason }
}

impl FileLog {
    /// Opens a log. `durable_end` is how far the index knows it to have been durable.
    ///
    /// # Errors
    /// [`StoreError::NoLedger`], [`StoreError::NewerLayout`]; [`StoreError::Damaged`] where not even
    /// the ledger can be told; otherwise where the disk refuses. Other damage is a notice.
    pub fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        durable_end: Option<Position>,
    ) -> Result<(Self, Vec<LogNotice>), StoreError> {
        let mut segments = open_segments(&*disk, folder)?;
        let note = EndNote::read(&*disk, folder);
        let (ledger, marker) = find_identity(&segments, note)?;
        // A note of another log says nothing of this one.
        let note = note.filter(|note| note.ledger == ledger && note.marker == marker);
        let mut notices = check_headers(&mut segments, ledger, marker);
        let Some((&last, segment)) = segments.iter_mut().next_back() else {
            return Err(missing_segment(0));
        };
        let durable = durable_end.max(note.map(|note| note.end)).unwrap_or_default();
        // What was durable was no room, even where there are zeros now.
        let filled = if durable.segment == last { durable.offset } else { 0 };
        let written = segment.find_room()?;
        let room_from = written.max(filled).max(frames_begin());
        // Where zeros stand before the noted end, records are to be looked for one after another: a
        // record may end in a zero, but more of them are a loss.
        let reached = note.filter(|note| note.end.offset <= written);
        let tail = read_tail(segment, (last, room_from), marker, reached)?;
        let laid_out = segment.len;
        segment.len = tail.end;
        let mut log = Self {
            end: Position { segment: last, offset: tail.end },
            durable,
            laid_out,
            appended_bytes: 0,
            folder: folder.to_owned(),
            ledger,
            marker,
            segments,
            next_record: tail.next_record,
            state: State::Open,
            end_note: EndNoteFile::new(folder),
            segment_bytes: SEGMENT_BYTES,
            buffer: Vec::new(),
            disk,
        };
        log.settle_tail(&tail, &mut notices)?;
        Ok((log, notices))
    }

    /// Cuts what is torn, names what is damaged, and makes what is whole durable.
    fn settle_tail(&mut self, tail: &Tail, notices: &mut Vec<LogNotice>) -> Result<(), StoreError> {
        let segment = self.end.segment;
        let at = |offset| Position { segment, offset };
        let header = self.last_segment()?.header.clone();
        for damage in &tail.damage {
            let before_later_batch =
                damage.number.is_none_or(|number| number < tail.durable_before);
            // A first line is never unfinished: where it is damaged, so may be what follows.
            if at(damage.from) >= self.durable && !before_later_batch && header.is_ok() {
                notices.push(self.cut_tail(damage)?);
                break;
            }
            let (from, to) = (at(damage.from), at(damage.to));
            let gap = Gap { from, to, records: None, reason: damage.reason.clone() };
            if to == self.end {
                self.state = State::Damaged(gap.clone());
            }
            notices.push(LogNotice::Damage(gap));
        }
        if let Err(reason) = header {
            let gap = Gap { from: at(0), to: at(frames_begin()), records: Some(0), reason };
            self.state = State::Damaged(gap);
        }
        if self.end < self.durable {
            let gap = missing_end(self.end, self.durable);
            self.state = State::Damaged(gap.clone());
            notices.push(LogNotice::Damage(gap));
        }
        if self.state == State::Open {
            self.cut_room()?;
            let known = if self.durable.segment == segment {
                self.durable.offset.max(frames_begin())
            } else {
                frames_begin()
            };
            // Before the batch of the last whole frame all was durable.
            self.write_again(known.max(tail.batch_begin))?;
            self.durable = self.end;
            self.note_end();
        }
        Ok(())
    }

    /// Keeps what stands from an offset on in a file beside, then cuts it off.
    fn cut_tail(&mut self, damage: &Damage) -> Result<LogNotice, StoreError> {
        let offset = damage.from;
        let kept = self.keep_tail(offset)?;
        let at = Position { segment: self.end.segment, offset };
        let bytes = self.end.offset.saturating_sub(offset);
        let segment = self.last_segment()?;
        let path = segment.path.clone();
        segment
            .file
            .truncate(offset)
            .and_then(|()| segment.file.sync_data())
            .map_err(|error| StoreError::io("cut", &path, error))?;
        segment.len = offset;
        self.laid_out = offset;
        self.end = at;
        self.next_record = damage.number.unwrap_or(self.next_record);
        Ok(LogNotice::TornTail { at, bytes, kept })
    }

    /// Copies what stands from an offset on into a file of its own.
    pub(super) fn keep_tail(&self, offset: u64) -> Result<PathBuf, StoreError> {
        let number = self.end.segment;
        let segment = self.segments.get(&number).ok_or_else(|| missing_segment(number))?;
        let mut kept = self.folder.join(format!("torn-{number:08}-{offset}"));
        let mut again = 1_u32;
        while self.disk.open(&kept).is_ok() {
            again = again.saturating_add(1);
            kept = self.folder.join(format!("torn-{number:08}-{offset}-{again}"));
        }
        let piece = Piece::Copy(&*segment.file, offset, segment.len);
        write_whole(&*self.disk, &kept, &[piece])?;
        Ok(kept)
    }

    /// Writes what stands from an offset on once more, and syncs. After a failed sync the system may
    /// show bytes that the disk does not have, and a second sync would not write them.
    fn write_again(&mut self, from: u64) -> Result<(), StoreError> {
        let end = self.end.offset;
        if from >= end {
            return Ok(());
        }
        let segment = self.last_segment()?;
        let failed = |error| StoreError::io("write again", &segment.path, error);
        let mut at = from;
        while at < end {
            let want = end.saturating_sub(at).min(REWRITE_BYTES);
            let mut bytes = vec![0; usize::try_from(want).unwrap_or(0)];
            let read = segment.file.read_at(&mut bytes, at).map_err(failed)?;
            bytes.truncate(read);
            if bytes.is_empty() {
                return Err(failed(std::io::ErrorKind::UnexpectedEof.into()));
            }
            segment.file.write_at(&bytes, at).map_err(failed)?;
            at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        }
        segment.file.sync_data().map_err(failed)
    }
}

/// Opens every segment there is, and removes files that never came into their place.
fn open_segments(disk: &dyn Disk, folder: &Path) -> Result<BTreeMap<u32, Segment>, StoreError> {
    let names = match disk.list(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::NoLedger { path: folder.to_owned() });
        }
        Err(error) => return Err(StoreError::io("list", folder, error)),
    };
    let mut segments = BTreeMap::new();
    for name in &names {
        if let Some(number) = parse_segment_name(name) {
            segments.insert(number, open_segment(disk, folder, number)?);
        } else if Path::new(name).extension().is_some_and(|ending| ending == NEW_ENDING) {
            let path = folder.join(name);
            disk.remove(&path).map_err(|error| StoreError::io("remove", &path, error))?;
        }
    }
    if !segments.is_empty() {
        Ok(segments)
    } else if names.iter().any(|name| name == END_NOTE_NAME) {
        Err(missing_segment(0))
    } else {
        Err(StoreError::NoLedger { path: folder.to_owned() })
    }
}

/// Which ledger's log this is, and its marker: from the first line that is whole, else from the end
/// note, else from the charter and whatever frame can be read.
fn find_identity(
    segments: &BTreeMap<u32, Segment>,
    note: Option<EndNote>,
) -> Result<(LedgerId, Marker), StoreError> {
    let mut headers = segments.values().filter_map(|segment| segment.header.as_ref().ok());
    if let Some(header) = headers.next() {
        return Ok((header.ledger, header.marker));
    }
    if let Some(note) = note {
        return Ok((note.ledger, note.marker));
    }
    for segment in segments.values() {
        if let Some(marker) = segment.find_marker()?
            && let Some(ledger) = read_ledger(segments, marker)?
        {
            return Ok((ledger, marker));
        }
    }
    let number = segments.keys().next().copied().unwrap_or_default();
    Err(StoreError::Damaged {
        file: segment_name(number),
        position: Position { segment: number, offset: 0 },
        entry: None,
        reason: "the first line, the end note and the charter cannot be read".to_owned(),
    })
}

fn read_ledger(
    segments: &BTreeMap<u32, Segment>,
    marker: Marker,
) -> Result<Option<LedgerId>, StoreError> {
    let Some(segment) = segments.get(&0) else {
        return Ok(None);
    };
    let read = read_frame(&*segment.file, marker, frames_begin(), segment.len)
        .map_err(|error| StoreError::io("read", &segment.path, error))?;
    let charter = match read {
        Ok((_, record)) if record.kind == RecordKind::Entry => {
            decode_signed_entry(&record.bytes).ok()
        }
        Ok(_) | Err(_) => None,
    };
    Ok(charter.map(|entry| LedgerId::of_charter(entry.id())))
}

/// Names segments that are missing, and first lines that are damaged or another log's.
fn check_headers(
    segments: &mut BTreeMap<u32, Segment>,
    ledger: LedgerId,
    marker: Marker,
) -> Vec<LogNotice> {
    let mut notices = Vec::new();
    let mut next = 0;
    for (number, segment) in segments {
        let at = |offset| Position { segment: *number, offset };
        if *number > next {
            notices.push(LogNotice::Damage(Gap {
                from: Position { segment: next, offset: 0 },
                to: at(0),
                records: None,
                reason: "the segment file is missing".to_owned(),
            }));
        }
        next = number.saturating_add(1);
        if let Ok(header) = &segment.header {
            let wrong = if header.ledger != ledger {
                Some(format!("expected ledger {ledger}, found {}", header.ledger))
            } else if header.marker != marker {
                Some("the segment is of another log of this ledger".to_owned())
            } else if header.segment != *number {
                Some(format!("expected segment {number}, found {}", header.segment))
            } else {
                None
            };
            if let Some(reason) = wrong {
                segment.header = Err(reason);
            }
        }
        if let Err(reason) = &segment.header {
            notices.push(LogNotice::Damage(Gap {
                from: at(0),
                to: at(frames_begin()),
                records: Some(0),
                reason: reason.clone(),
            }));
        }
    }
    notices
}

/// Reads the last segment from the end note on; from its start where that does not fit.
fn read_tail(
    segment: &Segment,
    (number, room_from): (u32, u64),
    marker: Marker,
    note: Option<EndNote>,
) -> Result<Tail, StoreError> {
    let from_note = note.filter(|note| {
        note.end.segment == number && (frames_begin()..=segment.len).contains(&note.end.offset)
    });
    if let Some(note) = from_note {
        let tail = walk_tail(segment, marker, (note.end.offset, room_from), Some(note.records))?;
        if tail.damage.is_empty() {
            return Ok(tail);
        }
    }
    // Only from the start on is it certain where records begin.
    let first = segment.header.as_ref().ok().map(|header| header.first);
    walk_tail(segment, marker, (frames_begin().min(segment.len), room_from), first)
}

fn walk_tail(
    segment: &Segment,
    marker: Marker,
    (from, room_from): (u64, u64),
    first: Option<u64>,
) -> Result<Tail, StoreError> {
    let mut expected = first;
    let mut tail = Tail {
        next_record: 0,
        batch_begin: from,
        damage: Vec::new(),
        durable_before: 0,
        end: from,
    };
    let reader = FrameReader::new(segment, marker, from, segment.len);
    let mut reader = reader.with_room_from(room_from);
    while let Some(met) = reader.read_next()? {
        let head = match &met {
            Met::Frame(_, _, head, _) => Some(*head),
            Met::Damage(_, _, head, _) => *head,
        };
        if let Some(Head { number, .. }) = head {
            expected = Some(expected.map_or(number, |expected| expected.max(number)));
        }
        if let Some(head) = head {
            tail.durable_before = tail.durable_before.max(head.batch_first());
        }
        match met {
            Met::Frame(begin, _, head, _) => {
                if head.place == 0 {
                    tail.batch_begin = begin;
                }
            }
            Met::Damage(begin, end, _, fault) => {
                // Where only the head was written it says as much: its batch was begun.
                let first = read_batch_first(segment, marker, begin)?;
                tail.durable_before = tail.durable_before.max(first.unwrap_or_default());
                let reason = fault.reason();
                tail.damage.push(Damage { from: begin, to: end, number: expected, reason });
            }
        }
        if head.is_some() {
            expected = expected.map(|expected| expected.saturating_add(1));
        }
    }
    tail.next_record = expected.unwrap_or_default();
    tail.end = reader.offset();
    Ok(tail)
}

/// Number of the first record of the batch whose head stands at an offset, if one does.
fn read_batch_first(
    segment: &Segment,
    marker: Marker,
    offset: u64,
) -> Result<Option<u64>, StoreError> {
    let mut bytes = [0; HEAD_BYTES];
    let read = segment
        .file
        .read_at(&mut bytes, offset)
        .map_err(|error| StoreError::io("read", &segment.path, error))?;
    let head = bytes.get(..read).and_then(|bytes| Head::decode(bytes, Some(marker)).ok());
    Ok(head.map(|head| head.batch_first()))
}
