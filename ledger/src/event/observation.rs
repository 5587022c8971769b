// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One cell of a report: a value, or missing with a reason; and the key that names it.
//!
//! A value that is not the quotient of its numerator and denominator is no error here: it was
//! published like that, and a challenge or a finding can only name it once it is recorded.

use std::fmt;

use constancia_proto::v1;

use super::choice::choice;
use super::decimal::{Decimal, QuotientScale, quotient_matches};
use super::error::{BrokenRule, EventError};
use super::field::{
    Parsed, ascending, broken, choice, each, name, optional, optional_name, prose, required,
};
use super::limits::DIMENSIONS_MAX;
use super::name::{Code, Concept, Criterion, TOTAL};
use super::period::Period;

choice! {
    /// SDMX `CL_OBS_STATUS`.
    ObsStatus {
        /// Normal.
        A = "A",
        /// Time series break.
        B = "B",
        /// Definition differs.
        D = "D",
        /// Estimated.
        E = "E",
        /// Forecast.
        F = "F",
        /// Experimental.
        G = "G",
        /// Missing: holiday or weekend.
        H = "H",
        /// Imputed.
        I = "I",
        /// Derogation.
        J = "J",
        /// Missing: included in another category.
        K = "K",
        /// Missing: exists but was not collected.
        L = "L",
        /// Missing: cannot exist.
        M = "M",
        /// Not significant.
        N = "N",
        /// Missing.
        O = "O",
        /// Provisional.
        P = "P",
        /// Missing: suppressed.
        Q = "Q",
        /// Strike or other special event.
        S = "S",
        /// Low reliability.
        U = "U",
        /// Unvalidated.
        V = "V",
        /// Includes data from another category.
        W = "W",
    }
}

impl ObsStatus {
    /// Whether it says that there is no value, and why.
    pub const fn is_missing(self) -> bool {
        match self {
            Self::H | Self::K | Self::L | Self::M | Self::O | Self::Q => true,
            Self::A
            | Self::B
            | Self::D
            | Self::E
            | Self::F
            | Self::G
            | Self::I
            | Self::J
            | Self::N
            | Self::P
            | Self::S
            | Self::U
            | Self::V
            | Self::W => false,
        }
    }
}

/// One coordinate of a breakdown. Never the total: that is said by leaving the concept out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct DimensionValue {
    /// What the breakdown is by.
    pub concept: Concept,
    /// A code of the concept's list, or `_U`, `_Z`.
    pub code: Code,
    /// What decides membership, where sources differ. Part of the key: indigenous by language and
    /// by self-identification are two figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<Criterion>,
}

impl TryFrom<v1::DimensionValue> for DimensionValue {
    type Error = EventError;

    fn try_from(raw: v1::DimensionValue) -> Result<Self, EventError> {
        let dimension = Self {
            concept: name("concept", raw.concept)?,
            code: name("code", raw.code)?,
            criterion: optional_name("criterion", raw.criterion)?,
        };
        if dimension.code.as_str() == TOTAL {
            let concept = dimension.concept.to_string();
            return broken("code", BrokenRule::RedundantTotal { concept });
        }
        Ok(dimension)
    }
}

impl fmt::Display for DimensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.concept, self.code)?;
        match &self.criterion {
            Some(criterion) => write!(f, "({criterion})"),
            None => Ok(()),
        }
    }
}

/// Names one observation of a report, as it is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ObservationKey {
    /// None: the report's period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Ascending by concept, each concept once; a concept that is not listed stands at its total.
    pub dimensions: Vec<DimensionValue>,
}

impl ObservationKey {
    /// Where the observation stands in the indicator's series.
    pub fn coordinates(&self, report_period: Period) -> Coordinates {
        Coordinates {
            period: self.period.unwrap_or(report_period),
            dimensions: self.dimensions.clone(),
        }
    }
}

impl TryFrom<v1::ObservationKey> for ObservationKey {
    type Error = EventError;

    fn try_from(raw: v1::ObservationKey) -> Result<Self, EventError> {
        let key = Self {
            period: optional("period", raw.period)?,
            dimensions: each("dimensions", raw.dimensions, DIMENSIONS_MAX)?,
        };
        ascending("dimensions", &key.dimensions, |dimension| &dimension.concept)?;
        Ok(key)
    }
}

/// Where an observation stands in its indicator's series: the same for every vintage of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Coordinates {
    /// What time the figure is about.
    pub period: Period,
    /// Ascending by concept; a concept that is not listed stands at its total.
    pub dimensions: Vec<DimensionValue>,
}

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.period)?;
        self.dimensions.iter().try_for_each(|dimension| write!(f, " {dimension}"))
    }
}

