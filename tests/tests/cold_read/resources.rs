// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a peer without a key, or one key, can make everybody pay for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use constancia_ledger::entry::UnverifiedEntry;
use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::limits::HELD_BACK_OF_STRANGERS_MAX;
use constancia_ledger::replay::View;
use constancia_ledger::replica::{IngestError, Origin, Outcome, Replica};
use constancia_ledger::state::FindingRule;
use constancia_ledger::store::{
    EntryLog, Gap, MemoryLog, MemoryRows, Position, Record, Row, RowChange, Rows, Scanned,
    StoreError,
};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::exchange_message::Message;
use constancia_tests::acts::{cell, id_bytes, report, report_of};
use constancia_tests::forge::{Forged, public};
use constancia_tests::network::{Network, charter, new_replica};
use constancia_tests::people::{Desk, FOUNDED_AT_MS};

const STRANGER: u8 = 99;
const GRANTED: u8 = 11;
const NODE: u8 = 101;
const OTHER_NODE: u8 = 102;

#[test]
fn what_strangers_leave_waiting_takes_a_small_share_of_the_room() {
    let mut replica = new_replica(&charter(3));
    let ledger = replica.ledger();
    let orphans = |seed: u8, count: usize| -> Vec<UnverifiedEntry> {
        let mut feed = vec![Forged::after(seed, ledger, None).entry()];
        for _ in 0..count {
            let next = Forged::after(seed, ledger, feed.last().map(|entry| (entry, 1_000)));
            feed.push(next.entry());
        }
        feed.split_off(1)
    };
    let offer = |entries: Vec<UnverifiedEntry>| entries.into_iter().map(Ok).collect();
    let full = |(_, outcome): &(_, Outcome)| {
        matches!(outcome, Outcome::Refused(IngestError::HeldBackFull(_)))
    };
    let over = 10;
    let strange = orphans(STRANGER, HELD_BACK_OF_STRANGERS_MAX + over);
    let ingested = replica.ingest(offer(strange), Origin::Peer(1)).unwrap();
    assert_eq!(ingested.outcomes.iter().filter(|outcome| full(outcome)).count(), over);
    // Who is granted has room all the same, and another peer has its own.
    let granted = orphans(GRANTED, 20);
    let ingested = replica.ingest(offer(granted), Origin::Peer(1)).unwrap();
    assert_eq!(ingested.outcomes.iter().filter(|outcome| full(outcome)).count(), 0);
    replica.drop_origin(Origin::Peer(1));
    let strange = orphans(STRANGER, HELD_BACK_OF_STRANGERS_MAX);
    let ingested = replica.ingest(offer(strange), Origin::Peer(1)).unwrap();
    assert_eq!(ingested.outcomes.iter().filter(|outcome| full(outcome)).count(), 0);
}

/// Rows that count how often they are asked.
#[derive(Debug, Default)]
struct CountingRows {
    inner: MemoryRows,
    asked: AtomicUsize,
}

impl Rows for CountingRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.get(key)
    }
    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.last_in(from, to)
    }
    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.range(from, to, limit)
    }
    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        self.inner.apply(batch)
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.inner.clear()
    }
}

#[test]
fn a_feed_of_acknowledgements_is_looked_through_once() {
    let rows = Arc::new(CountingRows::default());
    let log = Box::<MemoryLog>::default();
    let mut replica = Replica::found(charter(3), log, Arc::<CountingRows>::clone(&rows)).unwrap();
    let ledger = replica.ledger();
    let mut feed = vec![Forged::after(GRANTED, ledger, None).entry()];
    for _ in 0..500 {
        let next = Forged::after(GRANTED, ledger, feed.last().map(|entry| (entry, 1_000)));
        feed.push(next.entry());
    }
    let last = feed.pop().unwrap();
    replica.ingest(feed.into_iter().map(Ok).collect(), Origin::Local).unwrap();
    let has_something = |replica: &Replica| {
        let before = rows.asked.load(Ordering::SeqCst);
        let found = replica.has_unacknowledged(&public(NODE), u64::MAX).unwrap();
        (found, rows.asked.load(Ordering::SeqCst) - before)
    };
    let (found, _) = has_something(&replica);
    assert!(!found, "acknowledgements alone are not acknowledged");
    replica.ingest(vec![Ok(last.clone())], Origin::Local).unwrap();
    let (found, asked) = has_something(&replica);
    assert!(!found);
    assert!(asked < 20, "asked {asked} times for one entry more");
    let fact = Forged::after(GRANTED, ledger, Some((&last, 1_000))).spoil(|it| it.kind = 3);
    replica.ingest(vec![Ok(fact.entry())], Origin::Local).unwrap();
    assert!(has_something(&replica).0);
    assert!(has_something(&replica).0, "until it is acknowledged");
    let place = replica.find_signing_place(&public(NODE), u64::MAX, &[]).unwrap();
    let mut acknowledged = Forged::after(NODE, ledger, None).seeing(&fact.entry());
    acknowledged.header.height = place.height;
    replica.ingest(vec![Ok(acknowledged.entry())], Origin::Local).unwrap();
    assert!(!has_something(&replica).0);
    let other = replica.has_unacknowledged(&public(OTHER_NODE), u64::MAX).unwrap();
    assert!(other, "another node has not acknowledged it");
}

