// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `sync`: merges with one peer now.

use clap::Args;
use constancia_proto::v1;

use super::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::EXIT_FINDING;
use crate::json::to_full_json;
use crate::words::{errors, faces};

/// Options of a merge.
#[derive(Clone, Debug, Args)]
pub(crate) struct SyncArgs {
    #[arg(value_name = "PEER")]
    peer: String,
}

/// Runs the command.
///
/// # Errors
/// Where the peer does not answer, or keeps another ledger.
pub(crate) async fn run(caller: &Caller, args: SyncArgs) -> Ended {
    let ui = caller.ui;
    super::join::parse_peer(&args.peer)?;
    let desk = desk::open(caller).await?;
    let mut last = v1::SyncProgress::default();
    let bar = ui.progress();
    desk.sync_now(&args.peer, &mut |progress| {
        if ui.json {
            ui.answer_json(&to_full_json("SyncProgress", &progress))?;
        } else {
            bar.say(faces::sync_progress(ui.lang, &progress.received, &progress.sent));
        }
        last = progress;
        Ok(())
    })
    .await?;
    drop(bar);
    if !ui.json {
        let state =
            if last.in_sync { faces::in_sync(ui.lang) } else { faces::not_in_sync(ui.lang) };
        ui.answer(&faces::synced(ui.lang, &args.peer, &last.received, &last.sent, &state))?;
        for refused in &last.refused {
            let said = errors::as_said(ui.lang, &refused.message);
            let what = format!("{said} [{}]", refused.code);
            ui.warn(&faces::refused_entry(ui.lang, &hex::encode(&refused.id), &what));
        }
        if last.forks > 0 {
            ui.warn(&faces::forks_found(ui.lang, &last.forks));
        }
    }
    Ok(if last.forks > 0 { EXIT_FINDING } else { FINE })
}
