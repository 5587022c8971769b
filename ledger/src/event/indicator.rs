// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An indicator's technical sheet (ficha técnica), as Mexico's MIR and SHCP forms know it.

use constancia_proto::v1;

use super::choice::choice;
use super::decimal::{Decimal, UnitMultiplier};
use super::error::{BrokenRule, EventError};
use super::field::{
    InField as _, Parsed, ascending, broken, choice, distinct, each, each_by, in_range, label,
    name, optional, optional_choice, optional_name, required, required_label,
};
use super::limits::{
    CODE_LISTS_MAX, DUE_DAYS_MAX, GLOBAL_REFERENCES_MAX, MEMBERS_MAX, TARGETS_MAX, THEMES_MAX,
    VARIABLES_MAX,
};
use super::name::{
    Concept, Criterion, IndicatorId, LineId, ObjectiveId, PillarId, Slug, ThemeId, Unit,
};
use super::period::Period;
use super::source::{Source, Stated, list_or_none};
use super::text::{Text, title};

choice! {
    /// What an indicator measures along the way from training to impact.
    IndicatorKind {
        /// People trained.
        Training = "training",
        /// People made aware.
        Awareness = "awareness",
        /// Steps taken.
        Process = "process",
        /// Things produced.
        Output = "output",
        /// What changed through them.
        Outcome = "outcome",
        /// What changed in people's lives.
        Impact = "impact",
    }
}

choice! {
    /// What an indicator judges, as Mexico's forms have it.
    IndicatorDimension {
        /// Whether the objective is reached.
        Efficacy = "efficacy",
        /// With how many means.
        Efficiency = "efficiency",
        /// How well.
        Quality = "quality",
        /// At what cost.
        Economy = "economy",
    }
}

choice! {
    /// Where an indicator looks.
    IndicatorScope {
        /// At the country itself.
        Domestic = "domestic",
        /// Abroad.
        Foreign = "foreign",
    }
}

choice! {
    /// Where an indicator stands with regard to the plan.
    IndicatorStanding {
        /// The plan has it.
        Plan = "plan",
        /// Not in the plan: published elsewhere, followed by observers.
        Context = "context",
    }
}

choice! {
    /// Which way is better.
    Direction {
        /// More is better.
        Ascending = "ascending",
        /// Less is better.
        Descending = "descending",
    }
}

choice! {
    /// How the values of several periods go together.
    Accumulation {
        /// Each period by itself.
        PerPeriod = "per_period",
        /// Each value includes the earlier ones.
        Cumulative = "cumulative",
    }
}

choice! {
    /// How often the indicator is reported.
    Periodicity {
        /// Every month.
        Monthly = "monthly",
        /// Every quarter.
        Quarterly = "quarterly",
        /// Every half-year.
        HalfYearly = "half_yearly",
        /// Every year.
        Yearly = "yearly",
        /// Once.
        Once = "once",
    }
}

/// What an indicator hangs on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// A line of action.
    Line(LineId),
    /// An objective directly.
    Objective(ObjectiveId),
    /// A pillar directly.
    Pillar(PillarId),
}

/// An indicator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Indicator {
    /// Names it.
    pub id: IndicatorId,
    /// None only for a context indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Its name.
    pub name: Text,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<Text>,
    /// None: unknown, as everywhere below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<IndicatorKind>,
    /// What it judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<IndicatorDimension>,
    /// Unit of measure.
    pub unit: Unit,
    /// Power of ten that values are multiplied by.
    pub unit_multiplier: UnitMultiplier,
    /// What is counted once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_of_count: Option<Text>,
    /// How it is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Which way is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// How periods go together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accumulation: Option<Accumulation>,
    /// How often it is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periodicity: Option<Periodicity>,
    /// Days after the period until a report is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_days: Option<u32>,
    /// Where it started.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub baseline: Stated<PeriodValue>,
    /// Where it should get to: ascending by period.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub targets: Stated<Vec<PeriodValue>>,
    /// When it counts as on track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<StatusThresholds>,
    /// Whose report is official.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub responsible: Stated<Responsible>,
    /// Breakdowns that it asks for: ascending by concept.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub disaggregations: Stated<Vec<Disaggregation>>,
    /// What shows that a figure is right.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub means_of_verification: Stated<MeansOfVerification>,
    /// Where it looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<IndicatorScope>,
    /// Themes that it covers: ascending.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<ThemeId>,
    /// `S/2010/498`, an SDG indicator …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub global_references: Vec<String>,
    /// Where the indicator was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Where kind, scope, direction and line come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification_source: Option<Source>,
    /// Where it stands with regard to the plan.
    pub standing: IndicatorStanding,
    /// A fixed denominator above zero, such as the 32 states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_denominator: Option<Decimal>,
}

impl TryFrom<v1::Indicator> for Indicator {
    type Error = EventError;

