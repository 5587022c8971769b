// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A reference model of the rules of authority: the shortest way to say them, and a slow one.
//!
//! Written from `docs/rules.md` and `docs/format.md` alone, apart from the implementation, which must
//! agree with it on every history. Sets of ancestors are sets; what holds is folded anew from all
//! effects for every question; nothing is kept but the verdict on each entry, which depends on its
//! ancestors alone. It reads the ledger crate's decoded events and identifiers, and none of its rules.

mod decide;
mod fact;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::entry::{Header, Kind, Prev, decode_entry};
use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{
    Charter, Decision, Decoded, Event, KeyScope, MemberClass, decode as decode_event,
};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::order::Place;
use constancia_ledger::state::VoidCode;
use constancia_proto::v1;

pub use decide::{CutOff, Holding, Outcome};
pub use view::{Status, Viewed};

/// A set of entries.
pub type Entries = BTreeSet<EntryId>;

/// An entry as somebody told it; whether it has a place is another question.
#[derive(Debug)]
struct Told {
    header: Header,
    /// None: without payload.
    event: Option<Decoded>,
}

/// What is said of an entry that has its place in the ledger, by its ancestors alone.
#[derive(Debug)]
struct Judged {
    /// Its ancestors.
    cone: Entries,
    /// Whose key wrote it.
    owner: Owner,
    /// Whether its author had the right to it. Facts are judged further in a view.
    right: Result<(), VoidCode>,
    /// The proposal that it completes.
    completes: Option<EntryId>,
    /// The key that it retires, and the first seq that no longer counts.
    retires: Option<(PublicKey, u64)>,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The member.
    pub member: Slug,
    /// What the key may write.
    pub scope: KeyScope,
}

/// The rules, over everything that was told.
#[derive(Debug)]
pub struct Model {
    ledger: LedgerId,
    charter: Charter,
    told: BTreeMap<EntryId, Told>,
    judged: BTreeMap<EntryId, Judged>,
}

impl Model {
    /// A ledger with its charter alone.
    pub fn new(charter: v1::SignedEntry) -> Self {
        let payload = charter.payload.clone().unwrap();
        let entry = decode_entry(charter).unwrap();
        let id = entry.id();
        let header = entry.header().clone();
        let Decoded::Known(event) = decode_event(&payload, header.kind) else {
            panic!("a charter");
        };
        let Event::Charter(charter) = event.body.clone() else { panic!("a charter") };
        let founder = charter.keys.iter().find(|grant| grant.key == header.author).unwrap();
        let owner = Owner { member: founder.member.clone(), scope: founder.scope };
        let judged =
            Judged { cone: Entries::new(), owner, right: Ok(()), completes: None, retires: None };
        Self {
            ledger: LedgerId::of_charter(id),
            charter: *charter,
            told: BTreeMap::from([(id, Told { header, event: Some(Decoded::Known(event)) })]),
            judged: BTreeMap::from([(id, judged)]),
        }
    }

