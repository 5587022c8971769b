// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where a key's next entry stands: its predecessor, and the tips that it cites.
//!
//! Cites nothing of a key from its fork on, and nothing whose effective time is beyond the caller's
//! limit, so that one bad clock does not spread.

use std::sync::PoisonError;

use super::Replica;
use crate::chain::FeedEnd;
use crate::entry::{Kind, Prev};
use crate::id::{EntryId, PublicKey};
use crate::index::{EntryRow, Index};
use crate::limits::SEEN_MAX;
use crate::store::StoreError;

/// Where a key's next entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningPlace {
    /// The next seq.
    pub seq: u64,
    /// What it follows.
    pub prev: Prev,
    /// Tips to cite: at most 64, none an ancestor of another, sorted.
    pub seen: Vec<EntryId>,
    /// 1 + the greatest height among the parents.
    pub height: u64,
    /// The least claimed time that the entry may carry, Unix milliseconds.
    pub claimed_at_least_ms: u64,
    /// The key's last entry, if it has one.
    pub head: Option<EntryId>,
    /// Tips that found no room: an Acknowledge entry should come first.
    pub left_out: usize,
    /// Where the key ends: it can write no more.
    pub end: Option<FeedEnd>,
}

/// How far a feed has been looked through for something to acknowledge: a key that writes nothing but
/// acknowledgements is not read again from its beginning whenever something lands.
#[derive(Clone, Copy, Debug)]
pub(super) struct LookedAt {
    /// The first seq that was looked at, and the first that was not.
    begin: u64,
    end: u64,
    /// The last entry before that that is no acknowledgement, of those that were looked at.
    event: Option<u64>,
}

