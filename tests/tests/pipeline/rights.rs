// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R5 to R20 where they do not count: each reason why an event is void.

use constancia_ledger::state::{
    ChallengeStanding, CloseKind, FindingRule, ProposalStatus, VoidCode,
};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::{
    acceptance, attestation, budget, cell_key, challenge, close_accepted, close_ruled,
    close_withdrawn, correction, id_bytes, period, proposal, recommendation, report, report_of,
    response, review, vote, withdrawal,
};
use constancia_tests::people::{self, DAY_MS, Desk, FOUNDED_AT_MS, Sight};

use super::{line, noticed, standing, state};

const AT: u64 = FOUNDED_AT_MS + DAY_MS;

/// A desk with a report by person 0.
fn desk() -> (Desk, constancia_ledger::id::EntryId) {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("I-01", "2023", "851"));
    (desk, reported)
}

#[test]
fn a_node_s_key_only_acknowledges() {
    let (mut desk, _) = desk();
    let node = desk.people[1].node.clone();
    let wrong = desk.write_with(&node, AT + 1, report("I-01", "2023", "1"), Sight::All);
    let right = desk.acknowledge(1, AT + 2);
    assert_eq!(standing(&desk, wrong), "void scope");
    assert_eq!(standing(&desk, right), "counted");
    let key = desk.people[1].sign.clone();
    let signed = desk.write_with(&key, AT + 3, Body::Acknowledge(v1::Acknowledge {}), Sight::All);
    assert_eq!(standing(&desk, signed), "counted", "a sign key may acknowledge as well");
}

#[test]
fn what_an_event_names_is_an_ancestor_of_it() {
    let (mut desk, reported) = desk();
    let blind = desk.write_blind(2, AT + 1, attestation(reported));
    assert_eq!(standing(&desk, blind), "void not_an_ancestor");
    let seeing = desk.write(3, AT + 1, attestation(reported));
    assert_eq!(standing(&desk, seeing), "counted");
    let other_sort = desk.write(2, AT + 2, attestation(seeing));
    assert_eq!(standing(&desk, other_sort), "void named_other_sort");
    let unheard_of = constancia_ledger::id::EntryId::from_bytes([9; 32]);
    let nothing = desk.write(3, AT + 3, attestation(unheard_of));
    assert_eq!(standing(&desk, nothing), "void not_an_ancestor");
}

#[test]
fn what_an_event_names_counts_itself() {
    let (mut desk, reported) = desk();
    let foreign = desk.write(2, AT + 1, correction(reported, "I-01", "2023", "1"));
    let attested = desk.write(3, AT + 2, attestation(foreign));
    assert_eq!(standing(&desk, attested), "void named_does_not_count");
}

#[test]
fn a_report_is_of_an_indicator_and_a_version_of_the_plan() {
    let (mut desk, reported) = desk();
    let unknown = desk.write(0, AT + 1, report("I-99", "2023", "1"));
    assert_eq!(standing(&desk, unknown), "void unknown_indicator");
    let mut other_version = report_of("I-01", "2023", "1");
    other_version.plan_version = id_bytes(reported);
    let other_version = desk.write(0, AT + 2, Body::Report(other_version));
    assert_eq!(standing(&desk, other_version), "void unknown_plan_version");
}

#[test]
fn a_member_corrects_and_withdraws_its_own_report_of_one_indicator_and_period() {
    let (mut desk, reported) = desk();
    let cases = [
        (2, correction(reported, "I-01", "2023", "1"), "void other_member"),
        (0, correction(reported, "I-02", "2023", "1"), "void other_indicator"),
        (0, correction(reported, "I-01", "2022", "1"), "void other_period"),
        (2, withdrawal(reported), "void other_member"),
        (0, correction(reported, "I-01", "2023", "852"), "counted"),
    ];
    for (person, body, expected) in cases {
        let entry = desk.write(person, AT + 1, body);
        assert_eq!(standing(&desk, entry), expected);
    }
    let own = desk.write(0, AT + 2, withdrawal(reported));
    assert_eq!(standing(&desk, own), "counted");
}

#[test]
fn nobody_attests_or_challenges_its_own_report() {
    let (mut desk, reported) = desk();
    let attested = desk.write(0, AT + 1, attestation(reported));
    let challenged = desk.write(0, AT + 1, challenge(reported));
    assert_eq!(standing(&desk, attested), "void own_attestation");
    assert_eq!(standing(&desk, challenged), "void own_challenge");
    let state = state(&desk);
    let o14 = state.findings().findings.iter().find(|it| it.rule == FindingRule::O14).unwrap();
    assert_eq!(o14.evidence, [reported, attested]);
    assert!(state.indicator("I-01").unwrap().challenges.is_empty());
}

