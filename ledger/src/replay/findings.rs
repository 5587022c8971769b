// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the replay notices. Each finding follows from the view and, for what is overdue, from T.

mod entry;
mod observation;

use std::collections::BTreeMap;

use super::scene::Scene;
use crate::order::{Moment, Place};
use crate::state::{Finding, FindingRule, Subject};

pub(super) use entry::find_in_entry;
pub(super) use observation::{Deadline, find_in_indicator};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// Whole days from `earlier` to `later`, and whether the time between exceeds the limit.
fn days_beyond(earlier: Moment, later: Moment, limit_days: u32) -> Option<u64> {
    let ms = later.ms_since(earlier);
    let limit_ms = u64::from(limit_days).saturating_mul(DAY_MS);
    (ms > limit_ms).then_some(ms / DAY_MS)
}

/// L1 and L7: what concerns keys and members as such.
pub(super) fn find_in_ledger(scene: Scene<'_>, judged_at: Moment) -> Vec<Finding> {
    let mut findings = find_forks(scene);
    findings.extend(find_silent_members(scene, judged_at));
    findings
}

/// L1. The evidence is what the ledger holds beyond the fork; the proof is beside it, since of a
/// fork into three each replica may hold another proof.
fn find_forks(scene: Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, feed) in &scene.at.frontier().feeds {
        let (Some(seq), Some(standing)) = (feed.forked_seq, scene.authority.key(key)) else {
            continue;
        };
        let beyond: Vec<Place> = scene.fold.forked(key).copied().collect();
        let head = scene.fold.key(key).head.map(|(_, entry)| scene.record(entry).place());
        findings.push(Finding {
            place: beyond.last().copied().or(head),
            rule: FindingRule::L1,
            subject: Subject::Key { key: *key, member: standing.grant.member.clone() },
            evidence: beyond.iter().map(|place| place.id).collect(),
            parameters: parameters([("seq", seq.to_string())]),
        });
    }
    findings
}

/// L7. Who never wrote has been silent since the charter.
fn find_silent_members(scene: Scene<'_>, judged_at: Moment) -> Vec<Finding> {
    let Some(limit_days) = scene.authority.limits().author_silent_days else {
        return Vec::new();
    };
    let charter = scene.authority.charter_number();
    let founded_at = Moment::from_ms(scene.record(charter).facts.effective_at_ms);
    let mut last: BTreeMap<_, Moment> = BTreeMap::new();
    for (number, tally) in scene.fold.members() {
        let at = tally.last_effective_at.unwrap_or(founded_at);
        last.insert(scene.history.member_slug(*number), at);
    }
    let members = scene.authority.members().iter();
    members
        .filter(|(_, standing)| standing.retired_by.is_none())
        .filter_map(|(slug, _)| {
            let since = last.get(slug).copied().unwrap_or(founded_at);
            let days = days_beyond(since, judged_at, limit_days)?;
            Some(Finding {
                place: None,
                rule: FindingRule::L7,
                subject: Subject::Member { member: slug.clone() },
                evidence: Vec::new(),
                parameters: parameters([
                    ("days", days.to_string()),
                    ("limit_days", limit_days.to_string()),
                ]),
            })
        })
        .collect()
}

/// The order in which findings are listed.
pub(super) fn sort_findings(findings: &mut [Finding]) {
    findings.sort_by(|one, other| {
        (one.place, one.rule, &one.subject, &one.parameters).cmp(&(
            other.place,
            other.rule,
            &other.subject,
            &other.parameters,
        ))
    });
}

fn parameters<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
