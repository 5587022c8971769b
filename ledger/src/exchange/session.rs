// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The state machine of one exchange.
//!
//! Takes messages and results in, gives [`Output`]s out one at a time, so that what is sent is read
//! from the replica only when there is room for it. Reads the replica, never writes it.

use std::collections::{BTreeMap, VecDeque};

use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;

use super::limits::{FEEDS_MAX, ROUNDS_MAX};
use super::message::{self, Greeting};
use super::receiving::Receiving;
use super::round::{Greetings, Phase};
use super::sending::Sending;
use super::{ExchangeConfig, ExchangeError, Output, Side, Tally};
use crate::id::{FrontierRoot, LedgerId, PublicKey};
use crate::replica::{IngestError, Ingested, Replica};
use crate::store::StoreError;

/// One exchange with one other replica.
#[derive(Debug)]
pub struct Session {
    ledger: LedgerId,
    side: Side,
    /// Whether this side wants to follow; after the first Hellos, whether both do.
    follow: bool,
    phase: Phase,
    /// Rounds since both last agreed.
    rounds: u32,
    greeted: bool,
    /// The lowest fork of each key that the other side was sent a proof of. Forgotten where it knows
    /// other forks all the same: a proof may have come before the grant of its key, and been refused.
    forks_sent: BTreeMap<PublicKey, u64>,
    due: Due,
    outbox: VecDeque<Output>,
    sending: Sending,
    receiving: Receiving,
    compared: Compared,
    /// The lowest fork of each key that the other side is known to know.
    forks_at_peer: BTreeMap<PublicKey, u64>,
}

/// How both stood when they last compared, and since.
#[derive(Debug, Default)]
struct Compared {
    /// Whether they held the same.
    agreed: bool,
    /// Whether the last batch left something to be asked for.
    wanting: bool,
}

/// What a live session does next.
#[derive(Debug, Default)]
struct Due {
    recheck: bool,
    news: bool,
}

impl Session {
    /// A session that has not begun.
    pub fn new(ledger: LedgerId, config: ExchangeConfig, side: Side) -> Self {
        let mut receiving = Receiving::default();
        receiving.begin_round();
        Self {
            ledger,
            side,
            follow: config.follow,
            phase: Phase::Greeting(Greetings::default()),
            rounds: 1,
            greeted: false,
            forks_sent: BTreeMap::new(),
            due: Due::default(),
            outbox: VecDeque::new(),
            sending: Sending::new(config),
            receiving,
            compared: Compared::default(),
            forks_at_peer: BTreeMap::new(),
        }
    }

    /// Takes a message in. Call [`poll`](Self::poll) until it gives nothing before the next one.
    ///
    /// # Errors
    /// Where the other side breaks a rule or a limit, or the replica cannot be read. The session is
    /// over: tell the other side ([`ExchangeError::to_message`]) and close.
    pub fn receive(
        &mut self,
        replica: &Replica,
        message: v1::ExchangeMessage,
    ) -> Result<(), ExchangeError> {
        let message = message.message.ok_or(ExchangeError::EmptyMessage)?;
        let opens = matches!(message, Message::Hello(_) | Message::Error(_));
        if !self.greeted && !opens {
            return Err(self.unexpected(message::name(&message)));
        }
        match message {
            Message::Error(error) => Err(ExchangeError::of_peer(error)),
            Message::Hello(hello) => self.receive_hello(replica, &hello),
            Message::Frontier(frontier) => self.receive_frontier(&frontier),
            Message::CaughtUp(caught_up) => self.receive_caught_up(&caught_up),
            Message::ForkProofs(proofs) => {
                self.receiving.fork_proofs(&proofs)?;
                self.outbox.push_back(Output::IngestProofs(proofs.proofs));
                Ok(())
            }
            Message::Want(want) => {
                let (entries, payloads) = message::parse_want(&want)?;
                self.sending.want(replica, &entries, &payloads)
            }
            Message::Batch(batch) => {
                let number = batch.number;
                let entries = self.receiving.batch(batch)?;
                self.outbox.push_back(Output::Ingest { number, entries });
                Ok(())
            }
            Message::Stored(stored) => self.sending.stored(&stored),
            Message::FrontierBuckets(_) | Message::BucketRequest(_) => {
                Err(self.unexpected(message::name(&message)))
            }
        }
    }

