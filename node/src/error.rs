// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a node could not do what was asked of it.

use std::net::SocketAddr;
use std::sync::Arc;

use constancia_ledger::bundle::BundleError;
use constancia_ledger::entry::{DecodeError, SignError};
use constancia_ledger::exchange::ExchangeError;
use constancia_ledger::fault::{Coded, Fault};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::replica::IngestError;
use constancia_ledger::store::{HeadError, StoreError};
use tonic::Status;

use crate::address::PeerAddress;
use crate::failure::Failure;
use crate::heads::{HeadClaimError, UNPROVEN_HEAD};

/// Why a node could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The store failed or is damaged.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// The head file forbids to sign.
    #[error(transparent)]
    Head(Box<HeadError>),
    /// Signing failed.
    #[error(transparent)]
    Sign(Box<SignError>),
    /// A bundle cannot be read or written.
    #[error(transparent)]
    Bundle(Box<BundleError>),
    /// An exchange with a peer ended before both agreed.
    #[error("the exchange with {address} failed")]
    Exchange {
        /// The peer.
        address: PeerAddress,
        /// Why.
        #[source]
        source: Box<ExchangeError>,
    },
    /// An address is no address.
    #[error("expected a peer as host:port, found {text:?}")]
    BadAddress {
        /// The text.
        text: String,
    },
    /// Entries would travel in the clear beyond this machine.
    #[error("{address} is beyond this machine, and the connection is plain text")]
    Plaintext {
        /// Where the node was to listen.
        address: SocketAddr,
    },
    /// The node's own people are on this machine.
    #[error("expected a loopback address for the node's own people, found {address}")]
    LocalOnly {
        /// Where the node was to listen.
        address: SocketAddr,
    },
    /// The port cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where the node was to listen.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nobody answers at the address.
    #[error("no node answers at {address}")]
    Unreachable {
        /// The peer.
        address: PeerAddress,
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// The peer answered with an error.
    #[error("{address} answered {failure}")]
    Remote {
        /// The peer.
        address: PeerAddress,
        /// What it said.
        failure: Box<Failure>,
    },
    /// A peer holds more of a key's feed than this store: the store came from a backup.
    #[error(
        "{address} holds key {key} up to sequence number {seq}, which is not here: it is fetched before anything is signed"
    )]
    PeerAhead {
        /// The peer.
        address: PeerAddress,
        /// Whose feed.
        key: PublicKey,
        /// How far it goes there.
        seq: u64,
    },
    /// A peer claims an entry of a key's feed that the key did not sign: nothing of it is believed.
    #[error("{address} claims an entry of key {key} that the key did not sign")]
    UnprovenHead {
        /// The peer.
        address: PeerAddress,
        /// Whose feed.
        key: PublicKey,
        /// What is wrong with it.
        #[source]
        source: Box<HeadClaimError>,
    },
    /// There are peers, and none answers.
    #[error("no peer can say how far this key's feed goes")]
    NoPeerAnswers,
    /// The peer says nothing more.
    #[error("{address} has sent nothing for {seconds} s")]
    Silent {
        /// The peer.
        address: PeerAddress,
        /// How long, seconds.
        seconds: u64,
    },
    /// What the peer sent as charter is no entry.
    #[error("what {address} sent as charter does not decode")]
    Charter {
        /// The peer.
        address: PeerAddress,
        /// What is wrong.
        #[source]
        source: DecodeError,
    },
    /// The peer holds another ledger than the one expected.
    #[error("expected ledger {expected} at {address}, found {found}")]
    OtherLedger {
        /// The peer.
        address: PeerAddress,
        /// The ledger expected.
        expected: LedgerId,
        /// The ledger found.
        found: LedgerId,
    },
    /// The peer lacks an entry that is needed.
    #[error("{address} does not hold entry {id}")]
    NotHeld {
        /// The peer.
        address: PeerAddress,
        /// The entry.
        id: EntryId,
    },
    /// The node's key may not acknowledge.
    #[error("key {key} is not granted with scope acknowledge in this ledger")]
    NotANodeKey {
        /// The key.
        key: PublicKey,
    },
    /// The node has no key.
    #[error("this node has no key to acknowledge with")]
    NoNodeKey,
    /// An entry was refused.
    #[error("entry {} was refused", id.map_or_else(|| "received".to_owned(), |id| id.to_string()))]
    Refused {
        /// The entry, where it could be told.
        id: Option<EntryId>,
        /// Why.
        #[source]
        source: Box<IngestError>,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// The server stopped by itself.
    #[error("the server stopped")]
    Server(#[source] std::io::Error),
}

impl Coded for NodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Head(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::Bundle(error) => error.code(),
            Self::Exchange { source, .. } => source.code(),
            Self::BadAddress { .. } => "peer.bad_address",
            Self::Plaintext { .. } => "node.plaintext",
            Self::LocalOnly { .. } => "node.local_only",
            Self::Listen { .. } => "node.listen",
            Self::Unreachable { .. } => "peer.unreachable",
            Self::Remote { .. } => "peer.error",
            Self::Silent { .. } => "peer.silent",
            Self::PeerAhead { .. } => "head.peer_ahead",
            Self::NoPeerAnswers => "head.no_peer_answers",
            Self::UnprovenHead { .. } => UNPROVEN_HEAD,
            Self::Charter { .. } => "peer.charter",
            Self::OtherLedger { .. } => "peer.other_ledger",
            Self::NotHeld { .. } => "peer.not_held",
            Self::NotANodeKey { .. } => "node.not_a_node_key",
            Self::NoNodeKey => "node.no_node_key",
            Self::Refused { source, .. } => source.code(),
            Self::Random(_) => "node.random",
            Self::Server(_) => "node.server",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Head(error) => error.fault(),
            Self::Sign(error) => error.fault(),
            Self::Bundle(error) => error.fault(),
            Self::Exchange { source, .. } => source.fault(),
            Self::Remote { failure, .. } => failure.fault,
            Self::Refused { source, .. } => source.fault(),
            Self::BadAddress { .. } | Self::UnprovenHead { .. } | Self::Charter { .. } => {
                Fault::Malformed
            }
            Self::Plaintext { .. }
            | Self::LocalOnly { .. }
            | Self::OtherLedger { .. }
            | Self::NotANodeKey { .. }
            | Self::NoNodeKey => Fault::Refused,
            Self::Listen { .. }
            | Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::PeerAhead { .. }
            | Self::NoPeerAnswers
            | Self::NotHeld { .. }
            | Self::Random(_)
            | Self::Server(_) => Fault::Unavailable,
        }
    }
}

