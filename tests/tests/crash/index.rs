// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The index stops at every single write, comes back as it was at any earlier moment, or as a mixture
//! of two moments: the log is the truth, and everything is found again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use constancia_ledger::store::{MemoryRows, Row, RowChange, Rows, StoreError, Unsynced};
use constancia_tests::everything::{Everything, Holding, take};
use constancia_tests::network::Dice;

use crate::machine::{Machine, copy_rows};

/// Whether the write that stops still reaches the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    NotPersisted,
    Persisted,
}

/// Rows whose n-th write, from 0, fails; and all after it, unless it fails only once.
#[derive(Debug)]
struct StoppingRows {
    inner: MemoryRows,
    writes: AtomicU64,
    stop_at: u64,
    stop: Stop,
    fails_once: bool,
}

impl StoppingRows {
    fn new(stop_at: u64, stop: Stop, fails_once: bool) -> Arc<Self> {
        let inner = MemoryRows::default();
        Arc::new(Self { inner, writes: AtomicU64::new(0), stop_at, stop, fails_once })
    }

    fn write(&self, write: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst);
        let stops = number == self.stop_at || (number > self.stop_at && !self.fails_once);
        if !stops || (number == self.stop_at && self.stop == Stop::Persisted) {
            write()?;
        }
        if stops { Err(StoreError::Index { reason: "it stopped".to_owned() }) } else { Ok(()) }
    }
}

impl Rows for StoppingRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }
    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        self.inner.last_in(from, to)
    }
    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.range(from, to, limit)
    }
    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        self.write(|| self.inner.apply(batch))
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.write(|| self.inner.clear())
    }
}

/// Runs the whole ledger over rows that stop; how many acts were acknowledged.
fn run_over(rows: &Arc<StoppingRows>, everything: &Everything) -> (Machine, Option<usize>) {
    let rows: Arc<dyn Rows> = Arc::clone(rows) as Arc<dyn Rows>;
    let machine = Machine { rows, ..Machine::new() };
    let acknowledged = machine.run(everything);
    (machine, acknowledged)
}

fn count_writes(everything: &Everything) -> u64 {
    let rows = StoppingRows::new(u64::MAX, Stop::Persisted, false);
    run_over(&rows, everything);
    rows.writes.load(Ordering::SeqCst)
}

#[test]
fn stopped_at_any_write_of_the_index_everything_acknowledged_is_there_and_the_ledger_goes_on() {
    let everything = Everything::new();
    for stop_at in 0..count_writes(&everything) {
        for stop in [Stop::NotPersisted, Stop::Persisted] {
            let rows = StoppingRows::new(stop_at, stop, false);
            let (machine, acknowledged) = run_over(&rows, &everything);
            for unsynced in [Unsynced::Lost, Unsynced::Kept] {
                let after = machine.restart(unsynced);
                match acknowledged {
                    Some(acknowledged) => after.assert_goes_on(&everything, acknowledged),
                    None => after.assert_founded_or_not(&everything),
                }
            }
        }
    }
}

#[test]
fn where_a_write_of_the_index_fails_once_the_same_process_goes_on() {
    let everything = Everything::new();
    for stop_at in 2..count_writes(&everything) {
        for stop in [Stop::NotPersisted, Stop::Persisted] {
            let rows = StoppingRows::new(stop_at, stop, true);
            let shared: Arc<dyn Rows> = Arc::clone(&rows) as Arc<dyn Rows>;
            let machine = Machine { rows: shared, ..Machine::new() };
            let mut replica = machine.found(&everything).unwrap();
            let mut failures = 0;
            for act in &everything.acts {
                while take(&mut replica, act).is_err() {
                    failures += 1;
                    assert!(failures < 3, "it does not recover");
                }
            }
            assert_eq!(failures, 1);
            assert!(Holding::of(&replica).unwrap() == *everything.holding());
            drop(replica);
            machine.assert_whole(&everything);
        }
    }
}

/// The rows after each act, the first after the charter.
fn moments(everything: &Everything) -> (Machine, Vec<Arc<dyn Rows>>) {
    let machine = Machine::new();
    let mut replica = machine.found(everything).unwrap();
    let mut moments = vec![copy_rows(&*machine.rows)];
    for act in &everything.acts {
        take(&mut replica, act).unwrap();
        moments.push(copy_rows(&*machine.rows));
    }
    (machine, moments)
}

#[test]
fn an_index_as_it_was_at_any_earlier_moment_is_caught_up() {
    let everything = Everything::new();
    let (machine, moments) = moments(&everything);
    for rows in moments {
        let after = Machine { disk: machine.disk.copy(), rows };
        let (_, recovery) = after.open().unwrap();
        assert_eq!(recovery.rebuilt, None);
        after.assert_whole(&everything);
    }
}

fn list_rows(rows: &dyn Rows) -> Vec<Row> {
    rows.range(&[0], &[255; 70], 1_000_000).unwrap()
}

/// A database that lost a page here and kept a newer one there.
#[test]
fn an_index_that_mixes_two_moments_is_made_anew_or_was_whole() {
    let everything = Everything::new();
    let (machine, moments) = moments(&everything);
    let mut dice = Dice::new(7);
    for early in 0..moments.len() - 1 {
        for late in early + 1..moments.len() {
            for _ in 0..4 {
                let mixed = MemoryRows::default();
                let (old, new) = (list_rows(&*moments[early]), list_rows(&*moments[late]));
                // Every row that differs is of the one or the other.
                let mut batch: Vec<RowChange> =
                    old.iter().map(|(key, value)| (*key, Some(value.clone()))).collect();
                for (key, value) in &new {
                    if dice.below(2) == 0 {
                        batch.push((*key, Some(value.clone())));
                    }
                }
                let gone = old.iter().filter(|row| !new.iter().any(|(key, _)| *key == row.0));
                batch.extend(gone.filter(|_| dice.below(2) == 0).map(|(key, _)| (*key, None)));
                mixed.apply(batch).unwrap();
                let after = Machine { disk: machine.disk.copy(), rows: Arc::new(mixed) };
                after.assert_whole(&everything);
            }
        }
    }
}

/// The smallest lie: one row is an earlier one.
#[test]
fn an_index_with_one_stale_row_is_made_anew() {
    let everything = Everything::new();
    let (machine, moments) = moments(&everything);
    let last = list_rows(&*moments[moments.len() - 1]);
    let mut tried = 0;
    for rows in &moments[..moments.len() - 1] {
        for (key, stale) in list_rows(&**rows) {
            let now = last.iter().find(|(known, _)| *known == key).map(|(_, value)| value);
            // The first row of all says what the rows cover: an older one is caught up from there.
            if now == Some(&stale) || *key == *b"m" {
                continue;
            }
            let after = Machine {
                disk: machine.disk.copy(),
                rows: copy_rows(&*moments[moments.len() - 1]),
            };
            after.rows.apply(vec![(key, Some(stale))]).unwrap();
            let (_, recovery) = after.open().unwrap();
            assert!(recovery.rebuilt.is_some(), "stale row {}", String::from_utf8_lossy(&key[..1]));
            after.assert_whole(&everything);
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried} rows change at all");
}
