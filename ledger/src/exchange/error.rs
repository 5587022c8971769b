// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why an exchange ends before both sides agree.
//!
//! What the other side did wrong is `Malformed`; what it may not know better is `Refused`.

use constancia_proto::v1;

use super::limits::{CODE_BYTES_MAX, MESSAGE_BYTES_MAX, PROTOCOL_VERSION};
use crate::fault::{Coded, Fault};
use crate::frontier::FrontierError;
use crate::id::{EntryId, LedgerId};
use crate::replica::IngestError;
use crate::store::StoreError;

/// Why an exchange ends before both sides agree.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The other side speaks another version.
    #[error("expected protocol version {PROTOCOL_VERSION}, found {found}")]
    Protocol {
        /// Version found.
        found: u32,
    },
    /// The other side holds another ledger.
    #[error("expected ledger {expected}, found {found}")]
    WrongLedger {
        /// This ledger.
        expected: LedgerId,
        /// The other side's.
        found: LedgerId,
    },
    /// A message that has no place at this point.
    #[error("a {message} message has no place {stage}")]
    UnexpectedMessage {
        /// The message's name.
        message: &'static str,
        /// Where the exchange stands, in words.
        stage: &'static str,
    },
    /// A message of a kind that this version does not know, or none.
    #[error("expected a known exchange message")]
    EmptyMessage,
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
    /// More of something than the limit allows.
    #[error("at most {limit} {what}, found {found}")]
    TooMany {
        /// What there is too much of, with its unit.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// What was found.
        found: usize,
    },
    /// A list that must have something in it is empty.
    #[error("a {message} message is not empty")]
    NothingIn {
        /// The message's name.
        message: &'static str,
    },
    /// One side has more feeds than a whole frontier carries.
    #[error("frontiers of more than {limit} feeds cannot be exchanged yet, found {found}")]
    TooManyFeeds {
        /// The limit.
        limit: usize,
        /// Feeds found.
        found: u64,
    },
    /// The other side's frontier is no frontier.
    #[error("the frontier received is not valid")]
    Frontier(#[source] FrontierError),
    /// Batches and their acknowledgements are counted without gaps.
    #[error("expected {message} number {expected}, found {found}")]
    Number {
        /// The message's name.
        message: &'static str,
        /// The next one.
        expected: u64,
        /// The message's.
        found: u64,
    },
    /// An entry or fork proof that nobody who checks what he takes in could send.
    #[error("{} is provably wrong", name_entry(id.as_ref()))]
    Entry {
        /// The entry, where it could be told.
        id: Option<EntryId>,
        /// What is wrong.
        #[source]
        source: Box<IngestError>,
    },
    /// The other side ended the exchange.
    #[error("the peer ended the exchange: {code}: {message}")]
    Peer {
        /// Its error's code.
        code: String,
        /// Its error's message.
        message: String,
    },
    /// This side's store failed.
    #[error("the store failed during the exchange")]
    Store(#[from] StoreError),
}

fn name_entry(id: Option<&EntryId>) -> String {
    id.map_or_else(|| "an entry or proof received".to_owned(), |id| format!("entry {id}"))
}

impl Coded for ExchangeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Protocol { .. } => "exchange.protocol",
            Self::WrongLedger { .. } => "exchange.wrong_ledger",
            Self::UnexpectedMessage { .. } => "exchange.unexpected_message",
            Self::EmptyMessage => "exchange.empty_message",
            Self::FieldLength { .. } => "exchange.field_length",
            Self::TooMany { .. } => "exchange.too_many",
            Self::NothingIn { .. } => "exchange.nothing_in",
            Self::TooManyFeeds { .. } => "exchange.too_many_feeds",
            Self::Frontier(_) => "exchange.frontier",
            Self::Number { .. } => "exchange.number",
            Self::Entry { .. } => "exchange.entry",
            Self::Peer { .. } => "exchange.peer",
            Self::Store(_) => "exchange.store",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Protocol { .. } | Self::WrongLedger { .. } | Self::TooManyFeeds { .. } => {
                Fault::Refused
            }
            Self::UnexpectedMessage { .. }
            | Self::EmptyMessage
            | Self::FieldLength { .. }
            | Self::TooMany { .. }
            | Self::NothingIn { .. }
            | Self::Frontier(_)
            | Self::Number { .. }
            | Self::Entry { .. } => Fault::Malformed,
            Self::Peer { .. } => Fault::Unavailable,
            Self::Store(error) => error.fault(),
        }
    }
}

impl ExchangeError {
    /// What the other side is told before the stream ends. A failure of this side's store is named
    /// without its details, which are nobody else's business.
    pub fn to_message(&self) -> v1::ExchangeError {
        let mut message = match self {
            Self::Store(_) => "the peer's store failed".to_owned(),
            Self::Entry { source, .. } => format!("{self}: {source}"),
            Self::Frontier(source) => format!("{self}: {source}"),
            Self::Protocol { .. }
            | Self::WrongLedger { .. }
            | Self::UnexpectedMessage { .. }
            | Self::EmptyMessage
            | Self::FieldLength { .. }
            | Self::TooMany { .. }
            | Self::NothingIn { .. }
            | Self::TooManyFeeds { .. }
            | Self::Number { .. }
            | Self::Peer { .. } => self.to_string(),
        };
        shorten(&mut message, MESSAGE_BYTES_MAX);
        v1::ExchangeError { code: self.code().to_owned(), message }
    }

    /// The error that the other side reported: what it says is cut to its limits and shown, never
    /// believed.
    pub(super) fn of_peer(message: v1::ExchangeError) -> Self {
        let v1::ExchangeError { mut code, mut message } = message;
        shorten(&mut code, CODE_BYTES_MAX);
        shorten(&mut message, MESSAGE_BYTES_MAX);
        code.retain(|character| !character.is_control());
        message.retain(|character| !character.is_control());
        Self::Peer { code, message }
    }
}

/// Cuts text to a number of bytes, at a character.
pub(super) fn shorten(text: &mut String, bytes_max: usize) {
    text.truncate(text.floor_char_boundary(bytes_max));
}
