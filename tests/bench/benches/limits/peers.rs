// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What else could have been used, doing the same work on the same figures: p2panda-core, which
//! decodes and validates operations, and a signed chain in `SQLite`.

use std::path::Path;
use std::time::Duration;

use constancia_bench::ground::{count_bytes, new_folder};
use constancia_bench::paired::{Spread, as_float, compare, per_second, time};
use constancia_bench::workload::Workload;
use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{decode_signed_entry, verify_entry};
use constancia_ledger::id::PublicKey;
use constancia_proto::v1;
use ed25519_dalek::{Signature, VerifyingKey};
use p2panda_core::cbor::decode_cbor;
use p2panda_core::{Body, Header, Operation, SigningKey, validate_operation};
use prost::Message as _;
use rusqlite::{Connection, params};

use super::Size;
use super::sheet::{Limit, Sheet};

/// Entries of one turn on one core.
const ENTRIES: usize = 10_000;
/// Single durable appends of a turn.
const APPENDS: usize = 100;
/// Entries of a transaction where many are written.
const ENTRIES_PER_TRANSACTION: usize = 1_024;

pub(crate) fn measure(root: &Path, size: Size, sheet: &mut Sheet) {
    let work = Workload::new(size.of(100_000));
    measure_p2panda(&work, size, sheet);
    measure_sqlite(root, &work, size, sheet);
}

/// Bytes in, a checked entry or operation out, on one core.
fn measure_p2panda(work: &Workload, size: Size, sheet: &mut Sheet) {
    let count = size.of(ENTRIES);
    let ours: Vec<bytes::Bytes> =
        work.entries.iter().take(count).map(|entry| entry.encode_to_vec().into()).collect();
    let known = known_keys(work);
    let theirs = make_operations(work, count);
    let pair = compare(
        size.turns * 2,
        || {
            let ((), took) = time(|| {
                for bytes in &ours {
                    let entry = decode_signed_entry(bytes).expect("an entry");
                    verify_entry(entry, work.ledger, &known).expect("an entry that holds");
                }
            });
            per_second(count, took)
        },
        || {
            let ((), took) = time(|| {
                for (header, body) in &theirs {
                    let header: Header = decode_cbor(&header[..]).expect("a header");
                    let hash = header.hash();
                    let body = Some(Body::new(body));
                    validate_operation(&Operation { hash, header, body }).expect("one that holds");
                }
            });
            per_second(count, took)
        },
    );
    let what = "decode + verify ÷ p2panda-core decode + validate, one core";
    sheet.add(what, Limit::None, &pair.ratio, "");
    sheet.add("decode + verify, one core", Limit::None, &pair.measured, "entries/s");
    let what = "p2panda-core decode + validate, one core";
    sheet.add(what, Limit::None, &pair.against, "operations/s");
}

fn known_keys(work: &Workload) -> KnownKeys {
    let keys = work.people.iter().flat_map(|person| [person.key(), person.node_key()]);
    keys.filter_map(|key| Some((key, key.to_verifying_key()?))).collect()
}

/// The same payloads as operations of one log.
fn make_operations(work: &Workload, count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let key = SigningKey::from_bytes(&[9; 32]);
    let mut backlink = None;
    (0_u64..)
        .zip(work.entries.iter().take(count))
        .map(|(seq_num, entry)| {
            let bytes = entry.payload.clone().unwrap_or_default();
            let body = Body::new(&bytes);
            let mut header = Header {
                version: 1,
                verifying_key: key.verifying_key(),
                signature: None,
                payload_size: body.size(),
                payload_hash: Some(body.hash()),
                timestamp: seq_num.into(),
                seq_num,
                backlink,
                extensions: (),
            };
            header.sign(&key);
            backlink = Some(header.hash());
            (header.to_bytes(), bytes.to_vec())
        })
        .collect()
}

