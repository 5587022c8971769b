// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R30: a redaction drops a payload everywhere, and nothing else.

use constancia_ledger::id::EntryId;
use constancia_ledger::state::FindingRule;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{attestation, correction, id_bytes, period, report, vote};
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
