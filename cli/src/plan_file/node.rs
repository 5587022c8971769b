// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The YAML as a tree in which every value knows its place, and every scalar is its own text.
//!
//! YAML would read `01` as the number 1 and `0.950` as 0.95; here both stay what was written.
//! Aliases, merge keys and repeated keys are refused: a plan that is signed reads one way.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Spanned, options};

use super::error::{PlanFileError, Problem};

/// Where a value stands in the file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// A value of the file.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A key without a value, or `null`.
    Nothing,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Content {
    /// What it is, for an error.
    pub(super) const fn noun(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Reads a whole file.
pub(super) fn read_node(text: &str) -> Result<Node, PlanFileError> {
    let options = options! {
        strict_booleans: true,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Node::from_raw(raw, text),
        Err(error) => {
            let place = error.location().map(|at| Place { line: at.line(), column: at.column() });
            let reason = error.without_snippet().to_string();
            Err(PlanFileError::new(place, "", Problem::NotYaml { reason }))
        }
    }
}

impl Node {
    /// The innermost value along `path` that is in the file.
    pub(super) fn descend(&self, path: &str) -> &Self {
        let mut node = self;
        for segment in path.split(['.', '[']).filter(|segment| !segment.is_empty()) {
            let inner = match &node.content {
                Content::Map(entries) => {
                    entries.iter().find(|(key, _)| key == segment).map(|(_, value)| value)
                }
                Content::List(items) => segment
                    .strip_suffix(']')
                    .and_then(|digits| digits.parse::<usize>().ok())
                    .and_then(|index| items.get(index)),
                Content::Nothing | Content::Scalar(_) => None,
            };
            let Some(inner) = inner else {
                return node;
            };
            node = inner;
        }
        node
    }

    fn from_raw(raw: Spanned<Raw>, text: &str) -> Result<Self, PlanFileError> {
        let at = raw.referenced;
        let place = Place { line: at.line(), column: at.column() };
        if raw.referenced != raw.defined {
            let reason = "an alias stands for what is written elsewhere; write it out".to_owned();
            return Err(PlanFileError::new(Some(place), "", Problem::NotYaml { reason }));
        }
        let content = match raw.value {
            Raw::Nothing => Content::Nothing,
            Raw::Text(text) => Content::Scalar(text),
            Raw::Typed => {
                let span = at.span();
                let written =
                    span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
                        let start = usize::try_from(start).ok()?;
                        text.get(start..start.checked_add(usize::try_from(length).ok()?)?)
                    });
                match written {
                    Some(written) => Content::Scalar(written.trim().to_owned()),
                    None => Content::Nothing,
                }
            }
            Raw::List(items) => Content::List(
                items
                    .into_iter()
                    .map(|item| Self::from_raw(item, text))
                    .collect::<Result<_, _>>()?,
            ),
            Raw::Map(entries) => Content::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Ok((key, Self::from_raw(value, text)?)))
                    .collect::<Result<_, PlanFileError>>()?,
            ),
        };
        Ok(Self { place, content })
    }
}

/// What the YAML library makes of a value.
enum Raw {
    Nothing,
    Text(String),
    /// A number or a truth value: its text is taken from the file.
    Typed,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _value: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _value: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _value: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _value: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(yaml: &str) -> String {
        let Content::Map(entries) = read_node(yaml).unwrap().content else {
            panic!("expected a map");
        };
        match &entries[0].1.content {
            Content::Scalar(text) => text.clone(),
            Content::Nothing | Content::List(_) | Content::Map(_) => panic!("expected a scalar"),
        }
    }

    #[test]
    fn a_scalar_stays_what_was_written() {
        let written = ["01", "0.950", "25.20", "no", "true", "2024", "2024-01-11", "-06:00", "1e3"];
        for text in written {
            assert_eq!(scalar(&format!("key: {text}")), text);
            assert_eq!(scalar(&format!("key: \"{text}\"")), text);
            assert_eq!(scalar(&format!("ñ: {text}   # comment")), text);
        }
    }

    #[test]
    fn every_value_knows_its_place() {
        let Content::Map(entries) = read_node("a: 1\nlist:\n  - {b: 2}\n").unwrap().content else {
            panic!("expected a map");
        };
        let Content::List(items) = &entries[1].1.content else { panic!("expected a list") };
        assert_eq!(items[0].place, Place { line: 3, column: 5 });
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for yaml in
            ["a: 1\na: 2", "a: &x {b: 1}\nc: *x", "a: &x {b: 1}\nc:\n  <<: *x", "a: [1", "a: !x 1"]
        {
            let error = read_node(yaml).unwrap_err();
            assert!(matches!(error.problem, Problem::NotYaml { .. }), "{yaml}");
        }
    }
}
