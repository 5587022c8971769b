// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random histories: people at desks of their own who write, acknowledge and meet now and then, with
//! clocks that differ; and random ways in which all of it reaches somebody else.

mod asking;
mod describe;
pub mod plot;
pub mod world;

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::entry::decode_entry;
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::Outcome;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

use crate::acts;
use crate::people::{Desk, FOUNDED_AT_MS, HOUR_MS, Sight, public};

/// People of a history; each has a desk.
pub const PEOPLE: u8 = 4;

/// One more desk: person 0's keys, restored from a backup. What is written there may fork.
const BACKUP: usize = 4;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// The owner of a desk, or the deputy, writes.
    Write {
        /// Which desk.
        desk: usize,
        /// Which act.
        act: u8,
        /// Which of the entries it could name.
        target: prop::sample::Index,
        /// Which value.
        value: u8,
        /// Whether the deputy writes.
        deputy: bool,
        /// Whether the author has looked at what the desk holds.
        sight: bool,
        /// How many hours the author's clock is off: -50 … 49.
        off: i64,
    },
    /// The node of a desk acknowledges.
    Acknowledge {
        /// Which desk.
        desk: usize,
    },
    /// A desk takes in all that another holds.
    Meet {
        /// Which desk.
        to: usize,
        /// Which other.
        from: usize,
    },
}

fn step(desks: usize) -> impl Strategy<Value = Step> {
    let write = (
        0..desks,
        0..12_u8,
        any::<prop::sample::Index>(),
        0..4_u8,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.85),
        -50..50_i64,
    )
        .prop_map(|(desk, act, target, value, deputy, sight, off)| Step::Write {
            desk,
            act,
            target,
            value,
            deputy,
            sight,
            off,
        });
    prop_oneof![
        6 => write,
        2 => (0..desks).prop_map(|desk| Step::Acknowledge { desk }),
        4 => (0..desks, 0..desks).prop_map(|(to, from)| Step::Meet { to, from }),
    ]
}

/// Histories in which nobody forks.
pub fn honest_history(steps: std::ops::Range<usize>) -> impl Strategy<Value = History> {
    prop::collection::vec(step(usize::from(PEOPLE)), steps).prop_map(|steps| History::play(&steps))
}

/// Histories in which person 0 may fork.
pub fn any_history(steps: std::ops::Range<usize>) -> impl Strategy<Value = History> {
    prop::collection::vec(step(BACKUP + 1), steps).prop_map(|steps| History::play(&steps))
}

/// What came of the steps.
pub struct History {
    /// The desks, person by person, then the backup.
    pub desks: Vec<Desk>,
    /// Every entry written, the charter first.
    pub messages: Vec<v1::SignedEntry>,
    sorts: BTreeMap<EntryId, Sort>,
}

impl std::fmt::Debug for History {
    /// A line per entry, so that a failure can be followed by hand.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for message in &self.messages {
            let entry = decode_entry(message.clone()).unwrap();
            let header = entry.header();
            let parents: Vec<String> = header.parents().map(|parent| parent.short()).collect();
            let (id, key) = (entry.id().short(), header.author.short());
            let sort = self.sorts.get(&entry.id());
            writeln!(
                f,
                "{id} = {key}:{} after {parents:?} {:?} {sort:?}",
                header.seq, header.kind
            )?;
        }
        Ok(())
    }
}

/// What an entry will say, and how.
struct Made {
    at_ms: u64,
    body: Body,
    sight: Sight,
}

/// What an entry can be named as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Statement { indicator: &'static str, period: &'static str },
    Challenge,
    Budget,
    Proposal,
    Other,
}

impl History {
    fn play(steps: &[Step]) -> Self {
        let first = Desk::found(PEOPLE);
        let mut desks = vec![first];
        for _ in 1..=BACKUP {
            let next = desks[0].beside();
            desks.push(next);
        }
        let mut history = Self { desks, messages: Vec::new(), sorts: BTreeMap::new() };
        for (number, step) in (1_u64..).zip(steps) {
            history.take(step, FOUNDED_AT_MS + 100 * HOUR_MS + number * HOUR_MS);
        }
        let mut known = BTreeSet::new();
        for desk in &history.desks {
            for message in desk.messages() {
                if known.insert(message.header.clone()) {
                    history.messages.push(message);
                }
            }
        }
        history
    }

