// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where a round stands. Both sides begin and end each round at the same messages.

use super::message::Greeting;
use crate::frontier::Frontier;
use crate::id::FrontierRoot;

/// Where a session stands.
#[derive(Debug)]
pub(super) enum Phase {
    /// Both say Hello.
    Greeting(Greetings),
    /// Both send what the other lacks.
    Merging(Box<Merge>),
    /// Both agreed; what lands is sent on.
    Live,
    /// Nothing follows.
    Closed,
}

impl Phase {
    /// Where the exchange stands, in words.
    pub(super) const fn stage(&self) -> &'static str {
        match self {
            Self::Greeting(_) => "before both have said hello",
            Self::Merging(_) => "while frontiers are merged",
            Self::Live => "while both follow",
            Self::Closed => "after the end",
        }
    }
}

/// The two Hellos of a round.
#[derive(Debug, Default)]
pub(super) struct Greetings {
    pub(super) mine: Option<Greeting>,
    pub(super) theirs: Option<Greeting>,
}

impl Greetings {
    /// Whether both hold the same.
    pub(super) fn agree(mine: &Greeting, theirs: &Greeting) -> bool {
        mine.root == theirs.root
            && mine.fork_root == theirs.fork_root
            && mine.pending_payloads == 0
            && theirs.pending_payloads == 0
    }
}

/// A round after Hello.
#[derive(Debug, Default)]
pub(super) struct Merge {
    /// The other side's frontier, until it is planned for.
    pub(super) frontier: Option<Frontier>,
    /// Whether the other side's frontier has come.
    pub(super) frontier_received: bool,
    /// Whether what it lacks is planned.
    pub(super) planned: bool,
    /// The root of the `CaughtUp` that this side sent.
    pub(super) sent: Option<FrontierRoot>,
    /// The root of the other side's.
    pub(super) received: Option<FrontierRoot>,
}