/// What a ratio was computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ratio {
    /// Above the line.
    pub numerator: Decimal,
    /// Below the line. May be zero: then no value follows from it.
    pub denominator: Decimal,
}

/// What was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A value, with what it was computed from where that was given.
    Value {
        /// The figure, with the decimals that were signed.
        value: Decimal,
        /// Numerator and denominator.
        ratio: Option<Ratio>,
    },
    /// No value; the status says why. No numerator either: it would give away what is suppressed.
    Missing,
}

/// Whether a value follows from its numerator and denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotientCheck {
    /// There is no value.
    Missing,
    /// A value without numerator and denominator: nothing to check.
    NoRatio,
    /// The value is the quotient, rounded to its own decimals.
    Matches,
    /// The value is something else.
    Differs,
}

/// One cell of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Which cell.
    pub key: ObservationKey,
    /// The value, or that there is none.
    pub measure: Measure,
    /// Says why a value is missing, or how good it is.
    pub status: ObsStatus,
    /// What the reader must know.
    pub comment: Option<String>,
}

impl Observation {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<Decimal> {
        match self.measure {
            Measure::Value { value, .. } => Some(value),
            Measure::Missing => None,
        }
    }

    /// Numerator and denominator, if they were given.
    pub const fn ratio(&self) -> Option<Ratio> {
        match self.measure {
            Measure::Value { ratio, .. } => ratio,
            Measure::Missing => None,
        }
    }

    /// Whether the value follows from numerator and denominator, in a unit of this scale.
    pub fn check_quotient(&self, scale: QuotientScale) -> QuotientCheck {
        match self.measure {
            Measure::Missing => QuotientCheck::Missing,
            Measure::Value { ratio: None, .. } => QuotientCheck::NoRatio,
            Measure::Value { value, ratio: Some(ratio) } => {
                if quotient_matches(value, ratio.numerator, ratio.denominator, scale) {
                    QuotientCheck::Matches
                } else {
                    QuotientCheck::Differs
                }
            }
        }
    }
}

impl TryFrom<v1::Observation> for Observation {
    type Error = EventError;

    fn try_from(raw: v1::Observation) -> Result<Self, EventError> {
        let key = required("key", Some(raw.key.unwrap_or_default()))?;
        let status: ObsStatus = choice("status", raw.status)?;
        let value: Option<Decimal> = optional("value", raw.value)?;
        let ratio = parse_ratio(raw.numerator, raw.denominator)?;
        let measure = match (value, status.is_missing()) {
            (Some(value), false) => Measure::Value { value, ratio },
            (None, true) => Measure::Missing,
            (Some(_), true) => {
                return broken("value", BrokenRule::ValueForbidden { status: status.as_str() });
            }
            (None, false) => {
                return broken("value", BrokenRule::ValueNeeded { status: status.as_str() });
            }
        };
        if measure == Measure::Missing && ratio.is_some() {
            let reason = "where the value is missing, a numerator would give it away";
            return broken("numerator", BrokenRule::Unexpected { reason });
        }
        Ok(Self { key, measure, status, comment: prose("comment", raw.comment)? })
    }
}

fn parse_ratio(
    numerator: Option<v1::Decimal>,
    denominator: Option<v1::Decimal>,
) -> Parsed<Option<Ratio>> {
    match (optional("numerator", numerator)?, optional("denominator", denominator)?) {
        (Some(numerator), Some(denominator)) => Ok(Some(Ratio { numerator, denominator })),
        (None, None) => Ok(None),
        (Some(_), None) => broken("denominator", BrokenRule::HalfRatio { missing: "denominator" }),
        (None, Some(_)) => broken("numerator", BrokenRule::HalfRatio { missing: "numerator" }),
    }
}

