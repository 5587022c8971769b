// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rows of a batch on top of the rows below: entries of one batch see each other before any of them
//! is durable.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::memo::Memo;
use super::row::{
    EntryRow, LaneRow, Meta, Sight, damaged, encode_fork, encode_lanes, encode_slot, key,
};
use super::{INDEX_LAYOUT, Index, RowsSum};
use crate::chain::{EntryFacts, LinkedEntry};
use crate::entry::{Kind, Prev};
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::store::{Position, Row, RowChange, RowKey, Rows, StoreError};

/// A layout that no index has.
const DOUBTFUL_LAYOUT: u32 = 0;

/// Rows that are not written yet, over rows that are.
#[derive(Debug)]
pub struct Staged<'a> {
    below: &'a dyn Rows,
    rows: RwLock<BTreeMap<RowKey, Change>>,
    memo: Mutex<Memo>,
    meta: Meta,
}

/// What is to become of a row.
#[derive(Debug)]
struct Change {
    value: Option<Vec<u8>>,
    /// There is no such row below, as its key says: nobody need look.
    is_new: bool,
}

/// Rows of a part of a batch.
#[derive(Debug)]
pub struct StagedPart {
    rows: BTreeMap<RowKey, Change>,
    meta: Meta,
}

impl<'a> Staged<'a> {
    /// Nothing staged yet, over these rows of this ledger.
    ///
    /// # Errors
    /// Where the rows cannot be read.
    pub fn over(below: &'a dyn Rows, ledger: LedgerId) -> Result<Self, StoreError> {
        let meta = below.meta()?.unwrap_or(Meta {
            layout: INDEX_LAYOUT,
            ledger,
            entries: 0,
            lanes: 0,
            rows: RowsSum::default(),
            log_end: Position::default(),
            last_record: Position::default(),
        });
        Ok(Self { below, rows: RwLock::default(), memo: Mutex::default(), meta })
    }

    /// Counts, with what is staged.
    pub const fn counts(&self) -> &Meta {
        &self.meta
    }

    /// The row of a held entry, as [`Index::entry`] gives it; once read, it is remembered.
    ///
    /// # Errors
    /// Where the rows below cannot be read.
    pub fn find_entry(&self, id: &EntryId) -> Result<Option<EntryRow>, StoreError> {
        let known = self.lock_memo().entry(id);
        if known.is_some() {
            return Ok(known);
        }
        let found = self.entry(id)?;
        if let Some(row) = found {
            self.lock_memo().set_entry(row);
        }
        Ok(found)
    }

    /// The next seq above everything held of a key, as [`Index::next_seq`] gives it; once read, it is
    /// remembered.
    ///
    /// # Errors
    /// Where the rows below cannot be read.
    pub fn find_next_seq(&self, author: &PublicKey) -> Result<u64, StoreError> {
        let known = self.lock_memo().next_seq(author);
        if let Some(next) = known {
            return Ok(next);
        }
        let next = self.next_seq(author)?;
        self.lock_memo().set_next_seq(*author, next);
        Ok(next)
    }

    /// Adds an entry. Its position is set when the log has given it one.
    ///
    /// # Errors
    /// Where the rows below cannot be read.
    pub fn add_entry(
        &mut self,
        linked: &LinkedEntry,
        position: Position,
    ) -> Result<EntryRow, StoreError> {
        let header = linked.entry().header();
        let id = linked.entry().id();
        let prev = match header.prev.parent() {
            Some(prev) => self.find_entry(&prev)?,
            None => None,
        };
        let lane = self.take_lane(&header.author, header.seq, id, prev.as_ref())?;
        let row = EntryRow {
            facts: EntryFacts {
                id,
                author: header.author,
                seq: header.seq,
                height: header.height,
                claimed_at_ms: header.claimed_at_ms,
                effective_at_ms: linked.effective_at_ms(),
                kind: header.kind,
                arrival: self.meta.entries,
                has_payload: linked.entry().payload().is_some(),
            },
            lane,
            position,
            late_payload: None,
        };
        let missing = |parent| damaged(format!("parent {parent} of {id} is missing"));
        let mut parents = Vec::new();
        if let Some(parent) = header.prev.parent() {
            parents.push(prev.ok_or_else(|| missing(parent))?);
        }
        for parent in &header.seen {
            parents.push(self.find_entry(parent)?.ok_or_else(|| missing(*parent))?);
        }
        self.see(&row, &parents)?;
        let mut memo = self.lock_memo();
        memo.set_entry(row);
        memo.note_seq(&header.author, header.seq);
        drop(memo);
        self.put_new(key::entry(&id), row.encode());
        self.put_new(key::arrival(row.facts.arrival), id.as_bytes().to_vec());
        let slot = key::slot(&header.author, header.seq, lane);
        self.put_new(slot, encode_slot(&id, row.facts.arrival));
        if !row.facts.has_payload {
            self.put_new(key::pending(&id), Vec::new());
        }
        if header.kind == Kind::Governance || matches!(header.prev, Prev::Ledger(_)) {
            self.put_new(key::governing(row.facts.arrival), id.as_bytes().to_vec());
        }
        self.meta.entries = self.meta.entries.saturating_add(1);
        Ok(row)
    }

