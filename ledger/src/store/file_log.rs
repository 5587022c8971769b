// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The entry log in segment files: the truth of a replica, on disk.
//!
//! Append writes all records at once, syncs, and only then returns. What the disk refuses leaves the
//! log as it was: a failed write is cut off again, so a full disk costs nothing that was
//! acknowledged; after a failed sync nothing more is taken until the log is opened again, because
//! what the disk holds is then unknown. Reading checks every byte again. Nothing here is ever
//! skipped or cut in silence: see [`LogNotice`] and [`Gap`].

mod end_note;
mod open;
mod replace;
mod room;
mod scan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, Piece, write_whole};
use super::frame::{Head, Marker, RECORD_BYTES_MAX, encode_frame};
use super::segment::{
    SEGMENT_HEADER_BYTES, Segment, SegmentHeader, parse_segment_name, read_frame, segment_name,
};
use super::{EntryLog, Gap, Position, Record, Scanned, StoreError};
use crate::id::LedgerId;
use end_note::{EndNote, EndNoteFile};

pub use open::LogNotice;

/// A new segment begins once the last one has as many bytes: small enough to be rewritten when a
/// record is replaced, large enough that a million entries are a handful of files.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// The entry log in a folder.
#[derive(Debug)]
pub struct FileLog {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    ledger: LedgerId,
    marker: Marker,
    /// By number. One that is missing is damage, which a scan names.
    segments: BTreeMap<u32, Segment>,
    end: Position,
    /// How far the log is known to have been durable: beyond `end` where something is missing there.
    durable: Position,
    /// Number of the next record.
    next_record: u64,
    /// Bytes of the last segment's file: beyond `end` there are zeros.
    laid_out: u64,
    /// Since the log was opened.
    appended_bytes: u64,
    state: State,
    end_note: EndNoteFile,
    segment_bytes: u64,
    buffer: Vec<u8>,
}

/// Whether the log takes records.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// A write or sync failed: what the disk holds is unknown.
    Poisoned,
    /// The end is damaged or missing: what comes next would stand in the wrong place.
    Damaged(Gap),
}

impl FileLog {
    /// Makes an empty log in a folder. `marker` is 8 random bytes.
    ///
    /// # Errors
    /// [`StoreError::LedgerExists`] where the folder holds a log with anything in it; otherwise where
    /// the disk refuses.
    pub fn create(
        disk: Arc<dyn Disk>,
        folder: &Path,
        ledger: LedgerId,
        marker: [u8; 8],
    ) -> Result<Self, StoreError> {
        disk.create_folder(folder).map_err(|error| StoreError::io("create", folder, error))?;
        refuse_existing(&*disk, folder)?;
        let marker = Marker(marker);
        let header = SegmentHeader { ledger, segment: 0, first: 0, marker };
        let segment = create_segment(&*disk, folder, &header)?;
        let mut log = Self {
            end: Position { segment: 0, offset: segment.len },
            durable: Position { segment: 0, offset: segment.len },
            folder: folder.to_owned(),
            ledger,
            marker,
            laid_out: segment.len,
            appended_bytes: 0,
            segments: BTreeMap::from([(0, segment)]),
            next_record: 0,
            state: State::Open,
            end_note: EndNoteFile::new(folder),
            segment_bytes: SEGMENT_BYTES,
            buffer: Vec::new(),
            disk,
        };
        log.note_end();
        Ok(log)
    }

    /// The same log with segments of another size.
    #[must_use]
    pub fn with_segment_bytes(mut self, segment_bytes: u64) -> Self {
        self.segment_bytes = segment_bytes;
        self
    }

