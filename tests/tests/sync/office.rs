// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a node's own people ask, through the client that the command line uses.

use bytes::Bytes;
use constancia_ledger::entry::VerifiedEntry;
use constancia_ledger::id::hash_attachment;
use constancia_node::client::PeerConnection;
use constancia_node::door::LocalClient;
use constancia_node::failure::Failure;
use constancia_node::node::RunningNode;
use constancia_proto::v1;
use constancia_tests::forge::public;
use constancia_tests::network::{Dice, charter, new_replica, write};
use constancia_tests::nodes::{address, config, found, put, start};
use tempfile::{TempDir, tempdir};
use tokio_stream::StreamExt as _;

const A: u8 = 11;
const B: u8 = 12;

async fn node_with_entries() -> (TempDir, RunningNode, Vec<VerifiedEntry>) {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut author = new_replica(&charter);
    let mut dice = Dice::new(1);
    let mut entries = write(&mut author, A, 6, &mut dice);
    entries.extend(write(&mut author, B, 3, &mut dice));
    let ledger = found(&home.path().join("1"), &charter);
    put(&ledger.live, &entries).await;
    (home, start(ledger, config(&[])).await, entries)
}

async fn list(mut client: LocalClient, request: v1::ListEntriesRequest) -> Vec<v1::EntryView> {
    let views = client.list_entries(request).await.unwrap().into_inner();
    views.map(Result::unwrap).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_come_in_the_ledgers_order_and_filters_leave_the_rest_out() {
    let (_home, node, entries) = node_with_entries().await;
    let all = list(node.client(), v1::ListEntriesRequest::default()).await;
    assert_eq!(all.iter().map(|view| view.place).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    assert_eq!(all[1].entry, Some(entries[0].to_message()));
    assert_eq!(all[0].standing, "counted");
    let member = v1::ListEntriesRequest { member: "miembro-002".to_owned(), ..Default::default() };
    let of_member = list(node.client(), member).await;
    assert_eq!(of_member, all[7..]);
    let last = v1::ListEntriesRequest { last: 2, ..Default::default() };
    assert_eq!(list(node.client(), last).await, all[8..]);
    let without = v1::ListEntriesRequest { without_acknowledgements: true, ..Default::default() };
    assert_eq!(list(node.client(), without).await, all[..1]);
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_found_by_its_id_or_the_beginning_of_it() {
    let (_home, node, entries) = node_with_entries().await;
    let id = entries[4].id().to_string();
    for text in [id.clone(), id[..12].to_owned(), id[..12].to_uppercase()] {
        let request = v1::GetEntryRequest { id: text };
        let view = node.client().get_entry(request).await.unwrap().into_inner();
        assert_eq!(&*view.id, entries[4].id().as_bytes());
        assert_eq!(view.member, "miembro-001");
    }
    let unknown = v1::GetEntryRequest { id: "0".repeat(64) };
    let failure = Failure::from_status(&node.client().get_entry(unknown).await.unwrap_err());
    assert_eq!(failure.code, "request.no_entry");
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_digest_is_the_digest_of_index_json_which_comes_last() {
    let (_home, node, _) = node_with_entries().await;
    let status = node.client().get_status(v1::GetStatusRequest {}).await.unwrap().into_inner();
    let request = v1::GetDocumentsRequest::default();
    let documents = node.client().get_documents(request).await.unwrap().into_inner();
    let documents: Vec<_> = documents.map(Result::unwrap).collect().await;
    let last = documents.last().unwrap();
    assert_eq!(last.name, "index.json");
    assert_eq!(blake3::hash(&last.content).as_bytes().as_slice(), &*status.state_digest);
    let named = v1::GetDocumentsRequest { view: None, names: vec!["nothing.json".to_owned()] };
    let status = node.client().get_documents(named).await.unwrap_err();
    assert_eq!(Failure::from_status(&status).code, "request.no_document");
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_learns_where_its_next_entry_stands() {
    let (_home, node, entries) = node_with_entries().await;
    let key = Bytes::copy_from_slice(public(A).as_bytes());
    let request = v1::GetSigningContextRequest { key, ..Default::default() };
    let context = node.client().get_signing_context(request).await.unwrap().into_inner();
    assert_eq!((context.member.as_str(), context.next_seq), ("miembro-001", 6));
    assert_eq!(&*context.prev, entries[5].id().as_bytes());
    assert_eq!(context.head, Some(entries[5].to_message()));
    assert_eq!(context.seen, [Bytes::copy_from_slice(entries[8].id().as_bytes())]);
    assert_eq!(context.height, entries[8].header().height + 1);
    let unknown =
        v1::GetSigningContextRequest { key: Bytes::from_static(&[1; 32]), ..Default::default() };
    let context = node.client().get_signing_context(unknown).await.unwrap().into_inner();
    assert_eq!((context.member.as_str(), context.next_seq), ("", 0));
    let short =
        v1::GetSigningContextRequest { key: Bytes::from_static(&[1]), ..Default::default() };
    let status = node.client().get_signing_context(short).await.unwrap_err();
    assert_eq!(Failure::from_status(&status).code, "request.field_length");
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_kept_and_a_peer_fetches_it_by_hash_and_salt() {
    let (home, node, _) = node_with_entries().await;
    let (content, salt) = (vec![7; 700_000], [5; 16]);
    let hash = hash_attachment(&salt, &content);
    let chunks: Vec<_> = content
        .chunks(100_000)
        .enumerate()
        .map(|(number, content)| v1::PutAttachmentChunk {
            hash: if number == 0 { Bytes::copy_from_slice(&hash) } else { Bytes::new() },
            salt: if number == 0 { Bytes::copy_from_slice(&salt) } else { Bytes::new() },
            content: Bytes::copy_from_slice(content),
        })
        .collect();
    let mut wrong = chunks.clone();
    wrong[3].content = Bytes::from_static(b"something else");
    let put = node.client().put_attachment(tokio_stream::iter(chunks)).await.unwrap();
    assert_eq!(put.into_inner().length, 700_000);
    let status = node.client().put_attachment(tokio_stream::iter(wrong)).await.unwrap_err();
    assert_eq!(Failure::from_status(&status).code, "store.attachment_hash");

    let other = found(&home.path().join("2"), &charter(4));
    let folder = other.folder.clone().unwrap();
    let connection = PeerConnection::open(&address(&node)).await.unwrap();
    let ledger = other.live.ledger();
    assert!(connection.fetch_attachment(ledger, (hash, salt), &folder).await.unwrap());
    assert_eq!(folder.get_attachment(&hash, &salt).unwrap(), Some(content));
    assert!(!connection.fetch_attachment(ledger, ([1; 32], salt), &folder).await.unwrap());
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn merging_now_reports_progress_and_ends_with_the_common_root() {
    let (home, node, _) = node_with_entries().await;
    let other = start(found(&home.path().join("2"), &charter(4)), config(&[])).await;
    let request = v1::SyncNowRequest { address: address(&node).to_string() };
    let answers = other.client().sync_now(request).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    let last = answers.last().unwrap();
    assert!(last.done && last.in_sync);
    assert_eq!((last.received, last.sent), (9, 0));
    let root = node.live().shared().read().frontier().root();
    assert_eq!(&*last.frontier_root, root.as_bytes());
    let nobody = v1::SyncNowRequest { address: "127.0.0.1:1".to_owned() };
    let mut answers = other.client().sync_now(nobody).await.unwrap().into_inner();
    let failure = Failure::from_status(&answers.next().await.unwrap().unwrap_err());
    assert_eq!(failure.code, "peer.unreachable");
    other.shutdown().await.unwrap();
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_after_a_gap_is_refused_naming_both_sequence_numbers() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let entries = write(&mut new_replica(&charter), A, 3, &mut Dice::new(1));
    let ledger = found(&home.path().join("1"), &charter);
    put(&ledger.live, &entries[..1]).await;
    let node = start(ledger, config(&[])).await;
    let request = v1::SubmitRequest { entry: Some(entries[2].to_message()) };
    let refused = node.client().submit(request).await.unwrap_err();
    let failure = Failure::from_status(&refused);
    assert_eq!(failure.code, "chain.sequence_gap");
    assert!(failure.message.contains("expected sequence number 1, found 2"), "{failure:?}");
    node.shutdown().await.unwrap();
}
