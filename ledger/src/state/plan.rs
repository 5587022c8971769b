// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `plan.json`: the plan in force, with every indicator's technical sheet.

use serde::{Deserialize, Serialize};

use crate::id::EntryId;
use crate::order::Moment;

/// The plan in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// What made this version: the charter, or a proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub version: EntryId,
    /// Every version, the charter's first, the one in force last.
    pub versions: Vec<PlanVersionRecord>,
    /// Who took over whose responsibilities, in the order in which that was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successions: Vec<SuccessionRecord>,
    /// The plan in force, with the field names of the schema.
    pub plan: serde_json::Value,
}

/// A version of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanVersionRecord {
    /// What made it: the charter, or a proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub version: EntryId,
    /// The entry at which it passed; the charter's own for the first.
    #[serde(with = "crate::state::json::text")]
    pub passed_at: EntryId,
    /// When that entry is from, by the greatest claimed time among it and its ancestors.
    pub effective_at: Moment,
}

/// One member takes over another's responsibilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessionRecord {
    /// The proposal.
    #[serde(with = "crate::state::json::text")]
    pub by: EntryId,
    /// What was decided, with the field names of the schema.
    pub content: serde_json::Value,
}
