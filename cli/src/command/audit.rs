// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `audit`: rebuilds the state, at any date, and says its digest; writes the documents on demand.

use std::path::{Path, PathBuf};

use clap::Args;
use constancia_ledger::state::{FindingRule, KeyRecord, ProposalStatus, State, ViewRecord};
use serde_json::{Value, json};

use super::{Caller, Ended, FINE};
use crate::arguments::{BundleArgs, ViewArgs};
use crate::bundle_desk::{self, Reading};
use crate::desk::Desk;
use crate::failure::{EXIT_FINDING, Failure, OrTold as _};
use crate::files::{Readers, make_dir, make_empty_dir, write_new};
use crate::ledger_view::{LedgerView, read_documents};
use crate::past::read_view;
use crate::reference::key::find_granted;
use crate::ui::Tone;
use crate::words::faces;
use crate::words::findings::finding_line;

/// Options of an audit.
#[derive(Clone, Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    view: ViewArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the state cannot be computed, or the directory is not empty.
pub(crate) async fn run(caller: &Caller, args: AuditArgs) -> Ended {
    if let Some(out) = &args.out {
        // Before the work, not after it.
        make_empty_dir(out)?;
    }
    let (desk, reading) = bundle_desk::open(caller, &args.bundle).await?;
    audit(caller, &desk, &args, reading.as_ref()).await
}

async fn audit(caller: &Caller, desk: &Desk, args: &AuditArgs, reading: Option<&Reading>) -> Ended {
    let ui = caller.ui;
    let ledger = LedgerView::read_known(desk).await?;
    let view = read_view(&args.view, ledger.plan.utc_offset_minutes)?;
    let documents = read_documents(desk, view).await?;
    let state = State::read(documents.clone()).or_told()?;
    if let Some(out) = &args.out {
        write_documents(out, &documents)?;
    }
    if ui.json {
        ui.answer_json(&summary_json(&ledger, &state, args.out.as_deref(), reading))?;
    } else {
        show(caller, &ledger, &state, args, reading)?;
        if let Some(out) = &args.out {
            ui.answer("")?;
            ui.answer(&faces::documents_written(ui.lang, &out.display(), &documents.len()))?;
            ui.notice(&faces::check_with_b3sum(ui.lang, &out.join("index.json").display()));
        }
    }
    let is_unsettled = has_unsettled_fork(&ledger, &state);
    let code = if is_unsettled { EXIT_FINDING } else { FINE };
    Ok(code.max(reading.map_or(FINE, Reading::exit_code)))
}

/// Whether a fork is proven that the council has not settled. A date is looked at with today's forks,
/// settled as they are today (R4), also where the decision lies after it.
fn has_unsettled_fork(today: &LedgerView, state: &State) -> bool {
    let is_settled_today = |key: &KeyRecord| match state.index().view {
        ViewRecord::Frontier => false,
        ViewRecord::AsOf { .. } | ViewRecord::AsClaimed { .. } => {
            find_granted(today, &key.key).is_some_and(|key| key.record.resolution.is_some())
        }
    };
    let mut keys = state.members().members.iter().flat_map(|member| &member.keys);
    keys.any(|key| key.forked_seq.is_some() && key.resolution.is_none() && !is_settled_today(key))
}

/// Names come from the state of a ledger that others wrote: they stay below the directory.
fn write_documents(out: &Path, documents: &[(String, bytes::Bytes)]) -> Result<(), Failure> {
    for (name, content) in documents {
        let is_plain = name.split('/').all(|part| {
            !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':'])
        });
        if !is_plain {
            return Err(crate::ledger_view::BadAnswer { what: "document name" }.into());
        }
        let path = out.join(name);
        if let Some(parent) = path.parent() {
            make_dir(parent, Readers::Default)?;
        }
        write_new(&path, content, Readers::Default)?;
    }
    Ok(())
}

fn summary_json(
    ledger: &LedgerView,
    state: &State,
    out: Option<&Path>,
    reading: Option<&Reading>,
) -> Value {
    let index = state.index();
    let counts = count_governance(state);
    let mut summary = json!({
        "ledger_id": ledger.ledger.to_string(),
        "name": ledger.name,
        "state_digest": state.digest().to_string(),
        "frontier_root": index.frontier_root.to_string(),
        "view": index.view,
        "judged_at": index.judged_at,
        "entries": index.entries.to_string(),
        "pending": index.pending.len(),
        "findings": state.findings().findings.len(),
        "documents": index.documents.len(),
        "plan_versions": state.plan().versions.len(),
        "proposals_open": counts.open,
        "keys_ended": counts.keys_ended,
        "redacted": counts.redacted,
        "out": out.map(|out| out.display().to_string()),
        "refused": reading.map_or_else(|| json!([]), Reading::refused_json),
        "held_back": reading.map_or(0, Reading::count_waiting).to_string(),
    });
    if let (Value::Object(fields), Some(reading)) = (&mut summary, reading) {
        reading.add_ledger_json(fields);
    }
    summary
}

