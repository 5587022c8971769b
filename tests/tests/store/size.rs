// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How much disk a ledger takes: a limit that is counted, not timed.

use std::fs;
use std::sync::Arc;

use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_proto::v1;
use constancia_tests::acts;
use constancia_tests::people::{Desk, FOUNDED_AT_MS, HOUR_MS};

/// Header, signature, payload and salt, without any framing.
fn signed_bytes(entry: &v1::SignedEntry) -> usize {
    let optional = [&entry.payload, &entry.salt].into_iter().flatten();
    let optional = optional.fold(0, |sum, bytes| sum + bytes.len());
    entry.header.len() + entry.signature.len() + optional
}

#[test]
fn the_log_takes_at_most_1_3_times_what_was_signed_even_where_entries_are_small() {
    let mut desk = Desk::found(4);
    for number in 0..100 {
        let at_ms = FOUNDED_AT_MS + HOUR_MS * (number + 1);
        let (person, value) = (usize::try_from(number % 4).unwrap(), number.to_string());
        desk.write(person, at_ms, acts::report("I-01", "2024-02", &value));
        // There is no smaller entry than one that says nothing and cites one tip.
        desk.acknowledge(person, at_ms);
    }
    let messages = desk.messages();
    let folder = tempfile::tempdir().unwrap();
    let store = StoreFolder::new(folder.path().join("ledger"));
    let open = store.clone().create(desk.ledger(), [7; 8]).unwrap();
    let mut offered = messages.iter().cloned().map(constancia_ledger::entry::decode_entry);
    let charter = offered.next().unwrap().unwrap();
    let mut replica = Replica::found(charter, Box::new(open.log), Arc::new(open.rows)).unwrap();
    for entry in offered {
        replica.ingest(vec![entry], Origin::Local).unwrap();
    }
    drop((replica, open.lock));
    let signed: usize = messages.iter().map(signed_bytes).sum();
    let log: u64 = fs::read_dir(store.log_path())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    let log = usize::try_from(log).unwrap();
    assert!(log > signed, "{log} bytes for {signed}");
    assert!(log * 10 <= signed * 13, "{log} bytes for {signed}");
    assert!(store.open(LockPatience::None, &|_| None).unwrap().notices.is_empty());
}
