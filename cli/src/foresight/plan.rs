// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What an amendment or a succession makes of the plan.

use std::collections::BTreeSet;

use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{Indicator, Plan};
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;
use serde_json::Value;

use super::{INDENT, Scene};
use crate::words::{Lang, consequences, fields, foresight as words};

/// The plan's own parts, with the schema's names.
const PARTS: [&str; 9] = [
    "pillars",
    "objectives",
    "lines",
    "themes",
    "code_lists",
    "suppression",
    "review_due_on",
    "financing",
    "declared",
];

/// What changes from the plan in force to `changed`.
pub(super) fn list_amendment(
    scene: Scene<'_>,
    amendment: &v1::AmendPlan,
    changed: &Plan,
) -> Vec<String> {
    let (lang, plan) = (scene.lang, &scene.view.plan);
    let number = scene.view.versions.len().saturating_add(1);
    let mut lines = vec![words::plan_version(lang, &number)];
    let breaks = list_declared_breaks(amendment);
    for indicator in &changed.indicators {
        let before = plan.indicators.iter().find(|before| before.id == indicator.id);
        lines.extend(indicator_lines(lang, before, indicator, &breaks));
    }
    for indicator in &plan.indicators {
        if changed.indicators.iter().all(|kept| kept.id != indicator.id) {
            let name = indicator_name(lang, indicator);
            lines.push(words::indicator_removed(lang, &name));
        }
    }
    let (before, after) = (to_value(plan), to_value(changed));
    for part in PARTS {
        if before.get(part) != after.get(part) {
            lines.push(part_line(lang, part, before.get(part), after.get(part)));
        }
    }
    lines
}

/// Whose figures become official.
pub(super) fn list_succession(
    scene: Scene<'_>,
    succession: &v1::Succession,
    changed: Option<&Plan>,
) -> Vec<String> {
    let (lang, view) = (scene.lang, scene.view);
    let touched = |changed: &&Indicator| {
        let before = view.plan.indicators.iter().find(|before| before.id == changed.id);
        before.is_some_and(|before| list_responsible(before) != list_responsible(changed))
    };
    let names: Vec<String> = changed
        .map(|plan| plan.indicators.iter().filter(touched).map(|it| it.id.to_string()).collect())
        .unwrap_or_default();
    let (from, to) =
        (view.member_name(lang, &succession.from), view.member_name(lang, &succession.to));
    let number = view.versions.len().saturating_add(1);
    let mut lines = vec![words::plan_version(lang, &number)];
    lines.push(if names.is_empty() {
        words::takes_over_nothing(lang, &to, &from)
    } else {
        words::takes_over(lang, &to, &from, &names.join(", "))
    });
    lines
}

fn indicator_lines(
    lang: Lang,
    before: Option<&Indicator>,
    after: &Indicator,
    breaks: &BTreeSet<&str>,
) -> Vec<String> {
    let name = indicator_name(lang, after);
    let Some(before) = before else {
        return vec![words::indicator_added(lang, &name)];
    };
    if before == after {
        return Vec::new();
    }
    let (old, new) = (to_value(before), to_value(after));
    let changed: Vec<String> = list_keys(&old, &new)
        .into_iter()
        .filter(|key| old.get(key) != new.get(key))
        .map(|key| match key.as_str() {
            "parent" => words::place_in_plan(lang),
            key => fields::label(lang, "Indicator", key).to_owned(),
        })
        .collect();
    let mut lines = vec![words::indicator_changed(lang, &name, &changed.join(", "))];
    let is_declared = breaks.contains(after.id.as_str());
    let note = match (after.redefines(before), is_declared) {
        (_, true) => Some(words::break_declared(lang)),
        (true, false) => Some(words::break_not_declared(lang)),
        (false, false) => None,
    };
    lines.extend(note.map(|note| format!("{INDENT}{note}")));
    let notes = responsible_notes(lang, before, after);
    lines.extend(notes.into_iter().map(|note| format!("{INDENT}{note}")));
    lines
}

