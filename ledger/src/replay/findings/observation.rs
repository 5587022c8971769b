// SPDX-License-Identifier: Apache-2.0 OR MIT
//! O7, O9, O15, O16, P11: what concerns an indicator's figures.

use std::collections::{BTreeMap, BTreeSet};

use super::{days_beyond, parameters};
use crate::event::Decimal;
use crate::event::decimal::{QuotientScale, UnitMultiplier, quotient_matches};
use crate::event::name::Slug;
use crate::event::observation::Coordinates;
use crate::id::EntryId;
use crate::order::{Moment, Place};
use crate::state::{
    ChallengeStanding, DefinitionRecord, Finding, FindingRule, IndicatorDocument, Series, Subject,
    Vintage,
};

/// A challenge that waits for an answer: a finding once T is late enough.
#[derive(Clone, Debug)]
pub(in crate::replay) struct Deadline {
    since: Moment,
    limit_days: u32,
    finding: Finding,
}

impl Deadline {
    /// O15, judged at T.
    pub(in crate::replay) fn judge(&self, judged_at: Moment) -> Option<Finding> {
        let days = days_beyond(self.since, judged_at, self.limit_days)?;
        let parameters =
            parameters([("days", days.to_string()), ("limit_days", self.limit_days.to_string())]);
        Some(Finding { parameters, ..self.finding.clone() })
    }
}

/// What is noticed at any T, and what depends on T.
pub(in crate::replay) fn find_in_indicator(
    document: &IndicatorDocument,
    challenge_days: Option<u32>,
) -> (Vec<Finding>, Vec<Deadline>) {
    let places: BTreeMap<EntryId, Place> = document
        .statements
        .iter()
        .map(|statement| (statement.act.entry, statement.act.place()))
        .collect();
    let sheet = Sheet { document, places };
    let mut findings = Vec::new();
    for series in &document.series {
        findings.extend(sheet.find_round_trips(series));
        findings.extend(sheet.find_wrong_quotient(series));
    }
    findings.extend(sheet.find_differences());
    findings.extend(find_redefinitions(document));
    let deadlines = challenge_days.map_or_else(Vec::new, |days| sheet.list_deadlines(days));
    (findings, deadlines)
}

/// P11: what is measured changed, and nobody was told that the series breaks there.
fn find_redefinitions(document: &IndicatorDocument) -> impl Iterator<Item = Finding> {
    let silent = |version: &&DefinitionRecord| version.redefined && !version.declared_break;
    document.versions.iter().filter(silent).map(|version| Finding {
        place: None,
        rule: FindingRule::P11,
        subject: Subject::Indicator { indicator: document.id.clone() },
        evidence: vec![version.plan_version],
        parameters: parameters([("plan_version", version.plan_version.to_string())]),
    })
}

/// An indicator's figures, and where their entries stand.
struct Sheet<'a> {
    document: &'a IndicatorDocument,
    places: BTreeMap<EntryId, Place>,
}

