// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Merging with one peer now.

use bytes::Bytes;
use constancia_ledger::exchange::Tally;
use constancia_ledger::store::{StoreError, StoreFolder};
use constancia_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Answers, Office};
use crate::address::PeerAddress;
use crate::error::NodeError;
use crate::live_replica::run_blocking;
use crate::merge::{SyncOutcome, sync_once};

/// Reports of progress that wait; what finds no room is left out.
const PROGRESS_WAITING_MAX: usize = 16;

impl Office {
    pub(super) fn sync_with(&self, address: &str) -> Result<Answers<v1::SyncProgress>, Status> {
        self.require_sound()?;
        let address: PeerAddress = address.parse().map_err(|error: NodeError| error.to_status())?;
        let live = self.inner.live.clone();
        let folder = self.inner.folder.clone();
        let (answers, stream) = mpsc::channel(PROGRESS_WAITING_MAX);
        tokio::spawn(async move {
            let report = answers.clone();
            let mut progress = move |tally: &Tally| {
                drop(report.try_send(Ok(describe(tally))));
            };
            // A caller who hangs up ends the merge; what was stored stays.
            let answer = tokio::select! {
                outcome = sync_once(&live, &address, &mut progress) => match outcome {
                    Ok(outcome) => match remember(folder, &address).await {
                        Ok(()) => Ok(describe_end(&outcome)),
                        Err(error) => Err(NodeError::from(error).to_status()),
                    },
                    Err(error) => Err(error.to_status()),
                },
                () = answers.closed() => return,
            };
            drop(answers.send(answer).await);
        });
        Ok(Box::pin(ReceiverStream::new(stream)))
    }
}

/// Who has been merged with is asked before anything is signed.
async fn remember(folder: Option<StoreFolder>, address: &PeerAddress) -> Result<(), StoreError> {
    let address = address.to_string();
    run_blocking(move || folder.map_or(Ok(()), |folder| folder.remember_peer(&address))).await
}

fn describe(tally: &Tally) -> v1::SyncProgress {
    v1::SyncProgress {
        received: tally.received,
        sent: tally.sent,
        forks: tally.forks,
        ..v1::SyncProgress::default()
    }
}

fn describe_end(outcome: &SyncOutcome) -> v1::SyncProgress {
    v1::SyncProgress {
        done: true,
        in_sync: outcome.in_sync,
        frontier_root: Bytes::copy_from_slice(outcome.root.as_bytes()),
        refused: outcome
            .tally
            .refused
            .iter()
            .map(|refusal| v1::Refused {
                id: refusal.id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
                code: refusal.code.to_owned(),
                message: refusal.message.clone(),
            })
            .collect(),
        ..describe(&outcome.tally)
    }
}
