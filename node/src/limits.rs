// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Limits of a node on connections, queues and waiting, each with its reason.

use std::time::Duration;

/// Exchanges that others have open at once: every member's nodes several times over.
pub const EXCHANGES_MAX: usize = 256;

/// Messages that wait to be sent before this side stops reading: an honest peer takes in what it
/// asked for, so only one that never reads gets here.
pub const OUTGOING_MESSAGES_MAX: usize = 1_024;

/// Entries that one write takes together where several batches have arrived meanwhile.
pub const INGEST_ENTRIES_MAX: usize = 8_192;

/// Writes whose signatures are checked while another one is being written.
pub const CHECKED_AHEAD: usize = 1;

/// Silence after which a connection is given up: several round trips to anywhere, and a large batch
/// on a slow line.
pub const SILENCE_MAX: Duration = Duration::from_secs(90);

/// Time to reach a peer.
pub const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);

/// Time for a single answer that is not a stream.
pub const ANSWER_WAIT_MAX: Duration = Duration::from_mins(1);

/// Time that the other side gets to take the last messages of an exchange that is over.
pub const FAREWELL_WAIT_MAX: Duration = Duration::from_secs(10);

/// Time that open streams get to end when the node stops.
pub const SHUTDOWN_WAIT_MAX: Duration = Duration::from_secs(10);

/// Ids in one request for entries.
pub const FETCH_IDS_MAX: usize = 1_024;

/// Attachments on their way to others at once: each is in memory until its last piece is taken.
pub const ATTACHMENTS_MAX: usize = 4;

/// Bytes of a piece of a file on its way.
pub const CHUNK_BYTES: usize = 256 << 10;

/// Bytes of a piece of a state document: a large indicator's has more than any message may have.
pub const DOCUMENT_PIECE_BYTES: usize = 4 << 20;

/// Bytes of one message of the node's own people: the largest entry fits, with its words as JSON.
pub const LOCAL_MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Bytes of a message between nodes that is not part of an exchange.
pub const PEER_MESSAGE_BYTES_MAX: usize =
    constancia_ledger::exchange::limits::EXCHANGE_MESSAGE_BYTES_MAX;

/// How far ahead of this node's clock the effective time of what it cites may be.
pub const CLOCK_AHEAD_MS_MAX: u64 = 10 * 60 * 1_000;
