// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The index on disk: deleted, emptied, cut, flipped, swapped for another. It is made anew from the
//! log or was whole all the same, and everything reads back exactly; no panic of sled's gets out.
//!
//! An index that was closed cleanly is sealed, and a seal is a digest: any byte tells like any other,
//! so those are sampled. After a kill there is no seal, and what a byte does depends on where in
//! sled's file it stands: there every single one is tried, on a ledger so small that sled's file is a
//! few kilobytes, nearly all of them in use.

use std::fs;
use std::path::{Path, PathBuf};

use constancia_ledger::entry::decode_entry;
use constancia_ledger::replica::{Origin, Recovery};
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::open_ledger::OpenLedger;
use constancia_tests::everything::{Act, Everything, Holding};
use constancia_tests::folder::copy_folder;
use tempfile::TempDir;

use crate::scene::{case, verify};

/// Every so many-th byte where bytes are sampled; a prime, so that no layout repeats with it.
const STRIDE: usize = 61;

/// How an index is left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Sealed,
    Killed,
}

/// A data folder as a process left it, to be copied and damaged.
struct Whole {
    home: TempDir,
    folder: StoreFolder,
    holding: Holding,
}

impl Whole {
    /// With the first so many acts of the ledger.
    fn with_acts(count: usize) -> Self {
        let everything = Everything::new();
        let home = fast_folder();
        let folder = StoreFolder::new(home.path().join("whole"));
        let ledger = OpenLedger::found(folder.clone(), everything.charter.clone()).unwrap();
        for act in &everything.acts[..count] {
            take(&ledger, act);
        }
        drop(ledger);
        Self { home, folder, holding: everything.after[count].clone() }
    }

    /// With everything that a log can hold.
    fn new() -> Self {
        Self::with_acts(Everything::new().acts.len())
    }

    /// The files of the index, by name.
    fn list_files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.index_path()).unwrap();
        let files = entries.map(Result::unwrap).filter(|entry| entry.path().is_file());
        files.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.index_path().join(file)).unwrap()
    }

    /// Damages a copy of the folder's index, opens the folder, and finds everything in it.
    fn assert_all_is_there(&self, name: &str, left: Left, damage: impl FnOnce(&Path)) -> Recovery {
        let root = self.home.path().join("case");
        copy_folder(self.folder.root(), &root);
        let folder = StoreFolder::new(&root);
        if left == Left::Killed {
            fs::remove_file(folder.index_path().join("seal")).unwrap();
        }
        damage(&folder.index_path());
        let recovery = case(name, || {
            let ledger = OpenLedger::open(folder.clone(), LockPatience::None).unwrap();
            assert!(ledger.recovery.is_sound() && ledger.notices.is_empty());
            let replica = ledger.live.shared().read();
            assert!(Holding::of(&replica).unwrap() == self.holding);
            assert!(verify(&replica).is_sound());
            ledger.recovery.clone()
        });
        fs::remove_dir_all(&root).unwrap();
        recovery
    }
}

fn take(ledger: &OpenLedger, act: &Act) {
    match act {
        Act::Entries(messages) => {
            let offered = messages.iter().cloned().map(decode_entry).collect();
            drop(ledger.live.shared().ingest(offered, Origin::Local).unwrap());
        }
        Act::Proof(proof) => {
            drop(ledger.live.shared().ingest_proofs(std::slice::from_ref(&**proof)).unwrap());
        }
    }
}

/// A folder in memory where the machine has one: thousands of databases are opened here, and none of
/// this is about syncing.
fn fast_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn flip(path: &Path, at: usize, bits: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= bits;
    fs::write(path, bytes).unwrap();
}

/// Every byte of the file in one half of it, after a kill.
fn flip_every_byte(half: usize) {
    let whole = Whole::with_acts(2);
    for file in whole.list_files() {
        if file == "seal" {
            continue;
        }
        for at in (0..whole.read(&file).len()).filter(|at| at % 2 == half) {
            let name = format!("{file} byte {at} of a killed index");
            whole.assert_all_is_there(&name, Left::Killed, |index| {
                flip(&index.join(&file), at, 1 << (at % 8));
            });
        }
    }
}

#[test]
fn every_flipped_even_byte_of_a_killed_index_costs_nothing() {
    flip_every_byte(0);
}

#[test]
fn every_flipped_odd_byte_of_a_killed_index_costs_nothing() {
    flip_every_byte(1);
}

