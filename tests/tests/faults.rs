// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: an index or a disk that fails at the worst moment loses, doubles and hides nothing, and
//! stops no other writer.
//!
//! Method: an index and a log that fail when told to, logs that were changed, and recovery that is
//! cut short.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use constancia_ledger::entry::decode_entry;
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::replica::{Ingested, Origin, Outcome, Recovery, Replica, SharedReplica};
use constancia_ledger::store::{
    EntryLog, Gap, MemoryLog, MemoryRows, Position, Record, RecordKind, Row, RowChange, Rows,
    Scanned, StoreError,
};
use constancia_proto::v1;
use constancia_tests::forge::{Forged, public, small_charter};
use prost::Message as _;

const FOUNDER: u8 = 10;
const OTHER: u8 = 11;
const NODE: u8 = 101;

/// Rows that fail, or panic, at the `apply` that they are told.
#[derive(Debug, Default)]
struct FaultyRows {
    inner: MemoryRows,
    /// Calls of `apply` that still succeed, plus one; 0 never fails.
    fail_in: AtomicU32,
    /// The same, for a panic.
    panic_in: AtomicU32,
}

fn due(counter: &AtomicU32) -> bool {
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok_and(|before| before == 1)
}

impl Rows for FaultyRows {
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
        assert!(!due(&self.panic_in), "the index panics, as a test told it to");
        if due(&self.fail_in) {
            return Err(StoreError::Index { reason: "told to fail".to_owned() });
        }
        self.inner.apply(batch)
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.inner.clear()
    }
}

/// A log that refuses the append that it is told, as a full disk does.
#[derive(Debug)]
struct FullLog {
    inner: MemoryLog,
    fail_in: Arc<AtomicU32>,
}

impl EntryLog for FullLog {
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError> {
        if due(&self.fail_in) {
            return Err(StoreError::DiskFull {
                path: "log".into(),
                source: std::io::ErrorKind::StorageFull.into(),
            });
        }
        self.inner.append(records)
    }
    fn read(&self, position: Position) -> Result<Record, StoreError> {
        self.inner.read(position)
    }
    fn end(&self) -> Position {
        self.inner.end()
    }
    fn count_records(&self) -> u64 {
        self.inner.count_records()
    }
    fn fits(&self, gap: &Gap, records: &[Record]) -> bool {
        self.inner.fits(gap, records)
    }
    fn scan(
        &self,
        from: Position,
        visit: &mut dyn FnMut(Scanned) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.inner.scan(from, visit)
    }
    fn replace(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        self.inner.replace(gap, records)
    }
}

fn charter() -> Forged {
    Forged::charter(FOUNDER, small_charter(3))
}

fn found() -> Replica {
    found_over(Arc::new(MemoryRows::default()))
}

fn found_over(rows: Arc<dyn Rows>) -> Replica {
    Replica::found(charter().entry(), Box::<MemoryLog>::default(), rows).unwrap()
}

fn ingest(replica: &mut Replica, entries: &[&Forged], origin: Origin) -> Ingested {
    let offered = entries.iter().map(|entry| Ok(entry.entry())).collect();
    replica.ingest(offered, origin).unwrap()
}

fn offer(replica: &mut Replica, entry: &Forged) -> Outcome {
    ingest(replica, &[entry], Origin::Local).outcomes.remove(0).1
}

fn id(forged: &Forged) -> EntryId {
    forged.entry().id()
}

fn bare(forged: &Forged) -> v1::SignedEntry {
    v1::SignedEntry { payload: None, salt: None, ..forged.sign() }
}

/// `count` entries of a key, one after another.
fn chain(
    seed: u8,
    ledger: LedgerId,
    from: Option<&Forged>,
    count: u64,
    claimed: u64,
) -> Vec<Forged> {
    let mut entries: Vec<Forged> = Vec::new();
    for _ in 0..count {
        let previous = entries.last().or(from).map(Forged::entry);
        let next = Forged::after(seed, ledger, previous.as_ref().map(|entry| (entry, claimed)));
        entries.push(next);
    }
    entries
}

fn recover_anew(replica: Replica) -> (Replica, Recovery) {
    let (log, _) = replica.into_store();
    Replica::recover(log, Arc::new(MemoryRows::default())).unwrap()
}

