// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A figure is disputed: challenge, response, close.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::choice::choice;
use super::decimal::Decimal;
use super::error::{BrokenRule, EventError};
use super::field::{broken, choice, entry_id, optional, optional_entry_id, prose, required_prose};
use super::observation::ObservationKey;
use crate::id::EntryId;

choice! {
    /// What is wrong with a figure.
    ChallengeGround {
        /// It was computed wrongly.
        Arithmetic = "arithmetic",
        /// It does not follow the indicator's definition.
        Definition = "definition",
        /// It was divided by the wrong whole.
        Denominator = "denominator",
        /// Its unit or multiplier is wrong.
        Unit = "unit",
        /// Nothing shows it.
        EvidenceMissing = "evidence_missing",
        /// Another report says otherwise.
        Contradicts = "contradicts",
        /// What the text says.
        Other = "other",
    }
}

/// A member disputes an exact observation, or a report as a whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Challenge {
    /// The report or correction.
    #[serde(serialize_with = "super::json::as_text")]
    pub report: EntryId,
    /// None: the report as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observation: Option<ObservationKey>,
    /// What is wrong.
    pub ground: ChallengeGround,
    /// What is wrong, in words.
    pub text: String,
    /// What the observation should be, says the challenger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_value: Option<Decimal>,
    /// The report that it contradicts.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub contradicts: Option<EntryId>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

impl TryFrom<v1::Challenge> for Challenge {
    type Error = EventError;

    fn try_from(raw: v1::Challenge) -> Result<Self, EventError> {
        let challenge = Self {
            report: entry_id("report", &raw.report)?,
            observation: optional("observation", raw.observation)?,
            ground: choice("ground", raw.ground)?,
            text: required_prose("text", raw.text)?,
            proposed_value: optional("proposed_value", raw.proposed_value)?,
            contradicts: optional_entry_id("contradicts", &raw.contradicts)?,
            evidence: evidence(raw.evidence)?,
        };
        if challenge.proposed_value.is_some() && challenge.observation.is_none() {
            let reason = "a value is proposed for one observation, not for a report as a whole";
            return broken("proposed_value", BrokenRule::Unexpected { reason });
        }
        Ok(challenge)
    }
}

/// The challenged member answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Response {
    /// Which challenge.
    #[serde(serialize_with = "super::json::as_text")]
    pub challenge: EntryId,
    /// The answer.
    pub text: String,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// The correction that the responder made.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub correction: Option<EntryId>,
}

impl TryFrom<v1::Response> for Response {
    type Error = EventError;

    fn try_from(raw: v1::Response) -> Result<Self, EventError> {
        Ok(Self {
            challenge: entry_id("challenge", &raw.challenge)?,
            text: required_prose("text", raw.text)?,
            evidence: evidence(raw.evidence)?,
            correction: optional_entry_id("correction", &raw.correction)?,
        })
    }
}

choice! {
    /// How a challenge ended, as the schema numbers it. [`Outcome`] is the whole of it.
    CloseOutcome {
        /// By the challenger.
        Withdrawn = "withdrawn",
        /// By the challenger: a correction settles it.
        Accepted = "accepted",
        /// By the council.
        Ruled = "ruled",
    }
}

/// How a challenge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The challenger takes it back.
    Withdrawn,
    /// The challenger accepts this correction.
    Accepted {
        /// The correction that settles it.
        #[serde(serialize_with = "super::json::as_text")]
        correction: EntryId,
    },
    /// The council ruled.
    Ruled {
        /// The proposal that passed.
        #[serde(serialize_with = "super::json::as_text")]
        proposal: EntryId,
    },
}

/// A challenge ends.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Close {
    /// Which challenge.
    #[serde(serialize_with = "super::json::as_text")]
    pub challenge: EntryId,
    /// How it ended.
    pub outcome: Outcome,
    /// What the reader must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl TryFrom<v1::Close> for Close {
    type Error = EventError;

    fn try_from(raw: v1::Close) -> Result<Self, EventError> {
        let outcome = match choice("outcome", raw.outcome)? {
            CloseOutcome::Withdrawn => Outcome::Withdrawn,
            CloseOutcome::Accepted => {
                Outcome::Accepted { correction: entry_id("correction", &raw.correction)? }
            }
            CloseOutcome::Ruled => {
                Outcome::Ruled { proposal: entry_id("proposal", &raw.proposal)? }
            }
        };
        if !raw.correction.is_empty() && !matches!(outcome, Outcome::Accepted { .. }) {
            let reason = "only the outcome accepted names a correction";
            return broken("correction", BrokenRule::Unexpected { reason });
        }
        if !raw.proposal.is_empty() && !matches!(outcome, Outcome::Ruled { .. }) {
            let reason = "only the outcome ruled names a proposal";
            return broken("proposal", BrokenRule::Unexpected { reason });
        }
        Ok(Self {
            challenge: entry_id("challenge", &raw.challenge)?,
            outcome,
            text: prose("text", raw.text)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(outcome: CloseOutcome, correction: &[u8], proposal: &[u8]) -> Option<String> {
        let raw = v1::Close {
            challenge: vec![1; 32].into(),
            outcome: outcome.number(),
            correction: correction.to_vec().into(),
            proposal: proposal.to_vec().into(),
            text: String::new(),
        };
        Close::try_from(raw).err().map(|error| error.path)
    }

    #[test]
    fn a_close_names_exactly_what_its_outcome_needs() {
        let id = [2; 32];
        assert_eq!(close(CloseOutcome::Withdrawn, &[], &[]), None);
        assert_eq!(close(CloseOutcome::Accepted, &id, &[]), None);
        assert_eq!(close(CloseOutcome::Ruled, &[], &id), None);
        assert_eq!(close(CloseOutcome::Withdrawn, &id, &[]).as_deref(), Some("correction"));
        assert_eq!(close(CloseOutcome::Accepted, &[], &[]).as_deref(), Some("correction"));
        assert_eq!(close(CloseOutcome::Accepted, &id, &id).as_deref(), Some("proposal"));
        assert_eq!(close(CloseOutcome::Ruled, &[], &[]).as_deref(), Some("proposal"));
    }

    #[test]
    fn a_value_is_proposed_for_one_observation() {
        let raw = v1::Challenge {
            report: vec![1; 32].into(),
            ground: ChallengeGround::Arithmetic.number(),
            text: "947 de 3,754 es 25.2 %".to_owned(),
            proposed_value: Some(v1::Decimal { text: "25.2".to_owned() }),
            ..v1::Challenge::default()
        };
        assert_eq!(Challenge::try_from(raw.clone()).unwrap_err().path, "proposed_value");
        let observation = Some(v1::ObservationKey::default());
        assert!(Challenge::try_from(v1::Challenge { observation, ..raw }).is_ok());
    }

    #[test]
    fn a_challenge_says_in_words_what_is_wrong() {
        let raw = v1::Challenge {
            report: vec![1; 32].into(),
            ground: ChallengeGround::Other.number(),
            ..v1::Challenge::default()
        };
        assert_eq!(Challenge::try_from(raw).unwrap_err().path, "text");
    }
}
