// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 2: an [`UnverifiedEntry`] becomes a [`VerifiedEntry`], which only this file can make.
//!
//! Refuses a weak or impossible key, a signature that `verify_strict` does not accept for this
//! ledger, and a payload that is not the one the header names. Never uses batch verification:
//! it accepts signatures that strict verification rejects.

use std::collections::BTreeMap;

use bytes::Bytes;
use constancia_proto::v1;
use ed25519_dalek::{Signature, VerifyingKey};
use prost::Message as _;
use rayon::prelude::*;

use super::{Header, Payload, Prev, UnverifiedEntry};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId, PayloadHash, PublicKey};

/// What every signed message begins with.
pub const SIGNATURE_CONTEXT: &[u8] = b"constancia/v1/entry\0";

/// Why an entry's signature or payload does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The author is no point of the curve, or a point of small order.
    #[error("the author is not a usable Ed25519 key: {key}")]
    WeakKey {
        /// The author.
        key: PublicKey,
    },
    /// Signed by somebody else, for another ledger, or changed since.
    #[error("the signature of {id} by {key} does not hold in ledger {ledger}")]
    BadSignature {
        /// The entry.
        id: EntryId,
        /// The author.
        key: PublicKey,
        /// The ledger it was checked for.
        ledger: LedgerId,
    },
    /// First of a feed, but of another ledger.
    #[error("expected ledger {expected}, found {found}")]
    WrongLedger {
        /// This ledger.
        expected: LedgerId,
        /// The ledger that the entry names.
        found: LedgerId,
    },
    /// The payload is not the one that was signed.
    #[error("expected payload hash {expected}, found {found}")]
    PayloadHash {
        /// What the header states.
        expected: PayloadHash,
        /// What salt and payload hash to.
        found: PayloadHash,
    },
}

impl Coded for VerifyError {
    fn code(&self) -> &'static str {
        match self {
            Self::WeakKey { .. } => "verify.weak_key",
            Self::BadSignature { .. } => "verify.bad_signature",
            Self::WrongLedger { .. } => "verify.wrong_ledger",
            Self::PayloadHash { .. } => "verify.payload_hash",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::WrongLedger { .. } => Fault::Refused,
            Self::WeakKey { .. } | Self::BadSignature { .. } | Self::PayloadHash { .. } => {
                Fault::Malformed
            }
        }
    }
}

/// An entry whose signature holds in this ledger and whose payload, where present, is the signed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEntry {
    id: EntryId,
    header: Header,
    header_bytes: Bytes,
    signature: [u8; 64],
    payload: Option<Payload>,
}

impl VerifiedEntry {
    /// BLAKE3 of the header bytes.
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// The decoded header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The signed bytes.
    pub const fn header_bytes(&self) -> &Bytes {
        &self.header_bytes
    }

    /// The signature, 64 bytes.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The payload, unless it is pending or redacted.
    pub const fn payload(&self) -> Option<&Payload> {
        self.payload.as_ref()
    }

    /// The message as it is stored and sent: the signed bytes in their frame.
    pub fn to_message(&self) -> v1::SignedEntry {
        v1::SignedEntry {
            header: self.header_bytes.clone(),
            signature: Bytes::copy_from_slice(&self.signature),
            payload: self.payload.as_ref().map(|payload| payload.bytes.clone()),
            salt: self.payload.as_ref().map(|payload| Bytes::copy_from_slice(&payload.salt)),
        }
    }

    /// [`to_message`](Self::to_message), encoded.
    pub fn encode(&self) -> Bytes {
        self.to_message().encode_to_vec().into()
    }

    /// The same entry with the payload that its header names.
    ///
    /// # Errors
    /// [`VerifyError::PayloadHash`] where it is another.
    pub fn with_payload(mut self, payload: Payload) -> Result<Self, VerifyError> {
        check_payload(&self.header, Some(&payload))?;
        self.payload = Some(payload);
        Ok(self)
    }

    /// The same entry on memory of its own: bytes that came in one large message share it, so
    /// keeping a small entry for long would keep the message.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.header_bytes = Bytes::copy_from_slice(&self.header_bytes);
        if let Some(payload) = &mut self.payload {
            payload.bytes = Bytes::copy_from_slice(&payload.bytes);
        }
        self
    }

    /// The same entry without its payload.
    #[must_use]
    pub fn without_payload(mut self) -> Self {
        self.payload = None;
        self
    }
}

/// Keys that have been decompressed before; a hint that saves time and changes no result.
pub type KnownKeys = BTreeMap<PublicKey, VerifyingKey>;

/// Checks one entry for one ledger. A charter is checked for the ledger that it founds.
///
/// # Errors
/// Everything in [`VerifyError`].
pub fn verify_entry(
    entry: UnverifiedEntry,
    ledger: LedgerId,
    known: &KnownKeys,
) -> Result<VerifiedEntry, VerifyError> {
    let expected = match entry.header.prev {
        Prev::Nothing => LedgerId::of_charter(entry.id),
        Prev::Ledger(found) => found,
        Prev::Entry(_) => ledger,
    };
    if expected != ledger {
        return Err(VerifyError::WrongLedger { expected: ledger, found: expected });
    }
    let author = entry.header.author;
    let key = match known.get(&author) {
        Some(key) => *key,
        None => author.to_verifying_key().ok_or(VerifyError::WeakKey { key: author })?,
    };
    let signature = Signature::from_bytes(&entry.signature);
    if key.verify_strict(&message_to_sign(ledger, &entry.header_bytes), &signature).is_err() {
        return Err(VerifyError::BadSignature { id: entry.id, key: author, ledger });
    }
    check_payload(&entry.header, entry.payload.as_ref())?;
    Ok(VerifiedEntry {
        id: entry.id,
        header: entry.header,
        header_bytes: entry.header_bytes,
        signature: entry.signature,
        payload: entry.payload,
    })
}

/// Checks many entries on all cores; each result is what checking it alone gives, in the same order.
pub fn verify_batch(
    entries: Vec<UnverifiedEntry>,
    ledger: LedgerId,
    known: &KnownKeys,
) -> Vec<Result<VerifiedEntry, VerifyError>> {
    if entries.len() <= 1 {
        // One is checked sooner than another thread is woken.
        return entries.into_iter().map(|entry| verify_entry(entry, ledger, known)).collect();
    }
    entries.into_par_iter().map(|entry| verify_entry(entry, ledger, known)).collect()
}

/// What the author signs: context, ledger, header.
pub(super) fn message_to_sign(ledger: LedgerId, header: &[u8]) -> Vec<u8> {
    [SIGNATURE_CONTEXT, ledger.as_bytes(), header].concat()
}

fn check_payload(header: &Header, payload: Option<&Payload>) -> Result<(), VerifyError> {
    let Some(payload) = payload else {
        return Ok(());
    };
    let found = payload.hash();
    if found == header.payload_hash {
        Ok(())
    } else {
        Err(VerifyError::PayloadHash { expected: header.payload_hash, found })
    }
}
