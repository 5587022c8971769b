// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A replica that many threads use: concurrent writers share one write and one sync.
//!
//! Whoever finds nobody writing writes for all who are waiting (group commit). Signatures are
//! checked before the lock is taken.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::Thread;

use constancia_proto::v1;

use super::ingest::{Checked, OfferedBatch, verify_offered};
use super::{Fetch, IngestError, Ingested, Origin, RepairReport, Replica};
use crate::entry::verify::KnownKeys;
use crate::entry::{DecodeError, UnverifiedEntry, VerifiedEntry, VerifyError};
use crate::id::LedgerId;
use crate::store::StoreError;

/// Batches that one write takes together: bounds the memory of a burst.
const BATCHES_PER_WRITE_MAX: usize = 256;

/// Bytes of entries that one write takes together, where there is more than one batch: the windows of
/// several exchanges, and little beside what waits.
const BYTES_PER_WRITE_MAX: usize = 32 << 20;

/// Entries offered to a replica, each with its signature checked or refused, for its ledger alone.
#[derive(Debug)]
pub struct CheckedEntries {
    ledger: LedgerId,
    entries: Vec<Checked>,
}

impl CheckedEntries {
    /// The entries, for this ledger: a signature that holds in another says nothing here.
    fn of_ledger(self, ledger: LedgerId) -> Vec<Checked> {
        if self.ledger == ledger {
            return self.entries;
        }
        let (expected, found) = (ledger, self.ledger);
        let refuse = |entry: VerifiedEntry| {
            let error = VerifyError::WrongLedger { expected, found };
            Err(Box::new((Some(entry.id()), error.into())))
        };
        self.entries.into_iter().map(|checked| checked.and_then(refuse)).collect()
    }
}

/// A shared handle to a replica.
#[derive(Clone, Debug)]
pub struct SharedReplica {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    replica: RwLock<Replica>,
    ledger: LedgerId,
    /// The replica's keys as they were after some write: to check signatures while others write.
    /// A key that is missing here costs time and changes no result.
    known: RwLock<Arc<KnownKeys>>,
    queue: Mutex<Queue>,
}

impl Shared {
    fn lock_to_read(&self) -> RwLockReadGuard<'_, Replica> {
        self.replica.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_to_write(&self) -> RwLockWriteGuard<'_, Replica> {
        self.replica.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_keys(&self) -> Arc<KnownKeys> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    done: BTreeMap<u64, Result<Ingested, Arc<StoreError>>>,
    next_ticket: u64,
    writing: bool,
}

/// What waits for its turn, and the thread that waits for it. Each is woken alone: of many writers
/// all but a few would only go to sleep again.
#[derive(Debug)]
struct Waiting {
    ticket: u64,
    batch: OfferedBatch,
    thread: Thread,
}

impl Queue {
    /// What the next write takes together, oldest first: one batch at least.
    fn take_turn(&mut self) -> Vec<Waiting> {
        let mut bytes = 0_usize;
        let fits = self.waiting.iter().take(BATCHES_PER_WRITE_MAX).take_while(|waiting| {
            let is_first = bytes == 0;
            bytes = bytes.saturating_add(measure(&waiting.batch).max(1));
            is_first || bytes <= BYTES_PER_WRITE_MAX
        });
        let count = fits.count();
        self.waiting.drain(..count).collect()
    }
}

/// Bytes of a batch in memory, as far as its size is the caller's to choose.
fn measure((checked, _): &OfferedBatch) -> usize {
    let sizes = checked.iter().flatten().map(|entry| {
        let payload = entry.payload().map_or(0, |payload| payload.bytes.len());
        entry.header_bytes().len().saturating_add(payload)
    });
    sizes.fold(0, usize::saturating_add)
}

/// One writer's turn. However it ends, by a panic of the index too, everybody it wrote for has an
/// answer and somebody else may write.
struct Turn<'a> {
    shared: &'a Shared,
    others: Vec<(u64, Thread)>,
    results: Vec<Written>,
}

type Written = (u64, Result<Ingested, Arc<StoreError>>);

impl<'a> Turn<'a> {
    fn new(shared: &'a Shared, own: u64, taken: &[Waiting]) -> Self {
        // The writer itself, when it panics, comes for no answer.
        let others = taken.iter().filter(|waiting| waiting.ticket != own);
        let others = others.map(|waiting| (waiting.ticket, waiting.thread.clone())).collect();
        Self { shared, others, results: Vec::new() }
    }

    fn finish(mut self, results: Vec<Written>) {
        self.results = results;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queue = self.shared.lock_queue();
        queue.done.extend(self.results.drain(..));
        for (ticket, _) in &self.others {
            queue.done.entry(*ticket).or_insert_with(|| {
                let reason = "it stopped in the middle of a write".to_owned();
                Err(Arc::new(StoreError::Index { reason }))
            });
        }
        queue.writing = false;
        let next = queue.waiting.first().map(|waiting| waiting.thread.clone());
        drop(queue);
        for thread in self.others.iter().map(|(_, thread)| thread).chain(&next) {
            thread.unpark();
        }
    }
}

