// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Views: which entries of the ledger are replayed.

use super::history::History;
use super::ledger_at::LedgerAt;
use crate::frontier::Frontier;
use crate::order::Moment;
use crate::state::ViewRecord;

/// Which past the state is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Everything at the frontier.
    #[default]
    Frontier,
    /// Everything at this frontier: the state that it pins. What came to light later, forks
    /// included, has no part in it.
    At(Frontier),
    /// What members other than its author held by then. Forks are today's.
    AsOf(Moment),
    /// What says to be from then or before. Forks are today's.
    AsClaimed(Moment),
}

/// Which entries of a ledger at a frontier are replayed. Each lets the ancestors of what it lets
/// through pass as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// All.
    All,
    /// Witnessed by then.
    WitnessedBy(Moment),
    /// Effective by then.
    EffectiveBy(Moment),
}

impl Filter {
    /// Whether an entry is replayed.
    pub(super) fn has(self, history: &History, at: &LedgerAt, entry: usize) -> bool {
        match self {
            Self::All => true,
            Self::WitnessedBy(until) => {
                at.witnessed_at(entry).is_some_and(|witnessed| witnessed <= until)
            }
            Self::EffectiveBy(until) => {
                history.record(entry).facts.effective_at_ms <= until.as_ms()
            }
        }
    }

    /// The date that "overdue" is judged at, where the view sets it.
    pub(super) const fn judged_at(self) -> Option<Moment> {
        match self {
            Self::All => None,
            Self::WitnessedBy(until) | Self::EffectiveBy(until) => Some(until),
        }
    }

    /// As `index.json` says it. A pinned frontier is named by the frontier itself, so that the state
    /// is the one that it was.
    pub(super) const fn record(self) -> ViewRecord {
        match self {
            Self::All => ViewRecord::Frontier,
            Self::WitnessedBy(until) => ViewRecord::AsOf { until },
            Self::EffectiveBy(until) => ViewRecord::AsClaimed { until },
        }
    }
}
