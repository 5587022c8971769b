// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which entries beyond their key's end are kept all the same: what somebody cites, and what decides.
//!
//! A fork or a revocation ends a key. What it wrote afterwards belongs to the ledger only as an
//! ancestor of an entry that has a place of its own, or where a decision passed or a key retired at
//! it: what passed stands. So no number of branches fills a disk, and nothing that counts is lost.

use std::collections::{BTreeMap, BTreeSet};

use super::Replica;
use super::ingest::{Batch, BatchPart, Ingested, Outcome};
use crate::chain::{Admission, FeedEnd, Link, link};
use crate::entry::{Kind, VerifiedEntry};
use crate::id::EntryId;
use crate::index::{HeldIn, Index as _};
use crate::store::StoreError;

/// Why an entry is kept although it stands beyond its key's end.
pub(super) enum Need {
    /// It is not beyond, or for no reason.
    None,
    /// An entry that waits and has a place of its own has it as ancestor.
    Cited,
    /// It may decide something, or be an ancestor of entries that wait and may: all of these.
    Decides(BTreeSet<EntryId>),
}

/// What came of placing an entry for the sake of those that may decide.
pub(super) enum Tried {
    /// It is kept, since one of them decides, or it is not.
    Settled(Outcome),
    /// Until these come, nobody can tell.
    Misses(Vec<EntryId>),
}

/// Entries that wait for one another, with the one that has come.
struct Together {
    /// By height: every parent before its child.
    entries: BTreeMap<(u64, EntryId), VerifiedEntry>,
    /// Of those that cannot be placed yet: something that they, or an ancestor among them, lack.
    lacks: BTreeMap<EntryId, EntryId>,
}

impl Together {
    /// Those of these entries, and their ancestors among all.
    fn list_up_to(&self, last: &BTreeSet<EntryId>) -> BTreeSet<EntryId> {
        let mut wanted = last.clone();
        let mut needed = BTreeSet::new();
        for ((_, id), entry) in self.entries.iter().rev() {
            if wanted.contains(id) {
                needed.insert(*id);
                wanted.extend(entry.header().parents());
            }
        }
        needed
    }
}

impl Replica {
    /// Whether an entry beyond its key's end belongs to the ledger all the same. What brings it in is
    /// by a granted key and below that key's end: neither a stranger nor the ended key itself, nor
    /// another ended one. Or it may decide.
    ///
    /// What is found is remembered with what waits, so that a long branch is walked once.
    pub(super) fn find_need(
        &mut self,
        batch: &mut Batch<'_>,
        entry: &VerifiedEntry,
    ) -> Result<Need, StoreError> {
        if std::mem::take(&mut batch.fork_is_news) {
            // Who needed something may lie beyond a fork itself now.
            self.held_back.forget_needed();
        }
        let may_decide = self.law.may_decide(entry);
        let has_children = self.held_back.children(&entry.id()).next().is_some();
        if !(may_decide || has_children) || !batch.is_beyond_end(entry, &self.law.cut_offs)? {
            return Ok(Need::None);
        }
        if batch.staged.entry(&entry.id())?.is_some() {
            return Ok(Need::None);
        }
        let (key, seq) = (entry.header().author, entry.header().seq);
        let mut reached_from = BTreeMap::new();
        let mut open = vec![entry.id()];
        let mut cited = None;
        let mut deciders: BTreeSet<EntryId> =
            may_decide.then_some(entry.id()).into_iter().collect();
        while let Some(parent) = open.pop().filter(|_| cited.is_none()) {
            for child in self.held_back.children(&parent) {
                let header = child.header();
                // It may wait for what only goes before the same decision.
                let is_parent = header.parents().any(|it| it == parent);
                if !is_parent
                    || reached_from.contains_key(&child.id())
                    || self.law.grants.find(&header.author).is_none()
                {
                    continue;
                }
                reached_from.insert(child.id(), parent);
                // What follows the entry in its own feed is on its branch.
                let on_branch = header.author == key && header.seq >= seq;
                if self.held_back.is_needed(&child.id())
                    || !(on_branch || batch.is_beyond_end(child, &self.law.cut_offs)?)
                {
                    cited = Some(parent);
                    break;
                }
                if self.law.may_decide(child) {
                    deciders.insert(child.id());
                }
                open.push(child.id());
            }
        }
        if cited.is_none() {
            return Ok(if deciders.is_empty() { Need::None } else { Need::Decides(deciders) });
        }
        let mut step = cited;
        while let Some(id) = step {
            self.held_back.set_needed(id);
            step = reached_from.get(&id).copied();
        }
        Ok(Need::Cited)
    }

