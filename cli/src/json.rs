// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Any message of the schema as JSON and back, by its descriptor: no field can be forgotten.
//!
//! Names are the schema's. Bytes are lower-case hexadecimal digits, 64-bit integers text, choices
//! their word without the enumeration's name (`arithmetic`, and `A` for an observation status);
//! a decimal, period or date is its text. Never used for what is signed: only to show and to draft.

use std::sync::OnceLock;

use constancia_ledger::fault::Fault;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind,
    MessageDescriptor, ReflectMessage as _, Value as Field,
};
use serde_json::{Map, Value};

use crate::failure::Explain;
use crate::words::{Lang, errors};

/// The package of every message.
const PACKAGE: &str = "constancia.v1";

/// Which fields of a message stand in its JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fields {
    /// Those that say something: for drafts, which people read.
    Set,
    /// All but those that are absent: for answers, which programs read.
    All,
}

/// A message as a JSON value, without the fields that say nothing.
pub(crate) fn to_json(name: &str, message: &impl prost::Message) -> Value {
    let dynamic = to_dynamic(name, message);
    dynamic.map_or(Value::Null, |message| message_to_json(Fields::Set, &message))
}

/// A message as a JSON value with every field, so that 0 is 0 and not missing.
pub(crate) fn to_full_json(name: &str, message: &impl prost::Message) -> Value {
    let dynamic = to_dynamic(name, message);
    dynamic.map_or(Value::Null, |message| message_to_json(Fields::All, &message))
}

/// A message by its descriptor; none where the schema has no such message.
pub(crate) fn to_dynamic(name: &str, message: &impl prost::Message) -> Option<DynamicMessage> {
    let mut dynamic = DynamicMessage::new(descriptor(name)?);
    dynamic.transcode_from(message).ok()?;
    Some(dynamic)
}

/// A message from its JSON value.
///
/// # Errors
/// [`JsonError`], with the path of the field.
pub(crate) fn from_json<M: prost::Message + Default>(
    name: &str,
    value: &Value,
) -> Result<M, JsonError> {
    let unknown = || JsonError::new(name, Wrong::Field);
    let message = message_from_json(&descriptor(name).ok_or_else(unknown)?, value)?;
    message.transcode_to().map_err(|_undecodable| JsonError::new(name, Wrong::Kind("a message")))
}

/// The schema.
pub(crate) fn pool() -> Option<&'static DescriptorPool> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(constancia_proto::FILE_DESCRIPTOR_SET).ok()).as_ref()
}

fn descriptor(name: &str) -> Option<MessageDescriptor> {
    pool()?.get_message_by_name(&format!("{PACKAGE}.{name}"))
}

/// The one field of a decimal, period or date, which stand for their text.
pub(crate) fn text_field(message: &MessageDescriptor) -> Option<FieldDescriptor> {
    match message.name() {
        "Decimal" | "Period" | "Date" => message.get_field_by_name("text"),
        _ => None,
    }
}

/// A choice without the enumeration's name; none for "unspecified".
pub(crate) fn choice_word(choices: &EnumDescriptor, number: i32) -> Option<String> {
    if number == 0 {
        return None;
    }
    let value = choices.get_value(number)?;
    let word = value.name().strip_prefix(&choice_prefix(choices)?)?.to_owned();
    Some(if word.len() == 1 { word } else { word.to_lowercase() })
}

fn choice_prefix(choices: &EnumDescriptor) -> Option<String> {
    choices.get_value(0)?.name().strip_suffix("UNSPECIFIED").map(ToOwned::to_owned)
}

fn message_to_json(which: Fields, message: &DynamicMessage) -> Value {
    if let Some(field) = text_field(&message.descriptor()) {
        return Value::String(message.get_field(&field).as_str().unwrap_or_default().to_owned());
    }
    let descriptor = message.descriptor();
    let fields = descriptor.fields().filter(|field| {
        message.has_field(field) || (which == Fields::All && !field.supports_presence())
    });
    let named = fields.map(|field| {
        let value = field_to_json(which, &field, &message.get_field(&field));
        (field.name().to_owned(), value)
    });
    Value::Object(named.collect())
}

