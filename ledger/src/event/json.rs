// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How values that JSON has no exact form for are written in it: as text.
//!
//! A 64-bit integer above 2^53 is rounded by most readers of JSON; a digest is hexadecimal digits.

use std::fmt::Display;

use serde::Serializer;

/// A 64-bit integer, an entry id, a key.
pub(super) fn as_text<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Display,
    S: Serializer,
{
    serializer.collect_str(value)
}

/// Such a value where there is one.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(super) fn as_optional_text<T, S>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Display,
    S: Serializer,
{
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// Bytes.
pub(super) fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}
