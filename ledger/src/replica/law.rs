// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a replica knows of authority: whose keys may write, where keys end, which entries decided.
//!
//! Follows the entries as they are held. It decides what is kept; what counts is the replay's to say.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chain::{ChainError, FeedEnd};
use crate::entry::{Prev, VerifiedEntry};
use crate::event::{Charter, Event};
use crate::governance::{Authority, Governance, event_of};
use crate::grants::{Grant, Grants};
use crate::id::{EntryId, PublicKey};
use crate::index::{CutOffs, Index};
use crate::order::Place;
use crate::store::{Rows, StoreError};

/// Authority, as far as this replica holds the ledger.
#[derive(Debug)]
pub(super) struct Law {
    pub(super) grants: Grants,
    pub(super) governance: Governance,
    /// What holds after everything that is held.
    pub(super) authority: Arc<Authority>,
    /// First seqs that do not count, by decision.
    pub(super) cut_offs: CutOffs,
    /// Entries at which decisions passed and keys ended.
    pub(super) decisive: BTreeSet<EntryId>,
}

impl Law {
    /// Nothing but the charter.
    pub(super) fn new(charter_entry: EntryId, charter: Charter) -> Self {
        let mut governance = Governance::new(charter_entry, Arc::new(charter));
        let authority = governance.current();
        let mut law = Self {
            grants: Grants::default(),
            governance,
            authority,
            cut_offs: CutOffs::new(),
            decisive: BTreeSet::new(),
        };
        law.refresh();
        law
    }

    /// The same charter, and nothing else.
    pub(super) fn emptied(&self) -> Self {
        let governance = &self.governance;
        Self::new(governance.charter_entry(), (**governance.charter()).clone())
    }

    /// Whether the first entry of a feed proves by its ancestors that its key is granted; notes the
    /// grant. Any other entry goes on where its feed began, and one whose parents are missing waits.
    pub(super) fn lets_in(
        &mut self,
        rows: &dyn Rows,
        entry: &VerifiedEntry,
    ) -> Result<Result<(), ChainError>, StoreError> {
        let (key, prev) = (entry.header().author, entry.header().prev);
        if !matches!(prev, Prev::Ledger(_)) || self.governance.is_of_charter(&key) {
            return Ok(Ok(()));
        }
        for parent in entry.header().parents() {
            if rows.entry(&parent)?.is_none() {
                return Ok(Ok(()));
            }
        }
        match self.governance.find_grant(rows, entry)? {
            Some(grant) => self.grants.add(key, grant),
            None => return Ok(Err(ChainError::Stranger { key })),
        }
        Ok(Ok(()))
    }

    /// Takes an entry in that has its place.
    pub(super) fn take_in(
        &mut self,
        rows: &dyn Rows,
        entry: &VerifiedEntry,
    ) -> Result<(), StoreError> {
        self.governance.take_in(rows, entry)
    }

    /// Computes again what follows from the effects; says which keys end elsewhere than before.
    pub(super) fn refresh(&mut self) -> BTreeSet<PublicKey> {
        self.authority = self.governance.current();
        self.decisive = self.governance.list_decisive();
        let mut ends = CutOffs::new();
        for (key, standing) in self.authority.keys() {
            let member = standing.grant.member.to_string();
            self.grants.add(*key, Grant { member, scope: standing.grant.scope });
        }
        for (key, cut_off) in self.authority.cut_offs() {
            ends.insert(key, cut_off.end());
        }
        let keys: BTreeSet<PublicKey> = ends.keys().chain(self.cut_offs.keys()).copied().collect();
        let moved = keys.into_iter().filter(|key| ends.get(key) != self.cut_offs.get(key));
        let moved = moved.collect();
        self.cut_offs = ends;
        moved
    }

    /// Where a key ends.
    pub(super) fn end_of(&self, key: &PublicKey, forked: Option<u64>) -> Option<FeedEnd> {
        FeedEnd::of(forked, self.cut_offs.get(key).copied())
    }

    /// Whether a decision might pass or a key end at an entry, as far as can be told without its
    /// ancestors: then it is looked into, wherever it stands in its feed.
    pub(super) fn may_decide(&self, entry: &VerifiedEntry) -> bool {
        let header = entry.header();
        let Some(event) = event_of(entry) else {
            return false;
        };
        let place =
            Place { height: header.height, author: header.author, seq: header.seq, id: entry.id() };
        if let Some(proposal) = event.decides() {
            let Some(act) = self.governance.act(&proposal) else {
                // It may be among the ancestors that are still to come.
                return true;
            };
            let passed = self.authority.decided(&proposal).map(|decided| decided.passed_at);
            let first = passed.and_then(|passed| self.governance.effect(&passed));
            return act.proposal().is_some() && first.is_none_or(|first| place < first.place);
        }
        if let Event::KeyRetired(retired) = &event {
            // How much it leaves only its ancestors say; less than another end, or as much and earlier
            // in the order.
            return self.authority.cut_off(&retired.key).is_none_or(|known| {
                let ended = self.governance.effect(&known.at);
                known.end() > 0 || ended.is_none_or(|ended| place < ended.place)
            });
        }
        false
    }
}