/// A table of entries with the same checks of signature and predecessor, and a durable commit.
fn measure_sqlite(root: &Path, work: &Workload, size: Size, sheet: &mut Sheet) {
    let home = new_folder(root);
    let path = home.path().join("chain.sqlite");
    let mut chain = Chain::create(&path, work);
    let took = chain.write_all(&work.entries);
    let rate = Spread::of([per_second(work.entries.len(), took)]);
    let what = "SQLite signed chain, batches of 1 024, one core";
    sheet.add(what, Limit::None, &rate, "entries/s");
    drop(chain);
    let bytes = as_float(usize::try_from(count_bytes(home.path())).unwrap_or(usize::MAX));
    let signed = Spread::of([bytes / as_float(work.signed_bytes())]);
    sheet.add("bytes of the SQLite chain ÷ signed bytes", Limit::None, &signed, "");
    let mut chain = Chain::create(&home.path().join("single.sqlite"), work);
    let turns = size.of(20);
    let rates = (0..turns).map(|turn| {
        let part = &work.entries[turn * APPENDS..(turn + 1) * APPENDS];
        let took: Duration =
            part.iter().map(|entry| chain.write_all(std::slice::from_ref(entry))).sum();
        per_second(APPENDS, took)
    });
    let rates = Spread::of(rates);
    sheet.add("SQLite signed chain, durable append", Limit::None, &rates, "entries/s");
}

struct Chain {
    connection: Connection,
    keys: std::collections::BTreeMap<PublicKey, VerifyingKey>,
    ledger: constancia_ledger::id::LedgerId,
}

impl Chain {
    fn create(path: &Path, work: &Workload) -> Self {
        let connection = Connection::open(path).expect("a database");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 CREATE TABLE entry (
                     id BLOB PRIMARY KEY,
                     author BLOB NOT NULL,
                     seq INTEGER NOT NULL,
                     header BLOB NOT NULL,
                     signature BLOB NOT NULL,
                     payload BLOB,
                     salt BLOB,
                     UNIQUE (author, seq)
                 ) WITHOUT ROWID;",
            )
            .expect("a table");
        Self { connection, keys: known_keys(work), ledger: work.ledger }
    }

    /// Writes entries in transactions; each is durable when it is committed.
    fn write_all(&mut self, entries: &[v1::SignedEntry]) -> Duration {
        let ((), took) = time(|| {
            for part in entries.chunks(ENTRIES_PER_TRANSACTION) {
                let transaction = self.connection.transaction().expect("a transaction");
                for entry in part {
                    write_entry(&transaction, &self.keys, self.ledger, entry);
                }
                transaction.commit().expect("a commit");
            }
        });
        took
    }
}

/// The signature holds, the predecessor is the last one held, the slot is free.
fn write_entry(
    database: &Connection,
    keys: &std::collections::BTreeMap<PublicKey, VerifyingKey>,
    ledger: constancia_ledger::id::LedgerId,
    entry: &v1::SignedEntry,
) {
    let header = constancia_ledger::entry::decode::decode_header(&entry.header).expect("a header");
    let message =
        [constancia_ledger::entry::verify::SIGNATURE_CONTEXT, ledger.as_bytes(), &entry.header]
            .concat();
    let signature = Signature::from_slice(&entry.signature).expect("a signature");
    keys[&header.author].verify_strict(&message, &signature).expect("one that holds");
    let author = header.author;
    if let Some(before) = header.seq.checked_sub(1)
        && let Some(prev) = header.prev.parent()
        && prev != ledger.charter()
    {
        let mut find = database
            .prepare_cached("SELECT 1 FROM entry WHERE id = ?1 AND author = ?2 AND seq = ?3")
            .expect("a statement");
        let before = i64::try_from(before).expect("a short feed");
        let held = find.exists(params![prev.as_bytes(), author.as_bytes(), before]);
        assert!(held.expect("an answer"));
    }
    let id = constancia_ledger::id::EntryId::of_header(&entry.header);
    database
        .prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .expect("a statement")
        .execute(params![
            id.as_bytes(),
            author.as_bytes(),
            i64::try_from(header.seq).expect("a short feed"),
            &entry.header[..],
            &entry.signature[..],
            entry.payload.as_deref(),
            entry.salt.as_deref(),
        ])
        .expect("a row");
}
