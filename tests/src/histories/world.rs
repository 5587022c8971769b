// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Plays a plot: who holds what at which desk, and what is signed there. Desks here are sets of
//! entries, so that malice needs no help from honest software; whether an entry has a place in the
//! ledger at all is asked of the [model](crate::model).

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::entry::{Draft, Prev, sign_draft};
use constancia_ledger::event::Event;
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use ed25519_dalek::SigningKey;
use proptest::sample::Index;

use super::asking::Asked;
use super::plot::{Act, Course, DESKS, OWNERS, SPARES, Setup, Sight, Step, Writer, Writing};
use crate::acts;
use crate::model::{Entries, Model};
use crate::people::{self, Desk, FOUNDED_AT_MS, HOUR_MS, Person, public};

/// What came of a plot.
pub struct Plotted {
    /// The first members, then those who may be admitted.
    pub people: Vec<Person>,
    /// Keys that nobody had at first.
    pub spares: Vec<SigningKey>,
    /// What the ledger was founded with.
    pub charter: v1::Charter,
    /// Every entry signed, the charter first.
    pub messages: Vec<v1::SignedEntry>,
    /// What each desk held in the end.
    pub desks: Vec<Entries>,
    /// The rules, over all of it.
    pub model: Model,
    ledger: LedgerId,
    now_ms: u64,
    pub(super) lines: Vec<String>,
}

impl Plotted {
    /// Plays the steps.
    pub fn play(setup: Setup, steps: &[Step]) -> Self {
        let mut plotted = Self::found(setup);
        for step in steps {
            plotted.now_ms += HOUR_MS;
            plotted.take(step);
        }
        plotted
    }

    /// The charter alone.
    pub fn found(setup: Setup) -> Self {
        let people: Vec<Person> = (0..6).map(Person::new).collect();
        let charter = charter(&people[..OWNERS], setup);
        let founded = people::found_with(charter.clone(), &people[0]);
        let model = Model::new(founded.clone());
        let ledger = LedgerId::of_charter(EntryId::of_header(&founded.header));
        Self {
            people,
            spares: (0..SPARES).map(|n| Person::new(40 + n).sign).collect(),
            charter,
            messages: vec![founded],
            desks: vec![Entries::from([ledger.charter()]); DESKS],
            model,
            ledger,
            now_ms: FOUNDED_AT_MS + 100 * HOUR_MS,
            lines: Vec::new(),
        }
    }

    /// Signs after this entry of the key (none: its first; the founder's second, after the charter),
    /// citing these: whatever a test wants to be signed.
    pub fn put(
        &mut self,
        key: &SigningKey,
        prev: Option<EntryId>,
        seen: &[EntryId],
        body: Body,
    ) -> EntryId {
        self.now_ms += HOUR_MS;
        let is_founder = public(key) == self.people[0].key();
        let prev = prev.or_else(|| is_founder.then_some(self.ledger.charter()));
        let seen = seen.iter().copied().collect();
        self.sign_after(key, prev, &seen, (self.now_ms, body))
    }

    /// A desk with a replica that holds the charter alone.
    pub fn empty_desk(&self) -> Desk {
        Desk::found_as(self.people.clone(), self.charter.clone())
    }

    /// The messages of a set of entries, in the order in which they were signed.
    pub fn messages_of(&self, set: &Entries) -> Vec<v1::SignedEntry> {
        let is_in = |it: &&v1::SignedEntry| set.contains(&EntryId::of_header(&it.header));
        self.messages.iter().filter(is_in).cloned().collect()
    }

    /// Every key that plays a part, with what people call it.
    pub fn keys(&self) -> Vec<(String, PublicKey)> {
        let mut keys = Vec::new();
        for (number, person) in self.people.iter().enumerate() {
            keys.push((format!("p{number}"), person.key()));
            if number < OWNERS {
                keys.push((format!("p{number}.deputy"), public(&person.deputy)));
                keys.push((format!("p{number}.node"), person.node_key()));
            }
        }
        for (number, key) in self.spares.iter().enumerate() {
            keys.push((format!("spare{number}"), public(key)));
        }
        keys
    }

