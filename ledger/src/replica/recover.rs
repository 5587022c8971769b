// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Founding a replica, and opening one again: the index is checked against the log, caught up, or
//! made anew.
//!
//! Reading back from disk passes the same checks as entries from outside. On any doubt about the
//! index it is rebuilt; damage in the log is reported and never skipped in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::doubt::{Gaps, doubt_index};
use super::law::Law;
use super::proofs::check_proof;
use super::{HeldBack, Replica, decode_late_payload, read_charter, read_frontier, read_held};
use crate::chain::{Admission, Link, link, link_charter};
use crate::entry::decode::check_payload_length;
use crate::entry::verify::KnownKeys;
use crate::entry::{
    ForkProof, Prev, UnverifiedEntry, VerifiedEntry, decode_signed_entry, verify_batch,
    verify_entry,
};
use crate::id::{EntryId, LedgerId};
use crate::index::{HeldIn, INDEX_LAYOUT, Index, Staged};
use crate::store::{
    Attachments, EntryLog, Gap, Position, Record, RecordKind, Rows, Scanned, StoreError,
};

/// Records taken into the index at a time: bounds memory, and gives all cores work.
const CATCH_UP_RECORDS: usize = 1_024;
/// Bytes of records taken into the index at a time, where records are large.
const CATCH_UP_BYTES: usize = 16 << 20;

/// What opening a replica found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Why the index was made anew; absent where it was sound.
    pub rebuilt: Option<String>,
    /// Records that the index had not covered yet.
    pub caught_up: u64,
    /// Damage in the log. With any, the replica can be verified and repaired, not used.
    pub gaps: Vec<Gap>,
    /// Records that are whole but have no place: what they build on is damaged.
    pub unlinked: Vec<Unlinked>,
}

impl Recovery {
    /// Whether everything in the log has its place.
    pub const fn is_sound(&self) -> bool {
        self.gaps.is_empty() && self.unlinked.is_empty()
    }
}

/// A whole record that has no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlinked {
    /// Where it stands.
    pub position: Position,
    /// The entry, where it could be told.
    pub entry: Option<EntryId>,
    /// Parents that are missing.
    pub missing: Vec<EntryId>,
    /// What is wrong, in words.
    pub reason: String,
}

impl Replica {
    /// Begins a replica with the charter, in an empty store.
    ///
    /// # Errors
    /// [`StoreError::BadCharter`] where it is none; otherwise where the store fails.
    pub fn found(
        charter: UnverifiedEntry,
        mut log: Box<dyn EntryLog>,
        rows: Arc<dyn Rows>,
    ) -> Result<Self, StoreError> {
        let (charter, law) = verify_charter(charter)?;
        let record = Record { kind: RecordKind::Entry, bytes: charter.encode() };
        let ledger = LedgerId::of_charter(charter.id());
        refuse_founded(&*log)?;
        rows.clear()?;
        let positions = log.append(&[record])?;
        let position = positions.first().copied().unwrap_or_default();
        index_charter(charter, ledger, &*rows, position, log.end())?;
        Self::assemble(ledger, law, log, rows)
    }

    /// Says where the files are that entries name: those of a payload that is dropped go with it.
    #[must_use]
    pub fn with_attachments(mut self, attachments: Arc<dyn Attachments>) -> Self {
        self.attachments = Some(attachments);
        self
    }

    /// Opens a replica again that keeps no attachments.
    ///
    /// # Errors
    /// As [`recover_beside`](Self::recover_beside).
    pub fn recover(
        log: Box<dyn EntryLog>,
        rows: Arc<dyn Rows>,
    ) -> Result<(Self, Recovery), StoreError> {
        Self::recover_beside(log, rows, None)
    }

