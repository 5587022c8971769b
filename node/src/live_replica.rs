// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A replica that a running process uses: ingest and reads off the async threads, and a signal to
//! everybody who follows whenever something has landed.
//!
//! Holds the store's lock for as long as anybody holds the replica.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use constancia_ledger::bundle::Intake;
use constancia_ledger::entry::{DecodeError, UnverifiedEntry};
use constancia_ledger::fault::{Coded as _, Fault};
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::{
    CheckedEntries, IngestError, Ingested, Origin, Outcome, Replica, SharedReplica,
};
use constancia_ledger::store::{StoreError, StoreLock};
use constancia_proto::v1;
use tokio::sync::watch;

use crate::limits::SHUTDOWN_WAIT_MAX;

/// What became of each fork proof.
pub type ProofOutcomes = Vec<Result<bool, IngestError>>;

/// How often closing looks whether others have let go.
const CLOSE_POLL: Duration = Duration::from_millis(5);

/// A shared handle to a replica in a running process.
#[derive(Clone, Debug)]
pub struct LiveReplica {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: SharedReplica,
    landed: watch::Sender<u64>,
    failed: watch::Sender<Option<Arc<StoreError>>>,
    last_origin: AtomicU64,
    // After the replica: the store is closed before its lock is given back.
    lock: Mutex<Option<StoreLock>>,
}

impl LiveReplica {
    /// Shares a replica. The lock is held until the last handle is dropped.
    pub fn new(replica: Replica, lock: Option<StoreLock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                shared: SharedReplica::new(replica),
                landed: watch::Sender::new(0),
                failed: watch::Sender::new(None),
                last_origin: AtomicU64::new(0),
                lock: Mutex::new(lock),
            }),
        }
    }

    /// The replica itself. Reading it may wait for a write to the disk.
    pub fn shared(&self) -> &SharedReplica {
        &self.inner.shared
    }

    /// The ledger.
    pub fn ledger(&self) -> LedgerId {
        self.inner.shared.ledger()
    }

    /// Changes whenever something has landed, and is durable.
    pub fn watch_landed(&self) -> watch::Receiver<u64> {
        self.inner.landed.subscribe()
    }

    /// Becomes something when the store can be used no more: the process has to end.
    pub fn watch_failed(&self) -> watch::Receiver<Option<Arc<StoreError>>> {
        self.inner.failed.subscribe()
    }

    /// A number for a new connection.
    pub fn next_origin(&self) -> Origin {
        Origin::Peer(self.inner.last_origin.fetch_add(1, Ordering::Relaxed).wrapping_add(1))
    }

    /// Says in the lock file where this process listens for its own people.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn announce_address(&self, address: &str) -> Result<(), StoreError> {
        let mut lock = self.inner.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        lock.as_mut().map_or(Ok(()), |lock| lock.set_address(address))
    }

    /// Reads the replica off the async threads.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Replica) -> T + Send + 'static,
    ) -> T {
        let this = self.clone();
        run_blocking(move || question(&this.inner.shared.read())).await
    }

    /// Takes entries in off the async threads; they are durable when this returns.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn ingest(
        &self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        let this = self.clone();
        run_blocking(move || this.ingest_blocking(entries, origin)).await
    }

    /// Takes fork proofs in off the async threads; they are durable when this returns.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn ingest_proofs(
        &self,
        proofs: Vec<v1::ForkProof>,
    ) -> Result<ProofOutcomes, Arc<StoreError>> {
        let this = self.clone();
        run_blocking(move || this.ingest_proofs_blocking(&proofs)).await
    }

    /// Forgets what a connection brought and what still waits for a parent.
    pub async fn drop_origin(&self, origin: Origin) {
        let this = self.clone();
        run_blocking(move || this.inner.shared.drop_origin(origin)).await;
    }

    /// As [`ingest`](Self::ingest), for threads that may wait.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn ingest_blocking(
        &self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        let checked = self.inner.shared.check(entries);
        self.ingest_checked_blocking(checked, origin)
    }

    /// Checks the signatures of entries off the async threads, before
    /// [`ingest_checked`](Self::ingest_checked).
    pub async fn check(
        &self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    ) -> CheckedEntries {
        let this = self.clone();
        run_blocking(move || this.inner.shared.check(entries)).await
    }

    /// The rest of [`ingest`](Self::ingest).
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn ingest_checked(
        &self,
        entries: CheckedEntries,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        let this = self.clone();
        run_blocking(move || this.ingest_checked_blocking(entries, origin)).await
    }

    fn ingest_checked_blocking(
        &self,
        entries: CheckedEntries,
        origin: Origin,
    ) -> Result<Ingested, Arc<StoreError>> {
        let result = self.inner.shared.ingest_checked(entries, origin);
        match &result {
            Ok(ingested) => {
                if has_landed(ingested) {
                    self.announce_landed();
                }
            }
            Err(error) => self.note_failure(error),
        }
        result
    }

    /// Closes the store, once everybody else has let go of it; says whether they did in time.
    pub(crate) async fn close(self) -> bool {
        let mut inner = self.inner;
        let waits = SHUTDOWN_WAIT_MAX.as_millis().checked_div(CLOSE_POLL.as_millis());
        for _ in 0..waits.unwrap_or(1) {
            match Arc::try_unwrap(inner) {
                Ok(last) => {
                    // Closing writes: not on an async thread.
                    run_blocking(move || drop(last)).await;
                    return true;
                }
                Err(shared) => inner = shared,
            }
            tokio::time::sleep(CLOSE_POLL).await;
        }
        false
    }

    fn ingest_proofs_blocking(
        &self,
        proofs: &[v1::ForkProof],
    ) -> Result<ProofOutcomes, Arc<StoreError>> {
        let result = self.inner.shared.ingest_proofs(proofs).map_err(Arc::new);
        match &result {
            Ok(outcomes) => {
                if outcomes.contains(&Ok(true)) {
                    self.announce_landed();
                }
            }
            Err(error) => self.note_failure(error),
        }
        result
    }

    fn announce_landed(&self) {
        self.inner.landed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A full disk may have room again; what is corrupt or in doubt stays so.
    pub(crate) fn note_failure(&self, error: &Arc<StoreError>) {
        if error.fault() == Fault::Corrupt || matches!(**error, StoreError::Poisoned) {
            self.inner.failed.send_replace(Some(Arc::clone(error)));
        }
    }

    /// The same, for an error that reading gave.
    pub(crate) fn note_error(&self, error: StoreError) -> Arc<StoreError> {
        let error = Arc::new(error);
        self.note_failure(&error);
        error
    }
}

impl Intake for LiveReplica {
    fn ledger(&self) -> LedgerId {
        self.ledger()
    }

    fn take_entries(
        &mut self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    ) -> Result<Ingested, Arc<StoreError>> {
        self.ingest_blocking(entries, Origin::Local)
    }

    fn take_proofs(&mut self, proofs: &[v1::ForkProof]) -> Result<ProofOutcomes, Arc<StoreError>> {
        self.ingest_proofs_blocking(proofs)
    }

    fn forget_waiting(&mut self) {
        self.inner.shared.drop_origin(Origin::Local);
    }
}

/// Runs what may wait for the disk or the processor off the async threads.
pub async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only a runtime that is shutting down cancels: nobody waits for the result.
            Err(_cancelled) => std::future::pending().await,
        },
    }
}

fn has_landed(ingested: &Ingested) -> bool {
    !ingested.forked.is_empty()
        || !ingested.released.is_empty()
        || ingested
            .outcomes
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Stored { .. } | Outcome::PayloadStored))
}
