// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where a statement comes from, and the three values: a value, none, unknown.

use constancia_proto::v1;

use super::choice::choice;
use super::date::PartialDate;
use super::error::{BrokenRule, EventError, shown};
use super::field::{InField as _, Parsed, broken, choice, label, optional};
use super::limits::URL_CHARS_MAX;
use super::text::Text;

choice! {
    /// Who says so.
    SourceKind {
        /// Somebody published it: the citation names where.
        Published = "published",
        /// Nobody published it: whoever wrote this assumes it.
        Assumption = "assumption",
        /// A figure repeated by the press or another second hand.
        Secondary = "secondary",
    }
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// Who says so.
    pub kind: SourceKind,
    /// Names the publication. Always there unless the kind is assumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// Where it can be read; `https` or `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the source published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<PartialDate>,
    /// When the author of the event read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessed_on: Option<PartialDate>,
}

impl TryFrom<v1::Source> for Source {
    type Error = EventError;

    fn try_from(raw: v1::Source) -> Result<Self, EventError> {
        let source = Self {
            kind: choice("kind", raw.kind)?,
            citation: label("citation", raw.citation)?,
            url: url("url", raw.url)?,
            published_on: optional("published_on", raw.published_on)?,
            accessed_on: optional("accessed_on", raw.accessed_on)?,
        };
        match (source.kind, &source.citation, source.published_on) {
            (SourceKind::Published | SourceKind::Secondary, None, _) => {
                broken("citation", BrokenRule::Missing { expected: "the name of the publication" })
            }
            (SourceKind::Assumption, _, Some(_)) => {
                let reason = "nobody published an assumption";
                broken("published_on", BrokenRule::Unexpected { reason })
            }
            (SourceKind::Published | SourceKind::Secondary, Some(_), _)
            | (SourceKind::Assumption, _, None) => Ok(source),
        }
    }
}

/// A source says that there is none.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NoneStated {
    /// The source that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl TryFrom<v1::NoneStated> for NoneStated {
    type Error = EventError;

    fn try_from(raw: v1::NoneStated) -> Result<Self, EventError> {
        Ok(Self { source: optional("source", raw.source)?, note: optional("note", raw.note)? })
    }
}

/// A value; none, as a source says; or unknown. Unknown is never shown as none.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated<T> {
    /// There is one.
    Value(T),
    /// A source says that there is none.
    None(NoneStated),
    /// Nothing is known about it.
    #[default]
    Unknown,
}

impl<T> Stated<T> {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::None(_) | Self::Unknown => None,
        }
    }

    /// Whether nothing is known about it.
    pub const fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Value(_) | Self::None(_) => false,
        }
    }
}

/// A web address, or empty for none. Pages link to it, so no other scheme than the web's.
pub(super) fn url(field: &str, raw: String) -> Parsed<Option<String>> {
    if raw.is_empty() {
        return Ok(None);
    }
    let rest = raw.strip_prefix("https://").or_else(|| raw.strip_prefix("http://"));
    let right = raw.len() <= URL_CHARS_MAX
        && rest.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic())
        });
    if right { Ok(Some(raw)) } else { broken(field, BrokenRule::NotAUrl { found: shown(&raw) }) }
}

/// A list or its "none", in a message that has one field for each.
pub(super) fn list_or_none<T>(
    field: &str,
    list: Vec<T>,
    none: Option<v1::NoneStated>,
) -> Parsed<Stated<Vec<T>>> {
    match (list.is_empty(), none) {
        (false, None) => Ok(Stated::Value(list)),
        (true, Some(none)) => NoneStated::try_from(none).map(Stated::None).in_field("none"),
        (false, Some(_)) => {
            broken("none", BrokenRule::Unexpected { reason: "there is a list beside it" })
        }
        (true, None) => broken(field, BrokenRule::Missing { expected: "a list, or none" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(kind: SourceKind) -> v1::Source {
        v1::Source { kind: kind.number(), ..v1::Source::default() }
    }

    #[test]
    fn a_published_source_names_the_publication() {
        let error = Source::try_from(raw(SourceKind::Published)).unwrap_err();
        assert_eq!(error.path, "citation");
        assert!(Source::try_from(raw(SourceKind::Assumption)).is_ok());
    }

    #[test]
    fn the_kind_of_a_source_must_be_chosen() {
        let unspecified = Source::try_from(v1::Source::default()).unwrap_err();
        assert_eq!(
            unspecified.to_string(),
            "kind: expected a choice of SourceKind, found it unspecified"
        );
        let unknown = Source::try_from(v1::Source { kind: 99, ..v1::Source::default() });
        assert!(matches!(unknown.unwrap_err().rule, BrokenRule::UnknownChoice { found: 99, .. }));
    }

    #[test]
    fn a_page_links_only_to_the_web() {
        assert!(url("url", "https://www.gob.mx/sesnsp".to_owned()).is_ok());
        for wrong in ["javascript:alert(1)", "https://", "ftp://a", "https://a b", "//a"] {
            assert!(url("url", wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_is_not_none() {
        let none = v1::NoneStated::default();
        let stated = list_or_none::<u8>("list", Vec::new(), Some(none)).unwrap();
        assert!(!stated.is_unknown());
        assert_eq!(stated.value(), None);
        assert!(list_or_none::<u8>("list", Vec::new(), None).is_err());
    }
}
