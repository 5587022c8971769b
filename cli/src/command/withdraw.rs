// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `withdraw`: a report is taken back; nothing takes its place.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, STATEMENTS, id_bytes};
use crate::arguments::EventArgs;
use crate::desk;
use crate::reference;
use crate::signing::sign_or_prepare;

/// Options of a withdrawal.
#[derive(Clone, Debug, Args)]
pub(crate) struct WithdrawArgs {
    #[arg(value_name = "ENTRY")]
    entry: String,
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the entry is no report, and what signing says.
pub(crate) async fn run(caller: &Caller, args: WithdrawArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.entry, STATEMENTS).await?;
    super::show_named(caller, &named);
    let withdrawal = v1::Withdrawal { report: id_bytes(named.id), reason: args.reason };
    let event = v1::Event { body: Some(Body::Withdrawal(withdrawal)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
