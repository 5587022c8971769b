// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the council decides, and how: proposal, vote, enact; and keys that their members retire.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::choice::choice;
use super::date::PartialDate;
use super::error::{BrokenRule, EventError};
use super::field::{
    Parsed, ascending, broken, choice, distinct, each, entry_id, in_range, name, optional,
    optional_name, prose, public_key, required,
};
use super::indicator::Indicator;
use super::limits::{INDICATORS_MAX, KEYS_MAX, PLAN_CHANGES_MAX};
use super::member::{KeyGrant, Member};
use super::name::{IndicatorId, LineId, ObjectiveId, PillarId, Slug, ThemeId};
use super::period::Period;
use super::plan::{
    CodeList, DeclaredCounts, Financing, LineOfAction, Objective, Pillar, SuppressionRule, Theme,
};
use super::rules::Rules;
use super::source::Source;
use super::text::Text;
use crate::id::{EntryId, PublicKey};

/// A member puts a decision before the council.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Proposal {
    /// What would be decided.
    pub decision: Decision,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

impl TryFrom<v1::Proposal> for Proposal {
    type Error = EventError;

    fn try_from(raw: v1::Proposal) -> Result<Self, EventError> {
        Ok(Self {
            decision: required("decision", raw.decision)?,
            reason: optional("reason", raw.reason)?,
            evidence: evidence(raw.evidence)?,
        })
    }
}

/// What the council can decide.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// A member joins, with keys, perhaps with a seat in the council.
    AdmitMember {
        /// The member.
        member: Member,
        /// Its keys: ascending by key, all its own.
        keys: Vec<KeyGrant>,
        /// Whether it has a seat in the council.
        council: bool,
    },
    /// A member leaves.
    RetireMember(Slug),
    /// A member gets a key.
    GrantKey(KeyGrant),
    /// A key ends.
    RevokeKey {
        /// Which key.
        #[serde(serialize_with = "super::json::as_text")]
        key: PublicKey,
        /// Its last entry that counts. None: none does.
        #[serde(skip_serializing_if = "Option::is_none")]
        honoured: Option<Honoured>,
    },
    /// The plan changes.
    AmendPlan {
        /// The proposal that made the version being amended; the charter for the first.
        #[serde(serialize_with = "super::json::as_text")]
        base: EntryId,
        /// At least one.
        changes: Vec<PlanChange>,
    },
    /// The rules change.
    AmendRules {
        /// The proposal that made the version being amended; the charter for the first.
        #[serde(serialize_with = "super::json::as_text")]
        base: EntryId,
        /// The new rules, whole.
        rules: Rules,
    },
    /// An institution takes over another's responsibilities.
    Succession(Succession),
    /// A fork is settled.
    ResolveFork {
        /// Whose fork.
        #[serde(serialize_with = "super::json::as_text")]
        key: PublicKey,
        /// The forked slot, as proven.
        #[serde(serialize_with = "super::json::as_text")]
        seq: u64,
        /// The last entry of the branch that counts. None: nothing from the fork on does.
        #[serde(skip_serializing_if = "Option::is_none")]
        honoured: Option<Honoured>,
    },
    /// A payload is dropped for a legal reason.
    Redact {
        /// Whose payload.
        #[serde(serialize_with = "super::json::as_text")]
        entry: EntryId,
        /// The legal ground.
        ground: Source,
        /// What the entry was about, as the proposer states it: where the state shows the gap.
        #[serde(skip_serializing_if = "Option::is_none")]
        indicator: Option<IndicatorId>,
        /// Which period it was about.
        #[serde(skip_serializing_if = "Option::is_none")]
        period: Option<Period>,
    },
    /// A review becomes the council's own.
    AdoptReview(#[serde(serialize_with = "super::json::as_text")] EntryId),
    /// The ledger moves on to newer replay rules.
    RaiseRulesVersion(u32),
    /// A challenge is ruled on.
    CloseChallenge {
        /// Which challenge.
        #[serde(serialize_with = "super::json::as_text")]
        challenge: EntryId,
        /// Whether the challenger is right.
        upheld: bool,
        /// The disputed statement: its author has no vote.
        #[serde(serialize_with = "super::json::as_text")]
        report: EntryId,
    },
}

