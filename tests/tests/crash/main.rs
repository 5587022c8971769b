// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: whatever was acknowledged is there after the machine stopped, at whatever moment it did, and
//! the ledger goes on from there: no hole, nothing twice, no slot signed twice.
//!
//! Method: a disk that stops at its n-th call and an index that stops at its n-th write, for every n,
//! with that call having taken effect and without; then the power comes back, and what was not synced
//! is lost, kept or torn. The log alone is tried in the same way in `store/`.

mod history;
mod index;
mod machine;
mod mending;
mod signing;
