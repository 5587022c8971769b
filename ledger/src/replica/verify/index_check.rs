// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether the index says of every entry what the log says, and what it knows of records that
//! cannot be read.
//!
//! There are two ways. The quick one looks up no row while the log is read and goes through all rows
//! once when it has been: it finds that everything is as it has to be, or nothing at all. The exact
//! one looks up the rows of each entry and says which are wrong.

use std::collections::{BTreeMap, BTreeSet};

use constancia_proto::v1;
use prost::Message as _;

use super::{Broken, Held};
use crate::chain::EntryFacts;
use crate::entry::decode::check_payload_length;
use crate::entry::{ForkProof, Header, Payload};
use crate::governance::Redaction;
use crate::id::{EntryId, LedgerId, PayloadHash, PublicKey};
use crate::index::{
    EntryRow, ExpectedRows, INDEX_LAYOUT, Index as _, LogSays, Logged, Meta, RowCheck, RowsSum,
};
use crate::replica::doubt::describe_difference;
use crate::store::{Gap, Position, Rows, StoreError};

/// What was found about the index: the entry, where it is about one, and what is wrong.
pub(super) type Finding = (Option<EntryId>, String);

/// What the log says as a whole, against which the index as a whole is held.
#[derive(Debug)]
pub(super) struct LogFacts<'a> {
    pub(super) ledger: LedgerId,
    /// How many entries it holds or held.
    pub(super) entries: u64,
    /// The lowest fork of each key.
    pub(super) forked: &'a BTreeMap<PublicKey, u64>,
    /// Where it ends, and its last record; none where a part of it is damaged.
    pub(super) end: Option<(Position, Position)>,
    /// Entries whose payload was dropped by decision: none is waited for.
    pub(super) redacted: &'a BTreeMap<EntryId, Redaction>,
}

/// Compares rows with the log.
#[derive(Debug)]
pub(super) struct IndexCheck<'a> {
    rows: &'a dyn Rows,
    /// Absent where there is no index to compare: it was made for another layout, or cleared.
    meta: Option<Meta>,
    /// Entries that were logged without their payload: their rows may still change.
    bare: BTreeMap<EntryId, Bare>,
    row_check: RowCheck<'a>,
    /// What the rows have to be, the quick way.
    expected: Option<ExpectedRows>,
    /// Why the rows cannot be read.
    unreadable: Option<String>,
    /// A write of the rows failed: they are caught up before anything is written, and say nothing
    /// until then.
    is_behind: bool,
}

#[derive(Clone, Debug)]
struct Bare {
    row: EntryRow,
    /// What the header says of the payload.
    hash: PayloadHash,
    len: u32,
}

impl<'a> IndexCheck<'a> {
    /// The quick way, where there is an index to compare.
    pub(super) fn quick(rows: &'a dyn Rows, is_behind: bool) -> Option<Self> {
        let mut check = Self::exact(rows, is_behind);
        check.expected = Some(ExpectedRows::default());
        check.meta.is_some().then_some(check)
    }

    /// The exact way.
    pub(super) fn exact(rows: &'a dyn Rows, is_behind: bool) -> Self {
        let mut check = Self {
            rows,
            meta: None,
            bare: BTreeMap::new(),
            row_check: RowCheck::over(rows),
            expected: None,
            unreadable: None,
            is_behind,
        };
        if is_behind {
            return check;
        }
        let meta = check.ask(rows.meta()).flatten();
        if let Some(found) = meta.map(|meta| meta.layout).filter(|found| *found != INDEX_LAYOUT) {
            check.unreadable = Some(format!("expected layout {INDEX_LAYOUT}, found {found}"));
        }
        check.meta = meta.filter(|meta| meta.layout == INDEX_LAYOUT);
        check
    }

    /// Whether it is the quick way.
    pub(super) const fn is_quick(&self) -> bool {
        self.expected.is_some()
    }

    /// Whether the quick way finds nothing, because there is too much to be kept in memory.
    pub(super) fn is_too_much(&self) -> bool {
        self.expected.as_ref().is_some_and(ExpectedRows::is_too_large)
    }

    /// An entry of the log, with its parents, the predecessor first.
    pub(super) fn meet_entry(
        &mut self,
        facts: &EntryFacts,
        parents: &[EntryFacts],
        position: Position,
        header: &Header,
    ) -> Result<(), String> {
        let mut row = None;
        if let Some(expected) = &mut self.expected {
            expected.meet(facts, position, parents);
        } else if self.meta.is_some() && self.unreadable.is_none() {
            let parents: Vec<_> = parents.iter().map(|parent| parent.id).collect();
            row = self.ask(self.rows.entry(&facts.id)).flatten();
            let met = self.row_check.meet(facts, row.as_ref(), &parents);
            if let Some(met) = self.ask(met) {
                met?;
            }
        }
        if !facts.has_payload {
            let row = EntryRow {
                facts: *facts,
                // Lanes are the index's own.
                lane: 0,
                position,
                late_payload: None,
            };
            let (hash, len) = (header.payload_hash, header.payload_len);
            self.bare.insert(facts.id, Bare { row, hash, len });
            return Ok(());
        }
        self.compare(facts, row, (position, None))
    }

