// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The index: where everything is, and who has seen what, as rows over a [`Rows`] store.
//!
//! Entries are grouped in *lanes*: a lane is a run of entries of one key, each the predecessor of
//! the next. A key has one lane unless it forked. Lane numbers are this replica's own and mean
//! nothing elsewhere. For each lane the index keeps, entry by entry, what that entry newly saw of
//! other lanes, so that "is x an ancestor of y?" is one look-up.
//!
//! | key | value |
//! |---|---|
//! | `m` | [`Meta`] |
//! | `e` id | [`EntryRow`] |
//! | `a` arrival | id |
//! | `s` key seq lane | id, arrival |
//! | `l` lane | [`LaneRow`] |
//! | `k` key | the key's lanes |
//! | `d` lane lane seq | greatest seq of the second lane that the first had seen at seq |
//! | `v` lane | [`SeenRow`]: the same for all lanes, at the lane's head |
//! | `p` id | – (payload pending) |
//! | `f` key | fork proof |
//! | `g` arrival | id of an entry that governance must know ([`Governance::take_in`](crate::governance::Governance::take_in)) |
//!
//! All numbers are big-endian, so that rows sort by them.

mod check;
mod expected;
mod memo;
mod row;
mod staged;
mod sum;

pub(crate) use check::RowCheck;
pub(crate) use expected::{ExpectedRows, LogSays, Logged};
pub use row::{EntryRow, LaneRow, Meta, SeenRow, Sight};
pub use staged::{Staged, StagedPart};
pub use sum::RowsSum;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::chain::{EntryFacts, FeedEnd, Held};
use crate::id::{EntryId, PublicKey};
use crate::store::{RowPage, Rows, StoreError};
use row::{damaged, key, split_u64};

/// Layout of the rows, and of what they are kept in: blocks, filters, heads of runs. Another one is
/// rebuilt, never migrated.
pub const INDEX_LAYOUT: u32 = 5;

/// Rows read at a time in a walk: bounds memory.
const PAGE_ROWS: usize = 1_024;

/// Looks at a row's key and value; false stops the walk.
pub type RowVisitor<'a> = dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError> + 'a;

