// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: who sends many entries in the order of the log sends of each what it would send of it alone.
//!
//! Method: a feed with payloads that are pending, that came later, and that came after others; each
//! entry asked for in several orders; every part of the log damaged, or not to be read at all; what is
//! read of the log counted.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use constancia_ledger::entry::decode_entry;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::replica::{Origin, ReadAhead, Replica};
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, Gap, MemoryLog, MemoryRows, Position, Record, Scanned, StoreError,
};
use constancia_proto::v1;
use constancia_tests::everything::without_payload;
use constancia_tests::forge::{Forged, small_charter};

const FOUNDER: u8 = 10;
const OTHER: u8 = 11;
const FORKER: u8 = 12;
const ENTRIES: usize = 120;

fn put(replica: &mut Replica, messages: &[v1::SignedEntry]) {
    let offered = messages.iter().map(|message| decode_entry(message.clone())).collect();
    replica.ingest(offered, Origin::Local).unwrap();
}

/// A log with everything that may stand between two entries, on this disk.
fn write(disk: &CrashDisk, folder: &Path) -> (Replica, Vec<EntryId>) {
    let charter = Forged::charter(FOUNDER, small_charter(4)).entry();
    let ledger = LedgerId::of_charter(charter.id());
    let log = FileLog::create(Arc::new(disk.clone()), folder, ledger, *b"markmark").unwrap();
    let rows = Arc::new(MemoryRows::default());
    let mut replica = Replica::found(charter, Box::new(log), rows).unwrap();
    let mut last = None;
    for n in 0..ENTRIES {
        let next = Forged::after(OTHER, ledger, last.as_ref().map(|entry| (entry, 1_000)));
        let (whole, bare) = (next.sign(), without_payload(&next.sign()));
        match n % 40 {
            // Its payload comes next, after the next, or never.
            20 => put(&mut replica, &[bare, whole]),
            25 => put(&mut replica, &[bare]),
            30 => put(&mut replica, &[whole, without_payload(&next.sign())]),
            35 => {
                // A proof stands behind the first of them.
                let fork = [1_000, 1_000 + u64::try_from(n).unwrap()].map(|at| {
                    Forged::after(FORKER, ledger, None)
                        .spoil(|header| header.claimed_at_ms = at)
                        .sign()
                });
                put(&mut replica, &[whole, fork[0].clone(), fork[1].clone()]);
            }
            _ => put(&mut replica, &[whole]),
        }
        last = Some(next.entry());
    }
    let count = replica.count_entries().unwrap();
    let ids = (0..count).map(|arrival| replica.find_arrival(arrival).unwrap().unwrap());
    let ids = ids.collect();
    (replica, ids)
}

/// Asks for entries in this order, each by itself and read ahead; how many could not be read.
fn compare(replica: &Replica, ids: &[EntryId], order: impl Iterator<Item = usize>) -> usize {
    let mut ahead = ReadAhead::of(replica);
    let mut failed = 0;
    for place in order {
        let id = &ids[place];
        let alone = replica.read_message(id).map_err(|error| error.to_string());
        let arrival = u64::try_from(place).unwrap();
        let found = ahead.read(id, arrival).map_err(|error| error.to_string());
        assert_eq!(found, alone, "entry {place}");
        failed += usize::from(alone.is_err());
    }
    failed
}

#[test]
fn what_is_read_ahead_is_what_is_read_alone() {
    let folder = Path::new("/log");
    let (replica, ids) = write(&CrashDisk::default(), folder);
    let count = ids.len();
    assert!(count > ENTRIES);
    assert_eq!(compare(&replica, &ids, 0..count), 0);
    assert_eq!(compare(&replica, &ids, (0..count).rev()), 0);
    // Runs with gaps between them, of every length up to that from which on is read ahead.
    for run in 1..40 {
        assert_eq!(compare(&replica, &ids, (0..count).filter(|n| n % (run + 1) < run)), 0);
    }
}

