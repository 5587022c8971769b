// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The head file: beside each private key, per ledger, the last entry that the key signed.
//!
//! It is written and durable before the entry leaves the machine, so that a store restored from a
//! backup, or a crash between signing and storing, never makes a key sign two entries for one slot.
//! Nothing at or below the head is ever signed. Whoever signs holds the file from before reading it
//! until the entry is written: two commands cannot sign for one slot either.
//!
//! The file: one line of text, a line feed, then the encoded `SignedEntry`; without payload once a
//! decision has had it dropped. What protects the key is the header.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::StoreError;
use super::disk::{Disk, Piece, RealDisk, read_whole, write_whole};
use super::lock::{Holder, LockPatience, StoreLock};
use super::segment::find_field;
use crate::entry::verify::KnownKeys;
use crate::entry::{Prev, VerifiedEntry, decode_signed_entry, verify_entry};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::limits::SIGNED_ENTRY_BYTES_MAX;

/// Context of the first line's check, which covers the entry too.
const HEAD_FILE_CONTEXT: &str = "constancia v1 head file";
const LINE_BYTES_MAX: u64 = 512;

/// Why a head file cannot be used, or why it forbids to sign.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another command is signing with this key.
    #[error("another process is signing with this key: {} is held ({holder})", path.display())]
    Busy {
        /// The head file.
        path: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// The file is not what was written.
    #[error("the head file {} is damaged: {reason}", path.display())]
    Damaged {
        /// The head file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file is of another ledger.
    #[error("the head file {} is of another ledger: expected {expected}, found {found}", path.display())]
    WrongLedger {
        /// The head file.
        path: PathBuf,
        /// This ledger.
        expected: LedgerId,
        /// The file's.
        found: LedgerId,
    },
    /// The file is of another key.
    #[error("the head file {} is of another key: expected {expected}, found {found}", path.display())]
    WrongKey {
        /// The head file.
        path: PathBuf,
        /// This key.
        expected: PublicKey,
        /// The file's.
        found: PublicKey,
    },
    /// The entry does not follow the head.
    #[error("key {key}: expected to sign sequence number {expected} next, found {found}")]
    NotNext {
        /// The key.
        key: PublicKey,
        /// One more than the head's seq.
        expected: u64,
        /// The entry's seq.
        found: u64,
    },
    /// The store lacks entries that this key has signed: it was restored from a backup.
    #[error("key {key} has signed up to sequence number {file_seq}, the store holds {}: fetch the rest from a peer before signing", up_to(*.store_seq))]
    StoreBehind {
        /// The key.
        key: PublicKey,
        /// The head file's seq.
        file_seq: u64,
        /// The store's; absent where it holds nothing of the key.
        store_seq: Option<u64>,
    },
    /// The store holds entries of this key that the head file does not know: the key was restored
    /// from a backup, or is used on another machine.
    #[error("key {key}: the store holds entries up to sequence number {store_seq}, the head file beside the key knows {}: the key came from a backup or is used on two machines", up_to(*.file_seq))]
    KeyBehind {
        /// The key.
        key: PublicKey,
        /// The head file's seq; absent where there is no file.
        file_seq: Option<u64>,
        /// The store's.
        store_seq: u64,
    },
    /// Two entries of this key for one slot: it has forked already.
    #[error(
        "key {key} has signed two entries with sequence number {seq}: the store holds {store_id}, the head file builds on {file_id}"
    )]
    Diverged {
        /// The key.
        key: PublicKey,
        /// The slot.
        seq: u64,
        /// The entry that the head file holds, or that its entry follows.
        file_id: EntryId,
        /// The entry in the store.
        store_id: EntryId,
    },
}

fn up_to(seq: Option<u64>) -> String {
    seq.map_or_else(|| "none".to_owned(), |seq| format!("up to {seq}"))
}

impl Coded for HeadError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Busy { .. } => "head.busy",
            Self::Damaged { .. } => "head.damaged",
            Self::WrongLedger { .. } => "head.wrong_ledger",
            Self::WrongKey { .. } => "head.wrong_key",
            Self::NotNext { .. } => "head.not_next",
            Self::StoreBehind { .. } => "head.store_behind",
            Self::KeyBehind { .. } => "head.key_behind",
            Self::Diverged { .. } => "head.diverged",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Busy { .. } | Self::StoreBehind { .. } => Fault::Unavailable,
            Self::Damaged { .. } => Fault::Corrupt,
            Self::WrongLedger { .. }
            | Self::WrongKey { .. }
            | Self::NotNext { .. }
            | Self::KeyBehind { .. } => Fault::Refused,
            Self::Diverged { .. } => Fault::Conflict,
        }
    }
}

/// The last entry that a key signed in a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadState {
    entry: VerifiedEntry,
}

impl HeadState {
    /// The entry: whole, unless its payload was redacted.
    pub const fn entry(&self) -> &VerifiedEntry {
        &self.entry
    }

