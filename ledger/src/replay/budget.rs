// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R18: budgets.

use super::history::Record;
use super::judge::{Judge, Ruling, Topic, void, void_by};
use crate::event::{Budget, Event};
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R18: the plan has the line of action; a member replaces its own budget.
    pub(super) fn rule_budget(
        &self,
        record: &'a Record,
        budget: &'a Budget,
    ) -> Result<Ruling, VoidReason> {
        if budget.line.as_ref().is_some_and(|line| !self.law(record).has_line(line)) {
            return Err(void(VoidCode::UnknownLine));
        }
        if let Some(id) = budget.replaces {
            let (replaced, event) = self.named(record, id)?;
            if !matches!(event, Event::Budget(_)) {
                return Err(void_by(VoidCode::NamedOtherSort, id));
            }
            if self.history.record(replaced).member != record.member {
                return Err(void_by(VoidCode::OtherMember, id));
            }
        }
        Ok(Ruling::Counts(Some(Topic::Budgets)))
    }
}
