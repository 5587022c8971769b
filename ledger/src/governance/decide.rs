// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R26: what a decision that passed changes, or why it changes nothing.
//!
//! Decisions apply in the order of their passing entries; each is judged by what holds just before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::amend::{amend_plan, hand_over};
use super::authority::{
    ChallengeRuling, CutOff, KeyStanding, MemberStanding, PlanVersion, Redaction, Resolution,
};
use super::{Authority, PutForward};
use crate::event::governance::{Honoured, PlanChange, Succession};
use crate::event::name::Slug;
use crate::event::{Decision, KeyGrant, Member, Rules};
use crate::id::{EntryId, PublicKey};
use crate::state::{VoidCode, VoidReason};

/// Nothing, or why the decision is void.
type Applied = Result<(), VoidReason>;

const fn void(code: VoidCode) -> VoidReason {
    VoidReason { code, named: None }
}

const fn void_by(code: VoidCode, named: EntryId) -> VoidReason {
    VoidReason { code, named: Some(named) }
}

impl Authority {
    /// Applies a decision. Where it is void nothing changes.
    pub(super) fn decide(
        &mut self,
        passed_at: EntryId,
        proposal: &PutForward,
        last_entries: &BTreeMap<PublicKey, Option<Honoured>>,
    ) -> Applied {
        let by = proposal.id;
        match &proposal.decision {
            // A seat whose holder has no key to vote with raises what more than half is.
            Decision::AdmitMember { member, keys, council } => {
                self.keep_quorum(|authority| authority.admit(by, member, keys, *council))
            }
            Decision::RetireMember(slug) => self.keep_quorum(|authority| {
                authority.retire_member(passed_at, by, slug, last_entries)
            }),
            Decision::GrantKey(grant) => {
                self.check_grant(grant)?;
                self.grant(by, grant);
                Ok(())
            }
            Decision::RevokeKey { key, honoured } => {
                let cut_off = CutOff { honoured: *honoured, at: passed_at, by };
                self.keep_quorum(|authority| authority.revoke(*key, cut_off))
            }
            Decision::AmendPlan { base, changes } => self.amend(passed_at, by, *base, changes),
            Decision::AmendRules { base, rules } => {
                self.keep_quorum(|authority| authority.amend_rules(by, *base, rules))
            }
            Decision::Succession(succession) => self.succeed(passed_at, by, succession),
            Decision::ResolveFork { key, seq, honoured } => {
                self.resolve(*key, Resolution { seq: *seq, honoured: *honoured, by })
            }
            Decision::Redact { entry, indicator, period, .. } => {
                self.redact(*entry, Redaction { by, indicator: indicator.clone(), period: *period })
            }
            Decision::AdoptReview(review) => self.adopt(by, *review),
            Decision::RaiseRulesVersion(version) => self.raise_rules(by, *version),
            Decision::CloseChallenge { challenge, upheld, report } => self.rule(
                *challenge,
                ChallengeRuling { by, passed_at, report: *report, upheld: *upheld },
            ),
        }
    }

    /// R30: nothing is decided of what was redacted, nor of what was said of it.
    fn check_not_redacted(&self, entry: &EntryId) -> Applied {
        match self.redactions.get(entry) {
            Some(_) => Err(void_by(VoidCode::NamedRedacted, *entry)),
            None => Ok(()),
        }
    }

    /// A decision after which the council could not decide any more is void.
    fn keep_quorum(&mut self, apply: impl FnOnce(&mut Self) -> Applied) -> Applied {
        let before = self.clone();
        let applied = apply(self).and_then(|()| {
            if self.can_decide() { Ok(()) } else { Err(void(VoidCode::QuorumLost)) }
        });
        if applied.is_err() {
            *self = before;
        }
        applied
    }

    fn admit(&mut self, by: EntryId, member: &Member, keys: &[KeyGrant], council: bool) -> Applied {
        if let Some(known) = self.members.get(&member.slug) {
            return Err(void_by(VoidCode::MemberExists, known.admitted_by));
        }
        for grant in keys {
            if let Some(known) = self.keys.get(&grant.key) {
                return Err(void_by(VoidCode::KeyGranted, known.granted_by));
            }
        }
        let standing =
            MemberStanding { member: Arc::new(member.clone()), admitted_by: by, retired_by: None };
        self.members.insert(member.slug.clone(), standing);
        for grant in keys {
            self.grant(by, grant);
        }
        if council {
            let mut rules = (*self.rules).clone();
            rules.council.push(member.slug.clone());
            rules.council.sort();
            self.set_rules(by, rules);
        }
        Ok(())
    }

    fn retire_member(
        &mut self,
        passed_at: EntryId,
        by: EntryId,
        slug: &Slug,
        last_entries: &BTreeMap<PublicKey, Option<Honoured>>,
    ) -> Applied {
        let unknown = void(VoidCode::UnknownMember);
        let standing = self.members.get_mut(slug).ok_or(unknown)?;
        if let Some(earlier) = standing.retired_by {
            return Err(void_by(VoidCode::UnknownMember, earlier));
        }
        standing.retired_by = Some(by);
        let own = |(key, standing): (&PublicKey, &KeyStanding)| {
            let is_own = standing.grant.member == *slug || last_entries.contains_key(key);
            is_own.then_some(*key)
        };
        let keys: Vec<PublicKey> = self.keys.iter().filter_map(own).collect();
        for key in keys {
            let honoured = last_entries.get(&key).copied().flatten();
            self.cut(key, CutOff { honoured, at: passed_at, by });
        }
        if self.rules.council.contains(slug) {
            let mut rules = (*self.rules).clone();
            rules.council.retain(|seat| seat != slug);
            self.set_rules(by, rules);
        }
        Ok(())
    }

