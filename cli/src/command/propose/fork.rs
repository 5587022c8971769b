// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose resolve-fork`, which is also `fork resolve`.

use clap::Args;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::PublicKey;
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::key::{find_honoured, key_bytes};
use super::{ProposalArgs, put_forward};
use crate::command::{Caller, Ended};
use crate::desk;
use crate::failure::Explain;
use crate::ledger_view::LedgerView;
use crate::reference::key::find_key;
use crate::words::{Lang, refusals};

/// Options of a resolution.
#[derive(Clone, Debug, Args)]
pub(crate) struct ResolveArgs {
    #[arg(value_name = "KEY")]
    which: String,
    #[arg(long, value_name = "ENTRY|none")]
    honour: String,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts the settlement of a fork before the council.
///
/// # Errors
/// Where the key has not forked, or the entry is not its own, and what signing says.
pub(crate) async fn resolve(caller: &Caller, args: ResolveArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let granted = find_key(&caller.data, &view, &args.which)?;
    let key = granted.record.key;
    let Some(seq) = granted.record.forked_seq else {
        return Err(NoFork { key }.into());
    };
    let honoured = find_honoured(&desk, &key, &args.honour).await?;
    let resolution = v1::ResolveFork { key: key_bytes(&key), seq, honoured };
    put_forward(caller, &desk, &args.proposal, Decision::ResolveFork(resolution)).await
}

/// The key has no proven fork.
#[derive(Debug)]
pub(crate) struct NoFork {
    pub(crate) key: PublicKey,
}

impl Explain for NoFork {
    fn code(&self) -> &'static str {
        "reference.no_fork"
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        refusals::no_fork(lang, &self.key.short())
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(refusals::no_fork_hint(lang))
    }
}
