// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: what the store acknowledged is there, and what is not as it was written is named.
//!
//! Method: the same log on a disk in memory that stops, tears, forgets and fills up, and on the real
//! one; every byte flipped, every length cut, every call the last.

mod contract;
mod crash;
mod damage;
mod folder;
mod head;
mod index;
mod repair;
mod runs;
mod scene;
mod size;
