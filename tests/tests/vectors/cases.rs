// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vectors whose cases stand each for itself: bundles, fork proofs, frontiers, documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use constancia_ledger::bundle::{BundleError, RefusedItem, import, open_bundle};
use constancia_ledger::entry::ForkProof;
use constancia_ledger::fault::Coded as _;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{MemoryLog, MemoryRows, StoreError};
use constancia_proto::v1;
use prost::Message as _;
use serde_json::{Value, json};

use crate::compare;
use crate::file::{
    BundleCase, DocumentCase, ForkProofCase, FrontierCase, HeadCase, HistoryCase, LogCase,
};
use crate::held::check_expected;
use crate::ledger::{as_not_canonical, bytes_of};

/// The greatest integer that every reader of JSON keeps exact: 2^53 - 1.
const INTEGER_MAX: u64 = 9_007_199_254_740_991;

/// A case says what it is about.
pub trait About {
    fn about(&self) -> &str;
}

macro_rules! about {
    ($($case:ident)*) => { $( impl About for $case {
        fn about(&self) -> &str { &self.about }
    } )* };
}

about!(HistoryCase BundleCase ForkProofCase FrontierCase DocumentCase LogCase HeadCase);

/// Compares every case.
pub fn check_all<C: About>(cases: &[C], check: fn(&C) -> Vec<String>) -> Vec<String> {
    cases
        .iter()
        .flat_map(|case| check(case).into_iter().map(|one| format!("{}: {one}", case.about())))
        .collect()
}

/// Files go into one replica, which the first founds.
pub fn check_bundle(case: &BundleCase) -> Vec<String> {
    let mut replica = None;
    let mut refused: Vec<Value> = Vec::new();
    for file in &case.files {
        match take_file(&mut replica, &bytes_of(file)) {
            Ok(items) => refused.extend(items.iter().map(|item| json!(item.code))),
            Err(code) => {
                refused.push(json!(code));
                break;
            }
        }
    }
    if case.may_not_decode {
        refused = refused.into_iter().map(as_not_canonical).collect();
    }
    let stated = Value::from(case.refused.clone());
    let mut differences: Vec<String> =
        compare("refused", &stated, &refused.into()).into_iter().collect();
    if let Some(expect) = &case.expect {
        let replica = replica.expect("a bundle with an expectation founds a replica");
        // What waited in a file is forgotten with it: nothing is asked for any more.
        assert_eq!(replica.list_wanted(), BTreeSet::new());
        differences.extend(check_expected(expect, &replica, &BTreeSet::new()));
    }
    differences
}

fn take_file(replica: &mut Option<Replica>, file: &[u8]) -> Result<Vec<RefusedItem>, &'static str> {
    let code = |error: BundleError| error.code();
    let bundle = open_bundle(file).map_err(code)?;
    if replica.is_none() {
        let (log, rows) = (Box::<MemoryLog>::default(), Arc::new(MemoryRows::default()));
        let founded = Replica::found(bundle.charter().map_err(code)?, log, rows);
        *replica = Some(founded.map_err(|error: StoreError| error.code())?);
    }
    let replica = replica.as_mut().unwrap();
    Ok(import(bundle, replica, &mut |_| ()).map_err(code)?.refused)
}

/// A proof is judged for the ledger that it names.
pub fn check_fork_proof(case: &ForkProofCase) -> Vec<String> {
    let bytes = bytes_of(&case.fork_proof);
    // Where no ledger can be told, any will do: the proof is refused before it is asked for.
    let message = v1::ForkProof::decode(bytes.clone()).unwrap_or_default();
    let ledger = LedgerId::try_from(&*message.ledger_id);
    let ledger = ledger.unwrap_or_else(|_| LedgerId::from_bytes([0; 32]));
    let found = match ForkProof::decode(&bytes, ledger) {
        Err(error) => json!([error.code(), null, null, null]),
        Ok(proof) => {
            let (ledger, key) = (proof.ledger().to_string(), proof.key().to_string());
            json!([null, ledger, key, proof.seq().to_string()])
        }
    };
    let stated = json!([case.refused, case.ledger_id, case.key, case.seq]);
    compare("proof", &stated, &found).into_iter().collect()
}

/// A frontier as its text is read.
pub fn check_frontier(case: &FrontierCase) -> Vec<String> {
    let found = match Frontier::from_text(&case.frontier) {
        Err(error) => json!([error.code(), null]),
        Ok(frontier) => json!([null, frontier.root().to_string()]),
    };
    compare("frontier", &json!([case.refused, case.root]), &found).into_iter().collect()
}

/// A good document is what the writer of the state documents writes; a bad one it never writes.
pub fn check_document(case: &DocumentCase) -> Vec<String> {
    let bytes = bytes_of(&case.document);
    let written = serde_json::from_slice::<Value>(&bytes)
        .ok()
        .filter(is_exact)
        .and_then(|value| serde_json_canonicalizer::to_vec(&value).ok())
        .filter(|written| *written == bytes)
        .map(|written| blake3::hash(&written).to_hex().to_string());
    match (&case.refused, written) {
        // Which of the two it is, the reader says, and there is no other reader than the verifier.
        (Some(code), None) if code == "document.not_json" || code == "document.not_canonical" => {
            Vec::new()
        }
        (Some(code), found) => vec![format!("the vector states {code}, found {found:?}")],
        (None, found) => {
            let stated = case.blake3.clone().unwrap_or_default();
            compare("blake3", &stated, &json!(found)).into_iter().collect()
        }
    }
}

/// State documents have no numbers but integers that every reader keeps exact.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => {
            let negative = number.as_i64().map(i64::unsigned_abs);
            number.as_u64().or(negative).is_some_and(|size| size <= INTEGER_MAX)
        }
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
    }
}
