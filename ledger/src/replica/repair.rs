// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Repair: damaged records are put back as they were, from copies that others have.
//!
//! What stood at a damaged place is known from the index; without it, from the entries that cite
//! what is missing. A copy is taken only if it passes every check that an entry from outside passes,
//! and bears the id that is missing. What nobody can name, because neither the index nor an entry in
//! the log knows of it, is given up: a record that says so takes its place, at the end of the log the
//! bytes are kept beside, and the next exchange brings what peers have of it.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use super::recover::{CatchUp, Recovery};
use super::verify::{Broken, Damage, Held, HeldPayload, Missing, VerifyReport};
use super::{Replica, read_charter, read_frontier};
use crate::entry::{ForkProof, Kind, VerifiedEntry, decode_entry, verify_entry};
use crate::id::{EntryId, LedgerId};
use crate::index::Index as _;
use crate::store::{
    EntryLog, Gap, Position, Record, RecordKind, SEGMENT_HEADER_BYTES, Scanned, StoreError,
    measure_frame,
};

/// Rounds of asking for parents of parents: a chain of damaged records that only the last entry
/// after them names.
const FETCH_ROUNDS_MAX: usize = 64;

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Entries whose records were put back, in the order of the log.
    pub repaired: Vec<EntryId>,
    /// Where records were given up, for nobody could say what stood there.
    pub given_up: Vec<Position>,
    /// What is still damaged.
    pub remaining: Vec<Damage>,
}

/// What is asked of others: the entries with these ids, as far as they have them, in any order.
pub type Fetch<'a> = &'a mut dyn FnMut(&[EntryId]) -> Vec<v1::SignedEntry>;

impl Replica {
    /// Puts back what is damaged, from copies that `fetch` brings, and makes the index anew where it
    /// needs that. What cannot be put back is left as it is.
    ///
    /// # Errors
    /// Where the disk refuses; what was put back until then is durable.
    pub fn repair(&mut self, fetch: Fetch<'_>) -> Result<RepairReport, StoreError> {
        let mut report = RepairReport::default();
        let (found, missing) = self.verify_and_list(&mut |_, _| {})?;
        if !found.is_sound() {
            let copies = self.fetch_copies(&found, &missing, fetch);
            self.replace_broken(&found, &missing, &copies, &mut report)?;
            if self.rows.meta()?.is_some() {
                self.reload_law()?;
            }
        }
        report.remaining = self.verify_stored(&mut |_, _| {})?.damages;
        Ok(report)
    }

    /// Asks for everything that is missing, and for what that builds on, until nothing new is.
    fn fetch_copies(
        &self,
        found: &VerifyReport,
        missing: &Missing,
        fetch: Fetch<'_>,
    ) -> BTreeMap<EntryId, VerifiedEntry> {
        let known = found.broken.iter().flat_map(|part| &part.known);
        let mut wanted: BTreeSet<EntryId> = known.map(|(_, held)| held.id()).collect();
        wanted.extend(missing.cited.iter().map(|(_, id)| *id));
        let mut asked = BTreeSet::new();
        let mut copies = BTreeMap::new();
        for _ in 0..FETCH_ROUNDS_MAX {
            let ask: Vec<EntryId> = wanted.difference(&asked).copied().collect();
            if ask.is_empty() {
                break;
            }
            asked.extend(ask.iter().copied());
            for message in fetch(&ask) {
                let Some(copy) = self.check_copy(message, &asked) else {
                    continue;
                };
                // Only where the index does not say what stood where are parents a way to know.
                if !missing.cited.is_empty() {
                    let parents = copy.header().parents();
                    wanted.extend(parents.filter(|id| !missing.in_log.contains(id)));
                }
                copies.insert(copy.id(), copy);
            }
        }
        copies
    }

    /// A copy that is what was asked for, through the checks of an entry from outside.
    fn check_copy(
        &self,
        message: v1::SignedEntry,
        asked: &BTreeSet<EntryId>,
    ) -> Option<VerifiedEntry> {
        let entry = decode_entry(message).ok()?;
        if !asked.contains(&entry.id()) {
            return None;
        }
        verify_entry(entry, self.ledger, self.law.grants.known_keys()).ok()
    }

