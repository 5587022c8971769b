// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `report`: a member states what an indicator was in a period, by options or by a table.

use std::path::PathBuf;

use clap::Args;
use constancia_ledger::event::Plan;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::evidence;
use crate::failure::Failure;
use crate::ledger_view::LedgerView;
use crate::signing::sign_or_prepare;
use crate::table::options::{ObservationArgs, OptionError, ReportFields, to_cells};
use crate::table::{Written, Wrongs, build_reports, sheet};

/// Options of a report.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArgs {
    #[arg(long, value_name = "ID", required_unless_present = "csv")]
    indicator: Option<String>,
    #[arg(long, value_name = "PERIOD", required_unless_present = "csv")]
    period: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["indicator", "period", "value", "missing", "status", "numerator", "denominator", "observation_period", "by", "comment", "cutoff", "method", "unit", "report_comment", "source", "source_kind", "source_url", "source_published_on"])]
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

/// Runs the command. Everything is checked before anything is signed.
///
/// # Errors
/// Every wrong cell or option at once, and what signing says.
pub(crate) async fn run(caller: &Caller, args: ReportArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let written = read(caller, &args, &view.plan)?;
    let version = match &args.plan_version {
        Some(text) => view.find_version(text)?,
        None => view.named_version(),
    };
    let evidence = evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?;
    let events = written.into_iter().map(|written| {
        let report = v1::Report {
            evidence: evidence.clone(),
            plan_version: version.clone(),
            ..written.report
        };
        v1::Event { body: Some(Body::Report(report)), exercise: written.exercise }
    });
    sign_or_prepare(caller, &desk, &args.event, events.collect()).await
}

fn read(caller: &Caller, args: &ReportArgs, plan: &Plan) -> Result<Vec<Written>, Failure> {
    let lang = caller.ui.lang;
    match (&args.csv, &args.indicator, &args.period) {
        (Some(path), _, _) => sheet::read_reports(lang, path, plan),
        (None, Some(indicator), Some(period)) => {
            let cells = to_cells(lang, plan, (indicator, period), &args.observation, &args.fields)?;
            Ok(build_reports(Wrongs::new(lang), "report", &[cells], plan)?)
        }
        (None, _, _) => Err(OptionError::Needed { options: "--indicator, --period" }.into()),
    }
}