    /// Takes in what became of a batch; call it once the batch is durable.
    ///
    /// # Errors
    /// Where an entry is provably wrong, or the replica cannot be read. What was good stays.
    pub fn ingested(
        &mut self,
        replica: &Replica,
        number: u64,
        ingested: &Ingested,
    ) -> Result<(), ExchangeError> {
        let taken = self.receiving.ingested(replica, number, ingested)?;
        for arrival in taken.arrivals {
            self.sending.news.skip(arrival);
        }
        if !ingested.forked.is_empty() {
            self.send_forks(replica)?;
        }
        // What is still wanted is said before the batch is acknowledged: the other side is not done
        // before it has answered.
        for want in message::wants(&taken.entries_wanted, &taken.payloads_wanted) {
            self.send(want);
        }
        self.compared.wanting =
            !(taken.entries_wanted.is_empty() && taken.payloads_wanted.is_empty());
        self.send(Message::Stored(taken.stored));
        match taken.malformed {
            Some((id, source)) => Err(ExchangeError::Entry { id, source: Box::new(source) }),
            None => Ok(()),
        }
    }

    /// Takes in what became of fork proofs.
    ///
    /// # Errors
    /// Where a proof is provably wrong.
    pub fn proofs_ingested(
        &mut self,
        outcomes: &[Result<bool, IngestError>],
    ) -> Result<(), ExchangeError> {
        // A proof that changed nothing here may be of a higher slot than the one that is known.
        self.due.news = true;
        self.receiving.proofs_ingested(outcomes)?;
        if matches!(self.phase, Phase::Live) {
            self.receiving.forgive_proofs();
        }
        Ok(())
    }

    /// The replica has changed: what landed is sent where the session is live.
    pub const fn note_news(&mut self) {
        self.due.news = true;
    }

    /// Compares again what both hold, where the session is live. For now and then: what was
    /// refused or lost is found and sent.
    pub const fn recheck(&mut self) {
        self.due.recheck = true;
    }

    /// What to do next; none until something else happens. Call it until there is none.
    ///
    /// # Errors
    /// Where the replica cannot be read, or the frontiers are too large.
    pub fn poll(&mut self, replica: &Replica) -> Result<Option<Output>, ExchangeError> {
        loop {
            if let Some(output) = self.outbox.pop_front() {
                return Ok(Some(output));
            }
            let moved = match &self.phase {
                Phase::Greeting(_) => self.step_greeting(replica)?,
                Phase::Merging(_) => self.step_merging(replica)?,
                Phase::Live => self.step_live(replica)?,
                Phase::Closed => false,
            };
            if !moved {
                return Ok(None);
            }
        }
    }

    /// What the session has done so far.
    pub fn tally(&self) -> Tally {
        Tally {
            sent: self.sending.sent,
            refused_by_peer: self.sending.refused_by_peer,
            ..self.receiving.tally.clone()
        }
    }

