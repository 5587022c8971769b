// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose …`: a member puts a decision before the council. What can be known from the state is
//! filled in: the version that is amended, the last entry of a key, what a challenge is about.

pub(crate) mod fork;
pub(crate) mod key;
mod member;
mod plan;
pub(crate) mod redact;
mod rules;
mod ruling;

use clap::{Args, Subcommand};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use super::{Caller, Ended, text_in};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk::Desk;
use crate::evidence;
use crate::failure::Failure;
use crate::signing::sign_or_prepare;

/// What to decide.
#[derive(Debug, Subcommand)]
pub(crate) enum ProposeCommand {
    AdmitMember(Box<member::AdmitArgs>),
    RetireMember(member::RetireArgs),
    GrantKey(key::GrantArgs),
    RevokeKey(key::RevokeArgs),
    AmendPlan(plan::AmendPlanArgs),
    AmendRules(rules::AmendRulesArgs),
    Succession(member::SuccessionArgs),
    ResolveFork(fork::ResolveArgs),
    Redact(redact::RedactArgs),
    AdoptReview(ruling::AdoptArgs),
    RaiseRulesVersion(rules::RaiseArgs),
    CloseChallenge(ruling::CloseChallengeArgs),
}

/// Options of every proposal.
#[derive(Clone, Debug, Args)]
pub(crate) struct ProposalArgs {
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    pub(crate) event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where something named does not exist, and what signing says.
pub(crate) async fn run(caller: &Caller, command: ProposeCommand) -> Ended {
    match command {
        ProposeCommand::AdmitMember(args) => member::admit(caller, *args).await,
        ProposeCommand::RetireMember(args) => member::retire(caller, args).await,
        ProposeCommand::GrantKey(args) => key::grant(caller, args).await,
        ProposeCommand::RevokeKey(args) => key::revoke(caller, args).await,
        ProposeCommand::AmendPlan(args) => plan::amend(caller, args).await,
        ProposeCommand::AmendRules(args) => rules::amend(caller, args).await,
        ProposeCommand::Succession(args) => member::succeed(caller, args).await,
        ProposeCommand::ResolveFork(args) => fork::resolve(caller, args).await,
        ProposeCommand::Redact(args) => redact::redact(caller, args).await,
        ProposeCommand::AdoptReview(args) => ruling::adopt(caller, args).await,
        ProposeCommand::RaiseRulesVersion(args) => rules::raise(caller, args).await,
        ProposeCommand::CloseChallenge(args) => ruling::close(caller, args).await,
    }
}

/// Signs the proposal, or writes it to a draft.
///
/// # Errors
/// What evidence and signing say.
pub(crate) async fn put_forward(
    caller: &Caller,
    desk: &Desk,
    args: &ProposalArgs,
    decision: Decision,
) -> Ended {
    let event = build(caller, desk, args, decision).await?;
    sign_or_prepare(caller, desk, &args.event, vec![event]).await
}

async fn build(
    caller: &Caller,
    desk: &Desk,
    args: &ProposalArgs,
    decision: Decision,
) -> Result<v1::Event, Failure> {
    let proposal = v1::Proposal {
        decision: Some(decision),
        reason: args.reason.clone().map(|text| text_in(caller.ui.lang, text)),
        evidence: evidence::collect(&caller.data, desk, &args.evidence.evidence).await?,
    };
    Ok(v1::Event { body: Some(Body::Proposal(proposal)), exercise: String::new() })
}
