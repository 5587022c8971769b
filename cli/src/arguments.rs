// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The command line's grammar: global options and commands. Its words are in `words/help.rs`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command;

/// Everything on the command line.
#[derive(Debug, Parser)]
#[command(name = "constancia", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    #[arg(long, global = true, help_heading = "general", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, global = true, help_heading = "general")]
    pub(crate) json: bool,
    #[arg(long, global = true, help_heading = "general", value_name = "es|en", value_parser = ["es", "en"])]
    pub(crate) lang: Option<String>,
}

/// What to do. In the order in which people meet them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(command::demo::DemoArgs),
    #[command(subcommand)]
    Key(command::key::KeyCommand),
    Init(command::init::InitArgs),
    Join(command::join::JoinArgs),
    Accept(command::accept::AcceptArgs),
    Serve(command::serve::ServeArgs),
    Sync(command::sync::SyncArgs),
    Acknowledge(command::acknowledge::AcknowledgeArgs),
    Report(Box<command::report::ReportArgs>),
    Sign(command::sign::SignArgs),
    Attach(command::attach::AttachArgs),
    Correct(Box<command::correct::CorrectArgs>),
    Withdraw(command::withdraw::WithdrawArgs),
    Budget(Box<command::budget::BudgetArgs>),
    Attest(command::attest::AttestArgs),
    Challenge(command::challenge::ChallengeArgs),
    Respond(command::respond::RespondArgs),
    Close(command::close::CloseArgs),
    Review(command::review::ReviewArgs),
    #[command(subcommand)]
    Propose(command::propose::ProposeCommand),
    Vote(command::vote::VoteArgs),
    Enact(command::vote::EnactArgs),
    WithdrawProposal(command::vote::WithdrawProposalArgs),
    Council(command::council::CouncilArgs),
    #[command(subcommand)]
    Fork(command::fork::ForkCommand),
    Redact(command::propose::redact::RedactArgs),
    #[command(subcommand)]
    Proof(command::proof::ProofCommand),
    Status(command::status::StatusArgs),
    Log(command::log::LogArgs),
    Show(command::show::ShowArgs),
    History(command::history::HistoryArgs),
    Verify(command::verify::VerifyArgs),
    Repair(command::repair::RepairArgs),
    Audit(command::audit::AuditArgs),
    Export(command::export::ExportArgs),
    Import(command::import::ImportArgs),
}

/// Options of every command that signs.
#[derive(Clone, Debug, Args)]
pub(crate) struct SigningArgs {
    #[arg(long, value_name = "KEY", help_heading = "signing")]
    pub(crate) key: Option<String>,
    #[arg(long, value_name = "FILE", help_heading = "signing")]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[arg(long, short = 'y', help_heading = "signing")]
    pub(crate) yes: bool,
    #[arg(long, value_name = "FILE", help_heading = "signing")]
    pub(crate) receipt: Option<PathBuf>,
    #[arg(long, help_heading = "signing")]
    pub(crate) adopt_head: bool,
    #[arg(long, help_heading = "signing")]
    pub(crate) offline: bool,
}

/// Options of every command that makes an event.
#[derive(Clone, Debug, Args)]
pub(crate) struct EventArgs {
    #[arg(long, value_name = "DRAFT", help_heading = "signing", conflicts_with_all = ["key", "receipt", "adopt_head", "offline"])]
    pub(crate) prepare: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", help_heading = "signing")]
    pub(crate) exercise: Option<String>,
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
}

/// What a command reads instead of what is stored.
#[derive(Clone, Debug, Args)]
pub(crate) struct BundleArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    #[arg(long, value_name = "ID", requires = "bundle")]
    pub(crate) ledger: Option<String>,
}

/// Which past a command is about.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ViewArgs {
    #[arg(long, value_name = "T", group = "view", help_heading = "view")]
    pub(crate) as_of: Option<String>,
    #[arg(long, value_name = "T", group = "view", help_heading = "view")]
    pub(crate) as_claimed: Option<String>,
    #[arg(long, value_name = "FRONTIER", group = "view", help_heading = "view")]
    pub(crate) at: Option<PathBuf>,
}

/// Where a figure comes from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SourceArgs {
    #[arg(long, value_name = "TEXT", help_heading = "source")]
    pub(crate) source: Option<String>,
    #[arg(long, value_name = "KIND", help_heading = "source")]
    pub(crate) source_kind: Option<String>,
    #[arg(long, value_name = "URL", help_heading = "source")]
    pub(crate) source_url: Option<String>,
    #[arg(long, value_name = "DATE", help_heading = "source")]
    pub(crate) source_published_on: Option<String>,
}

/// Files that show it.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EvidenceArgs {
    #[arg(long, value_name = "FILE|HASH")]
    pub(crate) evidence: Vec<String>,
}
