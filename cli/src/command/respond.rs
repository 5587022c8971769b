// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `respond`: the challenged member answers.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, id_bytes};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::evidence;
use crate::reference;
use crate::signing::sign_or_prepare;

/// Options of a response.
#[derive(Clone, Debug, Args)]
pub(crate) struct RespondArgs {
    #[arg(value_name = "CHALLENGE")]
    challenge: String,
    #[arg(long, value_name = "TEXT")]
    text: String,
    #[arg(long, value_name = "ENTRY")]
    correction: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the entry is no challenge, and what signing says.
pub(crate) async fn run(caller: &Caller, args: RespondArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.challenge, &["challenge"]).await?;
    super::show_named(caller, &named);
    let correction = match &args.correction {
        Some(entry) => id_bytes(reference::find(&desk, entry, &["correction"]).await?.id),
        None => bytes::Bytes::new(),
    };
    let response = v1::Response {
        challenge: id_bytes(named.id),
        text: args.text,
        evidence: evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?,
        correction,
    };
    let event = v1::Event { body: Some(Body::Response(response)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