    fn take(&mut self, step: &Step, now_ms: u64) {
        match step {
            Step::Meet { to, from } => {
                if to != from {
                    let other = self.desks[*from].messages();
                    self.desks[*to].take(other);
                }
            }
            Step::Acknowledge { desk } => {
                let owner = owner(*desk);
                let key = self.desks[*desk].people[owner].node.clone();
                let body = Body::Acknowledge(v1::Acknowledge {});
                let sight = Sight::All;
                self.write(*desk, &key, Made { at_ms: now_ms, body, sight });
            }
            Step::Write { desk, act, target, value, deputy, sight, off } => {
                let (sort, body) = self.choose(*desk, *act, *target, *value);
                let person = &self.desks[*desk].people[owner(*desk)];
                let key = if *deputy { person.deputy.clone() } else { person.sign.clone() };
                let at_ms = now_ms.saturating_add_signed(off * i64::try_from(HOUR_MS).unwrap());
                let sight = if *sight { Sight::All } else { Sight::Own };
                if let Some(id) = self.write(*desk, &key, Made { at_ms, body, sight }) {
                    self.sorts.insert(id, sort);
                }
            }
        }
    }

    /// Writes, unless the key is known to have forked.
    fn write(&mut self, desk: usize, key: &SigningKey, made: Made) -> Option<EntryId> {
        let desk = &mut self.desks[desk];
        let feed = desk.replica.frontier().feeds.get(&public(key));
        if feed.is_some_and(|feed| feed.forked_seq.is_some()) {
            return None;
        }
        let entry = desk.sign(key, made.at_ms, made.body, made.sight);
        let message = prost::Message::decode(entry.encode()).unwrap();
        let ingested = desk.take([message]);
        matches!(ingested.outcomes[0].1, Outcome::Stored { .. }).then_some(entry.id())
    }

    fn choose(&self, desk: usize, act: u8, target: prop::sample::Index, value: u8) -> (Sort, Body) {
        const PLACES: [(&str, &str); 4] =
            [("I-01", "2023"), ("I-01", "2024"), ("I-02", "2023"), ("I-03", "2023")];
        let value_text = ["851", "852", "853", "851.0"][usize::from(value % 4)];
        let (indicator, period) = PLACES[target.index(PLACES.len())];
        let report = || {
            let sort = Sort::Statement { indicator, period };
            (sort, acts::report(indicator, period, value_text))
        };
        let statements = self.held(desk, |sort| matches!(sort, Sort::Statement { .. }));
        let challenges = self.held(desk, |sort| *sort == Sort::Challenge);
        let pick = |list: &[EntryId]| (!list.is_empty()).then(|| list[target.index(list.len())]);
        let (statement, dispute) = (pick(&statements), pick(&challenges));
        let last = statements.last().copied();
        match (act, statement, dispute) {
            (2 | 3, Some(id), _) => match self.sorts[&id] {
                Sort::Statement { indicator, period } => (
                    Sort::Statement { indicator, period },
                    acts::correction(id, indicator, period, value_text),
                ),
                Sort::Challenge | Sort::Budget | Sort::Proposal | Sort::Other => report(),
            },
            (4, Some(id), _) => (Sort::Other, acts::withdrawal(id)),
            (5, Some(id), _) => (Sort::Other, acts::attestation(id)),
            (6 | 7, Some(id), _) => (Sort::Challenge, acts::challenge(id)),
            (8, _, Some(id)) => (Sort::Other, acts::response(id, last.filter(|_| value == 0))),
            (9, _, Some(id)) => {
                let body = match last.filter(|_| value > 1) {
                    Some(correction) => acts::close_accepted(id, correction),
                    None => acts::close_withdrawn(id),
                };
                (Sort::Other, body)
            }
            (10, _, _) => {
                let budgets = self.held(desk, |sort| *sort == Sort::Budget);
                let replaces = pick(&budgets).filter(|_| value > 1);
                (Sort::Budget, acts::budget("2024", value_text, replaces))
            }
            (11, _, Some(id)) => (Sort::Proposal, acts::proposal(id, id)),
            (11, _, None) => {
                let proposals = self.held(desk, |sort| *sort == Sort::Proposal);
                let charter = self.desks[desk].ledger().charter();
                let body = pick(&proposals).map_or_else(|| acts::acceptance(charter), acts::vote);
                (Sort::Other, body)
            }
            _ => report(),
        }
    }