fn field_to_json(which: Fields, field: &FieldDescriptor, value: &Field) -> Value {
    match value {
        Field::Bool(yes) => Value::Bool(*yes),
        Field::I32(number) => Value::from(*number),
        Field::U32(number) => Value::from(*number),
        Field::I64(number) => Value::String(number.to_string()),
        Field::U64(number) => Value::String(number.to_string()),
        Field::String(text) => Value::String(text.clone()),
        Field::Bytes(bytes) => Value::String(hex::encode(bytes)),
        Field::EnumNumber(number) => {
            let word = field.kind().as_enum().and_then(|choices| choice_word(choices, *number));
            word.map_or_else(|| Value::from(*number), Value::String)
        }
        Field::Message(message) => message_to_json(which, message),
        Field::List(items) => {
            Value::Array(items.iter().map(|item| field_to_json(which, field, item)).collect())
        }
        // The schema has none of these.
        Field::F32(_) | Field::F64(_) | Field::Map(_) => Value::Null,
    }
}

/// JSON that is not the message that it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The field, as `report.observations[0].value`.
    pub(crate) path: String,
    wrong: Wrong,
}

#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// The schema has no such field.
    Field,
    /// Another kind of value belongs there.
    Kind(&'static str),
    /// The enumeration has no such word.
    Choice(String),
}

impl JsonError {
    fn new(path: &str, wrong: Wrong) -> Self {
        Self { path: path.to_owned(), wrong }
    }

    fn within(mut self, name: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{joint}{}", self.path);
        self
    }
}

impl Explain for JsonError {
    fn code(&self) -> &'static str {
        "draft.field"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        match &self.wrong {
            Wrong::Field => errors::json_field(lang, &self.path),
            Wrong::Kind(expected) => {
                errors::json_kind(lang, &self.path, &errors::as_said(lang, expected))
            }
            Wrong::Choice(found) => errors::json_choice(lang, &self.path, found),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::draft_field_hint(lang))
    }
}

fn wrong<T>(expected: &'static str) -> Result<T, JsonError> {
    Err(JsonError::new("", Wrong::Kind(expected)))
}

fn message_from_json(
    descriptor: &MessageDescriptor,
    value: &Value,
) -> Result<DynamicMessage, JsonError> {
    let mut message = DynamicMessage::new(descriptor.clone());
    if let (Some(field), Value::String(text)) = (text_field(descriptor), value) {
        message.set_field(&field, Field::String(text.clone()));
        return Ok(message);
    }
    let Value::Object(fields) = value else {
        return wrong("an object");
    };
    fill(&mut message, fields)?;
    Ok(message)
}

fn fill(message: &mut DynamicMessage, fields: &Map<String, Value>) -> Result<(), JsonError> {
    for (name, value) in fields {
        let Some(field) = message.descriptor().get_field_by_name(name) else {
            return Err(JsonError::new(name, Wrong::Field));
        };
        let content = if field.cardinality() == Cardinality::Repeated {
            list_from_json(&field, value)
        } else {
            single_from_json(&field, value)
        };
        message.set_field(&field, content.map_err(|error| error.within(name))?);
    }
    Ok(())
}

fn list_from_json(field: &FieldDescriptor, value: &Value) -> Result<Field, JsonError> {
    let Value::Array(items) = value else {
        return wrong("a list");
    };
    let each = items.iter().enumerate().map(|(index, item)| {
        single_from_json(field, item).map_err(|error| error.within(&format!("[{index}]")))
    });
    Ok(Field::List(each.collect::<Result<_, _>>()?))
}

