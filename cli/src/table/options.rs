// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Observations, sources and choices as options of the command line.

use std::collections::BTreeMap;

use clap::Args;
use constancia_ledger::event::source::SourceKind;
use constancia_ledger::event::{EventError, Plan};
use constancia_ledger::fault::Fault;
use constancia_proto::v1;

use super::checks::suggest;
use super::sheet::find_concept;
use super::{Breakdown, Cells, Place, Wrongs, date};
use crate::arguments::SourceArgs;
use crate::failure::{Explain, Failure};
use crate::nearest::fold;
use crate::words::choices::{choice_of, choices};
use crate::words::events::EVENTS;
use crate::words::help::value_name;
use crate::words::rules::broken_rule;
use crate::words::{Lang, errors, refusals, sheets};

/// One observation.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ObservationArgs {
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) value: Option<String>,
    #[arg(long, value_name = "REASON")]
    pub(crate) missing: Option<String>,
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) numerator: Option<String>,
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) denominator: Option<String>,
    #[arg(long, value_name = "PERIOD")]
    pub(crate) observation_period: Option<String>,
    #[arg(long, value_name = "CONCEPT=CODE")]
    pub(crate) by: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

/// What is said of a report as a whole.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportFields {
    #[arg(long, value_name = "DATE")]
    pub(crate) cutoff: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) method: Option<String>,
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) report_comment: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// The options as the one row of a table.
pub(crate) fn to_cells(
    lang: Lang,
    plan: &Plan,
    (indicator, period): (&str, &str),
    observation: &ObservationArgs,
    fields: &ReportFields,
) -> Result<Cells, Failure> {
    let source = &fields.source;
    let pairs = [
        ("observation_period", &observation.observation_period),
        ("value", &observation.value),
        ("missing", &observation.missing),
        ("status", &observation.status),
        ("numerator", &observation.numerator),
        ("denominator", &observation.denominator),
        ("comment", &observation.comment),
        ("cutoff", &fields.cutoff),
        ("method", &fields.method),
        ("unit", &fields.unit),
        ("report_comment", &fields.report_comment),
        ("source", &source.source),
        ("source_kind", &source.source_kind),
        ("source_url", &source.source_url),
        ("source_published_on", &source.source_published_on),
    ];
    let mut texts = BTreeMap::from([
        ("indicator".to_owned(), indicator.to_owned()),
        ("period".to_owned(), period.to_owned()),
    ]);
    for (column, text) in pairs {
        if let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            texts.insert(column.to_owned(), text.to_owned());
        }
    }
    texts.retain(|_, text| !text.is_empty());
    Ok(Cells { place: Place::Options, texts, by: read_by(lang, plan, &observation.by)? })
}

/// `sex=F`, `indigenous=Y(language)`: each a coordinate.
fn read_by(_lang: Lang, plan: &Plan, items: &[String]) -> Result<Vec<Breakdown>, Failure> {
    let mut by = Vec::new();
    for item in items {
        let wrong = || OptionError::NotABreakdown { found: item.clone() };
        let (concept, rest) = item.split_once('=').ok_or_else(wrong)?;
        let (code, criterion) = match rest.split_once('(') {
            Some((code, criterion)) => (code, criterion.strip_suffix(')').ok_or_else(wrong)?),
            None => (rest, ""),
        };
        let concept = concept.trim();
        let concept = find_concept(&fold(concept), plan).unwrap_or_else(|| concept.to_owned());
        by.push(Breakdown {
            concept,
            code: code.trim().to_owned(),
            criterion: criterion.trim().to_owned(),
        });
    }
    Ok(by)
}

/// Coordinates, ascending and in their lists.
pub(crate) fn parse_by(
    lang: Lang,
    plan: &Plan,
    items: &[String],
) -> Result<Vec<v1::DimensionValue>, Failure> {
    let cells =
        Cells { place: Place::Options, texts: BTreeMap::new(), by: read_by(lang, plan, items)? };
    let mut wrongs = Wrongs::new(lang);
    let dimensions = super::checks::build_dimensions(&mut wrongs, &cells, plan);
    Ok(wrongs.finish("--by", dimensions)?)
}

/// The word of a choice that somebody wrote in either language.
pub(crate) fn parse_choice(
    lang: Lang,
    option: &'static str,
    enumeration: &'static str,
    text: &str,
) -> Result<&'static str, Failure> {
    choice_of(enumeration, text).ok_or_else(|| {
        let words = choices(lang, enumeration).join(", ");
        let found = text.to_owned();
        OptionError::NotAChoice { option, found, words }.into()
    })
}

/// A source, where the options give one.
pub(crate) fn parse_source(lang: Lang, args: &SourceArgs) -> Result<Option<v1::Source>, Failure> {
    let parts = [&args.source, &args.source_kind, &args.source_url, &args.source_published_on];
    if parts.iter().all(|part| part.is_none()) {
        return Ok(None);
    }
    let kind = match &args.source_kind {
        Some(text) => parse_choice(lang, "--source-kind", "SourceKind", text)?,
        None => "published",
    };
    Ok(Some(v1::Source {
        kind: SourceKind::from_text(kind).map_or(0, SourceKind::number),
        citation: args.source.clone().unwrap_or_default(),
        url: args.source_url.clone().unwrap_or_default(),
        published_on: date(args.source_published_on.as_deref().unwrap_or_default()),
        accessed_on: None,
    }))
}

