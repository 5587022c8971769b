// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A ledger read from a bundle into memory, for whoever verifies or audits without a store.
//!
//! Every entry goes through the same checks as one from a peer; what is refused is named by its
//! place in the file, and the answer never passes over it. Whoever wrote the file chose its ledger: the
//! answer says which it is.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use constancia_ledger::bundle::{BundleError, Imported, RefusedItem, import, open_bundle};
use constancia_ledger::fault::{Coded as _, Fault};
use constancia_ledger::id::{LedgerId, PublicKey};
use constancia_node::clock::SystemClock;
use constancia_node::office::Office;
use constancia_node::open_ledger::OpenLedger;
use serde_json::{Map, Value, json};

use crate::arguments::BundleArgs;
use crate::command::{Caller, FINE, in_background};
use crate::desk::{self, Desk};
use crate::failure::{EXIT_CORRUPT, EXIT_FINDING, Failure, OrTold as _, Told};
use crate::files;
use crate::reference::ledger::LedgerDigits;
use crate::ui::{Tone, Ui};
use crate::words::{Lang, errors, faces};

/// An entry whose predecessors are neither held nor in the bundle: it waits, it is not wrong.
pub(crate) const WAITS: &str = "chain.parent_missing";

/// What reading a bundle found besides its ledger.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The file as it was named.
    shown: String,
    ledger: FoundedLedger,
    /// Somebody said which ledger it must be.
    is_named: bool,
    imported: Imported,
}

/// The ledger of a bundle, as its charter has it.
#[derive(Clone, Debug)]
struct FoundedLedger {
    id: LedgerId,
    name: String,
    founder: PublicKey,
    /// Whose key that is, as the charter says.
    member: String,
}

impl Reading {
    /// Name and id of the ledger, and who founded it.
    pub(crate) fn show_ledger(&self, ui: Ui) -> Result<(), Failure> {
        ui.answer(&ui.paint(Tone::Strong, &self.ledger.name))?;
        ui.answer(&faces::status_ledger(ui.lang, &self.ledger.id))?;
        self.show_founder(ui)
    }

    /// Who founded the ledger; where nobody said which one it must be, that it is to be compared.
    pub(crate) fn show_founder(&self, ui: Ui) -> Result<(), Failure> {
        let FoundedLedger { founder, member, .. } = &self.ledger;
        ui.answer(&faces::ledger_founder(ui.lang, founder, member))?;
        if !self.is_named {
            ui.notice(&faces::compare_ledger_id(ui.lang));
        }
        Ok(())
    }

    /// The same for programs, among the fields of an answer.
    pub(crate) fn add_ledger_json(&self, fields: &mut Map<String, Value>) {
        let FoundedLedger { id, name, founder, member } = &self.ledger;
        fields.insert("ledger_id".to_owned(), json!(id.to_string()));
        fields.insert("name".to_owned(), json!(name));
        fields.insert("founder".to_owned(), json!(founder.to_string()));
        fields.insert("founder_member".to_owned(), json!(member));
    }

    /// Entries and proofs that are not what they were, or that the ledger does not take.
    pub(crate) const fn count_refused(&self) -> u64 {
        self.imported.refused_count.saturating_sub(self.imported.held_back)
    }

    /// Entries that nothing can be said of, because what comes before them is missing.
    pub(crate) const fn count_waiting(&self) -> u64 {
        self.imported.held_back
    }

    /// 4 where an entry is not what it was, 1 where predecessors are missing.
    pub(crate) const fn exit_code(&self) -> u8 {
        if self.count_refused() > 0 {
            EXIT_CORRUPT
        } else if self.count_waiting() > 0 {
            EXIT_FINDING
        } else {
            FINE
        }
    }

    /// A line for each item that was refused, with its place.
    pub(crate) fn lines(&self, lang: Lang) -> Vec<String> {
        list_refused(lang, &self.shown, &self.imported)
    }

