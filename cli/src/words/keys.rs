// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Keys that the ledger knows, and their rotation.

use super::words;

words! {
    in_force() {
        es: "en vigor",
        en: "in force",
    }
    forked(seq) {
        es: "bifurcada en el lugar {seq}",
        en: "forked at place {seq}",
    }
    ended_after(seq, by) {
        es: "terminó después de la entrada #{seq}, por {by}",
        en: "ended after entry #{seq}, by {by}",
    }
    ended_whole(by) {
        es: "nada de ella cuenta, por {by}",
        en: "nothing of it counts, by {by}",
    }
    made(name, key) {
        es: "Clave nueva hecha: {name} ({key})",
        en: "New key made: {name} ({key})",
    }
    rotation_reason(old) {
        es: "Sustituye a la clave {old}",
        en: "Takes the place of the key {old}",
    }
    retirement_reason(new) {
        es: "La sustituye la clave {new}",
        en: "The key {new} takes its place",
    }
    step_one(new) {
        es: "Paso 1 de 3: se propone al consejo la clave nueva {new}.",
        en: "Step 1 of 3: the new key {new} is put before the council.",
    }
    after_step_one(old) {
        es: "Cuando el consejo la apruebe, repita «constancia key rotate {old}».",
        en: "Once the council has passed it, repeat `constancia key rotate {old}`.",
    }
    step_two(new) {
        es: "Paso 2 de 3: se espera que el consejo habilite {new}.",
        en: "Step 2 of 3: the council is awaited to grant {new}.",
    }
    awaited(step, proposal, tally) {
        es: "{step} Propuesta {proposal}: {tally}",
        en: "{step} Proposal {proposal}: {tally}",
    }
    step_three(new, old) {
        es: "Paso 3 de 3: {new} ya está habilitada; se da de baja {old}.",
        en: "Step 3 of 3: {new} is granted; {old} is retired.",
    }
    after_step_three(old, new) {
        es: "Listo: {old} terminó; firme desde ahora con --key {new}.",
        en: "Done: {old} has ended; sign with --key {new} from now on.",
    }
    after_step_three_node(old, new) {
        es: "Listo: {old} terminó; ponga el nodo en marcha desde ahora con --node-key {new}.",
        en: "Done: {old} has ended; run the node with --node-key {new} from now on.",
    }
    rotated(new, old, by) {
        es: "Nada por hacer: {new} está en vigor y {old} terminó (por {by}).",
        en: "Nothing to do: {new} is in force and {old} has ended (by {by}).",
    }
}
