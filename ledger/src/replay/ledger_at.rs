// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The ledger at a frontier: the entries that the frontier names and their ancestors, in order, with
//! their witnessed times. Nothing else that is held has a part in it.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Record};
use crate::frontier::Frontier;
use crate::order::{Moment, Place, Witnesses};

/// The ledger at a frontier.
#[derive(Clone, Debug, Default)]
pub(super) struct LedgerAt {
    frontier: Frontier,
    included: Vec<bool>,
    order: BTreeMap<Place, usize>,
    witnesses: Witnesses,
}

/// What a step from one frontier to a later one brought.
#[derive(Debug, Default)]
pub(super) struct Advance {
    /// Entries that belong to the ledger now, parents before their children.
    pub(super) added: Vec<usize>,
    /// Entries whose witnessed time fell.
    pub(super) fallen: BTreeSet<usize>,
}

impl LedgerAt {
    /// The ledger at a frontier whose every tip is held.
    pub(super) fn new(history: &History, frontier: &Frontier) -> Self {
        let mut at = Self::default();
        at.advance(history, frontier);
        at
    }

    /// The frontier.
    pub(super) const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Every entry, in the ledger's order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.values().copied()
    }

    /// Since when another member holds the entry.
    pub(super) fn witnessed_at(&self, entry: usize) -> Option<Moment> {
        self.witnesses.earliest_ms(entry).map(Moment::from_ms)
    }

    /// Whether its key forked at or before the entry.
    pub(super) fn is_forked(&self, record: &Record) -> bool {
        let feed = self.frontier.feeds.get(&record.facts.author);
        feed.and_then(|feed| feed.forked_seq).is_some_and(|forked| record.facts.seq >= forked)
    }

    /// Whether the ledger at `next` has everything that this one has, so that it can grow into it.
    /// It shrinks where a fork comes to light: what nobody cites falls away.
    pub(super) fn grows_into(&self, next: &Frontier) -> bool {
        let feeds_grow = self.frontier.feeds.iter().all(|(key, old)| {
            next.feeds.get(key).is_some_and(|new| {
                let (old_seq, new_seq) =
                    (old.head.map(|(seq, _)| seq), new.head.map(|(seq, _)| seq));
                old.forked_seq == new.forked_seq && old_seq <= new_seq
            })
        });
        // A key whose feed ended before its first entry is not listed, although others may cite what
        // it wrote; once it is known to have forked, that is listed, and judged otherwise.
        let forks_are_known = next
            .feeds
            .iter()
            .all(|(key, new)| new.forked_seq.is_none() || self.frontier.feeds.contains_key(key));
        feeds_grow && forks_are_known && self.frontier.decisions.is_subset(&next.decisions)
    }

    /// Goes on to a frontier that this one [grows into](Self::grows_into).
    pub(super) fn advance(&mut self, history: &History, frontier: &Frontier) -> Advance {
        let mut advance = Advance::default();
        self.included.resize(history.len(), false);
        let mut pending: Vec<usize> =
            frontier.tips().filter_map(|tip| history.find(&tip)).collect();
        while let Some(entry) = pending.pop() {
            if let Some(included) = self.included.get_mut(entry).filter(|included| !**included) {
                *included = true;
                advance.added.push(entry);
                pending.extend_from_slice(&history.record(entry).parents);
            }
        }
        // Parents first, since they are lower and never later; and the earliest witness first, so
        // that few witnessed times are set twice.
        advance.added.sort_by_cached_key(|entry| {
            let facts = &history.record(*entry).facts;
            (facts.effective_at_ms, Place::of(facts))
        });
        for entry in &advance.added {
            self.order.insert(history.record(*entry).place(), *entry);
            self.witnesses.take_in(history, *entry, &mut advance.fallen);
        }
        self.frontier.clone_from(frontier);
        advance
    }
}
