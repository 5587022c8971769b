// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: each rule of the replay, on the smallest history that shows it; what the documents say of
//! it; and what is noticed.
//!
//! Method: people with fixed keys write at one desk in memory, at told times; the state is read.

#[path = "pipeline/findings.rs"]
mod findings;
#[path = "pipeline/rights.rs"]
mod rights;
#[path = "pipeline/series.rs"]
mod series;
#[path = "pipeline/views.rs"]
mod views;

use constancia_ledger::event::observation::Coordinates;
use constancia_ledger::id::EntryId;
use constancia_ledger::replay::{LogLine, View};
use constancia_ledger::state::{FindingRule, Series, State};
use constancia_tests::people::Desk;

/// The state of everything that the desk holds.
fn state(desk: &Desk) -> State {
    desk.replay().state(&View::Frontier).unwrap()
}

/// What the replay made of an entry.
fn line(desk: &Desk, entry: EntryId) -> LogLine {
    let log = desk.replay().log(&View::Frontier).unwrap();
    log.into_iter().find(|line| line.place.id == entry).unwrap()
}

/// Standing of an entry, with the reason where it does not count: `void other_member`.
fn standing(desk: &Desk, entry: EntryId) -> String {
    let standing = line(desk, entry).standing.unwrap();
    match standing.reason_code() {
        Some(reason) => format!("{} {reason}", standing.code()),
        None => standing.code().to_owned(),
    }
}

/// The total of an indicator and a period, as a person reported it.
fn series(state: &State, indicator: &str, period: &str, slug: &str) -> Series {
    let observation = Coordinates { period: period.parse().unwrap(), dimensions: Vec::new() };
    let document = state.indicator(indicator).unwrap();
    let mut found = document.series_of(&observation).filter(|it| it.member.as_str() == slug);
    found.next().unwrap().clone()
}

/// The values of a series, the current one in brackets.
fn values(series: &Series) -> String {
    let shown = series.vintages.iter().map(|vintage| {
        let value = vintage.value.map_or_else(|| vintage.status.to_string(), |it| it.to_string());
        if vintage.current { format!("[{value}]") } else { value }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Findings by a rule, as their parameters.
fn noticed(state: &State, rule: FindingRule) -> Vec<Vec<(String, String)>> {
    let findings = state.findings().findings.iter().filter(|finding| finding.rule == rule);
    findings.map(|finding| finding.parameters.clone().into_iter().collect()).collect()
}
