// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where measurements happen: a folder on a real disk, and what machine this is.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use constancia_ledger::store::StoreFolder;
use tempfile::TempDir;

/// A folder on the disk that holds the build, gone when dropped.
///
/// # Panics
/// Where it cannot be made.
pub fn new_folder(root: &Path) -> TempDir {
    TempDir::new_in(root).expect("a folder for the measurement")
}

/// A data folder in a folder.
pub fn store_folder(home: &TempDir, name: &str) -> StoreFolder {
    StoreFolder::new(home.path().join(name))
}

/// Cores that this process may use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Bytes of every file below a folder.
pub fn count_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => count_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The machine in a line: cores, processor, system, file system of the folder.
pub fn describe_machine(folder: &Path) -> String {
    let (device, system) = find_mount(folder).unwrap_or_default();
    let kernel = read_line("/proc/sys/kernel/osrelease");
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split(':').nth(1))
        .unwrap_or("unknown processor")
        .trim()
        .to_owned();
    let load = read_line("/proc/loadavg");
    format!(
        "{} cores, {processor}, Linux {kernel}, data on {system} ({device}), load {load}",
        cores()
    )
}

/// Whether a folder is in memory: then nothing durable can be measured there.
pub fn is_in_memory(folder: &Path) -> bool {
    find_mount(folder).is_some_and(|(_, system)| system == "tmpfs" || system == "ramfs")
}

/// Processor time that this process has used, seconds; none where the system does not say.
pub fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold anything; 11 fields after it come user and system time.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_ascii_whitespace().skip(11);
    let user: u32 = ticks.next()?.parse().ok()?;
    let system: u32 = ticks.next()?.parse().ok()?;
    // A tick is a hundredth of a second on every Linux.
    Some(f64::from(user.saturating_add(system)) / 100.0)
}

fn read_line(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// Device and type of the file system that holds a folder.
fn find_mount(folder: &Path) -> Option<(String, String)> {
    let folder: PathBuf = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let (device, at, system) = (fields.next()?, fields.next()?, fields.next()?);
            folder.starts_with(at).then(|| (at.len(), device.to_owned(), system.to_owned()))
        })
        .max()
        .map(|(_, device, system)| (device, system))
}
