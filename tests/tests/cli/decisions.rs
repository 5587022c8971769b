// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What whoever decides is shown, and in what words: the whole decision at every vote, how each member
//! voted, what an amendment keeps, what a proposal is called; and reviews, which the council adopts.

use std::fs;

use serde_json::Value;

use crate::Desk;

impl Desk {
    /// The hint of a command that fails.
    fn hint(&self, line: &str) -> String {
        let output = self.run(&format!("--json {line}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let error: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        error["error"]["hint"].as_str().unwrap().to_owned()
    }

    /// The first object that a command answers, whatever it found.
    fn first(&self, line: &str) -> Value {
        let output = self.run(&format!("--json {line}"));
        let said = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(said.lines().next().unwrap_or_else(|| panic!("{line}"))).unwrap()
    }
}

#[test]
fn whoever_votes_first_sees_as_much_as_whoever_votes_last() {
    let desk = Desk::of_three();
    desk.ok(
        "--data dc propose amend-plan --from-proposed P-01 --plan plan.yaml --reason needed --yes",
    );
    desk.give("dc", "sspc");
    let draft = desk.ok("--data sspc vote amend-plan yes --prepare first.json");
    let vote = desk.said("--data sspc vote amend-plan yes --yes");
    desk.give("sspc", "sre");
    let against = desk.said("--data sre vote amend-plan no --yes");
    desk.give("sspc", "dc");
    let last = desk.said("--data dc vote amend-plan yes --yes");
    for shown in [&draft, &vote, &against, &last] {
        assert!(shown.contains("name: Shelters for women"), "what is decided: {shown}");
        assert!(shown.contains("reason: needed"), "{shown}");
        assert!(shown.contains("the plan comes to version 2"), "what it changes: {shown}");
    }
    assert!(vote.contains("stays open") && last.contains("passes"), "{vote}\n{last}");
}

#[test]
fn a_vote_for_what_would_have_no_effect_is_warned_of_also_where_it_decides_nothing() {
    let desk = Desk::of_three();
    // With its only civil-society member gone the council could not meet its quota.
    desk.ok("--data sspc propose retire-member data-civica --yes");
    desk.give("sspc", "sre");
    let vote = desk.said("--data sspc vote retire-member yes --yes");
    assert!(vote.contains("it would have no effect even if it passed"), "{vote}");
    let draft = desk.run("--data sre vote retire-member yes --prepare vote.json");
    let said = String::from_utf8_lossy(&draft.stderr).into_owned();
    assert!(said.contains("it would have no effect even if it passed"), "{said}");
}

#[test]
fn an_amendment_of_the_rules_keeps_every_limit_and_quota_that_it_does_not_name() {
    let desk = Desk::of_three();
    let pass = |file: &str| {
        fs::write(desk.path("rules.yaml"), file).unwrap();
        let said = desk.said("--data dc propose amend-rules rules.yaml --yes");
        desk.ok("--data dc vote amend-rules yes --yes");
        desk.give("dc", "sspc");
        desk.ok("--data sspc vote amend-rules yes --yes");
        desk.give("sspc", "dc");
        (said, desk.first("--data dc council")["rules"].clone())
    };
    let (_, rules) = pass("limits: {backdating_days: 30, challenge_days: 10}\n");
    assert_eq!(rules["limits"]["backdating_days"], 30);
    let (said, rules) = pass("limits: {challenge_days: 20}\n");
    assert_eq!(rules["limits"]["backdating_days"], 30, "{rules}");
    assert_eq!(rules["limits"]["challenge_days"], 20, "{rules}");
    assert!(said.contains("10 → 20") && !said.contains("30 →"), "{said}");
    let (said, rules) =
        pass("limits: {backdating_days: null}\ncouncil: {class_quota: {civil_society: null}}\n");
    assert!(rules["limits"].get("backdating_days").is_none(), "{rules}");
    assert_eq!(rules["limits"]["challenge_days"], 20, "{rules}");
    assert_eq!(rules["class_quotas"].as_array().unwrap().len(), 1, "{rules}");
    assert!(said.contains("30 → none"), "{said}");
}

#[test]
fn a_review_is_written_and_the_council_makes_it_its_own() {
    let desk = Desk::of_three();
    fs::write(desk.path("review.pdf"), "the review itself").unwrap();
    let line = "--data dc review --period 2021..2024 --title Halfway --summary Late";
    let draft = desk.ok(&format!("{line} --prepare review.json"));
    assert!(draft.contains("period: 2021..2024") && draft.contains("summary: Late"), "{draft}");
    assert_eq!(desk.entries("dc"), 1, "a draft signs nothing");
    desk.ok(&format!("{line} --evidence review.pdf --yes"));
    let review = desk.first("--data dc log --event review");
    let id = review["id"].as_str().unwrap()[..8].to_owned();
    desk.ok(&format!("--data dc propose adopt-review {id} --yes"));
    desk.ok("--data dc vote adopt-review yes --yes");
    desk.give("dc", "sspc");
    let said = desk.said("--data sspc vote adopt-review yes --yes");
    assert!(said.contains("becomes the council's own"), "{said}");
    let proposal = desk.first("--data sspc council adopt-review");
    assert_eq!(proposal["status"]["code"], "passed", "{proposal}");
    let wrong = desk.error("--data dc review --period soon --title x --yes");
    assert_eq!(wrong.0, "event.not_a_period");
}

#[test]
fn the_council_says_how_each_member_voted_and_that_nothing_is_open() {
    let desk = Desk::of_three();
    let council = desk.ok("--data dc council");
    assert!(council.contains("Nothing is before the council"), "{council}");
    let rules = desk.first("--data dc council");
    assert_eq!(rules["seats"], 3);
    assert_eq!(rules["quorum"], 2);
    assert_eq!(rules["council"][0], "data-civica");
    assert_eq!(rules["proposals"], 0);

    desk.ok("--data dc propose retire-member sspc --yes");
    desk.ok("--data dc vote retire-member abstain --yes");
    desk.give("dc", "sre");
    desk.ok("--data sre vote retire-member no --yes");
    let council = desk.ok("--data sre council");
    let has = |line: &str| council.lines().any(|found| found.trim() == line);
    assert!(has("voted no: Secretariat of Foreign Affairs (sre)"), "{council}");
    assert!(has("abstained: Data Cívica (data-civica)"), "{council}");
    assert!(council.contains("named by its id or retire-member/sspc"), "{council}");
    assert_eq!(desk.first("--data sre council")["proposals"], 1);
}

#[test]
fn a_member_that_was_retired_is_shown_so_and_offered_no_more() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose retire-member sre --yes");
    desk.ok("--data dc vote retire-member yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote retire-member yes --yes");
    let status = desk.ok("--data sspc status");
    assert!(status.contains("sre          retired by decision"), "{status}");
    let members = desk.first("--data sspc status")["members"].clone();
    let by = |slug: &str| {
        let member = members.as_array().unwrap().iter().find(|member| member["slug"] == slug);
        member.unwrap()["retired_by"].as_str().unwrap().len()
    };
    assert_eq!((by("sre"), by("sspc")), (64, 0), "{members}");
    let hint = desk.hint("--data sspc log --member nobody-at-all");
    assert!(hint.contains("sspc") && !hint.contains("sre"), "{hint}");
}

#[test]
fn a_proposal_that_does_not_exist_is_answered_with_the_names_of_those_that_do() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose retire-member sspc --yes");
    for name in ["foo", "C-01/2023", "revoke-key/sspc"] {
        let line = format!("--data dc vote {name} yes --yes");
        assert_eq!(desk.error(&line), ("reference.no_such_proposal".to_owned(), 2));
        assert!(desk.hint(&line).contains("retire-member/sspc"), "{}", desk.hint(&line));
    }
    let short = desk.error("--data dc key revoke ab --yes");
    assert_eq!(short, ("reference.key_too_short".to_owned(), 2));
}

