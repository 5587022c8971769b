// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What would be right where a field of an event breaks a rule: the words of `BrokenRule`.
//!
//! The English text is the ledger's own; the Spanish says the same with the same values.

use constancia_ledger::event::BrokenRule;

use super::{Lang, Row, look_up, words};

/// The rule and what was found.
pub(crate) fn broken_rule(lang: Lang, rule: &BrokenRule) -> String {
    match (lang, rule) {
        (_, BrokenRule::NotADecimal { found }) if found.contains(',') => decimal_comma(lang, found),
        (Lang::En, rule) => rule.to_string(),
        (Lang::Es, rule) => spanish(rule),
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per rule")]
fn spanish(rule: &BrokenRule) -> String {
    match rule {
        BrokenRule::Missing { expected } => {
            format!("se esperaba {} y no hay nada", phrase(expected))
        }
        BrokenRule::Unexpected { reason } => {
            format!("aquí no debe haber nada y hay un valor: {}", phrase(reason))
        }
        BrokenRule::NotADecimal { found } => format!(
            "se esperaba un número decimal como 25.2, -3 o 0.10, de 18 dígitos a lo más, sin signo más, sin exponente, sin otro separador que el punto y sin ceros de sobra al principio; se encontró {found:?}"
        ),
        BrokenRule::NotAPeriod { found } => format!(
            "se esperaba un periodo como 2024, 2024-S1, 2024-Q3, 2024-07, 2024-07-15 o 2015-03..2021-02; se encontró {found:?}"
        ),
        BrokenRule::NotAnInterval { found } => format!(
            "se esperaba un intervalo de un periodo anterior a uno posterior de la misma clase, como 2015-03..2021-02; se encontró {found:?}"
        ),
        BrokenRule::NotADate { found } => {
            format!("se esperaba una fecha como 2024, 2024-09 o 2024-09-30; se encontró {found:?}")
        }
        BrokenRule::NotASlug { found } => format!(
            "se esperaba un nombre corto de 64 caracteres a lo más, con a-z, 0-9 y guiones sueltos en medio; se encontró {found:?}"
        ),
        BrokenRule::NotAnIdentifier { found } => format!(
            "se esperaba un identificador de 64 caracteres a lo más, con A-Z, a-z, 0-9, guion y guion bajo, que empiece con letra o dígito; se encontró {found:?}"
        ),
        BrokenRule::NotACode { found } => format!(
            "se esperaba un código de 64 caracteres a lo más, con A-Z, a-z, 0-9, guion bajo y guiones en medio; se encontró {found:?}"
        ),
        BrokenRule::NotAUrl { found } => format!(
            "se esperaba una dirección de 2048 caracteres ASCII a lo más que empiece con https:// o http://; se encontró {found:?}"
        ),
        BrokenRule::NotACurrency { found } => format!(
            "se esperaba una moneda ISO 4217 de tres mayúsculas, como MXN; se encontró {found:?}"
        ),
        BrokenRule::NotAMediaType { found } => {
            format!("se esperaba un tipo de archivo como text/csv; se encontró {found:?}")
        }
        BrokenRule::NotAFileName { found } => {
            format!("se esperaba un nombre de archivo sin carpetas; se encontró {found:?}")
        }
        BrokenRule::Length { expected, found } => {
            format!("se esperaban {expected} bytes y hay {found}")
        }
        BrokenRule::TextTooLong { limit, found } => {
            format!("se admiten {limit} bytes de texto y hay {found}")
        }
        BrokenRule::ControlCharacter { found } => {
            format!("se esperaba texto visible y se encontró el carácter de control U+{found:04X}")
        }
        BrokenRule::Blank => "se esperaba texto y solo hay espacios".to_owned(),
        BrokenRule::TooMany { limit, found } => {
            format!("se admiten {limit} elementos y hay {found}")
        }
        BrokenRule::OutOfRange { expected, found } => {
            format!("se esperaba {}; se encontró {found}", phrase(expected))
        }
        BrokenRule::Unspecified { choice } => {
            format!("falta elegir una opción de {choice}")
        }
        BrokenRule::UnknownChoice { choice, found } => {
            format!("{choice} no tiene una opción con el número {found}")
        }
        BrokenRule::NotAscending { previous, found } => {
            format!("se esperaba orden ascendente y {found} viene después de {previous}")
        }
        BrokenRule::Duplicate { found } => format!("{found} aparece dos veces"),
        BrokenRule::NotAKey { found } => format!(
            "se esperaba una clave pública Ed25519 que no sea de orden pequeño; se encontró {found}"
        ),
        BrokenRule::Unresolved { expected, found } => {
            format!("se esperaba el id de {} y no hay ninguno con {found:?}", phrase(expected))
        }
        BrokenRule::ValueForbidden { status } => {
            format!("el estatus {status} dice que no hay valor y hay un valor")
        }
        BrokenRule::ValueNeeded { status } => format!(
            "se esperaba un valor, o uno de los estatus H, K, L, M, O, Q que dicen por qué falta; no hay valor y el estatus es {status}"
        ),
        BrokenRule::HalfRatio { missing } => {
            let missing = match *missing {
                "numerator" => "numerador",
                _ => "denominador",
            };
            format!("van numerador y denominador o ninguno; falta el {missing}")
        }
        BrokenRule::RedundantTotal { concept } => {
            format!("un concepto en su total _T no se escribe; se encontró {concept}=_T")
        }
        BrokenRule::RedundantPeriod { found } => format!(
            "una observación del mismo periodo que el informe no repite el periodo; se encontró {found}"
        ),
        BrokenRule::PeriodOutside { report, found } => {
            format!("se esperaba un periodo dentro de {report}; se encontró {found}")
        }
        BrokenRule::ReservedCode { found } => format!(
            "_T, _U y _Z son de todas las listas de códigos y no se escriben; se encontró {found}"
        ),
        BrokenRule::QuotaTooGreat { class, seats, found } => format!(
            "el mínimo de {} puede ser a lo más {seats}, sus lugares en el consejo; se encontró {found}",
            super::choices::choice(Lang::Es, "MemberClass", class)
        ),
        BrokenRule::OtherMember { expected, found } => {
            format!("se esperaba una clave de {expected} y es de {found}")
        }
        BrokenRule::FounderWithoutKey { expected } => format!(
            "se esperaba entre las claves la de quien funda, {expected}, con facultad de firmar"
        ),
    }
}

/// What the ledger expected, in Spanish; as it says it where the catalogue has no words.
fn phrase(text: &str) -> &str {
    look_up(PHRASES, Lang::Es, text).unwrap_or(text)
}

/// English, Spanish, English: the key is the ledger's own wording.
const PHRASES: &[Row] = &[
    ("a language, es or en", "un idioma, es o en", ""),
    (
        "a line, an objective or a pillar, since the plan has it",
        "una línea, un objetivo o un pilar, porque es del plan",
        "",
    ),
    ("a list, or none", "una lista, o «no hay»", ""),
    ("a member", "un integrante", ""),
    ("a member that signed it", "un integrante que lo firmó", ""),
    ("a name", "un nombre", ""),
    ("a name in Spanish or English", "un nombre en español o en inglés", ""),
    ("a number above zero", "un número mayor que cero", ""),
    ("a party besides the members", "una parte además de los integrantes", ""),
    ("a percentage from 0 to 100", "un porcentaje de 0 a 100", ""),
    ("a text", "un texto", ""),
    ("a text in Spanish or English", "un texto en español o en inglés", ""),
    ("a text or a formula", "un texto o una fórmula", ""),
    ("a text, or none", "un texto, o «no hay»", ""),
    ("a value", "un valor", ""),
    ("a value, or none", "un valor, o «no hay»", ""),
    (
        "a value is proposed for one observation, not for a report as a whole",
        "se propone un valor para una observación, no para un informe entero",
        "",
    ),
    ("an amount, or none", "un monto, o «no hay»", ""),
    (
        "an indicator hangs on one line, objective or pillar",
        "un indicador cuelga de una sola línea, un solo objetivo o un solo pilar",
        "",
    ),
    ("at least one change", "al menos un cambio", ""),
    ("at least one code", "al menos un código", ""),
    ("at least one member", "al menos un integrante", ""),
    ("at least one observation", "al menos una observación", ""),
    (
        "it explains why a budget entry is replaced, and none is named",
        "explica por qué se sustituye un presupuesto y no se nombra ninguno",
        "",
    ),
    ("nobody published an assumption", "nadie publicó un supuesto", ""),
    ("only constant prices have a base year", "solo los precios constantes tienen año base", ""),
    (
        "only the outcome accepted names a correction",
        "solo el resultado «aceptada» nombra una corrección",
        "",
    ),
    (
        "only the outcome ruled names a proposal",
        "solo el resultado «resuelta» nombra una propuesta",
        "",
    ),
    ("the id of an entry", "el id de una entrada", ""),
    ("the name in Spanish", "el nombre en español", ""),
    ("the name of the publication", "el nombre de la publicación", ""),
    (
        "the reason in words, since none of the listed ones applies",
        "la razón en palabras, porque ninguna de la lista aplica",
        "",
    ),
    (
        "the wording that is said to be a translation",
        "el texto del que se dice que es traducción",
        "",
    ),
    ("there is a list beside it", "hay una lista al lado", ""),
    (
        "where the value is missing, a numerator would give it away",
        "donde falta el valor, un numerador lo delataría",
        "",
    ),
    ("who should act", "quién debe actuar", ""),
    ("who was consulted", "a quién se consultó", ""),
    ("what happened", "qué ocurrió", ""),
];

words! {
    /// The most common slip of a Spanish spreadsheet.
    decimal_comma(found) {
        es: "se esperaba un número con punto decimal y sin separador de millares, como 25.2 o 1234; se encontró «{found}» con coma",
        en: "expected a number with a decimal point and no thousands separator, such as 25.2 or 1234, found “{found}” with a comma",
    }
}
