// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A machine that keeps a replica: a disk that stops when it is told to, and an index.

use std::path::PathBuf;
use std::sync::Arc;

use constancia_ledger::id::LedgerId;
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{Recovery, Replica};
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, MemoryRows, Position, Rows, Scanned, StoreError, Unsynced,
};
use constancia_tests::everything::{Everything, Holding, take};

/// Small enough that the ledger makes several segments, so that rolling over is among what stops.
const SEGMENT_BYTES: u64 = 900;

fn folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

/// What becomes of what was not synced: the two extremes, and two in between.
pub(crate) const OUTCOMES: [Unsynced; 4] =
    [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn(100), Unsynced::Scattered(1)];

/// A disk and an index.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) disk: CrashDisk,
    pub(crate) rows: Arc<dyn Rows>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { disk: CrashDisk::default(), rows: Arc::new(MemoryRows::default()) }
    }

    /// Begins the ledger.
    pub(crate) fn found(&self, everything: &Everything) -> Result<Replica, StoreError> {
        let ledger = LedgerId::of_charter(everything.charter.id());
        let disk = Arc::new(self.disk.clone());
        let log = FileLog::create(disk, &folder(), ledger, *b"markmark")?;
        let log = Box::new(log.with_segment_bytes(SEGMENT_BYTES));
        Replica::found(everything.charter.clone(), log, Arc::clone(&self.rows))
    }

    /// Opens it again.
    pub(crate) fn open(&self) -> Result<(Replica, Recovery), StoreError> {
        let durable = self.rows.meta().ok().flatten().map(|meta| meta.log_end);
        let (log, _) = FileLog::open(Arc::new(self.disk.clone()), &folder(), durable)?;
        let log = Box::new(log.with_segment_bytes(SEGMENT_BYTES));
        Replica::recover(log, Arc::clone(&self.rows))
    }

    /// The machine after the power came back, with the index as it was.
    pub(crate) fn restart(&self, unsynced: Unsynced) -> Self {
        Self { disk: self.disk.restart(unsynced), rows: copy_rows(&*self.rows) }
    }

    pub(crate) fn without_index(self) -> Self {
        Self { rows: Arc::new(MemoryRows::default()), ..self }
    }

    /// Founds the ledger and takes every act in until something fails; how many acts were
    /// acknowledged, or nothing where not even the charter was.
    pub(crate) fn run(&self, everything: &Everything) -> Option<usize> {
        let mut replica = self.found(everything).ok()?;
        let acts = everything.acts.iter();
        Some(acts.take_while(|act| take(&mut replica, act).is_ok()).count())
    }

    /// Opens the ledger, finds at least so much in it and no more than one act beyond that, and goes
    /// on to its end.
    pub(crate) fn assert_goes_on(&self, everything: &Everything, acknowledged: usize) {
        let (mut replica, recovery) = self.open().unwrap();
        assert!(recovery.is_sound(), "{recovery:?}");
        let found = Holding::of(&replica).unwrap();
        assert!(found.covers(&everything.after[acknowledged]), "something acknowledged is gone");
        let next = (acknowledged + 1).min(everything.acts.len());
        assert!(everything.after[next].covers(&found), "something came from nowhere");
        // Whoever was not told tries again, and everything is there once.
        for act in &everything.acts {
            take(&mut replica, act).unwrap();
        }
        drop(replica);
        // The power fails once more: what was built on is durable.
        self.restart(Unsynced::Lost).assert_whole(everything);
    }

    /// Nobody was told that the ledger was founded: it is there, or can be founded.
    pub(crate) fn assert_founded_or_not(&self, everything: &Everything) {
        match self.open() {
            Ok(_) => self.assert_goes_on(everything, 0),
            Err(StoreError::NoLedger { .. } | StoreError::BadCharter { .. }) => {
                assert_eq!(self.run(everything), Some(everything.acts.len()));
                self.restart(Unsynced::Lost).assert_whole(everything);
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Everything is there, once.
    pub(crate) fn assert_whole(&self, everything: &Everything) {
        let (replica, recovery) = self.open().unwrap();
        assert!(recovery.is_sound(), "{recovery:?}");
        assert!(Holding::of(&replica).unwrap() == *everything.holding());
        let report = replica.verify_stored(&mut |_, _| ()).unwrap();
        assert!(report.is_sound(), "{:?}", report.damages);
        assert!(!has_doubles(replica.log()), "something stands twice in the log");
    }
}

/// Whether two records of a log are the same.
fn has_doubles(log: &dyn EntryLog) -> bool {
    let mut records = Vec::new();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(_, record) = scanned {
            records.push((record.kind, record.bytes));
        }
        Ok(true)
    })
    .unwrap();
    records.sort();
    records.windows(2).any(|pair| pair[0] == pair[1])
}

pub(crate) fn copy_rows(rows: &dyn Rows) -> Arc<dyn Rows> {
    let all = rows.range(&[0], &[255; 70], 1_000_000).unwrap();
    let copy = MemoryRows::default();
    copy.apply(all.into_iter().map(|(key, value)| (key, Some(value))).collect()).unwrap();
    Arc::new(copy)
}
