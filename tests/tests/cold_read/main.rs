// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: what a reader who did not write the crates suspected: ways to lose, forge or hide an entry.
//!
//! Method: a test for each suspicion that was right, written before it was mended.

mod branches;
mod documents;
mod hidden;
mod keys;
mod peers;
mod resources;
mod verified;
