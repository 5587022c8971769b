// SPDX-License-Identifier: Apache-2.0 OR MIT
//! This node as a caller of another one.

use std::time::Duration;

use bytes::Bytes;
use constancia_ledger::entry::{UnverifiedEntry, decode_entry};
use constancia_ledger::exchange::{ExchangeConfig, Session, Side};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::store::{ATTACHMENT_BYTES_MAX, StoreFolder};
use constancia_proto::v1;
use constancia_proto::v1::exchange_client::ExchangeClient;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::address::PeerAddress;
use crate::driver::{DriveError, Driver, End, LinkState};
use crate::error::NodeError;
use crate::failure::Failure;
use crate::heads::{PeerHead, verify_head};
use crate::limits::{
    ANSWER_WAIT_MAX, CONNECT_WAIT_MAX, FAREWELL_WAIT_MAX, FETCH_IDS_MAX, PEER_MESSAGE_BYTES_MAX,
};
use crate::live_replica::{LiveReplica, run_blocking};
use crate::outgoing::open_queue;

/// Bytes that may be on their way before the receiver says that it has taken them: a window of the
/// exchange fits, so that the transport never waits where the exchange would not.
const WINDOW_BYTES: u32 = 16 << 20;

/// How an exchange is to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) config: ExchangeConfig,
    /// How often two sides that follow compare again.
    pub(crate) recheck_interval: Duration,
}

/// A connection to a peer.
#[derive(Clone, Debug)]
pub struct PeerConnection {
    address: PeerAddress,
    client: ExchangeClient<Channel>,
}

