// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The one way in: decode and verify on all cores, link, append, sync, index.
//!
//! Every entry, local or from a peer, a bundle or an import, comes through [`Replica::ingest`]. What
//! it returns is durable. Pure as to what it decides: no clock, no local opinion.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use super::held_back::{Author, HeldBackFull, Origins, Released};
use super::need::{Need, Tried};
use super::{Origin, Replica};
use crate::chain::{Admission, ChainError, FeedEnd, Link, LinkedEntry, link};
use crate::entry::verify::KnownKeys;
use crate::entry::{
    DecodeError, ForkError, ForkProof, Prev, UnverifiedEntry, VerifiedEntry, VerifyError,
    verify_batch,
};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::index::{CutOffs, HeldIn, Index, Staged, StagedPart};
use crate::store::{Position, Record, RecordKind, Rows, StoreError};

/// Why an entry was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// Step 1.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Step 2.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Step 3.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Too much waits already.
    #[error(transparent)]
    HeldBackFull(#[from] HeldBackFull),
    /// A fork proof that proves nothing.
    #[error(transparent)]
    Fork(#[from] ForkError),
}

impl Coded for IngestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Decode(error) => error.code(),
            Self::Verify(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::HeldBackFull(_) => "ingest.held_back_full",
            Self::Fork(error) => error.code(),
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Decode(error) => error.fault(),
            Self::Verify(error) => error.fault(),
            Self::Chain(error) => error.fault(),
            Self::HeldBackFull(_) => Fault::Unavailable,
            Self::Fork(error) => error.fault(),
        }
    }
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Stored, durable, in its place.
    Stored {
        /// Place in the entry log.
        arrival: u64,
    },
    /// Held already.
    AlreadyHeld,
    /// Held already without its payload, which is stored now.
    PayloadStored,
    /// Waits, in memory, until these have come.
    HeldBack {
        /// Missing parents; its own id where its payload is missing.
        missing: Vec<EntryId>,
        /// Whether it is waited for wherever it stands: something that has a place cites it, or a
        /// decision may have passed at it.
        needed: bool,
    },
    /// Another entry stands in its slot: the proof is stored, the entry is not.
    Fork {
        /// The key that forked.
        key: PublicKey,
        /// The slot.
        seq: u64,
    },
    /// Beyond the key's end, and nobody cites it.
    NotNeeded {
        /// Where the key ends.
        end: FeedEnd,
    },
    /// Refused.
    Refused(IngestError),
}

/// What a call of [`Replica::ingest`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// One for each entry offered, in the same order.
    pub outcomes: Vec<(Option<EntryId>, Outcome)>,
    /// Entries that had waited and are stored now, in the order of arrival.
    pub released: Vec<EntryId>,
    /// Keys with a fork that was not known before, or a lower one.
    pub forked: BTreeSet<PublicKey>,
}

/// What will stand in the log once it is written.
pub(super) enum Pending {
    Entry(EntryId),
    LatePayload(EntryId),
    ForkProof,
}

/// Entries that one caller offers, checked as far as steps 1 and 2.
pub(super) type OfferedBatch = (Vec<Checked>, Origin);

/// An entry as far as steps 1 and 2, or its id, where it could be told, and why it is refused.
pub(super) type Checked = Result<VerifiedEntry, Box<(Option<EntryId>, IngestError)>>;

/// What was staged in a part of a batch.
pub(super) struct BatchPart {
    staged: StagedPart,
    records: Vec<Record>,
    pending: Vec<Pending>,
    fresh: BTreeMap<EntryId, VerifiedEntry>,
    touched: BTreeSet<PublicKey>,
    fork_is_news: bool,
}

