// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The help of every command and option, and what is wrong with a command line.

mod options;

use super::{Lang, Row, look_up, words};
use options::OPTIONS;

/// What a command is for, by its path below the program's name.
pub(crate) fn of_command(lang: Lang, path: &str) -> Option<&'static str> {
    look_up(COMMANDS, lang, path)
}

/// What an option is for: its words for this command, or for every command that has it.
pub(crate) fn of_option(lang: Lang, path: &str, id: &str) -> Option<&'static str> {
    look_up(OPTIONS, lang, &format!("{path}.{id}")).or_else(|| look_up(OPTIONS, lang, id))
}

/// Between choices.
pub(crate) const fn or(lang: Lang) -> &'static str {
    lang.pick(" o ", " or ")
}

/// What is expected as a value of an option, named as the library names it: `--listen <ADDR>`.
pub(crate) fn expected_value(lang: Lang, what: &str) -> Option<&'static str> {
    look_up(EXPECTED, lang, what.split_whitespace().next().unwrap_or_default())
}

/// Option, Spanish, English: for values that the grammar itself checks.
const EXPECTED: &[Row] = &[
    (
        "--listen",
        "se espera una dirección IP y un puerto, como 127.0.0.1:7400 o [::1]:7400",
        "expected an IP address and a port, such as 127.0.0.1:7400 or [::1]:7400",
    ),
    ("--ack-interval", "se esperan segundos, al menos 1", "expected seconds, at least 1"),
    (
        "--last",
        "se espera un número de entradas, al menos 1",
        "expected a number of entries, at least 1",
    ),
    (
        "--multiplier",
        "se espera un exponente entero de diez: 6 si son millones",
        "expected a whole power of ten: 6 for millions",
    ),
    ("--lang", "se espera es o en", "expected es or en"),
];

