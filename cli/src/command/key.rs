// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `key …`: private keys on this machine, and what the ledger lets them do: granted and revoked by the
//! council, retired by their member, or exchanged for a new one step by step.

mod files;
mod retire;
mod rotate;

use clap::Subcommand;

use super::propose::key::{GrantArgs, RevokeArgs};
use super::{Caller, Ended, propose};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    New(files::NewArgs),
    Show {
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    List {
        #[arg(long)]
        granted: bool,
    },
    Grant(GrantArgs),
    Revoke(RevokeArgs),
    Retire(retire::RetireArgs),
    Rotate(rotate::RotateArgs),
}

/// Runs the command.
///
/// # Errors
/// What the key folder says, and what signing says.
pub(crate) async fn run(caller: &Caller, command: KeyCommand) -> Ended {
    match command {
        KeyCommand::New(args) => files::make(caller, &args),
        KeyCommand::Show { name } => files::show_named(caller, name.as_deref()),
        KeyCommand::List { granted: false } => files::list_files(caller),
        KeyCommand::List { granted: true } => files::list_granted(caller).await,
        KeyCommand::Grant(args) => propose::key::grant(caller, args).await,
        KeyCommand::Revoke(args) => propose::key::revoke(caller, args).await,
        KeyCommand::Retire(args) => retire::retire(caller, args).await,
        KeyCommand::Rotate(args) => rotate::rotate(caller, args).await,
    }
}
