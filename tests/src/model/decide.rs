// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R26 to R31: what holds for a set of entries: the charter and the effects among them, in order.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::event::governance::{Change, Honoured, Succession};
use constancia_ledger::event::name::{IndicatorId, Slug};
use constancia_ledger::event::{
    Charter, Decision, Indicator, KeyGrant, KeyScope, Member, Plan, Rules, Stated,
};
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::VoidCode;

use super::{Entries, Model, Owner, Quorum};
use constancia_ledger::entry::Kind;

/// A member, and how it came and went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberHeld {
    /// As it was admitted.
    pub member: Member,
    /// The charter, or the proposal.
    pub admitted_by: EntryId,
    /// The proposal.
    pub retired_by: Option<EntryId>,
}

/// A key that is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantHeld {
    /// Whose it is.
    pub owner: Owner,
    /// The charter, or the proposal.
    pub granted_by: EntryId,
}

/// Where a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// The proposal, or the entry that retired it.
    pub by: EntryId,
    /// The first seq that does not count.
    pub seq: u64,
}

/// How a fork is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The proposal.
    pub by: EntryId,
    /// The last entry that counts.
    pub honoured: Option<Honoured>,
}

/// What became of a decision that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where it passed.
    pub at: EntryId,
    /// Why it has no effect.
    pub void: Option<VoidCode>,
}

/// What holds.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Everybody who ever was a member.
    pub members: BTreeMap<Slug, MemberHeld>,
    /// Keys granted.
    pub keys: BTreeMap<PublicKey, GrantHeld>,
    /// Keys ended.
    pub cut_offs: BTreeMap<PublicKey, CutOff>,
    /// Keys whose grant passed and is void, each by that proposal: nothing of them counts.
    pub never_granted: BTreeMap<PublicKey, EntryId>,
    /// Forks settled, by key and slot.
    pub resolutions: BTreeMap<(PublicKey, u64), Resolution>,
    /// The plan in force.
    pub plan: Plan,
    /// What made each version of it.
    pub plan_versions: Vec<EntryId>,
    /// The rules in force.
    pub rules: Rules,
    /// What made them.
    pub rules_set_by: EntryId,
    /// Payloads dropped, each by a proposal.
    pub redacted: BTreeMap<EntryId, EntryId>,
    /// Reviews adopted, each by a proposal.
    pub adopted: BTreeMap<EntryId, EntryId>,
    /// Challenges ruled on, each by a proposal.
    pub ruled: BTreeMap<EntryId, EntryId>,
    /// What became of the proposals that passed.
    pub outcomes: BTreeMap<EntryId, Outcome>,
    /// Entries that retired a key and found it ending later or not at all.
    pub retired_at: Entries,
}

impl Holding {
    fn of_charter(charter: &Charter, id: EntryId) -> Self {
        let members = charter.members.iter().map(|member| {
            let held = MemberHeld { member: member.clone(), admitted_by: id, retired_by: None };
            (member.slug.clone(), held)
        });
        let keys = charter.keys.iter().map(|grant| (grant.key, GrantHeld::of(grant, id)));
        Self {
            members: members.collect(),
            keys: keys.collect(),
            cut_offs: BTreeMap::new(),
            never_granted: BTreeMap::new(),
            resolutions: BTreeMap::new(),
            plan: charter.plan.clone(),
            plan_versions: vec![id],
            rules: charter.rules.clone(),
            rules_set_by: id,
            redacted: BTreeMap::new(),
            adopted: BTreeMap::new(),
            ruled: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            retired_at: Entries::new(),
        }
    }

    /// Whether a key has ended at this seq or before.
    pub fn is_cut_off(&self, key: &PublicKey, seq: u64) -> bool {
        self.never_granted.contains_key(key)
            || self.cut_offs.get(key).is_some_and(|end| end.seq <= seq)
    }

    /// R29: how a key's fork is settled. Of several resolutions the one of the lowest slot holds. It
    /// stands when a lower fork comes to light: what was honoured stays so.
    pub fn resolution(&self, key: &PublicKey) -> Option<Resolution> {
        let mut of_key = self.resolutions.range((*key, 0)..=(*key, u64::MAX));
        of_key.next().map(|(_, resolution)| *resolution)
    }

