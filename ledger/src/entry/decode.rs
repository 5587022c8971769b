// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 1: bytes become an [`UnverifiedEntry`], once.
//!
//! Refuses whatever the bytes alone can break: limits, lengths, an encoding that is not the one
//! canonical encoding, fields out of range. Knows neither keys nor other entries.

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use super::{Header, Kind, Payload, Prev};
use crate::fault::{Coded, Fault};
use crate::id::{EntryId, LedgerId, PayloadHash, PublicKey};
use crate::limits::{
    CLAIMED_AT_MS_MAX, HEADER_BYTES_MAX, HEADER_VERSION, PAYLOAD_BYTES_MAX, SEEN_MAX,
    SIGNED_ENTRY_BYTES_MAX,
};

/// Why bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message is larger than any entry.
    #[error("an entry has at most {SIGNED_ENTRY_BYTES_MAX} bytes, found {found}")]
    EntryTooLong {
        /// Bytes found.
        found: usize,
    },
    /// The outer message is not protobuf.
    #[error("expected a SignedEntry message")]
    NotAnEntry(#[source] prost::DecodeError),
    /// The outer message has another encoding than the canonical one.
    #[error("the SignedEntry message does not re-encode to its own bytes")]
    EntryNotCanonical,
    /// The header is larger than allowed.
    #[error("a header has at most {HEADER_BYTES_MAX} bytes, found {found}")]
    HeaderTooLong {
        /// Bytes found.
        found: usize,
    },
    /// The header is not protobuf.
    #[error("expected a Header message")]
    NotAHeader(#[source] prost::DecodeError),
    /// The header has another encoding than the canonical one: an unknown field, a field out of
    /// order or twice, a varint longer than needed.
    #[error("the header does not re-encode to its own bytes")]
    HeaderNotCanonical,
    /// Written by a newer program, or damaged.
    #[error("expected header version {HEADER_VERSION}, found {found}")]
    UnknownVersion {
        /// Version found.
        found: u32,
    },
    /// A field that must have an exact length has another.
    #[error("{field} has {expected} bytes, found {found}")]
    FieldLength {
        /// The field's name.
        field: &'static str,
        /// Bytes it must have.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// `prev` is absent though this is not the first entry of anything.
    #[error(
        "prev is empty only in the charter (seq 0, height 0, nothing seen), found seq {seq}, height {height}, {seen} seen"
    )]
    PrevMissing {
        /// The header's seq.
        seq: u64,
        /// The header's height.
        height: u64,
        /// Number of tips.
        seen: usize,
    },
    /// An entry with parents stands at height 0.
    #[error("an entry with parents has a height of at least 1, found 0")]
    HeightZero,
    /// Too many tips.
    #[error("an entry cites at most {SEEN_MAX} tips, found {found}")]
    SeenTooMany {
        /// Tips found.
        found: usize,
    },
    /// Tips out of order or twice.
    #[error("seen is ascending and distinct, found {second} after {first}")]
    SeenUnsorted {
        /// The earlier tip.
        first: EntryId,
        /// The tip that follows it.
        second: EntryId,
    },
    /// A claimed time beyond the calendar.
    #[error("claimed time is at most {CLAIMED_AT_MS_MAX} ms, found {found}")]
    ClaimedTooLate {
        /// Milliseconds found.
        found: u64,
    },
    /// A kind that version 1 does not have.
    #[error("expected kind 1, 2 or 3, found {found}")]
    UnknownKind {
        /// Number found.
        found: u32,
    },
    /// The header announces more than a payload may have.
    #[error("a payload has at most {PAYLOAD_BYTES_MAX} bytes, found {found}")]
    PayloadTooLong {
        /// Bytes announced.
        found: u64,
    },
    /// The payload has another length than the header says.
    #[error("the header says {expected} payload bytes, found {found}")]
    PayloadLength {
        /// Bytes that the header states.
        expected: u32,
        /// Bytes found.
        found: usize,
    },
    /// Payload without salt, or salt without payload.
    #[error("payload and salt come together, found only the {found}")]
    PayloadHalf {
        /// What is there.
        found: &'static str,
    },
}

