// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether every row says what follows from the log: entries are met in order of arrival, and what
//! [`Staged`](super::Staged) would write for each is held against what is there.
//!
//! What an entry newly saw follows from its parents, which have been checked before it. So little is
//! kept in memory: the lanes, what each has seen so far, and how many rows of each kind there have
//! to be. An entry costs two look-ups beside that of its own row.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{encode_lanes, encode_slot, key, split_u64};
use super::{EntryRow, Index, LaneRow, RowsSum, SeenRow, Sight};
use crate::chain::EntryFacts;
use crate::entry::Kind;
use crate::id::{EntryId, PublicKey};
use crate::store::{Rows, StoreError};

/// Checks the rows of one index.
#[derive(Debug)]
pub(crate) struct RowCheck<'a> {
    rows: &'a dyn Rows,
    lanes: Vec<LaneRow>,
    /// What each lane has seen so far.
    sights: Vec<SeenRow>,
    /// The lane of each entry that is its lane's last so far.
    heads: BTreeMap<EntryId, u32>,
    entries: u64,
    seen_rows: u64,
    governing: u64,
    /// An entry could not be read, or its rows are wrong, so that it is not known which rows there
    /// have to be.
    is_partial: bool,
}

impl<'a> RowCheck<'a> {
    /// Nothing met yet.
    pub(crate) const fn over(rows: &'a dyn Rows) -> Self {
        Self {
            rows,
            lanes: Vec::new(),
            sights: Vec::new(),
            heads: BTreeMap::new(),
            entries: 0,
            seen_rows: 0,
            governing: 0,
            is_partial: false,
        }
    }

