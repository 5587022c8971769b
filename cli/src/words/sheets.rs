// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What people write in a table of observations, and what is wrong with it.

use super::{Row, words};

/// Column of a table: what the program calls it, in Spanish, in English. A column of a breakdown
/// bears the concept's name instead, and `concept.criterion` says what decides membership.
pub(crate) const COLUMNS: &[Row] = &[
    ("indicator", "indicador", "indicator"),
    ("period", "periodo", "period"),
    ("observation_period", "periodo_observacion", "observation_period"),
    ("cutoff", "corte", "cutoff"),
    ("value", "valor", "value"),
    ("status", "estatus", "status"),
    ("missing", "faltante", "missing"),
    ("numerator", "numerador", "numerator"),
    ("denominator", "denominador", "denominator"),
    ("comment", "comentario", "comment"),
    ("method", "metodo", "method"),
    ("source", "fuente", "source"),
    ("source_kind", "tipo_fuente", "source_kind"),
    ("source_url", "direccion_fuente", "source_url"),
    ("source_published_on", "fuente_publicada", "source_published_on"),
    ("unit", "unidad", "unit"),
    ("report_comment", "comentario_informe", "report_comment"),
    ("exercise", "ejercicio", "exercise"),
];

/// Other names that people give to a column.
pub(crate) const COLUMN_NAMES: &[(&str, &str)] = &[
    ("estado", "status"),
    ("obs_value", "value"),
    ("obs_status", "status"),
    ("time_period", "period"),
    ("fecha_corte", "cutoff"),
    ("cut_off", "cutoff"),
    ("motivo", "missing"),
    ("fecha_de_corte", "cutoff"),
];

/// Names of the common concepts, for plans that give them none: concept, Spanish, English.
pub(crate) const CONCEPTS: &[Row] = &[
    ("age", "edad", "age"),
    ("sex", "sexo", "sex"),
    ("ref_area", "entidad", "area"),
    ("indigenous", "indigena", "indigenous"),
    ("afro_mexican", "afromexicana", "afro_mexican"),
    ("disability", "discapacidad", "disability"),
    ("migrant", "migrante", "migrant"),
    ("force", "fuerza", "force"),
    ("mission", "mision", "mission"),
    ("stage", "etapa", "stage"),
];

/// Why a value is missing, in words that people write: word, status.
pub(crate) const MISSING: &[(&str, &str)] = &[
    ("suprimido", "Q"),
    ("suppressed", "Q"),
    ("no_puede_existir", "M"),
    ("no_existe", "M"),
    ("cannot_exist", "M"),
    ("no_recabado", "L"),
    ("no_medido", "L"),
    ("not_collected", "L"),
    ("otra_categoria", "K"),
    ("other_category", "K"),
    ("inhabil", "H"),
    ("holiday", "H"),
    ("sin_dato", "O"),
    ("faltante", "O"),
    ("missing", "O"),
];