#[test]
fn a_challenge_is_of_an_observation_that_the_report_has() {
    let (mut desk, reported) = desk();
    let mut missing = v1::Challenge {
        report: id_bytes(reported),
        observation: Some(cell_key(Some("F"))),
        ground: v1::ChallengeGround::Other.into(),
        text: "falta".to_owned(),
        ..v1::Challenge::default()
    };
    let entry = desk.write(2, AT + 1, Body::Challenge(missing.clone()));
    assert_eq!(standing(&desk, entry), "void no_such_observation");
    missing.observation = None;
    let whole = desk.write(2, AT + 2, Body::Challenge(missing));
    assert_eq!(standing(&desk, whole), "counted");
    let state = state(&desk);
    let statement = state.indicator("I-01").unwrap().statement(&reported).unwrap();
    assert_eq!(statement.challenges, [whole]);
}

#[test]
fn only_the_challenged_respond_and_only_the_challenger_closes() {
    let (mut desk, reported) = desk();
    let challenged = desk.write(2, AT + 1, challenge(reported));
    let unrelated = desk.write(0, AT + 2, report("I-01", "2022", "1"));
    let other = desk.write(0, AT + 2, correction(unrelated, "I-01", "2022", "2"));
    let right = desk.write(0, AT + 2, correction(reported, "I-01", "2023", "852"));
    let cases = [
        (3, response(challenged, None), "void not_challenged"),
        (2, response(challenged, None), "void not_challenged"),
        (0, response(challenged, Some(other)), "void not_a_correction_of_it"),
        (0, response(challenged, Some(right)), "counted"),
        (0, close_withdrawn(challenged), "void not_challenger"),
        (3, close_accepted(challenged, right), "void not_challenger"),
        (2, close_accepted(challenged, other), "void not_a_correction_of_it"),
        (2, close_accepted(challenged, reported), "void not_a_correction_of_it"),
        (2, close_accepted(reported, right), "void named_other_sort"),
        (2, close_accepted(challenged, right), "counted"),
    ];
    for (person, body, expected) in cases {
        let entry = desk.write(person, AT + 3, body);
        assert_eq!(standing(&desk, entry), expected);
    }
}

#[test]
fn a_correction_of_a_correction_settles_a_challenge_too() {
    let (mut desk, reported) = desk();
    let challenged = desk.write(2, AT + 1, challenge(reported));
    let first = desk.write(0, AT + 2, correction(reported, "I-01", "2023", "852"));
    let second = desk.write(0, AT + 3, correction(first, "I-01", "2023", "853"));
    let closed = desk.write(2, AT + 4, close_accepted(challenged, second));
    assert_eq!(standing(&desk, closed), "counted");
}

#[test]
fn the_council_rules_on_a_challenge_and_the_challenged_has_no_vote() {
    let (mut desk, reported) = desk();
    let challenged = desk.write(2, AT + 1, challenge(reported));
    let proposed = desk.write(3, AT + 2, proposal(challenged, reported));
    let no_vote = desk.write(3, AT + 3, vote(reported));
    let own_cause = desk.write(0, AT + 4, vote(proposed));
    let first = desk.write(1, AT + 5, vote(proposed));
    let too_early = desk.write(2, AT + 6, close_ruled(challenged, proposed));
    let second = desk.write(2, AT + 7, vote(proposed));
    assert!(!state(&desk).indicator("I-01").unwrap().challenges[0].standing.is_closed());
    let third = desk.write(3, AT + 8, vote(proposed));
    let ruled = desk.write(3, AT + 9, close_ruled(challenged, proposed));
    assert_eq!(standing(&desk, no_vote), "void named_other_sort");
    assert_eq!(standing(&desk, own_cause), "void recused");
    assert_eq!(standing(&desk, too_early), "void not_ruled");
    for entry in [proposed, first, second, third] {
        assert_eq!(standing(&desk, entry), "counted");
    }
    assert_eq!(standing(&desk, ruled), "listed");
    let state = state(&desk);
    let challenge = &state.indicator("I-01").unwrap().challenges[0];
    assert_eq!(challenge.standing, ChallengeStanding::Upheld);
    let closes: Vec<_> = challenge.closes.iter().map(|close| close.outcome).collect();
    assert_eq!(closes, [CloseKind::Ruled, CloseKind::RulingNoted]);
    let proposals = &state.governance().proposals;
    assert_eq!(proposals[0].status, ProposalStatus::Passed { at: third });
    assert_eq!(proposals[0].recused.as_ref().unwrap().as_str(), "miembro-00");
}