    /// Its place in the key's feed.
    pub const fn seq(&self) -> u64 {
        self.entry.header().seq
    }

    /// Its id.
    pub const fn id(&self) -> EntryId {
        self.entry.id()
    }
}

/// What to do before a key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadVerdict {
    /// Head file and store say the same: sign.
    InStep,
    /// The last signed entry never reached the store: put it in first, then sign.
    ReingestHead(Box<VerifiedEntry>),
}

/// Compares what a key signed last with what the store holds of it. `store_head` is the seq and id of
/// the key's last entry in the store.
///
/// # Errors
/// [`HeadError::StoreBehind`], [`HeadError::KeyBehind`], [`HeadError::Diverged`]: signing would fork
/// the feed, or has.
pub fn check_head(
    key: PublicKey,
    head: Option<&HeadState>,
    store_head: Option<(u64, EntryId)>,
) -> Result<HeadVerdict, HeadError> {
    match (head, store_head) {
        (None, None) => Ok(HeadVerdict::InStep),
        (None, Some((store_seq, _))) => {
            Err(HeadError::KeyBehind { key, file_seq: None, store_seq })
        }
        (Some(head), None) if head.seq() == 0 => {
            Ok(HeadVerdict::ReingestHead(Box::new(head.entry.clone())))
        }
        (Some(head), None) => {
            Err(HeadError::StoreBehind { key, file_seq: head.seq(), store_seq: None })
        }
        (Some(head), Some((seq, store_id))) if head.seq() == seq => {
            if head.id() == store_id {
                Ok(HeadVerdict::InStep)
            } else {
                Err(HeadError::Diverged { key, seq, file_id: head.id(), store_id })
            }
        }
        (Some(head), Some((store_seq, _))) if head.seq() < store_seq => {
            Err(HeadError::KeyBehind { key, file_seq: Some(head.seq()), store_seq })
        }
        (Some(head), Some((store_seq, store_id))) => match head.entry.header().prev {
            Prev::Entry(prev) if head.seq().checked_sub(1) == Some(store_seq) => {
                if prev == store_id {
                    Ok(HeadVerdict::ReingestHead(Box::new(head.entry.clone())))
                } else {
                    let seq = store_seq;
                    Err(HeadError::Diverged { key, seq, file_id: prev, store_id })
                }
            }
            Prev::Nothing | Prev::Ledger(_) | Prev::Entry(_) => Err(HeadError::StoreBehind {
                key,
                file_seq: head.seq(),
                store_seq: Some(store_seq),
            }),
        },
    }
}

/// A key's head file in one ledger, held by this process.
#[derive(Debug)]
pub struct HeadFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    ledger: LedgerId,
    key: PublicKey,
    head: Option<HeadState>,
    /// Held until the file is dropped; none on a disk of a test.
    lock: Option<StoreLock>,
}

impl HeadFile {
    /// Where the head file of a private key's file stands, for a ledger.
    pub fn path_for(key_path: &Path, ledger: LedgerId) -> PathBuf {
        let ledger: String = ledger.to_string().chars().take(16).collect();
        key_path.with_added_extension(format!("head-{ledger}"))
    }

    /// Takes hold of a key's head file and reads it; there need not be one yet.
    ///
    /// # Errors
    /// [`HeadError::Busy`]; [`HeadError::Damaged`], [`HeadError::WrongLedger`] or
    /// [`HeadError::WrongKey`] where the file is not this key's and ledger's, whole.
    pub fn open(
        key_path: &Path,
        ledger: LedgerId,
        key: PublicKey,
        patience: LockPatience,
    ) -> Result<Self, HeadError> {
        // By whatever link a key is used, it has one head.
        let linked =
            if key_path.is_symlink() { std::fs::canonicalize(key_path).ok() } else { None };
        let path = Self::path_for(linked.as_deref().unwrap_or(key_path), ledger);
        let lock_path = path.with_added_extension("lock");
        let lock = StoreLock::acquire(&lock_path, patience).map_err(|error| {
            if let StoreError::Locked { holder, .. } = error {
                HeadError::Busy { path: path.clone(), holder }
            } else {
                HeadError::Store(error)
            }
        })?;
        let mut file = Self::open_on(Arc::new(RealDisk), path, ledger, key)?;
        file.lock = Some(lock);
        Ok(file)
    }

