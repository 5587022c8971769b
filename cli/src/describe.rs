// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An event in words, whole: what is shown before a signature is what is signed.
//!
//! Walks the message by its descriptor, so no field can be left out; a test checks that every field
//! has its words. Pure functions.

pub(crate) mod decision;
pub(crate) mod line;

use constancia_ledger::event::Plan;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value as Field};

use crate::figures::Figures;
use crate::json::{choice_word, text_field, to_dynamic};
use crate::table::checks::place_text;
use crate::words::{Lang, choices, events, faces, fields};

/// What words are chosen by.
#[derive(Clone, Copy)]
pub(crate) struct Wording<'a> {
    /// The language.
    pub(crate) lang: Lang,
    /// Names of indicators and codes, where the plan is at hand.
    pub(crate) plan: Option<&'a Plan>,
    /// The figures that observations stand beside, where they are at hand.
    pub(crate) figures: Option<&'a Figures>,
}

/// Indentation of one level.
const INDENT: &str = "  ";

/// The whole event, a line per field.
pub(crate) fn describe(wording: Wording<'_>, event: &v1::Event) -> Vec<String> {
    let mut lines = Vec::new();
    if !event.exercise.is_empty() {
        lines.push(events::exercise_mark(wording.lang, &event.exercise));
    }
    let Some(message) = to_dynamic("Event", event) else {
        return lines;
    };
    for (field, value) in message.fields() {
        if field.name() != "exercise" {
            lines.push(events::event(wording.lang, field.name()).to_uppercase());
            if let Field::Message(body) = value {
                write_fields(wording, body, 1, &mut lines);
            }
        }
    }
    lines
}

fn write_fields(
    wording: Wording<'_>,
    message: &DynamicMessage,
    depth: usize,
    lines: &mut Vec<String>,
) {
    let descriptor = message.descriptor();
    if descriptor.name() == "Report" {
        return write_report(wording, message, depth, lines);
    }
    for field in descriptor.fields() {
        // A "no" is said too, and the place 0: they are signed.
        let is_said = field.kind() == Kind::Bool || field.name() == "seq";
        if message.has_field(&field) || (is_said && !field.supports_presence()) {
            let label = fields::label(wording.lang, descriptor.name(), field.name()).to_owned();
            write_field(wording, (&field, &label), &message.get_field(&field), depth, lines);
        }
    }
}

/// A report: its observations as a list, each beside the last figure.
fn write_report(
    wording: Wording<'_>,
    message: &DynamicMessage,
    depth: usize,
    lines: &mut Vec<String>,
) {
    let Ok(report) = message.transcode_to::<v1::Report>() else {
        return;
    };
    for (field, value) in message.fields() {
        let label = fields::label(wording.lang, "Report", field.name()).to_owned();
        if field.name() == "observations" {
            lines.push(format!("{}{label}:", INDENT.repeat(depth)));
            for observation in &report.observations {
                let text = observation_text(wording, &report, observation);
                write_text("· ", &text, depth.saturating_add(1), lines);
            }
        } else {
            write_field(wording, (&field, &label), value, depth, lines);
        }
    }
}

fn write_field(
    wording: Wording<'_>,
    (field, label): (&FieldDescriptor, &str),
    value: &Field,
    depth: usize,
    lines: &mut Vec<String>,
) {
    let indent = INDENT.repeat(depth);
    let deeper = depth.saturating_add(1);
    if let Field::List(items) = value {
        let short: Vec<String> =
            items.iter().filter_map(|item| short_text(wording, field, item)).collect();
        // A text of several lines keeps its later ones below the first: at the margin they would
        // pass for fields of their own.
        let is_line = short.len() == items.len()
            && short.iter().map(String::len).sum::<usize>() < 72
            && !short.iter().any(|text| text.contains('\n'));
        if is_line {
            lines.push(format!("{indent}{label}: {}", short.join(", ")));
            return;
        }
        lines.push(format!("{indent}{label}:"));
        for item in items {
            match (short_text(wording, field, item), item) {
                (Some(text), _) => write_text("· ", &text, deeper, lines),
                (None, Field::Message(message)) => {
                    let first = lines.len();
                    write_fields(wording, message, deeper.saturating_add(1), lines);
                    mark_item(lines.get_mut(first), deeper);
                }
                (None, _) => {}
            }
        }
        return;
    }
    match (short_text(wording, field, value), value) {
        (Some(text), _) => write_text(&format!("{label}: "), &text, depth, lines),
        (None, Field::Message(message)) => {
            lines.push(format!("{indent}{label}:"));
            write_fields(wording, message, deeper, lines);
        }
        (None, _) => {}
    }
}

/// Puts a bullet before the first line of an item.
fn mark_item(line: Option<&mut String>, depth: usize) {
    if let Some(line) = line {
        let rest = line.trim_start().to_owned();
        *line = format!("{}· {rest}", INDENT.repeat(depth));
    }
}

