// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Witnessed time: since when, by the ledger's own evidence, somebody else held an entry.
//!
//! The witnessed time of an entry is the least effective time of an entry by another *member* that
//! has it among its ancestors. The charter is witnessed from its own effective time on: nobody has
//! the ledger without it. Entries come in with their ancestors before them, in any order of
//! time; a late one may lower what earlier ones had set.

use std::collections::BTreeSet;

/// What the walk needs to know of entries, by number.
pub(crate) trait Ancestry {
    /// Whose the entry is.
    fn member(&self, entry: usize) -> u32;
    /// Its effective time, Unix milliseconds.
    fn effective_at_ms(&self, entry: usize) -> u64;
    /// Its parents.
    fn parents(&self, entry: usize) -> &[usize];
}

/// Witnessed times of the entries that have come in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witnesses {
    earliest_ms: Vec<Option<u64>>,
}

impl Witnesses {
    /// Since when another member holds the entry, Unix milliseconds.
    pub(crate) fn earliest_ms(&self, entry: usize) -> Option<u64> {
        self.earliest_ms.get(entry).copied().flatten()
    }

    /// Takes an entry in, whose ancestors have all come in before. Notes whose witnessed time fell.
    ///
    /// The walk back stops
    /// - at an entry of the witness's own member: it has shown what lies behind it already, not
    ///   later, since effective time never falls from parent to child;
    /// - at an entry that was witnessed no later than now, by W say: what lies behind it was
    ///   witnessed by W too, or, where it is W's member's own, by the entry itself, which is older.
    ///
    /// So each entry is passed once per time that its witnessed time falls.
    pub(crate) fn take_in<A: Ancestry>(
        &mut self,
        ancestry: &A,
        entry: usize,
        fallen: &mut BTreeSet<usize>,
    ) {
        let (member, at_ms) = (ancestry.member(entry), ancestry.effective_at_ms(entry));
        let mut pending = ancestry.parents(entry).to_vec();
        if pending.is_empty() {
            self.set(entry, at_ms, fallen);
        }
        while let Some(ancestor) = pending.pop() {
            let known = self.earliest_ms(ancestor);
            if ancestry.member(ancestor) == member || known.is_some_and(|known| known <= at_ms) {
                continue;
            }
            self.set(ancestor, at_ms, fallen);
            pending.extend_from_slice(ancestry.parents(ancestor));
        }
    }

    fn set(&mut self, entry: usize, at_ms: u64, fallen: &mut BTreeSet<usize>) {
        if self.earliest_ms.len() <= entry {
            self.earliest_ms.resize(entry.saturating_add(1), None);
        }
        if let Some(earliest) = self.earliest_ms.get_mut(entry) {
            *earliest = Some(at_ms);
            fallen.insert(entry);
        }
    }
}

#[cfg(test)]
mod tests;
