// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Limits on every message and every count of the exchange, each with its reason.

use crate::limits::{HELD_BACK_ENTRIES_MAX, SIGNED_ENTRY_BYTES_MAX};

/// The one protocol version there is.
pub const PROTOCOL_VERSION: u32 = 1;

/// Bytes of entries that a sender puts in a batch: large enough that a sync to disk and a round trip
/// are paid for thousands of small entries, small enough that several of them are on their way.
pub const BATCH_BYTES_TARGET: usize = 1 << 20;

/// Bytes of entries in a batch that a receiver takes: the largest entry alone always fits, with its
/// framing in the batch.
pub const BATCH_BYTES_MAX: usize = SIGNED_ENTRY_BYTES_MAX + 16;

/// Entries in a batch: as many as may wait for a parent, so that one batch cannot be refused for
/// want of room.
pub const BATCH_ENTRIES_MAX: usize = HELD_BACK_ENTRIES_MAX;

/// Bytes of entries sent and not yet acknowledged. Several batches, so that one is verified while
/// the next one travels; a cut connection sends at most this much again.
pub const WINDOW_BYTES_MAX: usize = 8 << 20;

/// Batches sent and not yet acknowledged: with many small ones, each side still keeps up with the
/// other's acknowledgements.
pub const BATCHES_IN_FLIGHT_MAX: usize = 64;

/// Feeds in a whole frontier. Above that the difference is found by buckets.
pub const FEEDS_MAX: usize = 2_048;

/// Decisions in a whole frontier: one that nobody has built on yet is rare.
pub const DECISIONS_MAX: usize = 1_024;

/// Fork proofs in a message: as many of the largest stay below the largest message.
pub const FORK_PROOFS_PER_MESSAGE_MAX: usize = 128;

/// Fork proofs in a round: one for each feed.
pub const FORK_PROOFS_PER_ROUND_MAX: usize = FEEDS_MAX;

/// Ids in a Want: 32 KiB.
pub const WANT_IDS_MAX: usize = 1_024;

/// Refusals of this side that a session remembers, to be shown.
pub const REFUSALS_KEPT_MAX: usize = 100;

/// Ids wanted within a round: what one side has waiting, and as many pending payloads, several times
/// over. Beyond that a peer only makes us read.
pub const WANT_IDS_PER_ROUND_MAX: usize = 16 * HELD_BACK_ENTRIES_MAX;

/// Pending payloads asked for at the beginning of a round: half of all that may be wanted in it, so
/// that a key that withholds thousands of its own does not keep anybody's from being asked for. The
/// next round goes on from there.
pub const WANT_PAYLOADS_PER_ROUND_MAX: usize = WANT_IDS_PER_ROUND_MAX / 2;

/// Entries of one branch that answer one wanted id: a branch is fetched in few round trips, and its
/// entries fit among those that wait for a parent.
pub const BRANCH_RUN_MAX: usize = 512;

/// Rounds without agreement: each takes in all that the other had at its beginning, so two suffice
/// unless both keep receiving from elsewhere.
pub const ROUNDS_MAX: u32 = 16;

/// Bytes of an error's or refusal's code, which are words and dots.
pub const CODE_BYTES_MAX: usize = 64;

/// Bytes of an error's or refusal's message: a sentence with two values.
pub const MESSAGE_BYTES_MAX: usize = 1_024;

/// Bytes of a Hello: equal replicas find out within 200 bytes each way, frames included.
pub const HELLO_BYTES_MAX: usize = 180;

/// Bytes of any encoded message: the largest batch or list of proofs, and its framing.
pub const EXCHANGE_MESSAGE_BYTES_MAX: usize = BATCH_BYTES_MAX + 8 * BATCH_ENTRIES_MAX + 64;
