// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One segment file: a line that says whose it is, then frames; and reading it past damage.
//!
//! Reading never stops at damage and never skips it in silence: where no whole frame stands, a
//! [`Met::Damage`] says from where to where. Reads in chunks: memory is bounded by the largest record.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::DiskFile;
use super::frame::{FrameFault, Head, Marker, RECORD_BYTES_MAX, decode_frame, find_marker};
use super::{Record, StoreError};
use crate::id::LedgerId;

/// The layout of segment files that this program writes, and the newest that it reads.
pub const LOG_LAYOUT: u32 = 1;
/// Bytes of a segment's first line, with its line feed.
pub const SEGMENT_HEADER_BYTES: usize = 181;
/// Bytes that the first line of any layout has at most: a newer one is told by its own check.
const LINE_BYTES_MAX: usize = 512;
/// Context of the first line's check.
pub const SEGMENT_CONTEXT: &str = "constancia v1 log segment";

/// Bytes read at a time: large enough to be fast, small beside the largest record.
const CHUNK_BYTES: usize = 256 << 10;
/// How far into a segment a frame is looked for when its first line is gone: past one largest record.
const MARKER_SEARCH_BYTES: usize = 2 * RECORD_BYTES_MAX + CHUNK_BYTES;

/// The first line of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) ledger: LedgerId,
    /// Number of the segment, from 0.
    pub(super) segment: u32,
    /// Number of the first record in it.
    pub(super) first: u64,
    pub(super) marker: Marker,
}

/// Why a first line is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderFault {
    /// Written by a newer program.
    Newer(u32),
    /// Damaged; in words.
    Damaged(String),
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut line = format!(
            "constancia-log-v{LOG_LAYOUT} ledger={} segment={:08} first={:020} marker={} check=",
            self.ledger,
            self.segment,
            self.first,
            hex::encode(self.marker.0),
        );
        line.push_str(&line_check(SEGMENT_CONTEXT, &line));
        line.push('\n');
        line.into_bytes()
    }

    /// Reads the line that `bytes` begin with.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let damaged = |reason: &str| HeaderFault::Damaged(format!("the first line {reason}"));
        if let Some(found) = find_newer(bytes) {
            return Err(HeaderFault::Newer(found));
        }
        let line = bytes.get(..SEGMENT_HEADER_BYTES).ok_or_else(|| damaged("is cut off"))?;
        let header = str::from_utf8(line).ok().and_then(parse_line);
        match header {
            Some(header) if header.encode() == line => Ok(header),
            Some(_) | None => Err(damaged("is not as it was written")),
        }
    }
}

/// A check at the end of a line of text: the first 8 bytes of BLAKE3 derive-key, in hexadecimal.
pub(super) fn line_check(context: &str, line: &str) -> String {
    hex::encode(blake3::derive_key(context, line.as_bytes()).get(..8).unwrap_or_default())
}

/// The value of `name=` in a line of words.
pub(super) fn find_field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_ascii_whitespace()
        .find_map(|word| word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')))
}

/// The layout of a line that a newer program wrote: whatever else changes, it ends in its check.
fn find_newer(bytes: &[u8]) -> Option<u32> {
    let line = str::from_utf8(bytes.split(|byte| *byte == b'\n').next()?).ok()?;
    let found = line.strip_prefix("constancia-log-v")?.split(' ').next()?.parse().ok()?;
    let (checked, check) = line.split_at_checked(line.rfind("check=")?.checked_add(6)?)?;
    (found > LOG_LAYOUT && check == line_check(SEGMENT_CONTEXT, checked)).then_some(found)
}

fn parse_line(text: &str) -> Option<SegmentHeader> {
    let mut marker = [0; 8];
    hex::decode_to_slice(find_field(text, "marker")?, &mut marker).ok()?;
    Some(SegmentHeader {
        ledger: find_field(text, "ledger")?.parse().ok()?,
        segment: find_field(text, "segment")?.parse().ok()?,
        first: find_field(text, "first")?.parse().ok()?,
        marker: Marker(marker),
    })
}

/// The file name of a segment.
pub(super) fn segment_name(segment: u32) -> String {
    format!("{segment:08}.seg")
}

