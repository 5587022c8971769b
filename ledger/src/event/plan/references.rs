// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every part of a plan names parts that exist, and no two parts have one id.

use std::collections::BTreeSet;

use super::Plan;
use crate::event::error::{BrokenRule, EventError};
use crate::event::field::{InField as _, Parsed, broken, distinct};
use crate::event::indicator::{Indicator, Parent, Responsible};
use crate::event::member::Member;
use crate::event::source::Stated;

impl Plan {
    /// Checks ids and references within the plan.
    ///
    /// # Errors
    /// Two parts of one kind whose ids differ at most in case, since ids become file names; a part
    /// that names another which does not exist.
    pub fn check_references(&self) -> Result<(), EventError> {
        self.check_ids()?;

        let pillars: BTreeSet<_> = self.pillars.iter().map(|pillar| &pillar.id).collect();
        for (index, objective) in self.objectives.iter().enumerate() {
            resolve("pillar", "a pillar", &pillars, &objective.pillar)
                .map_err(|error| error.within_item(index).within("objectives"))?;
        }
        let objectives: BTreeSet<_> = self.objectives.iter().map(|each| &each.id).collect();
        for (index, line) in self.lines.iter().enumerate() {
            resolve("objective", "an objective", &objectives, &line.objective)
                .map_err(|error| error.within_item(index).within("lines"))?;
        }
        for (index, indicator) in self.indicators.iter().enumerate() {
            self.check_indicator(indicator)
                .map_err(|error| error.within_item(index).within("indicators"))?;
        }
        Ok(())
    }

    /// Checks that every responsible member exists.
    ///
    /// # Errors
    /// An indicator for which a member is responsible that does not exist.
    pub fn check_members(&self, members: &[Member]) -> Result<(), EventError> {
        let slugs: BTreeSet<_> = members.iter().map(|member| &member.slug).collect();
        for (index, indicator) in self.indicators.iter().enumerate() {
            let responsible = indicator.responsible.value().map(Responsible::members);
            for (position, slug) in responsible.unwrap_or_default().iter().enumerate() {
                resolve(&format!("members[{position}]"), "a member", &slugs, slug)
                    .in_field("responsible")
                    .map_err(|error| error.within_item(index).within("indicators"))?;
            }
        }
        Ok(())
    }

    fn check_ids(&self) -> Parsed<()> {
        let folded = |id: &str| id.to_ascii_lowercase();
        distinct("pillars", &self.pillars, |pillar| folded(pillar.id.as_str()))?;
        distinct("objectives", &self.objectives, |objective| folded(objective.id.as_str()))?;
        distinct("lines", &self.lines, |line| folded(line.id.as_str()))?;
        distinct("indicators", &self.indicators, |indicator| folded(indicator.id.as_str()))?;
        distinct("themes", &self.themes, |theme| folded(theme.id.as_str()))?;
        distinct("code_lists", &self.code_lists, |list| folded(list.concept.as_str()))
    }

    fn check_indicator(&self, indicator: &Indicator) -> Parsed<()> {
        match &indicator.parent {
            Some(Parent::Line(id)) if !self.lines.iter().any(|line| line.id == *id) => {
                return unresolved("line", "a line of action", id);
            }
            Some(Parent::Objective(id)) if !self.objectives.iter().any(|each| each.id == *id) => {
                return unresolved("objective", "an objective", id);
            }
            Some(Parent::Pillar(id)) if !self.pillars.iter().any(|pillar| pillar.id == *id) => {
                return unresolved("pillar", "a pillar", id);
            }
            Some(Parent::Line(_) | Parent::Objective(_) | Parent::Pillar(_)) | None => {}
        }
        for (index, id) in indicator.themes.iter().enumerate() {
            if !self.themes.iter().any(|theme| theme.id == *id) {
                return unresolved(&format!("themes[{index}]"), "a theme", id);
            }
        }
        match &indicator.disaggregations {
            Stated::Value(list) => {
                for (index, disaggregation) in list.iter().enumerate() {
                    let concept = &disaggregation.concept;
                    if !self.code_lists.iter().any(|list| list.concept == *concept) {
                        let path = format!("disaggregations.list[{index}].concept");
                        return unresolved(&path, "a code list", concept);
                    }
                }
                Ok(())
            }
            Stated::None(_) | Stated::Unknown => Ok(()),
        }
    }
}

fn resolve<T: Ord + std::fmt::Display>(
    field: &str,
    expected: &'static str,
    known: &BTreeSet<&T>,
    found: &T,
) -> Parsed<()> {
    if known.contains(found) { Ok(()) } else { unresolved(field, expected, found) }
}

fn unresolved(field: &str, expected: &'static str, found: &impl std::fmt::Display) -> Parsed<()> {
    broken(field, BrokenRule::Unresolved { expected, found: found.to_string() })
}