    /// Tells it entries, in any order. Each is judged once its ancestors are.
    pub fn tell<'a>(&mut self, messages: impl IntoIterator<Item = &'a v1::SignedEntry>) {
        for message in messages {
            let entry = decode_entry(message.clone()).unwrap();
            let header = entry.header().clone();
            let payload = message.payload.as_ref();
            let event = payload.map(|payload| decode_event(payload, header.kind));
            let told = self.told.entry(entry.id()).or_insert(Told { header, event: None });
            told.event = told.event.take().or(event);
        }
        // Parents are lower than their children, so one pass in the order is enough.
        for place in self.sorted(self.told.keys()) {
            if !self.judged.contains_key(&place.id)
                && let Some((cone, owner)) = self.find_place(place.id)
            {
                let judged = self.judge(place.id, cone, owner);
                self.judged.insert(place.id, judged);
            }
        }
    }

    /// The charter's entry.
    pub const fn charter_id(&self) -> EntryId {
        self.ledger.charter()
    }

    /// Whether an entry has a place in the ledger: every ancestor is there, and its key was granted.
    pub fn has_place(&self, id: &EntryId) -> bool {
        self.judged.contains_key(id)
    }

    /// Everything that has a place.
    pub fn placed(&self) -> Entries {
        self.judged.keys().copied().collect()
    }

    /// The entry's ancestors and itself.
    pub fn closure(&self, id: &EntryId) -> Entries {
        let mut all = self.judged[id].cone.clone();
        all.insert(*id);
        all
    }

    /// The header of an entry that was told.
    pub fn header(&self, id: &EntryId) -> &Header {
        &self.told[id].header
    }

    /// What an entry says, where it is a known event.
    pub fn event(&self, id: &EntryId) -> Option<&Event> {
        match &self.told.get(id)?.event {
            Some(Decoded::Known(event)) => Some(&event.body),
            Some(Decoded::Unknown { .. } | Decoded::Invalid(_)) | None => None,
        }
    }

    /// What an entry would decide.
    pub fn decision(&self, id: &EntryId) -> Option<&Decision> {
        match self.event(id) {
            Some(Event::Proposal(proposal)) => Some(&proposal.decision),
            _ => None,
        }
    }

    /// Whose entry it is.
    pub fn owner(&self, id: &EntryId) -> &Owner {
        &self.judged[id].owner
    }

    /// Where entries stand in the order.
    pub fn sorted<'a>(&self, ids: impl IntoIterator<Item = &'a EntryId>) -> Vec<Place> {
        let place = |id: &EntryId| {
            let header = &self.told[id].header;
            Place { height: header.height, author: header.author, seq: header.seq, id: *id }
        };
        let mut places: Vec<Place> = ids.into_iter().map(place).collect();
        places.sort_unstable();
        places
    }

    /// The lowest slot of a key in which a set has two entries: the set shows the fork.
    pub fn fork_shown(&self, set: &Entries, key: &PublicKey) -> Option<u64> {
        let mut slots = BTreeSet::new();
        let seqs = set.iter().map(|id| &self.told[id].header);
        seqs.filter(|header| header.author == *key)
            .filter(|header| !slots.insert(header.seq))
            .map(|header| header.seq)
            .min()
    }

    /// Whose key it is by a set: by the key's first entry, else by what holds.
    fn key_owner(&self, set: &Entries, holding: &Holding, key: &PublicKey) -> Option<Owner> {
        let is_first = |place: &&Place| place.author == *key && place.seq == 0;
        let wrote =
            self.sorted(set).iter().find(is_first).map(|place| self.owner(&place.id).clone());
        wrote.or_else(|| holding.keys.get(key).map(|grant| grant.owner.clone()))
    }

    /// Ancestors and owner of an entry that has its place.
    fn find_place(&self, id: EntryId) -> Option<(Entries, Owner)> {
        let Told { header, event } = &self.told[&id];
        let mut cone = Entries::new();
        let mut height = 0;
        for parent in header.parents() {
            cone.extend(self.judged.get(&parent)?.cone.iter().copied());
            cone.insert(parent);
            height = height.max(self.told[&parent].header.height + 1);
        }
        let of_own = |parent: &EntryId| self.told[parent].header.author == header.author;
        let right_place = header.height == height && !header.seen.iter().any(of_own);
        let whole = header.kind != Kind::Governance || event.is_some();
        if !right_place || !whole {
            return None;
        }
        let owner = match header.prev {
            Prev::Nothing => return None,
            Prev::Ledger(_) => {
                let founder = self.told[&self.ledger.charter()].header.author;
                let holding = self.holds(&cone);
                let grant =
                    holding.keys.get(&header.author).filter(|_| header.author != founder)?;
                grant.owner.clone()
            }
            Prev::Entry(prev) => {
                let before = &self.told[&prev].header;
                let follows = before.author == header.author
                    && before.seq + 1 == header.seq
                    && before.claimed_at_ms <= header.claimed_at_ms;
                if !follows {
                    return None;
                }
                self.owner(&prev).clone()
            }
        };
        Some((cone, owner))
    }

    /// Whether the author had the right to an entry, and what came of it.
    fn judge(&self, id: EntryId, cone: Entries, owner: Owner) -> Judged {
        let mut judged = Judged { cone, owner, right: Ok(()), completes: None, retires: None };
        let Some(event) = self.event(&id) else {
            return judged;
        };
        let holding = self.holds(&judged.cone);
        judged.right = self.judge_key(id, event, &judged, &holding).and_then(|()| match event {
            Event::Charter(_) => Err(VoidCode::SecondCharter),
            Event::Acceptance(acceptance) if acceptance.charter != self.ledger.charter() => {
                Err(VoidCode::OtherCharter)
            }
            Event::Vote(vote) => self.judge_vote(vote.proposal, &judged, &holding).and_then(|()| {
                let voted = |it: &(EntryId, bool)| {
                    *self.owner(&it.0) == judged.owner
                        || self.owner(&it.0).member == judged.owner.member
                };
                let votes = self.votes(&judged.cone, &holding, vote.proposal);
                if votes.iter().any(voted) { Err(VoidCode::AlreadyVoted) } else { Ok(()) }
            }),
            Event::Enact(enact) => self.judge_vote(enact.proposal, &judged, &holding),
            Event::ProposalWithdrawn(withdrawn) => {
                self.judge_withdrawal(withdrawn.proposal, &judged, &holding)
            }
            Event::KeyRetired(retired) => {
                judged.retires = Some((retired.key, self.next_seq(&judged.cone, &retired.key)));
                self.judge_retirement(id, retired.key, &judged, &holding)
            }
            _ => Ok(()),
        });
        if judged.right.is_err() {
            judged.retires = None;
            return judged;
        }
        if let Event::Vote(v) = event {
            let own = matches!(v.choice, constancia_ledger::event::governance::VoteChoice::Yes);
            let also = Some((judged.owner.member.clone(), own));
            let complete = self.is_complete(&judged.cone, &holding, v.proposal, also);
            judged.completes = complete.then_some(v.proposal);
        }
        if let Event::Enact(enact) = event {
            if self.is_complete(&judged.cone, &holding, enact.proposal, None) {
                judged.completes = Some(enact.proposal);
            } else {
                judged.right = Err(VoidCode::QuorumNotMet);
            }
        }
        judged
    }

    /// R6, R22: scope and key.
    fn judge_key(
        &self,
        id: EntryId,
        event: &Event,
        judged: &Judged,
        holding: &Holding,
    ) -> Result<(), VoidCode> {
        let header = &self.told[&id].header;
        if event.kind() == Kind::Governance {
            if holding.is_cut_off(&header.author, header.seq) {
                return Err(VoidCode::AfterCutOff);
            }
            let shown = self.fork_shown(&judged.cone, &header.author);
            if shown.is_some_and(|seq| seq <= header.seq) {
                return Err(VoidCode::ForkShown);
            }
        }
        let may_acknowledge = match event {
            Event::Acknowledge => true,
            Event::KeyRetired(retired) => retired.key == header.author,
            _ => false,
        };
        if judged.owner.scope == KeyScope::Acknowledge && !may_acknowledge {
            return Err(VoidCode::Scope);
        }
        Ok(())
    }

    /// R7, R8: what is named is a proposal among the ancestors.
    fn find_proposal(&self, proposal: EntryId, cone: &Entries) -> Result<&Decision, VoidCode> {
        if !cone.contains(&proposal) {
            return Err(VoidCode::NotAnAncestor);
        }
        self.decision(&proposal).ok_or(VoidCode::NamedOtherSort)
    }

    /// R24, but for earlier votes of the same member.
    fn judge_vote(
        &self,
        proposal: EntryId,
        judged: &Judged,
        holding: &Holding,
    ) -> Result<(), VoidCode> {
        self.find_proposal(proposal, &judged.cone)?;
        if self.judged[&proposal].right.is_err() {
            return Err(VoidCode::NamedDoesNotCount);
        }
        if self.recused(proposal).as_ref() == Some(&judged.owner.member) {
            return Err(VoidCode::Recused);
        }
        if !holding.rules.council.contains(&judged.owner.member) {
            return Err(VoidCode::NotOnCouncil);
        }
        if holding.outcomes.contains_key(&proposal) {
            return Err(VoidCode::AlreadyDecided);
        }
        if !self.counts_in(&judged.cone, holding, proposal) {
            return Err(VoidCode::NamedDoesNotCount);
        }
        if self.is_withdrawn(&judged.cone, holding, proposal) {
            return Err(VoidCode::ProposalWithdrawn);
        }
        Ok(())
    }

    /// R23: the proposer's member takes it back before it passed.
    fn judge_withdrawal(
        &self,
        proposal: EntryId,
        judged: &Judged,
        holding: &Holding,
    ) -> Result<(), VoidCode> {
        self.find_proposal(proposal, &judged.cone)?;
        if self.judged[&proposal].right.is_err() {
            return Err(VoidCode::NamedDoesNotCount);
        }
        if self.owner(&proposal).member != judged.owner.member {
            return Err(VoidCode::NotProposer);
        }
        if holding.outcomes.contains_key(&proposal) {
            return Err(VoidCode::AlreadyDecided);
        }
        Ok(())
    }

    /// R28.
    fn judge_retirement(
        &self,
        id: EntryId,
        key: PublicKey,
        judged: &Judged,
        holding: &Holding,
    ) -> Result<(), VoidCode> {
        if key != self.told[&id].header.author {
            let owner = self.key_owner(&judged.cone, holding, &key).ok_or(VoidCode::UnknownKey)?;
            if owner.member != judged.owner.member {
                return Err(VoidCode::NotOwnKey);
            }
        }
        let end = self.next_seq(&judged.cone, &key);
        if holding.cut_offs.get(&key).is_some_and(|before| before.seq <= end) {
            return Err(VoidCode::AlreadyDecided);
        }
        Ok(())
    }

    /// Whether an entry of a set had its right, and its key still has it by what the set shows (R22,
    /// R25, R29).
    fn counts_in(&self, set: &Entries, holding: &Holding, id: EntryId) -> bool {
        let key = self.told[&id].header.author;
        self.judged[&id].right.is_ok()
            && !holding.is_cut_off(&key, self.told[&id].header.seq)
            && !self.is_forked(self.fork_shown(set, &key), holding, id)
    }

    /// R29: at or beyond the fork, and on no branch that the council honours.
    fn is_forked(&self, fork: Option<u64>, holding: &Holding, id: EntryId) -> bool {
        let header = &self.told[&id].header;
        if fork.is_none_or(|fork| header.seq < fork) {
            return false;
        }
        let resolution = holding.resolution(&header.author);
        let honoured = resolution.and_then(|it| it.honoured);
        !honoured.map(|last| last.id).is_some_and(|last| self.closure(&last).contains(&id))
    }

    /// The first vote of each member on a proposal that counts in a set, and whether it is yes.
    fn votes(&self, set: &Entries, holding: &Holding, proposal: EntryId) -> Vec<(EntryId, bool)> {
        let mut members = BTreeSet::new();
        let mut votes = Vec::new();
        for place in self.sorted(set) {
            if let Some(Event::Vote(vote)) = self.event(&place.id)
                && vote.proposal == proposal
                && self.counts_in(set, holding, place.id)
                && members.insert(self.owner(&place.id).member.clone())
            {
                let yes = vote.choice == constancia_ledger::event::governance::VoteChoice::Yes;
                votes.push((place.id, yes));
            }
        }
        votes
    }

    /// Whether somebody of the proposer took it back.
    fn is_withdrawn(&self, set: &Entries, holding: &Holding, proposal: EntryId) -> bool {
        set.iter().any(|id| match self.event(id) {
            Some(Event::ProposalWithdrawn(withdrawn)) => {
                withdrawn.proposal == proposal && self.counts_in(set, holding, *id)
            }
            _ => false,
        })
    }

    /// R25: whether the votes of a set, and one more, meet the quorum.
    fn is_complete(
        &self,
        set: &Entries,
        holding: &Holding,
        proposal: EntryId,
        also: Option<(Slug, bool)>,
    ) -> bool {
        let votes = self.votes(set, holding, proposal);
        let cast = votes.into_iter().map(|(id, yes)| (self.owner(&id).member.clone(), yes));
        let agreed: BTreeSet<Slug> =
            cast.chain(also).filter(|(_, yes)| *yes).map(|(member, _)| member).collect();
        let quorum = self.quorum(holding, proposal);
        quorum.is_met_by(holding, &agreed)
    }

    /// R24: who has no vote on a proposal, by what its proposer had seen.
    pub fn recused(&self, proposal: EntryId) -> Option<Slug> {
        let cone = &self.judged[&proposal].cone;
        let author = |id: &EntryId| cone.contains(id).then(|| self.owner(id).member.clone());
        match self.decision(&proposal)? {
            Decision::CloseChallenge { report, .. } => author(report),
            Decision::Redact { entry, .. } => author(entry),
            Decision::ResolveFork { key, .. } => {
                self.key_owner(cone, &self.holds(cone), key).map(|owner| owner.member)
            }
            _ => None,
        }
    }

    /// R25: what a decision on a proposal needs.
    pub fn quorum(&self, holding: &Holding, proposal: EntryId) -> Quorum {
        let recused = self.recused(proposal);
        let mut voters: BTreeSet<Slug> = holding.rules.council.iter().cloned().collect();
        if let Some(recused) = recused {
            voters.remove(&recused);
        }
        Quorum::of(holding, voters)
    }

    /// The seq after a key's last entry in a set.
    fn next_seq(&self, set: &Entries, key: &PublicKey) -> u64 {
        let own = set.iter().map(|id| &self.told[id].header).filter(|it| it.author == *key);
        own.map(|header| header.seq + 1).max().unwrap_or(0)
    }
}

