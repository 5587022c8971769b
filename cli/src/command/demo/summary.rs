// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The demo's facts in words: what happened, in the order in which it happened.

use std::path::Path;

use super::NAME;
use super::facts::{Decision, Facts, Partition, Revocation, Tally};
use crate::failure::Failure;
use crate::ui::{Tone, Ui};
use crate::words::{Lang, choices, council as council_words, demo as words, events, void_reasons};

/// Shows the facts, act by act, and whether all have the same state.
///
/// # Errors
/// Where standard output is closed or full.
pub(super) fn show(ui: Ui, facts: &Facts, kept: Option<&Path>) -> Result<(), Failure> {
    let lang = ui.lang;
    ui.answer(&ui.paint(Tone::Strong, &words::summary(lang)))?;
    ui.answer(&words::ledger(lang, &short(&facts.ledger_id), &NAME))?;
    let signed = &facts.signed;
    ui.answer(&words::signed(
        lang,
        &signed.acceptances,
        &signed.reports,
        &signed.corrections,
        &signed.budgets,
    ))?;
    show_act(ui, &words::heading_partition(lang), &partition_lines(lang, &facts.partition))?;
    show_act(ui, &words::heading_challenge(lang), &challenge_lines(lang, facts))?;
    show_act(ui, &words::heading_council(lang), &council_lines(lang, facts))?;
    show_act(ui, &words::heading_revocation(lang), &revocation_lines(lang, &facts.revocation))?;
    show_act(ui, &words::vintages(lang), &vintage_lines(lang, facts))?;
    show_act(ui, &words::heading_fork(lang), &fork_lines(lang, facts))?;
    show_act(ui, &words::heading_tampering(lang), &tampering_lines(lang, facts))?;
    show_nodes(ui, facts)?;
    if let Some(kept) = kept {
        ui.answer(&words::kept(lang, &kept.display()))?;
    }
    ui.answer(&words::took(lang, &facts.seconds))
}

fn show_act(ui: Ui, heading: &str, lines: &[String]) -> Result<(), Failure> {
    ui.answer("")?;
    ui.answer(&ui.paint(Tone::Strong, heading))?;
    lines.iter().try_for_each(|line| ui.answer(&format!("  {line}")))
}

fn partition_lines(lang: Lang, cut: &Partition) -> Vec<String> {
    let (left, right) = (short(&cut.institutions_digest), short(&cut.others_digest));
    let joined = short(&cut.healed_digest);
    vec![
        words::partitioned(lang, &left, &cut.institutions_entries, &right, &cut.others_entries),
        words::healed(lang, &joined, &cut.healed_entries, &cut.healed_in_ms),
    ]
}

fn challenge_lines(lang: Lang, facts: &Facts) -> Vec<String> {
    let challenge = &facts.challenge;
    let mut lines = vec![words::challenged(
        lang,
        &challenge.numerator,
        &challenge.denominator,
        &challenge.reported,
        &challenge.corrected,
    )];
    if challenge.found_by_replay {
        lines.push(words::found_by_replay(lang));
    }
    let standing = choices::challenge_standing(lang, &challenge.standing);
    lines.push(words::challenge_standing(lang, &standing));
    lines.push(words::as_of(lang, &challenge.as_of, &challenge.value_as_of));
    lines
}

fn council_lines(lang: Lang, facts: &Facts) -> Vec<String> {
    let council = &facts.council;
    let decision = &council.decision;
    let (before, after) = (&council.plan_before, &council.plan_after);
    let mut lines = vec![
        words::proposed(lang, &decision.proposer, &council.indicator, &short(&decision.proposal)),
        quorum_line(lang, council.seats, &decision.votes),
        words::institutions_alone(lang, &tally_in_words(lang, &council.institutions_alone)),
        words::others_alone(lang, &tally_in_words(lang, &council.others_alone)),
    ];
    let status = council_words::status(lang, &council.status_joined);
    lines.push(words::votes_joined(lang, &tally_in_words(lang, &decision.votes), &status));
    lines.push(words::enacted(lang, &council.enacted_by, &short(&decision.passed_at)));
    lines.extend(voter_lines(lang, &decision.votes));
    lines.push(words::plan_versions(
        lang,
        &before.number,
        &before.indicators,
        &after.number,
        &after.indicators,
    ));
    lines.push(words::nodes_with_indicator(
        lang,
        &council.nodes_with_indicator,
        &facts.nodes.len(),
        &council.indicator,
    ));
    lines
}

fn quorum_line(lang: Lang, seats: usize, votes: &Tally) -> String {
    let mut line = council_words::council_heading(lang, &seats, &votes.needed);
    for class in &votes.classes {
        let name = choices::choice(lang, "MemberClass", &class.class).to_owned();
        line = format!("{line}; {}", council_words::quota(lang, &name, &class.needed));
    }
    line
}

fn tally_in_words(lang: Lang, votes: &Tally) -> String {
    let classes = votes.classes.iter().map(|class| {
        let name = choices::choice(lang, "MemberClass", &class.class);
        council_words::of_class(lang, &name, &class.agreed, &class.needed)
    });
    let classes = classes.collect::<Vec<String>>().join(", ");
    format!("{} ({classes})", council_words::in_favour(lang, &votes.agreed.len(), &votes.needed))
}

