// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Fetching from a peer what is damaged here.
//!
//! What comes is checked like everything from outside and must bear the ids that are missing, so any
//! peer will do.

use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{RepairReport, restore_charter};
use constancia_ledger::store::{LockPatience, StoreError, StoreFolder};
use constancia_proto::v1;
use tokio::runtime::Handle;

use crate::address::PeerAddress;
use crate::client::PeerConnection;
use crate::error::NodeError;
use crate::failure::join_causes;
use crate::live_replica::{LiveReplica, run_blocking};
use crate::open_ledger::OpenLedger;

/// Repairs an open replica from a peer. Nobody reads or writes it meanwhile.
///
/// # Errors
/// Where the peer cannot be reached, or the disk refuses.
pub async fn repair_live(
    live: &LiveReplica,
    address: &PeerAddress,
) -> Result<RepairReport, NodeError> {
    let connection = PeerConnection::open(address).await?;
    let (live, runtime) = (live.clone(), Handle::current());
    let ledger = live.ledger();
    let report = run_blocking(move || {
        let mut fetch = |ids: &[EntryId]| fetch_now(&runtime, &connection, ledger, ids);
        live.shared().repair(&mut fetch)
    })
    .await?;
    Ok(report)
}

/// Opens a data folder whose first record, the charter, is damaged: nothing else can be read before
/// it is put back. A folder that opens is opened.
///
/// # Errors
/// Where the peer cannot be reached or holds another ledger, or the folder cannot be opened even so.
pub async fn open_for_repair(
    folder: StoreFolder,
    address: &PeerAddress,
) -> Result<OpenLedger, NodeError> {
    let open = |folder: StoreFolder| {
        run_blocking(move || OpenLedger::open(folder, LockPatience::JustKilled))
    };
    let error = match open(folder.clone()).await {
        Ok(ledger) => return Ok(ledger),
        Err(error) => error,
    };
    let is_charter = matches!(
        &error,
        NodeError::Store(error)
            if matches!(**error, StoreError::Damaged { .. } | StoreError::BadCharter { .. })
    );
    if !is_charter {
        return Err(error);
    }
    let connection = PeerConnection::open(address).await?;
    let runtime = Handle::current();
    let restored: Result<(), NodeError> = {
        let (folder, address) = (folder.clone(), address.clone());
        run_blocking(move || restore(folder, &address, &connection, &runtime)).await
    };
    restored?;
    open(folder).await
}

fn restore(
    folder: StoreFolder,
    address: &PeerAddress,
    connection: &PeerConnection,
    runtime: &Handle,
) -> Result<(), NodeError> {
    let mut store = folder.open(LockPatience::JustKilled, &|rows| {
        rows.meta().ok().flatten().map(|meta| meta.log_end)
    })?;
    let ledger = store.log.ledger();
    let charter = [ledger.charter()];
    let asked = connection.fetch_entries(ledger, &charter);
    let Some(charter) = runtime.block_on(asked)?.into_iter().next() else {
        return Err(NodeError::NotHeld { address: address.clone(), id: ledger.charter() });
    };
    restore_charter(&mut store.log, ledger, charter)?;
    Ok(())
}

/// Asks a peer from a thread that may wait. What it does not give stays missing, which the report
/// says.
fn fetch_now(
    runtime: &Handle,
    connection: &PeerConnection,
    ledger: LedgerId,
    ids: &[EntryId],
) -> Vec<v1::SignedEntry> {
    runtime.block_on(connection.fetch_entries(ledger, ids)).unwrap_or_else(|error| {
        tracing::warn!(error = join_causes(&error), "cannot fetch what is missing");
        Vec::new()
    })
}
