// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a decision takes with it is said before anybody signs it: what becomes void, who is left, and
//! that it changes nothing.

use std::fs;

use crate::Desk;

impl Desk {
    /// The first digits of the only entry of this kind.
    fn find(&self, data: &str, event: &str) -> String {
        let line = self.ok(&format!("--data {data} --json log --event {event}"));
        let line: serde_json::Value = serde_json::from_str(line.trim()).unwrap();
        line["id"].as_str().unwrap()[..8].to_owned()
    }
}

#[test]
fn a_redaction_names_the_challenges_that_go_with_it_and_their_rulings_have_no_effect_any_more() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc challenge C-01/2023 --ground arithmetic --text no --yes");
    let challenge = desk.find("dc", "challenge");
    desk.ok(&format!("--data dc propose close-challenge {challenge} --upheld --yes"));
    let gone = [
        format!("challenge {challenge} Data Cívica (data-civica)"),
        "(it was open)".to_owned(),
        "can have no effect any more".to_owned(),
    ];
    let says_all = |said: &str| gone.iter().all(|part| said.contains(part));
    let said = desk.said("--data dc redact C-01/2023 --ground law --yes");
    assert!(says_all(&said), "{said}");
    desk.ok("--data dc vote redact yes --yes");
    desk.give("dc", "sre");
    let whole = desk.ok("--data sre council redact");
    assert!(says_all(&whole), "{whole}");
    let said = desk.said("--data sre vote redact yes --yes");
    assert!(says_all(&said), "{said}");

    let open = desk.json("--data sre council").remove(1);
    assert_eq!(
        open["without_effect"].as_str().unwrap().split(" (").next().unwrap(),
        "what it names has been redacted",
        "{open}"
    );
    let council = desk.ok("--data sre council");
    let idle = "it would have no effect even if it passed: what it names has been redacted";
    assert!(council.contains("open") && council.contains(idle), "{council}");
    let said = desk.said("--data sre vote close-challenge yes --yes");
    desk.give("sre", "dc");
    let last = desk.said("--data dc vote close-challenge yes --yes");
    assert!(last.contains("the proposal would pass without effect"), "{said}\n{last}");
    let passed = desk.ok("--data dc council --all");
    assert!(passed.contains("what it names has been redacted"), "{passed}");
}

#[test]
fn a_ruling_on_what_is_closed_or_does_not_count_is_shown_without_effect() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc challenge C-01/2023 --ground arithmetic --text no --yes");
    let challenge = desk.find("dc", "challenge");
    desk.ok(&format!("--data dc propose close-challenge {challenge} --upheld --yes"));
    assert!(!desk.ok("--data dc council").contains("no effect"));
    desk.ok(&format!("--data dc close {challenge} --withdrawn --yes"));
    let council = desk.ok("--data dc council");
    let closed = format!("the challenge {challenge} is closed already");
    assert!(council.contains(&closed), "{council}");

    // It passes all the same, and the receipt says what the preview said.
    desk.ok("--data dc vote close-challenge yes --yes");
    desk.give("dc", "sre");
    let output = desk.run("--data sre vote close-challenge yes --yes");
    let (receipt, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(said.contains(&format!("would pass without effect: {closed}")), "{said}");
    assert!(receipt.contains(&format!("has passed and has no effect: {closed}")), "{receipt}");
    let council = desk.ok("--data sre council --all");
    assert!(council.contains(&format!("and has no effect: {closed}")), "{council}");
    let record = desk.json("--data sre council close-challenge").remove(0);
    assert_eq!(record["status"]["code"], "passed", "the ledger does not call it void: {record}");
    assert_eq!(record["without_effect"], closed.as_str(), "{record}");
}

#[test]
fn a_ruling_that_closes_a_challenge_has_its_effect_from_then_on() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc challenge C-01/2023 --ground arithmetic --text no --yes");
    desk.ok("--data dc propose close-challenge C-01/2023 --upheld --yes");
    desk.ok("--data dc vote close-challenge yes --yes");
    desk.give("dc", "sre");
    let receipt = desk.json("--data sre vote close-challenge yes --yes").remove(1);
    assert_eq!(receipt["status"], "passed", "{receipt}");
    assert!(receipt.get("without_effect").is_none(), "{receipt}");
    let council = desk.ok("--data sre council --all");
    assert!(council.contains("and has its effect"), "{council}");
}

