// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A moment of the ledger: Unix milliseconds, written as RFC 3339 in UTC with milliseconds.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Timestamp};

use crate::fault::{Coded, Fault};
use crate::limits::CLAIMED_AT_MS_MAX;

/// A moment, by somebody's clock.
///
/// Written `2024-09-30T06:00:00.000Z`; never after the year 9999, as no claimed time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2024-09-30T06:00:00Z, found {found:?}")]
pub struct MomentError {
    /// The text found.
    pub found: String,
}

impl Coded for MomentError {
    fn code(&self) -> &'static str {
        "order.moment"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }
}

impl Moment {
    /// The moment so many milliseconds after 1970; what lies after the year 9999 is its end.
    pub const fn from_ms(ms: u64) -> Self {
        Self(if ms > CLAIMED_AT_MS_MAX { CLAIMED_AT_MS_MAX } else { ms })
    }

    /// Milliseconds since 1970.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// Milliseconds from `earlier` to here; 0 where it is later.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By the calendar and not by `Timestamp`, which ends some hours before the year 9999 does.
        let epoch: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
        let since = SignedDuration::from_millis(i64::try_from(self.0).unwrap_or(i64::MAX));
        let at = epoch.checked_add(since).unwrap_or(DateTime::MAX);
        write!(f, "{}T{}.{:03}Z", at.date(), at.time().strftime("%H:%M:%S"), at.millisecond())
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let refused = || MomentError { found: text.chars().take(60).collect() };
        // `Timestamp` ends some hours before the year 9999 does: there the calendar alone is left.
        let since_1970 = |at: DateTime| at.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
        let civil = || text.strip_suffix('Z').and_then(|civil| civil.parse::<DateTime>().ok());
        let read = match (text.parse::<Timestamp>(), civil()) {
            (Ok(at), _) => u64::try_from(at.as_millisecond()).ok(),
            (Err(_), Some(at)) => u64::try_from(since_1970(at).as_millis()).ok(),
            (Err(_), None) => None,
        };
        read.filter(|ms| *ms <= CLAIMED_AT_MS_MAX).map(Self).ok_or_else(refused)
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::state::json::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_with_milliseconds() {
        let written = [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_727_676_000_007, "2024-09-30T06:00:00.007Z"),
            (CLAIMED_AT_MS_MAX, "9999-12-31T23:59:59.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ];
        for (ms, text) in written {
            assert_eq!(Moment::from_ms(ms).to_string(), text);
            assert_eq!(text.parse::<Moment>().unwrap(), Moment::from_ms(ms));
        }
    }

    #[test]
    fn a_time_without_offset_or_before_1970_is_refused() {
        for wrong in ["", "2024-09-30", "2024-09-30T06:00:00", "1969-12-31T23:59:59Z", "now"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
        let offset: Moment = "2024-09-30T00:00:00-06:00".parse().unwrap();
        assert_eq!(offset.to_string(), "2024-09-30T06:00:00.000Z");
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(ms in 0..=CLAIMED_AT_MS_MAX) {
            let moment = Moment::from_ms(ms);
            prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
        }
    }
}