    /// Opens a replica again, beside its attachments.
    ///
    /// # Errors
    /// Where the store cannot be read, or its first entry is no charter. Damage in the log is not
    /// an error but part of [`Recovery`].
    pub fn recover_beside(
        log: Box<dyn EntryLog>,
        rows: Arc<dyn Rows>,
        attachments: Option<Arc<dyn Attachments>>,
    ) -> Result<(Self, Recovery), StoreError> {
        let charter = read_first_entry(&*log)?;
        let (charter, mut law) = verify_charter(charter)?;
        let ledger = LedgerId::of_charter(charter.id());
        let mut recovery = Recovery::default();
        let mut damaged = Vec::new();
        let mut gaps = Gaps::of(&*log);
        let covered = match doubt_index(&*log, &*rows, ledger, &mut gaps, &mut damaged) {
            Ok(meta) => meta.log_end,
            Err(reason) => {
                recovery.rebuilt = Some(reason);
                rows.clear()?;
                Position::default()
            }
        };
        let unsound = load_law(&mut law, &*log, &*rows, &mut damaged)?;
        CatchUp::new(ledger, &mut law, &*log, &*rows, &mut recovery).run(covered)?;
        law.refresh();
        let lacks = recovery.gaps.iter().any(|gap| gap.to > covered);
        if lacks || !recovery.unlinked.is_empty() {
            // What the rows say now is not the whole log: the next opening must not trust them.
            rows.clear()?;
        }
        recovery.unlinked.extend(unsound);
        for position in damaged {
            let gap = gaps.find(position)?;
            recovery.gaps.extend(gap.filter(|gap| !recovery.gaps.contains(gap)));
        }
        drop(gaps);
        let mut replica = Self::assemble(ledger, law, log, rows)?;
        replica.attachments = attachments;
        if recovery.is_sound() {
            // A crash may have come between a decision and what it has dropped.
            replica.drop_redacted()?;
        }
        Ok((replica, recovery))
    }

    fn assemble(
        ledger: LedgerId,
        law: Law,
        log: Box<dyn EntryLog>,
        rows: Arc<dyn Rows>,
    ) -> Result<Self, StoreError> {
        let frontier = read_frontier(&*rows, &law)?;
        Ok(Self {
            ledger,
            effects_seen: law.governance.effects().len(),
            law,
            log,
            rows,
            attachments: None,
            held_back: HeldBack::default(),
            waiting_proofs: BTreeMap::new(),
            frontier,
            is_behind: false,
            looked_at: Mutex::default(),
            late: BTreeSet::new(),
        })
    }

    /// Whether rows and frontier are to be brought up to the log before anything is read or written.
    pub(super) fn must_catch_up(&self) -> bool {
        self.is_behind || self.rows.has_failed()
    }

    /// Brings rows and frontier up to the log, where the rows had failed: a disk that was full may
    /// have room again.
    pub(super) fn catch_up(&mut self) -> Result<(), StoreError> {
        if !self.must_catch_up() {
            return Ok(());
        }
        // Opening them again may lose rows.
        self.is_behind = true;
        let damaged = |reason: String| StoreError::IndexDamaged { reason };
        self.rows.reopen()?;
        let meta = self.rows.meta()?.filter(|meta| meta.layout == INDEX_LAYOUT);
        let from = match meta {
            Some(meta) if meta.rows == self.rows.sum_rows()? => meta.log_end,
            Some(_) | None => {
                // The failed write took rows with it.
                self.rows.clear()?;
                Position::default()
            }
        };
        let mut recovery = Recovery::default();
        CatchUp::new(self.ledger, &mut self.law, &*self.log, &*self.rows, &mut recovery)
            .run(from)?;
        if let Some(gap) = recovery.gaps.first() {
            return Err(damaged(format!("it cannot catch up: {}", gap.reason)));
        }
        if let Some(unlinked) = recovery.unlinked.first() {
            return Err(damaged(format!("it cannot catch up: {}", unlinked.reason)));
        }
        self.reload_law()?;
        for id in self.held_back.wanted() {
            if self.rows.entry(&id)?.is_some() {
                self.late.insert(id);
            }
        }
        self.is_behind = false;
        Ok(())
    }
}

impl Replica {
    /// Reads governance anew, and what follows from it.
    pub(super) fn reload_law(&mut self) -> Result<(), StoreError> {
        let mut law = self.law.emptied();
        let mut damaged = Vec::new();
        load_law(&mut law, &*self.log, &*self.rows, &mut damaged)?;
        law.refresh();
        self.law = law;
        self.effects_seen = self.law.governance.effects().len();
        self.frontier = read_frontier(&*self.rows, &self.law)?;
        self.drop_redacted()
    }
}

/// Reads the log into the index, record by record.
pub(super) struct CatchUp<'a> {
    ledger: LedgerId,
    law: &'a mut Law,
    log: &'a dyn EntryLog,
    rows: &'a dyn Rows,
    recovery: &'a mut Recovery,
    records: Vec<(Position, Record)>,
    bytes: usize,
}

