// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events in words: their names, and one line on each.

use constancia_ledger::id::EntryId;
use constancia_proto::v1;

use super::void_reasons::void_reason;
use super::{Lang, Row, look_up, words};

/// The name of an event of the schema; its own where the catalogue has none.
pub(crate) fn event(lang: Lang, name: &str) -> &str {
    look_up(EVENTS, lang, name).unwrap_or(name)
}

/// The event that people call `text`, in either language.
pub(crate) fn event_of(text: &str) -> Option<&'static str> {
    let wanted = crate::nearest::fold(text);
    let named = |row: &&Row| [row.0, row.1, row.2].map(crate::nearest::fold).contains(&wanted);
    EVENTS.iter().find(named).map(|row| row.0)
}

/// Whether an entry counts, in words.
pub(crate) fn standing(lang: Lang, word: &str) -> &str {
    look_up(STANDINGS, lang, word).unwrap_or(word)
}

/// An entry's standing, why, and what that is due to.
pub(crate) fn standing_in_words(lang: Lang, view: &v1::EntryView) -> String {
    let by = EntryId::from_slice(&view.standing_by).map(|id| id.short());
    match (view.standing.as_str(), view.standing_reason.as_str(), by) {
        ("redacted", _, Some(by)) => redacted_by(lang, &by),
        (word, "", _) => standing(lang, word).to_owned(),
        (word, reason, by) => {
            let reason = void_reason(lang, reason);
            let reason = by.map_or_else(|| reason.to_owned(), |by| standing_by(lang, &reason, &by));
            format!("{} ({reason})", standing(lang, word))
        }
    }
}

/// Event, Spanish, English.
pub(crate) const EVENTS: &[Row] = &[
    ("charter", "acta constitutiva", "charter"),
    ("acceptance", "aceptación", "acceptance"),
    ("proposal", "propuesta", "proposal"),
    ("vote", "voto", "vote"),
    ("enact", "promulgación", "enactment"),
    ("key_retired", "baja de clave", "key retired"),
    ("proposal_withdrawn", "retiro de propuesta", "proposal withdrawn"),
    ("acknowledge", "acuse", "acknowledgement"),
    ("report", "informe", "report"),
    ("correction", "corrección", "correction"),
    ("withdrawal", "retiro", "withdrawal"),
    ("attestation", "verificación", "attestation"),
    ("challenge", "impugnación", "challenge"),
    ("response", "respuesta", "response"),
    ("close", "cierre", "close"),
    ("budget", "presupuesto", "budget"),
    ("consultation", "consulta", "consultation"),
    ("consultation_sign_off", "conformidad con la consulta", "consultation sign-off"),
    ("review", "revisión", "review"),
    ("recommendation", "recomendación", "recommendation"),
    ("recommendation_response", "respuesta a la recomendación", "response to a recommendation"),
    ("agreement", "convenio", "agreement"),
];

/// Standing, Spanish, English.
const STANDINGS: &[Row] = &[
    ("counted", "cuenta", "counts"),
    ("listed", "consta, sin efecto aún", "listed, without effect yet"),
    ("forked", "bifurcada: no cuenta", "forked: does not count"),
    ("pending", "pendiente: falta su contenido", "pending: its payload has not arrived"),
    ("redacted", "testada por decisión del consejo", "redacted by decision of the council"),
    ("unknown_event", "suceso desconocido", "unknown event"),
    ("invalid_event", "inválida: no cuenta", "invalid: does not count"),
    ("void", "sin efecto", "void"),
    (
        "not_judged",
        "no se sabe: rigen reglas que este programa no conoce",
        "not known: by rules that this program does not know",
    ),
    (
        "outside",
        "en una rama que nadie cita: no cuenta",
        "on a branch that nobody cites: does not count",
    ),
];

