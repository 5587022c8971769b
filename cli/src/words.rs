// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The one catalogue: every word that the command line says, in Spanish and English side by side.
//!
//! A message with parameters is a function of the language; a message in one language alone does
//! not compile. Tests check that both languages name the same parameters, and that every field and
//! choice of the schema, and every option of the command line, has its words.
//! `docs/glossary.md` says which word stands for which.

pub(crate) mod choices;
pub(crate) mod consequences;
pub(crate) mod council;
pub(crate) mod demo;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod faces;
pub(crate) mod fields;
pub(crate) mod findings;
pub(crate) mod foresight;
pub(crate) mod forks;
pub(crate) mod help;
pub(crate) mod keys;
pub(crate) mod newer_rules;
pub(crate) mod refusals;
pub(crate) mod rules;
pub(crate) mod sheets;
pub(crate) mod signing;
pub(crate) mod void_reasons;

use std::fmt;

use constancia_ledger::event::Language;

/// The language that the command line speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Spanish, the first language.
    Es,
    /// English.
    En,
}

impl Lang {
    /// The language with this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "es" => Some(Self::Es),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The one of the two wordings.
    pub(crate) const fn pick<T: Copy>(self, es: T, en: T) -> T {
        match self {
            Self::Es => es,
            Self::En => en,
        }
    }

    /// The language of the plan's texts that fits.
    pub(crate) const fn of_texts(self) -> Language {
        match self {
            Self::Es => Language::Es,
            Self::En => Language::En,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("es", "en"))
    }
}

/// Declares messages: `name(parameters) { es: "…", en: "…" }`. Each becomes a function of the
/// language and its parameters, and a row of `CATALOGUE`, which the tests read.
macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident ( $($parameter:ident),* ) { es: $es:literal, en: $en:literal $(,)? } )+) => {
        $(
            $(#[$doc])*
            pub(crate) fn $name(
                lang: $crate::words::Lang,
                $($parameter: &dyn std::fmt::Display,)*
            ) -> String {
                match lang {
                    $crate::words::Lang::Es => format!($es),
                    $crate::words::Lang::En => format!($en),
                }
            }
        )+

        #[cfg(test)]
        pub(super) const CATALOGUE: &[(&str, &str, &str)] = &[$( (stringify!($name), $es, $en), )+];
    };
}
use words;

/// A word of a table: what the program calls it, in Spanish, in English.
pub(crate) type Row = (&'static str, &'static str, &'static str);

/// The wording of `key` in a table, if it has one.
pub(crate) fn look_up(table: &[Row], lang: Lang, key: &str) -> Option<&'static str> {
    table.iter().find(|row| row.0 == key).map(|row| lang.pick(row.1, row.2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn parameters(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next()).collect()
    }

    fn catalogues() -> Vec<&'static [Row]> {
        vec![
            consequences::CATALOGUE,
            council::CATALOGUE,
            demo::CATALOGUE,
            errors::CATALOGUE,
            events::CATALOGUE,
            faces::CATALOGUE,
            findings::CATALOGUE,
            foresight::CATALOGUE,
            forks::CATALOGUE,
            refusals::CATALOGUE,
            rules::CATALOGUE,
            sheets::CATALOGUE,
            signing::CATALOGUE,
            help::CATALOGUE,
            keys::CATALOGUE,
            newer_rules::CATALOGUE,
        ]
    }

    #[test]
    fn both_languages_say_the_same_parameters() {
        for (name, es, en) in catalogues().into_iter().flatten() {
            assert_eq!(parameters(es), parameters(en), "{name}");
            assert!(!es.trim().is_empty() && !en.trim().is_empty(), "{name}");
        }
    }

    #[test]
    fn nothing_is_left_in_the_other_language() {
        // Words that are the same in both languages.
        let same = ["{text}", "{who} · {what}", "      $ constancia --data {folder} {line}"];
        for (name, es, en) in catalogues().into_iter().flatten() {
            let is_words = es.split('{').next().is_some_and(|text| text.trim().len() > 12);
            assert!(!is_words || es != en || same.contains(es), "{name}: {es}");
        }
    }
}
