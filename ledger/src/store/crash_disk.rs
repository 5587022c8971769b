// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A disk in memory that stops, tears, forgets and fills up: for crash tests.
//!
//! It counts every call that changes something. [`CrashDisk::stop_at`] makes the n-th such call, and
//! all after it, fail; [`CrashDisk::restart`] then gives the disk as a machine would find it after
//! the power came back: with what was synced, and of what was not as much as [`Unsynced`] says.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, DiskFile, folder_of};

/// What becomes of writes that were not synced when the machine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// Nothing of them is there.
    Lost,
    /// All of them are there: as after a kill, where the system lives on.
    Kept,
    /// Their first so many bytes are there.
    Torn(usize),
    /// Files have their new length, with zeros where the bytes should be.
    Zeroed,
    /// Every other block of 512 bytes is there, from the first (0) or the second (1) on; of the others
    /// what was durable before, and zeros.
    Scattered(usize),
}

/// What goes wrong besides a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The n-th sync, from 0, fails once; what it should have written is gone from the disk, though
    /// it can still be read until the restart.
    SyncFails(u64),
    /// There is room for so many bytes in all files together.
    Full(u64),
    /// Calls that cut a file fail.
    TruncateFails,
}

/// A disk in memory.
#[derive(Clone, Debug, Default)]
pub struct CrashDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    calls: u64,
    syncs: u64,
    stop_at: Option<u64>,
    stop_takes_effect: bool,
    faults: Vec<Fault>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    durable: Vec<u8>,
    /// What can be read.
    current: Vec<u8>,
    /// Changes since the last sync, in order.
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl CrashDisk {
    /// Stops the machine at the n-th changing call from now, from 0: it fails, and so does
    /// everything after it. `takes_effect`: whether that call itself still reached the disk's cache.
    pub fn stop_at(&self, calls: u64, takes_effect: bool) {
        let mut state = self.lock();
        state.stop_at = Some(state.calls.saturating_add(calls));
        state.stop_takes_effect = takes_effect;
    }

    /// Adds a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Takes all faults away: there is room again.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Changing calls so far.
    pub fn count_calls(&self) -> u64 {
        self.lock().calls
    }

    /// Bytes in all files together.
    pub fn count_bytes(&self) -> u64 {
        u64::try_from(self.lock().used()).unwrap_or(u64::MAX)
    }

    /// Whether it has stopped.
    pub fn has_stopped(&self) -> bool {
        self.lock().has_stopped()
    }

    /// The disk as it is found after the power came back.
    #[must_use]
    pub fn restart(&self, unsynced: Unsynced) -> Self {
        let state = self.lock();
        // Names that were not synced go the way of the bytes.
        let names = match unsynced {
            Unsynced::Lost => &state.durable_names,
            Unsynced::Kept | Unsynced::Torn(_) | Unsynced::Zeroed | Unsynced::Scattered(_) => {
                &state.names
            }
        };
        let mut files = Vec::new();
        let mut restarted = BTreeMap::new();
        for (path, index) in names {
            if let Some(content) = state.files.get(*index) {
                let bytes = content.after_power_cut(unsynced);
                restarted.insert(path.clone(), files.len());
                files.push(Content {
                    durable: bytes.clone(),
                    current: bytes,
                    unsynced: Vec::new(),
                });
            }
        }
        let durable_names = restarted.clone();
        let state = State { files, names: restarted, durable_names, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Flips bits of a byte, durably, behind everybody's back.
    pub fn flip(&self, path: &Path, offset: usize, bits: u8) {
        self.change(path, |bytes| {
            if let Some(byte) = bytes.get_mut(offset) {
                *byte ^= bits;
            }
        });
    }

    /// Changes a file, durably, behind everybody's back.
    pub fn change(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.lock();
        if let Some(index) = state.names.get(path).copied()
            && let Some(content) = state.files.get_mut(index)
        {
            change(&mut content.current);
            content.durable.clone_from(&content.current);
            content.unsynced.clear();
        }
    }

    /// A copy that goes its own way.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.restart(Unsynced::Kept)
    }

    /// What a file holds.
    pub fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.lock();
        state.files.get(*state.names.get(path)?).map(|content| content.current.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_stopped(&self) -> bool {
        self.stop_at.is_some_and(|stop| self.calls > stop)
    }

    /// Counts a changing call; whether it still takes effect, and whether it succeeds.
    fn begin(&mut self) -> (bool, io::Result<()>) {
        let call = self.calls;
        self.calls = call.saturating_add(1);
        match self.stop_at {
            Some(stop) if call > stop => (false, Err(stopped())),
            Some(stop) if call == stop => (self.stop_takes_effect, Err(stopped())),
            Some(_) | None => (true, Ok(())),
        }
    }

    fn check_running(&self) -> io::Result<()> {
        if self.has_stopped() { Err(stopped()) } else { Ok(()) }
    }

    /// How many more bytes there is room for.
    fn room(&self) -> usize {
        let capacity = self.faults.iter().find_map(|fault| match fault {
            Fault::Full(bytes) => Some(usize::try_from(*bytes).unwrap_or(usize::MAX)),
            Fault::SyncFails(_) | Fault::TruncateFails => None,
        });
        capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(self.used()))
    }

    fn used(&self) -> usize {
        let named = self.names.values().filter_map(|index| self.files.get(*index));
        named.map(|content| content.current.len()).fold(0, usize::saturating_add)
    }
}

impl Content {
    fn write(&mut self, bytes: &[u8], offset: usize) {
        write_into(&mut self.current, bytes, offset);
        self.unsynced.push(Change::Write(offset, bytes.to_vec()));
    }

    fn after_power_cut(&self, unsynced: Unsynced) -> Vec<u8> {
        match unsynced {
            Unsynced::Lost => self.durable.clone(),
            Unsynced::Kept => self.current.clone(),
            Unsynced::Torn(keep) => self.replay(keep),
            Unsynced::Zeroed => {
                let mut bytes = self.durable.clone();
                bytes.resize(self.current.len(), 0);
                bytes
            }
            Unsynced::Scattered(first) => {
                let mut bytes = self.durable.clone();
                bytes.resize(self.current.len(), 0);
                for (block, (target, source)) in
                    bytes.chunks_mut(512).zip(self.current.chunks(512)).enumerate()
                {
                    if block % 2 == first % 2 {
                        target.copy_from_slice(source);
                    }
                }
                bytes
            }
        }
    }

    /// The unsynced changes in order, as far as so many written bytes.
    fn replay(&self, keep: usize) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let mut left = keep;
        for change in &self.unsynced {
            match change {
                Change::Truncate(len) => bytes.truncate(*len),
                Change::Write(offset, written) => {
                    let kept = written.get(..left.min(written.len())).unwrap_or_default();
                    if !kept.is_empty() {
                        write_into(&mut bytes, kept, *offset);
                    }
                    left = left.saturating_sub(written.len());
                    if kept.len() < written.len() {
                        break;
                    }
                }
            }
        }
        bytes
    }
}

