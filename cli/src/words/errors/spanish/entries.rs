// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Of entries, their order, proofs, bundles and states.

use super::Row;

/// English, Spanish.
pub(super) const ENTRIES: &[Row] = &[
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
    ("the item at byte {} is not a bundle item", "el elemento del byte {} no es de un paquete"),
    (
        "the item at byte {} holds neither an entry nor a fork proof",
        "el elemento del byte {} no tiene ni entrada ni prueba de bifurcación",
    ),
    (
        "the item at byte {} does not re-encode to its own bytes",
        "el elemento del byte {} no está escrito en su única forma",
    ),
    ("the entry at byte {} does not decode", "la entrada del byte {} no se puede leer"),
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
    ("cannot read the bundle at byte {}", "no se puede leer el paquete en el byte {}"),
    ("cannot write the bundle", "no se puede escribir el paquete"),
    ("the store failed", "el registro guardado falló"),
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
    ("expected a SignedEntry message", "no es una entrada firmada"),
    (
        "the SignedEntry message does not re-encode to its own bytes",
        "la entrada no está escrita en su única forma",
    ),
    (
        "a header has at most {} bytes, found {}",
        "un encabezado tiene a lo más {} bytes; se encontraron {}",
    ),
    ("expected a Header message", "no es un encabezado"),
    (
        "the header does not re-encode to its own bytes",
        "el encabezado no está escrito en su única forma",
    ),
    ("expected header version {}, found {}", "se esperaba la versión {} del encabezado y es la {}"),
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
    (
        "payload and salt come together, found only the {}",
        "contenido y sal vienen juntos y solo está {}",
    ),
    ("payload", "el contenido"),
    ("salt", "la sal"),
    (
        "prev is empty only in the charter (seq 0, height 0, nothing seen), found seq {}, height {}, {} seen",
        "solo el acta constitutiva no tiene antecesora (lugar 0, altura 0, nada visto); esta tiene lugar {}, altura {} y {} vistas",
    ),
    (
        "an entry with parents has a height of at least 1, found 0",
        "una entrada con antecesoras tiene una altura de 1 o más y tiene 0",
    ),
    (
        "seen is ascending and distinct, found {} after {}",
        "lo visto va en orden ascendente y sin repetir; se encontró {} después de {}",
    ),
    (
        "the LatePayload message does not re-encode to its own bytes",
        "el contenido que llegó después no está escrito en su única forma",
    ),
    (
        "the author is not a usable Ed25519 key: {}",
        "quien firma no tiene una clave Ed25519 que sirva: {}",
    ),
    ("it does not decode", "no se puede leer"),
    ("it does not verify", "no se puede comprobar"),
    ("expected an entry of {}, found one of {}", "se esperaba una entrada de {} y es de {}"),
    ("the draft is not a valid entry", "el borrador no da una entrada que valga"),
    ("the signature that was made does not hold", "la firma que se hizo no corresponde"),
    ("the key did not sign", "la clave no firmó"),
    (
        "a draft without prev founds a ledger, one with prev needs it named",
        "un borrador sin antecesora funda un registro; uno con antecesora necesita que se diga de cuál es",
    ),
    (
        "expected a time such as 2024-09-30T06:00:00Z, found {}",
        "se esperaba una hora como 2024-09-30T06:00:00Z; se encontró {}",
    ),
    // A first entry that is no charter.
    (
        "its header says that it is no governance entry",
        "su encabezado dice que no es una entrada de gobierno",
    ),
    ("its payload is missing", "falta su contenido"),
    ("its event is not a charter", "su suceso no es un acta constitutiva"),
    ("it has a predecessor", "sigue a otra entrada"),
    ("the log is empty", "no hay ninguna entrada"),
    ("expected an entry first, found {}", "se esperaba primero una entrada y es {}"),
    // Payloads that are no event.
    (
        "expected protobuf fields, found something else",
        "se esperaban campos de protobuf y es otra cosa",
    ),
    ("expected at most {} of {}, found more", "se esperaban a lo más {} de «{}» y hay más"),
    ("expected an Event message", "se esperaba un suceso"),
    (
        "the event does not re-encode to its own bytes: it has an unknown field, or fields out of order",
        "el suceso no está escrito en su única forma: tiene un campo desconocido, o campos en desorden",
    ),
    ("expected a body, found none", "el suceso no dice nada"),
    (
        "the header announces {}, found {}, which is {}",
        "el encabezado anuncia {}; el suceso es «{}», que es {}",
    ),
    ("Governance", "gobierno"),
    ("Acknowledge", "acuse de recibo"),
    ("Fact", "un hecho"),
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
    ("the view ends at {}; the ledger {}", "la vista termina el {}; el registro {}"),
    ("began at {}", "comenzó el {}"),
    ("has not been read", "aún no se lee"),
    (
        "the founder's key {} has one first entry, the charter",
        "la clave de quien fundó, {}, tiene una sola primera entrada: el acta constitutiva",
    ),
    (
        "key {} seq {}: expected prev to be the author's entry {}, found entry {} of {} ({})",
        "clave {}, lugar {}: se esperaba como antecesora la entrada {} de esa clave y es la {} de {} ({})",
    ),
    (
        "key {} seq {}: expected height {}, found {}",
        "clave {}, lugar {}: se esperaba la altura {} y es {}",
    ),
    (
        "key {} seq {}: seen lists {} of the author's own feed",
        "clave {}, lugar {}: cita como vista {}, que es de su propia cadena",
    ),
    (
        "key {} seq {}: expected a claimed time of at least {} ms, found {}",
        "clave {}, lugar {}: se esperaba una hora declarada de {} ms o más y es {}",
    ),
    (
        "key {} seq {}: a governance entry needs its payload",
        "clave {}, lugar {}: una entrada de gobierno no viene sin su contenido",
    ),
    (
        "at most {} entries or {} bytes wait for a parent, of keys without a grant {}, found {} entries and {} bytes waiting",
        "a lo más esperan {} entradas o {} bytes a que llegue una antecesora, de claves sin permiso {}; ya esperan {} entradas y {} bytes",
    ),
    (
        "expected head {} to be key {} seq {}, found key {} seq {}",
        "se esperaba que la cabeza {} fuera de la clave {}, lugar {}; es de la clave {}, lugar {}",
    ),
    (
        "key {}: no proof of a fork at sequence number {} or below is held",
        "clave {}: aquí falta la prueba de una bifurcación en el lugar {} o antes",
    ),
    // Proofs.
    ("a header of the fork proof does not decode", "un encabezado de la prueba no se puede leer"),
    ("a signature of the fork proof does not hold", "una firma de la prueba no corresponde"),
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
    (
        "a charter by {} proves no fork: two charters are two ledgers",
        "un acta constitutiva de {} no prueba ninguna bifurcación: dos actas son dos registros",
    ),
    (
        "the fork proof is not in canonical form: smaller id first, no other field",
        "la prueba no está escrita en su única forma: primero el id menor y ningún otro campo",
    ),
    // Frontiers.
    ("heads[{}]: not an identifier", "cabeza {}: no es un identificador"),
    (
        "heads are ascending by key and distinct, found {} out of place",
        "las cabezas van en el orden de sus claves y sin repetir; {} está fuera de lugar",
    ),
    ("feed {} has neither a head nor a fork", "la cadena de {} no tiene ni cabeza ni bifurcación"),
    (
        "feed {}: expected a head below seq {}, found seq {}",
        "cadena de {}: se esperaba una cabeza antes del lugar {} y está en el {}",
    ),
    (
        "decisions are ascending, distinct entry ids",
        "las decisiones son ids de entradas, en orden y sin repetir",
    ),
    (
        "expected a frontier as hexadecimal text",
        "se esperaba una frontera en dígitos hexadecimales",
    ),
    (
        "expected 64 hexadecimal digits, found {}",
        "se esperaban 64 dígitos hexadecimales; se encontró {}",
    ),
    // Documents of a state.
    ("document {} could not be written", "el documento {} no se pudo escribir"),
    ("document {} is missing", "falta el documento {}"),
    ("document {} is not listed in index.json", "el documento {} no está en index.json"),
    (
        "document {}: expected BLAKE3 {}, found {}",
        "documento {}: se esperaba la huella BLAKE3 {} y es {}",
    ),
    (
        "document {} does not have the layout of format {}",
        "el documento {} no tiene la forma del formato {}",
    ),
];
