// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verification of everything stored: every byte is read and every check is made again.
//!
//! The log is read from its first byte: each record's checksum, steps 1 to 3 for each entry with all
//! cores checking signatures, each proof and late payload; then each row of the index against what
//! the log says. What is damaged is named place by place and, where the index knows it, entry by
//! entry. Nothing is changed.

mod index_check;
mod seen;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{SyncSender, sync_channel};

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;
use rayon::prelude::*;

use super::{Replica, decode_late_payload};
use crate::chain::{Admission, ChainError, Link, LinkedEntry, link, link_charter};
use crate::entry::{ForkProof, VerifiedEntry, decode_signed_entry, verify_entry};
use crate::fault::Coded as _;
use crate::id::{EntryId, PublicKey};
use crate::index::Staged;
use crate::store::{EntryLog, Gap, Position, Record, RecordKind, Scanned, StoreError};
use index_check::{IndexCheck, LogFacts};
use seen::Seen;

/// Records checked at a time: bounds memory, and gives all cores work.
const VERIFY_RECORDS: usize = 4_096;
/// Bytes of records checked at a time, where records are large.
const VERIFY_BYTES: usize = 16 << 20;
/// Records that a core takes at a time: a third of a millisecond, for which the other cores may wait
/// at the end of each part.
const SHARE_RECORDS: usize = 8;
/// Parts of the log that are read ahead: while one is checked, the next is there.
const PARTS_AHEAD: usize = 2;

/// Something stored that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// `store.damaged`, `store.unsound` or `store.index_damaged`.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
    /// The file: a segment, or `index`.
    pub file: String,
    /// Where in the log.
    pub position: Position,
    /// The entry that stands there, or should, where it is known.
    pub entry: Option<EntryId>,
}

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Records read, damaged ones not counted.
    pub records: u64,
    /// Entries that hold.
    pub entries: u64,
    /// Everything that is not what it was, in the order of the log, the index last.
    pub damages: Vec<Damage>,
    /// Keys that have signed two entries for one slot, ascending.
    pub forked_keys: Vec<PublicKey>,
    /// Entries whose payload has not arrived.
    pub pending_payloads: u64,
    /// Records that an earlier repair gave up.
    pub lost_records: u64,
    /// What a repair works on.
    pub(super) broken: Vec<Broken>,
    /// Whether the index is to be made anew.
    pub(super) index_damaged: bool,
}

/// A part of the log that does not hold what it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) gap: Gap,
    /// What stood there as far as the index knows, in order.
    pub(super) known: Vec<(Position, Held)>,
}

/// What a record held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// An entry, and whether its payload was in the record.
    Entry(EntryId, HeldPayload),
    /// The payload of an entry.
    LatePayload(EntryId),
}

/// Whether a record had the payload of its entry in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HeldPayload {
    With,
    Without,
}

/// What is missing without the index knowing where it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Entries that are cited and not held, and where they are cited.
    pub(super) cited: Vec<(Position, EntryId)>,
    /// Entries that are in the log; left empty where nothing is missing.
    pub(super) in_log: BTreeSet<EntryId>,
}

impl VerifyReport {
    /// Whether everything stored is what it was.
    pub fn is_sound(&self) -> bool {
        self.damages.is_empty()
    }

    /// Whether the index does not say what the log says.
    pub const fn is_index_damaged(&self) -> bool {
        self.index_damaged
    }

    fn add(&mut self, position: Position, entry: Option<EntryId>, error: &StoreError) {
        self.damages.push(Damage {
            code: error.code(),
            message: error.to_string(),
            file: format!("{:08}.seg", position.segment),
            position,
            entry,
        });
    }

    fn add_index(&mut self, entry: Option<EntryId>, reason: String) {
        self.index_damaged = true;
        let error = StoreError::IndexDamaged { reason };
        self.damages.push(Damage {
            code: error.code(),
            message: error.to_string(),
            file: "index".to_owned(),
            position: Position::default(),
            entry,
        });
    }
}

