// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R22–R25, R28: a governance entry is judged by its ancestors, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cone::Cone;
use super::{Authority, EffectKind, Governance, PutForward, Step, end_of, event_of};
use crate::entry::{Kind, VerifiedEntry};
use crate::event::governance::{Honoured, VoteChoice};
use crate::event::name::Slug;
use crate::event::{Decision, Event, KeyRetired, KeyScope};
use crate::id::{EntryId, PublicKey};
use crate::order::Place;
use crate::state::{VoidCode, VoidReason};
use crate::store::{Rows, StoreError};

/// What is known of a governance entry.
#[derive(Clone, Debug)]
pub struct Act {
    place: Place,
    member: Slug,
    void: Option<VoidReason>,
    content: ActContent,
}

/// What a governance entry says, as far as others depend on it.
#[derive(Clone, Debug)]
enum ActContent {
    Proposal(Arc<PutForward>),
    Vote { proposal: EntryId, choice: VoteChoice },
    Other,
}

impl Act {
    /// Why it has no effect, by its own ancestors.
    pub const fn void(&self) -> Option<VoidReason> {
        self.void
    }

    /// Whose it is.
    pub const fn member(&self) -> &Slug {
        &self.member
    }

    /// The proposal that it is.
    pub const fn proposal(&self) -> Option<&Arc<PutForward>> {
        match &self.content {
            ActContent::Proposal(proposal) => Some(proposal),
            ActContent::Vote { .. } | ActContent::Other => None,
        }
    }

    /// The proposal that it votes on, and how.
    pub const fn vote(&self) -> Option<(EntryId, VoteChoice)> {
        match &self.content {
            ActContent::Vote { proposal, choice } => Some((*proposal, *choice)),
            ActContent::Proposal(_) | ActContent::Other => None,
        }
    }
}

/// An entry on its way in, with what its ancestors say.
struct Judged<'a> {
    place: Place,
    member: Slug,
    cone: &'a Cone<'a>,
    authority: &'a Authority,
}

/// Nothing, or why an act is void; the outer error where the index cannot be read.
type Verdict = Result<Result<(), VoidReason>, StoreError>;

const fn void<T>(code: VoidCode) -> Result<T, VoidReason> {
    Err(VoidReason { code, named: None })
}

const fn void_by<T>(code: VoidCode, named: EntryId) -> Result<T, VoidReason> {
    Err(VoidReason { code, named: Some(named) })
}

impl Governance {
    pub(super) fn take_act(
        &mut self,
        rows: &dyn Rows,
        entry: &VerifiedEntry,
    ) -> Result<(), StoreError> {
        let header = entry.header();
        if header.height == 0 || self.by_id.contains_key(&entry.id()) {
            return Ok(());
        }
        let Some(event) = event_of(entry) else {
            return Ok(());
        };
        let cone = Cone::of(rows, entry)?;
        let authority = self.authority_at(&cone)?;
        let Some(owner) = self.owner_of(rows, entry)? else {
            return Ok(());
        };
        let Ok(member) = owner.member.parse::<Slug>() else {
            return Ok(());
        };
        let place =
            Place { height: header.height, author: header.author, seq: header.seq, id: entry.id() };
        let judged = Judged { place, member, cone: &cone, authority: &authority };
        let in_force = judged.check_key(&header.author, header.seq)?;
        let own_retirement =
            matches!(&event, Event::KeyRetired(retired) if retired.key == header.author);
        let right = match in_force {
            Ok(()) if owner.scope != KeyScope::Sign && !own_retirement => {
                Err(VoidReason { code: VoidCode::Scope, named: None })
            }
            right => right,
        };
        self.judge(&judged, right, &event)
    }

    /// Judges an act, keeps it, and notes what takes effect at it.
    fn judge(
        &mut self,
        judged: &Judged<'_>,
        right: Result<(), VoidReason>,
        event: &Event,
    ) -> Result<(), StoreError> {
        let verdict = match right {
            Ok(()) => self.check_act(judged, event)?,
            Err(reason) => Err(reason),
        };
        let content = if let Event::Proposal(proposal) = event {
            ActContent::Proposal(Arc::new(self.put_forward(judged, &proposal.decision)?))
        } else if let Event::Vote(vote) = event {
            ActContent::Vote { proposal: vote.proposal, choice: vote.choice }
        } else {
            ActContent::Other
        };
        self.keep(judged, content, verdict.err(), event);
        if verdict.is_ok() {
            self.take_effect(judged, event)?;
        }
        Ok(())
    }

