// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a signature changes, in words, before it is made: of a vote whether it decides, of a decision
//! what follows from it, of the end of a key what becomes void.
//!
//! A forecast by what is held now. A vote that could have no effect is refused; a decision that
//! would have none is shown with the reason, for it may have one later.

mod decision;
mod idle;
mod keys;
mod plan;
mod redaction;
mod rules;
mod seats;

use std::fmt::Display;

use bytes::Bytes;
use constancia_ledger::event::governance::VoteChoice;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::{ProposalRecord, ProposalStatus};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::preview_decision_request::What;

use crate::council::{
    CouncilError, Tally, check_first_vote, check_right, check_unsettled, find_proposal,
};
use crate::describe::decision::decision_line;
use crate::describe::line::summarize;
use crate::describe::{Wording, describe};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::ledger_view::{BadAnswer, LedgerView, event_of};
use crate::moment;
use crate::reference::key::find_granted;
use crate::reference::report_of;
use crate::signing::place::event_name;
use crate::words::{Lang, events, foresight as words, void_reasons};

pub(crate) use decision::list_changes;
pub(crate) use idle::list_warnings;
pub(crate) use seats::{list_keyless, needed};

/// Indentation of what belongs to the line above.
const INDENT: &str = "  ";

/// Entries that are shown one by one; of more their number is said.
const SHOWN_MAX: usize = 10;

/// Where a forecast is made.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The language.
    pub(crate) lang: Lang,
    /// Whoever holds the store.
    pub(crate) desk: &'a Desk,
    /// The ledger as it stands.
    pub(crate) view: &'a LedgerView,
    /// Who signs; none where that is not known yet.
    pub(crate) member: Option<&'a str>,
}

/// What follows from a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Foresight {
    /// What changes.
    pub(crate) lines: Vec<String>,
    /// What whoever signs should think about.
    pub(crate) warnings: Vec<String>,
}

/// What follows from an event, if it is signed now.
///
/// # Errors
/// Where it would have no effect: [`CouncilError`].
pub(crate) async fn foresee(scene: Scene<'_>, event: &v1::Event) -> Result<Foresight, Failure> {
    let Some(body) = &event.body else {
        return Ok(Foresight::default());
    };
    match body {
        Body::Proposal(proposal) => foresee_proposal(scene, proposal).await,
        Body::Vote(vote) => foresee_vote(scene, vote).await,
        Body::Enact(enact) => foresee_enactment(scene, &enact.proposal).await,
        Body::ProposalWithdrawn(withdrawn) => foresee_withdrawal(scene, &withdrawn.proposal).await,
        Body::KeyRetired(retired) => {
            let Some(key) = PublicKey::from_slice(&retired.key) else {
                return Err(BadAnswer { what: "key" }.into());
            };
            keys::check_retirement(scene, &key)?;
            let mut lines = keys::list_retirement(scene, &key);
            let silenced = seats::list_silenced(scene, &key);
            let standstill = match silenced.as_slice() {
                [] => None,
                [_, ..] => seats::find_standstill(scene, &key),
            };
            lines.extend(silenced);
            Ok(Foresight { lines, warnings: standstill.into_iter().collect() })
        }
        Body::Report(_) | Body::Correction(_) => Ok(foresee_report(scene, body)),
        Body::Charter(_)
        | Body::Acceptance(_)
        | Body::Acknowledge(_)
        | Body::Withdrawal(_)
        | Body::Attestation(_)
        | Body::Challenge(_)
        | Body::Response(_)
        | Body::Close(_)
        | Body::Budget(_)
        | Body::Consultation(_)
        | Body::ConsultationSignOff(_)
        | Body::Review(_)
        | Body::Recommendation(_)
        | Body::RecommendationResponse(_)
        | Body::Agreement(_) => Ok(Foresight::default()),
    }
}

async fn foresee_proposal(scene: Scene<'_>, proposal: &v1::Proposal) -> Result<Foresight, Failure> {
    let mut lines = vec![words::if_it_passes(scene.lang)];
    let mut warnings = Vec::new();
    if let Some(reason) = find_flaw(scene, None, proposal).await? {
        lines.extend(indent(vec![words::without_effect(scene.lang, &reason)]));
        warnings.push(words::would_be_void(scene.lang, &reason));
    } else {
        lines.extend(indent(list_changes(scene, proposal).await?));
        warnings.extend(list_warnings(scene, None, proposal).await?);
    }
    Ok(Foresight { lines, warnings })
}

