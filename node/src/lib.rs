// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The Constancia node: gRPC sync between replicas, over one ledger.
//!
//! Everything that touches the network, the clock or a task is here; every rule is in
//! `constancia-ledger`.

pub mod clock;
pub mod heads;
pub mod limits;

pub mod error;
pub mod failure;
pub mod request;

pub mod live_replica;
pub mod open_ledger;

pub mod address;
pub mod client;
pub mod driver;
pub mod exchange_service;
mod outgoing;

pub mod merge;
pub mod repair;

pub mod backoff;
mod peers;

pub mod acknowledger;

pub mod door;
pub mod office;

pub mod node;
