// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every entry that a replica holds, parsed, by order of arrival; and which of the entries that its
//! event names are its ancestors.
//!
//! Read through the same checks as entries from outside. Nothing here judges an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::past::{Past, Pasts};
use crate::chain::EntryFacts;
use crate::entry::VerifiedEntry;
use crate::event::name::Slug;
use crate::event::{self, Decoded, Event, EventError, KeyScope, ParsedEvent};
use crate::governance::{Act, Authority, Effect, PutForward, Redaction};
use crate::id::EntryId;
use crate::order::{Ancestry, Place};
use crate::replica::Replica;
use crate::state::VoidReason;
use crate::store::StoreError;

/// Entries read at a time: bounds memory, and gives all cores work.
const BATCH_ENTRIES: u64 = 1_024;

/// What an entry says.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Its payload has not arrived.
    Pending,
    /// No event that this program knows.
    Unknown,
    /// Its payload was dropped by decision.
    Redacted(Redaction),
    /// An event that breaks a rule of its fields.
    Invalid(EventError),
    /// An event.
    Known(Arc<ParsedEvent>),
}

/// A held entry.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// What is known of it without reading it.
    pub(super) facts: EntryFacts,
    /// Its parents, by number.
    pub(super) parents: Vec<usize>,
    /// Number of the member whose key wrote it.
    pub(super) member: u32,
    /// What its key may write.
    pub(super) scope: KeyScope,
    /// What took effect at its ancestors.
    pub(super) past: Past,
    /// The same, and what took effect at it.
    seen: Past,
    /// What took effect at it.
    pub(super) effect: Option<Effect>,
    /// Of a governance event: whether its own ancestors bear it.
    pub(super) act: Option<Result<(), VoidReason>>,
    /// Of a proposal: what follows from its ancestors.
    put: Option<Arc<PutForward>>,
    /// What it says.
    pub(super) content: Content,
    /// What it names: by number where that is an ancestor, which nothing can change later.
    pub(super) names: BTreeMap<EntryId, Option<usize>>,
}

impl Record {
    /// Its place in the order.
    pub(super) const fn place(&self) -> Place {
        Place::of(&self.facts)
    }

    /// Its event, if it is one.
    pub(super) fn event(&self) -> Option<&Event> {
        match &self.content {
            Content::Known(event) => Some(&event.body),
            Content::Pending | Content::Redacted(_) | Content::Unknown | Content::Invalid(_) => {
                None
            }
        }
    }

    /// Why it is an exercise, if it is one.
    pub(super) fn exercise(&self) -> Option<&str> {
        match &self.content {
            Content::Known(event) => event.exercise.as_deref(),
            Content::Pending | Content::Redacted(_) | Content::Unknown | Content::Invalid(_) => {
                None
            }
        }
    }
}

/// An entry as it was read, before it has its number.
struct Read {
    entry: VerifiedEntry,
    facts: EntryFacts,
    content: Content,
    /// What it names, and whether that is an ancestor.
    names: BTreeMap<EntryId, bool>,
}

/// Held entries, by order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    records: Vec<Record>,
    by_id: BTreeMap<EntryId, usize>,
    members: Vec<Slug>,
    member_numbers: BTreeMap<Slug, u32>,
    pending: BTreeMap<EntryId, usize>,
    pasts: Pasts,
    redactions: BTreeMap<EntryId, Redaction>,
}

