// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Challenges of an indicator's figures, with their answers.

use serde::{Deserialize, Serialize};

use super::act::Act;
use crate::event::Decimal;
use crate::event::attachment::Attachment;
use crate::event::challenge::ChallengeGround;
use crate::event::name::Slug;
use crate::event::observation::Coordinates;
use crate::id::EntryId;

/// A challenge and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRecord {
    /// Who and when.
    pub act: Act,
    /// Where it stands.
    pub standing: ChallengeStanding,
    /// The member whose figure is disputed.
    pub challenged: Slug,
    /// The report or correction.
    #[serde(with = "crate::state::json::text")]
    pub statement: EntryId,
    /// The exact observation; absent: the statement as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<Coordinates>,
    /// What is wrong.
    pub ground: ChallengeGround,
    /// What is wrong, in words.
    pub text: String,
    /// What the value should be, says the challenger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_value: Option<Decimal>,
    /// The statement that it contradicts.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub contradicts: Option<EntryId>,
    /// Files that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// Answers of the challenged member, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<ResponseRecord>,
    /// Corrections that say that they answer it, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub corrections: Vec<EntryId>,
    /// In the ledger's order; the first one that counts closed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closes: Vec<CloseRecord>,
}

impl ChallengeRecord {
    /// R17: the first close that has an effect; what only repeats a ruling has none.
    pub fn deciding_close(&self) -> Option<&CloseRecord> {
        self.closes.iter().find(|close| close.outcome != CloseKind::RulingNoted)
    }
}

/// Where a challenge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeStanding {
    /// Not answered.
    Open,
    /// Answered by the challenged member, not closed.
    Answered,
    /// Taken back by the challenger.
    Withdrawn,
    /// Settled: the challenger accepted a correction.
    Accepted,
    /// The council ruled that the challenger is right.
    Upheld,
    /// The council ruled that the challenger is not right.
    Dismissed,
}

impl ChallengeStanding {
    /// Whether nothing more is expected of anybody.
    pub const fn is_closed(self) -> bool {
        match self {
            Self::Open | Self::Answered => false,
            Self::Withdrawn | Self::Accepted | Self::Upheld | Self::Dismissed => true,
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseRecord {
    /// Who and when.
    pub act: Act,
    /// The answer.
    pub text: String,
    /// The correction that the responder made.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub correction: Option<EntryId>,
    /// Files that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

/// An end, or the repetition of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseRecord {
    /// Who and when.
    pub act: Act,
    /// How.
    pub outcome: CloseKind,
    /// The correction that settles it (accepted), or the proposal that rules (ruled).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub by: Option<EntryId>,
    /// What the reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How a challenge was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseKind {
    /// The challenger takes it back.
    Withdrawn,
    /// The challenger accepts a correction.
    Accepted,
    /// The council ruled: its decision closes the challenge where it passes.
    Ruled,
    /// A party repeats what the council ruled.
    RulingNoted,
}