    fn check_grant(&self, grant: &KeyGrant) -> Applied {
        if let Some(known) = self.keys.get(&grant.key) {
            return Err(void_by(VoidCode::KeyGranted, known.granted_by));
        }
        if self.member(&grant.member).is_none() {
            return Err(void(VoidCode::UnknownMember));
        }
        Ok(())
    }

    fn grant(&mut self, by: EntryId, grant: &KeyGrant) {
        let grant = Arc::new(grant.clone());
        let standing = KeyStanding { grant: Arc::clone(&grant), granted_by: by, cut_off: None };
        self.never_granted.remove(&grant.key);
        self.keys.insert(grant.key, standing);
    }

    fn revoke(&mut self, key: PublicKey, cut_off: CutOff) -> Applied {
        let Some(standing) = self.keys.get(&key) else {
            return Err(void(VoidCode::UnknownKey));
        };
        if let Some(known) = standing.cut_off
            && known.end() <= cut_off.end()
        {
            return Err(void_by(VoidCode::AlreadyDecided, known.by));
        }
        self.cut(key, cut_off);
        Ok(())
    }

    fn amend(
        &mut self,
        passed_at: EntryId,
        by: EntryId,
        base: EntryId,
        changes: &[PlanChange],
    ) -> Applied {
        let found = self.plan_version();
        if base != found {
            return Err(void_by(VoidCode::OtherVersion, found));
        }
        let (plan, declared_breaks) =
            amend_plan(self.plan(), changes).ok_or(void(VoidCode::BrokenPlan))?;
        let members: Vec<Member> =
            self.members.values().map(|standing| (*standing.member).clone()).collect();
        if plan.check_references().and_then(|()| plan.check_members(&members)).is_err() {
            return Err(void(VoidCode::BrokenPlan));
        }
        self.plans.push(PlanVersion { id: by, passed_at, plan: Arc::new(plan), declared_breaks });
        Ok(())
    }

    fn amend_rules(&mut self, by: EntryId, base: EntryId, rules: &Rules) -> Applied {
        if base != self.rules_set_by {
            return Err(void_by(VoidCode::OtherVersion, self.rules_set_by));
        }
        let present = self.members.values().filter(|standing| standing.retired_by.is_none());
        let members: Vec<Member> = present.map(|standing| (*standing.member).clone()).collect();
        let other_version = rules.rules_version != self.rules.rules_version;
        if other_version || rules.check_members(&members).is_err() {
            return Err(void(VoidCode::BrokenRules));
        }
        self.set_rules(by, rules.clone());
        Ok(())
    }

    fn raise_rules(&mut self, by: EntryId, version: u32) -> Applied {
        if version <= self.rules.rules_version {
            return Err(void_by(VoidCode::NotHigher, self.rules_set_by));
        }
        let mut rules = (*self.rules).clone();
        rules.rules_version = version;
        self.set_rules(by, rules);
        Ok(())
    }

    fn set_rules(&mut self, by: EntryId, rules: Rules) {
        self.rules = Arc::new(rules);
        self.rules_set_by = by;
    }

    fn succeed(&mut self, passed_at: EntryId, by: EntryId, succession: &Succession) -> Applied {
        if !self.members.contains_key(&succession.from) || self.member(&succession.to).is_none() {
            return Err(void(VoidCode::UnknownMember));
        }
        if succession.indicators.iter().any(|id| self.indicator(id).is_none()) {
            return Err(void(VoidCode::UnknownIndicator));
        }
        let plan = hand_over(self.plan(), succession);
        let plan = PlanVersion {
            id: by,
            passed_at,
            plan: Arc::new(plan),
            declared_breaks: BTreeSet::new(),
        };
        self.plans.push(plan);
        self.successions.push((by, succession.clone()));
        Ok(())
    }

    /// Of several resolutions of one key the lowest slot's holds, of one slot's the first.
    fn resolve(&mut self, key: PublicKey, resolution: Resolution) -> Applied {
        if !self.keys.contains_key(&key) {
            return Err(void(VoidCode::UnknownKey));
        }
        if let Some(known) = self.resolutions.get(&key)
            && known.seq <= resolution.seq
        {
            return Err(void_by(VoidCode::AlreadyDecided, known.by));
        }
        self.resolutions.insert(key, resolution);
        Ok(())
    }

    fn redact(&mut self, entry: EntryId, redaction: Redaction) -> Applied {
        if let Some(known) = self.redactions.get(&entry) {
            return Err(void_by(VoidCode::AlreadyDecided, known.by));
        }
        self.redactions.insert(entry, redaction);
        Ok(())
    }

    fn adopt(&mut self, by: EntryId, review: EntryId) -> Applied {
        self.check_not_redacted(&review)?;
        if let Some(earlier) = self.reviews.get(&review) {
            return Err(void_by(VoidCode::AlreadyDecided, *earlier));
        }
        self.reviews.insert(review, by);
        Ok(())
    }

    fn rule(&mut self, challenge: EntryId, ruling: ChallengeRuling) -> Applied {
        self.check_not_redacted(&challenge)?;
        self.check_not_redacted(&ruling.report)?;
        if let Some(known) = self.rulings.get(&challenge) {
            return Err(void_by(VoidCode::AlreadyDecided, known.by));
        }
        self.rulings.insert(challenge, ruling);
        Ok(())
    }
}