/// An option that is not right.
#[derive(Debug)]
pub(crate) enum OptionError {
    /// No `concept=code`.
    NotABreakdown { found: String },
    /// None of the choices.
    NotAChoice { option: &'static str, found: String, words: String },
    /// A value that breaks a rule.
    Value { option: &'static str, error: EventError },
    /// The report has several observations and none was named.
    WhichObservation { places: Vec<String> },
    /// The report has no such observation.
    NoSuchObservation { wanted: String, places: Vec<String> },
    /// The plan has no such line of action.
    UnknownLine { found: String, known: Vec<String> },
    /// The plan has no such indicator.
    UnknownIndicator { found: String, known: Vec<String> },
    /// There is no such event.
    UnknownEvent { found: String },
    /// There is no such member.
    UnknownMember { found: String, known: Vec<String> },
    /// A correction that speaks of another report than it replaces.
    OtherReport { expected: String },
    /// There is no such version of the plan.
    UnknownVersion { found: String, known: Vec<String> },
    /// The plan file proposes no such indicator.
    NotProposed { found: String, known: Vec<String> },
    /// The amendment does not set this indicator.
    NoSuchChange { found: String },
    /// The plan has no part that is to be removed.
    AmendsNothing,
    /// Options that are needed together.
    Needed { options: &'static str },
}

impl Explain for OptionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABreakdown { .. } => "option.not_a_breakdown",
            Self::NotAChoice { .. } => "option.not_a_choice",
            Self::Value { error, .. } => error.rule.code(),
            Self::WhichObservation { .. } => "option.which_observation",
            Self::NoSuchObservation { .. } => "option.no_such_observation",
            Self::UnknownLine { .. } => "plan.unknown_line",
            Self::UnknownIndicator { .. } => "plan.unknown_indicator",
            Self::UnknownEvent { .. } => "option.unknown_event",
            Self::UnknownMember { .. } => "option.unknown_member",
            Self::OtherReport { .. } => "option.other_report",
            Self::UnknownVersion { .. } => "option.unknown_version",
            Self::NotProposed { .. } => "option.not_proposed",
            Self::NoSuchChange { .. } => "option.no_such_change",
            Self::AmendsNothing => "option.amends_nothing",
            Self::Needed { .. } => "option.needed",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotABreakdown { .. } | Self::NotAChoice { .. } | Self::Value { .. } => {
                Fault::Malformed
            }
            Self::WhichObservation { .. }
            | Self::NoSuchObservation { .. }
            | Self::UnknownLine { .. }
            | Self::UnknownIndicator { .. }
            | Self::UnknownEvent { .. }
            | Self::UnknownMember { .. }
            | Self::OtherReport { .. }
            | Self::UnknownVersion { .. }
            | Self::NotProposed { .. }
            | Self::NoSuchChange { .. }
            | Self::AmendsNothing
            | Self::Needed { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotABreakdown { found } => {
                let place = sheets::at_option(lang, &"--by");
                format!("{place}: {}", sheets::not_a_breakdown(lang, found))
            }
            Self::NotAChoice { option, found, words } => {
                let option = value_name(lang, option).unwrap_or(option);
                let place = sheets::at_option(lang, &option);
                format!("{place}: {}", sheets::not_a_choice(lang, found, words))
            }
            Self::Value { option, error } => {
                format!("{}: {}", sheets::at_option(lang, option), broken_rule(lang, &error.rule))
            }
            Self::WhichObservation { .. } => errors::which_observation(lang),
            Self::NoSuchObservation { wanted, .. } => errors::no_such_observation(lang, wanted),
            Self::UnknownLine { found, .. } => sheets::unknown_line(lang, found),
            Self::UnknownIndicator { found, .. } => sheets::unknown_indicator(lang, found),
            Self::UnknownEvent { found } => errors::unknown_event(lang, found),
            Self::UnknownMember { found, .. } => errors::unknown_member(lang, found),
            Self::OtherReport { expected } => errors::other_report(lang, expected),
            Self::UnknownVersion { found, .. } => refusals::unknown_version(lang, found),
            Self::NotProposed { found, .. } => refusals::not_proposed(lang, found),
            Self::NoSuchChange { found } => refusals::no_such_change(lang, found),
            Self::AmendsNothing => refusals::amends_nothing(lang),
            Self::Needed { options } => errors::options_needed(lang, options),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::WhichObservation { places } | Self::NoSuchObservation { places, .. } => {
                Some(errors::observations_there_are(lang, &places.join("; ")))
            }
            Self::UnknownEvent { found } => {
                let names: Vec<&str> = EVENTS.iter().map(|row| lang.pick(row.1, row.2)).collect();
                Some(suggest(lang, found, &names))
            }
            Self::UnknownLine { found, known }
            | Self::UnknownMember { found, known }
            | Self::UnknownVersion { found, known }
            | Self::NotProposed { found, known }
            | Self::UnknownIndicator { found, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Some(suggest(lang, found, &known))
            }
            Self::NotABreakdown { .. }
            | Self::NotAChoice { .. }
            | Self::Value { .. }
            | Self::OtherReport { .. }
            | Self::NoSuchChange { .. }
            | Self::AmendsNothing
            | Self::Needed { .. } => None,
        }
    }
}