    /// Who is a member.
    pub fn present(&self) -> Vec<Member> {
        let present = self.members.values().filter(|held| held.retired_by.is_none());
        present.map(|held| held.member.clone()).collect()
    }

    fn is_present(&self, slug: &Slug) -> bool {
        self.members.get(slug).is_some_and(|held| held.retired_by.is_none())
    }

    fn grant(&mut self, grant: &KeyGrant, by: EntryId) {
        self.never_granted.remove(&grant.key);
        self.keys.insert(grant.key, GrantHeld::of(grant, by));
    }

    fn cut_off(&mut self, key: PublicKey, by: EntryId, seq: u64) -> bool {
        let is_news = self.keys.contains_key(&key)
            && self.cut_offs.get(&key).is_none_or(|before| seq < before.seq);
        if is_news {
            self.cut_offs.insert(key, CutOff { by, seq });
        }
        is_news
    }

    /// Whether the council's members with a key to sign with can meet the quorum.
    fn can_decide(&self) -> bool {
        let seats: BTreeSet<Slug> = self.rules.council.iter().cloned().collect();
        let signs = |slug: &Slug| {
            self.keys.iter().any(|(key, grant)| {
                grant.owner.member == *slug
                    && grant.owner.scope == KeyScope::Sign
                    && !self.cut_offs.contains_key(key)
            })
        };
        let able = seats.iter().filter(|slug| signs(slug)).cloned().collect();
        Quorum::of(self, seats).is_met_by(self, &able)
    }
}

impl GrantHeld {
    fn of(grant: &KeyGrant, by: EntryId) -> Self {
        let owner = Owner { member: grant.member.clone(), scope: grant.scope };
        Self { owner, granted_by: by }
    }
}

impl Model {
    /// Where each decision passed: the first entry in the order, of a set, that completes it.
    pub fn passed(&self, set: &Entries) -> BTreeMap<EntryId, EntryId> {
        let mut passed = BTreeMap::new();
        for place in self.sorted(set) {
            if let Some(proposal) = self.judged[&place.id].completes {
                passed.entry(proposal).or_insert(place.id);
            }
        }
        passed
    }

    /// Entries of a set at which a decision passed or a key may be retired.
    fn effects(&self, set: &Entries) -> Entries {
        let passed = self.passed(set).into_values();
        let retired = set.iter().filter(|id| self.judged[*id].retires.is_some()).copied();
        passed.chain(retired).collect()
    }

    /// Those of them that a ledger keeps wherever they stand: what changed something at its place.
    pub fn decisive(&self, set: &Entries) -> Entries {
        self.passed(set).into_values().chain(self.holds(set).retired_at).collect()
    }

    /// What holds for a set of entries that has the ancestors of what it has.
    pub fn holds(&self, set: &Entries) -> Holding {
        let mut holding = Holding::of_charter(&self.charter, self.ledger.charter());
        let passed = self.passed(set);
        for place in self.sorted(&self.effects(set)) {
            let at = place.id;
            if let Some((key, seq)) = self.judged[&at].retires
                && holding.cut_off(key, at, seq)
            {
                holding.retired_at.insert(at);
            }
            // An entry completes one decision at most.
            let of_this = passed.iter().find(|(_, passed_at)| **passed_at == at);
            if let Some((&proposal, _)) = of_this {
                let mut after = holding.clone();
                let decided = self.decide(&mut after, proposal, at);
                if decided.is_ok() {
                    holding = after;
                } else {
                    let granted = match self.decision(&proposal).unwrap() {
                        Decision::GrantKey(grant) => vec![grant.key],
                        Decision::AdmitMember { keys, .. } => {
                            keys.iter().map(|grant| grant.key).collect()
                        }
                        _ => Vec::new(),
                    };
                    for key in granted {
                        if !holding.keys.contains_key(&key) {
                            holding.never_granted.entry(key).or_insert(proposal);
                        }
                    }
                }
                holding.outcomes.insert(proposal, Outcome { at, void: decided.err() });
            }
        }
        holding
    }

