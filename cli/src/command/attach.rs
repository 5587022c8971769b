// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `attach`: keeps a file beside the store, so that an event can name it.

use std::path::PathBuf;

use clap::Args;

use super::{Caller, Ended, FINE};
use crate::desk;
use crate::evidence;
use crate::json::to_json;
use crate::words::faces;

/// Options of an attachment.
#[derive(Clone, Debug, Args)]
pub(crate) struct AttachArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the file cannot be read or kept.
pub(crate) async fn run(caller: &Caller, args: AttachArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let description = args.description.unwrap_or_default();
    let attachment = evidence::keep(&caller.data, &desk, &args.file, &description).await?;
    if ui.json {
        ui.answer_json(&to_json("Attachment", &attachment))?;
    } else {
        let hash = hex::encode(&attachment.hash);
        ui.answer(&hash)?;
        ui.notice(&faces::attached(ui.lang, &attachment.name, &attachment.length));
        ui.notice(&faces::attached_next(ui.lang, &hash.chars().take(16).collect::<String>()));
    }
    Ok(FINE)
}
