// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `vote`, `enact` and `withdraw-proposal`: what the council's members do with a proposal.

use clap::Args;
use constancia_ledger::event::governance::VoteChoice;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, id_bytes, text_in};
use crate::arguments::EventArgs;
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::reference;
use crate::signing::outcome::offer_enactment;
use crate::signing::sign_or_prepare;
use crate::table::options::parse_choice;

/// Options of a vote.
#[derive(Clone, Debug, Args)]
pub(crate) struct VoteArgs {
    #[arg(value_name = "PROPOSAL")]
    proposal: String,
    #[arg(value_name = "VOTE")]
    choice: String,
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    event: EventArgs,
}

/// Options of an enactment.
#[derive(Clone, Debug, Args)]
pub(crate) struct EnactArgs {
    #[arg(value_name = "PROPOSAL")]
    proposal: String,
    #[command(flatten)]
    event: EventArgs,
}

/// Options of taking a proposal back.
#[derive(Clone, Debug, Args)]
pub(crate) struct WithdrawProposalArgs {
    #[arg(value_name = "PROPOSAL")]
    proposal: String,
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    event: EventArgs,
}

/// Votes, and offers to enact where the votes are then there but none has seen the others.
///
/// # Errors
/// Where a vote would have no effect, and what signing says.
pub(crate) async fn vote(caller: &Caller, args: VoteArgs) -> Ended {
    let lang = caller.ui.lang;
    let word = fold_choice(&args.choice);
    let choice = parse_choice(lang, "VOTE", "VoteChoice", word)?;
    let desk = desk::open(caller).await?;
    let vote = v1::Vote {
        proposal: id_bytes(find(&desk, &args.proposal).await?),
        choice: VoteChoice::from_text(choice).map_or(0, VoteChoice::number),
        reason: args.reason.map(|text| text_in(lang, text)),
    };
    let event = v1::Event { body: Some(Body::Vote(vote)), exercise: String::new() };
    let ended = sign_or_prepare(caller, &desk, &args.event, vec![event.clone()]).await?;
    if args.event.prepare.is_none() {
        offer_enactment(caller, &desk, &args.event.signing, &[event]).await?;
    }
    Ok(ended)
}

/// Completes a decision whose votes were cast side by side.
///
/// # Errors
/// Where votes are missing, and what signing says.
pub(crate) async fn enact(caller: &Caller, args: EnactArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let enact = v1::Enact { proposal: id_bytes(find(&desk, &args.proposal).await?) };
    let event = v1::Event { body: Some(Body::Enact(enact)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}

/// Takes a proposal back.
///
/// # Errors
/// Where it is another member's or settled, and what signing says.
pub(crate) async fn withdraw(caller: &Caller, args: WithdrawProposalArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let withdrawn = v1::ProposalWithdrawn {
        proposal: id_bytes(find(&desk, &args.proposal).await?),
        reason: args.reason,
    };
    let body = Some(Body::ProposalWithdrawn(withdrawn));
    let event = v1::Event { body, exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}

async fn find(desk: &Desk, proposal: &str) -> Result<EntryId, Failure> {
    Ok(reference::find(desk, proposal, &["proposal"]).await?.id)
}

/// `sí` and `si` are what people write for `a favor`.
fn fold_choice(text: &str) -> &str {
    match text.trim().to_lowercase().as_str() {
        "sí" | "si" | "s" | "y" => "yes",
        "n" => "no",
        _ => text,
    }
}