    /// What people call a key.
    pub fn name(&self, key: &PublicKey) -> String {
        let found = self.keys().into_iter().find(|(_, it)| it == key);
        found.map_or_else(|| key.short(), |(name, _)| name)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Write(desk, writing) => {
                self.write(*desk, writing);
            }
            Step::Decide { desk, proposal, voters, course } => {
                self.put_through(*desk, proposal, voters, *course);
            }
            Step::Meet { to, from } => {
                let all = self.desks[*from].clone();
                self.desks[*to].extend(all);
            }
            Step::Show { to, from, entry } => {
                let held: Vec<EntryId> = self.desks[*from].iter().copied().collect();
                self.show(*to, held[entry.index(held.len())]);
            }
            Step::Restore { backup } => {
                self.desks[*backup] = self.desks[owner(*backup)].clone();
            }
        }
    }

    fn show(&mut self, to: usize, entry: EntryId) {
        if self.model.has_place(&entry) {
            let shown = self.model.closure(&entry);
            self.desks[to].extend(shown);
        }
    }

    fn put_through(
        &mut self,
        desk: usize,
        proposal: &Writing,
        voters: &[(usize, bool)],
        course: Course,
    ) {
        let Some(proposed) = self.write(desk, proposal) else {
            return;
        };
        let mut last = proposed;
        let mut votes = Vec::new();
        for (voter, yes) in voters {
            self.show(*voter, if matches!(course, Course::OneByOne) { last } else { proposed });
            let choice = if *yes { v1::VoteChoice::Yes } else { v1::VoteChoice::No };
            let body = vote(proposed, choice);
            let key = self.people[owner(*voter)].sign.clone();
            let written =
                self.sign(*voter, &key, &body, (Sight::Careful, proposal.off, false), &[]);
            if let Some(written) = written {
                last = written;
                votes.push(written);
            }
        }
        match course {
            Course::OneByOne => self.show(desk, last),
            Course::Aside => {
                for vote in votes {
                    self.show(desk, vote);
                }
                let key = self.people[owner(desk)].sign.clone();
                let body = enact(proposed);
                self.sign(desk, &key, &body, (Sight::Careful, proposal.off, false), &[]);
            }
            Course::Unfinished => {}
        }
    }

    /// Writes what is asked for, where there is anything to write it about.
    fn write(&mut self, desk: usize, writing: &Writing) -> Option<EntryId> {
        let person = &self.people[owner(desk)];
        let key = match writing.writer {
            Writer::Sign => person.sign.clone(),
            Writer::Deputy => person.deputy.clone(),
            Writer::Node => person.node.clone(),
            Writer::Guest(number) => self.people[OWNERS + usize::from(number)].sign.clone(),
            Writer::Spare(number) => self.spares[usize::from(number)].clone(),
        };
        let (body, about) = self.compose(desk, writing)?;
        self.sign(desk, &key, &body, (writing.sight, writing.off, writing.twice), &about)
    }

    /// What is written, and the entries that it is about.
    #[expect(clippy::too_many_lines, reason = "one arm for each act that people can ask for")]
    fn compose(&self, desk: usize, writing: &Writing) -> Option<(Body, Vec<EntryId>)> {
        let Writing { act, target, choice, value, .. } = *writing;
        let pick = |wanted: fn(&Event) -> bool| self.pick(desk, target, wanted);
        let statement = |event: &Event| matches!(event, Event::Report(_) | Event::Correction(_));
        let challenge = |event: &Event| matches!(event, Event::Challenge(_));
        let number = ["851", "852", "853", "851.0"][usize::from(value % 4)];
        let places = [("I-01", "2023"), ("I-02", "2023"), ("I-03", "2023"), ("I-04", "2023")];
        let body = match act {
            Act::Report => {
                let (indicator, period) = places[choice.index(places.len())];
                let mut report = acts::report_of(indicator, period, number);
                if value > 18 {
                    let version = self.pick(desk, target, |it| matches!(it, Event::Proposal(_)))?;
                    report.plan_version = acts::id_bytes(version);
                }
                Body::Report(report)
            }
            Act::Correct => {
                let replaces = pick(statement)?;
                let (indicator, period) = match self.model.event(&replaces) {
                    Some(Event::Report(report)) => (&report.indicator, report.period),
                    Some(Event::Correction(it)) => (&it.report.indicator, it.report.period),
                    _ => return None,
                };
                let (indicator, period) = (indicator.to_string(), period.to_string());
                let mut body = acts::correction(replaces, &indicator, &period, number);
                if let Body::Correction(it) = &mut body
                    && let Some(answered) =
                        self.pick(desk, choice, challenge).filter(|_| value > 15)
                {
                    it.challenge = acts::id_bytes(answered);
                }
                body
            }
            Act::Withdraw => acts::withdrawal(pick(statement)?),
            Act::Attest => acts::attestation(pick(statement)?),
            Act::Challenge => acts::challenge(pick(statement)?),
            Act::Respond => {
                let correction = self.pick(desk, choice, |it| matches!(it, Event::Correction(_)));
                acts::response(pick(challenge)?, correction.filter(|_| value > 12))
            }
            Act::Close => {
                let correction = self.pick(desk, choice, |it| matches!(it, Event::Correction(_)));
                match correction.filter(|_| value > 12) {
                    Some(correction) => acts::close_accepted(pick(challenge)?, correction),
                    None => acts::close_withdrawn(pick(challenge)?),
                }
            }
            Act::CloseRuled => {
                acts::close_ruled(pick(challenge)?, self.pick_proposal(desk, choice, 1)?)
            }
            Act::Budget => {
                let replaces = pick(|event| matches!(event, Event::Budget(_)));
                acts::budget("2024", number, replaces.filter(|_| value > 12))
            }
            Act::Review => acts::review("2023"),
            Act::Acknowledge => Body::Acknowledge(v1::Acknowledge {}),
            Act::Accept => acts::acceptance(self.ledger.charter()),
            Act::Vote => {
                let choice = match value {
                    0..=2 => v1::VoteChoice::No,
                    3 => v1::VoteChoice::Abstain,
                    _ => v1::VoteChoice::Yes,
                };
                vote(self.pick_proposal(desk, target, value)?, choice)
            }
            Act::Enact => enact(self.pick_proposal(desk, target, value)?),
            Act::TakeBack => Body::ProposalWithdrawn(v1::ProposalWithdrawn {
                proposal: acts::id_bytes(self.pick_proposal(desk, target, value)?),
                reason: String::new(),
            }),
            Act::RetireKey => {
                let person = owner(desk);
                let own = [
                    &self.people[person].sign,
                    &self.people[person].deputy,
                    &self.people[person].node,
                ];
                let key = match value {
                    0..=11 => public(own[choice.index(own.len())]),
                    _ => self.keys()[choice.index(self.keys().len())].1,
                };
                Body::KeyRetired(v1::KeyRetired { key: key_bytes(&key), reason: String::new() })
            }
            Act::Propose(ask) => {
                let Asked { decision, about } = self.ask(desk, ask, writing)?;
                let proposal = v1::Proposal { decision: Some(decision), ..v1::Proposal::default() };
                return Some((Body::Proposal(proposal), about));
            }
        };
        Some((body, Vec::new()))
    }

    /// Something of a sort that a desk holds.
    pub(super) fn pick(
        &self,
        desk: usize,
        which: Index,
        wanted: impl Fn(&Event) -> bool,
    ) -> Option<EntryId> {
        let held = self.model.sorted(&self.desks[desk]);
        let fit: Vec<EntryId> = held
            .into_iter()
            .map(|place| place.id)
            .filter(|id| self.model.event(id).is_some_and(&wanted))
            .collect();
        (!fit.is_empty()).then(|| fit[which.index(fit.len())])
    }

    /// A proposal that a desk holds; for most values one that is undecided there. At value 0 one that
    /// the desk has not heard of, where there is any.
    fn pick_proposal(&self, desk: usize, which: Index, value: u8) -> Option<EntryId> {
        if value == 0 {
            let unheard =
                self.model.placed().difference(&self.desks[desk]).copied().collect::<Vec<_>>();
            let unheard: Vec<EntryId> =
                unheard.into_iter().filter(|id| self.model.decision(id).is_some()).collect();
            if !unheard.is_empty() {
                return Some(unheard[which.index(unheard.len())]);
            }
        }
        let is_proposal = |event: &Event| matches!(event, Event::Proposal(_));
        let decided = self.model.passed(&self.desks[desk]);
        let held = self.model.sorted(&self.desks[desk]);
        let open: Vec<EntryId> = held
            .into_iter()
            .map(|place| place.id)
            .filter(|id| self.model.decision(id).is_some() && !decided.contains_key(id))
            .collect();
        if value > 2 && !open.is_empty() {
            return Some(open[which.index(open.len())]);
        }
        self.pick(desk, which, is_proposal)
    }

    /// Signs at a desk. What has no place in the ledger is told to everybody, and known at no desk.
    #[expect(clippy::too_many_arguments, reason = "each is drawn by itself")]
    fn sign(
        &mut self,
        desk: usize,
        key: &SigningKey,
        body: &Body,
        (sight, off, twice): (Sight, i64, bool),
        about: &[EntryId],
    ) -> Option<EntryId> {
        let author = public(key);
        let prev = self.own_head(desk, &author);
        let mut seen = self.see(desk, &author, prev, sight);
        let cited =
            |id: &EntryId| self.model.header(id).author != author && !matches!(sight, Sight::Own);
        seen.extend(about.iter().filter(|id| cited(id)).copied());
        let seen = self.tips(&seen, prev);
        let at_ms = self.now_ms.saturating_add_signed(off * i64::try_from(HOUR_MS).unwrap());
        let mut first = None;
        for _ in 0..=u64::from(twice) {
            let id = self.sign_after(key, prev, &seen, (at_ms, body.clone()));
            if let Some(line) = self.lines.last_mut() {
                *line = format!("{line}, desk {desk}");
            }
            if self.model.has_place(&id) {
                self.desks[desk].insert(id);
                first = first.or(Some(id));
            }
        }
        first
    }

    fn sign_after(
        &mut self,
        key: &SigningKey,
        prev: Option<EntryId>,
        seen: &Entries,
        (at_ms, body): (u64, Body),
    ) -> EntryId {
        let height_of = |id: &EntryId| {
            if self.model.has_place(id) { self.model.header(id).height } else { 0 }
        };
        let height = seen.iter().chain(&prev).map(height_of).max().unwrap_or(0) + 1;
        let at_least = prev.map_or(0, |id| self.model.header(&id).claimed_at_ms);
        let (_, kind) = Event::name_and_kind(&body);
        let draft = Draft {
            seq: prev.map_or(0, |id| self.model.header(&id).seq + 1),
            prev: prev.map_or(Prev::Ledger(self.ledger), Prev::Entry),
            seen: seen.iter().copied().collect(),
            height,
            claimed_at_ms: at_ms.max(at_least),
            kind,
            payload: people::payload(body, u64::try_from(self.messages.len()).unwrap(), ""),
        };
        let entry = sign_draft(draft, Some(self.ledger), public(key), key).unwrap();
        let message = entry.to_message();
        self.model.tell([&message]);
        self.messages.push(message);
        self.lines.push(self.describe(entry.id()));
        entry.id()
    }

    /// The last entry of a feed at a desk: of branches the one that goes on highest.
    fn own_head(&self, desk: usize, author: &PublicKey) -> Option<EntryId> {
        let own = self.desks[desk].iter().filter(|id| self.model.header(id).author == *author);
        own.max_by_key(|id| (self.model.header(id).seq, **id)).copied()
    }

    fn see(&self, desk: usize, author: &PublicKey, prev: Option<EntryId>, sight: Sight) -> Entries {
        let held = &self.desks[desk];
        let foreign = held.iter().filter(|id| self.model.header(id).author != *author).copied();
        match sight {
            Sight::Own => Entries::new(),
            Sight::Missing => {
                let number = u8::try_from(self.messages.len() % 250).unwrap();
                Entries::from([EntryId::from_bytes([number; 32])])
            }
            Sight::One(which) => {
                let all: Vec<EntryId> = foreign.collect();
                if all.is_empty() {
                    Entries::new()
                } else {
                    Entries::from([all[which.index(all.len())]])
                }
            }
            Sight::Careless => self.tips(&foreign.collect(), prev),
            Sight::Careful => {
                let mut shown: BTreeMap<PublicKey, Option<u64>> = BTreeMap::new();
                let beyond = |id: &EntryId| {
                    let header = self.model.header(id);
                    let fork = shown
                        .entry(header.author)
                        .or_insert_with(|| self.model.fork_shown(held, &header.author));
                    fork.is_some_and(|seq| seq <= header.seq)
                };
                let mut beyond = beyond;
                let careful = foreign.filter(|id| !beyond(id)).collect();
                self.tips(&careful, prev)
            }
        }
    }

    /// What of a set is no ancestor of the rest, nor of the predecessor.
    fn tips(&self, set: &Entries, prev: Option<EntryId>) -> Entries {
        let mut covered = Entries::new();
        for id in set.iter().filter(|id| self.model.has_place(id)) {
            let mut closure = self.model.closure(id);
            closure.remove(id);
            covered.extend(closure);
        }
        covered.extend(self.model.closure(&prev.unwrap_or(self.ledger.charter())));
        set.difference(&covered).copied().collect()
    }
}

