// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: `kill -9`, at whatever moment, costs a real process nothing that it acknowledged; it goes on
//! from there, signs no slot twice, and stores nothing twice.
//!
//! Method: the built program is started again and again over one growing store and killed, after as
//! many acknowledged lines and looks as seeded dice say: while it starts, while it writes, while it
//! ends. Which system call the kill meets is the machine's to choose; that nothing depends on it is
//! the fact. What a power cut does to what was not synced is `crash`'s to show: a kill alone loses no
//! page of the system's.

mod sync;
mod writing;
