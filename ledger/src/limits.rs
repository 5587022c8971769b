// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Limits on entries and on what a replica keeps for later, each with its reason.
//!
//! Limits of events stand with the events, those of the exchange with the exchange.

/// Bytes of an encoded header: 64 tips of 34 bytes and the fixed fields leave room to spare.
pub const HEADER_BYTES_MAX: usize = 4_096;

/// Bytes of a payload: a report of several thousand cells; anything larger is an attachment.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// Bytes of a salt: 128 bits cannot be guessed.
pub const SALT_BYTES: usize = 16;

/// Tips that one entry cites; who has seen more writes acknowledgements first.
pub const SEEN_MAX: usize = 64;

/// The one header version there is.
pub const HEADER_VERSION: u32 = 1;

/// The last millisecond of the year 9999: a later claim could not be written as a date (RFC 3339).
pub const CLAIMED_AT_MS_MAX: u64 = 253_402_300_799_999;

/// Entries held back for want of a parent: enough for several batches out of order, small enough
/// that a peer cannot fill memory with orphans.
pub const HELD_BACK_ENTRIES_MAX: usize = 4_096;

/// Bytes of entries held back, for the same reason.
pub const HELD_BACK_BYTES_MAX: usize = 32 << 20;

/// Of these, entries by keys that nobody has granted as far as this replica knows: anybody makes such
/// keys by the thousand, and a grant that has not arrived is rare.
pub const HELD_BACK_OF_STRANGERS_MAX: usize = 256;

/// Bytes of such entries, for the same reason: one with the largest payload fits.
pub const HELD_BACK_OF_STRANGERS_BYTES_MAX: usize = 2 << 20;

/// Bytes that the framing of a `SignedEntry` adds at most to header, signature, payload and salt.
pub const SIGNED_ENTRY_FRAMING_BYTES_MAX: usize = 32;

/// Bytes of an encoded `SignedEntry`.
pub const SIGNED_ENTRY_BYTES_MAX: usize =
    HEADER_BYTES_MAX + PAYLOAD_BYTES_MAX + SALT_BYTES + 64 + SIGNED_ENTRY_FRAMING_BYTES_MAX;

/// Fork proofs that wait for the grant of their key: more than a bundle may bring is nobody's need.
pub const WAITING_PROOFS_MAX: usize = 4_096;