#[test]
fn an_index_that_fails_after_the_log_hides_and_doubles_nothing() {
    let rows = Arc::new(FaultyRows::default());
    let mut replica = found_over(rows.clone());
    let ledger = replica.ledger();
    let feed = chain(OTHER, ledger, None, 3, 1_000);
    rows.fail_in.store(1, Ordering::SeqCst);
    let error = replica.ingest(vec![Ok(feed[0].entry())], Origin::Local).unwrap_err();
    assert_eq!(error.code(), "store.index");
    // What was not acknowledged stands in the log: appending again is idempotent.
    assert_eq!(offer(&mut replica, &feed[0]), Outcome::AlreadyHeld);
    assert_eq!(replica.frontier().feeds[&public(OTHER)].head, Some((0, id(&feed[0]))));
    assert_eq!(offer(&mut replica, &feed[1]), Outcome::Stored { arrival: 2 });

    rows.fail_in.store(1, Ordering::SeqCst);
    replica.ingest(vec![Ok(feed[2].entry())], Origin::Local).unwrap_err();
    // Another entry comes first: the one that the index missed is not skipped.
    let other = Forged::after(NODE, ledger, None);
    assert_eq!(offer(&mut replica, &other), Outcome::Stored { arrival: 4 });
    assert_eq!(replica.count_entries().unwrap(), 5);
    let frontier = replica.frontier().clone();
    assert_eq!(frontier.feeds[&public(OTHER)].head, Some((2, id(&feed[2]))));
    let (again, recovery) = recover_anew(replica);
    assert!(recovery.is_sound(), "{recovery:?}");
    assert_eq!(again.frontier(), &frontier);
    assert_eq!(again.count_entries().unwrap(), 5);
}

#[test]
fn what_waited_for_an_entry_that_the_index_missed_comes_in_after_all() {
    let rows = Arc::new(FaultyRows::default());
    let mut replica = found_over(rows.clone());
    let feed = chain(OTHER, replica.ledger(), None, 3, 1_000);
    ingest(&mut replica, &[&feed[2], &feed[1]], Origin::Peer(1));
    rows.fail_in.store(1, Ordering::SeqCst);
    replica.ingest(vec![Ok(feed[0].entry())], Origin::Local).unwrap_err();
    assert_eq!(offer(&mut replica, &feed[0]), Outcome::AlreadyHeld);
    assert_eq!(replica.count_entries().unwrap(), 4);
    assert!(replica.list_wanted().is_empty());
}

#[test]
fn what_waited_is_not_lost_when_the_disk_is_full() {
    let fail_in = Arc::new(AtomicU32::new(0));
    let log = FullLog { inner: MemoryLog::default(), fail_in: fail_in.clone() };
    let rows = Arc::new(MemoryRows::default());
    let mut replica = Replica::found(charter().entry(), Box::new(log), rows).unwrap();
    let feed = chain(OTHER, replica.ledger(), None, 3, 1_000);
    ingest(&mut replica, &[&feed[2], &feed[1]], Origin::Peer(1));
    fail_in.store(1, Ordering::SeqCst);
    replica.ingest(vec![Ok(feed[0].entry())], Origin::Local).unwrap_err();
    assert_eq!(replica.count_entries().unwrap(), 1);
    let ingested = ingest(&mut replica, &[&feed[0]], Origin::Local);
    assert_eq!(ingested.released, vec![id(&feed[1]), id(&feed[2])]);
}

#[test]
fn an_entry_that_stands_twice_in_the_log_counts_once() {
    let mut replica = found();
    let feed = chain(OTHER, replica.ledger(), None, 2, 1_000);
    ingest(&mut replica, &[&feed[0], &feed[1]], Origin::Local);
    let frontier = replica.frontier().clone();
    let (mut log, _) = replica.into_store();
    let bytes: Bytes = feed[0].sign().encode_to_vec().into();
    log.append(&[Record { kind: RecordKind::Entry, bytes }]).unwrap();
    let (again, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    assert_eq!(again.count_entries().unwrap(), 3);
    assert_eq!(again.frontier(), &frontier);
}

#[test]
fn an_entry_that_stands_again_with_its_payload_is_not_pending() {
    let mut replica = found();
    let fact = Forged::after(OTHER, replica.ledger(), None).spoil(|header| header.kind = 3);
    replica.ingest(vec![decode_entry(bare(&fact))], Origin::Local).unwrap();
    let (mut log, _) = replica.into_store();
    let bytes: Bytes = fact.sign().encode_to_vec().into();
    log.append(&[Record { kind: RecordKind::Entry, bytes }]).unwrap();
    let (again, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    assert!(again.list_pending().unwrap().is_empty());
    assert!(again.read_entry(&id(&fact)).unwrap().unwrap().payload().is_some());
}

#[test]
fn a_rebuild_that_is_cut_short_hides_nothing_later() {
    let mut replica = found();
    let feed = chain(OTHER, replica.ledger(), None, 2_500, 1_000);
    let all: Vec<&Forged> = feed.iter().collect();
    ingest(&mut replica, &all, Origin::Local);
    let frontier = replica.frontier().clone();
    let (log, _) = replica.into_store();
    let rows = Arc::new(FaultyRows::default());
    // The machine stops at the second chunk of the rebuild.
    rows.fail_in.store(2, Ordering::SeqCst);
    let mut copy = MemoryLog::default();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(_, record) = scanned {
            copy.append(&[record])?;
        }
        Ok(true)
    })
    .unwrap();
    Replica::recover(log, rows.clone()).unwrap_err();
    let (again, recovery) = Replica::recover(Box::new(copy), rows).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    assert_eq!(again.count_entries().unwrap(), 2_501);
    assert_eq!(again.frontier(), &frontier);
}

