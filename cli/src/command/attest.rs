// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `attest`: another member says what checking a report found.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, STATEMENTS, id_bytes};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::evidence;
use crate::reference;
use crate::signing::sign_or_prepare;

/// Options of an attestation.
#[derive(Clone, Debug, Args)]
pub(crate) struct AttestArgs {
    #[arg(value_name = "ENTRY")]
    entry: String,
    #[command(flatten)]
    verdict: VerdictArgs,
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// What it found.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct VerdictArgs {
    #[arg(long)]
    confirmed: bool,
    #[arg(long)]
    not_confirmed: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the entry is no report, and what signing says.
pub(crate) async fn run(caller: &Caller, args: AttestArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.entry, STATEMENTS).await?;
    super::show_named(caller, &named);
    let verdict =
        if args.verdict.confirmed { v1::Verdict::Confirmed } else { v1::Verdict::NotConfirmed };
    let attestation = v1::Attestation {
        report: id_bytes(named.id),
        verdict: verdict.into(),
        method: args.method.unwrap_or_default(),
        evidence: evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?,
        comment: args.comment.unwrap_or_default(),
    };
    let event = v1::Event { body: Some(Body::Attestation(attestation)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
