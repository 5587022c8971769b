// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The plan: pillars, objectives, lines of action, indicators, and what belongs to them all.

mod references;

use constancia_proto::v1;

use super::budget::Money;
use super::date::PartialDate;
use super::error::{BrokenRule, EventError};
use super::field::{broken, distinct, each, in_range, name, optional, required};
use super::indicator::Indicator;
use super::limits::{
    CODE_LISTS_MAX, CODES_MAX, INDICATORS_MAX, LINES_MAX, OBJECTIVES_MAX, PILLARS_MAX, THEMES_MAX,
    UTC_OFFSET_MINUTES_MAX,
};
use super::name::{
    Code, Concept, LineId, NOT_APPLICABLE, ObjectiveId, PillarId, PlanId, TOTAL, ThemeId,
    UNSPECIFIED,
};
use super::source::{Source, Stated};
use super::text::{Text, optional_title, title};

/// A plan whose parts all name parts that exist.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// Names the plan.
    pub id: PlanId,
    /// The plan's title.
    pub title: Text,
    /// When it was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presented_on: Option<PartialDate>,
    /// By when it must be reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due_on: Option<PartialDate>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due_source: Option<Source>,
    /// Minutes east of UTC at which the plan's day begins; fixed, without summer time.
    pub utc_offset_minutes: i32,
    /// How many of each the published plan says that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<DeclaredCounts>,
    /// What money was committed to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub financing: Option<Financing>,
    /// Which cells are hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<SuppressionRule>,
    /// In the plan's order, as are the lists below.
    pub pillars: Vec<Pillar>,
    /// Each of a pillar.
    pub objectives: Vec<Objective>,
    /// Each of an objective.
    pub lines: Vec<LineOfAction>,
    /// Each of a line, objective or pillar; context indicators may be of none.
    pub indicators: Vec<Indicator>,
    /// Themes that somebody demands of the plan.
    pub themes: Vec<Theme>,
    /// One per concept.
    pub code_lists: Vec<CodeList>,
    /// Where the plan was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Plan> for Plan {
    type Error = EventError;

    fn try_from(raw: v1::Plan) -> Result<Self, EventError> {
        let offset = -UTC_OFFSET_MINUTES_MAX..=UTC_OFFSET_MINUTES_MAX;
        let plan = Self {
            id: name("id", raw.id)?,
            title: title("title", raw.title)?,
            presented_on: optional("presented_on", raw.presented_on)?,
            review_due_on: optional("review_due_on", raw.review_due_on)?,
            review_due_source: optional("review_due_source", raw.review_due_source)?,
            utc_offset_minutes: in_range("utc_offset_minutes", raw.utc_offset_minutes, offset)?,
            declared: optional("declared", raw.declared)?,
            financing: optional("financing", raw.financing)?,
            suppression: optional("suppression", raw.suppression)?,
            pillars: each("pillars", raw.pillars, PILLARS_MAX)?,
            objectives: each("objectives", raw.objectives, OBJECTIVES_MAX)?,
            lines: each("lines", raw.lines, LINES_MAX)?,
            indicators: each("indicators", raw.indicators, INDICATORS_MAX)?,
            themes: each("themes", raw.themes, THEMES_MAX)?,
            code_lists: each("code_lists", raw.code_lists, CODE_LISTS_MAX)?,
            source: optional("source", raw.source)?,
        };
        plan.check_references()?;
        Ok(plan)
    }
}

/// How many of each the published plan says that it has. None: it does not say.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeclaredCounts {
    /// Pillars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pillars: Option<u32>,
    /// Objectives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objectives: Option<u32>,
    /// Lines of action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_of_action: Option<u32>,
    /// Indicators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indicators: Option<u32>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::DeclaredCounts> for DeclaredCounts {
    type Error = EventError;

    fn try_from(raw: v1::DeclaredCounts) -> Result<Self, EventError> {
        Ok(Self {
            pillars: raw.pillars,
            objectives: raw.objectives,
            lines_of_action: raw.lines_of_action,
            indicators: raw.indicators,
            source: optional("source", raw.source)?,
        })
    }
}