/// A text, its later lines below the first.
fn write_text(head: &str, text: &str, depth: usize, lines: &mut Vec<String>) {
    let indent = INDENT.repeat(depth);
    let mut parts = text.lines();
    lines.push(format!("{indent}{head}{}", parts.next().unwrap_or_default()));
    let below = INDENT.repeat(depth.saturating_add(1));
    lines.extend(parts.map(|part| format!("{below}{part}")));
}

/// A value that fits one place; none for a message that needs lines of its own.
fn short_text(wording: Wording<'_>, field: &FieldDescriptor, value: &Field) -> Option<String> {
    let lang = wording.lang;
    match value {
        Field::Bool(yes) => Some(if *yes { faces::yes(lang) } else { faces::no(lang) }),
        Field::I32(number) => Some(number.to_string()),
        Field::U32(number) => Some(number.to_string()),
        Field::I64(number) => Some(number.to_string()),
        Field::U64(number) => Some(number.to_string()),
        Field::String(text) => Some(string_text(wording, field.name(), text)),
        Field::Bytes(bytes) => Some(bytes_text(bytes)),
        Field::EnumNumber(number) => {
            let kind = field.kind();
            let enumeration = kind.as_enum()?;
            let word = choice_word(enumeration, *number).unwrap_or_else(|| number.to_string());
            let text = choices::choice(lang, enumeration.name(), &word);
            Some(if word.len() == 1 { format!("{word} ({text})") } else { text.to_owned() })
        }
        Field::Message(message) => message_text(wording, message),
        Field::List(_) | Field::F32(_) | Field::F64(_) | Field::Map(_) => None,
    }
}

/// Names stand beside the ids that people may not know by heart.
fn string_text(wording: Wording<'_>, field: &str, text: &str) -> String {
    let language = wording.lang.of_texts();
    let name = wording.plan.and_then(|plan| match field {
        "indicator" | "indicators" => {
            let known = plan.indicators.iter().find(|known| known.id.as_str() == text)?;
            Some(known.name.best(language))
        }
        "line" | "lines" => {
            let known = plan.lines.iter().find(|known| known.id.as_str() == text)?;
            Some(known.name.best(language))
        }
        "unit" => Some(choices::unit(wording.lang, text)).filter(|words| *words != text),
        _ => None,
    });
    name.map_or_else(|| text.to_owned(), |name| format!("{text} ({name})"))
}