/// Command, Spanish, English.
const COMMANDS: &[Row] = &[
    (
        "",
        "Un registro de indicadores de política pública que varias instituciones y observadores llevan juntos",
        "A ledger of policy indicators that several institutions and observers keep together",
    ),
    (
        "demo",
        "Muestra todo en este equipo: nueve nodos, el plan de México, cifras reales",
        "Show everything on this machine: nine nodes, Mexico's plan, real figures",
    ),
    ("key", "Claves privadas de este equipo", "Private keys on this machine"),
    (
        "key new",
        "Hace una clave, protegida con contraseña",
        "Make a key, protected by a passphrase",
    ),
    ("key show", "Muestra una clave y su línea pública", "Show a key and its public line"),
    (
        "key list",
        "Lista las claves de la carpeta, o las del registro",
        "List the folder's keys, or the ledger's",
    ),
    (
        "key grant",
        "Propone al consejo habilitar una clave",
        "Propose to the council that a key be granted",
    ),
    (
        "key revoke",
        "Propone al consejo revocar una clave, y hasta dónde cuenta",
        "Propose to the council that a key be revoked, and up to where it counts",
    ),
    (
        "key retire",
        "Da de baja una clave propia, sin votación",
        "Retire a key of one's own, without a vote",
    ),
    (
        "key rotate",
        "Cambia una clave por otra, paso a paso; se repite hasta acabar",
        "Exchange a key for another, step by step; repeat until it is done",
    ),
    (
        "init",
        "Funda un registro: escribe y firma el acta constitutiva",
        "Found a ledger: write and sign the charter",
    ),
    (
        "join",
        "Se une a un registro que otros llevan, por un par o un paquete",
        "Join a ledger that others keep, by a peer or a bundle",
    ),
    ("accept", "Acepta el acta constitutiva", "Accept the charter"),
    ("serve", "Pone en marcha un nodo", "Run a node"),
    ("sync", "Se pone al día con un par, ahora", "Merge with a peer, now"),
    (
        "acknowledge",
        "El nodo acusa recibo de lo que tiene, ahora",
        "Have the node acknowledge what it holds, now",
    ),
    (
        "report",
        "Informa qué fue un indicador en un periodo, por opciones o por una tabla CSV",
        "Report what an indicator was in a period, by options or by a CSV table",
    ),
    (
        "sign",
        "Muestra en palabras lo que otro preparó, al lado de la última cifra, y lo firma",
        "Show in words what somebody prepared, beside the last figure, and sign it",
    ),
    (
        "attach",
        "Guarda un archivo que un informe puede nombrar",
        "Keep a file that a report can name",
    ),
    (
        "correct",
        "Sustituye un informe; el anterior queda a la vista",
        "Replace a report; the old one stays in sight",
    ),
    ("withdraw", "Retira un informe", "Withdraw a report"),
    ("budget", "Registra un presupuesto", "Record a budget"),
    (
        "attest",
        "Dice qué resultó de verificar un informe de otro",
        "Say what checking another's report found",
    ),
    (
        "challenge",
        "Impugna una observación exacta o un informe entero",
        "Challenge an exact observation or a whole report",
    ),
    ("respond", "Responde a una impugnación", "Respond to a challenge"),
    ("close", "Cierra una impugnación", "Close a challenge"),
    (
        "review",
        "Escribe una revisión del plan, que el consejo puede hacer suya",
        "Write a review of the plan, which the council may make its own",
    ),
    ("propose", "Propone una decisión al consejo", "Put a decision before the council"),
    ("propose admit-member", "Admitir a un integrante", "Admit a member"),
    ("propose retire-member", "Dar de baja a un integrante", "Retire a member"),
    ("propose grant-key", "Habilitar una clave", "Grant a key"),
    ("propose revoke-key", "Revocar una clave", "Revoke a key"),
    (
        "propose amend-plan",
        "Reformar el plan: fijar o quitar indicadores, líneas …",
        "Amend the plan: set or remove indicators, lines …",
    ),
    ("propose amend-rules", "Reformar las reglas del consejo", "Amend the council's rules"),
    (
        "propose succession",
        "Una institución asume las responsabilidades de otra",
        "An institution takes over another's responsibilities",
    ),
    ("propose resolve-fork", "Resolver una bifurcación", "Settle a fork"),
    ("propose redact", "Testar el contenido de una entrada", "Redact an entry's payload"),
    (
        "propose adopt-review",
        "Que el consejo haga suya una revisión",
        "Make a review the council's own",
    ),
    (
        "propose raise-rules-version",
        "Pasar a una versión posterior de las reglas de reproducción",
        "Move on to a later version of the rules of replay",
    ),
    ("propose close-challenge", "Resolver una impugnación", "Rule on a challenge"),
    (
        "vote",
        "Vota una propuesta; antes muestra qué cambia con ese voto",
        "Vote on a proposal; shows before what that vote changes",
    ),
    (
        "enact",
        "Promulga una propuesta cuyos votos se emitieron sin verse unos a otros",
        "Enact a proposal whose votes were cast side by side",
    ),
    ("withdraw-proposal", "Retira una propuesta propia", "Take back a proposal of one's own"),
    (
        "council",
        "Muestra lo que está ante el consejo: votos, quién falta, qué resultó",
        "Show what is before the council: votes, who is missing, what became of it",
    ),
    (
        "fork",
        "Bifurcaciones: claves con dos entradas en un lugar",
        "Forks: keys with two entries in one place",
    ),
    ("fork list", "Lista las bifurcaciones probadas", "List the proven forks"),
    ("fork show", "Muestra la prueba y cada rama", "Show the proof and each branch"),
    (
        "fork resolve",
        "Propone al consejo qué rama cuenta",
        "Propose to the council which branch counts",
    ),
    (
        "redact",
        "Propone al consejo testar el contenido de una entrada",
        "Propose to the council that an entry's payload be redacted",
    ),
    ("proof", "Pruebas de bifurcación en archivo", "Fork proofs as files"),
    ("proof show", "Muestra o escribe la prueba de una clave", "Show or write a key's proof"),
    (
        "proof check",
        "Comprueba una prueba sin registro ni red",
        "Check a proof without ledger or network",
    ),
    (
        "status",
        "Dice qué registro es, dónde va, quién ha escrito y qué pares responden",
        "Say which ledger it is, where it stands, who has written and which peers answer",
    ),
    (
        "log",
        "Lista las entradas en el orden del registro",
        "List the entries in the ledger's order",
    ),
    ("show", "Muestra una entrada completa, en palabras", "Show one entry whole, in words"),
    (
        "history",
        "Muestra cada valor publicado de un indicador, quién lo dijo y por qué cambió",
        "Show every published value of an indicator, who said it and why it changed",
    ),
    (
        "verify",
        "Relee y comprueba todo lo guardado, o un paquete",
        "Read and check everything stored, or a bundle",
    ),
    ("repair", "Trae de un par lo que aquí está dañado", "Fetch from a peer what is damaged here"),
    (
        "audit",
        "Reconstruye el estado, hoy o a una fecha, y dice su huella",
        "Rebuild the state, today or at a date, and say its digest",
    ),
    ("export", "Escribe un paquete con las entradas", "Write a bundle of the entries"),
    ("import", "Recibe un paquete", "Take a bundle in"),
];

/// What a value is called in help.
pub(crate) fn value_name(lang: Lang, name: &str) -> Option<&'static str> {
    look_up(VALUE_NAMES, lang, name)
}

/// A usage line of the library in the caller's language.
pub(crate) fn in_words(lang: Lang, usage: &str) -> String {
    match lang {
        Lang::Es => usage.replace("[OPTIONS]", "[OPCIONES]").replace("<COMMAND>", "<COMANDO>"),
        Lang::En => usage.to_owned(),
    }
}

