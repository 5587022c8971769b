// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Fork proof: two different signed headers of one key in one slot. It verifies alone.
//!
//! Refuses headers that are the same, of different keys, slots or predecessors, or whose signatures
//! do not hold. Says nothing of who was at fault: a stolen key forks as well as a dishonest owner.

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use super::verify::KnownKeys;
use super::{DecodeError, Header, Prev, VerifiedEntry, VerifyError, decode_entry, verify_entry};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, IdError, LedgerId, PublicKey};

/// Why two headers prove no fork.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// A header or signature does not decode.
    #[error("a header of the fork proof does not decode")]
    Decode(#[source] DecodeError),
    /// A signature does not hold.
    #[error("a signature of the fork proof does not hold")]
    Verify(#[source] VerifyError),
    /// The ledger id is no id.
    #[error("the fork proof names no ledger")]
    Ledger(#[source] IdError),
    /// The proof is of another ledger.
    #[error("expected ledger {expected}, found {found}")]
    WrongLedger {
        /// This ledger.
        expected: LedgerId,
        /// The proof's.
        found: LedgerId,
    },
    /// One entry signed twice is one entry.
    #[error("both headers are entry {id}")]
    SameEntry {
        /// The entry.
        id: EntryId,
    },
    /// Two keys.
    #[error("expected one key, found {first} and {second}")]
    TwoKeys {
        /// Author of the first header.
        first: PublicKey,
        /// Author of the second.
        second: PublicKey,
    },
    /// Two slots.
    #[error("expected one sequence number, found {first} and {second}")]
    TwoSlots {
        /// Sequence number of the first header.
        first: u64,
        /// Of the second.
        second: u64,
    },
    /// They part earlier: the proof for that slot is needed.
    #[error("expected one predecessor at sequence number {seq}, found two")]
    TwoPredecessors {
        /// The slot.
        seq: u64,
    },
    /// A charter founds its own ledger: two of them are two ledgers, not a fork.
    #[error("a charter by {key} proves no fork: two charters are two ledgers")]
    Charter {
        /// The founder.
        key: PublicKey,
    },
    /// The greater id stands first, or the message is not canonical.
    #[error("the fork proof is not in canonical form: smaller id first, no other field")]
    NotCanonical,
}

impl Coded for ForkError {
    fn code(&self) -> &'static str {
        match self {
            Self::Decode(_) => "fork.decode",
            Self::Verify(_) => "fork.verify",
            Self::Ledger(_) => "fork.ledger",
            Self::WrongLedger { .. } => "fork.wrong_ledger",
            Self::SameEntry { .. } => "fork.same_entry",
            Self::TwoKeys { .. } => "fork.two_keys",
            Self::TwoSlots { .. } => "fork.two_slots",
            Self::TwoPredecessors { .. } => "fork.two_predecessors",
            Self::Charter { .. } => "fork.charter",
            Self::NotCanonical => "fork.not_canonical",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::WrongLedger { .. } => Fault::Refused,
            Self::Decode(_)
            | Self::Verify(_)
            | Self::Ledger(_)
            | Self::SameEntry { .. }
            | Self::TwoKeys { .. }
            | Self::TwoSlots { .. }
            | Self::TwoPredecessors { .. }
            | Self::Charter { .. }
            | Self::NotCanonical => Fault::Malformed,
        }
    }
}

/// A verified fork proof. Only this file can make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    ledger: LedgerId,
    key: PublicKey,
    seq: u64,
    prev: Prev,
    entries: [(EntryId, Bytes, [u8; 64]); 2],
}

impl ForkProof {
    /// Proves the fork of two verified entries of this ledger.
    ///
    /// # Errors
    /// Where they prove none.
    pub fn of_entries(
        ledger: LedgerId,
        one: &VerifiedEntry,
        other: &VerifiedEntry,
    ) -> Result<Self, ForkError> {
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        check_pair((first.id(), first.header()), (second.id(), second.header()))?;
        Ok(Self {
            ledger,
            key: first.header().author,
            seq: first.header().seq,
            prev: first.header().prev,
            entries: [first, second]
                .map(|entry| (entry.id(), entry.header_bytes().clone(), *entry.signature())),
        })
    }

