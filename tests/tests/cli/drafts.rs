// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A draft comes from another machine: whatever it says is checked again at the moment of signing.

use std::fs;

use serde_json::{Value, json};

use crate::Desk;

/// A draft of a report, as it was prepared.
fn prepare(desk: &Desk) -> Value {
    desk.ok("--data sspc report --indicator C-01 --period 2020 --value 976 --prepare draft.json");
    serde_json::from_str(&fs::read_to_string(desk.path("draft.json")).unwrap()).unwrap()
}

/// The error of signing the draft with this event in the place of its own.
fn sign_instead(desk: &Desk, draft: &Value, event: Value) -> (String, i32) {
    let mut draft = draft.clone();
    draft["events"][0] = event;
    fs::write(desk.path("changed.json"), draft.to_string()).unwrap();
    desk.error("--data sspc sign changed.json --yes")
}

fn report(indicator: &str, observations: &Value) -> Value {
    json!({"report": {"indicator": indicator, "period": "2020", "observations": observations}})
}

fn cell(age: &str, value: &str) -> Value {
    json!({"key": {"dimensions": [{"concept": "age", "code": age}]}, "value": value, "status": "A"})
}

#[test]
fn a_draft_that_the_plan_does_not_bear_is_not_signed() {
    let desk = Desk::founded();
    let draft = prepare(&desk);
    let total = json!({"value": "976", "status": "A"});
    let hidden = json!({
        "key": {"dimensions": [{"concept": "age", "code": "Y0T17"}]}, "status": "Q"
    });
    let other_concept = json!({
        "key": {"dimensions": [{"concept": "sex", "code": "F"}]}, "value": "9", "status": "A"
    });
    let cases = [
        // A count that could give somebody away, and one that follows from its total.
        report("C-01", &json!([cell("Y0T17", "4")])),
        report("C-01", &json!([total, hidden, cell("Y_GE18", "970")])),
        report("C-01", &json!([cell("Y0T99", "40")])),
        report("C-01", &json!([other_concept])),
        report("C-77", &json!([total])),
        json!({"budget": {
            "fiscal_year": "2020", "line": "L-9", "stage": "approved",
            "money": {"amount": "1", "currency": "MXN"}
        }}),
    ];
    for event in cases {
        let shown = event.to_string();
        let found = sign_instead(&desk, &draft, event);
        assert_eq!(found, ("sign.against_plan".to_owned(), 2), "{shown}");
    }
    assert_eq!(desk.entries("sspc"), 1);
    desk.ok("--data sspc sign draft.json --yes");
    assert_eq!(desk.entries("sspc"), 2);
}

#[test]
fn a_correction_is_checked_whole_and_not_only_where_it_changes() {
    let desk = Desk::founded();
    fs::write(
        desk.path("table.csv"),
        "indicator,period,age,value\nC-01,2020,,976\nC-01,2020,Y0T17,100\nC-01,2020,Y_GE18,876\n",
    )
    .unwrap();
    desk.ok("--data sspc report --csv table.csv --yes");
    // One hidden cell alone follows from the total that stays published.
    let line = "--data sspc correct C-01/2020 --reason transcription --missing suppressed --by age=Y0T17 --yes";
    assert_eq!(desk.error(line), ("sign.against_plan".to_owned(), 2));
    assert_eq!(desk.entries("sspc"), 2);
}

#[test]
fn what_a_correction_leaves_out_is_named_before_it_is_signed() {
    let desk = Desk::founded();
    let header = "indicator,period,age,value\n";
    let (total, young, adult) =
        ("C-01,2020,,976\n", "C-01,2020,Y0T17,100\n", "C-01,2020,Y_GE18,876\n");
    fs::write(desk.path("all.csv"), format!("{header}{total}{young}{adult}")).unwrap();
    fs::write(desk.path("fewer.csv"), format!("{header}{total}{adult}")).unwrap();
    desk.ok("--data sspc report --csv all.csv --yes");
    let correct = "--data sspc correct C-01/2020 --reason transcription --csv fewer.csv";
    for line in
        [format!("{correct} --prepare draft.json"), "--data sspc sign draft.json --yes".to_owned()]
    {
        let output = desk.run(&line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("does not repeat: C-01 2020 age=Y0T17\n"), "{said}");
    }
}

#[test]
fn a_draft_that_would_have_no_effect_is_not_signed() {
    let desk = Desk::founded();
    let draft = prepare(&desk);
    let unknown = "07".repeat(32);
    let found =
        sign_instead(&desk, &draft, json!({"withdrawal": {"report": unknown, "reason": "x"}}));
    assert_eq!(found, ("sign.named_not_held".to_owned(), 3));
    let found =
        sign_instead(&desk, &draft, json!({"vote": {"proposal": unknown, "choice": "yes"}}));
    assert_eq!(found, ("sign.named_not_held".to_owned(), 3));
    let found = sign_instead(&desk, &draft, json!({"acceptance": {"charter": unknown}}));
    assert_eq!(found, ("sign.no_effect".to_owned(), 2));
    let found = sign_instead(&desk, &draft, json!({"acknowledge": {}}));
    assert_eq!(found, ("sign.nodes_acknowledge".to_owned(), 2));
    assert_eq!(desk.entries("sspc"), 1);

    desk.ok("--data sspc sign draft.json --yes");
    let log = desk.ok("--data sspc --json log -n 1");
    let own: Value = serde_json::from_str(&log).unwrap();
    let own = own["id"].as_str().unwrap();
    let attestation = json!({"attestation": {"report": own, "verdict": "confirmed"}});
    assert_eq!(sign_instead(&desk, &draft, attestation).0, "sign.no_effect");
    let other_period = json!({"correction": {
        "replaces": own, "reason": "arithmetic",
        "report": {
            "indicator": "C-01", "period": "2021",
            "observations": [{"value": "976", "status": "A"}]
        }
    }});
    assert_eq!(sign_instead(&desk, &draft, other_period).0, "sign.no_effect");
    let other_sort = json!({"close": {"challenge": own, "outcome": "withdrawn"}});
    assert_eq!(sign_instead(&desk, &draft, other_sort).0, "sign.no_effect");
    assert_eq!(desk.entries("sspc"), 2);
}

#[test]
fn a_percentage_beside_its_terms_is_shown_to_whoever_signs_a_draft() {
    let desk = Desk::founded();
    desk.ok("--data sspc report --indicator C-02 --period 2022 --value 33.7 --numerator 947 --denominator 3754 --prepare draft.json");
    let output = desk.run("--data sspc sign draft.json --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("33.7 is not 947 / 3754"), "{said}");
}

#[test]
fn nothing_is_signed_where_the_receipt_cannot_be_written() {
    let desk = Desk::founded();
    fs::write(desk.path("there.json"), "").unwrap();
    let report = "--data sspc report --indicator C-01 --period 2020 --value 976 --yes --receipt";
    assert_eq!(desk.error(&format!("{report} no/such/folder.json")).0, "file.unwritable");
    assert_eq!(desk.error(&format!("{report} there.json")).0, "file.exists");
    assert_eq!(desk.entries("sspc"), 1);
    // Where nothing comes of it, no empty receipt is left.
    let wrong = "--data sspc withdraw C-01/2020 --reason x --yes --receipt left.json";
    assert_eq!(desk.error(wrong).0, "reference.nothing_about");
    assert!(!desk.path("left.json").exists());
    desk.ok(&format!("{report} receipt.json"));
    let receipt = fs::read_to_string(desk.path("receipt.json")).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["summary"], "C-01 2020: 976");
}
