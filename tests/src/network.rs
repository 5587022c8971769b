// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A network in memory: replicas, links between them, and a random but repeatable order of events.
//!
//! Drives the very sessions that a node drives. On a link messages keep their order, as in a
//! stream; between links, and between arriving and being stored, any order may happen.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::entry::{
    DecodeError, Draft, Kind, Payload, UnverifiedEntry, VerifiedEntry, decode_entry, sign_draft,
};
use constancia_ledger::exchange::{ExchangeConfig, ExchangeError, Output, Session, Side};
use constancia_ledger::id::{FrontierRoot, PublicKey};
use constancia_ledger::replica::{Ingested, Origin, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use prost::Message as _;

use crate::forge::{Forged, key, public, small_charter};

/// Numbers that look random and are the same every time (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A sequence for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end).unwrap()).unwrap()
    }
}

/// The charter of a ledger of so many members.
pub fn charter(members: u8) -> UnverifiedEntry {
    Forged::charter(10, small_charter(members)).entry()
}

/// A new replica in memory that holds the charter alone.
pub fn new_replica(charter: &UnverifiedEntry) -> Replica {
    let log = Box::new(MemoryLog::default());
    Replica::found(charter.clone(), log, Arc::new(MemoryRows::default())).unwrap()
}

/// Makes an honest entry: the next one of the key with this seed, citing all that the replica holds.
pub fn make_entry(replica: &Replica, seed: u8, salt: u64) -> VerifiedEntry {
    let mut salt_bytes = [0; 16];
    salt_bytes[..8].copy_from_slice(&salt.to_be_bytes());
    let event = v1::Event {
        exercise: String::new(),
        body: Some(v1::event::Body::Acknowledge(v1::Acknowledge {})),
    };
    let payload = Payload { bytes: event.encode_to_vec().into(), salt: salt_bytes };
    sign_next(replica, seed, Kind::Acknowledge, payload)
}

/// Makes such an entry of about so many bytes, which compression makes no smaller.
pub fn make_large_entry(
    replica: &Replica,
    seed: u8,
    bytes: usize,
    dice: &mut Dice,
) -> VerifiedEntry {
    let bytes: Vec<u8> = (0..bytes.div_ceil(8)).flat_map(|_| dice.roll().to_be_bytes()).collect();
    // An event of a later program: kept and forwarded as any other.
    sign_next(replica, seed, Kind::Fact, Payload { bytes: bytes.into(), salt: [seed; 16] })
}

fn sign_next(replica: &Replica, seed: u8, kind: Kind, payload: Payload) -> VerifiedEntry {
    let author: PublicKey = public(seed);
    let place = replica.find_signing_place(&author, u64::MAX, &[]).unwrap();
    let draft = Draft {
        seq: place.seq,
        prev: place.prev,
        seen: place.seen,
        height: place.height,
        claimed_at_ms: place.claimed_at_least_ms.max(1_000) + 1,
        kind,
        payload,
    };
    sign_draft(draft, Some(replica.ledger()), author, &key(seed)).unwrap()
}

/// Puts entries into a replica as if typed there.
pub fn put(replica: &mut Replica, entries: &[VerifiedEntry]) -> Ingested {
    let offered = entries.iter().map(|entry| decode_entry(entry.to_message())).collect();
    replica.ingest(offered, Origin::Local).unwrap()
}

/// Makes so many entries and puts them in.
pub fn write(replica: &mut Replica, seed: u8, count: u64, dice: &mut Dice) -> Vec<VerifiedEntry> {
    let mut made = Vec::new();
    for _ in 0..count {
        let entry = make_entry(replica, seed, dice.roll());
        put(replica, std::slice::from_ref(&entry));
        made.push(entry);
    }
    made
}

enum Job {
    Batch(u64, Vec<Result<UnverifiedEntry, DecodeError>>),
    Proofs(Vec<v1::ForkProof>),
}

/// One end of a link.
struct End {
    node: usize,
    session: Session,
    origin: Origin,
    /// Messages on their way to this end.
    arriving: VecDeque<Bytes>,
    /// What this end has to take in.
    jobs: VecDeque<Job>,
    closed: Option<bool>,
    in_sync: Option<FrontierRoot>,
}

/// What went over a link in one direction.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Encoded bytes of each message.
    pub messages: Vec<(&'static str, usize)>,
    /// Entries.
    pub entries: usize,
}

