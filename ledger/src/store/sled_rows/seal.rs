// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The seal on an index that was closed cleanly: its files with length and digest.
//!
//! While the index is open there is none. Whoever finds one that matches has exactly the rows that
//! were left; one that does not match is damage.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::super::disk::{Disk as _, RealDisk};

const SEAL_CONTEXT: &str = "constancia v1 index seal";
const SEAL_NAME: &str = "seal";
const SEAL_BYTES_MAX: u64 = 1 << 20;
/// Bytes that one core hashes at a time.
const PART_BYTES: u64 = 8 << 20;

/// What the seal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    /// There is no index.
    Nothing,
    /// Everything is as it was left.
    Whole,
    /// It was not closed cleanly.
    Unsealed,
    /// It was closed cleanly and has changed since; what, in words.
    Broken(String),
}

/// Compares a folder with its seal.
pub(super) fn check(folder: &Path) -> Sealed {
    let expected = match read_seal(folder) {
        Ok(seal) => seal,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match list_files(folder) {
                Ok(files) if files.is_empty() => Sealed::Nothing,
                Ok(_) => Sealed::Unsealed,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Sealed::Nothing,
                Err(error) => Sealed::Broken(format!("it cannot be read: {error}")),
            };
        }
        Err(error) => return Sealed::Broken(format!("its seal cannot be read: {error}")),
    };
    match describe(folder) {
        Ok(found) if found == expected => Sealed::Whole,
        Ok(found) => Sealed::Broken(find_difference(&expected, &found)),
        Err(error) => Sealed::Broken(format!("it cannot be read: {error}")),
    }
}

/// Seals a folder whose files nobody has open any more.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    let seal = describe(folder)?;
    // sled has synced its files when it closed.
    let mut file = File::create(folder.join(SEAL_NAME))?;
    file.write_all(seal.as_bytes())?;
    file.sync_all()?;
    RealDisk.sync_folder(folder)
}

/// Breaks the seal, durably, before anything in the folder changes.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(SEAL_NAME)) {
        Ok(()) => RealDisk.sync_folder(folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes everything in a folder, the seal first: half of it is never taken for the whole.
pub(super) fn remove_all(folder: &Path) -> io::Result<()> {
    remove(folder)?;
    for path in list_files(folder)? {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Bytes of all files in a folder.
pub(super) fn count_bytes(folder: &Path) -> u64 {
    let files = list_files(folder).unwrap_or_default();
    let lengths = files.iter().filter_map(|path| fs::metadata(path).ok());
    lengths.map(|metadata| metadata.len()).fold(0, u64::saturating_add)
}

fn read_seal(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(folder.join(SEAL_NAME))?.take(SEAL_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

fn find_difference(expected: &str, found: &str) -> String {
    let line = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (expected, found) = (line(expected), line(found));
    let lost = expected.iter().find(|line| !found.contains(line));
    let new = found.iter().find(|line| !expected.contains(line));
    let name = |line: &String| line.split(' ').next_back().unwrap_or_default().to_owned();
    match lost.or(new).map(name) {
        Some(name) => format!("its file {name} is not as it was left"),
        None => "it is not as it was left".to_owned(),
    }
}

/// A line for each file: digest, length, name; ascending by name.
fn describe(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for path in list_files(folder)? {
        let len = fs::metadata(&path)?.len();
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let digest = hash_file(&path, len)?;
        let name = name.display();
        text.push_str(&[hex::encode(digest), format!(" {len} {name}\n")].concat());
    }
    Ok(text)
}

fn list_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(list_files(&entry.path())?);
        } else if entry.file_name() != SEAL_NAME {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A digest over the digests of the parts, which all cores compute.
fn hash_file(path: &Path, len: u64) -> io::Result<[u8; 32]> {
    let parts = len.div_ceil(PART_BYTES);
    let digests: io::Result<Vec<[u8; 32]>> = (0..parts)
        .into_par_iter()
        .map(|part| hash_part(path, part.saturating_mul(PART_BYTES)))
        .collect();
    Ok(blake3::derive_key(SEAL_CONTEXT, &digests?.concat()))
}

fn hash_part(path: &Path, offset: u64) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
    let mut hasher = blake3::Hasher::new_derive_key(SEAL_CONTEXT);
    hasher.update_reader(file.take(PART_BYTES))?;
    Ok(*hasher.finalize().as_bytes())
}
