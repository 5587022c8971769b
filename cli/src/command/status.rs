// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `status`: which ledger, where it stands, who has written what, which peers answer.

use clap::Args;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;

use super::{Caller, Ended, FINE};
use crate::desk;
use crate::failure::{EXIT_FINDING, Failure, OrTold as _};
use crate::json::to_full_json;
use crate::moment;
use crate::ui::{Tone, Ui};
use crate::words::{errors, faces, newer_rules as words};

/// Options of a status.
#[derive(Clone, Debug, Args)]
pub(crate) struct StatusArgs {
    #[arg(long)]
    frontier: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no ledger.
pub(crate) async fn run(caller: &Caller, args: StatusArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let status = desk.get_status().await?;
    if args.frontier {
        let frontier = status.frontier.unwrap_or_default();
        let frontier = Frontier::from_message(&frontier).or_told()?;
        ui.answer(&frontier.to_text())?;
    } else if ui.json {
        ui.answer_json(&to_full_json("Status", &status))?;
    } else {
        show(ui, &status, desk.node.is_some())?;
    }
    Ok(if status.forked_keys > status.forks_resolved { EXIT_FINDING } else { FINE })
}

fn show(ui: Ui, status: &v1::Status, is_node: bool) -> Result<(), Failure> {
    let lang = ui.lang;
    ui.answer(&ui.paint(Tone::Strong, &status.name))?;
    ui.answer(&faces::status_ledger(lang, &hex::encode(&status.ledger_id)))?;
    ui.answer(&faces::status_root(lang, &hex::encode(&status.frontier_root)))?;
    if let Some(newer) = &status.newer_rules {
        show_newer_rules(ui, newer)?;
    } else {
        ui.answer(&faces::status_digest(lang, &hex::encode(&status.state_digest)))?;
        ui.answer(&faces::status_judged(lang, &moment::to_text(status.judged_at_ms)))?;
    }
    ui.answer(&faces::status_entries(lang, &status.entries))?;
    if status.newer_rules.is_none() {
        ui.answer(&faces::status_findings(lang, &status.findings))?;
    }
    if status.pending_payloads > 0 {
        let text = faces::pending_payloads(lang, &status.pending_payloads);
        ui.answer(&ui.paint(Tone::Warning, &text))?;
    }
    show_governance(ui, status)?;
    let listen = match (is_node, status.listen.as_str()) {
        (false, _) => faces::no_node(lang),
        (true, "") => faces::node_outbound(lang),
        (true, address) => faces::node_listens(lang, &address),
    };
    ui.answer(&listen)?;
    if status.newer_rules.is_none() {
        show_members(ui, status)?;
    }
    show_peers(ui, status)
}

/// Why there is no state, and what there is all the same.
fn show_newer_rules(ui: Ui, newer: &v1::NewerRules) -> Result<(), Failure> {
    let lang = ui.lang;
    let why = match EntryId::from_slice(&newer.raised_at) {
        Some(at) => words::status_newer(lang, &newer.version, &at.short(), &newer.known),
        None => words::status_newer_from_the_start(lang, &newer.version, &newer.known),
    };
    ui.answer(&ui.paint(Tone::Warning, &why))?;
    ui.answer(&words::status_goes_on(lang))
}

/// What the council decided or has before itself, where there is any.
fn show_governance(ui: Ui, status: &v1::Status) -> Result<(), Failure> {
    let lang = ui.lang;
    if status.plan_versions > 1 {
        ui.answer(&faces::status_plan(lang, &status.plan_versions))?;
    }
    if status.proposals_open > 0 {
        let text = faces::status_council(lang, &status.proposals_open, &status.proposals_ready);
        ui.answer(&ui.paint(Tone::Warning, &text))?;
    }
    if status.keys_ended > 0 {
        ui.answer(&faces::status_keys_ended(lang, &status.keys_ended))?;
    }
    if status.redacted > 0 {
        ui.answer(&faces::status_redacted(lang, &status.redacted))?;
    }
    if status.forked_keys > 0 && status.forked_keys == status.forks_resolved {
        ui.answer(&faces::forks_settled(lang, &status.forked_keys, &status.forks_resolved))?;
    } else if status.forked_keys > 0 {
        let text = faces::forks_found(lang, &status.forked_keys);
        ui.answer(&ui.paint(Tone::Bad, &text))?;
    }
    Ok(())
}

fn show_members(ui: Ui, status: &v1::Status) -> Result<(), Failure> {
    let lang = ui.lang;
    ui.answer("")?;
    ui.answer(&ui.paint(Tone::Strong, &faces::status_members(lang)))?;
    let width = status.members.iter().map(|member| member.slug.len()).max().unwrap_or_default();
    for member in &status.members {
        let part = match EntryId::from_slice(&member.retired_by) {
            Some(by) => faces::retired(lang, &by.short()),
            None if member.accepted => faces::takes_part(lang),
            None => faces::not_yet(lang),
        };
        let counts = faces::member_counts(
            lang,
            &member.entries,
            &member.reports,
            &member.corrections,
            &member.challenges_open,
        );
        let last = match member.last_effective_ms {
            Some(ms) => faces::last_wrote(lang, &moment::to_text(ms)),
            None => faces::never_wrote(lang),
        };
        ui.answer(&format!("  {:<width$}  {part}; {counts}; {last}", member.slug))?;
    }
    Ok(())
}

fn show_peers(ui: Ui, status: &v1::Status) -> Result<(), Failure> {
    let lang = ui.lang;
    if status.peers.is_empty() {
        return Ok(());
    }
    ui.answer("")?;
    ui.answer(&ui.paint(Tone::Strong, &faces::status_peers(lang)))?;
    for peer in &status.peers {
        let (tone, state) = match (peer.connected, peer.in_sync) {
            (true, true) => (Tone::Good, faces::in_sync(lang)),
            (true, false) => (Tone::Warning, faces::peer_syncing(lang)),
            (false, _) => (Tone::Bad, faces::peer_away(lang)),
        };
        let counts = faces::peer_counts(lang, &peer.received, &peer.sent);
        let mut line = format!("  {}  {}; {counts}", peer.address, ui.paint(tone, &state));
        if !peer.error_code.is_empty() {
            let what = errors::as_said(lang, &peer.error);
            line = format!("{line}; {what} [{}]", peer.error_code);
        }
        ui.answer(&line)?;
    }
    Ok(())
}
