// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: two replicas of one ledger become one, whatever the network does.

#[path = "sync/exchange.rs"]
mod exchange;
#[path = "sync/limits.rs"]
mod limits;
#[path = "sync/nodes.rs"]
mod nodes;
#[path = "sync/office.rs"]
mod office;
#[path = "sync/read_ahead.rs"]
mod read_ahead;
#[path = "sync/store.rs"]
mod store;