/// Questions that the rows answer. Every [`Rows`] has them.
pub trait Index: Rows {
    /// Counts and the end of the log that the rows cover; absent in an empty index.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn meta(&self) -> Result<Option<Meta>, StoreError> {
        self.get(&key::meta()).and_then(|value| value.map(|value| Meta::decode(&value)).transpose())
    }

    /// The row of a held entry.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn entry(&self, id: &EntryId) -> Result<Option<EntryRow>, StoreError> {
        let value = self.get(&key::entry(id))?;
        value.map(|value| EntryRow::decode(*id, &value)).transpose()
    }

    /// The entry that arrived as number `arrival`.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn arrived(&self, arrival: u64) -> Result<Option<EntryId>, StoreError> {
        let value = self.get(&key::arrival(arrival))?;
        value.map(|value| row::decode_id(&value)).transpose()
    }

    /// Every entry held in a slot.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn slot_entries(&self, author: &PublicKey, seq: u64) -> Result<Vec<EntryId>, StoreError> {
        let (from, to) = (key::slot(author, seq, 0), key::slot(author, seq, u32::MAX));
        let rows = self.range(&from, &to, PAGE_ROWS)?;
        rows.iter().map(|(_, value)| Ok(row::decode_slot(value)?.0)).collect()
    }

    /// An entry of each slot from one seq to another, with its place in the log, up to the first slot
    /// without one.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn slots_from(
        &self,
        author: &PublicKey,
        (first, last): (u64, u64),
        limit: usize,
    ) -> Result<Vec<(EntryId, u64)>, StoreError> {
        let (from, to) = (key::slot(author, first, 0), key::slot(author, last, u32::MAX));
        let mut entries = Vec::new();
        let mut due = Some(first);
        for (key, value) in self.range(&from, &to, limit)? {
            let seq = row::slot_seq(&key)?;
            if Some(seq) == due {
                entries.push(row::decode_slot(&value)?);
                due = seq.checked_add(1);
            }
        }
        Ok(entries)
    }

    /// The entry in a slot on one lane.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn slot_entry(
        &self,
        author: &PublicKey,
        seq: u64,
        lane: u32,
    ) -> Result<Option<EntryId>, StoreError> {
        let value = self.get(&key::slot(author, seq, lane))?;
        value.map(|value| Ok(row::decode_slot(&value)?.0)).transpose()
    }

    /// Entries that governance must know, in order of arrival.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn governing(&self) -> Result<Vec<EntryId>, StoreError> {
        let mut ids = Vec::new();
        self.walk(key::GOVERNING, &mut |_, value| {
            ids.push(row::decode_id(value)?);
            Ok(true)
        })?;
        Ok(ids)
    }

    /// A lane.
    ///
    /// # Errors
    /// Where the index cannot be read, or has no such lane.
    fn lane(&self, lane: u32) -> Result<LaneRow, StoreError> {
        match self.get(&key::lane(lane))? {
            Some(value) => LaneRow::decode(&value),
            None => Err(damaged(format!("lane {lane} is missing"))),
        }
    }

    /// The lanes of a key, ascending.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn lanes_of(&self, author: &PublicKey) -> Result<Vec<u32>, StoreError> {
        let value = self.get(&key::key_lanes(author))?;
        value.map_or(Ok(Vec::new()), |value| row::decode_lanes(&value))
    }

    /// The next seq above everything held of a key, on every branch.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn next_seq(&self, author: &PublicKey) -> Result<u64, StoreError> {
        let mut next = 0;
        for lane in self.lanes_of(author)? {
            next = self.lane(lane)?.head_seq.saturating_add(1).max(next);
        }
        Ok(next)
    }

    /// What a lane has seen at its head.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn seen_at_head(&self, lane: u32) -> Result<SeenRow, StoreError> {
        let value = self.get(&key::seen_at_head(lane))?;
        value.map_or(Ok(SeenRow::default()), |value| SeenRow::decode(&value))
    }

    /// The greatest seq of `lane` among the ancestors of the entry at `seq` of `of`, and in its own
    /// lane the seq before it.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn seen_of(&self, lane: u32, of: u32, seq: u64) -> Result<Option<u64>, StoreError> {
        if lane == of {
            // The first of a lane has no predecessor in it.
            return Ok(match seq.checked_sub(1) {
                Some(before) if before >= self.lane(of)?.first_seq => Some(before),
                Some(_) | None => None,
            });
        }
        let (from, to) = (key::seen(of, lane, 0), key::seen(of, lane, seq));
        let row = self.last_in(&from, &to)?;
        row.map(|(_, value)| split_u64(&value)).transpose()
    }

    /// Whether `ancestor` is an ancestor of `of`. Both must be held.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn is_ancestor(&self, ancestor: &EntryRow, of: &EntryRow) -> Result<bool, StoreError> {
        let seen = self.seen_of(ancestor.lane, of.lane, of.facts.seq)?;
        Ok(seen.is_some_and(|seq| ancestor.facts.seq <= seq))
    }

    /// The encoded proof of a key's lowest fork.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn fork_proof(&self, author: &PublicKey) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let value = self.get(&key::fork(author))?;
        value.map(row::decode_fork).transpose()
    }

    /// Every key of rows under a prefix byte, in pages; stops when `visit` returns false.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn walk(&self, prefix: u8, visit: &mut RowVisitor<'_>) -> Result<(), StoreError> {
        let to = key::prefix_end(prefix);
        let mut from = vec![prefix];
        let mut page = RowPage::default();
        loop {
            self.read_page((&from, &to), PAGE_ROWS, &mut page)?;
            for (key, value) in page.rows() {
                if !visit(key, value)? {
                    return Ok(());
                }
            }
            match page.last_key() {
                Some(last) if page.len() == PAGE_ROWS => {
                    from.clear();
                    from.extend_from_slice(last);
                    from.push(0);
                }
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// Every entry's row, ascending by id; stops when `visit` returns false.
    ///
    /// # Errors
    /// Where the index cannot be read, or `visit` fails.
    fn walk_entries(
        &self,
        visit: &mut dyn FnMut(EntryRow) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.walk(key::ENTRY, &mut |key, value| {
            visit(EntryRow::decode(row::trailing_id(key)?, value)?)
        })
    }

    /// The sum of every row but [`Meta`], as [`Meta`] should have it; each is read.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn sum_rows(&self) -> Result<RowsSum, StoreError> {
        Ok(self.sum_kinds()?.into_values().fold(RowsSum::default(), RowsSum::with))
    }

    /// The sum of the rows of each kind, by the first byte of their keys; on all cores.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn sum_kinds(&self) -> Result<BTreeMap<u8, RowsSum>, StoreError> {
        let kinds = key::PREFIXES.into_par_iter().map(|prefix| {
            let mut sum = RowsSum::default();
            self.walk(prefix, &mut |key, value| {
                sum.add(key, value);
                Ok(true)
            })?;
            Ok((prefix, sum))
        });
        kinds.collect()
    }

    /// The lanes that the entry at `seq` of `of` has seen, and how far. One look-up at the head of
    /// a lane; further back one more for each lane of which more was seen since.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn lanes_seen(&self, of: u32, seq: u64) -> Result<Vec<(u32, u64)>, StoreError> {
        self.lanes_seen_by(&self.seen_at_head(of)?, of, seq)
    }

    /// The same, where what the lane has seen at its head is known.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn lanes_seen_by(
        &self,
        head: &SeenRow,
        of: u32,
        seq: u64,
    ) -> Result<Vec<(u32, u64)>, StoreError> {
        let mut seen = Vec::with_capacity(head.lanes.len());
        for (lane, sight) in &head.lanes {
            let how_far =
                if sight.since <= seq { Some(sight.seq) } else { self.seen_of(*lane, of, seq)? };
            seen.extend(how_far.map(|how_far| (*lane, how_far)));
        }
        Ok(seen)
    }

    /// Ids of entries whose payload is pending, ascending.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn pending(&self) -> Result<Vec<EntryId>, StoreError> {
        let mut ids = Vec::new();
        self.walk(key::PENDING, &mut |key, _| {
            ids.push(row::trailing_id(key)?);
            Ok(true)
        })?;
        Ok(ids)
    }

    /// Whether an entry's payload is waited for.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn is_pending(&self, id: &EntryId) -> Result<bool, StoreError> {
        Ok(self.get(&key::pending(id))?.is_some())
    }

    /// Encoded proofs of every key that forked, ascending by key.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn fork_proofs(&self) -> Result<Vec<(PublicKey, u64, Vec<u8>)>, StoreError> {
        let mut proofs = Vec::new();
        self.walk(key::FORK, &mut |key, value| {
            let (seq, proof) = row::decode_fork(value.to_vec())?;
            proofs.push((row::trailing_key(key)?, seq, proof));
            Ok(true)
        })?;
        Ok(proofs)
    }

    /// Every lane, ascending by number.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn lanes(&self) -> Result<Vec<(u32, LaneRow)>, StoreError> {
        let mut lanes = Vec::new();
        self.walk(key::LANE, &mut |key, value| {
            lanes.push((row::trailing_u32(key)?, LaneRow::decode(value)?));
            Ok(true)
        })?;
        Ok(lanes)
    }
}

