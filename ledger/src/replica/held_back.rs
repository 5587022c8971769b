// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries that wait for a parent, within a bound per origin.
//!
//! They are verified but not stored: after a restart peers send them again. Each stands on its own
//! memory, so that a small entry does not keep alive the large message that it came in.
//!
//! Where an origin has no room left, the lowest entries stay: what is lower is what the higher ones
//! wait for. Otherwise those that wait would keep out the very entry that would release them.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::VerifiedEntry;
use crate::id::{EntryId, PublicKey};
use crate::limits::{
    HELD_BACK_BYTES_MAX, HELD_BACK_ENTRIES_MAX, HELD_BACK_OF_STRANGERS_BYTES_MAX,
    HELD_BACK_OF_STRANGERS_MAX,
};

/// Bytes that keeping track of one missing parent costs, about: two nodes of a tree.
const MISSING_PARENT_BYTES: usize = 512;

/// Who brought an entry: bounds are kept for each apart, so that one peer cannot use up another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// This machine: a command, a file.
    Local,
    /// A peer, by the number of its connection.
    Peer(u64),
}

/// An origin has as much waiting as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "at most {HELD_BACK_ENTRIES_MAX} entries or {HELD_BACK_BYTES_MAX} bytes wait for a parent, of keys without a grant {HELD_BACK_OF_STRANGERS_MAX}, found {entries} entries and {bytes} bytes waiting"
)]
pub struct HeldBackFull {
    /// Entries waiting.
    pub entries: usize,
    /// Bytes waiting.
    pub bytes: usize,
}

/// Whether an entry that is to wait is by a key that is granted as far as this replica knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Granted,
    /// Anybody can make keys: their entries get a small share of the room.
    Stranger,
}

/// Everybody who brought an entry: it waits until the last of them is gone.
pub(super) type Origins = BTreeSet<Origin>;

/// An entry that had waited, and what it waited for last.
#[derive(Debug)]
pub(super) struct Released {
    pub(super) entry: VerifiedEntry,
    pub(super) origins: Origins,
    pub(super) waited_for: EntryId,
}

#[derive(Debug)]
struct Waiting {
    entry: VerifiedEntry,
    missing: BTreeSet<EntryId>,
    origins: Origins,
    author: Author,
    /// What it counts for, with each origin.
    bytes: usize,
}

impl Waiting {
    /// Its parents that are not held.
    fn list_missing_parents(&self) -> Vec<EntryId> {
        let parents = self.entry.header().parents();
        parents.filter(|parent| self.missing.contains(parent)).collect()
    }

    /// Whether it is whole and its parents are held: it waits for what others lack.
    fn is_undecided(&self) -> bool {
        !self.missing.contains(&self.entry.id()) && self.list_missing_parents().is_empty()
    }
}

/// Entries that wait, by id and by what they wait for.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    waiting: BTreeMap<EntryId, Waiting>,
    children: BTreeMap<EntryId, BTreeSet<EntryId>>,
    slots: BTreeMap<(PublicKey, u64), BTreeSet<EntryId>>,
    used: BTreeMap<Origin, (usize, usize)>,
    /// What of that is by strangers.
    used_by_strangers: BTreeMap<Origin, (usize, usize)>,
    /// What each origin has waiting, by height.
    by_height: BTreeMap<Origin, BTreeSet<(u64, EntryId)>>,
    /// Of those that wait, entries beyond a fork that an entry with a place of its own has as
    /// ancestors. A hint: one that is not here is looked for.
    needed: BTreeSet<EntryId>,
    /// Entries that have one below them that waits although its parents are held, until it can be seen
    /// whether it decides. A hint too.
    over_undecided: BTreeSet<EntryId>,
}

