// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Pass two, second half: events are filed under what they are about, in the ledger's order.
//!
//! Filing depends on what is filed and not on when, so a fold that grew entry by entry is the fold
//! from nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::authority::Authority;
use super::history::{Content, History, Record};
use super::judge::{Judge, Topic, Verdict, Verdicts};
use super::ledger_at::LedgerAt;
use crate::entry::Kind;
use crate::id::{EntryId, PublicKey};
use crate::order::{Moment, Place};
use crate::state::{Standing, VoidCode};

/// What a key wrote.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyTally {
    /// Entries, whether they count or not.
    pub(super) entries: u64,
    /// Seq and number of the last entry that is not beyond a fork.
    pub(super) head: Option<(u64, usize)>,
}

/// What a member wrote.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberTally {
    /// Events that count, by name.
    pub(super) events: BTreeMap<String, u64>,
    /// The latest effective time of its entries, but for those beyond a fork.
    pub(super) last_effective_at: Option<Moment>,
}

/// The earliest claim among entries of other members that cite an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Citation {
    /// The citing author's clock.
    pub(super) claimed_at: Moment,
    /// The citing entry.
    pub(super) place: Place,
}

/// Events of a view, judged and filed.
#[derive(Clone, Debug, Default)]
pub(super) struct Fold {
    verdicts: Verdicts,
    topics: BTreeMap<Topic, BTreeMap<Place, usize>>,
    order: BTreeMap<Place, usize>,
    /// Governance entries, whether they count or not.
    governance: BTreeMap<Place, usize>,
    citations: BTreeMap<usize, Citation>,
    keys: BTreeMap<PublicKey, KeyTally>,
    members: BTreeMap<u32, MemberTally>,
    events: BTreeMap<String, u64>,
    pending: BTreeSet<EntryId>,
    forked: BTreeMap<PublicKey, BTreeSet<Place>>,
}

impl Fold {
    /// Files an entry whose ancestors are filed. Returns the entries whose findings it may change:
    /// its own, and those that it cites.
    pub(super) fn add(
        &mut self,
        history: &History,
        at: &LedgerAt,
        authority: &Authority,
        entry: usize,
    ) -> Vec<usize> {
        let verdicts = &self.verdicts;
        let verdict = Judge { history, at, authority, verdicts }.judge(entry);
        let record = history.record(entry);
        let place = record.place();
        self.order.insert(place, entry);
        if record.facts.kind == Kind::Governance {
            self.governance.insert(place, entry);
        }
        if verdict.is_filed()
            && let Some(topic) = &verdict.topic
        {
            self.topics.entry(topic.clone()).or_default().insert(place, entry);
        }
        self.tally(record, entry, &verdict);
        self.verdicts.set(entry, verdict);
        let mut touched = vec![entry];
        for parent in &record.parents {
            if self.cite(history, *parent, record) {
                touched.push(*parent);
            }
        }
        touched
    }

    /// The verdict on an entry that is filed.
    pub(super) fn verdict(&self, entry: usize) -> Option<&Verdict> {
        self.verdicts.get(entry)
    }

    /// Every entry, in the ledger's order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.values().copied()
    }

    /// Governance entries, whether they count or not, in the ledger's order.
    pub(super) fn governance(&self) -> impl Iterator<Item = usize> + '_ {
        self.governance.values().copied()
    }

    /// How many entries there are.
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.order.len()).unwrap_or(u64::MAX)
    }

    /// Events filed under a topic, in the ledger's order.
    pub(super) fn topic(&self, topic: &Topic) -> impl Iterator<Item = usize> + '_ {
        self.topics.get(topic).into_iter().flat_map(|events| events.values().copied())
    }

    /// The earliest claim among entries of other members that cite an entry.
    pub(super) fn citation(&self, entry: usize) -> Option<&Citation> {
        self.citations.get(&entry)
    }

    /// What a key wrote.
    pub(super) fn key(&self, key: &PublicKey) -> KeyTally {
        self.keys.get(key).copied().unwrap_or_default()
    }

    /// What each member wrote that wrote at all, by its number.
    pub(super) const fn members(&self) -> &BTreeMap<u32, MemberTally> {
        &self.members
    }

    /// Events by name, whether they count or not.
    pub(super) const fn events(&self) -> &BTreeMap<String, u64> {
        &self.events
    }

    /// Entries whose payload has not arrived.
    pub(super) const fn pending(&self) -> &BTreeSet<EntryId> {
        &self.pending
    }

    /// Entries of a key at and beyond its fork, in the ledger's order.
    pub(super) fn forked(&self, key: &PublicKey) -> impl DoubleEndedIterator<Item = &Place> {
        self.forked.get(key).into_iter().flatten()
    }

    /// The median over members of their latest effective time; of two in the middle the earlier, so
    /// that it is always the time of an entry.
    pub(super) fn median_time(&self) -> Option<Moment> {
        let mut times: Vec<Moment> =
            self.members.values().filter_map(|tally| tally.last_effective_at).collect();
        times.sort_unstable();
        times.get(times.len().saturating_sub(1) / 2).copied()
    }

    /// Notes that `child` cites `parent`, where they are of two members. Says whether that changed
    /// the earliest claim.
    fn cite(&mut self, history: &History, parent: usize, child: &Record) -> bool {
        if history.record(parent).member == child.member {
            return false;
        }
        let claimed_at = Moment::from_ms(child.facts.claimed_at_ms);
        let citation = Citation { claimed_at, place: child.place() };
        let known = self.citations.entry(parent).or_insert(citation);
        let changed = citation <= *known;
        *known = citation.min(*known);
        changed
    }

    fn tally(&mut self, record: &Record, entry: usize, verdict: &Verdict) {
        let facts = &record.facts;
        let forked = matches!(verdict.standing, Standing::Forked);
        let ended = forked
            || matches!(verdict.standing, Standing::Void { reason } if reason.code == VoidCode::AfterCutOff);
        let key = self.keys.entry(facts.author).or_default();
        key.entries = key.entries.saturating_add(1);
        if forked {
            let beyond = self.forked.entry(facts.author).or_default();
            beyond.insert(record.place());
        } else if !ended && key.head.is_none_or(|(seq, _)| seq < facts.seq) {
            key.head = Some((facts.seq, entry));
        }
        let name = match &record.content {
            Content::Pending => {
                self.pending.insert(facts.id);
                "pending"
            }
            Content::Redacted(_) => "redacted",
            Content::Unknown => "unknown_event",
            Content::Invalid(_) => "invalid_event",
            Content::Known(event) => event.body.name(),
        };
        count(&mut self.events, name);
        let member = self.members.entry(record.member).or_default();
        if verdict.is_shown() {
            count(&mut member.events, name);
        }
        if !ended {
            let effective_at = Moment::from_ms(facts.effective_at_ms);
            member.last_effective_at = member.last_effective_at.max(Some(effective_at));
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    let count = counts.entry(name.to_owned()).or_default();
    *count = count.saturating_add(1);
}
