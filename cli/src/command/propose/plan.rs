// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose amend-plan`: parts of the plan are set or removed, from a file in the plan file's format,
//! or from the indicators that a plan file proposes.

use std::path::PathBuf;

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;
use constancia_proto::v1::proposal::Decision;

use super::{ProposalArgs, put_forward};
use crate::command::init::{BUILT_IN_PLAN, PLAN_BYTES_MAX, read_plan};
use crate::command::{Caller, Ended, id_bytes};
use crate::desk;
use crate::draft::InvalidEvent;
use crate::failure::{Failure, OrTold as _};
use crate::files::read_text;
use crate::ledger_view::{LedgerView, change};
use crate::plan_file::read_changes_file;
use crate::table::options::OptionError;

/// Options of an amendment.
#[derive(Clone, Debug, Args)]
pub(crate) struct AmendPlanArgs {
    #[arg(value_name = "FILE", required_unless_present_any = ["from_proposed", "remove_indicator"])]
    file: Option<PathBuf>,
    #[arg(long, value_name = "ID")]
    from_proposed: Vec<String>,
    #[arg(long, value_name = "PLAN", default_value = BUILT_IN_PLAN)]
    plan: String,
    #[arg(long, value_name = "ID")]
    remove_indicator: Vec<String>,
    #[arg(long, value_name = "ID")]
    declare_break: Vec<String>,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts an amendment before the council.
///
/// # Errors
/// Where the file is not right or the plan would not be, and what signing says.
pub(crate) async fn amend(caller: &Caller, args: AmendPlanArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let changes = collect_changes(&view, &args)?;
    let base = view.plan_version();
    let amendment = v1::AmendPlan { base: id_bytes(base), changes };
    let decision = Decision::AmendPlan(amendment);
    check_plan(&view, &decision)?;
    put_forward(caller, &desk, &args.proposal, decision).await
}

fn collect_changes(
    view: &LedgerView,
    args: &AmendPlanArgs,
) -> Result<Vec<v1::PlanChange>, Failure> {
    let mut changes = match &args.file {
        Some(file) => {
            let text = read_text(file, PLAN_BYTES_MAX)?;
            read_changes_file(&text).or_told_at(&file.display())?
        }
        None => Vec::new(),
    };
    if !args.from_proposed.is_empty() {
        let file = read_plan(&args.plan)?;
        for id in &args.from_proposed {
            let mut proposed = file.proposed_indicators.iter();
            let Some(indicator) = proposed.find(|indicator| indicator.id == *id) else {
                let known = file.proposed_indicators.iter().map(|it| it.id.clone()).collect();
                return Err(OptionError::NotProposed { found: id.clone(), known }.into());
            };
            changes.push(of_change(Change::SetIndicator(indicator.clone())));
        }
    }
    for id in &args.remove_indicator {
        view.check_indicator(id)?;
        changes.push(of_change(Change::RemoveIndicator(id.clone())));
    }
    for id in &args.declare_break {
        let sets = |change: &&mut v1::PlanChange| matches!(&change.change, Some(Change::SetIndicator(indicator)) if indicator.id == *id);
        let Some(change) = changes.iter_mut().find(sets) else {
            return Err(OptionError::NoSuchChange { found: id.clone() }.into());
        };
        change.declared_break = true;
    }
    Ok(changes)
}

fn of_change(change: Change) -> v1::PlanChange {
    v1::PlanChange { change: Some(change), declared_break: false, reason: None }
}

/// The plan that would come of it is sound: else the decision would be void.
fn check_plan(view: &LedgerView, decision: &Decision) -> Result<(), Failure> {
    let Some(plan) = change(&view.plan, Some(decision.clone())) else {
        // Which change is at fault is said where the event's own rules are checked, or below.
        return Err(OptionError::AmendsNothing.into());
    };
    let sound = plan.check_references().and_then(|()| plan.check_members(&view.members));
    match sound {
        Ok(()) => Ok(()),
        Err(error) => Err(InvalidEvent { place: "amend-plan".to_owned(), error }.into()),
    }
}
