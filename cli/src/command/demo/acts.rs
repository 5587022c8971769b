// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The demo's events: real figures as acts that are an exercise, and acts that are made up.
//!
//! Every event says which of the two it is; the words are part of the record, in Spanish.

use constancia_ledger::id::EntryId;
use constancia_proto::v1;

use super::figures::{self, decimal};
use crate::command::id_bytes;

/// Why an event with a real figure is an exercise.
pub(super) const REAL_FIGURE: &str =
    "Demostración: la cifra es real y lleva su fuente; el integrante no participó";
/// Why a made-up event is one.
pub(super) const MADE_UP: &str =
    "Demostración: acto inventado; otros imprimieron este error y ningún integrante lo firmó";

/// Why what the council does is an exercise.
pub(super) const DECIDED: &str =
    "Demostración: acto inventado; ninguna de las organizaciones nombradas participó";
/// Why a made-up figure is one.
pub(super) const INVENTED_FIGURE: &str =
    "Demostración: cifra inventada; ninguna de las organizaciones nombradas participó";

/// Killed women whose case is classified as femicide, per cent.
pub(super) const FEMICIDE_SHARE: &str = "C-02";
/// Women who have experienced sexual violence, per cent.
const VIOLENCE_SHARE: &str = "C-04";

/// Femicides, and all women killed, of 2022.
pub(super) const NUMERATOR: &str = "947";
pub(super) const DENOMINATOR: &str = "3754";
/// As it was printed, and as it is.
pub(super) const PRINTED: &str = "33.7";
pub(super) const RIGHT: &str = "25.2";

/// Who printed it, among others.
const AGCVIM_URL: &str = "https://agcvim-ac.org/articulo/en-mexico-2022-rompe-records-historicos-de-violencia-contra-las-mujeres/";

/// A member takes part.
pub(super) fn accept(charter: EntryId) -> v1::Event {
    let acceptance = v1::Acceptance { charter: id_bytes(charter), note: None };
    event(v1::event::Body::Acceptance(acceptance), MADE_UP_PART)
}

/// Why an acceptance is an exercise.
const MADE_UP_PART: &str = "Demostración: esta organización no participó";

/// The charter.
pub(super) fn charter(charter: v1::Charter) -> v1::Event {
    event(v1::event::Body::Charter(charter), MADE_UP_PART)
}

/// A figure.
pub(super) fn report(report: v1::Report) -> v1::Event {
    event(v1::event::Body::Report(report), REAL_FIGURE)
}

/// A later publication of the same figure.
pub(super) fn correct(replaces: EntryId, vintage: &figures::Vintage) -> v1::Event {
    let correction = v1::Correction {
        replaces: id_bytes(replaces),
        report: Some(vintage.report.clone()),
        reason: vintage.reason.into(),
        explanation: vintage.explanation.clone(),
        challenge: bytes::Bytes::new(),
    };
    event(v1::event::Body::Correction(correction), REAL_FIGURE)
}

/// A budget.
pub(super) fn budget(budget: v1::Budget) -> v1::Event {
    event(v1::event::Body::Budget(budget), REAL_FIGURE)
}

/// Civil society's own figures: one published by INEGI, one that differs from the official last one.
pub(super) fn independent_measurements() -> [(&'static str, v1::Event); 2] {
    let survey = v1::Report {
        source: Some(figures::published(
            "INEGI, Encuesta Nacional sobre la Dinámica de las Relaciones en los Hogares 2021",
        )),
        ..figures::single(VIOLENCE_SHARE, "2021", "49.7", "Otros imprimieron 59.7")
    };
    let count = v1::Report {
        cutoff: Some(v1::Date { text: "2024-08".to_owned() }),
        source: Some(figures::sesnsp()),
        ..figures::single(figures::FEMICIDES, "2023", "852", "Según la publicación de ese corte")
    };
    [("intersecta", report(survey)), ("data-civica", report(count))]
}

/// The percentage as it was printed, with the terms that it does not follow from.
pub(super) fn wrong_share() -> v1::Event {
    event(v1::event::Body::Report(share(PRINTED)), MADE_UP)
}

/// The challenge of that percentage.
pub(super) fn challenge_share(wrong: EntryId) -> v1::Event {
    let challenge = v1::Challenge {
        report: id_bytes(wrong),
        observation: Some(v1::ObservationKey::default()),
        ground: v1::ChallengeGround::Arithmetic.into(),
        text: format!(
            "{NUMERATOR} entre {DENOMINATOR} es {RIGHT} %, no {PRINTED} %, que es {NUMERATOR} \
             entre 2807: se dividió entre los homicidios dolosos y no entre todas las mujeres \
             asesinadas"
        ),
        proposed_value: Some(decimal(RIGHT)),
        ..v1::Challenge::default()
    };
    event(v1::event::Body::Challenge(challenge), MADE_UP)
}

/// The right percentage.
pub(super) fn correct_share(wrong: EntryId, challenge: EntryId) -> v1::Event {
    let correction = v1::Correction {
        replaces: id_bytes(wrong),
        report: Some(share(RIGHT)),
        reason: v1::CorrectionReason::Arithmetic.into(),
        explanation: "El denominador era otro".to_owned(),
        challenge: id_bytes(challenge),
    };
    event(v1::event::Body::Correction(correction), MADE_UP)
}

/// The answer to the challenge.
pub(super) fn respond(challenge: EntryId, correction: EntryId) -> v1::Event {
    let response = v1::Response {
        challenge: id_bytes(challenge),
        text: "Se corrige el porcentaje".to_owned(),
        evidence: Vec::new(),
        correction: id_bytes(correction),
    };
    event(v1::event::Body::Response(response), MADE_UP)
}

/// The challenger is content.
pub(super) fn close(challenge: EntryId, correction: EntryId) -> v1::Event {
    let close = v1::Close {
        challenge: id_bytes(challenge),
        outcome: v1::CloseOutcome::Accepted.into(),
        correction: id_bytes(correction),
        proposal: bytes::Bytes::new(),
        text: String::new(),
    };
    event(v1::event::Body::Close(close), MADE_UP)
}

fn share(value: &str) -> v1::Report {
    let mut report = v1::Report {
        source: Some(v1::Source {
            url: AGCVIM_URL.to_owned(),
            ..figures::secondary(
                "Cifras del SESNSP según AGCVIM, «En México, 2022 rompe récords históricos de \
                 violencia contra las mujeres»",
            )
        }),
        ..figures::single(FEMICIDE_SHARE, "2022", value, "")
    };
    for observation in &mut report.observations {
        observation.numerator = Some(decimal(NUMERATOR));
        observation.denominator = Some(decimal(DENOMINATOR));
    }
    report
}

fn event(body: v1::event::Body, exercise: &str) -> v1::Event {
    v1::Event { body: Some(body), exercise: exercise.to_owned() }
}