/// The number of the segment with this file name.
pub(super) fn parse_segment_name(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".seg")?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// A segment's file, open.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: Box<dyn DiskFile>,
    /// Its first line, or what is wrong with it.
    pub(super) header: Result<SegmentHeader, String>,
    /// Bytes that count: in the last segment the log's end, else the file's length.
    pub(super) len: u64,
}

impl Segment {
    /// Opens what is there; a damaged first line is no error.
    pub(super) fn open(path: PathBuf, file: Box<dyn DiskFile>) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io("read", &path, error);
        let len = file.len().map_err(failed)?;
        let mut line = vec![0; LINE_BYTES_MAX];
        let read = file.read_at(&mut line, 0).map_err(failed)?;
        line.truncate(read);
        let header = match SegmentHeader::decode(&line) {
            Ok(header) => Ok(header),
            Err(HeaderFault::Damaged(reason)) => Err(reason),
            Err(HeaderFault::Newer(found)) => {
                return Err(StoreError::NewerLayout { path, expected: LOG_LAYOUT, found });
            }
        };
        Ok(Self { path, file, header, len })
    }

    /// The marker as the first frames have it, where the first line does not say.
    pub(super) fn find_marker(&self) -> Result<Option<Marker>, StoreError> {
        let mut bytes = vec![0; MARKER_SEARCH_BYTES];
        let read = self
            .file
            .read_at(&mut bytes, 0)
            .map_err(|error| StoreError::io("read", &self.path, error))?;
        bytes.truncate(read);
        // First where it should be; only then anywhere, which is slower.
        let expected = bytes.get(SEGMENT_HEADER_BYTES..).and_then(find_marker);
        Ok(expected.or_else(|| (0..bytes.len()).find_map(|at| find_marker(bytes.get(at..)?))))
    }
}

/// What reading a segment meets.
#[derive(Debug)]
pub(super) enum Met {
    /// A whole frame: where it begins and ends.
    Frame(u64, u64, Head, Record),
    /// Damage: from where to where, the head where that is whole, and what is wrong.
    Damage(u64, u64, Option<Head>, FrameFault),
}

