// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why the contents of a known event break a rule: where, what was found, what would be right.
//!
//! Such an event stays in the ledger, changes no state and is a finding. The command line asks the
//! same rules before it signs, so an honest author meets these errors there.

use std::fmt;

use super::limits::SHOWN_CHARS_MAX;
use crate::fault::{Coded, Fault};

/// A field of an event that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError {
    /// Where, with the names of the schema: `report.observations[3].value`. Empty for the whole.
    pub path: String,
    /// Which rule.
    pub rule: BrokenRule,
}

/// The rules that a field can break, with what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    /// A field that must be there is absent or empty.
    #[error("expected {expected}, found nothing")]
    Missing {
        /// What belongs there.
        expected: &'static str,
    },
    /// A field that must be absent is there.
    #[error("expected nothing here, found a value: {reason}")]
    Unexpected {
        /// Why it does not belong there.
        reason: &'static str,
    },
    /// No decimal in canonical form.
    #[error(
        "expected a decimal such as 25.2, -3 or 0.10 with at most 18 digits, no plus sign, no exponent, no separator but the point, no superfluous zero in front, found {found:?}"
    )]
    NotADecimal {
        /// The text found.
        found: String,
    },
    /// No reference period in canonical form.
    #[error(
        "expected a period such as 2024, 2024-S1, 2024-Q3, 2024-07, 2024-07-15 or 2015-03..2021-02, found {found:?}"
    )]
    NotAPeriod {
        /// The text found.
        found: String,
    },
    /// An interval whose ends are of different kinds, in the wrong order or equal.
    #[error(
        "expected an interval from an earlier to a later period of one kind, such as 2015-03..2021-02, found {found:?}"
    )]
    NotAnInterval {
        /// The text found.
        found: String,
    },
    /// No date of the calendar.
    #[error("expected a date such as 2024, 2024-09 or 2024-09-30, found {found:?}")]
    NotADate {
        /// The text found.
        found: String,
    },
    /// No slug.
    #[error(
        "expected a slug of at most 64 characters a-z, 0-9 and single inner hyphens, found {found:?}"
    )]
    NotASlug {
        /// The text found.
        found: String,
    },
    /// No identifier.
    #[error(
        "expected an identifier of at most 64 characters A-Z, a-z, 0-9, hyphen and underscore that begins with a letter or digit, found {found:?}"
    )]
    NotAnIdentifier {
        /// The text found.
        found: String,
    },
    /// No code of a code list.
    #[error(
        "expected a code of at most 64 characters A-Z, a-z, 0-9, underscore and inner hyphens, found {found:?}"
    )]
    NotACode {
        /// The text found.
        found: String,
    },
    /// No web address.
    #[error(
        "expected an address of at most 2048 printable ASCII characters that begins with https:// or http://, found {found:?}"
    )]
    NotAUrl {
        /// The text found.
        found: String,
    },
    /// No currency.
    #[error("expected an ISO 4217 currency of three capital letters such as MXN, found {found:?}")]
    NotACurrency {
        /// The text found.
        found: String,
    },
    /// No media type.
    #[error("expected a media type such as text/csv, found {found:?}")]
    NotAMediaType {
        /// The text found.
        found: String,
    },
    /// No plain file name.
    #[error("expected a file name without directories, found {found:?}")]
    NotAFileName {
        /// The text found.
        found: String,
    },
    /// Bytes of another length.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// Bytes it must have.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// A text that is too long.
    #[error("expected at most {limit} bytes of text, found {found}")]
    TextTooLong {
        /// Bytes allowed.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// A character that could make a reader see something else than what is signed.
    #[error("expected printable text, found the control character U+{found:04X}")]
    ControlCharacter {
        /// The code point found.
        found: u32,
    },
    /// A text of white space alone.
    #[error("expected text, found white space alone")]
    Blank,
    /// A list that is too long.
    #[error("expected at most {limit} items, found {found}")]
    TooMany {
        /// Items allowed.
        limit: usize,
        /// Items found.
        found: usize,
    },
    /// A number outside its range.
    #[error("expected {expected}, found {found}")]
    OutOfRange {
        /// The range, in words.
        expected: String,
        /// The number found.
        found: String,
    },
    /// A choice that must be made is not.
    #[error("expected a choice of {choice}, found it unspecified")]
    Unspecified {
        /// The enumeration's name in the schema.
        choice: &'static str,
    },
    /// A number that the enumeration does not have.
    #[error("expected a choice of {choice}, found the unknown number {found}")]
    UnknownChoice {
        /// The enumeration's name in the schema.
        choice: &'static str,
        /// The number found.
        found: i32,
    },
    /// A list that must ascend does not.
    #[error("expected ascending order, found {found} after {previous}")]
    NotAscending {
        /// The item before.
        previous: String,
        /// The item found.
        found: String,
    },
    /// Something that may be there once is there twice.
    #[error("expected each once, found {found} again")]
    Duplicate {
        /// What was found again.
        found: String,
    },
    /// 32 bytes that are no Ed25519 public key, or one of small order, whose signatures prove nothing.
    #[error("expected an Ed25519 public key that is not of small order, found {found}")]
    NotAKey {
        /// The bytes found, as hexadecimal digits.
        found: String,
    },
    /// A name that nothing has.
    #[error("expected the id of {expected}, found {found:?}, which there is none of")]
    Unresolved {
        /// What it should name.
        expected: &'static str,
        /// The name found.
        found: String,
    },
    /// A value beside a status that says that it is missing.
    #[error("status {status} says that the value is missing, found a value")]
    ValueForbidden {
        /// The status letter.
        status: &'static str,
    },
    /// No value, and a status that does not say why.
    #[error(
        "expected a value, or one of the statuses H, K, L, M, O, Q that say why it is missing, found none and status {status}"
    )]
    ValueNeeded {
        /// The status letter.
        status: &'static str,
    },
    /// A numerator without denominator or the other way round.
    #[error("expected numerator and denominator or neither, found no {missing}")]
    HalfRatio {
        /// The one that is absent.
        missing: &'static str,
    },
    /// A dimension at the total, which is said by leaving it out: one observation has one key.
    #[error("a concept at its total _T is left out, found {concept}=_T")]
    RedundantTotal {
        /// The concept.
        concept: String,
    },
    /// An observation that repeats its report's period: one observation has one key.
    #[error("an observation of the report's own period leaves the period out, found {found}")]
    RedundantPeriod {
        /// The period found.
        found: String,
    },
    /// An observation outside its report's period.
    #[error("expected a period within {report}, found {found}")]
    PeriodOutside {
        /// The report's period.
        report: String,
        /// The period found.
        found: String,
    },
    /// A code list that lists a code which every list has.
    #[error("_T, _U and _Z belong to every code list and are not listed, found {found}")]
    ReservedCode {
        /// The code found.
        found: String,
    },
    /// A quota that the council can never meet.
    #[error(
        "expected at most {seats} for {class}, the seats that this class has in the council, found {found}"
    )]
    QuotaTooGreat {
        /// The class.
        class: &'static str,
        /// Its seats in the council.
        seats: usize,
        /// The quota found.
        found: u32,
    },
    /// A key granted to another member than the one that is admitted.
    #[error("expected a key of the member {expected}, found one of {found}")]
    OtherMember {
        /// The member that is admitted.
        expected: String,
        /// The member found.
        found: String,
    },
    /// The charter's author is no signatory under it.
    #[error("expected the author's own key {expected} among the keys, with scope sign")]
    FounderWithoutKey {
        /// The author's key.
        expected: String,
    },
}

