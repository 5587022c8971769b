// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Who may do what: the charter, and the decisions that passed, one after another.
//!
//! A pure value. What it is made of (a set of effects) decides it whole, in whatever order they
//! arrived: they are applied in the ledger's order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::council::Council;
use super::{Effect, EffectKind, PutForward};
use crate::event::governance::{Honoured, Succession};
use crate::event::name::{IndicatorId, LineId, Slug};
use crate::event::plan::Plan;
use crate::event::rules::FindingLimits;
use crate::event::{
    Charter, Decision, Indicator, KeyGrant, KeyScope, Member, MemberClass, Period, Rules,
};
use crate::id::{EntryId, PublicKey};
use crate::order::Place;
use crate::state::VoidReason;

/// A version of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanVersion {
    /// What made it: the charter, or a proposal that passed.
    pub id: EntryId,
    /// Where the decision passed; the charter's own entry for the first.
    pub passed_at: EntryId,
    /// The plan.
    pub plan: Arc<Plan>,
    /// Indicators that it changed and whose series it says are not comparable across the change.
    pub declared_breaks: BTreeSet<IndicatorId>,
}

/// A member, and since and until when it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStanding {
    /// The member.
    pub member: Arc<Member>,
    /// What admitted it: the charter, or a proposal that passed.
    pub admitted_by: EntryId,
    /// The proposal that retired it.
    pub retired_by: Option<EntryId>,
}

/// A key, and how far it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// The grant.
    pub grant: Arc<KeyGrant>,
    /// What granted it: the charter, or a proposal that passed.
    pub granted_by: EntryId,
    /// Where it ends.
    pub cut_off: Option<CutOff>,
}

/// Where a key ends: what it wrote afterwards counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// Its last entry that counts. None: none does.
    pub honoured: Option<Honoured>,
    /// Where the decision passed, or the entry that retired the key.
    pub at: EntryId,
    /// What ended it: the proposal, or the entry that retired the key.
    pub by: EntryId,
}

impl CutOff {
    /// The first seq that does not count.
    pub fn end(&self) -> u64 {
        self.honoured.map_or(0, |honoured| honoured.seq.saturating_add(1))
    }
}

/// How the council settled a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The forked slot.
    pub seq: u64,
    /// The last entry that counts, on the branch that it ends. None: nothing from the fork on.
    pub honoured: Option<Honoured>,
    /// The proposal.
    pub by: EntryId,
}

/// What the council ruled about a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeRuling {
    /// The proposal.
    pub by: EntryId,
    /// Where it passed.
    pub passed_at: EntryId,
    /// The statement that the council took to be disputed: it must be the challenge's own.
    pub report: EntryId,
    /// Whether the challenger is right.
    pub upheld: bool,
}

/// A payload that the council had dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// The proposal.
    pub by: EntryId,
    /// What the entry was about, as the proposer states it.
    pub indicator: Option<IndicatorId>,
    /// The period, likewise.
    pub period: Option<Period>,
}

/// What became of a proposal that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The entry at which it passed.
    pub passed_at: EntryId,
    /// Why it has no effect all the same.
    pub void: Option<VoidReason>,
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub(super) charter_entry: EntryId,
    pub(super) charter: Arc<Charter>,
    /// The first is the charter's, the last is in force.
    pub(super) plans: Vec<PlanVersion>,
    pub(super) rules: Arc<Rules>,
    pub(super) rules_set_by: EntryId,
    pub(super) members: BTreeMap<Slug, MemberStanding>,
    pub(super) keys: BTreeMap<PublicKey, KeyStanding>,
    /// Keys whose grant passed and is void, since another decision stands before it: where it was not
    /// seen, the key may have begun a feed all the same, and nothing of it counts.
    pub(super) never_granted: BTreeMap<PublicKey, CutOff>,
    pub(super) resolutions: BTreeMap<PublicKey, Resolution>,
    pub(super) redactions: BTreeMap<EntryId, Redaction>,
    pub(super) reviews: BTreeMap<EntryId, EntryId>,
    pub(super) rulings: BTreeMap<EntryId, ChallengeRuling>,
    pub(super) successions: Vec<(EntryId, Succession)>,
    pub(super) decided: BTreeMap<EntryId, Decided>,
    /// Entries that retired a key and found it ending later or not at all.
    pub(super) retired_at: BTreeSet<EntryId>,
}