    /// Places an entry for the sake of those that may decide and have it as ancestor, with all that
    /// waits below them. What leads to one that decides is kept; the rest goes on waiting where an
    /// ancestor is still to come, and is let go where none is.
    pub(super) fn try_to_decide(
        &mut self,
        batch: &mut Batch<'_>,
        entry: &VerifiedEntry,
        deciders: &BTreeSet<EntryId>,
        ingested: &mut Ingested,
    ) -> Result<Tried, StoreError> {
        let together = self.gather(batch, entry, deciders)?;
        let (waiting, ready): (BTreeSet<EntryId>, BTreeSet<EntryId>) =
            deciders.iter().partition(|id| together.lacks.contains_key(*id));
        let mark = self.law.governance.mark();
        // All at once: to look at one after another would take the square of their number.
        self.place_up_to(batch, &together, &ready, &mut Ingested::default())?;
        let decisive = self.law.governance.list_decisive();
        let decisive: BTreeSet<EntryId> = ready.intersection(&decisive).copied().collect();
        self.law.governance.take_back(mark);
        if !decisive.is_empty() {
            let (part, arrivals) = self.place_up_to(batch, &together, &decisive, ingested)?;
            batch.absorb(part);
            let besides = arrivals.keys().copied().filter(|id| *id != entry.id());
            ingested.released.extend(besides.clone());
            batch.arrived.extend(besides);
            if let Some(arrival) = arrivals.get(&entry.id()).copied() {
                return Ok(Tried::Settled(Outcome::Stored { arrival }));
            }
        }
        let still_waiting = together.list_up_to(&waiting);
        for (_, id) in together.entries.keys() {
            if !still_waiting.contains(id) {
                self.held_back.forget(id);
            }
        }
        if let Some(lacking) = waiting.first().and_then(|id| together.lacks.get(id)) {
            let mut missing = BTreeSet::from([*lacking]);
            for parent in entry.header().parents() {
                if batch.staged.entry(&parent)?.is_none() {
                    missing.insert(parent);
                }
            }
            return Ok(Tried::Misses(missing.into_iter().collect()));
        }
        let end = batch.end_of(&entry.header().author, &self.law.cut_offs)?;
        let end = end.unwrap_or(FeedEnd::CutOff(entry.header().seq));
        self.offer_as_evidence(batch, entry, end, ingested).map(Tried::Settled)
    }

    /// Some entries that wait or have just come, with all that waits below them.
    fn gather(
        &self,
        batch: &Batch<'_>,
        come: &VerifiedEntry,
        last: &BTreeSet<EntryId>,
    ) -> Result<Together, StoreError> {
        let mut together = Together { entries: BTreeMap::new(), lacks: BTreeMap::new() };
        let mut open: Vec<EntryId> = last.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = open.pop() {
            let entry = if id == come.id() { Some(come) } else { self.held_back.find(&id) };
            let Some(entry) = entry.filter(|_| found.insert(id)) else {
                continue;
            };
            let header = entry.header();
            if header.kind == Kind::Governance && entry.payload().is_none() {
                together.lacks.insert(id, id);
            }
            for parent in header.parents() {
                if batch.staged.entry(&parent)?.is_some() {
                    continue;
                }
                if parent != come.id() && self.held_back.find(&parent).is_none() {
                    together.lacks.insert(id, parent);
                }
                open.push(parent);
            }
            together.entries.insert((header.height, id), entry.clone());
        }
        for ((_, id), entry) in &together.entries {
            let lacking = entry.header().parents().find_map(|it| together.lacks.get(&it).copied());
            if let Some(lacking) = lacking {
                together.lacks.entry(*id).or_insert(lacking);
            }
        }
        Ok(together)
    }

    /// Places these, and what is below them, in a part of a batch; says which have their place.
    fn place_up_to(
        &mut self,
        batch: &Batch<'_>,
        together: &Together,
        last: &BTreeSet<EntryId>,
        ingested: &mut Ingested,
    ) -> Result<(BatchPart, BTreeMap<EntryId, u64>), StoreError> {
        let needed = together.list_up_to(last);
        let mut part = Batch::within(batch);
        let mut arrivals = BTreeMap::new();
        for ((_, id), entry) in &together.entries {
            if !needed.contains(id) || self.law.lets_in(&part.staged, entry)?.is_err() {
                continue;
            }
            let held = HeldIn(&part.staged, &self.law.cut_offs);
            // What has no place leaves none to what follows it.
            if let Ok(Link::Linked(linked)) =
                link(entry.clone(), &held, &self.law.grants, Admission::Cited)?
            {
                arrivals.insert(*id, self.keep(&mut part, &linked, ingested)?);
            }
        }
        Ok((part.into_part(), arrivals))
    }

    /// An entry that is not kept may still prove a fork.
    fn offer_as_evidence(
        &mut self,
        batch: &mut Batch<'_>,
        entry: &VerifiedEntry,
        end: FeedEnd,
        ingested: &mut Ingested,
    ) -> Result<Outcome, StoreError> {
        let (key, seq) = (entry.header().author, entry.header().seq);
        let mut rivals = batch.staged.slot_entries(&key, seq)?;
        rivals.retain(|id| *id != entry.id());
        if rivals.is_empty() {
            return Ok(Outcome::NotNeeded { end });
        }
        if self.prove_forks(batch, entry, &rivals)? {
            ingested.forked.insert(key);
        }
        Ok(Outcome::Fork { key, seq })
    }
}
