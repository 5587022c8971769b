// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Durable appends: one after another against a bare append and `fdatasync` of the same bytes, and
//! sixty-four writers at once against one.
//!
//! How much sixty-four gain depends on the disk: no more than the processor can verify, divided by
//! what one writer does, who waits for the disk each time. So they are measured on this disk and on
//! the same one with a sync that takes two milliseconds, as many a server's does.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use constancia_bench::ground::{cores, new_folder, store_folder};
use constancia_bench::paired::{Pair, Spread, as_float, compare, per_second, time};
use constancia_bench::workload::{Workload, signed_bytes};
use constancia_ledger::entry::decode_entry;
use constancia_ledger::replica::{Origin, Outcome, Replica, SharedReplica};
use constancia_ledger::store::{Disk, DiskFile, FileLog, RealDisk, SledRows};
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use ed25519_dalek::SigningKey;

use super::Size;
use super::sheet::{Limit, Sheet};
use super::verify::bare_rate;

/// Appends of one turn.
const APPENDS: usize = 100;
/// What a slower disk adds to each sync.
const SLOW_SYNC: Duration = Duration::from_millis(2);
/// Writers at once.
const WRITERS: usize = 64;
/// Signatures from which it is told how many the processor can check at most.
const SIGNATURES: usize = 10_000;
/// Appends of each of them in a turn.
const APPENDS_EACH: usize = 40;

pub(crate) fn measure_single(root: &Path, size: Size, sheet: &mut Sheet) {
    // Short turns and many of them: a disk has moods.
    let turns = size.of(40);
    let work = Workload::new(turns * APPENDS);
    let home = new_folder(root);
    let ledger =
        OpenLedger::found(store_folder(&home, "1"), work.charter.clone()).expect("a store");
    let shared = ledger.live.shared();
    let mut entries = work.entries.iter().cloned();
    let mut file = BareFile::create(&home.path().join("bare"));
    let frame = vec![0x5a; signed_bytes(&work.entries[0])];
    let pair = compare(
        turns,
        || append_rate(shared, entries.by_ref().take(APPENDS).collect()),
        || file.append_rate(&frame, APPENDS),
    );
    let ratio = &pair.ratio;
    sheet.add("durable append ÷ bare append + fdatasync", Limit::AtLeast(0.8), ratio, "");
    sheet.add("durable append", Limit::None, &pair.measured, "entries/s");
    sheet.add("bare append + fdatasync", Limit::None, &pair.against, "writes/s");
}

pub(crate) fn measure_writers(root: &Path, size: Size, sheet: &mut Sheet) {
    let work = Workload::new(0);
    let home = new_folder(root);
    // No program that checks every signature takes more entries than that.
    let signatures = Workload::new(size.of(SIGNATURES)).bare_signatures(size.of(SIGNATURES));
    let most = as_float(cores()) * bare_rate(&signatures);
    for (name, wait) in [("this disk", Duration::ZERO), ("sync + 2 ms", SLOW_SYNC)] {
        let folder = store_folder(&home, name);
        let disk = SlowDisk { wait };
        let log = FileLog::create(Arc::new(disk), &folder.log_path(), work.ledger, [7; 8]);
        let (rows, _) = SledRows::open(&folder.index_path()).expect("an index");
        let log = Box::new(log.expect("a log"));
        let replica = Replica::found(work.charter.clone(), log, Arc::new(rows)).expect("a store");
        let pair = compare_writers(&SharedReplica::new(replica), &work, size.of(20));
        let limit = Limit::AtLeast(15.0);
        sheet.add(&format!("64 concurrent writers ÷ one, {name}"), limit, &pair.ratio, "");
        let what = format!("64 concurrent writers, {name}");
        sheet.add(&what, Limit::None, &pair.measured, "entries/s");
        sheet.add(&format!("one writer, {name}"), Limit::None, &pair.against, "entries/s");
        let bound = Spread::of([most / pair.against.median()]);
        let what = format!("cores × bare verify_strict ÷ one writer, {name}: no ratio is above");
        sheet.add(&what, Limit::None, &bound, "");
    }
}

fn compare_writers(shared: &SharedReplica, work: &Workload, turns: usize) -> Pair {
    let keys = work
        .people
        .iter()
        .flat_map(|person| [person.deputy.clone(), person.node.clone(), person.sign.clone()]);
    // The founder's own signing key has begun its feed with the charter.
    let keys: Vec<SigningKey> = keys.filter(|key| *key != work.people[0].sign).collect();
    let mut feeds: Vec<_> = keys
        .iter()
        .take(WRITERS)
        .map(|key| work.write_alone(key, turns * APPENDS_EACH).into_iter())
        .collect();
    assert_eq!(feeds.len(), WRITERS);
    let mut alone = work.write_alone(&keys[WRITERS], (turns + 1) * APPENDS).into_iter();
    compare(
        turns,
        || {
            let parts: Vec<Vec<v1::SignedEntry>> =
                feeds.iter_mut().map(|feed| feed.by_ref().take(APPENDS_EACH).collect()).collect();
            let ((), took) = time(|| {
                thread::scope(|scope| {
                    for part in parts {
                        scope.spawn(|| append_all(shared, part));
                    }
                });
            });
            per_second(WRITERS * APPENDS_EACH, took)
        },
        || append_rate(shared, alone.by_ref().take(APPENDS).collect()),
    )
}

/// Appends one after another, each durable before the next, and decoded as it comes.
fn append_rate(shared: &SharedReplica, entries: Vec<v1::SignedEntry>) -> f64 {
    let count = entries.len();
    let ((), took) = time(|| append_all(shared, entries));
    per_second(count, took)
}

fn append_all(shared: &SharedReplica, entries: Vec<v1::SignedEntry>) {
    for entry in entries {
        let ingested = shared.ingest(vec![decode_entry(entry)], Origin::Local).expect("a disk");
        assert!(
            matches!(ingested.outcomes[..], [(_, Outcome::Stored { .. })]),
            "{:?}",
            ingested.outcomes
        );
    }
}

/// A file that is appended to and synced, and nothing else.
struct BareFile {
    file: File,
}

impl BareFile {
    fn create(path: &Path) -> Self {
        let file = OpenOptions::new().create_new(true).append(true).open(path).expect("a file");
        Self { file }
    }

    fn append_rate(&mut self, bytes: &[u8], count: usize) -> f64 {
        let ((), took) = time(|| {
            for _ in 0..count {
                self.file.write_all(bytes).expect("a disk");
                self.file.sync_data().expect("a disk");
            }
        });
        per_second(count, took)
    }
}

/// The real disk, with a sync that takes longer.
#[derive(Clone, Copy, Debug)]
struct SlowDisk {
    wait: Duration,
}

#[derive(Debug)]
struct SlowFile {
    file: Box<dyn DiskFile>,
    wait: Duration,
}

impl SlowDisk {
    #[expect(clippy::unnecessary_wraps, reason = "the disk's calls give results")]
    fn slow(self, file: Box<dyn DiskFile>) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(SlowFile { file, wait: self.wait }))
    }
}

impl Disk for SlowDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.slow(RealDisk.create(path)?)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.slow(RealDisk.open(path)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.sync_folder(folder)
    }
}

impl DiskFile for SlowFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }

    #[expect(clippy::disallowed_methods, reason = "waiting is what a slow disk does")]
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()?;
        if !self.wait.is_zero() {
            thread::sleep(self.wait);
        }
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}