    fn check_act(&self, judged: &Judged<'_>, event: &Event) -> Verdict {
        if let Event::Vote(vote) = event {
            return self.check_vote(judged, vote.proposal);
        }
        if let Event::Enact(enact) = event {
            return Ok(self.check_vote_right(judged, enact.proposal)?.map(|_| ()));
        }
        if let Event::ProposalWithdrawn(withdrawn) = event {
            return self.check_withdrawal(judged, withdrawn.proposal);
        }
        if let Event::KeyRetired(retired) = event {
            return self.check_retirement(judged, retired);
        }
        Ok(Ok(()))
    }

    fn keep(
        &mut self,
        judged: &Judged<'_>,
        content: ActContent,
        void: Option<VoidReason>,
        event: &Event,
    ) {
        let number = self.acts.len();
        let id = judged.place.id;
        if let ActContent::Vote { proposal, .. } = content {
            self.votes.entry(proposal).or_default().push(number);
        }
        if let Event::ProposalWithdrawn(withdrawn) = event
            && void.is_none()
        {
            self.withdrawals.entry(withdrawn.proposal).or_default().push(id);
        }
        self.by_id.insert(id, number);
        let (place, member) = (judged.place, judged.member.clone());
        self.acts.push(Act { place, member, void, content });
        self.journal.push(Step::Act);
    }

    /// Takes the act that came last back.
    pub(super) fn forget_act(&mut self) {
        let Some(act) = self.acts.pop() else {
            return;
        };
        let id = act.place.id;
        self.by_id.remove(&id);
        for votes in self.votes.values_mut() {
            votes.retain(|number| *number < self.acts.len());
        }
        for withdrawals in self.withdrawals.values_mut() {
            withdrawals.retain(|withdrawal| *withdrawal != id);
        }
    }

    fn take_effect(&mut self, judged: &Judged<'_>, event: &Event) -> Result<(), StoreError> {
        if let Some(proposal) = event.decides() {
            return self.try_to_pass(judged, proposal);
        }
        if let Event::KeyRetired(retired) = event {
            let honoured = judged.cone.last_of(&retired.key)?;
            let kind = EffectKind::Retired { key: retired.key, honoured };
            self.add_effect(judged.place, kind);
        }
        Ok(())
    }

    /// R25: with its ancestors the act completes the quorum.
    fn try_to_pass(&mut self, judged: &Judged<'_>, proposal: EntryId) -> Result<(), StoreError> {
        let Some(put) = self.act(&proposal).and_then(Act::proposal).map(Arc::clone) else {
            return Ok(());
        };
        let agreed = self.list_agreed(judged, &put)?;
        let agreed: BTreeSet<&Slug> = agreed.iter().collect();
        let council = judged.authority.council(put.recused.as_ref());
        if council.is_complete(&agreed) {
            let last_entries = self.list_last_entries(judged, &put.decision)?;
            let kind = EffectKind::Passed { proposal: put, last_entries };
            self.add_effect(judged.place, kind);
        } else if let Some(number) = self.by_id.get(&judged.place.id).copied()
            && let Some(act) = self.acts.get_mut(number)
            && act.vote().is_none()
        {
            // An Enact that completes nothing says so.
            act.void = Some(VoidReason { code: VoidCode::QuorumNotMet, named: Some(proposal) });
        }
        Ok(())
    }

    /// R24: members whose vote counts, by the act and its ancestors, and is yes.
    fn list_agreed(
        &self,
        judged: &Judged<'_>,
        put: &PutForward,
    ) -> Result<BTreeSet<Slug>, StoreError> {
        let mut first: BTreeMap<&Slug, (Place, VoteChoice)> = BTreeMap::new();
        for act in self.votes.get(&put.id).into_iter().flatten() {
            let Some(act) = self.acts.get(*act).filter(|act| act.void.is_none()) else {
                continue;
            };
            let Some((_, choice)) = act.vote() else {
                continue;
            };
            // Its own right has been looked at.
            if act.place.id != judged.place.id && !judged.counts(act)? {
                continue;
            }
            let earliest = first.entry(&act.member).or_insert((act.place, choice));
            if act.place < earliest.0 {
                *earliest = (act.place, choice);
            }
        }
        let yes = first.into_iter().filter(|(_, (_, choice))| *choice == VoteChoice::Yes);
        Ok(yes.map(|(member, _)| member.clone()).collect())
    }

    /// R8: what is voted on or taken back is a proposal among the ancestors, and not void.
    fn find_proposal(
        &self,
        judged: &Judged<'_>,
        proposal: EntryId,
    ) -> Result<Result<(&Act, &Arc<PutForward>), VoidReason>, StoreError> {
        if !judged.cone.has(&proposal)? {
            return Ok(void_by(VoidCode::NotAnAncestor, proposal));
        }
        Ok(match self.act(&proposal).and_then(|act| Some((act, act.proposal()?))) {
            None => void_by(VoidCode::NamedOtherSort, proposal),
            Some((act, _)) if act.void.is_some() => void_by(VoidCode::NamedDoesNotCount, proposal),
            Some(found) => Ok(found),
        })
    }