#[test]
fn whoever_votes_is_told_of_another_open_proposal_that_leaves_nothing_for_this_one() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc redact C-01/2023 --ground law --yes");
    let first = desk.find("dc", "proposal");
    let said = desk.said("--data dc vote redact yes --yes");
    assert!(!said.contains("asks for the same"), "nothing is its own rival: {said}");
    desk.ok("--data dc redact C-01/2023 --ground another --yes");
    desk.give("dc", "sre");
    let same = "still open, asks for the same";
    let said = desk.said(&format!("--data sre vote {first} yes --prepare vote.json"));
    assert!(said.contains(same), "{said}");
    let whole = desk.ok(&format!("--data sre council {first}"));
    assert!(whole.contains(same), "{whole}");
}

#[test]
fn proposals_of_which_only_one_can_have_its_effect_are_told_of_each_other() {
    let desk = Desk::of_three();
    let rival = "still open, is about the same: of the two only the one that passes first";
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    desk.give("sspc", "dc");
    desk.ok("--data dc challenge C-01/2023 --ground arithmetic --text no --yes");
    let said = desk.said("--data dc propose close-challenge C-01/2023 --upheld --yes");
    assert!(!said.contains(rival), "{said}");
    let ruling = desk.find("dc", "proposal");
    let said = desk.said("--data dc propose close-challenge C-01/2023 --not-upheld --yes");
    assert!(said.contains(rival), "{said}");
    let said = desk.said(&format!("--data dc vote {ruling} yes --yes"));
    assert!(said.contains(rival), "{said}");

    desk.ok("--data new key new one --no-passphrase");
    desk.ok("--data new key new other --no-passphrase");
    desk.ok("--data sre propose grant-key sre new/keys/one.pub --yes");
    let admit = |slug: &str, key: &str| {
        desk.said(&format!(
            "--data sre propose admit-member {slug} --class institution --name-es {slug} \
             --sign-key new/keys/{key}.pub --yes"
        ))
    };
    let said = admit("inmujeres", "other");
    assert!(!said.contains(rival), "{said}");
    let said = admit("segob", "one");
    assert!(said.contains(rival), "{said}");

    let desk = Desk::with_a_fork();
    let branch = desk.json("--data dc fork show sre").remove(0)["entries"][0]["id"].clone();
    let said = desk.said("--data dc fork resolve sre --honour none --yes");
    assert!(!said.contains(rival), "{said}");
    let branch = &branch.as_str().unwrap()[..8];
    let said = desk.said(&format!("--data dc fork resolve sre --honour {branch} --yes"));
    assert!(said.contains(rival), "{said}");
}

