// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Files that people give and get: read with a limit, written whole and never over another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::failure::FileError;

/// Opens a file to read it piece by piece. A directory opens like a file on some systems, and would
/// then pass for a damaged one.
///
/// # Errors
/// Where it cannot be read, or is a directory.
pub(crate) fn open(path: &Path) -> Result<File, FileError> {
    let file = File::open(path).map_err(FileError::reading(path))?;
    let is_dir = file.metadata().map_err(FileError::reading(path))?.is_dir();
    if is_dir {
        return Err(FileError::reading(path)(io::ErrorKind::IsADirectory.into()));
    }
    Ok(file)
}

/// Reads a file of at most `bytes_max`.
///
/// # Errors
/// Where it cannot be read or is larger.
pub(crate) fn read_bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(FileError::reading(path))?;
    let mut bytes = Vec::new();
    let limit = bytes_max.saturating_add(1);
    let read = file.take(limit).read_to_end(&mut bytes).map_err(FileError::reading(path))?;
    if read == usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(FileError::TooLarge { path: path.to_owned(), limit: bytes_max });
    }
    Ok(bytes)
}

/// Reads a text of at most `bytes_max`, without the byte order mark that spreadsheets write.
///
/// # Errors
/// Where it cannot be read, is larger, or is not UTF-8.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> Result<String, FileError> {
    let bytes = read_bytes(path, bytes_max)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text)),
        Err(_not_utf8) => Err(FileError::NotText { path: path.to_owned() }),
    }
}

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone: private keys.
    Owner,
    /// As the system's defaults say.
    Default,
}

/// Writes a new file and returns once it is on disk.
///
/// # Errors
/// Where it exists or cannot be written.
pub(crate) fn write_new(path: &Path, content: &[u8], readers: Readers) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options, readers);
    let mut file = options.open(path).map_err(FileError::writing(path))?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    let named = written.and_then(|()| match readers {
        Readers::Owner => sync_name(path),
        Readers::Default => Ok(()),
    });
    named.map_err(FileError::writing(path))
}

/// A private key whose name is lost with the power is lost.
#[cfg(unix)]
fn sync_name(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// NTFS journals names itself.
#[cfg(not(unix))]
fn sync_name(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Writes over a file of our own and returns once it is on disk.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write_over(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let mut file = File::create(path).map_err(FileError::writing(path))?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.map_err(FileError::writing(path))
}

/// Puts a file of our own in the place of an older one, or removes it where there is nothing to say:
/// whatever a crash leaves is the one or the other, whole.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), FileError> {
    if content.is_empty() {
        return match fs::remove_file(path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(FileError::writing(path)(cause))
            }
            Ok(()) | Err(_) => Ok(()),
        };
    }
    let draft = path.with_added_extension("new");
    write_over(&draft, content)?;
    let named = fs::rename(&draft, path).and_then(|()| sync_name(path));
    named.map_err(FileError::writing(path))
}

/// Makes a directory and those above it; on Unix for its owner alone where `readers` says so.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn make_dir(path: &Path, readers: Readers) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    restrict_dir(&mut builder, readers);
    builder.create(path).map_err(FileError::writing(path))
}

/// Refuses a directory that has anything in it; makes it where it is not there.
///
/// # Errors
/// Where it is not empty or cannot be made.
pub(crate) fn make_empty_dir(path: &Path) -> Result<(), FileError> {
    make_dir(path, Readers::Default)?;
    let mut entries = fs::read_dir(path).map_err(FileError::reading(path))?;
    match entries.next() {
        Some(_) => Err(FileError::NotEmpty { path: path.to_owned() }),
        None => Ok(()),
    }
}

/// A folder that is not there, or that may be looked into. One that may not would pass for empty.
///
/// # Errors
/// Where the system denies it.
pub(crate) fn check_access(folder: &Path) -> Result<(), FileError> {
    match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            Err(FileError::Unreadable { path: folder.to_owned(), cause })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions, readers: Readers) {
    use std::os::unix::fs::OpenOptionsExt as _;
    if readers == Readers::Owner {
        options.mode(0o600);
    }
}

/// Elsewhere the folder's own access rules apply: a user's profile is private already.
#[cfg(not(unix))]
fn restrict(_options: &mut OpenOptions, _readers: Readers) {}

#[cfg(unix)]
fn restrict_dir(builder: &mut fs::DirBuilder, readers: Readers) {
    use std::os::unix::fs::DirBuilderExt as _;
    if readers == Readers::Owner {
        builder.mode(0o700);
    }
}

#[cfg(not(unix))]
fn restrict_dir(_builder: &mut fs::DirBuilder, _readers: Readers) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, b"one", Readers::Owner).unwrap();
        let error = write_new(&path, b"two", Readers::Owner).unwrap_err();
        assert!(matches!(error, FileError::Exists { .. }));
        assert_eq!(read_text(&path, 10).unwrap(), "one");
        assert!(matches!(make_empty_dir(dir.path()).unwrap_err(), FileError::NotEmpty { .. }));
    }

    #[test]
    fn a_file_beyond_its_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, b"12345", Readers::Default).unwrap();
        assert_eq!(read_bytes(&path, 5).unwrap(), b"12345");
        assert!(matches!(read_bytes(&path, 4).unwrap_err(), FileError::TooLarge { .. }));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, "\u{feff}periodo".as_bytes(), Readers::Default).unwrap();
        assert_eq!(read_text(&path, 100).unwrap(), "periodo");
    }
}
