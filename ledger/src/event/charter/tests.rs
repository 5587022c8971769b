// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a charter must fulfil, one broken rule at a time.

use ed25519_dalek::SigningKey;

use super::super::indicator::IndicatorStanding;
use super::super::member::MemberClass;
use super::*;

fn text(es: &str) -> v1::Text {
    v1::Text { es: es.to_owned(), ..v1::Text::default() }
}

fn key(seed: u8) -> PublicKey {
    PublicKey::from_bytes(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

fn member(slug: &str, class: MemberClass) -> v1::Member {
    v1::Member {
        slug: slug.to_owned(),
        class: class.number(),
        name: Some(text(slug)),
        source: None,
        url: String::new(),
    }
}

fn grant(key: PublicKey, member: &str, scope: KeyScope) -> v1::KeyGrant {
    v1::KeyGrant {
        key: key.as_bytes().to_vec().into(),
        member: member.to_owned(),
        scope: scope.number(),
        ..v1::KeyGrant::default()
    }
}

fn indicator() -> v1::Indicator {
    v1::Indicator {
        id: "I-01".to_owned(),
        line: "L-1".to_owned(),
        name: Some(text("Personas formadas")),
        unit: "persons".to_owned(),
        responsible: Some(v1::Responsible {
            members: vec!["ong".to_owned(), "sre".to_owned()],
            ..v1::Responsible::default()
        }),
        disaggregations: Some(v1::Disaggregations {
            list: vec![v1::Disaggregation {
                concept: "sex".to_owned(),
                ..v1::Disaggregation::default()
            }],
            none: None,
        }),
        themes: vec!["T-1".to_owned()],
        standing: IndicatorStanding::Plan.number(),
        ..v1::Indicator::default()
    }
}

fn plan() -> v1::Plan {
    v1::Plan {
        id: "mx".to_owned(),
        title: Some(text("Plan")),
        pillars: vec![v1::Pillar { id: "P-1".to_owned(), name: Some(text("Pilar")), source: None }],
        objectives: vec![v1::Objective {
            id: "O-1".to_owned(),
            pillar: "P-1".to_owned(),
            name: Some(text("Objetivo")),
            source: None,
        }],
        lines: vec![v1::LineOfAction {
            id: "L-1".to_owned(),
            objective: "O-1".to_owned(),
            name: Some(text("Línea")),
            ..v1::LineOfAction::default()
        }],
        indicators: vec![indicator()],
        themes: vec![v1::Theme { id: "T-1".to_owned(), name: Some(text("Tema")), source: None }],
        code_lists: vec![v1::CodeList {
            concept: "sex".to_owned(),
            name: Some(text("Sexo")),
            codes: vec![v1::Code { id: "F".to_owned(), name: Some(text("Mujeres")) }],
            source: None,
        }],
        ..v1::Plan::default()
    }
}

fn charter() -> v1::Charter {
    let mut keys = vec![
        grant(key(1), "sre", KeyScope::Sign),
        grant(key(2), "ong", KeyScope::Sign),
        grant(key(3), "sre", KeyScope::Acknowledge),
    ];
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    v1::Charter {
        name: "Prueba".to_owned(),
        plan: Some(plan()),
        members: vec![
            member("ong", MemberClass::CivilSociety),
            member("sre", MemberClass::Institution),
        ],
        keys,
        rules: Some(v1::Rules {
            rules_version: 1,
            council: vec!["ong".to_owned(), "sre".to_owned()],
            quorum: 2,
            class_quotas: vec![v1::ClassQuota {
                class: MemberClass::CivilSociety.number(),
                members: 1,
            }],
            ..v1::Rules::default()
        }),
    }
}

/// The error of a charter in which `breaking` broke something.
fn error_after(breaking: impl FnOnce(&mut v1::Charter)) -> EventError {
    let mut raw = charter();
    breaking(&mut raw);
    Charter::try_from(raw).unwrap_err()
}

fn error_in_plan(breaking: impl FnOnce(&mut v1::Plan)) -> EventError {
    error_after(|raw| breaking(raw.plan.as_mut().unwrap()))
}

fn error_in_indicator(breaking: impl FnOnce(&mut v1::Indicator)) -> EventError {
    error_in_plan(|plan| breaking(&mut plan.indicators[0]))
}

fn error_in_rules(breaking: impl FnOnce(&mut v1::Rules)) -> EventError {
    error_after(|raw| breaking(raw.rules.as_mut().unwrap()))
}

#[test]
fn a_whole_charter_is_accepted() {
    let charter = Charter::parse(charter(), &key(1)).unwrap();
    assert!(charter.council_can_decide());
}

#[test]
fn the_author_needs_a_signing_key_under_the_charter() {
    let node = Charter::parse(charter(), &key(3)).unwrap_err();
    assert!(matches!(node.rule, BrokenRule::FounderWithoutKey { .. }));
    assert!(Charter::parse(charter(), &key(9)).is_err());
}

#[test]
fn a_council_without_enough_signing_keys_can_never_decide() {
    let mut raw = charter();
    raw.keys.retain(|grant| grant.member == "sre");
    assert!(!Charter::try_from(raw).unwrap().council_can_decide());
}

#[test]
fn members_and_keys_ascend_and_are_there_once() {
    assert_eq!(error_after(|raw| raw.members.reverse()).path, "members[1]");
    assert_eq!(error_after(|raw| raw.keys.reverse()).path, "keys[1]");
    let twice = error_after(|raw| raw.keys[1] = raw.keys[0].clone());
    assert!(matches!(twice.rule, BrokenRule::Duplicate { .. }));
}

#[test]
fn a_key_is_32_bytes_of_a_strong_key() {
    let short = error_after(|raw| raw.keys[0].key = vec![1; 31].into());
    assert_eq!(short.to_string(), "keys[0].key: expected 32 bytes, found 31");
    let weak = error_after(|raw| raw.keys[0].key = vec![0; 32].into());
    assert!(matches!(weak.rule, BrokenRule::NotAKey { .. }));
}

#[test]
fn a_key_belongs_to_a_member_that_exists() {
    let error = error_after(|raw| raw.keys[0].member = "semar".to_owned());
    assert_eq!(
        error.to_string(),
        "keys[0].member: expected the id of a member, found \"semar\", which there is none of"
    );
}

#[test]
fn the_council_is_of_members_and_can_meet_its_quotas() {
    let stranger = error_in_rules(|rules| rules.council[1] = "semar".to_owned());
    assert_eq!(stranger.path, "rules.council[1]");
    let quota = error_in_rules(|rules| rules.class_quotas[0].members = 2);
    assert_eq!(
        quota.to_string(),
        "rules.class_quotas[0].members: expected at most 1 for civil_society, the seats that this class has in the council, found 2"
    );
}

#[test]
fn every_part_of_the_plan_names_parts_that_exist() {
    let other = || "X-9".to_owned();
    let paths = [
        error_in_plan(|plan| plan.objectives[0].pillar = other()),
        error_in_plan(|plan| plan.lines[0].objective = other()),
        error_in_indicator(|indicator| indicator.line = other()),
        error_in_indicator(|indicator| indicator.themes = vec![other()]),
        error_in_indicator(|indicator| {
            indicator.responsible.as_mut().unwrap().members[0] = "a".to_owned();
        }),
        error_in_indicator(|indicator| {
            indicator.disaggregations.as_mut().unwrap().list[0].concept = other();
        }),
    ]
    .map(|error| error.path);
    assert_eq!(
        paths,
        [
            "plan.objectives[0].pillar",
            "plan.lines[0].objective",
            "plan.indicators[0].line",
            "plan.indicators[0].themes[0]",
            "plan.indicators[0].responsible.members[0]",
            "plan.indicators[0].disaggregations.list[0].concept",
        ]
    );
}

#[test]
fn two_ids_that_differ_in_case_alone_would_be_one_file() {
    let error = error_in_plan(|plan| {
        let twin = v1::Indicator { id: "i-01".to_owned(), ..indicator() };
        plan.indicators.push(twin);
    });
    assert_eq!(error.path, "plan.indicators[1]");
}

#[test]
fn an_indicator_of_the_plan_hangs_on_one_part_of_it() {
    let none = error_in_indicator(|indicator| indicator.line.clear());
    assert_eq!(none.path, "plan.indicators[0].line");
    let two = error_in_indicator(|indicator| indicator.pillar = "P-1".to_owned());
    assert_eq!(two.path, "plan.indicators[0].pillar");
    let mut raw = charter();
    let context = &mut raw.plan.as_mut().unwrap().indicators[0];
    context.line.clear();
    context.standing = IndicatorStanding::Context.number();
    assert!(Charter::try_from(raw).is_ok());
}

#[test]
fn a_charter_reads_as_json_with_the_schema_s_names() {
    let json = serde_json::to_value(Charter::try_from(charter()).unwrap()).unwrap();
    assert_eq!(json["plan"]["indicators"][0]["parent"]["line"], "L-1");
    assert_eq!(json["plan"]["indicators"][0]["responsible"]["value"]["members"][1], "sre");
    assert_eq!(json["plan"]["indicators"][0].get("baseline"), None);
    assert_eq!(json["members"][0]["class"], "civil_society");
    assert_eq!(json["keys"][0]["key"].as_str().map(str::len), Some(64));
}
