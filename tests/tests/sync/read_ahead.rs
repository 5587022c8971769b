// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: who sends many entries in the order of the log sends of each what it would send of it alone.
//!
//! Method: a feed with payloads that are pending, that came later, and that came after others; each
//! entry asked for in several orders; every part of the log damaged.

use std::path::Path;
use std::sync::Arc;

use constancia_ledger::entry::decode_entry;
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::{Origin, ReadAhead, Replica};
use constancia_ledger::store::{CrashDisk, FileLog, MemoryRows};
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
    let ledger = constancia_ledger::id::LedgerId::of_charter(charter.id());
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
