// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What peers may ask of this node: an exchange, the charter, entries and attachments.
//!
//! Nothing here changes anything but through ingest. What is not held is left out, not refused.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use constancia_ledger::exchange::{ExchangeConfig, Session, Side};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{StoreError, StoreFolder};
use constancia_proto::v1;
use constancia_proto::v1::exchange_server::{Exchange, ExchangeServer};
use tokio::sync::{Semaphore, watch};
use tokio_stream::{Stream, StreamExt as _};
use tonic::codec::CompressionEncoding;
use tonic::{Request, Response, Status, Streaming};

use crate::clock::Clock;
use crate::driver::{Driver, LinkState};
use crate::failure::to_status;
use crate::heads::read_head;
use crate::limits::{
    ATTACHMENTS_MAX, CHUNK_BYTES, EXCHANGES_MAX, FETCH_IDS_MAX, PEER_MESSAGE_BYTES_MAX,
};
use crate::live_replica::{LiveReplica, run_blocking};
use crate::outgoing::open_queue;
use crate::request::{RequestError, fixed};

/// The service for peers.
#[derive(Clone, Debug)]
pub(crate) struct ExchangeService {
    live: LiveReplica,
    folder: Option<StoreFolder>,
    recheck_interval: Duration,
    stop: watch::Receiver<bool>,
    places: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    attachment_places: Arc<Semaphore>,
}

type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl ExchangeService {
    /// A service over a replica; `stop` becomes true when the node stops.
    pub(crate) fn new(
        live: LiveReplica,
        folder: Option<StoreFolder>,
        recheck_interval: Duration,
        stop: watch::Receiver<bool>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(EXCHANGES_MAX));
        let attachment_places = Arc::new(Semaphore::new(ATTACHMENTS_MAX));
        Self { live, folder, recheck_interval, stop, places, clock, attachment_places }
    }

    /// The tonic service, with its limits and compression.
    pub(crate) fn into_server(self) -> ExchangeServer<Self> {
        ExchangeServer::new(self)
            .accept_compressed(CompressionEncoding::Zstd)
            .send_compressed(CompressionEncoding::Zstd)
            .max_decoding_message_size(PEER_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(PEER_MESSAGE_BYTES_MAX)
    }

    fn check_ledger(&self, found: &[u8]) -> Result<(), Status> {
        let expected = self.live.ledger();
        if found == expected.as_bytes() {
            return Ok(());
        }
        let found = LedgerId::from_slice(found)
            .map_or_else(|| format!("{} bytes", found.len()), |id| id.to_string());
        Err(RequestError::WrongLedger { expected, found }.into())
    }
}

#[tonic::async_trait]
impl Exchange for ExchangeService {
    type ExchangeStream = BoxStream<v1::ExchangeMessage>;
    type FetchEntriesStream = BoxStream<v1::SignedEntry>;
    type FetchAttachmentStream = BoxStream<v1::AttachmentChunk>;

    async fn exchange(
        &self,
        request: Request<Streaming<v1::ExchangeMessage>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let place =
            Arc::clone(&self.places).try_acquire_owned().map_err(|_full| RequestError::Busy)?;
        let caller = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let config = ExchangeConfig { follow: true, ..ExchangeConfig::default() };
        let (outgoing, stream) = open_queue();
        let driver = Driver {
            live: self.live.clone(),
            session: Session::new(self.live.ledger(), config, Side::Answerer),
            outgoing,
            state: watch::Sender::new(LinkState::default()),
            recheck_interval: self.recheck_interval,
            stop: self.stop.clone(),
        };
        let incoming = request.into_inner();
        tokio::spawn(async move {
            let ended = driver.run(incoming).await;
            match ended {
                Ok(end) => tracing::debug!(?caller, ?end, "exchange ended"),
                Err(error) => tracing::info!(?caller, %error, "exchange ended"),
            }
            drop(place);
        });
        Ok(Response::new(Box::pin(stream.map(Ok))))
    }

    async fn fetch_charter(
        &self,
        _request: Request<v1::FetchCharterRequest>,
    ) -> Result<Response<v1::SignedEntry>, Status> {
        let charter = self.live.ledger().charter();
        let entry = self.live.read(move |replica| replica.read_message(&charter)).await;
        match entry {
            Ok(Some(entry)) => Ok(Response::new(entry)),
            Ok(None) => {
                let reason = "the charter is missing".to_owned();
                Err(to_status(&StoreError::IndexDamaged { reason }))
            }
            Err(error) => Err(to_status(&*self.live.note_error(error))),
        }
    }

    async fn fetch_entries(
        &self,
        request: Request<v1::FetchEntriesRequest>,
    ) -> Result<Response<Self::FetchEntriesStream>, Status> {
        let request = request.into_inner();
        self.check_ledger(&request.ledger_id)?;
        let found = request.ids.len();
        if found > FETCH_IDS_MAX {
            return Err(RequestError::TooManyIds { found }.into());
        }
        let mut ids = Vec::with_capacity(found);
        for id in &request.ids {
            ids.push(EntryId::from_bytes(fixed("id", id)?));
        }
        let (live, store) = (self.live.clone(), self.live.clone());
        let entries = tokio_stream::iter(ids).then(move |id| {
            let live = live.clone();
            async move { live.read(move |replica: &Replica| replica.read_message(&id)).await }
        });
        Ok(Response::new(Box::pin(entries.filter_map(move |entry| match entry {
            Ok(entry) => entry.map(Ok),
            Err(error) => Some(Err(to_status(&*store.note_error(error)))),
        }))))
    }

    async fn fetch_head(
        &self,
        request: Request<v1::FetchHeadRequest>,
    ) -> Result<Response<v1::KeyHead>, Status> {
        let request = request.into_inner();
        self.check_ledger(&request.ledger_id)?;
        let key = PublicKey::from_bytes(fixed("key", &request.key)?);
        let entry = self.live.read(move |replica: &Replica| read_head(replica, &key)).await;
        let entry = entry.map_err(|error| to_status(&*self.live.note_error(error)))?;
        Ok(Response::new(v1::KeyHead { entry, clock_ms: self.clock.now_ms() }))
    }

    async fn fetch_attachment(
        &self,
        request: Request<v1::FetchAttachmentRequest>,
    ) -> Result<Response<Self::FetchAttachmentStream>, Status> {
        let request = request.into_inner();
        self.check_ledger(&request.ledger_id)?;
        let hash: [u8; 32] = fixed("hash", &request.hash)?;
        let salt: [u8; 16] = fixed("salt", &request.salt)?;
        let place = Arc::clone(&self.attachment_places)
            .try_acquire_owned()
            .map_err(|_full| RequestError::BusySending)?;
        let folder = self.folder.clone();
        let content = run_blocking(move || match folder {
            Some(folder) => folder.get_attachment(&hash, &salt),
            None => Ok(None),
        })
        .await
        .map_err(|error| to_status(&error))?
        .ok_or(RequestError::NoAttachment)?;
        let mut content = Bytes::from(content);
        let mut place = Some(place);
        let chunks = std::iter::from_fn(move || {
            let length = content.len().min(CHUNK_BYTES);
            let piece = content.split_to(length);
            if content.is_empty() {
                // Before the caller hears that this was the last.
                drop(place.take());
            }
            (length > 0).then(|| Ok(v1::AttachmentChunk { content: piece }))
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(chunks))))
    }
}
