// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 4: what a replica keeps, behind two small traits.
//!
//! The [`EntryLog`] is the truth: records in order of arrival, durable when `append` returns.
//! The [`Rows`] are an index that can be made again from the log at any time.
//! Only this room touches the disk.

mod error;
mod memory;

mod crash_disk;
mod disk;

mod file_log;
mod frame;
mod segment;

mod row_key;
mod row_page;
mod sled_rows;

mod folder;
mod head_file;
mod lock;

use bytes::Bytes;

use crate::event::AttachmentHash;

pub use crash_disk::{CrashDisk, Fault as DiskFault, Unsynced};
pub use disk::{Disk, DiskFile, RealDisk};
pub use error::StoreError;
pub use file_log::{FileLog, LogNotice, SEGMENT_BYTES};
pub use folder::{ATTACHMENT_BYTES_MAX, OpenStore, StoreFolder};
pub(crate) use frame::measure_frame;
pub use frame::{FRAME_CONTEXT, HEAD_CONTEXT, RECORD_BYTES_MAX};
pub use head_file::{HeadError, HeadFile, HeadState, HeadVerdict, check_head};
pub use lock::{Holder, LockPatience, StoreLock};
pub use memory::{MemoryLog, MemoryRows};
pub use row_key::{ROW_KEY_BYTES_MAX, RowKey};
pub use row_page::RowPage;
pub use segment::{LOG_LAYOUT, SEGMENT_CONTEXT, SEGMENT_HEADER_BYTES};
pub use sled_rows::{RowsFound, SledRows, is_panic_expected};

/// What a record of the entry log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// An encoded `SignedEntry`.
    Entry,
    /// An encoded `ForkProof`.
    ForkProof,
    /// An encoded `LatePayload`: the payload of an entry that was logged without.
    LatePayload,
    /// Nothing: a repair gave up what stood here, and nobody could say what that was.
    Lost,
    /// Nothing: a late payload stood here that the council had dropped.
    Dropped,
}

impl RecordKind {
    /// The number on disk.
    pub const fn number(self) -> u8 {
        match self {
            Self::Entry => 1,
            Self::ForkProof => 2,
            Self::LatePayload => 3,
            Self::Lost => 4,
            Self::Dropped => 5,
        }
    }

    /// Whether nothing is left of what stood there.
    pub(super) const fn holds_nothing(self) -> bool {
        matches!(self, Self::Lost | Self::Dropped)
    }

    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Entry),
            2 => Some(Self::ForkProof),
            3 => Some(Self::LatePayload),
            4 => Some(Self::Lost),
            5 => Some(Self::Dropped),
            _ => None,
        }
    }
}

/// One record of the entry log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it holds.
    pub kind: RecordKind,
    /// The exact bytes.
    pub bytes: Bytes,
}

/// Where a record stands: segment number, and offset in bytes of its frame in the segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Number of the segment, from 0.
    pub segment: u32,
    /// Bytes from the start of the segment file.
    pub offset: u64,
}

/// A place in the log where there is no readable record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where the damage begins.
    pub from: Position,
    /// Where the next record, readable or not, or the end of the segment, is. Where a segment may
    /// have been cut off, the next segment's start; where the log was, how far it was durable.
    pub to: Position,
    /// Records lost in it, as far as the numbers of those around tell.
    pub records: Option<u64>,
    /// What is wrong, in words: `checksum does not match`, `length 4294967295 is over the limit` …
    pub reason: String,
}

impl Gap {
    /// Whether it is the first line of a segment, with which no record is lost.
    pub(crate) fn is_first_line(&self) -> bool {
        let same_segment = self.from.segment == self.to.segment;
        same_segment && self.from.offset == 0 && self.from < self.to && self.records == Some(0)
    }
}

/// What a scan of the log meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A whole record.
    Record(Position, Record),
    /// Damage.
    Gap(Gap),
}

/// Records in order of arrival.
pub trait EntryLog: Send + Sync + std::fmt::Debug {
    /// Appends records; returns once all of them are durable, or with none of them acknowledged.
    ///
    /// # Errors
    /// Where the disk refuses. After a failed sync the log takes nothing more until it is reopened:
    /// what the disk holds is then unknown.
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError>;

    /// Reads the record at a position.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where there is no whole record.
    fn read(&self, position: Position) -> Result<Record, StoreError>;

    /// Where the next record will stand.
    fn end(&self) -> Position;

    /// Records there are, damaged ones included.
    fn count_records(&self) -> u64;

    /// Visits every record and gap from a position on, in order; stops when `visit` returns false.
    ///
    /// # Errors
    /// Where the disk cannot be read at all, or `visit` fails.
    fn scan(
        &self,
        from: Position,
        visit: &mut dyn FnMut(Scanned) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError>;

    /// Whether records fit into a gap: then [`replace`](Self::replace) moves no other record.
    fn fits(&self, gap: &Gap, records: &[Record]) -> bool;

    /// Puts records back where damaged ones stand; everything else stays byte for byte. Where they
    /// do not fit, records behind them move: the index is to be cleared before, and rebuilt after.
    ///
    /// # Errors
    /// [`StoreError::RepairCount`] where more or fewer are missing, [`StoreError::NoGap`]; otherwise
    /// where the disk refuses, and the log is then as it was.
    fn replace(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError>;
}

/// Files beside the log that entries name by hash.
pub trait Attachments: Send + Sync + std::fmt::Debug {
    /// Removes a file and what is noted of it: durable when this returns. There need be none.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn remove(&self, hash: &AttachmentHash) -> Result<(), StoreError>;
}

/// Key and value.
pub type Row = (RowKey, Vec<u8>);

/// Key and new value; none removes.
pub type RowChange = (RowKey, Option<Vec<u8>>);

/// Key and value rows, ordered by key, written in atomic batches. Losing them loses nothing.
pub trait Rows: Send + Sync + std::fmt::Debug {
    /// The value of a key.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The greatest key in `from..=to`, with its value.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError>;

    /// Up to `limit` rows in `from..=to`, ascending.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError>;

    /// The same rows, in place of what the page holds.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn read_page(
        &self,
        (from, to): (&[u8], &[u8]),
        limit: usize,
        page: &mut RowPage,
    ) -> Result<(), StoreError> {
        page.clear();
        for (key, value) in self.range(from, to, limit)? {
            page.push(&key, &value);
        }
        Ok(())
    }

    /// Makes rows usable again after a call has failed. Some of what was written last may be gone,
    /// or all of it: the caller checks how far they go.
    ///
    /// # Errors
    /// Where the reason for the failure is still there.
    fn reopen(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether a call has failed, so that they answer nothing until they are opened again.
    fn has_failed(&self) -> bool {
        false
    }

    /// Whether the rows are, byte for byte, what the last process left when it closed them: none is
    /// missing, and none need be counted.
    fn is_sealed(&self) -> bool {
        false
    }

    /// Writes rows, all or none; `None` removes.
    ///
    /// # Errors
    /// Where the index cannot be written.
    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError>;

    /// Removes everything.
    ///
    /// # Errors
    /// Where the index cannot be written.
    fn clear(&self) -> Result<(), StoreError>;
}
