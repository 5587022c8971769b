// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `budgets.json`: money for the plan, as members stated it.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::indicator::Authority;
use crate::event::Period;
use crate::event::budget::BudgetStage;
use crate::event::name::LineId;
use crate::id::EntryId;

/// Every budget statement that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetsDocument {
    /// In the ledger's order.
    pub budgets: Vec<BudgetRecord>,
}

/// A budget statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetRecord {
    /// Who and when.
    pub act: Act,
    /// Official where the member is an institution.
    pub authority: Authority,
    /// Whether it stands: nothing replaces it.
    pub current: bool,
    /// What time it is for.
    pub fiscal_year: Period,
    /// Absent: not tied to a line of action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// How far the money has come.
    pub stage: BudgetStage,
    /// The whole statement, with the field names of the schema.
    pub content: serde_json::Value,
    /// Statements that name it as replaced, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub replaced_by: Vec<EntryId>,
}