/// A batch on its way: staged, not yet durable.
pub(super) struct Batch<'a> {
    pub(super) staged: Staged<'a>,
    pub(super) records: Vec<Record>,
    pub(super) pending: Vec<Pending>,
    pub(super) fresh: BTreeMap<EntryId, VerifiedEntry>,
    pub(super) touched: BTreeSet<PublicKey>,
    /// What had waited and was placed: it waits again if the write fails.
    released: Vec<Released>,
    /// What was placed besides the entry that came: what waited for it is still to be placed.
    pub(super) arrived: Vec<EntryId>,
    /// What had waited and is to be placed.
    ready: Vec<Released>,
    /// A fork came to light since it was last asked what waits because it is needed.
    pub(super) fork_is_news: bool,
}

impl Replica {
    /// Takes entries in. Returns when what it reports as stored is durable.
    ///
    /// # Errors
    /// Where the store fails; then nothing of the call is acknowledged. What a rule refuses is an
    /// outcome, not an error.
    pub fn ingest(
        &mut self,
        offered: Vec<Result<UnverifiedEntry, DecodeError>>,
        origin: Origin,
    ) -> Result<Ingested, StoreError> {
        let verified = verify_offered(offered, self.ledger, self.law.grants.known_keys());
        let all = self.ingest_batches(vec![(verified, origin)])?;
        Ok(all.into_iter().next().unwrap_or_default())
    }

    /// Takes several callers' entries in with one write and one sync.
    pub(super) fn ingest_batches(
        &mut self,
        batches: Vec<OfferedBatch>,
    ) -> Result<Vec<Ingested>, StoreError> {
        self.catch_up()?;
        let late = std::mem::take(&mut self.late);
        let rows = Arc::clone(&self.rows);
        let mut batch = Batch::over(&*rows, self.ledger)?;
        let mark = self.law.governance.mark();
        let placed = self.place_all(&mut batch, batches, late.iter().copied().collect());
        let released = std::mem::take(&mut batch.released);
        let written = placed.and_then(|all| match self.commit(batch) {
            Err(error) if self.is_behind && self.rows.has_failed() => {
                // A database that found no room a while ago says so only now, when all is in the log:
                // once more, from there.
                self.law.governance.take_back(mark);
                self.catch_up().map(|()| all).or(Err(error))
            }
            done => done.map(|()| all),
        });
        let written = written.and_then(|mut all| {
            // A proof may have come before the grant of its key.
            let forked = self.place_waiting_proofs()?;
            if let Some(last) = all.last_mut() {
                last.forked.extend(forked);
            }
            Ok(all)
        });
        if written.is_err() {
            self.law.governance.take_back(mark);
            self.late.extend(late);
            for released in released.into_iter().rev() {
                self.held_back.restore(released);
            }
        }
        written
    }

    fn place_all(
        &mut self,
        batch: &mut Batch<'_>,
        batches: Vec<OfferedBatch>,
        mut late: Vec<EntryId>,
    ) -> Result<Vec<Ingested>, StoreError> {
        let mut all = Vec::with_capacity(batches.len());
        for (offered, origin) in batches {
            let mut ingested = Ingested::default();
            self.place_released(batch, std::mem::take(&mut late), &mut ingested)?;
            for entry in offered {
                match entry {
                    Ok(entry) => self.place(batch, entry, origin, &mut ingested)?,
                    Err(refused) => {
                        let (id, error) = *refused;
                        ingested.outcomes.push((id, Outcome::Refused(error)));
                    }
                }
            }
            all.push(ingested);
        }
        Ok(all)
    }

    /// Forgets what a peer brought and what still waits for a parent.
    pub fn drop_origin(&mut self, origin: Origin) {
        self.held_back.drop_origin(origin);
    }

    /// Places one entry and everything that waited for it.
    fn place(
        &mut self,
        batch: &mut Batch<'_>,
        entry: VerifiedEntry,
        origin: Origin,
        ingested: &mut Ingested,
    ) -> Result<(), StoreError> {
        let id = entry.id();
        let outcome = self.place_one(batch, entry, &Origins::from([origin]), ingested)?;
        let arrived = if is_held(&outcome) { vec![id] } else { Vec::new() };
        ingested.outcomes.push((Some(id), outcome));
        self.place_released(batch, arrived, ingested)
    }

