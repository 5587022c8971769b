// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose amend-rules` and `raise-rules-version`.

use std::path::PathBuf;

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::{ProposalArgs, put_forward};
use crate::command::init::PLAN_BYTES_MAX;
use crate::command::{Caller, Ended, id_bytes};
use crate::desk;
use crate::failure::OrTold as _;
use crate::files::read_text;
use crate::ledger_view::LedgerView;
use crate::plan_file::read_rules_file;

/// Options of an amendment of the rules.
#[derive(Clone, Debug, Args)]
pub(crate) struct AmendRulesArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Options of raising the version.
#[derive(Clone, Debug, Args)]
pub(crate) struct RaiseArgs {
    #[arg(value_name = "N")]
    version: u32,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts new rules before the council: what the file does not say stays as it is.
///
/// # Errors
/// Where the file is not right, and what signing says.
pub(crate) async fn amend(caller: &Caller, args: AmendRulesArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let text = read_text(&args.file, PLAN_BYTES_MAX)?;
    let rules = read_rules_file(&text, view.governance_rules(), &view.members)
        .or_told_at(&args.file.display())?;
    let base = id_bytes(view.governance.rules_set_by);
    let decision = Decision::AmendRules(v1::AmendRules { base, rules: Some(rules) });
    put_forward(caller, &desk, &args.proposal, decision).await
}

/// Puts a later version of the replay rules before the council.
///
/// # Errors
/// What signing says.
pub(crate) async fn raise(caller: &Caller, args: RaiseArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let raise = v1::RaiseRulesVersion { rules_version: args.version };
    put_forward(caller, &desk, &args.proposal, Decision::RaiseRulesVersion(raise)).await
}
