// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R30: a redaction drops a payload everywhere, and nothing else.

use constancia_ledger::id::EntryId;
use constancia_ledger::state::FindingRule;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{
    attestation, challenge, correction, id_bytes, period, proposal, report, review, vote,
};
use constancia_tests::people::Desk;
use constancia_tests::verified::verify_at_once;

use super::{AT, outcome, pass, propose, standing, state};

pub(crate) fn redact(entry: EntryId) -> Body {
    propose(Decision::Redact(v1::Redact {
        entry: id_bytes(entry),
        ground: Some(v1::Source {
            kind: v1::SourceKind::Assumption.into(),
            citation: "datos personales".to_owned(),
            ..v1::Source::default()
        }),
        indicator: "I-01".to_owned(),
        period: period("2023"),
    }))
}

/// A report whose payload nobody would miss in the log: its value is looked for in its bytes.
pub(crate) const SECRET: &str = "87654321";

fn log_has_secret(desk: &Desk) -> bool {
    desk.messages().iter().any(|message| {
        let payload = message.payload.clone().unwrap_or_default();
        payload.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    })
}

#[test]
fn a_redacted_payload_is_gone_everywhere_and_its_place_says_why() {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("I-01", "2023", SECRET));
    let mut early = desk.beside();
    early.sync_from(&desk);
    let proposed = desk.write(1, AT, redact(reported));
    let own_cause = desk.write(0, AT, vote(proposed));
    assert_eq!(standing(&desk, own_cause), "void recused");
    assert!(log_has_secret(&desk));
    pass(&mut desk, proposed, &[1, 2, 3]);
    assert_eq!(outcome(&desk, proposed), "passed");
    assert!(!log_has_secret(&desk));
    assert_eq!(standing(&desk, reported), "redacted");
    let found = state(&desk);
    assert!(found.index().pending.is_empty());
    let document = found.indicator("I-01").unwrap();
    assert!(document.statements.is_empty());
    assert_eq!(document.redactions[0].decision, proposed);
    assert_eq!(document.redactions[0].period.unwrap().to_string(), "2023");
    assert!(found.findings().findings.iter().any(|it| it.rule == FindingRule::L5));
    // Whoever has the payload drops it, and takes it from nobody again.
    let whole = early.messages();
    early.sync_from(&desk);
    assert!(!log_has_secret(&early));
    assert_eq!(state(&early).digest(), found.digest());
    desk.take(whole);
    assert!(!log_has_secret(&desk));
    assert_eq!(state(&desk).digest(), found.digest());
    let again = desk.restart();
    assert_eq!(state(&again).digest(), found.digest());
    verify_at_once(&again.replica);
}

#[test]
fn what_names_a_redacted_entry_is_void_but_its_own_correction() {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("I-01", "2023", SECRET));
    let attested = desk.write(1, AT, attestation(reported));
    let foreign = desk.write(2, AT, correction(reported, "I-01", "2023", "5"));
    let proposed = desk.write(1, AT, redact(reported));
    pass(&mut desk, proposed, &[1, 2, 3]);
    let corrected = desk.write(0, AT, correction(reported, "I-01", "2023", "5"));
    assert_eq!(standing(&desk, attested), "void named_redacted");
    assert_eq!(standing(&desk, foreign), "void other_member");
    assert_eq!(standing(&desk, corrected), "counted");
}

#[test]
fn governance_is_never_redacted_and_nothing_twice() {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("I-01", "2023", SECRET));
    let governing = desk.write(1, AT, redact(reported));
    let wrong = desk.write(1, AT, redact(governing));
    pass(&mut desk, wrong, &[0, 2, 3]);
    assert_eq!(outcome(&desk, wrong), "passed_void not_redactable");
    pass(&mut desk, governing, &[1, 2, 3]);
    let twice = desk.write(1, AT, redact(reported));
    pass(&mut desk, twice, &[1, 2, 3]);
    assert_eq!(outcome(&desk, twice), "passed_void already_decided");
}

#[test]
fn nothing_is_decided_of_what_was_redacted() {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("I-01", "2023", SECRET));
    let challenged = desk.write(1, AT, challenge(reported));
    let ruling = desk.write(1, AT, proposal(challenged, reported));
    let earlier = desk.write(0, AT, report("I-01", "2022", "5"));
    let settled = desk.write(1, AT, challenge(earlier));
    let reviewed = desk.write(2, AT, review("2023"));
    let adopting = propose(Decision::AdoptReview(v1::AdoptReview { review: id_bytes(reviewed) }));
    let adoption = desk.write(1, AT, adopting);
    let redacted = desk.write(1, AT, redact(reported));
    pass(&mut desk, redacted, &[1, 2, 3]);
    let redacted = desk.write(1, AT, redact(reviewed));
    pass(&mut desk, redacted, &[0, 1, 3]);
    pass(&mut desk, ruling, &[1, 2, 3]);
    pass(&mut desk, adoption, &[0, 1, 3]);
    assert_eq!(standing(&desk, challenged), "void named_redacted");
    assert_eq!(outcome(&desk, ruling), "passed_void named_redacted");
    assert_eq!(outcome(&desk, adoption), "passed_void named_redacted");
    // What passed before stands, although nothing is left that it was about.
    let ruling = desk.write(1, AT, proposal(settled, earlier));
    pass(&mut desk, ruling, &[1, 2, 3]);
    let redacted = desk.write(1, AT, redact(earlier));
    pass(&mut desk, redacted, &[1, 2, 3]);
    assert_eq!(outcome(&desk, ruling), "passed");
    assert!(state(&desk).indicator("I-01").unwrap().challenges.is_empty());
}
