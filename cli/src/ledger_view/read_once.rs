// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a command asks for more than once and reads once: proposals as they were signed, and the whole
//! state. Each answer is as old as its first reading, as everything else in the view is.

use std::collections::BTreeMap;

use constancia_ledger::id::EntryId;
use constancia_ledger::state::State;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use tokio::sync::{Mutex, OnceCell};

use super::{LedgerView, event_of, read_state};
use crate::council::CouncilError;
use crate::desk::Desk;
use crate::failure::Failure;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct ReadOnce {
    state: OnceCell<State>,
    proposals: Mutex<BTreeMap<EntryId, v1::Proposal>>,
}

impl LedgerView {
    /// Every document of the state that the view was read from.
    ///
    /// # Errors
    /// As [`read_state`].
    pub(crate) async fn state(&self, desk: &Desk) -> Result<&State, Failure> {
        self.read_once.state.get_or_try_init(|| read_state(desk, self.known_view())).await
    }

    /// The proposal as it was signed.
    ///
    /// # Errors
    /// Where there is none with this id.
    pub(crate) async fn proposal(
        &self,
        desk: &Desk,
        id: &EntryId,
    ) -> Result<v1::Proposal, Failure> {
        let mut proposals = self.read_once.proposals.lock().await;
        if let Some(known) = proposals.get(id) {
            return Ok(known.clone());
        }
        let entry = desk.get_entry(&id.to_string()).await?;
        let Some(Body::Proposal(proposal)) = event_of(&entry).and_then(|event| event.body) else {
            return Err(CouncilError::NoProposal { proposal: *id }.into());
        };
        proposals.insert(*id, proposal.clone());
        Ok(proposal)
    }
}
