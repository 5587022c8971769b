// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `council`: what is before the council, how the votes stand, who is missing, what became of it.

use clap::Args;
use constancia_ledger::event::governance::VoteChoice;
use constancia_ledger::event::name::Slug;
use constancia_ledger::state::{ProposalRecord, ProposalStatus, Standing, VoteRecord};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use serde_json::{Value, json};

use super::{Caller, Ended, FINE};
use crate::council::{Tally, find_proposal};
use crate::describe::decision::decision_line;
use crate::describe::{Wording, describe, json_word};
use crate::desk;
use crate::failure::Failure;
use crate::foresight::{Scene, find_idle, list_changes, list_keyless, list_warnings, needed};
use crate::json::to_json;
use crate::ledger_view::{LedgerView, tell_of_newer_rules};
use crate::moment;
use crate::reference::{self, list_names};
use crate::ui::{Tone, Ui};
use crate::words::{
    Lang, choices, council as words, events, foresight as foresight_words, void_reasons,
};

/// Options of looking at the council.
#[derive(Clone, Debug, Args)]
pub(crate) struct CouncilArgs {
    #[arg(value_name = "PROPOSAL", conflicts_with_all = ["open", "all"])]
    proposal: Option<String>,
    #[arg(long, group = "which")]
    open: bool,
    #[arg(long, group = "which")]
    all: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such proposal.
pub(crate) async fn run(caller: &Caller, args: CouncilArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read_known(&desk).await?;
    tell_of_newer_rules(ui, &view);
    let scene = Scene { lang: ui.lang, desk: &desk, view: &view, member: None };
    let names = list_names(&desk, &view).await?;
    if let Some(text) = &args.proposal {
        let found = reference::find(&desk, text, &["proposal"]).await?;
        let record = find_proposal(&view, &found.id)?;
        let name = names.get(&found.id).map(String::as_str);
        show_whole(ui, scene, (record, name)).await?;
        return Ok(FINE);
    }
    let wanted = |record: &&ProposalRecord| {
        let can_pass = record.status != ProposalStatus::Blocked;
        args.all || (record.status.is_unsettled() && (can_pass || !args.open))
    };
    let records: Vec<&ProposalRecord> = view.governance.proposals.iter().filter(wanted).collect();
    if ui.json {
        ui.answer_json(&council_json(&view, records.len()))?;
        for record in records {
            let proposal = view.proposal(&desk, &record.act.entry).await?;
            let idle = find_idle(scene, record, &proposal).await?;
            let name = names.get(&record.act.entry).map(String::as_str);
            ui.answer_json(&record_json((record, name), &proposal, idle))?;
        }
        return Ok(FINE);
    }
    show_council(ui, &view)?;
    for record in &records {
        ui.answer("")?;
        let proposal = view.proposal(&desk, &record.act.entry).await?;
        let name = names.get(&record.act.entry).map(String::as_str);
        let idle = find_idle(scene, record, &proposal).await?;
        show_record(ui, &view, (record, name), &proposal, idle.as_deref())?;
        if let Some(reason) = idle.filter(|_| record.status.is_unsettled()) {
            let text = foresight_words::would_be_void(ui.lang, &reason);
            ui.answer(&format!("  {}", ui.paint(Tone::Warning, &text)))?;
        }
    }
    if records.is_empty() {
        let nothing = if args.all { words::none_at_all } else { words::none_open };
        ui.answer("")?;
        ui.answer(&nothing(ui.lang))?;
    }
    Ok(FINE)
}

/// Seats, quorum and quotas, and which seats nobody can vote for.
fn show_council(ui: Ui, view: &LedgerView) -> Result<(), Failure> {
    let lang = ui.lang;
    let rules = view.governance_rules();
    let mut line = words::council_heading(lang, &rules.council.len(), &needed(&rules));
    for quota in &rules.class_quotas {
        let class = json_word("MemberClass", quota.class);
        let class = choices::choice(lang, "MemberClass", &class).to_owned();
        line = format!("{line}; {}", words::quota(lang, &class, &quota.members));
    }
    ui.answer(&ui.paint(Tone::Strong, &line))?;
    ui.answer(&format!("  {}", rules.council.join(", ")))?;
    let keyless = list_keyless(view).into_iter();
    let keyless: Vec<String> =
        keyless.map(|member| view.member_name(lang, member.slug.as_str())).collect();
    if !keyless.is_empty() {
        let line = words::keyless(lang, &keyless.join(", "));
        ui.answer(&format!("  {}", ui.paint(Tone::Warning, &line)))?;
    }
    Ok(())
}

/// A proposal in some lines.
fn show_record(
    ui: Ui,
    view: &LedgerView,
    (record, name): (&ProposalRecord, Option<&str>),
    proposal: &v1::Proposal,
    idle: Option<&str>,
) -> Result<(), Failure> {
    let lang = ui.lang;
    let status = words::status(lang, record.status.code());
    let line = decision_line(lang, proposal);
    let status = ui.paint(tone_of(&record.status), status);
    ui.answer(&format!("{}  {status}  {line}", record.act.entry.short()))?;
    let proposer = view.member_name(lang, record.act.member.as_str());
    let time = moment::to_text(record.act.effective_at.as_ms());
    ui.answer(&format!("  {}", words::proposed_by(lang, &proposer, &time)))?;
    if let Some(name) = name {
        ui.answer(&format!("  {}", words::named(lang, &name)))?;
    }
    if let Some(exercise) = &record.act.exercise {
        ui.answer(&format!("  {}", events::exercise_mark(lang, exercise)))?;
    }
    let tally = Tally::of(record);
    ui.answer(&format!("  {}", tally.in_words(lang)))?;
    for line in voters_in_words(lang, view, record) {
        ui.answer(&format!("  {line}"))?;
    }
    if record.status.is_unsettled()
        && let Some(names) = tally.outstanding_in_words(lang, view)
    {
        ui.answer(&format!("  {names}"))?;
    }
    if let Some(line) = status_in_words(lang, record, idle) {
        ui.answer(&format!("  {line}"))?;
    }
    Ok(())
}

/// Who voted how, as far as their votes count, and who has none.
fn voters_in_words(lang: Lang, view: &LedgerView, record: &ProposalRecord) -> Vec<String> {
    let voters = |choice: VoteChoice| {
        let counts = |slug: &&Slug| counted_choice(record, slug) == Some(choice);
        let voted = record.agreed.iter().chain(&record.not_agreed).filter(counts);
        let names: Vec<String> = voted.map(|slug| view.member_name(lang, slug.as_str())).collect();
        if names.is_empty() { None } else { Some(names.join(", ")) }
    };
    let mut lines = Vec::new();
    lines.extend(voters(VoteChoice::Yes).map(|names| words::agreed(lang, &names)));
    lines.extend(voters(VoteChoice::No).map(|names| words::against(lang, &names)));
    lines.extend(voters(VoteChoice::Abstain).map(|names| words::abstained(lang, &names)));
    if let Some(slug) = &record.recused {
        lines.push(words::recused_line(lang, &view.member_name(lang, slug.as_str())));
    }
    lines
}

/// How a member's vote counts: its first that does.
fn counted_choice(record: &ProposalRecord, slug: &Slug) -> Option<VoteChoice> {
    let counts = |vote: &&VoteRecord| {
        vote.act.member == *slug && matches!(vote.standing, Standing::Counted | Standing::Listed)
    };
    record.votes.iter().find(counts).map(|vote| vote.choice)
}

/// What became of it, or what is to be done. `idle`: why it changes nothing although it passed.
fn status_in_words(lang: Lang, record: &ProposalRecord, idle: Option<&str>) -> Option<String> {
    Some(match &record.status {
        ProposalStatus::Open => return None,
        ProposalStatus::Ready => words::ready_line(lang, &record.act.entry.short()),
        ProposalStatus::Blocked => words::blocked_line(lang),
        ProposalStatus::Withdrawn { by } => words::withdrawn_line(lang, &by.short()),
        ProposalStatus::Passed { at } => match idle {
            Some(reason) => words::passed_void_line(lang, &at.short(), &reason),
            None => words::passed_line(lang, &at.short()),
        },
        ProposalStatus::PassedVoid { at, reason } => {
            let reason = void_reasons::void_reason(lang, reason.code());
            words::passed_void_line(lang, &at.short(), &reason)
        }
        ProposalStatus::Void => words::void_line(lang),
    })
}

const fn tone_of(status: &ProposalStatus) -> Tone {
    match status {
        ProposalStatus::Open => Tone::Strong,
        ProposalStatus::Passed { .. } => Tone::Good,
        ProposalStatus::Ready | ProposalStatus::Blocked | ProposalStatus::Withdrawn { .. } => {
            Tone::Warning
        }
        ProposalStatus::PassedVoid { .. } | ProposalStatus::Void => Tone::Bad,
    }
}

/// A proposal with everything that was signed, its votes, and what it would change.
async fn show_whole(
    ui: Ui,
    scene: Scene<'_>,
    (record, name): (&ProposalRecord, Option<&str>),
) -> Result<(), Failure> {
    let (lang, view) = (scene.lang, scene.view);
    let proposal = view.proposal(scene.desk, &record.act.entry).await?;
    let idle = find_idle(scene, record, &proposal).await?;
    if ui.json {
        return ui.answer_json(&record_json((record, name), &proposal, idle));
    }
    show_record(ui, view, (record, name), &proposal, idle.as_deref())?;
    ui.answer("")?;
    let exercise = record.act.exercise.clone().unwrap_or_default();
    let event = v1::Event { body: Some(Body::Proposal(proposal.clone())), exercise };
    let wording = Wording { lang, plan: Some(&view.plan), figures: None };
    ui.answer_lines(&describe(wording, &event))?;
    // What would follow under rules that this program does not know, nobody can tell here.
    let may_pass = matches!(record.status, ProposalStatus::Open | ProposalStatus::Ready);
    if may_pass && view.newer.is_none() {
        ui.answer("")?;
        ui.answer(&ui.paint(Tone::Strong, &words::if_it_passes(lang)))?;
        let lines = if let Some(reason) = idle {
            vec![foresight_words::without_effect(lang, &reason)]
        } else {
            let mut lines = list_changes(scene, &proposal).await?;
            lines.extend(list_warnings(scene, Some(&record.act.entry), &proposal).await?);
            lines
        };
        for line in lines {
            ui.answer(&format!("  {line}"))?;
        }
    }
    if !record.votes.is_empty() {
        ui.answer("")?;
        ui.answer(&ui.paint(Tone::Strong, &words::votes_heading(lang)))?;
    }
    for vote in &record.votes {
        let time = moment::to_text(vote.act.effective_at.as_ms());
        let member = view.member_name(lang, vote.act.member.as_str());
        let choice = choices::choice(lang, "VoteChoice", vote.choice.as_str());
        let entry = vote.act.entry.short();
        let mut line = words::vote_line(lang, &time, &member, &choice, &entry);
        if let Standing::Void { reason } = &vote.standing {
            let reason = void_reasons::void_reason(lang, reason.code());
            let mark = words::vote_void(lang, &reason);
            line = format!("{line} {}", ui.paint(Tone::Bad, &mark));
        }
        ui.answer(&format!("  {line}"))?;
    }
    Ok(())
}

/// Seats, quorum and quotas for programs, and how many proposals follow.
fn council_json(view: &LedgerView, proposals: usize) -> Value {
    let rules = view.governance_rules();
    let keyless = list_keyless(view).into_iter().map(|member| member.slug.to_string());
    json!({
        "council": rules.council,
        "seats": rules.council.len(),
        "quorum": rules.quorum,
        "needed": needed(&rules),
        "without_key": keyless.collect::<Vec<String>>(),
        "class_quotas": view.governance.rules.get("class_quotas").unwrap_or(&json!([])),
        "rules": view.governance.rules,
        "rules_set_by": view.governance.rules_set_by.to_string(),
        "proposals": proposals,
    })
}

/// What the state says, with what was signed and why it would have no effect now.
fn record_json(
    (record, name): (&ProposalRecord, Option<&str>),
    proposal: &v1::Proposal,
    idle: Option<String>,
) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("proposal".to_owned(), json!(record.act.entry.to_string()));
        fields.insert("name".to_owned(), json!(name));
        fields.insert("content".to_owned(), to_json("Proposal", proposal));
        fields.extend(idle.map(|reason| ("without_effect".to_owned(), json!(reason))));
    }
    value
}
