// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: no byte of an entry, a segment, the index or a bundle can be changed or cut off without
//! somebody saying which; whatever is not named reads back exactly. Never a panic, never silence,
//! never a hole.
//!
//! Method: a short ledger with everything that a log can hold, so that every single byte can be
//! tried. A panic that crosses a public door is caught here, to name the byte that caused it.

mod bundle;
mod entry;
mod index;
mod rows;
mod scene;
mod segment;
