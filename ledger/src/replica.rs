// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A replica: one party's copy of the ledger, as it is held.
//!
//! Joins the entry log, the index, the grants and what is held back. Entries come in through
//! [`Replica::ingest`] alone. Nothing here has an opinion about what an event means: that is the
//! replay's.

mod doubt;
mod held_back;
mod ingest;
mod law;
mod need;
mod proofs;
mod read_ahead;
mod recover;
mod redact;
mod repair;
mod shared;
mod tips;
mod verify;

pub use held_back::{HeldBackFull, Origin};
pub use ingest::{IngestError, Ingested, Outcome};
pub use read_ahead::ReadAhead;
pub(crate) use recover::check_charter;
pub use recover::{Recovery, Unlinked};
pub use repair::{Fetch, RepairReport, restore_charter};
pub use shared::{CheckedEntries, SharedReplica};
pub use tips::SigningPlace;

use tips::LookedAt;
pub use verify::{Damage, VerifyReport};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use crate::chain::FeedEnd;
use crate::entry::decode::decode_header;
use crate::entry::verify::KnownKeys;
use crate::entry::{ForkProof, Kind, Payload, VerifiedEntry, decode_signed_entry, verify_entry};
use crate::event::{self, Charter, Decoded, Event};
use crate::frontier::{FeedHead, Frontier};
use crate::governance::{Authority, Governance};
use crate::grants::Grants;
use crate::id::{EntryId, LedgerId, PayloadHash, PublicKey};
use crate::index::{EntryRow, Index};
use crate::store::{Attachments, EntryLog, Position, RecordKind, Rows, StoreError};
use held_back::HeldBack;
use law::Law;

/// One party's copy of a ledger.
#[derive(Debug)]
pub struct Replica {
    ledger: LedgerId,
    law: Law,
    log: Box<dyn EntryLog>,
    rows: Arc<dyn Rows>,
    /// Files that go with a payload that is dropped; none: nothing is kept beside the log.
    attachments: Option<Arc<dyn Attachments>>,
    held_back: HeldBack,
    /// Fork proofs about keys that nobody is known to have been granted yet.
    waiting_proofs: BTreeMap<PublicKey, ForkProof>,
    frontier: Frontier,
    /// How many effects the frontier has been computed with.
    effects_seen: usize,
    /// The log may hold what rows and frontier do not say yet: a write of the rows failed.
    is_behind: bool,
    /// What was found in feeds when it was asked whether there is something to acknowledge.
    looked_at: Mutex<BTreeMap<PublicKey, LookedAt>>,
    /// Held since rows and frontier caught up with the log, and still waited for by entries that are
    /// held back.
    late: BTreeSet<EntryId>,
}

impl Replica {
    /// The ledger.
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Whose keys may write.
    pub const fn grants(&self) -> &Grants {
        &self.law.grants
    }

    /// What is known of governance entries and of what took effect at them.
    pub const fn governance(&self) -> &Governance {
        &self.law.governance
    }

    /// What holds after everything that is held.
    pub fn authority(&self) -> &Authority {
        &self.law.authority
    }

    /// Where a key ends: what it wrote from there on is not needed unless somebody cites it.
    pub fn find_end(&self, key: &PublicKey) -> Option<FeedEnd> {
        let feed = self.frontier.feeds.get(key);
        self.law.end_of(key, feed.and_then(|feed| feed.forked_seq))
    }