    /// R24: who votes or enacts has a seat and a vote, on a proposal that is open among its ancestors.
    fn check_vote_right(
        &self,
        judged: &Judged<'_>,
        proposal: EntryId,
    ) -> Result<Result<Arc<PutForward>, VoidReason>, StoreError> {
        let (act, put) = match self.find_proposal(judged, proposal)? {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        if put.recused.as_ref() == Some(&judged.member) {
            return Ok(void_by(VoidCode::Recused, proposal));
        }
        if !judged.authority.council(None).has(&judged.member) {
            return Ok(void(VoidCode::NotOnCouncil));
        }
        if judged.authority.decided(&proposal).is_some() {
            return Ok(void_by(VoidCode::AlreadyDecided, proposal));
        }
        // What passed stands, but what is open counts as long as its key does.
        if !judged.counts(act)? {
            return Ok(void_by(VoidCode::NamedDoesNotCount, proposal));
        }
        for withdrawal in self.withdrawals.get(&proposal).into_iter().flatten() {
            if let Some(act) = self.act(withdrawal)
                && judged.counts(act)?
            {
                return Ok(void_by(VoidCode::ProposalWithdrawn, *withdrawal));
            }
        }
        Ok(Ok(Arc::clone(put)))
    }

    fn check_vote(&self, judged: &Judged<'_>, proposal: EntryId) -> Verdict {
        if let Err(reason) = self.check_vote_right(judged, proposal)? {
            return Ok(Err(reason));
        }
        for act in self.votes.get(&proposal).into_iter().flatten() {
            let Some(act) = self.acts.get(*act) else {
                continue;
            };
            if act.member == judged.member && judged.counts(act)? {
                return Ok(void_by(VoidCode::AlreadyVoted, act.place.id));
            }
        }
        Ok(Ok(()))
    }

    /// R23: who proposed takes it back, before it passed.
    fn check_withdrawal(&self, judged: &Judged<'_>, proposal: EntryId) -> Verdict {
        let put = match self.find_proposal(judged, proposal)? {
            Ok((_, put)) => put,
            Err(reason) => return Ok(Err(reason)),
        };
        if put.member != judged.member {
            return Ok(void_by(VoidCode::NotProposer, proposal));
        }
        if judged.authority.decided(&proposal).is_some() {
            return Ok(void_by(VoidCode::AlreadyDecided, proposal));
        }
        Ok(Ok(()))
    }

    /// R28: the key itself or its member ends it, where it has not ended there or before.
    fn check_retirement(&self, judged: &Judged<'_>, retired: &KeyRetired) -> Verdict {
        let (key, authority) = (&retired.key, judged.authority);
        if *key != judged.place.author {
            let Some(owner) = self.owner_in(judged.cone, authority, key)? else {
                return Ok(void(VoidCode::UnknownKey));
            };
            if owner != judged.member {
                return Ok(void(VoidCode::NotOwnKey));
            }
        }
        match authority.cut_off(key) {
            Some(known) if known.end() <= end_of(judged.cone.last_of(key)?) => {
                Ok(void_by(VoidCode::AlreadyDecided, known.by))
            }
            Some(_) | None => Ok(Ok(())),
        }
    }

    /// R23: a proposal, with what its ancestors say of what it names.
    fn put_forward(
        &self,
        judged: &Judged<'_>,
        decision: &Decision,
    ) -> Result<PutForward, StoreError> {
        let (flaw, recused) = match decision {
            Decision::RevokeKey { key, honoured } => {
                (judged.check_honoured(key, honoured.as_ref(), 0)?.err(), None)
            }
            Decision::ResolveFork { key, seq, honoured } => {
                let mut checked = judged.check_honoured(key, honoured.as_ref(), *seq)?;
                if let (Ok(()), Some(honoured)) = (checked, honoured) {
                    checked = judged.check_branch(key, honoured)?;
                }
                let flaw = checked.err();
                let owner = self.owner_in(judged.cone, judged.authority, key)?;
                (flaw, owner)
            }
            Decision::Redact { entry, .. } => {
                self.check_named(judged, entry, VoidCode::NotRedactable)?
            }
            Decision::CloseChallenge { challenge, report, .. } => {
                let (flaw, _) = self.check_named(judged, challenge, VoidCode::NamedOtherSort)?;
                let (other, recused) =
                    self.check_named(judged, report, VoidCode::NamedOtherSort)?;
                (flaw.or(other), recused)
            }
            Decision::AdoptReview(review) => {
                (self.check_named(judged, review, VoidCode::NamedOtherSort)?.0, None)
            }
            Decision::AmendPlan { base, .. } | Decision::AmendRules { base, .. } => {
                let named = Some(*base);
                let flaw = VoidReason { code: VoidCode::NotAnAncestor, named };
                ((!judged.cone.has(base)?).then_some(flaw), None)
            }
            Decision::AdmitMember { .. }
            | Decision::RetireMember(_)
            | Decision::GrantKey(_)
            | Decision::Succession(_)
            | Decision::RaiseRulesVersion(_) => (None, None),
        };
        let member = judged.member.clone();
        Ok(PutForward { id: judged.place.id, member, decision: decision.clone(), flaw, recused })
    }

    /// A named entry is an ancestor and no governance; with it, whose it is.
    fn check_named(
        &self,
        judged: &Judged<'_>,
        id: &EntryId,
        governance: VoidCode,
    ) -> Result<(Option<VoidReason>, Option<Slug>), StoreError> {
        let named = Some(*id);
        let Some(row) = judged.cone.find(id)? else {
            return Ok((Some(VoidReason { code: VoidCode::NotAnAncestor, named }), None));
        };
        let owner = self.author_in(judged.cone, judged.authority, &row)?;
        let flaw =
            (row.facts.kind == Kind::Governance).then_some(VoidReason { code: governance, named });
        Ok((flaw, owner))
    }

    /// Of a member to be retired: the last entry of each of its keys among the ancestors.
    fn list_last_entries(
        &self,
        judged: &Judged<'_>,
        decision: &Decision,
    ) -> Result<BTreeMap<PublicKey, Option<Honoured>>, StoreError> {
        let mut last = BTreeMap::new();
        if let Decision::RetireMember(slug) = decision {
            for (key, standing) in judged.authority.keys() {
                let owner = self.owner_in(judged.cone, judged.authority, key)?;
                if owner.as_ref() == Some(slug) || standing.grant.member == *slug {
                    last.insert(*key, judged.cone.last_of(key)?);
                }
            }
        }
        Ok(last)
    }
}

impl Judged<'_> {
    /// R22: the key has not ended at this seq, and the ancestors show no fork at or before it.
    fn check_key(&self, key: &PublicKey, seq: u64) -> Verdict {
        if let Some(cut_off) = self.authority.cut_off(key)
            && seq >= cut_off.end()
        {
            return Ok(void_by(VoidCode::AfterCutOff, cut_off.by));
        }
        if self.cone.forked_seq(key)?.is_some_and(|forked| seq >= forked) {
            return Ok(void(VoidCode::ForkShown));
        }
        Ok(Ok(()))
    }

