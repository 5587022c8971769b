// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R30 on a disk that stops at every call: the payload goes, whenever the machine stops; nothing else does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use constancia_ledger::entry::decode_entry;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::{CrashDisk, FileLog, MemoryRows, Unsynced};
use constancia_proto::v1;
use constancia_tests::acts::{report, vote};
use constancia_tests::people::Desk;

use super::redaction::{SECRET, redact};
use super::{AT, pass, state};

fn folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

/// Everything written, the last vote last, with the redacted entry.
fn history() -> (Desk, Vec<v1::SignedEntry>, EntryId) {
    let mut desk = Desk::found(4);
    desk.write(1, AT, report("I-01", "2022", "1"));
    let reported = desk.write(0, AT, report("I-01", "2023", SECRET));
    let whole = desk.messages();
    let proposed = desk.write(1, AT, redact(reported));
    pass(&mut desk, proposed, &[1, 2]);
    desk.write(3, AT, vote(proposed));
    let mut messages = whole.clone();
    messages.extend(desk.messages().into_iter().skip(whole.len()));
    (desk, messages, reported)
}

/// A replica on the disk that holds all but the vote that decides; the payload came late.
fn store(disk: &CrashDisk, messages: &[v1::SignedEntry], late: EntryId) -> Replica {
    let charter = decode_entry(messages[0].clone()).unwrap();
    let ledger = LedgerId::of_charter(charter.id());
    let log = FileLog::create(Arc::new(disk.clone()), &folder(), ledger, *b"markmark").unwrap();
    let rows = Arc::new(MemoryRows::default());
    let mut replica = Replica::found(charter, Box::new(log), rows).unwrap();
    let is_late = |it: &&v1::SignedEntry| decode_entry((*it).clone()).unwrap().id() == late;
    let last = messages.len() - 1;
    for message in &messages[1..last] {
        let mut message = message.clone();
        if is_late(&&message) {
            message.payload = None;
            message.salt = None;
        }
        take(&mut replica, message);
    }
    take(&mut replica, messages.iter().find(is_late).unwrap().clone());
    replica
}

fn take(replica: &mut Replica, message: v1::SignedEntry) {
    replica.ingest(vec![decode_entry(message)], Origin::Local).unwrap();
}

fn open(disk: &CrashDisk) -> Replica {
    let (log, _) = FileLog::open(Arc::new(disk.clone()), &folder(), None).unwrap();
    let rows = Arc::new(MemoryRows::default());
    let (replica, recovery) = Replica::recover(Box::new(log), rows).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    replica
}

fn has_secret(disk: &CrashDisk) -> bool {
    ["00000000.seg", "00000000.seg.new"].iter().any(|name| {
        let bytes = disk.read(&folder().join(Path::new(name))).unwrap_or_default();
        bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    })
}

#[test]
fn wherever_the_machine_stops_the_payload_goes_and_nothing_else() {
    let (desk, messages, reported) = history();
    let expected = state(&desk).digest();
    let deciding = messages.last().unwrap().clone();
    for calls in 0.. {
        let mut has_stopped = false;
        for (takes_effect, unsynced) in
            [(false, Unsynced::Lost), (true, Unsynced::Lost), (true, Unsynced::Kept)]
        {
            let disk = CrashDisk::default();
            let mut replica = store(&disk, &messages, reported);
            assert!(has_secret(&disk));
            disk.stop_at(calls, takes_effect);
            let ingested = replica.ingest(vec![decode_entry(deciding.clone())], Origin::Local);
            has_stopped |= disk.has_stopped();
            drop(replica);
            let disk = disk.restart(unsynced);
            let mut replica = open(&disk);
            if ingested.is_ok()
                || replica.find(&decode_entry(deciding.clone()).unwrap().id()).unwrap().is_some()
            {
                assert!(!has_secret(&disk), "at call {calls}");
            }
            take(&mut replica, deciding.clone());
            assert!(!has_secret(&disk), "at call {calls}");
            assert!(replica.verify_stored(&mut |_, _| {}).unwrap().is_sound());
            let mut replay = constancia_ledger::replay::Replay::new(replica.ledger());
            replay.catch_up(&replica).unwrap();
            let found = replay.state(&constancia_ledger::replay::View::Frontier).unwrap();
            assert_eq!(found.digest(), expected, "at call {calls}");
        }
        if !has_stopped {
            assert!(calls > 5, "the disk is called more often than that");
            return;
        }
    }
}