    /// The ledger.
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Bytes of all segment files.
    pub fn size_bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.len).fold(0, u64::saturating_add)
    }

    /// Encodes a batch of frames into the buffer; where each begins, from the first.
    fn encode(&mut self, records: &[Record]) -> Result<Vec<u64>, StoreError> {
        self.buffer.clear();
        let mut begins = Vec::with_capacity(records.len());
        for (place, record) in records.iter().enumerate() {
            begins.push(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX));
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let number = self.next_record.saturating_add(place.into());
            let head = make_head(record, number, place)?;
            encode_frame(&mut self.buffer, self.marker, &head, &record.bytes);
        }
        Ok(begins)
    }

    fn check_open(&self) -> Result<(), StoreError> {
        match &self.state {
            State::Open => Ok(()),
            State::Poisoned => Err(StoreError::Poisoned),
            State::Damaged(tail) => Err(StoreError::Damaged {
                file: segment_name(tail.from.segment),
                position: tail.from,
                entry: None,
                reason: tail.reason.clone(),
            }),
        }
    }

    fn last_segment(&mut self) -> Result<&mut Segment, StoreError> {
        let number = self.end.segment;
        self.segments.get_mut(&number).ok_or_else(|| missing_segment(number))
    }

    /// Begins a new segment if the last one is full.
    fn roll(&mut self) -> Result<(), StoreError> {
        if self.end.offset < self.segment_bytes {
            return Ok(());
        }
        self.cut_room()?;
        let segment = self.end.segment.saturating_add(1);
        let (ledger, marker, first) = (self.ledger, self.marker, self.next_record);
        let header = SegmentHeader { ledger, segment, first, marker };
        let made = create_segment(&*self.disk, &self.folder, &header).inspect_err(|_| {
            // Renamed, perhaps, but not for certain: only opening again can tell.
            if self.disk.open(&self.folder.join(segment_name(segment))).is_ok() {
                self.state = State::Poisoned;
            }
        })?;
        self.end = Position { segment, offset: made.len };
        self.durable = self.end;
        self.laid_out = made.len;
        self.segments.insert(segment, made);
        Ok(())
    }

    /// Writes the buffer at the end and syncs it.
    fn write_buffer(&mut self) -> Result<(), StoreError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write_at_end(&mut buffer);
        self.buffer = buffer;
        written
    }

    fn write_at_end(&mut self, frames: &mut Vec<u8>) -> Result<(), StoreError> {
        let len = frames.len();
        let len_bytes = u64::try_from(len).unwrap_or(u64::MAX);
        let room = self.plan_room(len_bytes);
        frames.resize(len.saturating_add(usize::try_from(room).unwrap_or(0)), 0);
        let mut written = self.write_bytes(frames);
        if written.is_err() && room > 0 && self.state == State::Open {
            // The records may fit where they do not with room behind them; the next ones are not to
            // try as much again.
            self.appended_bytes = 0;
            frames.truncate(len);
            written = self.write_bytes(frames);
        }
        written?;
        let segment = self.last_segment()?;
        if let Err(error) = segment.file.sync_data() {
            let failure = StoreError::io("sync", &segment.path, error);
            self.state = State::Poisoned;
            return Err(failure);
        }
        self.end.offset = self.end.offset.saturating_add(len_bytes);
        self.durable = self.end;
        self.appended_bytes = self.appended_bytes.saturating_add(len_bytes);
        let end = self.end.offset;
        self.last_segment()?.len = end;
        Ok(())
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let offset = self.end.offset;
        let segment = self.last_segment()?;
        if let Err(error) = segment.file.write_at(bytes, offset) {
            let failure = StoreError::io("append to", &segment.path, error);
            // A part may have been written: without it the log ends where it did.
            match segment.file.truncate(offset) {
                Ok(()) => self.laid_out = offset,
                Err(_) => self.state = State::Poisoned,
            }
            return Err(failure);
        }
        let end = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.laid_out = self.laid_out.max(end);
        Ok(())
    }

    /// Notes how far the log is durable, for an opening without an index. Not synced and allowed to
    /// fail: an older note says less, never something wrong.
    fn note_end(&mut self) {
        let note = EndNote {
            ledger: self.ledger,
            marker: self.marker,
            end: self.end,
            records: self.next_record,
        };
        self.end_note.write(&*self.disk, &note);
    }
}

impl EntryLog for FileLog {
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError> {
        self.check_open()?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let begins = self.encode(records)?;
        self.roll()?;
        let Position { segment, offset } = self.end;
        self.write_buffer()?;
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        self.next_record = self.next_record.saturating_add(count);
        self.note_end();
        let positions = begins.into_iter();
        Ok(positions
            .map(|begin| Position { segment, offset: offset.saturating_add(begin) })
            .collect())
    }

