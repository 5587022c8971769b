// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whoever writes a bundle chooses its ledger: a verification says which it was, and refuses another
//! than the one that was named.

use serde_json::Value;

use crate::Desk;

/// A ledger, and another one that anybody could have invented, each in a bundle.
fn two_ledgers() -> (Desk, Value) {
    let desk = Desk::founded();
    desk.ok("--data sspc export true.bundle");
    desk.ok("--data forger key new firma --no-passphrase");
    desk.ok("--data forger init --plan plan.yaml --member sspc=forger/keys/firma.pub --yes");
    desk.ok("--data forger export invented.bundle");
    let status = desk.ok("--data sspc --json status");
    (desk, serde_json::from_str(&status).unwrap())
}

#[test]
fn a_verified_bundle_is_said_to_be_of_which_ledger_and_by_whom_it_was_founded() {
    let (desk, status) = two_ledgers();
    let key: Value = serde_json::from_str(&desk.ok("--data sspc --json key list")).unwrap();
    let (id, key) = (status["ledger_id"].as_str().unwrap(), key["key"].as_str().unwrap());
    for command in ["verify", "audit"] {
        let said = desk.ok(&format!("{command} --bundle true.bundle"));
        let lines: Vec<&str> = said.lines().collect();
        let founder = format!("founder     {key} (sspc)");
        assert_eq!(
            lines[..3],
            [status["name"].as_str().unwrap(), &format!("ledger      {id}"), &founder]
        );
        let found = desk.ok(&format!("--json {command} --bundle true.bundle"));
        let found: Value = serde_json::from_str(&found).unwrap();
        for (field, expected) in [("ledger_id", id), ("founder", key), ("founder_member", "sspc")] {
            assert_eq!(found[field], expected, "{command}");
        }
        assert_eq!(found["name"], status["name"]);
    }
}

#[test]
fn a_bundle_of_another_ledger_than_the_one_that_was_named_is_refused() {
    let (desk, status) = two_ledgers();
    let id = status["ledger_id"].as_str().unwrap();
    for command in ["verify", "audit"] {
        for digits in [id, &id[..16], &id[..8].to_uppercase()] {
            let ledger = format!("--ledger {digits}");
            desk.ok(&format!("{command} --bundle true.bundle {ledger}"));
            let refused = desk.error(&format!("{command} --bundle invented.bundle {ledger}"));
            assert_eq!(refused, ("bundle.wrong_ledger".to_owned(), 2));
        }
        for wrong in ["abc", "registro", &format!("{id}00")] {
            let refused = desk.error(&format!("{command} --bundle true.bundle --ledger {wrong}"));
            assert_eq!(refused, ("cli.not_ledger_digits".to_owned(), 2), "{wrong}");
        }
        // What is stored is the reader's own.
        let refused = desk.error(&format!("--data sspc {command} --ledger {id}"));
        assert_eq!(refused, ("cli.usage".to_owned(), 2));
    }
}

#[test]
fn digits_that_an_invented_ledger_can_have_too_are_said_to_be_few() {
    let (desk, status) = two_ledgers();
    let id = status["ledger_id"].as_str().unwrap();
    let warns = |digits: &str| {
        let output = desk.run(&format!("verify --bundle true.bundle --ledger {digits}"));
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).contains("compare the whole id")
    };
    assert!(warns(&id[..8]) && !warns(&id[..16]) && !warns(id));
}
