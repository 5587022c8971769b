// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What every choice of the schema is called, and the common units.

use constancia_ledger::state::ChallengeStanding;

use super::{Lang, Row, look_up};
use crate::nearest::fold;

/// The wording of a choice of an enumeration; its own word where the catalogue has none.
pub(crate) fn choice<'a>(lang: Lang, enumeration: &str, word: &'a str) -> &'a str {
    look_up(CHOICES, lang, &format!("{enumeration}.{word}")).unwrap_or(word)
}

/// The choice of an enumeration that people call `text`, in either language.
pub(crate) fn choice_of(enumeration: &str, text: &str) -> Option<&'static str> {
    let wanted = fold(text);
    let rows = || {
        CHOICES.iter().filter_map(|(key, es, en)| {
            let word = key.strip_prefix(enumeration)?.strip_prefix('.')?;
            Some((word, [word, es, en].map(fold)))
        })
    };
    let exact = rows().find(|(_, names)| names.contains(&wanted));
    // Or its first word, where only one has it: "etiquetado" for "etiquetado para este plan".
    let first_word = |name: &String| name.split(['_', ':']).next() == Some(wanted.as_str());
    let mut near = rows().filter(|(_, names)| names.iter().any(first_word));
    let only = near.next().filter(|_| near.next().is_none());
    exact.or(only).map(|(word, _)| word)
}

/// The words of an enumeration, for a hint.
pub(crate) fn choices(lang: Lang, enumeration: &str) -> Vec<String> {
    let words = CHOICES.iter().filter_map(|(key, es, en)| {
        let word = key.strip_prefix(enumeration)?.strip_prefix('.')?;
        Some(format!("{word} ({})", lang.pick(es, en)))
    });
    words.collect()
}

/// Where a challenge stands, by its word in the state: `answered`.
pub(crate) fn challenge_standing(lang: Lang, word: &str) -> &str {
    look_up(CHALLENGES, lang, word).unwrap_or(word)
}

/// The word for where a challenge stands.
pub(crate) const fn standing_word(standing: ChallengeStanding) -> &'static str {
    match standing {
        ChallengeStanding::Open => "open",
        ChallengeStanding::Answered => "answered",
        ChallengeStanding::Withdrawn => "withdrawn",
        ChallengeStanding::Accepted => "accepted",
        ChallengeStanding::Upheld => "upheld",
        ChallengeStanding::Dismissed => "dismissed",
    }
}

/// Standing, Spanish, English.
const CHALLENGES: &[Row] = &[
    ("open", "abierta", "open"),
    ("answered", "contestada", "answered"),
    ("upheld", "estimada por el consejo", "upheld by the council"),
    ("dismissed", "desestimada por el consejo", "dismissed by the council"),
    ("withdrawn", "retirada", "withdrawn"),
    (
        "accepted",
        "cerrada: quien impugnó aceptó la corrección",
        "closed: the challenger accepted the correction",
    ),
];

/// A unit of measure in words; its own name where the catalogue has none.
pub(crate) fn unit(lang: Lang, name: &str) -> &str {
    look_up(UNITS, lang, name).unwrap_or(name)
}