fn single_from_json(field: &FieldDescriptor, value: &Value) -> Result<Field, JsonError> {
    let whole = |expected| number_of(value).ok_or(JsonError::new("", Wrong::Kind(expected)));
    match field.kind() {
        Kind::Bool => value.as_bool().map(Field::Bool).map_or_else(|| wrong("true or false"), Ok),
        Kind::String => match value.as_str() {
            Some(text) => Ok(Field::String(text.to_owned())),
            None => wrong("a text"),
        },
        Kind::Bytes => match value.as_str().and_then(|text| hex::decode(text).ok()) {
            Some(bytes) => Ok(Field::Bytes(bytes.into())),
            None => wrong("hexadecimal digits"),
        },
        Kind::Enum(choices) => choice_from_json(&choices, value),
        Kind::Message(descriptor) => message_from_json(&descriptor, value).map(Field::Message),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            in_range(whole("a whole number")?, Field::I32)
        }
        Kind::Uint32 | Kind::Fixed32 => in_range(whole("a whole number")?, Field::U32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            in_range(whole("a whole number")?, Field::I64)
        }
        Kind::Uint64 | Kind::Fixed64 => in_range(whole("a whole number")?, Field::U64),
        // The schema has none.
        Kind::Float | Kind::Double => wrong("no such number"),
    }
}

fn number_of(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => {
            number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn in_range<N: TryFrom<i128>>(number: i128, make: fn(N) -> Field) -> Result<Field, JsonError> {
    match N::try_from(number) {
        Ok(number) => Ok(make(number)),
        Err(_too_large) => wrong("a smaller number"),
    }
}

fn choice_from_json(choices: &EnumDescriptor, value: &Value) -> Result<Field, JsonError> {
    let Value::String(word) = value else {
        return wrong("a word");
    };
    let found = choices
        .values()
        .find(|choice| choice_word(choices, choice.number()).as_ref() == Some(word));
    match found {
        Some(choice) => Ok(Field::EnumNumber(choice.number())),
        None => Err(JsonError::new("", Wrong::Choice(word.clone()))),
    }
}

#[cfg(test)]
mod tests {
    use constancia_proto::v1;
    use serde_json::json;

    use super::*;

    fn report() -> v1::Event {
        let report = v1::Report {
            indicator: "C-01".to_owned(),
            period: Some(v1::Period { text: "2023".to_owned() }),
            observations: vec![v1::Observation {
                value: Some(v1::Decimal { text: "851".to_owned() }),
                status: v1::ObsStatus::A.into(),
                ..v1::Observation::default()
            }],
            plan_version: vec![0xab; 2].into(),
            unit_multiplier: -3,
            ..v1::Report::default()
        };
        v1::Event { exercise: "demo".to_owned(), body: Some(v1::event::Body::Report(report)) }
    }

    #[test]
    fn a_message_is_its_json_and_back() {
        let value = to_json("Event", &report());
        assert_eq!(
            value,
            json!({
                "report": {
                    "indicator": "C-01",
                    "period": "2023",
                    "observations": [{"value": "851", "status": "A"}],
                    "unit_multiplier": -3,
                    "plan_version": "abab",
                },
                "exercise": "demo",
            })
        );
        assert_eq!(from_json::<v1::Event>("Event", &value), Ok(report()));
    }

    #[test]
    fn an_answer_has_its_zeros_and_not_what_is_absent() {
        let status = v1::MemberStatus { slug: "sre".to_owned(), ..Default::default() };
        let value = to_full_json("MemberStatus", &status);
        assert_eq!(value["reports"], json!("0"));
        assert_eq!(value["accepted"], json!(false));
        assert!(value.get("last_effective_ms").is_none());
    }

    #[test]
    fn what_the_schema_does_not_have_is_named_by_its_path() {
        let wrong = [
            (json!({"report": {"colour": "red"}}), "report.colour"),
            (
                json!({"report": {"observations": [{"status": "Ω"}]}}),
                "report.observations[0].status",
            ),
            (json!({"report": {"plan_version": "xy"}}), "report.plan_version"),
            (json!({"report": {"unit_multiplier": "many"}}), "report.unit_multiplier"),
            (json!({"report": []}), "report"),
        ];
        for (value, path) in wrong {
            let error = from_json::<v1::Event>("Event", &value).unwrap_err();
            assert_eq!(error.path, path);
        }
    }
}
