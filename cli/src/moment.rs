// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Times as people write and read them: UTC, RFC 3339.

use constancia_ledger::fault::Fault;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::failure::{Explain, Failure};
use crate::words::{Lang, errors};

/// Milliseconds of a second.
const SECOND_MS: i64 = 1_000;
/// Seconds of a minute.
const MINUTE_S: i32 = 60;

/// Unix milliseconds as RFC 3339 in UTC, with milliseconds only where there are any.
pub(crate) fn to_text(ms: u64) -> String {
    match i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
        Some(time) if time.as_millisecond().checked_rem(SECOND_MS) == Some(0) => {
            format!("{time:.0}")
        }
        Some(time) => format!("{time:.3}"),
        None => format!("{ms} ms"),
    }
}

/// The plan's civil day in which a moment lies.
pub(crate) fn to_day(ms: u64, utc_offset_minutes: i32) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let offset =
        utc_offset_minutes.checked_mul(MINUTE_S).and_then(|s| Offset::from_seconds(s).ok());
    match (time, offset) {
        (Some(time), Some(offset)) => offset.to_datetime(time).date().to_string(),
        (_, _) => to_text(ms),
    }
}

/// Reads a moment: RFC 3339, or a date, which means the end of that day at the plan's offset.
///
/// # Errors
/// Where the text is neither.
pub(crate) fn parse(text: &str, utc_offset_minutes: i32) -> Result<u64, Failure> {
    let found = text.parse::<Date>().ok().filter(|_| text.len() == "2024-09-30".len());
    let ms = match found {
        Some(day) => end_of_day(day, utc_offset_minutes),
        None => text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond),
    };
    match ms.and_then(|ms| u64::try_from(ms).ok()) {
        Some(ms) => Ok(ms),
        None => Err(NotAMoment { found: text.to_owned() }.into()),
    }
}

/// The last millisecond of a day.
fn end_of_day(day: Date, utc_offset_minutes: i32) -> Option<i64> {
    let offset = Offset::from_seconds(utc_offset_minutes.checked_mul(MINUTE_S)?).ok()?;
    let midnight = day.tomorrow().ok()?.at(0, 0, 0, 0);
    offset.to_timestamp(midnight).ok()?.as_millisecond().checked_sub(1)
}

#[derive(Debug)]
struct NotAMoment {
    found: String,
}

impl Explain for NotAMoment {
    fn code(&self) -> &'static str {
        "cli.not_a_moment"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        errors::not_a_moment(lang, &self.found)
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::not_a_moment_hint(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_the_end_of_that_day_at_the_plans_offset() {
        let end = parse("2024-09-30", -360).unwrap();
        assert_eq!(to_text(end), "2024-10-01T05:59:59.999Z");
        assert_eq!(to_day(end, -360), "2024-09-30");
    }

    #[test]
    fn a_time_is_read_in_any_offset_and_written_in_utc() {
        let moment = parse("2024-09-30T18:00:00-06:00", 0).unwrap();
        assert_eq!(to_text(moment), "2024-10-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "2024-9-30", "30/09/2024", "2024-02-30", "2024-09-30T18:00:00", "1960-01-01"]
        {
            assert!(parse(text, 0).is_err(), "{text:?}");
        }
    }
}
