// SPDX-License-Identifier: Apache-2.0 OR MIT
//! After the council has gone on to rules that this program does not know: it says so, and whatever
//! does not depend on them goes on (R4).

use std::fs;

use serde_json::Value;

use crate::Desk;

impl Desk {
    /// The council goes on to version 2; gives what the program said to the deciding vote.
    fn raise_rules(&self) -> String {
        let output = self.run("--data dc propose raise-rules-version 2 --yes");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("this program knows the rules up to version 1"), "{said}");
        self.ok("--data dc vote raise-rules-version yes --yes");
        self.give("dc", "sspc");
        let output = self.run("--data sspc vote raise-rules-version yes --yes");
        assert_eq!(output.status.code(), Some(0), "signed and stored: no failure");
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(answer.contains("has passed and has its effect"), "{answer}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_past_that_kept_known_rules_is_the_state_that_it_was() {
    let desk = Desk::of_three();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --yes");
    let frontier = desk.ok("--data sspc status --frontier");
    fs::write(desk.path("frontier.txt"), &frontier).unwrap();
    let was = desk.json("--data sspc status").remove(0);
    let status = desk.ok("--data sspc status");
    let claimed = status.lines().find_map(|line| line.strip_prefix("judged at   ")).unwrap();
    desk.give("sspc", "dc");
    desk.raise_rules();

    let pinned = desk.json("--data sspc audit --at frontier.txt").remove(0);
    assert_eq!(pinned["state_digest"], was["state_digest"], "{pinned}");
    let history = desk.ok(&format!("--data sspc history C-01 --as-claimed {claimed}"));
    assert!(history.contains("851"), "{history}");
    let log = desk.ok(&format!("--data sspc log --as-claimed {claimed}"));
    assert!(log.contains("C-01 2023: 851") && !log.contains("not known"), "{log}");

    for today in ["audit", "history C-01", "report --indicator C-01 --period 2024 --value 1 --yes"]
    {
        let refused = desk.error(&format!("--data sspc {today}"));
        assert_eq!(refused, ("replay.rules_version".to_owned(), 2), "{today}");
    }
    desk.ok("verify --data sspc");
    desk.ok("export --data sspc all.bundle");
    desk.ok("verify --bundle all.bundle");
}

#[test]
fn what_is_shown_under_unknown_rules_is_from_before_them_and_says_so() {
    let desk = Desk::with_a_fork();
    desk.ok("--data dc fork resolve sre --honour none --yes");
    desk.ok("--data dc vote resolve-fork yes --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote resolve-fork yes --yes");
    desk.give("sspc", "dc");
    let said = desk.raise_rules();
    assert!(said.contains("once version 2 applies it gives no state"), "{said}");
    assert!(said.contains("version 2 of the rules applies since entry"), "{said}");

    let status = desk.ok("--data sspc status");
    assert!(status.contains("this program knows them up to version 1"), "{status}");
    assert!(
        status.contains("settled by the council: 1") && !status.contains("state  "),
        "{status}"
    );
    let newer = desk.json("--data sspc status").remove(0)["newer_rules"].clone();
    assert_eq!((&newer["version"], &newer["known"]), (&2.into(), &1.into()), "{newer}");

    // A fork that was settled before is settled.
    assert!(desk.ok("--data sspc verify").contains("settled by decision"));
    assert!(desk.ok("--data sspc fork list").contains("settled by decision"));
    desk.ok("--data sspc proof show sre --out proof.txt");
    for look in
        ["council", "council raise-rules-version", "fork show sre", "log", "key list --granted"]
    {
        let output = desk.run(&format!("--data sspc {look}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{look}: {said}");
        assert!(said.contains("what counts since then is not known here"), "{look}: {said}");
    }
    // That it passed, and with which vote, is known; of what else is open it is not.
    let raise = desk.ok("--data sspc council raise-rules-version");
    assert!(raise.contains("  passed  ") && raise.contains("and has its effect"), "{raise}");
    assert!(raise.contains("in favour 2 of 2") && !raise.contains("If it passes"), "{raise}");
    assert!(!desk.ok("--data sspc council").contains("raise the rules version"));
    let raise = desk.json("--data sspc council raise-rules-version").remove(0);
    assert_eq!(raise["status"]["code"], "passed", "{raise}");
    assert_eq!(raise["status"]["at"], newer["raised_at"], "{raise}");
    assert_eq!(raise["agreed"], serde_json::json!(["data-civica", "sspc"]), "{raise}");
    for line in desk.json("--data sspc log") {
        assert_eq!(line["standing"], "not_judged", "{line}");
    }
    let vote = newer["raised_at"].as_str().unwrap();
    let shown = desk.ok(&format!("--data sspc show {}", &vote[..12]));
    assert!(shown.contains("by rules that this program does not know"), "{shown}");
}

#[test]
fn nothing_is_signed_behind_a_vote_that_may_leave_the_known_rules() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose raise-rules-version 2 --yes");
    desk.give("dc", "sspc");
    desk.ok("--data sspc vote raise-rules-version yes --prepare vote.json");
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --prepare report.json");
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(desk.path(name)).unwrap()).unwrap()
    };
    let (mut draft, report) = (read("vote.json"), read("report.json")["events"][0].clone());
    let vote = draft["events"][0].clone();
    draft["events"] = serde_json::json!([vote, report]);
    fs::write(desk.path("wrong.json"), draft.to_string()).unwrap();
    let output = desk.run("--data sspc sign wrong.json --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("vote (event 1)") && said.contains("sign.not_last"), "{said}");
    assert!(said.contains("another follows it: report"), "{said}");
    assert_eq!(desk.entries("sspc"), 2, "neither is signed");

    draft["events"] = serde_json::json!([report, vote]);
    fs::write(desk.path("right.json"), draft.to_string()).unwrap();
    desk.ok("--data sspc sign right.json --yes");
    assert_eq!(desk.entries("sspc"), 4);
}
