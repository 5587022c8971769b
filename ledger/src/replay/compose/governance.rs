// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What was put before the council, and where each proposal stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::governance::VoteChoice;
use crate::event::name::Slug;
use crate::event::{Decision, Event, Vote};
use crate::governance::Council;
use crate::id::EntryId;
use crate::replay::judge::{Topic, Verdict};
use crate::replay::scene::{Scene, content};
use crate::state::{
    ClassRecord, GovernanceDocument, ProposalRecord, ProposalStatus, Standing, VoteRecord,
};

/// `governance.json`.
pub(in crate::replay) fn compose_governance(scene: Scene<'_>) -> GovernanceDocument {
    let authority = scene.authority;
    let is_decision = |entry: &usize| {
        let event = scene.record(*entry).event();
        !matches!(event, Some(Event::Charter(_) | Event::Acceptance(_)) | None)
    };
    let listed = scene.fold.topic(&Topic::Governance).filter(is_decision);
    GovernanceDocument {
        name: authority.charter().name.clone(),
        charter: scene.act(authority.charter_number()),
        rules_set_by: authority.rules_set_by(),
        rules: content(authority.rules()),
        proposals: compose_proposals(scene),
        events: listed.filter_map(|entry| scene.list_event(entry)).collect(),
    }
}

/// Votes and withdrawals by proposal, in the ledger's order.
#[derive(Default)]
struct Said<'a> {
    votes: BTreeMap<EntryId, Vec<(usize, &'a Vote)>>,
    withdrawals: BTreeMap<EntryId, Vec<EntryId>>,
}

fn compose_proposals(scene: Scene<'_>) -> Vec<ProposalRecord> {
    let mut said = Said::default();
    let mut proposals = Vec::new();
    for entry in scene.fold.governance() {
        let record = scene.record(entry);
        match record.event() {
            Some(Event::Proposal(proposal)) => proposals.push((entry, &proposal.decision)),
            Some(Event::Vote(vote)) => {
                said.votes.entry(vote.proposal).or_default().push((entry, vote));
            }
            Some(Event::ProposalWithdrawn(withdrawn)) if counts(scene, entry) => {
                said.withdrawals.entry(withdrawn.proposal).or_default().push(record.facts.id);
            }
            Some(_) | None => {}
        }
    }
    proposals
        .into_iter()
        .map(|(entry, decision)| compose_proposal(scene, entry, decision, &said))
        .collect()
}

fn counts(scene: Scene<'_>, entry: usize) -> bool {
    scene.fold.verdict(entry).is_some_and(Verdict::is_shown)
}

fn compose_proposal(
    scene: Scene<'_>,
    entry: usize,
    decision: &Decision,
    said: &Said<'_>,
) -> ProposalRecord {
    let id = scene.record(entry).facts.id;
    let put = scene.history.proposal(&id);
    let recused = put.and_then(|put| put.recused.as_ref());
    let council = scene.authority.council(recused);
    let votes = said.votes.get(&id).map(Vec::as_slice).unwrap_or_default();
    // R24: of a member's several votes the first in the order counts.
    let mut first: BTreeMap<&Slug, VoteChoice> = BTreeMap::new();
    for (vote, cast) in votes {
        if counts(scene, *vote) {
            first.entry(scene.member(scene.record(*vote))).or_insert(cast.choice);
        }
    }
    let of_council = |slug: &&Slug| council.has(slug);
    let with = |wanted: bool| {
        let cast = first.iter().filter(move |(_, choice)| (**choice == VoteChoice::Yes) == wanted);
        cast.map(|(slug, _)| *slug).filter(of_council).collect::<BTreeSet<&Slug>>()
    };
    let (agreed, not_agreed) = (with(true), with(false));
    let outstanding: BTreeSet<&Slug> =
        council.voters().iter().copied().filter(|slug| !first.contains_key(slug)).collect();
    let withdrawn = said.withdrawals.get(&id).and_then(|list| list.first()).copied();
    ProposalRecord {
        act: scene.act(entry),
        decision: decision.name().to_owned(),
        status: find_status(scene, entry, &council, &agreed, &outstanding)
            .unwrap_or_else(|open| withdrawn.map_or(open, |by| ProposalStatus::Withdrawn { by })),
        recused: recused.cloned(),
        needed: count(council.needed()),
        classes: council
            .classes(&agreed)
            .into_iter()
            .map(|class| ClassRecord {
                class: class.class,
                needed: count(class.needed),
                agreed: count(class.agreed),
            })
            .collect(),
        agreed: agreed.into_iter().cloned().collect(),
        not_agreed: not_agreed.into_iter().cloned().collect(),
        outstanding: outstanding.into_iter().cloned().collect(),
        votes: votes.iter().map(|(vote, cast)| compose_vote(scene, *vote, cast)).collect(),
    }
}

/// Where a proposal stands: settled, or else as far as the votes go.
fn find_status(
    scene: Scene<'_>,
    entry: usize,
    council: &Council<'_>,
    agreed: &BTreeSet<&Slug>,
    outstanding: &BTreeSet<&Slug>,
) -> Result<ProposalStatus, ProposalStatus> {
    let id = scene.record(entry).facts.id;
    if let Some(decided) = scene.authority.decided(&id) {
        let at = decided.passed_at;
        return Ok(decided.void.map_or(ProposalStatus::Passed { at }, |reason| {
            ProposalStatus::PassedVoid { at, reason }
        }));
    }
    if !counts(scene, entry) {
        return Ok(ProposalStatus::Void);
    }
    let all: BTreeSet<&Slug> = agreed.union(outstanding).copied().collect();
    Err(if council.is_complete(agreed) {
        ProposalStatus::Ready
    } else if council.is_complete(&all) {
        ProposalStatus::Open
    } else {
        ProposalStatus::Blocked
    })
}

fn compose_vote(scene: Scene<'_>, entry: usize, vote: &Vote) -> VoteRecord {
    let standing = scene.fold.verdict(entry).map(|verdict| verdict.standing.clone());
    VoteRecord {
        act: scene.act(entry),
        choice: vote.choice,
        standing: standing.unwrap_or(Standing::Listed),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
