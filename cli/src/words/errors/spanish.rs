// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the ledger and a node say with their values, in Spanish. Their errors cross a process boundary
//! as text, so the text is taken apart again: `{}` stands for a value, which may be such a text itself.
//!
//! What has no row stays as it was said: a value must never be lost for want of a translation.

/// The message in Spanish; none where no row fits.
pub(super) fn in_spanish(message: &str) -> Option<String> {
    ROWS.iter().find_map(|(english, spanish)| Some(fill(spanish, &take_apart(english, message)?)))
}

/// The values in a text that was made by a pattern; none where it was not.
fn take_apart<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}").peekable();
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    while let Some(part) = parts.next() {
        let (value, after) = if parts.peek().is_none() {
            (rest.strip_suffix(part)?, "")
        } else {
            rest.split_once(part)?
        };
        values.push(value);
        rest = after;
    }
    if rest.is_empty() { Some(values) } else { None }
}

/// The pattern with the values in their places, each in Spanish where it is a text of the ledger's.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut parts = pattern.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, value) in parts.zip(values) {
        text.push_str(&in_spanish(value).unwrap_or_else(|| (*value).to_owned()));
        text.push_str(part);
    }
    text
}

/// English, Spanish: the values in one order in both. The Spanish may leave out the last ones.
const ROWS: &[(&str, &str)] = &[
    // Bundles.
    (
        "expected the line constancia-bundle-v1 at byte 0",
        "se esperaba la línea constancia-bundle-v1 en el byte 0",
    ),
    (
        "the bundle is cut off within the item at byte {}",
        "el paquete está cortado dentro del elemento del byte {}",
    ),
    (
        "the bundle is cut off at byte {}: its end is missing",
        "el paquete está cortado en el byte {}: le falta su final",
    ),
    (
        "the item at byte {} has at most {} bytes, found {}",
        "el elemento del byte {} tiene a lo más {} bytes; se encontraron {}",
    ),
    (
        "the item at byte {} has no canonical length",
        "el elemento del byte {} no dice su longitud en su única forma",
    ),
    ("the item at byte {} is not a bundle item: {}", "el elemento del byte {} no es de un paquete"),
    (
        "the item at byte {} holds neither an entry nor a fork proof",
        "el elemento del byte {} no tiene ni entrada ni prueba de bifurcación",
    ),
    (
        "the item at byte {} does not re-encode to its own bytes",
        "el elemento del byte {} no está escrito en su única forma",
    ),
    ("the entry at byte {} does not decode: {}", "la entrada del byte {} no se puede leer: {}"),
    (
        "the fork proof at byte {} stands after an entry",
        "la prueba de bifurcación del byte {} está después de una entrada",
    ),
    (
        "a bundle has at most {} fork proofs, found more at byte {}",
        "un paquete tiene a lo más {} pruebas de bifurcación; hay más en el byte {}",
    ),
    (
        "expected the charter as first entry at byte {}, found an entry with a predecessor",
        "se esperaba el acta constitutiva como primera entrada en el byte {} y hay una entrada que sigue a otra",
    ),
    (
        "the bundle's end counts {} entries and {} fork proofs, found {} and {}",
        "el final del paquete cuenta {} entradas y {} pruebas de bifurcación; se encontraron {} y {}",
    ),
    (
        "something follows the bundle's end at byte {}",
        "algo sigue al final del paquete, que está en el byte {}",
    ),
    (
        "the charter at byte {} founds no ledger: {}",
        "el acta constitutiva del byte {} no funda ningún registro: {}",
    ),
    (
        "the first entry of the log is not a valid charter: {}",
        "la primera entrada guardada no es un acta constitutiva que valga: {}",
    ),
    ("the bundle holds no charter", "el paquete no trae el acta constitutiva"),
    ("cannot read the bundle at byte {}: {}", "no se puede leer el paquete en el byte {}: {}"),
    ("cannot write the bundle: {}", "no se puede escribir el paquete: {}"),
    ("the store failed: {}", "el registro guardado falló: {}"),
    (
        "expected rules up to version {}, found version {}: a newer program is needed",
        "se esperaban reglas hasta la versión {}; las del registro son la {}",
    ),
    ("expected ledger {} at {}, found {}", "se esperaba el registro {} en {} y es {}"),
    ("expected ledger {}, found {}", "se esperaba el registro {} y es {}"),
    // Entries.
    (
        "an entry has at most {} bytes, found {}",
        "una entrada tiene a lo más {} bytes; se encontraron {}",
    ),
    ("expected a SignedEntry message: {}", "no es una entrada firmada"),
    (
        "the SignedEntry message does not re-encode to its own bytes",
        "la entrada no está escrita en su única forma",
    ),
    (
        "a header has at most {} bytes, found {}",
        "un encabezado tiene a lo más {} bytes; se encontraron {}",
    ),
    ("expected a Header message: {}", "no es un encabezado"),
    (
        "the header does not re-encode to its own bytes",
        "el encabezado no está escrito en su única forma",
    ),
    ("expected header version {}, found {}", "se esperaba la versión {} del encabezado y es la {}"),
    ("{} has {} bytes, found {}", "{} tiene {} bytes; se encontraron {}"),
    (
        "an entry cites at most {} tips, found {}",
        "una entrada cita a lo más {} puntas; se encontraron {}",
    ),
    (
        "claimed time is at most {} ms, found {}",
        "la hora declarada es a lo más {} ms; se encontró {}",
    ),
    ("expected kind 1, 2 or 3, found {}", "se esperaba el tipo 1, 2 o 3 y es el {}"),
    (
        "a payload has at most {} bytes, found {}",
        "un contenido tiene a lo más {} bytes; se encontraron {}",
    ),
    (
        "the header says {} payload bytes, found {}",
        "el encabezado dice que el contenido tiene {} bytes; se encontraron {}",
    ),
    (
        "the signature of {} by {} does not hold in ledger {}",
        "la firma de {} por {} no corresponde en el registro {}",
    ),
    ("expected payload hash {}, found {}", "se esperaba la huella {} del contenido y es {}"),
    // Chains.
    ("key {} is not granted in this ledger", "la clave {} no tiene permiso en este registro"),
    (
        "key {}: expected sequence number {}, found {}",
        "clave {}: se esperaba el lugar {} y es el {}",
    ),
    ("key {} seq {}: parent {} is not held", "clave {}, lugar {}: falta la antecesora {}"),
    (
        "key {} forked at sequence number {}: sequence number {} cannot be taken",
        "la clave {} se bifurcó en el lugar {}: el lugar {} no se puede ocupar",
    ),
    (
        "key {} was revoked or retired: its first {} entries count, sequence number {} does not",
        "la clave {} se revocó o se dio de baja: cuentan sus primeras {} entradas, el lugar {} no",
    ),
    ("key {} seq {}: head {} is not held", "clave {}, lugar {}: aquí falta la entrada {}"),
    ("decision {} is not held", "aquí falta la decisión {}"),
    (
        "the view ends at {}; the ledger began at {}",
        "la vista termina el {}; el registro comenzó el {}",
    ),
    // Stores.
    ("there is no ledger in {}", "no hay registro en {}"),
    ("there is a ledger in {} already: {}", "ya hay un registro en {}: {}"),
    (
        "the store {} is held by another process ({})",
        "el registro de {} lo tiene abierto otro proceso ({})",
    ),
    (
        "the entry log is damaged at {} byte {}: {}",
        "el archivo de entradas está dañado en {}, byte {}: {}",
    ),
    ("no room left on the disk for {}: {}", "no queda espacio en el disco para {}: {}"),
    // Head files.
    (
        "another process is signing with this key: {} is held ({})",
        "otro proceso está firmando con esta clave: tiene {} ({})",
    ),
    ("the head file {} is damaged: {}", "el archivo de cabeza {} está dañado: {}"),
    (
        "the head file {} is of another ledger: expected {}, found {}",
        "el archivo de cabeza {} es de otro registro: se esperaba {} y es {}",
    ),
    (
        "the head file {} is of another key: expected {}, found {}",
        "el archivo de cabeza {} es de otra clave: se esperaba {} y es {}",
    ),
    (
        "key {} has signed up to sequence number {}, the store holds {}: fetch the rest from a peer before signing",
        "la clave {} firmó hasta el lugar {} y el registro tiene {}: traiga lo demás de un par antes de firmar",
    ),
    (
        "key {}: the store holds entries up to sequence number {}, the head file beside the key knows {}: the key came from a backup or is used on two machines",
        "clave {}: el registro tiene entradas hasta el lugar {} y el archivo de cabeza, junto a la clave, conoce {}: la clave viene de un respaldo o se usa en dos equipos",
    ),
    (
        "key {} has signed two entries with sequence number {}: the store holds {}, the head file builds on {}",
        "la clave {} firmó dos entradas en el lugar {}: el registro tiene {} y el archivo de cabeza sigue a {}",
    ),
    ("up to {}", "hasta el {}"),
    ("none", "ninguna"),
    // Proofs.
    (
        "a header of the fork proof does not decode: {}",
        "un encabezado de la prueba no se puede leer: {}",
    ),
    (
        "a signature of the fork proof does not hold: {}",
        "una firma de la prueba no corresponde: {}",
    ),
    ("the fork proof names no ledger", "la prueba no nombra ningún registro"),
    ("both headers are entry {}", "los dos encabezados son de la entrada {}"),
    ("expected one key, found {} and {}", "se esperaba una sola clave; se encontraron {} y {}"),
    (
        "expected one sequence number, found {} and {}",
        "se esperaba un solo lugar; se encontraron {} y {}",
    ),
    (
        "expected one predecessor at sequence number {}, found two",
        "se esperaba una sola antecesora en el lugar {}; se encontraron dos",
    ),
    // Nodes.
    ("no entry {} is held", "aquí no hay ninguna entrada {}"),
    (
        "expected the id of an entry, or its first 4 or more hexadecimal digits, found {}",
        "se esperaba el id de una entrada, o sus primeros 4 o más dígitos hexadecimales; se encontró {}",
    ),
    (
        "{} entries begin with {}, the first two are {} and {}",
        "{} entradas empiezan con {}; las dos primeras son {} y {}",
    ),
    ("no node answers at {}: {}", "ningún nodo contesta en {}: {}"),
    ("no node answers at {}", "ningún nodo contesta en {}"),
    ("transport error: {}", "sin conexión: {}"),
    ("tcp connect error: {}", "no se pudo conectar: {}"),
    ("Connection refused (os error {})", "conexión rechazada"),
    ("{} has sent nothing for {} s", "{} no ha enviado nada en {} s"),
    (
        "expected a peer as host:port, found {}",
        "se esperaba un par como equipo:puerto; se encontró {}",
    ),
    // Plans, rules and amendments.
    ("line {}, column {}: {}", "línea {}, columna {}: {}"),
    ("not readable as YAML: {}", "no se puede leer como YAML: {}"),
    ("unknown key {}, expected one of: {}", "dato desconocido {}; se esperaba uno de: {}"),
    ("expected the key {}, found none", "se esperaba el dato {} y no está"),
    ("unknown word {}, expected one of: {}", "palabra desconocida {}; se esperaba una de: {}"),
    (
        "unknown source {}, expected assumption, or one described under sources: {}",
        "fuente desconocida {}; se esperaba assumption, o una de las que describe sources: {}",
    ),
    ("unknown council {}, expected one of: {}", "consejo desconocido {}; se esperaba uno de: {}"),
    ("expected {}, found {}", "se esperaba {}; se encontró {}"),
    ("a map of keys and values", "un grupo de datos con nombre"),
    ("a list", "una lista"),
    ("a text", "un texto"),
    ("a whole number", "un número entero"),
    ("true or false", "true o false"),
    ("a map", "un grupo de datos con nombre"),
    ("nothing", "nada"),
    ("a single value", "un solo valor"),
    ("an offset from UTC such as -06:00", "una diferencia con UTC como -06:00"),
    ("(there are none)", "(no hay ninguna)"),
    // A place and what is said of it: the last, for it fits too much.
    ("{}: {}", "{}: {}"),
];

