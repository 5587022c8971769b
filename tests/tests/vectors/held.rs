// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a replica holds, as the vectors' `expect` says it.

use std::collections::BTreeSet;

use constancia_ledger::entry::Kind;
use constancia_ledger::event::{self, Decoded, Event};
use constancia_ledger::id::EntryId;
use constancia_ledger::replay::{LogLine, Replay, View};
use constancia_ledger::replica::Replica;
use constancia_proto::v1;
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::authority::describe_authority;
use crate::compare;

/// Compares what is expected with what is held. `waiting`: entries that wait for a parent.
pub fn check_expected(
    expect: &Map<String, Value>,
    replica: &Replica,
    waiting: &BTreeSet<EntryId>,
) -> Vec<String> {
    let found = describe(replica, waiting);
    expect
        .iter()
        .filter_map(|(name, stated)| match found.get(name) {
            Some(found) => compare(name, stated, found),
            None => Some(format!("{name} is nothing that can be expected")),
        })
        .collect()
}

/// Everything that two implementations have to agree on.
pub fn describe(replica: &Replica, waiting: &BTreeSet<EntryId>) -> Map<String, Value> {
    let mut replay = Replay::new(replica.ledger());
    replay.catch_up(replica).unwrap();
    let log = replay.log(&View::Frontier).unwrap();
    let charter = replay.charter().unwrap();
    let order: Vec<EntryId> = log.iter().map(|line| line.place.id).collect();
    let inside: BTreeSet<EntryId> = order.iter().copied().collect();
    let texts = |ids: &mut dyn Iterator<Item = EntryId>| -> Value {
        ids.map(|id| id.to_string()).collect()
    };
    let frontier = replica.frontier();
    let forks = frontier.feeds.iter().filter_map(|(key, feed)| {
        let seq = feed.forked_seq?;
        Some(json!({"key": key.to_string(), "seq": seq.to_string()}))
    });
    let pending = replica.list_pending().unwrap();
    let is_unknown = |id: &EntryId| event_of(replica, id) == json!("unknown");
    let held = list_held(replica);
    let described = json!({
        "ledger_id": replica.ledger().to_string(),
        "name": charter.name,
        "rules_version": charter.rules.rules_version,
        "order": texts(&mut order.iter().copied()),
        "order_digest": order_digest(&order),
        "frontier": frontier.to_text(),
        "frontier_root": frontier.root().to_string(),
        "forks": forks.collect::<Vec<_>>(),
        "pending": texts(&mut order.iter().copied().filter(|id| pending.contains(id))),
        "unknown": texts(&mut order.iter().copied().filter(is_unknown)),
        "outside": texts(&mut held.into_iter().filter(|id| !inside.contains(id))),
        "waiting": texts(&mut waiting.iter().copied()),
        "times": log.iter().map(times_of).collect::<Map<_, _>>(),
    });
    let mut described = described.as_object().unwrap().clone();
    described.extend(describe_authority(&log, &replay.state(&View::Frontier).unwrap()));
    described
}

/// The name of the event that an entry holds, `unknown`, or null without payload.
pub fn event_of(replica: &Replica, id: &EntryId) -> Value {
    let message = replica.read_message(id).unwrap().unwrap();
    let Some(payload) = message.payload else {
        return Value::Null;
    };
    let header = v1::Header::decode(message.header).unwrap();
    match event::decode(&payload, Kind::from_number(header.kind).unwrap()) {
        Decoded::Known(event) => json!(event.body.name()),
        Decoded::Unknown { .. } => json!("unknown"),
        // An event whose fields break a rule is still the event that it is.
        Decoded::Invalid(_) => {
            let event = v1::Event::decode(payload).unwrap();
            json!(Event::name_and_kind(&event.body.unwrap()).0)
        }
    }
}

/// Ids of all ancestors, ascending.
pub fn ancestors_of(replica: &Replica, id: &EntryId) -> Value {
    let held = list_held(replica);
    held.into_iter()
        .filter(|one| one != id && replica.is_ancestor(one, id).unwrap())
        .map(|one| one.to_string())
        .collect()
}

/// Every entry held, ascending by id.
fn list_held(replica: &Replica) -> BTreeSet<EntryId> {
    let count = replica.count_entries().unwrap();
    (0..count).map(|arrival| replica.find_arrival(arrival).unwrap().unwrap()).collect()
}

fn order_digest(order: &[EntryId]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("constancia v1 order");
    for id in order {
        hasher.update(id.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn times_of(line: &LogLine) -> (String, Value) {
    let times = json!({
        "effective_ms": line.effective_at.as_ms().to_string(),
        "witnessed_ms": line.witnessed_at.map(|at| at.as_ms().to_string()),
    });
    (line.place.id.to_string(), times)
}
