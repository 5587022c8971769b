// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Identifiers: 32 bytes each, never mixed up.
//!
//! All digests are BLAKE3 in key-derivation mode, one context string per purpose, so that no digest
//! of one kind is ever a digest of another.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;

use crate::digest::{Context, derive, derive_context};

/// Context of [`EntryId`].
pub const ENTRY_ID_CONTEXT: &str = "constancia v1 entry id";
/// Context of [`PayloadHash`].
pub const PAYLOAD_CONTEXT: &str = "constancia v1 payload";
/// Context of an attachment's hash.
pub const ATTACHMENT_CONTEXT: &str = "constancia v1 attachment";
/// Context of [`FrontierRoot`].
pub const FRONTIER_CONTEXT: &str = "constancia v1 frontier";

/// Why text or bytes are no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Wrong number of bytes.
    #[error("expected 32 bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Not lower-case hexadecimal.
    #[error("expected 64 hexadecimal digits, found {found:?}")]
    Hex {
        /// The text found.
        found: String,
    },
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes 32 bytes as they are.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Takes exactly 32 bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The first eight hexadecimal digits, for people.
            pub fn short(&self) -> String {
                self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; 32];
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) => Ok(Self(bytes)),
                    Err(_not_hex) => Err(IdError::Hex { found: text.to_owned() }),
                }
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = IdError;

            fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
                Self::from_slice(bytes).ok_or(IdError::Length { found: bytes.len() })
            }
        }
    };
}

identifier! {
    /// Names an entry: BLAKE3 of its header bytes. The signature is not in it.
    EntryId
}
identifier! {
    /// Names a ledger: the entry id of its charter.
    LedgerId
}
identifier! {
    /// An Ed25519 public key, which names the feed that it writes.
    PublicKey
}
identifier! {
    /// BLAKE3 of salt and payload.
    PayloadHash
}
identifier! {
    /// Digest of a frontier.
    FrontierRoot
}
identifier! {
    /// BLAKE3 of `index.json`: names a state.
    StateDigest
}

impl EntryId {
    /// The id of an entry with these header bytes.
    pub fn of_header(header: &[u8]) -> Self {
        static PURPOSE: Context = Context::new(|| derive_context(ENTRY_ID_CONTEXT));
        Self(derive(&PURPOSE, &[header]))
    }
}

impl LedgerId {
    /// The ledger that this charter founds.
    pub const fn of_charter(charter: EntryId) -> Self {
        Self(charter.0)
    }

    /// The charter's entry id.
    pub const fn charter(self) -> EntryId {
        EntryId(self.0)
    }
}

impl PayloadHash {
    /// The hash that a header states for this salt and payload.
    pub fn of(salt: &[u8], payload: &[u8]) -> Self {
        static PURPOSE: Context = Context::new(|| derive_context(PAYLOAD_CONTEXT));
        Self(derive(&PURPOSE, &[salt, payload]))
    }
}

impl PublicKey {
    /// The key as a point, if it is one in its one canonical encoding (RFC 8032 §5.1.3) and not of
    /// small order: a weak key's signatures prove nothing, and one point has one name.
    pub fn to_verifying_key(self) -> Option<VerifyingKey> {
        let key = VerifyingKey::from_bytes(&self.0).ok()?;
        let canonical = key.to_edwards().compress().to_bytes() == self.0;
        (canonical && !key.is_weak()).then_some(key)
    }
}

/// The hash that an [`Attachment`](constancia_proto::v1::Attachment) states for this salt and content.
pub fn hash_attachment(salt: &[u8], content: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(ATTACHMENT_CONTEXT);
    hasher.update(salt).update(content);
    *hasher.finalize().as_bytes()
}
