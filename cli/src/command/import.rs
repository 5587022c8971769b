// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `import FILE`: takes a bundle in, through the same checks as everything else.

use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;

use super::{Caller, Ended, FINE};
use crate::bundle_desk::WAITS;
use crate::desk;
use crate::failure::EXIT_FINDING;
use crate::files;
use crate::json::to_full_json;
use crate::words::{errors, faces};

/// Options of an import.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImportArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Where the file is no bundle, or of another ledger.
pub(crate) async fn run(caller: &Caller, args: ImportArgs) -> Ended {
    let ui = caller.ui;
    let file = files::open(&args.file)?;
    let desk = desk::open(caller).await?;
    let reply = desk.import(BufReader::new(file)).await?;
    let found = !reply.refused.is_empty() || reply.forks > 0;
    if ui.json {
        ui.answer_json(&to_full_json("ImportReply", &reply))?;
    } else {
        let shown = args.file.display();
        ui.answer(&faces::imported(ui.lang, &shown, &reply.accepted, &reply.already_held))?;
        if reply.held_back > 0 {
            ui.warn(&faces::held_back(ui.lang, &shown, &reply.held_back));
        }
        if reply.forks > 0 {
            ui.warn(&faces::forks_found(ui.lang, &reply.forks));
        }
        for refused in reply.refused.iter().filter(|refused| refused.code != WAITS) {
            let said = errors::as_said(ui.lang, &refused.message);
            let what = format!("{said} [{}]", refused.code);
            ui.warn(&faces::refused_entry(ui.lang, &hex::encode(&refused.id), &what));
        }
    }
    Ok(if found { EXIT_FINDING } else { FINE })
}
