// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What members say that an indicator was: report, correction, withdrawal, attestation.

use std::collections::BTreeMap;

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::choice::choice;
use super::date::PartialDate;
use super::decimal::UnitMultiplier;
use super::error::{BrokenRule, EventError};
use super::field::{
    InField as _, Parsed, broken, choice, each, entry_id, name, optional, optional_entry_id,
    optional_name, prose, required, required_prose,
};
use super::limits::OBSERVATIONS_MAX;
use super::name::{IndicatorId, Unit};
use super::observation::{Coordinates, Observation};
use super::period::Period;
use super::source::Source;
use crate::id::EntryId;

/// A member states what an indicator was in a period.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Of the plan version that the report follows.
    pub indicator: IndicatorId,
    /// What time the report is about; observations may break it down.
    pub period: Period,
    /// The state of the source that the figures describe: data up to this day or month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<PartialDate>,
    /// At least one, in the author's order, no two with the same coordinates.
    pub observations: Vec<Observation>,
    /// How it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// Where the figure was published before it entered the ledger, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// None: the indicator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// None: the indicator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_multiplier: Option<UnitMultiplier>,
    /// What the reader must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The proposal that made the plan version that the figures follow; none: the charter's plan.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub plan_version: Option<EntryId>,
}

impl TryFrom<v1::Report> for Report {
    type Error = EventError;

    fn try_from(raw: v1::Report) -> Result<Self, EventError> {
        let unit_multiplier = UnitMultiplier::try_from(raw.unit_multiplier);
        let report = Self {
            indicator: name("indicator", raw.indicator)?,
            period: required("period", raw.period)?,
            cutoff: optional("cutoff", raw.cutoff)?,
            observations: each("observations", raw.observations, OBSERVATIONS_MAX)?,
            method: prose("method", raw.method)?,
            evidence: evidence(raw.evidence)?,
            source: optional("source", raw.source)?,
            unit: optional_name("unit", raw.unit)?,
            unit_multiplier: Some(unit_multiplier.in_field("unit_multiplier")?)
                .filter(|multiplier| *multiplier != UnitMultiplier::ONE),
            comment: prose("comment", raw.comment)?,
            plan_version: optional_entry_id("plan_version", &raw.plan_version)?,
        };
        check_observations(report.period, &report.observations)?;
        Ok(report)
    }
}

/// At least one observation; each within the report's period, and at coordinates of its own.
fn check_observations(period: Period, observations: &[Observation]) -> Parsed<()> {
    if observations.is_empty() {
        let expected = "at least one observation";
        return broken("observations", BrokenRule::Missing { expected });
    }
    let mut found: BTreeMap<Coordinates, usize> = BTreeMap::new();
    for (index, observation) in observations.iter().enumerate() {
        check_period(period, observation.key.period)
            .in_field("key")
            .map_err(|error| error.within_item(index).within("observations"))?;
        let coordinates = observation.key.coordinates(period);
        if found.contains_key(&coordinates) {
            let rule = BrokenRule::Duplicate { found: coordinates.to_string() };
            return Err(EventError::from(rule).within_item(index).within("observations"));
        }
        found.insert(coordinates, index);
    }
    Ok(())
}

/// A report speaks of its own period alone: what it says of another would replace figures unseen.
fn check_period(report: Period, observation: Option<Period>) -> Parsed<()> {
    match observation {
        Some(period) if period == report => {
            broken("period", BrokenRule::RedundantPeriod { found: period.to_string() })
        }
        Some(period) if !report.contains(period) => broken(
            "period",
            BrokenRule::PeriodOutside { report: report.to_string(), found: period.to_string() },
        ),
        Some(_) | None => Ok(()),
    }
}

choice! {
    /// Why a report is replaced.
    CorrectionReason {
        /// The source published other figures.
        SourceRevised = "source_revised",
        /// It was computed wrongly.
        Arithmetic = "arithmetic",
        /// It was copied wrongly.
        Transcription = "transcription",
        /// It followed another definition.
        Definition = "definition",
        /// Data came later.
        LateData = "late_data",
        /// What the explanation says.
        Other = "other",
    }
}

/// Replaces a report for its period; the old one stays as an earlier vintage.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Correction {
    /// The report or correction that it replaces.
    #[serde(serialize_with = "super::json::as_text")]
    pub replaces: EntryId,
    /// Whole, with the same indicator and period.
    pub report: Report,
    /// Why.
    pub reason: CorrectionReason,
    /// Why, in words. Always there where the reason is "other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The challenge that it answers.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub challenge: Option<EntryId>,
}

impl TryFrom<v1::Correction> for Correction {
    type Error = EventError;

    fn try_from(raw: v1::Correction) -> Result<Self, EventError> {
        let correction = Self {
            replaces: entry_id("replaces", &raw.replaces)?,
            report: required("report", raw.report)?,
            reason: choice("reason", raw.reason)?,
            explanation: prose("explanation", raw.explanation)?,
            challenge: optional_entry_id("challenge", &raw.challenge)?,
        };
        if correction.reason == CorrectionReason::Other && correction.explanation.is_none() {
            let expected = "the reason in words, since none of the listed ones applies";
            return broken("explanation", BrokenRule::Missing { expected });
        }
        Ok(correction)
    }
}

