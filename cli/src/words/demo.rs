// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the demo says while it runs and at its end.

use super::words;

words! {
    /// Before anything else.
    intro() {
        es: "Demostración: nueve nodos en esta máquina llevan juntos el plan de México. Es un ejercicio: ninguna de las organizaciones nombradas participó. Las cifras son reales y llevan su fuente, salvo donde se dice otra cosa.",
        en: "Demonstration: nine nodes on this machine keep Mexico's plan together. It is an exercise: none of the organisations named took part. The figures are real and carry their source, except where it says otherwise.",
    }
    step(number, of, text) { es: "[{number}/{of}] {text}", en: "[{number}/{of}] {text}" }
    step_found() {
        es: "Claves, acta constitutiva firmada, nueve nodos en marcha",
        en: "Keys, a signed charter, nine nodes running",
    }
    step_accept() { es: "Los demás integrantes firman su aceptación", en: "The other members sign their acceptance" }
    step_report() {
        es: "Las instituciones firman cifras reales y sus revisiones",
        en: "The institutions sign real figures and their revisions",
    }
    step_partition() {
        es: "La red se parte en dos: instituciones a un lado, sociedad civil y auditoría al otro; ambos escriben",
        en: "The network is cut in two: institutions on one side, civil society and audit on the other; both write",
    }
    step_heal() { es: "La red se une de nuevo", en: "The network is joined again" }
    step_challenge() {
        es: "Data Cívica impugna un porcentaje y la SSPC lo corrige (actos inventados: otros imprimieron ese error)",
        en: "Data Cívica challenges a percentage and SSPC corrects it (made-up acts: others printed that error)",
    }
    step_adopt() {
        es: "Data Cívica propone un indicador que el plan no tiene; el consejo vota con la red partida y lo adopta (actos inventados)",
        en: "Data Cívica proposes an indicator that the plan lacks; the council votes on a network in two and adopts it (made-up acts)",
    }
    step_revoke() {
        es: "El consejo revoca la clave de una funcionaria de la SSPC; la clave firma otra vez y no cuenta; otra clave sigue (actos inventados)",
        en: "The council revokes the key of an official of SSPC; the key signs once more, for nothing; another key goes on (made-up acts)",
    }
    step_fork() {
        es: "Una clave de la SEDENA firma dos cifras distintas en el mismo lugar, a propósito; se prueba y el consejo lo resuelve (cifras y actos inventados)",
        en: "A key of SEDENA signs two different figures in one place, on purpose; it is proven and the council settles it (made-up figures and acts)",
    }
    step_tamper() {
        es: "Alguien cambia un byte en el registro de la SEMAR; la verificación lo nombra; un par lo repara",
        en: "Somebody changes one byte of SEMAR's log; verification names it; a peer repairs it",
    }
    step_audit() {
        es: "La auditoría reconstruye el estado desde un archivo, sin red",
        en: "The auditor rebuilds the state from a file, offline",
    }
    typed(folder, line) {
        es: "      $ constancia --data {folder} {line}",
        en: "      $ constancia --data {folder} {line}",
    }
    typed_ended(exit, code) {
        es: "        → termina en {exit}{code}",
        en: "        → ends in {exit}{code}",
    }
    typed_by_each(line, names) {
        es: "      $ constancia {line}   ({names}: cada quien con su clave)",
        en: "      $ constancia {line}   ({names}: each with its own key)",
    }
    note_cut() {
        es: "      (la red se parte: instituciones a un lado, los demás al otro)",
        en: "      (the network is cut: institutions on one side, the others on the other)",
    }
    note_joined() {
        es: "      (la red se une; todos tienen lo mismo)",
        en: "      (the network is joined; all hold the same)",
    }
    note_apart(name) {
        es: "      (el nodo de {name} queda sin red)",
        en: "      (the node of {name} is without network)",
    }
    note_copy(name, copy) {
        es: "      (se copia la carpeta de {name}, con su clave, a {copy}: un respaldo)",
        en: "      (the folder of {name}, with its key, is copied to {copy}: a backup)",
    }
    note_copy_asks(copy) {
        es: "      ({copy} alcanza a un par, que tiene una entrada más de la clave)",
        en: "      ({copy} reaches a peer, which has one entry more of the key)",
    }
    note_copy_alone(copy) {
        es: "      ({copy} se restaura otra vez, y no alcanza a nadie)",
        en: "      ({copy} is restored once more, and reaches nobody)",
    }
    signing(done, of) { es: "      firmadas {done} de {of}", en: "      signed {done} of {of}" }

    summary() { es: "Qué ocurrió", en: "What happened" }
    ledger(id, name) { es: "Registro {id} ({name})", en: "Ledger {id} ({name})" }
    signed(acceptances, reports, corrections, budgets) {
        es: "Firmado: {acceptances} aceptaciones, {reports} informes, {corrections} correcciones, {budgets} presupuestos",
        en: "Signed: {acceptances} acceptances, {reports} reports, {corrections} corrections, {budgets} budgets",
    }
    heading_partition() { es: "La red partida y unida", en: "The network cut in two and joined" }
    partitioned(left, left_entries, right, right_entries) {
        es: "partida: las instituciones llegaron al estado {left} con {left_entries} entradas; los demás, al estado {right} con {right_entries}",
        en: "cut in two: the institutions reached state {left} with {left_entries} entries; the others state {right} with {right_entries}",
    }
    healed(digest, entries, ms) {
        es: "unida: todos llegaron al estado {digest} con {entries} entradas, en {ms} ms",
        en: "joined: all reached state {digest} with {entries} entries, in {ms} ms",
    }
    heading_challenge() { es: "Una cifra impugnada y corregida (ejercicio)", en: "A figure challenged and corrected (exercise)" }
    challenged(numerator, denominator, reported, corrected) {
        es: "{numerator} de {denominator} se informó como {reported} %; corregido a {corrected} %",
        en: "{numerator} of {denominator} was reported as {reported} %; corrected to {corrected} %",
    }
    found_by_replay() {
        es: "la regla O9 ya había señalado que el porcentaje no se sigue de sus términos",
        en: "rule O9 had already found that the percentage does not follow from its terms",
    }
    challenge_standing(standing) { es: "la impugnación está: {standing}", en: "the challenge stands: {standing}" }
    as_of(moment, value) {
        es: "el estado reconstruido a {moment} todavía dice {value} %",
        en: "the state rebuilt as of {moment} still says {value} %",
    }
    vintages() {
        es: "Víctimas de feminicidio de 2023, según cada publicación (SESNSP)",
        en: "Femicide victims of 2023, publication by publication (SESNSP)",
    }
    vintage(cutoff, value, entry, current) {
        es: "datos hasta {cutoff}: {value}   entrada {entry}{current}",
        en: "data up to {cutoff}: {value}   entry {entry}{current}",
    }
    current() { es: "   vigente", en: "   current" }
    heading_council() { es: "Un indicador adoptado por el consejo (ejercicio)", en: "An indicator adopted by the council (exercise)" }
    proposed(member, indicator, proposal) {
        es: "{member} propuso el indicador {indicator}, uno de los que el archivo del plan recoge como propuestos: propuesta {proposal}",
        en: "{member} proposed the indicator {indicator}, one of those that the plan's file has as proposed: proposal {proposal}",
    }
    institutions_alone(tally) {
        es: "con la red partida, las instituciones veían: {tally}",
        en: "with the network in two, the institutions saw: {tally}",
    }
    others_alone(tally) {
        es: "y la sociedad civil y la auditoría: {tally}",
        en: "and civil society and the auditor: {tally}",
    }
    votes_joined(tally, status) {
        es: "unida la red: {tally}; {status}, porque ningún voto había visto todos los demás",
        en: "once joined: {tally}; {status}, for no vote had seen all the others",
    }
    enacted(member, entry) {
        es: "{member} la promulgó: se aprobó en la entrada {entry}",
        en: "{member} enacted it: it passed at entry {entry}",
    }
    plan_versions(before, indicators_before, after, indicators_after) {
        es: "el plan pasó de la versión {before}, con {indicators_before} indicadores, a la versión {after}, con {indicators_after}",
        en: "the plan went from version {before}, with {indicators_before} indicators, to version {after}, with {indicators_after}",
    }
    nodes_with_indicator(nodes, of, indicator) {
        es: "{nodes} de {of} nodos tienen {indicator} en su estado",
        en: "{nodes} of {of} nodes have {indicator} in their state",
    }
    decided(tally, names, entry) {
        es: "decidido: {tally}; votaron {names}; se aprobó con el último voto, la entrada {entry}",
        en: "decided: {tally}; voters {names}; it passed with the last vote, entry {entry}",
    }
    heading_revocation() { es: "La clave de una funcionaria, revocada (ejercicio)", en: "An official's key revoked (exercise)" }
    revoked(key, member, entry) {
        es: "clave {key} de {member}: cuenta hasta la entrada {entry}; su nodo no tenía red cuando se decidió",
        en: "key {key} of {member}: it counts up to entry {entry}; its node had no network when that was decided",
    }
    signed_later(entry, about, value) {
        es: "después la clave firmó la entrada {entry}: {about} corregido a {value} (cifra inventada)",
        en: "afterwards the key signed entry {entry}: {about} corrected to {value} (an invented figure)",
    }
    later_is(standing, reason, by) {
        es: "esa entrada está a la vista de todos y no cuenta: {standing} ({reason}: {by})",
        en: "that entry is in everybody's sight and does not count: {standing} ({reason}: {by})",
    }
    figure_unchanged(about, before, after) {
        es: "{about} era {before} antes de que llegara y es {after} después",
        en: "{about} was {before} before it arrived and is {after} after",
    }
    refused_at_the_desk(code) {
        es: "cuando la clave quiere firmar de nuevo, ya con red, el programa se niega: {code}",
        en: "when the key tries to sign again, now with network, the program refuses: {code}",
    }
    granted(key) {
        es: "el consejo habilitó otra clave del mismo integrante: {key}",
        en: "the council granted another key of the same member: {key}",
    }
    goes_on(entry, about, value) {
        es: "con ella sigue la serie, en la entrada {entry}: {about} corregido a {value} (cifra real)",
        en: "with it the series goes on, in entry {entry}: {about} corrected to {value} (a real figure)",
    }
    heading_fork() {
        es: "Una clave bifurcada a propósito, probada y resuelta (ejercicio, cifras inventadas)",
        en: "A key forked on purpose, proven and settled (exercise, invented figures)",
    }
    forked(key, member, seq) {
        es: "clave {key} de {member}, lugar {seq}: dos entradas distintas",
        en: "key {key} of {member}, place {seq}: two different entries",
    }
    told_network(entry, about, value) {
        es: "a la red le dijo, en la entrada {entry}: {about} es {value}",
        en: "the network was told, in entry {entry}: {about} is {value}",
    }
    told_elsewhere(entry, about, value) {
        es: "desde una copia de respaldo restaurada, sin red, firmó la entrada {entry}: {about} es {value}",
        en: "from a restored backup, without network, it signed entry {entry}: {about} is {value}",
    }
    copy_refused(code) {
        es: "mientras la copia podía preguntar a un par, el programa se negó a firmar: {code}",
        en: "while the copy could ask a peer, the program refused to sign: {code}",
    }
    proven(nodes, of, exit) {
        es: "{nodes} de {of} nodos tienen la prueba; «proof check», con el archivo solo y sin registro, terminó en {exit}",
        en: "{nodes} of {of} nodes have the proof; `proof check`, with the file alone and no ledger, ended in {exit}",
    }
    out_of_state(about, before, after, standing) {
        es: "{about}: era {before}; con la prueba, {after} (la entrada está {standing})",
        en: "{about}: it was {before}; with the proof, {after} (the entry is {standing})",
    }
    no_figure() { es: "ninguna cifra cuenta", en: "no figure counts" }
    settled(entry, about, value) {
        es: "así, la clave cuenta hasta la entrada {entry}, la que la red tenía; {about}: {value}",
        en: "so the key counts up to entry {entry}, which the network had; {about}: {value}",
    }
    audit_exits(unsettled, settled) {
        es: "«audit» terminó en {unsettled} mientras nadie la había resuelto y en {settled} después",
        en: "`audit` ended in {unsettled} while nobody had settled it, and in {settled} afterwards",
    }
    same_after_fork(nodes, of, digest) {
        es: "después, {nodes} de {of} nodos tienen el mismo estado, {digest}",
        en: "afterwards {nodes} of {of} nodes have the same state, {digest}",
    }
    heading_tampering() { es: "Un byte alterado en el disco", en: "One byte changed on disk" }
    tampered(node, file, byte) {
        es: "un byte de {file} en el nodo {node} (byte {byte})",
        en: "one byte of {file} at node {node} (byte {byte})",
    }
    named(code, entry) {
        es: "la verificación dijo {code} y nombró la entrada {entry}",
        en: "verification said {code} and named entry {entry}",
    }
    repaired(count, from, remaining) {
        es: "reparadas {count} entradas desde {from}; daños después: {remaining}",
        en: "repaired {count} entries from {from}; damages afterwards: {remaining}",
    }
    audited(bytes, entries, digest) {
        es: "Auditoría sin red: {bytes} bytes, {entries} entradas, estado {digest}",
        en: "Offline audit: {bytes} bytes, {entries} entries, state {digest}",
    }
    same_digest() {
        es: "Los nueve nodos y la auditoría tienen el mismo estado",
        en: "The nine nodes and the auditor have the same state",
    }
    other_digest() {
        es: "ATENCIÓN: los nodos y la auditoría no tienen el mismo estado",
        en: "ATTENTION: the nodes and the auditor do not have the same state",
    }
    findings() { es: "Hallazgos de la repetición", en: "Findings of the replay" }
    node_head() { es: "nodo", en: "node" }
    entries_head() { es: "entradas", en: "entries" }
    root_head() { es: "raíz de la frontera", en: "frontier root" }
    digest_head() { es: "huella del estado", en: "state digest" }
    kept(dir) {
        es: "Los datos quedan en {dir}. Pruebe: constancia --data {dir}/data-civica history C-01",
        en: "The data stays in {dir}. Try: constancia --data {dir}/data-civica history C-01 --lang en",
    }
    took(seconds) { es: "Duró {seconds} s", en: "Took {seconds} s" }
    no_agreement() {
        es: "los nodos no llegaron a la misma frontera a tiempo",
        en: "the nodes did not reach the same frontier in time",
    }
    interrupted() {
        es: "la demostración se interrumpió",
        en: "the demonstration was interrupted",
    }
    interrupted_hint() {
        es: "lo que quede en la carpeta de --keep es de una demostración a medias: bórrelo y empiece de nuevo",
        en: "what is left in the folder of --keep is of half a demonstration: delete it and begin again",
    }
    vanished(what) {
        es: "falta «{what}», que la demostración acababa de hacer",
        en: "\"{what}\" is missing, which the demonstration had just made",
    }
    bad_sample(cause) {
        es: "los datos de muestra no se pueden leer («{cause}»)",
        en: "the sample data cannot be read: {cause}",
    }
    bad_command(line) {
        es: "un comando de la demostración no terminó como debía: {line}",
        en: "a command of the demonstration did not end as it should: {line}",
    }
    try_again() {
        es: "repita la demostración; si vuelve a ocurrir, es un defecto de este programa",
        en: "run the demonstration again; if it happens again, it is a defect of this program",
    }
}