fn write_into(target: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    let end = offset.saturating_add(bytes.len());
    if target.len() < end {
        target.resize(end, 0);
    }
    if let Some(place) = target.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

fn stopped() -> io::Error {
    io::Error::other("the machine has stopped")
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Disk for CrashDisk {
    fn create_folder(&self, _path: &Path) -> io::Result<()> {
        self.lock().check_running()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.lock();
        state.check_running()?;
        let inside = state.names.keys().filter(|path| folder_of(path) == folder);
        let names = inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        Ok(names.collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.lock();
        let (takes_effect, result) = state.begin();
        let index = if let Some(index) = state.names.get(path).copied() {
            if let Some(content) = state.files.get_mut(index).filter(|_| takes_effect) {
                content.current.clear();
                content.unsynced.push(Change::Truncate(0));
            }
            index
        } else {
            let index = state.files.len();
            if takes_effect {
                state.files.push(Content::default());
                state.names.insert(path.to_owned(), index);
            }
            index
        };
        result.map(|()| self.file(index))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let state = self.lock();
        state.check_running()?;
        let index = state.names.get(path).copied().ok_or_else(not_found)?;
        Ok(self.file(index))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let (takes_effect, result) = state.begin();
        let index = state.names.get(from).copied().ok_or_else(not_found)?;
        if takes_effect {
            state.names.remove(from);
            state.names.insert(to.to_owned(), index);
        }
        result
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let (takes_effect, result) = state.begin();
        if !state.names.contains_key(path) {
            return Err(not_found());
        }
        if takes_effect {
            state.names.remove(path);
        }
        result
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let (takes_effect, result) = state.begin();
        if takes_effect {
            let is_inside = |path: &Path| folder_of(path) == folder;
            state.durable_names.retain(|path, _| !is_inside(path));
            let inside: Vec<_> = state
                .names
                .iter()
                .filter(|(path, _)| is_inside(path))
                .map(|(path, index)| (path.clone(), *index))
                .collect();
            state.durable_names.extend(inside);
        }
        result
    }
}

impl CrashDisk {
    fn file(&self, index: usize) -> Box<dyn DiskFile> {
        Box::new(CrashFile { disk: self.clone(), index })
    }
}

#[derive(Debug)]
struct CrashFile {
    disk: CrashDisk,
    index: usize,
}

impl DiskFile for CrashFile {
    fn len(&self) -> io::Result<u64> {
        let state = self.disk.lock();
        state.check_running()?;
        let content = state.files.get(self.index).ok_or_else(not_found)?;
        Ok(u64::try_from(content.current.len()).unwrap_or(u64::MAX))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.lock();
        state.check_running()?;
        let content = state.files.get(self.index).ok_or_else(not_found)?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = content.current.get(offset..).unwrap_or_default();
        let count = bytes.len().min(buffer.len());
        for (target, source) in buffer.iter_mut().zip(bytes) {
            *target = *source;
        }
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        let (takes_effect, result) = state.begin();
        let room = state.room();
        let content = state.files.get_mut(self.index).ok_or_else(not_found)?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let grows = offset.saturating_add(bytes.len()).saturating_sub(content.current.len());
        if grows > room {
            // A part is written, as a real disk would.
            let fits = bytes.len().saturating_sub(grows.saturating_sub(room));
            content.write(bytes.get(..fits).unwrap_or_default(), offset);
            return result.and(Err(io::ErrorKind::StorageFull.into()));
        }
        if takes_effect {
            content.write(bytes, offset);
        }
        result
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.lock();
        let (takes_effect, result) = state.begin();
        let sync = state.syncs;
        state.syncs = sync.saturating_add(1);
        let fails = state.faults.contains(&Fault::SyncFails(sync));
        let content = state.files.get_mut(self.index).ok_or_else(not_found)?;
        if fails {
            // The system drops what it could not write, shows it still, and will not try again.
            content.unsynced.clear();
            return result.and(Err(io::Error::other("the disk could not write")));
        }
        if takes_effect {
            let mut durable = std::mem::take(&mut content.durable);
            for change in std::mem::take(&mut content.unsynced) {
                match change {
                    Change::Truncate(len) => durable.truncate(len),
                    Change::Write(offset, bytes) => write_into(&mut durable, &bytes, offset),
                }
            }
            content.durable = durable;
        }
        result
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        let (takes_effect, result) = state.begin();
        if state.faults.contains(&Fault::TruncateFails) {
            return result.and(Err(io::Error::other("the disk could not cut")));
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let content = state.files.get_mut(self.index).ok_or_else(not_found)?;
        if takes_effect {
            content.current.truncate(len);
            content.unsynced.push(Change::Truncate(len));
        }
        result
    }
}