    fn replace_broken(
        &mut self,
        found: &VerifyReport,
        missing: &Missing,
        copies: &BTreeMap<EntryId, VerifiedEntry>,
        report: &mut RepairReport,
    ) -> Result<(), StoreError> {
        let proofs = self.list_lost_proofs()?;
        let mut plan = Plan::new(found, missing, copies, proofs);
        let has_index = self.rows.meta().is_ok_and(|meta| meta.is_some());
        let mut rebuild = found.index_damaged || !has_index;
        let mut repaired: Vec<(Position, Vec<EntryId>)> = Vec::new();
        let mut parts: Vec<&Broken> = found.broken.iter().collect();
        parts.sort_by(|one, other| compare_turns(&one.gap, &other.gap));
        for part in parts {
            let gap = find_extent(&*self.log, &part.gap)?;
            let Some(filling) = plan.fill(part, &gap) else {
                continue;
            };
            let Filling { records, ids, .. } = &filling;
            if filling.moves || !self.log.fits(&gap, records) {
                // A crash in between must not leave rows of another log.
                self.rows.clear()?;
                rebuild = true;
            }
            match self.log.replace(&gap, records) {
                Ok(()) => {}
                // What stands around it by now says otherwise: it stays damaged, and is named.
                Err(StoreError::RepairCount { .. } | StoreError::NoGap { .. }) => continue,
                Err(error) => return Err(error),
            }
            repaired.push((gap.from, ids.clone()));
            let is_lost = |record: &Record| record.kind == RecordKind::Lost;
            let cut_off = records.is_empty() && gap.records != Some(0);
            if cut_off || records.iter().any(is_lost) {
                report.given_up.push(gap.from);
            }
        }
        repaired.sort_unstable();
        report.repaired.extend(repaired.into_iter().flat_map(|(_, ids)| ids));
        report.given_up.sort_unstable();
        if rebuild {
            self.rebuild_index()?;
        }
        Ok(())
    }

    /// Makes the index anew from the log.
    ///
    /// # Errors
    /// Where log or index cannot be used. Damage in the log is part of the answer.
    pub fn rebuild_index(&mut self) -> Result<Recovery, StoreError> {
        let mut recovery = Recovery::default();
        self.rows.clear()?;
        self.law = self.law.emptied();
        let (log, rows) = (&*self.log, &*self.rows);
        CatchUp::new(self.ledger, &mut self.law, log, rows, &mut recovery)
            .run(Position::default())?;
        self.law.refresh();
        self.effects_seen = self.law.governance.effects().len();
        if !recovery.is_sound() {
            self.rows.clear()?;
        }
        self.frontier = read_frontier(&*self.rows, &self.law)?;
        self.is_behind = false;
        if recovery.is_sound() {
            self.drop_redacted()?;
        }
        Ok(recovery)
    }

    /// Proofs that the index keeps and the log no longer shows.
    fn list_lost_proofs(&self) -> Result<Vec<Record>, StoreError> {
        let mut logged = BTreeSet::new();
        self.log.scan(Position::default(), &mut |scanned| {
            if let Scanned::Record(_, record) = scanned
                && record.kind == RecordKind::ForkProof
            {
                logged.insert(record.bytes);
            }
            Ok(true)
        })?;
        // An index that cannot be read knows of none.
        let kept = self.rows.fork_proofs().unwrap_or_default();
        Ok(kept
            .into_iter()
            .map(|(_, _, proof)| Bytes::from(proof))
            .filter(|proof| !logged.contains(proof) && self.is_proof(proof))
            .map(|bytes| Record { kind: RecordKind::ForkProof, bytes })
            .collect())
    }

    fn is_proof(&self, bytes: &Bytes) -> bool {
        v1::ForkProof::decode(bytes.clone())
            .is_ok_and(|message| ForkProof::verify(&message, self.ledger).is_ok())
    }
}

/// Puts the charter back into a log whose first record is damaged: without it nothing else can be
/// opened. `ledger` is what the log's first line says.
///
/// # Errors
/// [`StoreError::BadCharter`] where `message` is not this ledger's charter; otherwise where the disk
/// refuses.
pub fn restore_charter(
    log: &mut dyn EntryLog,
    ledger: LedgerId,
    message: v1::SignedEntry,
) -> Result<(), StoreError> {
    let bad = |reason: String| StoreError::BadCharter { reason };
    let entry = decode_entry(message).map_err(|error| bad(error.to_string()))?;
    if entry.id() != ledger.charter() {
        return Err(bad(format!("expected {ledger}, found {}", entry.id())));
    }
    let known = crate::entry::verify::KnownKeys::new();
    let charter = verify_entry(entry, ledger, &known).map_err(|error| bad(error.to_string()))?;
    read_charter(&charter)?;
    let record = Record { kind: RecordKind::Entry, bytes: charter.encode() };
    // Its segment's first line first, where that is damaged too.
    if let Some(line) = find_gap(log, &|gap| gap.is_first_line() && gap.from.segment == 0)? {
        log.replace(&line, &[])?;
    }
    match find_gap(log, &|gap| !gap.is_first_line())? {
        Some(gap) => log.replace(&cut_to_charter(gap, &record), &[record]),
        None => Ok(()),
    }
}

