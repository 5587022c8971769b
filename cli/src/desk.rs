// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the command line asks of whoever holds the store: a node that runs, or this process.
//!
//! One method per call of the schema's service `Node`, the same either way. Nothing here signs.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::store::StoreFolder;
use constancia_node::clock::SystemClock;
use constancia_node::door::{Access, LocalClient, open_door};
use constancia_proto::v1;
use constancia_proto::v1::preview_decision_request::What;
use tonic::{Response, Status, Streaming};

use crate::command::Caller;
use crate::failure::{Failure, Told};
use crate::files::check_access;
use crate::signing::redacted_heads;
use crate::words::{errors, faces};

/// Bytes of one piece of a file on its way.
const CHUNK_BYTES: usize = 64 * 1_024;

/// Gets each item of an answer as it comes.
pub(crate) type Each<'a, T> = &'a mut dyn FnMut(T) -> Result<(), Failure>;

/// Whoever holds the store.
#[derive(Debug)]
pub(crate) struct Desk {
    client: LocalClient,
    /// Where the node listens that holds the store; none: this process holds it.
    pub(crate) node: Option<SocketAddr>,
}

/// Asks the node that holds the data folder, or opens the folder.
///
/// # Errors
/// Where there is no ledger, or another process holds the store and does not answer.
pub(crate) async fn open(caller: &Caller) -> Result<Desk, Failure> {
    check_access(&caller.data)?;
    let folder = StoreFolder::new(&caller.data);
    let clock = Arc::new(SystemClock);
    let Access { client, node, notices, office: _ } = match open_door(folder, clock).await {
        Ok(access) => access,
        Err(error) => return Err(Told::of(&error).into()),
    };
    for notice in notices {
        let lang = caller.ui.lang;
        caller.ui.warn(&faces::store_notice(lang, &errors::as_said(lang, &notice.to_string())));
    }
    let desk = Desk { client, node };
    redacted_heads::drop_payloads(caller, &desk).await;
    Ok(desk)
}

impl Desk {
    /// A desk of an office in this process.
    pub(crate) const fn of(client: LocalClient) -> Self {
        Self { client, node: None }
    }

    /// Ledger, frontier, members, peers.
    pub(crate) async fn get_status(&self) -> Result<v1::Status, Failure> {
        answer(self.client.clone().get_status(v1::GetStatusRequest {}).await)
    }

    /// Entries in the ledger's order.
    pub(crate) async fn list_entries(
        &self,
        request: v1::ListEntriesRequest,
        each: Each<'_, v1::EntryView>,
    ) -> Result<(), Failure> {
        drain(self.client.clone().list_entries(request).await, each).await
    }

    /// One entry, by id or an unambiguous prefix of it.
    pub(crate) async fn get_entry(&self, id: &str) -> Result<v1::EntryView, Failure> {
        let request = v1::GetEntryRequest { id: id.to_owned() };
        answer(self.client.clone().get_entry(request).await)
    }

    /// Documents of the state, `index.json` last.
    pub(crate) async fn get_documents(
        &self,
        request: v1::GetDocumentsRequest,
        each: Each<'_, v1::Document>,
    ) -> Result<(), Failure> {
        drain(self.client.clone().get_documents(request).await, each).await
    }

    /// What the key needs to know, and what the peers that the store knows say of its feed.
    ///
    /// # Errors
    /// Where whoever holds the store fails.
    pub(crate) async fn ask_peers(&self, key: &[u8]) -> Result<v1::SigningContext, Failure> {
        let key = Bytes::copy_from_slice(key);
        let request = v1::GetSigningContextRequest { key, ask_peers: true, ..Default::default() };
        answer(self.client.clone().get_signing_context(request).await)
    }

    /// What a key needs to know to sign its next entry, which is about `besides` too: held entries
    /// beyond their key's end.
    pub(crate) async fn get_signing_context(
        &self,
        key: &[u8],
        besides: Vec<Bytes>,
    ) -> Result<v1::SigningContext, Failure> {
        let request = v1::GetSigningContextRequest {
            key: Bytes::copy_from_slice(key),
            besides,
            ..Default::default()
        };
        answer(self.client.clone().get_signing_context(request).await)
    }

    /// Whether a decision has had the payload of an entry dropped that a key signed.
    ///
    /// # Errors
    /// Where whoever holds the store fails.
    pub(crate) async fn is_redacted(
        &self,
        key: &PublicKey,
        entry: &EntryId,
    ) -> Result<bool, Failure> {
        let request = v1::GetSigningContextRequest {
            key: Bytes::copy_from_slice(key.as_bytes()),
            last_signed: Bytes::copy_from_slice(entry.as_bytes()),
            ..Default::default()
        };
        let context = answer(self.client.clone().get_signing_context(request).await)?;
        Ok(context.last_signed_redacted)
    }