/// Ids and hashes: whole, since this is what is signed.
fn bytes_text(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// A message that fits one place.
fn message_text(wording: Wording<'_>, message: &DynamicMessage) -> Option<String> {
    let descriptor = message.descriptor();
    if let Some(field) = text_field(&descriptor) {
        return Some(message.get_field(&field).as_str().unwrap_or_default().to_owned());
    }
    match descriptor.name() {
        "Text" => {
            let text: v1::Text = message.transcode_to().ok()?;
            Some(two_languages(wording.lang, &text))
        }
        "Money" => {
            let money: v1::Money = message.transcode_to().ok()?;
            Some(money_text(&money))
        }
        "ObservationKey" => {
            let key: v1::ObservationKey = message.transcode_to().ok()?;
            Some(key_text(wording, &key, ""))
        }
        "Attachment" => {
            let file: v1::Attachment = message.transcode_to().ok()?;
            Some(attachment_text(wording.lang, &file))
        }
        "Source" => {
            let source: v1::Source = message.transcode_to().ok()?;
            Some(source_text(wording.lang, &source))
        }
        _ => None,
    }
}

/// Both wordings where there are two: both are signed.
fn two_languages(lang: Lang, text: &v1::Text) -> String {
    let wording = match (text.es.as_str(), text.en.as_str()) {
        (es, "") => es.to_owned(),
        ("", en) => en.to_owned(),
        (es, en) => format!("{} / {}", lang.pick(es, en), lang.pick(en, es)),
    };
    if text.translated.is_empty() {
        wording
    } else {
        format!("{wording} ({} {})", faces::own_translation(lang), text.translated.join(", "))
    }
}

/// An amount with its power of ten: 479248 × 10^6 MXN.
pub(crate) fn money_text(money: &v1::Money) -> String {
    let amount = money.amount.as_ref().map_or("", |amount| amount.text.as_str());
    match money.unit_multiplier {
        0 => format!("{amount} {}", money.currency),
        power => format!("{amount} × 10^{power} {}", money.currency),
    }
}

fn attachment_text(lang: Lang, file: &v1::Attachment) -> String {
    let hash = EntryId::from_slice(&file.hash).map_or_else(String::new, |hash| hash.short());
    let text = faces::attachment(lang, &file.name, &file.media_type, &file.length, &hash);
    if file.description.is_empty() { text } else { format!("{text}: {}", file.description) }
}

/// Where a statement comes from, in one line.
pub(crate) fn source_text(lang: Lang, source: &v1::Source) -> String {
    let word = json_word("SourceKind", source.kind);
    let is_said =
        source.kind == i32::from(v1::SourceKind::Published) && source.published_on.is_some();
    let mut parts = Vec::new();
    if !is_said {
        parts.push(choices::choice(lang, "SourceKind", &word).to_owned());
    }
    parts.extend(
        [&source.citation, &source.url].into_iter().filter(|text| !text.is_empty()).cloned(),
    );
    if let Some(date) = &source.published_on {
        parts.push(faces::published_on(lang, &date.text));
    }
    if let Some(date) = &source.accessed_on {
        parts.push(faces::accessed_on(lang, &date.text));
    }
    parts.join("; ")
}

/// The word of a choice by the enumeration's name.
pub(crate) fn json_word(enumeration: &str, number: i32) -> String {
    crate::json::pool()
        .and_then(|pool| pool.get_enum_by_name(&format!("constancia.v1.{enumeration}")))
        .and_then(|choices| choice_word(&choices, number))
        .unwrap_or_else(|| number.to_string())
}

/// One observation, and how it changes the last figure: `2023: 852 (851 → 852, +1)`.
pub(crate) fn observation_text(
    wording: Wording<'_>,
    report: &v1::Report,
    observation: &v1::Observation,
) -> String {
    let period = report.period.as_ref().map_or("", |period| period.text.as_str());
    let key = observation.key.clone().unwrap_or_default();
    let mut text =
        format!("{}: {}", key_text(wording, &key, period), figure_text(wording.lang, observation));
    if let Some(figures) = wording.figures {
        let place = place_text(&key, period);
        text.push_str(&figures.change(wording.lang, &report.indicator, &place, observation));
    }
    if !observation.comment.is_empty() {
        text.push_str(" — ");
        text.push_str(&observation.comment);
    }
    text
}

/// The figure itself: value, status where it is not normal, numerator and denominator.
pub(crate) fn figure_text(lang: Lang, observation: &v1::Observation) -> String {
    let word = json_word("ObsStatus", observation.status);
    let status = choices::choice(lang, "ObsStatus", &word);
    let mut text = match (&observation.value, word.as_str()) {
        (Some(value), "A") => value.text.clone(),
        (Some(value), _) => format!("{} [{word}: {status}]", value.text),
        (None, _) => events::no_value(lang, &format!("{word}: {status}")),
    };
    if let (Some(numerator), Some(denominator)) = (&observation.numerator, &observation.denominator)
    {
        text = format!("{text} = {} / {}", numerator.text, denominator.text);
    }
    text
}

/// Where an observation stands, with the codes' names.
fn key_text(wording: Wording<'_>, key: &v1::ObservationKey, report_period: &str) -> String {
    let period = key.period.as_ref().map_or(report_period, |period| period.text.as_str());
    let mut parts: Vec<String> = Vec::new();
    if !period.is_empty() {
        parts.push(period.to_owned());
    }
    for dimension in &key.dimensions {
        let mut part = format!("{}={}", dimension.concept, dimension.code);
        if let Some(name) = code_name(wording, dimension) {
            part = format!("{part} ({name})");
        }
        if !dimension.criterion.is_empty() {
            part = format!("{part} [{}]", dimension.criterion);
        }
        parts.push(part);
    }
    if key.dimensions.is_empty() {
        parts.push(events::total(wording.lang));
    }
    parts.join(" ")
}

fn code_name(wording: Wording<'_>, dimension: &v1::DimensionValue) -> Option<String> {
    match dimension.code.as_str() {
        "_U" => return Some(faces::unspecified(wording.lang)),
        "_Z" => return Some(faces::not_applicable(wording.lang)),
        _ => {}
    }
    let lists = &wording.plan?.code_lists;
    let list = lists.iter().find(|list| list.concept.as_str() == dimension.concept)?;
    let code = list.codes.iter().find(|code| code.id.as_str() == dimension.code)?;
    Some(code.name.best(wording.lang.of_texts()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDING: Wording<'_> = Wording { lang: Lang::En, plan: None, figures: None };

    #[test]
    fn no_text_of_several_lines_passes_for_another_field() {
        let forged = "a\n· 2023 total: 999\nREPORT";
        let observation = v1::Observation {
            key: Some(v1::ObservationKey::default()),
            value: Some(v1::Decimal { text: "852".to_owned() }),
            status: v1::ObsStatus::A.into(),
            comment: forged.to_owned(),
            ..v1::Observation::default()
        };
        let file = v1::Attachment { description: forged.to_owned(), ..v1::Attachment::default() };
        let report = v1::Report {
            period: Some(v1::Period { text: "2023".to_owned() }),
            observations: vec![observation],
            evidence: vec![file],
            comment: forged.to_owned(),
            ..v1::Report::default()
        };
        let body = Some(v1::event::Body::Report(report));
        let lines = describe(WORDING, &v1::Event { body, exercise: String::new() });
        let shown = lines.join("\n");
        assert_eq!(shown.matches("999").count(), 3, "{shown}");
        for line in shown.lines().skip(1) {
            let depth = line.len() - line.trim_start().len();
            let is_forged = line.contains("999") || line.contains("REPORT");
            assert!(depth >= if is_forged { 4 } else { 2 }, "{line:?} in\n{shown}");
        }
    }
}
