// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An entry: header, signature, payload; and the types that say how far it has been checked.
//!
//! [`UnverifiedEntry`] is decoded, [`VerifiedEntry`] has a signature that holds. Neither says
//! anything about where the entry stands in the ledger: that is [`chain`](crate::chain).
//! The bytes that were signed are kept and forwarded, never encoded again.

pub mod decode;
pub mod fork;
pub mod sign;
pub mod verify;

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use crate::id::{EntryId, LedgerId, PayloadHash, PublicKey};
use crate::limits::SALT_BYTES;

pub use decode::{DecodeError, UnverifiedEntry, decode_entry, decode_signed_entry};
pub use fork::{ForkError, ForkProof};
pub use sign::{Draft, SignError, sign_draft};
pub use verify::{VerifiedEntry, VerifyError, verify_batch, verify_entry};

/// What an entry is about, as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Charter, acceptance, decisions, key events. Never redacted, so never without payload.
    Governance,
    /// "I hold what this entry has as ancestors."
    Acknowledge,
    /// Everything about the plan.
    Fact,
}

impl Kind {
    /// The number in the header.
    pub const fn number(self) -> u32 {
        match self {
            Self::Governance => 1,
            Self::Acknowledge => 2,
            Self::Fact => 3,
        }
    }

    /// The kind with this number.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Governance),
            2 => Some(Self::Acknowledge),
            3 => Some(Self::Fact),
            _ => None,
        }
    }
}

/// A decoded header. Holds every rule that the header alone can break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose feed.
    pub author: PublicKey,
    /// Place in the feed; begins at 0, rises by 1.
    pub seq: u64,
    /// The entry at `seq - 1`; at 0 the ledger; none in the charter alone.
    pub prev: Prev,
    /// Tips of other feeds that the author had seen: ascending, distinct.
    pub seen: Vec<EntryId>,
    /// 1 + the greatest height among the parents; the charter has 0.
    pub height: u64,
    /// The author's clock, Unix milliseconds. Advisory.
    pub claimed_at_ms: u64,
    /// What the payload, with its salt, must hash to.
    pub payload_hash: PayloadHash,
    /// Bytes of the payload.
    pub payload_len: u32,
    /// What the entry is about.
    pub kind: Kind,
}

/// What an entry follows in its own feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prev {
    /// Nothing: the charter.
    Nothing,
    /// The ledger, at seq 0.
    Ledger(LedgerId),
    /// The entry at seq - 1.
    Entry(EntryId),
}

impl Prev {
    /// The parent entry: at seq 0 the charter.
    pub const fn parent(self) -> Option<EntryId> {
        match self {
            Self::Nothing => None,
            Self::Ledger(ledger) => Some(ledger.charter()),
            Self::Entry(id) => Some(id),
        }
    }
}

impl Header {
    /// Every parent: `prev`, then `seen`.
    pub fn parents(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.prev.parent().into_iter().chain(self.seen.iter().copied())
    }

    /// The canonical bytes: what is hashed and signed.
    pub fn encode(&self) -> Bytes {
        let prev = match self.prev {
            Prev::Nothing => Bytes::new(),
            Prev::Ledger(id) => Bytes::copy_from_slice(id.as_bytes()),
            Prev::Entry(id) => Bytes::copy_from_slice(id.as_bytes()),
        };
        v1::Header {
            version: crate::limits::HEADER_VERSION,
            author: Bytes::copy_from_slice(self.author.as_bytes()),
            seq: self.seq,
            prev,
            seen: self.seen.iter().map(|id| Bytes::copy_from_slice(id.as_bytes())).collect(),
            height: self.height,
            claimed_at_ms: self.claimed_at_ms,
            payload_hash: Bytes::copy_from_slice(self.payload_hash.as_bytes()),
            payload_len: self.payload_len,
            kind: self.kind.number(),
        }
        .encode_to_vec()
        .into()
    }
}

/// A payload with the salt that its hash needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The encoded event.
    pub bytes: Bytes,
    /// 16 random bytes.
    pub salt: [u8; SALT_BYTES],
}

impl Payload {
    /// The hash that the entry's header must state.
    pub fn hash(&self) -> PayloadHash {
        PayloadHash::of(&self.salt, &self.bytes)
    }
}