/// A connection between two replicas.
struct Link {
    ends: [End; 2],
    traffic: [Traffic; 2],
}

/// Replicas and links.
pub struct Network {
    /// The replicas.
    pub replicas: Vec<Replica>,
    /// Decides what happens next.
    pub dice: Dice,
    links: Vec<Link>,
    next_origin: u64,
    /// Traffic of links that were cut.
    pub cut: Vec<[Traffic; 2]>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("links", &self.links.len()).finish_non_exhaustive()
    }
}

impl Network {
    /// Replicas without links.
    pub fn new(replicas: Vec<Replica>, seed: u64) -> Self {
        Self { replicas, dice: Dice::new(seed), links: Vec::new(), next_origin: 0, cut: Vec::new() }
    }

    /// Connects two replicas; returns the link's number.
    pub fn connect(&mut self, caller: usize, answerer: usize, config: ExchangeConfig) -> usize {
        let ends = [(caller, Side::Caller), (answerer, Side::Answerer)].map(|(node, side)| {
            self.next_origin += 1;
            End {
                node,
                session: Session::new(self.replicas[node].ledger(), config, side),
                origin: Origin::Peer(self.next_origin),
                arriving: VecDeque::new(),
                jobs: VecDeque::new(),
                closed: None,
                in_sync: None,
            }
        });
        self.links.push(Link { ends, traffic: [Traffic::default(), Traffic::default()] });
        let link = self.links.len() - 1;
        self.poll(link, 0).unwrap();
        link
    }

    /// Cuts a link: what is on its way is lost, what was handed over is still stored.
    pub fn cut(&mut self, link: usize) {
        let link = self.links.swap_remove(link);
        for end in link.ends {
            let replica = &mut self.replicas[end.node];
            for job in end.jobs {
                match job {
                    Job::Batch(_, entries) => drop(replica.ingest(entries, end.origin).unwrap()),
                    Job::Proofs(proofs) => drop(replica.ingest_proofs(&proofs).unwrap()),
                }
            }
            replica.drop_origin(end.origin);
        }
        self.cut.push(link.traffic);
    }

    /// Cuts every link.
    pub fn cut_all(&mut self) {
        while !self.links.is_empty() {
            self.cut(0);
        }
    }

    /// Number of links.
    pub fn count_links(&self) -> usize {
        self.links.len()
    }

    /// What went over a link: from caller to answerer, and back.
    pub fn traffic(&self, link: usize) -> &[Traffic; 2] {
        &self.links[link].traffic
    }

    /// Whether both ends of a link ended in agreement.
    pub fn ended_in_sync(&self, link: usize) -> bool {
        self.links[link].ends.iter().all(|end| end.closed == Some(true))
    }

    /// The root that both ends last agreed on.
    pub fn agreed_root(&self, link: usize) -> Option<FrontierRoot> {
        let [one, other] = &self.links[link].ends;
        one.in_sync.filter(|root| other.in_sync == Some(*root))
    }

    /// A session at one end of a link, to look at.
    pub fn session(&self, link: usize, end: usize) -> &Session {
        &self.links[link].ends[end].session
    }

    /// Hands a message to one end of a link, as if the other had sent it.
    pub fn inject(&mut self, link: usize, end: usize, message: Message) {
        let message = v1::ExchangeMessage { message: Some(message) };
        self.links[link].ends[end].arriving.push_back(message.encode_to_vec().into());
    }

    /// Lets up to `steps` random things happen; returns how many did.
    ///
    /// # Errors
    /// What a session refused.
    pub fn run(&mut self, steps: usize) -> Result<usize, ExchangeError> {
        for done in 0..steps {
            let choices = self.list_choices();
            if choices.is_empty() {
                return Ok(done);
            }
            let (link, end, is_job) = choices[self.dice.below(choices.len())];
            if is_job {
                self.store(link, end)?;
            } else {
                self.deliver(link, end)?;
            }
        }
        Ok(steps)
    }

    /// Lets everything happen that can.
    ///
    /// # Errors
    /// What a session refused.
    pub fn settle(&mut self) -> Result<usize, ExchangeError> {
        self.run(2_000_000)
    }

