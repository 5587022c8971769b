// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Of what is on the disk, and of the operating system.

use super::Row;

/// English, Spanish.
pub(super) const STORES: &[Row] = &[
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
    ("no room left on the disk for {}", "no queda espacio en el disco para {}"),
    (
        "the entry log takes nothing more: an earlier write failed; reopen the store",
        "el archivo de entradas no recibe nada más: una escritura falló antes; abra de nuevo el registro",
    ),
    (
        "{} has layout {}, this program reads up to {}",
        "{} tiene la disposición {}; este programa lee hasta la {}",
    ),
    (
        "a record has at most {} bytes, found {}",
        "un elemento del archivo tiene a lo más {} bytes; se encontraron {}",
    ),
    (
        "at {} byte {} {} records are missing, found {} to replace them",
        "en {}, byte {}, faltan {} elementos y hay {} para ponerlos",
    ),
    ("no record begins at {} byte {}", "en {}, byte {}, no empieza ningún elemento"),
    (
        "expected an attachment with hash {}, found {}",
        "se esperaba un archivo adjunto con la huella {} y es {}",
    ),
    ("the attachment {} is damaged", "el archivo adjunto {} está dañado"),
    ("the index is damaged: {}", "el índice está dañado: {}"),
    ("the index cannot be used: {}", "el índice no se puede usar: {}"),
    (
        "entry {} in the log does not verify: {}",
        "la entrada {} que está guardada no se puede comprobar: {}",
    ),
    ("cannot append to {}", "no se puede añadir a {}"),
    ("cannot create {}", "no se puede crear {}"),
    ("cannot cut {}", "no se puede acortar {}"),
    ("cannot list {}", "no se puede listar {}"),
    ("cannot lock {}", "no se puede apartar {}"),
    ("cannot open {}", "no se puede abrir {}"),
    ("cannot read {}", "no se puede leer {}"),
    ("cannot remove {}", "no se puede borrar {}"),
    ("cannot rename {}", "no se puede cambiar de nombre {}"),
    ("cannot sync {}", "no se puede asegurar en el disco {}"),
    ("cannot wipe {}", "no se puede vaciar {}"),
    ("cannot write again {}", "no se puede escribir de nuevo {}"),
    ("cannot write {}", "no se puede escribir {}"),
    (
        "an unfinished write of {} bytes was cut off at {} byte {} and kept in {}",
        "una escritura sin terminar, de {} bytes, se cortó en {}, byte {}, y se guardó en {}",
    ),
    ("process {}", "proceso {}"),
    ("segment {}", "segmento {}"),
    // What is wrong with a record.
    ("the record's head is cut off", "el principio del elemento está cortado"),
    (
        "no record begins here: its head is damaged",
        "aquí no empieza ningún elemento: su principio está dañado",
    ),
    (
        "a record has at most {} bytes, found length {}",
        "un elemento tiene a lo más {} bytes; dice que tiene {}",
    ),
    ("the record is cut off", "el elemento está cortado"),
    ("the record's checksum does not match", "la suma de comprobación del elemento no corresponde"),
    (
        "expected a record of kind 1 to 5, found {}",
        "se esperaba un elemento del tipo 1 a 5 y es del {}",
    ),
    (
        "the padding, or a record that is lost or dropped, is not empty",
        "el relleno, o un elemento perdido o quitado, no está vacío",
    ),
    ("the first line is cut off", "la primera línea está cortada"),
    ("the first line is not as it was written", "la primera línea no está como se escribió"),
    ("expected record number {}, found {}", "se esperaba el elemento número {} y es el {}"),
    ("{} records before number {} are missing", "faltan {} elementos antes del número {}"),
    (
        "expected first record number {}, found {}",
        "se esperaba {} como número del primer elemento y es {}",
    ),
    ("the segment file is missing", "falta el archivo del segmento"),
    ("the file is missing", "falta el archivo"),
    ("expected segment {}, found {}", "se esperaba el segmento {} y es el {}"),
    (
        "the segment is of another log of this ledger",
        "el segmento es de otro archivo de entradas de este registro",
    ),
    (
        "the log ends here but was durable up to {} byte {}",
        "el archivo termina aquí y estuvo completo hasta {}, byte {}",
    ),
    (
        "the first line, the end note and the charter cannot be read",
        "no se pueden leer ni la primera línea, ni la nota del final, ni el acta constitutiva",
    ),
    ("what it builds on is missing: {}", "falta aquello a lo que sigue: {}"),
    ("a parent is missing", "falta una antecesora"),
    ("its slot is taken", "su lugar está ocupado"),
    ("the entry of this payload is missing", "falta la entrada de este contenido"),
    ("the entry of this payload cannot be read", "la entrada de este contenido no se puede leer"),
    ("the payload is not the one that was signed", "el contenido no es el que se firmó"),
    ("its record is missing, its payload is here", "falta su elemento y su contenido está aquí"),
    ("the record holds another entry", "el elemento tiene otra entrada"),
    ("the record holds another payload", "el elemento tiene otro contenido"),
    ("expected at most {} bytes, found {}", "se esperaban a lo más {} bytes; se encontraron {}"),
    ("it is not what the log says", "no es lo que dice el archivo de entradas"),
    ("it is missing", "falta"),
    ("it lacks entry {}", "le falta la entrada {}"),
    (
        "its row of entry {} is not what the log says",
        "lo que dice de la entrada {} no es lo que dice el archivo de entradas",
    ),
    ("expected {} entries, found {}", "se esperaban {} entradas y hay {}"),
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
    (
        "key {}: expected to sign sequence number {} next, found {}",
        "clave {}: tocaba firmar el lugar {} y es el {}",
    ),
    ("it has no first line", "no tiene primera línea"),
    ("its first line is not text", "su primera línea no es texto"),
    ("its check does not match", "su suma de comprobación no corresponde"),
    // The operating system and other libraries: what is most common.
    ("Address already in use (os error {})", "la dirección ya está en uso"),
    ("Cannot assign requested address (os error {})", "la dirección no es de este equipo"),
    ("Connection refused (os error {})", "conexión rechazada"),
    ("Connection reset by peer (os error {})", "el otro equipo cortó la conexión"),
    ("Connection timed out (os error {})", "la conexión tardó demasiado"),
    ("Input/output error (os error {})", "el disco no leyó o no escribió"),
    ("Is a directory (os error {})", "es una carpeta"),
    ("Network is unreachable (os error {})", "no hay red hacia esa dirección"),
    ("No route to host (os error {})", "no hay camino hacia ese equipo"),
    ("No space left on device (os error {})", "el disco está lleno"),
    ("No such file or directory (os error {})", "no existe"),
    ("Not a directory (os error {})", "parte de la ruta no es una carpeta"),
    ("Permission denied (os error {})", "no hay permiso"),
    ("Read-only file system (os error {})", "el disco es de solo lectura"),
    ("failed to decode Protobuf message: {}", "no es protobuf («{}»)"),
];
