// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rows on disk are what the same rows in memory are, however they are cut into runs.
//!
//! Method: random batches of writes and removals over few keys, with closing and opening in between,
//! on rows whose runs are tiny; every answer is held against that of the rows in memory.

use std::path::Path;

use constancia_ledger::store::{MemoryRows, RowChange, RowKey, Rows, RowsFound, SledRows};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<RowChange>),
    Reopen,
    Clear,
}

/// Keys that share beginnings, so that blocks write them short.
fn key() -> impl Strategy<Value = RowKey> {
    (0..40_u8, 0..3_usize)
        .prop_map(|(n, longer)| RowKey::of(&[b"k", &[n / 7, n], &vec![n; longer]]).unwrap())
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::option::weighted(0.8, prop::collection::vec(any::<u8>(), 0..400));
    let batch = prop::collection::vec((key(), value), 0..30);
    prop_oneof![12 => batch.prop_map(Step::Apply), 2 => Just(Step::Reopen), 1 => Just(Step::Clear)]
}

fn check_equal(on_disk: &SledRows, in_memory: &MemoryRows) {
    let (first, last) = (vec![0], vec![0xff; 8]);
    let all = in_memory.range(&first, &last, usize::MAX).unwrap();
    assert_eq!(on_disk.range(&first, &last, usize::MAX).unwrap(), all);
    for n in 0..40_u8 {
        let (from, to) = (vec![b'k', n / 7, n], vec![b'k', n / 7, n, n, n]);
        assert_eq!(on_disk.get(&from).unwrap(), in_memory.get(&from).unwrap());
        assert_eq!(on_disk.last_in(&from, &to).unwrap(), in_memory.last_in(&from, &to).unwrap());
        assert_eq!(on_disk.last_in(&first, &to).unwrap(), in_memory.last_in(&first, &to).unwrap());
        assert_eq!(
            on_disk.range(&from, &last, 3).unwrap(),
            in_memory.range(&from, &last, 3).unwrap()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn rows_in_runs_are_what_rows_in_memory_are(
        run_rows in 1..60_usize,
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let in_memory = MemoryRows::default();
        let mut on_disk = SledRows::open_with_runs_of(&path, run_rows).unwrap().0;
        for step in steps {
            match step {
                Step::Apply(batch) => {
                    on_disk.apply(batch.clone()).unwrap();
                    in_memory.apply(batch).unwrap();
                }
                Step::Reopen => {
                    drop(on_disk);
                    let (again, found) = SledRows::open_with_runs_of(&path, run_rows).unwrap();
                    prop_assert_eq!(found, RowsFound::Sealed);
                    on_disk = again;
                }
                Step::Clear => {
                    on_disk.clear().unwrap();
                    in_memory.clear().unwrap();
                }
            }
        }
        check_equal(&on_disk, &in_memory);
        drop(on_disk);
        check_equal(&SledRows::open_with_runs_of(&path, run_rows).unwrap().0, &in_memory);
    }
}

/// What is too large for a page sled puts into a file of its own, and where there is no room for that
/// file the database can never be closed again: it waits for a buffer that nobody lets go of.
#[test]
fn nothing_of_an_index_is_so_large_that_it_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let rows = SledRows::open_with_runs_of(&path, 1 << 14).unwrap().0;
    let mut seed = 1_u64;
    // Enough for runs of every size, whose heads are their largest values.
    for _ in 0..80 {
        let batch = (0..4_096).map(|_| {
            seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let key = RowKey::of(&[b"e", &seed.to_be_bytes(), &[7; 24]]).unwrap();
            (key, Some(vec![7; 60]))
        });
        rows.apply(batch.collect()).unwrap();
        assert_eq!(count_own_files(&path), 0);
    }
    assert!(rows.size_bytes() > 10 << 20);
}

fn count_own_files(index: &Path) -> usize {
    std::fs::read_dir(index.join("blobs")).unwrap().count()
}

/// As those of a ledger in which thousands of branches have seen one another.
#[test]
fn rows_of_any_length_come_out_again_and_have_no_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let in_memory = MemoryRows::default();
    let mut on_disk = SledRows::open_with_runs_of(&path, 8).unwrap().0;
    let lengths = [3 << 10, 16 << 10, (16 << 10) - 6, 80 << 10, 300 << 10, 1];
    for round in 0..12_u8 {
        let batch: Vec<RowChange> = (0..17_u8)
            .map(|n| {
                let key = RowKey::of(&[b"v", &[n, round / 3]]).unwrap();
                let len = lengths[usize::from(n + round) % lengths.len()];
                let value = (0..len).map(|at| u8::try_from(at % 251).unwrap() ^ n).collect();
                (key, (n != round).then_some(value))
            })
            .collect();
        on_disk.apply(batch.clone()).unwrap();
        in_memory.apply(batch).unwrap();
        if round % 5 == 4 {
            drop(on_disk);
            let (again, found) = SledRows::open_with_runs_of(&path, 8).unwrap();
            assert_eq!(found, RowsFound::Sealed);
            on_disk = again;
        }
        let all = |rows: &dyn Rows| rows.range(&[0], &[0xff; 8], usize::MAX).unwrap();
        assert!(all(&on_disk) == all(&in_memory));
        for (key, value) in all(&in_memory) {
            assert!(on_disk.get(&key).unwrap() == Some(value));
        }
        assert_eq!(count_own_files(&path), 0);
    }
}
