// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Amendments as files: parts of a plan in the plan file's own format, or rules.
//!
//! ```yaml
//! sources: …                       # as in a plan file, as are the parts below
//! pillars: …                       # each part is set whole: new, or in the place of the one with its id
//! objectives: …
//! lines_of_action: …
//! themes_demanded: …
//! code_lists: …
//! indicators: …
//! context_indicators: …
//! suppression: …
//! overall_review_due: …
//! financing: …
//! declared: …
//! declared_breaks: [C-01]          # indicators of this file whose series is not comparable across the change
//! remove: {indicators: [I-01], lines_of_action: [], objectives: [], pillars: [], themes_demanded: []}
//! ```
//!
//! A rules file has `council` (one, without a name) and `limits`; what it leaves out stays as it is,
//! limit by limit and class by class. `null` takes a limit or a class's quota away.

use constancia_ledger::event::indicator::IndicatorStanding;
use constancia_ledger::event::{BrokenRule, EventError, Member, Rules};
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;

use super::error::PlanFileError;
use super::node::read_node;
use super::value::{Fields, Read, Value};
use super::wording::Wording;
use super::{council, sheet, structure};

const KEYS: &[&str] = &[
    "sources",
    "translated",
    "classification_source",
    "pillars",
    "objectives",
    "lines_of_action",
    "themes_demanded",
    "code_lists",
    "indicators",
    "context_indicators",
    "suppression",
    "overall_review_due",
    "financing",
    "declared",
    "declared_breaks",
    "remove",
];

const REMOVABLE: &[&str] =
    &["indicators", "lines_of_action", "objectives", "pillars", "themes_demanded"];

const RULES_KEYS: &[&str] = &["sources", "council", "limits"];

/// Reads the changes of an amendment, in the order in which they apply: what others hang on first.
pub(crate) fn read_changes_file(text: &str) -> Read<Vec<v1::PlanChange>> {
    let root = read_node(text)?;
    let file = Value::root(&root).fields(KEYS)?;
    let wording = Wording::read(&file)?;
    let parts = structure::read_parts(&file, &wording)?;
    let indicators = |part, standing| sheet::read_indicators(&file, part, standing, &wording);
    let mut sheets = indicators("indicators", IndicatorStanding::Plan)?;
    sheets.extend(indicators("context_indicators", IndicatorStanding::Context)?);

    let mut changes: Vec<Change> = Vec::new();
    changes.extend(parts.pillars.into_iter().map(Change::SetPillar));
    changes.extend(parts.objectives.into_iter().map(Change::SetObjective));
    changes.extend(parts.lines.into_iter().map(Change::SetLine));
    changes.extend(parts.themes.into_iter().map(Change::SetTheme));
    changes.extend(parts.code_lists.into_iter().map(Change::SetCodeList));
    changes.extend(sheets.into_iter().map(Change::SetIndicator));
    changes.extend(parts.suppression.map(Change::SetSuppression));
    changes.extend(parts.review_due_on.map(Change::SetReviewDueOn));
    changes.extend(parts.financing.map(Change::SetFinancing));
    changes.extend(parts.declared.map(Change::SetDeclared));
    changes.extend(read_removals(&file)?);

    let breaks = file.optional("declared_breaks", Value::sorted_texts)?.unwrap_or_default();
    mark_breaks(&file, changes, &breaks)
}

/// Removals, what hangs on others first.
fn read_removals(file: &Fields<'_>) -> Read<Vec<Change>> {
    let Some(removals) = file.get("remove") else {
        return Ok(Vec::new());
    };
    let fields = removals.fields(REMOVABLE)?;
    let ids = |key: &str| -> Read<Vec<String>> {
        Ok(fields.optional(key, Value::sorted_texts)?.unwrap_or_default())
    };
    let mut changes = Vec::new();
    changes.extend(ids("indicators")?.into_iter().map(Change::RemoveIndicator));
    changes.extend(ids("lines_of_action")?.into_iter().map(Change::RemoveLine));
    changes.extend(ids("objectives")?.into_iter().map(Change::RemoveObjective));
    changes.extend(ids("pillars")?.into_iter().map(Change::RemovePillar));
    changes.extend(ids("themes_demanded")?.into_iter().map(Change::RemoveTheme));
    Ok(changes)
}

fn mark_breaks(
    file: &Fields<'_>,
    changes: Vec<Change>,
    breaks: &[String],
) -> Read<Vec<v1::PlanChange>> {
    let set = |change: &Change| {
        if let Change::SetIndicator(indicator) = change { Some(indicator.id.clone()) } else { None }
    };
    if let Some(unknown) =
        breaks.iter().find(|id| changes.iter().all(|change| set(change).as_ref() != Some(*id)))
    {
        let rule = BrokenRule::Unresolved {
            expected: "an indicator that the file sets",
            found: unknown.clone(),
        };
        return Err(file.need("declared_breaks")?.rule(rule.into()));
    }
    Ok(changes
        .into_iter()
        .map(|change| v1::PlanChange {
            declared_break: set(&change).is_some_and(|id| breaks.contains(&id)),
            change: Some(change),
            reason: None,
        })
        .collect())
}

/// Reads rules: what the file leaves out stays as `current` has it.
pub(crate) fn read_rules_file(
    text: &str,
    current: v1::Rules,
    members: &[Member],
) -> Read<v1::Rules> {
    let root = read_node(text)?;
    let file = Value::root(&root).fields(RULES_KEYS)?;
    let wording = Wording::read(&file)?;
    let mut rules = current;
    if let Some(value) = file.get("council") {
        rules = council::read_seats(&value, &wording, rules)?;
    }
    if let Some(value) = file.get("limits") {
        let current = rules.limits.unwrap_or_default();
        rules.limits = Some(council::read_limits(&value, current)?);
    }
    let checked = Rules::try_from(rules.clone()).and_then(|rules| rules.check_members(members));
    match checked {
        Ok(()) => Ok(rules),
        Err(error) => Err(refuse_rules(&file, error)),
    }
}

/// A rule that the rules break as a whole, where the file says what breaks it; where it leaves that
/// out, that the value is the one in force.
fn refuse_rules(file: &Fields<'_>, error: EventError) -> PlanFileError {
    let EventError { path, rule } = error;
    let keys: &[&str] = match (&rule, path.split(['[', '.']).next()) {
        (BrokenRule::QuotaTooGreat { class, .. }, _) => &["council", "class_quota", class],
        (_, Some("quorum")) => &["council", "quorum"],
        (_, Some("council")) => &["council", "members"],
        (_, _) => return file.value().rule(EventError { path, rule }),
    };
    let mut value = file.value().clone();
    for key in keys {
        match value.any_fields().ok().and_then(|fields| fields.get(key)) {
            Some(inner) => value = inner,
            None => return value.rule_in_force(&keys.join("."), rule),
        }
    }
    value.rule(rule.into())
}
