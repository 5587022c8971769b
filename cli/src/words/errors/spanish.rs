// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the ledger and a node say with their values, in Spanish. Their errors cross a process boundary
//! as text, so the text is taken apart again: `{}` stands for a value, which may be such a text itself.
//!
//! What has no row stays as it was said: a value must never be lost for want of a translation.

mod entries;
mod nodes;
mod rules;
mod stores;

use entries::ENTRIES;
use nodes::NODES;
use rules::RULES;
use stores::STORES;

/// English, Spanish: the values in one order in both. The Spanish may leave out the last ones.
type Row = (&'static str, &'static str);

/// The message in Spanish; none where nothing of it has a row.
pub(super) fn in_spanish(message: &str) -> Option<String> {
    by_row(message)
        .or_else(|| with_cause(message))
        .or_else(|| after_place(message))
        .or_else(|| from_system(message))
}

fn by_row(message: &str) -> Option<String> {
    let rows = [ENTRIES, STORES, NODES, RULES].into_iter().flatten();
    rows.into_iter()
        .find_map(|(english, spanish)| Some(fill(spanish, &take_apart(english, message)?)))
}

/// An error that has its cause behind it, which need not have a row.
fn with_cause(message: &str) -> Option<String> {
    message.rmatch_indices(": ").find_map(|(at, between)| {
        let (said, cause) = message.split_at_checked(at)?;
        Some(format!("{}{between}{}", by_row(said)?, translate(cause.strip_prefix(between)?)))
    })
}

/// What is said of a place.
fn after_place(message: &str) -> Option<String> {
    let (place, said) = message.split_once(": ")?;
    Some(format!("{place}: {}", in_spanish(said)?))
}

/// What the operating system says in its own language.
fn from_system(message: &str) -> Option<String> {
    let (said, _number) = message.strip_suffix(')')?.rsplit_once(" (os error ")?;
    Some(format!("el sistema dice: «{said}»"))
}

/// A value, in Spanish where it is a text of the ledger's.
fn translate(value: &str) -> String {
    in_spanish(value).unwrap_or_else(|| value.to_owned())
}

/// The values in a text that was made by a pattern; none where it was not.
fn take_apart<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}").peekable();
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    while let Some(part) = parts.next() {
        let (value, after) = if parts.peek().is_none() {
            (rest.strip_suffix(part)?, "")
        } else {
            rest.split_once(part)?
        };
        values.push(value);
        rest = after;
    }
    if rest.is_empty() { Some(values) } else { None }
}

