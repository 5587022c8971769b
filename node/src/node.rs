// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A running node: its two listeners, its peers, its acknowledgements; started and stopped as one.
//!
//! Peers reach one port: exchange, health and reflection, through one axum router that web pages can
//! be added to. The node's own people reach another one, on loopback alone, whose address stands in
//! the store's lock file: no peer can ever submit, verify or repair.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use constancia_ledger::store::StoreError;
use constancia_proto::FILE_DESCRIPTOR_SET;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::service::Routes;

use crate::acknowledger::{Acknowledger, NodeKey};
use crate::address::PeerAddress;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::door::LocalClient;
use crate::error::NodeError;
use crate::exchange_service::ExchangeService;
use crate::limits::SHUTDOWN_WAIT_MAX;
use crate::live_replica::LiveReplica;
use crate::office::{Office, Running};
use crate::open_ledger::OpenLedger;
use crate::peers::{PeerSettings, Peers};

/// The service that peers find by reflection; that of the node's own people is not on this port.
const EXCHANGE_SERVICE_NAME: &str = constancia_proto::v1::exchange_server::SERVICE_NAME;

/// How a node runs.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Where peers reach this node; none: it only goes out to its own peers.
    pub listen: Option<SocketAddr>,
    /// Allows to listen beyond this machine without encryption.
    pub insecure_plaintext: bool,
    /// Where the node's own people reach it; port 0 takes any. Always on loopback.
    pub local_listen: SocketAddr,
    /// Peers to connect to.
    pub peers: Vec<PeerAddress>,
    /// The key to acknowledge with; none: the node only keeps and forwards.
    pub key: Option<NodeKey>,
    /// Acknowledge although no peer can say how far the key's feed goes.
    pub offline: bool,
    /// At most one acknowledgement per interval.
    pub acknowledge_interval: Duration,
    /// How long the first acknowledgement waits for a merge with every peer: one of them may hold
    /// entries of this node's key that a restored store lacks. Then one peer has to do; without any
    /// it waits on, unless this node goes out to nobody.
    pub contact_wait: Duration,
    /// How often two sides that follow compare again.
    pub recheck_interval: Duration,
    /// How a lost peer is tried again.
    pub backoff: Backoff,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            listen: None,
            insecure_plaintext: false,
            local_listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            peers: Vec::new(),
            key: None,
            offline: false,
            acknowledge_interval: Duration::from_hours(1),
            contact_wait: Duration::from_mins(1),
            recheck_interval: Duration::from_mins(1),
            backoff: Backoff::default(),
        }
    }
}

/// A node that runs until it is shut down.
#[derive(Debug)]
pub struct RunningNode {
    live: LiveReplica,
    office: Office,
    peers: Peers,
    listen: Option<SocketAddr>,
    local: SocketAddr,
    stop: watch::Sender<bool>,
    failed: watch::Receiver<Option<Arc<StoreError>>>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
    acknowledging: Option<JoinHandle<()>>,
}

