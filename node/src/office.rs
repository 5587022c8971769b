// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a node's own people ask of it: every rpc of the `Node` service.
//!
//! The same answers whether a node runs or the command line has opened the store itself. Nothing
//! here signs, but for acknowledgements with the node's own key. A damaged store is verified and
//! repaired, and answers nothing else.

mod attachments;
mod bundles;
mod decisions;
mod documents;
mod entries;
mod forks;
mod signing;
mod status;
mod sync_now;
mod verify;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use constancia_ledger::fault::Coded as _;
use constancia_ledger::replay::{Replay, ReplayError};
use constancia_ledger::store::{StoreError, StoreFolder};
use constancia_proto::v1;
use constancia_proto::v1::node_client::NodeClient;
use constancia_proto::v1::node_server::{Node, NodeServer};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use crate::acknowledger::Acknowledger;
use crate::clock::Clock;
use crate::door::{Door, LocalClient};
use crate::error::NodeError;
use crate::failure::to_status;
use crate::limits::LOCAL_MESSAGE_BYTES_MAX;
use crate::live_replica::{LiveReplica, run_blocking};
use crate::open_ledger::{OpenLedger, require_sound};
use crate::peers::Peers;

/// A stream of answers.
pub(crate) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What a running node adds to what the store alone can answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running {
    pub(crate) peers: Option<Peers>,
    pub(crate) acknowledger: Option<Acknowledger>,
    pub(crate) listen: Option<SocketAddr>,
}

/// Answers a node's own people.
#[derive(Clone, Debug)]
pub struct Office {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    live: LiveReplica,
    folder: Option<StoreFolder>,
    damage: Mutex<Option<Arc<StoreError>>>,
    clock: Arc<dyn Clock>,
    replay: Mutex<Replay>,
    running: Running,
}

impl Office {
    /// An office over a ledger that no node serves.
    pub fn new(ledger: OpenLedger, clock: Arc<dyn Clock>) -> Self {
        Self::of_node(ledger, clock, Running::default())
    }

    pub(crate) fn of_node(ledger: OpenLedger, clock: Arc<dyn Clock>, running: Running) -> Self {
        let replay = Mutex::new(Replay::new(ledger.live.ledger()));
        let damage = Mutex::new(require_sound(&ledger.recovery).err().map(Arc::new));
        let OpenLedger { live, folder, .. } = ledger;
        Self { inner: Arc::new(Inner { live, folder, damage, clock, replay, running }) }
    }

    /// A client that asks this office without a socket.
    pub fn client(&self) -> LocalClient {
        NodeClient::new(Door::Here(Box::new(self.to_server())))
            .max_decoding_message_size(LOCAL_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(LOCAL_MESSAGE_BYTES_MAX)
    }

    /// The tonic service.
    pub(crate) fn to_server(&self) -> NodeServer<Self> {
        NodeServer::new(self.clone())
            .max_decoding_message_size(LOCAL_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(LOCAL_MESSAGE_BYTES_MAX)
    }

    /// The replica.
    pub fn live(&self) -> &LiveReplica {
        &self.inner.live
    }

    fn require_sound(&self) -> Result<(), Status> {
        match &*self.inner.damage.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(error) => Err(NodeError::Store(Arc::clone(error)).to_status()),
        }
    }

    /// Asks the replay, which has read everything that has landed, off the async threads.
    async fn replay<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Replay, &Office) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.require_sound()?;
        let this = self.clone();
        run_blocking(move || {
            let mut replay = this.inner.replay.lock().unwrap_or_else(PoisonError::into_inner);
            let caught_up = replay.catch_up(&this.inner.live.shared().read());
            if let Err(error) = caught_up {
                return Err(if let ReplayError::Store(error) = error {
                    NodeError::Store(this.inner.live.note_error(error)).to_status()
                } else {
                    refuse_replay(&error)
                });
            }
            question(&mut replay, &this)
        })
        .await
    }
}

