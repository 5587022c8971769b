// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What goes with a redacted payload: what others said of it, and what the council has before itself
//! about that.

use std::collections::BTreeSet;

use constancia_ledger::entry::Kind;
use constancia_ledger::event::{Event, ParsedEvent};
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use super::decision::short;
use super::{Scene, list_some, name_and_summary};
use crate::describe::Wording;
use crate::describe::decision::decision_line;
use crate::describe::line::summarize;
use crate::failure::Failure;
use crate::ledger_view::{event_of, find_challenge};
use crate::signing::place::event_name;
use crate::words::{consequences, events, foresight as words};

/// An entry that becomes void.
struct Lost {
    is_challenge: bool,
    line: String,
}

/// What a redaction takes away.
///
/// # Errors
/// Where the ledger cannot be read.
pub(super) async fn list_redaction(
    scene: Scene<'_>,
    redaction: &v1::Redact,
) -> Result<Vec<String>, Failure> {
    let lang = scene.lang;
    let id = EntryId::from_slice(&redaction.entry).map_or_else(String::new, |id| id.to_string());
    let entry = scene.desk.get_entry(&id).await?;
    let (name, summary) = name_and_summary(scene, &entry);
    let member = scene.view.member_name(lang, &entry.member);
    let mut lines = vec![
        words::payload_dropped(lang, &name, &short(&redaction.entry), &member, &summary),
        words::payload_gone(lang),
    ];
    let mut gone: BTreeSet<EntryId> = EntryId::from_slice(&redaction.entry).into_iter().collect();
    let lost = list_lost(scene, &entry, &mut gone).await?;
    if !lost.is_empty() {
        lines.push(consequences::statements_void(lang, &lost.len()));
        lines.extend(list_some(lang, lost.iter().map(|lost| &lost.line)));
    }
    lines.extend(list_idle_proposals(scene, &gone).await?);
    Ok(lines)
}

/// R30 and R8: what names the entry, but for its author's own corrections, and what names that;
/// challenges first. Their ids join `gone`.
async fn list_lost(
    scene: Scene<'_>,
    redacted: &v1::EntryView,
    gone: &mut BTreeSet<EntryId>,
) -> Result<Vec<Lost>, Failure> {
    let lang = scene.lang;
    let wording = Wording { lang, plan: Some(&scene.view.plan), figures: None };
    let state = scene.view.state(scene.desk).await?;
    let mut lost = Vec::new();
    // In the ledger's order: whatever names an entry stands after it.
    scene
        .desk
        .list_entries(v1::ListEntriesRequest::default(), &mut |view| {
            let counts = ["counted", "listed"].contains(&view.standing.as_str());
            let (Some(id), Some(event)) = (EntryId::from_slice(&view.id), event_of(&view)) else {
                return Ok(());
            };
            if !counts || is_governance(&event) || !is_lost(&view, &event, redacted, gone) {
                return Ok(());
            }
            gone.insert(id);
            let name = events::event(lang, event_name(&event));
            let member = scene.view.member_name(lang, &view.member);
            let line = format!("{name} {} {member}: {}", id.short(), summarize(wording, &event));
            let is_challenge = matches!(event.body, Some(Body::Challenge(_)));
            let is_open = find_challenge(state, &id).is_some_and(|it| !it.standing.is_closed());
            let line = if is_open { consequences::challenge_void(lang, &line) } else { line };
            lost.push(Lost { is_challenge, line });
            Ok(())
        })
        .await?;
    lost.sort_by_key(|lost| !lost.is_challenge);
    Ok(lost)
}

/// What the council decides stands: only what cannot be decided any more is told of, apart.
fn is_governance(event: &v1::Event) -> bool {
    event.body.as_ref().is_some_and(|body| Event::name_and_kind(body).1 == Kind::Governance)
}

fn is_lost(
    view: &v1::EntryView,
    event: &v1::Event,
    redacted: &v1::EntryView,
    gone: &BTreeSet<EntryId>,
) -> bool {
    let Ok(parsed) = ParsedEvent::try_from(event.clone()) else {
        return false;
    };
    let named: Vec<EntryId> =
        parsed.body.names().into_iter().filter(|named| gone.contains(named)).collect();
    let is_own_correction = matches!(parsed.body, Event::Correction(_))
        && view.member == redacted.member
        && named.iter().all(|named| redacted.id == named.as_bytes().as_slice());
    !named.is_empty() && !is_own_correction
}

/// Proposals before the council about what is gone.
async fn list_idle_proposals(
    scene: Scene<'_>,
    gone: &BTreeSet<EntryId>,
) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for record in &scene.view.governance.proposals {
        if !record.status.is_unsettled() {
            continue;
        }
        let proposal = scene.view.proposal(scene.desk, &record.act.entry).await?;
        let about: Vec<&[u8]> = match &proposal.decision {
            Some(Decision::CloseChallenge(ruling)) => vec![&ruling.challenge, &ruling.report],
            Some(Decision::AdoptReview(adoption)) => vec![&adoption.review],
            Some(_) | None => Vec::new(),
        };
        if about.into_iter().filter_map(EntryId::from_slice).any(|id| gone.contains(&id)) {
            let line = decision_line(scene.lang, &proposal);
            let id = record.act.entry.short();
            lines.push(consequences::proposal_idle(scene.lang, &id, &line));
        }
    }
    Ok(lines)
}