    /// Places everything that waited for these, and what waited for that.
    fn place_released(
        &mut self,
        batch: &mut Batch<'_>,
        mut arrived: Vec<EntryId>,
        ingested: &mut Ingested,
    ) -> Result<(), StoreError> {
        loop {
            arrived.append(&mut batch.arrived);
            let mut ready = std::mem::take(&mut batch.ready);
            if let Some(parent) = arrived.pop() {
                ready.extend(self.held_back.release(&parent));
            } else if ready.is_empty() {
                return Ok(());
            }
            for child in ready {
                let id = child.entry.id();
                let (entry, origins) = (child.entry.clone(), child.origins.clone());
                batch.released.push(child);
                let outcome = self.place_one(batch, entry, &origins, ingested)?;
                if matches!(outcome, Outcome::Stored { .. }) {
                    ingested.released.push(id);
                }
                if is_held(&outcome) {
                    arrived.push(id);
                }
            }
        }
    }

    fn place_one(
        &mut self,
        batch: &mut Batch<'_>,
        entry: VerifiedEntry,
        origins: &Origins,
        ingested: &mut Ingested,
    ) -> Result<Outcome, StoreError> {
        // Only the first entry of a feed is asked for a grant.
        if matches!(entry.header().prev, Prev::Ledger(_))
            && batch.staged.entry(&entry.id())?.is_none()
            && let Err(stranger) = self.law.lets_in(&batch.staged, &entry)?
        {
            return Ok(Outcome::Refused(stranger.into()));
        }
        let admission = match self.find_need(batch, &entry)? {
            Need::None => Admission::Offered,
            Need::Cited => Admission::Cited,
            Need::Decides(deciders) => {
                return match self.try_to_decide(batch, &entry, &deciders, ingested)? {
                    Tried::Settled(outcome) => Ok(outcome),
                    Tried::Misses(missing) => {
                        self.prove_by_waiting(batch, &entry, ingested)?;
                        Ok(self.hold_back(entry, missing, true, origins))
                    }
                };
            }
        };
        let held = HeldIn(&batch.staged, &self.law.cut_offs);
        let linked = match link(entry, &held, &self.law.grants, admission)? {
            Ok(linked) => linked,
            Err(error) => return Ok(Outcome::Refused(error.into())),
        };
        match linked {
            Link::Linked(linked) => {
                let arrival = self.keep(batch, &linked, ingested)?;
                Ok(Outcome::Stored { arrival })
            }
            Link::AlreadyHeld(entry) if self.is_redacted(&entry.id()) => Ok(Outcome::AlreadyHeld),
            Link::AlreadyHeld(entry) => batch.add_late_payload(&entry),
            Link::HeldBack(entry, missing) => {
                self.prove_by_waiting(batch, &entry, ingested)?;
                let (id, needed) = (entry.id(), admission == Admission::Cited);
                let outcome = self.hold_back(*entry, missing, needed, origins);
                // What waits below it to see whether it decides is needed now whether it does or not.
                batch.ready.extend(self.held_back.take_undecided_below(&id));
                Ok(outcome)
            }
            Link::Fork(entry, rivals) => {
                let (key, seq) = (entry.header().author, entry.header().seq);
                if self.prove_forks(batch, &entry, &rivals)? {
                    ingested.forked.insert(key);
                }
                Ok(Outcome::Fork { key, seq })
            }
            Link::NotNeeded { end } => Ok(Outcome::NotNeeded { end }),
        }
    }

    /// Two headers in one slot prove a fork whether or not their parents are held; else two forked
    /// keys that cite each other's branches would hide each other's fork.
    fn prove_by_waiting(
        &mut self,
        batch: &mut Batch<'_>,
        entry: &VerifiedEntry,
        ingested: &mut Ingested,
    ) -> Result<(), StoreError> {
        let (key, seq) = (entry.header().author, entry.header().seq);
        let mut rivals = batch.staged.slot_entries(&key, seq)?;
        rivals.retain(|id| *id != entry.id());
        if self.prove_forks(batch, entry, &rivals)? {
            ingested.forked.insert(key);
        }
        Ok(())
    }

