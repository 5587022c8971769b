// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Support of the tests: people, clocks, disks and networks that a test controls.

pub mod acts;
pub mod everything;
pub mod folder;
pub mod forge;
pub mod histories;
pub mod liar;
pub mod model;
pub mod network;
pub mod nodes;
pub mod people;
pub mod program;
pub mod small_disk;
pub mod sources;
pub mod states;
pub mod verified;
