// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What anybody who reaches a node can make it spend, and what a peer can make its caller spend.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use constancia_ledger::entry::UnverifiedEntry;
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::{EntryId, LedgerId, hash_attachment};
use constancia_ledger::replica::Origin;
use constancia_node::client::PeerConnection;
use constancia_node::failure::Failure;
use constancia_node::limits::ATTACHMENTS_MAX;
use constancia_node::node::NodeConfig;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::exchange_client::ExchangeClient;
use constancia_proto::v1::exchange_server::{Exchange, ExchangeServer};
use constancia_tests::forge::{Forged, public};
use constancia_tests::liar::Liar;
use constancia_tests::network::charter;
use constancia_tests::nodes::{
    BreakingLine, address, config, found, node_key, start, wait_until, wait_until_equal,
};
use tempfile::tempdir;
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

#[tokio::test(flavor = "multi_thread")]
async fn attachments_that_nobody_takes_do_not_fill_the_memory() {
    let (charter, home) = (charter(3), tempdir().unwrap());
    let ledger = found(&home.path().join("1"), &charter);
    let (salt, content) = ([7; 16], vec![1; 4 << 20]);
    let hash = hash_attachment(&salt, &content);
    ledger.folder.as_ref().unwrap().put_attachment(&hash, &salt, &content).unwrap();
    let node = start(ledger, config(&[])).await;
    let request = v1::FetchAttachmentRequest {
        ledger_id: Bytes::copy_from_slice(node.live().ledger().as_bytes()),
        hash: Bytes::copy_from_slice(&hash),
        salt: Bytes::copy_from_slice(&salt),
    };
    // Each with a connection of its own: what one does not take keeps nothing from another.
    let address = format!("http://{}", address(&node));
    let ask = async || {
        let mut client = ExchangeClient::connect(address.clone()).await.unwrap();
        client.fetch_attachment(request.clone()).await
    };
    let mut untaken = Vec::new();
    for _ in 0..ATTACHMENTS_MAX {
        untaken.push(ask().await.unwrap().into_inner());
    }
    assert_eq!(Failure::from_status(&ask().await.unwrap_err()).code, "request.busy");
    // Whoever takes one to its end makes room.
    let mut taken = untaken.pop().unwrap();
    let mut bytes = 0;
    while let Some(chunk) = taken.message().await.unwrap() {
        bytes += chunk.content.len();
    }
    assert_eq!(bytes, content.len());
    drop(taken);
    drop(ask().await.unwrap());
    drop(untaken);
    node.shutdown().await.unwrap();
}

/// A peer that answers without end whatever it is asked.
struct Endless;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn endless<T: Clone + Send + 'static>(answer: T) -> Answers<T> {
    Box::pin(tokio_stream::iter(std::iter::repeat_with(move || Ok(answer.clone()))))
}

#[tonic::async_trait]
impl Exchange for Endless {
    type ExchangeStream = Answers<v1::ExchangeMessage>;
    type FetchEntriesStream = Answers<v1::SignedEntry>;
    type FetchAttachmentStream = Answers<v1::AttachmentChunk>;

    async fn exchange(
        &self,
        _: Request<Streaming<v1::ExchangeMessage>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        Ok(Response::new(endless(v1::ExchangeMessage::default())))
    }

    async fn fetch_charter(
        &self,
        _: Request<v1::FetchCharterRequest>,
    ) -> Result<Response<v1::SignedEntry>, Status> {
        Ok(Response::new(v1::SignedEntry::default()))
    }

    async fn fetch_entries(
        &self,
        _: Request<v1::FetchEntriesRequest>,
    ) -> Result<Response<Self::FetchEntriesStream>, Status> {
        Ok(Response::new(endless(v1::SignedEntry::default())))
    }

    async fn fetch_head(
        &self,
        _: Request<v1::FetchHeadRequest>,
    ) -> Result<Response<v1::KeyHead>, Status> {
        Ok(Response::new(v1::KeyHead::default()))
    }

