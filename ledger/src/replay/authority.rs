// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Pass one: governance. Which plan, members, keys and rules are in force for the second pass, at the
//! end of the view and at each of its entries.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use super::history::{History, Record};
use super::ledger_at::LedgerAt;
use crate::governance;
use crate::id::EntryId;

/// Who may do what, for the entries of one view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    charter_number: usize,
    in_force: Arc<governance::Authority>,
    /// Entries at which a decision passed or a key ended: they stand wherever they are.
    decisive: BTreeSet<EntryId>,
    /// Entries at and beyond a fork that count all the same, as the council settled it.
    restored: BTreeSet<usize>,
}

impl Authority {
    /// Replays governance, given the entries of a view. None where the charter is not among them.
    pub(super) fn derive(
        history: &History,
        at: &LedgerAt,
        entries: impl IntoIterator<Item = usize>,
    ) -> Option<Self> {
        let mut charter_number = None;
        let mut effects = BTreeSet::new();
        for entry in entries {
            let record = history.record(entry);
            if record.facts.height == 0 {
                charter_number = Some(entry);
            }
            if record.effect.is_some() {
                effects.insert(entry);
            }
        }
        let charter_number = charter_number?;
        let in_force = history.authority_of(&effects)?;
        let decisive = in_force.list_decisive();
        // A view has today's forks, and so today's way of settling them: a day on which the branch was
        // thought whole is not struck because the council had to save it later.
        let in_ledger = at.in_order().filter(|entry| history.record(*entry).effect.is_some());
        let today = history.authority_of(&in_ledger.collect())?;
        let restored = list_restored(history, at, &today);
        Some(Self { charter_number, in_force, decisive, restored })
    }

    /// The number of the charter's entry.
    pub(super) const fn charter_number(&self) -> usize {
        self.charter_number
    }

    /// Whether a decision passed or a key ended at an entry.
    pub(super) fn is_decisive(&self, id: &EntryId) -> bool {
        self.decisive.contains(id)
    }

    /// Whether an entry beyond a fork counts, as the council settled it.
    pub(super) fn is_restored(&self, entry: usize) -> bool {
        self.restored.contains(&entry)
    }

    /// What ended an entry's key before the entry.
    pub(super) fn ended_by(&self, record: &Record) -> Option<EntryId> {
        let cut_off = self.in_force.cut_off(&record.facts.author)?;
        (record.facts.seq >= cut_off.end()).then_some(cut_off.by)
    }
}

/// What holds at the end of the view.
impl Deref for Authority {
    type Target = governance::Authority;

    fn deref(&self) -> &governance::Authority {
        &self.in_force
    }
}

/// From the last entry that a resolution honours back to the fork.
fn list_restored(
    history: &History,
    at: &LedgerAt,
    today: &governance::Authority,
) -> BTreeSet<usize> {
    let mut restored = BTreeSet::new();
    for (key, resolution) in today.resolutions() {
        let forked = at.frontier().feeds.get(key).and_then(|feed| feed.forked_seq);
        let (Some(forked), Some(honoured)) = (forked, resolution.honoured) else {
            continue;
        };
        let mut next = history.find(&honoured.id);
        while let Some(entry) = next {
            let record = history.record(entry);
            if record.facts.author != *key || record.facts.seq < forked {
                break;
            }
            restored.insert(entry);
            next = record.parents.first().copied();
        }
    }
    restored
}
