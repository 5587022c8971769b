// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a payload turns out to be, for every kind of damage and for every event.

use proptest::prelude::*;

use super::*;

fn id(byte: u8) -> bytes::Bytes {
    vec![byte; 32].into()
}

fn event(body: v1::event::Body) -> v1::Event {
    v1::Event { body: Some(body), exercise: String::new() }
}

fn acceptance() -> v1::Event {
    event(v1::event::Body::Acceptance(v1::Acceptance { charter: id(1), note: None }))
}

fn unknown_code(payload: &[u8], kind: Kind) -> Option<&'static str> {
    match decode(payload, kind) {
        Decoded::Unknown { reason } => Some(reason.code()),
        Decoded::Known(_) | Decoded::Invalid(_) => None,
    }
}

#[test]
fn what_is_no_protobuf_is_unknown() {
    assert_eq!(unknown_code(&[0xff, 0xff], Kind::Fact), Some("event.damaged"));
}

#[test]
fn protobuf_of_something_else_is_unknown() {
    // Field 20, report, as a varint.
    assert_eq!(unknown_code(&[0xa0, 0x01, 0x00], Kind::Fact), Some("event.not_an_event"));
}

#[test]
fn an_event_without_a_body_is_unknown() {
    assert_eq!(unknown_code(&[], Kind::Fact), Some("event.no_body"));
}

#[test]
fn a_field_of_a_newer_schema_makes_an_event_unknown() {
    let mut payload = encode(&acceptance());
    // Field 99, varint 1: as a newer program may write it.
    payload.extend([0x98, 0x06, 0x01]);
    assert_eq!(unknown_code(&payload, Kind::Governance), Some("event.not_canonical"));
}

#[test]
fn a_second_encoding_of_an_event_is_unknown() {
    let mut exercise_first = vec![0xa2, 0x06, 0x01, b'x'];
    exercise_first.extend(encode(&acceptance()));
    assert_eq!(unknown_code(&exercise_first, Kind::Governance), Some("event.not_canonical"));
}

#[test]
fn an_event_of_another_kind_than_announced_is_unknown() {
    assert_eq!(unknown_code(&encode(&acceptance()), Kind::Fact), Some("event.other_kind"));
    let acknowledge = encode(&event(v1::event::Body::Acknowledge(v1::Acknowledge {})));
    assert!(matches!(decode(&acknowledge, Kind::Acknowledge), Decoded::Known(_)));
    assert_eq!(unknown_code(&acknowledge, Kind::Governance), Some("event.other_kind"));
}

#[test]
fn a_known_event_that_breaks_a_rule_is_invalid_and_says_where() {
    let short = v1::Acceptance { charter: vec![1; 3].into(), note: None };
    let Decoded::Invalid(error) =
        decode(&encode(&event(v1::event::Body::Acceptance(short))), Kind::Governance)
    else {
        panic!("expected an invalid event");
    };
    assert_eq!(error.to_string(), "acceptance.charter: expected 32 bytes, found 3");
}

#[test]
fn an_exercise_says_so() {
    let raw = v1::Event { exercise: "ejercicio de prueba".to_owned(), ..acceptance() };
    let Decoded::Known(parsed) = decode(&encode(&raw), Kind::Governance) else {
        panic!("expected a known event");
    };
    assert_eq!(parsed.exercise.as_deref(), Some("ejercicio de prueba"));
    assert_eq!(parsed.body.name(), "acceptance");
    assert_eq!(parsed.body.names().len(), 1);
}

#[test]
fn json_names_the_event_as_the_schema_does() {
    let json = |raw: v1::Event| serde_json::to_value(ParsedEvent::try_from(raw).unwrap()).unwrap();
    assert_eq!(json(acceptance())["acceptance"]["charter"], "01".repeat(32));
    let acknowledge = json(event(v1::event::Body::Acknowledge(v1::Acknowledge {})));
    assert!(acknowledge.as_object().unwrap().contains_key("acknowledge"));
}

fn observation() -> impl Strategy<Value = v1::Observation> {
    let value = (-1_000_000_i64..1_000_000, proptest::option::of(0_u8..100));
    (proptest::option::of(value), "[A-Za-z áéíñ]{0,20}").prop_map(|(value, comment)| {
        let text = |(whole, part): (i64, Option<u8>)| match part {
            Some(part) => format!("{whole}.{part:02}"),
            None => whole.to_string(),
        };
        v1::Observation {
            status: if value.is_some() { v1::ObsStatus::A } else { v1::ObsStatus::L }.into(),
            value: value.map(|value| v1::Decimal { text: text(value) }),
            comment: if comment.trim().is_empty() { String::new() } else { comment },
            ..v1::Observation::default()
        }
    })
}

prop_compose! {
    fn report()(
        cells in proptest::collection::vec(observation(), 1..12),
        year in 2_000_u16..2_100,
        multiplier in -18_i32..=18,
        method in "[a-z]{0,12}",
        version in proptest::option::of(any::<u8>()),
        exercise in "[a-z]{0,8}",
    ) -> v1::Event {
        let observations = cells
            .into_iter()
            .enumerate()
            .map(|(index, cell)| v1::Observation {
                key: Some(v1::ObservationKey {
                    period: None,
                    dimensions: vec![v1::DimensionValue {
                        concept: "area".to_owned(),
                        code: format!("{index:02}"),
                        criterion: String::new(),
                    }],
                }),
                ..cell
            })
            .collect();
        let report = v1::Report {
            indicator: "I-01".to_owned(),
            period: Some(v1::Period { text: year.to_string() }),
            observations,
            method,
            unit_multiplier: multiplier,
            plan_version: version.map(id).unwrap_or_default(),
            ..v1::Report::default()
        };
        v1::Event { body: Some(v1::event::Body::Report(report)), exercise }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_what_it_said(raw in report()) {
        let Decoded::Known(parsed) = decode(&encode(&raw), Kind::Fact) else {
            return Err(TestCaseError::fail("expected a known event"));
        };
        prop_assert_eq!(*parsed, ParsedEvent::try_from(raw).unwrap());
    }

    #[test]
    fn any_bytes_are_something_and_never_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        for kind in [Kind::Governance, Kind::Acknowledge, Kind::Fact] {
            if let Decoded::Known(parsed) = decode(&bytes, kind) {
                prop_assert_eq!(parsed.body.kind(), kind);
            }
        }
    }

    #[test]
    fn a_changed_byte_never_keeps_the_meaning(
        raw in report(),
        place in any::<proptest::sample::Index>(),
        flip in 1_u8..,
    ) {
        let payload = encode(&raw);
        let mut changed = payload.clone();
        changed[place.index(payload.len())] ^= flip;
        let before = decode(&payload, Kind::Fact);
        prop_assert_ne!(decode(&changed, Kind::Fact), before);
    }
}