impl PeerConnection {
    /// Connects to a peer.
    ///
    /// # Errors
    /// Where nobody answers.
    pub async fn open(address: &PeerAddress) -> Result<Self, NodeError> {
        let endpoint = Endpoint::from(address.uri()?)
            .connect_timeout(CONNECT_WAIT_MAX)
            .tcp_nodelay(true)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .keep_alive_while_idle(true);
        let channel = endpoint
            .connect()
            .await
            .map_err(|source| NodeError::Unreachable { address: address.clone(), source })?;
        let mut client = ExchangeClient::new(channel)
            .max_decoding_message_size(PEER_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(PEER_MESSAGE_BYTES_MAX);
        if !address.is_loopback() {
            // Within one machine it would cost more than it saves. The answerer does as the caller.
            client = client
                .accept_compressed(CompressionEncoding::Zstd)
                .send_compressed(CompressionEncoding::Zstd);
        }
        Ok(Self { address: address.clone(), client })
    }

    /// The charter of the peer's ledger, decoded but not verified.
    ///
    /// # Errors
    /// Where the peer fails, or sends no entry.
    pub async fn fetch_charter(&self) -> Result<UnverifiedEntry, NodeError> {
        let mut client = self.client.clone();
        let answer = client.fetch_charter(v1::FetchCharterRequest {});
        let entry = self.wait_for(answer).await?.into_inner();
        decode_entry(entry)
            .map_err(|source| NodeError::Charter { address: self.address.clone(), source })
    }

    /// Entries by id, as the peer holds them and unchecked; what it lacks is left out.
    ///
    /// # Errors
    /// Where the peer fails.
    pub async fn fetch_entries(
        &self,
        ledger: LedgerId,
        ids: &[EntryId],
    ) -> Result<Vec<v1::SignedEntry>, NodeError> {
        let mut entries = Vec::new();
        for ids in ids.chunks(FETCH_IDS_MAX) {
            let request = v1::FetchEntriesRequest {
                ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
                ids: ids.iter().map(|id| Bytes::copy_from_slice(id.as_bytes())).collect(),
            };
            let mut client = self.client.clone();
            let mut stream = self.wait_for(client.fetch_entries(request)).await?.into_inner();
            let mut left = ids.len();
            while let Some(entry) = self.wait_for(stream.message()).await? {
                // One that sends more than was asked for may never end.
                left = left.checked_sub(1).ok_or_else(|| {
                    let message = format!("expected at most {} entries, found more", ids.len());
                    self.answered(&Status::out_of_range(message))
                })?;
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// How far a key's feed goes at the peer: verified, for a peer that could claim any seq could
    /// keep the key from signing for ever.
    ///
    /// # Errors
    /// Where the peer fails, or answers with anything but an entry that the key signed in this ledger.
    pub async fn fetch_head(
        &self,
        ledger: LedgerId,
        key: &PublicKey,
    ) -> Result<PeerHead, NodeError> {
        let request = v1::FetchHeadRequest {
            ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
            key: Bytes::copy_from_slice(key.as_bytes()),
        };
        let mut client = self.client.clone();
        let answer = self.wait_for(client.fetch_head(request)).await?.into_inner();
        let head = answer.entry.map(|entry| verify_head(ledger, key, entry)).transpose();
        match head {
            Ok(head) => Ok(PeerHead { head, clock_ms: answer.clock_ms }),
            Err(source) => {
                let source = Box::new(source);
                Err(NodeError::UnprovenHead { address: self.address.clone(), key: *key, source })
            }
        }
    }

    /// An attachment, checked and kept in the folder; false where the peer lacks it.
    ///
    /// # Errors
    /// Where the peer fails or sends another content, or the disk refuses.
    pub async fn fetch_attachment(
        &self,
        ledger: LedgerId,
        (hash, salt): ([u8; 32], [u8; 16]),
        folder: &StoreFolder,
    ) -> Result<bool, NodeError> {
        let request = v1::FetchAttachmentRequest {
            ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
            hash: Bytes::copy_from_slice(&hash),
            salt: Bytes::copy_from_slice(&salt),
        };
        let mut client = self.client.clone();
        let mut stream = match client.fetch_attachment(request).await {
            Ok(answer) => answer.into_inner(),
            Err(status) if Failure::from_status(&status).code == "request.no_attachment" => {
                return Ok(false);
            }
            Err(status) => return Err(self.answered(&status)),
        };
        let mut content = Vec::new();
        while let Some(chunk) = self.wait_for(stream.message()).await? {
            content.extend_from_slice(&chunk.content);
            if u64::try_from(content.len()).is_ok_and(|found| found > ATTACHMENT_BYTES_MAX) {
                let message = format!("an attachment has at most {ATTACHMENT_BYTES_MAX} bytes");
                return Err(self.answered(&Status::out_of_range(message)));
            }
        }
        let folder = folder.clone();
        run_blocking(move || folder.put_attachment(&hash, &salt, &content)).await?;
        Ok(true)
    }

    /// Merges, and follows where the configuration says so. `state` shows how it goes; `stop` ends
    /// it.
    pub(crate) async fn exchange(
        &self,
        live: &LiveReplica,
        terms: Terms,
        state: watch::Sender<LinkState>,
        stop: watch::Receiver<bool>,
    ) -> Result<End, NodeError> {
        let (outgoing, stream) = open_queue();
        let driver = Driver {
            live: live.clone(),
            session: Session::new(live.ledger(), terms.config, Side::Caller),
            outgoing,
            state,
            recheck_interval: terms.recheck_interval,
            stop,
        };
        let mut client = self.client.clone();
        // Hello goes out with the request, not after the answer to it.
        let mut incoming = Box::pin(async_stream::stream! {
            match client.exchange(Request::new(stream)).await {
                Ok(answer) => {
                    let mut messages = answer.into_inner();
                    while let Some(message) = messages.next().await {
                        yield message;
                    }
                }
                Err(status) => yield Err(status),
            }
        });
        let ended = driver.run(&mut incoming).await;
        if matches!(ended, Ok(End::Closed { .. }) | Err(DriveError::Exchange(_))) {
            // The other side has to take the last messages before the stream may go.
            let farewell = async { while let Some(Ok(_)) = incoming.next().await {} };
            let _ = timeout(FAREWELL_WAIT_MAX, farewell).await;
        }
        ended.map_err(|error| self.explain(error))
    }

    fn explain(&self, error: DriveError) -> NodeError {
        let address = self.address.clone();
        match error {
            DriveError::Exchange(error) => NodeError::Exchange { address, source: Box::new(error) },
            DriveError::Store(error) => NodeError::Store(error),
            DriveError::Stream(status) => self.answered(&status),
            DriveError::Silent { seconds } => NodeError::Silent { address, seconds },
        }
    }

    fn answered(&self, status: &Status) -> NodeError {
        let failure = Box::new(Failure::from_status(status));
        NodeError::Remote { address: self.address.clone(), failure }
    }

    async fn wait_for<T>(
        &self,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, NodeError> {
        match timeout(ANSWER_WAIT_MAX, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(status)) => Err(self.answered(&status)),
            Err(_elapsed) => Err(NodeError::Silent {
                address: self.address.clone(),
                seconds: ANSWER_WAIT_MAX.as_secs(),
            }),
        }
    }
}