#[test]
fn a_proposal_is_taken_back_with_a_reason() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose retire-member sspc --yes");
    let without = |end: [&str; 1]| {
        let mut command = desk.command();
        command.args(["--data", "dc", "withdraw-proposal", "retire-member", "--reason", ""]);
        command.args(end).output().unwrap()
    };
    for end in [["--yes"], ["--prepare=draft.json"]] {
        let output = without(end);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("event.missing"), "{said}");
    }
    assert_eq!(desk.entries("dc"), 2);
}

#[test]
fn a_node_s_key_retires_itself_and_nothing_else() {
    let desk = Desk::empty();
    fs::write(desk.path("plan.yaml"), crate::PLAN).unwrap();
    desk.ok("--data sspc key new firma --no-passphrase");
    desk.ok("--data sspc key new node --no-passphrase");
    desk.ok(
        "--data sspc init --plan plan.yaml --member sspc=sspc/keys/firma.pub,sspc/keys/node.pub \
         --key firma --yes",
    );
    for refused in ["key retire firma", "accept"] {
        let error = desk.error(&format!("--data sspc {refused} --key node --yes"));
        assert_eq!(error, ("sign.node_key".to_owned(), 2), "{refused}");
    }
    desk.ok("--data sspc key retire node --key node --yes");
    let keys = desk.ok("--data sspc --json key list --granted");
    assert!(keys.contains("\"cut_off\":{"), "{keys}");
    let again = desk.error("--data sspc key retire node --key node --yes");
    assert_eq!(again.0, "sign.key_ended");
}

#[test]
fn a_revocation_says_what_stands_of_what_the_key_wrote() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose amend-plan --from-proposed P-01 --plan plan.yaml --yes");
    desk.ok("--data dc vote amend-plan yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote amend-plan yes --yes");
    let said = desk.said("--data sspc key revoke sspc --honour none --yes");
    assert!(said.contains("took effect, which stands: 2\n      #0 "), "the charter too: {said}");
    assert!(!said.contains("counts for nothing, and"), "{said}");
}

#[test]
fn a_past_day_is_judged_by_forks_as_they_are_settled_today() {
    let desk = Desk::with_a_fork();
    let fork = desk.first("--data dc fork show sre");
    let short = &fork["entries"][0]["id"].as_str().unwrap()[..8];
    let log = desk.run("--data dc log --last 1").stdout;
    let log = String::from_utf8(log).unwrap();
    let day = log.split_whitespace().find(|word| word.ends_with('Z')).unwrap();
    let then = format!("--data dc audit --as-claimed {day}");
    assert_eq!(desk.run(&then).status.code(), Some(1), "nobody has settled it");
    desk.ok(&format!("--data dc fork resolve sre --honour {short} --yes"));
    desk.ok("--data dc vote resolve-fork yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote resolve-fork yes --yes");
    desk.give("sspc", "dc");
    desk.ok(&then);
}

#[test]
fn no_draft_is_left_of_what_is_settled() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose amend-plan --from-proposed P-01 --plan plan.yaml --yes");
    desk.ok("--data dc vote amend-plan yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote amend-plan yes --yes");
    for drafted in ["enact amend-plan", "vote amend-plan no", "--json enact amend-plan"] {
        let output = desk.run(&format!("--data sspc {drafted} --prepare draft.json"));
        assert_eq!(output.status.code(), Some(2), "{drafted}");
        assert!(!desk.path("draft.json").exists(), "{drafted}");
    }
}
