// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `close`: a challenge ends.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, id_bytes};
use crate::arguments::EventArgs;
use crate::desk;
use crate::reference;
use crate::signing::sign_or_prepare;

/// Options of a close: one of the three outcomes.
#[derive(Clone, Debug, Args)]
pub(crate) struct CloseArgs {
    #[arg(value_name = "CHALLENGE")]
    challenge: String,
    #[command(flatten)]
    outcome: OutcomeArgs,
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    event: EventArgs,
}

/// How it ends.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct OutcomeArgs {
    #[arg(long)]
    withdrawn: bool,
    #[arg(long, value_name = "CORRECTION")]
    accepted: Option<String>,
    #[arg(long, value_name = "PROPOSAL")]
    ruled: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where an entry is not what its option says, and what signing says.
pub(crate) async fn run(caller: &Caller, args: CloseArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.challenge, &["challenge"]).await?;
    super::show_named(caller, &named);
    let mut close = v1::Close {
        challenge: id_bytes(named.id),
        outcome: v1::CloseOutcome::Withdrawn.into(),
        text: args.text.unwrap_or_default(),
        ..v1::Close::default()
    };
    if let Some(entry) = &args.outcome.accepted {
        close.outcome = v1::CloseOutcome::Accepted.into();
        close.correction = id_bytes(reference::find(&desk, entry, &["correction"]).await?.id);
    }
    if let Some(entry) = &args.outcome.ruled {
        close.outcome = v1::CloseOutcome::Ruled.into();
        close.proposal = id_bytes(reference::find(&desk, entry, &["proposal"]).await?.id);
    }
    let event = v1::Event { body: Some(Body::Close(close)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
