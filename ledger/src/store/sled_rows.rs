// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Index rows in sled 0.34: fast, and never trusted.
//!
//! Nothing acknowledged depends on a row. sled loses the end of a truncated file without an error and
//! panics on a flipped byte, inside `open` too, and its `flush` does not reach the disk on Linux. So:
//! a folder that was closed cleanly carries a list of its files with their digests, and is opened
//! only if they match; panics are caught and become [`StoreError::IndexDamaged`]; on any doubt the
//! folder is wiped and an empty one is opened, which the caller fills from the log.
//!
//! sled gives each row some hundred bytes of disk, tens of microseconds and a page to be found again
//! at the next start, so it is given few and large ones: see [`runs`].

mod block;
mod filter;
mod runs;
mod seal;

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::disk::{Disk as _, RealDisk, folder_of};
use super::{Row, RowChange, RowPage, Rows, StoreError};
use runs::{Fault, RUN_ROWS, Runs, key_of};

/// Memory for pages: the whole index of a hundred thousand entries and the hot part of a million;
/// sled's own default is a gigabyte.
const CACHE_BYTES: u64 = 256 << 20;
/// Bytes of a segment of sled's file. What takes more than a quarter of one sled puts into a file of its
/// own, and where the disk has no room for that, closing the database would wait for ever (sled 0.34.7
/// forgets to let go of the buffer in which it had begun). Pages hold 17 values at most, and
/// these are cut into pieces of 16 KiB.
const SEGMENT_BYTES: usize = 2 << 20;
/// How often sled writes in the background: what it has not written is read again from the log.
const FLUSH_EVERY_MS: u64 = 500;
/// Bytes written after which closing opens the database once more: only opening brings sled's
/// snapshot up to date, and without one the next opening reads everything written since.
const SETTLE_BYTES: u64 = 8 << 20;
/// What opening a database may take.
const PROBE_BYTES: usize = 2 * SEGMENT_BYTES;
/// Attempts to open while a killed process still holds sled's own lock, and the wait between two.
const OPEN_ATTEMPTS: u32 = 60;
const OPEN_WAIT: Duration = Duration::from_millis(50);

/// What opening the rows found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsFound {
    /// Nothing was there.
    New,
    /// Exactly what the last process left when it closed.
    Sealed,
    /// Not closed cleanly: rows may be missing anywhere. To be checked, or made again.
    Unsealed,
    /// Damaged, and wiped: empty now. Why, in words.
    Wiped(String),
}

/// Index rows in a folder.
pub struct SledRows {
    path: PathBuf,
    open: RwLock<Open>,
    found: RowsFound,
    run_rows: usize,
    /// A write failed: sled takes no more until it is opened again.
    has_failed: AtomicBool,
}

/// The database, or why it can no longer be used.
enum Open {
    Sound(sled::Db, Runs),
    /// Nothing is known against it, but it could not be opened again.
    Closed,
    Damaged(String),
}

impl SledRows {
    /// Opens the rows in a folder, or wipes it. The caller holds the store's lock.
    ///
    /// # Errors
    /// Where not even an empty folder can be opened.
    pub fn open(path: &Path) -> Result<(Self, RowsFound), StoreError> {
        Self::open_with_runs_of(path, RUN_ROWS)
    }

