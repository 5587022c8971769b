// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why the store could not do what was asked of it.

use std::io;
use std::path::{Path, PathBuf};

use super::{Holder, Position};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId};

/// Why the store could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: `open`, `append to` …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No room on the disk: nothing of the batch is acknowledged, and the log goes on once there is.
    #[error("no room left on the disk for {}", path.display())]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An earlier write left the log in doubt.
    #[error("the entry log takes nothing more: an earlier write failed; reopen the store")]
    Poisoned,
    /// Another process holds the store.
    #[error("the store {} is held by another process ({holder})", path.display())]
    Locked {
        /// The store's folder.
        path: PathBuf,
        /// What the holder says of itself.
        holder: Holder,
    },
    /// There is no ledger here.
    #[error("there is no ledger in {}", path.display())]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// There is a ledger here already.
    #[error("there is a ledger in {} already: {found}", path.display())]
    LedgerExists {
        /// The folder.
        path: PathBuf,
        /// Its ledger.
        found: LedgerId,
    },
    /// Written by a newer program.
    #[error("{} has layout {found}, this program reads up to {expected}", path.display())]
    NewerLayout {
        /// The file.
        path: PathBuf,
        /// The newest layout known.
        expected: u32,
        /// The layout found.
        found: u32,
    },
    /// There is no whole record where one should be.
    #[error("the entry log is damaged at {file} byte {}: {reason}", position.offset)]
    Damaged {
        /// The segment file's name.
        file: String,
        /// Where.
        position: Position,
        /// The entry that should be there, where it is known.
        entry: Option<EntryId>,
        /// What is wrong.
        reason: String,
    },
    /// A record that no reader would take.
    #[error("a record has at most {expected} bytes, found {found}")]
    RecordTooLong {
        /// Bytes that it may have.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// A repair with another number of records than are missing.
    #[error("at {file} byte {} {expected} records are missing, found {found} to replace them", position.offset)]
    RepairCount {
        /// The segment file's name.
        file: String,
        /// Where.
        position: Position,
        /// Records that are missing.
        expected: u64,
        /// Records that were offered.
        found: u64,
    },
    /// A repair at a place where no record begins.
    #[error("no record begins at {file} byte {}", position.offset)]
    NoGap {
        /// The segment file's name.
        file: String,
        /// Where.
        position: Position,
    },
    /// An attachment that is not what its name says.
    #[error("expected an attachment with hash {expected}, found {found}")]
    AttachmentHash {
        /// The hash that names it, in hexadecimal.
        expected: String,
        /// The hash of salt and content, in hexadecimal.
        found: String,
    },
    /// An attachment on disk that is not what was stored.
    #[error("the attachment {} is damaged", path.display())]
    AttachmentDamaged {
        /// Its file.
        path: PathBuf,
    },
    /// The index contradicts itself or the log: it is rebuilt at the next start.
    #[error("the index is damaged: {reason}")]
    IndexDamaged {
        /// What is wrong.
        reason: String,
    },
    /// The index's database refused.
    #[error("the index cannot be used: {reason}")]
    Index {
        /// What it said.
        reason: String,
    },
    /// The first record is no charter that this program understands.
    #[error("the first entry of the log is not a valid charter: {reason}")]
    BadCharter {
        /// What is wrong.
        reason: String,
    },
    /// An entry in our own log does not pass the checks that it passed when it was written.
    #[error("entry {entry} in the log does not verify: {reason}")]
    Unsound {
        /// The entry.
        entry: EntryId,
        /// The check's message.
        reason: String,
    },
}

impl StoreError {
    /// What the operating system said, with what was tried: a full disk is told apart.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        if full.contains(&source.kind()) {
            Self::DiskFull { path, source }
        } else {
            Self::Io { action, path, source }
        }
    }
}

impl Coded for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "store.io",
            Self::DiskFull { .. } => "store.disk_full",
            Self::Poisoned => "store.poisoned",
            Self::Locked { .. } => "store.locked",
            Self::NoLedger { .. } => "store.no_ledger",
            Self::LedgerExists { .. } => "store.ledger_exists",
            Self::NewerLayout { .. } => "store.newer_layout",
            Self::Damaged { .. } => "store.damaged",
            Self::RecordTooLong { .. } => "store.record_too_long",
            Self::RepairCount { .. } => "store.repair_count",
            Self::NoGap { .. } => "store.no_gap",
            Self::AttachmentHash { .. } => "store.attachment_hash",
            Self::AttachmentDamaged { .. } => "store.attachment_damaged",
            Self::IndexDamaged { .. } => "store.index_damaged",
            Self::Index { .. } => "store.index",
            Self::BadCharter { .. } => "store.bad_charter",
            Self::Unsound { .. } => "store.unsound",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Io { .. }
            | Self::DiskFull { .. }
            | Self::Locked { .. }
            | Self::Poisoned
            | Self::Index { .. } => Fault::Unavailable,
            Self::NoLedger { .. }
            | Self::LedgerExists { .. }
            | Self::NewerLayout { .. }
            | Self::RecordTooLong { .. }
            | Self::RepairCount { .. }
            | Self::NoGap { .. } => Fault::Refused,
            Self::AttachmentHash { .. } => Fault::Malformed,
            Self::Damaged { .. }
            | Self::IndexDamaged { .. }
            | Self::AttachmentDamaged { .. }
            | Self::BadCharter { .. }
            | Self::Unsound { .. } => Fault::Corrupt,
        }
    }
}
