// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `acknowledge`: the node writes an acknowledgement now.

use clap::Args;

use super::{Caller, Ended, FINE};
use crate::desk;
use crate::json::to_full_json;
use crate::words::faces;

/// No options of its own.
#[derive(Clone, Debug, Args)]
pub(crate) struct AcknowledgeArgs {}

/// Runs the command.
///
/// # Errors
/// Where no node runs, or it has no key.
pub(crate) async fn run(caller: &Caller, _args: AcknowledgeArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let reply = desk.acknowledge_now().await?;
    if ui.json {
        ui.answer_json(&to_full_json("AcknowledgeNowReply", &reply))?;
    } else if reply.id.is_empty() {
        ui.answer(&faces::nothing_to_acknowledge(ui.lang))?;
    } else {
        ui.answer(&faces::acknowledged(ui.lang, &hex::encode(&reply.id)))?;
    }
    Ok(FINE)
}
