// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A real disk so small that a test can fill it: a file system in memory, mounted for the test.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Bytes that the file system gives out at a time.
pub const PAGE_BYTES: u64 = 4_096;

/// A mounted disk, until dropped.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts a disk of so many mebibytes. Only root may, and not in every container; for anybody else
    /// there is none, and the test says that it was left out.
    ///
    /// # Panics
    /// Where who may mount cannot: then what these tests prove is not proven.
    pub fn mount(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        let said = match mount.env("LC_ALL", "C").output() {
            Ok(output) if output.status.success() => return Some(Self { folder }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        let may_not = !is_root() || said.contains("permission denied");
        assert!(may_not, "cannot mount a small disk: {said}");
        eprintln!("left out: a small disk may not be mounted here: {said}");
        None
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills it up but for so many pages.
    pub fn fill_but(&self, pages: u64) {
        let mut filler = File::create(self.filler()).unwrap();
        let zeros = vec![0; usize::try_from(PAGE_BYTES).unwrap()];
        while filler.write_all(&zeros).is_ok() {}
        let len = filler.metadata().unwrap().len();
        filler.set_len(len.saturating_sub(pages * PAGE_BYTES)).unwrap();
    }

    /// Makes room for so many more pages.
    pub fn free(&self, pages: u64) {
        let filler = OpenOptions::new().write(true).open(self.filler()).unwrap();
        let len = filler.metadata().unwrap().len();
        filler.set_len(len.saturating_sub(pages * PAGE_BYTES)).unwrap();
    }

    /// Makes room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that a failed test left behind may still hold it.
        drop(Command::new("umount").arg("-l").arg(self.path()).output());
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
