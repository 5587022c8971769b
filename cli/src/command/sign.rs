// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `sign DRAFT`: whoever answers for the figures signs what somebody else prepared.

use std::path::PathBuf;

use clap::Args;
use constancia_ledger::event::ParsedEvent;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended};
use crate::arguments::SigningArgs;
use crate::desk::{self, Desk};
use crate::draft;
use crate::failure::Failure;
use crate::ledger_view::event_of;
use crate::reference::Named;
use crate::signing::place::SigningError;
use crate::words::signing as words;

/// Options of a signature.
#[derive(Clone, Debug, Args)]
pub(crate) struct SignArgs {
    #[arg(value_name = "DRAFT")]
    draft: PathBuf,
    #[command(flatten)]
    signing: SigningArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the draft is not right or for another ledger, and what signing says.
pub(crate) async fn run(caller: &Caller, args: SignArgs) -> Ended {
    let ui = caller.ui;
    let draft = draft::read(&args.draft)?;
    let desk = desk::open(caller).await?;
    let status = desk.get_status().await?;
    if status.ledger_id != draft.ledger.as_bytes().as_slice() {
        return Err(other_ledger(&draft, &status.ledger_id));
    }
    ui.notice(&words::draft_read(
        ui.lang,
        &args.draft.display(),
        &draft.prepared_at,
        &draft.events.len(),
    ));
    for event in &draft.events {
        show_what_it_names(caller, &desk, event).await?;
    }
    crate::signing::sign(caller, &desk, &args.signing, &draft.events).await
}

/// Shows the entries that an event names, in words: whoever signs a withdrawal or a challenge sees
/// of what. What is not held here is refused later, by its id.
async fn show_what_it_names(
    caller: &Caller,
    desk: &Desk,
    event: &v1::Event,
) -> Result<(), Failure> {
    let names = ParsedEvent::try_from(event.clone()).map(|event| event.body.names());
    for id in names.unwrap_or_default() {
        let entry = match desk.get_entry(&id.to_string()).await {
            Ok(entry) => entry,
            Err(failure) if failure.code() == "request.no_entry" => continue,
            Err(failure) => return Err(failure),
        };
        let body = event_of(&entry).and_then(|event| event.body);
        if let Some(body) = body.filter(|body| !matches!(body, Body::Charter(_))) {
            super::show_named(caller, &Named { id, member: entry.member, body });
        }
    }
    Ok(())
}

fn other_ledger(draft: &draft::DraftFile, here: &[u8]) -> Failure {
    match constancia_ledger::id::LedgerId::from_slice(here) {
        Some(here) => SigningError::OtherLedger {
            draft: draft.ledger,
            draft_name: draft.ledger_name.clone(),
            here,
        }
        .into(),
        None => crate::signing::place::bad_context(),
    }
}
