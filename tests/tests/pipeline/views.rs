// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Views, T, and the documents as files.

use constancia_ledger::fault::Coded as _;
use constancia_ledger::order::Moment;
use constancia_ledger::replay::{LogLine, Replay, View};
use constancia_ledger::state::{State, StateError, ViewRecord};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{acceptance, challenge, correction, report, vote};
use constancia_tests::people::{self, DAY_MS, Desk, FOUNDED_AT_MS, HOUR_MS, Person};

use super::{series, state, values};

const AT: u64 = FOUNDED_AT_MS + DAY_MS;

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

/// A report, and a correction a month later.
fn desk() -> Desk {
    let mut desk = Desk::found(3);
    let accepted = acceptance(desk.ledger().charter());
    desk.write(1, FOUNDED_AT_MS + HOUR_MS, accepted);
    let first = desk.write(0, AT, report("I-01", "2023", "851"));
    desk.acknowledge(1, AT + HOUR_MS);
    desk.write(0, AT + 30 * DAY_MS, correction(first, "I-01", "2023", "852"));
    desk.acknowledge(2, AT + 30 * DAY_MS + HOUR_MS);
    desk
}

#[test]
fn a_view_ends_at_its_date() {
    let desk = desk();
    let mut replay = desk.replay();
    let mut shown = |view: View| {
        let state = replay.state(&view).unwrap();
        (values(&series(&state, "I-01", "2023", "miembro-00")), state.index().judged_at)
    };
    assert_eq!(shown(View::AsOf(at(AT + HOUR_MS))), ("[851]".to_owned(), at(AT + HOUR_MS)));
    let later = AT + 30 * DAY_MS;
    assert_eq!(shown(View::AsOf(at(later))).0, "[851]", "nobody else held the correction yet");
    assert_eq!(shown(View::AsClaimed(at(later))).0, "851 [852]");
    assert_eq!(shown(View::AsOf(at(later + HOUR_MS))).0, "851 [852]");
}

#[test]
fn a_view_before_the_charter_says_when_the_ledger_began() {
    let desk = desk();
    let mut replay = desk.replay();
    let view = View::AsClaimed(at(FOUNDED_AT_MS - 1));
    let error = replay.state(&view).unwrap_err();
    assert_eq!(error.code(), "replay.before_charter");
    assert_eq!(
        error.to_string(),
        "the view ends at 2024-01-01T05:59:59.999Z; the ledger began at 2024-01-01T06:00:00.000Z"
    );
    let error = replay.state(&View::AsOf(at(FOUNDED_AT_MS - 1))).unwrap_err();
    assert_eq!(error.code(), "replay.before_charter");
    let first_day = replay.state(&View::AsOf(at(FOUNDED_AT_MS))).unwrap();
    assert_eq!(first_day.index().entries, 1, "nobody has the ledger without its charter");
    let unread = Replay::new(desk.ledger()).state(&View::Frontier).unwrap_err();
    assert_eq!(unread.code(), "replay.before_charter");
}

#[test]
fn a_frontier_pins_its_state_whatever_comes_later() {
    let mut desk = desk();
    let then = desk.replica.frontier().clone();
    let pinned = state(&desk);
    let key = desk.people[0].sign.clone();
    let mut backup = desk.beside();
    backup.sync_from(&desk);
    backup.write_with(&key, AT + 40 * DAY_MS, report("I-01", "2023", "1"), people::Sight::All);
    desk.write(0, AT + 41 * DAY_MS, report("I-01", "2022", "9"));
    desk.write(1, AT + 42 * DAY_MS, report("I-01", "2023", "7"));
    desk.sync_from(&backup);
    let mut replay = desk.replay();
    assert_ne!(replay.state(&View::Frontier).unwrap().digest(), pinned.digest());
    let again = replay.state(&View::At(then)).unwrap();
    assert_eq!(again.digest(), pinned.digest());
    assert_eq!(again.index().view, ViewRecord::Frontier);
}

#[test]
fn a_frontier_must_be_held() {
    let desk = desk();
    let mut other = desk.beside();
    other.take(desk.messages().into_iter().take(3));
    let mut replay = other.replay();
    let ahead = desk.replica.frontier().clone();
    let error = replay.state(&View::At(ahead.clone())).unwrap_err();
    assert_eq!(error.code(), "replay.head_not_held");

    let mut forked = other.replica.frontier().clone();
    let key = desk.people[1].key();
    forked.feeds.get_mut(&key).unwrap().forked_seq = Some(0);
    let error = replay.state(&View::At(forked)).unwrap_err();
    assert_eq!(error.code(), "replay.fork_not_held");

    let mut moved = other.replica.frontier().clone();
    let head = moved.feeds[&key].head;
    moved.feeds.insert(desk.people[2].key(), moved.feeds[&key]);
    assert!(head.is_some());
    assert_eq!(replay.state(&View::At(moved)).unwrap_err().code(), "replay.wrong_head");

    let mut decided = other.replica.frontier().clone();
    decided.decisions.insert(ahead.feeds[&desk.people[2].node_key()].head.unwrap().1);
    assert_eq!(replay.state(&View::At(decided)).unwrap_err().code(), "replay.decision_not_held");
}

#[test]
fn t_is_the_earlier_median_of_the_members_latest_times() {
    let mut desk = Desk::found(4);
    assert_eq!(state(&desk).index().judged_at, at(FOUNDED_AT_MS));
    desk.acknowledge(1, AT);
    assert_eq!(state(&desk).index().judged_at, at(FOUNDED_AT_MS), "of two the earlier");
    desk.acknowledge(2, AT + 1);
    assert_eq!(state(&desk).index().judged_at, at(AT));
    desk.acknowledge(3, AT + 100 * DAY_MS);
    assert_eq!(state(&desk).index().judged_at, at(AT));
    desk.acknowledge(0, AT + 3);
    // Its own claim is early, but it cites the entry that is far ahead.
    assert_eq!(state(&desk).index().judged_at, at(AT + 1));
}

