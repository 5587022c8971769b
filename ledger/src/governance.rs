// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Authority in the ledger: who may write, what the council decided, where keys end.
//!
//! A right is proven by ancestors. Each governance entry is judged once, when it arrives, by its own
//! ancestors alone, and nothing that arrives later changes the verdict. Where such an entry completes
//! a decision or ends a key it is an [`Effect`]; what holds for a set of entries is the charter and
//! the effects among them, applied in the ledger's order ([`Authority`]).
//!
//! No clock, no local opinion, and no payload but those of governance, which is never without.

mod act;
mod amend;
mod authority;
mod cone;
mod council;
mod decide;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use act::Act;
pub use amend::{amend_plan, hand_over};
pub use authority::{
    Authority, ChallengeRuling, CutOff, Decided, KeyStanding, MemberStanding, PlanVersion,
    Redaction, Resolution,
};
pub use council::{ClassCount, Council, count_needed};

use cone::Cone;

use crate::entry::{Kind, Prev, VerifiedEntry};
use crate::event::governance::Honoured;
use crate::event::name::Slug;
use crate::event::{self, Charter, Decision, Decoded, Event};
use crate::grants::Grant;
use crate::id::{EntryId, PublicKey};
use crate::index::EntryRow;
use crate::order::Place;
use crate::state::VoidReason;
use crate::store::{Rows, StoreError};

/// What holds after so many different sets of effects is remembered: entries that arrive together have
/// mostly seen the same.
const AUTHORITIES_KEPT_MAX: usize = 256;

/// A proposal, with what follows from it and its ancestors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutForward {
    /// The entry.
    pub id: EntryId,
    /// Who proposed.
    pub member: Slug,
    /// What would be decided.
    pub decision: Decision,
    /// Why it could not have an effect even if it passed: what it names does not bear it.
    pub flaw: Option<VoidReason>,
    /// Who has no vote on it.
    pub recused: Option<Slug>,
}

/// An entry at which something took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The entry's place in the order.
    pub place: Place,
    /// What took effect.
    pub kind: EffectKind,
}

/// What took effect at an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// A proposal could pass here: the entry and its ancestors complete the quorum.
    Passed {
        /// The proposal.
        proposal: Arc<PutForward>,
        /// Of a member that the decision retires: the last entry of each of its keys among the
        /// ancestors.
        last_entries: BTreeMap<PublicKey, Option<Honoured>>,
    },
    /// A key was ended by itself or by its member.
    Retired {
        /// The key.
        key: PublicKey,
        /// Its last entry among the ancestors.
        honoured: Option<Honoured>,
    },
}

/// What one replica holds of governance.
#[derive(Clone, Debug)]
pub struct Governance {
    charter_entry: EntryId,
    charter: Arc<Charter>,
    acts: Vec<Act>,
    by_id: BTreeMap<EntryId, usize>,
    /// Votes by proposal, in order of arrival.
    votes: BTreeMap<EntryId, Vec<usize>>,
    /// Proposals taken back: by whom they were.
    withdrawals: BTreeMap<EntryId, Vec<EntryId>>,
    effects: Vec<Effect>,
    effects_by_id: BTreeMap<EntryId, usize>,
    /// Whose a key is by the grant that the first entry of its feed proves; two only where it forked there.
    starts: BTreeMap<PublicKey, Vec<(EntryId, Grant)>>,
    /// What holds after sets of effects, by their numbers.
    known: BTreeMap<Vec<usize>, Arc<Authority>>,
    /// Everything taken in, in order, so that it can be taken back.
    journal: Vec<Step>,
}

/// Something that was taken in.
#[derive(Clone, Copy, Debug)]
enum Step {
    Act,
    Effect,
    Start(PublicKey),
}

