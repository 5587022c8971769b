// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What cannot be done with keys, forks, proofs, proposals and versions of the plan, and what to do.

use super::words;

words! {
    honoured_of_other_key(entry, key, found) {
        es: "la entrada {entry} no es de la clave {key}, sino de {found}",
        en: "the entry {entry} is none of the key {key}, but of {found}",
    }
    honoured_hint() {
        es: "diga la última entrada de esa clave que debe contar, o «none» si ninguna",
        en: "say the last entry of that key that is to count, or `none` if none is",
    }
    not_a_proof(file) {
        es: "{file} no es una prueba de bifurcación",
        en: "{file} is no fork proof",
    }
    proof_damaged(file) {
        es: "{file} está dañado: tras su primera línea no hay una prueba de bifurcación",
        en: "{file} is damaged: what follows its first line is no fork proof",
    }
    not_a_proof_hint() {
        es: "«constancia proof show CLAVE --out ARCHIVO» escribe una",
        en: "`constancia proof show KEY --out FILE` writes one",
    }
    rotate_new_ended(name) {
        es: "la clave nueva {name} ya terminó",
        en: "the new key {name} has ended",
    }
    rotate_no_successor(name) {
        es: "la clave {name} no puede tomar el lugar de la otra: hace falta una clave distinta, de la misma institución y con la misma facultad; no se firmó nada",
        en: "the key {name} cannot take the other's place: that takes another key, of the same member and the same scope; nothing was signed",
    }
    rotate_new_ended_hint() {
        es: "elija otro nombre con --new",
        en: "choose another name with --new",
    }
    retire_not_own(key, owner) {
        es: "la clave {key} es de {owner}, que es quien la da de baja; no se firmó nada",
        en: "the key {key} is of {owner}, which alone retires it; nothing was signed",
    }
    retire_ended(key, by) {
        es: "la clave {key} ya terminó, por {by}; no se firmó nada",
        en: "the key {key} has ended already, by {by}; nothing was signed",
    }
    no_fork(key) {
        es: "la clave {key} no tiene ninguna bifurcación probada",
        en: "the key {key} has no proven fork",
    }
    no_fork_hint() {
        es: "«constancia fork list» muestra las bifurcaciones",
        en: "`constancia fork list` shows the forks",
    }
    not_proposed(found) {
        es: "el archivo del plan no propone el indicador «{found}»",
        en: "the plan file proposes no indicator “{found}”",
    }
    no_such_change(found) {
        es: "--declare-break: los cambios no fijan el indicador «{found}»",
        en: "--declare-break: the changes do not set the indicator “{found}”",
    }
    amends_nothing() {
        es: "el plan en vigor no tiene algo que se quiere quitar, o una lista pasaría de su límite",
        en: "the plan in force lacks something that is to be removed, or a list would grow beyond its limit",
    }
    unknown_version(found) {
        es: "--plan-version: el plan no tiene ninguna versión «{found}»",
        en: "--plan-version: the plan has no version “{found}”",
    }
    no_such_proposal(about) {
        es: "no hay ninguna propuesta «{about}»",
        en: "there is no proposal “{about}”",
    }
    several_proposals(about, fitting) {
        es: "hay varias propuestas «{about}»: {fitting}",
        en: "there are several proposals “{about}”: {fitting}",
    }
    several_proposals_hint(example) {
        es: "diga sobre qué, como {example}, o escriba los primeros dígitos del id",
        en: "say about what, such as {example}, or write the first digits of the id",
    }
    sign_key_ended(file, seq, by) {
        es: "la clave {file} terminó en el lugar {seq}: {by}; no se firmó nada",
        en: "the key {file} ended at place {seq}: {by}; nothing was signed",
    }
    sign_ended_by_member(member, entry) {
        es: "la dio de baja {member} (entrada {entry})",
        en: "{member} retired it (entry {entry})",
    }
    sign_ended_by_council(proposal) {
        es: "lo decidió el consejo (propuesta {proposal})",
        en: "the council decided it (proposal {proposal})",
    }
    sign_key_ended_hint() {
        es: "haga otra clave con «constancia key new» y pida al consejo que la habilite con «constancia key grant»",
        en: "make another key with `constancia key new` and ask the council to grant it with `constancia key grant`",
    }
    unknown_key(found) {
        es: "«{found}» no es ninguna clave de este registro",
        en: "“{found}” is no key of this ledger",
    }
    member_signs_no_more(member) {
        es: "el integrante {member} no tiene ninguna clave en vigor que firme",
        en: "the member {member} has no key in force that signs",
    }
    member_signs_no_more_hint() {
        es: "«constancia key list --granted» muestra todas las claves del registro: nombre una que terminó, o la de un nodo, por sus primeros dígitos",
        en: "`constancia key list --granted` shows all keys of the ledger: name one that has ended, or a node's, by its first digits",
    }
    key_not_granted(key, found) {
        es: "la clave {key} («{found}») no está habilitada en este registro",
        en: "the key {key} (“{found}”) is not granted in this ledger",
    }
    unknown_key_hint() {
        es: "«constancia key list --granted» muestra las claves del registro; sirven sus primeros dígitos, su archivo .pub o el integrante que tiene solo una",
        en: "`constancia key list --granted` shows the ledger's keys; their first digits will do, their .pub file, or the member that has only one",
    }
    several_keys(found, fitting) {
        es: "«{found}» puede ser varias claves: {fitting}",
        en: "“{found}” may be several keys: {fitting}",
    }
    several_keys_hint() {
        es: "nombre la clave por sus primeros dígitos, tantos como haga falta",
        en: "name the key by its first digits, as many as it takes",
    }
    shown_damaged(file) {
        es: "{file}, que guarda lo que los pares mostraron de la clave, no se puede leer; no se firmó nada",
        en: "{file}, which keeps what peers showed of the key, cannot be read; nothing was signed",
    }
    passphrase_interrupted() {
        es: "se interrumpió en la contraseña",
        en: "interrupted at the passphrase",
    }
    key_too_short(found, least) {
        es: "«{found}» es muy corto: una clave se nombra con {least} dígitos o más",
        en: "“{found}” is too short: {least} digits or more name a key",
    }
}
