// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `key retire`: a member ends a key of its own, without a vote, after its last entry.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use crate::arguments::EventArgs;
use crate::command::propose::key::key_bytes;
use crate::command::{Caller, Ended};
use crate::desk;
use crate::ledger_view::LedgerView;
use crate::reference::key::find_key;
use crate::signing::sign_or_prepare;

/// Options of a key's retirement.
#[derive(Clone, Debug, Args)]
pub(crate) struct RetireArgs {
    #[arg(value_name = "KEY")]
    which: String,
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the key is another member's or has ended, and what signing says.
pub(crate) async fn retire(caller: &Caller, args: RetireArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let key = find_key(&caller.data, &view, &args.which)?.record.key;
    let retired = v1::KeyRetired { key: key_bytes(&key), reason: args.reason.unwrap_or_default() };
    let event = v1::Event { body: Some(Body::KeyRetired(retired)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
