// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading everything stored again, and fetching from a peer what is damaged.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use constancia_ledger::replay::Replay;
use constancia_ledger::replica::{Damage, VerifyReport};
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Answers, Office};
use crate::address::PeerAddress;
use crate::error::NodeError;
use crate::failure::{join_causes, to_status};
use crate::repair::repair_live;

/// Reports of progress that wait; what finds no room is left out.
const PROGRESS_WAITING_MAX: usize = 16;

impl Office {
    pub(super) fn verify_store(&self) -> Answers<v1::VerifyProgress> {
        let (answers, stream) = mpsc::channel(PROGRESS_WAITING_MAX);
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut progress = |checked, total| {
                let answer = v1::VerifyProgress { checked, total, ..Default::default() };
                drop(answers.try_send(Ok(answer)));
            };
            let result = this.inner.live.shared().read().verify_stored(&mut progress);
            match result {
                Ok(report) => {
                    let damage = report.damages.first().map(to_error);
                    if report.is_index_damaged() {
                        this.distrust_index();
                    }
                    drop(answers.blocking_send(Ok(describe_report(&report))));
                    // Said first, acted upon then: a node that runs stops over it.
                    if let Some(damage) = damage {
                        this.note_damage(damage);
                    }
                }
                Err(error) => drop(answers.blocking_send(Err(to_status(&error)))),
            }
        });
        Box::pin(ReceiverStream::new(stream))
    }

    pub(super) async fn repair_from(&self, address: &str) -> Result<v1::RepairReply, Status> {
        let address: PeerAddress = address.parse().map_err(|error: NodeError| error.to_status())?;
        let live = &self.inner.live;
        let report = repair_live(live, &address).await.map_err(|error| error.to_status())?;
        let found = report.remaining.first().map(|damage| Arc::new(to_error(damage)));
        *self.inner.damage.lock().unwrap_or_else(PoisonError::into_inner) = found;
        // What was read before may have been read from what was damaged.
        *self.inner.replay.lock().unwrap_or_else(PoisonError::into_inner) =
            Replay::new(live.ledger());
        Ok(v1::RepairReply {
            repaired: report
                .repaired
                .iter()
                .map(|id| Bytes::copy_from_slice(id.as_bytes()))
                .collect(),
            remaining: report.remaining.iter().map(describe_damage).collect(),
        })
    }

    /// The log is enough to make the index anew: whoever opens the store next does so.
    fn distrust_index(&self) {
        let distrusted = self.inner.live.shared().read().distrust_index();
        if let Err(error) = distrusted {
            tracing::warn!(error = join_causes(&error), "cannot mark the index");
        }
    }

    fn note_damage(&self, damage: StoreError) {
        let damage = Arc::new(damage);
        *self.inner.damage.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::clone(&damage));
        self.inner.live.note_failure(&damage);
    }
}

/// The damage as the error that everybody else gets to hear until it is repaired.
fn to_error(damage: &Damage) -> StoreError {
    StoreError::Damaged {
        file: damage.file.clone(),
        position: damage.position,
        entry: damage.entry,
        reason: damage.message.clone(),
    }
}

fn describe_report(report: &VerifyReport) -> v1::VerifyProgress {
    v1::VerifyProgress {
        checked: report.records,
        total: report.records,
        done: true,
        damages: report.damages.iter().map(describe_damage).collect(),
        forked_keys: report
            .forked_keys
            .iter()
            .map(|key| Bytes::copy_from_slice(key.as_bytes()))
            .collect(),
        pending_payloads: report.pending_payloads,
    }
}

fn describe_damage(damage: &Damage) -> v1::Damage {
    v1::Damage {
        code: damage.code.to_owned(),
        message: damage.message.clone(),
        file: damage.file.clone(),
        offset: damage.position.offset,
        entry_id: damage.entry.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
    }
}
