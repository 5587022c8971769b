// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Bundles: files that carry entries between replicas that share no network.
//!
//! A bundle is the line `constancia-bundle-v1` and then varint-length-delimited
//! [`BundleItem`](constancia_proto::v1::BundleItem)s: fork proofs, the charter, then every parent
//! before its child, and an end that counts them. Written and read item by item, so its size does not matter; an item that is
//! not exactly its canonical bytes is refused, naming its offset. What is read passes the same
//! ingest as everything else: a bundle is trusted no more than a peer.

mod error;
mod import;
mod read;
mod write;

pub use error::BundleError;
pub use import::{Imported, Intake, RefusedItem, import};
pub use read::{OpenBundle, open_bundle};
pub use write::{Exporter, export};

use crate::limits::SIGNED_ENTRY_BYTES_MAX;

/// The first line of every bundle.
pub const BUNDLE_LINE: &[u8] = b"constancia-bundle-v1\n";

/// Bytes of an item: the largest entry, with the item's own framing.
pub const ITEM_BYTES_MAX: usize = SIGNED_ENTRY_BYTES_MAX + 16;

/// Fork proofs at the beginning of a bundle: they are kept in memory until the charter is known,
/// and there is one for each key at most.
pub const FORK_PROOFS_MAX: usize = 4_096;

/// Entries taken in at a time: all cores verify, one sync makes them durable.
pub const IMPORT_BATCH_ENTRIES: usize = 2_048;

/// Bytes taken in at a time, where entries are large.
pub const IMPORT_BATCH_BYTES: usize = 4 << 20;

/// Bytes of entries beyond a fork that an import keeps for the case that a later one cites them: a
/// branch of two hundred thousand small entries, and no more memory than that for a hostile file.
pub const SPARE_BYTES_MAX: usize = 256 << 20;

/// Bytes that such an entry counts for beside its payload: its header, twice, and its place.
pub const SPARE_ENTRY_BYTES: usize = 1_024;

/// Refused items that an import lists; the rest is counted.
pub const REFUSED_LISTED_MAX: usize = 1_000;
