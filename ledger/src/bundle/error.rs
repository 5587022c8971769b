// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a bundle cannot be written or read, with the byte offset where there is one.

use std::sync::Arc;

use super::{FORK_PROOFS_MAX, ITEM_BYTES_MAX};
use crate::entry::DecodeError;
use crate::fault::{Coded, Fault};
use crate::id::LedgerId;
use crate::store::StoreError;

/// Why a bundle cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The first line is another.
    #[error("expected the line constancia-bundle-v1 at byte 0")]
    NotABundle,
    /// The file ends within an item.
    #[error("the bundle is cut off within the item at byte {offset}")]
    CutOff {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// An item is larger than any entry or proof.
    #[error("the item at byte {offset} has at most {ITEM_BYTES_MAX} bytes, found {found}")]
    ItemTooLong {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
        /// Bytes announced.
        found: u64,
    },
    /// An item's length is not a varint of minimal length.
    #[error("the item at byte {offset} has no canonical length")]
    Length {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// An item is no `BundleItem`.
    #[error("the item at byte {offset} is not a bundle item")]
    NotAnItem {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
        /// What the decoder said.
        #[source]
        source: prost::DecodeError,
    },
    /// An item holds neither entry nor proof.
    #[error("the item at byte {offset} holds neither an entry nor a fork proof")]
    Empty {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// An item's bytes are not the one encoding of what they say.
    #[error("the item at byte {offset} does not re-encode to its own bytes")]
    NotCanonical {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// An entry that breaks a rule of its own.
    #[error("the entry at byte {offset} does not decode")]
    Entry {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
        /// What is wrong.
        #[source]
        source: DecodeError,
    },
    /// Fork proofs stand first.
    #[error("the fork proof at byte {offset} stands after an entry")]
    ProofAfterEntry {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// More fork proofs than are kept in memory.
    #[error("a bundle has at most {FORK_PROOFS_MAX} fork proofs, found more at byte {offset}")]
    TooManyProofs {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// The charter is the first entry.
    #[error(
        "expected the charter as first entry at byte {offset}, found an entry with a predecessor"
    )]
    CharterMissing {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
    },
    /// The first entry is no charter that this program understands.
    #[error("the charter at byte {offset} founds no ledger: {reason}")]
    BadCharter {
        /// Where the item begins, bytes from the start of the file.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// The file ends between two items, without its last one.
    #[error("the bundle is cut off at byte {offset}: its end is missing")]
    NoEnd {
        /// Where the file ends, bytes from its start.
        offset: u64,
    },
    /// The end counts other items than the file has.
    #[error(
        "the bundle's end counts {expected_entries} entries and {expected_proofs} fork proofs, found {entries} and {proofs}"
    )]
    Counts {
        /// Entries that the end counts.
        expected_entries: u64,
        /// Entries in the file.
        entries: u64,
        /// Fork proofs that the end counts.
        expected_proofs: u64,
        /// Fork proofs in the file.
        proofs: u64,
    },
    /// Something follows the end.
    #[error("something follows the bundle's end at byte {offset}")]
    AfterEnd {
        /// Where the end's item begins, bytes from the start of the file.
        offset: u64,
    },
    /// The file holds no entry at all.
    #[error("the bundle holds no charter")]
    NoCharter,
    /// The bundle is of another ledger.
    #[error("expected ledger {expected}, found {found}")]
    WrongLedger {
        /// This replica's.
        expected: LedgerId,
        /// The bundle's.
        found: LedgerId,
    },
    /// The file cannot be read.
    #[error("cannot read the bundle at byte {offset}")]
    Read {
        /// Bytes from the start of the file.
        offset: u64,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the bundle")]
    Write(#[source] std::io::Error),
    /// The replica's store failed.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
}

impl From<StoreError> for BundleError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl Coded for BundleError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABundle => "bundle.not_a_bundle",
            Self::CutOff { .. } => "bundle.cut_off",
            Self::ItemTooLong { .. } => "bundle.item_too_long",
            Self::Length { .. } => "bundle.length",
            Self::NotAnItem { .. } => "bundle.not_an_item",
            Self::Empty { .. } => "bundle.empty",
            Self::NotCanonical { .. } => "bundle.not_canonical",
            Self::Entry { .. } => "bundle.entry",
            Self::ProofAfterEntry { .. } => "bundle.proof_after_entry",
            Self::TooManyProofs { .. } => "bundle.too_many_proofs",
            Self::CharterMissing { .. } => "bundle.charter_missing",
            // Whatever holds it: the same of any first entry.
            Self::BadCharter { .. } => "store.bad_charter",
            Self::NoEnd { .. } => "bundle.no_end",
            Self::Counts { .. } => "bundle.counts",
            Self::AfterEnd { .. } => "bundle.after_end",
            Self::NoCharter => "bundle.no_charter",
            Self::WrongLedger { .. } => "bundle.wrong_ledger",
            Self::Read { .. } => "bundle.read",
            Self::Write(_) => "bundle.write",
            Self::Store(_) => "bundle.store",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotABundle
            | Self::CutOff { .. }
            | Self::ItemTooLong { .. }
            | Self::Length { .. }
            | Self::NotAnItem { .. }
            | Self::Empty { .. }
            | Self::NotCanonical { .. }
            | Self::Entry { .. }
            | Self::ProofAfterEntry { .. }
            | Self::TooManyProofs { .. }
            | Self::CharterMissing { .. }
            | Self::NoEnd { .. }
            | Self::Counts { .. }
            | Self::AfterEnd { .. }
            | Self::NoCharter => Fault::Malformed,
            Self::WrongLedger { .. } => Fault::Refused,
            Self::Read { .. } | Self::Write(_) => Fault::Unavailable,
            Self::BadCharter { .. } => Fault::Corrupt,
            Self::Store(error) => error.fault(),
        }
    }
}
