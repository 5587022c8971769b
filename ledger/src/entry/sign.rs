// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Making an entry: a [`Draft`] and a private key become a [`VerifiedEntry`].
//!
//! What was signed is decoded and verified like any entry from outside before it is returned, so a
//! fault in a signer never leaves the machine. Salt and time are arguments.

use bytes::Bytes;
use constancia_proto::v1;
use ed25519_dalek::Signer;

use super::verify::message_to_sign;
use super::{
    DecodeError, Header, Kind, Payload, Prev, VerifiedEntry, VerifyError, decode_entry,
    verify_entry,
};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId, PublicKey};

/// Where a new entry stands in its feed, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Place in the feed.
    pub seq: u64,
    /// What it follows.
    pub prev: Prev,
    /// Tips of other feeds; sorted and freed of repetitions when signed.
    pub seen: Vec<EntryId>,
    /// 1 + the greatest height among the parents; 0 for a charter.
    pub height: u64,
    /// The author's clock, Unix milliseconds, not before the previous entry's.
    pub claimed_at_ms: u64,
    /// What the event is about.
    pub kind: Kind,
    /// The encoded event, with its salt.
    pub payload: Payload,
}

/// Why a draft could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The draft breaks a rule that every reader would refuse it for.
    #[error("the draft is not a valid entry")]
    Invalid(#[source] DecodeError),
    /// The signer gave a signature that does not hold.
    #[error("the signature that was made does not hold")]
    Unsound(#[source] VerifyError),
    /// The signer refused (an agent, a token).
    #[error("the key did not sign")]
    Signer(#[source] ed25519_dalek::SignatureError),
    /// Only the charter founds a ledger.
    #[error("a draft without prev founds a ledger, one with prev needs it named")]
    LedgerMissing,
}

impl Coded for SignError {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "sign.invalid",
            Self::Unsound(_) => "sign.unsound",
            Self::Signer(_) => "sign.signer",
            Self::LedgerMissing => "sign.ledger_missing",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Invalid(_) | Self::LedgerMissing => Fault::Malformed,
            Self::Unsound(_) => Fault::Corrupt,
            Self::Signer(_) => Fault::Unavailable,
        }
    }
}

/// Signs a draft with the author's key. `ledger` is absent for a charter alone.
///
/// # Errors
/// Everything in [`SignError`].
pub fn sign_draft(
    draft: Draft,
    ledger: Option<LedgerId>,
    author: PublicKey,
    signer: &dyn Signer<ed25519_dalek::Signature>,
) -> Result<VerifiedEntry, SignError> {
    let mut seen = draft.seen;
    seen.sort_unstable();
    seen.dedup();
    let payload_len = u32::try_from(draft.payload.bytes.len()).unwrap_or(u32::MAX);
    let header = Header {
        author,
        seq: draft.seq,
        prev: draft.prev,
        seen,
        height: draft.height,
        claimed_at_ms: draft.claimed_at_ms,
        payload_hash: draft.payload.hash(),
        payload_len,
        kind: draft.kind,
    }
    .encode();
    let ledger = match (draft.prev, ledger) {
        (Prev::Nothing, None) => LedgerId::of_charter(EntryId::of_header(&header)),
        (Prev::Ledger(_) | Prev::Entry(_), Some(ledger)) => ledger,
        (Prev::Nothing, Some(_)) | (Prev::Ledger(_) | Prev::Entry(_), None) => {
            return Err(SignError::LedgerMissing);
        }
    };
    let signature =
        signer.try_sign(&message_to_sign(ledger, &header)).map_err(SignError::Signer)?;
    let entry = decode_entry(v1::SignedEntry {
        header,
        signature: Bytes::copy_from_slice(&signature.to_bytes()),
        payload: Some(draft.payload.bytes),
        salt: Some(Bytes::copy_from_slice(&draft.payload.salt)),
    })
    .map_err(SignError::Invalid)?;
    verify_entry(entry, ledger, &super::verify::KnownKeys::new()).map_err(SignError::Unsound)
}
