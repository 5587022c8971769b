// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The periodic review, what it recommends, and what the addressees answer.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::choice::choice;
use super::date::PartialDate;
use super::error::{BrokenRule, EventError};
use super::field::{
    broken, choice, distinct, each, entry_id, optional, optional_entry_id, required,
};
use super::limits::{INDICATORS_MAX, LINES_MAX, MEMBERS_MAX};
use super::name::{IndicatorId, LineId, Slug};
use super::period::Period;
use super::text::{Text, title};
use crate::id::EntryId;

/// A review of the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Review {
    /// What time it looks at.
    pub period: Period,
    /// Its title.
    pub title: Text,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The review itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

impl TryFrom<v1::Review> for Review {
    type Error = EventError;

    fn try_from(raw: v1::Review) -> Result<Self, EventError> {
        Ok(Self {
            period: required("period", raw.period)?,
            title: title("title", raw.title)?,
            summary: optional("summary", raw.summary)?,
            evidence: evidence(raw.evidence)?,
        })
    }
}

/// A member recommends something.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recommendation {
    /// The review that it belongs to.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub review: Option<EntryId>,
    /// Who should act: at least one.
    pub addressees: Vec<Slug>,
    /// What.
    pub text: Text,
    /// Which indicators it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<IndicatorId>,
    /// Which lines of action it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineId>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

impl TryFrom<v1::Recommendation> for Recommendation {
    type Error = EventError;

    fn try_from(raw: v1::Recommendation) -> Result<Self, EventError> {
        let recommendation = Self {
            review: optional_entry_id("review", &raw.review)?,
            addressees: each("addressees", raw.addressees, MEMBERS_MAX)?,
            text: required("text", raw.text)?,
            indicators: each("indicators", raw.indicators, INDICATORS_MAX)?,
            lines: each("lines", raw.lines, LINES_MAX)?,
            evidence: evidence(raw.evidence)?,
        };
        distinct("addressees", &recommendation.addressees, |slug| slug)?;
        distinct("indicators", &recommendation.indicators, |id| id)?;
        distinct("lines", &recommendation.lines, |id| id)?;
        if recommendation.addressees.is_empty() {
            return broken("addressees", BrokenRule::Missing { expected: "who should act" });
        }
        Ok(recommendation)
    }
}

choice! {
    /// What an addressee does with a recommendation.
    RecommendationAnswer {
        /// It will be done.
        Accepted = "accepted",
        /// Some of it will be done.
        Partly = "partly",
        /// It will not be done.
        Rejected = "rejected",
        /// It is done.
        Done = "done",
    }
}

/// An addressee answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RecommendationResponse {
    /// Which recommendation.
    #[serde(serialize_with = "super::json::as_text")]
    pub recommendation: EntryId,
    /// What the addressee does with it.
    pub answer: RecommendationAnswer,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<PartialDate>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

impl TryFrom<v1::RecommendationResponse> for RecommendationResponse {
    type Error = EventError;

    fn try_from(raw: v1::RecommendationResponse) -> Result<Self, EventError> {
        Ok(Self {
            recommendation: entry_id("recommendation", &raw.recommendation)?,
            answer: choice("answer", raw.answer)?,
            text: optional("text", raw.text)?,
            due_on: optional("due_on", raw.due_on)?,
            evidence: evidence(raw.evidence)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recommendation_says_who_should_act() {
        let raw = v1::Recommendation {
            text: Some(v1::Text { es: "Presupuestar".to_owned(), ..v1::Text::default() }),
            ..v1::Recommendation::default()
        };
        assert_eq!(Recommendation::try_from(raw.clone()).unwrap_err().path, "addressees");
        let addressed = v1::Recommendation { addressees: vec!["sre".to_owned()], ..raw };
        assert!(Recommendation::try_from(addressed).is_ok());
    }

    #[test]
    fn an_answer_to_a_recommendation_must_be_chosen() {
        let raw = v1::RecommendationResponse {
            recommendation: vec![1; 32].into(),
            ..v1::RecommendationResponse::default()
        };
        assert_eq!(RecommendationResponse::try_from(raw).unwrap_err().path, "answer");
    }
}