    fn read(&self, position: Position) -> Result<Record, StoreError> {
        let segment = self
            .segments
            .get(&position.segment)
            .ok_or_else(|| missing_segment(position.segment))?;
        let read = read_frame(&*segment.file, self.marker, position.offset, segment.len)
            .map_err(|error| StoreError::io("read", &segment.path, error))?;
        match read {
            Ok((_, record)) => Ok(record),
            Err(fault) => Err(StoreError::Damaged {
                file: segment_name(position.segment),
                position,
                entry: None,
                reason: fault.reason(),
            }),
        }
    }

    fn end(&self) -> Position {
        self.end
    }

    fn count_records(&self) -> u64 {
        self.next_record
    }

    fn scan(
        &self,
        from: Position,
        visit: &mut dyn FnMut(Scanned) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.scan_from(from, visit)
    }

    fn fits(&self, gap: &Gap, records: &[Record]) -> bool {
        if gap.is_first_line() {
            return records.is_empty();
        }
        if gap.from.segment != gap.to.segment {
            // The end of a segment, or all of it: nothing stands behind it.
            return gap.to.offset == 0 && gap.to.segment == gap.from.segment.saturating_add(1);
        }
        let room = gap.to.offset.saturating_sub(gap.from.offset);
        let (mut least, mut most) = (0_u64, 0_u64);
        for record in records {
            let Ok(head) = make_head(record, 0, 0) else {
                return false;
            };
            let padding = u64::from(head.padding_max());
            least = least.saturating_add(head.frame_bytes());
            most = most.saturating_add(head.frame_bytes()).saturating_add(padding);
        }
        (least..=most).contains(&room)
    }

    fn replace(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        self.replace_gap(gap, records)
    }
}

fn make_head(record: &Record, number: u64, place: u32) -> Result<Head, StoreError> {
    let found = record.bytes.len();
    match u32::try_from(found) {
        Ok(length) if found <= RECORD_BYTES_MAX => {
            Ok(Head { number, place, kind: record.kind.number(), length, padding: 0 })
        }
        Ok(_) | Err(_) => Err(StoreError::RecordTooLong { expected: RECORD_BYTES_MAX, found }),
    }
}

/// Makes a segment that has nothing but its first line. It appears whole or not at all.
fn create_segment(
    disk: &dyn Disk,
    folder: &Path,
    header: &SegmentHeader,
) -> Result<Segment, StoreError> {
    let path = folder.join(segment_name(header.segment));
    write_whole(disk, &path, &[Piece::Bytes(&header.encode())])?;
    open_segment(disk, folder, header.segment)
}

fn open_segment(disk: &dyn Disk, folder: &Path, number: u32) -> Result<Segment, StoreError> {
    let path = folder.join(segment_name(number));
    let file = disk.open(&path).map_err(|error| StoreError::io("open", &path, error))?;
    Segment::open(path, file)
}

/// Refuses a folder with a log in it, unless that was never begun: no record, one segment.
fn refuse_existing(disk: &dyn Disk, folder: &Path) -> Result<(), StoreError> {
    let names = disk.list(folder).map_err(|error| StoreError::io("list", folder, error))?;
    let numbers: Vec<u32> = names.iter().filter_map(|name| parse_segment_name(name)).collect();
    for number in &numbers {
        let segment = open_segment(disk, folder, *number)?;
        let begun = segment.len > u64::try_from(SEGMENT_HEADER_BYTES).unwrap_or(u64::MAX);
        if begun || numbers.len() > 1 {
            let path = folder.to_owned();
            return Err(match segment.header {
                Ok(header) => StoreError::LedgerExists { path, found: header.ledger },
                Err(reason) => StoreError::Damaged {
                    file: segment_name(*number),
                    position: Position { segment: *number, offset: 0 },
                    entry: None,
                    reason,
                },
            });
        }
    }
    Ok(())
}

fn missing_segment(number: u32) -> StoreError {
    StoreError::Damaged {
        file: segment_name(number),
        position: Position { segment: number, offset: 0 },
        entry: None,
        reason: "the file is missing".to_owned(),
    }
}
