// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Nodes over real gRPC on loopback, with stores on disk.

use std::net::SocketAddr;

use constancia_ledger::fault::Coded as _;
use constancia_ledger::store::StoreFolder;
use constancia_node::address::PeerAddress;
use constancia_node::client::PeerConnection;
use constancia_node::door::open_door;
use constancia_node::failure::Failure;
use constancia_node::merge::{join, sync_once};
use constancia_node::node::{NodeConfig, start_node};
use constancia_proto::v1;
use constancia_proto::v1::node_client::NodeClient;
use constancia_tests::forge::public;
use constancia_tests::network::{Dice, charter, make_entry, new_replica, write};
use constancia_tests::nodes::{
    BreakingLine, SetClock, address, config, found, node_key, put, start, wait_until,
    wait_until_equal,
};
use tempfile::tempdir;
use tokio_stream::StreamExt as _;
use tonic::Code;

const A: u8 = 11;
const B: u8 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_merge_and_follow_both_ways() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(1);
    let mut author = new_replica(&charter);
    let first = found(&home.path().join("1"), &charter);
    let second = found(&home.path().join("2"), &charter);
    put(&first.live, &write(&mut author, A, 20, &mut dice)).await;
    let first = start(first, config(&[])).await;
    // Outbound peers alone are enough.
    let outbound = NodeConfig { listen: None, ..config(&[address(&first)]) };
    let second = start(second, outbound).await;
    assert_eq!(second.listen_address(), None);
    wait_until_equal(first.live(), second.live()).await;
    for round in 0..4 {
        let (from, seed) = if round % 2 == 0 { (&first, A) } else { (&second, B) };
        put(from.live(), &write(&mut author, seed, 3, &mut dice)).await;
        wait_until_equal(first.live(), second.live()).await;
    }
    assert_eq!(second.live().shared().read().count_entries().unwrap(), 1 + 20 + 12);
    second.shutdown().await.unwrap();
    first.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_mid_way_is_taken_up_again_and_nothing_is_stored_twice() {
    const ENTRIES: u64 = 3_000;
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(2);
    let mut author = new_replica(&charter);
    let first = found(&home.path().join("1"), &charter);
    put(&first.live, &write(&mut author, A, ENTRIES, &mut dice)).await;
    let first = start(first, config(&[])).await;
    let cuts = vec![100, 5_000, 150_000, 250_000];
    let line = BreakingLine::open(first.listen_address().unwrap(), cuts).await;
    let second = found(&home.path().join("2"), &charter);
    let second = start(second, config(&[line.address()])).await;
    wait_until_equal(first.live(), second.live()).await;
    assert!(line.count_connections() >= 4, "{} connections", line.count_connections());
    let second_live = second.live().clone();
    {
        let replica = second_live.shared().read();
        assert_eq!(replica.count_entries().unwrap(), ENTRIES + 1);
        let mut seen = std::collections::BTreeSet::new();
        for arrival in 0..=ENTRIES {
            assert!(seen.insert(replica.find_arrival(arrival).unwrap().unwrap()));
        }
    }
    drop(second_live);
    second.shutdown().await.unwrap();
    first.shutdown().await.unwrap();
    // What is on the disk is what was acknowledged.
    let folder = StoreFolder::new(home.path().join("2"));
    let again = constancia_node::open_ledger::OpenLedger::open(
        folder,
        constancia_ledger::store::LockPatience::JustKilled,
    )
    .unwrap();
    assert!(again.recovery.is_sound());
    assert_eq!(again.live.shared().read().frontier(), author.frontier());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_shown_to_two_nodes_ends_with_the_proof_on_both() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(3);
    let mut author = new_replica(&charter);
    let shared = write(&mut author, A, 5, &mut dice);
    let one = make_entry(&author, A, 1);
    let other = make_entry(&author, A, 2);
    let first = found(&home.path().join("1"), &charter);
    let second = found(&home.path().join("2"), &charter);
    for (live, branch) in [(&first.live, one), (&second.live, other)] {
        put(live, &shared).await;
        put(live, &[branch]).await;
    }
    let first = start(first, config(&[])).await;
    let second = start(second, config(&[address(&first)])).await;
    for node in [&first, &second] {
        wait_until(node.live(), |replica| {
            replica.find_fork_proof(&public(A)).unwrap().is_some_and(|proof| proof.seq() == 5)
        })
        .await;
    }
    wait_until_equal(first.live(), second.live()).await;
    second.shutdown().await.unwrap();
    first.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_joins_gets_the_charter_and_everything_else() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(4);
    let mut author = new_replica(&charter);
    let first = found(&home.path().join("1"), &charter);
    put(&first.live, &write(&mut author, A, 50, &mut dice)).await;
    let first = start(first, config(&[])).await;
    let folder = StoreFolder::new(home.path().join("2"));
    let (joined, outcome) = join(folder, &address(&first), None, &mut |_| ()).await.unwrap();
    assert!(outcome.in_sync);
    assert_eq!(outcome.tally.received, 50);
    assert_eq!(outcome.root, author.frontier().root());
    let again = sync_once(&joined.live, &address(&first), &mut |_| ()).await.unwrap();
    assert!(again.in_sync);
    assert_eq!((again.tally.received, again.tally.sent, again.tally.rounds), (0, 0, 1));
    first.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ledger_is_refused_with_its_code() {
    let home = tempdir().unwrap();
    let first = start(found(&home.path().join("1"), &charter(4)), config(&[])).await;
    let other = found(&home.path().join("2"), &charter(5));
    let error = sync_once(&other.live, &address(&first), &mut |_| ()).await.unwrap_err();
    assert_eq!(error.code(), "exchange.wrong_ledger");
    let connection = PeerConnection::open(&address(&first)).await.unwrap();
    let error = connection
        .fetch_entries(other.live.ledger(), &[other.live.ledger().charter()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("request.wrong_ledger"), "{error}");
    first.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_fetched_by_id_and_what_is_not_held_is_left_out() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(5);
    let mut author = new_replica(&charter);
    let entries = write(&mut author, A, 3, &mut dice);
    let unknown = make_entry(&author, B, 9).id();
    let first = found(&home.path().join("1"), &charter);
    put(&first.live, &entries).await;
    let first = start(first, config(&[])).await;
    let connection = PeerConnection::open(&address(&first)).await.unwrap();
    let ids = [entries[2].id(), unknown, entries[0].id()];
    let fetched = connection.fetch_entries(author.ledger(), &ids).await.unwrap();
    assert_eq!(fetched, [entries[2].to_message(), entries[0].to_message()]);
    first.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_beyond_this_machine_needs_to_be_asked_for() {
    let home = tempdir().unwrap();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let clock = SetClock::at(1);
    let ledger = found(&home.path().join("1"), &charter(4));
    let refused = NodeConfig { listen: Some(everywhere), ..config(&[]) };
    let error = start_node(ledger, refused, clock.clone()).await.unwrap_err();
    assert_eq!(error.code(), "node.plaintext");
    assert!(error.hint().unwrap().contains("--insecure-plaintext"));
    let ledger = found(&home.path().join("2"), &charter(4));
    let wanted = NodeConfig { listen: Some(everywhere), insecure_plaintext: true, ..config(&[]) };
    start_node(ledger, wanted, clock.clone()).await.unwrap().shutdown().await.unwrap();
    let ledger = found(&home.path().join("3"), &charter(4));
    let own_people = NodeConfig { local_listen: everywhere, ..config(&[]) };
    let error = start_node(ledger, own_people, clock).await.unwrap_err();
    assert_eq!(error.code(), "node.local_only");
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_cannot_reach_what_is_for_the_nodes_own_people() {
    let home = tempdir().unwrap();
    let node = start(found(&home.path().join("1"), &charter(4)), config(&[])).await;
    let uri = format!("http://{}", address(&node));
    let mut peer = NodeClient::connect(uri).await.unwrap();
    let status = peer.get_status(v1::GetStatusRequest {}).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answers_come_through_a_running_node_and_without_one() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let folder = StoreFolder::new(home.path().join("1"));
    let mut dice = Dice::new(6);
    let mut author = new_replica(&charter);
    let ledger = found(folder.root(), &charter);
    put(&ledger.live, &write(&mut author, A, 4, &mut dice)).await;
    let node = start(ledger, config(&[])).await;
    let clock = SetClock::at(10_000_000);
    let mut there = open_door(folder.clone(), clock.clone()).await.unwrap();
    assert_eq!(there.node, Some(node.local_address()));
    let entry = make_entry(&author, B, 1);
    let request = v1::SubmitRequest { entry: Some(entry.to_message()) };
    let reply = there.client.submit(request.clone()).await.unwrap().into_inner();
    assert_eq!((&*reply.id, reply.arrival), (entry.id().as_bytes().as_slice(), 5));
    let mut status = there.client.get_status(v1::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.listen, node.listen_address().unwrap().to_string());
    drop(there);
    node.shutdown().await.unwrap();
    let mut here = open_door(folder, clock).await.unwrap();
    assert_eq!(here.node, None);
    assert!(here.client.submit(request).await.unwrap().into_inner().already_held);
    status.listen.clear();
    let mine = here.client.get_status(v1::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(mine, status);
    assert_eq!(mine.entries, 6);
    assert_eq!(mine.state_digest.len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_the_caller_with_its_code_and_values() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let node = start(found(&home.path().join("1"), &charter), config(&[])).await;
    let stranger = make_entry(&new_replica(&charter), 99, 1);
    let request = v1::SubmitRequest { entry: Some(stranger.to_message()) };
    let failure = Failure::from_status(&node.client().submit(request).await.unwrap_err());
    assert_eq!(failure.code, "chain.stranger");
    assert!(failure.message.contains(&public(99).to_string()));
    let request = v1::GetEntryRequest { id: "abc".to_owned() };
    let failure = Failure::from_status(&node.client().get_entry(request).await.unwrap_err());
    assert_eq!(failure.code, "request.not_an_id");
    node.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_goes_out_of_one_node_and_into_another() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut dice = Dice::new(7);
    let mut author = new_replica(&charter);
    let first = found(&home.path().join("1"), &charter);
    put(&first.live, &write(&mut author, A, 700, &mut dice)).await;
    let first = start(first, config(&[])).await;
    let second = start(found(&home.path().join("2"), &charter), config(&[])).await;
    let export = first.client().export(v1::ExportRequest { since: None }).await.unwrap();
    let chunks: Vec<_> = export.into_inner().map(Result::unwrap).collect().await;
    let reply = second.client().import(tokio_stream::iter(chunks.clone())).await.unwrap();
    assert_eq!(reply.into_inner().accepted, 700);
    wait_until_equal(first.live(), second.live()).await;
    let mut cut = chunks;
    let last = cut.last_mut().unwrap();
    last.content.truncate(last.content.len() - 1);
    let status = second.client().import(tokio_stream::iter(cut)).await.unwrap_err();
    assert_eq!(Failure::from_status(&status).code, "bundle.cut_off");
    first.shutdown().await.unwrap();
    second.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_acknowledges_what_it_holds_once_and_a_quiet_ledger_stays_quiet() {
    let (charter, home) = (charter(4), tempdir().unwrap());
    let mut author = new_replica(&charter);
    let fact = {
        let mut dice = Dice::new(8);
        write(&mut author, A, 1, &mut dice)
    };
    let mut nodes = Vec::new();
    for (number, seed) in [(1, 101), (2, 102)] {
        let ledger = found(&home.path().join(number.to_string()), &charter);
        let peers: Vec<PeerAddress> = nodes.iter().map(address).collect();
        let key = Some(node_key(seed, home.path()));
        nodes.push(start(ledger, NodeConfig { key, ..config(&peers) }).await);
    }
    put(nodes[0].live(), &fact).await;
    for node in &nodes {
        wait_until(node.live(), |replica| replica.count_entries().unwrap() >= 2).await;
    }
    // Whatever the nodes have acknowledged by themselves, nothing is left to acknowledge.
    for node in &nodes {
        let asked = v1::AcknowledgeNowRequest {};
        node.client().acknowledge_now(asked).await.unwrap();
        let again = node.client().acknowledge_now(asked).await.unwrap().into_inner();
        assert!(again.id.is_empty());
    }
    for node in nodes.into_iter().rev() {
        node.shutdown().await.unwrap();
    }
}