    /// Applies a decision, by what holds just before.
    fn decide(&self, holding: &mut Holding, by: EntryId, at: EntryId) -> Result<(), VoidCode> {
        let decision = self.decision(&by).unwrap();
        self.check_named(decision, &self.judged[&by].cone)?;
        match decision {
            Decision::AdmitMember { member, keys, council } => {
                admit(holding, by, member, keys, *council)
            }
            Decision::RetireMember(slug) => self.retire(holding, by, at, slug),
            Decision::GrantKey(grant) => {
                if holding.keys.contains_key(&grant.key) {
                    return Err(VoidCode::KeyGranted);
                }
                if !holding.is_present(&grant.member) {
                    return Err(VoidCode::UnknownMember);
                }
                holding.grant(grant, by);
                Ok(())
            }
            Decision::RevokeKey { key, honoured } => {
                if !holding.keys.contains_key(key) {
                    return Err(VoidCode::UnknownKey);
                }
                let seq = honoured.map_or(0, |honoured| honoured.seq + 1);
                if holding.is_cut_off(key, seq) {
                    return Err(VoidCode::AlreadyDecided);
                }
                holding.cut_off(*key, by, seq);
                if holding.can_decide() { Ok(()) } else { Err(VoidCode::QuorumLost) }
            }
            Decision::AmendPlan { base, changes } => {
                if holding.plan_versions.last() != Some(base) {
                    return Err(VoidCode::OtherVersion);
                }
                let mut plan = holding.plan.clone();
                for change in changes {
                    amend(&mut plan, &change.change)?;
                }
                set_plan(holding, by, plan)
            }
            Decision::AmendRules { base, rules } => {
                if holding.rules_set_by != *base {
                    return Err(VoidCode::OtherVersion);
                }
                rules.check_members(&holding.present()).map_err(|_| VoidCode::BrokenRules)?;
                (holding.rules, holding.rules_set_by) = (rules.clone(), by);
                if holding.can_decide() { Ok(()) } else { Err(VoidCode::QuorumLost) }
            }
            Decision::Succession(succession) => succeed(holding, by, succession),
            Decision::ResolveFork { key, seq, honoured } => {
                if !holding.keys.contains_key(key) {
                    return Err(VoidCode::UnknownKey);
                }
                if holding.resolutions.range((*key, 0)..=(*key, *seq)).next().is_some() {
                    return Err(VoidCode::AlreadyDecided);
                }
                let resolution = Resolution { by, honoured: *honoured };
                holding.resolutions.insert((*key, *seq), resolution);
                Ok(())
            }
            Decision::Redact { entry, .. } => once(&mut holding.redacted, *entry, by),
            Decision::AdoptReview(review) => {
                not_redacted(holding, &[*review])?;
                once(&mut holding.adopted, *review, by)
            }
            Decision::CloseChallenge { challenge, report, .. } => {
                not_redacted(holding, &[*challenge, *report])?;
                once(&mut holding.ruled, *challenge, by)
            }
            Decision::RaiseRulesVersion(version) => raise_rules(holding, by, *version),
        }
    }