    /// Which ledger this replica holds.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Entries held, on every branch.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn count_entries(&self) -> Result<u64, StoreError> {
        Ok(self.rows.meta()?.map_or(0, |meta| meta.entries))
    }

    /// What the index knows of an entry; absent where it is not held.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find(&self, id: &EntryId) -> Result<Option<EntryRow>, StoreError> {
        self.rows.entry(id)
    }

    /// The entry that arrived as number `arrival`, from 0; parents always before their children.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_arrival(&self, arrival: u64) -> Result<Option<EntryId>, StoreError> {
        self.rows.arrived(arrival)
    }

    /// The first seq above everything held of a key, on every branch.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_next_seq(&self, key: &PublicKey) -> Result<u64, StoreError> {
        self.rows.next_seq(key)
    }

    /// Every entry held in a slot; more than one only after a fork.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_slot(&self, key: &PublicKey, seq: u64) -> Result<Vec<EntryId>, StoreError> {
        self.rows.slot_entries(key, seq)
    }

    /// The entries of a key from one seq to another and the place of each in the log, one of each slot
    /// and without a gap: those below its fork are all there is.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn find_run(
        &self,
        key: &PublicKey,
        seqs: (u64, u64),
        limit: usize,
    ) -> Result<Vec<(EntryId, u64)>, StoreError> {
        self.rows.slots_from(key, seqs, limit)
    }

    /// Whether `ancestor` is an ancestor of `of`; false where either is not held.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn is_ancestor(&self, ancestor: &EntryId, of: &EntryId) -> Result<bool, StoreError> {
        match (self.rows.entry(ancestor)?, self.rows.entry(of)?) {
            (Some(ancestor), Some(of)) => self.rows.is_ancestor(&ancestor, &of),
            (_, _) => Ok(false),
        }
    }

    /// Entries whose payload has not arrived, ascending by id.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn list_pending(&self) -> Result<Vec<EntryId>, StoreError> {
        self.rows.pending()
    }

    /// Parents that entries held back are waiting for: what peers are asked for by id.
    pub fn list_wanted(&self) -> BTreeSet<EntryId> {
        self.held_back.wanted()
    }

    /// Every fork proof held, verified again, ascending by key.
    ///
    /// # Errors
    /// Where the index cannot be read or holds a proof that does not verify.
    pub fn list_fork_proofs(&self) -> Result<Vec<ForkProof>, StoreError> {
        let encoded = self.rows.fork_proofs()?;
        encoded.iter().map(|(_, _, proof)| self.decode_proof(proof)).collect()
    }

    /// The proof of a key's lowest fork.
    ///
    /// # Errors
    /// Where the index cannot be read or holds a proof that does not verify.
    pub fn find_fork_proof(&self, key: &PublicKey) -> Result<Option<ForkProof>, StoreError> {
        let encoded = self.rows.fork_proof(key)?;
        encoded.map(|(_, proof)| self.decode_proof(&proof)).transpose()
    }

    /// An entry as it is stored, to be sent: its id and payload hash are checked, its signature is
    /// the receiver's to check.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the log does not hold what the index says.
    pub fn read_message(&self, id: &EntryId) -> Result<Option<v1::SignedEntry>, StoreError> {
        let Some(row) = self.rows.entry(id)? else {
            return Ok(None);
        };
        let bytes = read_record(&*self.log, &row, row.position, RecordKind::Entry)?;
        let mut message = v1::SignedEntry::decode(bytes)
            .map_err(|error| damage(&row, row.position, error.to_string()))?;
        if EntryId::of_header(&message.header) != *id {
            let reason = "the record holds another entry".to_owned();
            return Err(damage(&row, row.position, reason));
        }
        let mut payload_at = row.position;
        if let Some(late) = row.late_payload {
            let payload = read_late_payload(&*self.log, &row, late)?;
            message.payload = Some(payload.bytes);
            message.salt = Some(Bytes::copy_from_slice(&payload.salt));
            payload_at = late;
        }
        check_payload(&message).map_err(|reason| damage(&row, payload_at, reason))?;
        Ok(Some(message))
    }

    /// An entry as it is held, through the same checks as an entry from outside.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] or [`StoreError::Unsound`] where the log does not hold what it held.
    pub fn read_entry(&self, id: &EntryId) -> Result<Option<VerifiedEntry>, StoreError> {
        let Some(row) = self.rows.entry(id)? else {
            return Ok(None);
        };
        read_held(&*self.log, &row, self.ledger, self.law.grants.known_keys()).map(Some)
    }

    /// The log, for verification and repair.
    pub fn log(&self) -> &dyn EntryLog {
        &*self.log
    }

    /// The index, for verification and repair.
    pub fn rows(&self) -> &dyn Rows {
        &*self.rows
    }

    /// Gives log and index back, to be reopened after a repair.
    pub fn into_store(self) -> (Box<dyn EntryLog>, Arc<dyn Rows>) {
        (self.log, self.rows)
    }

    fn decode_proof(&self, bytes: &[u8]) -> Result<ForkProof, StoreError> {
        let damaged = |reason: String| StoreError::IndexDamaged { reason };
        let message = v1::ForkProof::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        ForkProof::verify(&message, self.ledger).map_err(|error| damaged(error.to_string()))
    }

    /// Computes the frontier again, for keys whose feeds or ends have changed.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn refresh(&mut self, mut touched: BTreeSet<PublicKey>) -> Result<(), StoreError> {
        let effects = self.law.governance.effects().len();
        let decided = effects != self.effects_seen;
        if decided {
            self.effects_seen = effects;
            touched.extend(self.law.refresh());
        }
        let mut shrunk = decided;
        for key in touched {
            let feed = find_feed_head(&*self.rows, &key, self.law.cut_offs.get(&key).copied())?;
            let before = self.frontier.feeds.get(&key).and_then(|before| before.head);
            shrunk |= feed.head.map(|(seq, _)| seq) < before.map(|(seq, _)| seq);
            if feed.head.is_none() && feed.forked_seq.is_none() {
                self.frontier.feeds.remove(&key);
            } else {
                self.frontier.feeds.insert(key, feed);
            }
        }
        if shrunk || !self.frontier.decisions.is_empty() {
            self.frontier.decisions =
                list_decisions(&*self.rows, &self.frontier, &self.law.decisive)?;
        }
        if decided {
            self.drop_redacted()?;
        }
        Ok(())
    }
}