#[test]
fn newer_rules_give_no_state() {
    let people = Person::cast(2);
    let mut charter = people::charter(&people);
    charter.rules.as_mut().unwrap().rules_version = 2;
    let desk = Desk::found_as(people, charter);
    let error = desk.replay().state(&View::Frontier).unwrap_err();
    assert_eq!(error.code(), "replay.rules_version");
}

#[test]
fn newer_rules_leave_every_view_before_them_what_it_was() {
    let mut desk = desk();
    let pinned = View::At(desk.replay().frontier().clone());
    let day = at(AT + 31 * DAY_MS);
    let views = [pinned, View::AsOf(day), View::AsClaimed(day)];
    // When others held an entry, later ones may still say; what stood and counted they cannot change.
    let judged = |log: Vec<LogLine>| -> Vec<_> {
        log.into_iter().map(|line| (line.place.id, line.standing)).collect()
    };
    let logs: Vec<_> = views.iter().map(|view| judged(desk.replay().log(view).unwrap())).collect();
    let before = state(&desk);
    let raise = Decision::RaiseRulesVersion(v1::RaiseRulesVersion { rules_version: 2 });
    let raise = v1::Proposal { decision: Some(raise), ..v1::Proposal::default() };
    let later = AT + 40 * DAY_MS;
    let proposed = desk.write(1, later, Body::Proposal(raise));
    for person in [0, 1] {
        desk.write(person, later, vote(proposed));
    }
    let raised = desk.write(2, later, vote(proposed));
    let reported = desk.write(0, later, report("I-02", "2023", "1"));

    let mut replay = desk.replay();
    for view in [View::Frontier, View::AsClaimed(at(later))] {
        assert_eq!(replay.state(&view).unwrap_err().code(), "replay.rules_version");
        let log = replay.log(&view).unwrap();
        assert!(log.iter().all(|line| line.standing.is_none()));
        assert_eq!(log.last().unwrap().place.id, reported);
    }
    assert_eq!(replay.state(&views[0]).unwrap().digest(), before.digest());
    for (view, log) in views.iter().zip(logs) {
        assert_eq!(judged(replay.log(view).unwrap()), log);
        assert_eq!(replay.state(view).unwrap().index().rules_version, 1);
    }
    let newer = replay.newer_rules().unwrap();
    let raised_by = newer.raised.unwrap();
    assert_eq!((newer.version, raised_by.proposal), (2, proposed));
    let last = replay.log(&View::At(raised_by.before.clone())).unwrap();
    let all = replay.log(&View::Frontier).unwrap();
    let place = all.iter().position(|line| line.place.id == raised_by.at).unwrap();
    let ids = |log: &[LogLine]| log.iter().map(|line| line.place.id).collect::<Vec<_>>();
    assert_eq!(ids(&last), ids(&all[..place]), "all that stands before, and nothing else");
    assert!(ids(&all[place..]).contains(&raised));
    assert!(replay.state(&View::At(raised_by.before)).is_ok());
}

#[test]
fn a_replay_follows_one_ledger() {
    let desk = desk();
    let people = Person::cast(2);
    let charter = people::charter(&people);
    let other = Desk::found_as(people, charter);
    let error = Replay::new(other.ledger()).catch_up(&desk.replica).unwrap_err();
    assert_eq!(error.code(), "replay.other_ledger");
}

#[test]
fn a_state_reads_back_from_its_documents() {
    let mut desk = desk();
    let reported = desk.write(1, AT + 50 * DAY_MS, report("I-02", "2023", "12.50"));
    desk.write(2, AT + 51 * DAY_MS, challenge(reported));
    let state = state(&desk);
    let files: Vec<_> = state.documents().collect();
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "budgets.json",
            "findings.json",
            "governance.json",
            "indicators/I-01.json",
            "indicators/I-02.json",
            "indicators/I-03.json",
            "members.json",
            "plan.json",
            "reviews.json",
            "index.json",
        ]
    );
    let read = State::read(files.clone()).unwrap();
    assert_eq!(read.digest(), state.digest());
    assert_eq!(read.indicator("I-02"), state.indicator("I-02"));
    assert_eq!(read.findings(), state.findings());
    assert_eq!(read.members(), state.members());

    let mut changed = files.clone();
    let text = String::from_utf8(changed[4].1.to_vec()).unwrap().replace("12.50", "12.60");
    changed[4].1 = text.into();
    assert!(matches!(State::read(changed), Err(StateError::WrongHash { .. })));
    let missing = files.iter().skip(1).cloned();
    assert!(matches!(State::read(missing), Err(StateError::Missing { .. })));
    let extra = files.iter().cloned().chain([("x.json".to_owned(), "{}".into())]);
    assert!(matches!(State::read(extra), Err(StateError::NotListed { .. })));
}

#[test]
fn documents_hold_no_number_that_a_reader_could_round() {
    let desk = desk();
    for (name, bytes) in state(&desk).documents() {
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let mut pending = vec![&value];
        while let Some(value) = pending.pop() {
            match value {
                serde_json::Value::Number(number) => {
                    assert!(
                        number.as_i64().is_some_and(|it| it.abs() < 1 << 32),
                        "{name}: {number}"
                    );
                }
                serde_json::Value::Array(list) => pending.extend(list),
                serde_json::Value::Object(fields) => pending.extend(fields.values()),
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::String(_) => {}
            }
        }
    }
}