/// Whose desk it is.
pub(super) const fn owner(desk: usize) -> usize {
    if desk < OWNERS { desk } else { desk - OWNERS }
}

/// The bytes of a key.
pub(super) fn key_bytes(key: &PublicKey) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(key.as_bytes())
}

fn vote(proposal: EntryId, choice: v1::VoteChoice) -> Body {
    Body::Vote(v1::Vote { proposal: acts::id_bytes(proposal), choice: choice.into(), reason: None })
}

fn enact(proposal: EntryId) -> Body {
    Body::Enact(v1::Enact { proposal: acts::id_bytes(proposal) })
}

fn charter(people: &[Person], setup: Setup) -> v1::Charter {
    let mut charter = people::charter(people);
    let rules = charter.rules.as_mut().unwrap();
    rules.council.truncate(setup.seats);
    let seats = u32::try_from(setup.seats).unwrap();
    rules.quorum = (seats / 2 + 1 + setup.stricter).min(seats);
    let civil: BTreeSet<&str> = people
        .iter()
        .filter(|person| person.class == v1::MemberClass::CivilSociety)
        .map(|person| person.slug.as_str())
        .collect();
    if setup.quota && rules.council.iter().any(|slug| civil.contains(slug.as_str())) {
        rules.class_quotas =
            vec![v1::ClassQuota { class: v1::MemberClass::CivilSociety.into(), members: 1 }];
    }
    charter
}