/// The pattern with the values in their places, each in Spanish where it is a text of the ledger's.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut parts = pattern.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, value) in parts.zip(values) {
        text.push_str(&translate(value));
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use constancia_ledger::bundle::BundleError;
    use constancia_ledger::entry::DecodeError;
    use constancia_ledger::id::{EntryId, PublicKey};
    use constancia_ledger::replay::ReplayError;
    use constancia_ledger::store::StoreError;

    use super::*;
    use crate::failure::with_causes;
    use crate::plan_file::read_plan_file;

    #[test]
    fn every_row_has_its_own_words_and_at_most_as_many_values() {
        let count = |text: &str| text.matches("{}").count();
        let mut seen = BTreeSet::new();
        for (english, spanish) in [ENTRIES, STORES, NODES, RULES].into_iter().flatten() {
            assert!(count(spanish) <= count(english), "{english}");
            assert!(english != spanish && seen.insert(english), "{english}");
        }
    }

    #[test]
    fn what_the_ledger_says_keeps_its_values() {
        let source = DecodeError::UnknownVersion { found: 9 };
        let key = PublicKey::from_bytes([7; 32]);
        let head = EntryId::from_bytes([8; 32]);
        let said = [
            with_causes(&BundleError::NotABundle),
            with_causes(&BundleError::CutOff { offset: 41 }),
            with_causes(&BundleError::Length { offset: 41 }),
            with_causes(&BundleError::NoEnd { offset: 41 }),
            with_causes(&BundleError::Entry { offset: 41, source }),
            with_causes(&ReplayError::HeadNotHeld { key, seq: 41, head }),
            with_causes(&StoreError::NoLedger { path: "nada-41".into() }),
            with_causes(&read_plan_file("plan: 41").unwrap_err()),
            with_causes(&read_plan_file("plann: 41").unwrap_err()),
            with_causes(&read_plan_file("- 41").unwrap_err()),
        ];
        for message in said {
            let spanish = in_spanish(&message).unwrap();
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(digits(&spanish), digits(&message), "{spanish}");
            assert_eq!(english_words(&spanish), Vec::<&str>::new(), "{spanish}");
        }
    }

    /// The texts that stand in the sources behind one of these marks, with a number for each value.
    fn texts_behind(marks: &[&str], folders: &[&str]) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = fs::read_to_string(path).unwrap();
                for behind in marks.iter().flat_map(|mark| source.split(mark).skip(1)) {
                    let text = behind.trim_start().strip_prefix('"');
                    texts.extend(text.and_then(|text| text.split('"').next()).map(with_values));
                }
            }
        }
        texts
    }

    fn with_values(template: &str) -> String {
        let mut parts = template.split('{');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push('7');
            text.push_str(part.split_once('}').unwrap().1);
        }
        text
    }

    fn english_words(text: &str) -> Vec<&str> {
        let english = ["expected", "found", "the", "at", "is", "not", "of", "unknown", "has", "an"];
        text.split(' ').filter(|word| english.contains(word)).collect()
    }

    #[test]
    fn every_error_that_crosses_as_text_is_said_in_spanish() {
        let folders = ["../ledger/src", "../node/src", "src/plan_file"];
        let templates = texts_behind(&["#[error("], &folders);
        assert!(templates.len() > 200, "{}", templates.len());
        let (generic, in_general) = RULES.last().unwrap();
        let mut wrong = Vec::new();
        for template in templates {
            // Two name a thing by a word, which has a row each.
            let template = template.replace("cannot 7", "cannot read");
            let template = template.replace("expected 7 number", "expected batch number");
            let spanish = translate(&template);
            // What fits every expectation must not hide that one has no row.
            let is_hidden = take_apart(generic, &template)
                .is_some_and(|values| values[0] != "7" && spanish == fill(in_general, &values));
            if spanish == template || is_hidden || !english_words(&spanish).is_empty() {
                wrong.push(spanish);
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn every_phrase_that_an_event_s_rule_names_has_a_row() {
        let marks =
            ["expected: ", "expected = ", "expected = format!(", "let reason = ", "{ reason: "];
        let phrases = texts_behind(&marks, &["../ledger/src/event"]);
        assert!(phrases.len() > 40, "{}", phrases.len());
        // A quote within the text ends it here.
        let phrases: Vec<_> = phrases.iter().filter(|text| !text.ends_with('\\')).collect();
        let missing: Vec<_> = phrases.iter().filter(|text| in_spanish(text).is_none()).collect();
        assert_eq!(missing, Vec::<&&String>::new());
    }

    #[test]
    fn a_value_that_is_a_phrase_is_said_in_spanish_too() {
        let said = [
            (
                "quorum: expected a number from 2 to 3, found 1",
                "quorum: se esperaba un número del 2 al 3; se encontró 1",
            ),
            (
                "no node answers at a:1: transport error: tcp connect error: Connection refused (os error 111)",
                "ningún nodo contesta en a:1: sin conexión: no se pudo conectar: conexión rechazada",
            ),
            (
                "cannot open /a: Too many open files (os error 24)",
                "no se puede abrir /a: el sistema dice: «Too many open files»",
            ),
            (
                "the exchange with a:1 failed: the stream ended: h2 is gone",
                "el intercambio con a:1 falló: la conexión terminó: h2 is gone",
            ),
        ];
        for (english, spanish) in said {
            assert_eq!(in_spanish(english).as_deref(), Some(spanish));
        }
        assert_eq!(in_spanish("h2 is gone: all of it"), None);
    }
}
