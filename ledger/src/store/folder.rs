// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A data folder: the log, the index, the lock, the attachments.
//!
//! ```text
//! lock               which process holds the folder
//! log/00000000.seg   the entry log: the truth
//! log/end            how far it is durable: a hint
//! index/             rows made from the log
//! attachments/HASH   files that entries name by hash
//! evidence/HASH.json what whoever kept such a file noted of it: its name, its salt
//! peers              addresses that this store has been merged with, a line each
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, NEW_ENDING, Piece, RealDisk, read_whole, sync_folder_of, write_whole};
use super::lock::{LockPatience, StoreLock};
use super::{Attachments, FileLog, LogNotice, Position, Rows, RowsFound, SledRows, StoreError};
use crate::event::AttachmentHash;
use crate::id::{LedgerId, hash_attachment};

/// Bytes of an attachment: a scanned report fits, a film does not.
pub const ATTACHMENT_BYTES_MAX: u64 = 256 << 20;

/// Bytes of the file of peers: thousands of addresses.
const PEERS_BYTES_MAX: u64 = 1 << 20;

/// A data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFolder {
    root: PathBuf,
}

/// A data folder that this process holds.
#[derive(Debug)]
pub struct OpenStore {
    /// Its paths and attachments.
    pub folder: StoreFolder,
    /// The entry log.
    pub log: FileLog,
    /// The index.
    pub rows: SledRows,
    /// How the index was found.
    pub rows_found: RowsFound,
    /// What else was found: to be shown and logged.
    pub notices: Vec<LogNotice>,
    /// To be kept as long as log and rows are used: the last to be dropped, since a log that is dropped
    /// cuts its room off.
    pub lock: StoreLock,
}

impl StoreFolder {
    /// A folder by its path; nothing is read.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the entry log is.
    pub fn log_path(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Where the index is.
    pub fn index_path(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The lock file: [`StoreLock::read_holder`] tells who holds the folder.
    pub fn lock_path(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Where attachments are.
    pub fn attachments_path(&self) -> PathBuf {
        self.root.join("attachments")
    }

    /// Where it is noted what a file is that has this hash.
    pub fn evidence_note_path(&self, hash: &[u8]) -> PathBuf {
        self.evidence_path().join(format!("{}.json", hex::encode(hash)))
    }

    /// Where such notes are.
    pub fn evidence_path(&self) -> PathBuf {
        self.root.join("evidence")
    }

    /// Makes the folder, with an empty log of a ledger. `marker` is 8 random bytes.
    ///
    /// # Errors
    /// [`StoreError::LedgerExists`], [`StoreError::Locked`], or where the disk refuses.
    pub fn create(self, ledger: LedgerId, marker: [u8; 8]) -> Result<OpenStore, StoreError> {
        RealDisk
            .create_folder(&self.root)
            .map_err(|error| StoreError::io("create", &self.root, error))?;
        let lock = StoreLock::acquire(&self.lock_path(), LockPatience::None)?;
        let log = FileLog::create(Arc::new(RealDisk), &self.log_path(), ledger, marker)?;
        let (rows, rows_found) = SledRows::open(&self.index_path())?;
        // Rows of a ledger that was never begun.
        rows.clear()?;
        Ok(OpenStore { folder: self, lock, log, rows, rows_found, notices: Vec::new() })
    }

    /// Opens the folder. `durable_end` reads from the rows how far the log was durable.
    ///
    /// # Errors
    /// [`StoreError::NoLedger`], [`StoreError::Locked`], and everything that opening the log or the
    /// rows may say. Damage is not an error here, but a notice.
    pub fn open(
        self,
        patience: LockPatience,
        durable_end: &dyn Fn(&dyn Rows) -> Option<Position>,
    ) -> Result<OpenStore, StoreError> {
        if !self.log_path().is_dir() {
            // Before the lock file: a mistyped path stays as it is.
            return Err(StoreError::NoLedger { path: self.root });
        }
        let lock = StoreLock::acquire(&self.lock_path(), patience)?;
        let (rows, rows_found) = SledRows::open(&self.index_path())?;
        let durable_end = durable_end(&rows);
        let (log, notices) = FileLog::open(Arc::new(RealDisk), &self.log_path(), durable_end)?;
        Ok(OpenStore { folder: self, lock, log, rows, rows_found, notices })
    }

    /// Where the addresses of peers are.
    pub fn peers_path(&self) -> PathBuf {
        self.root.join("peers")
    }

    /// Addresses that this store has been merged with: who signs asks there how far the key's feed
    /// goes. A file that people may edit: a line each, `#` begins a remark.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn list_peers(&self) -> Result<Vec<String>, StoreError> {
        let path = self.peers_path();
        let file = match RealDisk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("open", &path, error)),
        };
        let content = read_whole(&*file, PEERS_BYTES_MAX)
            .map_err(|error| StoreError::io("read", &path, error))?;
        let text = String::from_utf8_lossy(&content);
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// Notes an address, unless it is noted already.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn remember_peer(&self, address: &str) -> Result<(), StoreError> {
        let known = self.list_peers()?;
        if known.iter().any(|line| line == address) {
            return Ok(());
        }
        let path = self.peers_path();
        let mut text = match RealDisk.open(&path) {
            Ok(file) => read_whole(&*file, PEERS_BYTES_MAX)
                .map_err(|error| StoreError::io("read", &path, error))?,
            Err(_absent) => Vec::new(),
        };
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend_from_slice(address.as_bytes());
        text.push(b'\n');
        write_whole(&RealDisk, &path, &[Piece::Bytes(&text)])
    }

