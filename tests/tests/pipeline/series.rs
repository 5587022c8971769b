// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R9 to R18 where they count: vintages, challenges, budgets.

use constancia_ledger::event::report::CorrectionReason;
use constancia_ledger::state::{Authority, ChallengeStanding, Vintage};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::{
    attestation, budget, cell, challenge, close_accepted, close_withdrawn, correction, decimal,
    report, report_of, response, withdrawal,
};
use constancia_tests::people::{DAY_MS, Desk, FOUNDED_AT_MS, HOUR_MS, public};

use super::{series, state, values};

const AT: u64 = FOUNDED_AT_MS + DAY_MS;

fn current(vintages: &[Vintage]) -> &Vintage {
    vintages.iter().find(|vintage| vintage.current).unwrap()
}

#[test]
fn every_published_value_stays_as_a_vintage() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    let second = desk.write(0, AT + 1, correction(first, "I-01", "2023", "852"));
    let third = desk.write(0, AT + 2, correction(second, "I-01", "2023", "853"));
    let fourth = desk.write(0, AT + 3, correction(third, "I-01", "2023", "851"));
    let state = state(&desk);
    let series = series(&state, "I-01", "2023", "miembro-00");
    assert_eq!(values(&series), "851 852 853 [851]");
    let superseded: Vec<_> = series.vintages.iter().map(|it| it.superseded_by).collect();
    assert_eq!(superseded, [Some(second), Some(third), Some(fourth), None]);
    assert_eq!(series.vintages[1].reason.map(CorrectionReason::as_str), Some("source_revised"));
    assert_eq!(series.vintages[0].signer.office.as_deref(), Some("Dirección General"));
}

#[test]
fn a_report_is_official_where_the_member_is_responsible() {
    let mut desk = Desk::found(3);
    desk.write(0, AT, report("I-01", "2023", "851"));
    desk.write(2, AT + 1, report("I-01", "2023", "860"));
    let state = state(&desk);
    let authority = |slug| series(&state, "I-01", "2023", slug).vintages[0].authority;
    assert_eq!(authority("miembro-00"), Authority::Official);
    assert_eq!(authority("miembro-02"), Authority::Independent);
}

#[test]
fn of_two_corrections_side_by_side_the_later_in_the_order_is_current() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    let mut other = desk.beside();
    other.sync_from(&desk);
    let one = desk.write(0, AT + 1, correction(first, "I-01", "2023", "852"));
    let another = other.write_as_deputy(0, AT + 1, correction(first, "I-01", "2023", "853"));
    desk.sync_from(&other);
    other.sync_from(&desk);
    let state = state(&desk);
    assert_eq!(state.digest(), super::state(&other).digest());
    let series = series(&state, "I-01", "2023", "miembro-00");
    let entries: Vec<_> = series.vintages.iter().map(|vintage| vintage.entry).collect();
    // Of equal height: the author's bytes decide.
    let order = if desk.people[0].key() < public(&desk.people[0].deputy) {
        [one, another]
    } else {
        [another, one]
    };
    assert_eq!(entries, [first, order[0], order[1]]);
    assert_eq!(series.vintages[0].superseded_by, Some(order[0]));
    assert_eq!(series.vintages[1].superseded_by, Some(order[1]));
    assert!(series.vintages[2].current);
    let statement = state.indicator("I-01").unwrap().statement(&first).unwrap();
    assert_eq!(statement.replaced_by, order);
}

#[test]
fn a_later_report_takes_the_place_of_an_earlier_one() {
    let mut desk = Desk::found(3);
    desk.write(0, AT, report("I-01", "2023", "851"));
    let second = desk.write(0, AT + 1, report("I-01", "2023", "852"));
    let both = series(&state(&desk), "I-01", "2023", "miembro-00");
    assert_eq!(values(&both), "851 [852]");
    assert_eq!(both.vintages[0].superseded_by, Some(second));
    desk.write(0, AT + 2, withdrawal(second));
    let rest = series(&state(&desk), "I-01", "2023", "miembro-00");
    assert_eq!(values(&rest), "[851] 852", "nothing named the first one");
}

#[test]
fn nothing_takes_the_place_of_a_withdrawn_correction() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    let second = desk.write(0, AT + 1, correction(first, "I-01", "2023", "852"));
    let withdrawn = desk.write(0, AT + 2, withdrawal(second));
    let series = series(&state(&desk), "I-01", "2023", "miembro-00");
    assert_eq!(values(&series), "851 852");
    assert_eq!(series.vintages[1].withdrawn_by, Some(withdrawn));
    assert!(series.current().is_none());
}

#[test]
fn a_correction_that_leaves_a_cell_out_leaves_no_value_there() {
    let mut desk = Desk::found(3);
    let mut whole = report_of("I-01", "2023", "10");
    whole.observations.push(cell(Some("F"), "6"));
    let first = desk.write(0, AT, Body::Report(whole));
    desk.write(0, AT + 1, correction(first, "I-01", "2023", "11"));
    let state = state(&desk);
    let document = state.indicator("I-01").unwrap();
    let shown: Vec<_> = document.series.iter().map(values).collect();
    assert_eq!(shown, ["10 [11]", "6"]);
}