/// The first gap of its kind.
fn find_gap(
    log: &dyn EntryLog,
    is_wanted: &dyn Fn(&Gap) -> bool,
) -> Result<Option<Gap>, StoreError> {
    let mut first = None;
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Gap(gap) = scanned
            && is_wanted(&gap)
        {
            first = Some(gap);
        }
        Ok(first.is_none())
    })?;
    Ok(first)
}

/// Where more than the charter is missing, the charter's room alone, at the log's beginning: the
/// index still knows what the rest was, and where it stood.
fn cut_to_charter(gap: Gap, charter: &Record) -> Gap {
    if gap.records == Some(1) {
        return gap;
    }
    let begin = u64::try_from(SEGMENT_HEADER_BYTES).unwrap_or(u64::MAX);
    let offset = begin.saturating_add(measure_frame(charter.bytes.len()));
    let from = Position { segment: 0, offset: begin };
    Gap { from, to: gap.to.min(Position { segment: 0, offset }), records: Some(1), ..gap }
}

/// One segment after another, so that what a segment begins with is known from the one before it.
/// Within one the first line first, for nothing after it has a place without it, and then from the
/// end, so that places before stay what they are.
fn compare_turns(one: &Gap, other: &Gap) -> Ordering {
    let turn = |gap: &Gap| (gap.from.segment, !gap.is_first_line(), Reverse(gap.from.offset));
    turn(one).cmp(&turn(other))
}

impl Held {
    const fn id(&self) -> EntryId {
        let (Self::Entry(id, _) | Self::LatePayload(id)) = *self;
        id
    }
}

/// Which records go into which gap.
struct Plan<'a> {
    copies: &'a BTreeMap<EntryId, VerifiedEntry>,
    proofs: Vec<Record>,
    /// Copies for gaps of which the index knows nothing, by where the gap begins.
    guessed: BTreeMap<Position, Vec<EntryId>>,
    /// Whether nothing that is known to be missing is still to be had: then what fills no gap yet
    /// is known to nobody.
    is_complete: bool,
}

impl<'a> Plan<'a> {
    fn new(
        found: &VerifyReport,
        missing: &Missing,
        copies: &'a BTreeMap<EntryId, VerifiedEntry>,
        proofs: Vec<Record>,
    ) -> Self {
        let guessed = guess_places(found, missing, copies);
        let placed: BTreeSet<&EntryId> = guessed.values().flatten().collect();
        Self {
            is_complete: missing.cited.iter().all(|(_, id)| placed.contains(id)),
            copies,
            proofs,
            guessed,
        }
    }

    /// What to put into a gap; nothing where it is not all there.
    fn fill(&mut self, part: &Broken, gap: &Gap) -> Option<Filling> {
        let mut filling = Filling::default();
        for (_, held) in &part.known {
            let copy = self.copies.get(&held.id())?;
            let was_whole = matches!(held, Held::Entry(_, HeldPayload::With));
            filling.moves |= was_whole && copy.payload().is_none();
            filling.records.push(make_record(copy, *held)?);
            filling.ids.push(held.id());
        }
        for id in self.guessed.get(&part.gap.from).into_iter().flatten() {
            let copy = self.copies.get(id)?;
            let held = Held::Entry(*id, HeldPayload::With);
            filling.records.push(make_record(copy, held)?);
            filling.ids.push(*id);
            filling.moves = true;
        }
        if gap.records.is_none() {
            // At the end of the log nobody knows how many there were: all proofs that the index has
            // and the log has not, wherever among the entries they stood.
            filling.moves |= !self.proofs.is_empty();
            filling.records.append(&mut self.proofs);
        } else if let Some(needed) = gap.records {
            let needed = usize::try_from(needed).ok()?;
            // Proofs need nothing before them, so they may stand last.
            let more = needed.checked_sub(filling.records.len())?;
            let proofs = more.min(self.proofs.len());
            let lost = more.saturating_sub(proofs);
            if lost > 0 && !self.is_complete {
                return None;
            }
            filling.records.extend(self.proofs.drain(..proofs));
            filling.records.extend(std::iter::repeat_n(lost_record(), lost));
            filling.moves |= more > 0;
        }
        // One alone stands where its gap begins, whatever it is.
        filling.moves &= filling.records.len() > 1;
        Some(filling)
    }
}

