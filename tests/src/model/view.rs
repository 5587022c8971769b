// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R3, R22, R29, R30: frontier and ledger of everything told; who counts at the end of it.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{Decoded, Event};
use constancia_ledger::frontier::{FeedHead, Frontier};
use constancia_ledger::id::{EntryId, PublicKey};

use super::{Entries, Holding, Model};

/// Standings by entry: `counted`, `void scope`.
pub type Standings = BTreeMap<EntryId, String>;

/// Where a proposal stands: `open`, `passed_void other_version`; and where it passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The word, with the reason where it is void.
    pub word: String,
    /// Where it passed, or was taken back.
    pub at: Option<EntryId>,
    /// Who has no vote.
    pub recused: Option<Slug>,
    /// How many must agree.
    pub needed: usize,
    /// Whose vote counts and is yes.
    pub agreed: BTreeSet<Slug>,
    /// Whose vote counts and is not yes.
    pub not_agreed: BTreeSet<Slug>,
}

/// What everything told amounts to, with these forks proven.
#[derive(Debug)]
pub struct Viewed {
    /// Heads, forks, decisions.
    pub frontier: Frontier,
    /// Entries that belong to the ledger.
    pub ledger: Entries,
    /// What holds at the end.
    pub holding: Holding,
    /// Of every entry of the ledger.
    pub standings: Standings,
    /// Of every proposal of the ledger.
    pub proposals: BTreeMap<EntryId, Status>,
}

impl Model {
    /// Everything told, with these forks proven: key and lowest slot.
    pub fn view(&self, forks: &BTreeMap<PublicKey, u64>) -> Viewed {
        let all = self.placed();
        let effects = self.decisive(&all);
        let holding = self.holds(&all);
        let frontier = self.frontier(&all, &effects, &holding, forks);
        let mut ledger = Entries::new();
        for tip in frontier.tips() {
            ledger.extend(self.closure(&tip));
        }
        let standings = self.standings(&ledger, &holding, forks);
        let proposals = ledger
            .iter()
            .filter(|id| self.decision(id).is_some())
            .map(|id| (*id, self.status(*id, &ledger, &holding, &standings)))
            .collect();
        Viewed { frontier, ledger, holding, standings, proposals }
    }

    /// The lowest slot of each key in which two entries have their place.
    pub fn list_forks(&self) -> BTreeMap<PublicKey, u64> {
        let all = self.placed();
        let keys: BTreeSet<PublicKey> = all.iter().map(|id| self.header(id).author).collect();
        keys.into_iter()
            .filter_map(|key| self.fork_shown(&all, &key).map(|seq| (key, seq)))
            .collect()
    }

    fn frontier(
        &self,
        all: &Entries,
        effects: &Entries,
        holding: &Holding,
        forks: &BTreeMap<PublicKey, u64>,
    ) -> Frontier {
        let mut feeds: BTreeMap<PublicKey, FeedHead> = forks
            .iter()
            .map(|(key, seq)| (*key, FeedHead { head: None, forked_seq: Some(*seq) }))
            .collect();
        for id in all {
            let header = self.header(id);
            let (key, seq) = (header.author, header.seq);
            let beyond = forks.get(&key).is_some_and(|fork| *fork <= seq);
            if beyond || holding.is_cut_off(&key, seq) {
                continue;
            }
            let feed = feeds.entry(key).or_insert(FeedHead { head: None, forked_seq: None });
            feed.head = feed.head.max(Some((seq, *id)));
        }
        let heads: Entries = feeds.values().filter_map(|feed| feed.head).map(|it| it.1).collect();
        let mut reached = Entries::new();
        for head in &heads {
            reached.extend(self.closure(head));
        }
        let decisions = effects.difference(&reached).copied().collect();
        Frontier { feeds, decisions }
    }

    fn standings(
        &self,
        ledger: &Entries,
        holding: &Holding,
        forks: &BTreeMap<PublicKey, u64>,
    ) -> Standings {
        // What passed stands, and so does what ended a key.
        let effects = self.decisive(ledger);
        let mut standings = Standings::new();
        for place in self.sorted(ledger) {
            let id = place.id;
            let fork = forks.get(&place.author).copied();
            let first = place.height == 0;
            let standing = if effects.contains(&id) || first {
                "counted".to_owned()
            } else if self.is_forked(fork, holding, id) {
                "forked".to_owned()
            } else if holding.is_cut_off(&place.author, place.seq) {
                "void after_cut_off".to_owned()
            } else if holding.redacted.contains_key(&id) {
                "redacted".to_owned()
            } else {
                self.standing_by_contents(id, &standings, &holding.redacted)
            };
            standings.insert(id, standing);
        }
        standings
    }

    fn standing_by_contents(
        &self,
        id: EntryId,
        standings: &Standings,
        dropped: &BTreeMap<EntryId, EntryId>,
    ) -> String {
        match &self.told[&id].event {
            None => "pending".to_owned(),
            Some(Decoded::Unknown { .. }) => "unknown_event".to_owned(),
            Some(Decoded::Invalid(_)) => "invalid_event".to_owned(),
            Some(Decoded::Known(event)) => {
                let judged = self.judged[&id]
                    .right
                    .and_then(|()| self.judge_fact(id, &event.body, standings, dropped));
                judged.map_or_else(|code| format!("void {code}"), ToOwned::to_owned)
            }
        }
    }

    fn status(
        &self,
        proposal: EntryId,
        ledger: &Entries,
        holding: &Holding,
        standings: &Standings,
    ) -> Status {
        let quorum = self.quorum(holding, proposal);
        let mut voted = BTreeSet::new();
        let (mut agreed, mut not_agreed) = (BTreeSet::new(), BTreeSet::new());
        for place in self.sorted(ledger) {
            if let Some(Event::Vote(vote)) = self.event(&place.id)
                && vote.proposal == proposal
                && standings[&place.id] == "counted"
                && quorum.voters.contains(&self.owner(&place.id).member)
                && voted.insert(self.owner(&place.id).member.clone())
            {
                let yes = vote.choice == constancia_ledger::event::governance::VoteChoice::Yes;
                let member = self.owner(&place.id).member.clone();
                if yes {
                    agreed.insert(member)
                } else {
                    not_agreed.insert(member)
                };
            }
        }
        let is_withdrawal = |id: &&EntryId| match self.event(id) {
            Some(Event::ProposalWithdrawn(it)) => it.proposal == proposal,
            _ => false,
        };
        let taken_back = ledger.iter().filter(is_withdrawal);
        let taken_back = taken_back.filter(|id| standings[*id] == "counted");
        let taken_back = self.sorted(taken_back).first().map(|place| place.id);
        let hopeful: BTreeSet<Slug> = quorum.voters.difference(&not_agreed).cloned().collect();
        let (word, at) = if let Some(outcome) = holding.outcomes.get(&proposal) {
            let word = match outcome.void {
                Some(code) => format!("passed_void {code}"),
                None => "passed".to_owned(),
            };
            (word, Some(outcome.at))
        } else if standings[&proposal] != "counted" {
            ("void".to_owned(), None)
        } else if let Some(by) = taken_back {
            ("withdrawn".to_owned(), Some(by))
        } else if quorum.is_met_by(holding, &agreed) {
            ("ready".to_owned(), None)
        } else if quorum.is_met_by(holding, &hopeful) {
            ("open".to_owned(), None)
        } else {
            ("blocked".to_owned(), None)
        };
        let recused = self.recused(proposal);
        Status { word, at, recused, needed: quorum.members, agreed, not_agreed }
    }
}