fn show(
    caller: &Caller,
    ledger: &LedgerView,
    state: &State,
    args: &AuditArgs,
    reading: Option<&Reading>,
) -> Result<(), Failure> {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    let index = state.index();
    ui.answer(&ui.paint(Tone::Strong, &ledger.name))?;
    ui.answer(&faces::status_ledger(lang, &ledger.ledger))?;
    if let Some(reading) = reading {
        reading.show_founder(ui)?;
    }
    let view = match index.view {
        // The state at a frontier does not say who asked for it: it is the very state that it was.
        ViewRecord::Frontier if args.view.at.is_some() => faces::view_at(lang),
        ViewRecord::Frontier => faces::view_frontier(lang),
        ViewRecord::AsOf { until } => faces::view_as_of(lang, &until),
        ViewRecord::AsClaimed { until } => faces::view_as_claimed(lang, &until),
    };
    ui.answer(&view)?;
    ui.answer(&faces::status_root(lang, &index.frontier_root))?;
    ui.answer(&ui.paint(Tone::Good, &faces::status_digest(lang, &state.digest())))?;
    ui.answer(&faces::status_judged(lang, &index.judged_at))?;
    ui.answer(&faces::status_entries(lang, &index.entries))?;
    if let Some(reading) = reading {
        show_reading(caller, reading)?;
    }
    if !index.pending.is_empty() {
        ui.answer(&faces::pending_payloads(lang, &index.pending.len()))?;
    }
    let (series, vintages) = count_figures(state);
    ui.answer(&faces::figures_counted(lang, &series, &vintages))?;
    show_governance(caller, state)?;
    let findings = &state.findings().findings;
    ui.answer(&faces::status_findings(lang, &findings.len()))?;
    for finding in findings {
        ui.answer(&format!("  {}", finding_line(lang, finding)))?;
    }
    Ok(())
}

/// What the bundle has that is not in this state: the summary never passes over it.
fn show_reading(caller: &Caller, reading: &Reading) -> Result<(), Failure> {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    if reading.count_refused() > 0 {
        let text = faces::audit_refused(lang, &reading.count_refused());
        ui.answer(&ui.paint(Tone::Bad, &text))?;
        for line in reading.lines(lang) {
            ui.answer(&format!("  {line}"))?;
        }
    }
    if reading.count_waiting() > 0 {
        let text = faces::audit_waiting(lang, &reading.count_waiting());
        ui.answer(&ui.paint(Tone::Warning, &text))?;
        ui.notice(&faces::waiting_hint(lang));
    }
    Ok(())
}

/// What the council decided or has before itself, where there is any.
fn show_governance(caller: &Caller, state: &State) -> Result<(), Failure> {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    let versions = state.plan().versions.len();
    if versions > 1 {
        ui.answer(&faces::status_plan(lang, &versions))?;
    }
    let counts = count_governance(state);
    if counts.open > 0 {
        ui.answer(&faces::status_council(lang, &counts.open, &counts.ready))?;
    }
    if counts.keys_ended > 0 {
        ui.answer(&faces::status_keys_ended(lang, &counts.keys_ended))?;
    }
    if counts.redacted > 0 {
        ui.answer(&faces::status_redacted(lang, &counts.redacted))?;
    }
    Ok(())
}

/// How much there is of governance.
struct GovernanceCounts {
    open: usize,
    ready: usize,
    keys_ended: usize,
    redacted: usize,
}

fn count_governance(state: &State) -> GovernanceCounts {
    let proposals = &state.governance().proposals;
    let keys = state.members().members.iter().flat_map(|member| &member.keys);
    let findings = state.findings().findings.iter();
    GovernanceCounts {
        open: proposals.iter().filter(|proposal| proposal.status.is_unsettled()).count(),
        ready: proposals.iter().filter(|proposal| proposal.status == ProposalStatus::Ready).count(),
        keys_ended: keys.filter(|key| key.cut_off.is_some()).count(),
        redacted: findings.filter(|finding| finding.rule == FindingRule::L5).count(),
    }
}

/// Observations and published values.
fn count_figures(state: &State) -> (usize, usize) {
    state.indicators().fold((0, 0), |counts: (usize, usize), document| {
        let vintages = document.series.iter().map(|series| series.vintages.len()).sum();
        (counts.0.saturating_add(document.series.len()), counts.1.saturating_add(vintages))
    })
}
