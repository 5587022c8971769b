// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whose fault an error is, and the stable code that names it everywhere.
//!
//! gRPC codes and exit codes derive from [`Fault`], each in one place.

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not what they claim to be: nobody should ever send them.
    Malformed,
    /// Well formed, but the ledger's rules or this replica refuse it.
    Refused,
    /// It contradicts what is held, and the contradiction is evidence.
    Conflict,
    /// Not now: something that may come later is missing or busy.
    Unavailable,
    /// What is stored is not what was stored: the node stops.
    Corrupt,
}

/// An error with a stable code, such as `chain.sequence_gap`.
pub trait Coded: std::error::Error {
    /// The code: the same in messages, JSON, logs and `docs/errors.md`.
    fn code(&self) -> &'static str;
    /// Whose fault it is.
    fn fault(&self) -> Fault;
}
