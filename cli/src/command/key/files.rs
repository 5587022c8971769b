// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `key new | show | list`: private keys on this machine, and the keys that the ledger knows.

use std::path::PathBuf;

use clap::Args;
use constancia_ledger::state::EndRecord;
use serde_json::{Value, json};

use crate::command::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::Failure;
use crate::key_folder::{self, KeyFile};
use crate::ledger_view::{LedgerView, tell_of_newer_rules};
use crate::passphrase;
use crate::reference::key::{GrantedKey, list_keys};
use crate::ui::{Tone, Ui};
use crate::words::{choices, faces, keys as words};

/// Options of a new key.
#[derive(Clone, Debug, Args)]
pub(crate) struct NewArgs {
    #[arg(value_name = "NAME")]
    name: String,
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Makes a key.
///
/// # Errors
/// Where its file exists.
pub(super) fn make(caller: &Caller, args: &NewArgs) -> Ended {
    let ui = caller.ui;
    let path = key_folder::locate(&caller.data, &args.name);
    key_folder::check_free(&path)?;
    let passphrase = if args.no_passphrase {
        None
    } else {
        Some(passphrase::choose_for(ui, &args.name, args.passphrase_file.as_deref())?)
    };
    let key = key_folder::create(&path, passphrase.as_ref())?;
    show(caller, &key)?;
    if !key.protected {
        ui.warn(&faces::key_unprotected(ui.lang));
    }
    ui.notice(&faces::key_next(ui.lang, &key_folder::public_path(&path).display()));
    Ok(FINE)
}

/// Shows one key of this machine.
///
/// # Errors
/// Where there is none, or more than one and none was named.
pub(super) fn show_named(caller: &Caller, name: Option<&str>) -> Ended {
    let path = key_folder::locate_or_only(&caller.data, name)?;
    show(caller, &key_folder::show(&path)?)?;
    Ok(FINE)
}

/// Lists the keys of this machine.
///
/// # Errors
/// Where the folder cannot be read.
pub(super) fn list_files(caller: &Caller) -> Ended {
    let ui = caller.ui;
    let keys = key_folder::list(&caller.data)?;
    if keys.is_empty() {
        ui.notice(&faces::no_keys(ui.lang, &key_folder::folder(&caller.data).display()));
    }
    for key in keys {
        list_one(caller, &key)?;
    }
    Ok(FINE)
}

/// Lists the keys that the ledger knows, those that have ended among them.
///
/// # Errors
/// Where there is no ledger.
pub(super) async fn list_granted(caller: &Caller) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read_known(&desk).await?;
    tell_of_newer_rules(ui, &view);
    let mut keys: Vec<GrantedKey<'_>> = list_keys(&view).collect();
    // By member, those in force first.
    keys.sort_by_key(|key| (&key.member.slug, key.record.cut_off.is_some(), key.record.key));
    for key in keys {
        if ui.json {
            ui.answer_json(&granted_json(&key))?;
        } else {
            ui.answer(&granted_line(ui, &key))?;
        }
    }
    Ok(FINE)
}

fn granted_line(ui: Ui, key: &GrantedKey<'_>) -> String {
    let (lang, record) = (ui.lang, key.record);
    let scope = choices::choice(lang, "KeyScope", record.scope.as_str());
    let mut line = format!("{}  {:<12}  {scope}", record.key.short(), key.member.slug);
    if let Some(office) = &record.office {
        line = format!("{line} ({office})");
    }
    if let Some(seq) = record.forked_seq {
        line = format!("{line}; {}", ui.paint(Tone::Bad, &words::forked(lang, &seq)));
    }
    match &record.cut_off {
        Some(end) => format!("{line}; {}", ui.paint(Tone::Warning, &end_in_words(ui, end))),
        None => format!("{line}; {}", words::in_force(lang)),
    }
}

/// Where a key ended and by what.
fn end_in_words(ui: Ui, end: &EndRecord) -> String {
    match end.honoured_seq {
        Some(seq) => words::ended_after(ui.lang, &seq, &end.by.short()),
        None => words::ended_whole(ui.lang, &end.by.short()),
    }
}

fn granted_json(key: &GrantedKey<'_>) -> Value {
    let mut value = serde_json::to_value(key.record).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("member".to_owned(), json!(key.member.slug.as_str()));
    }
    value
}

pub(super) fn show(caller: &Caller, key: &KeyFile) -> Result<(), Failure> {
    let ui = caller.ui;
    if ui.json {
        return list_one(caller, key);
    }
    ui.answer(&ui.paint(Tone::Strong, &key.name))?;
    ui.answer(&faces::key_file(ui.lang, &key.path.display()))?;
    ui.answer(&faces::key_id(ui.lang, &key.public))?;
    let protection =
        if key.protected { faces::protected(ui.lang) } else { faces::unprotected(ui.lang) };
    ui.answer(&faces::key_protection(ui.lang, &protection))?;
    ui.answer(&key.public_line)
}

fn list_one(caller: &Caller, key: &KeyFile) -> Result<(), Failure> {
    let ui = caller.ui;
    if ui.json {
        return ui.answer_json(&json!({
            "name": key.name,
            "file": key.path.display().to_string(),
            "key": key.public.to_string(),
            "public_line": key.public_line,
            "protected": key.protected,
        }));
    }
    let protection =
        if key.protected { faces::protected(ui.lang) } else { faces::unprotected(ui.lang) };
    ui.answer(&format!("{}  {}  {protection}", key.public.short(), key.name))
}
