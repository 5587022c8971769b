// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: however many write at once, they wait for one sync, not for one each; each gets its own
//! answer, and what a burst takes together is bounded.
//!
//! Method: a disk that counts and holds a sync until all who write have come. No time is measured.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{UnverifiedEntry, decode_entry, verify_batch, verify_entry};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::replica::{Ingested, Origin, Outcome, Replica, SharedReplica};
use constancia_ledger::store::{
    CrashDisk, Disk, DiskFault, DiskFile, FileLog, MemoryRows, StoreError, Unsynced,
};
use constancia_tests::forge::{Forged, small_charter};

const FOUNDER: u8 = 10;
/// Members, each with a key that signs and one that acknowledges.
const MEMBERS: u8 = 20;

/// What the disk has seen, and whether it lets a sync through.
#[derive(Debug, Default)]
struct Gate {
    is_closed: Mutex<bool>,
    opened: Condvar,
    syncs: AtomicU64,
    largest_write: AtomicUsize,
}

impl Gate {
    fn close(&self) {
        *self.is_closed.lock().unwrap() = true;
    }

    fn open(&self) {
        *self.is_closed.lock().unwrap() = false;
        self.opened.notify_all();
    }

    fn pass(&self) {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let closed = self.is_closed.lock().unwrap();
        drop(self.opened.wait_while(closed, |closed| *closed).unwrap());
    }

    fn count_syncs(&self) -> u64 {
        self.syncs.load(Ordering::SeqCst)
    }
}

/// A disk behind a gate.
#[derive(Clone, Debug)]
struct GatedDisk {
    disk: CrashDisk,
    gate: Arc<Gate>,
}

#[derive(Debug)]
struct GatedFile {
    file: Box<dyn DiskFile>,
    gate: Arc<Gate>,
}

impl GatedDisk {
    fn wrap(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(GatedFile { file, gate: Arc::clone(&self.gate) })
    }
}

impl Disk for GatedDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.create_folder(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create(path).map(|file| self.wrap(file))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(path).map(|file| self.wrap(file))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }
}

impl DiskFile for GatedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.gate.largest_write.fetch_max(bytes.len(), Ordering::SeqCst);
        self.file.write_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.gate.pass();
        self.file.sync_data()
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}

fn folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

fn found(disk: &GatedDisk) -> SharedReplica {
    let charter = Forged::charter(FOUNDER, small_charter(MEMBERS)).entry();
    let ledger = LedgerId::of_charter(charter.id());
    let log = FileLog::create(Arc::new(disk.clone()), &folder(), ledger, *b"markmark").unwrap();
    let rows = Arc::new(MemoryRows::default());
    SharedReplica::new(Replica::found(charter, Box::new(log), rows).unwrap())
}

/// The first entry of each key but the founder's, with a payload of so many bytes.
fn entries(ledger: LedgerId, payload_bytes: usize) -> Vec<UnverifiedEntry> {
    let seeds = (FOUNDER + 1..FOUNDER + MEMBERS).chain(100..100 + MEMBERS);
    seeds
        .map(|seed| {
            let mut forged = Forged::after(seed, ledger, None);
            if payload_bytes > 0 {
                forged.set_payload(vec![seed; payload_bytes]);
            }
            forged.entry()
        })
        .collect()
}

type Answer = Result<Ingested, Arc<StoreError>>;

fn write(shared: &SharedReplica, entry: UnverifiedEntry) -> JoinHandle<Answer> {
    let shared = shared.clone();
    std::thread::spawn(move || shared.ingest(vec![Ok(entry)], Origin::Local))
}

/// Looks until something is so.
fn wait_until(is_so: impl Fn() -> bool) {
    // Nobody sends: a wait that ends by itself.
    let (_send, never) = channel::<()>();
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        assert_eq!(never.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    }
    panic!("it never came to be so");
}

/// Holds the first write at its sync until everybody else has come.
fn write_at_once(
    disk: &GatedDisk,
    shared: &SharedReplica,
    entries: Vec<UnverifiedEntry>,
) -> Vec<(EntryId, Answer)> {
    let ids: Vec<EntryId> = entries.iter().map(UnverifiedEntry::id).collect();
    let syncs = disk.gate.count_syncs();
    disk.gate.close();
    let mut entries = entries.into_iter();
    let mut writers = vec![write(shared, entries.next().unwrap())];
    wait_until(|| disk.gate.count_syncs() > syncs);
    writers.extend(entries.map(|entry| write(shared, entry)));
    wait_until(|| shared.count_waiting() + 1 == writers.len());
    disk.gate.open();
    let answers = writers.into_iter().map(|writer| writer.join().unwrap());
    ids.into_iter().zip(answers).collect()
}