    /// Keeps an attachment, durably; one that is there already is left alone.
    ///
    /// # Errors
    /// [`StoreError::AttachmentHash`] where salt and content have another hash than `hash`.
    pub fn put_attachment(
        &self,
        hash: &[u8; 32],
        salt: &[u8],
        content: &[u8],
    ) -> Result<(), StoreError> {
        let found = hash_attachment(salt, content);
        if found != *hash {
            let (expected, found) = (hex::encode(hash), hex::encode(found));
            return Err(StoreError::AttachmentHash { expected, found });
        }
        if self.get_attachment(hash, salt).is_ok_and(|held| held.is_some()) {
            return Ok(());
        }
        let folder = self.attachments_path();
        RealDisk
            .create_folder(&folder)
            .map_err(|error| StoreError::io("create", &folder, error))?;
        write_whole(&RealDisk, &self.attachment_path(hash), &[Piece::Bytes(content)])
    }

    /// An attachment's content, checked; absent where it is not held.
    ///
    /// # Errors
    /// [`StoreError::AttachmentDamaged`] where the file is not what was stored.
    pub fn get_attachment(
        &self,
        hash: &[u8; 32],
        salt: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.attachment_path(hash);
        let file = match RealDisk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("open", &path, error)),
        };
        let content = read_whole(&*file, ATTACHMENT_BYTES_MAX)
            .map_err(|error| StoreError::io("read", &path, error))?;
        if hash_attachment(salt, &content) == *hash {
            Ok(Some(content))
        } else {
            Err(StoreError::AttachmentDamaged { path })
        }
    }

    fn attachment_path(&self, hash: &[u8; 32]) -> PathBuf {
        self.attachments_path().join(hex::encode(hash))
    }
}

impl Attachments for StoreFolder {
    fn remove(&self, hash: &AttachmentHash) -> Result<(), StoreError> {
        let file = self.attachment_path(hash.as_bytes());
        // A crash may have left one that was being written.
        let unfinished = file.with_added_extension(NEW_ENDING);
        for path in [self.evidence_note_path(hash.as_bytes()), unfinished, file] {
            match RealDisk.remove(&path) {
                Ok(()) => sync_folder_of(&RealDisk, &path)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("remove", &path, error)),
            }
        }
        Ok(())
    }
}