/// Name of a value, Spanish, English.
const VALUE_NAMES: &[Row] = &[
    ("CHALLENGE", "IMPUGNACIÓN", "CHALLENGE"),
    ("CLASS", "CLASE", "CLASS"),
    ("CONCEPT=CODE", "CONCEPTO=CÓDIGO", "CONCEPT=CODE"),
    ("CORRECTION", "CORRECCIÓN", "CORRECTION"),
    ("DATE", "FECHA", "DATE"),
    ("DIR", "CARPETA", "DIR"),
    ("DRAFT", "BORRADOR", "DRAFT"),
    ("ADDR", "DIRECCIÓN", "ADDR"),
    ("BASIS", "PRECIOS", "BASIS"),
    ("ENTRY", "ENTRADA", "ENTRY"),
    ("ENTRY|none", "ENTRADA|none", "ENTRY|none"),
    ("EVENT", "SUCESO", "EVENT"),
    ("FILE", "ARCHIVO", "FILE"),
    ("FILE|HASH", "ARCHIVO|HUELLA", "FILE|HASH"),
    ("FROM", "DE", "FROM"),
    ("FRONTIER", "FRONTERA", "FRONTIER"),
    ("GROUND", "MOTIVO", "GROUND"),
    ("INDICATOR", "INDICADOR", "INDICATOR"),
    ("KEY", "CLAVE", "KEY"),
    ("KEY.pub", "CLAVE.pub", "KEY.pub"),
    ("KIND", "CLASE", "KIND"),
    ("NAME", "NOMBRE", "NAME"),
    ("NUMBER", "NÚMERO", "NUMBER"),
    ("OLD", "ANTERIOR", "OLD"),
    ("PEER", "PAR", "PEER"),
    ("PEER|BUNDLE", "PAR|PAQUETE", "PEER|BUNDLE"),
    ("PERIOD", "PERIODO", "PERIOD"),
    ("PLAN", "PLAN", "PLAN"),
    ("POWER", "POTENCIA", "POWER"),
    ("PROPOSAL", "PROPUESTA", "PROPOSAL"),
    ("PROPOSAL|charter", "PROPUESTA|charter", "PROPOSAL|charter"),
    ("REASON", "RAZÓN", "REASON"),
    ("SCOPE", "FACULTAD", "SCOPE"),
    ("SECONDS", "SEGUNDOS", "SECONDS"),
    ("SLUG", "INTEGRANTE", "SLUG"),
    ("SLUG=SIGN.pub[,NODE.pub]", "INTEGRANTE=FIRMA.pub[,NODO.pub]", "SLUG=SIGN.pub[,NODE.pub]"),
    ("STAGE", "MOMENTO", "STAGE"),
    ("STATUS", "ESTATUS", "STATUS"),
    ("TEXT", "TEXTO", "TEXT"),
    ("TO", "A", "TO"),
    ("UNIT", "UNIDAD", "UNIT"),
    ("VALUE", "VALOR", "VALUE"),
    ("VOTE", "VOTO", "VOTE"),
    ("YEAR", "AÑO", "YEAR"),
];

/// Headings of help, by what the grammar calls them.
pub(crate) fn heading(lang: Lang, name: &str) -> &'static str {
    look_up(HEADINGS, lang, name).unwrap_or_default()
}

/// Heading, Spanish, English.
const HEADINGS: &[Row] = &[
    ("general", "Generales", "General"),
    ("options", "Opciones", "Options"),
    ("arguments", "Argumentos", "Arguments"),
    ("commands", "Comandos", "Commands"),
    ("signing", "Firma", "Signing"),
    ("view", "A qué fecha", "At which date"),
    ("source", "Fuente", "Source"),
];

words! {
    help_template() {
        es: "{{about-with-newline}}\nUso: {{usage}}\n\n{{all-args}}{{after-help}}",
        en: "{{about-with-newline}}\nUsage: {{usage}}\n\n{{all-args}}{{after-help}}",
    }
    help_option() {
        es: "Muestra esta ayuda",
        en: "Show this help",
    }
    version_option() {
        es: "Muestra la versión",
        en: "Show the version",
    }
    unknown_argument(what) {
        es: "no existe la opción {what}",
        en: "there is no option {what}",
    }
    unknown_command(what) {
        es: "no existe el comando {what}",
        en: "there is no command {what}",
    }
    missing_argument(what) {
        es: "falta {what}",
        en: "{what} is missing",
    }
    missing_command() {
        es: "falta el comando",
        en: "the command is missing",
    }
    not_utf8() {
        es: "un argumento no es texto UTF-8",
        en: "an argument is not UTF-8 text",
    }
    conflict(what, other) {
        es: "{what} no va junto con {other}",
        en: "{what} does not go with {other}",
    }
    no_value(what) {
        es: "falta el valor de {what}",
        en: "the value of {what} is missing",
    }
    invalid_value(what, value) {
        es: "«{value}» no sirve como valor de {what}",
        en: "“{value}” will not do as a value of {what}",
    }
    did_you_mean(near) {
        es: "¿quiso decir {near}?",
        en: "did you mean {near}?",
    }
    usage_is(usage) {
        es: "se usa así: {usage}",
        en: "usage: {usage}",
    }
    see_help() {
        es: "«constancia --help» lista los comandos; «constancia COMANDO --help», sus opciones",
        en: "`constancia --help` lists the commands; `constancia COMMAND --help` their options",
    }
}
