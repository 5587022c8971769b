// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is noticed, and what is not.

use constancia_ledger::entry::Kind;
use constancia_ledger::order::Moment;
use constancia_ledger::replay::View;
use constancia_ledger::state::{FindingRule, Subject};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::{challenge, correction, decimal, report, report_of, response};
use constancia_tests::people::{self, DAY_MS, Desk, FOUNDED_AT_MS, HOUR_MS, Person, Sight};

use super::{noticed, series, standing, state, values};

const AT: u64 = FOUNDED_AT_MS + DAY_MS;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_value_that_returns_to_an_earlier_one_is_noticed() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    let second = desk.write(0, AT + 1, correction(first, "I-01", "2023", "852"));
    let third = desk.write(0, AT + 2, correction(second, "I-01", "2023", "853"));
    assert!(noticed(&state(&desk), FindingRule::O7).is_empty());
    let fourth = desk.write(0, AT + 3, correction(third, "I-01", "2023", "851"));
    let state = state(&desk);
    assert_eq!(noticed(&state, FindingRule::O7), [pairs(&[("value", "851")])]);
    let trip = state.findings().findings.iter().find(|it| it.rule == FindingRule::O7).unwrap();
    assert_eq!(trip.evidence, [first, second, third, fourth]);
}

#[test]
fn a_repeated_value_is_no_round_trip() {
    let mut desk = Desk::found(3);
    for (offset, value) in ["25.2", "25.20", "25.2"].into_iter().enumerate() {
        desk.write(0, AT + u64::try_from(offset).unwrap(), report("I-01", "2023", value));
    }
    assert!(noticed(&state(&desk), FindingRule::O7).is_empty());
}

#[test]
fn a_quotient_that_does_not_follow_is_noticed_until_it_is_corrected() {
    let mut desk = Desk::found(3);
    let mut wrong = report_of("I-02", "2023", "33.7");
    wrong.observations[0].numerator = decimal("947");
    wrong.observations[0].denominator = decimal("3754");
    let reported = desk.write(0, AT, Body::Report(wrong.clone()));
    let differs = pairs(&[
        ("denominator", "3754"),
        ("kind", "differs"),
        ("numerator", "947"),
        ("value", "33.7"),
    ]);
    assert_eq!(noticed(&state(&desk), FindingRule::O9), [differs]);
    let mut right = wrong;
    right.observations[0].value = decimal("25.2");
    let body = Body::Correction(v1::Correction {
        replaces: constancia_tests::acts::id_bytes(reported),
        report: Some(right),
        reason: v1::CorrectionReason::Arithmetic.into(),
        ..v1::Correction::default()
    });
    desk.write(0, AT + 1, body);
    assert!(noticed(&state(&desk), FindingRule::O9).is_empty());
}

#[test]
fn a_percentage_of_nothing_named_is_noticed() {
    let mut desk = Desk::found(3);
    desk.write(0, AT, report("I-02", "2023", "25.2"));
    desk.write(0, AT, report("I-01", "2023", "851"));
    let no_ratio = pairs(&[("kind", "no_ratio"), ("value", "25.2")]);
    assert_eq!(noticed(&state(&desk), FindingRule::O9), [no_ratio]);
}

#[test]
fn two_members_values_that_differ_are_noticed() {
    let mut desk = Desk::found(3);
    desk.write(0, AT, report("I-01", "2023", "851"));
    desk.write(1, AT, report("I-01", "2023", "851.0"));
    assert!(noticed(&state(&desk), FindingRule::O16).is_empty(), "851 and 851.0 are one number");
    desk.write(2, AT, report("I-01", "2023", "860"));
    assert_eq!(
        noticed(&state(&desk), FindingRule::O16),
        [pairs(&[("miembro-00", "851"), ("miembro-01", "851.0"), ("miembro-02", "860")])]
    );
    let mut thousands = report_of("I-03", "2023", "2");
    thousands.unit_multiplier = 3;
    desk.write(0, AT, Body::Report(thousands));
    desk.write(1, AT, report("I-03", "2023", "2000"));
    assert_eq!(noticed(&state(&desk), FindingRule::O16).len(), 1, "2 thousand are 2000");
}