/// Whose reports are official from then on and whose no more.
fn responsible_notes(lang: Lang, before: &Indicator, after: &Indicator) -> Vec<String> {
    let (old, new) = (list_responsible(before), list_responsible(after));
    let without = |all: &[Slug], others: &[Slug]| -> Vec<String> {
        all.iter().filter(|slug| !others.contains(slug)).map(ToString::to_string).collect()
    };
    let (gone, come) = (without(&old, &new), without(&new, &old));
    let mut notes = Vec::new();
    if !gone.is_empty() {
        notes.push(consequences::responsible_gone(lang, &gone.join(", ")));
    }
    if !come.is_empty() {
        notes.push(consequences::responsible_new(lang, &come.join(", ")));
    }
    if new.is_empty() && !old.is_empty() {
        notes.push(consequences::responsible_none(lang));
    }
    notes
}

fn list_responsible(indicator: &Indicator) -> Vec<Slug> {
    indicator.responsible.value().map(|value| value.members.clone()).unwrap_or_default()
}

/// What a member that leaves was responsible for: the plan goes on naming it.
pub(super) fn list_left_indicators(scene: Scene<'_>, member: &str) -> Vec<String> {
    let is_there = |slug: &&Slug| {
        let record = scene.view.people.member(slug.as_str());
        slug.as_str() != member && record.is_some_and(|record| record.retired_by.is_none())
    };
    let (mut alone, mut shared) = (Vec::new(), Vec::new());
    for indicator in &scene.view.plan.indicators {
        let responsible = list_responsible(indicator);
        if responsible.iter().any(|slug| slug.as_str() == member) {
            let has_others = responsible.iter().any(|slug| is_there(&slug));
            let list = if has_others { &mut shared } else { &mut alone };
            list.push(indicator.id.to_string());
        }
    }
    let mut lines = Vec::new();
    if !alone.is_empty() {
        lines.push(consequences::left_alone(scene.lang, &alone.join(", ")));
    }
    if !shared.is_empty() {
        lines.push(consequences::left_to_others(scene.lang, &shared.join(", ")));
    }
    lines
}

fn list_declared_breaks(amendment: &v1::AmendPlan) -> BTreeSet<&str> {
    let declared = amendment.changes.iter().filter(|change| change.declared_break);
    declared
        .filter_map(|change| match &change.change {
            Some(Change::SetIndicator(indicator)) => Some(indicator.id.as_str()),
            Some(_) | None => None,
        })
        .collect()
}

/// `lines: 16 → 17 (+L-17)`; of what is no list, only that it changes.
fn part_line(lang: Lang, part: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let label = fields::label(lang, "Plan", part);
    let (Some(Value::Array(before)), Some(Value::Array(after))) = (before, after) else {
        return words::part_changes(lang, &label);
    };
    let name = |item: &Value| {
        let id = item.get("id").or_else(|| item.get("concept"));
        id.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut marks = Vec::new();
    for item in after {
        match before.iter().find(|old| name(old) == name(item)) {
            None => marks.push(format!("+{}", name(item))),
            Some(old) if old != item => marks.push(format!("≠{}", name(item))),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|old| after.iter().all(|item| name(item) != name(old)));
    marks.extend(gone.map(|old| format!("−{}", name(old))));
    format!("{label}: {}", marks.join(" "))
}

fn indicator_name(lang: Lang, indicator: &Indicator) -> String {
    format!("{} ({})", indicator.id, indicator.name.best(lang.of_texts()))
}

fn list_keys(old: &Value, new: &Value) -> BTreeSet<String> {
    let keys = [old, new].into_iter().filter_map(Value::as_object);
    keys.flat_map(|fields| fields.keys().cloned()).collect()
}

/// The types of events write themselves as objects with text keys: nothing can fail.
fn to_value(part: &impl serde::Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}