async fn foresee_vote(scene: Scene<'_>, vote: &v1::Vote) -> Result<Foresight, Failure> {
    let (lang, view) = (scene.lang, scene.view);
    let id = entry_id(&vote.proposal)?;
    let record = find_proposal(view, &id)?;
    check_unsettled(record)?;
    let choice = [VoteChoice::Yes, VoteChoice::No, VoteChoice::Abstain]
        .into_iter()
        .find(|choice| choice.number() == vote.choice);
    let tally = match (scene.member, choice) {
        (Some(member), Some(choice)) => {
            check_right(view, record, member)?;
            check_first_vote(record, member)?;
            Some(Tally::of(record).with(view, member, choice))
        }
        (None, _) | (_, None) => None,
    };
    let proposal = scene.view.proposal(scene.desk, &id).await?;
    let mut lines = about_lines(scene, record, &proposal);
    if record.status == ProposalStatus::Blocked {
        let tally = tally.unwrap_or_else(|| Tally::of(record));
        lines.push(words::vote_on_blocked(lang, &tally.in_words(lang)));
        return Ok(Foresight { lines, warnings: Vec::new() });
    }
    let Some(tally) = tally else {
        lines.push(Tally::of(record).in_words(lang));
        return foresee_effect(scene, &id, &proposal, lines, Course::Open).await;
    };
    if tally.is_complete() {
        lines.push(words::vote_passes(lang));
        return foresee_effect(scene, &id, &proposal, lines, Course::Passes).await;
    }
    if tally.can_pass(view) {
        lines.push(words::vote_leaves_open(lang, &tally.in_words(lang)));
        lines.extend(tally.outstanding_in_words(lang, view));
        return foresee_effect(scene, &id, &proposal, lines, Course::Open).await;
    }
    lines.push(words::vote_blocks(lang, &tally.in_words(lang)));
    Ok(Foresight { lines, warnings: Vec::new() })
}

async fn foresee_enactment(scene: Scene<'_>, proposal: &[u8]) -> Result<Foresight, Failure> {
    let (lang, view) = (scene.lang, scene.view);
    let id = entry_id(proposal)?;
    let record = find_proposal(view, &id)?;
    check_unsettled(record)?;
    if let Some(member) = scene.member {
        check_right(view, record, member)?;
    }
    let tally = Tally::of(record);
    if !tally.is_complete() {
        let mut missing = tally.in_words(lang);
        if let Some(names) = tally.outstanding_in_words(lang, view) {
            missing = format!("{missing}; {names}");
        }
        let can_pass = tally.can_pass(view);
        return Err(CouncilError::QuorumNotMet { proposal: id, missing, can_pass }.into());
    }
    let proposal = scene.view.proposal(scene.desk, &id).await?;
    let mut lines = about_lines(scene, record, &proposal);
    lines.push(words::enactment_passes(lang));
    foresee_effect(scene, &id, &proposal, lines, Course::Passes).await
}

/// What a signature does for a proposal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// It passes.
    Passes,
    /// It does not pass yet, and may later.
    Open,
}

/// What follows from a proposal that passes, or from one that may. Whoever votes first decides over
/// the same matter as whoever votes last, and is shown as much.
async fn foresee_effect(
    scene: Scene<'_>,
    id: &EntryId,
    proposal: &v1::Proposal,
    mut lines: Vec<String>,
    course: Course,
) -> Result<Foresight, Failure> {
    let lang = scene.lang;
    if course == Course::Open {
        lines.push(words::if_it_passes(lang));
    }
    let mut warnings = Vec::new();
    if let Some(reason) = find_flaw(scene, Some(id), proposal).await? {
        lines.extend(indent(vec![words::without_effect(lang, &reason)]));
        warnings.push(match course {
            Course::Passes => words::passes_void(lang, &reason),
            Course::Open => words::would_be_void(lang, &reason),
        });
    } else {
        lines.extend(indent(list_changes(scene, proposal).await?));
        warnings.extend(list_warnings(scene, Some(id), proposal).await?);
    }
    Ok(Foresight { lines, warnings })
}

async fn foresee_withdrawal(scene: Scene<'_>, proposal: &[u8]) -> Result<Foresight, Failure> {
    let id = entry_id(proposal)?;
    let record = find_proposal(scene.view, &id)?;
    let proposer = record.act.member.as_str();
    check_unsettled(record)?;
    if scene.member.is_some_and(|member| member != proposer) {
        let proposer = proposer.to_owned();
        return Err(CouncilError::NotProposer { proposal: id, proposer }.into());
    }
    let proposal = scene.view.proposal(scene.desk, &id).await?;
    let lines = vec![about_line(scene, record, &proposal), words::withdrawal(scene.lang)];
    Ok(Foresight { lines, warnings: Vec::new() })
}

/// Which version of the plan the figures follow, where there is more than the charter's.
fn foresee_report(scene: Scene<'_>, body: &Body) -> Foresight {
    let (lang, view) = (scene.lang, scene.view);
    let version = report_of(body).and_then(|report| EntryId::from_slice(&report.plan_version));
    if view.versions.len() <= 1 && version.is_none() {
        return Foresight::default();
    }
    let Some(number) = view.version_number(version) else {
        return Foresight::default();
    };
    let since = number.checked_sub(1).and_then(|place| view.versions.get(place));
    let since = since.map_or_else(String::new, |version| {
        moment::to_day(version.record.effective_at.as_ms(), view.plan.utc_offset_minutes)
    });
    let line = words::follows_version(lang, &number, &view.versions.len(), &since);
    Foresight { lines: vec![line], warnings: Vec::new() }
}

