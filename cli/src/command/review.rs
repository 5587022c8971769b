// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `review`: a member writes a review of the plan, which the council may make its own.

use clap::Args;
use constancia_ledger::event::Period;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, text_in};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::evidence;
use crate::signing::sign_or_prepare;
use crate::table::options::OptionError;

/// Options of a review.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReviewArgs {
    #[arg(long, value_name = "PERIOD")]
    period: String,
    #[arg(long, value_name = "TEXT")]
    title: String,
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the period is none, and what signing says.
pub(crate) async fn run(caller: &Caller, args: ReviewArgs) -> Ended {
    let lang = caller.ui.lang;
    let period = match args.period.parse::<Period>() {
        Ok(period) => v1::Period { text: period.to_string() },
        Err(error) => return Err(OptionError::Value { option: "--period", error }.into()),
    };
    let desk = desk::open(caller).await?;
    let review = v1::Review {
        period: Some(period),
        title: Some(text_in(lang, args.title)),
        summary: args.summary.map(|text| text_in(lang, text)),
        evidence: evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?,
    };
    let event = v1::Event { body: Some(Body::Review(review)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
