// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which past of the ledger a command is about: `--as-of`, `--as-claimed`, `--at`.

use std::path::Path;

use constancia_ledger::fault::Fault;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::FrontierRoot;
use constancia_ledger::state::FrontierRecord;
use constancia_proto::v1;
use serde_json::Value;

use crate::arguments::ViewArgs;
use crate::failure::{Explain, Failure};
use crate::files::read_text;
use crate::json::from_json;
use crate::moment;
use crate::words::{Lang, errors};

/// Bytes of a frontier file: 2,048 feeds of 200 bytes each, many times.
const FRONTIER_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// The view that the options name; none: everything held.
///
/// # Errors
/// Where a moment or a frontier cannot be read.
pub(crate) fn read_view(
    args: &ViewArgs,
    utc_offset_minutes: i32,
) -> Result<Option<v1::View>, Failure> {
    use v1::view::At;
    let at = match (&args.as_of, &args.as_claimed, &args.at) {
        (Some(text), _, _) => At::AsOfMs(moment::parse(text, utc_offset_minutes)?),
        (None, Some(text), _) => At::AsClaimedMs(moment::parse(text, utc_offset_minutes)?),
        (None, None, Some(path)) => At::Frontier(read_frontier(path)?),
        (None, None, None) => return Ok(None),
    };
    Ok(Some(v1::View { at: Some(at) }))
}

/// A frontier: its text, or a file that has its text, what `status --json` writes, the `index.json`
/// of an audit, or the frontier in either alone.
///
/// # Errors
/// Where the file cannot be read or has no frontier.
pub(crate) fn read_frontier(path: &Path) -> Result<v1::Frontier, Failure> {
    if !path.exists()
        && let Ok(frontier) = Frontier::from_text(&path.to_string_lossy())
    {
        return Ok(frontier.to_message());
    }
    // What `status` and `audit` print: whoever copies it from there deserves to hear what it is.
    let named = path.to_string_lossy();
    if !path.exists() && named.parse::<FrontierRoot>().is_ok() {
        return Err(NotAFrontier::Root { root: named.into_owned() }.into());
    }
    let text = read_text(path, FRONTIER_BYTES_MAX)?;
    if let Ok(frontier) = Frontier::from_text(&text) {
        return Ok(frontier.to_message());
    }
    let value: Option<Value> = serde_json::from_str(&text).ok();
    let value = value.map(|value| value.get("frontier").cloned().unwrap_or(value));
    let not_a_frontier = || NotAFrontier::File { file: path.display().to_string() };
    let value = value.ok_or_else(not_a_frontier)?;
    if value.get("feeds").is_some() {
        let record: Result<FrontierRecord, _> = serde_json::from_value(value);
        let record = record.map_err(|_other_layout| not_a_frontier())?;
        return Ok(Frontier::from(&record).to_message());
    }
    match value.get("heads") {
        Some(_) => Ok(from_json("Frontier", &value)?),
        None => Err(not_a_frontier().into()),
    }
}

#[derive(Debug)]
enum NotAFrontier {
    /// The file has none.
    File { file: String },
    /// A root says which frontier is meant, and cannot be turned back into it.
    Root { root: String },
}

impl Explain for NotAFrontier {
    fn code(&self) -> &'static str {
        "cli.not_a_frontier"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::File { file } => errors::not_a_frontier(lang, file),
            Self::Root { root } => errors::root_is_no_frontier(lang, root),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::not_a_frontier_hint(lang))
    }
}