    /// Entries of a sort that a desk holds, in order of arrival.
    fn held(&self, desk: usize, is_right: impl Fn(&Sort) -> bool) -> Vec<EntryId> {
        let replica = &self.desks[desk].replica;
        let mut held: Vec<(u64, EntryId)> = self
            .sorts
            .iter()
            .filter(|(_, sort)| is_right(sort))
            .filter_map(|(id, _)| Some((replica.find(id).unwrap()?.facts.arrival, *id)))
            .collect();
        held.sort_unstable();
        held.into_iter().map(|(_, id)| id).collect()
    }
}

const fn owner(desk: usize) -> usize {
    if desk == BACKUP { 0 } else { desk }
}

/// How everything reaches somebody else: an order that respects nothing, in batches, with
/// repetitions, with payloads that come later, with restarts in between.
#[derive(Clone)]
pub struct Delivery {
    /// Sorts the entries.
    order: Vec<u32>,
    /// Entries that come once more.
    twice: Vec<prop::sample::Index>,
    /// Entries that come without their payload at first.
    bare: Vec<prop::sample::Index>,
    /// How many come at a time.
    batch: usize,
    /// After which batches the replica is opened again from its log.
    restarts: BTreeSet<usize>,
}

impl std::fmt::Debug for Delivery {
    /// Without the dice: they say nothing to people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at a time, {} twice, ", self.batch, self.twice.len())?;
        write!(f, "{} bare, restarts after {:?}", self.bare.len(), self.restarts)
    }
}

/// Random deliveries.
pub fn delivery() -> impl Strategy<Value = Delivery> {
    (
        prop::collection::vec(any::<u32>(), 64),
        prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        1..12_usize,
        prop::collection::btree_set(0..8_usize, 0..3),
    )
        .prop_map(|(order, twice, bare, batch, restarts)| Delivery {
            order,
            twice,
            bare,
            batch,
            restarts,
        })
}

impl Delivery {
    /// Delivers everything to an empty desk, calling `after` after every batch, until whole
    /// rounds bring nothing new.
    pub fn deliver(&self, history: &History, after: impl FnMut(&Desk)) -> Desk {
        self.deliver_to(history.desks[0].beside(), &history.messages, after)
    }

    /// Delivers messages to a desk, calling `after` after every batch, until whole rounds bring
    /// nothing new.
    pub fn deliver_to(
        &self,
        mut desk: Desk,
        messages: &[v1::SignedEntry],
        mut after: impl FnMut(&Desk),
    ) -> Desk {
        let mut queue = messages.to_vec();
        for index in &self.bare {
            let at = index.index(queue.len());
            let entry = decode_entry(queue[at].clone()).unwrap();
            if entry.header().kind != constancia_ledger::entry::Kind::Governance {
                queue[at].payload = None;
                queue[at].salt = None;
            }
        }
        for index in &self.twice {
            queue.push(queue[index.index(queue.len())].clone());
        }
        let key = |at: usize| {
            self.order[at % self.order.len()].rotate_left(u32::try_from(at / 64).unwrap())
        };
        let mut numbered: Vec<_> = queue.into_iter().enumerate().collect();
        numbered.sort_by_key(|(at, _)| key(*at));
        let mut queue: Vec<v1::SignedEntry> = numbered.into_iter().map(|(_, it)| it).collect();
        let mut passes: usize = 0;
        let mut states: BTreeMap<_, usize> = BTreeMap::new();
        loop {
            for (number, batch) in queue.chunks(self.batch).enumerate() {
                desk.take(batch.to_vec());
                if passes == 0 && self.restarts.contains(&number) {
                    desk = desk.restart();
                }
                after(&desk);
            }
            passes += 1;
            // A branch that somebody cites, or that decides, comes in backwards, an entry a round where
            // parents come first; what might decide and does not is let go and waits again. So it is
            // over when what is held and wanted is what it was before, and again.
            let pending = desk.replica.list_pending().unwrap();
            let wanted = desk.replica.list_wanted();
            let seen = states.entry((desk.replica.count_entries().unwrap(), wanted)).or_default();
            *seen += usize::from(pending.is_empty());
            if *seen == 3 {
                return desk;
            }
            assert!(passes < 100, "no rest after {passes} rounds, pending {pending:?}");
            queue = messages.to_vec();
            if passes.is_multiple_of(2) {
                queue.reverse();
            }
        }
    }
}
