// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a replica says of a history, beside what the model says.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::replay::{Replay, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::state::{ProposalStatus, Standing, State};
use constancia_tests::histories::world::Plotted;
use constancia_tests::model::{Model, Viewed};

/// The forks that a replica knows to be proven.
pub(crate) fn forks(replica: &Replica) -> BTreeMap<PublicKey, u64> {
    let feeds = &replica.frontier().feeds;
    feeds.iter().filter_map(|(key, feed)| Some((*key, feed.forked_seq?))).collect()
}

/// Where a replica and the model of all that was signed differ, in words; empty: nowhere.
pub(crate) fn differences(plotted: &Plotted, replica: &Replica) -> Vec<String> {
    differences_from(plotted, &plotted.model, replica)
}

/// Where a replica and a model of some of it differ.
pub(crate) fn differences_from(plotted: &Plotted, model: &Model, replica: &Replica) -> Vec<String> {
    let mut found = Differences { plotted, lines: Vec::new() };
    let proven = forks(replica);
    found.check_forks(model, &proven);
    let viewed = model.view(&proven);
    found.check("frontier", &viewed.frontier, replica.frontier());
    if !found.lines.is_empty() {
        return found.lines;
    }
    let mut replay = Replay::new(replica.ledger());
    replay.catch_up(replica).unwrap();
    let log = replay.log(&View::Frontier).unwrap();
    let order: Vec<EntryId> = log.iter().map(|line| line.place.id).collect();
    let expected = model.sorted(&viewed.ledger);
    let expected: Vec<EntryId> = expected.into_iter().map(|place| place.id).collect();
    found.check("order", &expected, &order);
    for line in &log {
        let expected = viewed.standings.get(&line.place.id).cloned();
        let name = format!("standing of {}", line.place.id.short());
        found.check(&name, &expected, &line.standing.as_ref().map(word));
    }
    let state = replay.state(&View::Frontier).unwrap();
    found.check_proposals(&viewed, &state);
    found.check_members(&viewed, &state);
    found.check_versions(&viewed, &state);
    found.lines
}

/// `void scope`, without the rule's path where an event is invalid.
fn word(standing: &Standing) -> String {
    match standing {
        Standing::Void { reason } => format!("void {}", reason.code()),
        other => other.code().to_owned(),
    }
}

struct Differences<'a> {
    plotted: &'a Plotted,
    lines: Vec<String>,
}

impl Differences<'_> {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.lines.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    /// A fork is known where two entries that count for something show it, and only where somebody
    /// signed twice.
    fn check_forks(&mut self, model: &Model, proven: &BTreeMap<PublicKey, u64>) {
        let holding = model.view(proven).holding;
        for (key, seq) in model.list_forks() {
            if holding.is_cut_off(&key, seq) {
                continue;
            }
            let known = proven.get(&key).copied();
            if known.is_none_or(|known| known > seq) {
                let name = self.plotted.name(&key);
                self.lines.push(format!("fork of {name} at {seq}: found {known:?}"));
            }
        }
        let mut slots = BTreeSet::new();
        let mut twice = BTreeSet::new();
        for message in &self.plotted.messages {
            let header = self.plotted.model.header(&EntryId::of_header(&message.header));
            if !slots.insert((header.author, header.seq)) {
                twice.insert((header.author, header.seq));
            }
        }
        for (key, seq) in proven {
            if !twice.contains(&(*key, *seq)) {
                self.lines.push(format!("no fork of {} at {seq}", self.plotted.name(key)));
            }
        }
    }

    fn check_proposals(&mut self, viewed: &Viewed, state: &State) {
        let mut listed = BTreeSet::new();
        for record in &state.governance().proposals {
            let id = record.act.entry;
            listed.insert(id);
            let Some(expected) = viewed.proposals.get(&id) else {
                self.lines.push(format!("proposal {} is not in the ledger", id.short()));
                continue;
            };
            let (text, at) = match &record.status {
                ProposalStatus::PassedVoid { at, reason } => {
                    (format!("passed_void {}", reason.code()), Some(*at))
                }
                ProposalStatus::Passed { at } => ("passed".to_owned(), Some(*at)),
                ProposalStatus::Withdrawn { by } => ("withdrawn".to_owned(), Some(*by)),
                other => (other.code().to_owned(), None),
            };
            let name = format!("proposal {}", id.short());
            self.check(&name, &(expected.word.clone(), expected.at), &(text, at));
            if record.status.code().starts_with("passed") {
                continue;
            }
            self.check(&format!("{name} recused"), &expected.recused, &record.recused);
            let needed = usize::try_from(record.needed).unwrap();
            self.check(&format!("{name} needed"), &expected.needed, &needed);
            let agreed: BTreeSet<_> = record.agreed.iter().cloned().collect();
            self.check(&format!("{name} agreed"), &expected.agreed, &agreed);
            let others: BTreeSet<_> = record.not_agreed.iter().cloned().collect();
            self.check(&format!("{name} not agreed"), &expected.not_agreed, &others);
        }
        let expected: BTreeSet<EntryId> = viewed.proposals.keys().copied().collect();
        self.check("proposals", &expected, &listed);
    }

    fn check_members(&mut self, viewed: &Viewed, state: &State) {
        let holding = &viewed.holding;
        let slugs: Vec<_> = holding.members.keys().cloned().collect();
        let found: Vec<_> = state.members().members.iter().map(|it| it.slug.clone()).collect();
        self.check("members", &slugs, &found);
        let mut keys = BTreeMap::new();
        for member in &state.members().members {
            let Some(expected) = holding.members.get(&member.slug) else {
                continue;
            };
            let council = holding.rules.council.contains(&member.slug);
            let expected = (expected.admitted_by, expected.retired_by, council);
            let found = (member.admitted_by, member.retired_by, member.council);
            self.check(&format!("member {}", member.slug), &expected, &found);
            for key in &member.keys {
                let cut_off =
                    key.cut_off.map(|end| (end.by, end.honoured_seq.map_or(0, |seq| seq + 1)));
                let fork = (key.forked_seq, key.resolution.map(|it| (it.by, it.honoured)));
                keys.insert(key.key, (member.slug.clone(), key.granted_by, cut_off, fork));
            }
        }
        for (key, grant) in &holding.keys {
            let name = format!("key {}", self.plotted.name(key));
            let cut_off = holding.cut_offs.get(key).map(|end| (end.by, end.seq));
            let forked = viewed.frontier.feeds.get(key).and_then(|feed| feed.forked_seq);
            let settled = holding.resolution(key);
            let settled = settled.map(|it| (it.by, it.honoured.map(|last| last.id)));
            let expected =
                (grant.owner.member.clone(), grant.granted_by, cut_off, (forked, settled));
            self.check(&name, &Some(expected), &keys.remove(key));
        }
        for (key, found) in keys {
            self.lines
                .push(format!("key {}: not granted, found {found:?}", self.plotted.name(&key)));
        }
    }

    fn check_versions(&mut self, viewed: &Viewed, state: &State) {
        let holding = &viewed.holding;
        let versions: Vec<EntryId> = state.plan().versions.iter().map(|it| it.version).collect();
        self.check("versions of the plan", &holding.plan_versions, &versions);
        let plan = serde_json::to_value(&holding.plan).unwrap();
        self.check("plan", &plan, &state.plan().plan);
        self.check("rules", &holding.rules_set_by, &state.governance().rules_set_by);
        let rules = serde_json::to_value(&holding.rules).unwrap();
        self.check("rules", &rules, &state.governance().rules);
    }
}