impl SharedReplica {
    /// Shares a replica.
    pub fn new(replica: Replica) -> Self {
        let ledger = replica.ledger();
        let known = RwLock::new(Arc::new(replica.grants().known_keys().clone()));
        Self {
            shared: Arc::new(Shared {
                replica: RwLock::new(replica),
                ledger,
                known,
                queue: Mutex::default(),
            }),
        }
    }

    /// The ledger.
    pub fn ledger(&self) -> LedgerId {
        self.shared.ledger
    }

    /// Reads. Writers wait while the guard lives: keep it short.
    pub fn read(&self) -> RwLockReadGuard<'_, Replica> {
        let replica = self.shared.lock_to_read();
        if !replica.must_catch_up() {
            return replica;
        }
        drop(replica);
        // Where it still fails, what is read says so.
        let _failed = self.shared.lock_to_write().catch_up();
        self.shared.lock_to_read()
    }

    /// Takes entries in, as [`Replica::ingest`] does, together with whoever else is writing.
    /// Blocks until the entries are durable.
    ///
    /// # Errors
    /// Where the store fails; then nothing of the call is acknowledged.
    pub fn ingest(
        &self,
        offered: Vec<Result<UnverifiedEntry, DecodeError>>,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        self.ingest_checked(self.check(offered), origin)
    }

    /// The part of [`ingest`](Self::ingest) that needs no turn: signatures and payloads, on all
    /// cores. For whoever has more to check while what was checked before is written.
    pub fn check(&self, offered: Vec<Result<UnverifiedEntry, DecodeError>>) -> CheckedEntries {
        let known = self.shared.known_keys();
        let ledger = self.shared.ledger;
        CheckedEntries { ledger, entries: verify_offered(offered, ledger, &known) }
    }

    /// The rest of [`ingest`](Self::ingest).
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest).
    pub fn ingest_checked(
        &self,
        checked: CheckedEntries,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        let verified = checked.of_ledger(self.shared.ledger);
        let mut queue = self.lock_queue();
        let ticket = queue.next_ticket;
        queue.next_ticket = ticket.wrapping_add(1);
        let thread = std::thread::current();
        queue.waiting.push(Waiting { ticket, batch: (verified, origin), thread });
        loop {
            if let Some(result) = queue.done.remove(&ticket) {
                return result;
            }
            if queue.writing {
                drop(queue);
                // Whoever ends a turn wakes this thread where there is something for it to do.
                std::thread::park();
                queue = self.lock_queue();
            } else {
                queue.writing = true;
                let taken = queue.take_turn();
                let turn = Turn::new(&self.shared, ticket, &taken);
                drop(queue);
                turn.finish(self.write(taken));
                queue = self.lock_queue();
            }
        }
    }

    /// Callers of [`ingest`](Self::ingest) whose entries wait for the write before them to end.
    pub fn count_waiting(&self) -> usize {
        self.lock_queue().waiting.len()
    }

    /// Takes fork proofs in.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn ingest_proofs(
        &self,
        proofs: &[v1::ForkProof],
    ) -> Result<Vec<Result<bool, IngestError>>, StoreError> {
        self.shared.lock_to_write().ingest_proofs(proofs)
    }

    /// Repairs, as [`Replica::repair`] does; nobody reads or writes meanwhile.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn repair(&self, fetch: Fetch<'_>) -> Result<RepairReport, StoreError> {
        self.shared.lock_to_write().repair(fetch)
    }

    /// Forgets what a peer brought and what still waits for a parent.
    pub fn drop_origin(&self, origin: Origin) {
        self.shared.lock_to_write().drop_origin(origin);
    }

    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.lock_queue()
    }

    fn write(&self, taken: Vec<Waiting>) -> Vec<Written> {
        let (tickets, batches): (Vec<u64>, Vec<OfferedBatch>) =
            taken.into_iter().map(|waiting| (waiting.ticket, waiting.batch)).unzip();
        let result = {
            let mut replica = self.shared.lock_to_write();
            let result = replica.ingest_batches(batches);
            let known = replica.grants().known_keys();
            if known.len() != self.shared.known_keys().len() {
                let known = Arc::new(known.clone());
                *self.shared.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            }
            result
        };
        match result {
            Ok(all) => tickets.into_iter().zip(all.into_iter().map(Ok)).collect(),
            Err(error) => {
                let error = Arc::new(error);
                tickets.into_iter().map(|ticket| (ticket, Err(Arc::clone(&error)))).collect()
            }
        }
    }
}
