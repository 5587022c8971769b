// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Drives a session over a stream: messages in, messages out, ingest beside.
//!
//! What has arrived is verified and written while more arrives, in order. One task for each
//! connection, so that a slow peer holds up nobody else. Reads of the replica and writes to it
//! happen off the async threads.

use std::sync::Arc;
use std::time::Duration;

use constancia_ledger::entry::{DecodeError, UnverifiedEntry};
use constancia_ledger::exchange::{ExchangeError, Output, Session, Tally};
use constancia_ledger::replica::{CheckedEntries, Ingested, Origin, Replica};
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

use crate::limits::{CHECKED_AHEAD, INGEST_ENTRIES_MAX, SILENCE_MAX};
use crate::live_replica::{LiveReplica, ProofOutcomes, run_blocking};
use crate::outgoing::Outgoing;

/// How a connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// Whether a stream is open.
    pub connected: bool,
    /// Whether both held the same when they last compared, and nothing is known to be missing.
    pub in_sync: bool,
    /// Whether they have at some time.
    pub met: bool,
    /// What the session has done.
    pub tally: Tally,
}

/// How an exchange ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The session is over.
    Closed {
        /// Whether both agreed.
        in_sync: bool,
    },
    /// This node is stopping.
    Stopped,
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriveError {
    /// The session.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The store, when taking something in.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// The stream.
    #[error("the stream ended")]
    Stream(#[source] Box<Status>),
    /// The other side says nothing more.
    #[error("nothing came for {seconds} s")]
    Silent {
        /// How long, seconds.
        seconds: u64,
    },
}

/// What happens to a session.
enum Event {
    Begin,
    Message(Box<v1::ExchangeMessage>),
    Ingested(u64, Ingested),
    Proofs(ProofOutcomes),
    News,
    Recheck,
}

/// What has to be taken in.
enum Job {
    Batch(u64, Vec<Result<UnverifiedEntry, DecodeError>>),
    Proofs(Vec<v1::ForkProof>),
}

/// What a round of events led to.
#[derive(Default)]
struct Step {
    closed: Option<bool>,
    error: Option<ExchangeError>,
}

/// One connection.
pub(crate) struct Driver {
    /// The replica.
    pub(crate) live: LiveReplica,
    /// Its session.
    pub(crate) session: Session,
    /// Where messages to the other side go.
    pub(crate) outgoing: Outgoing,
    /// Where the connection's state is shown.
    pub(crate) state: watch::Sender<LinkState>,
    /// How often both compare again.
    pub(crate) recheck_interval: Duration,
    /// Becomes true when the node stops.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Driver {
    /// Runs the session until it is over.
    ///
    /// # Errors
    /// Where the other side, the stream or the store fails. What was stored stays.
    pub(crate) async fn run(
        self,
        mut incoming: impl Stream<Item = Result<v1::ExchangeMessage, Status>> + Unpin,
    ) -> Result<End, DriveError> {
        let Self { live, session, outgoing, state, recheck_interval, mut stop } = self;
        let (jobs, jobs_received) = mpsc::unbounded_channel();
        let (done, mut results) = mpsc::unbounded_channel();
        // Not aborted when the connection ends: what has arrived is still stored.
        tokio::spawn(take_in(live.clone(), live.next_origin(), jobs_received, done));
        let mut landed = live.watch_landed();
        let mut recheck = start_timer(recheck_interval);
        let mut desk = Desk { live, session: Some(session), outgoing, jobs, state };
        let silence = SILENCE_MAX.saturating_add(recheck_interval);
        let mut deadline = now_plus(silence);
        let mut events = vec![Event::Begin];
        loop {
            let step = desk.handle(std::mem::take(&mut events)).await;
            if let Some(error) = step.error {
                return Err(desk.fail(error));
            }
            if let Some(in_sync) = step.closed {
                return Ok(End::Closed { in_sync });
            }
            tokio::select! {
                result = results.recv() => match result {
                    Some(result) => events.push(result?),
                    // The task that takes in ends only after this one.
                    None => return Ok(End::Stopped),
                },
                message = incoming.next(), if desk.outgoing.has_room() => match message {
                    Some(Ok(message)) => {
                        deadline = now_plus(silence);
                        events.push(Event::Message(Box::new(message)));
                    }
                    Some(Err(status)) => return Err(DriveError::Stream(Box::new(status))),
                    None => return Err(closed_by_peer()),
                },
                () = desk.outgoing.wait_for_room(), if !desk.outgoing.has_room() => {}
                changed = landed.changed() => {
                    if changed.is_err() {
                        return Ok(End::Stopped);
                    }
                    events.push(Event::News);
                }
                _ = recheck.tick() => events.push(Event::Recheck),
                () = sleep_until(deadline) => {
                    return Err(DriveError::Silent { seconds: silence.as_secs() });
                }
                _ = stop.wait_for(|stop| *stop) => return Ok(End::Stopped),
            }
        }
    }
}

/// The session and where its outputs go.
struct Desk {
    live: LiveReplica,
    /// Away only while it is being worked on.
    session: Option<Session>,
    outgoing: Outgoing,
    jobs: mpsc::UnboundedSender<Job>,
    state: watch::Sender<LinkState>,
}

impl Desk {
    /// Hands events to the session and carries out what it says.
    async fn handle(&mut self, events: Vec<Event>) -> Step {
        let Some(mut session) = self.session.take() else {
            return Step { closed: Some(false), error: None };
        };
        let (live, outgoing) = (self.live.clone(), self.outgoing.clone());
        let (jobs, state) = (self.jobs.clone(), self.state.clone());
        let (session, step) = run_blocking(move || {
            let mut step = Step::default();
            for event in events {
                let result = {
                    let replica = live.shared().read();
                    apply(&mut session, &replica, event)
                };
                let result = result.and_then(|()| {
                    carry_out(&mut session, &live, &outgoing, &jobs, &state, &mut step)
                });
                if let Err(error) = result {
                    // What was already decided, an acknowledgement for example, still goes out.
                    drop(carry_out(&mut session, &live, &outgoing, &jobs, &state, &mut step));
                    step.error = Some(error);
                    break;
                }
            }
            if session.is_in_sync() {
                // What landed since the two last compared is stored: nothing is known to be missing.
                set_in_sync(&state, true);
            }
            state.send_if_modified(|state| {
                let tally = session.tally();
                let changed = state.tally != tally || !state.connected;
                state.tally = tally;
                state.connected = true;
                changed
            });
            (session, step)
        })
        .await;
        self.session = Some(session);
        step
    }

    /// Tells the other side why the exchange ends, unless it said so itself.
    fn fail(&self, error: ExchangeError) -> DriveError {
        if !matches!(error, ExchangeError::Peer { .. }) {
            let message = Message::Error(error.to_message());
            self.outgoing.send(v1::ExchangeMessage { message: Some(message) });
        }
        if let ExchangeError::Store(error) = error {
            self.live.note_error(error).into()
        } else {
            error.into()
        }
    }
}

fn apply(session: &mut Session, replica: &Replica, event: Event) -> Result<(), ExchangeError> {
    match event {
        Event::Begin => Ok(()),
        Event::Message(message) => session.receive(replica, *message),
        Event::Ingested(number, ingested) => session.ingested(replica, number, &ingested),
        Event::Proofs(outcomes) => session.proofs_ingested(&outcomes),
        Event::News => {
            session.note_news();
            Ok(())
        }
        Event::Recheck => {
            session.recheck();
            Ok(())
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "everything that an output may go to")]
fn carry_out(
    session: &mut Session,
    live: &LiveReplica,
    outgoing: &Outgoing,
    jobs: &mpsc::UnboundedSender<Job>,
    state: &watch::Sender<LinkState>,
    step: &mut Step,
) -> Result<(), ExchangeError> {
    loop {
        // The lock is held for one message at a time: a writer waits for one batch at most.
        let Some(output) = session.poll(&live.shared().read())? else {
            return Ok(());
        };
        match output {
            Output::Send(message) => outgoing.send(*message),
            Output::Ingest { number, entries } => {
                set_in_sync(state, false);
                drop(jobs.send(Job::Batch(number, entries)));
            }
            Output::IngestProofs(proofs) => {
                drop(jobs.send(Job::Proofs(proofs)));
            }
            Output::InSync { .. } => set_in_sync(state, true),
            Output::Close { in_sync } => {
                set_in_sync(state, in_sync);
                step.closed = Some(in_sync);
            }
        }
    }
}

fn set_in_sync(state: &watch::Sender<LinkState>, in_sync: bool) {
    state.send_if_modified(|state| {
        let changed = state.in_sync != in_sync;
        state.in_sync = in_sync;
        state.met |= in_sync;
        changed
    });
}

/// What has been checked and is to be written.
enum Checked {
    /// Each batch's number and how many entries of these are its.
    Batches(Vec<(u64, usize)>, CheckedEntries),
    Proofs(Vec<v1::ForkProof>),
}

/// Takes in what arrives, in order, until the connection is gone. What came first is written while
/// what came next is checked.
async fn take_in(
    live: LiveReplica,
    origin: Origin,
    jobs: mpsc::UnboundedReceiver<Job>,
    done: mpsc::UnboundedSender<Result<Event, Arc<StoreError>>>,
) {
    let (sender, mut to_write) = mpsc::channel(CHECKED_AHEAD);
    let checking = check(live.clone(), jobs, sender);
    let writer = async {
        while let Some(checked) = to_write.recv().await {
            match checked {
                Checked::Proofs(proofs) => {
                    let result = live.ingest_proofs(proofs).await.map(Event::Proofs);
                    drop(done.send(result));
                }
                Checked::Batches(counts, entries) => {
                    match live.ingest_checked(entries, origin).await {
                        Ok(ingested) => {
                            for (number, part) in split(ingested, &counts) {
                                drop(done.send(Ok(Event::Ingested(number, part))));
                            }
                        }
                        Err(error) => {
                            drop(done.send(Err(error)));
                        }
                    }
                }
            }
        }
    };
    tokio::join!(checking, writer);
    live.drop_origin(origin).await;
}

/// Checks what arrives, several batches at once where they have piled up.
async fn check(
    live: LiveReplica,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    checked: mpsc::Sender<Checked>,
) {
    let mut next = jobs.recv().await;
    while let Some(job) = next.take() {
        let done = match job {
            Job::Proofs(proofs) => Checked::Proofs(proofs),
            Job::Batch(number, mut entries) => {
                let mut counts = vec![(number, entries.len())];
                while entries.len() < INGEST_ENTRIES_MAX && next.is_none() {
                    match jobs.try_recv() {
                        Ok(Job::Batch(number, more)) => {
                            counts.push((number, more.len()));
                            entries.extend(more);
                        }
                        Ok(Job::Proofs(proofs)) => next = Some(Job::Proofs(proofs)),
                        Err(_empty_or_closed) => break,
                    }
                }
                Checked::Batches(counts, live.check(entries).await)
            }
        };
        if checked.send(done).await.is_err() {
            return;
        }
        if next.is_none() {
            next = jobs.recv().await;
        }
    }
}

/// Gives each batch its own outcomes. What was released or forked is told with the last.
fn split(ingested: Ingested, counts: &[(u64, usize)]) -> Vec<(u64, Ingested)> {
    let mut outcomes = ingested.outcomes.into_iter();
    let mut parts: Vec<(u64, Ingested)> = counts
        .iter()
        .map(|(number, count)| {
            let outcomes = outcomes.by_ref().take(*count).collect();
            (*number, Ingested { outcomes, ..Ingested::default() })
        })
        .collect();
    if let Some((_, last)) = parts.last_mut() {
        last.released = ingested.released;
        last.forked = ingested.forked;
    }
    parts
}

fn start_timer(interval: Duration) -> Interval {
    let mut timer = interval_at(now_plus(interval), interval.max(Duration::from_millis(1)));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

fn closed_by_peer() -> DriveError {
    let status = Status::unavailable("the other side closed the stream");
    DriveError::Stream(Box::new(status))
}

/// A time that far away; farther than the runtime can count is a day.
fn now_plus(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).or_else(|| now.checked_add(Duration::from_hours(24))).unwrap_or(now)
}
