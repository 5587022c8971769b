// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `accept`: a member takes part under the charter.

use clap::Args;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended};
use crate::arguments::EventArgs;
use crate::desk;
use crate::signing::sign_or_prepare;

/// Options of an acceptance.
#[derive(Clone, Debug, Args)]
pub(crate) struct AcceptArgs {
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// What signing says.
pub(crate) async fn run(caller: &Caller, args: AcceptArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let status = desk.get_status().await?;
    let acceptance = v1::Acceptance {
        charter: status.ledger_id,
        note: args.note.map(|note| super::text_in(caller.ui.lang, note)),
    };
    let event = v1::Event { body: Some(Body::Acceptance(acceptance)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}
