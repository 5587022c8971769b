// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `indicators/<id>.json`: every published value of an indicator, who said so, and what was said
//! against it.

use serde::{Deserialize, Serialize};

use super::act::{Act, Signer};
use super::challenge::ChallengeRecord;
use crate::event::attachment::Attachment;
use crate::event::decimal::UnitMultiplier;
use crate::event::indicator::IndicatorStanding;
use crate::event::name::{IndicatorId, Slug, Unit};
use crate::event::observation::{Coordinates, ObsStatus, Ratio};
use crate::event::report::{CorrectionReason, Verdict};
use crate::event::{Decimal, PartialDate, Period, Source, Text};
use crate::id::EntryId;
use crate::order::Moment;

/// An indicator with all that was reported of it. Its technical sheet is in `plan.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorDocument {
    /// Names it.
    pub id: IndicatorId,
    /// Its name.
    pub name: Text,
    /// Unit of every value that says no other.
    pub unit: Unit,
    /// Power of ten that every value is multiplied by that says no other.
    pub unit_multiplier: UnitMultiplier,
    /// Where it stands with regard to the plan.
    pub standing: IndicatorStanding,
    /// Members whose reports are official; empty: none, or unknown (`plan.json` says which).
    pub responsible: Vec<Slug>,
    /// The version of the plan that has it no more; absent: the plan in force has it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub removed_by: Option<EntryId>,
    /// Versions of the plan that set or changed its technical sheet, the first first.
    pub versions: Vec<DefinitionRecord>,
    /// Reports and corrections that count, in the ledger's order.
    pub statements: Vec<StatementRecord>,
    /// One per observation and reporting member, by period, dimensions and member.
    pub series: Vec<Series>,
    /// In the ledger's order.
    pub challenges: Vec<ChallengeRecord>,
    /// Entries about it whose payload the council had dropped, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redactions: Vec<RedactionRecord>,
}

/// A version of an indicator's technical sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionRecord {
    /// The version of the plan.
    #[serde(with = "crate::state::json::text")]
    pub plan_version: EntryId,
    /// Whether what is measured changed against the version before: values before and after may not be
    /// comparable.
    pub redefined: bool,
    /// Whether the decision says so.
    pub declared_break: bool,
    /// The sheet, with the field names of the schema.
    pub sheet: serde_json::Value,
}

/// An entry whose payload was dropped: header and signature stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionRecord {
    /// Whose entry, and when.
    pub act: Act,
    /// The proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub decision: EntryId,
    /// Which period it was about, as the proposal says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

impl IndicatorDocument {
    /// The series of one observation, one per member that reported it.
    pub fn series_of<'a>(
        &'a self,
        observation: &'a Coordinates,
    ) -> impl Iterator<Item = &'a Series> + 'a {
        self.series.iter().filter(move |series| series.observation == *observation)
    }

    /// The statement of this entry.
    pub fn statement(&self, entry: &EntryId) -> Option<&StatementRecord> {
        self.statements.iter().find(|statement| statement.act.entry == *entry)
    }
}

/// Whether a figure is the responsible member's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The member is responsible for the indicator.
    Official,
    /// Another member's measurement, shown beside the official one.
    Independent,
}

/// A report or correction as a whole. Its values are in the series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementRecord {
    /// Who and when.
    pub act: Act,
    /// Official or independent.
    pub authority: Authority,
    /// The version of the plan whose definition the figures follow; absent: the charter's.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub plan_version: Option<EntryId>,
    /// What time it is about.
    pub period: Period,
    /// The state of the source that the figures describe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<PartialDate>,
    /// How it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where the figures were published before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What the reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Files that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// Present in a correction alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<CorrectionRecord>,
    /// Corrections that name it, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub replaced_by: Vec<EntryId>,
    /// Withdrawals that name it, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawals: Vec<WithdrawalRecord>,
    /// Checks of it by other members, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<AttestationRecord>,
    /// Challenges of it as a whole, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub challenges: Vec<EntryId>,
}

/// What a correction says beyond its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRecord {
    /// The report or correction that it replaces.
    #[serde(with = "crate::state::json::text")]
    pub replaces: EntryId,
    /// Why.
    pub reason: CorrectionReason,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The challenge that it answers.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub challenge: Option<EntryId>,
}

/// A statement was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalRecord {
    /// Who and when.
    pub act: Act,
    /// Why.
    pub reason: String,
}

/// Another member checked a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttestationRecord {
    /// Who and when.
    pub act: Act,
    /// What the check found.
    pub verdict: Verdict,
    /// How it was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What the reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Files that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
}

/// One observation as one member reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Period and dimensions.
    pub observation: Coordinates,
    /// Who reported it.
    pub member: Slug,
    /// Every value published, in the ledger's order: the newest last.
    pub vintages: Vec<Vintage>,
}

impl Series {
    /// The vintage that stands: none where all were withdrawn, or replaced by a correction that
    /// leaves the observation out.
    pub fn current(&self) -> Option<&Vintage> {
        self.vintages.iter().find(|vintage| vintage.current)
    }
}

/// A published value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vintage {
    /// The report or correction.
    #[serde(with = "crate::state::json::text")]
    pub entry: EntryId,
    /// Official or independent.
    pub authority: Authority,
    /// Whether it stands. At most one of a series does.
    pub current: bool,
    /// The figure, with the decimals that were signed; absent: missing, and the status says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// What it was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// SDMX `CL_OBS_STATUS`.
    pub status: ObsStatus,
    /// What the reader must know of this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The version of the plan whose definition the figure follows; absent: the charter's.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub plan_version: Option<EntryId>,
    /// Absent: the indicator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Absent: the indicator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_multiplier: Option<UnitMultiplier>,
    /// The state of the source that the figure describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<PartialDate>,
    /// When the source published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDate>,
    /// The greatest claimed time among the entry and its ancestors.
    pub effective_at: Moment,
    /// Since when another member holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed_at: Option<Moment>,
    /// The key that signed, and its office.
    pub signer: Signer,
    /// Why it replaced the one before; absent in a report. In words it stands with the statement,
    /// once and not with each of its figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CorrectionReason>,
    /// Why it is an exercise; absent: it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// What took its place: the first correction that names it, or else the next vintage that
    /// stood.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub superseded_by: Option<EntryId>,
    /// The first withdrawal that names it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub withdrawn_by: Option<EntryId>,
    /// Challenges of exactly this value, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub challenges: Vec<EntryId>,
}