#[test]
fn a_challenge_is_overdue_at_t_alone() {
    let mut desk = Desk::found(3);
    let reported = desk.write(0, AT, report("I-01", "2023", "851"));
    let challenged = desk.write(2, AT, challenge(reported));
    desk.acknowledge(1, AT + HOUR_MS);
    let overdue = |at_ms: u64| {
        let view = View::AsOf(Moment::from_ms(at_ms));
        noticed(&desk.replay().state(&view).unwrap(), FindingRule::O15)
    };
    assert!(overdue(AT + HOUR_MS + 30 * DAY_MS).is_empty());
    let late = pairs(&[("days", "30"), ("limit_days", "30")]);
    assert_eq!(overdue(AT + HOUR_MS + 30 * DAY_MS + 1), [late]);
    desk.write(0, AT + 2 * HOUR_MS, response(challenged, None));
    desk.acknowledge(1, AT + 3 * HOUR_MS);
    let view = View::AsOf(Moment::from_ms(AT + 60 * DAY_MS));
    let answered = desk.replay().state(&view).unwrap();
    assert!(noticed(&answered, FindingRule::O15).is_empty());
}

#[test]
fn an_entry_that_was_long_unseen_is_backdated() {
    let mut desk = Desk::found(3);
    let old = desk.write_blind(1, AT, report("I-03", "2023", "1"));
    desk.acknowledge(2, AT + 31 * DAY_MS);
    let state = state(&desk);
    let backdated = pairs(&[("days", "31"), ("kind", "backdated"), ("limit_days", "30")]);
    assert_eq!(noticed(&state, FindingRule::L4), [backdated]);
    let subjects: Vec<_> = state
        .findings()
        .findings
        .iter()
        .filter(|it| it.rule == FindingRule::L4)
        .map(|it| it.evidence[0])
        .collect();
    assert_eq!(subjects, [old]);
}

#[test]
fn a_claim_ahead_of_what_cites_it_is_noticed() {
    let mut desk = Desk::found(3);
    let ahead = desk.write(1, AT + DAY_MS, report("I-03", "2023", "1"));
    let citing = desk.acknowledge(2, AT);
    let state = state(&desk);
    let found = state.findings().findings.iter().find(|it| it.rule == FindingRule::L4).unwrap();
    assert_eq!(found.evidence, [ahead, citing]);
    assert_eq!(
        noticed(&state, FindingRule::L4),
        [pairs(&[("ahead_ms", "86400000"), ("kind", "ahead")])]
    );
}

#[test]
fn without_limits_nothing_is_judged_by_them() {
    let people = Person::cast(3);
    let mut charter = people::charter(&people);
    charter.rules.as_mut().unwrap().limits = None;
    let mut desk = Desk::found_as(people, charter);
    let reported = desk.write_blind(1, AT, report("I-03", "2023", "1"));
    desk.write(2, AT + 400 * DAY_MS, challenge(reported));
    desk.acknowledge(1, AT + 800 * DAY_MS);
    assert!(state(&desk).findings().findings.is_empty());
}

#[test]
fn a_silent_member_is_noticed() {
    let mut desk = Desk::found(3);
    desk.acknowledge(1, AT + 92 * DAY_MS);
    desk.acknowledge(0, AT + 92 * DAY_MS);
    let state = state(&desk);
    let silent: Vec<_> = state
        .findings()
        .findings
        .iter()
        .filter(|it| it.rule == FindingRule::L7)
        .map(|it| it.subject.clone())
        .collect();
    assert_eq!(silent, [Subject::Member { member: "miembro-02".parse().unwrap() }]);
}