    /// Stages an entry that has its place.
    pub(super) fn keep(
        &mut self,
        batch: &mut Batch<'_>,
        linked: &LinkedEntry,
        ingested: &mut Ingested,
    ) -> Result<u64, StoreError> {
        let key = linked.entry().header().author;
        if self.prove_forks(batch, linked.entry(), linked.rivals())? {
            ingested.forked.insert(key);
        }
        let arrival = batch.add_entry(linked)?;
        // What waits for a parent has its place in the feed all the same.
        for rival in self.held_back.in_slot(&key, linked.entry().header().seq) {
            if let Ok(proof) = ForkProof::of_entries(self.ledger, linked.entry(), rival)
                && batch.add_proof(&proof)?
            {
                ingested.forked.insert(key);
            }
        }
        self.law.take_in(&batch.staged, linked.entry())?;
        Ok(arrival)
    }

    pub(super) fn hold_back(
        &mut self,
        entry: VerifiedEntry,
        missing: Vec<EntryId>,
        needed: bool,
        origins: &Origins,
    ) -> Outcome {
        let author = match self.law.grants.find(&entry.header().author) {
            Some(_) => Author::Granted,
            None => Author::Stranger,
        };
        match self.held_back.hold(entry, &missing, origins, author) {
            Ok(()) => Outcome::HeldBack { missing, needed },
            Err(full) => Outcome::Refused(full.into()),
        }
    }

    /// Writes the records, waits until they are durable, then writes the rows.
    pub(super) fn commit(&mut self, batch: Batch<'_>) -> Result<(), StoreError> {
        if batch.fork_is_news {
            self.held_back.forget_needed();
        }
        let Batch { mut staged, records, pending, touched, .. } = batch;
        if records.is_empty() {
            return Ok(());
        }
        let positions = self.log.append(&records)?;
        // Until rows and frontier say so too, what the log holds is caught up before anything else.
        self.is_behind = true;
        for (pending, position) in pending.iter().zip(&positions) {
            match pending {
                Pending::Entry(id) => staged.set_position(id, *position)?,
                Pending::LatePayload(id) => staged.set_payload(id, *position)?,
                Pending::ForkProof => {}
            }
        }
        staged.set_log_end(self.log.end(), positions.last().copied().unwrap_or_default());
        let rows = staged.into_batch()?;
        self.rows.apply(rows)?;
        self.refresh(touched)?;
        self.is_behind = false;
        Ok(())
    }
}

impl<'a> Batch<'a> {
    /// A part of a batch: kept whole by [`absorb`](Self::absorb), or dropped.
    pub(super) fn within(batch: &'a Batch<'_>) -> Self {
        Self {
            staged: Staged::within(&batch.staged),
            records: Vec::new(),
            pending: Vec::new(),
            fresh: batch.fresh.clone(),
            touched: BTreeSet::new(),
            released: Vec::new(),
            arrived: Vec::new(),
            ready: Vec::new(),
            fork_is_news: false,
        }
    }

    pub(super) fn into_part(self) -> BatchPart {
        let Self { staged, records, pending, fresh, touched, fork_is_news, .. } = self;
        BatchPart { staged: staged.into_part(), records, pending, fresh, touched, fork_is_news }
    }

    /// Keeps a part.
    pub(super) fn absorb(&mut self, part: BatchPart) {
        self.staged.absorb(part.staged);
        self.records.extend(part.records);
        self.pending.extend(part.pending);
        self.fresh = part.fresh;
        self.touched.extend(part.touched);
        self.fork_is_news |= part.fork_is_news;
    }