impl Sheet<'_> {
    fn finding(
        &self,
        rule: FindingRule,
        observation: &Coordinates,
        members: Vec<Slug>,
        entries: impl IntoIterator<Item = EntryId>,
    ) -> Finding {
        let mut places: Vec<Place> =
            entries.into_iter().filter_map(|id| self.places.get(&id).copied()).collect();
        places.sort_unstable();
        places.dedup();
        Finding {
            place: places.last().copied(),
            rule,
            subject: Subject::Observation {
                indicator: self.document.id.clone(),
                observation: observation.clone(),
                members,
            },
            evidence: places.iter().map(|place| place.id).collect(),
            parameters: BTreeMap::new(),
        }
    }

    /// O7: a value that was left is published again. The evidence is both ends of the way: where the
    /// value stood and what took its place, what stood last and where the value came back. All of it
    /// would be as long for each of thousands of values as the series.
    fn find_round_trips(&self, series: &Series) -> Vec<Finding> {
        let mut findings = Vec::new();
        // The last place of each value, by its number; equal numbers are written alike here.
        let mut last_seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut before: Option<String> = None;
        for (index, vintage) in series.vintages.iter().enumerate() {
            let Some(value) = vintage.value else {
                continue;
            };
            let number = number_of(vintage, value);
            let earlier = last_seen.insert(number.clone(), index);
            let stays = before.as_ref() == Some(&number);
            before = Some(number);
            if let Some(earlier) = earlier.filter(|_| !stays) {
                let ends = [earlier, earlier.saturating_add(1), index.saturating_sub(1), index];
                let trip = ends.into_iter().filter_map(|end| series.vintages.get(end));
                let mut finding = self.finding(
                    FindingRule::O7,
                    &series.observation,
                    vec![series.member.clone()],
                    trip.map(|vintage| vintage.entry),
                );
                finding.parameters = parameters([("value", value.to_string())]);
                findings.push(finding);
            }
        }
        findings
    }

    /// O9, for the value that stands.
    fn find_wrong_quotient(&self, series: &Series) -> Option<Finding> {
        let vintage = series.current()?;
        let value = vintage.value?;
        let unit = vintage.unit.as_ref().unwrap_or(&self.document.unit);
        let multiplier = vintage.unit_multiplier.unwrap_or(self.document.unit_multiplier);
        let scale = QuotientScale::of_unit(unit, multiplier);
        let parameters = match vintage.ratio {
            Some(ratio) => {
                if quotient_matches(value, ratio.numerator, ratio.denominator, scale) {
                    return None;
                }
                parameters([
                    ("kind", "differs".to_owned()),
                    ("value", value.to_string()),
                    ("numerator", ratio.numerator.to_string()),
                    ("denominator", ratio.denominator.to_string()),
                ])
            }
            None if is_share(unit.as_str()) => {
                parameters([("kind", "no_ratio".to_owned()), ("value", value.to_string())])
            }
            None => return None,
        };
        let members = vec![series.member.clone()];
        let finding = self.finding(FindingRule::O9, &series.observation, members, [vintage.entry]);
        Some(Finding { parameters, ..finding })
    }

    /// O16: current values of several members, in one unit, that are not one number.
    fn find_differences(&self) -> Vec<Finding> {
        let mut by_observation: BTreeMap<_, Vec<(&Slug, &Vintage)>> = BTreeMap::new();
        for series in &self.document.series {
            if let Some(vintage) = series.current().filter(|vintage| vintage.value.is_some()) {
                let unit = vintage.unit.as_ref().unwrap_or(&self.document.unit);
                let list = by_observation.entry((&series.observation, unit)).or_default();
                list.push((&series.member, vintage));
            }
        }
        let mut findings = Vec::new();
        for ((observation, _), stated) in by_observation {
            let numbers = stated
                .iter()
                .filter_map(|(_, vintage)| vintage.value.map(|value| self.scaled(vintage, value)));
            let distinct: BTreeSet<String> = numbers.collect();
            if distinct.len() < 2 {
                continue;
            }
            let members = stated.iter().map(|(member, _)| (*member).clone()).collect();
            let entries = stated.iter().map(|(_, vintage)| vintage.entry);
            let mut finding = self.finding(FindingRule::O16, observation, members, entries);
            for (member, vintage) in stated {
                if let Some(value) = vintage.value {
                    finding.parameters.insert(member.to_string(), value.to_string());
                }
            }
            findings.push(finding);
        }
        findings
    }

    /// The number that a value stands for, multiplier included.
    fn scaled(&self, vintage: &Vintage, value: Decimal) -> String {
        let multiplier = vintage.unit_multiplier.unwrap_or(self.document.unit_multiplier);
        plain(value, multiplier.exponent())
    }

    /// O15: whoever is challenged has not answered. The time runs from when others held it.
    fn list_deadlines(&self, limit_days: u32) -> Vec<Deadline> {
        let open = self
            .document
            .challenges
            .iter()
            .filter(|challenge| challenge.standing == ChallengeStanding::Open);
        open.filter_map(|challenge| {
            let entry = challenge.act.entry;
            Some(Deadline {
                since: challenge.act.witnessed_at?,
                limit_days,
                finding: Finding {
                    place: Some(challenge.act.place()),
                    rule: FindingRule::O15,
                    subject: Subject::Challenge {
                        entry,
                        indicator: self.document.id.clone(),
                        member: challenge.challenged.clone(),
                    },
                    evidence: vec![challenge.statement, entry],
                    parameters: BTreeMap::new(),
                },
            })
        })
        .collect()
    }
}

/// A value and its unit, so that equal ones are written alike: 25.2 and 25.20 are one.
fn number_of(vintage: &Vintage, value: Decimal) -> String {
    let unit = vintage.unit.as_ref().map_or("", |unit| unit.as_str());
    let exponent = vintage.unit_multiplier.map_or(0, UnitMultiplier::exponent);
    format!("{} {exponent} {unit}", plain(value, 0))
}

/// The number times ten to a power, always written in one way.
fn plain(value: Decimal, exponent: i8) -> String {
    let (digits, scale) = value.to_big().into_bigint_and_exponent();
    let scaled = bigdecimal::BigDecimal::new(digits, scale.saturating_sub(i64::from(exponent)));
    scaled.normalized().to_scientific_notation()
}

/// Units that say "so many of so many".
fn is_share(unit: &str) -> bool {
    unit == "percent" || unit.starts_with("per_1")
}