fn gated() -> GatedDisk {
    GatedDisk { disk: CrashDisk::default(), gate: Arc::default() }
}

#[test]
fn all_who_wait_for_a_write_share_the_next_sync() {
    let disk = gated();
    let shared = found(&disk);
    let entries = entries(shared.ledger(), 0);
    let count = u64::try_from(entries.len()).unwrap();
    let before = disk.gate.count_syncs();
    for (id, answer) in write_at_once(&disk, &shared, entries) {
        let outcomes = answer.unwrap().outcomes;
        assert!(matches!(outcomes.as_slice(), [(Some(of), Outcome::Stored { .. })] if *of == id));
    }
    // One for whoever came first, one for the other thirty-eight.
    assert_eq!(disk.gate.count_syncs() - before, 2);
    assert_eq!(shared.read().count_entries().unwrap(), 1 + count);
    // What was acknowledged is durable.
    let disk = disk.disk.restart(Unsynced::Lost);
    let (log, notices) = FileLog::open(Arc::new(disk), &folder(), None).unwrap();
    assert!(notices.is_empty());
    let (replica, _) = Replica::recover(Box::new(log), Arc::new(MemoryRows::default())).unwrap();
    assert_eq!(replica.count_entries().unwrap(), 1 + count);
}

#[test]
fn a_write_that_fails_is_told_to_all_who_shared_it_and_each_can_try_again() {
    let disk = gated();
    let shared = found(&disk);
    let entries = entries(shared.ledger(), 0);
    // Room for the first write, whose length all entries have, and not for the rest.
    let used = disk.disk.count_bytes();
    disk.disk.add_fault(DiskFault::Full(used + 700));
    let answers = write_at_once(&disk, &shared, entries.clone());
    let refused: Vec<_> = answers.iter().filter_map(|(_, answer)| answer.as_ref().err()).collect();
    assert_eq!(refused.len(), entries.len() - 1);
    assert!(refused.iter().all(|error| error.code() == "store.disk_full"));
    assert_eq!(shared.read().count_entries().unwrap(), 2);
    disk.disk.clear_faults();
    for entry in entries.iter().skip(1) {
        let ingested = shared.ingest(vec![Ok(entry.clone())], Origin::Local).unwrap();
        assert!(matches!(ingested.outcomes[0].1, Outcome::Stored { .. }));
    }
}

#[test]
fn a_burst_of_large_entries_is_written_in_parts() {
    const PAYLOAD_BYTES: usize = 1 << 20;
    let disk = gated();
    let shared = found(&disk);
    let entries = entries(shared.ledger(), PAYLOAD_BYTES);
    let bytes = entries.len() * PAYLOAD_BYTES;
    let before = disk.gate.count_syncs();
    for (_, answer) in write_at_once(&disk, &shared, entries) {
        assert!(matches!(answer.unwrap().outcomes[0].1, Outcome::Stored { .. }));
    }
    // The limit is 32 MiB: a burst beyond it takes two writes after the first.
    assert!(bytes > 33 << 20);
    assert_eq!(disk.gate.count_syncs() - before, 3);
    assert!(disk.gate.largest_write.load(Ordering::SeqCst) <= (32 << 20) + (64 << 10));
}

/// Signatures of a batch are checked on all cores; nobody could tell but by the time it takes.
#[test]
fn checking_many_signatures_at_once_gives_what_checking_each_alone_gives() {
    let disk = gated();
    let shared = found(&disk);
    let ledger = shared.ledger();
    let mut offered = Vec::new();
    for (n, entry) in entries(ledger, 0).into_iter().cycle().take(1_000).enumerate() {
        let mut message = verify_entry(entry, ledger, &KnownKeys::new()).unwrap().to_message();
        if n % 7 == 3 {
            let mut signature = message.signature.to_vec();
            signature[n % 64] ^= 1 << (n % 8);
            message.signature = signature.into();
        }
        if n % 11 == 5 {
            message.salt = Some(vec![9; 16].into());
        }
        offered.push(decode_entry(message).unwrap());
    }
    let replica = shared.read();
    let known = replica.grants().known_keys();
    let alone: Vec<_> =
        offered.iter().map(|entry| verify_entry(entry.clone(), ledger, known)).collect();
    assert!(alone.iter().filter(|result| result.is_err()).count() > 200);
    assert_eq!(verify_batch(offered, ledger, known), alone);
}
