// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Forks and their proofs.

use super::words;

words! {
    no_forks() {
        es: "Ninguna clave se ha bifurcado.",
        en: "No key has forked.",
    }
    fork_line(key, member, seq) {
        es: "clave {key} de {member}, bifurcada en el lugar {seq}",
        en: "key {key} of {member}, forked at place {seq}",
    }
    not_settled() {
        es: "sin resolver; nada cuenta desde ahí",
        en: "not settled; nothing counts from there on",
    }
    settled_to(proposal, seq, entry) {
        es: "resuelta por la decisión {proposal}: cuenta hasta la entrada #{seq} ({entry})",
        en: "settled by decision {proposal}: it counts up to entry #{seq} ({entry})",
    }
    settled_none(proposal) {
        es: "resuelta por la decisión {proposal}: nada cuenta desde ahí",
        en: "settled by decision {proposal}: nothing counts from there on",
    }
    branch(number) {
        es: "Rama {number}",
        en: "Branch {number}",
    }
    not_held(entry) {
        es: "{entry}: de ella solo se tiene lo firmado en la prueba",
        en: "{entry}: only what the proof has of it is held",
    }
    resolve_next(key) {
        es: "El consejo la resuelve: «constancia fork resolve {key} --honour ENTRADA», o «--honour none» si no cuenta nada.",
        en: "The council settles it: `constancia fork resolve {key} --honour ENTRY`, or `--honour none` if nothing counts.",
    }
    proof_holds() {
        es: "La prueba es buena: una misma clave firmó dos entradas distintas en el mismo lugar.",
        en: "The proof holds: one key signed two different entries in one place.",
    }
    proof_fails(what, code) {
        es: "La prueba no es buena: {what} [{code}]",
        en: "The proof does not hold: {what} [{code}]",
    }
    proof_ledger(ledger) {
        es: "registro    {ledger}",
        en: "ledger      {ledger}",
    }
    proof_key(key) {
        es: "clave       {key}",
        en: "key         {key}",
    }
    proof_slot(seq) {
        es: "lugar       {seq}",
        en: "place       {seq}",
    }
    proof_entry(entry, time) {
        es: "entrada     {entry}, según su reloj {time}",
        en: "entry       {entry}, by its clock {time}",
    }
    proof_written(file) {
        es: "Prueba escrita en {file}.",
        en: "Proof written to {file}.",
    }
    proof_next(file) {
        es: "Quien quiera la comprueba sin red ni registro: «constancia proof check {file}».",
        en: "Anybody checks it without network or ledger: `constancia proof check {file}`.",
    }
}