impl<'a> CatchUp<'a> {
    pub(super) fn new(
        ledger: LedgerId,
        law: &'a mut Law,
        log: &'a dyn EntryLog,
        rows: &'a dyn Rows,
        recovery: &'a mut Recovery,
    ) -> Self {
        Self { ledger, law, log, rows, recovery, records: Vec::new(), bytes: 0 }
    }

    pub(super) fn run(&mut self, from: Position) -> Result<(), StoreError> {
        let log = self.log;
        log.scan(from, &mut |scanned| {
            match scanned {
                Scanned::Record(position, record) => {
                    if self.records.len() >= CATCH_UP_RECORDS || self.bytes >= CATCH_UP_BYTES {
                        // The rows cover what comes before this record and no more: whoever is
                        // killed now goes on from here.
                        self.flush(position)?;
                    }
                    self.bytes = self.bytes.saturating_add(record.bytes.len());
                    self.records.push((position, record));
                }
                Scanned::Gap(gap) => self.recovery.gaps.push(gap),
            }
            Ok(true)
        })?;
        self.flush(log.end())
    }

    fn flush(&mut self, covered: Position) -> Result<(), StoreError> {
        self.bytes = 0;
        let records = std::mem::take(&mut self.records);
        let Some((last, _)) = records.last() else {
            return Ok(());
        };
        let last = *last;
        let mut verified = self.verify(&records);
        let mut staged = Staged::over(self.rows, self.ledger)?;
        for (index, (position, record)) in records.iter().enumerate() {
            let placed = match record.kind {
                RecordKind::Entry => match verified.get_mut(index).and_then(Option::take) {
                    Some(Ok(entry)) => self.place_entry(&mut staged, entry, *position)?,
                    Some(Err(reason)) => Err((None, Vec::new(), reason)),
                    None => Err((None, Vec::new(), "expected an entry".to_owned())),
                },
                RecordKind::ForkProof => self.place_proof(&mut staged, &record.bytes)?,
                RecordKind::LatePayload => {
                    self.place_payload(&mut staged, &record.bytes, *position)?
                }
                RecordKind::Lost | RecordKind::Dropped => Ok(()),
            };
            if let Err((entry, missing, reason)) = placed {
                let position = *position;
                self.recovery.unlinked.push(Unlinked { position, entry, missing, reason });
            }
            self.recovery.caught_up = self.recovery.caught_up.saturating_add(1);
        }
        staged.set_log_end(covered, last);
        if !self.recovery.is_sound() {
            // A kill from here on must not leave rows that look as if nothing were missing.
            staged.set_doubtful();
        }
        self.rows.apply(staged.into_batch()?)
    }

    /// Steps 1 and 2 for every entry among the records, on all cores.
    fn verify(&self, records: &[(Position, Record)]) -> Vec<Option<Result<VerifiedEntry, String>>> {
        let mut results: Vec<Option<Result<VerifiedEntry, String>>> = Vec::new();
        let mut places = Vec::new();
        let mut decoded = Vec::new();
        for (index, (_, record)) in records.iter().enumerate() {
            results.push(None);
            if record.kind == RecordKind::Entry {
                match decode_signed_entry(&record.bytes) {
                    Ok(entry) => {
                        places.push(index);
                        decoded.push(entry);
                    }
                    Err(error) => {
                        if let Some(result) = results.last_mut() {
                            *result = Some(Err(error.to_string()));
                        }
                    }
                }
            }
        }
        let checked = verify_batch(decoded, self.ledger, self.law.grants.known_keys());
        for (index, entry) in places.into_iter().zip(checked) {
            if let Some(result) = results.get_mut(index) {
                *result = Some(entry.map_err(|error| error.to_string()));
            }
        }
        results
    }

