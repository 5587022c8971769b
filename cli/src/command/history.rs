// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `history INDICATOR`: every published value of every observation, who said it and why it changed.

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use constancia_ledger::event::{Decimal, Period};
use constancia_ledger::id::EntryId;
use constancia_ledger::state::ChallengeRecord;
use constancia_ledger::state::indicator::{
    AttestationRecord, Authority, IndicatorDocument, RedactionRecord, Series, Vintage,
};
use serde_json::{Value, json};

use super::{Caller, Ended, FINE};
use crate::arguments::ViewArgs;
use crate::desk;
use crate::draft::InvalidEvent;
use crate::failure::Failure;
use crate::figures::difference;
use crate::ledger_view::{LedgerView, read_state};
use crate::moment;
use crate::past::read_view;
use crate::table::checks::place_text;
use crate::table::options::parse_by;
use crate::ui::{Tone, Ui};
use crate::words::{Lang, choices, faces};

/// Options of a history.
#[derive(Clone, Debug, Args)]
pub(crate) struct HistoryArgs {
    #[arg(value_name = "INDICATOR")]
    indicator: String,
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    #[arg(long, value_name = "CONCEPT=CODE")]
    by: Vec<String>,
    #[arg(long, value_name = "SLUG")]
    member: Option<String>,
    #[command(flatten)]
    view: ViewArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the plan has no such indicator.
pub(crate) async fn run(caller: &Caller, args: HistoryArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let ledger = LedgerView::read_known(&desk).await?;
    ledger.check_indicator(&args.indicator)?;
    if let Some(member) = &args.member {
        ledger.check_member(member)?;
    }
    let period = args.period.as_deref().map(parse_period).transpose()?;
    let view = read_view(&args.view, ledger.plan.utc_offset_minutes)?;
    let dimensions = parse_by(ui.lang, &ledger.plan, &args.by)?;
    let key = constancia_proto::v1::ObservationKey { period: None, dimensions };
    let wanted = (!args.by.is_empty()).then(|| place_text(&key, ""));
    let state = read_state(&desk, view).await?;
    let Some(document) = state.indicator(&args.indicator) else {
        // What a later version of the plan dropped keeps its document.
        ledger.check_indicator(&args.indicator)?;
        ui.notice(&faces::no_figures(ui.lang, &args.indicator));
        return Ok(FINE);
    };
    let fits = |series: &&Series| {
        let place = series.observation.to_string();
        period.is_none_or(|wanted| wanted == series.observation.period)
            && args.member.as_ref().is_none_or(|wanted| *wanted == series.member.as_str())
            && wanted.as_ref().is_none_or(|wanted| place.ends_with(wanted.as_str()))
    };
    let found: Vec<&Series> = document.series.iter().filter(fits).collect();
    if found.is_empty() && document.redactions.is_empty() {
        ui.notice(&faces::no_figures(ui.lang, &args.indicator));
    }
    if !ui.json {
        let name = document.name.best(ui.lang.of_texts());
        let unit = choices::unit(ui.lang, document.unit.as_str());
        ui.answer(&ui.paint(Tone::Strong, &format!("{} {name} ({unit})", document.id)))?;
        show_versions(ui, &ledger, document)?;
    }
    for series in found {
        if ui.json {
            for vintage in &series.vintages {
                ui.answer_json(&vintage_json(document, series, vintage))?;
            }
        } else {
            ui.answer("")?;
            let place = series_title(ui.lang, &ledger, series);
            ui.answer(&ui.paint(Tone::Strong, &place))?;
            ui.answer(&vintage_table(ui, &ledger, document, series).trim_fmt())?;
        }
    }
    show_redactions(ui, &ledger, document, args.period.as_deref())?;
    Ok(FINE)
}

fn parse_period(text: &str) -> Result<Period, Failure> {
    let place = "--period".to_owned();
    text.parse().map_err(|error| InvalidEvent { place, error }.into())
}

/// Versions of the plan that changed the sheet, and whether the series goes on across them.
fn show_versions(ui: Ui, ledger: &LedgerView, document: &IndicatorDocument) -> Result<(), Failure> {
    let lang = ui.lang;
    if let Some(by) = document.removed_by {
        let number = ledger.version_number(Some(by)).unwrap_or_default();
        let text = faces::removed_from_plan(lang, &number, &by.short());
        ui.answer(&ui.paint(Tone::Warning, &text))?;
    }
    if document.versions.len() <= 1 {
        return Ok(());
    }
    ui.answer(&faces::sheet_versions(lang))?;
    for version in &document.versions {
        let id = version.plan_version;
        let number = ledger.version_number(Some(id)).unwrap_or_default();
        let known = number.checked_sub(1).and_then(|place| ledger.versions.get(place));
        let day = known.map_or_else(String::new, |known| {
            moment::to_day(known.record.effective_at.as_ms(), ledger.plan.utc_offset_minutes)
        });
        let by = if number == 1 { faces::sheet_of_charter(lang) } else { id.short() };
        let mut parts = vec![faces::sheet_version(lang, &number, &day, &by)];
        if version.redefined {
            parts.push(faces::sheet_redefined(lang));
        }
        match (version.redefined, version.declared_break) {
            (_, true) => parts.push(faces::sheet_break(lang)),
            (true, false) => parts.push(ui.paint(Tone::Warning, &faces::sheet_no_break(lang))),
            (false, false) => {}
        }
        ui.answer(&format!("  {}", parts.join("; ")))?;
    }
    Ok(())
}

/// Entries whose payload the council had dropped, where their values stood.
fn show_redactions(
    ui: Ui,
    ledger: &LedgerView,
    document: &IndicatorDocument,
    wanted: Option<&str>,
) -> Result<(), Failure> {
    let lang = ui.lang;
    let period_of = |redaction: &RedactionRecord| {
        redaction.period.map_or_else(|| "?".to_owned(), |period| period.to_string())
    };
    let fits =
        |redaction: &&RedactionRecord| wanted.is_none_or(|wanted| period_of(redaction) == wanted);
    let redactions: Vec<&RedactionRecord> = document.redactions.iter().filter(fits).collect();
    if redactions.is_empty() {
        return Ok(());
    }
    if ui.json {
        for redaction in redactions {
            ui.answer_json(&json!({ "indicator": document.id.as_str(), "redaction": redaction }))?;
        }
        return Ok(());
    }
    ui.answer("")?;
    ui.answer(&ui.paint(Tone::Strong, &faces::redactions(lang)))?;
    for redaction in redactions {
        let member = ledger.member_name(lang, redaction.act.member.as_str());
        let (entry, decision) = (redaction.act.entry.short(), redaction.decision.short());
        let period = period_of(redaction);
        let line = faces::redaction_line(lang, &period, &member, &entry, &decision);
        ui.answer(&format!("  {line}"))?;
    }
    Ok(())
}

/// Whether what is measured changed from one version of the plan to another.
fn is_redefined_between(
    ledger: &LedgerView,
    document: &IndicatorDocument,
    (one, other): (Option<EntryId>, Option<EntryId>),
) -> bool {
    let (Some(one), Some(other)) = (ledger.version_number(one), ledger.version_number(other))
    else {
        return false;
    };
    let (first, last) = (one.min(other), one.max(other));
    document.versions.iter().any(|version| {
        let number = ledger.version_number(Some(version.plan_version)).unwrap_or_default();
        (version.redefined || version.declared_break) && number > first && number <= last
    })
}

fn series_title(lang: Lang, ledger: &LedgerView, series: &Series) -> String {
    format!("{} · {}", series.observation, ledger.member_name(lang, series.member.as_str()))
}

fn vintage_table(
    ui: Ui,
    ledger: &LedgerView,
    document: &IndicatorDocument,
    series: &Series,
) -> Table {
    let (lang, utc_offset_minutes) = (ui.lang, ledger.plan.utc_offset_minutes);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(faces::vintage_headings(lang));
    let mut last: Option<(Decimal, Option<EntryId>)> = None;
    for vintage in &series.vintages {
        let day = moment::to_day(vintage.effective_at.as_ms(), utc_offset_minutes);
        let value = vintage.value.map_or_else(
            || choices::choice(lang, "ObsStatus", vintage.status.as_str()).to_owned(),
            |value| value.to_string(),
        );
        let change = match (last, vintage.value) {
            (Some((old, version)), Some(new)) => {
                let versions = (version, vintage.plan_version);
                if is_redefined_between(ledger, document, versions) {
                    faces::not_comparable(lang)
                } else {
                    difference(old, new)
                }
            }
            (_, _) => String::new(),
        };
        let cutoff = vintage.cutoff.map_or_else(String::new, |cutoff| cutoff.to_string());
        let authority = match vintage.authority {
            Authority::Official => faces::official(lang),
            Authority::Independent => faces::independent(lang),
        };
        table.add_row(vec![
            day,
            value,
            change,
            vintage.status.to_string(),
            cutoff,
            authority,
            vintage.entry.short(),
            note_of(lang, ledger, document, vintage),
        ]);
        last = vintage.value.map(|value| (value, vintage.plan_version)).or(last);
    }
    table
}

/// Why a vintage is there and what became of it.
fn note_of(
    lang: Lang,
    ledger: &LedgerView,
    document: &IndicatorDocument,
    vintage: &Vintage,
) -> String {
    let mut notes = Vec::new();
    if vintage.current {
        notes.push(faces::current(lang));
    }
    if let Some(reason) = vintage.reason {
        notes.push(choices::choice(lang, "CorrectionReason", reason.as_str()).to_owned());
    }
    notes.extend(explanation_of(document, vintage).cloned());
    notes.extend(vintage.comment.clone());
    if document.versions.len() > 1
        && let Some(number) = ledger.version_number(vintage.plan_version)
    {
        notes.push(faces::follows_version(lang, &number));
    }
    if let Some(entry) = vintage.withdrawn_by {
        notes.push(faces::withdrawn_by(lang, &entry.short()));
    }
    for challenge in challenges_of(document, vintage) {
        let standing =
            choices::challenge_standing(lang, choices::standing_word(challenge.standing));
        let (entry, member) = (challenge.act.entry.short(), &challenge.act.member);
        notes.push(faces::challenged_by(lang, &entry, member, &standing));
    }
    for attestation in attestations_of(document, vintage) {
        let verdict = choices::choice(lang, "Verdict", attestation.verdict.as_str());
        let (entry, member) = (attestation.act.entry.short(), &attestation.act.member);
        notes.push(faces::checked_by(lang, &verdict, &entry, member));
    }
    if let Some(exercise) = &vintage.exercise {
        notes.push(crate::words::events::exercise_mark(lang, exercise));
    }
    notes.join("; ")
}

/// Challenges of this very observation, and of the report as a whole.
fn challenges_of<'a>(
    document: &'a IndicatorDocument,
    vintage: &'a Vintage,
) -> impl Iterator<Item = &'a ChallengeRecord> {
    let of_whole = |challenge: &ChallengeRecord| {
        challenge.observation.is_none() && challenge.statement == vintage.entry
    };
    document.challenges.iter().filter(move |challenge| {
        vintage.challenges.contains(&challenge.act.entry) || of_whole(challenge)
    })
}