/// Starts a node over an open ledger. It is reachable when this returns.
///
/// # Errors
/// Where the store is damaged, an address cannot or must not be listened on, or the key is not one
/// that the ledger grants with scope acknowledge.
pub async fn start_node(
    ledger: OpenLedger,
    config: NodeConfig,
    clock: Arc<dyn Clock>,
) -> Result<RunningNode, NodeError> {
    ledger.require_sound()?;
    let live = ledger.live.clone();
    let peer_listener = bind_for_peers(&config).await?;
    let listen = peer_listener.as_ref().map(|(_, address)| *address);
    let (local_listener, local) = bind_for_own_people(config.local_listen).await?;
    let settings =
        PeerSettings { backoff: config.backoff, recheck_interval: config.recheck_interval };
    let peers = Peers::new(live.clone(), settings);
    let acknowledger = match config.key {
        Some(key) => {
            let asks = (peers.clone(), config.offline);
            Some(Acknowledger::new(live.clone(), key, Arc::clone(&clock), asks).await?)
        }
        None => None,
    };
    let (stop, stopped) = watch::channel(false);
    let service = ExchangeService::new(
        live.clone(),
        ledger.folder.clone(),
        config.recheck_interval,
        stopped.clone(),
        Arc::clone(&clock),
    );
    let running =
        Running { peers: Some(peers.clone()), acknowledger: acknowledger.clone(), listen };
    let folder = ledger.folder.clone();
    let office = Office::of_node(ledger, clock, running);
    let mut servers = Vec::new();
    if let Some((listener, _)) = peer_listener {
        servers.push(serve(listener, route_peers(service).await, stopped.clone()));
    }
    let local_router = Routes::new(office.to_server()).into_axum_router();
    servers.push(serve(local_listener, local_router, stopped.clone()));
    live.announce_address(&local.to_string())?;
    for address in &config.peers {
        if let Some(folder) = &folder {
            folder.remember_peer(&address.to_string())?;
        }
        peers.add(address);
    }
    let acknowledging = acknowledger.map(|acknowledger| {
        let (peers, contact_wait) = (peers.clone(), config.contact_wait);
        let (interval, mut stopped) = (config.acknowledge_interval, stopped);
        tokio::spawn(async move {
            let contact = async {
                if !peers.wait_for_contact(contact_wait).await {
                    peers.wait_for_any_contact().await;
                }
            };
            tokio::select! {
                () = contact => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            acknowledger.run(interval, stopped).await;
        })
    });
    let failed = live.watch_failed();
    Ok(RunningNode { live, office, peers, listen, local, stop, failed, servers, acknowledging })
}

impl RunningNode {
    /// Where peers reach this node.
    pub const fn listen_address(&self) -> Option<SocketAddr> {
        self.listen
    }

    /// Where the node's own people reach it, on this machine alone.
    pub const fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// The replica. A handle that outlives the node keeps the store open.
    pub const fn live(&self) -> &LiveReplica {
        &self.live
    }

    /// Asks this node without a socket.
    pub fn client(&self) -> LocalClient {
        self.office.client()
    }

    /// Begins to keep a connection to a peer.
    pub fn add_peer(&self, address: &PeerAddress) {
        self.peers.add(address);
    }

    /// Ends the connection to a peer; returns when it is closed.
    pub async fn drop_peer(&self, address: &PeerAddress) {
        self.peers.drop_peer(address).await;
    }

    /// Waits until every peer has been in sync with this node once; false where the time was up
    /// before.
    pub async fn wait_for_contact(&self, wait: Duration) -> bool {
        self.peers.wait_for_contact(wait).await
    }

    /// Returns only when the store can be used no more: then the node has to be shut down.
    pub async fn wait_for_failure(&self) -> NodeError {
        let mut failed = self.failed.clone();
        let found = failed.wait_for(Option::is_some).await.ok().and_then(|error| error.clone());
        match found {
            Some(error) => NodeError::Store(error),
            // The replica is gone: so is the node.
            None => std::future::pending().await,
        }
    }

    /// Stops listening, ends every connection and closes the store.
    ///
    /// # Errors
    /// Where a server had stopped by itself before.
    pub async fn shutdown(self) -> Result<(), NodeError> {
        self.stop.send_replace(true);
        self.peers.stop().await;
        if let Some(acknowledging) = self.acknowledging {
            drop(acknowledging.await);
        }
        let mut result = Ok(());
        for mut server in self.servers {
            match timeout(SHUTDOWN_WAIT_MAX, &mut server).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => result = Err(NodeError::Server(error)),
                // A caller that does not let go is let go.
                Ok(Err(_)) | Err(_) => server.abort(),
            }
        }
        drop((self.office, self.peers));
        if !self.live.close().await {
            tracing::warn!("the store is still in use: it closes when its last user is done");
        }
        result
    }
}

/// Waits until the process is asked to end: SIGTERM, or SIGINT (Ctrl-C).
pub async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};

    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // Without a handler the signal ends the process by itself.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}

/// Refuses to be reached in the clear from beyond this machine, unless that is wanted.
async fn bind_for_peers(
    config: &NodeConfig,
) -> Result<Option<(TcpListener, SocketAddr)>, NodeError> {
    match config.listen {
        Some(address) if address.ip().is_loopback() || config.insecure_plaintext => {
            bind(address).await.map(Some)
        }
        Some(address) => Err(NodeError::Plaintext { address }),
        None => Ok(None),
    }
}

/// Refuses to be reached from beyond this machine, whatever is wanted.
async fn bind_for_own_people(address: SocketAddr) -> Result<(TcpListener, SocketAddr), NodeError> {
    if address.ip().is_loopback() {
        bind(address).await
    } else {
        Err(NodeError::LocalOnly { address })
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), NodeError> {
    let failed = |source| NodeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// What peers reach. Pages for people go into the same router.
async fn route_peers(service: ExchangeService) -> Router {
    let (reporter, health) = tonic_health::server::health_reporter();
    let exchange = service.into_server();
    set_serving(&reporter, &exchange).await;
    let mut routes = Routes::new(exchange).add_service(health);
    match describe_services().build_v1() {
        Ok(reflection) => routes = routes.add_service(reflection),
        // Our own descriptors: a test sees that this does not happen.
        Err(error) => tracing::error!(%error, "no reflection"),
    }
    routes.into_axum_router()
}

fn describe_services() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name(tonic_health::pb::health_server::SERVICE_NAME)
        .with_service_name(EXCHANGE_SERVICE_NAME)
}

/// Says by the service's own type that it is healthy.
async fn set_serving<S: tonic::server::NamedService>(
    reporter: &tonic_health::server::HealthReporter,
    _service: &S,
) {
    reporter.set_serving::<S>().await;
}

fn serve(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<std::io::Result<()>> {
    let listener = listener.tap_io(|stream| {
        // Small messages are not held back to be joined with later ones.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move {
                // Also where the node is gone without having been shut down.
                drop(stopped.wait_for(|stop| *stop).await);
            })
            .await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_can_be_described() {
        assert!(describe_services().build_v1().is_ok());
        assert_eq!(EXCHANGE_SERVICE_NAME, "constancia.v1.Exchange");
    }
}