impl Replica {
    /// Reads and checks everything stored. `progress` is told how many records have been checked and
    /// how many there are.
    ///
    /// # Errors
    /// Where the disk cannot be read at all. Damage is not an error here but the answer.
    pub fn verify_stored(
        &self,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<VerifyReport, StoreError> {
        self.verify_and_list(progress).map(|(report, _)| report)
    }

    /// Says in the index that it is not to be trusted, so that the next opening makes it anew from the
    /// log: opening looks at less of it than [`verify_stored`](Self::verify_stored).
    ///
    /// # Errors
    /// Where the index cannot be written.
    pub fn distrust_index(&self) -> Result<(), StoreError> {
        let mut staged = Staged::over(&*self.rows, self.ledger)?;
        staged.set_doubtful();
        self.rows.apply(staged.into_batch()?)
    }

    /// The same, with what is missing without the index knowing where it stood.
    pub(super) fn verify_and_list(
        &self,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(VerifyReport, Missing), StoreError> {
        if let Some(index) = IndexCheck::quick(&*self.rows, self.is_behind) {
            let found = self.verify_with(index, progress)?;
            if found.0.is_sound() {
                return Ok(found);
            }
        }
        // On any doubt from the beginning, the way that says what is wrong.
        self.verify_with(IndexCheck::exact(&*self.rows, self.is_behind), progress)
    }

    /// The same, comparing the index in this way. The quick one stops where it finds damage.
    fn verify_with(
        &self,
        index: IndexCheck<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(VerifyReport, Missing), StoreError> {
        let mut check = Check {
            replica: self,
            seen: Seen::default(),
            index,
            report: VerifyReport::default(),
            forked: BTreeMap::new(),
            founder: None,
            last_record: None,
            missing: Missing::default(),
            waiting: Vec::new(),
        };
        let total = self.log.count_records();
        let mut met = 0_u64;
        let log = &*self.log;
        std::thread::scope(|scope| {
            // Read ahead, so that no core waits for the disk.
            let (parts, received) = sync_channel(PARTS_AHEAD);
            let reader = scope.spawn(move || read_parts(log, &parts));
            for part in received {
                match part {
                    Part::Records(records) => {
                        met = met.saturating_add(u64::try_from(records.len()).unwrap_or(0));
                        check.take(records)?;
                        progress(met.min(total), total);
                    }
                    Part::Gap(gap) => {
                        check.settle()?;
                        check.meet_broken(gap);
                    }
                }
                if check.is_in_vain() {
                    break;
                }
            }
            match reader.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })?;
        check.settle()?;
        let found = check.finish();
        progress(total, total);
        Ok(found)
    }
}

/// A record, as far as it was checked on its own.
enum Checked {
    Entry(Result<Box<VerifiedEntry>, String>),
    Proof(Bytes),
    LatePayload(Bytes),
    Lost,
    Dropped,
}

struct Check<'a> {
    replica: &'a Replica,
    seen: Seen,
    index: IndexCheck<'a>,
    report: VerifyReport,
    /// The lowest fork of each key.
    forked: BTreeMap<PublicKey, u64>,
    founder: Option<PublicKey>,
    last_record: Option<Position>,
    missing: Missing,
    /// Checked on their own and not yet placed.
    waiting: Vec<(Position, Checked)>,
}

impl Check<'_> {
    /// Checks each of these records on its own while those before them are placed.
    fn take(&mut self, records: Vec<(Position, Record)>) -> Result<(), StoreError> {
        self.last_record = records.last().map(|(position, _)| *position).or(self.last_record);
        let waiting = std::mem::take(&mut self.waiting);
        let replica = self.replica;
        let (checked, placed) =
            rayon::join(|| check_alone(replica, records), || self.place_all(waiting));
        self.waiting = checked;
        placed
    }

    /// Whether the index is compared the quick way, and the exact one has to say what is wrong.
    fn is_in_vain(&self) -> bool {
        let is_unsound = !self.report.is_sound() || !self.report.broken.is_empty();
        self.index.is_quick() && is_unsound || self.index.is_too_much()
    }

    /// Places everything taken so far.
    fn settle(&mut self) -> Result<(), StoreError> {
        self.take(Vec::new())
    }

    fn place_all(&mut self, records: Vec<(Position, Checked)>) -> Result<(), StoreError> {
        for (position, checked) in records {
            self.report.records = self.report.records.saturating_add(1);
            let placed = match checked {
                Checked::Entry(Ok(entry)) => self.place_entry(position, *entry)?,
                Checked::Entry(Err(reason)) => Err(reason),
                Checked::Proof(bytes) => self.place_proof(&bytes),
                Checked::LatePayload(bytes) => self.place_payload(position, &bytes),
                Checked::Dropped => Ok(()),
                Checked::Lost => {
                    self.report.lost_records = self.report.lost_records.saturating_add(1);
                    Ok(())
                }
            };
            if let Err(reason) = placed {
                // Where it ends is found when it is repaired.
                let (from, to, records) = (position, position, Some(1));
                self.meet_broken(Gap { from, to, records, reason });
            }
        }
        Ok(())
    }

    fn place_entry(
        &mut self,
        position: Position,
        entry: VerifiedEntry,
    ) -> Result<Result<(), String>, StoreError> {
        if self.seen.is_empty()
            && let Some(linked) = link_charter(entry.clone())
        {
            self.founder = Some(linked.entry().header().author);
            self.add(position, &linked);
            return Ok(Ok(()));
        }
        let linked = link(entry, &self.seen, &self.replica.law.grants, Admission::Kept)?;
        Ok(match linked {
            Err(error) => Err(error.to_string()),
            Ok(Link::Linked(linked)) => {
                self.add(position, &linked);
                Ok(())
            }
            Ok(Link::HeldBack(entry, missing)) => {
                let named: Vec<_> = missing.iter().map(EntryId::to_string).collect();
                let id = entry.id();
                let cited = missing.into_iter().map(|id| (position, id));
                self.missing.cited.extend(cited);
                self.missing.in_log.insert(id);
                let reason = format!("what it builds on is missing: {}", named.join(", "));
                let error = StoreError::Unsound { entry: id, reason };
                self.report.add(position, Some(id), &error);
                Ok(())
            }
            // Written twice, the first time without being acknowledged.
            Ok(Link::AlreadyHeld(again)) => {
                if again.payload().is_some() {
                    self.index.meet_again(&again.id(), position);
                }
                Ok(())
            }
            Ok(Link::Fork(_, _) | Link::NotNeeded { .. }) => Err("its slot is taken".to_owned()),
        })
    }

    fn add(&mut self, position: Position, linked: &LinkedEntry) {
        let facts = self.seen.add(linked);
        if !linked.rivals().is_empty() {
            self.note_fork(facts.author, facts.seq);
        }
        let header = linked.entry().header();
        if let Err(reason) = self.index.meet_entry(&facts, linked.parents(), position, header) {
            self.report.add_index(Some(facts.id), reason);
        }
    }

    fn place_proof(&mut self, bytes: &Bytes) -> Result<(), String> {
        let message = v1::ForkProof::decode(bytes.clone()).map_err(|error| error.to_string())?;
        let proof =
            ForkProof::verify(&message, self.replica.ledger).map_err(|error| error.to_string())?;
        if proof.seq() == 0 && self.founder == Some(proof.key()) {
            return Err(ChainError::FounderSecondStart { key: proof.key() }.to_string());
        }
        self.note_fork(proof.key(), proof.seq());
        Ok(())
    }

    fn note_fork(&mut self, key: PublicKey, seq: u64) {
        let lowest = self.forked.entry(key).or_insert(seq);
        *lowest = seq.min(*lowest);
    }

    fn place_payload(&mut self, position: Position, bytes: &Bytes) -> Result<(), String> {
        let (id, payload) = decode_late_payload(bytes)?;
        if !self.seen.contains(&id) {
            // Whole, but nothing to hold it against until its entry is back.
            self.missing.cited.push((position, id));
            let reason = "its record is missing, its payload is here".to_owned();
            let error = StoreError::Unsound { entry: id, reason };
            self.report.add(position, Some(id), &error);
            return Ok(());
        }
        self.index.meet_payload(&id, &payload, position)
    }

    /// A part of the log that does not hold what it held. The entries that the index has there are
    /// taken as lost.
    fn meet_broken(&mut self, gap: Gap) {
        let mut known = Vec::new();
        while let Some(row) = self.index.find_lost(self.seen.count(), &gap) {
            self.seen.add_lost(&row.facts);
            self.index.meet_lost(&row.facts);
            let payload = if row.facts.has_payload && row.late_payload.is_none() {
                HeldPayload::With
            } else {
                HeldPayload::Without
            };
            known.push((row.position, Held::Entry(row.facts.id, payload)));
        }
        self.report.broken.push(Broken { gap, known });
    }

    fn finish(mut self) -> (VerifyReport, Missing) {
        self.report.entries = self.seen.count_sound();
        self.report.pending_payloads = self.index.count_pending(|id| self.replica.is_redacted(id));
        self.report.forked_keys = self.forked.keys().copied().collect();
        self.index.name_late(&mut self.report.broken);
        let broken = std::mem::take(&mut self.report.broken);
        for part in &broken {
            name_damage(&mut self.report, part);
        }
        self.report.damages.sort_by_key(|damage| (damage.file == "index", damage.position));
        let is_whole = broken.is_empty() && self.missing.cited.is_empty();
        let log = LogFacts {
            ledger: self.replica.ledger,
            entries: self.seen.count(),
            forked: &self.forked,
            redacted: self.replica.law.authority.redactions(),
            end: self.last_record.filter(|_| is_whole).map(|last| (self.replica.log.end(), last)),
        };
        for (entry, reason) in self.index.finish(&log, &self.seen) {
            self.report.add_index(entry, reason);
        }
        self.report.broken = broken;
        let Missing { cited, in_log } = &mut self.missing;
        // One that only lacks its own parents is not missing itself.
        cited.retain(|(_, id)| !in_log.contains(id));
        if !cited.is_empty() {
            in_log.extend(self.seen.ids());
        }
        (self.report, self.missing)
    }
}

/// One damage for each record that is known to have stood there, and one where none is known.
fn name_damage(report: &mut VerifyReport, broken: &Broken) {
    let gap = &broken.gap;
    let is_unsound = gap.from == gap.to && gap.records == Some(1);
    let at = |position, entry: Option<EntryId>| match entry.filter(|_| is_unsound) {
        Some(entry) => StoreError::Unsound { entry, reason: gap.reason.clone() },
        None => StoreError::Damaged {
            file: format!("{:08}.seg", gap.from.segment),
            position,
            entry,
            reason: gap.reason.clone(),
        },
    };
    if broken.known.is_empty() {
        report.add(gap.from, None, &at(gap.from, None));
    }
    for (position, held) in &broken.known {
        let (Held::Entry(id, _) | Held::LatePayload(id)) = *held;
        report.add(*position, Some(id), &at(*position, Some(id)));
    }
}

/// What was read of the log.
enum Part {
    Records(Vec<(Position, Record)>),
    Gap(Gap),
}

/// Reads the log from its first byte, until nobody takes what is read.
fn read_parts(log: &dyn EntryLog, parts: &SyncSender<Part>) -> Result<(), StoreError> {
    let mut records = Vec::new();
    let mut bytes: usize = 0;
    let mut is_wanted = true;
    log.scan(Position::default(), &mut |scanned| {
        match scanned {
            Scanned::Record(position, record) => {
                bytes = bytes.saturating_add(record.bytes.len());
                records.push((position, record));
                if records.len() >= VERIFY_RECORDS || bytes >= VERIFY_BYTES {
                    bytes = 0;
                    is_wanted = parts.send(Part::Records(std::mem::take(&mut records))).is_ok();
                }
            }
            Scanned::Gap(gap) => {
                bytes = 0;
                is_wanted = parts.send(Part::Records(std::mem::take(&mut records))).is_ok()
                    && parts.send(Part::Gap(gap)).is_ok();
            }
        }
        Ok(is_wanted)
    })?;
    // Where nobody takes it, whoever left says why.
    let _left = parts.send(Part::Records(records));
    Ok(())
}

/// Steps 1 and 2 of every entry, on all cores.
fn check_alone(replica: &Replica, records: Vec<(Position, Record)>) -> Vec<(Position, Checked)> {
    records
        .into_par_iter()
        .with_max_len(SHARE_RECORDS)
        .map(|(position, record)| (position, check_record(replica, record)))
        .collect()
}

fn check_record(replica: &Replica, record: Record) -> Checked {
    match record.kind {
        RecordKind::ForkProof => Checked::Proof(record.bytes),
        RecordKind::LatePayload => Checked::LatePayload(record.bytes),
        RecordKind::Lost => Checked::Lost,
        RecordKind::Dropped => Checked::Dropped,
        RecordKind::Entry => {
            let known = replica.law.grants.known_keys();
            let checked = decode_signed_entry(&record.bytes)
                .map_err(|error| error.to_string())
                .and_then(|entry| {
                    verify_entry(entry, replica.ledger, known).map_err(|error| error.to_string())
                });
            Checked::Entry(checked.map(Box::new))
        }
    }
}
