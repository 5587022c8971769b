// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Room ahead: zeros behind the last record of the last segment, laid out before they are needed.
//!
//! A sync after a write into room writes the record and nothing else; one that makes the file longer
//! waits for the file system to write down the new length too. Zeros are no frame, so a log ends where
//! only they follow, and whoever opens one after a kill cuts them off. So does closing, and so does
//! beginning a new segment: a log at rest has none.
//!
//! As much is laid out as has been appended since the log was opened: a single command lays out none,
//! and a node, after a few appends, hardly ever any.

use super::super::StoreError;
use super::super::segment::Segment;
use super::{FileLog, State};

/// Bytes laid out at a time, at most: some thousand records, and a few milliseconds.
const ROOM_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a write that lays out nothing: beside these a sync is nothing.
const LARGE_WRITE_BYTES: u64 = 1 << 16;

/// Bytes at the end of a segment that are read first: a log at rest ends in a record, and every command
/// opens it.
const FIRST_LOOK_BYTES: u64 = 1 << 12;

impl FileLog {
    /// How many zeros to write behind so many bytes.
    pub(super) fn plan_room(&self, bytes: u64) -> u64 {
        let end = self.end.offset.saturating_add(bytes);
        if end <= self.laid_out || bytes >= LARGE_WRITE_BYTES {
            return 0;
        }
        // Where the segment is full the next one begins.
        let left = self.segment_bytes.saturating_sub(end);
        self.appended_bytes.min(ROOM_BYTES_MAX).min(left)
    }

    /// Cuts off what is laid out, durably: nothing but the last segment may have any.
    pub(super) fn cut_room(&mut self) -> Result<(), StoreError> {
        let end = self.end.offset;
        if self.laid_out <= end {
            return Ok(());
        }
        if !self.has_blank_room() {
            self.state = State::Poisoned;
            return Err(StoreError::Poisoned);
        }
        let segment = self.last_segment()?;
        let cut = segment.file.truncate(end).and_then(|()| segment.file.sync_data());
        let cut = cut.map_err(|error| StoreError::io("cut", &segment.path, error));
        match cut {
            Ok(()) => self.laid_out = end,
            Err(_) => self.state = State::Poisoned,
        }
        cut
    }
}

impl FileLog {
    /// Whether nothing but zeros stands in what was laid out: whoever else wrote there, with the lock
    /// gone from under this process, must not lose it.
    fn has_blank_room(&self) -> bool {
        let end = self.end.offset;
        let want = usize::try_from(self.laid_out.saturating_sub(end)).unwrap_or(usize::MAX);
        let Some(segment) = self.segments.get(&self.end.segment) else {
            return false;
        };
        let mut bytes = vec![0; want];
        segment.file.read_at(&mut bytes, end).is_ok() && bytes.iter().all(|byte| *byte == 0)
    }
}

impl Segment {
    /// From where on there is nothing but zeros.
    pub(super) fn find_room(&self) -> Result<u64, StoreError> {
        let mut end = self.len;
        let mut look_bytes = FIRST_LOOK_BYTES;
        while end > 0 {
            let begin = end.saturating_sub(look_bytes);
            let want = usize::try_from(end.saturating_sub(begin)).unwrap_or(usize::MAX);
            let mut bytes = vec![0; want];
            let read = self.file.read_at(&mut bytes, begin);
            let read = read.map_err(|error| StoreError::io("read", &self.path, error))?;
            let last = bytes.iter().take(read).rposition(|byte| *byte != 0);
            if let Some(last) = last.and_then(|last| u64::try_from(last).ok()) {
                return Ok(begin.saturating_add(last).saturating_add(1));
            }
            end = begin;
            look_bytes = ROOM_BYTES_MAX;
        }
        Ok(0)
    }
}

impl Drop for FileLog {
    fn drop(&mut self) {
        let end = self.end.offset;
        if self.state == State::Open
            && self.laid_out > end
            && self.has_blank_room()
            && let Ok(segment) = self.last_segment()
        {
            // Where it fails, and until it is durable, opening does it.
            let _left = segment.file.truncate(end);
        }
    }
}
