// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `correct`: a report is replaced whole; the old one stays as an earlier vintage.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use constancia_ledger::event::report::CorrectionReason;
use constancia_ledger::event::{Plan, Report};
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, STATEMENTS, id_bytes};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::draft::InvalidEvent;
use crate::evidence;
use crate::failure::Failure;
use crate::ledger_view::LedgerView;
use crate::reference;
use crate::signing::sign_or_prepare;
use crate::table::checks::place_text;
use crate::table::options::{ObservationArgs, OptionError, ReportFields, parse_choice, to_cells};
use crate::table::{Wrongs, build_reports, sheet};
use crate::words::Lang;

/// Options of a correction: what is not said again stays as it was.
#[derive(Clone, Debug, Args)]
pub(crate) struct CorrectArgs {
    #[arg(value_name = "ENTRY")]
    entry: String,
    #[arg(long, value_name = "REASON")]
    reason: String,
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,
    #[arg(long, value_name = "ENTRY")]
    challenge: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["value", "missing", "status", "numerator", "denominator", "observation_period", "by", "comment"])]
    csv: Option<PathBuf>,
    #[command(flatten)]
    observation: ObservationArgs,
    #[command(flatten)]
    fields: ReportFields,
    #[arg(long, value_name = "PROPOSAL|charter")]
    plan_version: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the entry is no report, a value is not right, and what signing says.
pub(crate) async fn run(caller: &Caller, args: CorrectArgs) -> Ended {
    let lang = caller.ui.lang;
    let reason = parse_choice(lang, "--reason", "CorrectionReason", &args.reason)?;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let named = reference::find(&desk, &args.entry, STATEMENTS).await?;
    super::show_named(caller, &named);
    let old = reference::report_of(&named.body).cloned().unwrap_or_default();
    let mut report = build(lang, &view, &old, &args)?;
    report.plan_version = match &args.plan_version {
        Some(text) => view.find_version(text)?,
        None => choose_version(&view, &old, reason),
    };
    if !args.evidence.evidence.is_empty() {
        report.evidence = evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?;
    }
    if let Err(error) = Report::try_from(report.clone()) {
        return Err(InvalidEvent { place: args.entry, error }.into());
    }
    let challenge = match &args.challenge {
        Some(entry) => id_bytes(reference::find(&desk, entry, &["challenge"]).await?.id),
        None => Bytes::new(),
    };
    let correction = v1::Correction {
        replaces: id_bytes(named.id),
        report: Some(report),
        reason: CorrectionReason::from_text(reason).map_or(0, CorrectionReason::number),
        explanation: args.explanation.unwrap_or_default(),
        challenge,
    };
    let event = v1::Event { body: Some(Body::Correction(correction)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}

/// The version of the plan in force; but where what is measured has changed since the old report, a
/// correction that does not say that it changes the definition follows the old one still.
fn choose_version(view: &LedgerView, old: &v1::Report, reason: &str) -> Bytes {
    let sheet = |plan: &Plan| {
        plan.indicators.iter().find(|known| known.id.as_str() == old.indicator).cloned()
    };
    let old_version = EntryId::from_slice(&old.plan_version);
    let before = view
        .version_number(old_version)
        .and_then(|number| view.versions.get(number.checked_sub(1)?))
        .and_then(|version| sheet(&version.plan));
    let redefined = match (before, sheet(&view.plan)) {
        (Some(before), Some(after)) => after.redefines(&before),
        (_, _) => true,
    };
    if redefined && reason != CorrectionReason::Definition.as_str() {
        old.plan_version.clone()
    } else {
        view.named_version()
    }
}

/// The old report with what the options or the table change.
fn build(
    lang: Lang,
    view: &LedgerView,
    old: &v1::Report,
    args: &CorrectArgs,
) -> Result<v1::Report, Failure> {
    let period = old.period.as_ref().map_or("", |period| period.text.as_str());
    let said = said_again(lang, view, (old.indicator.as_str(), period), args)?;
    let observations = match &args.csv {
        Some(_) => said.observations,
        None => replace_observation(period, old, said.observations.into_iter().next())?,
    };
    let or_old = |new: String, old: &str| if new.is_empty() { old.to_owned() } else { new };
    Ok(v1::Report {
        observations,
        cutoff: said.cutoff.or_else(|| old.cutoff.clone()),
        method: or_old(said.method, &old.method),
        source: said.source.or_else(|| old.source.clone()),
        unit: or_old(said.unit, &old.unit),
        comment: or_old(said.comment, &old.comment),
        ..old.clone()
    })
}

/// What the options or the table say, checked against the plan.
fn said_again(
    lang: Lang,
    view: &LedgerView,
    about: (&str, &str),
    args: &CorrectArgs,
) -> Result<v1::Report, Failure> {
    let plan = &view.plan;
    let mut written = if let Some(path) = &args.csv {
        sheet::read_reports(lang, path, plan)?
    } else {
        let cells = to_cells(lang, plan, about, &args.observation, &args.fields)?;
        build_reports(Wrongs::new(lang), "correct", &[cells], plan)?
    };
    let said = written.pop().map(|written| written.report);
    match said {
        Some(said) if written.is_empty() && is_about(&said, about) => Ok(said),
        Some(_) | None => {
            let (indicator, period) = about;
            Err(OptionError::OtherReport { expected: format!("{indicator} {period}") }.into())
        }
    }
}

fn is_about(report: &v1::Report, (indicator, period): (&str, &str)) -> bool {
    report.indicator == indicator
        && report.period.as_ref().is_some_and(|found| found.text == period)
}

/// The old observations with the new one in its place; the only one where it names no place.
fn replace_observation(
    period: &str,
    old: &v1::Report,
    new: Option<v1::Observation>,
) -> Result<Vec<v1::Observation>, Failure> {
    let place = |observation: &v1::Observation| {
        place_text(&observation.key.clone().unwrap_or_default(), period)
    };
    let Some(new) = new else {
        return Ok(old.observations.clone());
    };
    let wanted = place(&new);
    let places: Vec<String> = old.observations.iter().map(place).collect();
    if !places.contains(&wanted) {
        return Err(OptionError::NoSuchObservation { wanted, places }.into());
    }
    let replaced = old.observations.iter().map(|observation| {
        if place(observation) == wanted { new.clone() } else { observation.clone() }
    });
    Ok(replaced.collect())
}