#[test]
fn flipped_bytes_all_over_a_large_index_cost_nothing() {
    let whole = Whole::new();
    for left in [Left::Sealed, Left::Killed] {
        for file in whole.list_files() {
            for at in (0..whole.read(&file).len()).step_by(STRIDE) {
                if file == "seal" && left == Left::Killed {
                    continue;
                }
                let name = format!("{file} byte {at}, {left:?}");
                let recovery = whole.assert_all_is_there(&name, left, |index| {
                    flip(&index.join(&file), at, 0x10);
                });
                // A seal that does not match is reason enough.
                assert!(recovery.rebuilt.is_some() || left == Left::Killed, "{name}");
            }
        }
    }
}

#[test]
fn files_of_the_index_cut_emptied_or_deleted_cost_nothing() {
    let whole = Whole::new();
    for left in [Left::Sealed, Left::Killed] {
        for file in whole.list_files() {
            if file == "seal" && left == Left::Killed {
                continue;
            }
            let len = whole.read(&file).len();
            let cuts = (0..len).step_by(STRIDE).chain([1, len / 2, len - 1]);
            for cut in cuts {
                let name = format!("{file} cut to {cut}, {left:?}");
                whole.assert_all_is_there(&name, left, |index| {
                    let path = index.join(&file);
                    let bytes = fs::read(&path).unwrap();
                    fs::write(&path, &bytes[..cut]).unwrap();
                });
            }
            let name = format!("{file} deleted, {left:?}");
            whole.assert_all_is_there(&name, left, |index| {
                fs::remove_file(index.join(&file)).unwrap();
            });
        }
    }
}

#[test]
fn an_index_that_is_gone_or_is_no_folder_or_is_full_of_rubbish_is_made_anew() {
    let whole = Whole::new();
    let damages: [(&str, fn(&Path)); 5] = [
        ("gone", |index| fs::remove_dir_all(index).unwrap()),
        ("empty", |index| {
            fs::remove_dir_all(index).unwrap();
            fs::create_dir(index).unwrap();
        }),
        ("a file", |index| {
            fs::remove_dir_all(index).unwrap();
            fs::write(index, b"no folder").unwrap();
        }),
        ("rubbish", |index| {
            for entry in fs::read_dir(index).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::write(path, [0xa5; 3_000]).unwrap();
                }
            }
        }),
        ("more files", |index| fs::write(index.join("snap.0000000000000001"), [0; 40]).unwrap()),
    ];
    for (name, damage) in damages {
        let recovery = whole.assert_all_is_there(name, Left::Sealed, damage);
        assert!(recovery.rebuilt.is_some(), "{name}");
    }
}

#[test]
fn an_index_of_an_earlier_day_or_of_another_ledger_is_caught_up_or_made_anew() {
    let whole = Whole::new();
    let earlier: Vec<PathBuf> = [1, 4, 8].map(|acts| keep_index(&whole, acts)).to_vec();
    for (name, index) in
        [("after 1", &earlier[0]), ("after 4", &earlier[1]), ("after 8", &earlier[2])]
    {
        for left in [Left::Sealed, Left::Killed] {
            let recovery = whole.assert_all_is_there(name, Left::Sealed, |path| {
                fs::remove_dir_all(path).unwrap();
                copy_folder(index, path);
                if left == Left::Killed {
                    fs::remove_file(path.join("seal")).unwrap();
                }
            });
            assert!(recovery.rebuilt.is_some() || recovery.caught_up > 0, "{name}");
        }
    }
    let foreign = whole.home.path().join("foreign");
    let charter = constancia_tests::network::charter(4);
    drop(OpenLedger::found(StoreFolder::new(&foreign), charter).unwrap());
    let recovery = whole.assert_all_is_there("another ledger's", Left::Sealed, |index| {
        fs::remove_dir_all(index).unwrap();
        copy_folder(&StoreFolder::new(&foreign).index_path(), index);
    });
    assert!(recovery.rebuilt.is_some());
}

/// The index of the same folder after the first so many acts: its log is the same log, up to there.
fn keep_index(whole: &Whole, acts: usize) -> PathBuf {
    let earlier = Everything::new();
    let root = whole.home.path().join(format!("earlier-{acts}"));
    // Rows point into the log by place, so they must have been made of this very log.
    let folder = StoreFolder::new(&root);
    let ledger = OpenLedger::found(folder.clone(), earlier.charter.clone()).unwrap();
    for act in &earlier.acts[..acts] {
        take(&ledger, act);
    }
    drop(ledger);
    folder.index_path()
}
