// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Texts in the plan's languages, and whose wording they are.

use constancia_proto::v1;

use super::error::{BrokenRule, EventError};
use super::field::{Parsed, ascending, broken, each, prose};
use super::limits::LABEL_BYTES_MAX;

/// A language that a plan is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, `en`.
    En,
    /// Spanish, `es`.
    Es,
}

impl Language {
    /// The ISO 639-1 code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

impl TryFrom<String> for Language {
    type Error = EventError;

    fn try_from(code: String) -> Result<Self, EventError> {
        match code.as_str() {
            "en" => Ok(Self::En),
            "es" => Ok(Self::Es),
            _ => Err(BrokenRule::Unresolved {
                expected: "a language, es or en",
                found: super::error::shown(&code),
            }
            .into()),
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A name or a text in at least one language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Text {
    /// Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub es: Option<String>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Languages whose wording is the ledger's own translation, not the source's. Ascending.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub translated: Vec<Language>,
}

impl Text {
    /// The wording in `language`, if there is one.
    pub fn wording(&self, language: Language) -> Option<&str> {
        match language {
            Language::En => self.en.as_deref(),
            Language::Es => self.es.as_deref(),
        }
    }

    /// The wording in `language`, or else in the other.
    pub fn best(&self, language: Language) -> &str {
        let other = match language {
            Language::En => Language::Es,
            Language::Es => Language::En,
        };
        self.wording(language).or_else(|| self.wording(other)).unwrap_or_default()
    }
}

impl TryFrom<v1::Text> for Text {
    type Error = EventError;

    fn try_from(raw: v1::Text) -> Result<Self, EventError> {
        let text = Self {
            es: prose("es", raw.es)?,
            en: prose("en", raw.en)?,
            translated: each("translated", raw.translated, 2)?,
        };
        if text.es.is_none() && text.en.is_none() {
            return Err(BrokenRule::Missing { expected: "a text in Spanish or English" }.into());
        }
        ascending("translated", &text.translated, |language| *language)?;
        for language in &text.translated {
            if text.wording(*language).is_none() {
                let expected = "the wording that is said to be a translation";
                return broken(language.as_str(), BrokenRule::Missing { expected });
            }
        }
        Ok(text)
    }
}

/// A name: a text of one line per language.
pub(super) fn optional_title(field: &str, raw: Option<v1::Text>) -> Parsed<Option<Text>> {
    let Some(raw) = raw else {
        return Ok(None);
    };
    for (language, wording) in [("es", &raw.es), ("en", &raw.en)] {
        let path = || format!("{field}.{language}");
        if wording.len() > LABEL_BYTES_MAX {
            let rule = BrokenRule::TextTooLong { limit: LABEL_BYTES_MAX, found: wording.len() };
            return broken(&path(), rule);
        }
        if let Some(found) = wording.chars().find(|character| character.is_control()) {
            return broken(&path(), BrokenRule::ControlCharacter { found: u32::from(found) });
        }
    }
    super::field::optional(field, Some(raw))
}

/// A name that must be there.
pub(super) fn title(field: &str, raw: Option<v1::Text>) -> Parsed<Text> {
    match optional_title(field, raw)? {
        Some(text) => Ok(text),
        None => broken(field, BrokenRule::Missing { expected: "a name in Spanish or English" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(es: &str, en: &str, translated: &[&str]) -> v1::Text {
        v1::Text {
            es: es.to_owned(),
            en: en.to_owned(),
            translated: translated.iter().map(|&code| code.to_owned()).collect(),
        }
    }

    #[test]
    fn a_text_without_any_wording_is_refused() {
        let error = Text::try_from(raw("", "", &[])).unwrap_err();
        assert!(matches!(error.rule, BrokenRule::Missing { .. }));
    }

    #[test]
    fn what_is_said_to_be_translated_must_be_there() {
        assert!(Text::try_from(raw("Prevención", "Prevention", &["es"])).is_ok());
        assert!(Text::try_from(raw("", "Prevention", &["es"])).is_err());
        assert!(Text::try_from(raw("a", "b", &["fr"])).is_err());
        assert!(Text::try_from(raw("a", "b", &["es", "en"])).is_err());
        assert!(Text::try_from(raw("a", "b", &["es", "es"])).is_err());
    }

    #[test]
    fn a_name_has_one_line() {
        let error = title("name", Some(raw("dos\nlíneas", "", &[]))).unwrap_err();
        assert_eq!(error.path, "name.es");
    }

    #[test]
    fn a_missing_language_falls_back_to_the_other() {
        let text = Text::try_from(raw("", "Prevention", &[])).unwrap();
        assert_eq!(text.best(Language::Es), "Prevention");
        assert_eq!(text.wording(Language::Es), None);
    }
}