/// A question that the replay cannot answer.
fn refuse_replay(error: &ReplayError) -> Status {
    tracing::warn!(code = error.code(), %error, "replay failed");
    to_status(error)
}

#[tonic::async_trait]
impl Node for Office {
    type ListEntriesStream = Answers<v1::EntryView>;
    type GetDocumentsStream = Answers<v1::Document>;
    type ExportStream = Answers<v1::FileChunk>;
    type SyncNowStream = Answers<v1::SyncProgress>;
    type VerifyStream = Answers<v1::VerifyProgress>;
    type ListForksStream = Answers<v1::ForkView>;

    async fn get_status(
        &self,
        _request: Request<v1::GetStatusRequest>,
    ) -> Result<Response<v1::Status>, Status> {
        self.answer_status().await.map(Response::new)
    }

    async fn list_entries(
        &self,
        request: Request<v1::ListEntriesRequest>,
    ) -> Result<Response<Self::ListEntriesStream>, Status> {
        self.list(request.into_inner()).await.map(Response::new)
    }

    async fn get_entry(
        &self,
        request: Request<v1::GetEntryRequest>,
    ) -> Result<Response<v1::EntryView>, Status> {
        self.find_entry(request.into_inner().id).await.map(Response::new)
    }

    async fn get_documents(
        &self,
        request: Request<v1::GetDocumentsRequest>,
    ) -> Result<Response<Self::GetDocumentsStream>, Status> {
        self.list_documents(request.into_inner()).await.map(Response::new)
    }

    async fn get_signing_context(
        &self,
        request: Request<v1::GetSigningContextRequest>,
    ) -> Result<Response<v1::SigningContext>, Status> {
        self.describe_place(request.into_inner()).await.map(Response::new)
    }

    async fn submit(
        &self,
        request: Request<v1::SubmitRequest>,
    ) -> Result<Response<v1::SubmitReply>, Status> {
        self.take_entry(request.into_inner()).await.map(Response::new)
    }

    async fn export(
        &self,
        request: Request<v1::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        self.write_bundle(request.into_inner()).await.map(Response::new)
    }

    async fn import(
        &self,
        request: Request<Streaming<v1::FileChunk>>,
    ) -> Result<Response<v1::ImportReply>, Status> {
        self.read_bundle(request.into_inner()).await.map(Response::new)
    }

    async fn sync_now(
        &self,
        request: Request<v1::SyncNowRequest>,
    ) -> Result<Response<Self::SyncNowStream>, Status> {
        self.sync_with(&request.into_inner().address).map(Response::new)
    }

    async fn verify(
        &self,
        _request: Request<v1::VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        Ok(Response::new(self.verify_store()))
    }

    async fn repair(
        &self,
        request: Request<v1::RepairRequest>,
    ) -> Result<Response<v1::RepairReply>, Status> {
        self.repair_from(&request.into_inner().address).await.map(Response::new)
    }

    async fn acknowledge_now(
        &self,
        _request: Request<v1::AcknowledgeNowRequest>,
    ) -> Result<Response<v1::AcknowledgeNowReply>, Status> {
        self.acknowledge().await.map(Response::new)
    }

    async fn put_attachment(
        &self,
        request: Request<Streaming<v1::PutAttachmentChunk>>,
    ) -> Result<Response<v1::PutAttachmentReply>, Status> {
        self.keep_attachment(request.into_inner()).await.map(Response::new)
    }

    async fn preview_decision(
        &self,
        request: Request<v1::PreviewDecisionRequest>,
    ) -> Result<Response<v1::PreviewDecisionReply>, Status> {
        self.preview(request.into_inner()).await.map(Response::new)
    }

    async fn list_forks(
        &self,
        request: Request<v1::ListForksRequest>,
    ) -> Result<Response<Self::ListForksStream>, Status> {
        self.describe_forks(&request.into_inner()).await.map(Response::new)
    }
}
