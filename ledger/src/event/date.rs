// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A calendar date as precise as it is known: 2024, 2024-09 or 2024-09-30.
//!
//! No time zone: a date belongs to the plan's civil day or to the source that printed it.

use std::fmt;
use std::str::FromStr;

use constancia_proto::v1;
use jiff::civil::Date;

use super::error::{BrokenRule, EventError, shown};
use super::period::{Period, PeriodKind};

/// A date of which the year, the month or the day is known.
///
/// Ordered by first possible day, then by last: 2024-01-01 before 2024-01 before 2024.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate(Period);

impl PartialDate {
    /// A date known to the day, or none where its year has not four digits.
    pub fn from_day(day: Date) -> Option<Self> {
        Period::containing(PeriodKind::Day, day).map(Self)
    }

    /// The first day that it may be.
    pub const fn first_day(self) -> Date {
        self.0.first_day()
    }

    /// The last day that it may be.
    pub const fn last_day(self) -> Date {
        self.0.last_day()
    }
}

impl FromStr for PartialDate {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let date = Period::from_str(text).ok().filter(|period| {
            !period.is_interval()
                && matches!(period.kind(), PeriodKind::Year | PeriodKind::Month | PeriodKind::Day)
        });
        match date {
            Some(period) => Ok(Self(period)),
            None => Err(BrokenRule::NotADate { found: shown(text) }.into()),
        }
    }
}

impl TryFrom<v1::Date> for PartialDate {
    type Error = EventError;

    fn try_from(raw: v1::Date) -> Result<Self, EventError> {
        raw.text.parse()
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialDate({self})")
    }
}

impl serde::Serialize for PartialDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_precise_as_it_is_known() {
        let month: PartialDate = "2024-02".parse().unwrap();
        assert_eq!(month.first_day().to_string(), "2024-02-01");
        assert_eq!(month.last_day().to_string(), "2024-02-29");
        assert_eq!(month.to_string(), "2024-02");
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for right in ["2024", "2024-09", "2024-09-30", "2024-02-29"] {
            assert_eq!(right.parse::<PartialDate>().unwrap().to_string(), right);
        }
        let wrong = [
            "",
            "2023-02-29",
            "2024-13",
            "2024-00",
            "2024-9",
            "2024-09-31",
            "24",
            "2024-Q1",
            "2024-S1",
            "2024-01..2024-02",
            "2024-09-30T00:00Z",
            "30/09/2024",
            "0024",
        ];
        for text in wrong {
            let error = text.parse::<PartialDate>().unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotADate { .. }), "{text:?}");
        }
    }
}