#[test]
fn unknown_and_invalid_events_change_nothing_and_are_noticed() {
    let mut desk = Desk::found(3);
    // The forge signs whatever it is given, here as person 2's signatory.
    let seed_key = desk.people[2].sign.clone();
    let invalid = desk.write_with(&seed_key, AT, report("I-01", "2023", "01"), Sight::All);
    let unknown = desk.write_raw(&seed_key, AT + 1, &[0xfa, 0x07, 0x00], Kind::Fact);
    assert_eq!(standing(&desk, invalid), "invalid_event event.not_a_decimal");
    assert_eq!(standing(&desk, unknown), "unknown_event");
    let state = state(&desk);
    assert_eq!(
        noticed(&state, FindingRule::L6),
        [
            pairs(&[
                ("kind", "invalid"),
                ("path", "report.observations[0].value"),
                ("rule", "event.not_a_decimal"),
            ]),
            pairs(&[("kind", "unknown")]),
        ]
    );
    assert!(state.indicator("I-01").unwrap().statements.is_empty());
    assert_eq!(state.index().events.get("unknown_event"), Some(&1));
}

#[test]
fn a_pending_payload_is_listed_and_counts_when_it_has_come() {
    let mut desk = Desk::found(3);
    let reported = desk.write(0, AT, report("I-01", "2023", "851"));
    let fixed = desk.write(0, AT + 1, correction(reported, "I-01", "2023", "852"));
    let mut other = desk.beside();
    let mut messages = desk.messages();
    let whole = messages[1].clone();
    messages[1].payload = None;
    messages[1].salt = None;
    other.take(messages);
    let mut replay = other.replay();
    let pending = replay.state(&View::Frontier).unwrap();
    assert_eq!(pending.index().pending, [reported]);
    assert_eq!(standing(&other, reported), "pending");
    assert_eq!(standing(&other, fixed), "void named_pending");
    other.take([whole]);
    let caught_up = replay.catch_up(&other.replica).unwrap();
    assert_eq!((caught_up.entries, caught_up.payloads), (0, 1));
    let complete = replay.state(&View::Frontier).unwrap();
    assert_eq!(complete.digest(), state(&desk).digest());
    assert_eq!(values(&series(&complete, "I-01", "2023", "miembro-00")), "851 [852]");
}

#[test]
fn a_fork_is_noticed_and_what_lies_beyond_counts_for_nothing() {
    let mut desk = Desk::found(3);
    let key = desk.people[1].sign.clone();
    let before = desk.write(1, AT, report("I-03", "2022", "1"));
    let mut other = desk.beside();
    other.sync_from(&desk);
    let left = desk.write(1, AT + 1, report("I-03", "2023", "1"));
    let cited = desk.write(2, AT + 2, challenge(left));
    let mut replay = desk.replay();
    assert_eq!(standing(&desk, left), "counted");
    replay.state(&View::Frontier).unwrap();
    other.write_with(&key, AT + 1, report("I-03", "2023", "2"), Sight::All);
    desk.sync_from(&other);
    assert!(replay.catch_up(&desk.replica).unwrap().from_nothing);
    let found = replay.state(&View::Frontier).unwrap();
    assert_eq!(found.digest(), state(&desk).digest());
    assert_eq!(standing(&desk, before), "counted");
    assert_eq!(
        standing(&desk, left),
        "forked",
        "an ancestor of a challenge: it stays in the order"
    );
    assert_eq!(standing(&desk, cited), "void named_does_not_count");
    let fork = &found.findings().findings.iter().find(|it| it.rule == FindingRule::L1).unwrap();
    assert_eq!(fork.evidence, [left]);
    assert_eq!(noticed(&found, FindingRule::L1), [pairs(&[("seq", "1")])]);
    assert_eq!(
        found.members().member("miembro-01").unwrap().keys.iter().find_map(|it| it.forked_seq),
        Some(1)
    );
    // The other side, once it has what the challenge cites, says the same.
    other.sync_from(&desk);
    other.sync_from(&desk);
    assert_eq!(state(&other).digest(), found.digest());
}
