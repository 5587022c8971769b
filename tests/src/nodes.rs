// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Real nodes on loopback, each with a store on disk, and a connection that breaks when it should.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use constancia_ledger::entry::{UnverifiedEntry, VerifiedEntry, decode_entry};
use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::StoreFolder;
use constancia_node::acknowledger::NodeKey;
use constancia_node::address::PeerAddress;
use constancia_node::backoff::Backoff;
use constancia_node::clock::Clock;
use constancia_node::live_replica::LiveReplica;
use constancia_node::node::{NodeConfig, RunningNode, start_node};
use constancia_node::open_ledger::OpenLedger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::forge::{key, public};

/// Time after which a test gives up waiting for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// A clock that a test sets.
#[derive(Debug)]
pub struct SetClock(AtomicU64);

impl SetClock {
    /// A clock that stands at this time, Unix milliseconds.
    pub fn at(now_ms: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(now_ms)))
    }

    /// Sets the clock.
    pub fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a node in a test runs with: any free port, short waits.
pub fn config(peers: &[PeerAddress]) -> NodeConfig {
    NodeConfig {
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        peers: peers.to_vec(),
        backoff: Backoff { first: Duration::from_millis(10), longest: Duration::from_millis(50) },
        ..NodeConfig::default()
    }
}

/// The node key with this seed; its head file stands in `folder`.
pub fn node_key(seed: u8, folder: &Path) -> NodeKey {
    NodeKey {
        public: public(seed),
        signer: Arc::new(key(seed)),
        key_path: Some(folder.join(format!("node-{seed}.key"))),
    }
}

/// A ledger with this charter in a new folder.
pub fn found(folder: &Path, charter: &UnverifiedEntry) -> OpenLedger {
    OpenLedger::found(StoreFolder::new(folder), charter.clone()).unwrap()
}

/// Starts a node over a ledger.
pub async fn start(ledger: OpenLedger, config: NodeConfig) -> RunningNode {
    start_node(ledger, config, SetClock::at(10_000_000)).await.unwrap()
}

/// Where peers reach a node.
pub fn address(node: &RunningNode) -> PeerAddress {
    node.listen_address().unwrap().into()
}

/// Puts entries into a running node's replica.
pub async fn put(live: &LiveReplica, entries: &[VerifiedEntry]) {
    let offered = entries.iter().map(|entry| decode_entry(entry.to_message())).collect();
    live.ingest(offered, Origin::Local).await.unwrap();
}

/// Waits until something is so of a replica: looks whenever something has landed there.
pub async fn wait_until(live: &LiveReplica, is_so: impl Fn(&Replica) -> bool) {
    let mut landed = live.watch_landed();
    let wait = async {
        loop {
            landed.borrow_and_update();
            if is_so(&live.shared().read()) {
                return;
            }
            landed.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it never came to be so");
}

/// Waits until two replicas hold the same ledger.
pub async fn wait_until_equal(one: &LiveReplica, other: &LiveReplica) {
    let (mut first, mut second) = (one.watch_landed(), other.watch_landed());
    let wait = async {
        loop {
            first.borrow_and_update();
            second.borrow_and_update();
            let root = one.shared().read().frontier().root();
            if root == other.shared().read().frontier().root() {
                return;
            }
            tokio::select! {
                changed = first.changed() => changed.unwrap(),
                changed = second.changed() => changed.unwrap(),
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("they never became equal");
}

/// A way to a node that breaks after so many bytes from it, once for each number, and then holds.
#[derive(Debug)]
pub struct BreakingLine {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl BreakingLine {
    /// Opens a line to a node.
    pub async fn open(node: SocketAddr, breaks_after: Vec<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            let mut breaks_after = breaks_after.into_iter();
            while let Ok((near, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let limit = breaks_after.next().unwrap_or(usize::MAX);
                if let Ok(far) = TcpStream::connect(node).await {
                    tokio::spawn(forward(near, far, limit));
                }
            }
        });
        Self { address, connections, task }
    }

    /// Where the line begins.
    pub fn address(&self) -> PeerAddress {
        self.address.into()
    }

    /// Connections so far.
    pub fn count_connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for BreakingLine {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(near: TcpStream, far: TcpStream, limit: usize) {
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let there = async { tokio::io::copy(&mut near_read, &mut far_write).await };
    let back = async {
        let mut left = limit;
        let mut buffer = vec![0; 16_384];
        while left > 0 {
            let room = left.min(buffer.len());
            let read = far_read.read(&mut buffer[..room]).await?;
            if read == 0 {
                break;
            }
            near_write.write_all(&buffer[..read]).await?;
            left = left.saturating_sub(read);
        }
        std::io::Result::Ok(())
    };
    tokio::select! {
        _ = there => {}
        _ = back => {}
    }
}