    /// The whole entry once more, after it had been logged without its payload.
    pub(super) fn meet_again(&mut self, id: &EntryId, position: Position) {
        if let Some(bare) = self.bare.get_mut(id)
            && !bare.row.facts.has_payload
        {
            bare.row.facts.has_payload = true;
            bare.row.position = position;
        }
    }

    /// The payload of an entry that was logged without.
    pub(super) fn meet_payload(
        &mut self,
        id: &EntryId,
        payload: &Payload,
        position: Position,
    ) -> Result<(), String> {
        // Otherwise the payload is held already, or the entry's own record is damaged.
        if let Some(bare) = self.bare.get_mut(id) {
            check_payload_length(bare.len, payload).map_err(|error| error.to_string())?;
            let hash = payload.hash();
            if bare.hash != hash {
                return Err(format!("expected payload hash {}, found {hash}", bare.hash));
            }
            if !bare.row.facts.has_payload {
                bare.row.facts.has_payload = true;
                bare.row.late_payload = Some(position);
            }
        }
        Ok(())
    }

    /// Entries whose payload has not arrived, and has not been dropped by decision.
    pub(super) fn count_pending(&self, is_redacted: impl Fn(&EntryId) -> bool) -> u64 {
        let lacks =
            |(id, bare): &(&EntryId, &Bare)| !bare.row.facts.has_payload && !is_redacted(id);
        u64::try_from(self.bare.iter().filter(lacks).count()).unwrap_or(u64::MAX)
    }

    /// The entry that arrived as number `arrival`, if the index has its record in this gap.
    pub(super) fn find_lost(&mut self, arrival: u64, gap: &Gap) -> Option<EntryRow> {
        self.meta.filter(|_| self.expected.is_none())?;
        let id = self.ask(self.rows.arrived(arrival)).flatten()?;
        let row = self.ask(self.rows.entry(&id)).flatten()?;
        lies_in(row.position, gap).then_some(row)
    }

    /// An entry whose record cannot be read.
    pub(super) fn meet_lost(&mut self, facts: &EntryFacts) {
        let met = self.row_check.meet_lost(facts);
        let _met = self.ask(met);
    }

    /// Adds the late payloads that the index has in gaps that entries do not fill.
    pub(super) fn name_late(&mut self, broken: &mut [Broken]) {
        let unfilled = |part: &Broken| {
            let known = u64::try_from(part.known.len()).ok();
            part.gap.records.is_none_or(|records| known != Some(records))
        };
        if self.meta.is_none() || !broken.iter().any(unfilled) {
            return;
        }
        let (rows, bare) = (self.rows, &mut self.bare);
        let walked = rows.walk_entries(&mut |row| {
            if let Some(late) = row.late_payload {
                for part in broken.iter_mut().filter(|part| lies_in(late, &part.gap)) {
                    // The log is damaged there: the row is not to blame.
                    if let Some(bare) = bare.get_mut(&row.facts.id) {
                        bare.row.facts.has_payload = true;
                        bare.row.late_payload = Some(late);
                    }
                    part.known.push((late, Held::LatePayload(row.facts.id)));
                    part.known.sort_unstable();
                }
            }
            Ok(true)
        });
        let _walked = self.ask(walked);
    }

    /// Whether the index is what the log says.
    fn is_equal(
        &self,
        expected: &ExpectedRows,
        log: &LogFacts<'_>,
        entries: &dyn Logged,
    ) -> Result<bool, StoreError> {
        let Some((log_end, last_record)) = log.end.filter(|_| !expected.is_too_large()) else {
            return Ok(false);
        };
        let bare = self.bare.iter().map(|(id, bare)| (*id, bare.row)).collect();
        let waits =
            |row: &EntryRow| !row.facts.has_payload && !log.redacted.contains_key(&row.facts.id);
        let pending = self.bare.values().map(|bare| &bare.row).filter(|row| waits(row));
        let pending = pending.map(|row| row.facts.id).collect();
        let says = LogSays { entries, bare: &bare, forked: log.forked, pending: &pending };
        let Some(rows) = expected.sum_if_equal(self.rows, says)? else {
            return Ok(false);
        };
        let meta = Meta {
            layout: INDEX_LAYOUT,
            ledger: log.ledger,
            entries: log.entries,
            lanes: expected.count_lanes(),
            rows,
            log_end,
            last_record,
        };
        Ok(self.meta == Some(meta) && find_untrue_proofs(self.rows, log.ledger)?.is_empty())
    }