    /// Sets where the log has put an entry.
    ///
    /// # Errors
    /// Where the entry is not held.
    pub fn set_position(&mut self, id: &EntryId, position: Position) -> Result<(), StoreError> {
        self.change_entry(id, |row| row.position = position)
    }

    /// Records that an entry without payload stands in the log again, whole.
    ///
    /// # Errors
    /// Where the entry is not held.
    pub fn set_whole(&mut self, id: &EntryId, position: Position) -> Result<(), StoreError> {
        self.change_entry(id, |row| {
            row.position = position;
            row.facts.has_payload = true;
        })?;
        self.remove(key::pending(id));
        Ok(())
    }

    /// Records that a pending payload is held now.
    ///
    /// # Errors
    /// Where the entry is not held.
    pub fn set_payload(&mut self, id: &EntryId, position: Position) -> Result<(), StoreError> {
        self.change_entry(id, |row| {
            row.late_payload = Some(position);
            row.facts.has_payload = true;
        })?;
        self.remove(key::pending(id));
        Ok(())
    }

    /// Records that a payload was dropped by decision: it is neither held nor waited for.
    ///
    /// # Errors
    /// Where the entry is not held.
    pub fn set_redacted(&mut self, id: &EntryId) -> Result<(), StoreError> {
        self.change_entry(id, |row| {
            row.late_payload = None;
            row.facts.has_payload = false;
        })?;
        self.remove(key::pending(id));
        Ok(())
    }

    /// Records a proof as the key's lowest.
    pub fn set_fork(&mut self, author: &PublicKey, seq: u64, proof: &[u8]) {
        self.put(key::fork(author), encode_fork(seq, proof));
    }

    /// Records what part of the log the rows cover.
    pub const fn set_log_end(&mut self, log_end: Position, last_record: Position) {
        self.meta.log_end = log_end;
        self.meta.last_record = last_record;
    }

    /// Says in the rows that they are not to be trusted: the next opening makes them anew.
    pub const fn set_doubtful(&mut self) {
        self.meta.layout = DOUBTFUL_LAYOUT;
    }

    /// Rows of a part of a batch, over the rows of the batch: kept by [`absorb`](Self::absorb), or dropped.
    pub fn within(batch: &'a Staged<'_>) -> Self {
        Self { below: batch, rows: RwLock::default(), memo: Mutex::default(), meta: batch.meta }
    }

    /// What has been staged on top of the rows below, and the counts with it.
    pub fn into_part(self) -> StagedPart {
        let rows = self.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        StagedPart { rows, meta: self.meta }
    }

    /// Keeps a part that was staged [`within`](Self::within) these rows.
    pub fn absorb(&mut self, part: StagedPart) {
        *self.lock_memo() = Memo::default();
        for (key, change) in part.rows {
            self.change(key, change.value, change.is_new);
        }
        self.meta = part.meta;
    }

    /// The rows to write, all or none.
    ///
    /// # Errors
    /// Where the rows below cannot be read.
    pub fn into_batch(self) -> Result<Vec<RowChange>, StoreError> {
        let Self { below, rows, mut meta, memo: _ } = self;
        let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (key, change) in &rows {
            if !change.is_new
                && let Some(before) = below.get(key)?
            {
                meta.rows.remove(key, &before);
            }
            if let Some(value) = &change.value {
                meta.rows.add(key, value);
            }
        }
        let changes = rows.into_iter().map(|(key, change)| (key, change.value));
        let mut batch: Vec<RowChange> = changes.collect();
        batch.push((key::meta(), Some(meta.encode())));
        Ok(batch)
    }

    /// The lane that an entry belongs to: its predecessor's, if that is the lane's head; else a new one.
    fn take_lane(
        &mut self,
        author: &PublicKey,
        seq: u64,
        id: EntryId,
        prev: Option<&EntryRow>,
    ) -> Result<u32, StoreError> {
        if let Some(prev) = prev
            && prev.facts.author == *author
        {
            let mut row = self.lane(prev.lane)?;
            if row.head == prev.facts.id {
                row.head = id;
                row.head_seq = seq;
                self.put(key::lane(prev.lane), row.encode());
                return Ok(prev.lane);
            }
        }
        let lane = self.meta.lanes;
        self.meta.lanes = lane.saturating_add(1);
        let row = LaneRow { author: *author, first_seq: seq, head_seq: seq, head: id };
        self.put_new(key::lane(lane), row.encode());
        let mut lanes = self.lanes_of(author)?;
        lanes.push(lane);
        self.put(key::key_lanes(author), encode_lanes(&lanes));
        Ok(lane)
    }