    fn try_from(raw: v1::Indicator) -> Result<Self, EventError> {
        let unit_multiplier = UnitMultiplier::try_from(raw.unit_multiplier);
        let standing = choice("standing", raw.standing)?;
        let due_days = raw.due_days.map(|days| in_range("due_days", days, 0..=DUE_DAYS_MAX));
        let indicator = Self {
            id: name("id", raw.id)?,
            parent: parse_parent(standing, raw.line, raw.objective, raw.pillar)?,
            name: title("name", raw.name)?,
            definition: optional("definition", raw.definition)?,
            kind: optional_choice("kind", raw.kind)?,
            dimension: optional_choice("dimension", raw.dimension)?,
            unit: name("unit", raw.unit)?,
            unit_multiplier: unit_multiplier.in_field("unit_multiplier")?,
            unit_of_count: optional("unit_of_count", raw.unit_of_count)?,
            method: optional("method", raw.method)?,
            direction: optional_choice("direction", raw.direction)?,
            accumulation: optional_choice("accumulation", raw.accumulation)?,
            periodicity: optional_choice("periodicity", raw.periodicity)?,
            due_days: due_days.transpose()?,
            baseline: parse_baseline(raw.baseline)?,
            targets: parse_targets(raw.targets).in_field("targets")?,
            thresholds: optional("thresholds", raw.thresholds)?,
            responsible: parse_responsible(raw.responsible).in_field("responsible")?,
            disaggregations: parse_disaggregations(raw.disaggregations)
                .in_field("disaggregations")?,
            means_of_verification: parse_means(raw.means_of_verification)
                .in_field("means_of_verification")?,
            scope: optional_choice("scope", raw.scope)?,
            themes: each("themes", raw.themes, THEMES_MAX)?,
            global_references: each_by(
                "global_references",
                raw.global_references,
                GLOBAL_REFERENCES_MAX,
                |reference| required_label("", reference),
            )?,
            source: optional("source", raw.source)?,
            classification_source: optional("classification_source", raw.classification_source)?,
            standing,
            fixed_denominator: optional("fixed_denominator", raw.fixed_denominator)?,
        };
        ascending("themes", &indicator.themes, |theme| theme)?;
        distinct("global_references", &indicator.global_references, |reference| reference)?;
        match indicator.fixed_denominator {
            Some(number) if number.is_zero() || number.is_negative() => {
                let expected = "a number above zero".to_owned();
                let rule = BrokenRule::OutOfRange { expected, found: number.to_string() };
                broken("fixed_denominator", rule)
            }
            Some(_) | None => Ok(indicator),
        }
    }
}

impl Indicator {
    /// Whether this sheet measures something else than the one before it (R31).
    pub fn redefines(&self, before: &Self) -> bool {
        self.definition != before.definition
            || self.unit != before.unit
            || self.unit_multiplier != before.unit_multiplier
            || self.unit_of_count != before.unit_of_count
            || self.method != before.method
            || self.accumulation != before.accumulation
            || self.fixed_denominator != before.fixed_denominator
    }
}

fn parse_parent(
    standing: IndicatorStanding,
    line: String,
    objective: String,
    pillar: String,
) -> Parsed<Option<Parent>> {
    let line = optional_name("line", line)?.map(Parent::Line);
    let objective = optional_name("objective", objective)?.map(Parent::Objective);
    let pillar = optional_name("pillar", pillar)?.map(Parent::Pillar);
    let reason = "an indicator hangs on one line, objective or pillar";
    match (line, objective, pillar) {
        (Some(parent), None, None) | (None, Some(parent), None) | (None, None, Some(parent)) => {
            Ok(Some(parent))
        }
        (Some(_), Some(_), _) => broken("objective", BrokenRule::Unexpected { reason }),
        (_, _, Some(_)) => broken("pillar", BrokenRule::Unexpected { reason }),
        (None, None, None) => match standing {
            IndicatorStanding::Context => Ok(None),
            IndicatorStanding::Plan => {
                let expected = "a line, an objective or a pillar, since the plan has it";
                broken("line", BrokenRule::Missing { expected })
            }
        },
    }
}

fn parse_baseline(raw: Option<v1::Baseline>) -> Parsed<Stated<PeriodValue>> {
    use v1::baseline::Baseline as Raw;
    let Some(raw) = raw else {
        return Ok(Stated::Unknown);
    };
    match raw.baseline {
        Some(Raw::Value(value)) => required("baseline.value", Some(value)).map(Stated::Value),
        Some(Raw::None(none)) => required("baseline.none", Some(none)).map(Stated::None),
        None => broken("baseline", BrokenRule::Missing { expected: "a value, or none" }),
    }
}

fn parse_targets(raw: Option<v1::Targets>) -> Parsed<Stated<Vec<PeriodValue>>> {
    let Some(raw) = raw else {
        return Ok(Stated::Unknown);
    };
    let values: Vec<PeriodValue> = each("values", raw.values, TARGETS_MAX)?;
    ascending("values", &values, |target| target.period)?;
    list_or_none("values", values, raw.none)
}

