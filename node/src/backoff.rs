// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How long to wait before a peer is tried again: twice as long each time, spread by chance so that
//! nodes that lost each other together do not come back together.

use std::time::Duration;

/// Limits of the waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_mins(5) }
    }
}

impl Backoff {
    /// The wait before try number `failures` (1, 2 …) is repeated, between half and all of what
    /// doubling gives. `chance` is any random number.
    pub fn wait_after(&self, failures: u32, chance: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        let half = full.checked_div(2).unwrap_or_default();
        let spread_ms = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        let extra_ms = chance.checked_rem(spread_ms.saturating_add(1)).unwrap_or(0);
        half.saturating_add(Duration::from_millis(extra_ms)).min(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_longest_and_is_spread() {
        let backoff = Backoff::default();
        for (failures, full_ms) in [(1, 500), (2, 1_000), (3, 2_000), (30, 300_000), (999, 300_000)]
        {
            for chance in [0, 1, 77_777, u64::MAX] {
                let wait = backoff.wait_after(failures, chance);
                assert!(wait >= Duration::from_millis(full_ms / 2), "{failures}: {wait:?}");
                assert!(wait <= Duration::from_millis(full_ms), "{failures}: {wait:?}");
            }
        }
    }
}