#[test]
fn a_budget_is_of_a_line_of_the_plan_and_replaces_the_member_s_own() {
    let (mut desk, reported) = desk();
    let first = desk.write(0, AT + 1, budget("2024", "100", None));
    let foreign = desk.write(1, AT + 2, budget("2024", "100", Some(first)));
    let no_budget = desk.write(1, AT + 2, budget("2024", "100", Some(reported)));
    assert_eq!(standing(&desk, foreign), "void other_member");
    assert_eq!(standing(&desk, no_budget), "void named_other_sort");
    let Body::Budget(mut unknown) = budget("2024", "1", None) else { unreachable!() };
    unknown.line = "L-9".to_owned();
    let unknown = desk.write(0, AT + 3, Body::Budget(unknown));
    assert_eq!(standing(&desk, unknown), "void unknown_line");
}

#[test]
fn who_took_part_signs_off_and_who_is_addressed_answers() {
    let (mut desk, _) = desk();
    let held = desk.write(
        0,
        AT + 1,
        Body::Consultation(v1::Consultation {
            held: period("2024-01"),
            participants: vec!["miembro-02".to_owned()],
            subject: Some(v1::Text { es: "anexo".to_owned(), ..v1::Text::default() }),
            ..v1::Consultation::default()
        }),
    );
    let sign_off = || {
        Body::ConsultationSignOff(v1::ConsultationSignOff {
            consultation: id_bytes(held),
            agrees: true,
            comment: None,
        })
    };
    let reviewed = desk.write(0, AT + 2, review("2023"));
    let recommended = desk.write(2, AT + 3, recommendation(Some(reviewed), "miembro-00"));
    let answer = || {
        Body::RecommendationResponse(v1::RecommendationResponse {
            recommendation: id_bytes(recommended),
            answer: v1::RecommendationAnswer::Accepted.into(),
            ..v1::RecommendationResponse::default()
        })
    };
    let cases = [
        (2, sign_off(), "counted"),
        (3, sign_off(), "void not_a_participant"),
        (0, answer(), "counted"),
        (1, answer(), "void not_an_addressee"),
        (1, recommendation(Some(held), "miembro-00"), "void named_other_sort"),
    ];
    for (person, body, expected) in cases {
        let entry = desk.write(person, AT + 4, body);
        assert_eq!(standing(&desk, entry), expected);
    }
    let state = state(&desk);
    let listed: Vec<_> = state.reviews().events.iter().map(|it| it.event.as_str()).collect();
    let mut expected = vec![
        "consultation",
        "review",
        "recommendation",
        "consultation_sign_off",
        "recommendation_response",
    ];
    expected.sort_unstable();
    let mut found = listed.clone();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_ledger_has_one_charter_and_members_accept_it() {
    let (mut desk, reported) = desk();
    let charter = desk.ledger().charter();
    let accepted = desk.write(1, AT + 1, acceptance(charter));
    let other = desk.write(2, AT + 1, acceptance(reported));
    let second = desk.write(0, AT + 1, Body::Charter(people::charter(&desk.people)));
    assert_eq!(standing(&desk, accepted), "counted");
    assert_eq!(standing(&desk, other), "void other_charter");
    assert_eq!(standing(&desk, second), "void second_charter");
    let state = state(&desk);
    let part = |slug: &str| state.members().member(slug).unwrap().takes_part;
    assert!(part("miembro-00") && part("miembro-01") && !part("miembro-02"));
}

#[test]
fn a_void_event_is_noticed_with_its_rule_and_what_it_names() {
    let (mut desk, reported) = desk();
    let wrong = desk.write(2, AT + 1, withdrawal(reported));
    let state = state(&desk);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        noticed(&state, FindingRule::L2),
        [vec![
            pair("event", "withdrawal"),
            pair("named", &reported.to_string()),
            pair("reason", "other_member"),
            pair("rule", "R11"),
        ]]
    );
    let finding = state.findings().findings.iter().find(|it| it.rule == FindingRule::L2).unwrap();
    assert_eq!(finding.evidence, [reported, wrong]);
    assert_eq!(finding.place, Some(line(&desk, wrong).place));
}

#[test]
fn every_reason_has_a_code_and_a_rule_of_its_own() {
    let mut codes: Vec<_> = VoidCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), VoidCode::ALL.len());
    for code in VoidCode::ALL {
        assert_eq!(code.as_str().parse::<VoidCode>(), Ok(*code));
    }
}
