// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of the replay that this program does not know.

use super::words;

words! {
    /// What is shown of the ledger is older than its rules.
    shown_before(version, entry, known) {
        es: "desde la entrada {entry} rige la versión {version} de las reglas, y este programa conoce hasta la {known}: integrantes, plan y decisiones se muestran como estaban antes; qué cuenta desde entonces no se sabe aquí",
        en: "version {version} of the rules applies since entry {entry}, and this program knows them up to version {known}: members, plan and decisions are shown as they stood before; what counts since then is not known here",
    }
    /// Why a status has no state.
    status_newer(version, entry, known) {
        es: "reglas      versión {version} desde la entrada {entry}; este programa conoce hasta la {known} y no da estado, hallazgos ni recuentos: actualícelo",
        en: "rules       version {version} since entry {entry}; this program knows them up to version {known} and gives no state, findings or counts: update it",
    }
    /// The same, of a ledger that never had other rules.
    status_newer_from_the_start(version, known) {
        es: "reglas      versión {version} desde el principio; este programa conoce hasta la {known} y no da estado, hallazgos ni recuentos: actualícelo",
        en: "rules       version {version} from the start; this program knows them up to version {known} and gives no state, findings or counts: update it",
    }
    /// What goes on all the same.
    status_goes_on() {
        es: "            siguen verify, log, sync, export, fork y toda vista anterior a esas reglas: --as-of, --as-claimed, --at",
        en: "            verify, log, sync, export, fork and every view from before those rules go on: --as-of, --as-claimed, --at",
    }
    /// Of events that are signed together.
    not_last(event, place, version, next) {
        es: "{event} (suceso {place}): puede poner en vigor la versión {version} de las reglas, que este programa no conoce, y le sigue otro: {next}; no se firmó nada",
        en: "{event} (event {place}): it may bring version {version} of the rules into force, which this program does not know, and another follows it: {next}; nothing was signed",
    }
    not_last_hint() {
        es: "póngalo al final, o en un borrador aparte: lo que siga se juzgaría con reglas que este programa no puede comprobar",
        en: "put it last, or in a draft of its own: what follows would be judged by rules that this program cannot check",
    }
    /// Of a decision that leaves the known rules.
    stops_here(version, known) {
        es: "este programa conoce las reglas hasta la versión {known}: desde que rija la {version} no dará aquí estado ni recuentos ni firmará nada, hasta que se actualice; siguen verify, log, sync, export y las vistas anteriores",
        en: "this program knows the rules up to version {known}: once version {version} applies it gives no state and no counts here and signs nothing, until it is updated; verify, log, sync, export and views from before go on",
    }
}
