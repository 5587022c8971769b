// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A peer that shows what a test says as the last entry of whatever key it is asked about, and
//! answers nothing else.

use std::net::SocketAddr;

use constancia_proto::v1;
use constancia_proto::v1::exchange_server::{Exchange, ExchangeServer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::Empty;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

/// The peer, until it is dropped.
#[derive(Debug)]
pub struct Liar {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Liar {
    /// Listens on a free port of this machine.
    pub async fn open(head: v1::KeyHead) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().add_service(ExchangeServer::new(Shown(head)));
        let task = tokio::spawn(async move {
            server.serve_with_incoming(TcpIncoming::from(listener)).await.unwrap();
        });
        Self { address, task }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Shown(v1::KeyHead);

fn silent<T>() -> Result<Response<T>, Status> {
    Err(Status::unavailable("nothing but heads"))
}

#[tonic::async_trait]
impl Exchange for Shown {
    type ExchangeStream = Empty<Result<v1::ExchangeMessage, Status>>;
    type FetchEntriesStream = Empty<Result<v1::SignedEntry, Status>>;
    type FetchAttachmentStream = Empty<Result<v1::AttachmentChunk, Status>>;

    async fn exchange(
        &self,
        _: Request<Streaming<v1::ExchangeMessage>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        silent()
    }

    async fn fetch_charter(
        &self,
        _: Request<v1::FetchCharterRequest>,
    ) -> Result<Response<v1::SignedEntry>, Status> {
        silent()
    }

    async fn fetch_entries(
        &self,
        _: Request<v1::FetchEntriesRequest>,
    ) -> Result<Response<Self::FetchEntriesStream>, Status> {
        silent()
    }

    async fn fetch_head(
        &self,
        _: Request<v1::FetchHeadRequest>,
    ) -> Result<Response<v1::KeyHead>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn fetch_attachment(
        &self,
        _: Request<v1::FetchAttachmentRequest>,
    ) -> Result<Response<Self::FetchAttachmentStream>, Status> {
        silent()
    }
}
