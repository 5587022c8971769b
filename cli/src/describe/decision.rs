// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A decision in one line: what the council is asked.

use constancia_ledger::id::{EntryId, PublicKey};
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;
use constancia_proto::v1::proposal::Decision;

use super::json_word;
use crate::ui::plain;
use crate::words::{Lang, choices, events, fields};

/// The decision that a proposal asks for, in one line.
pub(crate) fn decision_line(lang: Lang, proposal: &v1::Proposal) -> String {
    let Some(decision) = &proposal.decision else {
        return String::new();
    };
    let name = fields::label(lang, "Proposal", decision_name(decision));
    plain(&format!("{name}: {}", content_of(lang, decision)))
}

/// The name of a decision in the schema.
const fn decision_name(decision: &Decision) -> &'static str {
    match decision {
        Decision::AdmitMember(_) => "admit_member",
        Decision::RetireMember(_) => "retire_member",
        Decision::GrantKey(_) => "grant_key",
        Decision::RevokeKey(_) => "revoke_key",
        Decision::AmendPlan(_) => "amend_plan",
        Decision::AmendRules(_) => "amend_rules",
        Decision::Succession(_) => "succession",
        Decision::ResolveFork(_) => "resolve_fork",
        Decision::Redact(_) => "redact",
        Decision::AdoptReview(_) => "adopt_review",
        Decision::RaiseRulesVersion(_) => "raise_rules_version",
        Decision::CloseChallenge(_) => "close_challenge",
    }
}

fn content_of(lang: Lang, decision: &Decision) -> String {
    match decision {
        Decision::AdmitMember(admission) => {
            let member = admission.member.clone().unwrap_or_default();
            let name = member.name.unwrap_or_default();
            let name = lang.pick(&name.es, if name.en.is_empty() { &name.es } else { &name.en });
            format!("{} ({name})", member.slug)
        }
        Decision::RetireMember(retirement) => retirement.member.clone(),
        Decision::GrantKey(granting) => {
            let grant = granting.grant.clone().unwrap_or_default();
            let scope = json_word("KeyScope", grant.scope);
            let scope = choices::choice(lang, "KeyScope", &scope).to_owned();
            format!("{} {} ({scope})", grant.member, short_key(&grant.key))
        }
        Decision::RevokeKey(revocation) => {
            let honoured = honoured_text(lang, revocation.honoured.as_ref());
            format!("{}, {honoured}", short_key(&revocation.key))
        }
        Decision::AmendPlan(amendment) => {
            let changes = amendment.changes.iter().filter_map(|change| change.change.as_ref());
            let changes: Vec<String> = changes.map(|change| change_line(lang, change)).collect();
            changes.join(", ")
        }
        Decision::AmendRules(amendment) => {
            let rules = amendment.rules.clone().unwrap_or_default();
            events::rules_line(lang, &rules.quorum, &rules.council.len())
        }
        Decision::Succession(succession) => {
            let all = events::all_indicators(lang);
            let indicators = succession.indicators.join(", ");
            let indicators = if indicators.is_empty() { all } else { indicators };
            format!("{} → {} ({indicators})", succession.from, succession.to)
        }
        Decision::ResolveFork(resolution) => {
            let honoured = honoured_text(lang, resolution.honoured.as_ref());
            format!("{} #{}, {honoured}", short_key(&resolution.key), resolution.seq)
        }
        Decision::Redact(redaction) => {
            let ground = redaction.ground.clone().unwrap_or_default();
            format!("{} ({})", short(&redaction.entry), ground.citation)
        }
        Decision::AdoptReview(adoption) => short(&adoption.review),
        Decision::RaiseRulesVersion(raise) => raise.rules_version.to_string(),
        Decision::CloseChallenge(ruling) => {
            let verdict =
                if ruling.upheld { events::upheld(lang) } else { events::not_upheld(lang) };
            format!("{} ({verdict})", short(&ruling.challenge))
        }
    }
}

/// `set indicator P-01`.
fn change_line(lang: Lang, change: &Change) -> String {
    let (field, id) = match change {
        Change::SetIndicator(indicator) => ("set_indicator", indicator.id.as_str()),
        Change::RemoveIndicator(id) => ("remove_indicator", id.as_str()),
        Change::SetLine(line) => ("set_line", line.id.as_str()),
        Change::RemoveLine(id) => ("remove_line", id.as_str()),
        Change::SetObjective(objective) => ("set_objective", objective.id.as_str()),
        Change::RemoveObjective(id) => ("remove_objective", id.as_str()),
        Change::SetPillar(pillar) => ("set_pillar", pillar.id.as_str()),
        Change::RemovePillar(id) => ("remove_pillar", id.as_str()),
        Change::SetTheme(theme) => ("set_theme", theme.id.as_str()),
        Change::RemoveTheme(id) => ("remove_theme", id.as_str()),
        Change::SetCodeList(list) => ("set_code_list", list.concept.as_str()),
        Change::SetSuppression(_) => ("set_suppression", ""),
        Change::SetReviewDueOn(date) => ("set_review_due_on", date.text.as_str()),
        Change::SetFinancing(_) => ("set_financing", ""),
        Change::SetDeclared(_) => ("set_declared", ""),
    };
    format!("{} {id}", fields::label(lang, "PlanChange", field)).trim().to_owned()
}

/// Up to where a key counts.
fn honoured_text(lang: Lang, honoured: Option<&v1::Honoured>) -> String {
    match honoured {
        Some(honoured) => events::honoured_to(lang, &honoured.seq, &short(&honoured.id)),
        None => events::honoured_none(lang),
    }
}

fn short(id: &[u8]) -> String {
    EntryId::from_slice(id).map_or_else(|| hex::encode(id), |id| id.short())
}

fn short_key(key: &[u8]) -> String {
    PublicKey::from_slice(key).map_or_else(|| hex::encode(key), |key| key.short())
}