/// A report is withdrawn; nothing takes its place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Withdrawal {
    /// The report or correction.
    #[serde(serialize_with = "super::json::as_text")]
    pub report: EntryId,
    /// Why.
    pub reason: String,
}

impl TryFrom<v1::Withdrawal> for Withdrawal {
    type Error = EventError;

    fn try_from(raw: v1::Withdrawal) -> Result<Self, EventError> {
        Ok(Self {
            report: entry_id("report", &raw.report)?,
            reason: required_prose("reason", raw.reason)?,
        })
    }
}

choice! {
    /// What a check found.
    Verdict {
        /// The report holds.
        Confirmed = "confirmed",
        /// It could not be confirmed.
        NotConfirmed = "not_confirmed",
    }
}

/// Another member checked a report.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Attestation {
    /// The report or correction.
    #[serde(serialize_with = "super::json::as_text")]
    pub report: EntryId,
    /// What the check found.
    pub verdict: Verdict,
    /// How it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// What the reader must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl TryFrom<v1::Attestation> for Attestation {
    type Error = EventError;

    fn try_from(raw: v1::Attestation) -> Result<Self, EventError> {
        Ok(Self {
            report: entry_id("report", &raw.report)?,
            verdict: choice("verdict", raw.verdict)?,
            method: prose("method", raw.method)?,
            evidence: evidence(raw.evidence)?,
            comment: prose("comment", raw.comment)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::observation::ObsStatus;
    use super::*;

    fn observation(period: Option<&str>, code: &str) -> v1::Observation {
        v1::Observation {
            key: Some(v1::ObservationKey {
                period: period.map(|text| v1::Period { text: text.to_owned() }),
                dimensions: vec![v1::DimensionValue {
                    concept: "sex".to_owned(),
                    code: code.to_owned(),
                    criterion: String::new(),
                }],
            }),
            value: Some(v1::Decimal { text: "851".to_owned() }),
            status: ObsStatus::A.number(),
            ..v1::Observation::default()
        }
    }

    fn report(observations: Vec<v1::Observation>) -> v1::Report {
        v1::Report {
            indicator: "C-01".to_owned(),
            period: Some(v1::Period { text: "2023".to_owned() }),
            observations,
            ..v1::Report::default()
        }
    }

    fn error_of(observations: Vec<v1::Observation>) -> String {
        Report::try_from(report(observations)).unwrap_err().to_string()
    }

    #[test]
    fn a_report_has_at_least_one_observation() {
        assert_eq!(
            error_of(Vec::new()),
            "observations: expected at least one observation, found nothing"
        );
    }

    #[test]
    fn two_observations_never_have_the_same_coordinates() {
        let twice = vec![observation(None, "F"), observation(None, "F")];
        assert_eq!(error_of(twice), "observations[1]: expected each once, found 2023 sex=F again");
    }

    #[test]
    fn an_observation_leaves_the_report_s_own_period_out() {
        assert_eq!(
            error_of(vec![observation(Some("2023"), "F")]),
            "observations[0].key.period: an observation of the report's own period leaves the period out, found 2023"
        );
    }

    #[test]
    fn an_observation_lies_within_its_report_s_period() {
        let monthly = vec![observation(Some("2023-01"), "F"), observation(Some("2023-02"), "F")];
        assert!(Report::try_from(report(monthly)).is_ok());
        assert_eq!(
            error_of(vec![observation(Some("2022"), "F")]),
            "observations[0].key.period: expected a period within 2023, found 2022"
        );
    }

    #[test]
    fn a_multiplier_of_one_is_the_indicator_s() {
        let parsed = Report::try_from(report(vec![observation(None, "F")])).unwrap();
        assert_eq!(parsed.unit_multiplier, None);
        let mut in_millions = report(vec![observation(None, "F")]);
        in_millions.unit_multiplier = 6;
        let parsed = Report::try_from(in_millions).unwrap();
        assert_eq!(parsed.unit_multiplier.map(UnitMultiplier::exponent), Some(6));
    }

    #[test]
    fn a_correction_for_another_reason_says_which() {
        let raw = v1::Correction {
            replaces: vec![1; 32].into(),
            report: Some(report(vec![observation(None, "F")])),
            reason: CorrectionReason::Other.number(),
            ..v1::Correction::default()
        };
        assert_eq!(Correction::try_from(raw.clone()).unwrap_err().path, "explanation");
        let arithmetic = v1::Correction { reason: CorrectionReason::Arithmetic.number(), ..raw };
        assert!(Correction::try_from(arithmetic).is_ok());
    }

    #[test]
    fn a_name_of_an_entry_has_32_bytes() {
        let raw = v1::Withdrawal { report: vec![1; 31].into(), reason: "doble".to_owned() };
        let error = Withdrawal::try_from(raw).unwrap_err();
        assert_eq!(error.to_string(), "report: expected 32 bytes, found 31");
    }
}
