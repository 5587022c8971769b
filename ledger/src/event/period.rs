// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reference periods: the time that a figure is about.
//!
//! One period has one text. What is not that text is refused, never corrected.

use std::fmt;
use std::str::FromStr;

use constancia_proto::v1;
use jiff::civil::Date;

use super::error::{BrokenRule, EventError, shown};

/// The first year that a period can be in: years have four digits, and 0024 is a slip for 2024.
const YEAR_MIN: i16 = 1_000;

/// What a period, or each end of an interval, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// 2024
    Year,
    /// 2024-S1
    HalfYear,
    /// 2024-Q3
    Quarter,
    /// 2024-07
    Month,
    /// 2024-07-15
    Day,
}

/// A year, half-year, quarter, month or day, or an interval of two of one kind.
///
/// Ordered by first day, then last day, then kind: 2024-01 before 2024-Q1 before 2024.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first_day: Date,
    last_day: Date,
    kind: PeriodKind,
}

impl Period {
    /// The period of `kind` that `day` lies in, or none where its year has not four digits.
    pub fn containing(kind: PeriodKind, day: Date) -> Option<Self> {
        if day.year() < YEAR_MIN {
            return None;
        }
        let first_month = |months: i8| {
            let zero_based = day.month().checked_sub(1)?;
            zero_based.checked_sub(zero_based.checked_rem(months)?)?.checked_add(1)
        };
        let first_day = match kind {
            PeriodKind::Year => day.first_of_year(),
            PeriodKind::HalfYear => Date::new(day.year(), first_month(6)?, 1).ok()?,
            PeriodKind::Quarter => Date::new(day.year(), first_month(3)?, 1).ok()?,
            PeriodKind::Month => day.first_of_month(),
            PeriodKind::Day => day,
        };
        Self::beginning(kind, first_day)
    }

    /// What each end is: for 2015-03..2021-02, month.
    pub const fn kind(self) -> PeriodKind {
        self.kind
    }

    /// Whether it is an interval of several periods of its kind.
    pub fn is_interval(self) -> bool {
        Self::beginning(self.kind, self.first_day) != Some(self)
    }

    /// The first day in it.
    pub const fn first_day(self) -> Date {
        self.first_day
    }

    /// The last day in it.
    pub const fn last_day(self) -> Date {
        self.last_day
    }

    /// Whether every day of `other` is in it.
    pub fn contains(self, other: Self) -> bool {
        self.first_day <= other.first_day && other.last_day <= self.last_day
    }

    /// The period of `kind` that begins on `first_day`, which is the first day of one.
    fn beginning(kind: PeriodKind, first_day: Date) -> Option<Self> {
        let last_day_of_month = |months_on: i8| {
            let month = first_day.month().checked_add(months_on)?;
            Date::new(first_day.year(), month, 1).ok().map(Date::last_of_month)
        };
        let last_day = match kind {
            PeriodKind::Year => last_day_of_month(11)?,
            PeriodKind::HalfYear => last_day_of_month(5)?,
            PeriodKind::Quarter => last_day_of_month(2)?,
            PeriodKind::Month => last_day_of_month(0)?,
            PeriodKind::Day => first_day,
        };
        Some(Self { first_day, last_day, kind })
    }
}

impl FromStr for Period {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let not_a_period = || BrokenRule::NotAPeriod { found: shown(text) };
        let Some((from, to)) = text.split_once("..") else {
            return parse_single(text).ok_or_else(|| not_a_period().into());
        };
        let from = parse_single(from).ok_or_else(not_a_period)?;
        let to = parse_single(to).ok_or_else(not_a_period)?;
        if from.kind != to.kind || from >= to {
            return Err(BrokenRule::NotAnInterval { found: shown(text) }.into());
        }
        Ok(Self { last_day: to.last_day, ..from })
    }
}

fn parse_single(text: &str) -> Option<Period> {
    let mut parts = text.split('-');
    let year = parse_digits(parts.next()?, 4).filter(|year| *year >= YEAR_MIN)?;
    let (kind, month, day) = match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => (PeriodKind::Year, 1, 1),
        (Some(part), None, None) => match part {
            "S1" => (PeriodKind::HalfYear, 1, 1),
            "S2" => (PeriodKind::HalfYear, 7, 1),
            "Q1" => (PeriodKind::Quarter, 1, 1),
            "Q2" => (PeriodKind::Quarter, 4, 1),
            "Q3" => (PeriodKind::Quarter, 7, 1),
            "Q4" => (PeriodKind::Quarter, 10, 1),
            month => (PeriodKind::Month, parse_digits(month, 2)?, 1),
        },
        (Some(month), Some(day), None) => {
            (PeriodKind::Day, parse_digits(month, 2)?, parse_digits(day, 2)?)
        }
        (_, _, _) => return None,
    };
    let first_day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Period::beginning(kind, first_day)
}

/// Exactly `count` digits.
fn parse_digits(text: &str, count: usize) -> Option<i16> {
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { text.parse().ok() } else { None }
}