impl Decision {
    /// The name of the decision in the schema: `grant_key`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AdmitMember { .. } => "admit_member",
            Self::RetireMember(_) => "retire_member",
            Self::GrantKey(_) => "grant_key",
            Self::RevokeKey { .. } => "revoke_key",
            Self::AmendPlan { .. } => "amend_plan",
            Self::AmendRules { .. } => "amend_rules",
            Self::Succession(_) => "succession",
            Self::ResolveFork { .. } => "resolve_fork",
            Self::Redact { .. } => "redact",
            Self::AdoptReview(_) => "adopt_review",
            Self::RaiseRulesVersion(_) => "raise_rules_version",
            Self::CloseChallenge { .. } => "close_challenge",
        }
    }
}

impl TryFrom<v1::proposal::Decision> for Decision {
    type Error = EventError;

    fn try_from(raw: v1::proposal::Decision) -> Result<Self, EventError> {
        use v1::proposal::Decision as Raw;
        Ok(match raw {
            Raw::AdmitMember(raw) => parse_admission(raw)?,
            Raw::RetireMember(raw) => Self::RetireMember(name("member", raw.member)?),
            Raw::GrantKey(raw) => Self::GrantKey(required("grant", raw.grant)?),
            Raw::RevokeKey(raw) => Self::RevokeKey {
                key: public_key("key", &raw.key)?,
                honoured: optional("honoured", raw.honoured)?,
            },
            Raw::AmendPlan(raw) => parse_plan_amendment(raw)?,
            Raw::AmendRules(raw) => Self::AmendRules {
                base: entry_id("base", &raw.base)?,
                rules: required("rules", raw.rules)?,
            },
            Raw::Succession(raw) => Self::Succession(Succession::try_from(raw)?),
            Raw::ResolveFork(raw) => Self::ResolveFork {
                key: public_key("key", &raw.key)?,
                seq: raw.seq,
                honoured: optional("honoured", raw.honoured)?,
            },
            Raw::Redact(raw) => Self::Redact {
                entry: entry_id("entry", &raw.entry)?,
                ground: required("ground", raw.ground)?,
                indicator: optional_name("indicator", raw.indicator)?,
                period: optional("period", raw.period)?,
            },
            Raw::AdoptReview(raw) => Self::AdoptReview(entry_id("review", &raw.review)?),
            Raw::RaiseRulesVersion(raw) => {
                Self::RaiseRulesVersion(in_range("rules_version", raw.rules_version, 2..=u32::MAX)?)
            }
            Raw::CloseChallenge(raw) => Self::CloseChallenge {
                challenge: entry_id("challenge", &raw.challenge)?,
                upheld: raw.upheld,
                report: entry_id("report", &raw.report)?,
            },
        })
    }
}

fn parse_admission(raw: v1::AdmitMember) -> Parsed<Decision> {
    let member: Member = required("member", raw.member)?;
    let keys: Vec<KeyGrant> = each("keys", raw.keys, KEYS_MAX)?;
    ascending("keys", &keys, |grant| grant.key)?;
    for (index, grant) in keys.iter().enumerate() {
        if grant.member != member.slug {
            let (expected, found) = (member.slug.to_string(), grant.member.to_string());
            let path = format!("keys[{index}].member");
            return broken(&path, BrokenRule::OtherMember { expected, found });
        }
    }
    Ok(Decision::AdmitMember { member, keys, council: raw.council })
}

fn parse_plan_amendment(raw: v1::AmendPlan) -> Parsed<Decision> {
    let changes: Vec<PlanChange> = each("changes", raw.changes, PLAN_CHANGES_MAX)?;
    if changes.is_empty() {
        return broken("changes", BrokenRule::Missing { expected: "at least one change" });
    }
    Ok(Decision::AmendPlan { base: entry_id("base", &raw.base)?, changes })
}

/// The last entry of a key that still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Honoured {
    /// Its place in the key's feed.
    #[serde(serialize_with = "super::json::as_text")]
    pub seq: u64,
    /// Its id.
    #[serde(serialize_with = "super::json::as_text")]
    pub id: EntryId,
}

impl TryFrom<v1::Honoured> for Honoured {
    type Error = EventError;

    fn try_from(raw: v1::Honoured) -> Result<Self, EventError> {
        Ok(Self { seq: raw.seq, id: entry_id("id", &raw.id)? })
    }
}

/// An institution takes over another's responsibilities; old signatures stay.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Succession {
    /// The member that ceases.
    pub from: Slug,
    /// The member that takes over.
    pub to: Slug,
    /// Empty: all that the former was responsible for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<IndicatorId>,
    /// From when on, as the proposal states it. Without effect: the succession holds from the entry at
    /// which it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<PartialDate>,
    /// The law or decree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<Source>,
}

