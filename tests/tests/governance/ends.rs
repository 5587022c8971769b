// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R22, R27 to R29: where keys end, and how forks are settled.

use constancia_ledger::entry::{ForkProof, VerifiedEntry};
use constancia_ledger::order::Moment;
use constancia_ledger::replay::View;
use constancia_ledger::replica::Outcome;
use constancia_ledger::state::{FindingRule, ProposalStatus};
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{id_bytes, report, vote};
use constancia_tests::people::{DAY_MS, Desk, Person, Sight, public};

use super::{
    AT, grant_key, key_bytes, outcome, pass, propose, retire_key, revoke, standing, state, status,
};

#[test]
fn what_a_revoked_key_wrote_afterwards_counts_for_nothing() {
    let mut desk = Desk::found(4);
    let key = desk.people[3].key();
    let kept = desk.write(3, AT, report("I-01", "2022", "1"));
    let late = desk.write(3, AT, report("I-01", "2023", "2"));
    let proposed = desk.write(0, AT, revoke(&key, Some((0, kept))));
    pass(&mut desk, proposed, &[0, 1, 2]);
    assert_eq!(outcome(&desk, proposed), "passed");
    assert_eq!(standing(&desk, kept), "counted");
    assert_eq!(standing(&desk, late), "void after_cut_off", "the votes have it as ancestor");
    let feed = desk.replica.frontier().feeds[&key];
    assert_eq!(feed.head.map(|(seq, _)| seq), Some(0));
    let state = state(&desk);
    let keys = &state.members().member("miembro-03").unwrap().keys;
    let record = keys.iter().find(|it| it.key == key).unwrap();
    assert_eq!(record.cut_off.unwrap().by, proposed);
    assert_eq!(record.cut_off.unwrap().honoured, Some(kept));
    assert!(state.findings().findings.iter().any(|it| it.rule == FindingRule::L2));
}

#[test]
fn what_a_revoked_key_writes_is_not_needed_and_a_new_key_goes_on() {
    let mut desk = Desk::found(4);
    let (old, key) = (desk.people[3].sign.clone(), desk.people[3].key());
    let mut alone = desk.beside();
    let late = alone.sign(&old, AT, report("I-01", "2023", "2"), Sight::Own);
    let proposed = desk.write(0, AT, revoke(&key, None));
    pass(&mut desk, proposed, &[0, 1, 2]);
    let outcome = desk.take([late.to_message()]).outcomes[0].1.clone();
    assert!(matches!(outcome, Outcome::NotNeeded { .. }), "{outcome:?}");
    let newer = Person::new(50);
    let proposed = desk.write(0, AT, grant_key(&newer.key(), "miembro-03"));
    pass(&mut desk, proposed, &[0, 1, 2]);
    let written = desk.write_with(&newer.sign, AT, report("I-01", "2023", "3"), Sight::All);
    assert_eq!(standing(&desk, written), "counted");
    alone.take([late.to_message()]);
    alone.sync_from(&desk);
    assert_eq!(alone.replica.frontier(), desk.replica.frontier());
    assert_eq!(state(&alone).digest(), state(&desk).digest());
}

#[test]
fn of_two_revocations_the_one_that_leaves_less_wins() {
    let mut desk = Desk::found(4);
    let key = desk.people[3].key();
    let first = desk.write(3, AT, report("I-01", "2022", "1"));
    let second = desk.write(3, AT, report("I-01", "2023", "2"));
    let weaker = desk.write(0, AT, revoke(&key, Some((1, second))));
    let stronger = desk.write(0, AT, revoke(&key, Some((0, first))));
    pass(&mut desk, stronger, &[0, 1, 2]);
    pass(&mut desk, weaker, &[0, 1, 2]);
    assert_eq!(outcome(&desk, stronger), "passed");
    assert_eq!(outcome(&desk, weaker), "passed_void already_decided");
    assert_eq!(standing(&desk, second), "void after_cut_off");
}

#[test]
fn what_is_to_be_honoured_is_the_key_s_own_and_an_ancestor() {
    let mut desk = Desk::found(4);
    let key = desk.people[3].key();
    let own = desk.write(3, AT, report("I-01", "2022", "1"));
    let foreign = desk.write(0, AT, report("I-01", "2022", "1"));
    let cases = [
        ((0, foreign), "passed_void not_of_key"),
        ((5, own), "passed_void not_of_key"),
        ((0, constancia_ledger::id::EntryId::from_bytes([7; 32])), "passed_void not_an_ancestor"),
        ((0, own), "passed"),
    ];
    for (honoured, expected) in cases {
        let proposed = desk.write(0, AT, revoke(&key, Some(honoured)));
        pass(&mut desk, proposed, &[0, 1, 2]);
        assert_eq!(outcome(&desk, proposed), expected);
    }
}

