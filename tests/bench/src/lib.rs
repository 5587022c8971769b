// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the benchmarks share: a ledger like the ones that members keep, a disk to put it on, and
//! the comparing of two things in turns.

pub mod ground;
pub mod paired;
pub mod workload;