impl TryFrom<v1::Succession> for Succession {
    type Error = EventError;

    fn try_from(raw: v1::Succession) -> Result<Self, EventError> {
        let succession = Self {
            from: name("from", raw.from)?,
            to: name("to", raw.to)?,
            indicators: each("indicators", raw.indicators, INDICATORS_MAX)?,
            effective_on: optional("effective_on", raw.effective_on)?,
            legal_basis: optional("legal_basis", raw.legal_basis)?,
        };
        distinct("indicators", &succession.indicators, |id| id)?;
        if succession.from == succession.to {
            return broken("to", BrokenRule::Duplicate { found: succession.to.to_string() });
        }
        Ok(succession)
    }
}

/// One change of the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlanChange {
    /// What changes.
    pub change: Change,
    /// The series is not comparable across this change.
    pub declared_break: bool,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl TryFrom<v1::PlanChange> for PlanChange {
    type Error = EventError;

    fn try_from(raw: v1::PlanChange) -> Result<Self, EventError> {
        Ok(Self {
            change: required("change", raw.change)?,
            declared_break: raw.declared_break,
            reason: optional("reason", raw.reason)?,
        })
    }
}

/// A part of the plan that is set, whole, or removed.
#[expect(missing_docs, reason = "each variant sets or removes the part of the plan that it names")]
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    SetIndicator(Box<Indicator>),
    RemoveIndicator(IndicatorId),
    SetLine(LineOfAction),
    RemoveLine(LineId),
    SetObjective(Objective),
    RemoveObjective(ObjectiveId),
    SetPillar(Pillar),
    RemovePillar(PillarId),
    SetTheme(Theme),
    RemoveTheme(ThemeId),
    SetCodeList(CodeList),
    SetSuppression(SuppressionRule),
    SetReviewDueOn(PartialDate),
    SetFinancing(Financing),
    SetDeclared(DeclaredCounts),
}

impl TryFrom<v1::plan_change::Change> for Change {
    type Error = EventError;

    fn try_from(raw: v1::plan_change::Change) -> Result<Self, EventError> {
        use v1::plan_change::Change as Raw;
        Ok(match raw {
            Raw::SetIndicator(raw) => Self::SetIndicator(Box::new(raw.try_into()?)),
            Raw::RemoveIndicator(id) => Self::RemoveIndicator(id.try_into()?),
            Raw::SetLine(raw) => Self::SetLine(raw.try_into()?),
            Raw::RemoveLine(id) => Self::RemoveLine(id.try_into()?),
            Raw::SetObjective(raw) => Self::SetObjective(raw.try_into()?),
            Raw::RemoveObjective(id) => Self::RemoveObjective(id.try_into()?),
            Raw::SetPillar(raw) => Self::SetPillar(raw.try_into()?),
            Raw::RemovePillar(id) => Self::RemovePillar(id.try_into()?),
            Raw::SetTheme(raw) => Self::SetTheme(raw.try_into()?),
            Raw::RemoveTheme(id) => Self::RemoveTheme(id.try_into()?),
            Raw::SetCodeList(raw) => Self::SetCodeList(raw.try_into()?),
            Raw::SetSuppression(raw) => Self::SetSuppression(raw.try_into()?),
            Raw::SetReviewDueOn(raw) => Self::SetReviewDueOn(raw.try_into()?),
            Raw::SetFinancing(raw) => Self::SetFinancing(raw.try_into()?),
            Raw::SetDeclared(raw) => Self::SetDeclared(raw.try_into()?),
        })
    }
}

choice! {
    /// How a member votes.
    VoteChoice {
        /// For.
        Yes = "yes",
        /// Against.
        No = "no",
        /// Neither.
        Abstain = "abstain",
    }
}

/// A council member votes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Vote {
    /// On which proposal.
    #[serde(serialize_with = "super::json::as_text")]
    pub proposal: EntryId,
    /// How.
    pub choice: VoteChoice,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl TryFrom<v1::Vote> for Vote {
    type Error = EventError;

    fn try_from(raw: v1::Vote) -> Result<Self, EventError> {
        Ok(Self {
            proposal: entry_id("proposal", &raw.proposal)?,
            choice: choice("choice", raw.choice)?,
            reason: optional("reason", raw.reason)?,
        })
    }
}

/// Completes a decision whose votes were cast side by side.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Enact {
    /// Which proposal.
    #[serde(serialize_with = "super::json::as_text")]
    pub proposal: EntryId,
}

