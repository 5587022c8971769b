// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What this side receives: numbered batches within the window, what became of their entries, and
//! what it has to ask for by id.

use std::collections::{BTreeSet, VecDeque};

use constancia_proto::v1;

use super::error::shorten;
use super::limits::{
    BATCH_BYTES_MAX, BATCHES_IN_FLIGHT_MAX, FORK_PROOFS_PER_ROUND_MAX, MESSAGE_BYTES_MAX,
    REFUSALS_KEPT_MAX, WANT_IDS_PER_ROUND_MAX, WANT_PAYLOADS_PER_ROUND_MAX, WINDOW_BYTES_MAX,
};
use super::message::{at_most, check_fork_proofs, measure_batch};
use super::sending::refuse_forked;
use super::{ExchangeError, Refusal, Tally};
use crate::chain::ChainError;
use crate::entry::{DecodeError, Prev, UnverifiedEntry, decode_entry};
use crate::fault::{Coded as _, Fault};
use crate::id::{EntryId, PublicKey};
use crate::replica::{IngestError, Ingested, Outcome, Replica};
use crate::store::StoreError;

/// What is remembered of an entry until its batch is stored.
#[derive(Clone, Copy, Debug)]
struct Brief {
    id: EntryId,
    author: PublicKey,
    seq: u64,
    prev: Prev,
    has_payload: bool,
}

/// A batch that is being taken in.
#[derive(Debug)]
struct Incoming {
    number: u64,
    bytes: usize,
    entries: Vec<Option<Brief>>,
}

/// Entries of a batch, as far as they decode.
pub(super) type DecodedBatch = Vec<Result<UnverifiedEntry, DecodeError>>;

/// What follows from a batch that was taken in.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) stored: v1::Stored,
    /// Parents to ask for.
    pub(super) entries_wanted: Vec<EntryId>,
    /// Payloads to ask for.
    pub(super) payloads_wanted: Vec<EntryId>,
    /// Arrivals of what the other side brought: no news to it.
    pub(super) arrivals: Vec<u64>,
    /// An entry that nobody who checks could send.
    pub(super) malformed: Option<(Option<EntryId>, IngestError)>,
}

/// The receiving half of a session.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    last_number: u64,
    under_way: VecDeque<Incoming>,
    bytes_under_way: usize,
    proofs_under_way: usize,
    proofs_in_round: usize,
    /// Ids asked for in this round: each once.
    asked: BTreeSet<EntryId>,
    /// Entries of this round that wait for a parent: when they are released they are no news to the
    /// other side, which brought them.
    brought: BTreeSet<EntryId>,
    /// The last pending payload that an earlier round asked for.
    last_pending: Option<EntryId>,
    pub(super) tally: Tally,
}

impl Receiving {
    /// Forgets what an earlier round left over.
    pub(super) fn begin_round(&mut self) {
        self.asked.clear();
        self.brought.clear();
        self.proofs_in_round = 0;
        self.tally.rounds = self.tally.rounds.saturating_add(1);
    }

    /// Which of the pending payloads, ascending, to ask for in this round: those after the last one
    /// that was asked for, then from the first on.
    pub(super) fn ask_for_pending(&mut self, pending: &[EntryId]) -> Vec<EntryId> {
        let begin = self.last_pending.map_or(0, |last| pending.partition_point(|id| *id <= last));
        let (before, after) = pending.split_at_checked(begin).unwrap_or_default();
        let mut chosen = Vec::new();
        for id in after.iter().chain(before).take(WANT_PAYLOADS_PER_ROUND_MAX) {
            if self.may_ask(id) {
                chosen.push(*id);
            }
        }
        self.last_pending = chosen.last().copied().or(self.last_pending);
        chosen
    }

