// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose redact`, which is also `redact`: a payload is dropped for a legal reason.

use clap::Args;
use constancia_ledger::event::source::SourceKind;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use super::{ProposalArgs, put_forward};
use crate::command::{Caller, Ended, STATEMENTS};
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::ledger_view::event_of;
use crate::reference::{self, report_of};

/// Options of a redaction.
#[derive(Clone, Debug, Args)]
pub(crate) struct RedactArgs {
    #[arg(value_name = "ENTRY")]
    entry: String,
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts a redaction before the council.
///
/// # Errors
/// Where there is no such entry, and what signing says.
pub(crate) async fn redact(caller: &Caller, args: RedactArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let digits = reference::to_digits(&desk, &args.entry, STATEMENTS).await?;
    let entry = desk.get_entry(&digits).await?;
    let about = find_subject(&desk, &entry).await?;
    let (indicator, period) = about.unwrap_or_default();
    let redaction = v1::Redact {
        entry: entry.id,
        ground: Some(v1::Source {
            kind: SourceKind::Published.number(),
            citation: args.ground,
            url: args.url.unwrap_or_default(),
            ..v1::Source::default()
        }),
        indicator,
        period,
    };
    put_forward(caller, &desk, &args.proposal, Decision::Redact(redaction)).await
}

/// The indicator and period that an entry is about, directly or by the statement that it names.
async fn find_subject(
    desk: &Desk,
    entry: &v1::EntryView,
) -> Result<Option<(String, Option<v1::Period>)>, Failure> {
    let mut next = event_of(entry).and_then(|event| event.body);
    // A response names a challenge, which names a report: no chain is longer.
    for _ in 0..=2 {
        let Some(body) = next else {
            return Ok(None);
        };
        if let Some(report) = report_of(&body) {
            return Ok(Some((report.indicator.clone(), report.period.clone())));
        }
        let named = match &body {
            Body::Withdrawal(withdrawal) => &withdrawal.report,
            Body::Attestation(attestation) => &attestation.report,
            Body::Challenge(challenge) => &challenge.report,
            Body::Response(response) => &response.challenge,
            Body::Close(close) => &close.challenge,
            Body::Report(_)
            | Body::Correction(_)
            | Body::Charter(_)
            | Body::Acceptance(_)
            | Body::Proposal(_)
            | Body::Vote(_)
            | Body::Enact(_)
            | Body::KeyRetired(_)
            | Body::ProposalWithdrawn(_)
            | Body::Acknowledge(_)
            | Body::Budget(_)
            | Body::Consultation(_)
            | Body::ConsultationSignOff(_)
            | Body::Review(_)
            | Body::Recommendation(_)
            | Body::RecommendationResponse(_)
            | Body::Agreement(_) => return Ok(None),
        };
        let view = desk.get_entry(&hex::encode(named)).await?;
        next = event_of(&view).and_then(|event| event.body);
    }
    Ok(None)
}