/// Checks of the report by other members.
fn attestations_of<'a>(
    document: &'a IndicatorDocument,
    vintage: &Vintage,
) -> impl Iterator<Item = &'a AttestationRecord> {
    document.statement(&vintage.entry).into_iter().flat_map(|statement| &statement.attestations)
}

/// Why, in the words of whoever corrected.
fn explanation_of<'a>(document: &'a IndicatorDocument, vintage: &Vintage) -> Option<&'a String> {
    // A report has no reason, so none need be looked for.
    vintage.reason?;
    document.statement(&vintage.entry)?.correction.as_ref()?.explanation.as_ref()
}

fn vintage_json(document: &IndicatorDocument, series: &Series, vintage: &Vintage) -> Value {
    let mut value = serde_json::to_value(vintage).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("indicator".to_owned(), json!(document.id.as_str()));
        fields.insert("member".to_owned(), json!(series.member.as_str()));
        let observation = serde_json::to_value(&series.observation).unwrap_or_default();
        fields.insert("observation".to_owned(), observation);
        let challenges: Vec<_> = challenges_of(document, vintage).collect();
        let challenges = serde_json::to_value(challenges).unwrap_or_default();
        fields.insert("challenge_records".to_owned(), challenges);
        let attestations: Vec<_> = attestations_of(document, vintage).collect();
        let attestations = serde_json::to_value(attestations).unwrap_or_default();
        fields.insert("attestations".to_owned(), attestations);
        if let Some(explanation) = explanation_of(document, vintage) {
            fields.insert("explanation".to_owned(), json!(explanation));
        }
    }
    value
}