impl BrokenRule {
    /// The stable code of the rule.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "event.missing",
            Self::Unexpected { .. } => "event.unexpected",
            Self::NotADecimal { .. } => "event.not_a_decimal",
            Self::NotAPeriod { .. } => "event.not_a_period",
            Self::NotAnInterval { .. } => "event.not_an_interval",
            Self::NotADate { .. } => "event.not_a_date",
            Self::NotASlug { .. } => "event.not_a_slug",
            Self::NotAnIdentifier { .. } => "event.not_an_identifier",
            Self::NotACode { .. } => "event.not_a_code",
            Self::NotAUrl { .. } => "event.not_a_url",
            Self::NotACurrency { .. } => "event.not_a_currency",
            Self::NotAMediaType { .. } => "event.not_a_media_type",
            Self::NotAFileName { .. } => "event.not_a_file_name",
            Self::Length { .. } => "event.length",
            Self::TextTooLong { .. } => "event.text_too_long",
            Self::ControlCharacter { .. } => "event.control_character",
            Self::Blank => "event.blank",
            Self::TooMany { .. } => "event.too_many",
            Self::OutOfRange { .. } => "event.out_of_range",
            Self::Unspecified { .. } => "event.unspecified",
            Self::UnknownChoice { .. } => "event.unknown_choice",
            Self::NotAscending { .. } => "event.not_ascending",
            Self::Duplicate { .. } => "event.duplicate",
            Self::NotAKey { .. } => "event.not_a_key",
            Self::Unresolved { .. } => "event.unresolved",
            Self::ValueForbidden { .. } => "event.value_forbidden",
            Self::ValueNeeded { .. } => "event.value_needed",
            Self::HalfRatio { .. } => "event.half_ratio",
            Self::RedundantTotal { .. } => "event.redundant_total",
            Self::RedundantPeriod { .. } => "event.redundant_period",
            Self::PeriodOutside { .. } => "event.period_outside",
            Self::ReservedCode { .. } => "event.reserved_code",
            Self::QuotaTooGreat { .. } => "event.quota_too_great",
            Self::OtherMember { .. } => "event.other_member",
            Self::FounderWithoutKey { .. } => "event.founder_without_key",
        }
    }
}

impl EventError {
    /// The field `field` of what the error was found in.
    #[must_use]
    pub(super) fn within(mut self, field: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{field}{joint}{}", self.path);
        self
    }

    /// The item `index`, counted from 0, of what the error was found in.
    #[must_use]
    pub(super) fn within_item(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }
}

impl From<BrokenRule> for EventError {
    fn from(rule: BrokenRule) -> Self {
        Self { path: String::new(), rule }
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.rule)
        } else {
            write!(f, "{}: {}", self.path, self.rule)
        }
    }
}

// The rule is printed as part of the error, so it is not its source as well.
impl std::error::Error for EventError {}

impl Coded for EventError {
    fn code(&self) -> &'static str {
        self.rule.code()
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }
}

/// The beginning of a found text: an error is no place for a megabyte of it.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        None => text.to_owned(),
        Some(_) => text.chars().take(SHOWN_CHARS_MAX).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_leads_from_the_event_to_the_field() {
        let error = EventError::from(BrokenRule::Blank)
            .within("text")
            .within_item(3)
            .within("evidence")
            .within("report");
        assert_eq!(error.path, "report.evidence[3].text");
        assert_eq!(
            error.to_string(),
            "report.evidence[3].text: expected text, found white space alone"
        );
    }

    #[test]
    fn an_error_repeats_only_the_beginning_of_a_long_text() {
        assert_eq!(shown(&"ñ".repeat(10_000)).chars().count(), SHOWN_CHARS_MAX + 1);
        assert_eq!(shown("25,2"), "25,2");
    }
}
