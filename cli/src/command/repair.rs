// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `repair PEER`: fetches from a peer, by id, what is damaged here.

use clap::Args;

use super::verify::show_damage;
use super::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::EXIT_CORRUPT;
use crate::json::to_full_json;
use crate::words::faces;

/// Options of a repair.
#[derive(Clone, Debug, Args)]
pub(crate) struct RepairArgs {
    #[arg(value_name = "PEER")]
    peer: String,
}

/// Runs the command.
///
/// # Errors
/// Where the peer does not answer.
pub(crate) async fn run(caller: &Caller, args: RepairArgs) -> Ended {
    let ui = caller.ui;
    super::join::parse_peer(&args.peer)?;
    let desk = desk::open(caller).await?;
    let reply = desk.repair(&args.peer).await?;
    if ui.json {
        ui.answer_json(&to_full_json("RepairReply", &reply))?;
    } else {
        for id in &reply.repaired {
            ui.answer(&faces::repaired(ui.lang, &hex::encode(id)))?;
        }
        if reply.repaired.is_empty() && reply.remaining.is_empty() {
            ui.answer(&faces::nothing_to_repair(ui.lang))?;
        }
        for damage in &reply.remaining {
            show_damage(ui, damage)?;
        }
    }
    Ok(if reply.remaining.is_empty() { FINE } else { EXIT_CORRUPT })
}