/// How many must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Who has a vote.
    pub voters: BTreeSet<Slug>,
    /// How many of them.
    pub members: usize,
    /// How many of each class with a quota.
    pub classes: Vec<(MemberClass, usize)>,
}

impl Quorum {
    /// What is needed where these have a vote.
    fn of(holding: &Holding, voters: BTreeSet<Slug>) -> Self {
        let count = |needed: u32| usize::try_from(needed).unwrap();
        let of_class = |class: MemberClass| {
            voters.iter().filter(|slug| holding.members[*slug].member.class == class).count()
        };
        let more_than_half = voters.len() / 2 + 1;
        // Where somebody has no vote, no more is asked than the rest can give.
        let all_vote = voters.len() == holding.rules.council.len();
        let at_most = |needed: u32, there: usize| {
            if all_vote { count(needed) } else { count(needed).min(there) }
        };
        let members = at_most(holding.rules.quorum, voters.len()).max(more_than_half);
        let quotas = holding.rules.class_quotas.iter();
        let classes = quotas
            .map(|quota| (quota.class, at_most(quota.members, of_class(quota.class))))
            .collect();
        Self { voters, members, classes }
    }

    /// Whether these suffice.
    pub fn is_met_by(&self, holding: &Holding, agreed: &BTreeSet<Slug>) -> bool {
        let agreed: Vec<&Slug> = agreed.intersection(&self.voters).collect();
        let of_class = |class: MemberClass| {
            agreed.iter().filter(|slug| holding.members[**slug].member.class == class).count()
        };
        agreed.len() >= self.members
            && self.classes.iter().all(|(class, needed)| of_class(*class) >= *needed)
    }
}