#[test]
fn a_writer_that_panics_stops_nobody_else() {
    let rows = Arc::new(FaultyRows::default());
    let shared = SharedReplica::new(found_over(rows.clone()));
    let feed = chain(OTHER, shared.ledger(), None, 2, 1_000);
    rows.panic_in.store(1, Ordering::SeqCst);
    let (writer, entry) = (shared.clone(), feed[0].entry());
    let panicked = std::thread::spawn(move || writer.ingest(vec![Ok(entry)], Origin::Local)).join();
    assert!(panicked.is_err());
    let (send, receive) = std::sync::mpsc::channel();
    let entries = vec![Ok(feed[0].entry()), Ok(feed[1].entry())];
    std::thread::spawn(move || send.send(shared.ingest(entries, Origin::Local)));
    let ingested = receive.recv_timeout(Duration::from_secs(20)).expect("a writer").unwrap();
    assert_eq!(ingested.outcomes[0].1, Outcome::AlreadyHeld);
    assert_eq!(ingested.outcomes[1].1, Outcome::Stored { arrival: 2 });
}

#[test]
fn a_late_payload_that_was_changed_in_the_log_is_named() {
    let mut replica = found();
    let fact = Forged::after(OTHER, replica.ledger(), None).spoil(|header| header.kind = 3);
    replica.ingest(vec![decode_entry(bare(&fact))], Origin::Local).unwrap();
    let (mut log, _) = replica.into_store();
    let late = v1::LatePayload {
        entry_id: Bytes::copy_from_slice(id(&fact).as_bytes()),
        payload: Bytes::from_static(b"another figure"),
        salt: vec![7; 16].into(),
    };
    let bytes = late.encode_to_vec().into();
    log.append(&[Record { kind: RecordKind::LatePayload, bytes }]).unwrap();
    let (_, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
    assert_eq!(recovery.unlinked.len(), 1);
    assert_eq!(recovery.unlinked[0].entry, Some(id(&fact)));
}

#[test]
fn a_late_payload_is_read_as_strictly_as_one_that_came_with_its_entry() {
    let right = |header: &mut v1::Header| header.kind = 3;
    let misstated = |header: &mut v1::Header| (header.kind, header.payload_len) = (3, 99);
    let unknown_field: &[u8] = &[0x22, 0x00];
    let cases: [(&dyn Fn(&mut v1::Header), &[u8], &str); 3] = [
        (&right, &[], ""),
        (&right, unknown_field, "the LatePayload message does not re-encode to its own bytes"),
        (&misstated, &[], "the header says 99 payload bytes, found"),
    ];
    for (spoil, more, expected) in cases {
        let mut replica = found();
        let fact = Forged::after(OTHER, replica.ledger(), None).spoil(spoil);
        let v1::SignedEntry { payload, salt, .. } = fact.sign();
        let pending = decode_entry(bare(&fact)).unwrap();
        let late = v1::LatePayload {
            entry_id: Bytes::copy_from_slice(pending.id().as_bytes()),
            payload: payload.unwrap_or_default(),
            salt: salt.unwrap_or_default(),
        };
        replica.ingest(vec![Ok(pending)], Origin::Local).unwrap();
        let (mut log, _) = replica.into_store();
        let bytes = [&late.encode_to_vec(), more].concat().into();
        log.append(&[Record { kind: RecordKind::LatePayload, bytes }]).unwrap();
        let (replica, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
        let said: Vec<_> = recovery.unlinked.iter().map(|one| one.reason.as_str()).collect();
        let report = replica.verify_stored(&mut |_, _| ()).unwrap();
        let damage: Vec<_> = report.damages.iter().map(|one| one.message.as_str()).collect();
        for said in [said, damage] {
            assert_eq!(said.len(), usize::from(!expected.is_empty()), "{said:?}");
            assert!(said.iter().all(|said| said.contains(expected)), "{said:?}");
        }
    }
}

#[test]
fn a_fork_is_proven_again_where_the_log_lost_the_proof() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let right = chain(OTHER, ledger, Some(&first), 1, 1_002).remove(0);
    let witness = Forged::after(NODE, ledger, None).seeing(&right.entry());
    ingest(&mut replica, &[&first, &left, &witness, &right], Origin::Local);
    let frontier = replica.frontier().clone();
    let (log, _) = replica.into_store();
    let mut without = MemoryLog::default();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(_, record) = scanned
            && record.kind != RecordKind::ForkProof
        {
            without.append(&[record])?;
        }
        Ok(true)
    })
    .unwrap();
    let (again, recovery) =
        Replica::recover(Box::new(without), Arc::new(MemoryRows::default())).unwrap();
    assert!(recovery.is_sound(), "{recovery:?}");
    assert_eq!(again.frontier(), &frontier);
}