    /// Whether everything received is taken in.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.proofs_under_way == 0
    }

    /// Whether fork proofs are being taken in: what is sent depends on them.
    pub(super) const fn awaits_proofs(&self) -> bool {
        self.proofs_under_way > 0
    }

    /// Checks and decodes a batch.
    pub(super) fn batch(&mut self, batch: v1::Batch) -> Result<DecodedBatch, ExchangeError> {
        let expected = self.last_number.saturating_add(1);
        if batch.number != expected {
            let found = batch.number;
            return Err(ExchangeError::Number { message: "batch", expected, found });
        }
        let bytes = measure_batch(&batch)?;
        // A sender may begin its last batch just below the window.
        self.bytes_under_way = self.bytes_under_way.saturating_add(bytes);
        let limit = WINDOW_BYTES_MAX.saturating_add(BATCH_BYTES_MAX);
        at_most("bytes of unacknowledged entries", limit, self.bytes_under_way)?;
        let batches = self.under_way.len().saturating_add(1);
        at_most("unacknowledged batches", BATCHES_IN_FLIGHT_MAX, batches)?;
        self.last_number = batch.number;
        let decoded: DecodedBatch = batch.entries.into_iter().map(decode_entry).collect();
        let entries: Vec<Option<Brief>> = decoded
            .iter()
            .map(|entry| {
                entry.as_ref().ok().map(|entry| Brief {
                    id: entry.id(),
                    author: entry.header().author,
                    seq: entry.header().seq,
                    prev: entry.header().prev,
                    has_payload: entry.has_payload(),
                })
            })
            .collect();
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        self.tally.received = self.tally.received.saturating_add(count);
        self.under_way.push_back(Incoming { number: batch.number, bytes, entries });
        Ok(decoded)
    }

    /// Checks a message of fork proofs.
    pub(super) fn fork_proofs(&mut self, message: &v1::ForkProofs) -> Result<(), ExchangeError> {
        check_fork_proofs(message)?;
        self.proofs_in_round = self.proofs_in_round.saturating_add(message.proofs.len());
        let limit = FORK_PROOFS_PER_ROUND_MAX;
        at_most("fork proofs in a round", limit, self.proofs_in_round)?;
        self.proofs_under_way = self.proofs_under_way.saturating_add(1);
        Ok(())
    }

    /// Counts anew where all proofs are taken in: while both follow there is no end to the round, and
    /// a key may be found to have forked lower and lower.
    pub(super) const fn forgive_proofs(&mut self) {
        if self.proofs_under_way == 0 {
            self.proofs_in_round = 0;
        }
    }

    /// Takes in what became of a message of fork proofs.
    pub(super) fn proofs_ingested(
        &mut self,
        outcomes: &[Result<bool, IngestError>],
    ) -> Result<(), ExchangeError> {
        self.proofs_under_way = self.proofs_under_way.saturating_sub(1);
        for outcome in outcomes {
            match outcome {
                Ok(true) => self.tally.forks = self.tally.forks.saturating_add(1),
                Ok(false) => {}
                Err(error) if error.fault() == Fault::Malformed => {
                    let source = Box::new(error.clone());
                    return Err(ExchangeError::Entry { id: None, source });
                }
                Err(error) => self.keep_refusal(None, error.code(), &error.to_string()),
            }
        }
        Ok(())
    }

    /// Says what to answer to a batch, now that it is durable.
    pub(super) fn ingested(
        &mut self,
        replica: &Replica,
        number: u64,
        ingested: &Ingested,
    ) -> Result<Taken, ExchangeError> {
        let expected = self.under_way.front().map_or(0, |batch| batch.number);
        let Some(batch) = self.under_way.pop_front().filter(|batch| batch.number == number) else {
            let found = number;
            return Err(ExchangeError::Number { message: "batch taken in", expected, found });
        };
        self.bytes_under_way = self.bytes_under_way.saturating_sub(batch.bytes);
        let mut taken = Taken::default();
        taken.stored.number = number;
        for (brief, (_, outcome)) in batch.entries.iter().zip(&ingested.outcomes) {
            self.take_outcome(replica, brief.as_ref(), outcome, &mut taken)?;
        }
        for id in &ingested.released {
            if self.brought.remove(id)
                && let Some(row) = replica.find(id)?
            {
                taken.arrivals.push(row.facts.arrival);
            }
        }
        let stored = u64::try_from(ingested.released.len()).unwrap_or(u64::MAX);
        self.tally.stored = self.tally.stored.saturating_add(stored);
        let forks = u64::try_from(ingested.forked.len()).unwrap_or(u64::MAX);
        self.tally.forks = self.tally.forks.saturating_add(forks);
        Ok(taken)
    }

    fn take_outcome(
        &mut self,
        replica: &Replica,
        brief: Option<&Brief>,
        outcome: &Outcome,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let id = brief.map(|brief| brief.id);
        match outcome {
            Outcome::Stored { arrival } => {
                taken.arrivals.push(*arrival);
                self.tally.stored = self.tally.stored.saturating_add(1);
                // What came with its payload lacks none.
                if let Some(id) = brief.filter(|brief| !brief.has_payload).map(|brief| brief.id)
                    && replica.find(&id)?.is_some_and(|row| !row.facts.has_payload)
                    && !replica.is_redacted(&id)
                    && self.may_ask(&id)
                {
                    taken.payloads_wanted.push(id);
                }
            }
            Outcome::PayloadStored => self.tally.stored = self.tally.stored.saturating_add(1),
            Outcome::AlreadyHeld => {
                if let Some(id) = id
                    && let Some(row) = replica.find(&id)?
                {
                    taken.arrivals.push(row.facts.arrival);
                }
            }
            Outcome::HeldBack { missing, needed } => {
                if let Some(brief) = brief {
                    if *needed {
                        self.asked.insert(brief.id);
                    }
                    if self.brought.len() < WANT_IDS_PER_ROUND_MAX {
                        self.brought.insert(brief.id);
                    }
                    self.ask_for_missing(replica, brief, missing, taken)?;
                }
            }
            Outcome::Fork { key, seq } => {
                refuse(taken, id, refuse_forked(*key, *seq, *seq));
            }
            Outcome::NotNeeded { end } => {
                if let Some(brief) = brief {
                    let error = ChainError::of_end(brief.author, brief.seq, *end);
                    refuse(taken, id, (error.code(), error.to_string()));
                }
            }
            Outcome::Refused(error) => {
                let message = error.to_string();
                self.keep_refusal(id, error.code(), &message);
                refuse(taken, id, (error.code(), message));
                if error.fault() == Fault::Malformed && taken.malformed.is_none() {
                    taken.malformed = Some((id, error.clone()));
                }
            }
        }
        Ok(())
    }

    /// Asks for what an entry waits for, unless the entry only lies on another branch whose
    /// beginning is still being looked for.
    fn ask_for_missing(
        &mut self,
        replica: &Replica,
        brief: &Brief,
        missing: &[EntryId],
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let still_missing = {
            let mut ids = Vec::new();
            for id in missing {
                if replica.find(id)?.is_none() {
                    ids.push(*id);
                }
            }
            ids
        };
        let refusal = ChainError::of_missing(brief.author, brief.seq, brief.id, &still_missing);
        let Some(error) = refusal else {
            return Ok(());
        };
        refuse(taken, Some(brief.id), (error.code(), error.to_string()));
        if still_missing == [brief.id] {
            if self.may_ask(&brief.id) {
                taken.payloads_wanted.push(brief.id);
            }
            return Ok(());
        }
        // An entry that was asked for is needed with all its parents.
        if !self.asked.contains(&brief.id) && is_on_other_branch(replica, brief, &still_missing)? {
            return Ok(());
        }
        for id in still_missing {
            if self.may_ask(&id) {
                taken.entries_wanted.push(id);
            }
        }
        Ok(())
    }

    fn may_ask(&mut self, id: &EntryId) -> bool {
        self.asked.len() < WANT_IDS_PER_ROUND_MAX && self.asked.insert(*id)
    }

    fn keep_refusal(&mut self, id: Option<EntryId>, code: &'static str, message: &str) {
        if self.tally.refused.len() < REFUSALS_KEPT_MAX {
            self.tally.refused.push(Refusal { id, code, message: message.to_owned() });
        }
    }
}