    /// Whether another act is an ancestor that counts: it had its right, and its key has neither ended
    /// nor forked before it by what the ancestors show, but for a branch that the council honours.
    fn counts(&self, act: &Act) -> Result<bool, StoreError> {
        let Place { author, seq, id, .. } = act.place;
        if act.void.is_some() || !self.cone.has(&id)? {
            return Ok(false);
        }
        if self.authority.cut_off(&author).is_some_and(|end| seq >= end.end()) {
            return Ok(false);
        }
        if self.cone.forked_seq(&author)?.is_none_or(|forked| seq < forked) {
            return Ok(true);
        }
        let resolution = self.authority.resolution(&author);
        match resolution.and_then(|resolution| resolution.honoured) {
            Some(honoured) => self.cone.is_up_to(&id, &honoured.id),
            None => Ok(false),
        }
    }

    /// What is to be honoured is an ancestor, the key's own, at its place, and not before `from`.
    fn check_honoured(&self, key: &PublicKey, honoured: Option<&Honoured>, from: u64) -> Verdict {
        let Some(honoured) = honoured else {
            return Ok(Ok(()));
        };
        let Some(row) = self.cone.find(&honoured.id)? else {
            return Ok(void_by(VoidCode::NotAnAncestor, honoured.id));
        };
        let facts = &row.facts;
        if facts.author != *key || facts.seq != honoured.seq || facts.seq < from {
            return Ok(void_by(VoidCode::NotOfKey, honoured.id));
        }
        Ok(Ok(()))
    }

    /// R29: what is to be honoured on a branch was written in ignorance of the other: its key could
    /// write no more once its ancestors showed the fork, and only then are they one branch.
    fn check_branch(&self, key: &PublicKey, honoured: &Honoured) -> Verdict {
        let Some(branch) = self.cone.up_to(&honoured.id)? else {
            return Ok(void_by(VoidCode::NotAnAncestor, honoured.id));
        };
        Ok(match branch.forked_seq(key)? {
            Some(_) => void_by(VoidCode::ForkShown, honoured.id),
            None => Ok(()),
        })
    }
}
