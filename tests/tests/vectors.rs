// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: this implementation does with every vector in `tests/vectors/` what the vector states. The
//! second verifier reads the same files; their README says what stands in them.
//!
//! Method: bytes go in through the doors that entries, bundles and proofs from outside come
//! through; what is held afterwards is asked for through the doors of the replica and the replay.

#[path = "vectors/authority.rs"]
mod authority;
#[path = "vectors/cases.rs"]
mod cases;
#[path = "vectors/entry_log.rs"]
mod entry_log;
#[path = "vectors/file.rs"]
mod file;
#[path = "vectors/held.rs"]
mod held;
#[path = "vectors/ledger.rs"]
mod ledger;
#[path = "vectors/state.rs"]
mod state;

use std::collections::{BTreeMap, BTreeSet};

use file::{Vector, read_folder};
use serde_json::Value;

/// Where the vector and this implementation differ, as sentences.
fn check(vector: &Vector) -> Vec<String> {
    match vector {
        Vector::Ledger(vector) => ledger::check_ledger(vector),
        Vector::Authority(vector) => cases::check_all(&vector.cases, ledger::check_history),
        Vector::Bundle(vector) => cases::check_all(&vector.cases, cases::check_bundle),
        Vector::ForkProof(vector) => cases::check_all(&vector.cases, cases::check_fork_proof),
        Vector::Frontier(vector) => cases::check_all(&vector.cases, cases::check_frontier),
        Vector::Document(vector) => cases::check_all(&vector.cases, cases::check_document),
        Vector::Head(vector) => cases::check_all(&vector.cases, entry_log::check_head),
        Vector::Log(vector) => cases::check_all(&vector.cases, entry_log::check_log),
    }
}

/// Nothing where the two are equal, else a sentence.
fn compare(what: &str, stated: &Value, found: &Value) -> Option<String> {
    (stated != found).then(|| format!("{what}: the vector states {stated}, found {found}"))
}

#[test]
fn every_vector_holds() {
    let mut differences = Vec::new();
    for (name, vector) in read_folder() {
        differences.extend(check(&vector).into_iter().map(|one| format!("{name}: {one}")));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn there_are_vectors_of_every_type_good_ones_and_bad_ones() {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for vector in read_folder().values() {
        let (type_name, good, bad) = vector.count();
        let (all_good, all_bad) = counts.entry(type_name).or_default();
        *all_good += good;
        *all_bad += bad;
    }
    for (type_name, good, bad) in [
        ("ledger", 10, 30),
        ("authority", 40, 3),
        ("bundle", 5, 30),
        ("fork_proof", 1, 10),
        ("frontier", 3, 10),
        ("document", 3, 10),
        ("head", 3, 10),
        ("log", 3, 20),
    ] {
        let (found_good, found_bad) = counts[type_name];
        assert!(found_good >= good && found_bad >= bad, "{type_name}: {found_good}, {found_bad}");
    }
}

#[test]
fn a_statement_that_is_altered_is_a_difference() {
    // Each kind of statement once, in the smallest file that has it.
    let mut files: Vec<(String, Value)> = file::read_values().into_iter().collect();
    files.sort_by_key(|(_, vector)| vector.to_string().len());
    let mut seen = BTreeSet::new();
    for (name, vector) in files {
        for (kind, path) in file::statements(&vector) {
            if !seen.insert((vector["type"].to_string(), kind)) {
                continue;
            }
            let mut altered = vector.clone();
            *altered.pointer_mut(&path).unwrap() = Value::from("other");
            if let Some(cases) = altered.get_mut("cases").and_then(Value::as_array_mut) {
                // The other cases hold; to check them for each statement takes long.
                let number = path.split('/').nth(2).and_then(|number| number.parse().ok());
                *cases = vec![cases.swap_remove(number.unwrap())];
            }
            let differs = match file::parse(&name, altered) {
                // What is no text in the files may not even be read as one.
                Err(_) => true,
                Ok(vector) => !check(&vector).is_empty(),
            };
            assert!(differs, "{name} {path}");
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}

#[test]
fn a_golden_ledger_has_its_documents_and_every_event_that_should_be_valid_is() {
    let Some(Vector::Ledger(golden)) = read_folder().remove("golden.json") else {
        panic!("golden.json is no ledger");
    };
    assert!(golden.steps.len() >= 10 && golden.expect.views.len() >= 3);
    let findings = &golden.expect.views[0].documents["findings.json"];
    let findings: Value = serde_json::from_str(findings).unwrap();
    let findings = findings["findings"].as_array().unwrap();
    let unreadable = findings.iter().filter(|finding| finding["rule"] == "L6");
    let mut kinds: Vec<&Value> = unreadable.map(|finding| &finding["parameters"]["kind"]).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["invalid", "unknown"], "one of each is meant, and no more");
}

#[test]
fn a_member_that_is_not_known_is_refused() {
    for (name, vector) in file::read_values() {
        let mut altered = vector;
        altered["more"] = Value::from(1);
        assert!(file::parse(&name, altered).is_err(), "{name}");
    }
}