impl HeldBack {
    /// Keeps an entry until what it misses has come. Of a copy with payload and one without, the
    /// one with it is kept.
    pub(super) fn hold(
        &mut self,
        entry: VerifiedEntry,
        missing: &[EntryId],
        origins: &Origins,
        author: Author,
    ) -> Result<(), HeldBackFull> {
        let id = entry.id();
        let before = self.waiting.get(&id);
        let is_better = before
            .is_none_or(|waiting| waiting.entry.payload().is_none() && entry.payload().is_some());
        let bytes = match before {
            Some(waiting) if !is_better => waiting.bytes,
            Some(_) | None => waiting_bytes(&entry, missing.len()),
        };
        if author == Author::Granted {
            self.make_room(&entry, origins, bytes);
        }
        let roomy = self.with_room(&id, origins, (bytes, author));
        if roomy.is_empty() {
            let used = origins.first().and_then(|origin| self.used.get(origin));
            let (entries, bytes) = used.copied().unwrap_or_default();
            return Err(HeldBackFull { entries, bytes });
        }
        let Some(before) = self.take(&id) else {
            let (missing, origins) = (missing.iter().copied().collect(), roomy);
            self.insert(Waiting { entry: entry.detached(), missing, origins, author, bytes });
            return Ok(());
        };
        // Who has no room for the whole entry has it no longer; that is nobody else's loss.
        let mut origins = self.with_room(&id, &before.origins, (bytes, author));
        origins.extend(roomy);
        let entry = if is_better { entry.detached() } else { before.entry };
        let missing = missing.iter().copied().collect();
        self.insert(Waiting { entry, missing, origins, author, bytes });
        Ok(())
    }

    /// Keeps what was released too early: the write that was to bring its parent in failed.
    pub(super) fn restore(&mut self, released: Released) {
        let Released { entry, origins, waited_for } = released;
        if !self.waiting.contains_key(&entry.id()) {
            let (missing, bytes) = (BTreeSet::from([waited_for]), waiting_bytes(&entry, 1));
            // The disk alone keeps it waiting, whoever wrote it.
            self.insert(Waiting { entry, missing, origins, author: Author::Granted, bytes });
        }
    }

    /// Takes out the entries that waited for this one alone.
    pub(super) fn release(&mut self, arrived: &EntryId) -> Vec<Released> {
        self.take(arrived);
        let mut ready = Vec::new();
        for child in self.children.remove(arrived).unwrap_or_default() {
            let Some(waiting) = self.waiting.get_mut(&child) else {
                continue;
            };
            waiting.missing.remove(arrived);
            if waiting.missing.is_empty()
                && let Some(waiting) = self.take(&child)
            {
                ready.push(Released {
                    entry: waiting.entry,
                    origins: waiting.origins,
                    waited_for: *arrived,
                });
            }
        }
        ready
    }

    /// An entry that waits.
    pub(super) fn find(&self, id: &EntryId) -> Option<&VerifiedEntry> {
        self.waiting.get(id).map(|waiting| &waiting.entry)
    }

    /// Drops an entry that waits for nothing worth waiting for.
    pub(super) fn forget(&mut self, id: &EntryId) {
        self.take(id);
    }

    /// Entries that wait for this one.
    pub(super) fn children(&self, id: &EntryId) -> impl Iterator<Item = &VerifiedEntry> {
        self.children
            .get(id)
            .into_iter()
            .flatten()
            .filter(move |child| *child != id)
            .filter_map(|child| self.waiting.get(child).map(|waiting| &waiting.entry))
    }

    /// Entries that wait to come into this slot.
    pub(super) fn in_slot(
        &self,
        key: &PublicKey,
        seq: u64,
    ) -> impl Iterator<Item = &VerifiedEntry> {
        let ids = self.slots.get(&(*key, seq)).into_iter().flatten();
        ids.filter_map(|id| self.waiting.get(id).map(|waiting| &waiting.entry))
    }

    /// Remembers that an entry that waits is needed, beyond its key's fork too.
    pub(super) fn set_needed(&mut self, id: EntryId) {
        if self.waiting.contains_key(&id) {
            self.needed.insert(id);
        }
    }