impl Replica {
    /// Where the next entry of `author` stands, citing what is effective up to `cite_until_ms`, and
    /// `besides`: held entries beyond their key's end that a proposal is about.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_signing_place(
        &self,
        author: &PublicKey,
        cite_until_ms: u64,
        besides: &[EntryId],
    ) -> Result<SigningPlace, StoreError> {
        let own = self.find_own_head(author)?;
        let mut tips: Vec<EntryRow> = Vec::new();
        let mut left_out: usize = 0;
        let mut candidates = self.list_candidates(author, own.as_ref(), cite_until_ms)?;
        for id in besides {
            if let Some(row) = self.rows.entry(id)?
                && row.facts.author != *author
                && !self.is_seen(&row, own.as_ref())?
            {
                candidates.push(row);
            }
        }
        // An ancestor is always lower, so the higher ones come first.
        candidates.sort_by(|one, other| {
            (other.facts.height, other.facts.author, other.facts.id).cmp(&(
                one.facts.height,
                one.facts.author,
                one.facts.id,
            ))
        });
        candidates.dedup_by_key(|row| row.facts.id);
        for candidate in candidates {
            let mut covered = false;
            for tip in &tips {
                covered = covered || self.rows.is_ancestor(&candidate, tip)?;
            }
            if !covered && tips.len() < SEEN_MAX {
                tips.push(candidate);
            } else if !covered {
                left_out = left_out.saturating_add(1);
            }
        }
        let parents_height = tips.iter().chain(&own).map(|row| row.facts.height).max().unwrap_or(0);
        let mut seen: Vec<EntryId> = tips.iter().map(|tip| tip.facts.id).collect();
        seen.sort_unstable();
        Ok(SigningPlace {
            seq: own.map_or(0, |row| row.facts.seq.saturating_add(1)),
            prev: own.map_or(Prev::Ledger(self.ledger), |row| Prev::Entry(row.facts.id)),
            seen,
            height: parents_height.saturating_add(1),
            claimed_at_least_ms: own.map_or(0, |row| row.facts.claimed_at_ms),
            head: own.map(|row| row.facts.id),
            left_out,
            end: self.find_end(author),
        })
    }

    /// Whether there are entries, other than acknowledgements, that the next entry of `author`
    /// would be the first of its feed to cite.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn has_unacknowledged(
        &self,
        author: &PublicKey,
        cite_until_ms: u64,
    ) -> Result<bool, StoreError> {
        let own = self.find_own_head(author)?;
        for candidate in self.list_candidates(author, own.as_ref(), cite_until_ms)? {
            let known = match &own {
                Some(own) => self.rows.seen_of(candidate.lane, own.lane, own.facts.seq)?,
                None => None,
            };
            let from = known.map_or(0, |seq| seq.saturating_add(1));
            if self.has_event(&candidate.facts.author, from, candidate.facts.seq)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a feed has anything but acknowledgements from one seq to another.
    fn has_event(&self, author: &PublicKey, from: u64, to: u64) -> Result<bool, StoreError> {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has acknowledged less than the one who asked before asks for all of it.
        let before = looked_at.get(author).copied().filter(|before| before.begin <= from);
        let before = before.unwrap_or(LookedAt { begin: from, end: from, event: None });
        if before.event.is_some_and(|event| event > to) {
            // Beyond what may be cited, or beyond a fork that came to light since.
            return Ok(self.find_events(author, from, to)?.is_some());
        }
        let event = self.find_events(author, before.end, to)?.or(before.event);
        let end = before.end.max(to.saturating_add(1));
        looked_at.insert(*author, LookedAt { end, event, ..before });
        Ok(event.is_some_and(|event| event >= from))
    }

    /// The last entry of a feed, from one seq to another, that is no acknowledgement.
    fn find_events(
        &self,
        author: &PublicKey,
        from: u64,
        to: u64,
    ) -> Result<Option<u64>, StoreError> {
        let mut last = None;
        for seq in from..=to {
            for id in self.rows.slot_entries(author, seq)? {
                let row = self.rows.entry(&id)?;
                if row
                    .is_some_and(|row| row.facts.kind != Kind::Acknowledge && row.facts.height > 0)
                {
                    last = Some(seq);
                }
            }
        }
        Ok(last)
    }

    fn find_own_head(&self, author: &PublicKey) -> Result<Option<EntryRow>, StoreError> {
        match self.frontier.feeds.get(author).and_then(|feed| feed.head) {
            Some((_, id)) => self.rows.entry(&id),
            None => Ok(None),
        }
    }

    /// The newest citable entry of each other feed that the author has not seen, highest first.
    fn list_candidates(
        &self,
        author: &PublicKey,
        own: Option<&EntryRow>,
        cite_until_ms: u64,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let mut candidates = Vec::new();
        for (key, feed) in &self.frontier.feeds {
            let Some((_, head)) = feed.head.filter(|_| key != author) else {
                continue;
            };
            let head = self.rows.entry(&head)?;
            let Some(tip) = self.find_citable(head, cite_until_ms)? else {
                continue;
            };
            if !self.is_seen(&tip, own)? {
                candidates.push(tip);
            }
        }
        // A decision stands even where the key that it passed at ended before it, and nobody can act
        // on it without citing it.
        for id in &self.frontier.decisions {
            if let Some(row) = self.rows.entry(id)?
                && row.facts.author != *author
                && row.facts.effective_at_ms <= cite_until_ms
                && !self.is_seen(&row, own)?
            {
                candidates.push(row);
            }
        }
        Ok(candidates)
    }

    fn is_seen(&self, row: &EntryRow, own: Option<&EntryRow>) -> Result<bool, StoreError> {
        match own {
            Some(own) => self.rows.is_ancestor(row, own),
            // The charter is every feed's predecessor already.
            None => Ok(row.facts.height == 0),
        }
    }

    /// The last entry at or before `head` in its feed that is effective by then. Effective time
    /// never decreases within a feed, so halving finds it.
    fn find_citable(
        &self,
        head: Option<EntryRow>,
        cite_until_ms: u64,
    ) -> Result<Option<EntryRow>, StoreError> {
        let Some(head) = head else {
            return Ok(None);
        };
        if head.facts.effective_at_ms <= cite_until_ms {
            return Ok(Some(head));
        }
        let (mut low, mut high) = (0, head.facts.seq);
        let mut found = None;
        while low < high {
            let middle = low.midpoint(high);
            let row = match self.rows.slot_entries(&head.facts.author, middle)?.first() {
                Some(id) => self.rows.entry(id)?,
                None => None,
            };
            match row {
                Some(row) if row.facts.effective_at_ms <= cite_until_ms => {
                    found = Some(row);
                    low = middle.saturating_add(1);
                }
                Some(_) | None => high = middle,
            }
        }
        Ok(found)
    }
}
