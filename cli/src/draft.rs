// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Draft files: events that one person prepares and another signs, on another machine.
//!
//! JSON that anybody can read: what is shown at signing is made from the very fields that the file
//! has, and nothing in the file but the events is signed. A draft says which ledger it is for.

use std::path::Path;

use constancia_ledger::event::{EventError, ParsedEvent};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use serde_json::Value;

use crate::failure::{Explain, Failure};
use crate::files::{Readers, read_text, write_new};
use crate::json::{from_json, to_json};
use crate::words::rules::broken_rule;
use crate::words::{Lang, errors};

/// What this version writes and reads.
const FORMAT: &str = "constancia-draft-v1";

/// Bytes of a draft file: many payloads of a mebibyte, as text.
const DRAFT_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// Events that wait for a signature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DraftFile {
    /// Which ledger they are for.
    pub(crate) ledger: LedgerId,
    /// What that ledger is called.
    pub(crate) ledger_name: String,
    /// When it was prepared, Unix milliseconds; said by the clock of whoever prepared it.
    pub(crate) prepared_at: String,
    /// In the order in which they are to be signed.
    pub(crate) events: Vec<v1::Event>,
}

/// The file's fields, in the order in which people read them.
#[derive(serde::Serialize)]
struct Shape<'a> {
    format: &'static str,
    ledger_id: String,
    ledger_name: &'a str,
    prepared_at: &'a str,
    events: Vec<Value>,
}

/// Writes a draft to a new file.
///
/// # Errors
/// Where the file exists or cannot be written.
pub(crate) fn write(path: &Path, draft: &DraftFile) -> Result<(), Failure> {
    let events: Vec<Value> = draft.events.iter().map(|event| to_json("Event", event)).collect();
    let shape = Shape {
        format: FORMAT,
        ledger_id: draft.ledger.to_string(),
        ledger_name: &draft.ledger_name,
        prepared_at: &draft.prepared_at,
        events,
    };
    let text = serde_json::to_string_pretty(&shape).map_err(std::io::Error::from)?;
    Ok(write_new(path, format!("{text}\n").as_bytes(), Readers::Default)?)
}

/// Reads a draft; every event keeps its rules.
///
/// # Errors
/// [`DraftError`] where the file is no draft or an event is not right.
pub(crate) fn read(path: &Path) -> Result<DraftFile, Failure> {
    let text = read_text(path, DRAFT_BYTES_MAX)?;
    let file = path.display().to_string();
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(cause) => return Err(DraftError::NotJson { file, cause }.into()),
    };
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if part("format") != FORMAT {
        return Err(DraftError::Format { file, found: part("format") }.into());
    }
    let Ok(ledger) = part("ledger_id").parse::<LedgerId>() else {
        return Err(DraftError::Ledger { file, found: part("ledger_id") }.into());
    };
    let items = value.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
    if items.is_empty() {
        return Err(DraftError::Empty { file }.into());
    }
    let mut events = Vec::new();
    for item in &items {
        let event: v1::Event = from_json("Event", item)?;
        if let Err(error) = ParsedEvent::try_from(event.clone()) {
            return Err(InvalidEvent { place: file, error }.into());
        }
        events.push(event);
    }
    Ok(DraftFile {
        ledger,
        ledger_name: part("ledger_name"),
        prepared_at: part("prepared_at"),
        events,
    })
}

/// Why a file is no draft.
#[derive(Debug)]
enum DraftError {
    NotJson { file: String, cause: serde_json::Error },
    Format { file: String, found: String },
    Ledger { file: String, found: String },
    Empty { file: String },
}

impl Explain for DraftError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "draft.not_json",
            Self::Format { .. } => "draft.format",
            Self::Ledger { .. } => "draft.ledger",
            Self::Empty { .. } => "draft.empty",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotJson { file, cause } => errors::draft_not_json(lang, file, cause),
            Self::Format { file, found } => errors::draft_format(lang, file, &FORMAT, found),
            Self::Ledger { file, found } => errors::draft_ledger(lang, file, found),
            Self::Empty { file } => errors::draft_empty(lang, file),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::draft_hint(lang))
    }
}

/// An event that breaks a rule: never signed.
#[derive(Debug)]
pub(crate) struct InvalidEvent {
    /// A file, or what was being made.
    pub(crate) place: String,
    /// Which rule.
    pub(crate) error: EventError,
}

impl Explain for InvalidEvent {
    fn code(&self) -> &'static str {
        self.error.rule.code()
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        let rule = broken_rule(lang, &self.error.rule);
        let (place, path) = (&self.place, &self.error.path);
        // An event's own path begins with its name; an option has no path.
        if path.starts_with(place) {
            format!("{path}: {rule}")
        } else if path.is_empty() {
            format!("{place}: {rule}")
        } else {
            format!("{place}: {path}: {rule}")
        }
    }

    fn hint(&self, _lang: Lang) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DraftFile {
        let withdrawal =
            v1::Withdrawal { report: vec![7; 32].into(), reason: "duplicado".to_owned() };
        DraftFile {
            ledger: LedgerId::from_bytes([1; 32]),
            ledger_name: "Prueba".to_owned(),
            prepared_at: "2024-10-01T00:00:00Z".to_owned(),
            events: vec![v1::Event {
                body: Some(v1::event::Body::Withdrawal(withdrawal)),
                exercise: String::new(),
            }],
        }
    }

    #[test]
    fn a_draft_is_read_as_it_was_written_and_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("retiro.json");
        write(&path, &draft()).unwrap();
        assert_eq!(read(&path).unwrap(), draft());
        assert_eq!(write(&path, &draft()).unwrap_err().code(), "file.exists");
    }

    #[test]
    fn what_is_no_draft_is_refused_by_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d");
        let ledger = "01".repeat(32);
        let cases = [
            ("not json".to_owned(), "draft.not_json"),
            (r#"{"format": "constancia-draft-v9"}"#.to_owned(), "draft.format"),
            (format!(r#"{{"format": "{FORMAT}", "ledger_id": "xy"}}"#), "draft.ledger"),
            (format!(r#"{{"format": "{FORMAT}", "ledger_id": "{ledger}"}}"#), "draft.empty"),
            (
                format!(
                    r#"{{"format": "{FORMAT}", "ledger_id": "{ledger}", "events": [{{"gossip": {{}}}}]}}"#
                ),
                "draft.field",
            ),
            (
                format!(
                    r#"{{"format": "{FORMAT}", "ledger_id": "{ledger}", "events": [{{"withdrawal": {{"report": "07"}}}}]}}"#
                ),
                "event.length",
            ),
        ];
        for (text, code) in cases {
            std::fs::write(&path, &text).unwrap();
            assert_eq!(read(&path).unwrap_err().code(), code, "{text}");
        }
    }
}
