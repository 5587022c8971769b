// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The peers that this node connects to: a task for each, which merges, follows, and comes back after
//! a while when the connection is lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::fault::{Coded as _, Fault};
use constancia_proto::v1;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::address::PeerAddress;
use crate::backoff::Backoff;
use crate::client::{PeerConnection, Terms};
use crate::driver::{End, LinkState};
use crate::error::NodeError;
use crate::failure::join_causes;
use crate::live_replica::LiveReplica;

/// How often it is looked whether every peer has been met.
const CONTACT_POLL: Duration = Duration::from_millis(20);

/// How peers are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerSettings {
    pub(crate) backoff: Backoff,
    pub(crate) recheck_interval: Duration,
}

/// The peers, by address.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    live: LiveReplica,
    settings: PeerSettings,
    links: Mutex<BTreeMap<PeerAddress, Link>>,
}

#[derive(Debug)]
struct Link {
    shown: Arc<Mutex<Shown>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What is shown of a peer.
#[derive(Clone, Debug, Default)]
struct Shown {
    state: Option<watch::Receiver<LinkState>>,
    /// Entries of connections that are over.
    received: u64,
    sent: u64,
    /// Whether both held the same at some time.
    met: bool,
    error: Option<(&'static str, String)>,
}

impl Link {
    /// Whether both held the same at some time.
    fn has_met(&self) -> bool {
        let shown = lock(&self.shown);
        shown.met || shown.state.as_ref().is_some_and(|state| state.borrow().met)
    }
}

impl Peers {
    /// No peers yet.
    pub(crate) fn new(live: LiveReplica, settings: PeerSettings) -> Self {
        Self { inner: Arc::new(Inner { live, settings, links: Mutex::default() }) }
    }

    /// Begins to keep a connection to a peer. One that is kept already is left alone.
    pub(crate) fn add(&self, address: &PeerAddress) {
        let mut links = lock(&self.inner.links);
        if links.contains_key(address) {
            return;
        }
        let shown = Arc::new(Mutex::new(Shown::default()));
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(keep(
            self.inner.live.clone(),
            self.inner.settings,
            address.clone(),
            Arc::clone(&shown),
            stopped,
        ));
        links.insert(address.clone(), Link { shown, stop, task });
    }

    /// Ends the connection to a peer and forgets it; returns when it is closed.
    pub(crate) async fn drop_peer(&self, address: &PeerAddress) {
        let link = lock(&self.inner.links).remove(address);
        if let Some(link) = link {
            link.stop.send_replace(true);
            drop(link.task.await);
        }
    }

    /// Ends every connection; returns when all are closed.
    pub(crate) async fn stop(&self) {
        let links = std::mem::take(&mut *lock(&self.inner.links));
        for link in links.values() {
            link.stop.send_replace(true);
        }
        for link in links.into_values() {
            drop(link.task.await);
        }
    }

    /// Waits until every peer has been in sync once; false where the time was up before.
    pub(crate) async fn wait_for_contact(&self, wait: Duration) -> bool {
        let met_all = async {
            while !self.has_met_all() {
                sleep(CONTACT_POLL).await;
            }
        };
        timeout(wait, met_all).await.is_ok()
    }

    /// Waits until one peer has been in sync, for as long as that takes; where there is none to wait
    /// for, not at all.
    pub(crate) async fn wait_for_any_contact(&self) {
        while !self.has_met_any() {
            sleep(CONTACT_POLL).await;
        }
    }

    fn has_met_all(&self) -> bool {
        lock(&self.inner.links).values().all(Link::has_met)
    }

    fn has_met_any(&self) -> bool {
        let links = lock(&self.inner.links);
        links.is_empty() || links.values().any(Link::has_met)
    }

    /// Addresses of the peers, ascending.
    pub(crate) fn list_addresses(&self) -> Vec<PeerAddress> {
        lock(&self.inner.links).keys().cloned().collect()
    }

    /// How each peer stands, ascending by address.
    pub(crate) fn list(&self) -> Vec<v1::PeerStatus> {
        lock(&self.inner.links)
            .iter()
            .map(|(address, link)| {
                let shown = lock(&link.shown).clone();
                let state = shown.state.map(|state| state.borrow().clone()).unwrap_or_default();
                // What went wrong before this connection is over.
                let error = shown.error.filter(|_| !state.connected);
                let (error_code, error) = error.unwrap_or_default();
                v1::PeerStatus {
                    address: address.to_string(),
                    connected: state.connected,
                    in_sync: state.in_sync,
                    error_code: error_code.to_owned(),
                    error,
                    received: shown.received.saturating_add(state.tally.received),
                    sent: shown.sent.saturating_add(state.tally.sent),
                }
            })
            .collect()
    }
}

/// Connects, exchanges, and begins again, until stopped.
async fn keep(
    live: LiveReplica,
    settings: PeerSettings,
    address: PeerAddress,
    shown: Arc<Mutex<Shown>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut failures: u32 = 0;
    loop {
        let (state, seen) = watch::channel(LinkState::default());
        lock(&shown).state = Some(seen.clone());
        let result = tokio::select! {
            result = exchange(&live, settings, &address, state, stop.clone()) => result,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let was_connected = {
            let last = seen.borrow().clone();
            let mut shown = lock(&shown);
            shown.state = None;
            shown.received = shown.received.saturating_add(last.tally.received);
            shown.sent = shown.sent.saturating_add(last.tally.sent);
            shown.met |= last.met;
            shown.error = result.as_ref().err().map(|error| (error.code(), join_causes(error)));
            last.met
        };
        match &result {
            Ok(End::Stopped) => return,
            Ok(End::Closed { .. }) => tracing::debug!(%address, "exchange ended"),
            Err(error) if error.fault() == Fault::Malformed => {
                tracing::warn!(%address, code = error.code(), error = join_causes(error), "peer breaks the rules");
            }
            Err(error) => {
                tracing::info!(%address, code = error.code(), error = join_causes(error), "peer lost");
            }
        }
        let broke_rules = matches!(&result, Err(error) if error.fault() == Fault::Malformed);
        failures = if broke_rules {
            // Nothing suggests that it will do better soon.
            u32::MAX
        } else if was_connected {
            1
        } else {
            failures.saturating_add(1)
        };
        let wait = settings.backoff.wait_after(failures, roll());
        tokio::select! {
            () = sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn exchange(
    live: &LiveReplica,
    settings: PeerSettings,
    address: &PeerAddress,
    state: watch::Sender<LinkState>,
    stop: watch::Receiver<bool>,
) -> Result<End, NodeError> {
    let connection = PeerConnection::open(address).await?;
    let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
    let terms = Terms { config, recheck_interval: settings.recheck_interval };
    connection.exchange(live, terms, state, stop).await
}

/// Chance, for spreading alone: without it the wait is the shortest.
fn roll() -> u64 {
    getrandom::u64().unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