#[test]
fn a_member_retires_its_own_key_and_no_other() {
    let mut desk = Desk::found(4);
    let (key, deputy) = (desk.people[3].key(), public(&desk.people[3].deputy));
    let before = desk.write_as_deputy(3, AT, report("I-01", "2022", "1"));
    let foreign = desk.write(0, AT, retire_key(&deputy));
    let retired = desk.write(3, AT, retire_key(&deputy));
    let again = desk.write(3, AT, retire_key(&deputy));
    assert_eq!(standing(&desk, foreign), "void not_own_key");
    assert_eq!(standing(&desk, retired), "counted");
    assert_eq!(standing(&desk, again), "void already_decided");
    assert_eq!(standing(&desk, before), "counted");
    let itself = desk.write(3, AT, retire_key(&key));
    assert_eq!(standing(&desk, itself), "counted");
    let place = desk.replica.find_signing_place(&key, u64::MAX, &[]).unwrap();
    assert!(place.end.is_some(), "it can write no more");
}

#[test]
fn a_node_s_key_retires_itself() {
    let mut desk = Desk::found(4);
    let node = desk.people[1].node.clone();
    let retired = desk.write_with(&node, AT, retire_key(&public(&node)), Sight::All);
    assert_eq!(standing(&desk, retired), "counted");
    assert!(desk.replica.frontier().decisions.contains(&retired));
    let next = desk.write(0, AT, report("I-01", "2022", "1"));
    assert!(desk.replica.is_ancestor(&retired, &next).unwrap(), "what decided is cited");
    assert!(desk.replica.frontier().decisions.is_empty());
}

/// Two entries of person 3 in one slot, the first at the desk; with it the other.
fn fork(desk: &mut Desk) -> (VerifiedEntry, VerifiedEntry) {
    let key = desk.people[3].sign.clone();
    let left = desk.sign(&key, AT, report("I-01", "2022", "1"), Sight::Own);
    let right = desk.sign(&key, AT, report("I-01", "2022", "2"), Sight::Own);
    desk.take([left.to_message()]);
    (left, right)
}

#[test]
fn the_council_settles_a_fork_and_the_forked_has_no_vote() {
    let mut desk = Desk::found(4);
    let key = desk.people[3].key();
    let (left, right) = fork(&mut desk);
    desk.take([right.to_message()]);
    assert_eq!(standing(&desk, left.id()), "not in the ledger");
    let honoured = Some(v1::Honoured { seq: 0, id: id_bytes(left.id()) });
    let decision =
        Decision::ResolveFork(v1::ResolveFork { key: key_bytes(&key), seq: 0, honoured });
    let proposed = desk.write_about(0, AT + DAY_MS, propose(decision), &[left.id()]);
    assert_eq!(standing(&desk, left.id()), "forked");
    let own_cause = desk.write_as_deputy(3, AT, vote(proposed));
    assert_eq!(standing(&desk, own_cause), "void recused");
    let last = pass(&mut desk, proposed, &[0, 1, 2]);
    assert_eq!(status(&desk, proposed), ProposalStatus::Passed { at: last });
    assert_eq!(standing(&desk, left.id()), "counted");
    // On the day it was written nobody knew of the fork; what the council saved is not struck there.
    let that_day = View::AsClaimed(Moment::from_ms(AT));
    let log = desk.replay().log(&that_day).unwrap();
    assert!(log.iter().all(|line| line.place.id != proposed));
    let line = log.iter().find(|line| line.place.id == left.id()).unwrap();
    assert_eq!(line.standing.as_ref().unwrap().code(), "counted");
    let mut other = desk.beside();
    other.sync_from(&desk);
    other.sync_from(&desk);
    assert_eq!(state(&other).digest(), state(&desk).digest());
}

