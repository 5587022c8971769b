// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a plan file may say, and the plan of the demonstration.

use constancia_ledger::event::Stated;
use constancia_ledger::event::source::SourceKind;
use constancia_ledger::fault::Coded as _;
use ed25519_dalek::SigningKey;

use super::*;

const SMALL: &str = r#"
plan: small
title: {es: Plan pequeño}
utc_offset: "+00:00"
sources: {law: {kind: published, citation: Ley}}
members: [{slug: sre, class: institution, es: Relaciones Exteriores, source: law (artículo 3)}]
council: {all: {members: [sre], quorum: 1, source: assumption}}
pillars: [{id: P, es: Pilar}]
indicators:
  - id: I-1
    pillar: P
    es: Personas
    unit: persons
    kind: output
    baseline: none
    responsible: [sre]
"#;

/// The error of the small plan in which `old` was replaced.
fn error_with(old: &str, new: &str) -> PlanFileError {
    assert!(SMALL.contains(old), "{old}");
    read_plan_file(&SMALL.replacen(old, new, 1)).unwrap_err()
}

fn grant(seed: u8, member: &str, scope: v1::KeyScope) -> v1::KeyGrant {
    let key = SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
    v1::KeyGrant {
        key: key.to_vec().into(),
        member: member.to_owned(),
        scope: scope.into(),
        ..v1::KeyGrant::default()
    }
}

#[test]
fn a_small_plan_makes_a_charter() {
    let file = read_plan_file(SMALL).unwrap();
    let charter = file.charter("Prueba", vec![grant(1, "sre", v1::KeyScope::Sign)], "all").unwrap();
    let charter = Charter::try_from(charter).unwrap();
    assert!(charter.council_can_decide());
}

#[test]
fn an_unknown_key_is_refused_with_its_path_and_the_known_ones() {
    let error = error_with("kind: output", "kindd: output");
    assert_eq!(error.code(), "plan_file.unknown_key");
    let message = error.to_string();
    assert!(
        message.starts_with(
            "line 14, column 12: indicators[0]: unknown key \"kindd\", expected one of: id, line,"
        ),
        "{message}"
    );
}

#[test]
fn an_unknown_word_is_refused_with_the_known_ones() {
    let error = error_with("kind: output", "kind: ouput");
    assert_eq!(
        error.to_string(),
        "line 14, column 11: indicators[0].kind: unknown word \"ouput\", expected one of: training, awareness, process, output, outcome, impact"
    );
}

#[test]
fn a_missing_key_is_named() {
    let error = error_with("    unit: persons\n", "");
    assert_eq!(
        error.to_string(),
        "line 10, column 5: indicators[0]: expected the key \"unit\", found none"
    );
}

#[test]
fn a_source_must_be_described() {
    let error = error_with("source: law (artículo 3)", "source: lew");
    assert_eq!(
        error.to_string(),
        "line 6, column 78: members[0].source: unknown source \"lew\", expected assumption, or one described under sources: law"
    );
}

#[test]
fn a_source_can_say_where_in_it() {
    let file = read_plan_file(SMALL).unwrap();
    let source = file.members[0].source.as_ref().unwrap();
    assert_eq!(source.citation, "Ley, artículo 3");
    assert_eq!(source.kind, SourceKind::Published.number());
}

#[test]
fn none_is_not_unknown() {
    let baseline = |text: &str| {
        let plan = Plan::try_from(read_plan_file(text).unwrap().plan).unwrap();
        plan.indicators[0].baseline.clone()
    };
    assert!(matches!(baseline(SMALL), Stated::None(_)));
    assert!(baseline(&SMALL.replace("    baseline: none\n", "")).is_unknown());
    let value = r#"baseline: {period: "2020", value: 0.950}"#;
    let stated = baseline(&SMALL.replace("baseline: none", value));
    assert_eq!(stated.value().unwrap().value.to_string(), "0.950");
    let sourced = "baseline: {none: {source: law, note: {es: No hay}}}";
    let Stated::None(none) = baseline(&SMALL.replace("baseline: none", sourced)) else {
        panic!("expected none");
    };
    assert_eq!(none.source.unwrap().citation.as_deref(), Some("Ley"));
}

