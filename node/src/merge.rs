// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Merging with one peer now, and joining a ledger through a peer.

use std::time::Duration;

use constancia_ledger::exchange::{ExchangeConfig, Tally};
use constancia_ledger::id::{FrontierRoot, LedgerId};
use constancia_ledger::store::StoreFolder;
use tokio::sync::watch;

use crate::address::PeerAddress;
use crate::client::{PeerConnection, Terms};
use crate::driver::{End, LinkState};
use crate::error::NodeError;
use crate::live_replica::{LiveReplica, run_blocking};
use crate::open_ledger::OpenLedger;

/// How a merge with a peer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncOutcome {
    /// What went over the connection.
    pub tally: Tally,
    /// Whether both hold the same now.
    pub in_sync: bool,
    /// This replica's frontier root afterwards.
    pub root: FrontierRoot,
}

/// Merges with one peer and returns when both hold the same. `progress` is told now and then.
///
/// # Errors
/// Where the peer or the store fails. What was stored stays.
pub async fn sync_once(
    live: &LiveReplica,
    address: &PeerAddress,
    progress: &mut (dyn FnMut(&Tally) + Send),
) -> Result<SyncOutcome, NodeError> {
    let connection = PeerConnection::open(address).await?;
    let (state, mut seen) = watch::channel(LinkState::default());
    let (stop, stopped) = watch::channel(false);
    let terms = Terms { config: ExchangeConfig::default(), recheck_interval: NEVER };
    let exchange = connection.exchange(live, terms, state, stopped);
    tokio::pin!(exchange);
    let end = loop {
        tokio::select! {
            end = &mut exchange => break end?,
            // The sender may be gone before the exchange has said farewell.
            Ok(()) = seen.changed() => {
                let tally = seen.borrow_and_update().tally.clone();
                progress(&tally);
            }
        }
    };
    drop(stop);
    let tally = seen.borrow().tally.clone();
    let root = live.read(|replica| replica.frontier().root()).await;
    Ok(SyncOutcome { tally, in_sync: end == End::Closed { in_sync: true }, root })
}

/// A merge that does not follow has nothing to compare again.
const NEVER: Duration = Duration::from_hours(24);

/// Begins a replica in an empty folder with a peer's charter, and merges with the peer.
///
/// Where `expected` is given, the peer must hold that ledger: whoever joins without it takes the
/// peer's word for which ledger it is.
///
/// # Errors
/// Where the peer or the store fails. A merge that was cut is taken up again by syncing.
pub async fn join(
    folder: StoreFolder,
    address: &PeerAddress,
    expected: Option<LedgerId>,
    progress: &mut (dyn FnMut(&Tally) + Send),
) -> Result<(OpenLedger, SyncOutcome), NodeError> {
    let charter = PeerConnection::open(address).await?.fetch_charter().await?;
    let found = LedgerId::of_charter(charter.id());
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        return Err(NodeError::OtherLedger { address: address.clone(), expected, found });
    }
    let peer = address.to_string();
    let ledger = run_blocking(move || -> Result<OpenLedger, NodeError> {
        let ledger = OpenLedger::found(folder.clone(), charter)?;
        folder.remember_peer(&peer)?;
        Ok(ledger)
    })
    .await?;
    let outcome = sync_once(&ledger.live, address, progress).await?;
    Ok((ledger, outcome))
}
