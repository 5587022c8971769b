// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The machine stops at every single call while a key signs entry after entry: head file first, then
//! the log, as the command line and the node do. Whatever left the machine is in the ledger at its
//! place, and no slot is ever signed twice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use constancia_ledger::entry::{VerifiedEntry, decode_entry};
use constancia_ledger::fault::{Coded as _, Fault};
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::{Origin, Outcome, Replica};
use constancia_ledger::store::{DiskFault, HeadError, HeadFile, HeadVerdict, Unsynced, check_head};
use constancia_tests::everything::Everything;
use constancia_tests::forge::public;
use constancia_tests::network::make_entry;

use crate::machine::{Machine, OUTCOMES};

const SIGNER: u8 = 11;
const ENTRIES: u64 = 5;

fn key_path() -> PathBuf {
    PathBuf::from("/keys/sign.head")
}

/// Every entry that somebody else may have seen, by its slot.
type Left = BTreeMap<u64, EntryId>;

/// The machine stopped, or its disk was full.
#[derive(Debug)]
struct Stopped;

/// Signs the next entry: looks where head file and store stand, brings them in step, signs, writes the
/// head file, and only then lets the entry out and stores it.
fn sign_next(
    machine: &Machine,
    replica: &mut Replica,
    salt: u64,
    left: &mut Left,
) -> Result<(), Stopped> {
    let disk = Arc::new(machine.disk.clone());
    let (ledger, key) = (replica.ledger(), public(SIGNER));
    let mut head =
        HeadFile::open_on(disk, key_path(), ledger, key).map_err(|error| stopped(&error))?;
    let held = replica.frontier().feeds.get(&key).and_then(|feed| feed.head);
    match check_head(key, head.head(), held).map_err(|error| stopped(&error))? {
        HeadVerdict::InStep => {}
        HeadVerdict::ReingestHead(entry) => store(replica, &entry)?,
    }
    // What is signed differs each time: an entry signed again would be another one.
    let entry = make_entry(replica, SIGNER, salt);
    head.write(&entry).map_err(|error| stopped(&error))?;
    let before = left.insert(entry.header().seq, entry.id());
    assert!(before.is_none_or(|before| before == entry.id()), "a slot was signed twice");
    store(replica, &entry)
}

fn stopped(error: &HeadError) -> Stopped {
    assert_eq!(error.fault(), Fault::Unavailable, "{error}");
    Stopped
}

fn store(replica: &mut Replica, entry: &VerifiedEntry) -> Result<(), Stopped> {
    let offered = vec![decode_entry(entry.to_message())];
    let ingested = replica.ingest(offered, Origin::Local).map_err(|_| Stopped)?;
    assert!(matches!(ingested.outcomes[0].1, Outcome::Stored { .. }), "{ingested:?}");
    Ok(())
}

fn found(everything: &Everything) -> (Machine, Replica) {
    let machine = Machine::new();
    let replica = machine.found(everything).unwrap();
    (machine, replica)
}

/// Goes on signing to the end, and finds everything that ever left in its slot.
fn assert_signing_goes_on(machine: &Machine, left: &Left, salt: u64) {
    let mut left = left.clone();
    let (mut replica, recovery) = machine.open().unwrap();
    assert!(recovery.is_sound());
    for n in 0..2 {
        sign_next(machine, &mut replica, salt + n, &mut left).unwrap();
    }
    for (seq, id) in &left {
        let slot = replica.find_slot(&public(SIGNER), *seq).unwrap();
        assert_eq!(slot, [*id], "slot {seq}");
    }
    assert!(replica.list_fork_proofs().unwrap().is_empty());
    assert!(replica.verify_stored(&mut |_, _| ()).unwrap().is_sound());
}

#[test]
fn stopped_at_any_call_while_signing_nothing_that_left_is_lost_and_no_slot_is_signed_twice() {
    let everything = Everything::new();
    let calls = {
        let (machine, mut replica) = found(&everything);
        let before = machine.disk.count_calls();
        let mut left = Left::new();
        for salt in 0..ENTRIES {
            sign_next(&machine, &mut replica, salt, &mut left).unwrap();
        }
        machine.disk.count_calls() - before
    };
    assert!(calls >= ENTRIES * 8, "{calls} calls");
    for stop in 0..calls {
        for takes_effect in [false, true] {
            let (machine, mut replica) = found(&everything);
            machine.disk.stop_at(stop, takes_effect);
            let mut left = Left::new();
            let mut salts = 0..ENTRIES;
            while salts
                .next()
                .is_some_and(|salt| sign_next(&machine, &mut replica, salt, &mut left).is_ok())
            {
            }
            assert!(machine.disk.has_stopped());
            for unsynced in OUTCOMES {
                for after in [machine.restart(unsynced), machine.restart(unsynced).without_index()]
                {
                    assert_signing_goes_on(&after, &left, 100);
                }
            }
        }
    }
}

#[test]
fn a_disk_that_is_full_at_any_byte_while_signing_signs_no_slot_twice_and_goes_on_with_room() {
    let everything = Everything::new();
    for room in (0..2_400).step_by(7) {
        let (machine, mut replica) = found(&everything);
        let used = machine.disk.count_bytes();
        machine.disk.add_fault(DiskFault::Full(used + room));
        let mut left = Left::new();
        let mut signed = 0;
        for salt in 0..ENTRIES {
            match sign_next(&machine, &mut replica, salt, &mut left) {
                Ok(()) => signed += 1,
                Err(_full) => break,
            }
        }
        // In the same process, as soon as there is room.
        machine.disk.clear_faults();
        sign_next(&machine, &mut replica, 50, &mut left).unwrap();
        assert!(left.len() > signed);
        drop(replica);
        for unsynced in [Unsynced::Lost, Unsynced::Kept] {
            assert_signing_goes_on(&machine.restart(unsynced), &left, 100);
        }
    }
}