impl Governance {
    /// Nothing but the charter.
    pub fn new(charter_entry: EntryId, charter: Arc<Charter>) -> Self {
        Self {
            charter_entry,
            charter,
            acts: Vec::new(),
            by_id: BTreeMap::new(),
            votes: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            effects: Vec::new(),
            effects_by_id: BTreeMap::new(),
            starts: BTreeMap::new(),
            known: BTreeMap::new(),
            journal: Vec::new(),
        }
    }

    /// The charter.
    pub const fn charter(&self) -> &Arc<Charter> {
        &self.charter
    }

    /// The charter's entry.
    pub const fn charter_entry(&self) -> EntryId {
        self.charter_entry
    }

    /// What is known of a governance entry.
    pub fn act(&self, id: &EntryId) -> Option<&Act> {
        self.by_id.get(id).and_then(|at| self.acts.get(*at))
    }

    /// What took effect at an entry.
    pub fn effect(&self, id: &EntryId) -> Option<&Effect> {
        self.effects_by_id.get(id).and_then(|at| self.effects.get(*at))
    }

    /// Everything that took effect, in order of arrival.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// What holds after everything that is held.
    pub fn current(&mut self) -> Arc<Authority> {
        self.authority((0..self.effects.len()).collect())
    }

    /// The entries at which decisions passed and keys ended.
    pub fn list_decisive(&mut self) -> BTreeSet<EntryId> {
        self.current().list_decisive()
    }

    /// Whether the charter grants a key.
    pub fn is_of_charter(&self, key: &PublicKey) -> bool {
        self.charter.keys.binary_search_by_key(key, |grant| grant.key).is_ok()
    }

