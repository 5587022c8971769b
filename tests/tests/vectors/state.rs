// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The state documents that a ledger vector states, byte for byte.

use constancia_ledger::frontier::Frontier;
use constancia_ledger::replay::{Replay, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::state::{IndexDocument, State, ViewRecord};
use serde_json::json;

use crate::compare;
use crate::file::ViewStatement;

/// Replays the view that the stated `index.json` is of, and compares every document.
pub fn check_view(stated: &ViewStatement, replica: &Replica) -> Vec<String> {
    let view = match view_of(stated) {
        Ok(view) => view,
        Err(reason) => return vec![reason],
    };
    let mut replay = Replay::new(replica.ledger());
    replay.catch_up(replica).unwrap();
    let state = replay.state(&view).unwrap();
    let mut differences: Vec<String> =
        compare("state_digest", &stated.state_digest, &json!(state.digest().to_string()))
            .into_iter()
            .collect();
    let names: Vec<String> = state.documents().map(|(name, _)| name).collect();
    let mut stated_names: Vec<&String> = stated.documents.keys().collect();
    stated_names.sort_by_key(|name| (*name == "index.json", *name));
    differences.extend(compare("names of documents", &json!(stated_names), &json!(names)));
    for (name, bytes) in state.documents() {
        let found = String::from_utf8(bytes.to_vec()).unwrap();
        let stated = stated.documents.get(&name);
        differences.extend(compare(&name, &json!(stated), &json!(found)));
    }
    let read = State::read(state.documents()).map(|read| read.digest());
    if !read.as_ref().is_ok_and(|digest| *digest == state.digest()) {
        differences.push(format!("the documents read back as {read:?}"));
    }
    differences
}

fn view_of(stated: &ViewStatement) -> Result<View, String> {
    let index = stated.documents.get("index.json").ok_or("no index.json")?;
    let index: IndexDocument = serde_json::from_str(index).map_err(|error| error.to_string())?;
    Ok(match (index.view, &stated.at) {
        (ViewRecord::Frontier, None) => View::Frontier,
        (ViewRecord::Frontier, Some(at)) => {
            View::At(Frontier::from_text(at).map_err(|error| error.to_string())?)
        }
        (ViewRecord::AsOf { until }, _) => View::AsOf(until),
        (ViewRecord::AsClaimed { until }, _) => View::AsClaimed(until),
    })
}