/// The proposal that an event is about.
fn about_line(scene: Scene<'_>, record: &ProposalRecord, proposal: &v1::Proposal) -> String {
    let by = scene.view.member_name(scene.lang, record.act.member.as_str());
    let line = decision_line(scene.lang, proposal);
    words::about_proposal(scene.lang, &record.act.entry.short(), &by, &line)
}

/// The proposal that an event is about, with everything that was signed with it.
fn about_lines(scene: Scene<'_>, record: &ProposalRecord, proposal: &v1::Proposal) -> Vec<String> {
    let exercise = record.act.exercise.clone().unwrap_or_default();
    let event = v1::Event { body: Some(Body::Proposal(proposal.clone())), exercise };
    let wording = Wording { lang: scene.lang, plan: Some(&scene.view.plan), figures: None };
    let heading = events::event(scene.lang, event_name(&event)).to_uppercase();
    let mut lines = vec![about_line(scene, record, proposal)];
    lines.extend(describe(wording, &event).into_iter().filter(|line| *line != heading));
    lines
}

/// Why a proposal that may pass would have no effect if it did now, or one that has passed has none
/// although the ledger does not call it void, in words.
///
/// # Errors
/// Where the ledger cannot be read.
pub(crate) async fn find_idle(
    scene: Scene<'_>,
    record: &ProposalRecord,
    proposal: &v1::Proposal,
) -> Result<Option<String>, Failure> {
    // What follows under rules that this program does not know, nobody can tell here.
    if scene.view.newer.is_some() {
        return Ok(None);
    }
    let id = Some(&record.act.entry);
    match record.status {
        ProposalStatus::Open | ProposalStatus::Ready => find_flaw(scene, id, proposal).await,
        ProposalStatus::Passed { .. } => idle::find_spent(scene, id, proposal).await,
        ProposalStatus::Blocked
        | ProposalStatus::Withdrawn { .. }
        | ProposalStatus::PassedVoid { .. }
        | ProposalStatus::Void => Ok(None),
    }
}

/// Why a decision would have no effect if it passed now, in words. `id`: the proposal's, where it is
/// signed already.
///
/// # Errors
/// Where the ledger does not hold it.
async fn find_flaw(
    scene: Scene<'_>,
    id: Option<&EntryId>,
    proposal: &v1::Proposal,
) -> Result<Option<String>, Failure> {
    let what = match id {
        Some(id) => What::Proposal(Bytes::copy_from_slice(id.as_bytes())),
        None => What::Draft(proposal.clone()),
    };
    let reply = scene.desk.preview_decision(what).await?;
    if reply.void_reason.is_empty() {
        return idle::find_spent(scene, id, proposal).await;
    }
    let reason = void_reasons::void_reason(scene.lang, &reply.void_reason);
    Ok(Some(match EntryId::from_slice(&reply.void_by) {
        Some(by) => format!("{reason} ({})", by.short()),
        None => reason.to_owned(),
    }))
}

/// A key with its member, for people.
fn key_name(scene: Scene<'_>, key: &PublicKey) -> String {
    match find_granted(scene.view, key) {
        Some(granted) => {
            let slug = granted.member.slug.as_str();
            words::key_of(scene.lang, &key.short(), &scene.view.member_name(scene.lang, slug))
        }
        None => key.short(),
    }
}

fn entry_id(bytes: &[u8]) -> Result<EntryId, Failure> {
    EntryId::from_slice(bytes).ok_or_else(|| BadAnswer { what: "proposal" }.into())
}

/// The first of these lines, below the line above, and how many more there are.
fn list_some(lang: Lang, lines: impl ExactSizeIterator<Item: Display>) -> Vec<String> {
    let rest = lines.len().saturating_sub(SHOWN_MAX);
    let mut shown: Vec<String> =
        lines.take(SHOWN_MAX).map(|line| format!("{INDENT}{line}")).collect();
    if rest > 0 {
        shown.push(format!("{INDENT}{}", words::and_more(lang, &rest)));
    }
    shown
}

/// An entry's event in words, and what it says; of one that cannot be read, how it stands.
fn name_and_summary(scene: Scene<'_>, view: &v1::EntryView) -> (String, String) {
    let wording = Wording { lang: scene.lang, plan: Some(&scene.view.plan), figures: None };
    match event_of(view) {
        Some(event) => {
            let name = events::event(scene.lang, event_name(&event)).to_owned();
            (name, summarize(wording, &event))
        }
        None => (events::standing(scene.lang, &view.standing).to_owned(), String::new()),
    }
}

fn indent(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("{INDENT}{line}"))
}