    pub(super) fn over(rows: &'a dyn Rows, ledger: LedgerId) -> Result<Self, StoreError> {
        Ok(Self {
            staged: Staged::over(rows, ledger)?,
            records: Vec::new(),
            pending: Vec::new(),
            fresh: BTreeMap::new(),
            touched: BTreeSet::new(),
            released: Vec::new(),
            arrived: Vec::new(),
            ready: Vec::new(),
            fork_is_news: false,
        })
    }

    /// Where a key ends, by a fork that is held or by decision.
    pub(super) fn end_of(
        &self,
        key: &PublicKey,
        cut_offs: &CutOffs,
    ) -> Result<Option<FeedEnd>, StoreError> {
        let forked = self.staged.fork_proof(key)?.map(|(seq, _)| seq);
        Ok(FeedEnd::of(forked, cut_offs.get(key).copied()))
    }

    /// Whether an entry's slot is at or beyond its key's end, or taken by another entry.
    pub(super) fn is_beyond_end(
        &self,
        entry: &VerifiedEntry,
        cut_offs: &CutOffs,
    ) -> Result<bool, StoreError> {
        let (key, seq) = (entry.header().author, entry.header().seq);
        if self.end_of(&key, cut_offs)?.is_some_and(|end| seq >= end.seq()) {
            return Ok(true);
        }
        let slot = self.staged.slot_entries(&key, seq)?;
        Ok(slot.iter().any(|id| *id != entry.id()))
    }

    fn add_entry(&mut self, linked: &LinkedEntry) -> Result<u64, StoreError> {
        let entry = linked.entry();
        let row = self.staged.add_entry(linked, Position::default())?;
        self.records.push(Record { kind: RecordKind::Entry, bytes: entry.encode() });
        self.pending.push(Pending::Entry(entry.id()));
        self.fresh.insert(entry.id(), entry.clone());
        self.touched.insert(entry.header().author);
        Ok(row.facts.arrival)
    }

    /// Keeps the payload of a held entry that lacks it.
    fn add_late_payload(&mut self, entry: &VerifiedEntry) -> Result<Outcome, StoreError> {
        let id = entry.id();
        let held = self.staged.entry(&id)?.is_some_and(|row| row.facts.has_payload);
        let Some(payload) = entry.payload().filter(|_| !held) else {
            return Ok(Outcome::AlreadyHeld);
        };
        let late = v1::LatePayload {
            entry_id: Bytes::copy_from_slice(id.as_bytes()),
            payload: payload.bytes.clone(),
            salt: Bytes::copy_from_slice(&payload.salt),
        };
        let bytes = late.encode_to_vec().into();
        self.records.push(Record { kind: RecordKind::LatePayload, bytes });
        self.pending.push(Pending::LatePayload(id));
        // The mark is changed now, so that the same payload twice in a batch is kept once.
        self.staged.set_payload(&id, Position::default())?;
        Ok(Outcome::PayloadStored)
    }
}

/// Whether the entry is held now, so that what waits for it has waited enough.
const fn is_held(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stored { .. } | Outcome::AlreadyHeld | Outcome::PayloadStored)
}

/// Checks signatures and payload hashes on all cores; the results stand in the order of the entries.
pub(super) fn verify_offered(
    offered: Vec<Result<UnverifiedEntry, DecodeError>>,
    ledger: LedgerId,
    known: &KnownKeys,
) -> Vec<Checked> {
    let mut ids = Vec::with_capacity(offered.len());
    let mut decoded = Vec::with_capacity(offered.len());
    for entry in offered {
        match entry {
            Ok(entry) => {
                ids.push(Ok(entry.id()));
                decoded.push(entry);
            }
            Err(error) => ids.push(Err(error)),
        }
    }
    let mut checked = verify_batch(decoded, ledger, known).into_iter();
    ids.into_iter()
        .filter_map(|id| match id {
            Err(error) => Some(Err(Box::new((None, error.into())))),
            Ok(id) => {
                let entry = checked.next()?;
                Some(entry.map_err(|error| Box::new((Some(id), error.into()))))
            }
        })
        .collect()
}