/// Decisive entries that are neither a head nor an ancestor of one.
fn list_decisions(
    rows: &dyn Rows,
    frontier: &Frontier,
    decisive: &BTreeSet<EntryId>,
) -> Result<BTreeSet<EntryId>, StoreError> {
    let mut decisions = BTreeSet::new();
    for id in decisive {
        let Some(row) = rows.entry(id)? else {
            continue;
        };
        // The feed's own head answers nearly always.
        let own = frontier.feeds.get(&row.facts.author).and_then(|feed| feed.head);
        let heads = frontier.feeds.values().filter_map(|feed| feed.head);
        let mut covered = false;
        for (_, head) in own.into_iter().chain(heads) {
            if let Some(head) = rows.entry(&head)?.filter(|_| !covered) {
                covered = head.facts.id == *id || rows.is_ancestor(&row, &head)?;
            }
        }
        if !covered {
            decisions.insert(*id);
        }
    }
    Ok(decisions)
}

/// A held entry, through the same checks as an entry from outside.
fn read_held(
    log: &dyn EntryLog,
    row: &EntryRow,
    ledger: LedgerId,
    known: &KnownKeys,
) -> Result<VerifiedEntry, StoreError> {
    let id = row.facts.id;
    let bytes = read_record(log, row, row.position, RecordKind::Entry)?;
    let unsound = |reason: String| StoreError::Unsound { entry: id, reason };
    let entry = decode_signed_entry(&bytes).map_err(|error| unsound(error.to_string()))?;
    if entry.id() != id {
        let reason = "the record holds another entry".to_owned();
        return Err(damage(row, row.position, reason));
    }
    let entry = verify_entry(entry, ledger, known).map_err(|error| unsound(error.to_string()))?;
    match row.late_payload {
        None => Ok(entry),
        Some(late) => {
            let payload = read_late_payload(log, row, late)?;
            entry.with_payload(payload).map_err(|error| unsound(error.to_string()))
        }
    }
}

fn read_record(
    log: &dyn EntryLog,
    row: &EntryRow,
    position: Position,
    expected: RecordKind,
) -> Result<Bytes, StoreError> {
    let record = log.read(position).map_err(|mut error| {
        if let StoreError::Damaged { entry, .. } = &mut error {
            *entry = Some(row.facts.id);
        }
        error
    })?;
    if record.kind == expected {
        Ok(record.bytes)
    } else {
        let reason = format!("expected a record of kind {expected:?}, found {:?}", record.kind);
        Err(damage(row, position, reason))
    }
}

/// Whether a stored message has the payload that its header names, or none.
fn check_payload(message: &v1::SignedEntry) -> Result<(), String> {
    let Some(payload) = &message.payload else {
        return Ok(());
    };
    let header = decode_header(&message.header).map_err(|error| error.to_string())?;
    let salt = message.salt.as_deref().unwrap_or_default();
    if PayloadHash::of(salt, payload) == header.payload_hash {
        Ok(())
    } else {
        Err("the payload is not the one that was signed".to_owned())
    }
}

