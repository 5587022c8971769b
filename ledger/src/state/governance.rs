// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `governance.json`: the charter, the rules in force, and what was put before the council.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::standing::{Standing, VoidReason};
use crate::event::MemberClass;
use crate::event::governance::VoteChoice;
use crate::event::name::Slug;
use crate::id::EntryId;

/// How the ledger is governed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernanceDocument {
    /// What people call this ledger.
    pub name: String,
    /// The charter's entry.
    pub charter: Act,
    /// What made the rules in force: the charter, or a proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub rules_set_by: EntryId,
    /// The rules in force, with the field names of the schema.
    pub rules: serde_json::Value,
    /// What was put before the council, in the ledger's order.
    pub proposals: Vec<ProposalRecord>,
    /// Proposals, votes and key events as they were signed, in the ledger's order.
    pub events: Vec<ListedEvent>,
}

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalRecord {
    /// Who proposed, and when.
    pub act: Act,
    /// The kind of decision, with the schema's name: `grant_key`.
    pub decision: String,
    /// Where it stands.
    pub status: ProposalStatus,
    /// Who has no vote on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recused: Option<Slug>,
    /// How many members must agree.
    pub needed: u32,
    /// Members whose vote counts and is yes, ascending.
    pub agreed: Vec<Slug>,
    /// Members whose vote counts and is no or neither, ascending.
    pub not_agreed: Vec<Slug>,
    /// Council members who have not voted and may, ascending.
    pub outstanding: Vec<Slug>,
    /// How many of each class with a quota must agree, and do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassRecord>,
    /// Every vote, in the ledger's order, those that do not count among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<VoteRecord>,
}

/// Where a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ProposalStatus {
    /// Votes are missing.
    Open,
    /// The votes are there, but no entry has seen them all: somebody of the council may enact it.
    Ready,
    /// It can no longer pass: too many have voted otherwise.
    Blocked,
    /// Its proposer took it back.
    Withdrawn {
        /// The entry that says so.
        #[serde(with = "crate::state::json::text")]
        by: EntryId,
    },
    /// It passed and has its effect.
    Passed {
        /// The entry at which it passed.
        #[serde(with = "crate::state::json::text")]
        at: EntryId,
    },
    /// It passed, and has no effect.
    PassedVoid {
        /// The entry at which it passed.
        #[serde(with = "crate::state::json::text")]
        at: EntryId,
        /// Why it has none.
        reason: VoidReason,
    },
    /// Whoever proposed it had no right to, or its entry does not count.
    Void,
}

impl ProposalStatus {
    /// Whether it is still before the council, even where it can no longer pass.
    pub const fn is_unsettled(&self) -> bool {
        match self {
            Self::Open | Self::Ready | Self::Blocked => true,
            Self::Withdrawn { .. } | Self::Passed { .. } | Self::PassedVoid { .. } | Self::Void => {
                false
            }
        }
    }

    /// The word for it: `open`, `ready`, `blocked`, `withdrawn`, `passed`, `passed_void`, `void`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ready => "ready",
            Self::Blocked => "blocked",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Passed { .. } => "passed",
            Self::PassedVoid { .. } => "passed_void",
            Self::Void => "void",
        }
    }
}

/// How many of a class must agree, and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRecord {
    /// The class.
    pub class: MemberClass,
    /// Needed.
    pub needed: u32,
    /// Agreed.
    pub agreed: u32,
}

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteRecord {
    /// Who and when.
    pub act: Act,
    /// How.
    pub choice: VoteChoice,
    /// Whether its entry counts.
    pub standing: Standing,
}

/// An event that is shown as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedEvent {
    /// Who and when.
    pub act: Act,
    /// Its name in the schema: `proposal`, `vote`.
    pub event: String,
    /// Whether it has an effect.
    pub standing: Standing,
    /// What was signed, with the field names of the schema.
    pub content: serde_json::Value,
    /// Of a review: the proposal by which the council made it its own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub adopted_by: Option<EntryId>,
}