fn parse_responsible(raw: Option<v1::Responsible>) -> Parsed<Stated<Responsible>> {
    let Some(raw) = raw else {
        return Ok(Stated::Unknown);
    };
    let members: Vec<Slug> = each("members", raw.members, MEMBERS_MAX)?;
    ascending("members", &members, |slug| slug)?;
    let source: Option<Source> = optional("source", raw.source)?;
    match list_or_none("members", members, raw.none)? {
        Stated::Value(members) => Ok(Stated::Value(Responsible { members, source })),
        Stated::None(_) if source.is_some() => broken("source", SOURCE_BESIDE_NONE),
        Stated::None(none) => Ok(Stated::None(none)),
        Stated::Unknown => Ok(Stated::Unknown),
    }
}

fn parse_disaggregations(raw: Option<v1::Disaggregations>) -> Parsed<Stated<Vec<Disaggregation>>> {
    let Some(raw) = raw else {
        return Ok(Stated::Unknown);
    };
    let list: Vec<Disaggregation> = each("list", raw.list, CODE_LISTS_MAX)?;
    ascending("list", &list, |disaggregation| &disaggregation.concept)?;
    list_or_none("list", list, raw.none)
}

fn parse_means(raw: Option<v1::MeansOfVerification>) -> Parsed<Stated<MeansOfVerification>> {
    use v1::means_of_verification::Means;
    let Some(raw) = raw else {
        return Ok(Stated::Unknown);
    };
    let source: Option<Source> = optional("source", raw.source)?;
    match raw.means {
        Some(Means::Text(text)) => {
            let text = required("text", Some(text))?;
            Ok(Stated::Value(MeansOfVerification { text, source }))
        }
        Some(Means::None(_)) if source.is_some() => broken("source", SOURCE_BESIDE_NONE),
        Some(Means::None(none)) => required("none", Some(none)).map(Stated::None),
        None => broken("text", BrokenRule::Missing { expected: "a text, or none" }),
    }
}

const SOURCE_BESIDE_NONE: BrokenRule =
    BrokenRule::Unexpected { reason: "the source that says \"none\" stands with the none" };

/// How an indicator is computed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Method {
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Over the variables' symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// What the symbols stand for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
}

impl TryFrom<v1::Method> for Method {
    type Error = EventError;

    fn try_from(raw: v1::Method) -> Result<Self, EventError> {
        let method = Self {
            text: optional("text", raw.text)?,
            formula: label("formula", raw.formula)?,
            variables: each("variables", raw.variables, VARIABLES_MAX)?,
        };
        if method.text.is_none() && method.formula.is_none() {
            return broken("text", BrokenRule::Missing { expected: "a text or a formula" });
        }
        distinct("variables", &method.variables, |variable| &variable.symbol)?;
        Ok(method)
    }
}

/// A named term of the method.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Variable {
    /// As the formula writes it.
    pub symbol: String,
    /// What it stands for.
    pub name: Text,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Variable> for Variable {
    type Error = EventError;

    fn try_from(raw: v1::Variable) -> Result<Self, EventError> {
        Ok(Self {
            symbol: required_label("symbol", raw.symbol)?,
            name: title("name", raw.name)?,
            unit: optional_name("unit", raw.unit)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// A value at a time: a baseline or a target.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PeriodValue {
    /// What time.
    pub period: Period,
    /// In the indicator's unit.
    pub value: Decimal,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::PeriodValue> for PeriodValue {
    type Error = EventError;

    fn try_from(raw: v1::PeriodValue) -> Result<Self, EventError> {
        Ok(Self {
            period: required("period", raw.period)?,
            value: required("value", raw.value)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// Lower bounds of the share of the way made over the share of the time elapsed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StatusThresholds {
    /// From here on: on track.
    pub on_track: Decimal,
    /// From here on, and below on track: behind. Above zero.
    pub behind: Decimal,
    /// Who set them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::StatusThresholds> for StatusThresholds {
    type Error = EventError;

    fn try_from(raw: v1::StatusThresholds) -> Result<Self, EventError> {
        let thresholds = Self {
            on_track: required("on_track", raw.on_track)?,
            behind: required("behind", raw.behind)?,
            source: optional("source", raw.source)?,
        };
        let Self { on_track, behind, .. } = &thresholds;
        if behind.is_negative() || behind.is_zero() || behind.compare(*on_track).is_ge() {
            let expected = format!("a number above zero and below {on_track}");
            let rule = BrokenRule::OutOfRange { expected, found: behind.to_string() };
            return broken("behind", rule);
        }
        Ok(thresholds)
    }
}

/// The members whose reports are official.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Responsible {
    /// Ascending; at least one.
    pub members: Vec<Slug>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl Responsible {
    /// The members.
    pub fn members(&self) -> &[Slug] {
        &self.members
    }
}

/// A breakdown that an indicator asks for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Disaggregation {
    /// Concept of a code list.
    pub concept: Concept,
    /// Whether a report without it is incomplete.
    pub required: bool,
    /// What decides membership, where sources differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<Criterion>,
    /// Who asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Disaggregation> for Disaggregation {
    type Error = EventError;

    fn try_from(raw: v1::Disaggregation) -> Result<Self, EventError> {
        Ok(Self {
            concept: name("concept", raw.concept)?,
            required: raw.required,
            criterion: optional_name("criterion", raw.criterion)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// What shows that a figure is right.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MeansOfVerification {
    /// In words.
    pub text: Text,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}
