// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The pure core of Constancia: entries, their chain, the store, order, replay and exchange.
//!
//! No tokio, socket, clock or environment anywhere; only [`store`] touches the disk.
//! Modules stand in the order in which an entry passes through them.

mod digest;
pub mod fault;
pub mod id;
pub mod limits;

pub mod entry;
pub mod event;

pub mod chain;
pub mod frontier;
pub mod grants;

pub mod governance;
pub mod index;
pub mod replica;
pub mod store;

pub mod order;
pub mod replay;
pub mod state;

pub mod bundle;
pub mod exchange;