#[cfg(test)]
mod tests {
    use constancia_ledger::bundle::BundleError;
    use constancia_ledger::entry::DecodeError;
    use constancia_ledger::id::{EntryId, PublicKey};
    use constancia_ledger::replay::ReplayError;
    use constancia_ledger::store::StoreError;

    use super::*;
    use crate::failure::with_causes;
    use crate::plan_file::read_plan_file;

    #[test]
    fn every_row_has_its_own_words_and_at_most_as_many_values() {
        let count = |text: &str| text.matches("{}").count();
        for (english, spanish) in ROWS {
            assert!(count(spanish) <= count(english), "{english}");
            assert!(english != spanish || *english == "{}: {}", "{english}");
        }
    }

    #[test]
    fn what_the_ledger_says_keeps_its_values() {
        let source = DecodeError::UnknownVersion { found: 9 };
        let key = PublicKey::from_bytes([7; 32]);
        let head = EntryId::from_bytes([8; 32]);
        let said = [
            with_causes(&BundleError::NotABundle),
            with_causes(&BundleError::CutOff { offset: 41 }),
            with_causes(&BundleError::Length { offset: 41 }),
            with_causes(&BundleError::NoEnd { offset: 41 }),
            with_causes(&BundleError::Entry { offset: 41, source }),
            with_causes(&ReplayError::HeadNotHeld { key, seq: 41, head }),
            with_causes(&StoreError::NoLedger { path: "nada-41".into() }),
            with_causes(&read_plan_file("plan: 41").unwrap_err()),
            with_causes(&read_plan_file("plann: 41").unwrap_err()),
            with_causes(&read_plan_file("- 41").unwrap_err()),
        ];
        for message in said {
            let spanish = in_spanish(&message).unwrap();
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(digits(&spanish), digits(&message), "{spanish}");
            for english in ["expected", "found", "the ", " at ", "is not", "unknown"] {
                assert!(!spanish.contains(english), "{english:?} in {spanish}");
            }
        }
    }
}
