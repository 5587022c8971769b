// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose close-challenge` and `adopt-review`: what the council says of what others signed.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use super::{ProposalArgs, put_forward};
use crate::command::{Caller, Ended, id_bytes, show_named};
use crate::desk;
use crate::ledger_view::BadAnswer;
use crate::reference;

/// Options of a ruling.
#[derive(Clone, Debug, Args)]
pub(crate) struct CloseChallengeArgs {
    #[arg(value_name = "CHALLENGE")]
    challenge: String,
    #[command(flatten)]
    ruling: RulingArgs,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// What the council would say.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct RulingArgs {
    #[arg(long)]
    upheld: bool,
    #[arg(long)]
    not_upheld: bool,
}

/// Options of an adoption.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdoptArgs {
    #[arg(value_name = "ENTRY")]
    review: String,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts a ruling before the council.
///
/// # Errors
/// Where the entry is no challenge, and what signing says.
pub(crate) async fn close(caller: &Caller, args: CloseChallengeArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.challenge, &["challenge"]).await?;
    show_named(caller, &named);
    let Body::Challenge(challenge) = &named.body else {
        return Err(BadAnswer { what: "challenge" }.into());
    };
    let report = challenge.report.clone();
    let upheld = args.ruling.upheld;
    let ruling = v1::CloseChallenge { challenge: id_bytes(named.id), upheld, report };
    put_forward(caller, &desk, &args.proposal, Decision::CloseChallenge(ruling)).await
}

/// Puts the adoption of a review before the council.
///
/// # Errors
/// Where the entry is no review, and what signing says.
pub(crate) async fn adopt(caller: &Caller, args: AdoptArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let named = reference::find(&desk, &args.review, &["review"]).await?;
    show_named(caller, &named);
    let decision = Decision::AdoptReview(v1::AdoptReview { review: id_bytes(named.id) });
    put_forward(caller, &desk, &args.proposal, decision).await
}
