// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What follows from a decision beyond what it says itself.

use super::words;

words! {
    statements_void(count) {
        es: "quedan sin efecto con él las entradas que lo nombran: {count}",
        en: "the entries that name it become void with it: {count}",
    }
    /// An open challenge among them.
    challenge_void(line) {
        es: "{line} (estaba abierta)",
        en: "{line} (it was open)",
    }
    proposal_idle(proposal, decision) {
        es: "la propuesta {proposal} ya no podrá surtir efecto: {decision}",
        en: "the proposal {proposal} can have no effect any more: {decision}",
    }
    asked_already(proposal, member) {
        es: "la propuesta {proposal} de {member}, aún abierta, pide lo mismo: cuando una se apruebe, la otra no cambiará nada",
        en: "the proposal {proposal} by {member}, still open, asks for the same: once one has passed, the other changes nothing",
    }
    excluded_by(proposal, member) {
        es: "la propuesta {proposal} de {member}, aún abierta, trata de lo mismo: de las dos surte efecto solo la que se apruebe primero",
        en: "the proposal {proposal} by {member}, still open, is about the same: of the two only the one that passes first has its effect",
    }
    changes_nothing() {
        es: "lo que pide ya es así; al aprobarse solo crea una versión, y las enmiendas abiertas de la versión de hoy quedan sin efecto",
        en: "what it asks for holds already; if it passes it only makes a version, and open amendments of the present one have no effect any more",
    }
    challenge_closed(challenge) {
        es: "la impugnación {challenge} ya está cerrada",
        en: "the challenge {challenge} is closed already",
    }
    named_idle(entry, standing) {
        es: "la entrada {entry}, de la que trata, no cuenta: {standing}",
        en: "the entry {entry} that it is about does not count: {standing}",
    }
    responsible_gone(members) {
        es: "dejan de responder por él: {members}; lo que informen desde entonces es medición independiente",
        en: "no longer responsible for it: {members}; what they report from then on is an independent measurement",
    }
    responsible_new(members) {
        es: "responden ahora por él: {members}; sus informes son los oficiales",
        en: "now responsible for it: {members}; their reports are the official ones",
    }
    responsible_none() {
        es: "nadie responde por él: ningún informe será oficial",
        en: "nobody is responsible for it: no report will be official",
    }
    left_alone(indicators) {
        es: "responde sola por {indicators}: nadie informará oficialmente hasta que otra la suceda o se reforme el plan",
        en: "it alone is responsible for {indicators}: nobody reports officially until another succeeds it or the plan is amended",
    }
    left_to_others(indicators) {
        es: "responde con otras por {indicators}: quedan las otras",
        en: "it is responsible with others for {indicators}: the others are left",
    }
    seat_silent(member) {
        es: "{member} conserva su lugar en el consejo y no puede votar hasta tener otra clave",
        en: "{member} keeps its seat in the council and cannot vote until it has another key",
    }
    voters_left(able, seats, quorum) {
        es: "del consejo podrán votar {able} de {seats}; hacen falta {quorum}",
        en: "of the council {able} of {seats} will be able to vote; {quorum} are needed",
    }
    quorum_unreachable() {
        es: "con esto el consejo no podrá decidir nada más, tampoco dar otra clave: no se alcanza el quórum o la cuota de una clase",
        en: "with this the council can decide nothing any more, not even grant another key: quorum or the quota of a class cannot be reached",
    }
}
