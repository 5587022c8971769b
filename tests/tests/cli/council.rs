// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The council by the program itself: what is refused before it is signed, what is foretold, forks
//! settled and proven, members and versions of the plan that come and go.

use std::fs;

use constancia_tests::folder::copy_folder;
use serde_json::Value;

use crate::Desk;

impl Desk {
    /// With a ledger of three members, of which `sspc` founded it, each with its data folder and key.
    pub(crate) fn of_three() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        fs::write(desk.path("plan.yaml"), COUNCIL_PLAN).unwrap();
        for data in ["sspc", "dc", "sre"] {
            desk.ok(&format!("--data {data} key new firma --no-passphrase"));
        }
        desk.ok("--data sspc init --plan plan.yaml --member sspc=sspc/keys/firma.pub \
             --member data-civica=dc/keys/firma.pub --member sre=sre/keys/firma.pub --yes");
        desk.ok("--data sspc export first.bundle");
        desk.ok("--data dc join first.bundle");
        desk.ok("--data sre join first.bundle");
        desk
    }

    /// The same, where the key of `sre` reported two figures for one slot, and `dc` holds both.
    pub(crate) fn with_a_fork() -> Self {
        let desk = Self::of_three();
        copy_folder(&desk.path("sre"), &desk.path("copy"));
        desk.ok("--data sre report --indicator C-01 --period 2023 --value 851 --yes");
        desk.ok("--data copy report --indicator C-01 --period 2023 --value 815 --yes");
        desk.give("sre", "dc");
        desk.give("copy", "dc");
        desk
    }

    /// Hands everything that one folder holds to another; a proven fork is no failure here.
    pub(crate) fn give(&self, from: &str, to: &str) {
        let bundle = format!("{from}-{to}.bundle");
        let _first_time = fs::remove_file(self.path(&bundle));
        self.ok(&format!("--data {from} export {bundle}"));
        let output = self.run(&format!("--data {to} import {bundle}"));
        assert!(matches!(output.status.code(), Some(0 | 1)), "{from} to {to}");
    }

    /// What a command that works says besides its answer.
    pub(crate) fn said(&self, line: &str) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}\n{said}");
        said
    }

    /// The objects that a command answers, whatever it found.
    pub(crate) fn json(&self, line: &str) -> Vec<Value> {
        let output = self.run(&format!("--json {line}"));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The plan of the council's transcripts.
pub(crate) const COUNCIL_PLAN: &str = include_str!("../../transcripts/en/council.in/plan.yaml");

#[test]
fn the_council_honours_a_branch_of_a_fork_and_everybody_counts_it() {
    let desk = Desk::of_three();
    copy_folder(&desk.path("sre"), &desk.path("copy"));
    desk.ok("--data sre report --indicator C-01 --period 2023 --value 851 --yes");
    desk.ok("--data sre report --indicator C-01 --period 2024 --value 797 --yes");
    desk.ok("--data copy report --indicator C-01 --period 2023 --value 815 --yes");
    desk.give("sre", "dc");
    desk.give("copy", "dc");
    assert!(!desk.ok("--data dc history C-01").contains("851"));
    assert_eq!(desk.run("--data dc audit").status.code(), Some(1), "nobody has settled it");

    let fork = desk.json("--data dc fork show sre").remove(0);
    let first = fork["entries"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(fork["entries"].as_array().unwrap().len(), 2, "{fork}");
    let short = &first[..8];
    desk.ok(&format!("--data dc fork resolve sre --honour {short} --yes"));
    desk.ok("--data dc vote resolve-fork yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote resolve-fork yes --yes");
    desk.give("sspc", "dc");
    desk.give("sspc", "copy");
    for data in ["sspc", "dc", "copy"] {
        let history = desk.ok(&format!("--data {data} history C-01"));
        assert!(history.contains("851"), "{data}: {history}");
        assert!(!history.contains("797") && !history.contains("815"), "{data}: {history}");
        assert_eq!(
            desk.json(&format!("--data {data} fork list"))[0]["resolution"]["honoured"],
            first
        );
        desk.ok(&format!("--data {data} audit"));
    }
    let written = desk.error("--data copy report --indicator C-01 --period 2022 --value 1 --yes");
    assert_eq!(written.0, "sign.forked", "the key writes no more");
}

#[test]
fn a_proof_file_verifies_alone_and_says_what_is_wrong_with_it() {
    let desk = Desk::with_a_fork();
    desk.ok("--data dc proof show sre --out proof.txt");
    let checked = desk.json("--data nowhere proof check proof.txt").remove(0);
    assert_eq!(checked["holds"], true);
    let ledger = checked["ledger_id"].as_str().unwrap();
    desk.ok(&format!("proof check proof.txt --ledger {ledger}"));
    let other = "ab".repeat(32);
    let refused = desk.error(&format!("proof check proof.txt --ledger {other}"));
    assert_eq!(refused, ("fork.wrong_ledger".to_owned(), 2));

    let text = fs::read_to_string(desk.path("proof.txt")).unwrap();
    let message = checked["proof"].as_str().unwrap();
    let changed = |from: usize| {
        let digit = if &message[from..=from] == "0" { "1" } else { "0" };
        let broken = format!("{}{digit}{}", &message[..from], &message[from + 1..]);
        fs::write(desk.path("broken.txt"), text.replace(message, &broken)).unwrap();
        desk.run("proof check broken.txt").status.code()
    };
    for from in [5, 100, message.len() / 2, message.len() - 3] {
        assert_eq!(changed(from), Some(4), "digit {from}");
    }
    fs::write(desk.path("cut.txt"), &text[..text.len() - 20]).unwrap();
    assert_eq!(desk.error("proof check cut.txt"), ("proof.damaged".to_owned(), 4));

    // Two signed headers that are one: nothing is broken, and nothing is proven.
    let same = text.replace(message, &one_header_twice(message));
    fs::write(desk.path("same.txt"), same).unwrap();
    let output = desk.run("--json proof check same.txt");
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["code"], "fork.same_entry");
}

/// The proof's message with its first header and signature in both places.
fn one_header_twice(message: &str) -> String {
    use prost::Message as _;
    let digits = message.as_bytes().chunks(2);
    let bytes: Vec<u8> = digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let proof = constancia_proto::v1::ForkProof::decode(bytes.as_slice()).unwrap();
    let twice = constancia_proto::v1::ForkProof {
        header_b: proof.header_a.clone(),
        signature_b: proof.signature_a.clone(),
        ..proof
    };
    let written = twice.encode_to_vec();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    written.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[test]
fn a_draft_of_a_vote_shows_what_it_would_change_and_is_signed_by_another() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose retire-member sre --yes");
    desk.ok("--data dc vote retire-member yes --yes");
    desk.give("dc", "sspc");
    let shown = desk.ok("--data sspc vote retire-member yes --prepare vote.json");
    assert!(shown.contains("retire a member: sre"), "{shown}");
    let output = desk.run("--data sspc sign vote.json --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("with this vote the proposal passes"), "{said}");
    assert!(said.contains("its seat in the council goes; seats left: 2"), "{said}");
    let answer = desk.json("--data sspc council retire-member").remove(0);
    assert_eq!(answer["status"]["code"], "passed");
    assert_eq!(answer["content"]["retire_member"]["member"], "sre");
}

#[test]
fn a_decision_that_would_have_no_effect_is_said_before_it_is_signed() {
    let desk = Desk::of_three();
    // With its only civil-society member gone the council could not meet its quota.
    let output = desk.run("--data sspc propose retire-member data-civica --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("it would have no effect even if it passed"), "{said}");
    let output = desk.run("--data sspc key grant sre sre/keys/firma.pub --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the key is granted already"), "{said}");
    // Governance is never redacted.
    desk.ok("--data sspc accept --yes");
    let accepted = desk.json("--data sspc log --event acceptance").remove(0);
    let id = accepted["id"].as_str().unwrap();
    let output = desk.run(&format!("--data sspc redact {id} --ground law --yes"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("governance is never redacted"), "{said}");
}

#[test]
fn a_member_retires_its_own_keys_and_nobody_else_s() {
    let desk = Desk::of_three();
    let refused = desk.error("--data sspc key retire sre --yes");
    assert_eq!(refused, ("retire.not_own_key".to_owned(), 2));
    assert_eq!(desk.entries("sspc"), 1);
    desk.ok("--data dc accept --yes");
    let output = desk.run("--data dc key retire firma --reason lost --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("ends after entry #0"), "{said}");
    assert!(said.contains("is left without any other key that signs"), "{said}");
    let next = desk.error("--data dc report --indicator C-01 --period 2023 --value 1 --yes");
    assert_eq!(next.0, "sign.key_ended");
    desk.give("dc", "sspc");
    let members = desk.ok("--data sspc status");
    assert!(members.contains("data-civica  takes part"), "what it wrote before counts: {members}");
}

#[test]
fn votes_that_can_have_no_effect_are_refused_and_nothing_is_signed() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.ok("--data sspc redact C-01/2023 --ground law --yes");
    let before = desk.entries("sspc");
    let refused = desk.error("--data sspc vote redact yes --yes");
    assert_eq!(refused, ("council.recused".to_owned(), 2));
    let refused = desk.error("--data sspc enact redact --yes");
    assert_eq!(refused.0, "council.recused");
    desk.give("sspc", "dc");
    assert_eq!(desk.error("--data dc enact redact --yes").0, "council.quorum_not_met");
    let taken = desk.error("--data dc withdraw-proposal redact --reason no --yes");
    assert_eq!(taken.0, "council.not_proposer");
    desk.ok("--data dc vote redact no --yes");
    assert_eq!(desk.error("--data dc vote redact yes --yes").0, "council.already_voted");
    desk.ok("--data sspc withdraw-proposal redact --reason slip --yes");
    assert_eq!(desk.error("--data sspc enact redact --yes").0, "council.withdrawn");
    assert_eq!(desk.entries("sspc"), before + 1);
}

#[test]
fn a_correction_keeps_the_definition_of_what_it_corrects_unless_it_says_otherwise() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    let changes = "indicators:\n  - {id: C-01, pillar: prevention, es: Casos, unit: cases, responsible: [sspc]}\n";
    fs::write(desk.path("changes.yaml"), changes).unwrap();
    desk.ok("--data sspc propose amend-plan changes.yaml --declare-break C-01 --yes");
    desk.ok("--data sspc vote amend-plan yes --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc vote amend-plan yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc correct C-01/2023 --reason source_revised --value 852 --yes");
    desk.ok("--data sspc report --indicator C-01 --period 2024 --value 700 --yes");
    desk.ok("--data sspc correct C-01/2023 --reason definition --value 640 --yes");
    let vintages = desk.json("--data sspc history C-01");
    let versions: Vec<bool> =
        vintages.iter().map(|vintage| vintage["plan_version"].is_string()).collect();
    assert_eq!(versions, [false, false, true, true], "{vintages:?}");
    let history = desk.ok("--data sspc history C-01 --period 2023");
    assert!(history.contains("break declared"), "{history}");
    assert!(history.contains("+1") && history.contains("not comparable"), "{history}");
}

#[test]
fn a_new_member_is_admitted_with_its_key_and_signs() {
    let desk = Desk::of_three();
    desk.ok("--data jtmx key new firma --no-passphrase");
    desk.ok("--data sspc propose admit-member jtmx --class civil_society --name-es Justicia \
         --sign-key jtmx/keys/firma.pub --council --yes");
    desk.ok("--data sspc vote admit-member/jtmx yes --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc vote admit-member yes --yes");
    desk.ok("--data dc export all.bundle");
    desk.ok("--data jtmx join all.bundle");
    desk.ok("--data jtmx accept --yes");
    desk.give("jtmx", "dc");
    let members = desk.json("--data dc status").remove(0);
    let slugs: Vec<&str> = members["members"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|member| member["accepted"] == true)
        .map(|member| member["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["jtmx", "sspc"]);
    let council = desk.ok("--data dc council --all");
    assert!(council.contains("4 seats"), "{council}");
    // The rules go on: quorum and seats are amended on what the admission made of them.
    fs::write(desk.path("rules.yaml"), "council: {quorum: 3}\nlimits: {challenge_days: 10}\n")
        .unwrap();
    let output = desk.run("--data dc propose amend-rules rules.yaml --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("no effect"), "{said}");
    assert!(said.contains("quorum: 2 → 3") && said.contains("none → 10"), "{said}");
}

#[test]
fn an_institution_takes_over_and_its_reports_are_official() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose succession sspc sre --indicator C-01 --yes");
    desk.ok("--data dc vote succession yes --yes");
    desk.give("dc", "sre");
    let output = desk.run("--data sre vote succession/sre yes --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("for C-01; its reports are the official ones"), "{said}");
    desk.ok("--data sre report --indicator C-01 --period 2024 --value 797 --yes");
    let vintage = desk.json("--data sre history C-01").remove(0);
    assert_eq!(vintage["authority"], "official");
}