words! {
    /// The charter in one line.
    charter_line(name, members, indicators) {
        es: "«{name}»: {members} integrantes, {indicators} indicadores",
        en: "“{name}”: {members} members, {indicators} indicators",
    }
    /// One observation, in one line.
    value_line(indicator, place, value) {
        es: "{indicator} {place}: {value}",
        en: "{indicator} {place}: {value}",
    }
    /// Several observations, in one line.
    values_line(indicator, period, count) {
        es: "{indicator} {period}: {count} observaciones",
        en: "{indicator} {period}: {count} observations",
    }
    /// A correction in one line.
    correction_line(what, entry) {
        es: "{what}; sustituye a {entry}",
        en: "{what}; replaces {entry}",
    }
    /// About another entry.
    about_entry(entry, text) {
        es: "sobre {entry}: {text}",
        en: "on {entry}: {text}",
    }
    /// About another entry, without more.
    about_entry_only(entry) {
        es: "sobre {entry}",
        en: "on {entry}",
    }
    /// A budget in one line.
    budget_line(year, stage, amount) {
        es: "{year}, {stage}: {amount}",
        en: "{year}, {stage}: {amount}",
    }
    /// A payload that is not there.
    payload_pending() {
        es: "el contenido de esta entrada aún no ha llegado",
        en: "the payload of this entry has not arrived yet",
    }
    /// A payload that the council had dropped.
    payload_redacted(decision) {
        es: "el contenido de esta entrada se testó por la decisión {decision}",
        en: "the payload of this entry was redacted by decision {decision}",
    }
    /// A standing, with what it is due to.
    standing_by(standing, by) {
        es: "{standing}: {by}",
        en: "{standing}: {by}",
    }
    /// A redaction in a list.
    redacted_by(decision) {
        es: "testada por la decisión {decision}",
        en: "redacted by decision {decision}",
    }
    /// An event that this version does not know.
    unknown_event() {
        es: "suceso que esta versión no conoce: se conserva y se reenvía, pero no cambia nada",
        en: "an event that this version does not know: kept and forwarded, without effect",
    }
    /// There is no value, and why.
    no_value(reason) {
        es: "({reason})",
        en: "({reason})",
    }
    /// Everything that is said in a language of its own.
    exercise_mark(reason) {
        es: "EJERCICIO: {reason}",
        en: "EXERCISE: {reason}",
    }
    /// Rules in one line.
    rules_line(quorum, seats) {
        es: "quórum {quorum} de {seats}",
        en: "quorum {quorum} of {seats}",
    }
    all_indicators() {
        es: "todos sus indicadores",
        en: "all its indicators",
    }
    upheld() {
        es: "procede",
        en: "upheld",
    }
    not_upheld() {
        es: "no procede",
        en: "not upheld",
    }
    /// The last entry of a key that counts.
    honoured_to(seq, entry) {
        es: "cuenta hasta la entrada #{seq} ({entry})",
        en: "counts up to entry #{seq} ({entry})",
    }
    honoured_none() {
        es: "nada de ella cuenta",
        en: "nothing of it counts",
    }
    /// A proposal in one line.
    proposal_line(decision, reason) {
        es: "{decision}; {reason}",
        en: "{decision}; {reason}",
    }
    /// The total over every breakdown.
    total() {
        es: "total",
        en: "total",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_the_schema_has_a_name() {
        let pool = crate::json::pool().unwrap();
        let event = pool.get_message_by_name("constancia.v1.Event").unwrap();
        for field in event.fields().filter(|field| field.containing_oneof().is_some()) {
            assert!(look_up(EVENTS, Lang::Es, field.name()).is_some(), "{}", field.name());
        }
    }

    #[test]
    fn an_event_is_found_by_its_name_in_either_language() {
        assert_eq!(event_of("impugnacion"), Some("challenge"));
        assert_eq!(event_of("Corrección"), Some("correction"));
        assert_eq!(event_of("report"), Some("report"));
        assert_eq!(event_of("gossip"), None);
    }
}