fn read_late_payload(
    log: &dyn EntryLog,
    row: &EntryRow,
    at: Position,
) -> Result<Payload, StoreError> {
    let bytes = read_record(log, row, at, RecordKind::LatePayload)?;
    let late = decode_late_payload(&bytes).map_err(|reason| damage(row, at, reason))?;
    if late.0 == row.facts.id {
        Ok(late.1)
    } else {
        Err(damage(row, at, "the record holds another payload".to_owned()))
    }
}

fn damage(row: &EntryRow, position: Position, reason: String) -> StoreError {
    StoreError::Damaged {
        file: format!("segment {}", position.segment),
        position,
        entry: Some(row.facts.id),
        reason,
    }
}

/// Where a feed stands: its last entry below its fork and within its cut-off.
fn find_feed_head(
    rows: &dyn Rows,
    key: &PublicKey,
    cut_off: Option<u64>,
) -> Result<FeedHead, StoreError> {
    let forked_seq = rows.fork_proof(key)?.map(|(seq, _)| seq);
    let end = FeedEnd::of(forked_seq, cut_off).map(FeedEnd::seq);
    let mut head = None;
    for lane in rows.lanes_of(key)? {
        let row = rows.lane(lane)?;
        let last = match end {
            Some(end) => end.checked_sub(1).map(|below| below.min(row.head_seq)),
            None => Some(row.head_seq),
        };
        // Below the lowest fork there is one branch, so the slot has one entry.
        if let Some(seq) = last
            && seq >= row.first_seq
            && head.is_none_or(|(known, _)| known < seq)
        {
            let id = if seq == row.head_seq {
                Some(row.head)
            } else {
                rows.slot_entries(key, seq)?.first().copied()
            };
            head = id.map(|id| (seq, id)).or(head);
        }
    }
    Ok(FeedHead { head, forked_seq })
}

/// Where every feed stands.
fn read_frontier(rows: &dyn Rows, law: &Law) -> Result<Frontier, StoreError> {
    let mut frontier = Frontier::default();
    for (key, _) in law.grants.iter() {
        let feed = find_feed_head(rows, key, law.cut_offs.get(key).copied())?;
        if feed.head.is_some() || feed.forked_seq.is_some() {
            frontier.feeds.insert(*key, feed);
        }
    }
    frontier.decisions = list_decisions(rows, &frontier, &law.decisive)?;
    Ok(frontier)
}

/// What the charter grants. Refuses an entry that is no valid charter.
fn read_charter(entry: &VerifiedEntry) -> Result<Charter, StoreError> {
    let bad = |reason: String| StoreError::BadCharter { reason };
    if entry.header().kind != Kind::Governance {
        return Err(bad("its header says that it is no governance entry".to_owned()));
    }
    let payload = entry.payload().ok_or_else(|| bad("its payload is missing".to_owned()))?;
    let parsed = match event::decode(&payload.bytes, entry.header().kind) {
        Decoded::Known(parsed) => parsed,
        Decoded::Unknown { reason } => return Err(bad(reason.to_string())),
        Decoded::Invalid(error) => return Err(bad(error.to_string())),
    };
    let Event::Charter(charter) = parsed.body else {
        return Err(bad("its event is not a charter".to_owned()));
    };
    match charter.check_founder(&entry.header().author) {
        Ok(()) => Ok(*charter),
        Err(error) => Err(bad(error.to_string())),
    }
}

/// Decodes the record of a payload that arrived late, as strictly as that of an entry.
fn decode_late_payload(bytes: &Bytes) -> Result<(EntryId, Payload), String> {
    let late = v1::LatePayload::decode(bytes.clone()).map_err(|error| error.to_string())?;
    if late.encode_to_vec() != *bytes {
        return Err("the LatePayload message does not re-encode to its own bytes".to_owned());
    }
    match (EntryId::from_slice(&late.entry_id), (&*late.salt).try_into()) {
        (Some(id), Ok(salt)) => Ok((id, Payload { bytes: late.payload, salt })),
        (_, _) => Err("expected an entry id of 32 bytes and a salt of 16".to_owned()),
    }
}