impl<R: Rows + ?Sized> Index for R {}

/// Where keys end: for each the first seq that does not count.
pub type CutOffs = BTreeMap<PublicKey, u64>;

/// Lets the chain rules read an index and what is staged on it.
#[derive(Debug)]
pub struct HeldIn<'a>(pub &'a Staged<'a>, pub &'a CutOffs);

impl Held for HeldIn<'_> {
    type Error = StoreError;

    fn facts(&self, id: &EntryId) -> Result<Option<EntryFacts>, StoreError> {
        Ok(self.0.find_entry(id)?.map(|row| row.facts))
    }

    /// A slot at or below the feed's head is never free: where it has no entry, or one without a
    /// row, the index is damaged.
    fn slot(&self, key: &PublicKey, seq: u64) -> Result<Vec<EntryId>, StoreError> {
        if seq >= self.next_seq(key)? {
            // Above every head: nearly always so.
            return Ok(Vec::new());
        }
        let entries = self.0.slot_entries(key, seq)?;
        if entries.is_empty() {
            return Err(damaged(format!("key {key} seq {seq} has no entry")));
        }
        // One entry in all slots but forked ones, where a key may have written thousands.
        for id in entries.iter().take(2) {
            if self.0.entry(id)?.is_none() {
                return Err(damaged(format!("entry {id} has no row")));
            }
        }
        Ok(entries)
    }

    fn next_seq(&self, key: &PublicKey) -> Result<u64, StoreError> {
        self.0.find_next_seq(key)
    }

    fn end(&self, key: &PublicKey) -> Result<Option<FeedEnd>, StoreError> {
        let forked = self.0.fork_proof(key)?.map(|(seq, _)| seq);
        Ok(FeedEnd::of(forked, self.1.get(key).copied()))
    }
}
