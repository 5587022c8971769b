// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Short names that events refer to things by: slugs, ids, concepts, codes, units.
//!
//! Each kind of name is a type of its own. All are ASCII, so that they can be file names, column
//! headings and command-line arguments anywhere.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use super::error::{BrokenRule, EventError, shown};
use super::limits::NAME_CHARS_MAX;

/// The code of the total over a concept. It belongs to every code list and is never written: a
/// concept that an observation does not list stands at it.
pub const TOTAL: &str = "_T";
/// The code for "not specified": a category that sources publish. It belongs to every code list.
pub const UNSPECIFIED: &str = "_U";
/// The code for "not applicable". It belongs to every code list.
pub const NOT_APPLICABLE: &str = "_Z";

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = EventError;

            fn try_from(text: String) -> Result<Self, EventError> {
                $check(&text)?;
                Ok(Self(text.into_boxed_str()))
            }
        }

        impl FromStr for $name {
            type Err = EventError;

            fn from_str(text: &str) -> Result<Self, EventError> {
                Self::try_from(text.to_owned())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

name! {
    /// Names a member: `a-z`, `0-9` and single inner hyphens, at most 64 characters.
    Slug, check_slug
}
name! {
    /// Names a plan, in the form of a slug.
    PlanId, check_slug
}
name! {
    /// Names a pillar of the plan.
    PillarId, check_identifier
}
name! {
    /// Names an objective of the plan.
    ObjectiveId, check_identifier
}
name! {
    /// Names a line of action of the plan.
    LineId, check_identifier
}
name! {
    /// Names an indicator of the plan.
    IndicatorId, check_identifier
}
name! {
    /// Names a theme that somebody demands of the plan.
    ThemeId, check_identifier
}
name! {
    /// Names what a breakdown is by: `sex`, `age`, `ref_area`.
    Concept, check_identifier
}
name! {
    /// What decides membership of a category where sources differ: `language`, `self_identification`.
    Criterion, check_identifier
}
name! {
    /// A code of a concept's list, or `_U`, `_Z`; `_T` where a plan file or table writes the total.
    Code, check_code
}
name! {
    /// A unit of measure: `persons`, `percent`, `victims`.
    Unit, check_identifier
}
name! {
    /// An ISO 4217 currency: three capital letters.
    Currency, check_currency
}

fn check_slug(text: &str) -> Result<(), EventError> {
    let right = is_short(text)
        && text.split('-').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    if right { Ok(()) } else { Err(BrokenRule::NotASlug { found: shown(text) }.into()) }
}

fn check_identifier(text: &str) -> Result<(), EventError> {
    let right = is_short(text)
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && text.bytes().all(is_name_byte);
    if right { Ok(()) } else { Err(BrokenRule::NotAnIdentifier { found: shown(text) }.into()) }
}

fn check_code(text: &str) -> Result<(), EventError> {
    let right = is_short(text) && !text.starts_with('-') && text.bytes().all(is_name_byte);
    if right { Ok(()) } else { Err(BrokenRule::NotACode { found: shown(text) }.into()) }
}

fn check_currency(text: &str) -> Result<(), EventError> {
    let right = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if right { Ok(()) } else { Err(BrokenRule::NotACurrency { found: shown(text) }.into()) }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_short(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_lower_case_letters_digits_and_single_inner_hyphens() {
        for right in ["sre", "data-civica", "a1-2b", &"a".repeat(64)] {
            assert_eq!(right.parse::<Slug>().unwrap().as_str(), right);
        }
        let long = "a".repeat(65);
        for wrong in ["", "SRE", "-sre", "sre-", "data--civica", "cívica", "a_b", "a b", &long] {
            assert!(wrong.parse::<Slug>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_identifier_can_be_a_file_name() {
        for right in ["I-01", "O-PREV-1", "prevention", "1"] {
            assert_eq!(right.parse::<IndicatorId>().unwrap().as_str(), right);
        }
        for wrong in ["", "-1", "_x", "a/b", "..", "a.b", "a b", "ñ"] {
            assert!(wrong.parse::<IndicatorId>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_code_may_begin_with_an_underscore() {
        for right in ["_T", "_U", "Y_GE18", "Y0T17", "01", "F"] {
            assert_eq!(right.parse::<Code>().unwrap().as_str(), right);
        }
        for wrong in ["", "-1", "a b", "18+"] {
            assert!(wrong.parse::<Code>().is_err(), "{wrong:?}");
        }
    }
}