impl Coded for DecodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::EntryTooLong { .. } => "decode.entry_too_long",
            Self::NotAnEntry(_) => "decode.not_an_entry",
            Self::EntryNotCanonical => "decode.entry_not_canonical",
            Self::HeaderTooLong { .. } => "decode.header_too_long",
            Self::NotAHeader(_) => "decode.not_a_header",
            Self::HeaderNotCanonical => "decode.header_not_canonical",
            Self::UnknownVersion { .. } => "decode.unknown_version",
            Self::FieldLength { .. } => "decode.field_length",
            Self::PrevMissing { .. } => "decode.prev_missing",
            Self::HeightZero => "decode.height_zero",
            Self::SeenTooMany { .. } => "decode.seen_too_many",
            Self::SeenUnsorted { .. } => "decode.seen_unsorted",
            Self::ClaimedTooLate { .. } => "decode.claimed_too_late",
            Self::UnknownKind { .. } => "decode.unknown_kind",
            Self::PayloadTooLong { .. } => "decode.payload_too_long",
            Self::PayloadLength { .. } => "decode.payload_length",
            Self::PayloadHalf { .. } => "decode.payload_half",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            // A newer program may understand it: not the sender's malice.
            Self::UnknownVersion { .. } => Fault::Refused,
            Self::EntryTooLong { .. }
            | Self::NotAnEntry(_)
            | Self::EntryNotCanonical
            | Self::HeaderTooLong { .. }
            | Self::NotAHeader(_)
            | Self::HeaderNotCanonical
            | Self::FieldLength { .. }
            | Self::PrevMissing { .. }
            | Self::HeightZero
            | Self::SeenTooMany { .. }
            | Self::SeenUnsorted { .. }
            | Self::ClaimedTooLate { .. }
            | Self::UnknownKind { .. }
            | Self::PayloadTooLong { .. }
            | Self::PayloadLength { .. }
            | Self::PayloadHalf { .. } => Fault::Malformed,
        }
    }
}

/// A decoded entry whose signature nobody has checked yet. The signed bytes are kept exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedEntry {
    pub(super) id: EntryId,
    pub(super) header: Header,
    pub(super) header_bytes: Bytes,
    pub(super) signature: [u8; 64],
    pub(super) payload: Option<Payload>,
}

impl UnverifiedEntry {
    /// BLAKE3 of the header bytes.
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// The decoded header: what the entry says of itself.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whether its payload came with it.
    pub const fn has_payload(&self) -> bool {
        self.payload.is_some()
    }
}

/// Decodes an encoded [`SignedEntry`](v1::SignedEntry), as it stands in a log, a bundle or a message.
///
/// # Errors
/// Everything in [`DecodeError`]; nothing is kept of bytes that are refused.
pub fn decode_signed_entry(bytes: &Bytes) -> Result<UnverifiedEntry, DecodeError> {
    if bytes.len() > SIGNED_ENTRY_BYTES_MAX {
        return Err(DecodeError::EntryTooLong { found: bytes.len() });
    }
    let message = v1::SignedEntry::decode(bytes.clone()).map_err(DecodeError::NotAnEntry)?;
    if message.encode_to_vec() != *bytes {
        return Err(DecodeError::EntryNotCanonical);
    }
    decode_entry(message)
}

/// Decodes the parts of an entry.
///
/// # Errors
/// Everything in [`DecodeError`] but what concerns the outer message.
pub fn decode_entry(message: v1::SignedEntry) -> Result<UnverifiedEntry, DecodeError> {
    let header = decode_header(&message.header)?;
    let signature = fixed("signature", &message.signature)?;
    let payload = match (message.payload, message.salt) {
        (Some(bytes), Some(salt)) => Some(Payload { bytes, salt: fixed("salt", &salt)? }),
        (None, None) => None,
        (Some(_), None) => return Err(DecodeError::PayloadHalf { found: "payload" }),
        (None, Some(_)) => return Err(DecodeError::PayloadHalf { found: "salt" }),
    };
    if let Some(payload) = &payload {
        check_payload_length(header.payload_len, payload)?;
    }
    Ok(UnverifiedEntry {
        id: EntryId::of_header(&message.header),
        header,
        header_bytes: message.header,
        signature,
        payload,
    })
}