impl History {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.records.len()
    }

    /// The entry with this number.
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers come from this history alone, which never shrinks"
    )]
    pub(super) fn record(&self, entry: usize) -> &Record {
        &self.records[entry]
    }

    /// The number of a held entry.
    pub(super) fn find(&self, id: &EntryId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Entries whose payload has not arrived.
    pub(super) const fn pending(&self) -> &BTreeMap<EntryId, usize> {
        &self.pending
    }

    /// The member with this number.
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers come from this history alone, which never shrinks"
    )]
    pub(super) fn member_slug(&self, member: u32) -> &Slug {
        &self.members[usize::try_from(member).unwrap_or(usize::MAX)]
    }

    /// What holds where an entry was written: what its ancestors show.
    pub(super) fn authority_at(&self, record: &Record) -> Option<&Authority> {
        self.pasts.authority(record.past).map(|authority| &**authority)
    }

    /// What holds after the effects of these entries.
    pub(super) fn authority_of(&self, effects: &BTreeSet<usize>) -> Option<Arc<Authority>> {
        self.pasts.authority_of(effects)
    }

    /// A proposal, with what follows from its ancestors.
    pub(super) fn proposal(&self, id: &EntryId) -> Option<&PutForward> {
        self.find(id).and_then(|entry| self.record(entry).put.as_deref())
    }

    /// Forgets the payloads that decisions have dropped. Says whether there was any.
    pub(super) fn redact(&mut self, replica: &Replica) -> bool {
        let mut found = false;
        for (id, redaction) in replica.authority().redactions() {
            if self.redactions.get(id) == Some(redaction) {
                continue;
            }
            found = true;
            self.redactions.insert(*id, redaction.clone());
            self.pending.remove(id);
            if let Some(record) = self.by_id.get(id).and_then(|at| self.records.get_mut(*at)) {
                record.content = Content::Redacted(redaction.clone());
                record.names.clear();
            }
        }
        found
    }

    /// Reads what arrived since. Returns how many entries that were.
    ///
    /// # Errors
    /// Where the store cannot be read, or an entry is not what it was. What was read before stays.
    pub(super) fn read_arrivals(&mut self, replica: &Replica) -> Result<u64, StoreError> {
        let held = replica.count_entries()?;
        let first = u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        let mut next = first;
        while next < held {
            let end = next.saturating_add(BATCH_ENTRIES).min(held);
            let batch: Vec<Read> = (next..end)
                .into_par_iter()
                .map(|arrival| read_arrival(replica, arrival))
                .collect::<Result<_, StoreError>>()?;
            for read in batch {
                self.push(replica, read)?;
            }
            next = end;
        }
        Ok(next.saturating_sub(first))
    }

    /// Reads an entry again whose payload has arrived. Says whether it has.
    ///
    /// # Errors
    /// Where the store cannot be read, or the entry is not what it was.
    pub(super) fn read_payload(
        &mut self,
        replica: &Replica,
        entry: usize,
    ) -> Result<bool, StoreError> {
        let id = self.record(entry).facts.id;
        let read = read_entry(replica, &id)?;
        if matches!(read.content, Content::Pending) {
            return Ok(false);
        }
        let names = self.number_names(read.names);
        if let Some(record) = self.records.get_mut(entry) {
            record.facts = read.facts;
            record.content = read.content;
            record.names = names;
        }
        self.pending.remove(&id);
        Ok(true)
    }

    fn push(&mut self, replica: &Replica, read: Read) -> Result<(), StoreError> {
        let id = read.facts.id;
        let governance = replica.governance();
        if self.records.is_empty() {
            let charter = Arc::clone(governance.charter());
            self.pasts.found(Authority::of_charter(governance.charter_entry(), charter));
        }
        let parents: Vec<usize> = read
            .entry
            .header()
            .parents()
            .map(|parent| {
                self.find(&parent).ok_or_else(|| {
                    unsound(id, format!("its parent {parent} did not arrive before it"))
                })
            })
            .collect::<Result<_, _>>()?;
        let mut past = Past::default();
        for parent in &parents {
            past = self.pasts.join(past, self.record(*parent).seen);
        }
        let (member, scope) = self.find_owner(&read, &parents, past)?;
        let member = self.number_member(member);
        let names = self.number_names(read.names);
        let effect = governance.effect(&id).cloned();
        let judged = governance.act(&id);
        let act = judged.map(|act| act.void().map_or(Ok(()), Err));
        let put = judged.and_then(Act::proposal).map(Arc::clone);
        let number = self.records.len();
        let seen = match &effect {
            Some(effect) => self.pasts.extend(past, number, effect.clone()),
            None => past,
        };
        let content = match self.redactions.get(&id) {
            Some(redaction) => Content::Redacted(redaction.clone()),
            None => read.content,
        };
        if matches!(content, Content::Pending) {
            self.pending.insert(id, number);
        }
        self.records.push(Record {
            facts: read.facts,
            parents,
            member,
            scope,
            past,
            seen,
            effect,
            act,
            put,
            content,
            names,
        });
        self.by_id.insert(id, number);
        Ok(())
    }

    /// Whose key wrote an entry, by what its own feed proves: the grant of its first entry is among that
    /// one's ancestors.
    fn find_owner(
        &self,
        read: &Read,
        parents: &[usize],
        past: Past,
    ) -> Result<(Slug, KeyScope), StoreError> {
        let facts = &read.facts;
        if let Some(before) = parents.first().map(|parent| self.record(*parent))
            && before.facts.author == facts.author
        {
            return Ok((self.member_slug(before.member).clone(), before.scope));
        }
        let authority = self.pasts.authority(past);
        let key = authority.and_then(|authority| authority.key(&facts.author));
        match key {
            Some(key) => Ok((key.grant.member.clone(), key.grant.scope)),
            None => Err(unsound(facts.id, format!("its key {} is not granted", facts.author))),
        }
    }

    fn number_names(&self, names: BTreeMap<EntryId, bool>) -> BTreeMap<EntryId, Option<usize>> {
        names
            .into_iter()
            .map(|(id, ancestor)| (id, if ancestor { self.find(&id) } else { None }))
            .collect()
    }

    fn number_member(&mut self, slug: Slug) -> u32 {
        if let Some(number) = self.member_numbers.get(&slug) {
            return *number;
        }
        let number = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        self.members.push(slug.clone());
        self.member_numbers.insert(slug, number);
        number
    }
}

impl Ancestry for History {
    fn member(&self, entry: usize) -> u32 {
        self.record(entry).member
    }

    fn effective_at_ms(&self, entry: usize) -> u64 {
        self.record(entry).facts.effective_at_ms
    }

    fn parents(&self, entry: usize) -> &[usize] {
        &self.record(entry).parents
    }
}

fn read_arrival(replica: &Replica, arrival: u64) -> Result<Read, StoreError> {
    match replica.find_arrival(arrival)? {
        Some(id) => read_entry(replica, &id),
        None => Err(StoreError::IndexDamaged { reason: format!("arrival {arrival} is missing") }),
    }
}

fn read_entry(replica: &Replica, id: &EntryId) -> Result<Read, StoreError> {
    let missing = || StoreError::IndexDamaged { reason: format!("entry {id} is missing") };
    let entry = replica.read_entry(id)?.ok_or_else(missing)?;
    let facts = replica.find(id)?.ok_or_else(missing)?.facts;
    let content = match entry.payload() {
        None => Content::Pending,
        Some(payload) => match event::decode(&payload.bytes, entry.header().kind) {
            Decoded::Known(event) => Content::Known(Arc::new(*event)),
            Decoded::Unknown { .. } => Content::Unknown,
            Decoded::Invalid(error) => Content::Invalid(error),
        },
    };
    let mut names = BTreeMap::new();
    if let Content::Known(event) = &content {
        for named in event.body.names() {
            names.insert(named, replica.is_ancestor(&named, id)?);
        }
    }
    Ok(Read { entry, facts, content, names })
}

const fn unsound(entry: EntryId, reason: String) -> StoreError {
    StoreError::Unsound { entry, reason }
}