    /// Takes a signed entry in; returns once it is durable.
    pub(crate) async fn submit(&self, entry: v1::SignedEntry) -> Result<v1::SubmitReply, Failure> {
        let request = v1::SubmitRequest { entry: Some(entry) };
        answer(self.client.clone().submit(request).await)
    }

    /// The bytes of a bundle, in pieces.
    pub(crate) async fn export(
        &self,
        since: Option<v1::Frontier>,
        each: Each<'_, v1::FileChunk>,
    ) -> Result<(), Failure> {
        drain(self.client.clone().export(v1::ExportRequest { since }).await, each).await
    }

    /// Takes a bundle in.
    pub(crate) async fn import(
        &self,
        bundle: impl std::io::Read + Send + 'static,
    ) -> Result<v1::ImportReply, Failure> {
        let chunks = tokio_stream::iter(Chunks { reader: bundle });
        answer(self.client.clone().import(chunks).await)
    }

    /// Merges with one peer now.
    pub(crate) async fn sync_now(
        &self,
        address: &str,
        each: Each<'_, v1::SyncProgress>,
    ) -> Result<(), Failure> {
        let request = v1::SyncNowRequest { address: address.to_owned() };
        drain(self.client.clone().sync_now(request).await, each).await
    }

    /// Reads and checks everything stored.
    pub(crate) async fn verify(&self, each: Each<'_, v1::VerifyProgress>) -> Result<(), Failure> {
        drain(self.client.clone().verify(v1::VerifyRequest {}).await, each).await
    }

    /// Fetches what is damaged from a peer.
    pub(crate) async fn repair(&self, address: &str) -> Result<v1::RepairReply, Failure> {
        let request = v1::RepairRequest { address: address.to_owned() };
        answer(self.client.clone().repair(request).await)
    }

    /// Writes an acknowledgement now, with the node's key.
    pub(crate) async fn acknowledge_now(&self) -> Result<v1::AcknowledgeNowReply, Failure> {
        answer(self.client.clone().acknowledge_now(v1::AcknowledgeNowRequest {}).await)
    }

    /// What would become of a decision if it passed now.
    pub(crate) async fn preview_decision(
        &self,
        what: What,
    ) -> Result<v1::PreviewDecisionReply, Failure> {
        let request = v1::PreviewDecisionRequest { what: Some(what) };
        answer(self.client.clone().preview_decision(request).await)
    }

    /// Proven forks, of one key or of all.
    pub(crate) async fn list_forks(&self, key: &[u8]) -> Result<Vec<v1::ForkView>, Failure> {
        let request = v1::ListForksRequest { key: Bytes::copy_from_slice(key) };
        let mut forks = Vec::new();
        drain(self.client.clone().list_forks(request).await, &mut |fork| {
            forks.push(fork);
            Ok(())
        })
        .await?;
        Ok(forks)
    }

    /// Keeps a file that an event names.
    pub(crate) async fn put_attachment(
        &self,
        attachment: &v1::Attachment,
        content: &[u8],
    ) -> Result<v1::PutAttachmentReply, Failure> {
        let mut chunks = vec![v1::PutAttachmentChunk {
            hash: attachment.hash.clone(),
            salt: attachment.salt.clone(),
            content: Bytes::new(),
        }];
        chunks.extend(content.chunks(CHUNK_BYTES).map(|piece| v1::PutAttachmentChunk {
            content: Bytes::copy_from_slice(piece),
            ..v1::PutAttachmentChunk::default()
        }));
        answer(self.client.clone().put_attachment(tokio_stream::iter(chunks)).await)
    }
}

/// A file in pieces; reading stops at its end or where it cannot be read, and the bundle is then
/// refused as cut off.
struct Chunks<R> {
    reader: R,
}

impl<R: std::io::Read> Iterator for Chunks<R> {
    type Item = v1::FileChunk;

    fn next(&mut self) -> Option<v1::FileChunk> {
        let mut piece = vec![0; CHUNK_BYTES];
        let read = self.reader.read(&mut piece).ok().filter(|read| *read > 0)?;
        piece.truncate(read);
        Some(v1::FileChunk { content: piece.into() })
    }
}

fn answer<T>(answer: Result<Response<T>, Status>) -> Result<T, Failure> {
    match answer {
        Ok(response) => Ok(response.into_inner()),
        Err(status) => Err(Told::of_status(&status).into()),
    }
}

async fn drain<T>(
    answer: Result<Response<Streaming<T>>, Status>,
    each: Each<'_, T>,
) -> Result<(), Failure> {
    let mut items = match answer {
        Ok(response) => response.into_inner(),
        Err(status) => return Err(Told::of_status(&status).into()),
    };
    loop {
        match items.message().await {
            Ok(Some(item)) => each(item)?,
            Ok(None) => return Ok(()),
            Err(status) => return Err(Told::of_status(&status).into()),
        }
    }
}