impl TryFrom<v1::Period> for Period {
    type Error = EventError;

    fn try_from(raw: v1::Period) -> Result<Self, EventError> {
        raw.text.parse()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_single(f, self.kind, self.first_day)?;
        if self.is_interval() {
            f.write_str("..")?;
            write_single(f, self.kind, self.last_day)?;
        }
        Ok(())
    }
}

/// Writes the period of `kind` that `day` lies in.
fn write_single(f: &mut fmt::Formatter<'_>, kind: PeriodKind, day: Date) -> fmt::Result {
    let (year, month) = (day.year(), day.month());
    match kind {
        PeriodKind::Year => write!(f, "{year}"),
        PeriodKind::HalfYear => write!(f, "{year}-S{}", if month <= 6 { 1 } else { 2 }),
        PeriodKind::Quarter => {
            let quarter = match month {
                1..=3 => 1,
                4..=6 => 2,
                7..=9 => 3,
                _ => 4,
            };
            write!(f, "{year}-Q{quarter}")
        }
        PeriodKind::Month => write!(f, "{year}-{month:02}"),
        PeriodKind::Day => write!(f, "{year}-{month:02}-{:02}", day.day()),
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Period({self})")
    }
}

impl serde::Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_has_a_first_and_a_last_day() {
        let days = [
            ("2024", "2024-01-01", "2024-12-31"),
            ("2024-S1", "2024-01-01", "2024-06-30"),
            ("2024-S2", "2024-07-01", "2024-12-31"),
            ("2024-Q1", "2024-01-01", "2024-03-31"),
            ("2024-Q3", "2024-07-01", "2024-09-30"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2023-02", "2023-02-01", "2023-02-28"),
            ("2024-07-15", "2024-07-15", "2024-07-15"),
            ("2015-03..2021-02", "2015-03-01", "2021-02-28"),
            ("2015..2019", "2015-01-01", "2019-12-31"),
        ];
        for (text, first, last) in days {
            let period = period(text);
            assert_eq!(period.first_day().to_string(), first, "{text}");
            assert_eq!(period.last_day().to_string(), last, "{text}");
            assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn only_the_canonical_text_is_a_period() {
        let wrong = [
            "",
            "24",
            "0024",
            "20245",
            "2024-7",
            "2024-13",
            "2024-00",
            "2024-S3",
            "2024-S0",
            "2024-Q5",
            "2024-q1",
            "2024-02-30",
            "2024-1-1",
            "2024-07-15-01",
            "2024-",
            "-2024",
            " 2024",
            "2024/07",
            "2024..",
            "..2024",
            "2015..2016..2017",
            "２０２４",
        ];
        for text in wrong {
            let error = text.parse::<Period>().unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotAPeriod { .. }), "{text:?}");
        }
    }

    #[test]
    fn an_interval_joins_two_periods_of_one_kind_in_order() {
        for text in ["2021..2020", "2020..2020", "2020..2021-01", "2024-Q1..2024-S2"] {
            let error = text.parse::<Period>().unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotAnInterval { .. }), "{text:?}");
        }
        assert!(period("2024-01..2024-12").is_interval());
        assert!(!period("2024").is_interval());
    }

    #[test]
    fn periods_are_ordered_by_first_day_then_last_day_then_kind() {
        let ordered = [
            "2023",
            "2024-01-01",
            "2024-01",
            "2024-Q1",
            "2024-S1",
            "2024",
            "2024-01..2024-12",
            "2024-02",
        ];
        let mut periods: Vec<Period> = ordered.iter().rev().map(|text| period(text)).collect();
        periods.sort();
        let texts: Vec<String> = periods.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ordered);
    }

    #[test]
    fn a_day_lies_in_one_period_of_each_kind() {
        let day = date(2024, 8, 31);
        let texts = [
            (PeriodKind::Year, "2024"),
            (PeriodKind::HalfYear, "2024-S2"),
            (PeriodKind::Quarter, "2024-Q3"),
            (PeriodKind::Month, "2024-08"),
            (PeriodKind::Day, "2024-08-31"),
        ];
        for (kind, text) in texts {
            assert_eq!(Period::containing(kind, day), Some(period(text)));
        }
        assert_eq!(Period::containing(PeriodKind::Year, date(999, 1, 1)), None);
    }

    #[test]
    fn a_period_contains_what_begins_and_ends_within_it() {
        assert!(period("2024").contains(period("2024-Q3")));
        assert!(period("2024").contains(period("2024-01..2024-12")));
        assert!(period("2015-03..2021-02").contains(period("2016")));
        assert!(!period("2015-03..2021-02").contains(period("2015")));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_back_unchanged(
            text in "(20[0-9]{2}(-(S[0-3]|Q[0-5]|[01][0-9](-[0-3][0-9])?))?){1}(\\.\\.20[0-9]{2}(-(S[12]|Q[1-4]|[01][0-9]))?)?",
        ) {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.to_string(), text);
            }
        }
    }
}
