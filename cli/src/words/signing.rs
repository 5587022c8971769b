// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is said around a signature: what will be signed, the question, the receipt.

use super::words;

words! {
    ask_passphrase(key) {
        es: "Contraseña de la clave {key}: ",
        en: "Passphrase of the key {key}: ",
    }
    choose_passphrase(key) {
        es: "Contraseña nueva para la clave {key}: ",
        en: "New passphrase for the key {key}: ",
    }
    repeat_passphrase() {
        es: "Repita la contraseña: ",
        en: "Repeat the passphrase: ",
    }
    key_readable_by_others(file) {
        es: "otras personas de este equipo pueden leer la clave {file}; corríjalo con chmod 600",
        en: "others on this machine can read the key {file}; mend it with chmod 600",
    }
    about_to_sign(member, ledger) {
        es: "Esto se va a firmar por {member} en «{ledger}»:",
        en: "This is about to be signed for {member} in “{ledger}”:",
    }
    about_to_found(name, members) {
        es: "Esta acta constitutiva funda el registro «{name}» con {members} integrantes.",
        en: "This charter founds the ledger “{name}” with {members} members.",
    }
    council_never_meets(able, quorum, missing) {
        es: "con estas claves el consejo no podrá decidir nunca nada, ni dar una clave a quien falta: firman {able} integrantes y el quórum es {quorum}, con sus mínimos por clase; sin clave que firme: {missing}",
        en: "with these keys the council can never decide anything, not even grant a key to whoever lacks one: {able} members sign and the quorum is {quorum}, with its minimum per class; without a key that signs: {missing}",
    }
    council_without_key(missing) {
        es: "integrantes del consejo sin clave que firme, que solo el consejo podrá darles: {missing}",
        en: "members of the council without a key that signs, which only the council can grant them: {missing}",
    }
    ask_sign() {
        es: "¿Firmar?",
        en: "Sign?",
    }
    ask_sign_several(count) {
        es: "¿Firmar los {count}?",
        en: "Sign all {count}?",
    }
    draft_read(file, prepared, count) {
        es: "Borrador {file}, preparado el {prepared}, con {count} por firmar.",
        en: "Draft {file}, prepared at {prepared}, with {count} to sign.",
    }
    draft_written(file, count) {
        es: "Borrador escrito en {file}: {count} por firmar. Nada se ha firmado.",
        en: "Draft written to {file}: {count} to sign. Nothing has been signed.",
    }
    draft_next(file) {
        es: "Entréguelo a quien firma: «constancia sign {file}».",
        en: "Hand it to whoever signs: `constancia sign {file}`.",
    }
    first_figure() {
        es: "primera cifra",
        en: "first figure",
    }
    same_figure(value) {
        es: "igual que la última, {value}",
        en: "same as the last, {value}",
    }
    same_number(old, new) {
        es: "{old} → {new}, el mismo número o con otro estatus",
        en: "{old} → {new}, the same number or another status",
    }
    changed_figure(old, new, difference) {
        es: "{old} → {new}, {difference}",
        en: "{old} → {new}, {difference}",
    }
    changed_text(old, new) {
        es: "{old} → {new}",
        en: "{old} → {new}",
    }
    other_figure(member, value) {
        es: "{member} dice {value}",
        en: "{member} says {value}",
    }
    quotient_differs(place, value, quotient) {
        es: "{place}: el valor {value} no es {quotient}; se puede firmar si así se publicó",
        en: "{place}: the value {value} is not {quotient}; it can be signed if it was published like that",
    }
    independent_report(indicator, members) {
        es: "{indicator}: se verá como medición independiente, al lado de la oficial; responde por el indicador: {members}",
        en: "{indicator}: it will be shown as an independent measurement, beside the official one; responsible for the indicator: {members}",
    }
    observations_dropped(places) {
        es: "la corrección deja sin valor vigente lo que no repite: {places}",
        en: "the correction leaves without a current value what it does not repeat: {places}",
    }
    report_stands(about, entry) {
        es: "{about}: el informe {entry} está vigente; este tomará su lugar sin decir por qué. Para cambiarlo con su razón: «constancia correct {about}»",
        en: "{about}: the report {entry} stands; this one will take its place without saying why. To change it with its reason: `constancia correct {about}`",
    }
    clock_differs(minutes) {
        es: "el reloj de este equipo difiere {minutes} minutos del de los pares; revíselo antes de firmar",
        en: "this machine's clock differs by {minutes} minutes from the peers'; check it before signing",
    }
    tips_left_out(count) {
        es: "esta firma no alcanza a citar todo lo que hay: quedan fuera {count} entradas; escriba antes un acuse con «constancia acknowledge»",
        en: "this signature cannot cite everything that is held: {count} entries are left out; write an acknowledgement first with `constancia acknowledge`",
    }
    delivering_head(id) {
        es: "La última entrada que firmó esta clave no había llegado al registro; se entrega ahora: {id}",
        en: "The last entry that this key signed had not reached the ledger; it is delivered now: {id}",
    }
    head_not_proven(peer) {
        es: "{peer} dice tener de esta clave una entrada que la clave no firmó: no se le cree, y es como si no contestara",
        en: "{peer} claims an entry of this key that the key did not sign: it is not believed, as if it had not answered",
    }
    no_peer_known() {
        es: "estos datos no conocen a ningún par: nadie confirma que esta es la última entrada de la clave",
        en: "this data knows no peer: nobody confirms that this is the key's latest entry",
    }
    signing_offline() {
        es: "se firma sin que ningún par confirme que esta es la última entrada de la clave",
        en: "signing although no peer confirms that this is the key's latest entry",
    }
    head_confirmed(peer, seq) {
        es: "la clave venía de una copia de seguridad: {peer} confirma que su última entrada es la del lugar {seq}; sigue desde ahí",
        en: "the key came from a backup: {peer} confirms that its latest entry is at place {seq}; it goes on from there",
    }
    head_adopted(seq) {
        es: "la clave sigue desde el lugar {seq} del registro, como usted confirmó",
        en: "the key goes on from place {seq} in the ledger, as you confirmed",
    }
    signed_not_stored(event, id) {
        es: "{event} quedó firmado junto a la clave y aún no está en el registro; la próxima firma lo entrega: {id}",
        en: "{event} is signed beside the key and not yet in the ledger; the next signature delivers it: {id}",
    }
    signed_some(done, count) {
        es: "se firmaron y guardaron {done} de {count}; los acuses dicen cuáles",
        en: "{done} of {count} are signed and stored; the receipts say which",
    }
    signed_and_stored(event) {
        es: "Firmado y guardado: {event}",
        en: "Signed and stored: {event}",
    }
    receipt_entry(id) {
        es: "  entrada    {id}",
        en: "  entry      {id}",
    }
    receipt_ledger(ledger) {
        es: "  registro   {ledger}",
        en: "  ledger     {ledger}",
    }
    receipt_key(key) {
        es: "  clave      {key}",
        en: "  key        {key}",
    }
    receipt_time(time) {
        es: "  hora       {time}",
        en: "  time       {time}",
    }
    receipt_payload(hash) {
        es: "  contenido  {hash}",
        en: "  payload    {hash}",
    }
    receipt_written(file) {
        es: "Acuse escrito en {file}.",
        en: "Receipt written to {file}.",
    }
    founded_next(ledger) {
        es: "Comunique este id a los demás por otro medio; con él se unen: «constancia join PAR --ledger {ledger}».",
        en: "Tell the others this id by another way; they join with it: `constancia join PEER --ledger {ledger}`.",
    }
}
