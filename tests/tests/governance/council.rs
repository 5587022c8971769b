// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R23 to R26: proposals, votes, quorum, effect.

use constancia_ledger::state::ProposalStatus;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{id_bytes, report, vote};
use constancia_tests::people::{self, Desk, Person, Sight, public};

use super::{
    AT, enact, grant, grant_key, key_bytes, outcome, pass, propose, retire_key, standing, state,
    status,
};

#[test]
fn a_decision_passes_at_the_vote_that_completes_the_quorum() {
    let mut desk = Desk::found(4);
    let newcomer = Person::new(40);
    let proposed = desk.write(0, AT, grant_key(&newcomer.key(), "miembro-01"));
    desk.write(0, AT, vote(proposed));
    desk.write(1, AT, vote(proposed));
    assert_eq!(outcome(&desk, proposed), "open");
    let last = desk.write(2, AT, vote(proposed));
    assert_eq!(status(&desk, proposed), ProposalStatus::Passed { at: last });
    let late = desk.write(3, AT, vote(proposed));
    assert_eq!(standing(&desk, late), "void already_decided");
    let written = desk.write_with(&newcomer.sign, AT, report("I-01", "2024", "1"), Sight::All);
    assert_eq!(standing(&desk, written), "counted");
    let state = state(&desk);
    let member = state.members().member("miembro-01").unwrap();
    let key = member.keys.iter().find(|it| it.key == newcomer.key()).unwrap();
    assert_eq!((key.granted_by, key.entries), (proposed, 1));
}

#[test]
fn a_key_writes_nothing_before_its_grant_is_among_its_ancestors() {
    let mut desk = Desk::found(4);
    let newcomer = Person::new(40);
    let proposed = desk.write(0, AT, grant_key(&newcomer.key(), "miembro-01"));
    pass(&mut desk, proposed, &[0, 1]);
    let early = desk.sign(&newcomer.sign, AT, report("I-01", "2024", "1"), Sight::All);
    pass(&mut desk, proposed, &[2]);
    let ingested = desk.take([early.to_message()]);
    let refused = format!("{:?}", ingested.outcomes[0].1);
    assert!(refused.contains("Stranger"), "{refused}");
    let blind = desk.sign(&newcomer.sign, AT, report("I-01", "2024", "1"), Sight::Own);
    let ingested = desk.take([blind.to_message()]);
    let refused = format!("{:?}", ingested.outcomes[0].1);
    assert!(refused.contains("Stranger"), "{refused}");
}

#[test]
fn votes_cast_side_by_side_pass_once_somebody_enacts() {
    let mut desk = Desk::found(4);
    let newcomer = Person::new(40);
    let proposed = desk.write(0, AT, grant_key(&newcomer.key(), "miembro-01"));
    let aside: Vec<_> = (1..4)
        .map(|person| {
            let mut alone = desk.beside();
            alone.sync_from(&desk);
            let key = alone.people[person].sign.clone();
            alone.sign(&key, AT, vote(proposed), Sight::All).to_message()
        })
        .collect();
    desk.take(aside);
    assert_eq!(outcome(&desk, proposed), "ready");
    let enacted = desk.write(0, AT, enact(proposed));
    assert_eq!(status(&desk, proposed), ProposalStatus::Passed { at: enacted });
    let again = desk.write(1, AT, enact(proposed));
    assert_eq!(standing(&desk, again), "void already_decided");
}

#[test]
fn an_enactment_that_completes_nothing_is_void() {
    let mut desk = Desk::found(4);
    let proposed = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    pass(&mut desk, proposed, &[0, 1]);
    let enacted = desk.write(2, AT, enact(proposed));
    assert_eq!(standing(&desk, enacted), "void quorum_not_met");
    assert_eq!(outcome(&desk, proposed), "open");
}

#[test]
fn a_member_counts_once_and_cannot_change_its_vote() {
    let mut desk = Desk::found(4);
    let proposed = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    let no =
        v1::Vote { proposal: id_bytes(proposed), choice: v1::VoteChoice::No.into(), reason: None };
    desk.write(1, AT, Body::Vote(no));
    let changed = desk.write(1, AT, vote(proposed));
    let deputy = desk.write_as_deputy(1, AT, vote(proposed));
    pass(&mut desk, proposed, &[0, 2]);
    assert_eq!(standing(&desk, changed), "void already_voted");
    assert_eq!(standing(&desk, deputy), "void already_voted");
    assert_eq!(outcome(&desk, proposed), "open");
    let no = v1::Vote {
        proposal: id_bytes(proposed),
        choice: v1::VoteChoice::Abstain.into(),
        reason: None,
    };
    desk.write(3, AT, Body::Vote(no));
    assert_eq!(outcome(&desk, proposed), "blocked");
}

#[test]
fn a_class_with_a_quota_must_agree_too() {
    let people = Person::cast(4);
    let mut charter = people::charter(&people);
    charter.rules.as_mut().unwrap().class_quotas =
        vec![v1::ClassQuota { class: v1::MemberClass::CivilSociety.into(), members: 1 }];
    let mut desk = Desk::found_as(people, charter);
    let proposed = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    pass(&mut desk, proposed, &[0, 1, 3]);
    assert_eq!(outcome(&desk, proposed), "open");
    let record = state(&desk).governance().proposals[0].clone();
    assert_eq!((record.classes[0].needed, record.classes[0].agreed), (1, 0));
    assert_eq!(record.outstanding[0].as_str(), "miembro-02");
    pass(&mut desk, proposed, &[2]);
    assert_eq!(outcome(&desk, proposed), "passed");
}

