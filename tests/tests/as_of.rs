// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: witnessed time is what its definition says; the views that it cuts are causally closed; and
//! nobody alone changes what others held on a day that is past.
//!
//! Method: random histories; the definition computed by brute force over signed headers.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::id::EntryId;
use constancia_ledger::order::Moment;
use constancia_ledger::replay::{LogLine, ReplayError, View};
use constancia_ledger::state::State;
use constancia_tests::acts;
use constancia_tests::histories::{any_history, delivery, honest_history};
use constancia_tests::people::{DAY_MS, Desk, FOUNDED_AT_MS, HOUR_MS};
use proptest::prelude::*;

/// The ancestors of every entry of the ledger, by following parents.
fn ancestors(desk: &Desk, log: &[LogLine]) -> BTreeMap<EntryId, BTreeSet<EntryId>> {
    let mut all: BTreeMap<EntryId, BTreeSet<EntryId>> = BTreeMap::new();
    for line in log {
        let entry = desk.replica.read_entry(&line.place.id).unwrap().unwrap();
        let mut own = BTreeSet::new();
        for parent in entry.header().parents() {
            own.insert(parent);
            own.extend(all[&parent].iter().copied());
        }
        all.insert(line.place.id, own);
    }
    all
}

/// Every document but the index, which names the frontier.
fn documents(state: &State) -> Vec<(String, String)> {
    state
        .documents()
        .filter(|(name, _)| name != "index.json")
        .map(|(name, bytes)| (name, String::from_utf8(bytes.to_vec()).unwrap()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn witnessed_time_is_what_its_definition_says(
        history in any_history(4..40),
        way in delivery(),
    ) {
        let desk = way.deliver(&history, |_| {});
        let log = desk.replay().log(&View::Frontier).unwrap();
        let ancestors = ancestors(&desk, &log);
        for line in &log {
            let expected = log
                .iter()
                .filter(|witness| witness.member != line.member)
                .filter(|witness| ancestors[&witness.place.id].contains(&line.place.id))
                // Nobody has the ledger without its charter.
                .chain((line.place.height == 0).then_some(line))
                .map(|witness| witness.effective_at)
                .min();
            prop_assert_eq!(line.witnessed_at, expected);
            let claims = ancestors[&line.place.id]
                .iter()
                .map(|id| desk.replica.find(id).unwrap().unwrap().facts.claimed_at_ms)
                .fold(line.claimed_at.as_ms(), u64::max);
            prop_assert_eq!(line.effective_at.as_ms(), claims);
        }
    }

    #[test]
    fn views_are_causally_closed_and_only_grow(history in any_history(4..40), way in delivery()) {
        let desk = way.deliver(&history, |_| {});
        let mut replay = desk.replay();
        let log = replay.log(&View::Frontier).unwrap();
        let ancestors = ancestors(&desk, &log);
        let mut times: BTreeSet<Moment> = log.iter().filter_map(|line| line.witnessed_at).collect();
        times.extend(log.iter().map(|line| line.effective_at));
        let views: [fn(Moment) -> View; 2] = [View::AsOf, View::AsClaimed];
        for view in views {
            let mut before = BTreeSet::new();
            for until in &times {
                let viewed = match replay.log(&view(*until)) {
                    Ok(viewed) => viewed,
                    Err(ReplayError::BeforeCharter { began, .. }) => {
                        prop_assert!(began.is_none_or(|began| began > *until));
                        prop_assert!(before.is_empty());
                        continue;
                    }
                    Err(other) => panic!("{other}"),
                };
                let ids: BTreeSet<EntryId> = viewed.iter().map(|line| line.place.id).collect();
                prop_assert!(ids.iter().all(|id| ancestors[id].is_subset(&ids)));
                prop_assert!(before.is_subset(&ids));
                before = ids;
            }
        }
        // The last view has all that was witnessed, and says of it what the whole ledger says.
        if let Some(last) = times.last() && let Ok(state) = replay.state(&View::AsOf(*last)) {
            prop_assert_eq!(state.index().judged_at, *last);
        }
    }

    #[test]
    fn a_dormant_key_that_claims_an_old_day_changes_no_day_that_is_past(
        mut history in honest_history(4..40),
        sleeper in 0..4_usize,
        claimed_days in 0..20_u64,
        value in 0..4_u32,
    ) {
        // Everybody meets, and the nodes say so.
        let mut desk = history.desks.remove(0);
        for other in &history.desks {
            desk.sync_from(other);
        }
        let met_at = FOUNDED_AT_MS + 30 * DAY_MS;
        for person in 0..4 {
            desk.acknowledge(person, met_at + u64::try_from(person).unwrap() * HOUR_MS);
        }
        let mut replay = desk.replay();
        let days: Vec<Moment> = (0..12)
            .map(|step| Moment::from_ms(FOUNDED_AT_MS + step * 3 * DAY_MS))
            .collect();
        let mut before = Vec::new();
        for day in &days {
            before.push(replay.state(&View::AsOf(*day)).ok().map(|state| documents(&state)));
        }
        // Months later a key that slept signs as if it had been then.
        let key = desk.people[sleeper].deputy.clone();
        let claimed_at = FOUNDED_AT_MS + claimed_days * DAY_MS;
        let body = acts::report("I-01", "2023", &value.to_string());
        desk.write_with(&key, claimed_at, body, constancia_tests::people::Sight::Own);
        for person in 0..4 {
            desk.acknowledge(person, met_at + 300 * DAY_MS);
        }
        replay.catch_up(&desk.replica).unwrap();
        for (day, before) in days.iter().zip(before) {
            let after = replay.state(&View::AsOf(*day)).ok().map(|state| documents(&state));
            prop_assert_eq!(after, before);
        }
        let late = replay.state(&View::Frontier).unwrap();
        let noticed = late.findings().findings.iter().any(|finding| {
            finding.rule.as_str() == "L4" && finding.parameters.get("kind").is_some_and(|kind| kind == "backdated")
        });
        prop_assert!(noticed, "the gap between the two times shows");
    }
}
