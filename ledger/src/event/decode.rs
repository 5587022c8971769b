// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A payload becomes an event, or an unknown event, or an invalid one. Nothing is ever refused here.
//!
//! Unknown: kept, forwarded, chained, counted; it may be clear to a newer program. Invalid: an event
//! that this program knows and whose contents break a rule; it changes no state and is a finding.

pub(super) mod bounds;

use constancia_proto::v1;
use prost::Message as _;

use super::error::EventError;
use super::{Event, ParsedEvent};
use crate::entry::Kind;

/// What a payload turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// An event that keeps every rule.
    Known(Box<ParsedEvent>),
    /// No event that this program knows.
    Unknown {
        /// Why not.
        reason: UnknownReason,
    },
    /// A known event that breaks a rule.
    Invalid(EventError),
}

/// Why a payload is no event that this program knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownReason {
    /// It is not made of protobuf fields.
    #[error("expected protobuf fields, found something else")]
    Damaged,
    /// A list has more items than it may have, or a message that is no list is there twice.
    #[error("expected at most {limit} of {list}, found more")]
    TooManyItems {
        /// The field's name.
        list: &'static str,
        /// Items allowed.
        limit: usize,
    },
    /// It is not the protobuf of an event.
    #[error("expected an Event message")]
    NotAnEvent(#[source] prost::DecodeError),
    /// It has a field that this program does not know, or another encoding than the canonical one.
    #[error(
        "the event does not re-encode to its own bytes: it has an unknown field, or fields out of order"
    )]
    NotCanonical,
    /// It says nothing.
    #[error("expected a body, found none")]
    NoBody,
    /// Its header announces something else.
    #[error("the header announces {announced:?}, found {name}, which is {found:?}")]
    OtherKind {
        /// The header's kind.
        announced: Kind,
        /// The name of the event found.
        name: &'static str,
        /// The kind that it belongs to.
        found: Kind,
    },
}

impl UnknownReason {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Damaged => "event.damaged",
            Self::TooManyItems { .. } => "event.too_many_items",
            Self::NotAnEvent(_) => "event.not_an_event",
            Self::NotCanonical => "event.not_canonical",
            Self::NoBody => "event.no_body",
            Self::OtherKind { .. } => "event.other_kind",
        }
    }
}

/// Reads the payload of an entry whose header says `kind`.
pub fn decode(payload: &[u8], kind: Kind) -> Decoded {
    match read(payload, kind) {
        Ok(raw) => match ParsedEvent::try_from(raw) {
            Ok(event) => Decoded::Known(Box::new(event)),
            Err(error) => Decoded::Invalid(error),
        },
        Err(reason) => Decoded::Unknown { reason },
    }
}

/// The canonical bytes of an event: what is hashed, signed and stored.
pub fn encode(event: &v1::Event) -> Vec<u8> {
    event.encode_to_vec()
}

fn read(payload: &[u8], announced: Kind) -> Result<v1::Event, UnknownReason> {
    bounds::check_bounds(payload)?;
    let raw = v1::Event::decode(payload).map_err(UnknownReason::NotAnEvent)?;
    if raw.encoded_len() != payload.len() || encode(&raw) != payload {
        return Err(UnknownReason::NotCanonical);
    }
    let Some(body) = &raw.body else {
        return Err(UnknownReason::NoBody);
    };
    let (name, found) = Event::name_and_kind(body);
    if found != announced {
        return Err(UnknownReason::OtherKind { announced, name, found });
    }
    Ok(raw)
}

#[cfg(test)]
mod tests;