#[test]
fn an_index_that_lost_a_row_is_made_anew() {
    let mut replica = found();
    let ledger = replica.ledger();
    let first = chain(OTHER, ledger, None, 1, 1_000).remove(0);
    let left = chain(OTHER, ledger, Some(&first), 1, 1_001).remove(0);
    let right = chain(OTHER, ledger, Some(&first), 1, 1_002).remove(0);
    let witness = Forged::after(NODE, ledger, None).seeing(&first.entry());
    ingest(&mut replica, &[&first, &witness, &left, &right], Origin::Local);
    let frontier = replica.frontier().clone();
    for prefix in [b'e', b'a', b's', b'l', b'k', b'd', b'f'] {
        let (log, rows) = replica.into_store();
        let lost = rows.range(&[prefix], &[prefix, 0xff, 0xff], 1).unwrap().remove(0).0;
        rows.apply(vec![(lost, None)]).unwrap();
        let (again, recovery) = Replica::recover(log, rows).unwrap();
        assert!(recovery.rebuilt.is_some(), "row of kind {:?}", char::from(prefix));
        assert!(recovery.is_sound());
        assert_eq!(again.frontier(), &frontier);
        replica = again;
    }
}

#[test]
fn a_slot_that_the_index_lost_is_damage_and_never_free() {
    let mut replica = found();
    let feed = chain(OTHER, replica.ledger(), None, 3, 1_000);
    ingest(&mut replica, &feed.iter().collect::<Vec<_>>(), Origin::Local);
    let rival = Forged::after(OTHER, replica.ledger(), Some((&feed[0].entry(), 1_005)));
    let slot = [b"s".as_slice(), public(OTHER).as_bytes(), &1_u64.to_be_bytes()].concat();
    let row = replica.rows().range(&slot, &[&*slot, &[0xff; 4]].concat(), 1).unwrap().remove(0);
    replica.rows().apply(vec![(row.0, None)]).unwrap();
    let error = replica.ingest(vec![Ok(rival.entry())], Origin::Local).unwrap_err();
    assert_eq!(error.code(), "store.index_damaged");
}

#[test]
fn a_ledger_is_not_founded_over_another() {
    let (log, rows) = found().into_store();
    let error = Replica::found(charter().entry(), log, rows).unwrap_err();
    assert_eq!(error.code(), "store.ledger_exists");
}

#[test]
fn many_writers_at_once_each_get_their_own_answer() {
    let shared = SharedReplica::new(found());
    let feed = chain(OTHER, shared.ledger(), None, 400, 1_000);
    let writers: Vec<_> = feed
        .chunks(10)
        .enumerate()
        .rev()
        .map(|(n, chunk)| {
            let offered = chunk.iter().map(|entry| Ok(entry.entry())).collect();
            let ids: Vec<EntryId> = chunk.iter().map(id).collect();
            let shared = shared.clone();
            let origin = Origin::Peer(u64::try_from(n).unwrap());
            std::thread::spawn(move || {
                let ingested = shared.ingest(offered, origin).unwrap();
                let answered: Vec<_> = ingested.outcomes.iter().filter_map(|(id, _)| *id).collect();
                assert_eq!(answered, ids);
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let replica = shared.read();
    assert_eq!(replica.count_entries().unwrap(), 401);
    assert!(replica.list_wanted().is_empty());
}
