// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What became of a proposal after a signature: whether it passed, what is missing, what to do next.

use constancia_ledger::id::EntryId;
use constancia_ledger::state::{ProposalRecord, ProposalStatus};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use serde_json::{Value, json};

use crate::arguments::SigningArgs;
use crate::command::{Caller, Ended, FINE, id_bytes};
use crate::council::Tally;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::foresight::{Scene, find_idle};
use crate::ledger_view::{LedgerView, tell_of_newer_rules};
use crate::signing::sign;
use crate::ui::{Tone, Ui};
use crate::words::{council as words, void_reasons};

/// Shows where each proposal stands that was signed, voted on, enacted or taken back.
///
/// # Errors
/// Where the ledger cannot be read.
pub(crate) async fn show(
    caller: &Caller,
    desk: &Desk,
    events: &[v1::Event],
    entries: &[EntryId],
) -> Result<(), Failure> {
    let named = list_proposals(events, entries);
    if named.is_empty() {
        return Ok(());
    }
    let view = LedgerView::read_known(desk).await?;
    let scene = Scene { lang: caller.ui.lang, desk, view: &view, member: None };
    // Where newer rules apply, only of the decision for them it is known here what became of it.
    let is_known = |record: &&ProposalRecord| {
        let newer = view.newer.as_ref();
        newer.is_none_or(|newer| newer.proposal == record.act.entry.as_bytes().as_slice())
    };
    for id in named {
        let record = view.governance.proposals.iter().find(|record| record.act.entry == id);
        if let Some(record) = record.filter(is_known) {
            show_one(caller.ui, scene, record).await?;
        }
    }
    tell_of_newer_rules(caller.ui, &view);
    Ok(())
}

/// Offers to enact what a vote has made ready.
///
/// # Errors
/// What signing says.
pub(crate) async fn offer_enactment(
    caller: &Caller,
    desk: &Desk,
    args: &SigningArgs,
    events: &[v1::Event],
) -> Ended {
    let ui = caller.ui;
    if ui.json || args.yes || !ui.can_ask() {
        return Ok(FINE);
    }
    let view = LedgerView::read_known(desk).await?;
    if view.newer.is_some() {
        return Ok(FINE);
    }
    for id in list_proposals(events, &[]) {
        let mut records = view.governance.proposals.iter();
        let is_ready =
            records.any(|record| record.act.entry == id && record.status == ProposalStatus::Ready);
        if is_ready && ui.confirm(&words::offer_enact(ui.lang, &id.short()))? {
            let enact = v1::Enact { proposal: id_bytes(id) };
            let event = v1::Event { body: Some(Body::Enact(enact)), exercise: String::new() };
            sign(caller, desk, args, &[event]).await?;
        }
    }
    Ok(FINE)
}

/// The proposals that events are or name.
fn list_proposals(events: &[v1::Event], entries: &[EntryId]) -> Vec<EntryId> {
    let mut named = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let id = match &event.body {
            Some(Body::Proposal(_)) => entries.get(place).copied(),
            Some(Body::Vote(vote)) => EntryId::from_slice(&vote.proposal),
            Some(Body::Enact(enact)) => EntryId::from_slice(&enact.proposal),
            Some(Body::ProposalWithdrawn(withdrawn)) => EntryId::from_slice(&withdrawn.proposal),
            Some(_) | None => None,
        };
        named.extend(id.filter(|id| !named.contains(id)));
    }
    named
}

async fn show_one(ui: Ui, scene: Scene<'_>, record: &ProposalRecord) -> Result<(), Failure> {
    let (lang, view) = (scene.lang, scene.view);
    let id = record.act.entry.short();
    let idle = if matches!(record.status, ProposalStatus::Passed { .. }) {
        let proposal = view.proposal(scene.desk, &record.act.entry).await?;
        find_idle(scene, record, &proposal).await?
    } else {
        None
    };
    if ui.json {
        let mut value = json!({
            "proposal": record.act.entry.to_string(),
            "status": record.status.code(),
        });
        if let (Value::Object(fields), Some(reason)) = (&mut value, idle) {
            fields.insert("without_effect".to_owned(), json!(reason));
        }
        return ui.answer_json(&value);
    }
    let (tone, text) = match &record.status {
        ProposalStatus::Open => {
            let tally = Tally::of(record);
            let mut text = tally.in_words(lang);
            if let Some(names) = tally.outstanding_in_words(lang, view) {
                text = format!("{text}; {names}");
            }
            (Tone::Strong, words::outcome_open(lang, &id, &text))
        }
        ProposalStatus::Ready => (Tone::Warning, words::outcome_ready(lang, &id)),
        ProposalStatus::Blocked => (Tone::Warning, words::outcome_blocked(lang, &id)),
        ProposalStatus::Withdrawn { .. } => (Tone::Strong, words::outcome_withdrawn(lang, &id)),
        ProposalStatus::Passed { .. } => match idle {
            Some(reason) => (Tone::Bad, words::outcome_passed_void(lang, &id, &reason)),
            None => (Tone::Good, words::outcome_passed(lang, &id)),
        },
        ProposalStatus::PassedVoid { reason, .. } => {
            let reason = void_reasons::void_reason(lang, reason.code());
            (Tone::Bad, words::outcome_passed_void(lang, &id, &reason))
        }
        ProposalStatus::Void => (Tone::Bad, words::outcome_void(lang, &id)),
    };
    ui.answer(&ui.paint(tone, &text))
}