impl NodeError {
    /// What to do about it, where that is clear.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) if error.fault() == Fault::Corrupt => {
                Some("`verify` names what is damaged, `repair PEER` fetches it from a peer")
            }
            Self::Plaintext { .. } => Some(
                "listen on 127.0.0.1 behind a tunnel, or pass --insecure-plaintext in a network you trust",
            ),
            Self::BadAddress { .. } => Some("for example 192.0.2.7:4711 or node.example.org:4711"),
            Self::NoNodeKey => Some("start the node with its key"),
            Self::NoPeerAnswers => {
                Some("pass --offline where no peer can be reached and no backup was restored")
            }
            Self::Store(_)
            | Self::Head(_)
            | Self::Sign(_)
            | Self::Bundle(_)
            | Self::Exchange { .. }
            | Self::LocalOnly { .. }
            | Self::Listen { .. }
            | Self::Unreachable { .. }
            | Self::Remote { .. }
            | Self::Silent { .. }
            | Self::PeerAhead { .. }
            | Self::UnprovenHead { .. }
            | Self::Charter { .. }
            | Self::OtherLedger { .. }
            | Self::NotHeld { .. }
            | Self::NotANodeKey { .. }
            | Self::Refused { .. }
            | Self::Random(_)
            | Self::Server(_) => None,
        }
    }

    /// As it crosses a process boundary.
    pub fn to_failure(&self) -> Failure {
        Failure::of(self).with_hint(self.hint())
    }

    /// As a gRPC status.
    pub fn to_status(&self) -> Status {
        self.to_failure().to_status()
    }
}

impl From<StoreError> for NodeError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<HeadError> for NodeError {
    fn from(error: HeadError) -> Self {
        Self::Head(Box::new(error))
    }
}

impl From<SignError> for NodeError {
    fn from(error: SignError) -> Self {
        Self::Sign(Box::new(error))
    }
}

impl From<BundleError> for NodeError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(Box::new(error))
    }
}