    /// Forgets what was remembered so.
    pub(super) fn forget_needed(&mut self) {
        self.needed.clear();
    }

    /// Whether an entry that waits is known to be needed.
    pub(super) fn is_needed(&self, id: &EntryId) -> bool {
        self.needed.contains(id)
    }

    /// Takes out what waits below an entry, through entries that wait, although its parents are held.
    pub(super) fn take_undecided_below(&mut self, id: &EntryId) -> Vec<Released> {
        let mut ready = Vec::new();
        let mut open = vec![*id];
        while let Some(next) = open.pop() {
            // Each is looked at once: what is found is placed, and where nothing is the hint is wrong.
            if !self.over_undecided.remove(&next) {
                continue;
            }
            let parents = self.waiting.get(&next).map(Waiting::list_missing_parents);
            for parent in parents.unwrap_or_default() {
                let is_undecided = self.waiting.get(&parent).is_some_and(Waiting::is_undecided);
                if is_undecided && let Some(waiting) = self.take(&parent) {
                    let Waiting { entry, origins, missing, .. } = waiting;
                    let waited_for = missing.first().copied().unwrap_or(parent);
                    ready.push(Released { entry, origins, waited_for });
                }
                open.push(parent);
            }
        }
        ready
    }

    /// Marks what waits over an entry that is undecided, or over one that is marked.
    fn mark_over(&mut self, id: &EntryId) {
        let Some(waiting) = self.waiting.get(id) else {
            return;
        };
        let marks = |parent: &EntryId| {
            self.over_undecided.contains(parent)
                || self.waiting.get(parent).is_some_and(Waiting::is_undecided)
        };
        let is_over = waiting.list_missing_parents().iter().any(marks);
        let is_undecided = waiting.is_undecided();
        let is_news = is_over && self.over_undecided.insert(*id);
        let mut open = Vec::new();
        if is_news || is_undecided {
            open.push(*id);
        }
        while let Some(parent) = open.pop() {
            let over: Vec<EntryId> = self
                .children(&parent)
                .filter(|child| child.header().parents().any(|it| it == parent))
                .map(VerifiedEntry::id)
                .collect();
            for child in over {
                if self.over_undecided.insert(child) {
                    open.push(child);
                }
            }
        }
    }

