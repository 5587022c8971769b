// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Who was consulted on what, and what was answered.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::error::{BrokenRule, EventError};
use super::field::{broken, distinct, each, each_by, entry_id, optional, required, required_label};
use super::limits::{INDICATORS_MAX, MEMBERS_MAX, PARTIES_MAX};
use super::name::{IndicatorId, Slug};
use super::period::Period;
use super::source::Source;
use super::text::Text;
use crate::id::EntryId;

/// A convener states that a consultation was held.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Consultation {
    /// When.
    pub held: Period,
    /// Members who took part; each signs it off. With the others at least one.
    pub participants: Vec<Slug>,
    /// Others who took part, by name of organisation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_participants: Vec<String>,
    /// On what.
    pub subject: Text,
    /// On which indicators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<IndicatorId>,
    /// What was answered. None: nothing yet, which is a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Text>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// Where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Consultation> for Consultation {
    type Error = EventError;

    fn try_from(raw: v1::Consultation) -> Result<Self, EventError> {
        let consultation = Self {
            held: required("held", raw.held)?,
            participants: each("participants", raw.participants, MEMBERS_MAX)?,
            other_participants: each_by(
                "other_participants",
                raw.other_participants,
                PARTIES_MAX,
                |party| required_label("", party),
            )?,
            subject: required("subject", raw.subject)?,
            indicators: each("indicators", raw.indicators, INDICATORS_MAX)?,
            answer: optional("answer", raw.answer)?,
            evidence: evidence(raw.evidence)?,
            source: optional("source", raw.source)?,
        };
        distinct("participants", &consultation.participants, |slug| slug)?;
        distinct("other_participants", &consultation.other_participants, |party| party)?;
        distinct("indicators", &consultation.indicators, |id| id)?;
        if consultation.participants.is_empty() && consultation.other_participants.is_empty() {
            return broken("participants", BrokenRule::Missing { expected: "who was consulted" });
        }
        Ok(consultation)
    }
}

/// A participant says whether it was so.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ConsultationSignOff {
    /// Which consultation.
    #[serde(serialize_with = "super::json::as_text")]
    pub consultation: EntryId,
    /// Whether it was so.
    pub agrees: bool,
    /// What the participant adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Text>,
}

impl TryFrom<v1::ConsultationSignOff> for ConsultationSignOff {
    type Error = EventError;

    fn try_from(raw: v1::ConsultationSignOff) -> Result<Self, EventError> {
        Ok(Self {
            consultation: entry_id("consultation", &raw.consultation)?,
            agrees: raw.agrees,
            comment: optional("comment", raw.comment)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> v1::Consultation {
        v1::Consultation {
            held: Some(v1::Period { text: "2024-03-08".to_owned() }),
            participants: vec!["data-civica".to_owned()],
            subject: Some(v1::Text { es: "Indicadores".to_owned(), ..v1::Text::default() }),
            ..v1::Consultation::default()
        }
    }

    #[test]
    fn somebody_was_consulted() {
        assert!(Consultation::try_from(raw()).is_ok());
        let nobody = v1::Consultation { participants: Vec::new(), ..raw() };
        assert_eq!(Consultation::try_from(nobody).unwrap_err().path, "participants");
    }

    #[test]
    fn a_consultation_without_an_answer_is_recorded() {
        assert_eq!(Consultation::try_from(raw()).unwrap().answer, None);
    }
}
