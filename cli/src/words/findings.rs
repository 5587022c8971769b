// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Findings of the replay in words.

use constancia_ledger::state::{Finding, FindingRule, Subject};

use super::{Lang, words};

/// A finding in one line: rule, what it says, what it is about.
pub(crate) fn finding_line(lang: Lang, finding: &Finding) -> String {
    let get = |name: &str| finding.parameters.get(name).map_or("?", String::as_str);
    let is = |kind: &str| get("kind") == kind;
    let text = match finding.rule {
        FindingRule::L1 => forked(lang, &get("seq")),
        FindingRule::L2 => void(
            lang,
            &super::events::event(lang, get("event")),
            &super::void_reasons::void_reason(lang, get("reason")),
        ),
        FindingRule::L4 if is("ahead") => ahead(lang, &get("ahead_ms")),
        FindingRule::L4 => backdated(lang, &get("days"), &get("limit_days")),
        FindingRule::L5 => redacted(lang, &get("decision").get(..8).unwrap_or("?")),
        FindingRule::L6 if is("invalid") => invalid(lang, &get("path"), &get("rule")),
        FindingRule::L6 => unknown(lang),
        FindingRule::L7 => silent(lang, &get("days"), &get("limit_days")),
        FindingRule::P11 => redefined(lang, &get("plan_version").get(..8).unwrap_or("?")),
        FindingRule::O7 => round_trip(lang, &get("value")),
        FindingRule::O9 if is("no_ratio") => no_ratio(lang, &get("value")),
        FindingRule::O9 => {
            not_quotient(lang, &get("value"), &get("numerator"), &get("denominator"))
        }
        FindingRule::O14 => own_attestation(lang),
        FindingRule::O15 => unanswered(lang, &get("days"), &get("limit_days")),
        FindingRule::O16 => {
            let values: Vec<String> = finding
                .parameters
                .iter()
                .map(|(member, value)| format!("{member} {value}"))
                .collect();
            differ(lang, &values.join(", "))
        }
    };
    format!("{}  {text} · {}", finding.rule, subject(lang, &finding.subject))
}

fn subject(lang: Lang, subject: &Subject) -> String {
    match subject {
        Subject::Key { key, member } => of_key(lang, member, &key.short()),
        Subject::Member { member } => member.to_string(),
        Subject::Entry { entry, member } => of_entry(lang, member, &entry.short()),
        Subject::Observation { indicator, observation, members } => {
            let members: Vec<String> = members.iter().map(ToString::to_string).collect();
            format!("{indicator} {observation} ({})", members.join(", "))
        }
        Subject::Indicator { indicator } => indicator.to_string(),
        Subject::Challenge { entry, indicator, member } => {
            of_challenge(lang, indicator, &entry.short(), member)
        }
    }
}

words! {
    forked(seq) {
        es: "clave bifurcada en el lugar {seq}",
        en: "key forked at place {seq}",
    }
    void(event, reason) {
        es: "sin efecto: {event} ({reason})",
        en: "void: {event} ({reason})",
    }
    backdated(days, limit) {
        es: "antedatada: {days} días antes de que otro la tuviera (se admiten {limit})",
        en: "backdated: {days} days before anybody else held it ({limit} are allowed)",
    }
    ahead(ms) {
        es: "dice ser posterior a quien la cita, por {ms} ms",
        en: "claims to be later than what cites it, by {ms} ms",
    }
    redacted(decision) {
        es: "contenido testado por la decisión {decision}",
        en: "contents redacted by decision {decision}",
    }
    redefined(version) {
        es: "lo que se mide cambió en la versión {version} del plan sin que se declarara una ruptura",
        en: "what is measured changed in version {version} of the plan, and no break was declared",
    }
    unknown() {
        es: "suceso que esta versión no conoce",
        en: "an event that this version does not know",
    }
    invalid(path, rule) {
        es: "suceso inválido: {path} ({rule})",
        en: "invalid event: {path} ({rule})",
    }
    silent(days, limit) {
        es: "en silencio desde hace {days} días (se admiten {limit})",
        en: "silent for {days} days ({limit} are allowed)",
    }
    round_trip(value) {
        es: "la cifra volvió a un valor anterior, {value}",
        en: "the figure returned to an earlier value, {value}",
    }
    no_ratio(value) {
        es: "porcentaje sin numerador ni denominador: {value}",
        en: "a share without numerator and denominator: {value}",
    }
    not_quotient(value, numerator, denominator) {
        es: "{value} no es {numerator} / {denominator}",
        en: "{value} is not {numerator} / {denominator}",
    }
    own_attestation() {
        es: "quien informa verificó su propio informe",
        en: "a member attested its own report",
    }
    unanswered(days, limit) {
        es: "impugnación sin respuesta desde hace {days} días (se admiten {limit})",
        en: "a challenge unanswered for {days} days ({limit} are allowed)",
    }
    differ(values) {
        es: "dos integrantes dan cifras distintas: {values}",
        en: "two members give different figures: {values}",
    }
    of_key(member, key) {
        es: "clave {key} de {member}",
        en: "key {key} of {member}",
    }
    of_entry(member, entry) {
        es: "entrada {entry} de {member}",
        en: "entry {entry} of {member}",
    }
    of_challenge(indicator, entry, member) {
        es: "impugnación {entry} sobre {indicator}, debe responder {member}",
        en: "challenge {entry} on {indicator}, {member} should answer",
    }
}
