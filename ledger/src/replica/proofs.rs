// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Fork proofs: taken in, made of two entries in one slot, and kept until their key is granted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use constancia_proto::v1;

use super::Replica;
use super::ingest::{Batch, IngestError, Pending};
use crate::chain::ChainError;
use crate::entry::{ForkProof, VerifiedEntry};
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::index::Index as _;
use crate::limits::WAITING_PROOFS_MAX;
use crate::store::{Record, RecordKind, Rows, StoreError};

impl Replica {
    /// Takes fork proofs in; says for each whether it was new. One about a key that nobody is known to
    /// have been granted waits for the grant, within a bound.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn ingest_proofs(
        &mut self,
        proofs: &[v1::ForkProof],
    ) -> Result<Vec<Result<bool, IngestError>>, StoreError> {
        self.catch_up()?;
        let rows = Arc::clone(&self.rows);
        let mut batch = Batch::over(&*rows, self.ledger)?;
        let mut outcomes = Vec::with_capacity(proofs.len());
        for message in proofs {
            outcomes.push(match ForkProof::verify(message, self.ledger) {
                Err(error) => Err(error.into()),
                Ok(proof) => match check_proof(&*rows, self.ledger, &proof)? {
                    Err(error) => Err(error.into()),
                    Ok(()) if self.law.grants.find(&proof.key()).is_none() => {
                        let key = proof.key();
                        if wait_for_grant(&mut self.waiting_proofs, proof) {
                            Ok(false)
                        } else {
                            Err(ChainError::Stranger { key }.into())
                        }
                    }
                    Ok(()) => Ok(batch.add_proof(&proof)?),
                },
            });
        }
        self.commit(batch)?;
        Ok(outcomes)
    }

    /// Keeps the proofs that waited for a grant that is known now; returns the keys that forked.
    pub(super) fn place_waiting_proofs(&mut self) -> Result<BTreeSet<PublicKey>, StoreError> {
        let granted = |key: &&PublicKey| self.law.grants.find(key).is_some();
        let ready: Vec<PublicKey> = self.waiting_proofs.keys().filter(granted).copied().collect();
        let mut forked = BTreeSet::new();
        if ready.is_empty() {
            return Ok(forked);
        }
        let rows = Arc::clone(&self.rows);
        let mut batch = Batch::over(&*rows, self.ledger)?;
        for key in ready {
            if let Some(proof) = self.waiting_proofs.remove(&key)
                && batch.add_proof(&proof)?
            {
                forked.insert(key);
            }
        }
        self.commit(batch)?;
        Ok(forked)
    }

    /// Stages the proof that an entry and a rival in its slot make; says whether it was new.
    pub(super) fn prove_forks(
        &self,
        batch: &mut Batch<'_>,
        entry: &VerifiedEntry,
        rivals: &[EntryId],
    ) -> Result<bool, StoreError> {
        for rival in rivals {
            let rival = match batch.fresh.get(rival) {
                Some(rival) => rival.clone(),
                None => match self.read_entry(rival)? {
                    Some(rival) => rival,
                    None => continue,
                },
            };
            // With two predecessors they part at a lower slot, whose proof is held already.
            if let Ok(proof) = ForkProof::of_entries(self.ledger, entry, &rival) {
                return batch.add_proof(&proof);
            }
        }
        Ok(false)
    }
}

impl Batch<'_> {
    /// Keeps a proof, unless one for this slot or a lower one is held; says whether it was new.
    pub(super) fn add_proof(&mut self, proof: &ForkProof) -> Result<bool, StoreError> {
        let known = self.staged.fork_proof(&proof.key())?;
        if known.is_some_and(|(seq, _)| seq <= proof.seq()) {
            return Ok(false);
        }
        let bytes = proof.encode();
        self.fork_is_news = true;
        self.staged.set_fork(&proof.key(), proof.seq(), &bytes);
        self.records.push(Record { kind: RecordKind::ForkProof, bytes });
        self.pending.push(Pending::ForkProof);
        self.touched.insert(proof.key());
        Ok(true)
    }
}

/// Keeps a proof until its key is granted; of two for one key the one for the lower slot.
fn wait_for_grant(waiting: &mut BTreeMap<PublicKey, ForkProof>, proof: ForkProof) -> bool {
    let key = proof.key();
    match waiting.get(&key) {
        Some(known) if known.seq() <= proof.seq() => true,
        None if waiting.len() >= WAITING_PROOFS_MAX => false,
        Some(_) | None => {
            waiting.insert(key, proof);
            true
        }
    }
}

/// What a proof that verifies may still not prove: the founder's one first entry is the charter,
/// and whatever else stands at seq 0 is malformed and proves nothing.
pub(super) fn check_proof(
    rows: &dyn Rows,
    ledger: LedgerId,
    proof: &ForkProof,
) -> Result<Result<(), ChainError>, StoreError> {
    let charter = rows.entry(&ledger.charter())?;
    Ok(match charter {
        Some(charter) if charter.facts.author == proof.key() && proof.seq() == 0 => {
            Err(ChainError::FounderSecondStart { key: proof.key() })
        }
        Some(_) | None => Ok(()),
    })
}
