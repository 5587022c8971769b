// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Decisions that change nothing: what they ask for holds already, another proposal asks for it too, or
//! what they are about does not count any more.
//!
//! The ledger's own judgement (`find_flaw`) comes first; here stands what it does not call void.

use bytes::Bytes;
use constancia_ledger::id::EntryId;
use constancia_ledger::replay::RULES_VERSION;
use constancia_ledger::state::{ChallengeRecord, CloseKind, CloseRecord, ProposalStatus, Standing};
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::Scene;
use crate::failure::Failure;
use crate::ledger_view::{change, find_challenge};
use crate::words::{consequences as words, events, newer_rules};

/// What whoever signs should know of a decision that would have its effect. `id`: the proposal's,
/// where it is signed already.
///
/// # Errors
/// Where the ledger cannot be read.
pub(crate) async fn list_warnings(
    scene: Scene<'_>,
    id: Option<&EntryId>,
    proposal: &v1::Proposal,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    if let Some(Decision::RaiseRulesVersion(raise)) = &proposal.decision
        && raise.rules_version > RULES_VERSION
    {
        warnings.push(newer_rules::stops_here(scene.lang, &raise.rules_version, &RULES_VERSION));
    }
    if changes_nothing(scene, proposal) {
        warnings.push(words::changes_nothing(scene.lang));
    }
    warnings.extend(list_rivals(scene, id, proposal).await?);
    Ok(warnings)
}

/// Whether plan or rules would be what they are.
fn changes_nothing(scene: Scene<'_>, proposal: &v1::Proposal) -> bool {
    let view = scene.view;
    match &proposal.decision {
        Some(decision @ (Decision::AmendPlan(_) | Decision::Succession(_))) => {
            change(&view.plan, Some(decision.clone())).is_some_and(|changed| changed == view.plan)
        }
        Some(Decision::AmendRules(amendment)) => {
            amendment.rules.as_ref().is_some_and(|rules| *rules == view.governance_rules())
        }
        Some(
            Decision::AdmitMember(_)
            | Decision::RetireMember(_)
            | Decision::GrantKey(_)
            | Decision::RevokeKey(_)
            | Decision::ResolveFork(_)
            | Decision::Redact(_)
            | Decision::AdoptReview(_)
            | Decision::RaiseRulesVersion(_)
            | Decision::CloseChallenge(_),
        )
        | None => false,
    }
}

/// Other open proposals that leave nothing for this one once they have passed, or the other way round.
async fn list_rivals(
    scene: Scene<'_>,
    id: Option<&EntryId>,
    proposal: &v1::Proposal,
) -> Result<Vec<String>, Failure> {
    let Some(decision) = &proposal.decision else {
        return Ok(Vec::new());
    };
    let mut warnings = Vec::new();
    for record in &scene.view.governance.proposals {
        let may_pass = matches!(record.status, ProposalStatus::Open | ProposalStatus::Ready);
        if !may_pass || Some(&record.act.entry) == id {
            continue;
        }
        let known = scene.view.proposal(scene.desk, &record.act.entry).await?;
        let Some(known) = &known.decision else {
            continue;
        };
        let by = scene.view.member_name(scene.lang, record.act.member.as_str());
        let other = record.act.entry.short();
        if asks_the_same(known, decision) {
            warnings.push(words::asked_already(scene.lang, &other, &by));
        } else if excludes(known, decision) {
            warnings.push(words::excluded_by(scene.lang, &other, &by));
        }
    }
    Ok(warnings)
}

/// Whether one of the two leaves nothing for the other: what is redacted on another ground is gone
/// as well.
fn asks_the_same(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::Redact(one), Decision::Redact(other)) => one.entry == other.entry,
        (one, other) => one == other,
    }
}

/// Whether only one of the two can have its effect, though they ask for different things (R26): a
/// challenge is ruled on and a fork settled once, a member admitted once, and with keys that nobody
/// has.
fn excludes(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::CloseChallenge(one), Decision::CloseChallenge(other)) => {
            one.challenge == other.challenge
        }
        (Decision::ResolveFork(one), Decision::ResolveFork(other)) => {
            one.key == other.key && one.seq == other.seq
        }
        (Decision::AdmitMember(one), Decision::AdmitMember(other))
            if one.member.as_ref().map(|member| &member.slug)
                == other.member.as_ref().map(|member| &member.slug) =>
        {
            true
        }
        (one, other) => {
            let (one, other) = (list_granted(one), list_granted(other));
            one.iter().any(|key| other.contains(key))
        }
    }
}

/// The keys that a decision grants.
fn list_granted(decision: &Decision) -> Vec<&Bytes> {
    match decision {
        Decision::AdmitMember(admission) => admission.keys.iter().map(|grant| &grant.key).collect(),
        Decision::GrantKey(granting) => granting.grant.iter().map(|grant| &grant.key).collect(),
        Decision::RetireMember(_)
        | Decision::RevokeKey(_)
        | Decision::AmendPlan(_)
        | Decision::AmendRules(_)
        | Decision::Succession(_)
        | Decision::ResolveFork(_)
        | Decision::Redact(_)
        | Decision::AdoptReview(_)
        | Decision::RaiseRulesVersion(_)
        | Decision::CloseChallenge(_) => Vec::new(),
    }
}

/// Why a ruling or an adoption changes nothing, before it passes and after, although the ledger does
/// not call it void: what it is about does not count, or another close came first (R17). `id`: the
/// proposal's, where it is signed already.
///
/// # Errors
/// Where the ledger cannot be read.
pub(super) async fn find_spent(
    scene: Scene<'_>,
    id: Option<&EntryId>,
    proposal: &v1::Proposal,
) -> Result<Option<String>, Failure> {
    let about = match &proposal.decision {
        Some(Decision::CloseChallenge(ruling)) => &ruling.challenge,
        Some(Decision::AdoptReview(adoption)) => &adoption.review,
        Some(_) | None => return Ok(None),
    };
    let Some(about) = EntryId::from_slice(about) else {
        return Ok(None);
    };
    let entry = scene.desk.get_entry(&about.to_string()).await?;
    if ![Standing::Counted.code(), Standing::Listed.code()].contains(&entry.standing.as_str()) {
        let standing = events::standing_in_words(scene.lang, &entry);
        return Ok(Some(words::named_idle(scene.lang, &about.short(), &standing)));
    }
    let state = scene.view.state(scene.desk).await?;
    let close = find_challenge(state, &about).and_then(ChallengeRecord::deciding_close);
    let is_own = |close: &CloseRecord| close.outcome == CloseKind::Ruled && close.by.as_ref() == id;
    let is_spent = close.is_some_and(|close| !is_own(close));
    Ok(is_spent.then(|| words::challenge_closed(scene.lang, &about.short())))
}
