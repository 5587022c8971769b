// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Names and texts in two languages, and where statements come from.

use std::collections::BTreeMap;

use constancia_ledger::event::source::SourceKind;
use constancia_ledger::event::{Source, Text};
use constancia_proto::v1;

use super::error::Problem;
use super::value::{Fields, Read, Value};

const ASSUMPTION: &str = "assumption";

/// The parts of a file whose names can be marked as translated all at once.
const TRANSLATED_PARTS: &[&str] = &[
    "members",
    "pillars",
    "objectives",
    "lines_of_action",
    "indicators",
    "context_indicators",
    "proposed_indicators",
    "themes_demanded",
    "code_lists",
];

/// What the whole file says about wordings and sources.
#[derive(Debug)]
pub(super) struct Wording {
    sources: BTreeMap<String, v1::Source>,
    translated: BTreeMap<String, Vec<String>>,
}

impl Wording {
    /// Reads the keys `sources` and `translated` of the file.
    pub(super) fn read(file: &Fields<'_>) -> Read<Self> {
        let mut wording = Self { sources: BTreeMap::new(), translated: BTreeMap::new() };
        if let Some(sources) = file.get("sources") {
            for (name, value) in sources.any_fields()?.entries() {
                wording.sources.insert(name.to_owned(), described_source(&value)?);
            }
        }
        if let Some(parts) = file.get("translated") {
            for (part, languages) in parts.fields(TRANSLATED_PARTS)?.entries() {
                wording.translated.insert(part.to_owned(), languages.sorted_texts()?);
            }
        }
        Ok(wording)
    }

    /// The name that the keys `es`, `en` and `translated` of an entry of `part` give.
    pub(super) fn name(&self, entry: &Fields<'_>, part: &str) -> Read<v1::Text> {
        let mut name = v1::Text {
            es: entry.text_or_empty("es")?,
            en: entry.text_or_empty("en")?,
            translated: Vec::new(),
        };
        let own = entry.optional("translated", Value::sorted_texts)?;
        let of_part = || {
            let languages = self.translated.get(part).cloned().unwrap_or_default();
            let is_there = |language: &String| match language.as_str() {
                "es" => !name.es.is_empty(),
                "en" => !name.en.is_empty(),
                _ => true,
            };
            languages.into_iter().filter(is_there).collect()
        };
        name.translated = own.unwrap_or_else(of_part);
        entry.value().checked::<_, Text>(name)
    }

    /// The source at `key`, if there is one.
    pub(super) fn source(&self, entry: &Fields<'_>, key: &str) -> Read<Option<v1::Source>> {
        entry.optional(key, |value| self.read_source(value))
    }

    fn read_source(&self, value: &Value<'_>) -> Read<v1::Source> {
        if value.is_map() {
            return described_source(value);
        }
        let text = value.text()?;
        let (name, place) = match text.split_once(" (") {
            Some((name, rest)) => (name, rest.strip_suffix(')')),
            None => (text.as_str(), None),
        };
        if name == ASSUMPTION {
            return Ok(v1::Source {
                kind: SourceKind::Assumption.number(),
                citation: place.unwrap_or_default().to_owned(),
                ..v1::Source::default()
            });
        }
        let Some(source) = self.sources.get(name) else {
            let known = self.sources.keys().cloned().collect();
            return Err(value.error(Problem::UnknownSource { found: text, known }));
        };
        let citation = match place {
            Some(place) => format!("{}, {place}", source.citation),
            None => source.citation.clone(),
        };
        value.checked::<_, Source>(v1::Source { citation, ..source.clone() })
    }
}

/// A text: a map of `es`, `en` and `translated`.
pub(super) fn read_text(value: &Value<'_>) -> Read<v1::Text> {
    text_of(&value.fields(&["es", "en", "translated"])?)
}

/// The text that these keys of a map give.
pub(super) fn text_of(entry: &Fields<'_>) -> Read<v1::Text> {
    let text = v1::Text {
        es: entry.text_or_empty("es")?,
        en: entry.text_or_empty("en")?,
        translated: entry.optional("translated", Value::sorted_texts)?.unwrap_or_default(),
    };
    entry.value().checked::<_, Text>(text)
}

/// A decimal as the schema has it.
pub(super) fn read_decimal(value: &Value<'_>) -> Read<v1::Decimal> {
    let raw = v1::Decimal { text: value.text()? };
    value.checked::<_, constancia_ledger::event::Decimal>(raw)
}

/// A date as the schema has it.
pub(super) fn read_date(value: &Value<'_>) -> Read<v1::Date> {
    let raw = v1::Date { text: value.text()? };
    value.checked::<_, constancia_ledger::event::PartialDate>(raw)
}

/// A period as the schema has it.
pub(super) fn read_period(value: &Value<'_>) -> Read<v1::Period> {
    let raw = v1::Period { text: value.text()? };
    value.checked::<_, constancia_ledger::event::Period>(raw)
}

fn described_source(value: &Value<'_>) -> Read<v1::Source> {
    let fields = value.fields(&["kind", "citation", "url", "published_on", "accessed_on"])?;
    let kind = fields.need("kind")?.choice(SourceKind::ALL, SourceKind::as_str)?;
    let source = v1::Source {
        kind: kind.number(),
        citation: fields.text_or_empty("citation")?,
        url: fields.text_or_empty("url")?,
        published_on: fields.optional("published_on", read_date)?,
        accessed_on: fields.optional("accessed_on", read_date)?,
    };
    value.checked::<_, Source>(source)
}
