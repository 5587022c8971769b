// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why an event is void, in words.

use super::{Lang, Row, look_up};

/// Why an event is void; the code itself where there are no words for it.
pub(crate) fn void_reason(lang: Lang, code: &str) -> &str {
    look_up(VOID_REASONS, lang, code).unwrap_or(code)
}

/// Code, Spanish, English.
const VOID_REASONS: &[Row] = &[
    ("scope", "la clave solo puede acusar recibo", "the key may only acknowledge"),
    ("not_an_ancestor", "lo que nombra no le antecede", "what it names is no ancestor of it"),
    (
        "named_pending",
        "el contenido de lo que nombra no ha llegado",
        "the payload of what it names has not arrived",
    ),
    (
        "named_other_sort",
        "lo que nombra es otra clase de suceso",
        "what it names is another sort of event",
    ),
    ("named_does_not_count", "lo que nombra no cuenta", "what it names does not count"),
    ("unknown_indicator", "el plan no tiene ese indicador", "the plan has no such indicator"),
    ("unknown_plan_version", "no hay tal versión del plan", "there is no such version of the plan"),
    ("other_member", "cambia lo que dijo otro integrante", "it changes another member's statement"),
    (
        "other_indicator",
        "corrige un informe de otro indicador",
        "it corrects a report of another indicator",
    ),
    (
        "other_period",
        "corrige un informe de otro periodo",
        "it corrects a report of another period",
    ),
    ("own_attestation", "nadie verifica su propio informe", "nobody attests its own report"),
    ("own_challenge", "nadie impugna su propio informe", "nobody challenges its own report"),
    (
        "no_such_observation",
        "el informe no tiene esa observación",
        "the report has no such observation",
    ),
    ("not_challenged", "solo responde quien fue impugnado", "only the challenged member responds"),
    (
        "not_a_correction_of_it",
        "la corrección no sustituye el informe impugnado",
        "the correction does not replace the challenged report",
    ),
    (
        "not_challenger",
        "solo quien impugnó retira o acepta",
        "only the challenger withdraws or accepts",
    ),
    ("unknown_line", "el plan no tiene esa línea de acción", "the plan has no such line of action"),
    (
        "not_a_participant",
        "solo quien participó da su conformidad",
        "only who took part signs a consultation off",
    ),
    ("not_an_addressee", "solo responde un destinatario", "only an addressee answers"),
    ("second_charter", "un registro tiene una sola acta constitutiva", "a ledger has one charter"),
    (
        "other_charter",
        "acepta algo que no es el acta constitutiva",
        "it accepts another entry than the charter",
    ),
    ("after_cut_off", "la clave había terminado antes", "the key had ended before it"),
    ("fork_shown", "su clave se había bifurcado", "its key had forked"),
    (
        "not_on_council",
        "quien firma no está en el consejo",
        "the signer's member has no seat in the council",
    ),
    ("recused", "quien firma no vota en este asunto", "the signer's member has no vote on this"),
    ("already_voted", "ya había votado", "its member had voted"),
    ("already_decided", "ya estaba decidido", "it was decided already"),
    ("proposal_withdrawn", "la propuesta se había retirado", "the proposal had been taken back"),
    ("quorum_not_met", "no se reúne el quórum", "the quorum is not met"),
    (
        "not_proposer",
        "solo quien propuso retira la propuesta",
        "only the proposer takes a proposal back",
    ),
    (
        "not_own_key",
        "solo la propia clave o su integrante la da de baja",
        "only the key itself or its member retires it",
    ),
    ("member_exists", "ya hay tal integrante", "there is such a member already"),
    (
        "unknown_member",
        "no hay tal integrante, o se ha ido",
        "there is no such member, or it has left",
    ),
    ("key_granted", "la clave ya está habilitada", "the key is granted already"),
    ("unknown_key", "esa clave no está habilitada", "no such key is granted"),
    (
        "not_of_key",
        "la entrada por respetar no es de la clave o está en otro lugar",
        "the entry to be honoured is none of the key's, or stands elsewhere",
    ),
    (
        "other_version",
        "reforma otra versión que la vigente",
        "it amends another version than the one in force",
    ),
    (
        "broken_plan",
        "el plan que resultaría no se sostiene",
        "the plan that it would make breaks a rule",
    ),
    (
        "broken_rules",
        "las reglas que resultarían no se sostienen",
        "the rules that it would make break a rule",
    ),
    ("quorum_lost", "el consejo ya no podría decidir", "the council could not decide any more"),
    ("not_redactable", "lo que gobierna no se testa", "governance is never redacted"),
    (
        "not_higher",
        "rige ya esa versión u otra posterior",
        "that version or a later one is in force",
    ),
    ("named_redacted", "lo que nombra se ha testado", "what it names has been redacted"),
    ("not_ruled", "el consejo no lo ha decidido así", "the council has not ruled so"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_why_an_event_is_void_has_words() {
        for code in constancia_ledger::state::VoidCode::ALL {
            assert!(look_up(VOID_REASONS, Lang::Es, code.as_str()).is_some(), "{}", code.as_str());
        }
    }
}
