// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `join`: makes a replica of a ledger that others keep, from a peer or from a bundle.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use constancia_ledger::bundle::{self, Imported, open_bundle};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::LedgerId;
use constancia_ledger::store::StoreFolder;
use constancia_node::address::PeerAddress;
use constancia_node::clock::SystemClock;
use constancia_node::merge;
use constancia_node::office::Office;
use constancia_node::open_ledger::OpenLedger;
use serde_json::json;

use super::{Caller, Ended, FINE, in_background};
use crate::bundle_desk::list_refused;
use crate::desk::Desk;
use crate::failure::{EXIT_FINDING, Explain, Failure, OrTold as _};
use crate::files;
use crate::ui::Ui;
use crate::words::{Lang, errors, faces};

/// Options of joining a ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct JoinArgs {
    #[arg(value_name = "PEER|BUNDLE")]
    from: String,
    #[arg(long, value_name = "ID")]
    ledger: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where there is a ledger already, the peer does not answer, or the ledger is another.
pub(crate) async fn run(caller: &Caller, args: JoinArgs) -> Ended {
    let ui = caller.ui;
    let expected = parse_ledger(args.ledger.as_deref())?;
    let folder = StoreFolder::new(&caller.data);
    let path = Path::new(&args.from);
    let (ledger, code) = if path.exists() {
        join_bundle(ui, folder, path.to_owned(), expected).await?
    } else {
        (join_peer(ui, folder, &args.from, expected).await?, FINE)
    };
    let office = Office::new(ledger, Arc::new(SystemClock));
    let status = Desk::of(office.client()).get_status().await?;
    let id = hex::encode(&status.ledger_id);
    if ui.json {
        ui.answer_json(&json!({
            "ledger_id": id,
            "name": status.name,
            "entries": status.entries.to_string(),
        }))?;
    } else {
        ui.answer(&faces::joined(ui.lang, &status.name, &id, &status.entries))?;
        if args.ledger.is_none() {
            ui.notice(&faces::compare_ledger_id(ui.lang));
        }
    }
    Ok(code)
}

pub(crate) fn parse_ledger(text: Option<&str>) -> Result<Option<LedgerId>, Failure> {
    match text.map(|text| (text, text.parse::<LedgerId>())) {
        None => Ok(None),
        Some((_, Ok(ledger))) => Ok(Some(ledger)),
        Some((text, Err(_))) => Err(JoinError::NotALedgerId { found: text.to_owned() }.into()),
    }
}

/// What may be joined is the ledger that was asked for.
fn check_ledger(expected: Option<LedgerId>, found: LedgerId, from: &str) -> Result<(), Failure> {
    match expected.filter(|expected| *expected != found) {
        None => Ok(()),
        Some(expected) => {
            Err(JoinError::OtherLedger { from: from.to_owned(), expected, found }.into())
        }
    }
}

async fn join_peer(
    ui: Ui,
    folder: StoreFolder,
    address: &str,
    expected: Option<LedgerId>,
) -> Result<OpenLedger, Failure> {
    let peer = parse_peer(address)?;
    let progress = ui.progress();
    let joined = merge::join(folder, &peer, expected, &mut |tally| {
        progress.say(faces::received_so_far(ui.lang, &tally.received));
    })
    .await;
    let (ledger, _outcome) = joined.or_told()?;
    Ok(ledger)
}

/// A peer's address.
///
/// # Errors
/// Where it is neither a file nor an address.
pub(crate) fn parse_peer(address: &str) -> Result<PeerAddress, Failure> {
    match address.parse() {
        Ok(peer) => Ok(peer),
        Err(_not_an_address) => Err(JoinError::NotAPeer { found: address.to_owned() }.into()),
    }
}

async fn join_bundle(
    ui: Ui,
    folder: StoreFolder,
    path: PathBuf,
    expected: Option<LedgerId>,
) -> Result<(OpenLedger, u8), Failure> {
    let shown = path.display().to_string();
    let file = files::open(&path)?;
    let place = shown.clone();
    let bundle =
        in_background(move || open_bundle(BufReader::new(file)).or_told_at(&place)).await?;
    check_ledger(expected, bundle.ledger(), &shown)?;
    let place = shown.clone();
    let ledger = in_background(move || {
        let charter = bundle.charter().or_told_at(&place)?;
        let ledger = OpenLedger::found(folder, charter).or_told()?;
        let mut shared = ledger.live.shared().clone();
        let imported = bundle::import(bundle, &mut shared, &mut |_| ()).or_told_at(&place)?;
        Ok((ledger, imported))
    });
    let (ledger, imported) = ledger.await?;
    warn_of_refused(ui, &shown, &imported);
    let is_whole = imported.refused_count == 0 && imported.forks == 0;
    Ok((ledger, if is_whole { FINE } else { EXIT_FINDING }))
}

/// What a bundle had and the replica did not take.
fn warn_of_refused(ui: Ui, file: &str, imported: &Imported) {
    for line in list_refused(ui.lang, file, imported) {
        ui.warn(&line);
    }
    if imported.held_back > 0 {
        ui.warn(&faces::held_back(ui.lang, &file, &imported.held_back));
    }
    if imported.forks > 0 {
        ui.warn(&faces::forks_found(ui.lang, &imported.forks));
    }
}

/// Why nothing was joined.
#[derive(Debug)]
enum JoinError {
    NotALedgerId { found: String },
    NotAPeer { found: String },
    OtherLedger { from: String, expected: LedgerId, found: LedgerId },
}

impl Explain for JoinError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotALedgerId { .. } => "join.not_a_ledger_id",
            Self::NotAPeer { .. } => "join.not_a_peer",
            Self::OtherLedger { .. } => "join.other_ledger",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotALedgerId { .. } | Self::NotAPeer { .. } => Fault::Malformed,
            Self::OtherLedger { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotALedgerId { found } => errors::not_a_ledger_id(lang, found),
            Self::NotAPeer { found } => errors::not_a_peer(lang, found),
            Self::OtherLedger { from, expected, found } => {
                errors::other_ledger(lang, from, expected, found)
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotALedgerId { .. } => None,
            Self::NotAPeer { .. } => Some(errors::not_a_peer_hint(lang)),
            Self::OtherLedger { .. } => Some(errors::other_ledger_hint(lang)),
        }
    }
}