    /// R23: what a decision names is among its proposal's ancestors, and of the right sort.
    fn check_named(&self, decision: &Decision, cone: &Entries) -> Result<(), VoidCode> {
        let seen = |id: &EntryId| {
            if cone.contains(id) { Ok(()) } else { Err(VoidCode::NotAnAncestor) }
        };
        let ungoverned = |id: &EntryId, wrong: VoidCode| {
            seen(id)?;
            if self.told[id].header.kind == Kind::Governance { Err(wrong) } else { Ok(()) }
        };
        let of_key = |honoured: &Option<Honoured>, key: &PublicKey, least: u64| {
            let Some(honoured) = honoured else {
                return Ok(());
            };
            seen(&honoured.id)?;
            let header = &self.told[&honoured.id].header;
            let right = header.author == *key && header.seq == honoured.seq && header.seq >= least;
            if right { Ok(()) } else { Err(VoidCode::NotOfKey) }
        };
        match decision {
            Decision::RevokeKey { key, honoured } => of_key(honoured, key, 0),
            Decision::ResolveFork { key, seq, honoured } => {
                of_key(honoured, key, *seq)?;
                // Once it had seen its fork the key could write no more.
                match honoured {
                    Some(it) if self.fork_shown(&self.closure(&it.id), key).is_some() => {
                        Err(VoidCode::ForkShown)
                    }
                    _ => Ok(()),
                }
            }
            Decision::AmendPlan { base, .. } | Decision::AmendRules { base, .. } => seen(base),
            Decision::Redact { entry, .. } => ungoverned(entry, VoidCode::NotRedactable),
            Decision::AdoptReview(review) => ungoverned(review, VoidCode::NamedOtherSort),
            Decision::CloseChallenge { challenge, report, .. } => {
                ungoverned(challenge, VoidCode::NamedOtherSort)?;
                ungoverned(report, VoidCode::NamedOtherSort)
            }
            Decision::AdmitMember { .. }
            | Decision::RetireMember(_)
            | Decision::GrantKey(_)
            | Decision::Succession(_)
            | Decision::RaiseRulesVersion(_) => Ok(()),
        }
    }

    fn retire(
        &self,
        holding: &mut Holding,
        by: EntryId,
        at: EntryId,
        slug: &Slug,
    ) -> Result<(), VoidCode> {
        if !holding.is_present(slug) {
            return Err(VoidCode::UnknownMember);
        }
        holding.members.get_mut(slug).unwrap().retired_by = Some(by);
        if holding.rules.council.contains(slug) {
            holding.rules.council.retain(|seat| seat != slug);
            holding.rules_set_by = by;
        }
        let cone = &self.judged[&at].cone;
        let then = self.holds(cone);
        for key in holding.keys.keys().copied().collect::<Vec<_>>() {
            // Whose key it is its feed says, as far as it was seen; else its grant.
            let is_own = |owner: Option<&Owner>| owner.is_some_and(|it| it.member == *slug);
            let seen_as_own = is_own(self.key_owner(cone, &then, &key).as_ref())
                || is_own(then.keys.get(&key).map(|grant| &grant.owner));
            if then.keys.contains_key(&key) && seen_as_own {
                holding.cut_off(key, by, self.next_seq(cone, &key));
            } else if is_own(holding.keys.get(&key).map(|grant| &grant.owner)) {
                holding.cut_off(key, by, 0);
            }
        }
        if holding.can_decide() { Ok(()) } else { Err(VoidCode::QuorumLost) }
    }
}

/// R30: nothing is decided of what was redacted.
fn not_redacted(holding: &Holding, named: &[EntryId]) -> Result<(), VoidCode> {
    if named.iter().any(|entry| holding.redacted.contains_key(entry)) {
        return Err(VoidCode::NamedRedacted);
    }
    Ok(())
}

fn raise_rules(holding: &mut Holding, by: EntryId, version: u32) -> Result<(), VoidCode> {
    if version <= holding.rules.rules_version {
        return Err(VoidCode::NotHigher);
    }
    holding.rules.rules_version = version;
    holding.rules_set_by = by;
    Ok(())
}

fn once(
    decided: &mut BTreeMap<EntryId, EntryId>,
    what: EntryId,
    by: EntryId,
) -> Result<(), VoidCode> {
    if decided.contains_key(&what) {
        return Err(VoidCode::AlreadyDecided);
    }
    decided.insert(what, by);
    Ok(())
}

fn admit(
    holding: &mut Holding,
    by: EntryId,
    member: &Member,
    keys: &[KeyGrant],
    council: bool,
) -> Result<(), VoidCode> {
    if holding.members.contains_key(&member.slug) {
        return Err(VoidCode::MemberExists);
    }
    if keys.iter().any(|grant| holding.keys.contains_key(&grant.key)) {
        return Err(VoidCode::KeyGranted);
    }
    let held = MemberHeld { member: member.clone(), admitted_by: by, retired_by: None };
    holding.members.insert(member.slug.clone(), held);
    for grant in keys {
        holding.grant(grant, by);
    }
    if council {
        holding.rules.council.push(member.slug.clone());
        holding.rules.council.sort();
        holding.rules_set_by = by;
    }
    if holding.can_decide() { Ok(()) } else { Err(VoidCode::QuorumLost) }
}

