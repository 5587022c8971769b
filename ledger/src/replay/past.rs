// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which effects an entry has among its ancestors, and what holds there. Most entries have seen the
//! same, so each set is kept once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::governance::{Authority, Effect};

/// Names a set of effects that entries have seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Past(usize);

/// What holds after a set of effects.
#[derive(Clone, Debug)]
struct Known {
    effects: BTreeSet<usize>,
    authority: Arc<Authority>,
}

/// Every set of effects that some entry has seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Pasts {
    effects: BTreeMap<usize, Effect>,
    sets: Vec<Known>,
    by_set: BTreeMap<BTreeSet<usize>, Past>,
    unions: BTreeMap<(Past, Past), Past>,
}

impl Pasts {
    /// Begins with what the charter lays down.
    pub(super) fn found(&mut self, charter: Authority) {
        if self.sets.is_empty() {
            let known = Known { effects: BTreeSet::new(), authority: Arc::new(charter) };
            self.by_set.insert(BTreeSet::new(), Past(0));
            self.sets.push(known);
        }
    }

    /// What was seen through two parents.
    pub(super) fn join(&mut self, one: Past, other: Past) -> Past {
        if one == other {
            return one;
        }
        let pair = (one.min(other), one.max(other));
        if let Some(known) = self.unions.get(&pair) {
            return *known;
        }
        let union = self.effects_of(one).union(self.effects_of(other)).copied().collect();
        let past = self.intern(union);
        self.unions.insert(pair, past);
        past
    }

    /// What an entry shows to those that see it, where something took effect at it.
    pub(super) fn extend(&mut self, past: Past, entry: usize, effect: Effect) -> Past {
        self.effects.insert(entry, effect);
        let mut set = self.effects_of(past).clone();
        set.insert(entry);
        self.intern(set)
    }

    /// What holds where a past has been seen.
    pub(super) fn authority(&self, past: Past) -> Option<&Arc<Authority>> {
        self.sets.get(past.0).map(|known| &known.authority)
    }

    /// What holds after a set of effects.
    pub(super) fn authority_of(&self, set: &BTreeSet<usize>) -> Option<Arc<Authority>> {
        match self.by_set.get(set) {
            Some(past) => self.authority(*past).map(Arc::clone),
            None => self.compute(set).map(Arc::new),
        }
    }

    fn effects_of(&self, past: Past) -> &BTreeSet<usize> {
        const NONE: &BTreeSet<usize> = &BTreeSet::new();
        self.sets.get(past.0).map_or(NONE, |known| &known.effects)
    }

    fn intern(&mut self, set: BTreeSet<usize>) -> Past {
        if let Some(known) = self.by_set.get(&set) {
            return *known;
        }
        let Some(authority) = self.compute(&set) else {
            return Past(0);
        };
        let past = Past(self.sets.len());
        self.sets.push(Known { effects: set.clone(), authority: Arc::new(authority) });
        self.by_set.insert(set, past);
        past
    }

    fn compute(&self, set: &BTreeSet<usize>) -> Option<Authority> {
        let charter = self.sets.first()?;
        let effects: Vec<&Effect> =
            set.iter().filter_map(|number| self.effects.get(number)).collect();
        Some((*charter.authority).clone().after(&effects))
    }
}
