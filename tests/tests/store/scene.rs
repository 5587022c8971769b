// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Logs to damage, and what is read of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::id::LedgerId;
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, Gap, LogNotice, Position, Record, RecordKind, Scanned, StoreError,
};

pub(crate) const MARKER: [u8; 8] = *b"\xffmarker\x00";
/// Small enough that a handful of records makes several segments.
pub(crate) const SEGMENT_BYTES: u64 = 700;

pub(crate) fn ledger() -> LedgerId {
    LedgerId::from_bytes([7; 32])
}

pub(crate) fn log_folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

pub(crate) fn segment_path(segment: u32) -> PathBuf {
    log_folder().join(format!("{segment:08}.seg"))
}

pub(crate) fn end_note_path() -> PathBuf {
    log_folder().join("end")
}

/// The n-th record: different bytes, lengths and kinds.
pub(crate) fn record(n: usize) -> Record {
    let kinds = [RecordKind::Entry, RecordKind::ForkProof, RecordKind::LatePayload];
    let byte = u8::try_from(n % 251).unwrap();
    Record { kind: kinds[n % 3], bytes: Bytes::from(vec![byte; 20 + (n * 37) % 90]) }
}

pub(crate) fn records(from: usize, to: usize) -> Vec<Record> {
    (from..to).map(record).collect()
}

/// A log on a disk, and where everything stands in it.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) disk: CrashDisk,
    pub(crate) positions: Vec<Position>,
    pub(crate) end: Position,
}

impl Scene {
    /// Appends batches of so many records.
    pub(crate) fn with_batches(batches: &[usize]) -> Self {
        let disk = CrashDisk::default();
        let mut log = create(&disk);
        let mut positions = Vec::new();
        for batch in batches {
            let from = positions.len();
            positions.extend(log.append(&records(from, from + batch)).unwrap());
        }
        Self { disk, positions, end: log.end() }
    }

    /// The same scene on a disk of its own.
    pub(crate) fn copy(&self) -> Self {
        Self { disk: self.disk.copy(), positions: self.positions.clone(), end: self.end }
    }

    /// As if nobody had noted how far the log is durable.
    pub(crate) fn forget_end(&self) {
        self.disk.change(&end_note_path(), Vec::clear);
    }

    /// Numbers of the records in a segment.
    pub(crate) fn in_segment(&self, segment: u32) -> Vec<usize> {
        let positions = self.positions.iter().enumerate();
        positions.filter(|(_, at)| at.segment == segment).map(|(n, _)| n).collect()
    }

    /// The record in whose frame a byte of a segment lies; none in the first line.
    pub(crate) fn record_at(&self, segment: u32, offset: usize) -> Option<usize> {
        let offset = u64::try_from(offset).unwrap();
        let before = |at: &Position| at.segment == segment && at.offset <= offset;
        self.positions.iter().rposition(before)
    }
}

pub(crate) fn create(disk: &CrashDisk) -> FileLog {
    FileLog::create(Arc::new(disk.clone()), &log_folder(), ledger(), MARKER)
        .unwrap()
        .with_segment_bytes(SEGMENT_BYTES)
}

pub(crate) fn open(
    disk: &CrashDisk,
    durable_end: Option<Position>,
) -> Result<(FileLog, Vec<LogNotice>), StoreError> {
    let (log, notices) = FileLog::open(Arc::new(disk.clone()), &log_folder(), durable_end)?;
    Ok((log.with_segment_bytes(SEGMENT_BYTES), notices))
}

/// Everything that a scan meets.
pub(crate) fn scan(log: &dyn EntryLog) -> (Vec<(Position, Record)>, Vec<Gap>) {
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    log.scan(Position::default(), &mut |scanned| {
        match scanned {
            Scanned::Record(position, record) => found.push((position, record)),
            Scanned::Gap(gap) => gaps.push(gap),
        }
        Ok(true)
    })
    .unwrap();
    (found, gaps)
}

pub(crate) fn scan_records(log: &dyn EntryLog) -> Vec<Record> {
    scan(log).0.into_iter().map(|(_, record)| record).collect()
}

/// Everything under the folder that a disk holds of a log, by name.
pub(crate) fn read_segments(disk: &CrashDisk) -> Vec<Vec<u8>> {
    (0..).map_while(|segment| disk.read(&segment_path(segment))).collect()
}

pub(crate) fn kept_path(notices: &[LogNotice]) -> Option<&Path> {
    notices.iter().find_map(|notice| match notice {
        LogNotice::TornTail { kept, .. } => Some(kept.as_path()),
        LogNotice::Damage(_) => None,
    })
}