    /// The same for programs, as an import answers: what waits is among it, with its code.
    pub(crate) fn refused_json(&self) -> Value {
        self.imported.refused.iter().map(item_json).collect()
    }
}

/// A line for each item of a bundle that was refused; what only waits is left to its count.
pub(crate) fn list_refused(lang: Lang, shown: &str, imported: &Imported) -> Vec<String> {
    let refused = imported.refused.iter().filter(|item| item.code != WAITS);
    refused
        .map(|item| {
            let what = format!("{} [{}]", errors::as_said(lang, &item.message), item.code);
            match item.offset {
                Some(offset) => faces::refused_at(lang, &shown, &offset, &what),
                None => format!("{shown}: {what}"),
            }
        })
        .collect()
}

fn item_json(item: &RefusedItem) -> Value {
    json!({
        "offset": item.offset.map(|offset| offset.to_string()),
        "id": item.id.map(|id| id.to_string()),
        "code": item.code,
        "message": item.message,
    })
}

/// Opens what a command is about: the bundle that it names, or what is stored.
///
/// # Errors
/// Where the file is no bundle, is broken beyond reading on, or is of another ledger than the one
/// that was named.
pub(crate) async fn open(
    caller: &Caller,
    args: &BundleArgs,
) -> Result<(Desk, Option<Reading>), Failure> {
    let Some(path) = &args.bundle else {
        return Ok((desk::open(caller).await?, None));
    };
    let expected = args.ledger.as_deref().map(LedgerDigits::parse).transpose()?;
    let (desk, reading) = read(path, expected.as_ref()).await?;
    if let Some(count) = expected.as_ref().and_then(LedgerDigits::too_few) {
        caller.ui.warn(&faces::ledger_digits_few(caller.ui.lang, &count));
    }
    Ok((desk, Some(reading)))
}

async fn read(path: &Path, expected: Option<&LedgerDigits>) -> Result<(Desk, Reading), Failure> {
    let shown = path.display().to_string();
    let file = files::open(path)?;
    let is_named = expected.is_some();
    let (place, expected) = (shown.clone(), expected.cloned());
    let (ledger, described, imported) = in_background(move || {
        let broken = |error: BundleError| Failure::from(told_of(&error).at(&place));
        let bundle = open_bundle(BufReader::new(file)).map_err(broken)?;
        if let Some(expected) = expected {
            expected.check(bundle.ledger(), &place)?;
        }
        let charter = bundle.charter().map_err(broken)?;
        let founder = charter.header().author;
        let ledger = OpenLedger::in_memory(charter).or_told_at(&place)?;
        let described = describe_ledger(&ledger, founder);
        let mut shared = ledger.live.shared().clone();
        let imported = import(bundle, &mut shared, &mut |_| ()).map_err(broken)?;
        Ok((ledger, described, imported))
    })
    .await?;
    let office = Office::new(ledger, Arc::new(SystemClock));
    Ok((Desk::of(office.client()), Reading { shown, ledger: described, is_named, imported }))
}

fn describe_ledger(ledger: &OpenLedger, founder: PublicKey) -> FoundedLedger {
    let replica = ledger.live.shared().read();
    let charter = replica.governance().charter();
    let grant = charter.keys.iter().find(|grant| grant.key == founder);
    FoundedLedger {
        id: replica.ledger(),
        name: charter.name.clone(),
        founder,
        member: grant.map_or_else(String::new, |grant| grant.member.to_string()),
    }
}

/// Whoever verifies a bundle asks whether it is what it was: a bundle that is not is corrupt. What
/// is no bundle, or is of a version that is not known here, is not.
fn told_of(error: &BundleError) -> Told {
    let told = Told::of(error);
    let is_foreign = matches!(error, BundleError::NotABundle)
        || matches!(error, BundleError::Entry { source, .. } if source.code() == "decode.unknown_version");
    if error.fault() == Fault::Malformed && !is_foreign { told.into_corrupt() } else { told }
}
