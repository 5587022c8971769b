// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors and what to do about them.

mod spanish;
mod told;

use super::{Lang, look_up, words};
use told::{HINTS, STEP_HINTS, TITLES};

/// What an error of the ledger or of a node is about, by its code; none where its own text says
/// enough.
pub(crate) fn title(lang: Lang, code: &str) -> Option<&'static str> {
    look_up(TITLES, lang, code).filter(|title| !title.is_empty())
}

/// What to do about an error of the ledger or of a node, by its code.
pub(crate) fn hint(lang: Lang, code: &str) -> Option<&'static str> {
    let step = code.split('.').next().unwrap_or_default();
    look_up(HINTS, lang, code).or_else(|| look_up(STEP_HINTS, lang, step))
}

/// What the ledger or a node says, with its values, in the caller's language.
pub(crate) fn as_said(lang: Lang, message: &str) -> String {
    let spanish = match lang {
        Lang::Es => spanish::in_spanish(message),
        Lang::En => None,
    };
    spanish.unwrap_or_else(|| message.to_owned())
}

words! {
    /// A file cannot be read.
    file_unreadable(file, cause) {
        es: "no se puede leer {file}: {cause}",
        en: "cannot read {file}: {cause}",
    }
    /// A file cannot be written.
    file_unwritable(file, cause) {
        es: "no se puede escribir {file}: {cause}",
        en: "cannot write {file}: {cause}",
    }
    file_unwritable_hint() {
        es: "revise los permisos y el espacio en disco",
        en: "check permissions and free space",
    }
    /// Nothing is written over.
    file_exists(file) {
        es: "{file} ya existe y no se sobrescribe",
        en: "{file} exists and is not overwritten",
    }
    file_exists_hint() {
        es: "elija otro nombre, o mueva antes lo que hay",
        en: "choose another name, or move what is there",
    }
    /// A directory has something in it.
    file_not_empty(dir) {
        es: "la carpeta {dir} no está vacía",
        en: "the directory {dir} is not empty",
    }
    /// A file is too large.
    file_too_large(file, limit) {
        es: "{file} tiene más de {limit} bytes",
        en: "{file} has more than {limit} bytes",
    }
    /// A file is no UTF-8 text.
    file_not_text(file) {
        es: "{file} no es texto UTF-8",
        en: "{file} is not UTF-8 text",
    }
    file_not_text_hint() {
        es: "revise que sea el archivo debido, y guárdelo como texto UTF-8",
        en: "check that it is the right file, and save it as UTF-8 text",
    }
    file_not_csv_text_hint() {
        es: "en Excel, guárdelo como «CSV UTF-8 (delimitado por comas)»",
        en: "in Excel, save it as “CSV UTF-8 (comma delimited)”",
    }
    io_not_found() {
        es: "no existe",
        en: "it does not exist",
    }
    io_permission() {
        es: "no hay permiso",
        en: "permission denied",
    }
    io_directory() {
        es: "es una carpeta",
        en: "it is a directory",
    }
    io_not_directory() {
        es: "parte de la ruta es un archivo, no una carpeta",
        en: "a part of the path is a file, not a directory",
    }
    io_full() {
        es: "el disco está lleno",
        en: "the disk is full",
    }
    /// Standard input or output failed.
    stream(cause) {
        es: "falló la entrada o salida: {cause}",
        en: "input or output failed: {cause}",
    }
    /// The system gives no randomness.
    no_randomness(cause) {
        es: "el sistema no da números aleatorios («{cause}»)",
        en: "the system gives no random numbers: {cause}",
    }
    not_a_moment(found) {
        es: "«{found}» no es un momento",
        en: "“{found}” is no moment",
    }
    not_a_moment_hint() {
        es: "escriba una fecha, como 2024-09-30 (el final de ese día), o una hora con zona, como 2024-09-30T18:00:00-06:00",
        en: "write a date, such as 2024-09-30 (the end of that day), or a time with its zone, such as 2024-09-30T18:00:00-06:00",
    }
    not_a_frontier(file) {
        es: "{file} no tiene una frontera",
        en: "{file} has no frontier",
    }
    root_is_no_frontier(root) {
        es: "{root} es la raíz de una frontera: dice cuál es, pero no la contiene",
        en: "{root} is a frontier's root: it says which one is meant and does not hold it",
    }
    not_a_frontier_hint() {
        es: "sirve lo que escribe «constancia status --frontier», o el index.json de «constancia audit --out»",
        en: "what `constancia status --frontier` writes will do, or the index.json of `constancia audit --out`",
    }
    json_field(path) {
        es: "el borrador tiene un campo que no existe: {path}",
        en: "the draft has a field that does not exist: {path}",
    }
    json_kind(path, expected) {
        es: "en el borrador, {path} no es del tipo debido ({expected})",
        en: "in the draft, {path} is not {expected}",
    }
    json_choice(path, found) {
        es: "en el borrador, {path} no admite «{found}»",
        en: "in the draft, {path} has no choice “{found}”",
    }
    draft_field_hint() {
        es: "alguien cambió el borrador: pida que se prepare de nuevo",
        en: "somebody changed the draft: have it prepared again",
    }
    draft_not_json(file, cause) {
        es: "{file} no es un borrador; el lector de JSON dice, en inglés: «{cause}»",
        en: "{file} is no draft: {cause}",
    }
    draft_format(file, expected, found) {
        es: "{file} no es un borrador que este programa lea: se esperaba {expected} y se encontró «{found}»",
        en: "{file} is no draft that this program reads: expected {expected}, found “{found}”",
    }
    draft_ledger(file, found) {
        es: "{file} no dice de qué registro es: se esperaban 64 dígitos hexadecimales y se encontró «{found}»",
        en: "{file} does not say which ledger it is for: expected 64 hexadecimal digits, found “{found}”",
    }
    draft_empty(file) {
        es: "{file} no tiene nada que firmar",
        en: "{file} has nothing to sign",
    }
    draft_hint() {
        es: "un borrador se escribe con --prepare, por ejemplo «constancia report … --prepare BORRADOR»",
        en: "a draft is written with --prepare, for example `constancia report … --prepare DRAFT`",
    }
    passphrase_empty() {
        es: "la contraseña está vacía",
        en: "the passphrase is empty",
    }
    passphrase_empty_hint() {
        es: "para una clave sin contraseña (la de un nodo) use --no-passphrase",
        en: "for a key without passphrase (a node's) use --no-passphrase",
    }
    passphrase_differ() {
        es: "las dos contraseñas no son iguales",
        en: "the two passphrases differ",
    }
    passphrase_nobody() {
        es: "la clave pide contraseña y no hay terminal donde preguntarla",
        en: "the key needs a passphrase and there is no terminal to ask at",
    }
    passphrase_nobody_hint() {
        es: "use --passphrase-file ARCHIVO o la variable CONSTANCIA_PASSPHRASE",
        en: "use --passphrase-file FILE or the variable CONSTANCIA_PASSPHRASE",
    }
    key_not_found(file) {
        es: "no hay clave en {file}",
        en: "there is no key at {file}",
    }
    key_there_are(names) {
        es: "en esa carpeta hay: {names}",
        en: "that folder has: {names}",
    }
    key_none(folder) {
        es: "no hay claves en {folder}",
        en: "there are no keys in {folder}",
    }
    key_none_hint() {
        es: "haga una con «constancia key new NOMBRE», o diga cuál con --key ARCHIVO",
        en: "make one with `constancia key new NAME`, or say which with --key FILE",
    }
    key_several(names) {
        es: "hay varias claves: {names}",
        en: "there are several keys: {names}",
    }
    key_several_hint() {
        es: "diga cuál con --key NOMBRE",
        en: "say which with --key NAME",
    }
    key_name(found) {
        es: "«{found}» no sirve como nombre de clave",
        en: "“{found}” will not do as a key's name",
    }
    key_name_hint() {
        es: "use letras sin acento, dígitos, guion, guion bajo, punto y arroba; sin .pub al final",
        en: "use letters without accents, digits, hyphen, underscore, dot and at sign; no .pub at the end",
    }
    key_format(file, cause) {
        es: "{file} no es una clave privada OpenSSH («{cause}»)",
        en: "{file} is no OpenSSH private key: {cause}",
    }
    key_format_hint() {
        es: "«constancia key new NOMBRE» hace una; también sirve «ssh-keygen -t ed25519»",
        en: "`constancia key new NAME` makes one; `ssh-keygen -t ed25519` does too",
    }
    key_public_half(file) {
        es: "{file} es la mitad pública de una clave: no firma",
        en: "{file} is the public half of a key: it signs nothing",
    }
    key_public_half_hint() {
        es: "la clave privada es el archivo del mismo nombre sin .pub",
        en: "the private key is the file of the same name without .pub",
    }
    key_public_format(file, cause) {
        es: "{file} no es una clave pública OpenSSH («{cause}»)",
        en: "{file} is no OpenSSH public key: {cause}",
    }
    key_public_format_hint() {
        es: "se espera el archivo .pub, con una línea que empieza con ssh-ed25519",
        en: "expected the .pub file, one line that begins with ssh-ed25519",
    }
    key_not_ed25519(file) {
        es: "{file} no es una clave Ed25519",
        en: "{file} is no Ed25519 key",
    }
    key_wrong_passphrase(file) {
        es: "la contraseña no abre {file}",
        en: "the passphrase does not open {file}",
    }
    sign_not_granted(file, key, ledger) {
        es: "la clave {key} ({file}) no tiene permiso en el registro {ledger}; no se firmó nada",
        en: "the key {key} ({file}) has no grant in the ledger {ledger}; nothing was signed",
    }
    sign_not_granted_hint() {
        es: "use la clave que está en el acta constitutiva, o traiga antes lo nuevo con «constancia sync PAR»",
        en: "use the key that is in the charter, or fetch what is new first with `constancia sync PEER`",
    }
    sign_node_key(file, member) {
        es: "{file} es la clave del nodo de {member}: solo acusa recibo; no se firmó nada",
        en: "{file} is the node key of {member}: it only acknowledges; nothing was signed",
    }
    sign_node_key_hint() {
        es: "firme con la clave de quien responde por las cifras: --key NOMBRE",
        en: "sign with the key of whoever answers for the figures: --key NAME",
    }
    sign_peer_ahead(file, peer, seq) {
        es: "{peer} tiene entradas de la clave {file} hasta el lugar {seq} que aquí faltan; no se firmó nada",
        en: "{peer} holds entries of the key {file} up to place {seq} that are not here; nothing was signed",
    }
    sign_peer_ahead_hint(peer) {
        es: "estos datos vienen de una copia de seguridad: traiga lo que falta con «constancia sync {peer}» y firme después",
        en: "this data came from a backup: fetch what is missing with “constancia sync {peer}”, then sign",
    }
    sign_peer_differs(file, peer, seq) {
        es: "{peer} tiene otra entrada de la clave {file} en el lugar {seq}; no se firmó nada",
        en: "{peer} holds another entry of the key {file} at place {seq}; nothing was signed",
    }
    sign_peer_differs_hint(peer) {
        es: "la clave se usó en dos lugares o se restauró una copia: sincronice con {peer} y avise al consejo",
        en: "the key was used in two places, or a backup was restored: sync with {peer} and tell the council",
    }
    sign_no_peer(count) {
        es: "ningún par contesta ({count} conocidos): nadie confirma que esta es la última entrada de la clave; no se firmó nada",
        en: "no peer answers ({count} known): nobody confirms that this is the key's latest entry; nothing was signed",
    }
    sign_no_peer_hint() {
        es: "inténtelo con red; o añada --offline si está seguro de que no se restauró ninguna copia de seguridad",
        en: "try again with a connection; or pass --offline if you are sure that no backup was restored",
    }
    sign_forked(file, seq) {
        es: "la clave {file} está bifurcada en el lugar {seq}: ya no puede escribir; no se firmó nada",
        en: "the key {file} has forked at place {seq}: it can write no more; nothing was signed",
    }
    sign_forked_hint() {
        es: "avise al consejo y pida que habilite otra clave",
        en: "tell the council and ask for another key",
    }
    sign_other_ledger(name, draft, here) {
        es: "el borrador es del registro «{name}» ({draft}) y este es el {here}; no se firmó nada",
        en: "the draft is for the ledger “{name}” ({draft}), this one is {here}; nothing was signed",
    }
    sign_other_ledger_hint() {
        es: "elija con --data la carpeta de ese registro",
        en: "choose that ledger's folder with --data",
    }
    sign_no_effect(event, reason) {
        es: "{event} sin efecto: {reason}; no se firmó nada",
        en: "{event} without effect: {reason}; nothing was signed",
    }
    sign_no_effect_hint() {
        es: "lo firmado queda para siempre a la vista: revise con «constancia show ID» lo que se nombra",
        en: "what is signed stays in sight for ever: check what is named with `constancia show ID`",
    }
    sign_other_member_hint() {
        es: "solo quien informó corrige o retira; dé su propia cifra con «constancia report», o impugne esta con «constancia challenge»",
        en: "only the reporter corrects or withdraws; give your own figure with `constancia report`, or challenge this one with `constancia challenge`",
    }
    sign_own_hint() {
        es: "el informe es suyo: cámbielo con «constancia correct» o retírelo con «constancia withdraw»",
        en: "the report is your own: change it with `constancia correct` or withdraw it with `constancia withdraw`",
    }
    sign_named_not_held(event, entry) {
        es: "{event}: nombra la entrada {entry}, que no está en esta copia del registro; no se firmó nada",
        en: "{event}: it names the entry {entry}, which this replica does not hold; nothing was signed",
    }
    sign_named_not_held_hint() {
        es: "traiga lo nuevo con «constancia sync PAR» o «constancia import PAQUETE» y repita el comando",
        en: "fetch what is new with `constancia sync PEER` or `constancia import BUNDLE` and repeat the command",
    }
    sign_nodes_acknowledge() {
        es: "los acuses los escribe el nodo con su propia clave; no se firmó nada",
        en: "acknowledgements are written by the node with its own key; nothing was signed",
    }
    sign_nodes_acknowledge_hint() {
        es: "con el nodo en marcha: «constancia acknowledge»",
        en: "while the node runs: `constancia acknowledge`",
    }
    sign_against_plan() {
        es: "el plan no admite lo que se iba a firmar; no se firmó nada",
        en: "the plan does not bear what was to be signed; nothing was signed",
    }
    sign_against_plan_hint() {
        es: "lo firmado queda para siempre a la vista: corrija las cifras y prepare de nuevo el borrador",
        en: "what is signed stays in sight for ever: mend the figures and prepare the draft again",
    }
    sign_said_no() {
        es: "no se firmó nada, como usted indicó",
        en: "nothing was signed, as you said",
    }
    sign_nobody() {
        es: "no hay terminal donde preguntar si se firma; no se firmó nada",
        en: "there is no terminal to ask whether to sign; nothing was signed",
    }
    sign_nobody_hint() {
        es: "en un guion, revise lo que se va a firmar y repita con --yes",
        en: "in a script, check what is to be signed and repeat with --yes",
    }
    sign_bad_context() {
        es: "el nodo respondió algo que no puede ser; no se firmó nada",
        en: "the node answered something that cannot be; nothing was signed",
    }
    desk_bad_answer(what) {
        es: "el registro respondió algo que no puede ser («{what}»)",
        en: "the ledger answered something that cannot be: {what}",
    }
    reference_not_an_id(found) {
        es: "«{found}» no es el id de una entrada",
        en: "“{found}” is no entry id",
    }
    reference_other_event(id, wanted, found) {
        es: "la entrada {id} no sirve aquí: se esperaba {wanted} y es {found}",
        en: "the entry {id} will not do here: expected {wanted}, found {found}",
    }
    reference_hint() {
        es: "«constancia log» muestra los ids; bastan sus primeros dígitos, o INDICADOR/PERIODO, como C-01/2023",
        en: "`constancia log` shows the ids; their first digits suffice, or INDICATOR/PERIOD, such as C-01/2023",
    }
    /// Of events that no indicator and period name.
    reference_by_id_hint(event) {
        es: "«constancia log --event {event}» muestra los ids; bastan sus primeros dígitos",
        en: "`constancia log --event {event}` shows the ids; their first digits suffice",
    }
    not_a_reference(found) {
        es: "se esperaba INDICADOR/PERIODO, como C-01/2023 o C-01/2023@sspc; se encontró «{found}»",
        en: "expected INDICATOR/PERIOD, such as C-01/2023 or C-01/2023@sspc, found “{found}”",
    }
    nothing_about(about) {
        es: "no hay nada vigente sobre {about}",
        en: "nothing stands about {about}",
    }
    nothing_about_hint(indicator) {
        es: "«constancia history {indicator}» muestra lo que hay de ese indicador, y «constancia log --indicator {indicator}» los ids",
        en: "`constancia history {indicator}` shows what there is of that indicator, `constancia log --indicator {indicator}` the ids",
    }
    several_about(about, fitting) {
        es: "hay varias entradas sobre {about}: {fitting}",
        en: "several entries are about {about}: {fitting}",
    }
    several_about_hint(example) {
        es: "diga de quién, como {example}, o escriba los primeros dígitos del id",
        en: "say whose, such as {example}, or write the first digits of the id",
    }
    several_alike_hint() {
        es: "escriba los primeros dígitos de uno de esos ids",
        en: "write the first digits of one of these ids",
    }
    reference_no_payload(id) {
        es: "el contenido de la entrada {id} aún no ha llegado",
        en: "the payload of entry {id} has not arrived",
    }
    reference_no_payload_hint() {
        es: "tráigalo con «constancia sync PAR»",
        en: "fetch it with `constancia sync PEER`",
    }
    evidence_not_found(item) {
        es: "«{item}» no es un archivo ni la huella de uno que se haya adjuntado",
        en: "“{item}” is neither a file nor the hash of an attached one",
    }
    evidence_not_found_hint() {
        es: "dé el nombre del archivo, o adjúntelo antes con «constancia attach ARCHIVO»",
        en: "give the file's name, or attach it first with `constancia attach FILE`",
    }
    ledger_exists(data) {
        es: "la carpeta {data} ya tiene un registro; no se firmó nada",
        en: "the folder {data} has a ledger already; nothing was signed",
    }
    ledger_exists_hint() {
        es: "elija otra carpeta con --data",
        en: "choose another folder with --data",
    }
    init_member(found) {
        es: "se esperaba INTEGRANTE=firma.pub o INTEGRANTE=firma.pub,nodo.pub y se encontró «{found}»",
        en: "expected SLUG=sign.pub or SLUG=sign.pub,node.pub, found “{found}”",
    }
    init_member_hint() {
        es: "por ejemplo: --member sre=sre-firma.pub,sre-nodo.pub",
        en: "for example: --member sre=sre-sign.pub,sre-node.pub",
    }
    init_no_such_member(found) {
        es: "el plan no tiene al integrante «{found}»",
        en: "the plan has no member “{found}”",
    }
    init_same_key(key, members) {
        es: "la clave {key} se dio dos veces ({members}): cada clave tiene un solo dueño y una sola facultad",
        en: "the key {key} was given twice ({members}): a key has one holder and one scope",
    }
    init_same_key_hint() {
        es: "haga una clave para cada persona y una para cada nodo, con «constancia key new»",
        en: "make a key for each person and one for each node, with `constancia key new`",
    }
    which_council(names) {
        es: "el plan describe varios consejos; elija uno con --council: {names}",
        en: "the plan describes several councils; choose one with --council: {names}",
    }
    not_a_ledger_id(found) {
        es: "«{found}» no es el id de un registro: se esperan 64 dígitos hexadecimales",
        en: "“{found}” is no ledger id: expected 64 hexadecimal digits",
    }
    not_ledger_digits(found) {
        es: "«{found}» no son los primeros dígitos del id de un registro: se esperan de 4 a 64 dígitos hexadecimales",
        en: "“{found}” are not the first digits of a ledger id: expected 4 to 64 hexadecimal digits",
    }
    not_a_peer(found) {
        es: "«{found}» no es la dirección de un par",
        en: "“{found}” is no peer address",
    }
    not_a_peer_hint() {
        es: "se espera EQUIPO:PUERTO, como 10.0.0.5:4711; para un paquete, revise que el archivo exista",
        en: "expected HOST:PORT, such as 10.0.0.5:4711; for a bundle, check that the file exists",
    }
    other_ledger(from, expected, found) {
        es: "{from} tiene otro registro: se pidió {expected} y tiene {found}",
        en: "{from} keeps another ledger: asked for {expected}, found {found}",
    }
    other_ledger_hint() {
        es: "pida el id del registro por otro medio a quien lo fundó y compare todos los dígitos",
        en: "get the ledger id from its founder by another way and compare every digit",
    }
    which_observation() {
        es: "el informe tiene varias observaciones: diga cuál con --period y --by, o --whole para el informe entero",
        en: "the report has several observations: say which with --period and --by, or --whole for the whole report",
    }
    no_such_observation(wanted) {
        es: "el informe no tiene la observación «{wanted}»",
        en: "the report has no observation “{wanted}”",
    }
    observations_there_are(places) {
        es: "sus observaciones: {places}",
        en: "its observations: {places}",
    }
    unknown_event(found) {
        es: "«{found}» no es ningún suceso",
        en: "“{found}” is no event",
    }
    unknown_member(found) {
        es: "el registro no tiene a ningún integrante «{found}»",
        en: "the ledger has no member “{found}”",
    }
    other_report(expected) {
        es: "una corrección sustituye un solo informe: todas las filas deben ser de {expected}",
        en: "a correction replaces one report: every row must be of {expected}",
    }
    options_needed(options) {
        es: "faltan las opciones {options}",
        en: "the options {options} are needed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_error_says_what_to_do_in_both_languages() {
        let document = include_str!("../../../docs/errors.md");
        let codes = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let mut count = 0;
        for code in codes {
            count += 1;
            for lang in [Lang::Es, Lang::En] {
                assert!(hint(lang, code).is_some_and(|hint| !hint.is_empty()), "{code}");
            }
        }
        assert!(count > 150, "{count}");
    }
}