#[test]
fn a_challenge_hangs_on_the_exact_observation_and_goes_its_way() {
    let mut desk = Desk::found(3);
    let mut wrong = report_of("I-02", "2023", "33.7");
    wrong.observations[0].numerator = decimal("947");
    wrong.observations[0].denominator = decimal("3754");
    let reported = desk.write(0, AT, Body::Report(wrong.clone()));
    let challenged = desk.write(2, AT + HOUR_MS, challenge(reported));
    let standing = |desk: &Desk| state(desk).indicator("I-02").unwrap().challenges[0].standing;
    assert_eq!(standing(&desk), ChallengeStanding::Open);
    assert_eq!(state(&desk).members().member("miembro-00").unwrap().challenges_open, 1);

    let mut right = wrong;
    right.observations[0].value = decimal("25.2");
    let corrected = desk.write(
        0,
        AT + 2 * HOUR_MS,
        Body::Correction(v1::Correction {
            replaces: constancia_tests::acts::id_bytes(reported),
            report: Some(right),
            reason: v1::CorrectionReason::Arithmetic.into(),
            explanation: String::new(),
            challenge: constancia_tests::acts::id_bytes(challenged),
        }),
    );
    assert_eq!(standing(&desk), ChallengeStanding::Answered);
    desk.write(0, AT + 3 * HOUR_MS, response(challenged, Some(corrected)));
    desk.write(2, AT + 4 * HOUR_MS, close_accepted(challenged, corrected));
    assert_eq!(standing(&desk), ChallengeStanding::Accepted);

    let state = state(&desk);
    let record = &state.indicator("I-02").unwrap().challenges[0];
    assert_eq!(record.challenged.as_str(), "miembro-00");
    assert_eq!((record.corrections.as_slice(), record.responses.len()), (&[corrected][..], 1));
    let series = series(&state, "I-02", "2023", "miembro-00");
    assert_eq!(values(&series), "33.7 [25.2]");
    assert_eq!(series.vintages[0].challenges, [challenged]);
    assert!(series.vintages[1].challenges.is_empty());
    assert_eq!(state.members().member("miembro-00").unwrap().challenges_open, 0);
}

#[test]
fn the_first_close_decides() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    let challenged = desk.write(2, AT + 1, challenge(first));
    let corrected = desk.write(0, AT + 2, correction(first, "I-01", "2023", "852"));
    desk.write(2, AT + 3, close_withdrawn(challenged));
    desk.write(2, AT + 4, close_accepted(challenged, corrected));
    desk.write(0, AT + 5, response(challenged, None));
    let state = state(&desk);
    let record = &state.indicator("I-01").unwrap().challenges[0];
    assert_eq!(record.standing, ChallengeStanding::Withdrawn);
    assert_eq!(record.closes.len(), 2);
}

#[test]
fn an_attestation_hangs_on_its_report() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    desk.write(2, AT + 1, attestation(first));
    let state = state(&desk);
    let statement = state.indicator("I-01").unwrap().statement(&first).unwrap();
    assert_eq!(statement.attestations[0].act.member.as_str(), "miembro-02");
    let vintage = series(&state, "I-01", "2023", "miembro-00");
    let witnessed = current(&vintage.vintages).witnessed_at.unwrap();
    assert_eq!(witnessed.as_ms(), AT + 1);
}

#[test]
fn an_institution_s_budget_is_official_and_is_replaced_by_its_own() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, budget("2024", "100", None));
    let second = desk.write(0, AT + 1, budget("2024", "120", Some(first)));
    desk.write(2, AT + 2, budget("2024", "90", None));
    let state = state(&desk);
    let lines: Vec<_> = state
        .budgets()
        .budgets
        .iter()
        .map(|it| (it.authority, it.current, it.replaced_by.as_slice()))
        .collect();
    assert_eq!(
        lines,
        [
            (Authority::Official, false, &[second][..]),
            (Authority::Official, true, &[][..]),
            (Authority::Independent, true, &[][..]),
        ]
    );
    assert_eq!(state.budgets().budgets[1].content["amount"]["value"]["amount"], "120");
}

#[test]
fn an_exercise_is_marked_wherever_it_is_shown() {
    let mut desk = Desk::found(3);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    desk.exercise = "otros publicaron este error".to_owned();
    desk.write(0, AT + 1, correction(first, "I-01", "2023", "852"));
    let state = state(&desk);
    let series = series(&state, "I-01", "2023", "miembro-00");
    let marks: Vec<_> = series.vintages.iter().map(|it| it.exercise.as_deref()).collect();
    assert_eq!(marks, [None, Some("otros publicaron este error")]);
    let statements = &state.indicator("I-01").unwrap().statements;
    assert_eq!(statements[1].act.exercise.as_deref(), marks[1]);
}