words! {
    /// A table that is not right; how many errors.
    sheet_invalid(file, count) {
        es: "{file}: {count} errores; no se firmó nada",
        en: "{file}: {count} errors; nothing was signed",
    }
    /// A table with one error.
    sheet_invalid_one(file) {
        es: "{file}: un error; no se firmó nada",
        en: "{file}: one error; nothing was signed",
    }
    /// More errors than are shown.
    more_errors(count) {
        es: "… y {count} errores más",
        en: "… and {count} more errors",
    }
    /// What to do.
    sheet_hint() {
        es: "corrija la tabla y repita el comando; una fila por observación, encabezados en español o en inglés",
        en: "correct the table and repeat the command; one row per observation, headings in Spanish or English",
    }
    /// Where an error is.
    at_cell(file, row, column) {
        es: "{file}, fila {row}, columna «{column}»",
        en: "{file}, row {row}, column “{column}”",
    }
    /// Where an error is, of a whole row.
    at_row(file, row) {
        es: "{file}, fila {row}",
        en: "{file}, row {row}",
    }
    /// Where an error is, on the command line.
    at_option(option) {
        es: "opción {option}",
        en: "option {option}",
    }
    /// A heading that nobody knows.
    unknown_column(known) {
        es: "encabezado desconocido; los que hay: {known}",
        en: "unknown heading; there are: {known}",
    }
    /// A heading twice.
    column_twice(first) {
        es: "esta columna ya está en el encabezado «{first}»",
        en: "the heading “{first}” already names this column",
    }
    /// A column that must be there.
    column_missing(es, en) {
        es: "falta la columna «{es}» (en inglés «{en}»)",
        en: "the column “{en}” (in Spanish “{es}”) is missing",
    }
    /// Another number of cells than the header.
    row_width(expected, found) {
        es: "se esperaban {expected} celdas, como en el encabezado, y hay {found}",
        en: "expected {expected} cells, as in the header, found {found}",
    }
    /// A row that the CSV reader cannot take apart.
    unreadable_row(cause) {
        es: "el lector de CSV dice, en inglés: «{cause}»",
        en: "the CSV reader says: “{cause}”",
    }
    /// A table with a header alone.
    no_rows(file) {
        es: "{file} no tiene ninguna fila de datos",
        en: "{file} has no row of data",
    }
    /// A cell that must not be empty.
    empty_cell() {
        es: "falta el dato",
        en: "the cell is empty",
    }
    /// No value and no reason.
    value_or_missing() {
        es: "se esperaba un valor, o por qué falta: suprimido, no_recabado, no_puede_existir, otra_categoria, inhabil o sin_dato",
        en: "expected a value, or why it is missing: suppressed, not_collected, cannot_exist, other_category, holiday or missing",
    }
    /// A value and a reason why there is none.
    value_and_missing(value) {
        es: "hay un valor ({value}) y a la vez una razón de que falte: deje uno de los dos",
        en: "there is a value ({value}) and a reason why it is missing: leave one of the two",
    }
    /// A word that is no reason.
    not_a_missing(found, words) {
        es: "«{found}» no es una razón de que falte el valor; las que hay: {words}",
        en: "“{found}” is no reason why a value is missing; there are: {words}",
    }
    /// A word that is no status.
    not_a_status(found, words) {
        es: "«{found}» no es un estatus; los que hay: {words}",
        en: "“{found}” is no status; there are: {words}",
    }
    /// A word that is no choice.
    not_a_choice(found, words) {
        es: "«{found}» no es una de las opciones: {words}",
        en: "“{found}” is none of the choices: {words}",
    }
    /// Two rows of one report that say different things of the report itself.
    row_differs(field, first, found) {
        es: "«{field}» debe ser igual en todas las filas de un informe; la primera dice «{first}» y esta «{found}»",
        en: "“{field}” must be the same in all rows of a report; the first says “{first}”, this one “{found}”",
    }
    /// Two rows that are the same observation.
    row_twice(place, first) {
        es: "la observación {place} ya está en la fila {first}",
        en: "the observation {place} is already in row {first}",
    }
    /// An indicator that the plan does not have.
    unknown_indicator(found) {
        es: "el plan no tiene el indicador «{found}»",
        en: "the plan has no indicator “{found}”",
    }
    /// A line of action that the plan does not have.
    unknown_line(found) {
        es: "el plan no tiene la línea de acción «{found}»",
        en: "the plan has no line of action “{found}”",
    }
    /// The names that are near.
    did_you_mean(names) {
        es: "¿quiso decir {names}?",
        en: "did you mean {names}?",
    }
    /// The names that there are.
    there_are(names) {
        es: "hay: {names}",
        en: "there are: {names}",
    }
    /// A concept that the plan does not have.
    unknown_concept(found, known) {
        es: "el plan no desglosa por «{found}»; sus conceptos: {known}",
        en: "the plan has no breakdown by “{found}”; its concepts: {known}",
    }
    /// A code that the list does not have.
    unknown_code(concept, found, known) {
        es: "la lista «{concept}» no tiene el código «{found}»; los que tiene: {known}, _U (no especificado), _Z (no aplica)",
        en: "the list “{concept}” has no code “{found}”; it has: {known}, _U (unspecified), _Z (not applicable)",
    }
    /// A breakdown that is not written as it must be.
    not_a_breakdown(found) {
        es: "se esperaba concepto=código, como sex=F o indigenous=Y(language); se encontró «{found}»",
        en: "expected concept=code, such as sex=F or indigenous=Y(language), found “{found}”",
    }
    /// A count below the plan's threshold.
    below_threshold(value, threshold) {
        es: "{value} es menor que {threshold}, el umbral de supresión del plan: márquelo como suprimido (estatus Q) y deje el valor vacío",
        en: "{value} is below {threshold}, the plan's suppression threshold: mark it as suppressed (status Q) and leave the value empty",
    }
    /// A single hidden cell of a published sum.
    single_suppressed(total) {
        es: "una sola celda suprimida se deduce del total publicado ({total}): suprima al menos otra",
        en: "a single suppressed cell follows from the published total ({total}): suppress at least one more",
    }
}
