// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the plan says of a report before it is signed: the indicator exists, its codes are in their
//! lists, small counts of people are suppressed.

use std::collections::BTreeMap;

use constancia_ledger::event::indicator::Indicator;
use constancia_ledger::event::name::TOTAL;
use constancia_ledger::event::plan::SuppressionRule;
use constancia_ledger::event::{Decimal, Plan};
use constancia_proto::v1;

use super::{Cells, Wrongs};
use crate::nearest::nearest;
use crate::words::{Lang, sheets};

/// The indicator that a row names.
pub(super) fn find_indicator<'a>(
    wrongs: &mut Wrongs,
    row: &Cells,
    plan: &'a Plan,
) -> Option<&'a Indicator> {
    let found = row.text("indicator");
    if found.is_empty() {
        if !row.place.lacks("indicator") {
            wrongs.add(&row.place, "indicator", &sheets::empty_cell(wrongs.lang));
        }
        return None;
    }
    let indicator = plan.indicators.iter().find(|known| known.id.as_str() == found);
    if indicator.is_none() {
        let message = unknown_indicator(wrongs.lang, plan, found);
        wrongs.add(&row.place, "indicator", &message);
    }
    indicator
}

/// What to say of an indicator that the plan does not have: the nearest names, or all.
pub(crate) fn unknown_indicator(lang: Lang, plan: &Plan, found: &str) -> String {
    let ids: Vec<&str> = plan.indicators.iter().map(|indicator| indicator.id.as_str()).collect();
    format!("{}; {}", sheets::unknown_indicator(lang, &found), suggest(lang, found, &ids))
}

/// What to say of a line of action that the plan does not have.
pub(crate) fn unknown_line(lang: Lang, plan: &Plan, found: &str) -> String {
    let ids: Vec<&str> = plan.lines.iter().map(|line| line.id.as_str()).collect();
    format!("{}; {}", sheets::unknown_line(lang, &found), suggest(lang, found, &ids))
}

/// The nearest names, or all where none is near.
pub(crate) fn suggest(lang: Lang, found: &str, names: &[&str]) -> String {
    let near = nearest(found, names.iter().copied());
    if near.is_empty() {
        sheets::there_are(lang, &names.join(", "))
    } else {
        sheets::did_you_mean(lang, &near.join(", "))
    }
}

/// The coordinates of a row, ascending, without totals; each in its list.
pub(super) fn build_dimensions(
    wrongs: &mut Wrongs,
    row: &Cells,
    plan: &Plan,
) -> Vec<v1::DimensionValue> {
    let mut dimensions = BTreeMap::new();
    for by in &row.by {
        if by.code == TOTAL {
            continue;
        }
        if let Some(message) = find_wrong_code(wrongs.lang, plan, &by.concept, &by.code) {
            wrongs.add(&row.place, &by.concept, &message);
        }
        let dimension = v1::DimensionValue {
            concept: by.concept.clone(),
            code: by.code.clone(),
            criterion: by.criterion.clone(),
        };
        dimensions.insert(by.concept.clone(), dimension);
    }
    dimensions.into_values().collect()
}

/// What is wrong with a code of a breakdown: the plan has no such concept, or its list no such code.
pub(crate) fn find_wrong_code(
    lang: Lang,
    plan: &Plan,
    concept: &str,
    code: &str,
) -> Option<String> {
    let list = plan.code_lists.iter().find(|list| list.concept.as_str() == concept);
    let Some(list) = list else {
        let known: Vec<&str> = plan.code_lists.iter().map(|list| list.concept.as_str()).collect();
        return Some(sheets::unknown_concept(lang, &concept, &known.join(", ")));
    };
    if code.parse().is_ok_and(|code| list.has(&code)) {
        return None;
    }
    let known: Vec<&str> = list.codes.iter().map(|code| code.id.as_str()).collect();
    Some(sheets::unknown_code(lang, &concept, &code, &known.join(", ")))
}