    fn place_entry(
        &mut self,
        staged: &mut Staged<'_>,
        entry: VerifiedEntry,
        position: Position,
    ) -> Result<Placed, StoreError> {
        let id = entry.id();
        if staged.counts().entries == 0
            && entry.header().prev == Prev::Nothing
            && let Some(linked) = link_charter(entry.clone())
        {
            staged.add_entry(&linked, position)?;
            return Ok(Ok(()));
        }
        let no_place = |missing, reason: String| Ok(Err((Some(id), missing, reason)));
        if let Err(error) = self.law.lets_in(staged, &entry)? {
            return no_place(Vec::new(), error.to_string());
        }
        let held = HeldIn(&*staged, &self.law.cut_offs);
        match link(entry, &held, &self.law.grants, Admission::Kept)? {
            Err(error) => no_place(Vec::new(), error.to_string()),
            Ok(Link::Linked(linked)) => {
                self.prove_fork(staged, linked.entry(), linked.rivals())?;
                staged.add_entry(&linked, position)?;
                self.law.take_in(staged, linked.entry())?;
                Ok(Ok(()))
            }
            Ok(Link::HeldBack(_, missing)) => no_place(missing, "a parent is missing".to_owned()),
            // Written once and not acknowledged, then written again: it is one entry.
            Ok(Link::AlreadyHeld(again)) => {
                let row = staged.entry(&id)?;
                if again.payload().is_some() && row.is_some_and(|row| !row.facts.has_payload) {
                    staged.set_whole(&id, position)?;
                }
                Ok(Ok(()))
            }
            Ok(Link::Fork(_, _) | Link::NotNeeded { .. }) => {
                no_place(Vec::new(), "its slot is taken".to_owned())
            }
        }
    }

    fn place_proof(&self, staged: &mut Staged<'_>, bytes: &Bytes) -> Result<Placed, StoreError> {
        match ForkProof::decode(bytes, self.ledger) {
            Ok(proof) => {
                if let Err(error) = check_proof(staged, self.ledger, &proof)? {
                    return Ok(Err((None, Vec::new(), error.to_string())));
                }
                let known = staged.fork_proof(&proof.key())?;
                if known.is_none_or(|(seq, _)| proof.seq() < seq) {
                    staged.set_fork(&proof.key(), proof.seq(), bytes);
                }
                Ok(Ok(()))
            }
            Err(error) => Ok(Err((None, Vec::new(), error.to_string()))),
        }
    }

    /// Two entries in one slot are a fork, whether the log still has the proof or not.
    fn prove_fork(
        &self,
        staged: &mut Staged<'_>,
        entry: &VerifiedEntry,
        rivals: &[EntryId],
    ) -> Result<(), StoreError> {
        let key = entry.header().author;
        let known = staged.fork_proof(&key)?;
        if known.is_some_and(|(seq, _)| seq <= entry.header().seq) {
            return Ok(());
        }
        for rival in rivals {
            let Some(row) = staged.entry(rival)? else {
                continue;
            };
            let record = self.log.read(row.position)?;
            let proof = decode_signed_entry(&record.bytes)
                .ok()
                .and_then(|rival| {
                    verify_entry(rival, self.ledger, self.law.grants.known_keys()).ok()
                })
                .and_then(|rival| ForkProof::of_entries(self.ledger, entry, &rival).ok());
            if let Some(proof) = proof {
                staged.set_fork(&key, proof.seq(), &proof.encode());
                return Ok(());
            }
        }
        Ok(())
    }

    /// Places a payload that arrived late: it must be the one that its entry was signed with.
    fn place_payload(
        &self,
        staged: &mut Staged<'_>,
        bytes: &Bytes,
        position: Position,
    ) -> Result<Placed, StoreError> {
        let (id, payload) = match decode_late_payload(bytes) {
            Ok(late) => late,
            Err(reason) => return Ok(Err((None, Vec::new(), reason))),
        };
        let no_place = |missing, reason: &str| Ok(Err((Some(id), missing, reason.to_owned())));
        let Some(row) = staged.entry(&id)? else {
            return no_place(vec![id], "the entry of this payload is missing");
        };
        let record = self.log.read(row.position)?;
        let entry = decode_signed_entry(&record.bytes).ok();
        let Some(header) = entry.as_ref().map(UnverifiedEntry::header) else {
            return no_place(Vec::new(), "the entry of this payload cannot be read");
        };
        if let Err(error) = check_payload_length(header.payload_len, &payload) {
            return no_place(Vec::new(), &error.to_string());
        }
        if header.payload_hash != payload.hash() {
            return no_place(Vec::new(), "the payload is not the one that was signed");
        }
        if !row.facts.has_payload {
            staged.set_payload(&id, position)?;
        }
        Ok(Ok(()))
    }
}

/// Nothing, or the entry, what it misses, and what is wrong.
type Placed = Result<(), (Option<EntryId>, Vec<EntryId>, String)>;

