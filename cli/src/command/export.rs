// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `export FILE`: writes a bundle, whole or since a frontier.

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::FileError;
use crate::past::read_frontier;
use crate::words::faces;

/// Options of an export.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_name = "FRONTIER")]
    since: Option<PathBuf>,
}

/// Runs the command. A file that is not whole is never left under the name.
///
/// # Errors
/// Where the file exists or cannot be written.
pub(crate) async fn run(caller: &Caller, args: ExportArgs) -> Ended {
    let ui = caller.ui;
    let since = args.since.as_deref().map(read_frontier).transpose()?;
    let desk = desk::open(caller).await?;
    if args.file.exists() {
        return Err(FileError::Exists { path: args.file }.into());
    }
    let part = args.file.with_added_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let file = options.open(&part).map_err(FileError::writing(&part))?;
    let mut writer = BufWriter::new(file);
    let mut length: u64 = 0;
    let exported = desk
        .export(since, &mut |chunk| {
            length = length.saturating_add(u64::try_from(chunk.content.len()).unwrap_or(0));
            Ok(writer.write_all(&chunk.content).map_err(FileError::writing(&part))?)
        })
        .await;
    if let Err(failure) = exported {
        drop(writer);
        drop(fs::remove_file(&part));
        return Err(failure);
    }
    let written = writer.flush().and_then(|()| writer.get_ref().sync_all());
    written.map_err(FileError::writing(&part))?;
    fs::rename(&part, &args.file).map_err(FileError::writing(&args.file))?;
    if ui.json {
        ui.answer_json(&json!({
            "file": args.file.display().to_string(),
            "length": length.to_string(),
        }))?;
    } else {
        ui.answer(&faces::exported(ui.lang, &args.file.display(), &length))?;
    }
    Ok(FINE)
}
