// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The demonstration, whole: what it says of itself is so, and what it leaves behind says the same.
//!
//! It waits for nine nodes, so it runs once in each language: once for programs, once for people.

use std::process::Output;

use serde_json::{Value, json};

use crate::Desk;

fn run(desk: &Desk, arguments: &[&str]) -> (Output, String, String) {
    let output = desk.command().args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    (output, said, told)
}

#[test]
fn the_facts_of_the_demonstration_agree_with_what_its_nodes_keep() {
    let desk = Desk::empty();
    let (output, said, told) = run(&desk, &["--json", "demo", "--keep", "kept"]);
    assert_eq!(output.status.code(), Some(0), "{told}\n{said}");
    assert!(told.contains("[11/11] The auditor rebuilds the state"), "{told}");
    let facts: Value = serde_json::from_str(&said).unwrap();
    let nodes = facts["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 9);
    for node in nodes {
        assert_eq!(node["state_digest"], facts["audit"]["digest"], "{node}");
    }

    check_council(&desk, &facts["council"]);
    check_revocation(&desk, &facts["revocation"]);
    check_fork(&desk, &facts["fork"]);
    for line in ["verify --bundle kept/plan.constancia", "--data kept/sedena verify"] {
        desk.ok(line);
    }
    let audited = desk.ok("--json audit --bundle kept/plan.constancia");
    let audited: Value = serde_json::from_str(&audited).unwrap();
    assert_eq!(audited["state_digest"], facts["audit"]["digest"]);
    assert_eq!((&audited["keys_ended"], &audited["plan_versions"]), (&json!(1), &json!(2)));
}

/// An indicator proposed by a civil-society organisation, adopted by quorum and quotas.
fn check_council(desk: &Desk, council: &Value) {
    let decision = &council["decision"];
    let side = |name: &str| {
        let tally = &council[name];
        let classes = tally["classes"].as_array().unwrap();
        let counts = classes.iter().map(|it| (it["class"].as_str().unwrap(), &it["agreed"]));
        let counts: Vec<_> = counts.map(|(class, count)| (class, count.as_u64())).collect();
        (tally["agreed"].as_array().unwrap().len(), counts)
    };
    // Neither side of the cut had the votes; together they had them, and no entry had seen them all.
    let (institution, civil_society) = ("institution", "civil_society");
    let left = vec![(institution, Some(3)), (civil_society, Some(0))];
    let right = vec![(institution, Some(0)), (civil_society, Some(2))];
    assert_eq!(side("institutions_alone"), (3, left));
    assert_eq!(side("others_alone"), (2, right));
    assert_eq!(council["status_joined"], "ready");
    assert_eq!(
        (&decision["status"], &decision["proposer"]),
        (&json!("passed"), &json!("data-civica"))
    );
    assert_eq!(decision["votes"]["needed"], 5);
    assert_eq!(decision["votes"]["not_agreed"], json!(["sedena"]));
    let versions = [&council["plan_before"]["number"], &council["plan_after"]["number"]];
    assert_eq!(versions, [&json!(1), &json!(2)]);
    assert_eq!(council["plan_after"]["set_by"], decision["proposal"]);
    assert_eq!(council["nodes_with_indicator"], 9);
    desk.ok("--data kept/semar history P-05");
}

/// What a revoked key signed later stands in sight, void; another key of the member went on.
fn check_revocation(desk: &Desk, revocation: &Value) {
    let text = |name: &str| revocation[name].as_str().unwrap();
    assert_eq!((text("later_standing"), text("later_reason")), ("void", "after_cut_off"));
    assert_eq!(revocation["later_standing_by"], revocation["decision"]["proposal"]);
    assert_eq!((text("value_before"), text("value_after")), ("853", "853"));
    assert_eq!(text("value_next"), "851");
    assert_eq!(text("refused_with"), "sign.key_ended");
    let line = format!("--data kept/jtmx --json show {}", text("later_entry"));
    let shown: Value = serde_json::from_str(&desk.ok(&line)).unwrap();
    assert_eq!(shown["standing"], "void", "{shown}");
    let log = desk.ok("--data kept/jtmx log");
    let short = &text("later_entry")[..8];
    assert!(log.lines().any(|line| line.contains(short) && line.contains("[void")), "{log}");
}

/// Two entries in one place: proven, out of the state, settled by the council.
fn check_fork(desk: &Desk, fork: &Value) {
    let text = |name: &str| fork[name].as_str().unwrap();
    assert_eq!(text("refused_with"), "head.peer_ahead");
    assert_eq!((&fork["import_exit"], &fork["proof_check_exit"]), (&json!(1), &json!(0)));
    assert_eq!((&fork["nodes_with_proof"], &fork["nodes_with_same_state"]), (&json!(9), &json!(9)));
    assert_eq!(text("standing_unsettled"), "forked");
    let values = ["value_before", "value_unsettled", "value_settled"].map(text);
    assert_eq!(values, ["120", "", "120"]);
    let exits = [&fork["audit_exit_unsettled"], &fork["audit_exit_settled"]];
    assert_eq!(exits, [&json!(1), &json!(0)]);
    assert_ne!(text("entry"), text("other_entry"));
    assert_eq!(text("honoured"), text("entry"));

    let checked = desk.ok("--json --data nowhere proof check kept/prueba-de-bifurcacion.txt");
    let checked: Value = serde_json::from_str(&checked).unwrap();
    let mut both = [text("entry"), text("other_entry")];
    both.sort_unstable();
    assert_eq!((&checked["entries"], &checked["key"]), (&json!(both), &fork["key"]));
    assert!(desk.ok("--data kept/inmujeres fork list").contains("settled by decision"));
    assert!(!desk.path("kept/sedena-copia").exists(), "the copy has a private key in it");
}

#[test]
fn the_demonstration_says_in_spanish_what_happened_and_what_is_an_exercise() {
    let desk = Desk::empty();
    let (output, said, told) = run(&desk, &["--lang", "es", "demo"]);
    assert_eq!(output.status.code(), Some(0), "{told}\n{said}");
    assert!(told.contains("ninguna de las organizaciones nombradas participó"), "{told}");
    assert!(told.contains("constancia --data data-civica propose amend-plan"), "{told}");
    for line in [
        "Un indicador adoptado por el consejo (ejercicio)",
        "a favor 3 de 5 (institución 3 de 3, sociedad civil 0 de 1)",
        "lista para promulgar",
        "9 de 9 nodos tienen P-05 en su estado",
        "no cuenta: sin efecto (la clave había terminado antes: ",
        "C-01 2023 era 853 antes de que llegara y es 853 después",
        "9 de 9 nodos tienen la prueba; «proof check», con el archivo solo y sin registro, terminó en 0",
        "I-06 2024: era 120; con la prueba, ninguna cifra cuenta",
        "«audit» terminó en 1 mientras nadie la había resuelto y en 0 después",
        "la verificación dijo store.damaged",
        "Los nueve nodos y la auditoría tienen el mismo estado",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}
