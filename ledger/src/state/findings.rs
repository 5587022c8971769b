// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `findings.json`: what the replay noticed. Codes and parameters only: the words are the faces'.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::name::{IndicatorId, Slug};
use crate::event::observation::Coordinates;
use crate::id::{EntryId, PublicKey};
use crate::order::{Moment, Place};

/// Everything that the replay noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingsDocument {
    /// The date that "overdue" is judged at.
    pub judged_at: Moment,
    /// By place in the order, those without a place first; then by rule and subject.
    pub findings: Vec<Finding>,
}

/// Something that the replay noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Where its latest evidence stands in the ledger's order; absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Which rule.
    pub rule: FindingRule,
    /// What it is about.
    pub subject: Subject,
    /// Entries that show it, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub evidence: Vec<EntryId>,
    /// What a sentence about it needs, by name: see `docs/rules.md`. Numbers and times as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// The rules by which something is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FindingRule {
    /// A key forked. Parameters: `seq`.
    L1,
    /// An event is void. Parameters: `reason`, `rule`, `event`, and `named` where an entry is.
    L2,
    /// Backdated (`kind` = `backdated`, `days`, `limit_days`), or claimed ahead of an entry that
    /// cites it (`kind` = `ahead`, `ahead_ms`).
    L4,
    /// A payload was dropped by decision. Parameters: `decision`.
    L5,
    /// An unknown event (`kind` = `unknown`) or an invalid one (`kind` = `invalid`, `rule`, `path`).
    L6,
    /// A member has been silent. Parameters: `days`, `limit_days`.
    L7,
    /// What an indicator measures changed, and no break was declared. Parameters: `plan_version`.
    P11,
    /// A value returned to an earlier one. Parameters: `value`.
    O7,
    /// A value is not the quotient of numerator and denominator (`kind` = `differs`, `value`,
    /// `numerator`, `denominator`), or a share has neither (`kind` = `no_ratio`, `value`).
    O9,
    /// A member attested its own report.
    O14,
    /// A challenge is unanswered. Parameters: `days`, `limit_days`.
    O15,
    /// Current values of several members differ. Parameters: one per member, its value.
    O16,
}

impl FindingRule {
    /// Every rule.
    pub const ALL: &[Self] = &[
        Self::L1,
        Self::L2,
        Self::L4,
        Self::L5,
        Self::L6,
        Self::L7,
        Self::P11,
        Self::O7,
        Self::O9,
        Self::O14,
        Self::O15,
        Self::O16,
    ];

    /// The rule's id: `L1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L4 => "L4",
            Self::L5 => "L5",
            Self::L6 => "L6",
            Self::L7 => "L7",
            Self::P11 => "P11",
            Self::O7 => "O7",
            Self::O9 => "O9",
            Self::O14 => "O14",
            Self::O15 => "O15",
            Self::O16 => "O16",
        }
    }
}

impl std::fmt::Display for FindingRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A key, and whose it is.
    Key {
        /// The key.
        #[serde(with = "crate::state::json::text")]
        key: PublicKey,
        /// Whose it is.
        member: Slug,
    },
    /// A member.
    Member {
        /// The member.
        member: Slug,
    },
    /// An entry.
    Entry {
        /// The entry.
        #[serde(with = "crate::state::json::text")]
        entry: EntryId,
        /// Whose it is.
        member: Slug,
    },
    /// An observation, as one member reported it, or as several did.
    Observation {
        /// The indicator.
        indicator: IndicatorId,
        /// Period and dimensions.
        observation: Coordinates,
        /// Who reported it, ascending.
        members: Vec<Slug>,
    },
    /// An indicator.
    Indicator {
        /// The indicator.
        indicator: IndicatorId,
    },
    /// A challenge.
    Challenge {
        /// The challenge's entry.
        #[serde(with = "crate::state::json::text")]
        entry: EntryId,
        /// The indicator.
        indicator: IndicatorId,
        /// Who should answer.
        member: Slug,
    },
}
