// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Of nodes, what is asked of them, and exchanges between them.

use super::Row;

/// English, Spanish.
pub(super) const NODES: &[Row] = &[
    // Nodes.
    ("no entry {} is held", "aquí no hay ninguna entrada {}"),
    (
        "expected the id of an entry, or its first 4 or more hexadecimal digits, found {}",
        "se esperaba el id de una entrada, o sus primeros 4 o más dígitos hexadecimales; se encontró {}",
    ),
    (
        "{} entries begin with {}, the first two are {} and {}",
        "{} entradas empiezan con {}; las dos primeras son {} y {}",
    ),
    ("no node answers at {}", "ningún nodo contesta en {}"),
    ("transport error: {}", "sin conexión: {}"),
    ("tcp connect error: {}", "no se pudo conectar: {}"),
    ("{} has sent nothing for {} s", "{} no ha enviado nada en {} s"),
    (
        "expected a peer as host:port, found {}",
        "se esperaba un par como equipo:puerto; se encontró {}",
    ),
    ("dns error: {}", "no se encuentra ese nombre: {}"),
    ("the exchange with {} failed", "el intercambio con {} falló"),
    (
        "{} is beyond this machine, and the connection is plain text",
        "{} está fuera de este equipo y la conexión va sin cifrar",
    ),
    (
        "expected a loopback address for the node's own people, found {}",
        "se esperaba una dirección de este mismo equipo para los comandos; se encontró {}",
    ),
    ("cannot listen on {}", "no se puede escuchar en {}"),
    (
        "{} holds key {} up to sequence number {}, which is not here: it is fetched before anything is signed",
        "{} tiene la clave {} hasta el lugar {}, que aquí falta: se trae antes de firmar",
    ),
    (
        "{} claims an entry of key {} that the key did not sign",
        "{} muestra una entrada de la clave {} que la clave no firmó",
    ),
    (
        "no peer can say how far this key's feed goes",
        "ningún par puede decir hasta dónde llega la cadena de esta clave",
    ),
    (
        "what {} sent as charter does not decode",
        "lo que {} envió como acta constitutiva no se puede leer",
    ),
    ("{} does not hold entry {}", "{} no tiene la entrada {}"),
    (
        "key {} is not granted with scope acknowledge in this ledger",
        "la clave {} no tiene facultad de acusar recibo en este registro",
    ),
    ("this node has no key to acknowledge with", "este nodo no tiene clave con que acusar recibo"),
    ("entry {} was refused", "la entrada {} se rechazó"),
    ("the operating system gives no random numbers", "el sistema no da números aleatorios"),
    ("the server stopped", "el servidor se detuvo"),
    ("the stream ended", "la conexión terminó"),
    ("nothing came for {} s", "no llegó nada en {} s"),
    ("{} answered {}", "{} respondió {}"),
    // Requests.
    (
        "at most {} ids in a request, found {}",
        "una petición tiene a lo más {} ids; se encontraron {}",
    ),
    ("the frontier is not valid", "la frontera no vale"),
    (
        "no document {}, expected one of index.json",
        "no hay documento {}; se esperaba uno de index.json",
    ),
    (
        "an attachment has at most {} bytes, found more",
        "un archivo adjunto tiene a lo más {} bytes y tiene más",
    ),
    (
        "this replica is in memory and keeps no attachments",
        "esta copia está en memoria y no guarda archivos adjuntos",
    ),
    ("the attachment is not held here", "aquí no está ese archivo adjunto"),
    ("this node has {} exchanges already", "este nodo ya tiene {} intercambios"),
    (
        "this node is sending {} attachments already",
        "este nodo ya está enviando {} archivos adjuntos",
    ),
    ("{} is missing", "falta «{}»"),
    // Exchanges.
    (
        "expected protocol version {}, found {}",
        "se esperaba la versión {} del protocolo y es la {}",
    ),
    ("a {} message has no place {}", "un mensaje «{}» no tiene lugar {}"),
    ("before both have said hello", "antes de que ambos se saluden"),
    ("while frontiers are merged", "mientras se juntan las fronteras"),
    ("while both follow", "mientras ambos siguen en línea"),
    ("after the end", "después del final"),
    ("expected a known exchange message", "se esperaba un mensaje conocido"),
    ("at most {} {}, found {}", "a lo más {} {}; se encontraron {}"),
    ("wanted ids in a message", "ids pedidos en un mensaje"),
    ("wanted ids in a round", "ids pedidos en una ronda"),
    ("fork proofs in a message", "pruebas de bifurcación en un mensaje"),
    ("fork proofs in a round", "pruebas de bifurcación en una ronda"),
    ("feeds in a frontier", "cadenas en una frontera"),
    ("decisions in a frontier", "decisiones en una frontera"),
    ("entries in a batch", "entradas en un lote"),
    ("bytes of entries in a batch", "bytes de entradas en un lote"),
    ("refusals of a batch's entries", "rechazos de las entradas de un lote"),
    ("bytes of a refusal's code", "bytes en el código de un rechazo"),
    ("bytes of a refusal's message", "bytes en el mensaje de un rechazo"),
    ("bytes of unacknowledged entries", "bytes de entradas sin acuse"),
    ("unacknowledged batches", "lotes sin acuse"),
    ("a {} message is not empty", "un mensaje «{}» no va vacío"),
    (
        "frontiers of more than {} feeds cannot be exchanged yet, found {}",
        "aún no se intercambian fronteras de más de {} cadenas; se encontraron {}",
    ),
    ("the frontier received is not valid", "la frontera recibida no vale"),
    ("expected batch number {}, found {}", "se esperaba el lote número {} y es el {}"),
    (
        "expected batch taken in number {}, found {}",
        "se esperaba recibido el lote número {} y es el {}",
    ),
    (
        "expected stored number {}, found {}",
        "se esperaba el acuse del lote número {} y es el del {}",
    ),
    (
        "an entry or proof received is provably wrong",
        "se puede probar que una entrada o prueba recibida está mal",
    ),
    ("{} is provably wrong", "se puede probar que está mal: {}"),
    ("the peer ended the exchange: {}: {}", "el par terminó el intercambio ({}): {}"),
    ("the store failed during the exchange", "el registro guardado falló durante el intercambio"),
];
