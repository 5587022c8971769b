// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What commands answer and remark.

use super::{Lang, words};

/// Headings of a table of vintages.
pub(crate) fn vintage_headings(lang: Lang) -> [&'static str; 8] {
    lang.pick(
        ["día", "valor", "cambio", "estatus", "corte", "autoridad", "entrada", "nota"],
        ["day", "value", "change", "status", "cut-off", "authority", "entry", "note"],
    )
}

words! {
    warning() {
        es: "aviso:",
        en: "warning:",
    }
    hint() {
        es: "ayuda:",
        en: "hint:",
    }
    yes() {
        es: "sí",
        en: "yes",
    }
    no() {
        es: "no",
        en: "no",
    }
    unspecified() {
        es: "no especificado",
        en: "unspecified",
    }
    not_applicable() {
        es: "no aplica",
        en: "not applicable",
    }
    own_translation() {
        es: "traducción propia:",
        en: "own translation:",
    }
    attachment(name, media_type, length, hash) {
        es: "{name} ({media_type}, {length} bytes, huella {hash}…)",
        en: "{name} ({media_type}, {length} bytes, hash {hash}…)",
    }
    published_on(date) {
        es: "publicada el {date}",
        en: "published on {date}",
    }
    accessed_on(date) {
        es: "consultada el {date}",
        en: "accessed on {date}",
    }
    about_entry(event, id, member, summary) {
        es: "Se refiere a: {event} {id} de {member}: {summary}",
        en: "It is about: {event} {id} of {member}: {summary}",
    }
    store_notice(notice) {
        es: "al abrir el registro: {notice}",
        en: "on opening the store: {notice}",
    }
    key_file(file) {
        es: "archivo     {file}",
        en: "file        {file}",
    }
    key_id(id) {
        es: "clave       {id}",
        en: "key         {id}",
    }
    key_protection(protection) {
        es: "protección  {protection}",
        en: "protection  {protection}",
    }
    protected() {
        es: "con contraseña",
        en: "passphrase",
    }
    unprotected() {
        es: "sin contraseña",
        en: "no passphrase",
    }
    key_unprotected() {
        es: "cualquiera que copie este archivo puede firmar con él; es para nodos, no para personas",
        en: "whoever copies this file can sign with it; it is for nodes, not for people",
    }
    key_next(file) {
        es: "Entregue {file} a quien funda el registro o al consejo; la clave privada no sale de este equipo.",
        en: "Give {file} to the founder or the council; the private key never leaves this machine.",
    }
    no_keys(folder) {
        es: "No hay claves en {folder}.",
        en: "There are no keys in {folder}.",
    }
    attached(name, length) {
        es: "Se guardó {name} ({length} bytes) junto al registro.",
        en: "Kept {name} ({length} bytes) beside the store.",
    }
    attached_next(hash) {
        es: "Nómbrelo en un informe con --evidence {hash}.",
        en: "Name it in a report with --evidence {hash}.",
    }
    joined(name, id, entries) {
        es: "Copia de «{name}» lista; entradas: {entries}.\nregistro  {id}",
        en: "Replica of “{name}” is ready; entries: {entries}.\nledger    {id}",
    }
    compare_ledger_id() {
        es: "Compare el id del registro con el que le dio quien lo fundó; con --ledger ID se compara solo.",
        en: "Compare the ledger id with the one that its founder gave you; --ledger ID compares it for you.",
    }
    received_so_far(entries) {
        es: "… {entries} entradas recibidas",
        en: "… {entries} entries received",
    }
    refused_at(file, offset, what) {
        es: "{file}, byte {offset}: entrada rechazada: {what}",
        en: "{file}, byte {offset}: entry refused: {what}",
    }
    refused_entry(id, what) {
        es: "entrada {id} rechazada: {what}",
        en: "entry {id} refused: {what}",
    }
    held_back(file, count) {
        es: "{file}: entradas que no se guardaron, porque faltan otras anteriores: {count}; reciba antes el paquete que las trae y repita",
        en: "{file}: entries that were not stored, because earlier ones are missing: {count}; take in the bundle that has those first, and repeat",
    }
    forks_found(count) {
        es: "bifurcaciones probadas: {count}; lo que esas claves escribieron desde ahí no cuenta",
        en: "proven forks: {count}; what those keys wrote from there on does not count",
    }
    serving(name, entries) {
        es: "Nodo de «{name}» en marcha; entradas: {entries}.",
        en: "Node of “{name}” is up; entries: {entries}.",
    }
    listening(address) {
        es: "escucha en  {address}",
        en: "listens at  {address}",
    }
    peering(address) {
        es: "par         {address}",
        en: "peer        {address}",
    }
    no_node_key() {
        es: "Sin --node-key este nodo no acusa recibo de lo que tiene.",
        en: "Without --node-key this node acknowledges nothing of what it holds.",
    }
    stop_with_ctrl_c() {
        es: "Se detiene con Ctrl-C.",
        en: "Stop with Ctrl-C.",
    }
    stopping() {
        es: "Deteniendo el nodo …",
        en: "Stopping the node …",
    }
    sync_progress(received, sent) {
        es: "… {received} recibidas, {sent} enviadas",
        en: "… {received} received, {sent} sent",
    }
    synced(peer, received, sent, state) {
        es: "{peer}: {received} recibidas, {sent} enviadas; {state}",
        en: "{peer}: {received} received, {sent} sent; {state}",
    }
    in_sync() {
        es: "al día",
        en: "in sync",
    }
    not_in_sync() {
        es: "aún no al día",
        en: "not in sync yet",
    }
    nothing_to_acknowledge() {
        es: "No hay nada nuevo de qué acusar recibo.",
        en: "There is nothing new to acknowledge.",
    }
    acknowledged(id) {
        es: "Acuse escrito: {id}",
        en: "Acknowledgement written: {id}",
    }
    imported(file, accepted, held) {
        es: "{file}: entradas nuevas {accepted}, ya conocidas {held}",
        en: "{file}: new entries {accepted}, already held {held}",
    }
    exported(file, length) {
        es: "Paquete escrito en {file} ({length} bytes).",
        en: "Bundle written to {file} ({length} bytes).",
    }
    repaired(id) {
        es: "reparada: {id}",
        en: "repaired: {id}",
    }
    nothing_to_repair() {
        es: "No había nada dañado.",
        en: "Nothing was damaged.",
    }
    repair_hint() {
        es: "«constancia repair PAR» trae de otra copia lo que está dañado.",
        en: "`constancia repair PEER` fetches what is damaged from another replica.",
    }
    verify_progress(checked, total) {
        es: "… {checked} de {total} comprobadas",
        en: "… {checked} of {total} checked",
    }
    verified(checked) {
        es: "Todo en orden; entradas comprobadas: {checked}.",
        en: "All is well; entries checked: {checked}.",
    }
    verified_damaged(checked, count) {
        es: "Hay daños: {count}; entradas comprobadas: {checked}.",
        en: "Damaged places: {count}; entries checked: {checked}.",
    }
    verified_refused(checked, count) {
        es: "Entradas rechazadas: {count}; entradas comprobadas: {checked}.",
        en: "Refused entries: {count}; entries checked: {checked}.",
    }
    verified_in_part(checked, count) {
        es: "Sin comprobar, porque faltan entradas anteriores: {count}; entradas comprobadas: {checked}.",
        en: "Not checked, because earlier entries are missing: {count}; entries checked: {checked}.",
    }
    waiting_hint() {
        es: "Este paquete continúa otro: compruebe uno completo («constancia export» sin --since), o recíbalo donde ya está lo anterior.",
        en: "This bundle continues another: check a whole one (`constancia export` without --since), or take it in where the rest is held.",
    }
    audit_refused(count) {
        es: "rechazadas  {count}: este estado no las tiene",
        en: "refused     {count}: this state lacks them",
    }
    audit_waiting(count) {
        es: "incompleto  entradas sin sus anteriores, que este estado no tiene: {count}",
        en: "incomplete  entries without those before them, which this state lacks: {count}",
    }
    verified_forks(checked, count) {
        es: "Claves bifurcadas: {count}; entradas comprobadas: {checked}.",
        en: "Forked keys: {count}; entries checked: {checked}.",
    }
    forked_key_settled(key, by) {
        es: "clave bifurcada: {key}; resuelta por la decisión {by}",
        en: "forked key: {key}; settled by decision {by}",
    }
    verified_settled(checked, count) {
        es: "Todo en orden; entradas comprobadas: {checked}; bifurcaciones resueltas por el consejo: {count}.",
        en: "All is well; entries checked: {checked}; forks settled by the council: {count}.",
    }
    forked_key(key) {
        es: "clave bifurcada: {key}",
        en: "forked key: {key}",
    }
    damaged() {
        es: "dañado:",
        en: "damaged:",
    }
    damage_place(file, offset, entry) {
        es: "{file}, byte {offset}, entrada {entry}",
        en: "{file}, byte {offset}, entry {entry}",
    }
    unknown_entry() {
        es: "desconocida",
        en: "unknown",
    }
    pending_payloads(count) {
        es: "contenidos que aún no llegan: {count}",
        en: "payloads that have not arrived: {count}",
    }
    show_entry(id) {
        es: "entrada        {id}",
        en: "entry        {id}",
    }
    show_member(member) {
        es: "integrante     {member}",
        en: "member       {member}",
    }
    show_key(key, seq) {
        es: "clave          {key}, lugar {seq}",
        en: "key          {key}, place {seq}",
    }
    show_claimed(time) {
        es: "según su reloj {time}",
        en: "by its clock {time}",
    }
    show_effective(time) {
        es: "hora efectiva  {time}",
        en: "effective    {time}",
    }
    show_witnessed(time) {
        es: "atestiguada    {time}",
        en: "witnessed    {time}",
    }
    show_unwitnessed() {
        es: "atestiguada    por nadie aún",
        en: "witnessed    by nobody yet",
    }
    show_place(place) {
        es: "orden          {place}",
        en: "order        {place}",
    }
    show_standing(standing) {
        es: "situación      {standing}",
        en: "standing     {standing}",
    }
    no_entries() {
        es: "Ninguna entrada corresponde.",
        en: "No entry fits.",
    }
    order_of(count) {
        es: "Huella del orden; entradas: {count}.",
        en: "Digest of the order; entries: {count}.",
    }
    no_figures(indicator) {
        es: "No hay cifras de {indicator} que correspondan.",
        en: "There are no figures of {indicator} that fit.",
    }
    official() {
        es: "oficial",
        en: "official",
    }
    independent() {
        es: "independiente",
        en: "independent",
    }
    current() {
        es: "vigente",
        en: "current",
    }
    follows_version(number) {
        es: "versión {number} del plan",
        en: "plan version {number}",
    }
    not_comparable() {
        es: "no comparable",
        en: "not comparable",
    }
    sheet_versions() {
        es: "Versiones de su ficha técnica",
        en: "Versions of its technical sheet",
    }
    sheet_version(number, day, by) {
        es: "versión {number} del plan, {day} ({by})",
        en: "plan version {number}, {day} ({by})",
    }
    sheet_of_charter() {
        es: "acta constitutiva",
        en: "charter",
    }
    sheet_redefined() {
        es: "cambia lo que se mide",
        en: "what is measured changes",
    }
    sheet_break() {
        es: "ruptura declarada: antes y después no se comparan",
        en: "break declared: before and after are not comparable",
    }
    sheet_no_break() {
        es: "no se declaró ruptura",
        en: "no break was declared",
    }
    removed_from_plan(number, by) {
        es: "ya no está en el plan desde la versión {number} ({by})",
        en: "not in the plan since version {number} ({by})",
    }
    redactions() {
        es: "Testado",
        en: "Redacted",
    }
    redaction_line(period, member, entry, decision) {
        es: "{period} · {member}: entrada {entry}, testada por la decisión {decision}",
        en: "{period} · {member}: entry {entry}, redacted by decision {decision}",
    }
    withdrawn_by(entry) {
        es: "retirada por {entry}",
        en: "withdrawn by {entry}",
    }
    challenged_by(entry, member, standing) {
        es: "impugnada por {entry} de {member} ({standing})",
        en: "challenged by {entry} of {member} ({standing})",
    }
    checked_by(verdict, entry, member) {
        es: "{verdict} por {entry} de {member}",
        en: "{verdict} by {entry} of {member}",
    }
    status_ledger(id) {
        es: "registro    {id}",
        en: "ledger      {id}",
    }
    ledger_founder(key, member) {
        es: "fundó       {key} ({member})",
        en: "founder     {key} ({member})",
    }
    ledger_digits_few(count) {
        es: "un registro inventado puede tener los mismos {count} primeros dígitos: compare el id entero",
        en: "an invented ledger can have the same first {count} digits: compare the whole id",
    }
    status_root(root) {
        es: "frontera    {root}",
        en: "frontier    {root}",
    }
    status_digest(digest) {
        es: "estado      {digest}",
        en: "state       {digest}",
    }
    status_judged(time) {
        es: "a la fecha  {time}",
        en: "judged at   {time}",
    }
    status_entries(count) {
        es: "entradas    {count}",
        en: "entries     {count}",
    }
    status_findings(count) {
        es: "hallazgos   {count}",
        en: "findings    {count}",
    }
    status_plan(number) {
        es: "plan        versión {number}",
        en: "plan        version {number}",
    }
    status_council(open, ready) {
        es: "consejo     propuestas pendientes {open}, de ellas listas para promulgar {ready}",
        en: "council     proposals not settled {open}, of these ready to be enacted {ready}",
    }
    status_keys_ended(count) {
        es: "claves      terminadas {count}",
        en: "keys        ended {count}",
    }
    status_redacted(count) {
        es: "testadas    {count}",
        en: "redacted    {count}",
    }
    forks_settled(count, settled) {
        es: "bifurcaciones probadas: {count}; resueltas por el consejo: {settled}",
        en: "proven forks: {count}; settled by the council: {settled}",
    }
    no_node() {
        es: "nodo        ninguno en marcha",
        en: "node        none running",
    }
    node_outbound() {
        es: "nodo        en marcha, sin escuchar",
        en: "node        running, not listening",
    }
    node_listens(address) {
        es: "nodo        escucha en {address}",
        en: "node        listens at {address}",
    }
    status_members() {
        es: "Integrantes",
        en: "Members",
    }
    status_peers() {
        es: "Pares",
        en: "Peers",
    }
    /// A member that the council retired.
    retired(by) {
        es: "dado de baja por la decisión {by}",
        en: "retired by decision {by}",
    }
    takes_part() {
        es: "participa",
        en: "takes part",
    }
    not_yet() {
        es: "aún no acepta",
        en: "has not accepted",
    }
    member_counts(entries, reports, corrections, challenges) {
        es: "entradas {entries}, informes {reports}, correcciones {corrections}, impugnaciones abiertas {challenges}",
        en: "entries {entries}, reports {reports}, corrections {corrections}, open challenges {challenges}",
    }
    last_wrote(time) {
        es: "última {time}",
        en: "last {time}",
    }
    never_wrote() {
        es: "nunca ha escrito",
        en: "never wrote",
    }
    peer_syncing() {
        es: "conectado, poniéndose al día",
        en: "connected, catching up",
    }
    peer_away() {
        es: "no responde",
        en: "does not answer",
    }
    peer_counts(received, sent) {
        es: "recibidas {received}, enviadas {sent}",
        en: "received {received}, sent {sent}",
    }
    view_frontier() {
        es: "vista       todo lo que hay",
        en: "view        everything held",
    }
    view_at() {
        es: "vista       el registro en la frontera dada",
        en: "view        the ledger at the frontier given",
    }
    view_as_of(time) {
        es: "vista       lo que otros tenían el {time}",
        en: "view        what others held at {time}",
    }
    view_as_claimed(time) {
        es: "vista       lo que dice ser del {time} o anterior",
        en: "view        what claims to be from {time} or before",
    }
    figures_counted(series, vintages) {
        es: "cifras      observaciones {series}, valores publicados {vintages}",
        en: "figures     observations {series}, published values {vintages}",
    }
    documents_written(dir, count) {
        es: "Documentos escritos en {dir}: {count}.",
        en: "Documents written to {dir}: {count}.",
    }
    check_with_b3sum(file) {
        es: "Compruébelo sin este programa: «b3sum {file}» da el estado de arriba.",
        en: "Check it without this program: `b3sum {file}` gives the state above.",
    }
}
