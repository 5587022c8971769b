// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `log/end`: how far the log was durable when somebody last looked.
//!
//! A hint beside the index's own, so that damage at the very end is not taken for an unfinished
//! write when the index is gone, and a second place that names ledger and marker. Written over after each sync and never synced itself: after a kill
//! it is exact, after a power cut it may be older or unreadable, and then says less or nothing.
//! It never says more than is true.

use std::path::{Path, PathBuf};

use super::super::Position;
use super::super::StoreError;
use super::super::disk::{Disk, DiskFile, read_whole, sync_folder_of};
use super::super::frame::Marker;
use super::super::segment::{find_field, line_check};
use crate::id::LedgerId;

/// Context of the line's check.
const END_CONTEXT: &str = "constancia v1 log end";
const END_NOTE_BYTES_MAX: u64 = 1_024;

/// How far the log is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EndNote {
    pub(super) ledger: LedgerId,
    pub(super) marker: Marker,
    pub(super) end: Position,
    /// Records up to there.
    pub(super) records: u64,
}

impl EndNote {
    fn encode(&self) -> String {
        let mut line = format!(
            "constancia-log-end-v1 ledger={} marker={} segment={:08} offset={:020} records={:020} check=",
            self.ledger,
            hex::encode(self.marker.0),
            self.end.segment,
            self.end.offset,
            self.records,
        );
        line.push_str(&line_check(END_CONTEXT, &line));
        line.push('\n');
        line
    }

    fn decode(line: &str) -> Option<Self> {
        let mut marker = [0; 8];
        hex::decode_to_slice(find_field(line, "marker")?, &mut marker).ok()?;
        let note = Self {
            ledger: find_field(line, "ledger")?.parse().ok()?,
            marker: Marker(marker),
            end: Position {
                segment: find_field(line, "segment")?.parse().ok()?,
                offset: find_field(line, "offset")?.parse().ok()?,
            },
            records: find_field(line, "records")?.parse().ok()?,
        };
        (note.encode() == line).then_some(note)
    }

    /// The note in a log's folder, if it can be read.
    pub(super) fn read(disk: &dyn Disk, folder: &Path) -> Option<Self> {
        let file = disk.open(&folder.join(END_NOTE_NAME)).ok()?;
        let bytes = read_whole(&*file, END_NOTE_BYTES_MAX).ok()?;
        Self::decode(str::from_utf8(&bytes).ok()?)
    }
}

/// The note's file name.
pub(super) const END_NOTE_NAME: &str = "end";

/// The note's file, opened when it is first written.
#[derive(Debug)]
pub(super) struct EndNoteFile {
    path: PathBuf,
    file: Option<Box<dyn DiskFile>>,
}

impl EndNoteFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join(END_NOTE_NAME), file: None }
    }

    /// Writes the note over the last one, which has the same length.
    pub(super) fn write(&mut self, disk: &dyn Disk, note: &EndNote) {
        if self.file.is_none() {
            self.file = disk.create(&self.path).ok();
        }
        if let Some(file) = &self.file
            && file.write_at(note.encode().as_bytes(), 0).is_err()
        {
            self.file = None;
        }
    }

    /// Removes the note, durably: before the log is changed in a way that would make it wrong.
    pub(super) fn remove(&mut self, disk: &dyn Disk) -> Result<(), StoreError> {
        self.file = None;
        match disk.remove(&self.path) {
            Ok(()) => sync_folder_of(disk, &self.path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("remove", &self.path, error)),
        }
    }
}
