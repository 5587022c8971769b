// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the store asks of a disk, and the real one.
//!
//! Small enough that [`CrashDisk`](super::CrashDisk) can stop at every single call. What is assumed
//! of a disk: what `sync_data` has returned for is there after a power cut; a rename is atomic and
//! there once its folder is synced; what was not synced may be there, in part, or not at all, in any
//! order.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::StoreError;

/// A place for files.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Makes a folder and those above it, durably; one that exists is fine.
    ///
    /// # Errors
    /// What the system says.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Names of the files in a folder, ascending; folders within are left out.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Makes an empty file, in place of one that may be there. Its name is durable once the folder
    /// is synced.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file that exists, to read and to write.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, in place of one that may bear it. Durable once the folder is synced.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Durable once the folder is synced.
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes names in a folder durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// Bytes.
    ///
    /// # Errors
    /// What the system says.
    fn len(&self) -> io::Result<u64>;

    /// Whether there are none.
    ///
    /// # Errors
    /// What the system says.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads into `buffer` from an offset; returns how many bytes, fewer only at the end of the file.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all bytes at an offset. On an error some of them may have been written.
    ///
    /// # Errors
    /// What the system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Returns once content and length are durable.
    ///
    /// # Errors
    /// What the system says; then nothing is known of what was not synced before.
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts the file to a length.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, len: u64) -> io::Result<()>;
}

/// Where a part of a new file comes from.
pub(super) enum Piece<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// A range of another file: from, to.
    Copy(&'a dyn DiskFile, u64, u64),
}

/// Bytes copied at a time: bounds memory.
const COPY_BYTES: u64 = 1 << 20;

/// Writes a whole file beside its place, syncs it, and renames it into its place: at any crash there
/// is the old one or the new one. The file that is being written has the ending `.new`.
pub(super) fn write_whole(
    disk: &dyn Disk,
    path: &Path,
    pieces: &[Piece<'_>],
) -> Result<(), StoreError> {
    let beside = path.with_added_extension(NEW_ENDING);
    let written = write_beside(disk, &beside, pieces);
    if let Err(error) = written {
        // No room, most likely: leave none of it behind. If that fails too, the next opening does it.
        let _unremoved = disk.remove(&beside);
        return Err(error);
    }
    disk.rename(&beside, path).map_err(|error| StoreError::io("rename", &beside, error))?;
    sync_folder_of(disk, path)
}

/// Ending of a file that is not in its place yet: never read, removed when found.
pub(super) const NEW_ENDING: &str = "new";

/// Syncs the folder that holds a file.
pub(super) fn sync_folder_of(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    let folder = folder_of(path);
    disk.sync_folder(folder).map_err(|error| StoreError::io("sync", folder, error))
}

/// The folder that holds a file: the current one for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}

/// Reads a whole file of at most `limit` bytes.
pub(super) fn read_whole(file: &dyn DiskFile, limit: u64) -> io::Result<Vec<u8>> {
    let len = file.len()?;
    if len > limit {
        let reason = format!("expected at most {limit} bytes, found {len}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok(bytes)
}

fn write_beside(disk: &dyn Disk, beside: &Path, pieces: &[Piece<'_>]) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("write", beside, error);
    let file = disk.create(beside).map_err(failed)?;
    let mut offset = 0_u64;
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => {
                file.write_at(bytes, offset).map_err(failed)?;
                offset = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            }
            Piece::Copy(source, from, to) => {
                let mut at = *from;
                while at < *to {
                    let want = to.saturating_sub(at).min(COPY_BYTES);
                    let mut buffer = vec![0; usize::try_from(want).unwrap_or(0)];
                    let read = source.read_at(&mut buffer, at).map_err(failed)?;
                    buffer.truncate(read);
                    if buffer.is_empty() {
                        return Err(failed(io::ErrorKind::UnexpectedEof.into()));
                    }
                    file.write_at(&buffer, offset).map_err(failed)?;
                    let read = u64::try_from(read).unwrap_or(u64::MAX);
                    at = at.saturating_add(read);
                    offset = offset.saturating_add(read);
                }
            }
        }
    }
    file.sync_data().map_err(failed)
}

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = folder_of(path);
        if above != path {
            self.create_folder(above)?;
        }
        match std::fs::create_dir(path) {
            Ok(()) => self.sync_folder(above),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Windows has no way to sync a folder; NTFS journals names itself.
    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn len(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done: usize = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(u64::try_from(done).unwrap_or(u64::MAX));
            match read_some(&self.0, rest, at) {
                Ok(0) => break,
                Ok(read) => done = done.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut done: usize = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(u64::try_from(done).unwrap_or(u64::MAX));
            match write_some(&self.0, rest, at) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => done = done.saturating_add(written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}

#[cfg(unix)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_some(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_some(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(windows)]
fn write_some(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}
