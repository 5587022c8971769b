// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `fork list | show | resolve`: keys with two entries in one place, what is held of each branch, and
//! the council's word on it.

use std::collections::BTreeSet;

use bytes::Bytes;
use clap::Subcommand;
use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::entry::fork::ForkProof;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::EndRecord;
use constancia_proto::v1;
use serde_json::json;

use super::proof::{proof_json, show_proof};
use super::propose::fork::{NoFork, ResolveArgs};
use super::show::entry_json;
use super::{Caller, Ended, FINE, propose};
use crate::describe::Wording;
use crate::describe::line::summarize;
use crate::desk;
use crate::failure::{EXIT_FINDING, Failure, OrTold as _};
use crate::ledger_view::{BadAnswer, LedgerView, event_of, tell_of_newer_rules};
use crate::reference::key::{find_granted, find_key};
use crate::signing::place::event_name;
use crate::ui::{Tone, Ui};
use crate::words::{events, forks as words};

/// What to do with forks.
#[derive(Debug, Subcommand)]
pub(crate) enum ForkCommand {
    List,
    Show {
        #[arg(value_name = "KEY")]
        which: String,
    },
    Resolve(ResolveArgs),
}

/// Runs the command; 1 where a fork is not settled.
///
/// # Errors
/// Where the key has not forked, and what signing says.
pub(crate) async fn run(caller: &Caller, command: ForkCommand) -> Ended {
    match command {
        ForkCommand::List => list(caller).await,
        ForkCommand::Show { which } => show(caller, &which).await,
        ForkCommand::Resolve(args) => propose::fork::resolve(caller, args).await,
    }
}

async fn list(caller: &Caller) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read_known(&desk).await?;
    tell_of_newer_rules(ui, &view);
    let forks = desk.list_forks(&[]).await?;
    let mut code = FINE;
    for fork in &forks {
        let resolution = find_resolution(&view, fork)?;
        if resolution.is_none() {
            code = EXIT_FINDING;
        }
        if ui.json {
            ui.answer_json(&fork_json(&view, fork, resolution)?)?;
        } else {
            show_line(ui, &view, fork, resolution)?;
        }
    }
    if forks.is_empty() {
        ui.notice(&words::no_forks(ui.lang));
    }
    Ok(code)
}

async fn show(caller: &Caller, which: &str) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read_known(&desk).await?;
    tell_of_newer_rules(ui, &view);
    let key = find_key(&caller.data, &view, which)?.record.key;
    let fork = desk.list_forks(key.as_bytes()).await?.into_iter().next();
    let fork = fork.ok_or(NoFork { key })?;
    let resolution = find_resolution(&view, &fork)?;
    let code = if resolution.is_some() { FINE } else { EXIT_FINDING };
    if ui.json {
        ui.answer_json(&fork_json(&view, &fork, resolution)?)?;
        return Ok(code);
    }
    let proof = verify(&view, &fork)?;
    show_line(ui, &view, &fork, resolution)?;
    ui.answer("")?;
    show_proof(ui, &proof)?;
    show_branches(ui, &view, &fork, &proof)?;
    if resolution.is_none() {
        ui.notice(&words::resolve_next(ui.lang, &key.short()));
    }
    Ok(code)
}

fn verify(view: &LedgerView, fork: &v1::ForkView) -> Result<ForkProof, Failure> {
    let message = fork.proof.clone().unwrap_or_default();
    ForkProof::verify(&message, view.ledger).or_told()
}

fn find_resolution(view: &LedgerView, fork: &v1::ForkView) -> Result<Option<EndRecord>, Failure> {
    let key = PublicKey::from_slice(&fork.key).ok_or(BadAnswer { what: "key" })?;
    Ok(find_granted(view, &key).and_then(|granted| granted.record.resolution))
}

