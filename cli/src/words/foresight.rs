// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a signature changes.

use super::words;

words! {
    what_changes() {
        es: "Qué cambia:",
        en: "What changes:",
    }
    if_it_passes() {
        es: "si el consejo la aprueba:",
        en: "if the council passes it:",
    }
    would_be_void(reason) {
        es: "como están las cosas, aun aprobada no surtiría efecto: {reason}",
        en: "as things stand it would have no effect even if it passed: {reason}",
    }
    about_proposal(proposal, by, decision) {
        es: "propuesta {proposal} de {by}: {decision}",
        en: "proposal {proposal} by {by}: {decision}",
    }
    vote_passes() {
        es: "con este voto la propuesta se aprueba:",
        en: "with this vote the proposal passes:",
    }
    enactment_passes() {
        es: "con esta promulgación la propuesta se aprueba:",
        en: "with this enactment the proposal passes:",
    }
    vote_leaves_open(tally) {
        es: "con este voto la propuesta sigue abierta: {tally}",
        en: "with this vote the proposal stays open: {tally}",
    }
    vote_blocks(tally) {
        es: "con este voto la propuesta ya no puede aprobarse: {tally}",
        en: "with this vote the proposal can no longer pass: {tally}",
    }
    vote_on_blocked(tally) {
        es: "la propuesta ya no puede aprobarse, tampoco con este voto: {tally}",
        en: "the proposal can no longer pass, not with this vote either: {tally}",
    }
    without_effect(reason) {
        es: "no surte efecto: {reason}",
        en: "it has no effect: {reason}",
    }
    passes_void(reason) {
        es: "la propuesta se aprobaría sin efecto: {reason}",
        en: "the proposal would pass without effect: {reason}",
    }
    withdrawal() {
        es: "la propuesta queda retirada: nadie puede votarla más",
        en: "the proposal is taken back: nobody can vote on it any more",
    }
    follows_version(number, count, since) {
        es: "las cifras siguen la versión {number} de {count} del plan, en vigor desde el {since}",
        en: "the figures follow version {number} of {count} of the plan, in force since {since}",
    }
    key_of(key, member) {
        es: "{key} de {member}",
        en: "{key} of {member}",
    }
    leaves(member) {
        es: "{member} deja de ser integrante",
        en: "{member} is no member any more",
    }
    seat_goes(seats) {
        es: "su lugar en el consejo desaparece; lugares que quedan: {seats}",
        en: "its seat in the council goes; seats left: {seats}",
    }
    joins(member, class) {
        es: "{member} entra como integrante ({class})",
        en: "{member} joins as a member ({class})",
    }
    gets_seat(seats) {
        es: "tiene un lugar en el consejo, que pasa a {seats}",
        en: "it gets a seat in the council, which then has {seats}",
    }
    key_granted(key, member, scope) {
        es: "la clave {key} puede escribir por {member}: {scope}",
        en: "the key {key} may write for {member}: {scope}",
    }
    key_ends_after(key, seq, entry) {
        es: "la clave {key} termina después de la entrada #{seq} ({entry})",
        en: "the key {key} ends after entry #{seq} ({entry})",
    }
    key_ends_unused(key) {
        es: "la clave {key} termina sin haber escrito nada",
        en: "the key {key} ends without having written anything",
    }
    key_ends_before_all(key) {
        es: "la clave {key} termina antes de su primera entrada",
        en: "the key {key} ends before its first entry",
    }
    entries_stand(count) {
        es: "entradas posteriores en las que algo surtió efecto, que queda en pie: {count}",
        en: "later entries at which something took effect, which stands: {count}",
    }
    nothing_void() {
        es: "nada de lo que ha escrito queda sin efecto",
        en: "nothing that it has written becomes void",
    }
    entries_void(count) {
        es: "entradas posteriores que dejan de contar, y con ellas lo que otros digan de ellas: {count}",
        en: "later entries that count for nothing, and with them what others say of them: {count}",
    }
    entries_back(count) {
        es: "entradas que vuelven a contar: {count}",
        en: "entries that count again: {count}",
    }
    and_more(count) {
        es: "… y {count} más",
        en: "… and {count} more",
    }
    retirement_is_final() {
        es: "no hay vuelta atrás: para volver a escribir hace falta otra clave",
        en: "there is no way back: to write again takes another key",
    }
    no_other_key(member) {
        es: "{member} se queda sin ninguna otra clave que firme",
        en: "{member} is left without any other key that signs",
    }
    fork_counts_nothing(key, seq) {
        es: "de la clave {key} no cuenta nada desde la bifurcación en el lugar {seq}",
        en: "of the key {key} nothing counts from the fork at place {seq} on",
    }
    fork_counts_to(key, seq, entry) {
        es: "de la clave {key} cuenta la rama de la entrada #{seq} ({entry}), hasta ella",
        en: "of the key {key} the branch of entry #{seq} ({entry}) counts, up to it",
    }
    fork_writes_no_more() {
        es: "la clave ya no puede escribir, como antes",
        en: "the key can write no more, as before",
    }
    amends_nothing() {
        es: "el plan en vigor no admite estos cambios",
        en: "the plan in force does not bear these changes",
    }
    plan_version(number) {
        es: "el plan pasa a la versión {number}; lo informado antes sigue la anterior",
        en: "the plan comes to version {number}; what was reported before follows the earlier one",
    }
    indicator_added(name) {
        es: "entra el indicador {name}",
        en: "the indicator {name} is added",
    }
    indicator_removed(name) {
        es: "sale el indicador {name}; lo publicado queda a la vista",
        en: "the indicator {name} is removed; what was published stays in sight",
    }
    indicator_changed(name, fields) {
        es: "cambia el indicador {name}: {fields}",
        en: "the indicator {name} changes: {fields}",
    }
    place_in_plan() {
        es: "de qué cuelga",
        en: "what it hangs on",
    }
    break_declared() {
        es: "se declara una ruptura: las cifras de antes y de después no se comparan",
        en: "a break is declared: figures before and after are not comparable",
    }
    break_not_declared() {
        es: "cambia lo que se mide y no se declara ruptura: quedará como hallazgo P11",
        en: "what is measured changes and no break is declared: it will be noticed as P11",
    }
    part_changes(part) {
        es: "cambia: {part}",
        en: "it changes: {part}",
    }
    takes_over(to, from, indicators) {
        es: "{to} responde, en lugar de {from}, por {indicators}; sus informes son los oficiales",
        en: "{to} answers in the place of {from} for {indicators}; its reports are the official ones",
    }
    takes_over_nothing(to, from) {
        es: "{to} sucede a {from}, que no responde por ningún indicador de esos",
        en: "{to} succeeds {from}, which answers for none of these indicators",
    }
    payload_dropped(event, entry, member, summary) {
        es: "se testa el contenido de la entrada {entry} de {member} ({event}): {summary}",
        en: "the payload of the entry {entry} of {member} ({event}) is redacted: {summary}",
    }
    payload_gone() {
        es: "cada copia lo borra y no se puede recuperar; quedan la firma, la fecha y la constancia de que se testó",
        en: "every replica drops it and it cannot be brought back; signature, date and the fact of the redaction stay",
    }
    review_adopted(review, member, title) {
        es: "la revisión {review} de {member} pasa a ser del consejo: {title}",
        en: "the review {review} of {member} becomes the council's own: {title}",
    }
    rules_version_rises(version) {
        es: "rige la versión {version} de las reglas: los programas que no la conozcan guardan y reenvían, pero ya no dan estado",
        en: "version {version} of the rules applies: programs that do not know it store and forward, but give no state any more",
    }
    challenge_closes(challenge, verdict) {
        es: "la impugnación {challenge} se cierra: {verdict}",
        en: "the challenge {challenge} is closed: {verdict}",
    }
    changes_to(what, old, new) {
        es: "{what}: {old} → {new}",
        en: "{what}: {old} → {new}",
    }
    no_limit() {
        es: "ninguno",
        en: "none",
    }
    no_source() {
        es: "no se dice",
        en: "not said",
    }
    rules_same() {
        es: "las reglas quedan como están",
        en: "the rules stay as they are",
    }
}