#[test]
fn of_what_can_pass_no_more_nothing_is_said_to_follow() {
    let desk = Desk::of_three();
    desk.ok("--data sspc propose retire-member sre --yes");
    desk.give("sspc", "dc");
    // Without its only civil-society seat no quota is met.
    let said = desk.said("--data dc vote retire-member no --yes");
    let follows = |said: &str| said.contains("if the council passes it") || said.contains("leaves");
    assert!(said.contains("with this vote the proposal can no longer pass"), "{said}");
    assert!(!follows(&said), "{said}");
    desk.give("dc", "sre");
    let said = desk.said("--data sre vote retire-member yes --yes");
    assert!(said.contains("can no longer pass, not with this vote either"), "{said}");
    assert!(!follows(&said), "{said}");
    let draft = desk.ok("--data sspc vote retire-member yes --prepare vote.json");
    assert!(draft.contains("if the council passes it"), "sspc does not know of the no: {draft}");
    desk.give("sre", "sspc");
    let draft = desk.ok("--data sspc vote retire-member yes --prepare late.json");
    assert!(!follows(&draft), "{draft}");
    let whole = desk.ok("--data sre council retire-member");
    assert!(whole.contains("can no longer pass") && !whole.contains("If it passes"), "{whole}");
    let output = desk.run("--data sre enact retire-member --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("council.quorum_not_met"), "{said}");
    assert!(said.contains("not even all the votes that are missing would be enough"), "{said}");
    assert!(!said.contains("constancia vote"), "{said}");
}

#[test]
fn an_amendment_of_the_source_of_the_rules_alone_is_shown() {
    let desk = Desk::of_three();
    let rules = "council: {source: {kind: published, citation: DOF, published_on: 2021-11-05}}\n";
    fs::write(desk.path("rules.yaml"), rules).unwrap();
    let said = desk.said("--data sspc propose amend-rules rules.yaml --yes");
    assert!(said.contains("source: assumption: nobody published it → DOF"), "{said}");
    assert!(!said.contains("the rules stay as they are"), "{said}");
}

#[test]
fn the_council_says_who_has_no_key_left_to_vote_with() {
    let desk = Desk::of_three();
    let council = desk.ok("--data sre council");
    assert!(!council.contains("without a key"), "{council}");
    desk.ok("--data sre key retire firma --yes");
    let council = desk.ok("--data sre council");
    assert!(
        council.contains("without a key to vote with: Secretariat of Foreign Affairs (sre)"),
        "{council}"
    );
    let council = desk.json("--data sre council").remove(0);
    assert_eq!(council["without_key"], serde_json::json!(["sre"]), "{council}");

    // A fork leaves no key either.
    let desk = Desk::with_a_fork();
    let council = desk.json("--data dc council").remove(0);
    assert_eq!(council["without_key"], serde_json::json!(["sre"]), "{council}");
}

#[test]
fn governance_is_shown_as_what_it_is_never_redacted() {
    let desk = Desk::of_three();
    desk.ok("--data sspc accept --yes");
    let accepted = desk.find("sspc", "acceptance");
    let said = desk.said(&format!("--data sspc redact {accepted} --ground law --yes"));
    assert!(said.contains("it has no effect: governance is never redacted"), "{said}");
    assert!(!said.contains("every replica drops it"), "{said}");
}

#[test]
fn who_asks_for_what_holds_or_is_asked_for_already_is_told() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    let said = desk.said("--data sspc redact C-01/2023 --ground law --yes");
    assert!(!said.contains("asks for the same"), "{said}");
    let said = desk.said("--data sspc redact C-01/2023 --ground another --yes");
    assert!(said.contains("still open, asks for the same"), "{said}");

    let same = "indicators:\n  - {id: C-01, pillar: prevention, es: Víctimas de feminicidio, \
        en: Femicide victims, unit: victims, direction: descending, responsible: [sspc], \
        responsible_source: assumption}\n";
    fs::write(desk.path("same.yaml"), same).unwrap();
    let said = desk.said("--data sspc propose amend-plan same.yaml --yes");
    assert!(
        said.contains("what it asks for holds already; if it passes it only makes a version"),
        "{said}"
    );
    fs::write(desk.path("rules.yaml"), "council: {quorum: 2}\n").unwrap();
    let said = desk.said("--data sspc propose amend-rules rules.yaml --yes");
    assert!(
        said.contains("what it asks for holds already; if it passes it only makes a version"),
        "{said}"
    );
    let said = desk.said("--data sspc propose succession sre sspc --yes");
    assert!(
        said.contains("what it asks for holds already; if it passes it only makes a version"),
        "{said}"
    );
    let said = desk.said("--data sspc propose retire-member sre --yes");
    assert!(!said.contains("asks for the same"), "{said}");
    let said = desk.said("--data sspc propose retire-member sre --yes");
    assert!(said.contains("still open, asks for the same"), "{said}");
}

#[test]
fn who_is_left_responsible_and_who_is_left_to_vote_is_said() {
    let desk = Desk::of_three();
    let said = desk.said("--data sspc propose retire-member sspc --yes");
    assert!(said.contains("it alone is responsible for C-01"), "{said}");
    let none = "indicators:\n  - {id: C-01, pillar: prevention, es: Víctimas de feminicidio, \
        en: Femicide victims, unit: victims, direction: descending}\n";
    fs::write(desk.path("none.yaml"), none).unwrap();
    let said = desk.said("--data sspc propose amend-plan none.yaml --yes");
    assert!(said.contains("no longer responsible for it: sspc"), "{said}");
    assert!(said.contains("nobody is responsible for it"), "{said}");
    let other = none
        .replace("descending}", "descending, responsible: [sre], responsible_source: assumption}");
    fs::write(desk.path("other.yaml"), other).unwrap();
    let said = desk.said("--data sspc propose amend-plan other.yaml --yes");
    assert!(said.contains("now responsible for it: sre"), "{said}");

    // The council needs two, one of them of civil society.
    let said = desk.said("--data sspc key revoke sre --honour none --yes");
    assert!(said.contains("keeps its seat in the council and cannot vote"), "{said}");
    assert!(said.contains("of the council 2 of 3 will be able to vote; 2 are needed"), "{said}");
    let said = desk.said("--data sspc key revoke data-civica --honour none --yes");
    assert!(said.contains("it has no effect: "), "the ledger keeps itself able to decide: {said}");
    let said = desk.said("--data dc key retire firma --yes");
    assert!(said.contains("the council can decide nothing any more"), "{said}");
}
