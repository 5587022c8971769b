// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading the domain types of events back from state documents.
//!
//! They pass the same rules as when they came out of a payload: a document may come from outside.

use std::fmt::Display;

use constancia_proto::v1;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::event::attachment::Attachment;
use crate::event::budget::BudgetStage;
use crate::event::challenge::ChallengeGround;
use crate::event::decimal::UnitMultiplier;
use crate::event::governance::VoteChoice;
use crate::event::indicator::IndicatorStanding;
use crate::event::name::{Code, Concept, Criterion, IndicatorId, LineId, PlanId, Slug, Unit};
use crate::event::observation::{Coordinates, DimensionValue, ObsStatus, Ratio};
use crate::event::report::{CorrectionReason, Verdict};
use crate::event::source::SourceKind;
use crate::event::{Decimal, KeyScope, MemberClass, PartialDate, Period, Source, Text};

macro_rules! read_from_text {
    ($($name:ident)*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::state::json::text::deserialize(deserializer)
            }
        }
    )* };
}

read_from_text!(
    Code Concept Criterion Decimal IndicatorId LineId PartialDate Period PlanId Slug Unit
);

macro_rules! read_choice {
    ($($name:ident)*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::from_text(&text).ok_or_else(|| {
                    D::Error::custom(format!("expected a {}, found {text:?}", stringify!($name)))
                })
            }
        }
    )* };
}

read_choice!(
    BudgetStage ChallengeGround CorrectionReason IndicatorStanding KeyScope MemberClass ObsStatus
    SourceKind Verdict VoteChoice
);

/// Turns the raw message into the domain type, by the rules of its fields.
fn checked<T, R, E>(raw: R) -> Result<T, E>
where
    T: TryFrom<R, Error: Display>,
    E: serde::de::Error,
{
    T::try_from(raw).map_err(E::custom)
}

impl<'de> Deserialize<'de> for UnitMultiplier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(i32::deserialize(deserializer)?)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[derive(Default)]
        struct Fields {
            es: String,
            en: String,
            translated: Vec<String>,
        }
        let Fields { es, en, translated } = Fields::deserialize(deserializer)?;
        checked(v1::Text { es, en, translated })
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            kind: SourceKind,
            #[serde(default)]
            citation: String,
            #[serde(default)]
            url: String,
            #[serde(default)]
            published_on: Option<String>,
            #[serde(default)]
            accessed_on: Option<String>,
        }
        let fields = Fields::deserialize(deserializer)?;
        checked(v1::Source {
            kind: fields.kind.number(),
            citation: fields.citation,
            url: fields.url,
            published_on: fields.published_on.map(|text| v1::Date { text }),
            accessed_on: fields.accessed_on.map(|text| v1::Date { text }),
        })
    }
}

impl<'de> Deserialize<'de> for Attachment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            name: String,
            media_type: String,
            #[serde(with = "crate::state::json::text")]
            length: u64,
            salt: String,
            hash: String,
            #[serde(default)]
            description: String,
        }
        let fields = Fields::deserialize(deserializer)?;
        checked(v1::Attachment {
            name: fields.name,
            media_type: fields.media_type,
            length: fields.length,
            salt: hex::decode(&fields.salt).map_err(D::Error::custom)?.into(),
            hash: hex::decode(&fields.hash).map_err(D::Error::custom)?.into(),
            description: fields.description,
        })
    }
}

impl<'de> Deserialize<'de> for DimensionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            concept: String,
            code: String,
            #[serde(default)]
            criterion: String,
        }
        let Fields { concept, code, criterion } = Fields::deserialize(deserializer)?;
        checked(v1::DimensionValue { concept, code, criterion })
    }
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            period: Period,
            dimensions: Vec<DimensionValue>,
        }
        let Fields { period, dimensions } = Fields::deserialize(deserializer)?;
        Ok(Self { period, dimensions })
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            numerator: Decimal,
            denominator: Decimal,
        }
        let Fields { numerator, denominator } = Fields::deserialize(deserializer)?;
        Ok(Self { numerator, denominator })
    }
}
