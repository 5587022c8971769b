// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How the command line reaches the one who holds the store: through a running node's local port, or
//! in its own process, with the same client either way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use constancia_ledger::store::{Holder, LockPatience, LogNotice, StoreError, StoreFolder};
use constancia_proto::v1::node_client::NodeClient;
use constancia_proto::v1::node_server::NodeServer;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::{Channel, Endpoint};

use crate::address::PeerAddress;
use crate::clock::Clock;
use crate::error::NodeError;
use crate::limits::{CONNECT_WAIT_MAX, LOCAL_MESSAGE_BYTES_MAX};
use crate::live_replica::run_blocking;
use crate::office::Office;
use crate::open_ledger::OpenLedger;

/// The way to an [`Office`].
#[derive(Clone, Debug)]
pub enum Door {
    /// In this process.
    Here(Box<NodeServer<Office>>),
    /// A node in another process of this machine.
    There(Channel),
}

/// Asks an office.
pub type LocalClient = NodeClient<Door>;

impl Service<http::Request<Body>> for Door {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::Here(_) => Poll::Ready(Ok(())),
            Self::There(channel) => channel.poll_ready(context),
        }
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match self {
            Self::Here(server) => {
                let answer = server.call(request);
                Box::pin(async move { answer.await.map_err(|never: Infallible| match never {}) })
            }
            Self::There(channel) => Box::pin(channel.call(request)),
        }
    }
}

/// A way in that is open.
#[derive(Debug)]
pub struct Access {
    /// Asks.
    pub client: LocalClient,
    /// Where the running node listens for its own people; none where this process holds the store.
    pub node: Option<SocketAddr>,
    /// The office in this process, where there is one.
    pub office: Option<Office>,
    /// What opening the store found: to be shown.
    pub notices: Vec<LogNotice>,
}

/// Opens a data folder, or finds the node that holds it.
///
/// # Errors
/// Where there is no ledger, it cannot be read, or a process that is no node holds it.
pub async fn open_door(folder: StoreFolder, clock: Arc<dyn Clock>) -> Result<Access, NodeError> {
    let opened = {
        let folder = folder.clone();
        run_blocking(move || OpenLedger::open(folder, LockPatience::None)).await
    };
    let holder = match opened {
        Ok(ledger) => return Ok(access_here(ledger, clock)),
        Err(error) => match find_holder(&error) {
            Some(holder) => holder,
            None => return Err(error),
        },
    };
    if let Some(address) = holder.address.as_deref().and_then(|text| text.parse().ok()) {
        // A node that was killed leaves its address behind, and its lock lingers a moment.
        if let Ok(access) = access_there(address).await {
            return Ok(access);
        }
    }
    let ledger = run_blocking(move || OpenLedger::open(folder, LockPatience::JustKilled)).await?;
    Ok(access_here(ledger, clock))
}

fn access_here(mut ledger: OpenLedger, clock: Arc<dyn Clock>) -> Access {
    let notices = std::mem::take(&mut ledger.notices);
    let office = Office::new(ledger, clock);
    Access { client: office.client(), node: None, office: Some(office), notices }
}

async fn access_there(address: SocketAddr) -> Result<Access, NodeError> {
    let peer = PeerAddress::from(address);
    let endpoint = Endpoint::from(peer.uri()?).connect_timeout(CONNECT_WAIT_MAX).tcp_nodelay(true);
    let channel = endpoint
        .connect()
        .await
        .map_err(|source| NodeError::Unreachable { address: peer, source })?;
    let client = NodeClient::new(Door::There(channel))
        .max_decoding_message_size(LOCAL_MESSAGE_BYTES_MAX)
        .max_encoding_message_size(LOCAL_MESSAGE_BYTES_MAX);
    Ok(Access { client, node: Some(address), office: None, notices: Vec::new() })
}

fn find_holder(error: &NodeError) -> Option<Holder> {
    if let NodeError::Store(error) = error
        && let StoreError::Locked { holder, .. } = &**error
    {
        Some(holder.clone())
    } else {
        None
    }
}
