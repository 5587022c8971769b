// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The exchange: two replicas of one ledger become one, message by message.
//!
//! A state machine without clock, socket or task: the caller hands in what arrived and carries out
//! what [`Session::poll`] says. A simulator drives the very code that a node drives.
//!
//! A session runs in *rounds*. In each, both sides
//! 1. say Hello; with equal roots and nothing pending the round ends here;
//! 2. send the fork proofs that the other may lack, the payloads they want, and their frontier;
//! 3. send what the other's frontier lacks, every parent before its child, in batches under a window
//!    of unacknowledged bytes, and find by halving where two branches of a key part;
//! 4. say that they have caught up, once all of it is acknowledged. With different roots there is another round.
//!
//! After a round that agreed, a session that follows stays live: each side sends what lands.
//! Whatever is said here is checked again by [`Replica::ingest`](crate::replica::Replica::ingest).

pub mod limits;

mod error;
mod message;
mod missing;
mod news;
mod receiving;
mod round;
mod search;
mod sending;
mod session;

use constancia_proto::v1;

use crate::entry::{DecodeError, UnverifiedEntry};
use crate::id::{EntryId, FrontierRoot};

pub use error::ExchangeError;
pub use session::Session;

/// How a session behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeConfig {
    /// Stay live after both agree, where the other side wants it too.
    pub follow: bool,
    /// Bytes of entries that a batch is filled up to.
    pub batch_bytes: usize,
    /// Entries that a batch is filled up to.
    pub batch_entries: usize,
    /// Bytes of entries sent and not yet acknowledged.
    pub window_bytes: usize,
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            follow: false,
            batch_bytes: limits::BATCH_BYTES_TARGET,
            batch_entries: limits::BATCH_ENTRIES_MAX,
            window_bytes: limits::WINDOW_BYTES_MAX,
        }
    }
}

/// Who speaks first. Afterwards both sides are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Opened the stream.
    Caller,
    /// Waits for the other's Hello.
    Answerer,
}

/// What the caller of a session has to do, in order.
#[derive(Debug)]
pub enum Output {
    /// Send this to the other side.
    Send(Box<v1::ExchangeMessage>),
    /// Take these in, then call [`Session::ingested`] with the number. In order of their numbers;
    /// meanwhile the session may be given more messages.
    Ingest {
        /// The batch's number.
        number: u64,
        /// Its entries, decoded.
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    },
    /// Take these in, then call [`Session::proofs_ingested`]; before any later batch.
    IngestProofs(Vec<v1::ForkProof>),
    /// Both sides hold the same ledger. A session that follows goes on.
    InSync {
        /// Its frontier root.
        root: FrontierRoot,
    },
    /// End the stream. Nothing follows.
    Close {
        /// Whether both sides agreed at the end.
        in_sync: bool,
    },
}

/// An entry or proof from the other side that was not stored, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The entry, where it could be told.
    pub id: Option<EntryId>,
    /// The stable code of the reason.
    pub code: &'static str,
    /// The reason in words.
    pub message: String,
}

/// What a session has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Entries received.
    pub received: u64,
    /// Entries received and stored, payloads that came late among them.
    pub stored: u64,
    /// Entries sent.
    pub sent: u64,
    /// Keys whose fork came to light here through what the other side sent.
    pub forks: u64,
    /// What this side refused: the first hundred.
    pub refused: Vec<Refusal>,
    /// How much the other side refused.
    pub refused_by_peer: u64,
    /// Rounds begun.
    pub rounds: u32,
}