#[test]
fn who_has_no_seat_has_no_vote_and_anybody_proposes() {
    let people = Person::cast(4);
    let mut charter = people::charter(&people);
    let rules = charter.rules.as_mut().unwrap();
    rules.council.pop();
    rules.quorum = 2;
    let mut desk = Desk::found_as(people, charter);
    let proposed = desk.write(3, AT, grant_key(&Person::new(40).key(), "miembro-03"));
    let voted = desk.write(3, AT, vote(proposed));
    let enacted = desk.write(3, AT, enact(proposed));
    let node = desk.people[0].node.clone();
    let by_node = desk.write_with(&node, AT, vote(proposed), Sight::All);
    assert_eq!(standing(&desk, voted), "void not_on_council");
    assert_eq!(standing(&desk, enacted), "void not_on_council");
    assert_eq!(standing(&desk, by_node), "void scope");
    pass(&mut desk, proposed, &[0, 1]);
    assert_eq!(outcome(&desk, proposed), "passed");
}

#[test]
fn the_proposer_alone_takes_a_proposal_back_before_it_passed() {
    let mut desk = Desk::found(4);
    let withdraw = |proposal| {
        Body::ProposalWithdrawn(v1::ProposalWithdrawn {
            proposal: id_bytes(proposal),
            reason: String::new(),
        })
    };
    let proposed = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    let foreign = desk.write(1, AT, withdraw(proposed));
    assert_eq!(standing(&desk, foreign), "void not_proposer");
    pass(&mut desk, proposed, &[0]);
    let own = desk.write_as_deputy(0, AT, withdraw(proposed));
    assert_eq!(standing(&desk, own), "counted");
    assert_eq!(outcome(&desk, proposed), "withdrawn");
    let voted = desk.write(1, AT, vote(proposed));
    assert_eq!(standing(&desk, voted), "void proposal_withdrawn");
}

#[test]
fn a_member_is_admitted_with_keys_and_a_seat() {
    let mut desk = Desk::found(4);
    let newcomer = Person::new(41);
    let admit = propose(Decision::AdmitMember(v1::AdmitMember {
        member: Some(v1::Member {
            slug: newcomer.slug.clone(),
            class: v1::MemberClass::CivilSociety.into(),
            name: Some(v1::Text { es: "Nueva".to_owned(), ..v1::Text::default() }),
            ..v1::Member::default()
        }),
        keys: vec![grant(&newcomer.key(), &newcomer.slug)],
        council: true,
    }));
    let proposed = desk.write(0, AT, admit.clone());
    pass(&mut desk, proposed, &[0, 1, 2]);
    assert_eq!(outcome(&desk, proposed), "passed");
    let again = desk.write(0, AT, admit);
    pass(&mut desk, again, &[0, 1, 2]);
    assert_eq!(outcome(&desk, again), "passed_void member_exists");
    let another = desk.write(0, AT, grant_key(&Person::new(40).key(), "miembro-01"));
    let voted = desk.write_with(&newcomer.sign, AT, vote(another), Sight::All);
    assert_eq!(standing(&desk, voted), "counted");
    let state = state(&desk);
    let member = state.members().member(&newcomer.slug).unwrap();
    assert_eq!((member.council, member.admitted_by), (true, proposed));
    assert_eq!(state.governance().rules_set_by, proposed);
}

#[test]
fn a_decision_after_which_nobody_could_decide_is_void() {
    let mut desk = Desk::found(3);
    let deputy = public(&desk.people[2].deputy);
    desk.write(2, AT, retire_key(&deputy));
    let people = desk.people.clone();
    let rules = v1::Rules {
        rules_version: 1,
        council: people.iter().map(|person| person.slug.clone()).collect(),
        quorum: 3,
        ..v1::Rules::default()
    };
    let base = id_bytes(desk.ledger().charter());
    let amend = Decision::AmendRules(v1::AmendRules { base, rules: Some(rules) });
    let stricter = desk.write(0, AT, propose(amend));
    pass(&mut desk, stricter, &[0, 1]);
    assert_eq!(outcome(&desk, stricter), "passed");
    let revoked = desk.write(
        0,
        AT,
        propose(Decision::RevokeKey(v1::RevokeKey {
            key: key_bytes(&people[2].key()),
            honoured: None,
        })),
    );
    pass(&mut desk, revoked, &[0, 1, 2]);
    assert_eq!(outcome(&desk, revoked), "passed_void quorum_lost");
    let retired =
        propose(Decision::RetireMember(v1::RetireMember { member: "miembro-02".to_owned() }));
    let retired = desk.write(0, AT, retired);
    pass(&mut desk, retired, &[0, 1, 2]);
    assert_eq!(outcome(&desk, retired), "passed_void quorum_lost");
    // Of four seats and of five three must agree, and three have a key to vote with; of six four.
    let admitted = |number: u8, desk: &mut Desk| {
        let newcomer = Person::new(number);
        let admit = propose(Decision::AdmitMember(v1::AdmitMember {
            member: Some(v1::Member {
                slug: newcomer.slug,
                class: v1::MemberClass::CivilSociety.into(),
                name: Some(v1::Text { es: "Sin clave".to_owned(), ..v1::Text::default() }),
                ..v1::Member::default()
            }),
            keys: Vec::new(),
            council: true,
        }));
        let proposed = desk.write(0, AT, admit);
        pass(desk, proposed, &[0, 1, 2]);
        outcome(desk, proposed)
    };
    assert_eq!(admitted(41, &mut desk), "passed");
    assert_eq!(admitted(42, &mut desk), "passed");
    assert_eq!(admitted(43, &mut desk), "passed_void quorum_lost");
}