    /// Notes what `entry` newly sees through its parents: each parent, and all that it has seen.
    fn see(&mut self, entry: &EntryRow, parents: &[EntryRow]) -> Result<(), StoreError> {
        // What a predecessor has seen, its lane has seen.
        let mut others = parents.iter().filter(|parent| parent.lane != entry.lane).peekable();
        if others.peek().is_none() {
            return Ok(());
        }
        let mut sights = self.seen_at_head(entry.lane)?;
        let mut newly = BTreeSet::new();
        for parent in others {
            let mut through = self.lanes_seen(parent.lane, parent.facts.seq)?;
            through.push((parent.lane, parent.facts.seq));
            for (lane, seq) in through {
                if lane != entry.lane && sights.find(lane).is_none_or(|known| known.seq < seq) {
                    sights.set(lane, Sight { seq, since: entry.facts.seq });
                    newly.insert(lane);
                }
            }
        }
        for lane in &newly {
            if let Some(sight) = sights.find(*lane) {
                let key = key::seen(entry.lane, *lane, entry.facts.seq);
                self.put_new(key, sight.seq.to_be_bytes().to_vec());
            }
        }
        if !newly.is_empty() {
            self.put(key::seen_at_head(entry.lane), sights.encode());
        }
        Ok(())
    }

    fn change_entry(
        &mut self,
        id: &EntryId,
        change: impl FnOnce(&mut EntryRow),
    ) -> Result<(), StoreError> {
        let mut row =
            self.find_entry(id)?.ok_or_else(|| damaged(format!("entry {id} is missing")))?;
        change(&mut row);
        self.lock_memo().set_entry(row);
        self.put(key::entry(id), row.encode());
        Ok(())
    }

    fn lock_memo(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&mut self, key: RowKey, value: Vec<u8>) {
        self.change(key, Some(value), false);
    }

    /// Puts a row that is not there, as its key says.
    fn put_new(&mut self, key: RowKey, value: Vec<u8>) {
        self.change(key, Some(value), true);
    }

    fn remove(&mut self, key: RowKey) {
        self.change(key, None, false);
    }

    fn change(&mut self, key: RowKey, value: Option<Vec<u8>>, is_new: bool) {
        let rows = self.rows.get_mut().unwrap_or_else(PoisonError::into_inner);
        match rows.entry(key) {
            Entry::Occupied(mut staged) => staged.get_mut().value = value,
            Entry::Vacant(place) => {
                place.insert(Change { value, is_new });
            }
        }
    }
}

impl Rows for Staged<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(staged) = rows.get(&RowKey::try_from(key)?) {
            return Ok(staged.value.clone());
        }
        self.below.get(key)
    }

    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        if from > to {
            return Ok(None);
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let bounds = (Bound::Included(from), Bound::Included(to));
        // No row that a range looks at is ever removed, only pending marks are.
        let staged = rows
            .range::<[u8], _>(bounds)
            .rev()
            .find_map(|(key, change)| Some((*key, change.value.clone()?)));
        let below = self.below.last_in(from, to)?;
        Ok(match (staged, below) {
            (Some(staged), Some(below)) if staged.0 < below.0 => Some(below),
            (Some(staged), _) => Some(staged),
            (None, below) => below,
        })
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut from = from.to_vec();
        while found.len() < limit && *from <= *to {
            let page = self.below.range(&from, to, limit)?;
            // Beyond a full page there may be more below: what is staged there has to wait.
            let more = page.last().filter(|_| page.len() >= limit);
            let end = more.map_or_else(|| to.to_vec(), |(key, _)| key.to_vec());
            let more = more.is_some();
            let staged = rows.range::<[u8], _>((Bound::Included(&*from), Bound::Included(&*end)));
            let staged = staged.map(|(key, change)| (key, &change.value));
            merge(page, staged, limit, &mut found);
            if !more {
                break;
            }
            from = end;
            from.push(0);
        }
        Ok(found)
    }

    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        let changes = batch.into_iter().map(|(key, value)| (key, Change { value, is_new: false }));
        self.rows.write().unwrap_or_else(PoisonError::into_inner).extend(changes);
        *self.lock_memo() = Memo::default();
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner).clear();
        *self.lock_memo() = Memo::default();
        Ok(())
    }
}

/// Adds rows in order until there are `limit`: the staged ones stand for those below with their key.
fn merge<'a>(
    below: Vec<Row>,
    staged: impl Iterator<Item = (&'a RowKey, &'a Option<Vec<u8>>)>,
    limit: usize,
    found: &mut Vec<Row>,
) {
    let mut below = below.into_iter().peekable();
    let mut staged = staged.peekable();
    while found.len() < limit {
        let staged_first = match (below.peek(), staged.peek()) {
            (None, None) => return,
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (Some((below, _)), Some((staged, _))) => *staged <= below,
        };
        if !staged_first {
            found.extend(below.next());
        } else if let Some((key, value)) = staged.next() {
            below.next_if(|(hidden, _)| hidden == key);
            found.extend(value.clone().map(|value| (*key, value)));
        }
    }
}
