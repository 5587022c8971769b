// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A ledger as people name it: its id, or the first digits of it.

use constancia_ledger::fault::Fault;
use constancia_ledger::id::LedgerId;

use crate::failure::{Explain, Failure};
use crate::words::{Lang, errors};

/// Digits that name a ledger: fewer are a slip more often than a name.
const DIGITS_MIN: usize = 4;

/// Digits of a whole id.
const DIGITS_MAX: usize = 64;

/// Digits that nobody meets by inventing charters: 2^64 of them would have to be tried.
const DIGITS_SAFE: usize = 16;

/// The first digits of a ledger's id, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LedgerDigits(String);

impl LedgerDigits {
    /// Reads what somebody wrote.
    ///
    /// # Errors
    /// `cli.not_ledger_digits`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let digits = text.trim().to_lowercase();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) {
            Ok(Self(digits))
        } else {
            Err(LedgerReferenceError::NotDigits { found: text.to_owned() }.into())
        }
    }

    /// The ledger that `from` has is the one that is meant.
    ///
    /// # Errors
    /// `bundle.wrong_ledger`.
    pub(crate) fn check(&self, found: LedgerId, from: &str) -> Result<(), Failure> {
        if found.to_string().starts_with(&self.0) {
            return Ok(());
        }
        let (from, expected) = (from.to_owned(), self.0.clone());
        Err(LedgerReferenceError::OtherLedger { from, expected, found }.into())
    }

    /// How many digits there are, where somebody could invent a ledger that has the same.
    pub(crate) fn too_few(&self) -> Option<usize> {
        Some(self.0.len()).filter(|count| *count < DIGITS_SAFE)
    }
}

#[derive(Debug)]
enum LedgerReferenceError {
    /// It is no id and no beginning of one.
    NotDigits { found: String },
    /// It is another ledger's.
    OtherLedger { from: String, expected: String, found: LedgerId },
}

impl Explain for LedgerReferenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotDigits { .. } => "cli.not_ledger_digits",
            Self::OtherLedger { .. } => "bundle.wrong_ledger",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotDigits { .. } => Fault::Malformed,
            Self::OtherLedger { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotDigits { found } => errors::not_ledger_digits(lang, found),
            Self::OtherLedger { from, expected, found } => {
                errors::other_ledger(lang, from, expected, found)
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotDigits { .. } => None,
            Self::OtherLedger { .. } => Some(errors::other_ledger_hint(lang)),
        }
    }
}