    /// Reads a head file on any disk, without a lock: for crash tests.
    ///
    /// # Errors
    /// As [`HeadFile::open`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        ledger: LedgerId,
        key: PublicKey,
    ) -> Result<Self, HeadError> {
        let mut file = Self { disk, path, ledger, key, head: None, lock: None };
        file.head = file.read()?;
        Ok(file)
    }

    /// The last signed entry.
    pub const fn head(&self) -> Option<&HeadState> {
        self.head.as_ref()
    }

    /// Makes an entry the head: durable when this returns. Only then may the entry leave.
    ///
    /// # Errors
    /// [`HeadError::NotNext`] where it does not follow the head; otherwise where the disk refuses,
    /// and then the entry must be thrown away.
    pub fn write(&mut self, entry: &VerifiedEntry) -> Result<(), HeadError> {
        let expected = self.head.as_ref().map_or(0, |head| head.seq().saturating_add(1));
        let is_head = self.head.as_ref().is_some_and(|head| head.id() == entry.id());
        let found = entry.header().seq;
        if is_head {
            return Ok(());
        }
        if found != expected {
            return Err(HeadError::NotNext { key: self.key, expected, found });
        }
        self.adopt(entry)
    }

    /// Makes any entry of the key the head, though it does not follow: where somebody has confirmed
    /// that the key came from a backup and that the store's head is the last one.
    ///
    /// # Errors
    /// Where the entry is another key's or ledger's, or the disk refuses.
    pub fn adopt(&mut self, entry: &VerifiedEntry) -> Result<(), HeadError> {
        let bytes = entry.encode();
        // What does not read back must not be written.
        let head = self.parse_entry(&bytes)?;
        let line = self.make_line(&bytes);
        let pieces = [Piece::Bytes(line.as_bytes()), Piece::Bytes(&bytes)];
        let written = write_whole(&*self.disk, &self.path, &pieces);
        if written.is_err() {
            // Written or not: the file tells, and where even that fails nothing more is signed,
            // for the entry may be there.
            self.head = Some(head);
            if let Ok(found) = self.read() {
                self.head = found;
            }
            return Ok(written?);
        }
        self.head = Some(head);
        Ok(())
    }

    /// Whether the file has the head's payload too.
    pub fn has_payload(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.entry.payload().is_some())
    }

    /// Writes the head anew without payload and salt: where a decision has had them dropped. Durable
    /// when this returns; at any crash the file has the head, with them or without.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn drop_payload(&mut self) -> Result<(), HeadError> {
        match self.head.as_ref().filter(|head| head.entry.payload().is_some()) {
            Some(head) => {
                let bare = head.entry.clone().without_payload();
                self.adopt(&bare)
            }
            None => Ok(()),
        }
    }

    fn read(&self) -> Result<Option<HeadState>, HeadError> {
        let failed = |error| StoreError::io("read", &self.path, error);
        let file = match self.disk.open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error).into()),
        };
        let limit = u64::try_from(SIGNED_ENTRY_BYTES_MAX).unwrap_or(u64::MAX);
        let bytes = match read_whole(&*file, limit.saturating_add(LINE_BYTES_MAX)) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(self.damaged(&error.to_string()));
            }
            Err(error) => return Err(failed(error).into()),
        };
        let end = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .map(|end| end.saturating_add(1))
            .ok_or_else(|| self.damaged("it has no first line"))?;
        let entry = bytes.slice(end..);
        let line = bytes.get(..end).and_then(|line| str::from_utf8(line).ok());
        let line = line.ok_or_else(|| self.damaged("its first line is not text"))?;
        let foreign = Self {
            disk: Arc::clone(&self.disk),
            path: self.path.clone(),
            ledger: parse_field(line, "ledger").unwrap_or(self.ledger),
            key: parse_field(line, "key").unwrap_or(self.key),
            head: None,
            lock: None,
        };
        if foreign.make_line(&entry) != line {
            return Err(self.damaged("its check does not match"));
        }
        if foreign.ledger != self.ledger {
            let path = self.path.clone();
            let (expected, found) = (self.ledger, foreign.ledger);
            return Err(HeadError::WrongLedger { path, expected, found });
        }
        self.parse_entry(&entry).map(Some)
    }

    /// The first line: whose head this is, and a check over itself and the entry.
    fn make_line(&self, entry: &[u8]) -> String {
        let (ledger, key, length) = (self.ledger, self.key, entry.len());
        let line = format!("constancia-head-v1 ledger={ledger} key={key} length={length} check=");
        let digest = blake3::derive_key(HEAD_FILE_CONTEXT, &[line.as_bytes(), entry].concat());
        let check = hex::encode(digest.get(..16).unwrap_or_default());
        format!("{line}{check}\n")
    }

    fn parse_entry(&self, bytes: &Bytes) -> Result<HeadState, HeadError> {
        let entry = decode_signed_entry(bytes).map_err(|error| self.damaged(&error.to_string()))?;
        let found = entry.header().author;
        if found != self.key {
            return Err(HeadError::WrongKey { path: self.path.clone(), expected: self.key, found });
        }
        let entry = verify_entry(entry, self.ledger, &KnownKeys::new())
            .map_err(|error| self.damaged(&error.to_string()))?;
        Ok(HeadState { entry })
    }

    fn damaged(&self, reason: &str) -> HeadError {
        HeadError::Damaged { path: self.path.clone(), reason: reason.to_owned() }
    }
}

fn parse_field<T: std::str::FromStr>(line: &str, name: &str) -> Option<T> {
    find_field(line, name)?.parse().ok()
}
