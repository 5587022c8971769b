// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The index on disk: sealed when it was closed, wiped on any doubt, never a panic that escapes.

use std::fs;
use std::path::{Path, PathBuf};

use constancia_ledger::store::{RowKey, Rows, RowsFound, SledRows, StoreError};

fn fill(rows: &SledRows, count: u32) {
    for from in (0..count).step_by(100) {
        let batch = (from..from + 100).map(|n| {
            (
                RowKey::of(&[&n.to_be_bytes()]).unwrap(),
                Some(vec![u8::try_from(n % 256).unwrap(); 60]),
            )
        });
        rows.apply(batch.collect()).unwrap();
    }
}

/// Keys of rows that hold what was written; any other row fails the test.
fn count_true_rows(rows: &SledRows) -> Result<u32, StoreError> {
    let found = rows.range(&[0; 4], &[255; 4], 1_000_000)?;
    for (key, value) in &found {
        let n = u32::from_be_bytes(key[..].try_into().unwrap());
        assert_eq!(*value, vec![u8::try_from(n % 256).unwrap(); 60]);
    }
    Ok(u32::try_from(found.len()).unwrap())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn what_was_closed_is_found_sealed_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (rows, found) = SledRows::open(&path).unwrap();
    assert_eq!(found, RowsFound::New);
    fill(&rows, 500);
    drop(rows);
    for _ in 0..3 {
        let (rows, found) = SledRows::open(&path).unwrap();
        assert_eq!(found, RowsFound::Sealed);
        assert_eq!(count_true_rows(&rows).unwrap(), 500);
    }
}

#[test]
fn what_was_not_closed_is_found_unsealed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (rows, _) = SledRows::open(&path).unwrap();
    fill(&rows, 500);
    // As a killed process leaves it.
    let killed = folder.path().join("killed");
    copy(&path, &killed);
    let (rows, found) = SledRows::open(&killed).unwrap();
    assert_ne!(found, RowsFound::Sealed);
    count_true_rows(&rows).unwrap();
}

#[test]
fn any_change_to_a_sealed_index_wipes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (rows, _) = SledRows::open(&path).unwrap();
    fill(&rows, 300);
    drop(rows);
    let whole = folder.path().join("whole");
    fs::rename(&path, &whole).unwrap();
    for (number, file) in files(&whole).iter().enumerate() {
        let name = file.file_name().unwrap();
        let len = fs::metadata(file).unwrap().len();
        let mut changes: Vec<Box<dyn Fn(&Path)>> = vec![
            Box::new(|path| fs::remove_file(path).unwrap()),
            Box::new(|path| fs::write(path, []).unwrap()),
            Box::new(move |path| {
                fs::write(path, &fs::read(path).unwrap()[..usize::try_from(len / 2).unwrap()])
                    .unwrap();
            }),
            Box::new(move |path| {
                fs::write(path, &fs::read(path).unwrap()[..usize::try_from(len - 1).unwrap()])
                    .unwrap();
            }),
        ];
        for step in 0..7 {
            let at = usize::try_from(len * step / 7).unwrap();
            changes.push(Box::new(move |path| {
                let mut bytes = fs::read(path).unwrap();
                bytes[at] ^= 0x08;
                fs::write(path, bytes).unwrap();
            }));
        }
        for (case, change) in changes.iter().enumerate() {
            let path = folder.path().join(format!("case-{number}-{case}"));
            copy(&whole, &path);
            change(&path.join(name));
            let (rows, found) = SledRows::open(&path).unwrap();
            match found {
                // Its seal taken away, it is an index that was not closed.
                RowsFound::Unsealed => {
                    assert_eq!(name, "seal");
                    assert_eq!(count_true_rows(&rows).unwrap(), 300);
                }
                RowsFound::Wiped(_) => assert_eq!(count_true_rows(&rows).unwrap(), 0),
                other => panic!("{name:?} case {case}: {other:?}"),
            }
            fill(&rows, 100);
            drop(rows);
            assert_eq!(SledRows::open(&path).unwrap().1, RowsFound::Sealed);
            fs::remove_dir_all(&path).unwrap();
        }
    }
}

#[test]
fn a_damaged_index_that_was_never_sealed_is_an_error_or_wiped_and_can_be_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let (rows, _) = SledRows::open(&path).unwrap();
    fill(&rows, 2_000);
    drop(rows);
    let whole = folder.path().join("whole");
    fs::rename(&path, &whole).unwrap();
    fs::remove_file(whole.join("seal")).unwrap();
    let len = fs::metadata(whole.join("db")).unwrap().len();
    for case in 0..24_u64 {
        let path = folder.path().join(format!("case-{case}"));
        copy(&whole, &path);
        let db = path.join("db");
        let mut bytes = fs::read(&db).unwrap();
        let at = usize::try_from(case * len / 24).unwrap();
        if case % 3 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at + 11] ^= 0x40;
        }
        fs::write(&db, bytes).unwrap();
        let (rows, _) = SledRows::open(&path).unwrap();
        // Rows may be missing, which the caller must check; those that are there are true.
        if let Err(error) = count_true_rows(&rows) {
            assert!(matches!(error, StoreError::IndexDamaged { .. }), "{error}");
            assert!(rows.get(b"any").is_err());
        }
        rows.clear().unwrap();
        fill(&rows, 100);
        assert_eq!(count_true_rows(&rows).unwrap(), 100);
        drop(rows);
        fs::remove_dir_all(&path).unwrap();
    }
}