/// Reads the frames of a segment one after another.
#[derive(Debug)]
pub(super) struct FrameReader<'a> {
    file: &'a dyn DiskFile,
    path: &'a Path,
    marker: Marker,
    offset: u64,
    end: u64,
    /// Where nothing but zeros follows: a frame may end beyond it, with zeros, but none begins there.
    room_from: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> FrameReader<'a> {
    /// From an offset up to an end, which is the segment's unless less of it counts.
    pub(super) fn new(segment: &'a Segment, marker: Marker, offset: u64, end: u64) -> Self {
        Self {
            file: &*segment.file,
            path: &segment.path,
            marker,
            offset,
            end,
            room_from: end,
            buffer: Vec::new(),
            buffer_at: 0,
        }
    }

    /// The same, where nothing but zeros stands from an offset on: the last segment may end in room
    /// that is laid out for what comes next.
    pub(super) fn with_room_from(mut self, room_from: u64) -> Self {
        self.room_from = room_from.min(self.end);
        self
    }

    /// Where the next frame would begin; where there is none, where the last one ends.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next frame or damage; nothing at the end.
    pub(super) fn read_next(&mut self) -> Result<Option<Met>, StoreError> {
        if self.offset >= self.room_from {
            return Ok(None);
        }
        let from = self.offset;
        let marker = self.marker;
        let head = match Head::decode(self.peek(from, HEAD_PEEK_BYTES)?, Some(marker)) {
            Ok(head) => head,
            Err(fault) => return self.resume_after(from, None, fault).map(Some),
        };
        let len = usize::try_from(head.frame_bytes()).unwrap_or(usize::MAX);
        match decode_frame(self.peek(from, len)?, &head) {
            Ok(record) => {
                let to = from.saturating_add(head.frame_bytes());
                self.offset = to;
                Ok(Some(Met::Frame(from, to, head, record)))
            }
            Err(fault) => self.resume_after(from, Some(head), fault).map(Some),
        }
    }

    /// Goes on at the next head after damage, which begins where the damaged head says, or is
    /// searched for.
    fn resume_after(
        &mut self,
        from: u64,
        head: Option<Head>,
        fault: FrameFault,
    ) -> Result<Met, StoreError> {
        if let Some(head) = head {
            let to = from.saturating_add(head.frame_bytes());
            let is_last = (self.room_from..=self.end).contains(&to);
            if is_last || (to < self.end && self.is_head(to)?) {
                self.offset = to;
                return Ok(Met::Damage(from, to, Some(head), fault));
            }
        }
        // No head stands where only zeros do.
        let to = self.search_head(from.saturating_add(1))?.min(self.room_from);
        self.offset = to;
        // A head whose frame does not end where another begins is not to be trusted with a length.
        Ok(Met::Damage(from, to, None, fault))
    }

    fn is_head(&mut self, at: u64) -> Result<bool, StoreError> {
        let marker = self.marker;
        Ok(Head::decode(self.peek(at, HEAD_PEEK_BYTES)?, Some(marker)).is_ok())
    }

    fn search_head(&mut self, from: u64) -> Result<u64, StoreError> {
        let marker = self.marker.0;
        let mut at = from;
        while at < self.room_from {
            let window = self.peek(at, CHUNK_BYTES)?;
            let found = window.windows(marker.len()).position(|bytes| bytes == marker);
            let step = match found {
                Some(found) => {
                    let candidate = at.saturating_add(u64::try_from(found).unwrap_or(u64::MAX));
                    if self.is_head(candidate)? {
                        return Ok(candidate);
                    }
                    found.saturating_add(1)
                }
                // The last seven bytes may begin a marker.
                None => window.len().saturating_sub(marker.len().saturating_sub(1)).max(1),
            };
            at = at.saturating_add(u64::try_from(step).unwrap_or(u64::MAX));
        }
        Ok(self.end)
    }

    /// The bytes from `at` on: `want` of them, fewer only before the end.
    fn peek(&mut self, at: u64, want: usize) -> Result<&[u8], StoreError> {
        let left = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX);
        let want = want.min(left);
        let skip = usize::try_from(at.saturating_sub(self.buffer_at)).unwrap_or(usize::MAX);
        let buffered = at >= self.buffer_at && self.buffer.len() >= skip.saturating_add(want);
        if !buffered {
            let size = want.max(CHUNK_BYTES).min(left);
            self.buffer.resize(size, 0);
            let read = self
                .file
                .read_at(&mut self.buffer, at)
                .map_err(|error| StoreError::io("read", self.path, error))?;
            self.buffer.truncate(read);
            self.buffer_at = at;
            return Ok(self.buffer.get(..want.min(read)).unwrap_or_default());
        }
        Ok(self.buffer.get(skip..skip.saturating_add(want)).unwrap_or_default())
    }
}

const HEAD_PEEK_BYTES: usize = super::frame::HEAD_BYTES;

/// Reads the one frame that begins at an offset.
pub(super) fn read_frame(
    file: &dyn DiskFile,
    marker: Marker,
    offset: u64,
    end: u64,
) -> io::Result<Result<(Head, Record), FrameFault>> {
    // Most records fit into the first read.
    const FIRST_READ_BYTES: usize = 1_024;
    let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; FIRST_READ_BYTES.min(left)];
    let read = file.read_at(&mut bytes, offset)?;
    bytes.truncate(read);
    let head = match Head::decode(&bytes, Some(marker)) {
        Ok(head) => head,
        Err(fault) => return Ok(Err(fault)),
    };
    let len = usize::try_from(head.frame_bytes()).unwrap_or(usize::MAX).min(left);
    if let Some(missing) = len.checked_sub(bytes.len()).filter(|missing| *missing > 0) {
        let have = bytes.len();
        bytes.resize(have.saturating_add(missing), 0);
        let at = offset.saturating_add(u64::try_from(have).unwrap_or(u64::MAX));
        let rest = bytes.get_mut(have..).unwrap_or_default();
        let read = file.read_at(rest, at)?;
        bytes.truncate(have.saturating_add(read));
    }
    Ok(decode_frame(&bytes, &head).map(|record| (head, record)))
}