    /// The same, with runs of so many rows.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_runs_of(
        path: &Path,
        run_rows: usize,
    ) -> Result<(Self, RowsFound), StoreError> {
        let (open, found) = match seal::check(path) {
            seal::Sealed::Nothing => {
                let opened = open_rows(path, run_rows).map_err(|refusal| refusal.into_error(path));
                (opened?, RowsFound::New)
            }
            seal::Sealed::Broken(reason) => (open_empty(path, run_rows)?, RowsFound::Wiped(reason)),
            sound @ (seal::Sealed::Whole | seal::Sealed::Unsealed) => {
                match open_rows(path, run_rows) {
                    Ok(open) if sound == seal::Sealed::Whole => (open, RowsFound::Sealed),
                    Ok(open) => (open, RowsFound::Unsealed),
                    Err(Refusal::Doubt(reason)) => {
                        (open_empty(path, run_rows)?, RowsFound::Wiped(reason))
                    }
                    // A full disk says nothing against the rows.
                    Err(refusal @ Refusal::Unavailable(_)) => {
                        return Err(refusal.into_error(path));
                    }
                }
            }
        };
        let rows = Self {
            path: path.to_owned(),
            open: RwLock::new(open),
            found: found.clone(),
            run_rows,
            has_failed: AtomicBool::new(false),
        };
        if rows.found == RowsFound::Unsealed {
            rows.with(|db, runs| runs.sweep(db))?;
        }
        Ok((rows, found))
    }

    /// Bytes on disk.
    pub fn size_bytes(&self) -> u64 {
        seal::count_bytes(&self.path)
    }

    /// Runs `work` on the rows; a panic in it ends the database's use.
    fn with<T>(
        &self,
        work: impl FnOnce(&sled::Db, &Runs) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let done = match &*self.open.read().unwrap_or_else(PoisonError::into_inner) {
            Open::Sound(db, runs) => guard(|| work(db, runs)),
            unusable @ (Open::Closed | Open::Damaged(_)) => return Err(unusable.refusal()),
        };
        self.settle_fault(done)
    }

    /// The same, for work that changes the rows.
    fn change(
        &self,
        work: impl FnOnce(&sled::Db, &mut Runs) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        let done = match &mut *self.open.write().unwrap_or_else(PoisonError::into_inner) {
            Open::Sound(db, runs) => guard(|| work(db, runs)),
            unusable @ (Open::Closed | Open::Damaged(_)) => return Err(unusable.refusal()),
        };
        self.settle_fault(done)
    }

    /// What failed, as an error; damage ends the database's use.
    fn settle_fault<T>(&self, done: Result<Result<T, Fault>, String>) -> Result<T, StoreError> {
        let damaged = match done {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(Fault::Database(sled::Error::Io(error)))) => {
                self.has_failed.store(true, Ordering::Relaxed);
                return Err(Refusal::of_io(error).into_error(&self.path));
            }
            Ok(Err(Fault::Database(error))) => error.to_string(),
            Ok(Err(Fault::Damaged(reason))) | Err(reason) => reason,
        };
        self.give_up(damaged.clone());
        Err(index_damaged(damaged))
    }

    /// Brings the snapshot up to date where much was written; whether all went well.
    fn settle(&self, written_bytes: u64) -> bool {
        if written_bytes < SETTLE_BYTES {
            return true;
        }
        open_db(&self.path).is_ok_and(|db| guard(|| drop(db)).is_ok())
    }

    /// Whether there is room to open a database, so that one that can still be read is not closed
    /// in vain.
    fn probe_room(&self) -> Result<(), StoreError> {
        let path = self.path.with_added_extension("probe");
        let zeros = vec![0; PROBE_BYTES];
        let written = RealDisk.create(&path).and_then(|file| {
            file.write_at(&zeros, 0)?;
            file.sync_data()
        });
        let removed = RealDisk.remove(&path);
        written.and(removed).map_err(|error| StoreError::io("write", &path, error))
    }

    fn give_up(&self, reason: String) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        drop_db(std::mem::replace(&mut *open, Open::Damaged(reason)));
    }
}

impl fmt::Debug for SledRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledRows").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Rows for SledRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|db, runs| runs.get(db, key))
    }

    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        if from > to {
            return Ok(None);
        }
        self.with(|db, runs| runs.last_in(db, from, to))
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        self.with(|db, runs| {
            runs.visit(db, (from, to), limit, |key, value| {
                rows.push((key_of(key)?, value.to_vec()));
                Ok(())
            })
        })?;
        Ok(rows)
    }

    fn read_page(
        &self,
        (from, to): (&[u8], &[u8]),
        limit: usize,
        page: &mut RowPage,
    ) -> Result<(), StoreError> {
        page.clear();
        if from > to {
            return Ok(());
        }
        self.with(|db, runs| {
            runs.visit(db, (from, to), limit, |key, value| {
                page.push(key, value);
                Ok(())
            })
        })
    }

    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        self.change(|db, runs| runs.apply(db, batch))
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*open, Open::Sound(..)) && !self.has_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.probe_room()?;
        let before = std::mem::replace(&mut *open, Open::Closed);
        let is_damaged = matches!(before, Open::Damaged(_));
        drop_db(before);
        // What was in no run yet is gone with it: the caller reads it from the log again.
        let opened = if is_damaged {
            Err(Refusal::Doubt(String::new()))
        } else {
            open_rows(&self.path, self.run_rows)
        };
        *open = match opened {
            Ok(open) => open,
            Err(Refusal::Doubt(_)) => open_empty(&self.path, self.run_rows)?,
            Err(refusal @ Refusal::Unavailable(_)) => return Err(refusal.into_error(&self.path)),
        };
        self.has_failed.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
            || !matches!(*self.open.read().unwrap_or_else(PoisonError::into_inner), Open::Sound(..))
    }

    fn is_sealed(&self) -> bool {
        self.found == RowsFound::Sealed
    }

    fn clear(&self) -> Result<(), StoreError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Open::Sound(db, runs) = &*open
            && guard(|| runs.is_empty() && db.is_empty()) == Ok(true)
        {
            return Ok(());
        }
        drop_db(std::mem::replace(&mut *open, Open::Closed));
        *open = open_empty(&self.path, self.run_rows)?;
        self.has_failed.store(false, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for SledRows {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut closed = std::mem::replace(open, Open::Closed);
        if let Open::Sound(db, runs) = &mut closed
            && guard(|| runs.flush(db).is_ok() && db.flush().is_ok()) == Ok(true)
        {
            let written_bytes = runs.written_bytes();
            if drop_db(closed) && self.settle(written_bytes) && seal::write(&self.path).is_err() {
                // Without a seal the next opening only takes longer; half a seal would be damage.
                let _unsealed = seal::remove(&self.path);
            }
        }
    }
}