impl TryFrom<v1::Enact> for Enact {
    type Error = EventError;

    fn try_from(raw: v1::Enact) -> Result<Self, EventError> {
        Ok(Self { proposal: entry_id("proposal", &raw.proposal)? })
    }
}

/// A key ends without a vote, by itself or by its member.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyRetired {
    /// Which key.
    #[serde(serialize_with = "super::json::as_text")]
    pub key: PublicKey,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TryFrom<v1::KeyRetired> for KeyRetired {
    type Error = EventError;

    fn try_from(raw: v1::KeyRetired) -> Result<Self, EventError> {
        Ok(Self { key: public_key("key", &raw.key)?, reason: prose("reason", raw.reason)? })
    }
}

/// A proposal is taken back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProposalWithdrawn {
    /// Which proposal.
    #[serde(serialize_with = "super::json::as_text")]
    pub proposal: EntryId,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TryFrom<v1::ProposalWithdrawn> for ProposalWithdrawn {
    type Error = EventError;

    fn try_from(raw: v1::ProposalWithdrawn) -> Result<Self, EventError> {
        Ok(Self {
            proposal: entry_id("proposal", &raw.proposal)?,
            reason: prose("reason", raw.reason)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::super::member::{KeyScope, MemberClass};
    use super::*;

    fn text(es: &str) -> v1::Text {
        v1::Text { es: es.to_owned(), ..v1::Text::default() }
    }

    fn grant(seed: u8, member: &str) -> v1::KeyGrant {
        let key = SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
        v1::KeyGrant {
            key: key.to_vec().into(),
            member: member.to_owned(),
            scope: KeyScope::Sign.number(),
            ..v1::KeyGrant::default()
        }
    }

    fn propose(decision: v1::proposal::Decision) -> Result<Proposal, EventError> {
        Proposal::try_from(v1::Proposal { decision: Some(decision), ..v1::Proposal::default() })
    }

    #[test]
    fn a_proposal_says_what_would_be_decided() {
        let error = Proposal::try_from(v1::Proposal::default()).unwrap_err();
        assert_eq!(error.path, "decision");
    }

    #[test]
    fn a_member_is_admitted_with_its_own_keys_alone() {
        let admit = |owner: &str| {
            propose(v1::proposal::Decision::AdmitMember(v1::AdmitMember {
                member: Some(v1::Member {
                    slug: "semujeres".to_owned(),
                    class: MemberClass::Institution.number(),
                    name: Some(text("Secretaría de las Mujeres")),
                    source: None,
                    url: String::new(),
                }),
                keys: vec![grant(1, owner)],
                council: true,
            }))
        };
        assert!(admit("semujeres").is_ok());
        assert_eq!(
            admit("sre").unwrap_err().to_string(),
            "decision.keys[0].member: expected a key of the member semujeres, found one of sre"
        );
    }

    #[test]
    fn a_revocation_may_honour_nothing() {
        let key = grant(1, "sre").key;
        let revoke = |honoured| {
            propose(v1::proposal::Decision::RevokeKey(v1::RevokeKey { key: key.clone(), honoured }))
        };
        assert!(revoke(None).is_ok());
        let nameless = revoke(Some(v1::Honoured { seq: 4, id: bytes::Bytes::new() }));
        assert_eq!(nameless.unwrap_err().path, "decision.honoured.id");
    }

    #[test]
    fn an_amendment_changes_something() {
        let amend = |changes| {
            let base = vec![1; 32].into();
            propose(v1::proposal::Decision::AmendPlan(v1::AmendPlan { base, changes }))
        };
        assert_eq!(amend(Vec::new()).unwrap_err().path, "decision.changes");
        let nothing = amend(vec![v1::PlanChange::default()]).unwrap_err();
        assert_eq!(nothing.path, "decision.changes[0].change");
        let remove = v1::plan_change::Change::RemoveIndicator("I-01".to_owned());
        let change = v1::PlanChange { change: Some(remove), ..v1::PlanChange::default() };
        assert!(amend(vec![change]).is_ok());
    }

    #[test]
    fn nobody_succeeds_himself() {
        let succession = v1::Succession {
            from: "inmujeres".to_owned(),
            to: "inmujeres".to_owned(),
            ..v1::Succession::default()
        };
        let error = propose(v1::proposal::Decision::Succession(succession)).unwrap_err();
        assert_eq!(error.path, "decision.to");
    }
}