/// Whether a payload has the length that its header states.
///
/// # Errors
/// [`DecodeError::PayloadLength`] where it has another.
pub(crate) fn check_payload_length(stated: u32, payload: &Payload) -> Result<(), DecodeError> {
    let found = payload.bytes.len();
    if u32::try_from(found) == Ok(stated) {
        Ok(())
    } else {
        Err(DecodeError::PayloadLength { expected: stated, found })
    }
}

/// Decodes a header strictly: it must re-encode to exactly these bytes.
///
/// # Errors
/// Every rule that the header alone can break.
pub fn decode_header(bytes: &Bytes) -> Result<Header, DecodeError> {
    if bytes.len() > HEADER_BYTES_MAX {
        return Err(DecodeError::HeaderTooLong { found: bytes.len() });
    }
    let message = v1::Header::decode(bytes.clone()).map_err(DecodeError::NotAHeader)?;
    // The version first: a later version may well have fields that this one does not know.
    if message.version != HEADER_VERSION {
        return Err(DecodeError::UnknownVersion { found: message.version });
    }
    if message.encode_to_vec() != *bytes {
        return Err(DecodeError::HeaderNotCanonical);
    }
    parse_header(&message)
}

fn parse_header(message: &v1::Header) -> Result<Header, DecodeError> {
    let author = PublicKey::from_bytes(fixed("author", &message.author)?);
    let seen = parse_seen(&message.seen)?;
    let prev = if message.prev.is_empty() {
        if message.seq != 0 || message.height != 0 || !seen.is_empty() {
            return Err(DecodeError::PrevMissing {
                seq: message.seq,
                height: message.height,
                seen: seen.len(),
            });
        }
        Prev::Nothing
    } else {
        if message.height == 0 {
            return Err(DecodeError::HeightZero);
        }
        let prev = fixed("prev", &message.prev)?;
        if message.seq == 0 {
            Prev::Ledger(LedgerId::from_bytes(prev))
        } else {
            Prev::Entry(EntryId::from_bytes(prev))
        }
    };
    if message.claimed_at_ms > CLAIMED_AT_MS_MAX {
        return Err(DecodeError::ClaimedTooLate { found: message.claimed_at_ms });
    }
    let payload_hash = PayloadHash::from_bytes(fixed("payload_hash", &message.payload_hash)?);
    if !usize::try_from(message.payload_len).is_ok_and(|len| len <= PAYLOAD_BYTES_MAX) {
        return Err(DecodeError::PayloadTooLong { found: message.payload_len.into() });
    }
    let kind =
        Kind::from_number(message.kind).ok_or(DecodeError::UnknownKind { found: message.kind })?;
    Ok(Header {
        author,
        seq: message.seq,
        prev,
        seen,
        height: message.height,
        claimed_at_ms: message.claimed_at_ms,
        payload_hash,
        payload_len: message.payload_len,
        kind,
    })
}

fn parse_seen(seen: &[Bytes]) -> Result<Vec<EntryId>, DecodeError> {
    if seen.len() > SEEN_MAX {
        return Err(DecodeError::SeenTooMany { found: seen.len() });
    }
    let mut ids: Vec<EntryId> = Vec::with_capacity(seen.len());
    for bytes in seen {
        let second = EntryId::from_bytes(fixed("seen", bytes)?);
        if let Some(&first) = ids.last()
            && first >= second
        {
            return Err(DecodeError::SeenUnsorted { first, second });
        }
        ids.push(second);
    }
    Ok(ids)
}

fn fixed<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    <[u8; N]>::try_from(bytes).ok().ok_or(DecodeError::FieldLength {
        field,
        expected: N,
        found: bytes.len(),
    })
}
