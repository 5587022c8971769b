// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What whoever signed keeps: the entry's id, which with the ledger's says everything about it.

use std::path::{Path, PathBuf};

use constancia_ledger::entry::VerifiedEntry;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use serde_json::{Value, json};

use super::place::event_name;
use crate::failure::{Failure, FileError};
use crate::files::{Readers, write_new, write_over};
use crate::moment;
use crate::ui::{Tone, Ui};
use crate::words::{events, signing as words};

/// A receipt for one entry.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    value: Value,
    lines: Vec<(&'static str, String)>,
}

impl Receipt {
    /// The receipt of an entry that is stored.
    pub(crate) fn new(
        (ledger, ledger_name): (LedgerId, &str),
        member: &str,
        entry: &VerifiedEntry,
        event: &v1::Event,
        summary: String,
    ) -> Self {
        let header = entry.header();
        let name = event_name(event);
        let signed_at = moment::to_text(header.claimed_at_ms);
        let value = json!({
            "format": "constancia-receipt-v1",
            "id": entry.id().to_string(),
            "ledger_id": ledger.to_string(),
            "ledger_name": ledger_name,
            "member": member,
            "key": header.author.to_string(),
            "seq": header.seq.to_string(),
            "claimed_at": signed_at,
            "event": name,
            "summary": summary,
            "payload_hash": header.payload_hash.to_string(),
        });
        let lines = vec![
            ("event", name.to_owned()),
            ("summary", summary),
            ("entry", entry.id().to_string()),
            ("ledger", format!("{ledger_name} ({})", ledger.short())),
            ("key", format!("{} #{}", header.author.short(), header.seq)),
            ("time", signed_at),
            ("payload", header.payload_hash.to_string()),
        ];
        Self { value, lines }
    }

    /// Shows the receipt: it is the answer.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub(crate) fn show(&self, ui: Ui) -> Result<(), Failure> {
        if ui.json {
            return ui.answer_json(&self.value);
        }
        let lang = ui.lang;
        for (name, text) in &self.lines {
            let line = match *name {
                "event" => {
                    let event = events::event(lang, text);
                    ui.paint(Tone::Good, &words::signed_and_stored(lang, &event))
                }
                "summary" => format!("  {text}"),
                "entry" => words::receipt_entry(lang, text),
                "ledger" => words::receipt_ledger(lang, text),
                "key" => words::receipt_key(lang, text),
                "time" => words::receipt_time(lang, text),
                _ => words::receipt_payload(lang, text),
            };
            if line.trim().is_empty() {
                continue;
            }
            ui.answer(&line)?;
        }
        Ok(())
    }
}

/// A new file that waits for its receipts: made before anything is signed, since a receipt that
/// cannot be written is no reason to sign twice. Removed where nothing was signed.
#[derive(Debug)]
pub(crate) struct ReservedFile {
    path: PathBuf,
    is_written: bool,
}

impl ReservedFile {
    /// Makes the file.
    ///
    /// # Errors
    /// Where it exists or cannot be written.
    pub(crate) fn make(path: &Path) -> Result<Self, FileError> {
        write_new(path, b"", Readers::Default)?;
        Ok(Self { path: path.to_owned(), is_written: false })
    }

    /// Writes the receipts, one per line.
    ///
    /// # Errors
    /// Where the disk refuses after all: what was signed is stored.
    pub(crate) fn write(&mut self, receipts: &[Receipt]) -> Result<(), FileError> {
        let lines: Vec<String> =
            receipts.iter().map(|receipt| receipt.value.to_string() + "\n").collect();
        let written = write_over(&self.path, lines.concat().as_bytes());
        self.is_written = written.is_ok();
        written
    }
}

impl Drop for ReservedFile {
    fn drop(&mut self) {
        if !self.is_written {
            // An empty file that stays harms nobody.
            let _removed = std::fs::remove_file(&self.path);
        }
    }
}