    /// Whose key it is, by what an entry's own feed proves; the charter's grants count for all.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn owner_of(
        &self,
        rows: &dyn Rows,
        entry: &VerifiedEntry,
    ) -> Result<Option<Grant>, StoreError> {
        let key = entry.header().author;
        if let Some(grant) = self.charter.keys.iter().find(|grant| grant.key == key) {
            return Ok(Some(Grant { member: grant.member.to_string(), scope: grant.scope }));
        }
        let starts = self.starts.get(&key).map(Vec::as_slice).unwrap_or_default();
        match starts {
            [] => Ok(None),
            [(_, grant)] => Ok(Some(grant.clone())),
            several => {
                let cone = Cone::of(rows, entry)?;
                for (start, grant) in several {
                    if *start == entry.id() || cone.has(start)? {
                        return Ok(Some(grant.clone()));
                    }
                }
                Ok(None)
            }
        }
    }

    /// Whose key it is by what an entry's ancestors show: by the first entry of its feed, else by what
    /// holds.
    fn owner_in(
        &self,
        cone: &Cone<'_>,
        authority: &Authority,
        key: &PublicKey,
    ) -> Result<Option<Slug>, StoreError> {
        let mut first: Option<(u64, EntryId, &Grant)> = None;
        for (start, grant) in self.starts.get(key).into_iter().flatten() {
            if let Some(row) = cone.find(start)? {
                let found = (row.facts.height, *start, grant);
                first = Some(match first {
                    Some(before) if (before.0, before.1) < (found.0, found.1) => before,
                    Some(_) | None => found,
                });
            }
        }
        let proven = first.and_then(|(_, _, grant)| grant.member.parse().ok());
        Ok(proven.or_else(|| authority.key(key).map(|standing| standing.grant.member.clone())))
    }

    /// Whose an entry is that an entry's ancestors have among them.
    fn author_in(
        &self,
        cone: &Cone<'_>,
        authority: &Authority,
        row: &EntryRow,
    ) -> Result<Option<Slug>, StoreError> {
        let starts = self.starts.get(&row.facts.author).map(Vec::as_slice).unwrap_or_default();
        for (start, grant) in starts.iter().filter(|_| starts.len() > 1) {
            if cone.is_up_to(start, &row.facts.id)? {
                return Ok(grant.member.parse().ok());
            }
        }
        self.owner_in(cone, authority, &row.facts.author)
    }

    /// The grant that the ancestors of a feed's first entry prove: the first that passed.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_grant(
        &mut self,
        rows: &dyn Rows,
        first: &VerifiedEntry,
    ) -> Result<Option<Grant>, StoreError> {
        let authority = self.authority_at(&Cone::of(rows, first)?)?;
        let standing = authority.key(&first.header().author);
        Ok(standing.map(|standing| Grant {
            member: standing.grant.member.to_string(),
            scope: standing.grant.scope,
        }))
    }

    /// Takes an entry in whose parents are held, if governance has to know it: a governance entry, or
    /// the first of a feed that a decision let in.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn take_in(&mut self, rows: &dyn Rows, entry: &VerifiedEntry) -> Result<(), StoreError> {
        let header = entry.header();
        if matches!(header.prev, Prev::Ledger(_)) && !self.is_of_charter(&header.author) {
            let known = self.starts.get(&header.author).into_iter().flatten();
            if known.clone().all(|(start, _)| *start != entry.id())
                && let Some(grant) = self.find_grant(rows, entry)?
            {
                self.starts.entry(header.author).or_default().push((entry.id(), grant));
                self.journal.push(Step::Start(header.author));
            }
        }
        self.take_act(rows, entry)
    }

    /// How much has been taken in: what [`take_back`](Self::take_back) goes back to.
    pub(crate) const fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Forgets what was taken in since: it was not written after all.
    pub(crate) fn take_back(&mut self, mark: usize) {
        while self.journal.len() > mark {
            match self.journal.pop() {
                None => return,
                Some(Step::Start(key)) => {
                    if let Some(starts) = self.starts.get_mut(&key) {
                        starts.pop();
                    }
                }
                Some(Step::Effect) => {
                    if let Some(effect) = self.effects.pop() {
                        self.effects_by_id.remove(&effect.place.id);
                    }
                    let count = self.effects.len();
                    self.known.retain(|set, _| set.last().is_none_or(|last| *last < count));
                }
                Some(Step::Act) => self.forget_act(),
            }
        }
    }

    fn authority_at(&mut self, cone: &Cone<'_>) -> Result<Arc<Authority>, StoreError> {
        let mut set = Vec::new();
        for (number, effect) in self.effects.iter().enumerate() {
            if cone.has(&effect.place.id)? {
                set.push(number);
            }
        }
        Ok(self.authority(set))
    }

    fn authority(&mut self, set: Vec<usize>) -> Arc<Authority> {
        if let Some(known) = self.known.get(&set) {
            return Arc::clone(known);
        }
        if self.known.len() >= AUTHORITIES_KEPT_MAX {
            self.known.clear();
        }
        let effects: Vec<&Effect> =
            set.iter().filter_map(|number| self.effects.get(*number)).collect();
        let charter = Authority::of_charter(self.charter_entry, Arc::clone(&self.charter));
        let authority = Arc::new(charter.after(&effects));
        self.known.insert(set, Arc::clone(&authority));
        authority
    }

    fn add_effect(&mut self, place: Place, kind: EffectKind) {
        self.effects_by_id.insert(place.id, self.effects.len());
        self.effects.push(Effect { place, kind });
        self.journal.push(Step::Effect);
    }
}

/// The event of a governance entry that keeps every rule.
pub fn event_of(entry: &VerifiedEntry) -> Option<Event> {
    let payload = entry.payload().filter(|_| entry.header().kind == Kind::Governance)?;
    match event::decode(&payload.bytes, entry.header().kind) {
        Decoded::Known(parsed) => Some(parsed.body),
        Decoded::Unknown { .. } | Decoded::Invalid(_) => None,
    }
}

/// The first seq after the last honoured entry.
fn end_of(honoured: Option<Honoured>) -> u64 {
    honoured.map_or(0, |honoured| honoured.seq.saturating_add(1))
}