/// Enumeration and choice, Spanish, English.
pub(crate) const CHOICES: &[Row] = &[
    ("BudgetAllocation.earmarked", "etiquetado para este plan", "earmarked for this plan"),
    ("BudgetAllocation.shared", "compartido con otros fines", "shared with other purposes"),
    ("BudgetStage.approved", "aprobado", "approved"),
    ("BudgetStage.committed", "comprometido", "committed"),
    ("BudgetStage.modified", "modificado", "modified"),
    ("BudgetStage.spent", "ejercido", "spent"),
    ("ChallengeGround.arithmetic", "aritmética", "arithmetic"),
    ("ChallengeGround.contradicts", "se contradice con otra cifra", "contradicts another figure"),
    ("ChallengeGround.definition", "definición", "definition"),
    ("ChallengeGround.denominator", "denominador", "denominator"),
    ("ChallengeGround.evidence_missing", "falta evidencia", "evidence missing"),
    ("ChallengeGround.other", "otro", "other"),
    ("ChallengeGround.unit", "unidad", "unit"),
    (
        "CloseOutcome.accepted",
        "aceptada: la corrección la resuelve",
        "accepted: the correction settles it",
    ),
    ("CloseOutcome.ruled", "resuelta por el consejo", "ruled by the council"),
    ("CloseOutcome.withdrawn", "retirada por quien impugnó", "withdrawn by the challenger"),
    ("CorrectionReason.arithmetic", "error aritmético", "arithmetic error"),
    ("CorrectionReason.definition", "definición distinta", "another definition"),
    ("CorrectionReason.late_data", "datos tardíos", "late data"),
    ("CorrectionReason.other", "otra", "other"),
    (
        "CorrectionReason.source_revised",
        "la fuente revisó la cifra",
        "the source revised the figure",
    ),
    ("CorrectionReason.transcription", "error de transcripción", "transcription error"),
    ("Accumulation.cumulative", "acumulado", "cumulative"),
    ("Accumulation.per_period", "por periodo", "per period"),
    ("Direction.ascending", "ascendente: más es mejor", "ascending: more is better"),
    ("Direction.descending", "descendente: menos es mejor", "descending: less is better"),
    ("IndicatorDimension.economy", "economía", "economy"),
    ("IndicatorDimension.efficacy", "eficacia", "efficacy"),
    ("IndicatorDimension.efficiency", "eficiencia", "efficiency"),
    ("IndicatorDimension.quality", "calidad", "quality"),
    ("IndicatorKind.awareness", "sensibilización", "awareness"),
    ("IndicatorKind.impact", "impacto", "impact"),
    ("IndicatorKind.outcome", "resultado", "outcome"),
    ("IndicatorKind.output", "producto", "output"),
    ("IndicatorKind.process", "proceso", "process"),
    ("IndicatorKind.training", "capacitación", "training"),
    ("IndicatorScope.domestic", "interior", "domestic"),
    ("IndicatorScope.foreign", "exterior", "foreign"),
    ("IndicatorStanding.context", "de contexto, fuera del plan", "context, not in the plan"),
    ("IndicatorStanding.plan", "del plan", "of the plan"),
    ("KeyScope.acknowledge", "acusa recibo (un nodo)", "acknowledges (a node)"),
    ("KeyScope.sign", "firma", "signs"),
    ("MemberClass.academia", "academia", "academia"),
    ("MemberClass.civil_society", "sociedad civil", "civil society"),
    ("MemberClass.institution", "institución", "institution"),
    ("MemberClass.oversight", "fiscalización", "oversight"),
    ("MemberClass.partner", "aliado", "partner"),
    ("ObsStatus.A", "normal", "normal"),
    ("ObsStatus.B", "ruptura de la serie", "break in the series"),
    ("ObsStatus.D", "definición distinta", "definition differs"),
    ("ObsStatus.E", "estimado", "estimated"),
    ("ObsStatus.F", "pronóstico", "forecast"),
    ("ObsStatus.G", "experimental", "experimental"),
    ("ObsStatus.H", "sin dato: día inhábil", "missing: holiday"),
    ("ObsStatus.I", "imputado", "imputed"),
    ("ObsStatus.J", "excepción reconocida", "derogation"),
    (
        "ObsStatus.K",
        "sin dato: incluido en otra categoría",
        "missing: included in another category",
    ),
    ("ObsStatus.L", "sin dato: existe, pero no se recabó", "missing: exists but was not collected"),
    ("ObsStatus.M", "sin dato: no puede existir", "missing: cannot exist"),
    ("ObsStatus.N", "no significativo", "not significant"),
    ("ObsStatus.O", "sin dato", "missing"),
    ("ObsStatus.P", "preliminar", "provisional"),
    ("ObsStatus.Q", "sin dato: suprimido", "missing: suppressed"),
    ("ObsStatus.S", "huelga u otro suceso extraordinario", "strike or special event"),
    ("ObsStatus.U", "baja confiabilidad", "low reliability"),
    ("ObsStatus.V", "sin validar", "unvalidated"),
    ("ObsStatus.W", "incluye datos de otra categoría", "includes another category"),
    ("Periodicity.half_yearly", "semestral", "half-yearly"),
    ("Periodicity.monthly", "mensual", "monthly"),
    ("Periodicity.once", "una sola vez", "once"),
    ("Periodicity.quarterly", "trimestral", "quarterly"),
    ("Periodicity.yearly", "anual", "yearly"),
    ("PriceBasis.constant", "constantes", "constant"),
    ("PriceBasis.current", "corrientes", "current"),
    ("RecommendationAnswer.accepted", "aceptada", "accepted"),
    ("RecommendationAnswer.done", "cumplida", "done"),
    ("RecommendationAnswer.partly", "aceptada en parte", "partly accepted"),
    ("RecommendationAnswer.rejected", "rechazada", "rejected"),
    ("SourceKind.assumption", "supuesto: nadie lo publicó", "assumption: nobody published it"),
    ("SourceKind.published", "publicada", "published"),
    ("SourceKind.secondary", "de segunda mano", "second hand"),
    ("Verdict.confirmed", "confirmado", "confirmed"),
    ("Verdict.not_confirmed", "no confirmado", "not confirmed"),
    ("VoteChoice.abstain", "abstención", "abstains"),
    ("VoteChoice.no", "en contra", "no"),
    ("VoteChoice.yes", "a favor", "yes"),
];

/// Unit, Spanish, English.
const UNITS: &[Row] = &[
    ("cases", "casos", "cases"),
    ("exchanges", "intercambios", "exchanges"),
    ("initiatives", "iniciativas", "initiatives"),
    ("networks", "redes", "networks"),
    ("ordinal_0_4", "escala de 0 a 4", "scale from 0 to 4"),
    ("per_100000", "por cada 100 000", "per 100,000"),
    ("percent", "por ciento", "percent"),
    ("persons", "personas", "persons"),
    ("programmes", "programas", "programmes"),
    ("ratio", "razón", "ratio"),
    ("services", "servicios", "services"),
    ("states", "entidades federativas", "states"),
    ("trainings", "capacitaciones", "trainings"),
    ("victims", "víctimas", "victims"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_an_event_or_plan_has_words() {
        let pool = crate::json::pool().unwrap();
        for file in ["constancia/v1/event.proto", "constancia/v1/plan.proto"] {
            for choices in pool.get_file_by_name(file).unwrap().enums() {
                for value in choices.values().filter(|value| value.number() != 0) {
                    let word = crate::json::choice_word(&choices, value.number()).unwrap();
                    let key = format!("{}.{word}", choices.name());
                    assert!(look_up(CHOICES, Lang::Es, &key).is_some(), "{key}");
                }
            }
        }
    }

    #[test]
    fn a_choice_is_found_by_its_words_in_either_language() {
        assert_eq!(choice_of("BudgetStage", "Ejercido"), Some("spent"));
        assert_eq!(choice_of("BudgetStage", "spent"), Some("spent"));
        assert_eq!(choice_of("ObsStatus", "Preliminar"), Some("P"));
        assert_eq!(choice_of("ObsStatus", "p"), Some("P"));
        assert_eq!(choice_of("BudgetStage", "earmarked"), None);
        assert_eq!(choice_of("BudgetAllocation", "compartido"), Some("shared"));
        assert_eq!(choice_of("ObsStatus", "sin"), None, "several begin like that");
    }
}
