// SPDX-License-Identifier: Apache-2.0 OR MIT
//! L2, L4, L5, L6, O14: what concerns a single entry.

use super::{days_beyond, parameters};
use crate::entry::Kind;
use crate::id::EntryId;
use crate::order::Moment;
use crate::replay::scene::Scene;
use crate::state::{Finding, FindingRule, Standing, Subject, VoidCode, VoidReason};

/// How far a claim may be ahead of an entry that cites it: what an honest node cites (10 minutes).
const AHEAD_MS: u64 = 600_000;

/// Everything to be noticed about one entry.
pub(in crate::replay) fn find_in_entry(scene: Scene<'_>, entry: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(verdict) = scene.fold.verdict(entry) else {
        return findings;
    };
    match &verdict.standing {
        // That the council had something dropped is nobody's lack of a right.
        Standing::Void { reason } if reason.code == VoidCode::NamedRedacted => {}
        Standing::Void { reason } => findings.push(find_void(scene, entry, *reason)),
        Standing::UnknownEvent => {
            findings.push(find_unreadable(scene, entry, [("kind", "unknown")].into()));
        }
        Standing::InvalidEvent { rule, path } => {
            let pairs = vec![("kind", "invalid"), ("rule", rule), ("path", path)];
            findings.push(find_unreadable(scene, entry, pairs));
        }
        Standing::Redacted { decision } => {
            let parameters = parameters([("decision", decision.to_string())]);
            findings.push(Finding { parameters, ..finding(scene, entry, FindingRule::L5, None) });
        }
        Standing::Counted | Standing::Listed | Standing::Forked | Standing::Pending => {}
    }
    findings.extend(find_backdated(scene, entry));
    findings.extend(find_ahead(scene, entry));
    findings
}

/// L2, and O14 where a member attests its own report.
fn find_void(scene: Scene<'_>, entry: usize, reason: VoidReason) -> Finding {
    let record = scene.record(entry);
    // Only an ancestor is evidence: whether anything else is held depends on who looks.
    let is_ancestor = |named: &EntryId| record.names.get(named).is_some_and(Option::is_some);
    let evidence = reason.named.filter(is_ancestor);
    let event = record.event().map_or("", |event| event.name());
    let finding = finding(scene, entry, FindingRule::L2, evidence);
    if reason.code == VoidCode::OwnAttestation {
        return Finding { rule: FindingRule::O14, ..finding };
    }
    let mut parameters = parameters([
        ("reason", reason.code().to_owned()),
        ("rule", reason.rule().to_owned()),
        ("event", event.to_owned()),
    ]);
    if let Some(named) = reason.named {
        parameters.insert("named".to_owned(), named.to_string());
    }
    Finding { parameters, ..finding }
}

/// L6.
fn find_unreadable(scene: Scene<'_>, entry: usize, pairs: Vec<(&str, &str)>) -> Finding {
    let parameters =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Finding { parameters, ..finding(scene, entry, FindingRule::L6, None) }
}

/// L4: claimed long before anybody else held it. An acknowledgement waits for the next event to be
/// witnessed, so its delay says nothing.
fn find_backdated(scene: Scene<'_>, entry: usize) -> Option<Finding> {
    let record = scene.record(entry);
    let limit_days = scene.authority.limits().backdating_days?;
    let witnessed_at = scene.at.witnessed_at(entry)?;
    if record.facts.kind == Kind::Acknowledge {
        return None;
    }
    let claimed_at = Moment::from_ms(record.facts.claimed_at_ms);
    let days = days_beyond(claimed_at, witnessed_at, limit_days)?;
    let parameters = parameters([
        ("kind", "backdated".to_owned()),
        ("days", days.to_string()),
        ("limit_days", limit_days.to_string()),
    ]);
    Some(Finding { parameters, ..finding(scene, entry, FindingRule::L4, None) })
}

/// L4: claimed after the claim of another member's entry that cites it.
fn find_ahead(scene: Scene<'_>, entry: usize) -> Option<Finding> {
    scene.authority.limits().backdating_days?;
    let record = scene.record(entry);
    let citation = scene.fold.citation(entry)?;
    let ahead_ms = Moment::from_ms(record.facts.claimed_at_ms).ms_since(citation.claimed_at);
    if ahead_ms <= AHEAD_MS {
        return None;
    }
    let parameters = parameters([("kind", "ahead".to_owned()), ("ahead_ms", ahead_ms.to_string())]);
    let mut finding = finding(scene, entry, FindingRule::L4, None);
    finding.place = Some(citation.place);
    finding.evidence.push(citation.place.id);
    Some(Finding { parameters, ..finding })
}

/// A finding about an entry, with that entry and an ancestor of it as evidence.
fn finding(
    scene: Scene<'_>,
    entry: usize,
    rule: FindingRule,
    ancestor: Option<EntryId>,
) -> Finding {
    let record = scene.record(entry);
    let id = record.facts.id;
    Finding {
        place: Some(record.place()),
        rule,
        subject: Subject::Entry { entry: id, member: scene.member(record).clone() },
        evidence: ancestor.into_iter().chain([id]).collect(),
        parameters: [].into(),
    }
}