    /// The next entry of the log, and its row. The inner error says which row is not what it should
    /// be.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn meet(
        &mut self,
        facts: &EntryFacts,
        row: Option<&EntryRow>,
        parents: &[EntryId],
    ) -> Result<Result<(), String>, StoreError> {
        self.entries = self.entries.saturating_add(1);
        let checked = self.check(facts, row, parents)?;
        // What follows from rows that are wrong is not told apart from what is wrong itself.
        self.is_partial |= checked.is_err();
        Ok(checked)
    }

    /// The next entry, whose record cannot be read: the index alone knows of it.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn meet_lost(&mut self, facts: &EntryFacts) -> Result<(), StoreError> {
        self.entries = self.entries.saturating_add(1);
        self.is_partial = true;
        let Some(row) = self.rows.entry(&facts.id)? else {
            return Ok(());
        };
        match find(&self.lanes, row.lane).map(|lane| lane.head) {
            Some(head) => {
                self.heads.remove(&head);
                self.set_head(row.lane, facts);
            }
            None => {
                self.begin_lane(facts);
            }
        }
        // What it was the first of its lane to see, its rows alone can tell.
        for (other, _) in self.rows.seen_at_head(row.lane)?.lanes {
            if let Some(seq) = self.rows.get(&key::seen(row.lane, other, facts.seq))?
                && let Some(sights) = find_mut(&mut self.sights, row.lane)
            {
                sights.set(other, Sight { seq: split_u64(&seq)?, since: facts.seq });
            }
        }
        Ok(())
    }

    /// What is wrong with the rows that no single entry has: lanes, marks, proofs, and rows that
    /// nothing in the log asks for. `forked` and `pending` are what the log says, `sums` what the rows
    /// of each kind are.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn finish(
        self,
        forked: &BTreeMap<PublicKey, u64>,
        pending: &BTreeSet<EntryId>,
        sums: &BTreeMap<u8, RowsSum>,
    ) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        if self.is_partial {
            return Ok(wrong);
        }
        let mut of_keys: BTreeMap<PublicKey, Vec<u32>> = BTreeMap::new();
        for (number, (expected, sights)) in (0..).zip(self.lanes.iter().zip(&self.sights)) {
            of_keys.entry(expected.author).or_default().push(number);
            let found = self.rows.get(&key::lane(number))?;
            let seen = self.rows.get(&key::seen_at_head(number))?;
            if found != Some(expected.encode()) || seen.unwrap_or_default() != sights.encode() {
                wrong.push(format!("lane {number} is not what the log says"));
            }
        }
        for (author, lanes) in &of_keys {
            if self.rows.get(&key::key_lanes(author))? != Some(encode_lanes(lanes)) {
                wrong.push(format!("the lanes of key {author} are not what the log says"));
            }
        }
        let found: BTreeMap<PublicKey, u64> =
            self.rows.fork_proofs()?.into_iter().map(|(key, seq, _)| (key, seq)).collect();
        if found != *forked {
            wrong.push("its forked keys are not those of the log".to_owned());
        }
        if !self.rows.pending()?.iter().eq(pending) {
            wrong.push("its pending payloads are not those of the log".to_owned());
        }
        let lanes = count(self.lanes.len());
        let seeing = self.sights.iter().filter(|sights| !sights.lanes.is_empty()).count();
        let expected = [
            (key::ARRIVAL, self.entries),
            (key::ENTRY, self.entries),
            (key::SLOT, self.entries),
            (key::LANE, lanes),
            (key::KEY_LANES, count(of_keys.len())),
            (key::SEEN_AT_HEAD, count(seeing)),
            (key::SEEN, self.seen_rows),
            (key::FORK, count(forked.len())),
            (key::GOVERNING, self.governing),
            (key::PENDING, count(pending.len())),
        ];
        for (prefix, expected) in expected {
            let found = sums.get(&prefix).map_or(0, |sum| sum.count);
            if found != expected {
                let kind = char::from(prefix);
                wrong.push(format!("expected {expected} rows of kind {kind}, found {found}"));
            }
        }
        Ok(wrong)
    }

    /// How many lanes there have to be.
    pub(crate) fn count_lanes(&self) -> u32 {
        u32::try_from(self.lanes.len()).unwrap_or(u32::MAX)
    }

    fn check(
        &mut self,
        facts: &EntryFacts,
        row: Option<&EntryRow>,
        parents: &[EntryId],
    ) -> Result<Result<(), String>, StoreError> {
        let id = facts.id;
        let Some(row) = row else {
            return Ok(Err(format!("it lacks entry {id}")));
        };
        // What a predecessor has seen, its lane has seen.
        let (lane, others) = match parents.split_first() {
            Some((prev, seen)) if self.is_own_head(facts, prev) => (self.extend(facts, prev), seen),
            Some(_) | None => (self.begin_lane(facts), parents),
        };
        if row.lane != lane {
            return Ok(Err(format!("entry {id}: expected lane {lane}, found {}", row.lane)));
        }
        let slot = self.rows.get(&key::slot(&facts.author, facts.seq, lane))?;
        if slot != Some(encode_slot(&id, facts.arrival)) {
            return Ok(Err(format!("entry {id} is not in its slot")));
        }
        if must_governance_know(facts) {
            self.governing = self.governing.saturating_add(1);
            let governing = self.rows.get(&key::governing(facts.arrival))?;
            if governing.as_deref() != Some(id.as_bytes()) {
                return Ok(Err(format!("entry {id} is not among those that governance knows")));
            }
        }
        if self.is_partial {
            // What an entry that cannot be read had seen is known from its row alone: whether this one
            // was the first of its lane to see something is not.
            return Ok(Ok(()));
        }
        let newly = self.find_newly_seen(lane, others)?;
        self.seen_rows = self.seen_rows.saturating_add(count(newly.len()));
        for (other, how_far) in newly {
            let found = self.rows.get(&key::seen(lane, other, facts.seq))?;
            if found.as_deref() != Some(&how_far.to_be_bytes()) {
                return Ok(Err(format!("what entry {id} has seen of lane {other} is not there")));
            }
            if let Some(sights) = find_mut(&mut self.sights, lane) {
                sights.set(other, Sight { seq: how_far, since: facts.seq });
            }
        }
        Ok(Ok(()))
    }

    /// Whether an entry goes on with the lane of its predecessor, which is that lane's head.
    fn is_own_head(&self, facts: &EntryFacts, prev: &EntryId) -> bool {
        let lane = self.heads.get(prev).and_then(|lane| find(&self.lanes, *lane));
        lane.is_some_and(|lane| lane.author == facts.author)
    }

    fn extend(&mut self, facts: &EntryFacts, prev: &EntryId) -> u32 {
        let number = self.heads.remove(prev).unwrap_or(u32::MAX);
        self.set_head(number, facts);
        number
    }

    fn set_head(&mut self, number: u32, facts: &EntryFacts) {
        if let Some(lane) = find_mut(&mut self.lanes, number) {
            (lane.head, lane.head_seq) = (facts.id, facts.seq);
            self.heads.insert(facts.id, number);
        }
    }

    fn begin_lane(&mut self, facts: &EntryFacts) -> u32 {
        let number = self.count_lanes();
        self.heads.insert(facts.id, number);
        self.lanes.push(LaneRow {
            author: facts.author,
            first_seq: facts.seq,
            head_seq: facts.seq,
            head: facts.id,
        });
        self.sights.push(SeenRow::default());
        number
    }

    /// What an entry is the first of its lane to have seen of other lanes, through these parents.
    fn find_newly_seen(
        &self,
        lane: u32,
        parents: &[EntryId],
    ) -> Result<BTreeMap<u32, u64>, StoreError> {
        let mut newly: BTreeMap<u32, u64> = BTreeMap::new();
        for parent in parents {
            let Some((of, seq)) = self.find_place(parent)?.filter(|(of, _)| *of != lane) else {
                continue;
            };
            let Some(head) = find(&self.sights, of) else {
                continue;
            };
            let mut through = self.rows.lanes_seen_by(head, of, seq)?;
            through.push((of, seq));
            for (other, how_far) in through {
                let before = find(&self.sights, lane).and_then(|sights| sights.find(other));
                let known = newly.get(&other).copied().max(before.map(|before| before.seq));
                if other != lane && known.is_none_or(|known| known < how_far) {
                    newly.insert(other, how_far);
                }
            }
        }
        Ok(newly)
    }

    /// Lane and seq of an entry that has been met.
    fn find_place(&self, id: &EntryId) -> Result<Option<(u32, u64)>, StoreError> {
        if let Some(lane) = self.heads.get(id) {
            return Ok(find(&self.lanes, *lane).map(|row| (*lane, row.head_seq)));
        }
        Ok(self.rows.entry(id)?.map(|row| (row.lane, row.facts.seq)))
    }
}

/// Whether an entry is one of those that governance must know.
pub(super) fn must_governance_know(facts: &EntryFacts) -> bool {
    facts.kind == Kind::Governance || (facts.seq == 0 && facts.height > 0)
}

pub(super) fn find<T>(of_lanes: &[T], lane: u32) -> Option<&T> {
    of_lanes.get(usize::try_from(lane).ok()?)
}

pub(super) fn find_mut<T>(of_lanes: &mut [T], lane: u32) -> Option<&mut T> {
    of_lanes.get_mut(usize::try_from(lane).ok()?)
}

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
