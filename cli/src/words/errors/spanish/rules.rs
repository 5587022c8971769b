// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Of plans and rules as files, and of the fields of events: `BrokenRule`.

use super::Row;

/// English, Spanish. Last stands what fits much.
pub(super) const RULES: &[Row] = &[
    // Files.
    ("line {}, column {}: {}", "línea {}, columna {}: {}"),
    (
        "not readable as YAML: an alias stands for what is written elsewhere; write it out",
        "un alias está en lugar de lo que se escribe en otra parte: escríbalo completo",
    ),
    ("not readable as YAML: {}", "no se puede leer como YAML; el lector dice, en inglés: «{}»"),
    ("unknown key {}, expected one of: {}", "dato desconocido {}; se esperaba uno de: {}"),
    ("expected the key {}, found none", "se esperaba el dato {} y no está"),
    ("unknown word {}, expected one of: {}", "palabra desconocida {}; se esperaba una de: {}"),
    (
        "unknown source {}, expected assumption, or one described under sources: {}",
        "fuente desconocida {}; se esperaba assumption, o una de las que describe sources: {}",
    ),
    ("unknown council {}, expected one of: {}", "consejo desconocido {}; se esperaba uno de: {}"),
    ("a map of keys and values", "un grupo de datos con nombre"),
    ("a list", "una lista"),
    ("a whole number", "un número entero"),
    ("true or false", "true o false"),
    ("a map", "un grupo de datos con nombre"),
    ("nothing", "nada"),
    ("a single value", "un solo valor"),
    ("an offset from UTC such as -06:00", "una diferencia con UTC como -06:00"),
    ("(there are none)", "(no hay ninguna)"),
    // What is right, and what was found.
    ("expected {}, found nothing", "se esperaba {} y no hay nada"),
    ("expected nothing here, found a value: {}", "aquí no debe haber nada y hay un valor: {}"),
    (
        "expected a decimal such as 25.2, -3 or 0.10 with at most 18 digits, no plus sign, no exponent, no separator but the point, no superfluous zero in front, found {}",
        "se esperaba un número decimal como 25.2, -3 o 0.10, de 18 dígitos a lo más, sin signo más, sin exponente, sin otro separador que el punto y sin ceros de sobra al principio; se encontró {}",
    ),
    (
        "expected a period such as 2024, 2024-S1, 2024-Q3, 2024-07, 2024-07-15 or 2015-03..2021-02, found {}",
        "se esperaba un periodo como 2024, 2024-S1, 2024-Q3, 2024-07, 2024-07-15 o 2015-03..2021-02; se encontró {}",
    ),
    (
        "expected an interval from an earlier to a later period of one kind, such as 2015-03..2021-02, found {}",
        "se esperaba un intervalo de un periodo anterior a uno posterior de la misma clase, como 2015-03..2021-02; se encontró {}",
    ),
    (
        "expected a date such as 2024, 2024-09 or 2024-09-30, found {}",
        "se esperaba una fecha como 2024, 2024-09 o 2024-09-30; se encontró {}",
    ),
    (
        "expected a slug of at most 64 characters a-z, 0-9 and single inner hyphens, found {}",
        "se esperaba un nombre corto de 64 caracteres a lo más, con a-z, 0-9 y guiones sueltos en medio; se encontró {}",
    ),
    (
        "expected an identifier of at most 64 characters A-Z, a-z, 0-9, hyphen and underscore that begins with a letter or digit, found {}",
        "se esperaba un identificador de 64 caracteres a lo más, con A-Z, a-z, 0-9, guion y guion bajo, que empiece con letra o dígito; se encontró {}",
    ),
    (
        "expected a code of at most 64 characters A-Z, a-z, 0-9, underscore and inner hyphens, found {}",
        "se esperaba un código de 64 caracteres a lo más, con A-Z, a-z, 0-9, guion bajo y guiones en medio; se encontró {}",
    ),
    (
        "expected an address of at most 2048 printable ASCII characters that begins with https:// or http://, found {}",
        "se esperaba una dirección de 2048 caracteres ASCII a lo más que empiece con https:// o http://; se encontró {}",
    ),
    (
        "expected an ISO 4217 currency of three capital letters such as MXN, found {}",
        "se esperaba una moneda ISO 4217 de tres mayúsculas, como MXN; se encontró {}",
    ),
    (
        "expected a media type such as text/csv, found {}",
        "se esperaba un tipo de archivo como text/csv; se encontró {}",
    ),
    (
        "expected a file name without directories, found {}",
        "se esperaba un nombre de archivo sin carpetas; se encontró {}",
    ),
    ("expected {} bytes, found {}", "se esperaban {} bytes y hay {}"),
    ("expected at most {} bytes of text, found {}", "se admiten {} bytes de texto y hay {}"),
    (
        "expected printable text, found the control character U+{}",
        "se esperaba texto visible y se encontró el carácter de control U+{}",
    ),
    ("expected text, found white space alone", "se esperaba texto y solo hay espacios"),
    ("expected at most {} items, found {}", "se admiten {} elementos y hay {}"),
    ("expected a choice of {}, found it unspecified", "falta elegir una opción de «{}»"),
    (
        "expected a choice of {}, found the unknown number {}",
        "«{}» no tiene una opción con el número {}",
    ),
    (
        "expected ascending order, found {} after {}",
        "se esperaba orden ascendente y {} viene después de {}",
    ),
    ("expected each once, found {} again", "{} aparece dos veces"),
    (
        "expected an Ed25519 public key that is not of small order, found {}",
        "se esperaba una clave pública Ed25519 que no sea de orden pequeño; se encontró {}",
    ),
    (
        "expected the id of {}, found {}, which there is none of",
        "se esperaba el id de {} y no hay ninguno con {}",
    ),
    (
        "status {} says that the value is missing, found a value",
        "el estatus {} dice que no hay valor y hay un valor",
    ),
    (
        "expected a value, or one of the statuses H, K, L, M, O, Q that say why it is missing, found none and status {}",
        "se esperaba un valor, o uno de los estatus H, K, L, M, O, Q que dicen por qué falta; no hay valor y el estatus es {}",
    ),
    (
        "expected numerator and denominator or neither, found no {}",
        "van numerador y denominador o ninguno; falta el {}",
    ),
    ("numerator", "numerador"),
    ("denominator", "denominador"),
    (
        "a concept at its total _T is left out, found {}=_T",
        "un concepto en su total _T no se escribe; se encontró {}=_T",
    ),
    (
        "an observation of the report's own period leaves the period out, found {}",
        "una observación del mismo periodo que el informe no repite el periodo; se encontró {}",
    ),
    (
        "expected a period within {}, found {}",
        "se esperaba un periodo dentro de {}; se encontró {}",
    ),
    (
        "_T, _U and _Z belong to every code list and are not listed, found {}",
        "_T, _U y _Z son de todas las listas de códigos y no se escriben; se encontró {}",
    ),
    (
        "expected at most {} for {}, the seats that this class has in the council, found {}",
        "se esperaban a lo más {} de la clase «{}», que son sus lugares en el consejo; se encontró {}",
    ),
    ("expected a key of the member {}, found one of {}", "se esperaba una clave de {} y es de {}"),
    (
        "expected the author's own key {} among the keys, with scope sign",
        "se esperaba entre las claves la de quien funda, {}, con facultad de firmar",
    ),
    // What would be right.
    ("a language, es or en", "un idioma, es o en"),
    (
        "a line, an objective or a pillar, since the plan has it",
        "una línea, un objetivo o un pilar, porque es del plan",
    ),
    ("a list, or none", "una lista, o «no hay»"),
    ("a member", "un integrante"),
    ("a member that signed it", "un integrante que lo firmó"),
    ("a name", "un nombre"),
    ("a name in Spanish or English", "un nombre en español o en inglés"),
    ("a number above zero", "un número mayor que cero"),
    ("a party besides the members", "una parte además de los integrantes"),
    ("a percentage from 0 to 100", "un porcentaje de 0 a 100"),
    ("a text", "un texto"),
    ("a text in Spanish or English", "un texto en español o en inglés"),
    ("a text or a formula", "un texto o una fórmula"),
    ("a text, or none", "un texto, o «no hay»"),
    ("a value", "un valor"),
    ("a value, or none", "un valor, o «no hay»"),
    (
        "a value is proposed for one observation, not for a report as a whole",
        "se propone un valor para una observación, no para un informe entero",
    ),
    ("an amount, or none", "un monto, o «no hay»"),
    (
        "an indicator hangs on one line, objective or pillar",
        "un indicador cuelga de una sola línea, un solo objetivo o un solo pilar",
    ),
    ("at least one change", "al menos un cambio"),
    ("at least one code", "al menos un código"),
    ("at least one member", "al menos un integrante"),
    ("at least one observation", "al menos una observación"),
    (
        "it explains why a budget entry is replaced, and none is named",
        "explica por qué se sustituye un presupuesto y no se nombra ninguno",
    ),
    ("nobody published an assumption", "nadie publicó un supuesto"),
    ("only constant prices have a base year", "solo los precios constantes tienen año base"),
    (
        "only the outcome accepted names a correction",
        "solo el resultado «aceptada» nombra una corrección",
    ),
    (
        "only the outcome ruled names a proposal",
        "solo el resultado «resuelta» nombra una propuesta",
    ),
    ("the id of an entry", "el id de una entrada"),
    ("the name in Spanish", "el nombre en español"),
    ("the name of the publication", "el nombre de la publicación"),
    (
        "the reason in words, since none of the listed ones applies",
        "la razón en palabras, porque ninguna de la lista aplica",
    ),
    ("the wording that is said to be a translation", "el texto del que se dice que es traducción"),
    ("there is a list beside it", "hay una lista al lado"),
    (
        "where the value is missing, a numerator would give it away",
        "donde falta el valor, un numerador lo delataría",
    ),
    ("who should act", "quién debe actuar"),
    ("who was consulted", "a quién se consultó"),
    ("what happened", "qué ocurrió"),
    ("a number from {} to {}", "un número del {} al {}"),
    ("a number above zero and below {}", "un número mayor que cero y menor que {}"),
    ("a power of ten from {} to {}", "una potencia de diez de {} a {}"),
    ("a date not before {}", "una fecha que no sea anterior a {}"),
    // Drafts.
    ("an object", "un objeto"),
    ("a message", "un objeto de un solo campo"),
    ("a smaller number", "un número menor"),
    ("a word", "una palabra"),
    ("hexadecimal digits", "dígitos hexadecimales"),
    ("no such number", "sin número de esa clase"),
    // Parts of a plan.
    ("a code list", "una lista de códigos"),
    ("a line of action", "una línea de acción"),
    ("a pillar", "un pilar"),
    ("a theme", "un tema"),
    ("an objective", "un objetivo"),
    ("an indicator that the file sets", "un indicador que el archivo fija"),
    (
        "the source that says \"none\" stands with the none",
        "la fuente que dice que no hay va junto al «no hay»",
    ),
    // What fits much.
    ("{} has {} bytes, found {}", "«{}» tiene {} bytes; se encontraron {}"),
    (
        "{}, which is in force: the file leaves it out",
        "{}, que es lo que está en vigor: el archivo no lo dice",
    ),
    ("expected {}, found {}", "se esperaba {}; se encontró {}"),
];