    /// Decodes and verifies a proof for this ledger: the bytes must be canonical.
    ///
    /// # Errors
    /// Everything in [`ForkError`].
    pub fn decode(bytes: &Bytes, ledger: LedgerId) -> Result<Self, ForkError> {
        match v1::ForkProof::decode(bytes.clone()) {
            Ok(message) if message.encode_to_vec() == *bytes => Self::verify(&message, ledger),
            Ok(_) | Err(_) => Err(ForkError::NotCanonical),
        }
    }

    /// Verifies a proof from outside, for this ledger.
    ///
    /// # Errors
    /// Everything in [`ForkError`].
    pub fn verify(message: &v1::ForkProof, ledger: LedgerId) -> Result<Self, ForkError> {
        let found = LedgerId::try_from(&*message.ledger_id).map_err(ForkError::Ledger)?;
        if found != ledger {
            return Err(ForkError::WrongLedger { expected: ledger, found });
        }
        let decode = |header: &Bytes, signature: &Bytes| {
            decode_entry(v1::SignedEntry {
                header: header.clone(),
                signature: signature.clone(),
                payload: None,
                salt: None,
            })
            .map_err(ForkError::Decode)
        };
        let first = decode(&message.header_a, &message.signature_a)?;
        let second = decode(&message.header_b, &message.signature_b)?;
        // What the headers say comes before the signatures, which cost more.
        check_pair((first.id(), first.header()), (second.id(), second.header()))?;
        if first.id() > second.id() {
            return Err(ForkError::NotCanonical);
        }
        let verify = |entry| verify_entry(entry, ledger, &KnownKeys::new());
        let first = verify(first).map_err(ForkError::Verify)?;
        let second = verify(second).map_err(ForkError::Verify)?;
        Self::of_entries(ledger, &first, &second)
    }

    /// The ledger.
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// The key that forked.
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// The slot that has two entries.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// What both follow.
    pub const fn prev(&self) -> Prev {
        self.prev
    }

    /// The two entries, the smaller id first.
    pub fn entry_ids(&self) -> [EntryId; 2] {
        [self.entries[0].0, self.entries[1].0]
    }

    /// The message as it is stored and sent.
    pub fn to_message(&self) -> v1::ForkProof {
        let [(_, header_a, signature_a), (_, header_b, signature_b)] = &self.entries;
        v1::ForkProof {
            ledger_id: Bytes::copy_from_slice(self.ledger.as_bytes()),
            header_a: header_a.clone(),
            signature_a: Bytes::copy_from_slice(signature_a),
            header_b: header_b.clone(),
            signature_b: Bytes::copy_from_slice(signature_b),
        }
    }

    /// [`to_message`](Self::to_message), encoded.
    pub fn encode(&self) -> Bytes {
        self.to_message().encode_to_vec().into()
    }
}

/// Whether two headers are of one key and one slot, and of two entries.
fn check_pair(
    (first, a): (EntryId, &Header),
    (second, b): (EntryId, &Header),
) -> Result<(), ForkError> {
    if first == second {
        return Err(ForkError::SameEntry { id: first });
    }
    if a.author != b.author {
        return Err(ForkError::TwoKeys { first: a.author, second: b.author });
    }
    if a.prev == Prev::Nothing || b.prev == Prev::Nothing {
        return Err(ForkError::Charter { key: a.author });
    }
    if a.seq != b.seq {
        return Err(ForkError::TwoSlots { first: a.seq, second: b.seq });
    }
    if a.prev != b.prev {
        return Err(ForkError::TwoPredecessors { seq: a.seq });
    }
    Ok(())
}
