// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R31: the plan after an amendment or a succession.

use std::collections::BTreeSet;

use crate::event::governance::{Change, PlanChange, Succession};
use crate::event::limits::{
    CODE_LISTS_MAX, INDICATORS_MAX, LINES_MAX, OBJECTIVES_MAX, PILLARS_MAX, THEMES_MAX,
};
use crate::event::name::IndicatorId;
use crate::event::plan::Plan;
use crate::event::source::Stated;

/// The plan with these changes, and the indicators that they declare a break for. None where a
/// part is to be removed that there is not, or a list grows too long.
pub fn amend_plan(plan: &Plan, changes: &[PlanChange]) -> Option<(Plan, BTreeSet<IndicatorId>)> {
    let mut plan = plan.clone();
    let mut breaks = BTreeSet::new();
    for change in changes {
        if let Change::SetIndicator(indicator) = &change.change
            && change.declared_break
        {
            breaks.insert(indicator.id.clone());
        }
        apply(&mut plan, &change.change)?;
    }
    Some((plan, breaks))
}

fn apply(plan: &mut Plan, change: &Change) -> Option<()> {
    match change {
        Change::SetIndicator(indicator) => {
            let same = |each: &_| same_id(each, &**indicator, |it| it.id.as_str());
            set(&mut plan.indicators, (**indicator).clone(), same, INDICATORS_MAX)
        }
        Change::RemoveIndicator(id) => remove(&mut plan.indicators, |each| each.id == *id),
        Change::SetLine(line) => {
            set(&mut plan.lines, line.clone(), |each| each.id == line.id, LINES_MAX)
        }
        Change::RemoveLine(id) => remove(&mut plan.lines, |each| each.id == *id),
        Change::SetObjective(objective) => {
            let same = |each: &_| same_id(each, objective, |it| it.id.as_str());
            set(&mut plan.objectives, objective.clone(), same, OBJECTIVES_MAX)
        }
        Change::RemoveObjective(id) => remove(&mut plan.objectives, |each| each.id == *id),
        Change::SetPillar(pillar) => {
            set(&mut plan.pillars, pillar.clone(), |each| each.id == pillar.id, PILLARS_MAX)
        }
        Change::RemovePillar(id) => remove(&mut plan.pillars, |each| each.id == *id),
        Change::SetTheme(theme) => {
            set(&mut plan.themes, theme.clone(), |each| each.id == theme.id, THEMES_MAX)
        }
        Change::RemoveTheme(id) => remove(&mut plan.themes, |each| each.id == *id),
        Change::SetCodeList(list) => {
            let same = |each: &_| same_id(each, list, |it| it.concept.as_str());
            set(&mut plan.code_lists, list.clone(), same, CODE_LISTS_MAX)
        }
        Change::SetSuppression(rule) => {
            plan.suppression = Some(rule.clone());
            Some(())
        }
        Change::SetReviewDueOn(date) => {
            plan.review_due_on = Some(*date);
            Some(())
        }
        Change::SetFinancing(financing) => {
            plan.financing = Some(financing.clone());
            Some(())
        }
        Change::SetDeclared(declared) => {
            plan.declared = Some(declared.clone());
            Some(())
        }
    }
}

fn same_id<T>(one: &T, other: &T, id: impl Fn(&T) -> &str) -> bool {
    id(one) == id(other)
}

/// Puts a part in the place of the one with its id, or at the end.
fn set<T>(list: &mut Vec<T>, part: T, same: impl Fn(&T) -> bool, count_max: usize) -> Option<()> {
    if let Some(place) = list.iter_mut().find(|each| same(each)) {
        *place = part;
    } else if list.len() < count_max {
        list.push(part);
    } else {
        return None;
    }
    Some(())
}

fn remove<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool) -> Option<()> {
    let before = list.len();
    list.retain(|each| !is_it(each));
    (list.len() < before).then_some(())
}

/// The plan after one member took over another's responsibilities: for the indicators named, or all.
pub fn hand_over(plan: &Plan, succession: &Succession) -> Plan {
    let mut plan = plan.clone();
    for indicator in &mut plan.indicators {
        let named =
            succession.indicators.is_empty() || succession.indicators.contains(&indicator.id);
        if let Stated::Value(responsible) = &mut indicator.responsible
            && named
            && responsible.members.contains(&succession.from)
        {
            responsible.members.retain(|slug| *slug != succession.from);
            if !responsible.members.contains(&succession.to) {
                responsible.members.push(succession.to.clone());
                responsible.members.sort();
            }
        }
    }
    plan
}
