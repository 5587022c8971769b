// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Proven forks: the proof, and what is held of the branches from the fork on.

use std::collections::BTreeMap;

use bytes::Bytes;
use constancia_ledger::entry::fork::ForkProof;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::replay::{LogLine, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use tonic::Status;

use super::entries::{describe, describe_outside};
use super::{Answers, Office, refuse_replay};
use crate::failure::to_status;
use crate::request::fixed;

impl Office {
    pub(super) async fn describe_forks(
        &self,
        request: &v1::ListForksRequest,
    ) -> Result<Answers<v1::ForkView>, Status> {
        let wanted = if request.key.is_empty() {
            None
        } else {
            Some(PublicKey::from_bytes(fixed("key", &request.key)?))
        };
        let forks = self
            .replay(move |replay, office| {
                let lines = replay.log(&View::Frontier).map_err(|error| refuse_replay(&error))?;
                let lines: BTreeMap<EntryId, &LogLine> =
                    lines.iter().map(|line| (line.place.id, line)).collect();
                let replica = office.inner.live.shared().read();
                let proofs = replica.list_fork_proofs().map_err(|error| to_status(&error))?;
                let wanted = |proof: &&ForkProof| wanted.is_none_or(|key| proof.key() == key);
                let forks: Result<Vec<v1::ForkView>, StoreError> = proofs
                    .iter()
                    .filter(wanted)
                    .map(|proof| describe_fork(&replica, &lines, proof))
                    .collect();
                forks.map_err(|error| to_status(&error))
            })
            .await?;
        Ok(Box::pin(tokio_stream::iter(forks.into_iter().map(Ok))))
    }
}

fn describe_fork(
    replica: &Replica,
    lines: &BTreeMap<EntryId, &LogLine>,
    proof: &ForkProof,
) -> Result<v1::ForkView, StoreError> {
    let key = proof.key();
    let mut entries = Vec::new();
    for seq in proof.seq().. {
        let held = replica.find_slot(&key, seq)?;
        if held.is_empty() {
            break;
        }
        for id in held {
            let view = match lines.get(&id) {
                Some(line) => Some(describe(line, replica.read_message(&id)?)),
                None => describe_outside(replica, &id)?,
            };
            entries.extend(view);
        }
    }
    let member = replica.grants().find(&key).map(|grant| grant.member.clone());
    Ok(v1::ForkView {
        key: Bytes::copy_from_slice(key.as_bytes()),
        member: member.unwrap_or_default(),
        seq: proof.seq(),
        proof: Some(proof.to_message()),
        entries,
    })
}
