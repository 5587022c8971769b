// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What one entry has as ancestors: all that decides whether its author had a right.

use std::collections::BTreeSet;

use crate::entry::VerifiedEntry;
use crate::event::governance::Honoured;
use crate::id::{EntryId, PublicKey};
use crate::index::{EntryRow, Index};
use crate::store::{Rows, StoreError};

/// An entry's ancestors, asked for through its parents: the entry itself need not be in the index.
pub(super) struct Cone<'a> {
    rows: &'a dyn Rows,
    parents: Vec<EntryRow>,
}

/// A lane of a key as far as it has been seen.
#[derive(Clone, Copy)]
struct Seen {
    lane: u32,
    first_seq: u64,
    last_seq: u64,
}

impl<'a> Cone<'a> {
    /// The ancestors of an entry whose parents are held.
    pub(super) fn of(rows: &'a dyn Rows, entry: &VerifiedEntry) -> Result<Self, StoreError> {
        let mut parents = Vec::new();
        for id in entry.header().parents() {
            let Some(row) = rows.entry(&id)? else {
                let reason = format!("parent {id} of {} is missing", entry.id());
                return Err(StoreError::IndexDamaged { reason });
            };
            parents.push(row);
        }
        Ok(Self { rows, parents })
    }

    /// Whether an entry is an ancestor.
    pub(super) fn has(&self, id: &EntryId) -> Result<bool, StoreError> {
        if self.parents.iter().any(|parent| parent.facts.id == *id) {
            return Ok(true);
        }
        let Some(row) = self.rows.entry(id)? else {
            return Ok(false);
        };
        for parent in &self.parents {
            if self.rows.is_ancestor(&row, parent)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The row of an ancestor.
    pub(super) fn find(&self, id: &EntryId) -> Result<Option<EntryRow>, StoreError> {
        if self.has(id)? { self.rows.entry(id) } else { Ok(None) }
    }

    /// The lowest slot of a key in which the ancestors have two entries.
    pub(super) fn forked_seq(&self, key: &PublicKey) -> Result<Option<u64>, StoreError> {
        Ok(find_fork(&self.list_seen(key)?))
    }

    /// An entry that is held, and what it has as ancestors.
    pub(super) fn up_to(&self, last: &EntryId) -> Result<Option<Self>, StoreError> {
        let row = self.rows.entry(last)?;
        Ok(row.map(|row| Self { rows: self.rows, parents: vec![row] }))
    }

    /// Whether an entry is another or an ancestor of it.
    pub(super) fn is_up_to(&self, id: &EntryId, last: &EntryId) -> Result<bool, StoreError> {
        let (Some(row), Some(last)) = (self.rows.entry(id)?, self.rows.entry(last)?) else {
            return Ok(false);
        };
        Ok(row.facts.id == last.facts.id || self.rows.is_ancestor(&row, &last)?)
    }

    /// The last entry of a key among the ancestors, on whatever branch: of two that are as far the
    /// later in the order. Where the key forked, it is not for this to say which branch counts.
    pub(super) fn last_of(&self, key: &PublicKey) -> Result<Option<Honoured>, StoreError> {
        let mut last = None;
        for seen in self.list_seen(key)? {
            let Some(id) = self.rows.slot_entry(key, seen.last_seq, seen.lane)? else {
                continue;
            };
            let height = self.rows.entry(&id)?.map(|row| row.facts.height);
            last = last.max(Some((seen.last_seq, height, id)));
        }
        Ok(last.map(|(seq, _, id)| Honoured { seq, id }))
    }

    /// The key's lanes of which an ancestor has seen something.
    fn list_seen(&self, key: &PublicKey) -> Result<Vec<Seen>, StoreError> {
        let mut seen = Vec::new();
        for lane in self.rows.lanes_of(key)? {
            let mut last = None;
            for parent in &self.parents {
                let through = if parent.lane == lane {
                    Some(parent.facts.seq)
                } else {
                    self.rows.seen_of(lane, parent.lane, parent.facts.seq)?
                };
                last = last.max(through);
            }
            if let Some(last_seq) = last {
                let first_seq = self.rows.lane(lane)?.first_seq;
                seen.push(Seen { lane, first_seq, last_seq });
            }
        }
        Ok(seen)
    }
}

/// The lowest slot that two lanes cover. Where two branches part, one of them begins a lane.
fn find_fork(seen: &[Seen]) -> Option<u64> {
    let begins: BTreeSet<u64> = seen.iter().map(|lane| lane.first_seq).collect();
    begins.into_iter().find(|slot| {
        let covers = |lane: &&Seen| lane.first_seq <= *slot && *slot <= lane.last_seq;
        seen.iter().filter(covers).count() > 1
    })
}