    /// Whether both agreed and follow.
    pub const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live)
    }

    /// Whether both follow, held the same when they last compared, and all that has come since is
    /// taken in.
    pub fn is_in_sync(&self) -> bool {
        self.compared.agreed && !self.compared.wanting && self.is_live() && self.receiving.is_idle()
    }

    fn receive_hello(&mut self, replica: &Replica, hello: &v1::Hello) -> Result<(), ExchangeError> {
        let theirs = match Greeting::from_message(hello, self.ledger) {
            Ok(theirs) => theirs,
            Err(error) => {
                // The other side sees for itself what it has reached.
                if !self.greeted && self.side == Side::Answerer {
                    self.say_hello(replica)?;
                }
                return Err(error);
            }
        };
        if matches!(self.phase, Phase::Live) {
            self.begin_round();
        }
        if let Phase::Greeting(greetings) = &mut self.phase
            && greetings.theirs.is_none()
        {
            if !self.greeted {
                self.follow = self.follow && theirs.follow;
                self.greeted = true;
            }
            greetings.theirs = Some(theirs);
            return Ok(());
        }
        Err(self.unexpected("hello"))
    }

    fn receive_frontier(&mut self, frontier: &v1::Frontier) -> Result<(), ExchangeError> {
        let frontier = message::parse_frontier(frontier)?;
        // The other side may have both Hellos before this side has sent everything after its own.
        match &mut self.phase {
            Phase::Merging(merge) if !merge.frontier_received => {
                merge.frontier_received = true;
                for (key, feed) in &frontier.feeds {
                    if let Some(seq) = feed.forked_seq {
                        self.forks_at_peer.insert(*key, seq);
                    }
                }
                merge.frontier = Some(frontier);
                Ok(())
            }
            Phase::Merging(_) | Phase::Greeting(_) | Phase::Live | Phase::Closed => {
                Err(self.unexpected("frontier"))
            }
        }
    }

    fn receive_caught_up(&mut self, caught_up: &v1::CaughtUp) -> Result<(), ExchangeError> {
        let root = message::parse_caught_up(caught_up)?;
        match &mut self.phase {
            Phase::Merging(merge) if merge.received.is_none() && merge.frontier_received => {
                merge.received = Some(root);
                Ok(())
            }
            Phase::Merging(_) | Phase::Greeting(_) | Phase::Live | Phase::Closed => {
                Err(self.unexpected("caught_up"))
            }
        }
    }

    fn step_greeting(&mut self, replica: &Replica) -> Result<bool, ExchangeError> {
        let Phase::Greeting(greetings) = &self.phase else {
            return Ok(false);
        };
        if greetings.mine.is_none() {
            let first = !self.greeted && self.side == Side::Answerer;
            // What is still on its way, in or out, would make the roots differ for nothing.
            if first || !self.receiving.is_idle() || !self.sending.is_idle() {
                return Ok(false);
            }
            return self.say_hello(replica).map(|()| true);
        }
        let (Some(mine), Some(theirs)) = (&greetings.mine, &greetings.theirs) else {
            return Ok(false);
        };
        let root = mine.root;
        if Greetings::agree(mine, theirs) {
            self.finish(Some(root));
            return Ok(true);
        }
        let feeds = mine.feeds.max(theirs.feeds);
        if usize::try_from(feeds).is_ok_and(|feeds| feeds <= FEEDS_MAX) {
            let forks_differ = mine.fork_root != theirs.fork_root;
            self.begin_merge(replica, forks_differ)?;
            Ok(true)
        } else {
            Err(ExchangeError::TooManyFeeds { limit: FEEDS_MAX, found: feeds })
        }
    }

    fn say_hello(&mut self, replica: &Replica) -> Result<(), ExchangeError> {
        let greeting = Greeting::of_replica(replica, self.follow)?;
        // Should both agree, the other side has all that arrived before.
        self.sending.news.start_at(greeting.entries);
        self.send(greeting.to_message(self.ledger));
        if let Phase::Greeting(greetings) = &mut self.phase {
            greetings.mine = Some(greeting);
        }
        Ok(())
    }

    fn begin_merge(&mut self, replica: &Replica, forks_differ: bool) -> Result<(), ExchangeError> {
        if forks_differ {
            self.forks_sent.clear();
            self.send_forks(replica)?;
        }
        let pending = self.receiving.ask_for_pending(&replica.list_pending()?);
        // Before the frontier: the other side is not done before it has answered.
        for want in message::wants(&[], &pending) {
            self.send(want);
        }
        self.send(Message::Frontier(replica.frontier().to_message()));
        self.phase = Phase::Merging(Box::default());
        Ok(())
    }

    fn step_merging(&mut self, replica: &Replica) -> Result<bool, ExchangeError> {
        let Phase::Merging(merge) = &mut self.phase else {
            return Ok(false);
        };
        if !merge.planned {
            // What the other side proved decides what it is sent.
            if self.receiving.awaits_proofs() {
                return Ok(false);
            }
            let Some(frontier) = merge.frontier.take() else {
                return Ok(false);
            };
            merge.planned = true;
            self.sending.plan(replica, frontier)?;
            return Ok(true);
        }
        if let Some(batch) = self.sending.next_batch(replica, false)? {
            self.send(Message::Batch(batch));
            return Ok(true);
        }
        if merge.sent.is_none() && self.sending.is_done() && !self.receiving.awaits_proofs() {
            let root = replica.frontier().root();
            merge.sent = Some(root);
            let pending = message::count_pending(replica)?;
            self.send(message::caught_up(root, pending));
            return Ok(true);
        }
        let (Some(sent), Some(received)) = (merge.sent, merge.received) else {
            return Ok(false);
        };
        // What is still asked for belongs to this round.
        if !self.sending.is_done() || !self.receiving.is_idle() {
            return Ok(false);
        }
        if sent == received {
            self.finish(Some(sent));
        } else if self.rounds >= ROUNDS_MAX {
            self.finish(None);
        } else {
            self.begin_round();
        }
        Ok(true)
    }

    fn step_live(&mut self, replica: &Replica) -> Result<bool, ExchangeError> {
        if self.due.recheck {
            self.due.recheck = false;
            self.begin_round();
            return Ok(true);
        }
        if self.due.news {
            self.due.news = false;
            self.send_forks(replica)?;
            self.sending.serve_awaited(replica)?;
        }
        match self.sending.next_batch(replica, true)? {
            Some(batch) => {
                self.send(Message::Batch(batch));
                Ok(true)
            }
            None => Ok(!self.outbox.is_empty()),
        }
    }

    fn begin_round(&mut self) {
        self.rounds = self.rounds.saturating_add(1);
        self.sending.begin_round();
        self.receiving.begin_round();
        self.phase = Phase::Greeting(Greetings::default());
    }

    /// Ends a round: with the root that both hold, or without agreement.
    fn finish(&mut self, agreed: Option<FrontierRoot>) {
        self.rounds = 0;
        self.compared = Compared { agreed: agreed.is_some(), wanting: false };
        if let Some(root) = agreed {
            self.outbox.push_back(Output::InSync { root });
        }
        if self.follow {
            self.due.news = true;
            self.phase = Phase::Live;
        } else {
            self.outbox.push_back(Output::Close { in_sync: agreed.is_some() });
            self.phase = Phase::Closed;
        }
    }

    /// Sends the fork proofs that the other side is not known to know.
    fn send_forks(&mut self, replica: &Replica) -> Result<(), StoreError> {
        let mut proofs = Vec::new();
        for (key, feed) in &replica.frontier().feeds {
            let Some(seq) = feed.forked_seq else {
                continue;
            };
            let known = [self.forks_at_peer.get(key), self.forks_sent.get(key)];
            if known.into_iter().flatten().any(|known| *known <= seq) {
                continue;
            }
            if let Some(proof) = replica.find_fork_proof(key)? {
                self.forks_sent.insert(*key, proof.seq());
                proofs.push(proof.to_message());
            }
        }
        for message in message::fork_proofs(&proofs) {
            self.send(message);
        }
        Ok(())
    }

    fn send(&mut self, message: Message) {
        let message = v1::ExchangeMessage { message: Some(message) };
        self.outbox.push_back(Output::Send(Box::new(message)));
    }

    const fn unexpected(&self, message: &'static str) -> ExchangeError {
        ExchangeError::UnexpectedMessage { message, stage: self.phase.stage() }
    }
}