impl Open {
    /// Why nothing can be asked of it.
    fn refusal(&self) -> StoreError {
        match self {
            Self::Damaged(reason) => index_damaged(reason.clone()),
            Self::Sound(..) | Self::Closed => {
                StoreError::Index { reason: "it could not be opened again".to_owned() }
            }
        }
    }
}

/// Wipes the folder and opens an empty database in it.
fn open_empty(path: &Path, run_rows: usize) -> Result<Open, StoreError> {
    wipe(path).map_err(|error| StoreError::io("wipe", path, error))?;
    open_rows(path, run_rows).map_err(|refusal| refusal.into_error(path))
}

/// Opens the database and reads which runs there are.
fn open_rows(path: &Path, run_rows: usize) -> Result<Open, Refusal> {
    let db = open_db(path)?;
    let runs = match guard(|| Runs::open(&db, run_rows)) {
        Ok(Ok(runs)) => runs,
        Ok(Err(Fault::Database(sled::Error::Io(error)))) => return Err(Refusal::of_io(error)),
        Ok(Err(Fault::Database(error))) => return Err(Refusal::Doubt(error.to_string())),
        Ok(Err(Fault::Damaged(reason))) | Err(reason) => return Err(Refusal::Doubt(reason)),
    };
    Ok(Open::Sound(db, runs))
}

/// Removes a folder. It loses its name first, durably, so that no half of it is ever opened again.
fn wipe(path: &Path) -> io::Result<()> {
    let wiped = path.with_added_extension("wiped");
    if wiped.exists() {
        remove_tree(&wiped)?;
    }
    if !path.exists() {
        return Ok(());
    }
    if std::fs::rename(path, &wiped).is_err() {
        // The folder cannot be moved: a file system of its own is mounted there.
        return seal::remove_all(path);
    }
    RealDisk.sync_folder(folder_of(path))?;
    remove_tree(&wiped)
}

/// Removes what stands there, which need not be a folder.
fn remove_tree(path: &Path) -> io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// Why a database did not open.
enum Refusal {
    /// The system refused: nothing is known against the rows.
    Unavailable(io::Error),
    /// The rows are not to be trusted; why, in words.
    Doubt(String),
}

impl Refusal {
    fn of_io(error: io::Error) -> Self {
        let kinds = [
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::OutOfMemory,
        ];
        if kinds.contains(&error.kind()) {
            Self::Unavailable(error)
        } else {
            Self::Doubt(error.to_string())
        }
    }

    fn into_error(self, path: &Path) -> StoreError {
        match self {
            Self::Unavailable(error) => StoreError::io("open", path, error),
            Self::Doubt(reason) => StoreError::Index { reason },
        }
    }
}

/// Opens the database; a lock that a killed process still holds is waited for.
fn open_db(path: &Path) -> Result<sled::Db, Refusal> {
    seal::remove(path).map_err(Refusal::Unavailable)?;
    let config = sled::Config::new()
        .path(path)
        .cache_capacity(CACHE_BYTES)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(Some(FLUSH_EVERY_MS));
    let mut left = OPEN_ATTEMPTS;
    loop {
        left = left.saturating_sub(1);
        match guard(|| config.open()) {
            Ok(Ok(db)) => return Ok(db),
            Ok(Err(sled::Error::Io(error))) if is_held(&error) && left > 0 => wait(),
            Ok(Err(sled::Error::Io(error))) => return Err(Refusal::of_io(error)),
            Ok(Err(error)) => return Err(Refusal::Doubt(error.to_string())),
            Err(panic) => return Err(Refusal::Doubt(panic)),
        }
    }
}

/// sled has no error of its own for a lock that is held.
fn is_held(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.to_string().contains("could not acquire lock")
}

#[expect(clippy::disallowed_methods, reason = "a killed process lets go in its own time")]
fn wait() {
    std::thread::sleep(OPEN_WAIT);
}

/// Closes a database; whether that went well. Its last act may panic as any other.
fn drop_db(open: Open) -> bool {
    match open {
        Open::Sound(db, _) => guard(|| drop(db)).is_ok(),
        Open::Closed | Open::Damaged(_) => false,
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread, now, would be one of sled's, caught and reported as damage: a
/// panic hook need not print it.
pub fn is_panic_expected() -> bool {
    GUARDED.with(Cell::get)
}

/// Runs `work`; a panic becomes its message.
fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = GUARDED.with(|guarded| guarded.replace(true));
    // What a panic leaves behind is not looked at again: the database is given up.
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.with(|guarded| guarded.set(before));
    result.map_err(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it gave no reason");
        format!("the database panicked: {message}")
    })
}

fn index_damaged(reason: String) -> StoreError {
    StoreError::IndexDamaged { reason }
}