    /// Tells every session of a replica that something landed.
    ///
    /// # Errors
    /// What a session refused.
    pub fn announce(&mut self, node: usize) -> Result<(), ExchangeError> {
        for link in 0..self.links.len() {
            for end in 0..2 {
                if self.links[link].ends[end].node == node {
                    self.links[link].ends[end].session.note_news();
                    self.poll(link, end)?;
                }
            }
        }
        Ok(())
    }

    /// Lets one end of a link compare again.
    ///
    /// # Errors
    /// What a session refused.
    pub fn recheck(&mut self, link: usize, end: usize) -> Result<(), ExchangeError> {
        self.links[link].ends[end].session.recheck();
        self.poll(link, end)
    }

    /// The frontier roots of all replicas.
    pub fn roots(&self) -> Vec<FrontierRoot> {
        self.replicas.iter().map(|replica| replica.frontier().root()).collect()
    }

    /// Whether all replicas hold the same ledger.
    pub fn converged(&self) -> bool {
        self.roots().windows(2).all(|pair| pair[0] == pair[1])
    }

    fn list_choices(&self) -> Vec<(usize, usize, bool)> {
        let mut choices = Vec::new();
        for (number, link) in self.links.iter().enumerate() {
            for (side, end) in link.ends.iter().enumerate() {
                if !end.arriving.is_empty() && end.closed.is_none() {
                    choices.push((number, side, false));
                }
                if !end.jobs.is_empty() {
                    choices.push((number, side, true));
                }
            }
        }
        choices
    }

    fn deliver(&mut self, link: usize, end: usize) -> Result<(), ExchangeError> {
        let at = &mut self.links[link].ends[end];
        let bytes = at.arriving.pop_front().unwrap();
        let message = v1::ExchangeMessage::decode(bytes).unwrap();
        at.session.receive(&self.replicas[at.node], message)?;
        self.poll(link, end)
    }

    fn store(&mut self, link: usize, end: usize) -> Result<(), ExchangeError> {
        let at = &mut self.links[link].ends[end];
        let node = at.node;
        match at.jobs.pop_front().unwrap() {
            Job::Batch(number, entries) => {
                let ingested = self.replicas[node].ingest(entries, at.origin).unwrap();
                at.session.ingested(&self.replicas[node], number, &ingested)?;
            }
            Job::Proofs(proofs) => {
                let outcomes = self.replicas[node].ingest_proofs(&proofs).unwrap();
                at.session.proofs_ingested(&outcomes)?;
            }
        }
        self.poll(link, end)?;
        self.announce(node)
    }

    fn poll(&mut self, link: usize, end: usize) -> Result<(), ExchangeError> {
        let Link { ends, traffic } = &mut self.links[link];
        let (one, other) = ends.split_at_mut(1);
        let (at, far) =
            if end == 0 { (&mut one[0], &mut other[0]) } else { (&mut other[0], &mut one[0]) };
        while let Some(output) = at.session.poll(&self.replicas[at.node])? {
            match output {
                Output::Send(message) => {
                    let bytes = message.encode_to_vec();
                    let traffic = &mut traffic[end];
                    traffic.messages.push((name(&message), bytes.len()));
                    if let Some(Message::Batch(batch)) = &message.message {
                        traffic.entries += batch.entries.len();
                    }
                    far.arriving.push_back(bytes.into());
                }
                Output::Ingest { number, entries } => {
                    at.jobs.push_back(Job::Batch(number, entries));
                }
                Output::IngestProofs(proofs) => at.jobs.push_back(Job::Proofs(proofs)),
                Output::InSync { root } => at.in_sync = Some(root),
                Output::Close { in_sync } => at.closed = Some(in_sync),
            }
        }
        Ok(())
    }
}

fn name(message: &v1::ExchangeMessage) -> &'static str {
    match &message.message {
        Some(Message::Hello(_)) => "hello",
        Some(Message::ForkProofs(_)) => "fork_proofs",
        Some(Message::Frontier(_)) => "frontier",
        Some(Message::FrontierBuckets(_)) => "frontier_buckets",
        Some(Message::BucketRequest(_)) => "bucket_request",
        Some(Message::Want(_)) => "want",
        Some(Message::Batch(_)) => "batch",
        Some(Message::Stored(_)) => "stored",
        Some(Message::CaughtUp(_)) => "caught_up",
        Some(Message::Error(_)) => "error",
        None => "nothing",
    }
}
