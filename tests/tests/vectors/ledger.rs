// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vectors of type `ledger` and `authority`: entries and fork proofs, one after another, into one replica.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::entry::{DecodeError, ForkProof, UnverifiedEntry, decode_signed_entry};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::EntryId;
use constancia_ledger::replica::{Ingested, Origin, Outcome, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use prost::Message as _;
use serde_json::{Value, json};

use crate::compare;
use crate::file::{Expected, HistoryCase, LedgerVector, Step};
use crate::held::{ancestors_of, check_expected, describe, event_of};
use crate::state::check_view;

/// Compares a whole file.
pub fn check_ledger(vector: &LedgerVector) -> Vec<String> {
    check(&vector.ledger_id, &vector.steps, &vector.expect)
}

/// Compares a history of authority.
pub fn check_history(case: &HistoryCase) -> Vec<String> {
    check(&case.ledger_id, &case.steps, &case.expect)
}

fn check(ledger_id: &Value, steps: &[Step], expect: &Expected) -> Vec<String> {
    let Some((charter, steps)) = steps.split_first() else {
        return vec!["no step".to_owned()];
    };
    let mut scene = match Scene::found(charter) {
        Ok(scene) => scene,
        Err(code) => return vec![format!("the charter: {code}")],
    };
    let mut differences = scene.compare_entry(charter, scene.replica.ledger().charter());
    for (number, step) in (2..).zip(steps) {
        let found = scene.check_step(step).into_iter();
        differences.extend(found.map(|one| format!("step {number}, {}: {one}", step.about)));
    }
    let ledger = json!(scene.replica.ledger().to_string());
    differences.extend(compare("ledger_id", ledger_id, &ledger));
    differences.extend(check_expected(&expect.held, &scene.replica, &scene.list_waiting()));
    for view in &expect.views {
        let found = check_view(view, &scene.replica).into_iter();
        differences.extend(found.map(|one| format!("{}: {one}", view.about)));
    }
    differences.extend(scene.compare_read_back());
    differences
}

/// A replica, and what waits to come into it.
struct Scene {
    replica: Replica,
    /// With the parents of each.
    waiting: BTreeMap<EntryId, Vec<EntryId>>,
}

impl Scene {
    fn found(charter: &Step) -> Result<Self, String> {
        let bytes = bytes_of(charter.entry.as_ref().ok_or("no entry")?);
        let charter = decode_signed_entry(&bytes).map_err(|error| error.code().to_owned())?;
        let (log, rows) = (Box::<MemoryLog>::default(), Arc::new(MemoryRows::default()));
        let replica = Replica::found(charter, log, rows);
        let replica = replica.map_err(|error| error.code().to_owned())?;
        Ok(Self { replica, waiting: BTreeMap::new() })
    }

    fn check_step(&mut self, step: &Step) -> Vec<String> {
        let (outcome, id) = match (&step.entry, &step.fork_proof) {
            (Some(entry), None) => self.take_entry(decode_signed_entry(&bytes_of(entry))),
            (None, Some(proof)) => (self.take_proof(&bytes_of(proof)), None),
            _ => return vec!["expected an entry or a fork proof".to_owned()],
        };
        if let Some(stated) = &step.refused {
            let found = json!(outcome.err());
            let found = if step.may_not_decode { as_not_canonical(found) } else { found };
            return compare("refused", stated, &found).into_iter().collect();
        }
        let stated = step.outcome.clone().unwrap_or_else(|| json!("new"));
        let found = outcome.map_or_else(|code| json!({ "refused": code }), |found| json!(found));
        let mut differences: Vec<String> =
            compare("outcome", &stated, &found).into_iter().collect();
        if let Some(id) = id {
            differences.extend(self.compare_entry(step, id));
        }
        differences
    }

    /// What became of an entry, or the code of its refusal; and its id where it has one.
    fn take_entry(
        &mut self,
        entry: Result<UnverifiedEntry, DecodeError>,
    ) -> (Result<&'static str, &'static str>, Option<EntryId>) {
        let parents = entry.as_ref().ok().map(|entry| entry.header().parents().collect());
        let ingested = self.replica.ingest(vec![entry], Origin::Local).unwrap();
        let Ingested { outcomes, released, forked } = ingested;
        let (id, outcome) = outcomes.into_iter().next().unwrap();
        let found = match outcome {
            Outcome::Stored { .. } => Ok("new"),
            Outcome::AlreadyHeld => Ok("held"),
            Outcome::PayloadStored => Ok("payload"),
            Outcome::HeldBack { .. } => Ok("waits"),
            Outcome::Fork { .. } if !forked.is_empty() => Ok("fork"),
            // Of a fork that was known the entry proves nothing new.
            Outcome::Fork { .. } | Outcome::NotNeeded { .. } => Ok("not_needed"),
            Outcome::Refused(error) => Err(error.code()),
        };
        if let (Ok("waits"), Some(id), Some(parents)) = (&found, id, parents) {
            self.waiting.insert(id, parents);
        } else if let (Ok(_), Some(id)) = (&found, &id) {
            self.waiting.remove(id);
        }
        for id in &released {
            self.waiting.remove(id);
        }
        self.forget_what_was_let_go();
        (found, id)
    }

    /// What waits has something asked for, or waits for what does.
    fn forget_what_was_let_go(&mut self) {
        let mut awaited = self.replica.list_wanted();
        loop {
            let (still, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
                std::mem::take(&mut self.waiting).into_iter().partition(|(id, parents)| {
                    awaited.contains(id) || parents.iter().any(|parent| awaited.contains(parent))
                });
            let before = awaited.len();
            awaited.extend(still.keys());
            self.waiting = still;
            if awaited.len() == before {
                return;
            }
            self.waiting.extend(rest);
        }
    }

    fn list_waiting(&self) -> BTreeSet<EntryId> {
        self.waiting.keys().copied().collect()
    }

    fn take_proof(&mut self, bytes: &Bytes) -> Result<&'static str, &'static str> {
        let proof = ForkProof::decode(bytes, self.replica.ledger()).map_err(|e| e.code())?;
        let outcomes = self.replica.ingest_proofs(&[proof.to_message()]).unwrap();
        match &outcomes[0] {
            Ok(true) => Ok("new"),
            Ok(false) => Ok("held"),
            Err(error) => Err(error.code()),
        }
    }

    fn compare_entry(&self, step: &Step, id: EntryId) -> Vec<String> {
        let mut differences = Vec::new();
        let stated_id = step.id.clone().unwrap_or_default();
        differences.extend(compare("id", &stated_id, &json!(id.to_string())));
        if let Some(stated) = &step.fields {
            differences.extend(compare("fields", stated, &fields_of(&self.replica, &id)));
        }
        if let Some(stated) = &step.ancestors {
            differences.extend(compare("ancestors", stated, &ancestors_of(&self.replica, &id)));
        }
        if let Some(stated) = &step.event {
            differences.extend(compare("event", stated, &event_of(&self.replica, &id)));
        }
        differences
    }

    /// What was stored reads back from the log alone as what it was.
    fn compare_read_back(self) -> Option<String> {
        let nothing = BTreeSet::new();
        let before = Value::from(describe(&self.replica, &nothing));
        let (log, _) = self.replica.into_store();
        let (again, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
        assert!(recovery.is_sound(), "{recovery:?}");
        compare("read back from the log", &before, &Value::from(describe(&again, &nothing)))
    }
}

/// Which bytes a decoder still reads is the decoder's affair; that they are refused is not. For a
/// vector that says so, "no protobuf" is as good as "not canonical".
pub fn as_not_canonical(code: Value) -> Value {
    match code.as_str() {
        Some("decode.not_a_header") => json!("decode.header_not_canonical"),
        Some("decode.not_an_entry") => json!("decode.entry_not_canonical"),
        Some("bundle.not_an_item") => json!("bundle.not_canonical"),
        _ => code,
    }
}

/// Bytes of hexadecimal text.
pub fn bytes_of(text: &str) -> Bytes {
    hex::decode(text).unwrap().into()
}

fn fields_of(replica: &Replica, id: &EntryId) -> Value {
    let Some(message) = replica.read_message(id).unwrap() else {
        return Value::Null;
    };
    let header = v1::Header::decode(message.header.clone()).unwrap();
    json!({
        "version": header.version,
        "author": hex::encode(&header.author),
        "seq": header.seq.to_string(),
        "prev": hex::encode(&header.prev),
        "seen": header.seen.iter().map(hex::encode).collect::<Vec<_>>(),
        "height": header.height.to_string(),
        "claimed_at_ms": header.claimed_at_ms.to_string(),
        "payload_hash": hex::encode(&header.payload_hash),
        "payload_len": header.payload_len,
        "kind": header.kind,
        "header": hex::encode(&message.header),
        "signature": hex::encode(&message.signature),
        "payload": message.payload.map(hex::encode),
        "salt": message.salt.map(hex::encode),
    })
}