    async fn fetch_attachment(
        &self,
        _: Request<v1::FetchAttachmentRequest>,
    ) -> Result<Response<Self::FetchAttachmentStream>, Status> {
        Ok(Response::new(endless(v1::AttachmentChunk::default())))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_answers_without_end_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at: SocketAddr = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener);
    let server = Server::builder().add_service(ExchangeServer::new(Endless));
    tokio::spawn(server.serve_with_incoming(incoming));
    let connection = PeerConnection::open(&at.into()).await.unwrap();
    let ledger = LedgerId::from_bytes([1; 32]);
    let ids = [EntryId::from_bytes([2; 32]), EntryId::from_bytes([3; 32])];
    assert!(connection.fetch_entries(ledger, &ids).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_keys_feed_a_peer_is_believed_what_the_key_signed_and_nothing_else() {
    const AUTHOR: u8 = 11;
    let ledger = LedgerId::from_bytes([1; 32]);
    let ask = async |entry: Option<v1::SignedEntry>| {
        let liar = Liar::open(v1::KeyHead { entry, clock_ms: 5 }).await;
        let connection = PeerConnection::open(&liar.address().into()).await.unwrap();
        connection.fetch_head(ledger, &public(AUTHOR)).await
    };
    assert_eq!(ask(None).await.unwrap().head, None);
    let first = Forged::after(AUTHOR, ledger, None).entry();
    let second = Forged::after(AUTHOR, ledger, Some((&first, 1_000)));
    let head = ask(Some(second.sign())).await.unwrap().head;
    assert_eq!(head, Some((1, second.entry().id())));

    let far = |header: &mut v1::Header| header.seq = 1 << 63;
    let signed_by_another = Forged::after(AUTHOR + 1, ledger, Some((&first, 1_000)));
    let author = Bytes::copy_from_slice(public(AUTHOR).as_bytes());
    let in_another_ledger = Forged::after(AUTHOR, LedgerId::from_bytes([2; 32]), None);
    let unsigned = v1::SignedEntry { signature: vec![0; 64].into(), ..second.clone().sign() };
    for lie in [
        v1::SignedEntry::default(),
        unsigned,
        // Another key's entry, as it is and under this key's name.
        signed_by_another.clone().sign(),
        signed_by_another.spoil(far).spoil(|header| header.author = author).sign(),
        in_another_ledger.sign(),
    ] {
        let refused = ask(Some(lie)).await.unwrap_err();
        assert_eq!(refused.code(), "peer.unproven_head", "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_acknowledges_although_a_peer_claims_what_its_key_never_signed() {
    const NODE: u8 = 101;
    let (charter, home) = (charter(3), tempdir().unwrap());
    let ledger_id = LedgerId::of_charter(charter.id());
    let fact = Forged::after(11, ledger_id, None).spoil(|header| header.kind = 3).entry();
    let author = Bytes::copy_from_slice(public(NODE).as_bytes());
    let claim = Forged::after(200, ledger_id, Some((&fact, 1_000)))
        .spoil(|header| (header.author, header.seq) = (author, 1 << 63));
    let liar = Liar::open(v1::KeyHead { entry: Some(claim.sign()), clock_ms: 0 }).await;
    let peer = start(found(&home.path().join("peer"), &charter), config(&[])).await;
    let ledger = found(&home.path().join("node"), &charter);
    ledger.live.ingest(vec![Ok(fact)], Origin::Local).await.unwrap();
    let key = Some(node_key(NODE, home.path()));
    let peers = [liar.address().into(), address(&peer)];
    let node = NodeConfig { key, contact_wait: Duration::ZERO, ..config(&peers) };
    let node = start(ledger, node).await;
    wait_until(node.live(), |replica| replica.frontier().feeds.contains_key(&public(NODE))).await;
    node.shutdown().await.unwrap();
    peer.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_shows_an_author_its_feed_beyond_a_fork_too() {
    const AUTHOR: u8 = 11;
    let (charter, home) = (charter(3), tempdir().unwrap());
    let ledger_id = LedgerId::of_charter(charter.id());
    let first = Forged::after(AUTHOR, ledger_id, None).spoil(|header| header.kind = 3).entry();
    let after = |claimed_at_ms: u64| {
        let next = Forged::after(AUTHOR, ledger_id, Some((&first, claimed_at_ms)));
        next.spoil(|header| header.kind = 3).entry()
    };
    let (one, other) = (after(2_000), after(3_000));
    let beyond = Forged::after(AUTHOR, ledger_id, Some((&one, 4_000))).entry();
    let cites = Forged::after(12, ledger_id, None).seeing(&beyond).entry();
    let ledger = found(&home.path().join("peer"), &charter);
    let offered = [first, one, beyond.clone(), cites, other].map(Ok).to_vec();
    ledger.live.ingest(offered, Origin::Local).await.unwrap();
    let peer = start(ledger, config(&[])).await;
    let connection = PeerConnection::open(&address(&peer)).await.unwrap();
    let shown = connection.fetch_head(ledger_id, &public(AUTHOR)).await.unwrap();
    assert_eq!(shown.head, Some((2, beyond.id())));
    let feed = peer.live().shared().read().frontier().feeds[&public(AUTHOR)];
    assert_eq!((feed.head.map(|head| head.0), feed.forked_seq), (Some(0), Some(1)));
    peer.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_from_a_backup_signs_nothing_before_it_has_met_a_peer() {
    const AUTHOR: u8 = 11;
    const NODE: u8 = 101;
    let (charter, home) = (charter(3), tempdir().unwrap());
    let ledger_id = LedgerId::of_charter(charter.id());
    let fact = Forged::after(AUTHOR, ledger_id, None).spoil(|header| header.kind = 3).entry();
    let lost = Forged::after(NODE, ledger_id, None).seeing(&fact).entry();
    let put = async |ledger: &OpenLedger, entries: &[&UnverifiedEntry]| {
        let offered = entries.iter().map(|entry| Ok((*entry).clone())).collect();
        ledger.live.ingest(offered, Origin::Local).await.unwrap();
    };
    // The peer has what this node's key signed after the backup was made.
    let ledger = found(&home.path().join("peer"), &charter);
    put(&ledger, &[&fact, &lost]).await;
    let peer = start(ledger, config(&[])).await;
    let line = BreakingLine::open(peer.listen_address().unwrap(), vec![0; 5]).await;
    // Store and head file came from it: there is something to acknowledge, and nothing was signed.
    let ledger = found(&home.path().join("restored"), &charter);
    put(&ledger, &[&fact]).await;
    let restored = NodeConfig {
        key: Some(node_key(NODE, home.path())),
        contact_wait: Duration::ZERO,
        ..config(&[line.address()])
    };
    let restored = start(ledger, restored).await;
    wait_until(restored.live(), |replica| replica.count_entries().unwrap() >= 3).await;
    wait_until_equal(restored.live(), peer.live()).await;
    let replica = restored.live().shared().read().frontier().clone();
    let feed = replica.feeds[&public(NODE)];
    assert_eq!((feed.head, feed.forked_seq), (Some((0, lost.id())), None));
    restored.shutdown().await.unwrap();
    peer.shutdown().await.unwrap();
}