impl Authority {
    /// What the charter lays down.
    pub fn of_charter(charter_entry: EntryId, charter: Arc<Charter>) -> Self {
        let members = charter.members.iter().map(|member| {
            let member = Arc::new(member.clone());
            (
                member.slug.clone(),
                MemberStanding { member, admitted_by: charter_entry, retired_by: None },
            )
        });
        let keys = charter.keys.iter().map(|grant| {
            let standing = KeyStanding {
                grant: Arc::new(grant.clone()),
                granted_by: charter_entry,
                cut_off: None,
            };
            (grant.key, standing)
        });
        let plan = PlanVersion {
            id: charter_entry,
            passed_at: charter_entry,
            plan: Arc::new(charter.plan.clone()),
            declared_breaks: BTreeSet::new(),
        };
        Self {
            charter_entry,
            plans: vec![plan],
            rules: Arc::new(charter.rules.clone()),
            rules_set_by: charter_entry,
            members: members.collect(),
            keys: keys.collect(),
            never_granted: BTreeMap::new(),
            resolutions: BTreeMap::new(),
            redactions: BTreeMap::new(),
            reviews: BTreeMap::new(),
            rulings: BTreeMap::new(),
            successions: Vec::new(),
            decided: BTreeMap::new(),
            retired_at: BTreeSet::new(),
            charter,
        }
    }

    /// What holds after these effects, applied in the ledger's order whatever order they come in.
    #[must_use]
    pub fn after(mut self, effects: &[&Effect]) -> Self {
        let ordered: BTreeMap<Place, &Effect> =
            effects.iter().map(|effect| (effect.place, *effect)).collect();
        for effect in ordered.into_values() {
            match &effect.kind {
                EffectKind::Passed { proposal, last_entries } => {
                    self.pass(effect, proposal, last_entries);
                }
                EffectKind::Retired { key, honoured } => {
                    let id = effect.place.id;
                    if self.cut(*key, CutOff { honoured: *honoured, at: id, by: id }) {
                        self.retired_at.insert(id);
                    }
                }
            }
        }
        self
    }

    /// A decision passes at the first of the entries at which it could.
    fn pass(
        &mut self,
        effect: &Effect,
        proposal: &PutForward,
        last_entries: &BTreeMap<PublicKey, Option<Honoured>>,
    ) {
        if self.decided.contains_key(&proposal.id) {
            return;
        }
        let passed_at = effect.place.id;
        let void = match proposal.flaw {
            Some(flaw) => Some(flaw),
            None => self.decide(passed_at, proposal, last_entries).err(),
        };
        if void.is_some() {
            self.grant_nothing(passed_at, proposal);
        }
        self.decided.insert(proposal.id, Decided { passed_at, void });
    }

    /// Keys that a void decision would have granted count for nothing, until one grants them that is
    /// not void.
    fn grant_nothing(&mut self, passed_at: EntryId, proposal: &PutForward) {
        let grants = match &proposal.decision {
            Decision::GrantKey(grant) => std::slice::from_ref(grant),
            Decision::AdmitMember { keys, .. } => keys.as_slice(),
            Decision::RetireMember(_)
            | Decision::RevokeKey { .. }
            | Decision::AmendPlan { .. }
            | Decision::AmendRules { .. }
            | Decision::Succession(_)
            | Decision::ResolveFork { .. }
            | Decision::Redact { .. }
            | Decision::AdoptReview(_)
            | Decision::RaiseRulesVersion(_)
            | Decision::CloseChallenge { .. } => &[],
        };
        for grant in grants {
            if !self.keys.contains_key(&grant.key) {
                let end = CutOff { honoured: None, at: passed_at, by: proposal.id };
                self.never_granted.entry(grant.key).or_insert(end);
            }
        }
    }

    /// Ends a key, unless it ends there or before already; says whether it did.
    pub(super) fn cut(&mut self, key: PublicKey, cut_off: CutOff) -> bool {
        if let Some(standing) = self.keys.get_mut(&key)
            && standing.cut_off.is_none_or(|known| cut_off.end() < known.end())
        {
            standing.cut_off = Some(cut_off);
            return true;
        }
        false
    }

    /// The charter's entry.
    pub const fn charter_entry(&self) -> EntryId {
        self.charter_entry
    }

