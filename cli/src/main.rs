// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The command line of Constancia: a ledger of policy indicators that nobody hosts for the others.
//!
//! Signing happens here, with keys that never leave this process; whoever holds the store (a node
//! that runs, or this process itself) is asked through the [`desk`].
//! A command reads its arguments, asks the desk, and answers in words or JSON. All words are in
//! [`words`].

mod arguments;
mod bundle_desk;
mod command;
mod council;
mod describe;
mod desk;
mod draft;
mod environment;
mod evidence;
mod failure;
mod figures;
mod files;
mod foresight;
mod help;
mod json;
mod key_folder;
mod ledger_view;
mod moment;
mod nearest;
mod passphrase;
mod past;
mod plan_file;
mod proof_file;
mod reference;
mod signing;
mod table;
mod ui;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use crate::command::Caller;
use crate::failure::{Failure, exit_code};
use crate::ui::Ui;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = environment::choose_lang(&arguments);
    let plain = environment::is_plain();
    let parsed = match help::parse(lang, &arguments) {
        Ok(parsed) => parsed,
        Err(message) => return message.show(Ui::new(lang, message.wants_json(), plain)),
    };
    let ui = Ui::new(lang, parsed.global.json, plain);
    keep_caught_panics_quiet();
    let data = parsed.global.data.unwrap_or_else(environment::data_dir);
    let caller = Caller { ui, data, scratch: Arc::default() };
    // The runtime is gone after this line, and with it whatever still wrote to a folder.
    let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command::run(&caller, parsed.command)),
        Err(cause) => Err(Failure::from(cause)),
    };
    drop(caller);
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(failure) if failure.is_closed_output() => ExitCode::SUCCESS,
        Err(failure) => {
            ui.fail(&failure);
            ExitCode::from(exit_code(failure.fault()))
        }
    }
}

/// The index panics on damage; the store catches that and says it as an error.
fn keep_caught_panics_quiet() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !constancia_ledger::store::is_panic_expected() {
            default(info);
        }
    }));
}
