// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a request to a node is refused before anything is done.

use constancia_ledger::fault::{Coded, Fault};
use constancia_ledger::frontier::FrontierError;
use constancia_ledger::id::LedgerId;
use tonic::Status;

use crate::failure::to_status;
use crate::limits::{ATTACHMENTS_MAX, EXCHANGES_MAX, FETCH_IDS_MAX};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The caller means another ledger.
    #[error("expected ledger {expected}, found {found}")]
    WrongLedger {
        /// This ledger.
        expected: LedgerId,
        /// The caller's.
        found: String,
    },
    /// Too many ids in one request.
    #[error("at most {FETCH_IDS_MAX} ids in a request, found {found}")]
    TooManyIds {
        /// Ids found.
        found: usize,
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
    /// A field that must be there is not.
    #[error("{field} is missing")]
    FieldMissing {
        /// The field's name.
        field: &'static str,
    },
    /// The frontier of a view is no frontier.
    #[error("the frontier is not valid")]
    Frontier(#[from] FrontierError),
    /// A prefix of an id that is none.
    #[error(
        "expected the id of an entry, or its first 4 or more hexadecimal digits, found {found:?}"
    )]
    NotAnId {
        /// The text.
        found: String,
    },
    /// No entry with this id.
    #[error("no entry {id} is held")]
    NoEntry {
        /// The id or its beginning.
        id: String,
    },
    /// Several entries whose ids begin like this.
    #[error("{count} entries begin with {id}, the first two are {first} and {second}")]
    Ambiguous {
        /// The beginning.
        id: String,
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
        /// The second.
        second: String,
    },
    /// No state document of this name.
    #[error("no document {name:?}, expected one of index.json")]
    NoDocument {
        /// The name.
        name: String,
    },
    /// A file larger than an attachment may be.
    #[error("an attachment has at most {limit} bytes, found more")]
    AttachmentTooLong {
        /// The limit.
        limit: u64,
    },
    /// A replica in memory has no folder for attachments.
    #[error("this replica is in memory and keeps no attachments")]
    NoFolder,
    /// No such attachment here.
    #[error("the attachment is not held here")]
    NoAttachment,
    /// This node has as many exchanges as it can carry.
    #[error("this node has {EXCHANGES_MAX} exchanges already")]
    Busy,
    /// This node has as many attachments on their way as it can carry.
    #[error("this node is sending {ATTACHMENTS_MAX} attachments already")]
    BusySending,
}

impl Coded for RequestError {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongLedger { .. } => "request.wrong_ledger",
            Self::TooManyIds { .. } => "request.too_many_ids",
            Self::FieldLength { .. } => "request.field_length",
            Self::FieldMissing { .. } => "request.field_missing",
            Self::Frontier(_) => "request.frontier",
            Self::NotAnId { .. } => "request.not_an_id",
            Self::NoEntry { .. } => "request.no_entry",
            Self::Ambiguous { .. } => "request.ambiguous",
            Self::NoDocument { .. } => "request.no_document",
            Self::AttachmentTooLong { .. } => "request.attachment_too_long",
            Self::NoFolder => "request.no_folder",
            Self::NoAttachment => "request.no_attachment",
            Self::Busy | Self::BusySending => "request.busy",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::WrongLedger { .. }
            | Self::NoEntry { .. }
            | Self::Ambiguous { .. }
            | Self::NoDocument { .. }
            | Self::NoFolder
            | Self::NoAttachment => Fault::Refused,
            Self::TooManyIds { .. }
            | Self::FieldLength { .. }
            | Self::FieldMissing { .. }
            | Self::Frontier(_)
            | Self::NotAnId { .. }
            | Self::AttachmentTooLong { .. } => Fault::Malformed,
            Self::Busy | Self::BusySending => Fault::Unavailable,
        }
    }
}

impl From<RequestError> for Status {
    fn from(error: RequestError) -> Self {
        to_status(&error)
    }
}

/// A field of an exact length.
pub(crate) fn fixed<const N: usize>(
    field: &'static str,
    bytes: &[u8],
) -> Result<[u8; N], RequestError> {
    <[u8; N]>::try_from(bytes).ok().ok_or(RequestError::FieldLength {
        field,
        expected: N,
        found: bytes.len(),
    })
}