fn show_line(
    ui: Ui,
    view: &LedgerView,
    fork: &v1::ForkView,
    resolution: Option<EndRecord>,
) -> Result<(), Failure> {
    let lang = ui.lang;
    let key = PublicKey::from_slice(&fork.key).map_or_else(String::new, |key| key.short());
    let member = view.member_name(lang, &fork.member);
    let (tone, state) = match resolution {
        None => (Tone::Bad, words::not_settled(lang)),
        Some(end) => {
            let by = end.by.short();
            let text = match (end.honoured_seq, end.honoured) {
                (Some(seq), Some(id)) => words::settled_to(lang, &by, &seq, &id.short()),
                (_, _) => words::settled_none(lang, &by),
            };
            (Tone::Good, text)
        }
    };
    let line = words::fork_line(lang, &key, &member, &fork.seq);
    ui.answer(&format!("{line}: {}", ui.paint(tone, &state)))
}

/// Every branch from the fork on, as far as it is held.
fn show_branches(
    ui: Ui,
    view: &LedgerView,
    fork: &v1::ForkView,
    proof: &ForkProof,
) -> Result<(), Failure> {
    let mut roots: BTreeSet<EntryId> = proof.entry_ids().into_iter().collect();
    for entry in &fork.entries {
        if header_of(entry).is_some_and(|(seq, _)| seq == proof.seq()) {
            roots.extend(EntryId::from_slice(&entry.id));
        }
    }
    for (number, root) in roots.into_iter().enumerate() {
        ui.answer("")?;
        let number = number.saturating_add(1);
        ui.answer(&ui.paint(Tone::Strong, &words::branch(ui.lang, &number)))?;
        let is_held = fork.entries.iter().any(|entry| entry.id == root.as_bytes().as_slice());
        if !is_held {
            ui.answer(&format!("  #{} {}", proof.seq(), words::not_held(ui.lang, &root)))?;
            continue;
        }
        let mut on_branch = vec![Bytes::copy_from_slice(root.as_bytes())];
        for entry in &fork.entries {
            let Some((seq, prev)) = header_of(entry) else {
                continue;
            };
            let follows = prev.is_some_and(|prev| on_branch.contains(&prev));
            if entry.id == root.as_bytes().as_slice() || follows {
                on_branch.push(entry.id.clone());
                ui.answer(&format!("  {}", entry_line(ui, view, seq, entry)))?;
            }
        }
    }
    Ok(())
}

/// Place in the feed, and what it follows.
fn header_of(entry: &v1::EntryView) -> Option<(u64, Option<Bytes>)> {
    let header = decode_header(&entry.entry.as_ref()?.header).ok()?;
    let prev = header.prev.parent().map(|prev| Bytes::copy_from_slice(prev.as_bytes()));
    Some((header.seq, prev))
}

fn entry_line(ui: Ui, view: &LedgerView, seq: u64, entry: &v1::EntryView) -> String {
    let lang = ui.lang;
    let wording = Wording { lang, plan: Some(&view.plan), figures: None };
    let event = event_of(entry);
    let name = event.as_ref().map_or("", |event| events::event(lang, event_name(event))).to_owned();
    let summary = event.map_or_else(String::new, |event| summarize(wording, &event));
    let counts = entry.standing == "counted" || entry.standing == "listed";
    let tone = if counts { Tone::Good } else { Tone::Bad };
    let standing = ui.paint(tone, &format!("[{}]", events::standing(lang, &entry.standing)));
    let id = hex::encode(&entry.id);
    format!("#{seq} {id} {name} {summary} {standing}")
}

fn fork_json(
    view: &LedgerView,
    fork: &v1::ForkView,
    resolution: Option<EndRecord>,
) -> Result<serde_json::Value, Failure> {
    let proof = verify(view, fork)?;
    Ok(json!({
        "key": proof.key().to_string(),
        "member": fork.member,
        "seq": proof.seq().to_string(),
        "proof": proof_json(&proof),
        "resolution": resolution,
        "entries": fork.entries.iter().map(entry_json).collect::<Vec<_>>(),
    }))
}