#[test]
fn the_ledger_s_own_rules_hold_with_the_path_of_the_file() {
    let slug = error_with("slug: sre", "slug: SRE");
    assert_eq!((slug.code(), slug.path.as_str()), ("event.not_a_slug", "members[0].slug"));
    let name = error_with("es: Relaciones Exteriores", "en: Foreign Affairs");
    assert_eq!((name.code(), name.path.as_str()), ("event.missing", "members[0].es"));
    let pillar = error_with("pillar: P", "pillar: X");
    assert_eq!((pillar.code(), pillar.path.as_str()), ("event.unresolved", "indicators[0].pillar"));
    assert_eq!(pillar.place.unwrap().line, 11);
    let quorum = error_with("quorum: 1", "quorum: 2");
    assert_eq!((quorum.code(), quorum.path.as_str()), ("event.out_of_range", "council.all.quorum"));
    let stranger = error_with("members: [sre]", "members: [ong]");
    assert_eq!(stranger.path, "council.all.members");
}

#[test]
fn a_member_is_there_once() {
    let twice = "members: [{slug: sre, class: partner, es: Otra}, {";
    let error = error_with("members: [{", twice);
    assert_eq!((error.code(), error.path.as_str()), ("event.duplicate", "members"));
}

#[test]
fn proposed_and_context_indicators_are_checked_at_their_own_path() {
    let more = "context_indicators: [{id: C-1, es: Contexto, unit: victims}]\n\
                proposed_indicators: [{id: P-1, pillar: X, es: Propuesta, unit: cases}]\n";
    let error = read_plan_file(&format!("{SMALL}{more}")).unwrap_err();
    assert_eq!(error.path, "proposed_indicators[0].pillar");
    let twice = "context_indicators: [{id: i-1, es: Contexto, unit: victims}]\n";
    let error = read_plan_file(&format!("{SMALL}{twice}")).unwrap_err();
    assert_eq!(error.path, "context_indicators[0]");
}

#[test]
fn a_council_without_a_quorum_makes_no_rules() {
    let file = read_plan_file(MEXICO_2021).unwrap();
    assert_eq!(file.council_names(), ["demo", "real"]);
    assert_eq!(file.rules("real").unwrap_err().code(), "plan_file.missing_key");
    assert_eq!(
        file.rules("ideal").unwrap_err().to_string(),
        "council: unknown council \"ideal\", expected one of: demo, real"
    );
}

#[test]
fn a_whole_part_can_be_marked_as_translated() {
    let file = read_plan_file(MEXICO_2021).unwrap();
    assert_eq!(file.plan.objectives[0].name.as_ref().unwrap().translated, ["es"]);
    assert!(file.plan.pillars[0].name.as_ref().unwrap().translated.is_empty());
    let context = file.plan.indicators.iter().find(|indicator| indicator.id == "C-01").unwrap();
    assert_eq!(context.name.as_ref().unwrap().translated, ["en"]);
}

#[test]
fn the_mexican_plan_is_whole_in_both_languages() {
    let file = read_plan_file(MEXICO_2021).unwrap();
    let keys = [("sre", 1), ("sedena", 2), ("semar", 3), ("data-civica", 4), ("sspc", 5)]
        .map(|(member, seed)| grant(seed, member, v1::KeyScope::Sign));
    let charter = file.charter("Demostración", keys.to_vec(), "demo").unwrap();
    let charter = Charter::try_from(charter).unwrap();
    assert!(charter.council_can_decide());

    let plan = charter.plan;
    assert_eq!((plan.pillars.len(), plan.objectives.len(), plan.lines.len()), (4, 6, 6));
    assert_eq!(plan.utc_offset_minutes, -360);
    assert_eq!(plan.declared.unwrap().indicators, Some(23));
    assert!(matches!(plan.financing.unwrap().committed, Stated::None(_)));
    let ids: Vec<&str> = plan.indicators.iter().map(|indicator| indicator.id.as_str()).collect();
    assert_eq!(ids.len(), 14);
    assert_eq!(&ids[9..], ["I-10", "C-01", "C-02", "C-03", "C-04"]);
    assert_eq!(file.proposed_indicators.len(), 6);

    let names = plan.indicators.iter().map(|indicator| &indicator.name);
    let names = names.chain(plan.objectives.iter().map(|objective| &objective.name));
    let mut names = names.chain(plan.themes.iter().map(|theme| &theme.name));
    assert!(names.all(|name| name.es.is_some() && name.en.is_some()));
    let areas = plan.code_lists.iter().find(|list| list.concept.as_str() == "ref_area").unwrap();
    assert_eq!(areas.codes.len(), 32);
}