    /// What the waiting entries miss, without what waits itself.
    pub(super) fn wanted(&self) -> BTreeSet<EntryId> {
        self.children
            .iter()
            .filter(|(id, children)| children.contains(id) || !self.waiting.contains_key(id))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Drops everything that this origin alone brought and that still waits.
    pub(super) fn drop_origin(&mut self, origin: Origin) {
        let ids: Vec<EntryId> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.origins.contains(&origin))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.drop_from(&id, origin);
        }
        self.used.remove(&origin);
        self.used_by_strangers.remove(&origin);
        self.by_height.remove(&origin);
    }

    /// Drops what an origin has waiting above this entry, from the highest on, until there is room
    /// for it.
    fn make_room(&mut self, entry: &VerifiedEntry, origins: &Origins, bytes: usize) {
        let (id, place) = (entry.id(), (entry.header().height, entry.id()));
        for origin in origins {
            let alone = Origins::from([*origin]);
            while self.with_room(&id, &alone, (bytes, Author::Granted)).is_empty() {
                let highest = self.by_height.get(origin).and_then(BTreeSet::last).copied();
                match highest.filter(|highest| *highest > place) {
                    Some((_, highest)) => self.drop_from(&highest, *origin),
                    None => break,
                }
            }
        }
    }

    /// Drops an entry as far as this origin brought it.
    fn drop_from(&mut self, id: &EntryId, origin: Origin) {
        let is_needed = self.is_needed(id);
        let Some(mut waiting) = self.take(id) else {
            return;
        };
        waiting.origins.remove(&origin);
        if !waiting.origins.is_empty() {
            self.insert(waiting);
            if is_needed {
                self.needed.insert(*id);
            }
        }
    }

    /// Those of the origins that have room for this entry, in place of its copy that waits already.
    fn with_room(
        &self,
        id: &EntryId,
        origins: &Origins,
        (bytes, author): (usize, Author),
    ) -> Origins {
        let before = self.waiting.get(id);
        let has_room = |origin: &&Origin| {
            let own = before.filter(|waiting| waiting.origins.contains(*origin));
            let (own_entries, own_bytes) = own.map_or((0, 0), |waiting| (1, waiting.bytes));
            let fits = |used: &BTreeMap<Origin, (usize, usize)>, entries_max, bytes_max| {
                let (entries, used) = used.get(*origin).copied().unwrap_or_default();
                entries.saturating_sub(own_entries) < entries_max
                    && used.saturating_sub(own_bytes).saturating_add(bytes) <= bytes_max
            };
            let of_strangers = (HELD_BACK_OF_STRANGERS_MAX, HELD_BACK_OF_STRANGERS_BYTES_MAX);
            fits(&self.used, HELD_BACK_ENTRIES_MAX, HELD_BACK_BYTES_MAX)
                && (author == Author::Granted
                    || fits(&self.used_by_strangers, of_strangers.0, of_strangers.1))
        };
        origins.iter().filter(has_room).copied().collect()
    }

    fn insert(&mut self, waiting: Waiting) {
        let id = waiting.entry.id();
        for origin in &waiting.origins {
            let count = |used: &mut BTreeMap<Origin, (usize, usize)>| {
                let used = used.entry(*origin).or_default();
                *used = (used.0.saturating_add(1), used.1.saturating_add(waiting.bytes));
            };
            count(&mut self.used);
            if waiting.author == Author::Stranger {
                count(&mut self.used_by_strangers);
            }
            let place = (waiting.entry.header().height, id);
            self.by_height.entry(*origin).or_default().insert(place);
        }
        // An entry that waits for its own payload waits for itself to come again, whole.
        for parent in &waiting.missing {
            self.children.entry(*parent).or_default().insert(id);
        }
        self.slots.entry(slot_of(&waiting.entry)).or_default().insert(id);
        self.waiting.insert(id, waiting);
        self.mark_over(&id);
    }

    fn take(&mut self, id: &EntryId) -> Option<Waiting> {
        let waiting = self.waiting.remove(id)?;
        self.needed.remove(id);
        self.over_undecided.remove(id);
        for parent in &waiting.missing {
            remove_from(&mut self.children, parent, id);
        }
        remove_from(&mut self.slots, &slot_of(&waiting.entry), id);
        for origin in &waiting.origins {
            let uncount = |used: &mut BTreeMap<Origin, (usize, usize)>| {
                if let Some((entries, bytes)) = used.get_mut(origin) {
                    *entries = entries.saturating_sub(1);
                    *bytes = bytes.saturating_sub(waiting.bytes);
                }
            };
            uncount(&mut self.used);
            if waiting.author == Author::Stranger {
                uncount(&mut self.used_by_strangers);
            }
            if let Some(heights) = self.by_height.get_mut(origin) {
                heights.remove(&(waiting.entry.header().height, *id));
            }
        }
        Some(waiting)
    }
}

fn slot_of(entry: &VerifiedEntry) -> (PublicKey, u64) {
    (entry.header().author, entry.header().seq)
}

fn remove_from<K: Ord>(sets: &mut BTreeMap<K, BTreeSet<EntryId>>, key: &K, id: &EntryId) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(id);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

fn waiting_bytes(entry: &VerifiedEntry, missing: usize) -> usize {
    let payload = entry.payload().map_or(0, |payload| payload.bytes.len());
    entry
        .header_bytes()
        .len()
        .saturating_add(payload)
        .saturating_add(missing.saturating_mul(MISSING_PARENT_BYTES))
}