fn voter_lines(lang: Lang, votes: &Tally) -> Vec<String> {
    let mut lines = vec![council_words::agreed(lang, &votes.agreed.join(", "))];
    if !votes.not_agreed.is_empty() {
        lines.push(council_words::not_agreed(lang, &votes.not_agreed.join(", ")));
    }
    lines
}

/// What a decision that passed at a vote took: the tally, and who.
fn decided(lang: Lang, decision: &Decision) -> String {
    let tally = tally_in_words(lang, &decision.votes);
    words::decided(lang, &tally, &decision.votes.agreed.join(", "), &short(&decision.passed_at))
}

fn revocation_lines(lang: Lang, revocation: &Revocation) -> Vec<String> {
    let about = format!("{} {}", revocation.indicator, revocation.period);
    let standing = events::standing(lang, &revocation.later_standing);
    let reason = void_reasons::void_reason(lang, &revocation.later_reason);
    vec![
        words::revoked(
            lang,
            &short(&revocation.key),
            &revocation.member,
            &short(&revocation.honoured),
        ),
        decided(lang, &revocation.decision),
        words::signed_later(lang, &short(&revocation.later_entry), &about, &revocation.later_value),
        words::later_is(lang, &standing, &reason, &short(&revocation.later_standing_by)),
        words::figure_unchanged(lang, &about, &revocation.value_before, &revocation.value_after),
        words::refused_at_the_desk(lang, &revocation.refused_with),
        words::granted(lang, &short(&revocation.new_key)),
        decided(lang, &revocation.grant),
        words::goes_on(lang, &short(&revocation.next_entry), &about, &revocation.value_next),
    ]
}

fn vintage_lines(lang: Lang, facts: &Facts) -> Vec<String> {
    let line = |vintage: &super::facts::Vintage| {
        let current = if vintage.current { words::current(lang) } else { String::new() };
        let entry = short(&vintage.entry);
        words::vintage(lang, &vintage.cutoff, &vintage.value, &entry, &current)
    };
    facts.vintages.iter().map(line).collect()
}

fn fork_lines(lang: Lang, facts: &Facts) -> Vec<String> {
    let (fork, nodes) = (&facts.fork, facts.nodes.len());
    let about = format!("{} {}", fork.indicator, fork.period);
    let figure = |value: &str| {
        if value.is_empty() { words::no_figure(lang) } else { value.to_owned() }
    };
    let standing = events::standing(lang, &fork.standing_unsettled);
    vec![
        words::forked(lang, &short(&fork.key), &fork.member, &fork.seq),
        words::told_network(lang, &short(&fork.entry), &about, &fork.value),
        words::told_elsewhere(lang, &short(&fork.other_entry), &about, &fork.other_value),
        words::copy_refused(lang, &fork.refused_with),
        words::proven(lang, &fork.nodes_with_proof, &nodes, &fork.proof_check_exit),
        words::out_of_state(
            lang,
            &about,
            &figure(&fork.value_before),
            &figure(&fork.value_unsettled),
            &standing,
        ),
        decided(lang, &fork.decision),
        words::settled(lang, &short(&fork.honoured), &about, &figure(&fork.value_settled)),
        words::audit_exits(lang, &fork.audit_exit_unsettled, &fork.audit_exit_settled),
        words::same_after_fork(
            lang,
            &fork.nodes_with_same_state,
            &nodes,
            &short(&fork.state_digest),
        ),
    ]
}

fn tampering_lines(lang: Lang, facts: &Facts) -> Vec<String> {
    let tampering = &facts.tampering;
    vec![
        words::tampered(lang, &tampering.node, &tampering.file, &tampering.changed_byte),
        words::named(lang, &tampering.code, &short(&tampering.named_entry)),
        words::repaired(
            lang,
            &tampering.repaired,
            &tampering.repaired_from,
            &tampering.damages_after_repair,
        ),
    ]
}

fn show_nodes(ui: Ui, facts: &Facts) -> Result<(), Failure> {
    let lang = ui.lang;
    let digits = |id: &str| id.chars().take(16).collect::<String>();
    let findings: Vec<String> =
        facts.findings.iter().map(|(rule, count)| format!("{rule} × {count}")).collect();
    ui.answer("")?;
    ui.answer(&format!("{}: {}", words::findings(lang), findings.join(", ")))?;
    ui.answer("")?;
    ui.answer(&format!(
        "{:<12} {:>8}  {:<20} {}",
        words::node_head(lang),
        words::entries_head(lang),
        words::root_head(lang),
        words::digest_head(lang)
    ))?;
    for node in &facts.nodes {
        ui.answer(&format!(
            "{:<12} {:>8}  {:<20} {}",
            node.slug,
            node.entries,
            digits(&node.frontier_root),
            digits(&node.state_digest)
        ))?;
    }
    ui.answer("")?;
    let audit = &facts.audit;
    let digest = digits(&audit.digest);
    ui.answer(&words::audited(lang, &audit.bundle_bytes, &audit.entries, &digest))?;
    if audit.same_as_all_nodes {
        ui.answer(&ui.paint(Tone::Good, &words::same_digest(lang)))
    } else {
        ui.answer(&ui.paint(Tone::Bad, &words::other_digest(lang)))
    }
}

/// The first digits of an id, as the commands show them.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