/// Whether this replica holds another entry than the predecessor in its slot, or knows that the key
/// forked before.
fn is_on_other_branch(
    replica: &Replica,
    brief: &Brief,
    missing: &[EntryId],
) -> Result<bool, StoreError> {
    if replica.find_end(&brief.author).is_some_and(|end| end.seq() <= brief.seq) {
        return Ok(true);
    }
    match (brief.prev, brief.seq.checked_sub(1)) {
        (Prev::Entry(prev), Some(before)) if missing.contains(&prev) => {
            Ok(!replica.find_slot(&brief.author, before)?.is_empty())
        }
        (_, _) => Ok(false),
    }
}

fn refuse(taken: &mut Taken, id: Option<EntryId>, (code, mut message): (&'static str, String)) {
    shorten(&mut message, MESSAGE_BYTES_MAX);
    taken.stored.refusals.push(v1::Refusal {
        id: id.map_or_else(bytes::Bytes::new, |id| bytes::Bytes::copy_from_slice(id.as_bytes())),
        code: code.to_owned(),
        message,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> EntryId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
        EntryId::from_bytes(bytes)
    }

    #[test]
    fn every_pending_payload_has_its_turn_within_the_limit_of_a_round() {
        let pending: Vec<EntryId> = (0..WANT_PAYLOADS_PER_ROUND_MAX * 2 + 5).map(id).collect();
        let mut receiving = Receiving::default();
        let mut asked = BTreeSet::new();
        for _ in 0..3 {
            receiving.begin_round();
            let chosen = receiving.ask_for_pending(&pending);
            assert_eq!(chosen.len(), WANT_PAYLOADS_PER_ROUND_MAX);
            asked.extend(chosen);
        }
        assert_eq!(asked.len(), pending.len());
        // What was asked for at the beginning counts with what is asked for later.
        let later = (0..WANT_IDS_PER_ROUND_MAX).filter(|number| {
            let later = id(pending.len() + number);
            receiving.may_ask(&later)
        });
        let room = WANT_IDS_PER_ROUND_MAX - WANT_PAYLOADS_PER_ROUND_MAX;
        assert_eq!(later.count(), room);
    }
}
