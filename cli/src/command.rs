// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The commands, a file each: arguments in, answer out. In the order in which people meet them.

pub(crate) mod demo;
pub(crate) mod key;

pub(crate) mod accept;
pub(crate) mod acknowledge;
pub(crate) mod init;
pub(crate) mod join;
pub(crate) mod serve;
pub(crate) mod sync;

pub(crate) mod attach;
pub(crate) mod attest;
pub(crate) mod budget;
pub(crate) mod challenge;
pub(crate) mod close;
pub(crate) mod correct;
pub(crate) mod report;
pub(crate) mod respond;
pub(crate) mod review;
pub(crate) mod sign;
pub(crate) mod withdraw;

pub(crate) mod council;
pub(crate) mod fork;
pub(crate) mod proof;
pub(crate) mod propose;
pub(crate) mod vote;

pub(crate) mod audit;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod log;
pub(crate) mod repair;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod verify;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use tempfile::TempDir;

use crate::arguments::Command;
use crate::describe::Wording;
use crate::describe::line::summarize;
use crate::failure::Failure;
use crate::reference::Named;
use crate::ui::Ui;
use crate::words::{Lang, events, faces};

/// Who calls, and where the data is.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// How to speak.
    pub(crate) ui: Ui,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// A folder that is gone when the program ends, once nothing works in it any more.
    pub(crate) scratch: Arc<OnceLock<TempDir>>,
}

/// What a command ends with where nothing failed: 0, or 1 where it found something.
pub(crate) type Ended = Result<u8, Failure>;

/// The command worked and found nothing wrong.
pub(crate) const FINE: u8 = 0;

/// Runs one command.
///
/// # Errors
/// Whatever the command says.
pub(crate) async fn run(caller: &Caller, command: Command) -> Ended {
    match command {
        Command::Demo(args) => demo::run(caller, args).await,
        Command::Key(command) => key::run(caller, command).await,
        Command::Init(args) => init::run(caller, args).await,
        Command::Join(args) => join::run(caller, args).await,
        Command::Accept(args) => accept::run(caller, args).await,
        Command::Serve(args) => serve::run(caller, args).await,
        Command::Sync(args) => sync::run(caller, args).await,
        Command::Acknowledge(args) => acknowledge::run(caller, args).await,
        Command::Report(args) => report::run(caller, *args).await,
        Command::Sign(args) => sign::run(caller, args).await,
        Command::Attach(args) => attach::run(caller, args).await,
        Command::Correct(args) => correct::run(caller, *args).await,
        Command::Withdraw(args) => withdraw::run(caller, args).await,
        Command::Budget(args) => budget::run(caller, *args).await,
        Command::Attest(args) => attest::run(caller, args).await,
        Command::Challenge(args) => challenge::run(caller, args).await,
        Command::Respond(args) => respond::run(caller, args).await,
        Command::Close(args) => close::run(caller, args).await,
        Command::Review(args) => review::run(caller, args).await,
        Command::Propose(command) => propose::run(caller, command).await,
        Command::Vote(args) => vote::vote(caller, args).await,
        Command::Enact(args) => vote::enact(caller, args).await,
        Command::WithdrawProposal(args) => vote::withdraw(caller, args).await,
        Command::Council(args) => council::run(caller, args).await,
        Command::Fork(command) => fork::run(caller, command).await,
        Command::Redact(args) => propose::redact::redact(caller, args).await,
        Command::Proof(command) => proof::run(caller, command).await,
        Command::Status(args) => status::run(caller, args).await,
        Command::Log(args) => log::run(caller, args).await,
        Command::Show(args) => show::run(caller, args).await,
        Command::History(args) => history::run(caller, args).await,
        Command::Verify(args) => verify::run(caller, args).await,
        Command::Repair(args) => repair::run(caller, args).await,
        Command::Audit(args) => audit::run(caller, args).await,
        Command::Export(args) => export::run(caller, args).await,
        Command::Import(args) => import::run(caller, args).await,
    }
}

/// Events that give figures.
pub(crate) const STATEMENTS: &[&str] = &["report", "correction"];

/// An entry's id as the schema has it.
pub(crate) fn id_bytes(id: EntryId) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

/// A text in the caller's language.
pub(crate) fn text_in(lang: Lang, text: String) -> v1::Text {
    match lang {
        Lang::Es => v1::Text { es: text, ..v1::Text::default() },
        Lang::En => v1::Text { en: text, ..v1::Text::default() },
    }
}

/// Shows the entry that an event is about, before the event itself.
pub(crate) fn show_named(caller: &Caller, named: &Named) {
    let ui = caller.ui;
    if ui.json {
        return;
    }
    let event = v1::Event { body: Some(named.body.clone()), exercise: String::new() };
    let wording = Wording { lang: ui.lang, plan: None, figures: None };
    let name = events::event(ui.lang, crate::signing::place::event_name(&event));
    let summary = summarize(wording, &event);
    ui.notice(&faces::about_entry(ui.lang, &name, &named.id.short(), &named.member, &summary));
}

/// Runs what blocks (disk, hashing) beside the runtime's threads.
///
/// # Errors
/// What the work says.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(cause) => Err(std::io::Error::other(cause).into()),
    }
}