/// What money was committed to the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Financing {
    /// The amount for the whole plan.
    #[serde(skip_serializing_if = "Stated::is_unknown")]
    pub committed: Stated<Money>,
    /// How it is financed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Financing> for Financing {
    type Error = EventError;

    fn try_from(raw: v1::Financing) -> Result<Self, EventError> {
        let committed = match raw.committed {
            Some(v1::financing::Committed::Amount(money)) => {
                Stated::Value(required("amount", Some(money))?)
            }
            Some(v1::financing::Committed::None(none)) => {
                Stated::None(required("none", Some(none))?)
            }
            None => Stated::Unknown,
        };
        Ok(Self {
            committed,
            note: optional("note", raw.note)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// Cells below the threshold are signed only as suppressed (Q).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SuppressionRule {
    /// The smallest count that is shown. At least 1.
    pub threshold: u32,
    /// Whether a zero is shown although it is below the threshold.
    pub zeros_shown: bool,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::SuppressionRule> for SuppressionRule {
    type Error = EventError;

    fn try_from(raw: v1::SuppressionRule) -> Result<Self, EventError> {
        Ok(Self {
            threshold: in_range("threshold", raw.threshold, 1..=u32::MAX)?,
            zeros_shown: raw.zeros_shown,
            source: optional("source", raw.source)?,
        })
    }
}

/// A pillar of the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Pillar {
    /// Names it.
    pub id: PillarId,
    /// Its name.
    pub name: Text,
    /// Where it is laid down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Pillar> for Pillar {
    type Error = EventError;

    fn try_from(raw: v1::Pillar) -> Result<Self, EventError> {
        Ok(Self {
            id: name("id", raw.id)?,
            name: title("name", raw.name)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// An objective of a pillar.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Objective {
    /// Names it.
    pub id: ObjectiveId,
    /// The pillar that it belongs to.
    pub pillar: PillarId,
    /// Its wording.
    pub name: Text,
    /// Where it is laid down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Objective> for Objective {
    type Error = EventError;

    fn try_from(raw: v1::Objective) -> Result<Self, EventError> {
        Ok(Self {
            id: name("id", raw.id)?,
            pillar: name("pillar", raw.pillar)?,
            name: title("name", raw.name)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// A line of action of an objective.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LineOfAction {
    /// Names it.
    pub id: LineId,
    /// The objective that it belongs to.
    pub objective: ObjectiveId,
    /// Its wording.
    pub name: Text,
    /// Where it is laid down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether the action needs parties beyond the members' power. None: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_members: Option<bool>,
}

impl TryFrom<v1::LineOfAction> for LineOfAction {
    type Error = EventError;

    fn try_from(raw: v1::LineOfAction) -> Result<Self, EventError> {
        Ok(Self {
            id: name("id", raw.id)?,
            objective: name("objective", raw.objective)?,
            name: title("name", raw.name)?,
            source: optional("source", raw.source)?,
            beyond_members: raw.beyond_members,
        })
    }
}

/// A theme that somebody demands of the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Theme {
    /// Names it.
    pub id: ThemeId,
    /// Its wording.
    pub name: Text,
    /// Who demands it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl TryFrom<v1::Theme> for Theme {
    type Error = EventError;

    fn try_from(raw: v1::Theme) -> Result<Self, EventError> {
        Ok(Self {
            id: name("id", raw.id)?,
            name: title("name", raw.name)?,
            source: optional("source", raw.source)?,
        })
    }
}

/// A category of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CodeName {
    /// The code.
    pub id: Code,
    /// What it stands for.
    pub name: Text,
}

impl TryFrom<v1::Code> for CodeName {
    type Error = EventError;

    fn try_from(raw: v1::Code) -> Result<Self, EventError> {
        let id: Code = name("id", raw.id)?;
        if [TOTAL, UNSPECIFIED, NOT_APPLICABLE].contains(&id.as_str()) {
            return broken("id", BrokenRule::ReservedCode { found: id.to_string() });
        }
        Ok(Self { id, name: title("name", raw.name)? })
    }
}

/// The codes of one concept. `_T`, `_U` and `_Z` belong to every list and are not in it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CodeList {
    /// What the breakdown is by.
    pub concept: Concept,
    /// The concept's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// At least one, in the order in which they are shown.
    pub codes: Vec<CodeName>,
    /// Who keeps the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl CodeList {
    /// Whether an observation may stand at this code.
    pub fn has(&self, code: &Code) -> bool {
        matches!(code.as_str(), TOTAL | UNSPECIFIED | NOT_APPLICABLE)
            || self.codes.iter().any(|known| known.id == *code)
    }
}

impl TryFrom<v1::CodeList> for CodeList {
    type Error = EventError;

    fn try_from(raw: v1::CodeList) -> Result<Self, EventError> {
        let list = Self {
            concept: name("concept", raw.concept)?,
            name: optional_title("name", raw.name)?,
            codes: each("codes", raw.codes, CODES_MAX)?,
            source: optional("source", raw.source)?,
        };
        if list.codes.is_empty() {
            return broken("codes", BrokenRule::Missing { expected: "at least one code" });
        }
        distinct("codes", &list.codes, |code| &code.id)?;
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(es: &str) -> v1::Text {
        v1::Text { es: es.to_owned(), ..v1::Text::default() }
    }

    fn list(codes: &[&str]) -> Result<CodeList, EventError> {
        let codes = codes
            .iter()
            .map(|&id| v1::Code { id: id.to_owned(), name: Some(text("nombre")) })
            .collect();
        CodeList::try_from(v1::CodeList {
            concept: "age".to_owned(),
            name: Some(text("Edad")),
            codes,
            source: None,
        })
    }

    #[test]
    fn every_list_has_total_unspecified_and_not_applicable() {
        let list = list(&["Y0T17", "Y_GE18"]).unwrap();
        for code in ["_T", "_U", "_Z", "Y0T17"] {
            assert!(list.has(&code.parse().unwrap()), "{code}");
        }
        assert!(!list.has(&"Y60".parse().unwrap()));
    }

    #[test]
    fn a_code_list_names_each_code_once_and_none_that_every_list_has() {
        assert_eq!(list(&["F", "F"]).unwrap_err().path, "codes[1]");
        assert_eq!(list(&["F", "_T"]).unwrap_err().path, "codes[1].id");
        assert_eq!(list(&[]).unwrap_err().path, "codes");
    }

    #[test]
    fn a_civil_day_begins_within_18_hours_of_utc() {
        let plan = |utc_offset_minutes| {
            Plan::try_from(v1::Plan {
                id: "mx".to_owned(),
                title: Some(text("Plan")),
                utc_offset_minutes,
                ..v1::Plan::default()
            })
        };
        assert!(plan(-360).is_ok());
        assert!(plan(1_080).is_ok());
        assert_eq!(
            plan(-1_081).unwrap_err().to_string(),
            "utc_offset_minutes: expected a number from -1080 to 1080, found -1081"
        );
    }
}