    /// What is wrong with the index as a whole.
    pub(super) fn finish(mut self, log: &LogFacts<'_>, entries: &dyn Logged) -> Vec<Finding> {
        if let Some(expected) = &self.expected {
            // Where it cannot be read, the exact way says why.
            let is_equal = self.is_equal(expected, log, entries).unwrap_or(false);
            let finding = (None, "it is not what the log says".to_owned());
            return if is_equal { Vec::new() } else { vec![finding] };
        }
        let mut findings = Vec::new();
        let mut pending = BTreeSet::new();
        for bare in std::mem::take(&mut self.bare).into_values() {
            let Bare { row, .. } = bare;
            if !row.facts.has_payload && !log.redacted.contains_key(&row.facts.id) {
                pending.insert(row.facts.id);
            }
            let found = self.ask(self.rows.entry(&row.facts.id)).flatten();
            let expected = (row.position, row.late_payload);
            if let Err(reason) = self.compare(&row.facts, found, expected) {
                findings.push((Some(row.facts.id), reason));
            }
        }
        if let Some(meta) = self.meta.filter(|_| self.unreadable.is_none()) {
            let wrong = self.check_whole(&meta, log, &pending);
            let wrong = self.ask(wrong).unwrap_or_default();
            findings.extend(wrong.into_iter().map(|reason| (None, reason)));
        }
        let is_missing = self.meta.is_none() && self.unreadable.is_none() && !self.is_behind;
        if is_missing && log.end.is_some() {
            // Where the log is damaged it was cleared: with what is whole it would not do.
            findings.push((None, "it is missing".to_owned()));
        }
        findings.extend(self.unreadable.map(|reason| (None, reason)));
        findings
    }

    fn check_whole(
        &mut self,
        meta: &Meta,
        log: &LogFacts<'_>,
        pending: &BTreeSet<EntryId>,
    ) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        if meta.ledger != log.ledger {
            wrong.push(format!("expected ledger {}, found {}", log.ledger, meta.ledger));
        }
        if meta.entries != log.entries {
            wrong.push(format!("expected {} entries, found {}", log.entries, meta.entries));
        }
        // Reading every row makes the database check every page.
        let sums = self.rows.sum_kinds()?;
        let rows = sums.values().copied().fold(RowsSum::default(), RowsSum::with);
        if rows != meta.rows {
            wrong.push(describe_difference(meta.rows, rows));
        }
        let Some((end, last_record)) = log.end else {
            return Ok(wrong);
        };
        for (what, expected, found) in
            [("its end", end, meta.log_end), ("its last record", last_record, meta.last_record)]
        {
            if expected != found {
                wrong.push(format!("expected {what} at {expected:?}, found {found:?}"));
            }
        }
        let row_check = std::mem::replace(&mut self.row_check, RowCheck::over(self.rows));
        let lanes = row_check.count_lanes();
        if meta.lanes != lanes {
            wrong.push(format!("expected {lanes} lanes, found {}", meta.lanes));
        }
        wrong.extend(row_check.finish(log.forked, pending, &sums)?);
        for key in find_untrue_proofs(self.rows, log.ledger)? {
            wrong.push(format!("its proof of the fork of key {key} does not hold"));
        }
        Ok(wrong)
    }

    fn compare(
        &mut self,
        facts: &EntryFacts,
        row: Option<EntryRow>,
        expected: (Position, Option<Position>),
    ) -> Result<(), String> {
        if self.expected.is_some() || self.meta.is_none() || self.unreadable.is_some() {
            return Ok(());
        }
        let id = facts.id;
        let row = row.ok_or_else(|| format!("it lacks entry {id}"))?;
        if row.facts != *facts {
            return Err(format!("its row of entry {id} is not what the log says"));
        }
        let found = (row.position, row.late_payload);
        if expected != found {
            return Err(format!("entry {id}: expected place {expected:?}, found {found:?}"));
        }
        match self.ask(self.rows.arrived(facts.arrival)) {
            Some(arrived) if arrived != Some(id) => {
                Err(format!("entry {id} is not its arrival number {}", facts.arrival))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The answer; an index that cannot be read is found once and asked no more.
    fn ask<T>(&mut self, answer: Result<T, StoreError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.unreadable.get_or_insert(error.to_string());
                None
            }
        }
    }
}

/// Keys whose proof of a fork does not hold.
fn find_untrue_proofs(rows: &dyn Rows, ledger: LedgerId) -> Result<Vec<PublicKey>, StoreError> {
    let mut untrue = Vec::new();
    for (key, seq, proof) in rows.fork_proofs()? {
        let proof = v1::ForkProof::decode(&*proof).ok();
        let proof = proof.and_then(|proof| ForkProof::verify(&proof, ledger).ok());
        if proof.is_none_or(|proof| (proof.key(), proof.seq()) != (key, seq)) {
            untrue.push(key);
        }
    }
    Ok(untrue)
}

fn lies_in(position: Position, gap: &Gap) -> bool {
    position == gap.from || (gap.from..gap.to).contains(&position)
}
