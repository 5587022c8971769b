// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Bundles out and in, piece by piece.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use constancia_ledger::bundle::{BundleError, Exporter, Imported, import, open_bundle};
use constancia_ledger::frontier::Frontier;
use constancia_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{Answers, Office};
use crate::failure::to_status;
use crate::limits::CHUNK_BYTES;
use crate::live_replica::run_blocking;
use crate::request::RequestError;

/// Pieces of a file that wait between the stream and the disk.
const CHUNKS_WAITING_MAX: usize = 16;

impl Office {
    pub(super) async fn write_bundle(
        &self,
        request: v1::ExportRequest,
    ) -> Result<Answers<v1::FileChunk>, Status> {
        self.require_sound()?;
        let since = match &request.since {
            Some(since) => Some(Frontier::from_message(since).map_err(RequestError::from)?),
            None => None,
        };
        let begun = self.inner.live.read(move |replica| Exporter::begin(replica, since)).await;
        let mut exporter = begun.map_err(|error| to_status(&error))?;
        let live = self.inner.live.clone();
        let (chunks, stream) = mpsc::channel(CHUNKS_WAITING_MAX);
        tokio::task::spawn_blocking(move || {
            loop {
                // The replica is held for one piece at a time.
                let chunk = exporter.next_chunk(&live.shared().read(), CHUNK_BYTES);
                let answer = match chunk {
                    Ok(None) => return,
                    Ok(Some(content)) => Ok(v1::FileChunk { content: content.into() }),
                    Err(error) => Err(to_status(&BundleError::from(error))),
                };
                let is_last = answer.is_err();
                if chunks.blocking_send(answer).is_err() || is_last {
                    return;
                }
            }
        });
        Ok(Box::pin(ReceiverStream::new(stream)))
    }

    pub(super) async fn read_bundle(
        &self,
        mut chunks: Streaming<v1::FileChunk>,
    ) -> Result<v1::ImportReply, Status> {
        self.require_sound()?;
        let (pieces, receiver) = mpsc::channel(CHUNKS_WAITING_MAX);
        let mut live = self.inner.live.clone();
        let importing = tokio::spawn(run_blocking(move || {
            let bundle = open_bundle(PieceReader { receiver, piece: Bytes::new() })?;
            import(bundle, &mut live, &mut |_| ())
        }));
        loop {
            let piece = match chunks.message().await {
                Ok(None) => break,
                Ok(Some(chunk)) => Ok(chunk.content),
                Err(status) => Err(io::Error::other(status)),
            };
            let is_last = piece.is_err();
            // The reader is gone once the bundle is refused: why, it says itself.
            if pieces.send(piece).await.is_err() || is_last {
                break;
            }
        }
        drop(pieces);
        match importing.await {
            Ok(Ok(imported)) => Ok(to_reply(imported)),
            Ok(Err(error)) => Err(to_status(&error)),
            Err(_stopping) => Err(Status::cancelled("the node is stopping")),
        }
    }
}

fn to_reply(imported: Imported) -> v1::ImportReply {
    v1::ImportReply {
        accepted: imported.accepted,
        already_held: imported.already_held,
        held_back: imported.held_back,
        forks: imported.forks,
        refused: imported
            .refused
            .into_iter()
            .map(|refused| v1::Refused {
                id: refused.id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
                code: refused.code.to_owned(),
                message: match refused.offset {
                    Some(offset) => format!("at byte {offset}: {}", refused.message),
                    None => refused.message,
                },
            })
            .collect(),
    }
}

/// A file that arrives in pieces.
struct PieceReader {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for PieceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.piece.len());
        if let Some(part) = buffer.get_mut(..length) {
            self.piece.copy_to_slice(part);
        }
        Ok(length)
    }
}