impl serde::Serialize for Observation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// The observation with the field names of the schema.
        #[derive(serde::Serialize)]
        struct Fields<'a> {
            key: &'a ObservationKey,
            #[serde(skip_serializing_if = "Option::is_none")]
            value: Option<Decimal>,
            #[serde(skip_serializing_if = "Option::is_none")]
            numerator: Option<Decimal>,
            #[serde(skip_serializing_if = "Option::is_none")]
            denominator: Option<Decimal>,
            status: ObsStatus,
            #[serde(skip_serializing_if = "Option::is_none")]
            comment: &'a Option<String>,
        }
        Fields {
            key: &self.key,
            value: self.value(),
            numerator: self.ratio().map(|ratio| ratio.numerator),
            denominator: self.ratio().map(|ratio| ratio.denominator),
            status: self.status,
            comment: &self.comment,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decimal::UnitMultiplier;
    use super::*;

    fn number(text: &str) -> v1::Decimal {
        v1::Decimal { text: text.to_owned() }
    }

    fn dimension(concept: &str, code: &str) -> v1::DimensionValue {
        v1::DimensionValue {
            concept: concept.to_owned(),
            code: code.to_owned(),
            criterion: String::new(),
        }
    }

    fn cell(value: Option<v1::Decimal>, status: ObsStatus) -> v1::Observation {
        v1::Observation { value, status: status.number(), ..v1::Observation::default() }
    }

    fn rule_of(raw: v1::Observation) -> BrokenRule {
        Observation::try_from(raw).unwrap_err().rule
    }

    #[test]
    fn a_value_forbids_the_statuses_that_say_missing() {
        for status in ObsStatus::ALL {
            let with_value = Observation::try_from(cell(Some(number("0")), *status));
            assert_eq!(with_value.is_err(), status.is_missing(), "{status}");
        }
    }

    #[test]
    fn no_value_needs_a_status_that_says_why() {
        for status in ObsStatus::ALL {
            let without = Observation::try_from(cell(None, *status));
            assert_eq!(without.is_ok(), status.is_missing(), "{status}");
        }
        let missing: Vec<_> = ObsStatus::ALL.iter().filter(|status| status.is_missing()).collect();
        assert_eq!(missing.len(), 6);
    }

    #[test]
    fn a_status_is_never_assumed() {
        let raw = v1::Observation { value: Some(number("851")), ..v1::Observation::default() };
        assert_eq!(rule_of(raw), BrokenRule::Unspecified { choice: "ObsStatus" });
    }

    #[test]
    fn a_numerator_needs_a_denominator() {
        let half = v1::Observation {
            numerator: Some(number("947")),
            ..cell(Some(number("25.2")), ObsStatus::A)
        };
        assert_eq!(rule_of(half), BrokenRule::HalfRatio { missing: "denominator" });
    }

    #[test]
    fn a_suppressed_cell_has_no_numerator_to_give_it_away() {
        let hidden = v1::Observation {
            numerator: Some(number("2")),
            denominator: Some(number("9")),
            ..cell(None, ObsStatus::Q)
        };
        assert!(matches!(rule_of(hidden), BrokenRule::Unexpected { .. }));
    }

    #[test]
    fn a_wrong_quotient_is_recorded_and_can_be_told() {
        let percent = QuotientScale::of_unit(&"percent".parse().unwrap(), UnitMultiplier::ONE);
        let published = |value| {
            let raw = v1::Observation {
                numerator: Some(number("947")),
                denominator: Some(number("3754")),
                ..cell(Some(number(value)), ObsStatus::A)
            };
            Observation::try_from(raw).unwrap().check_quotient(percent)
        };
        assert_eq!(published("33.7"), QuotientCheck::Differs);
        assert_eq!(published("25.2"), QuotientCheck::Matches);
    }

    #[test]
    fn one_observation_has_one_key() {
        let keyed = |dimensions| {
            let key = v1::ObservationKey { period: None, dimensions };
            ObservationKey::try_from(key)
        };
        assert!(keyed(vec![dimension("age", "Y0T17"), dimension("sex", "F")]).is_ok());
        let unordered = keyed(vec![dimension("sex", "F"), dimension("age", "Y0T17")]).unwrap_err();
        assert_eq!(
            unordered.to_string(),
            "dimensions[1]: expected ascending order, found age after sex"
        );
        let twice = keyed(vec![dimension("sex", "F"), dimension("sex", "M")]).unwrap_err();
        assert!(matches!(twice.rule, BrokenRule::Duplicate { .. }));
        let total = keyed(vec![dimension("sex", "_T")]).unwrap_err();
        assert_eq!(
            total.to_string(),
            "dimensions[0].code: a concept at its total _T is left out, found sex=_T"
        );
    }

    #[test]
    fn coordinates_name_the_report_s_period_where_the_key_leaves_it_out() {
        let key = ObservationKey::try_from(v1::ObservationKey {
            period: None,
            dimensions: vec![dimension("sex", "F")],
        })
        .unwrap();
        assert_eq!(key.coordinates("2024".parse().unwrap()).to_string(), "2024 sex=F");
    }

    #[test]
    fn json_has_the_schema_s_names_and_exact_numbers() {
        let observation = Observation::try_from(cell(Some(number("25.20")), ObsStatus::E)).unwrap();
        assert_eq!(
            serde_json::to_string(&observation).unwrap(),
            r#"{"key":{"dimensions":[]},"value":"25.20","status":"E"}"#
        );
    }
}
