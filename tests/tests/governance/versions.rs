// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R31: versions of the plan, breaks in series, successions.

use constancia_ledger::state::{Authority, FindingRule};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{id_bytes, report, report_of};
use constancia_tests::people::{self, Desk, Person};

use super::{AT, outcome, pass, propose, standing, state};

fn amend(base: constancia_ledger::id::EntryId, changes: Vec<v1::PlanChange>) -> Body {
    propose(Decision::AmendPlan(v1::AmendPlan { base: id_bytes(base), changes }))
}

fn set(indicator: v1::Indicator, declared_break: bool) -> v1::PlanChange {
    v1::PlanChange {
        declared_break,
        change: Some(v1::plan_change::Change::SetIndicator(indicator)),
        reason: None,
    }
}

fn sheet(id: &str) -> v1::Indicator {
    let charter = people::charter(&Person::cast(4));
    let plan = charter.plan.unwrap();
    plan.indicators.into_iter().find(|it| it.id == id).unwrap_or_else(|| {
        let charter = people::charter(&Person::cast(4));
        v1::Indicator { id: id.to_owned(), ..charter.plan.unwrap().indicators[0].clone() }
    })
}

#[test]
fn an_amendment_makes_a_version_and_a_report_says_which_it_follows() {
    let mut desk = Desk::found(4);
    let charter = desk.ledger().charter();
    let early = desk.write(0, AT, report("I-09", "2023", "1"));
    let proposed = desk.write(0, AT, amend(charter, vec![set(sheet("I-09"), false)]));
    let mut raw = report_of("I-09", "2023", "1");
    raw.plan_version = id_bytes(proposed);
    let too_early = desk.write(0, AT, Body::Report(raw.clone()));
    pass(&mut desk, proposed, &[0, 1, 2]);
    assert_eq!(outcome(&desk, proposed), "passed");
    let follows = desk.write(0, AT, Body::Report(raw));
    assert_eq!(standing(&desk, early), "void unknown_indicator");
    assert_eq!(standing(&desk, too_early), "void unknown_indicator");
    assert_eq!(standing(&desk, follows), "counted");
    let found = state(&desk);
    let versions: Vec<_> = found.plan().versions.iter().map(|it| it.version).collect();
    assert_eq!(versions, [charter, proposed]);
    let document = found.indicator("I-09").unwrap();
    assert_eq!(document.statements[0].plan_version, Some(proposed));
    assert_eq!(document.versions[0].plan_version, proposed);
}

#[test]
fn of_two_amendments_of_one_version_the_first_in_the_order_holds() {
    let mut desk = Desk::found(4);
    let charter = desk.ledger().charter();
    let first = desk.write(0, AT, amend(charter, vec![set(sheet("I-08"), false)]));
    let second = desk.write(0, AT, amend(charter, vec![set(sheet("I-09"), false)]));
    pass(&mut desk, first, &[0, 1, 2]);
    pass(&mut desk, second, &[0, 1, 2]);
    assert_eq!(outcome(&desk, first), "passed");
    assert_eq!(outcome(&desk, second), "passed_void other_version");
}

#[test]
fn a_redefinition_without_a_declared_break_is_noticed() {
    let mut desk = Desk::found(4);
    let charter = desk.ledger().charter();
    let other = |unit: &str| v1::Indicator { unit: unit.to_owned(), ..sheet("I-01") };
    let silent = desk.write(0, AT, amend(charter, vec![set(other("persons"), false)]));
    pass(&mut desk, silent, &[0, 1, 2]);
    let declared = desk.write(0, AT, amend(silent, vec![set(other("cases"), true)]));
    pass(&mut desk, declared, &[0, 1, 2]);
    let found = state(&desk);
    let noticed: Vec<_> =
        found.findings().findings.iter().filter(|it| it.rule == FindingRule::P11).collect();
    assert_eq!(noticed.len(), 1);
    assert_eq!(noticed[0].evidence, [silent]);
}

#[test]
fn a_removed_indicator_keeps_its_history() {
    let mut desk = Desk::found(4);
    let charter = desk.ledger().charter();
    let reported = desk.write(0, AT, report("I-01", "2023", "851"));
    let change = v1::PlanChange {
        change: Some(v1::plan_change::Change::RemoveIndicator("I-01".to_owned())),
        ..v1::PlanChange::default()
    };
    let proposed = desk.write(0, AT, amend(charter, vec![change]));
    pass(&mut desk, proposed, &[0, 1, 2]);
    let late = desk.write(0, AT, report("I-01", "2024", "852"));
    assert_eq!(standing(&desk, reported), "counted");
    assert_eq!(standing(&desk, late), "void unknown_indicator");
    let found = state(&desk);
    let document = found.indicator("I-01").unwrap();
    assert_eq!(document.removed_by, Some(proposed));
    assert_eq!(document.statements.len(), 1);
}

#[test]
fn who_takes_over_reports_officially_from_then_on_and_old_signatures_stay() {
    let mut desk = Desk::found(4);
    let old = desk.write(0, AT, report("I-01", "2023", "851"));
    let before = desk.write(1, AT, report("I-01", "2023", "852"));
    let proposed = desk.write(
        0,
        AT,
        propose(Decision::Succession(v1::Succession {
            from: "miembro-00".to_owned(),
            to: "miembro-01".to_owned(),
            // A statement: nothing waits for that day.
            effective_on: Some(v1::Date { text: "2099-01-01".to_owned() }),
            ..v1::Succession::default()
        })),
    );
    pass(&mut desk, proposed, &[0, 1, 2]);
    let after = desk.write(1, AT, report("I-01", "2024", "853"));
    let former = desk.write(0, AT, report("I-01", "2024", "854"));
    let found = state(&desk);
    let document = found.indicator("I-01").unwrap();
    let official = |id| document.statement(&id).unwrap().authority;
    assert_eq!(
        [old, before, after, former].map(official),
        [Authority::Official, Authority::Independent, Authority::Official, Authority::Independent]
    );
    assert_eq!(found.plan().successions[0].by, proposed);
}