#[test]
fn a_retirement_that_a_revocation_goes_beyond_stays_what_it_was() {
    let mut desk = Desk::found(4);
    let (key, deputy) = (desk.people[3].key(), desk.people[3].deputy.clone());
    let first = desk.write(3, AT, report("I-01", "2022", "1"));
    desk.write(3, AT, report("I-01", "2023", "2"));
    let retired = desk.sign(&deputy, AT, retire_key(&key), Sight::All);
    let rival = desk.sign(&deputy, AT, report("I-01", "2023", "3"), Sight::All);
    desk.take([retired.to_message()]);
    let mut alone = desk.beside();
    alone.sync_from(&desk);
    // The deputy's fork leaves the retirement where nobody cites it: it stands, since it took effect.
    desk.take([rival.to_message()]);
    assert!(desk.replica.frontier().decisions.contains(&retired.id()));
    let proposed = desk.write(0, AT, revoke(&key, Some((0, first))));
    pass(&mut desk, proposed, &[0, 1, 2]);
    assert_eq!(outcome(&desk, proposed), "passed");
    assert_eq!(standing(&desk, retired.id()), "counted");
    alone.sync_from(&desk);
    alone.sync_from(&desk);
    assert_eq!(alone.replica.frontier(), desk.replica.frontier());
    assert_eq!(state(&alone).digest(), state(&desk).digest());
}

#[test]
fn what_passed_at_an_entry_beyond_a_fork_stands() {
    let mut desk = Desk::found(4);
    let newcomer = Person::new(40);
    let proposed = desk.write(0, AT, grant_key(&newcomer.key(), "miembro-01"));
    pass(&mut desk, proposed, &[0, 1]);
    let key = desk.people[3].sign.clone();
    let hidden = desk.sign(&key, AT, report("I-01", "2022", "2"), Sight::Own);
    let deciding = desk.write(3, AT, vote(proposed));
    assert_eq!(outcome(&desk, proposed), "passed");
    desk.take([hidden.to_message()]);
    assert_eq!(status(&desk, proposed), ProposalStatus::Passed { at: deciding });
    assert!(desk.replica.frontier().decisions.contains(&deciding));
    // Somebody who has the proof first comes to the same.
    let mut other = desk.beside();
    other.sync_from(&desk);
    other.sync_from(&desk);
    assert_eq!(other.replica.frontier(), desk.replica.frontier());
    assert_eq!(state(&other).digest(), state(&desk).digest());
    let written = other.write_with(&newcomer.sign, AT, report("I-01", "2024", "1"), Sight::All);
    desk.sync_from(&other);
    assert_eq!(standing(&desk, written), "counted");
}

#[test]
fn a_branch_that_decides_nothing_is_not_kept() {
    let mut desk = Desk::found(4);
    let proposed = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    let (left, right) = fork(&mut desk);
    desk.take([right.to_message()]);
    let mut alone = desk.beside();
    alone.sync_from(&desk);
    let held = desk.replica.count_entries().unwrap();
    // A vote on the branch that completes no quorum, and the branch before it.
    let mut branch = Desk::found(4);
    branch.take(desk.messages().into_iter().filter(|it| {
        constancia_ledger::entry::decode_entry(it.clone()).unwrap().id() != left.id()
    }));
    branch.take([right.to_message()]);
    let key = branch.people[3].sign.clone();
    let vote = branch.sign(&key, AT, vote(proposed), Sight::All);
    let outcome = desk.take([vote.to_message(), right.to_message()]);
    assert_eq!(desk.replica.count_entries().unwrap(), held, "{outcome:?}");
    assert!(desk.replica.list_wanted().is_empty());
}

#[test]
fn a_fork_of_a_key_of_which_nothing_is_honoured_reaches_a_replay_that_grows() {
    let mut desk = Desk::found(4);
    let key = desk.people[3].key();
    let (left, right) = fork(&mut desk);
    let proposed = desk.write(0, AT, revoke(&key, None));
    pass(&mut desk, proposed, &[0, 1, 2]);
    assert!(!desk.replica.frontier().feeds.contains_key(&key), "its feed ends before it begins");
    assert_eq!(standing(&desk, left.id()), "void after_cut_off", "others cite it");
    let mut growing = desk.replay();
    growing.state(&View::Frontier).unwrap();
    let proof = ForkProof::of_entries(desk.ledger(), &left, &right).unwrap();
    desk.replica.ingest_proofs(&[proof.to_message()]).unwrap();
    assert_eq!(desk.replica.frontier().feeds[&key].forked_seq, Some(0));
    assert_eq!(standing(&desk, left.id()), "forked");
    growing.catch_up(&desk.replica).unwrap();
    assert_eq!(growing.state(&View::Frontier).unwrap().digest(), state(&desk).digest());
}
