// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where two branches of a key part, found by halving.
//!
//! The side that holds another entry than the other's head in that head's slot offers single entries
//! of its own branch. Whether the other side held each, its Stored says. At the first slot that they
//! do not share, the other side holds both entries of a slot with one predecessor: the fork proof.

use std::collections::BTreeSet;

/// What the other side said about an entry offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It holds the entry.
    Held,
    /// It holds another one in the slot, with the same predecessor.
    Forked,
    /// It lacks the entry's predecessor, or refused the entry.
    NotHeld,
}

/// A search in one feed: the branches part in a slot from `low` to `high`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    low: u64,
    high: u64,
    offered: BTreeSet<u64>,
}

impl Search {
    /// A search where the other side holds another entry at `high`.
    pub(super) const fn below(high: u64) -> Self {
        Self { low: 0, high, offered: BTreeSet::new() }
    }

    /// The slot to offer next; none when there is nothing more to find out.
    pub(super) fn next_slot(&self) -> Option<u64> {
        let slot = self.low.midpoint(self.high);
        (self.low <= self.high && !self.offered.contains(&slot)).then_some(slot)
    }

    /// Takes an answer in; says whether the search goes on.
    pub(super) fn take_answer(&mut self, slot: u64, answer: Answer) -> bool {
        self.offered.insert(slot);
        match answer {
            Answer::Forked => return false,
            Answer::Held => self.low = self.low.max(slot.saturating_add(1)),
            Answer::NotHeld => self.high = self.high.min(slot),
        }
        self.next_slot().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_slot_not_shared_is_found_in_logarithmic_steps() {
        for high in [0, 1, 2, 3, 10, 1_000, 5_000] {
            for first in [0, high / 3, high / 2, high] {
                let mut search = Search::below(high);
                let mut steps = 0;
                let found = loop {
                    let slot = search.next_slot().expect("a search ends with an answer");
                    steps += 1;
                    let answer = match slot.cmp(&first) {
                        std::cmp::Ordering::Less => Answer::Held,
                        std::cmp::Ordering::Equal => Answer::Forked,
                        std::cmp::Ordering::Greater => Answer::NotHeld,
                    };
                    if !search.take_answer(slot, answer) {
                        break slot;
                    }
                };
                assert_eq!(found, first);
                assert!(steps <= 14, "{steps} steps for {high}");
            }
        }
    }

    #[test]
    fn a_peer_that_contradicts_itself_ends_the_search() {
        for lie in [Answer::Held, Answer::NotHeld] {
            let mut search = Search::below(u64::MAX);
            let mut steps = 0;
            while let Some(slot) = search.next_slot() {
                steps += 1;
                if !search.take_answer(slot, lie) {
                    break;
                }
            }
            assert!(steps <= 65, "{steps} steps");
        }
    }
}