    /// The charter.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        match self.plans.last() {
            Some(version) => &version.plan,
            None => &self.charter.plan,
        }
    }

    /// Versions of the plan, the charter's first, the one in force last.
    pub fn plan_versions(&self) -> &[PlanVersion] {
        &self.plans
    }

    /// What made the plan in force: the charter, or a proposal that passed.
    pub fn plan_version(&self) -> EntryId {
        self.plans.last().map_or(self.charter_entry, |version| version.id)
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What made the rules in force: the charter, or a proposal that passed.
    pub const fn rules_set_by(&self) -> EntryId {
        self.rules_set_by
    }

    /// Limits beyond which findings are made.
    pub fn limits(&self) -> &FindingLimits {
        &self.rules.limits
    }

    /// Members, those that left among them, ascending by slug.
    pub const fn members(&self) -> &BTreeMap<Slug, MemberStanding> {
        &self.members
    }

    /// A member that has not left.
    pub fn member(&self, slug: &Slug) -> Option<&Member> {
        let standing = self.members.get(slug).filter(|standing| standing.retired_by.is_none());
        standing.map(|standing| &*standing.member)
    }

    /// What a member is or was.
    pub fn class_of(&self, slug: &Slug) -> Option<MemberClass> {
        self.members.get(slug).map(|standing| standing.member.class)
    }

    /// Keys that were ever granted, ascending.
    pub const fn keys(&self) -> &BTreeMap<PublicKey, KeyStanding> {
        &self.keys
    }

    /// The entries at which decisions passed and keys were retired: they stand wherever they are, those
    /// too that another has gone beyond since, for what came in between was judged by them. What
    /// changed nothing at its place in the order is none: without it everything is the same.
    pub fn list_decisive(&self) -> BTreeSet<EntryId> {
        let passed = self.decided.values().map(|decided| decided.passed_at);
        passed.chain(self.retired_at.iter().copied()).collect()
    }

    /// A key that was ever granted.
    pub fn key(&self, key: &PublicKey) -> Option<&KeyStanding> {
        self.keys.get(key)
    }

    /// Where a key ends, if it ends.
    pub fn cut_off(&self, key: &PublicKey) -> Option<CutOff> {
        match self.keys.get(key) {
            Some(standing) => standing.cut_off,
            None => self.never_granted.get(key).copied(),
        }
    }

    /// Where keys end, those among them whose grant is void.
    pub fn cut_offs(&self) -> impl Iterator<Item = (PublicKey, CutOff)> + '_ {
        let ended = self.keys.iter().filter_map(|(key, it)| it.cut_off.map(|end| (*key, end)));
        ended.chain(self.never_granted.iter().map(|(key, end)| (*key, *end)))
    }

    /// How the council settled a key's fork.
    pub fn resolution(&self, key: &PublicKey) -> Option<&Resolution> {
        self.resolutions.get(key)
    }

    /// The decision that dropped an entry's payload.
    pub fn redaction(&self, entry: &EntryId) -> Option<&Redaction> {
        self.redactions.get(entry)
    }

    /// Entries whose payload the council had dropped.
    pub const fn redactions(&self) -> &BTreeMap<EntryId, Redaction> {
        &self.redactions
    }

    /// The proposal by which the council made a review its own.
    pub fn adoption(&self, review: &EntryId) -> Option<EntryId> {
        self.reviews.get(review).copied()
    }

    /// What the council ruled about a challenge.
    pub fn ruling(&self, challenge: &EntryId) -> Option<&ChallengeRuling> {
        self.rulings.get(challenge)
    }

    /// Successions, in the order in which they took effect, each with its proposal.
    pub fn successions(&self) -> &[(EntryId, Succession)] {
        &self.successions
    }

    /// How the council settled forks, by key.
    pub const fn resolutions(&self) -> &BTreeMap<PublicKey, Resolution> {
        &self.resolutions
    }

    /// What became of every proposal that passed.
    pub const fn all_decided(&self) -> &BTreeMap<EntryId, Decided> {
        &self.decided
    }

    /// What became of a proposal, if it passed.
    pub fn decided(&self, proposal: &EntryId) -> Option<&Decided> {
        self.decided.get(proposal)
    }

    /// An indicator of the plan in force.
    pub fn indicator(&self, id: &IndicatorId) -> Option<&Indicator> {
        self.plan().indicators.iter().find(|indicator| indicator.id == *id)
    }

    /// Whether the plan in force has a line of action.
    pub fn has_line(&self, id: &LineId) -> bool {
        self.plan().lines.iter().any(|line| line.id == *id)
    }

    /// Whether the plan in force makes a member responsible for an indicator.
    pub fn is_responsible(&self, slug: &Slug, id: &IndicatorId) -> bool {
        self.indicator(id)
            .and_then(|indicator| indicator.responsible.value())
            .is_some_and(|responsible| responsible.members.contains(slug))
    }

    /// The council, but for who has no vote.
    pub fn council(&self, recused: Option<&Slug>) -> Council<'_> {
        Council::new(self, recused)
    }

    /// Whether enough council members have a `sign` key in force for any decision to pass.
    pub fn can_decide(&self) -> bool {
        let able: BTreeSet<&Slug> = self
            .keys
            .values()
            .filter(|key| key.grant.scope == KeyScope::Sign && key.cut_off.is_none())
            .map(|key| &key.grant.member)
            .collect();
        self.council(None).is_complete(&able)
    }
}