fn read_first_entry(log: &dyn EntryLog) -> Result<UnverifiedEntry, StoreError> {
    let mut first = Err(StoreError::BadCharter { reason: "the log is empty".to_owned() });
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Gap(gap) = &scanned
            && gap.records == Some(0)
        {
            // A damaged first line takes no record with it.
            return Ok(true);
        }
        first = match scanned {
            Scanned::Record(_, record) if record.kind == RecordKind::Entry => {
                decode_signed_entry(&record.bytes)
                    .map_err(|error| StoreError::BadCharter { reason: error.to_string() })
            }
            Scanned::Record(_, record) => Err(StoreError::BadCharter {
                reason: format!("expected an entry first, found {:?}", record.kind),
            }),
            Scanned::Gap(gap) => Err(StoreError::Damaged {
                file: format!("segment {}", gap.from.segment),
                position: gap.from,
                entry: None,
                reason: gap.reason,
            }),
        };
        Ok(false)
    })?;
    first
}

/// A charter comes first or not at all.
fn refuse_founded(log: &dyn EntryLog) -> Result<(), StoreError> {
    let mut is_empty = true;
    log.scan(Position::default(), &mut |_| {
        is_empty = false;
        Ok(false)
    })?;
    if is_empty {
        return Ok(());
    }
    let first = read_first_entry(log)?;
    Err(StoreError::LedgerExists {
        path: "this entry log".into(),
        found: LedgerId::of_charter(first.id()),
    })
}

/// Takes in what the index knows that governance must know. An entry that cannot be read is damage
/// like any other: without it nobody could say who may do what. Returns those that read and do not hold.
fn load_law(
    law: &mut Law,
    log: &dyn EntryLog,
    rows: &dyn Rows,
    damaged: &mut Vec<Position>,
) -> Result<Vec<Unlinked>, StoreError> {
    let ledger = LedgerId::of_charter(law.governance.charter_entry());
    let mut unsound = Vec::new();
    for id in rows.governing()? {
        let Some(row) = rows.entry(&id)? else {
            return Err(StoreError::IndexDamaged { reason: format!("entry {id} is missing") });
        };
        if row.facts.height == 0 {
            continue;
        }
        match read_held(log, &row, ledger, law.grants.known_keys()) {
            Ok(entry) => {
                // Its grant may be in what is damaged: then that says it.
                let _let_in = law.lets_in(rows, &entry)?;
                law.take_in(rows, &entry)?;
            }
            Err(StoreError::Damaged { position, .. }) => {
                if !damaged.contains(&position) {
                    damaged.push(position);
                }
            }
            Err(StoreError::Unsound { entry, reason }) => {
                let (position, entry) = (row.position, Some(entry));
                unsound.push(Unlinked { position, entry, missing: Vec::new(), reason });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(unsound)
}

/// Whether a replica can begin with this; if not, why.
pub(crate) fn check_charter(charter: &UnverifiedEntry) -> Result<(), String> {
    match verify_charter(charter.clone()) {
        Ok(_) => Ok(()),
        Err(StoreError::BadCharter { reason }) => Err(reason),
        Err(error) => Err(error.to_string()),
    }
}

fn verify_charter(charter: UnverifiedEntry) -> Result<(VerifiedEntry, Law), StoreError> {
    let bad = |reason: String| StoreError::BadCharter { reason };
    if charter.header().prev != Prev::Nothing {
        return Err(bad("it has a predecessor".to_owned()));
    }
    let ledger = LedgerId::of_charter(charter.id());
    let charter =
        verify_entry(charter, ledger, &KnownKeys::new()).map_err(|error| bad(error.to_string()))?;
    let law = Law::new(charter.id(), read_charter(&charter)?);
    Ok((charter, law))
}

fn index_charter(
    charter: VerifiedEntry,
    ledger: LedgerId,
    rows: &dyn Rows,
    position: Position,
    log_end: Position,
) -> Result<(), StoreError> {
    let linked = link_charter(charter)
        .ok_or_else(|| StoreError::BadCharter { reason: "it has a predecessor".to_owned() })?;
    let mut staged = Staged::over(rows, ledger)?;
    staged.add_entry(&linked, position)?;
    staged.set_log_end(log_end, position);
    rows.apply(staged.into_batch()?)
}
