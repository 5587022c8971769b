// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `proof show | check`: the proof of a fork, and its verification by a file alone: no store, no
//! network, no trust in whoever gave it.

use std::path::PathBuf;

use clap::Subcommand;
use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::entry::fork::{ForkError, ForkProof};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use serde_json::{Value, json};

use super::join::parse_ledger;
use super::propose::fork::NoFork;
use super::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::{EXIT_CORRUPT, EXIT_FINDING, Failure, OrTold as _, with_causes};
use crate::ledger_view::{BadAnswer, LedgerView};
use crate::moment;
use crate::proof_file;
use crate::reference::key::find_key;
use crate::ui::{Tone, Ui};
use crate::words::{errors, forks as words};

/// What to do with a proof.
#[derive(Debug, Subcommand)]
pub(crate) enum ProofCommand {
    Show {
        #[arg(value_name = "KEY")]
        which: String,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "ID")]
        ledger: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// Where the key has not forked, or the file holds no proof.
pub(crate) async fn run(caller: &Caller, command: ProofCommand) -> Ended {
    match command {
        ProofCommand::Show { which, out } => show(caller, &which, out).await,
        ProofCommand::Check { file, ledger } => check(caller.ui, &file, ledger.as_deref()),
    }
}

async fn show(caller: &Caller, which: &str, out: Option<PathBuf>) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read_known(&desk).await?;
    let key = find_key(&caller.data, &view, which)?.record.key;
    let fork = desk.list_forks(key.as_bytes()).await?.into_iter().next();
    let Some(message) = fork.ok_or(NoFork { key })?.proof else {
        return Err(BadAnswer { what: "proof" }.into());
    };
    let proof = ForkProof::verify(&message, view.ledger).or_told()?;
    match &out {
        Some(path) => {
            proof_file::write(path, &message)?;
            if ui.json {
                ui.answer_json(&proof_json(&proof))?;
            } else {
                ui.answer(&words::proof_written(ui.lang, &path.display()))?;
                ui.notice(&words::proof_next(ui.lang, &path.display()));
            }
        }
        None if ui.json => ui.answer_json(&proof_json(&proof))?,
        None => {
            show_proof(ui, &proof)?;
            ui.answer("")?;
            ui.answer(proof_file::to_text(&message).trim_end())?;
        }
    }
    Ok(FINE)
}

fn check(ui: Ui, file: &std::path::Path, ledger: Option<&str>) -> Ended {
    let expected = parse_ledger(ledger)?;
    match proof_file::check(file)? {
        Ok(proof) => {
            check_ledger(expected, &proof).or_told_at(&file.display())?;
            if ui.json {
                ui.answer_json(&proof_json(&proof))?;
            } else {
                ui.answer(&ui.paint(Tone::Good, &words::proof_holds(ui.lang)))?;
                show_proof(ui, &proof)?;
            }
            Ok(FINE)
        }
        Err(error) => {
            let code = if is_broken(&error) { EXIT_CORRUPT } else { EXIT_FINDING };
            let message = errors::as_said(ui.lang, &with_causes(&error));
            if ui.json {
                let value = json!({ "holds": false, "code": error.code(), "message": message });
                ui.answer_json(&value)?;
            } else {
                let title = errors::title(ui.lang, error.code());
                let text = words::proof_fails(ui.lang, &title.unwrap_or(&message), &error.code());
                ui.answer(&ui.paint(Tone::Bad, &text))?;
                if title.is_some() {
                    ui.answer(&format!("  {message}"))?;
                }
            }
            Ok(code)
        }
    }
}

fn check_ledger(expected: Option<LedgerId>, proof: &ForkProof) -> Result<(), ForkError> {
    match expected {
        Some(expected) if expected != proof.ledger() => {
            Err(ForkError::WrongLedger { expected, found: proof.ledger() })
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether the bytes are not what was signed; else they are, and prove nothing.
const fn is_broken(error: &ForkError) -> bool {
    match error {
        ForkError::Decode(_)
        | ForkError::Verify(_)
        | ForkError::Ledger(_)
        | ForkError::NotCanonical => true,
        ForkError::WrongLedger { .. }
        | ForkError::SameEntry { .. }
        | ForkError::TwoKeys { .. }
        | ForkError::TwoSlots { .. }
        | ForkError::TwoPredecessors { .. }
        | ForkError::Charter { .. } => false,
    }
}

/// Key, place, and the two entries.
pub(crate) fn show_proof(ui: Ui, proof: &ForkProof) -> Result<(), Failure> {
    let lang = ui.lang;
    ui.answer(&words::proof_ledger(lang, &proof.ledger()))?;
    ui.answer(&words::proof_key(lang, &proof.key()))?;
    ui.answer(&words::proof_slot(lang, &proof.seq()))?;
    let message = proof.to_message();
    for (id, header) in proof.entry_ids().iter().zip([&message.header_a, &message.header_b]) {
        let claimed = decode_header(header).or_told()?.claimed_at_ms;
        ui.answer(&words::proof_entry(lang, id, &moment::to_text(claimed)))?;
    }
    Ok(())
}

/// The proof for programs.
pub(crate) fn proof_json(proof: &ForkProof) -> Value {
    let [first, second] = proof.entry_ids();
    let message: v1::ForkProof = proof.to_message();
    json!({
        "holds": true,
        "ledger_id": proof.ledger().to_string(),
        "key": proof.key().to_string(),
        "seq": proof.seq().to_string(),
        "entries": [first.to_string(), second.to_string()],
        "proof": hex::encode(prost::Message::encode_to_vec(&message)),
    })
}