fn set_plan(holding: &mut Holding, by: EntryId, plan: Plan) -> Result<(), VoidCode> {
    // Who left stays responsible on paper until somebody says otherwise.
    let everybody: Vec<Member> = holding.members.values().map(|held| held.member.clone()).collect();
    plan.check_references().map_err(|_| VoidCode::BrokenPlan)?;
    plan.check_members(&everybody).map_err(|_| VoidCode::BrokenPlan)?;
    holding.plan = plan;
    holding.plan_versions.push(by);
    Ok(())
}

fn succeed(holding: &mut Holding, by: EntryId, succession: &Succession) -> Result<(), VoidCode> {
    if !holding.members.contains_key(&succession.from) || !holding.is_present(&succession.to) {
        return Err(VoidCode::UnknownMember);
    }
    let mut plan = holding.plan.clone();
    let has = |id: &IndicatorId| plan.indicators.iter().any(|sheet| sheet.id == *id);
    if !succession.indicators.iter().all(has) {
        return Err(VoidCode::UnknownIndicator);
    }
    for sheet in &mut plan.indicators {
        let concerned =
            succession.indicators.is_empty() || succession.indicators.contains(&sheet.id);
        if concerned && let Stated::Value(responsible) = &mut sheet.responsible {
            let before = responsible.members.len();
            responsible.members.retain(|slug| *slug != succession.from);
            if responsible.members.len() < before {
                responsible.members.push(succession.to.clone());
                responsible.members.sort();
                responsible.members.dedup();
            }
        }
    }
    set_plan(holding, by, plan)
}

fn amend(plan: &mut Plan, change: &Change) -> Result<(), VoidCode> {
    match change {
        Change::SetIndicator(sheet) => {
            set(&mut plan.indicators, Indicator::clone(sheet), |it| it.id == sheet.id);
        }
        Change::RemoveIndicator(id) => remove(&mut plan.indicators, |it| it.id == *id)?,
        Change::SetLine(line) => set(&mut plan.lines, line.clone(), |it| it.id == line.id),
        Change::RemoveLine(id) => remove(&mut plan.lines, |it| it.id == *id)?,
        Change::SetObjective(one) => set(&mut plan.objectives, one.clone(), |it| it.id == one.id),
        Change::RemoveObjective(id) => remove(&mut plan.objectives, |it| it.id == *id)?,
        Change::SetPillar(pillar) => {
            set(&mut plan.pillars, pillar.clone(), |it| it.id == pillar.id);
        }
        Change::RemovePillar(id) => remove(&mut plan.pillars, |it| it.id == *id)?,
        Change::SetTheme(theme) => set(&mut plan.themes, theme.clone(), |it| it.id == theme.id),
        Change::RemoveTheme(id) => remove(&mut plan.themes, |it| it.id == *id)?,
        Change::SetCodeList(list) => {
            set(&mut plan.code_lists, list.clone(), |it| it.concept == list.concept);
        }
        Change::SetSuppression(rule) => plan.suppression = Some(rule.clone()),
        Change::SetReviewDueOn(date) => plan.review_due_on = Some(*date),
        Change::SetFinancing(financing) => plan.financing = Some(financing.clone()),
        Change::SetDeclared(declared) => plan.declared = Some(declared.clone()),
    }
    Ok(())
}

fn set<T>(list: &mut Vec<T>, part: T, is_it: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|it| is_it(it)) {
        Some(found) => *found = part,
        None => list.push(part),
    }
}

fn remove<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool) -> Result<(), VoidCode> {
    let before = list.len();
    list.retain(|it| !is_it(it));
    if list.len() < before { Ok(()) } else { Err(VoidCode::BrokenPlan) }
}