/// Where an observation stands, in the words of the schema: `2024 age=Y0T17`.
pub(crate) fn place_text(key: &v1::ObservationKey, report_period: &str) -> String {
    let period = key.period.as_ref().map_or(report_period, |period| period.text.as_str());
    let mut text = period.to_owned();
    for dimension in &key.dimensions {
        text.push(' ');
        text.push_str(&dimension.concept);
        text.push('=');
        text.push_str(&dimension.code);
        if !dimension.criterion.is_empty() {
            text.push('(');
            text.push_str(&dimension.criterion);
            text.push(')');
        }
    }
    text
}

/// Units whose every count is of people: there even a total can give somebody away.
const UNITS_OF_PEOPLE: &[&str] = &["persons", "people", "women", "girls", "victims"];

/// Units that are no counts.
const UNITS_OF_NO_COUNT: &[&str] = &["percent", "ratio"];

/// A small count of people, or a small cell of a breakdown, is refused: it could give somebody
/// away. A total of things (networks, courses) is no secret however small.
pub(super) fn check_threshold(
    wrongs: &mut Wrongs,
    row: &Cells,
    observation: &v1::Observation,
    indicator: &Indicator,
    rule: &SuppressionRule,
) {
    for (column, message) in
        find_small_counts(wrongs.lang, observation, row.text("unit"), indicator, rule)
    {
        wrongs.add(&row.place, column, &message);
    }
}

/// The counts of an observation that are below the plan's threshold, by field, with what would be
/// right. `unit`: the report's own, or empty.
pub(crate) fn find_small_counts(
    lang: Lang,
    observation: &v1::Observation,
    unit: &str,
    indicator: &Indicator,
    rule: &SuppressionRule,
) -> Vec<(&'static str, String)> {
    let unit = if unit.is_empty() { indicator.unit.as_str() } else { unit };
    let is_broken_down = observation.key.as_ref().is_some_and(|key| !key.dimensions.is_empty());
    if !is_broken_down && !UNITS_OF_PEOPLE.contains(&unit) {
        return Vec::new();
    }
    let is_count = !UNITS_OF_NO_COUNT.contains(&unit)
        && !unit.starts_with("per_")
        && !unit.starts_with("ordinal");
    let counts = [
        ("value", is_count.then_some(&observation.value).and_then(Option::as_ref)),
        ("numerator", observation.numerator.as_ref()),
        ("denominator", observation.denominator.as_ref()),
    ];
    let mut found = Vec::new();
    for (column, count) in counts {
        let Some(count) = count.and_then(|count| count.text.parse::<Decimal>().ok()) else {
            continue;
        };
        let threshold = Decimal::from_whole(i64::from(rule.threshold));
        let is_small = threshold.is_some_and(|threshold| count.compare(threshold).is_lt());
        if is_small && !count.is_negative() && !(count.is_zero() && rule.zeros_shown) {
            found.push((column, sheets::below_threshold(lang, &count, &rule.threshold)));
        }
    }
    found
}

/// The published total from which the only suppressed cell of a breakdown follows.
pub(crate) fn find_single_suppressed(observations: &[v1::Observation]) -> Option<String> {
    let suppressed: i32 = v1::ObsStatus::Q.into();
    let key = |observation: &v1::Observation| observation.key.clone().unwrap_or_default();
    for hidden in observations.iter().filter(|observation| observation.status == suppressed) {
        let hidden_key = key(hidden);
        for dimension in &hidden_key.dimensions {
            let without = |key: &v1::ObservationKey| {
                let mut rest = key.clone();
                rest.dimensions.retain(|other| other.concept != dimension.concept);
                rest
            };
            let parent = without(&hidden_key);
            let siblings = observations.iter().filter(|observation| {
                let key = key(observation);
                key != parent && without(&key) == parent
            });
            let hidden_siblings = siblings.filter(|sibling| sibling.status == suppressed).count();
            let total = observations
                .iter()
                .find(|observation| key(observation) == parent)
                .and_then(|total| total.value.as_ref());
            if let (Some(total), 1) = (total, hidden_siblings) {
                return Some(total.text.clone());
            }
        }
    }
    None
}
