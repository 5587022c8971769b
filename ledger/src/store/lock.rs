// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One process holds a store: the lock file, with who holds it.
//!
//! The lock is the operating system's, so that it ends with its process, whatever happens to it;
//! the text in the file only says who to talk to. A killed process lets go late, so asking may be
//! repeated for a while.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StoreError;

/// How long between two attempts.
const RETRY_WAIT: Duration = Duration::from_millis(50);
/// Bytes read of a lock file.
const HOLDER_BYTES_MAX: u64 = 1_024;

/// How long to wait for a lock that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockPatience {
    /// Not at all: the holder is to be talked to.
    None,
    /// Up to three seconds: as long as a killed process may take to let go.
    JustKilled,
}

impl LockPatience {
    const fn attempts(self) -> u32 {
        match self {
            Self::None => 1,
            Self::JustKilled => 60,
        }
    }
}

/// What the holder of a lock says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Number of the process.
    pub process: Option<u32>,
    /// Where it listens.
    pub address: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process {
            Some(process) => write!(f, "process {process}")?,
            None => f.write_str("which does not say who it is")?,
        }
        match &self.address {
            Some(address) => write!(f, ", listening on {address}"),
            None => Ok(()),
        }
    }
}

/// A lock that this process holds, until dropped.
#[derive(Debug)]
pub struct StoreLock {
    path: PathBuf,
    file: File,
}

impl StoreLock {
    /// Takes the lock file at `path`, which need not exist, and writes this process into it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] where another process holds it.
    pub fn acquire(path: &Path, patience: LockPatience) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io("lock", path, error);
        // Not emptied when opened: until the lock is ours, the text is the holder's.
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(path).map_err(failed)?;
        let mut left = patience.attempts();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            left = left.saturating_sub(1);
            if left == 0 {
                let holder = Self::read_holder(path).unwrap_or_default();
                return Err(StoreError::Locked { path: path.to_owned(), holder });
            }
            wait();
        }
        let mut lock = Self { path: path.to_owned(), file };
        // The lock holds without the text too, and a full disk must not keep a store closed.
        let _unsaid = lock.write_holder(None);
        Ok(lock)
    }

    /// Says where this process listens, for others that want the store.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn set_address(&mut self, address: &str) -> Result<(), StoreError> {
        self.write_holder(Some(address))
    }

    /// What the holder of a lock file says of itself; absent where the file cannot be read. Says
    /// nothing about whether the lock is still held.
    pub fn read_holder(path: &Path) -> Option<Holder> {
        let mut text = String::new();
        File::open(path).ok()?.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
        let field =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        Some(Holder {
            process: field("process ").and_then(|process| process.parse().ok()),
            address: field("address "),
        })
    }

    fn write_holder(&mut self, address: Option<&str>) -> Result<(), StoreError> {
        let mut text = format!("process {}\n", std::process::id());
        if let Some(address) = address {
            text.push_str("address ");
            text.push_str(address);
            text.push('\n');
        }
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .and_then(|_| self.file.write_all(text.as_bytes()));
        written.map_err(|error| StoreError::io("write", &self.path, error))
    }
}

#[expect(clippy::disallowed_methods, reason = "another process lets go in its own time")]
fn wait() {
    std::thread::sleep(RETRY_WAIT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_says_by_whom() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let mut lock = StoreLock::acquire(&path, LockPatience::None).unwrap();
        lock.set_address("127.0.0.1:4711").unwrap();
        let refused = StoreLock::acquire(&path, LockPatience::None).unwrap_err();
        let StoreError::Locked { holder, .. } = refused else {
            panic!("{refused}");
        };
        assert_eq!(holder.process, Some(std::process::id()));
        assert_eq!(holder.address.as_deref(), Some("127.0.0.1:4711"));
        drop(lock);
        StoreLock::acquire(&path, LockPatience::None).unwrap();
        assert_eq!(StoreLock::read_holder(&path).unwrap().address, None);
    }
}
