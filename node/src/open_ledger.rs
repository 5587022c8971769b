// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Opens a data folder, or begins one, or a replica in memory.
//!
//! A damaged store is opened too, so that it can be verified and repaired; whoever serves it or
//! answers from it asks [`OpenLedger::require_sound`] first.

use std::sync::Arc;

use constancia_ledger::entry::UnverifiedEntry;
use constancia_ledger::id::LedgerId;
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{Recovery, Replica};
use constancia_ledger::store::{
    Attachments, LockPatience, LogNotice, MemoryLog, MemoryRows, StoreError, StoreFolder,
};

use crate::error::NodeError;
use crate::live_replica::LiveReplica;

/// A ledger that this process holds.
#[derive(Debug)]
pub struct OpenLedger {
    /// The replica.
    pub live: LiveReplica,
    /// The data folder; none in memory.
    pub folder: Option<StoreFolder>,
    /// What opening the replica found.
    pub recovery: Recovery,
    /// What opening the log found: to be shown and logged.
    pub notices: Vec<LogNotice>,
}

impl OpenLedger {
    /// Opens a data folder. Waits for the disk.
    ///
    /// # Errors
    /// Where there is no ledger, another process holds it, or it cannot be read at all.
    pub fn open(folder: StoreFolder, patience: LockPatience) -> Result<Self, NodeError> {
        let store = folder
            .clone()
            .open(patience, &|rows| rows.meta().ok().flatten().map(|meta| meta.log_end))?;
        let attachments: Arc<dyn Attachments> = Arc::new(folder.clone());
        let (log, rows) = (Box::new(store.log), Arc::new(store.rows));
        let (replica, recovery) = Replica::recover_beside(log, rows, Some(attachments))?;
        Ok(Self {
            live: LiveReplica::new(replica, Some(store.lock)),
            folder: Some(folder),
            recovery,
            notices: store.notices,
        })
    }

    /// Begins a ledger's replica in an empty folder. Waits for the disk.
    ///
    /// # Errors
    /// Where the charter is none, the folder has a ledger already, or the disk refuses.
    pub fn found(folder: StoreFolder, charter: UnverifiedEntry) -> Result<Self, NodeError> {
        // What is no charter leaves no trace on the disk.
        Self::in_memory(charter.clone())?;
        let mut marker = [0; 8];
        getrandom::fill(&mut marker).map_err(NodeError::Random)?;
        let ledger = LedgerId::of_charter(charter.id());
        let store = folder.clone().create(ledger, marker)?;
        let replica = Replica::found(charter, Box::new(store.log), Arc::new(store.rows))?
            .with_attachments(Arc::new(folder.clone()));
        Ok(Self {
            live: LiveReplica::new(replica, Some(store.lock)),
            folder: Some(folder),
            recovery: Recovery::default(),
            notices: store.notices,
        })
    }

    /// Begins a replica in memory: to read a bundle, to test.
    ///
    /// # Errors
    /// Where the charter is none.
    pub fn in_memory(charter: UnverifiedEntry) -> Result<Self, NodeError> {
        let log = Box::new(MemoryLog::default());
        let replica = Replica::found(charter, log, Arc::new(MemoryRows::default()))?;
        Ok(Self {
            live: LiveReplica::new(replica, None),
            folder: None,
            recovery: Recovery::default(),
            notices: Vec::new(),
        })
    }

    /// Refuses a store with damage: it is neither served nor answered from.
    ///
    /// # Errors
    /// `store.damaged` or `store.unsound`, naming the first place.
    pub fn require_sound(&self) -> Result<(), NodeError> {
        require_sound(&self.recovery).map_err(NodeError::from)
    }
}

/// Names the first damage that opening found.
pub(crate) fn require_sound(recovery: &Recovery) -> Result<(), StoreError> {
    if let Some(gap) = recovery.gaps.first() {
        return Err(StoreError::Damaged {
            file: format!("segment {}", gap.from.segment),
            position: gap.from,
            entry: None,
            reason: gap.reason.clone(),
        });
    }
    if let Some(unlinked) = recovery.unlinked.first() {
        return Err(StoreError::Damaged {
            file: format!("segment {}", unlinked.position.segment),
            position: unlinked.position,
            entry: unlinked.entry,
            reason: unlinked.reason.clone(),
        });
    }
    Ok(())
}