/// What goes into a gap.
#[derive(Debug, Default)]
struct Filling {
    records: Vec<Record>,
    /// The entries among them.
    ids: Vec<EntryId>,
    /// Whether records in the gap may stand elsewhere than the index says.
    moves: bool,
}

/// Without an index: an entry that is cited and missing stood in a gap before who cites it. Each is
/// given the last one that still has room.
fn guess_places(
    found: &VerifyReport,
    missing: &Missing,
    copies: &BTreeMap<EntryId, VerifiedEntry>,
) -> BTreeMap<Position, Vec<EntryId>> {
    let mut cited: BTreeMap<EntryId, Position> = BTreeMap::new();
    for (position, id) in &missing.cited {
        let first = cited.entry(*id).or_insert(*position);
        *first = (*first).min(*position);
    }
    let known: BTreeSet<EntryId> =
        found.broken.iter().flat_map(|part| &part.known).map(|(_, held)| held.id()).collect();
    let mut entries: Vec<&VerifiedEntry> =
        copies.values().filter(|copy| !known.contains(&copy.id())).collect();
    // The highest first: an entry's parents are lower, and stand before it.
    entries.sort_by_key(|entry| Reverse((entry.header().height, entry.id())));
    let mut guessed: BTreeMap<Position, Vec<EntryId>> = BTreeMap::new();
    for entry in entries {
        let Some(first_cited) = cited.get(&entry.id()).copied() else {
            continue;
        };
        let has_room = |part: &&Broken| {
            let taken = guessed.get(&part.gap.from).map_or(0, Vec::len);
            let taken = u64::try_from(taken.saturating_add(part.known.len())).unwrap_or(u64::MAX);
            part.gap.records.is_none_or(|records| taken < records)
        };
        let stood_before = |part: &&Broken| part.gap.from <= first_cited && has_room(part);
        let Some(part) = found.broken.iter().rfind(stood_before) else {
            continue;
        };
        for parent in entry.header().parents() {
            let first = cited.entry(parent).or_insert(part.gap.from);
            *first = (*first).min(part.gap.from);
        }
        guessed.entry(part.gap.from).or_default().insert(0, entry.id());
    }
    guessed
}

const fn lost_record() -> Record {
    Record { kind: RecordKind::Lost, bytes: Bytes::new() }
}

fn make_record(copy: &VerifiedEntry, held: Held) -> Option<Record> {
    if copy.header().kind == Kind::Governance && copy.payload().is_none() {
        // It is never redacted: whoever sends it so has not got it.
        return None;
    }
    Some(match held {
        Held::Entry(_, HeldPayload::With) => {
            Record { kind: RecordKind::Entry, bytes: copy.encode() }
        }
        // As it was logged: what follows it in the log brings the payload.
        Held::Entry(_, HeldPayload::Without) => {
            Record { kind: RecordKind::Entry, bytes: copy.clone().without_payload().encode() }
        }
        Held::LatePayload(id) => {
            let payload = copy.payload()?;
            let late = v1::LatePayload {
                entry_id: Bytes::copy_from_slice(id.as_bytes()),
                payload: payload.bytes.clone(),
                salt: Bytes::copy_from_slice(&payload.salt),
            };
            Record { kind: RecordKind::LatePayload, bytes: late.encode_to_vec().into() }
        }
    })
}

/// A gap with its end: of a record that is whole but unsound, only the beginning is known.
fn find_extent(log: &dyn EntryLog, gap: &Gap) -> Result<Gap, StoreError> {
    if gap.from != gap.to || gap.records != Some(1) || log.read(gap.from).is_err() {
        return Ok(gap.clone());
    }
    let mut to = log.end();
    log.scan(gap.from, &mut |scanned| {
        let at = match &scanned {
            Scanned::Record(position, _) => *position,
            Scanned::Gap(gap) => gap.from,
        };
        if at > gap.from {
            to = at;
        }
        Ok(at <= gap.from)
    })?;
    Ok(Gap { to, ..gap.clone() })
}
