// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How the list of the runs and the heads of runs are kept: read again at each opening, never changed
//! in place.

/// Which runs there are, oldest first.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ManifestMessage {
    #[prost(message, repeated, tag = "1")]
    pub(super) runs: Vec<RunMessage>,
    #[prost(uint32, tag = "2")]
    pub(super) next_number: u32,
}

/// A run's number, and in how many pieces its head is kept.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RunMessage {
    #[prost(uint32, tag = "1")]
    pub(super) number: u32,
    #[prost(uint32, tag = "2")]
    pub(super) pieces: u32,
}

/// What is kept in memory of a run.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HeadMessage {
    #[prost(uint64, tag = "1")]
    pub(super) rows: u64,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) first_keys: Vec<Vec<u8>>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) last_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) filter: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    pub(super) long_blocks: Vec<LongBlockMessage>,
}

/// A block in several pieces, and which of the run's further pieces are its.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LongBlockMessage {
    #[prost(uint32, tag = "1")]
    pub(super) block: u32,
    #[prost(uint32, tag = "2")]
    pub(super) from: u32,
    #[prost(uint32, tag = "3")]
    pub(super) to: u32,
}
