// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Generated protobuf messages of Constancia and, with the feature `grpc`, its tonic stubs.
//!
//! Nothing here is written by hand, and nothing here checks anything: decoding a message says only
//! that its bytes are protobuf. `constancia-ledger` turns messages into domain types.
//! Never re-encode a signed message: protobuf has many encodings of one value.

/// Package `constancia.v1`.
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/constancia.v1.rs"));
}

/// The compiled descriptors of every `.proto` file and its imports, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
