// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What verification has read so far, as the chain rules need it: about two hundred bytes an entry.
//!
//! An entry whose record is damaged is taken from the index, so that one damaged record does not
//! make everything that builds on it look damaged.

use std::collections::BTreeMap;
#[expect(
    clippy::disallowed_types,
    reason = "asked for each entry and parent, never gone through"
)]
use std::collections::HashMap;

use crate::chain::{EntryFacts, FeedEnd, Held, LinkedEntry};
use crate::entry::Kind;
use crate::id::{EntryId, PublicKey};
use crate::index::Logged;
use crate::store::StoreError;

/// Entries read so far, in short. An entry's number is its arrival.
#[derive(Debug, Default)]
pub(super) struct Seen {
    feeds: Vec<Feed>,
    feed_numbers: BTreeMap<PublicKey, u32>,
    entries: Vec<Short>,
    /// Whoever writes entries can look for ids that fall together, so the hasher is std's, whose
    /// secret nobody knows.
    #[expect(
        clippy::disallowed_types,
        reason = "asked for each entry and parent, never gone through"
    )]
    numbers: HashMap<EntryId, u32>,
    sound: u64,
}

/// The entries of a key, by their seqs.
#[derive(Debug)]
struct Feed {
    author: PublicKey,
    /// The first entry of each slot, from seq 0 on.
    firsts: Vec<u32>,
    /// Further entries of slots, and entries of slots before which one is empty: only an index that
    /// lies knows of such.
    others: BTreeMap<u64, Vec<u32>>,
}

#[derive(Clone, Copy, Debug)]
struct Short {
    id: EntryId,
    seq: u64,
    height: u64,
    claimed_at_ms: u64,
    effective_at_ms: u64,
    feed: u32,
    kind: Kind,
    has_payload: bool,
}

impl Seen {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn contains(&self, id: &EntryId) -> bool {
        self.numbers.contains_key(id)
    }

    /// Entries so far.
    pub(super) fn ids(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.entries.iter().map(|short| short.id)
    }

    /// Entries that hold.
    pub(super) const fn count_sound(&self) -> u64 {
        self.sound
    }

    /// Entries so far, damaged ones included: the next one's arrival.
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    /// Adds an entry; what the index should say of it.
    pub(super) fn add(&mut self, linked: &LinkedEntry) -> EntryFacts {
        let header = linked.entry().header();
        let facts = EntryFacts {
            id: linked.entry().id(),
            author: header.author,
            seq: header.seq,
            height: header.height,
            claimed_at_ms: header.claimed_at_ms,
            effective_at_ms: linked.effective_at_ms(),
            kind: header.kind,
            arrival: self.count(),
            has_payload: linked.entry().payload().is_some(),
        };
        self.sound = self.sound.saturating_add(1);
        self.insert(&facts);
        facts
    }

    /// Adds what the index knows of an entry that cannot be read.
    pub(super) fn add_lost(&mut self, facts: &EntryFacts) {
        self.insert(facts);
    }

    fn insert(&mut self, facts: &EntryFacts) {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let feed = self.number_feed(facts.author);
        self.entries.push(Short {
            id: facts.id,
            seq: facts.seq,
            height: facts.height,
            claimed_at_ms: facts.claimed_at_ms,
            effective_at_ms: facts.effective_at_ms,
            feed,
            kind: facts.kind,
            has_payload: facts.has_payload,
        });
        self.numbers.insert(facts.id, number);
        if let Some(feed) = find_mut(&mut self.feeds, feed) {
            feed.add(facts.seq, number);
        }
    }

    fn number_feed(&mut self, author: PublicKey) -> u32 {
        let next = u32::try_from(self.feeds.len()).unwrap_or(u32::MAX);
        let number = *self.feed_numbers.entry(author).or_insert(next);
        if number == next {
            self.feeds.push(Feed { author, firsts: Vec::new(), others: BTreeMap::new() });
        }
        number
    }

    fn find(&self, id: &EntryId) -> Option<EntryFacts> {
        self.arrived(u64::from(*self.numbers.get(id)?))
    }

    fn feed(&self, author: &PublicKey) -> Option<&Feed> {
        find(&self.feeds, *self.feed_numbers.get(author)?)
    }
}

impl Feed {
    fn add(&mut self, seq: u64, number: u32) {
        if u64::try_from(self.firsts.len()) == Ok(seq) {
            self.firsts.push(number);
        } else {
            self.others.entry(seq).or_default().push(number);
        }
    }

    fn slot(&self, seq: u64) -> impl Iterator<Item = u32> {
        let first = usize::try_from(seq).ok().and_then(|seq| self.firsts.get(seq));
        first.into_iter().chain(self.others.get(&seq).into_iter().flatten()).copied()
    }

    fn next_seq(&self) -> u64 {
        let next = u64::try_from(self.firsts.len()).unwrap_or(u64::MAX);
        let last = self.others.last_key_value().map(|(seq, _)| seq.saturating_add(1));
        last.map_or(next, |last| last.max(next))
    }
}

impl Logged for Seen {
    fn arrived(&self, arrival: u64) -> Option<EntryFacts> {
        let short = self.entries.get(usize::try_from(arrival).ok()?)?;
        Some(EntryFacts {
            id: short.id,
            author: find(&self.feeds, short.feed)?.author,
            seq: short.seq,
            height: short.height,
            claimed_at_ms: short.claimed_at_ms,
            effective_at_ms: short.effective_at_ms,
            kind: short.kind,
            arrival,
            has_payload: short.has_payload,
        })
    }
}

impl Held for Seen {
    type Error = StoreError;

    fn facts(&self, id: &EntryId) -> Result<Option<EntryFacts>, StoreError> {
        Ok(self.find(id))
    }

    fn slot(&self, key: &PublicKey, seq: u64) -> Result<Vec<EntryId>, StoreError> {
        let Some(feed) = self.feed(key) else {
            return Ok(Vec::new());
        };
        let entries = feed.slot(seq).filter_map(|number| find(&self.entries, number));
        Ok(entries.map(|short| short.id).collect())
    }

    fn next_seq(&self, key: &PublicKey) -> Result<u64, StoreError> {
        Ok(self.feed(key).map_or(0, Feed::next_seq))
    }

    fn end(&self, _key: &PublicKey) -> Result<Option<FeedEnd>, StoreError> {
        // Asked only of entries that somebody offers; these stand in the log.
        Ok(None)
    }
}

fn find<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(usize::try_from(number).ok()?)
}

fn find_mut<T>(list: &mut [T], number: u32) -> Option<&mut T> {
    list.get_mut(usize::try_from(number).ok()?)
}
