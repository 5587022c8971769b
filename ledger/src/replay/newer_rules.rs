// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules that this program does not know: since when they apply, and the last that it can tell of the
//! ledger before them.
//!
//! Only the state of a view under such rules is out of reach (R4): its entries are listed without a
//! verdict, and every view whose own authority keeps known rules is computed as ever.

use std::collections::BTreeMap;

use super::RULES_VERSION;
use super::history::History;
use super::ledger_at::LedgerAt;
use super::replayed::Replayed;
use crate::event::Decision;
use crate::frontier::{FeedHead, Frontier};
use crate::governance::EffectKind;
use crate::id::{EntryId, PublicKey};

/// Rules in force that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewerRules {
    /// Their version.
    pub version: u32,
    /// The decision that left the known ones. None: the charter began with newer rules.
    pub raised: Option<Raised>,
}

/// A decision to go on to rules that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The proposal.
    pub proposal: EntryId,
    /// The entry at which it passed.
    pub at: EntryId,
    /// What stands before that entry in the ledger's order, with the forks that are known today.
    pub before: Frontier,
}

/// The rules of a replay, if this program does not know them.
pub(super) fn find(history: &History, at: &LedgerAt, replayed: &Replayed) -> Option<NewerRules> {
    let authority = replayed.authority();
    let version = authority.rules().rules_version;
    if version <= RULES_VERSION {
        return None;
    }
    let raised = at.in_order().find_map(|entry| {
        let record = history.record(entry);
        let EffectKind::Passed { proposal, .. } = &record.effect.as_ref()?.kind else {
            return None;
        };
        let Decision::RaiseRulesVersion(to) = proposal.decision else {
            return None;
        };
        let decided = authority.decided(&proposal.id)?;
        let raises =
            to > RULES_VERSION && decided.passed_at == record.facts.id && decided.void.is_none();
        raises.then(|| Raised {
            proposal: proposal.id,
            at: record.facts.id,
            before: frontier_before(history, at, entry),
        })
    });
    Some(NewerRules { version, raised })
}

/// The frontier of what stands before an entry: closed, because ancestors stand before what cites them.
fn frontier_before(history: &History, at: &LedgerAt, end: usize) -> Frontier {
    let known = at.frontier();
    let mut feeds: BTreeMap<PublicKey, FeedHead> = BTreeMap::new();
    for (key, feed) in &known.feeds {
        if feed.forked_seq.is_some() {
            feeds.insert(*key, FeedHead { head: None, forked_seq: feed.forked_seq });
        }
    }
    let mut decisions = std::collections::BTreeSet::new();
    for entry in at.in_order().take_while(|entry| *entry != end) {
        let record = history.record(entry);
        let facts = &record.facts;
        if at.is_forked(record) {
            if known.decisions.contains(&facts.id) {
                decisions.insert(facts.id);
            }
            continue;
        }
        let empty = FeedHead { head: None, forked_seq: None };
        feeds.entry(facts.author).or_insert(empty).head = Some((facts.seq, facts.id));
    }
    Frontier { feeds, decisions }
}