#[test]
fn values_that_come_back_by_the_hundred_make_no_findings_as_long_as_the_series() {
    const VALUES: u64 = 40;
    let mut desk = Desk::found(3);
    for (at, value) in (0..VALUES).chain(0..VALUES).enumerate() {
        let at_ms = FOUNDED_AT_MS + u64::try_from(at).unwrap();
        desk.write(0, at_ms, report("I-01", "2023", &value.to_string()));
    }
    let state = desk.replay().state(&View::Frontier).unwrap();
    let trips = state.findings().findings.iter().filter(|it| it.rule == FindingRule::O7);
    let lengths: Vec<usize> = trips.map(|finding| finding.evidence.len()).collect();
    assert_eq!(lengths, vec![4; usize::try_from(VALUES).unwrap()]);
}

#[test]
fn a_long_explanation_stands_once_and_not_with_every_figure() {
    const FIGURES: usize = 50;
    let mut desk = Desk::found(3);
    let cells = |value: &str| -> Vec<v1::Observation> {
        (0..FIGURES).map(|at| cell(Some(&format!("C{at:03}")), value)).collect()
    };
    let report =
        |value: &str| v1::Report { observations: cells(value), ..report_of("I-01", "2023", value) };
    let first = desk.write(0, FOUNDED_AT_MS, Body::Report(report("1")));
    let size = |desk: &Desk| -> usize {
        let state = desk.replay().state(&View::Frontier).unwrap();
        state.documents().map(|(_, content)| content.len()).sum()
    };
    let correct = |explanation: String| {
        Body::Correction(v1::Correction {
            replaces: id_bytes(first),
            report: Some(report("2")),
            reason: v1::CorrectionReason::Arithmetic.into(),
            explanation,
            ..v1::Correction::default()
        })
    };
    let (mut short, mut long) = (desk.beside(), desk);
    short.sync_from(&long);
    short.write(0, FOUNDED_AT_MS + 1, correct("x".to_owned()));
    long.write(0, FOUNDED_AT_MS + 1, correct("x".repeat(8_000)));
    let more = size(&long) - size(&short);
    assert!(more < 2 * 8_000, "{more} bytes for 8,000");
}

/// A log that counts how often it is read.
#[derive(Debug)]
struct CountingLog {
    inner: MemoryLog,
    read: Arc<AtomicUsize>,
}

impl EntryLog for CountingLog {
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError> {
        self.inner.append(records)
    }
    fn read(&self, position: Position) -> Result<Record, StoreError> {
        self.read.fetch_add(1, Ordering::SeqCst);
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

#[test]
fn an_entry_that_is_asked_for_is_read_once() {
    const ENTRIES: usize = 400;
    let read = Arc::new(AtomicUsize::new(0));
    let log = Box::new(CountingLog { inner: MemoryLog::default(), read: Arc::clone(&read) });
    let rows = Arc::new(MemoryRows::default());
    let mut holder = Replica::found(charter(3), log, rows).unwrap();
    let ledger = holder.ledger();
    let mut feed = vec![Forged::after(GRANTED, ledger, None).entry()];
    while feed.len() < ENTRIES {
        let next = Forged::after(GRANTED, ledger, feed.last().map(|entry| (entry, 1_000)));
        feed.push(next.entry());
    }
    let last = feed.last().unwrap().id();
    holder.ingest(feed.into_iter().map(Ok).collect(), Origin::Local).unwrap();
    let mut network = Network::new(vec![holder, new_replica(&charter(3))], 7);
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    let link = network.connect(0, 1, config);
    network.settle().unwrap();
    let before = read.load(Ordering::SeqCst);
    let wanted = vec![Bytes::copy_from_slice(last.as_bytes())];
    network.inject(link, 0, Message::Want(v1::Want { entries: wanted, payloads: Vec::new() }));
    network.settle().unwrap();
    let reads = read.load(Ordering::SeqCst) - before;
    assert!((1..=ENTRIES).contains(&reads), "{reads} reads");
}