#[test]
fn damage_is_told_of_the_same_entry_as_where_each_is_read_alone() {
    let folder = Path::new("/log");
    let disk = CrashDisk::default();
    let (replica, ids) = write(&disk, folder);
    let segment = folder.join("00000000.seg");
    let mut told = 0;
    let positions = ids.iter().map(|id| replica.find(id).unwrap().unwrap().position.offset);
    for position in positions.skip(1).step_by(7) {
        for into in [2, 60, 150] {
            let offset = usize::try_from(position).unwrap() + into;
            disk.flip(&segment, offset, 1);
            told += compare(&replica, &ids, 0..ids.len());
            disk.flip(&segment, offset, 1);
        }
    }
    assert!(told > 20, "{told}");
    assert_eq!(compare(&replica, &ids, 0..ids.len()), 0);
}

/// A log that counts the bytes of the records that are gone through, and fails behind so many of them.
#[derive(Debug, Default)]
struct Watched {
    log: MemoryLog,
    bytes: Arc<AtomicUsize>,
    fails_behind: Option<usize>,
}

impl EntryLog for Watched {
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError> {
        self.log.append(records)
    }
    fn read(&self, position: Position) -> Result<Record, StoreError> {
        self.log.read(position)
    }
    fn end(&self) -> Position {
        self.log.end()
    }
    fn count_records(&self) -> u64 {
        self.log.count_records()
    }
    fn scan(
        &self,
        from: Position,
        visit: &mut dyn FnMut(Scanned) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut met = 0;
        self.log.scan(from, &mut |scanned| {
            met += 1;
            if self.fails_behind.is_some_and(|last| met > last) {
                let source = io::Error::other("unreadable");
                return Err(StoreError::Io { action: "read", path: "log".into(), source });
            }
            if let Scanned::Record(_, record) = &scanned {
                self.bytes.fetch_add(record.bytes.len(), Ordering::Relaxed);
            }
            visit(scanned)
        })
    }
    fn fits(&self, gap: &Gap, records: &[Record]) -> bool {
        self.log.fits(gap, records)
    }
    fn replace(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        self.log.replace(gap, records)
    }
}

/// Small entries of one member between the headers of another's and their payloads, which are large.
fn put_in_front_of_large_payloads(log: Watched) -> (Replica, Vec<EntryId>) {
    let charter = Forged::charter(FOUNDER, small_charter(4)).entry();
    let ledger = LedgerId::of_charter(charter.id());
    let mut replica =
        Replica::found(charter, Box::new(log), Arc::new(MemoryRows::default())).unwrap();
    let feed = |seed, count, bytes: usize| {
        let mut feed: Vec<Forged> = Vec::new();
        for _ in 0..count {
            let last = feed.last().map(Forged::entry);
            let mut next = Forged::after(seed, ledger, last.as_ref().map(|entry| (entry, 1_000)));
            if bytes > 0 {
                next.set_payload(vec![7; bytes]);
            }
            feed.push(next);
        }
        feed.iter().map(Forged::sign).collect::<Vec<_>>()
    };
    let (small, large) = (feed(OTHER, 60, 0), feed(FORKER, 30, 100 << 10));
    put(&mut replica, &large.iter().map(without_payload).collect::<Vec<_>>());
    put(&mut replica, &small);
    put(&mut replica, &large);
    let arrivals = 0..replica.count_entries().unwrap();
    let ids = arrivals.map(|arrival| replica.find_arrival(arrival).unwrap().unwrap()).collect();
    (replica, ids)
}

#[test]
fn what_is_no_entry_is_not_read_for_those_before_it() {
    let log = Watched::default();
    let bytes = Arc::clone(&log.bytes);
    let (replica, ids) = put_in_front_of_large_payloads(log);
    bytes.store(0, Ordering::Relaxed);
    assert_eq!(compare(&replica, &ids, 31..ids.len()), 0);
    let read = bytes.load(Ordering::Relaxed);
    // The small ones, and the one payload at which it stops.
    assert!((1_000..150 << 10).contains(&read), "{read}");
}

#[test]
fn what_cannot_be_read_further_on_hides_no_entry_before_it() {
    for last in [1, 2, 10] {
        let log = Watched { fails_behind: Some(last), ..Watched::default() };
        let (replica, ids) = put_in_front_of_large_payloads(log);
        assert_eq!(compare(&replica, &ids, 31..ids.len()), 0);
    }
}
