// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Catching up with a peer over loopback, against `verify_strict` alone; and what two nodes that
//! agree say to each other.
//!
//! Both nodes run on this machine, so both share the cores that the limit counts once.

use std::net::SocketAddr;
use std::path::Path;

use constancia_bench::ground::{cores, new_folder, processor_seconds, store_folder};
use constancia_bench::paired::{Spread, Watch, as_float, compare, per_second};
use constancia_bench::workload::Workload;
use constancia_node::address::PeerAddress;
use constancia_node::live_replica::LiveReplica;
use constancia_node::merge::sync_once;
use constancia_node::node::{NodeConfig, RunningNode, start_node};
use constancia_node::open_ledger::OpenLedger;
use constancia_tests::nodes::SetClock;
use constancia_tests::people::FOUNDED_AT_MS;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::Size;
use super::sheet::{Limit, Sheet};
use super::verify::{FULL_VERIFY_LEAST, bare_rate, bare_rate_on_all_cores, fill};

pub(crate) fn measure(root: &Path, size: Size, sheet: &mut Sheet) {
    let count = size.of(100_000);
    let work = Workload::new(count);
    let signatures = work.bare_signatures(size.of(20_000));
    let home = new_folder(root);
    let sender = OpenLedger::found(store_folder(&home, "sender"), work.charter.clone());
    let sender = sender.expect("a store");
    fill(&sender, &work);
    let runtime = Runtime::new().expect("a runtime");
    let sender = runtime.block_on(start(sender));
    let address: PeerAddress = sender.listen_address().expect("an address").into();
    let (mut cost, mut number) = (Vec::new(), 0);
    let pair = compare(
        size.turns,
        || {
            number += 1;
            let before = processor_seconds();
            let rate = runtime.block_on(catch_up(&home, number, &work, &address));
            if let (Some(before), Some(after)) = (before, processor_seconds()) {
                cost.push((after - before) * 1e6 / as_float(count));
            }
            rate
        },
        || bare_rate(&signatures),
    );
    let ratio = pair.ratio.over(as_float(cores()));
    let what = "catch-up of 100 000 entries ÷ the limit of full verify";
    sheet.add(what, Limit::None, &ratio.over(FULL_VERIFY_LEAST), "");
    let what = "catch-up of 100 000 entries ÷ (cores × bare verify_strict)";
    sheet.add(what, Limit::AtLeast(0.7), &ratio, "");
    sheet.add("catch-up, durable at the receiver", Limit::None, &pair.measured, "entries/s");
    let what = "catch-up, processor time of both nodes";
    sheet.add(what, Limit::None, &Spread::of(cost), "µs an entry");
    let all = compare(
        size.turns,
        || {
            number += 1;
            runtime.block_on(catch_up(&home, number, &work, &address))
        },
        || bare_rate_on_all_cores(&signatures),
    );
    let what = "catch-up ÷ bare verify_strict on all cores at once";
    sheet.add(what, Limit::None, &all.ratio, "");
    let (there, back) = runtime.block_on(count_in_sync(&home, &sender, &work));
    let what = "two in sync: all that goes over TCP, HTTP/2's own greeting included, there";
    sheet.add(what, Limit::None, &Spread::of([there]), "bytes");
    sheet.add("… and back", Limit::None, &Spread::of([back]), "bytes");
    runtime.block_on(sender.shutdown()).expect("an end");
}

/// Bytes there and back on a new connection between nodes that hold the same. What the two say to
/// each other of it, a Hello each, is counted in a test: at most 200 bytes with its frame.
async fn count_in_sync(home: &TempDir, sender: &RunningNode, work: &Workload) -> (f64, f64) {
    let folder = store_folder(home, "same");
    let same = OpenLedger::found(folder, work.charter.clone()).expect("a store");
    let node: SocketAddr = sender.listen_address().expect("an address");
    sync_once(&same.live, &node.into(), &mut |_| ()).await.expect("a merge");
    let line = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = line.local_addr().expect("an address");
    let counted = tokio::spawn(async move {
        let (mut near, _) = line.accept().await.expect("a connection");
        let mut far = TcpStream::connect(node).await.expect("a connection");
        copy_bidirectional(&mut near, &mut far).await.unwrap_or_default()
    });
    let outcome = sync_once(&same.live, &address.into(), &mut |_| ()).await.expect("a merge");
    assert_eq!((outcome.in_sync, outcome.tally.rounds), (true, 1));
    let (there, back) = counted.await.expect("two numbers");
    let count = |bytes: u64| as_float(usize::try_from(bytes).unwrap_or(usize::MAX));
    (count(there), count(back))
}

/// A node that peers reach on loopback.
async fn start(ledger: OpenLedger) -> RunningNode {
    let config = NodeConfig { listen: Some(([127, 0, 0, 1], 0).into()), ..NodeConfig::default() };
    start_node(ledger, config, SetClock::at(FOUNDED_AT_MS)).await.expect("a node")
}

/// Entries per second from nothing but the charter to the same frontier.
async fn catch_up(home: &TempDir, number: usize, work: &Workload, address: &PeerAddress) -> f64 {
    let folder = store_folder(home, &format!("receiver-{number}"));
    let root = folder.root().to_owned();
    let receiver = OpenLedger::found(folder, work.charter.clone()).expect("a store");
    let live: LiveReplica = receiver.live.clone();
    let watch = Watch::start();
    let outcome = sync_once(&live, address, &mut |_| ()).await.expect("a merge");
    let took = watch.read();
    assert!(outcome.in_sync);
    assert_eq!(outcome.tally.stored, u64::try_from(work.entries.len()).unwrap_or(0));
    // Closing is no part of it: all is durable.
    drop((live, receiver));
    std::fs::remove_dir_all(root).expect("a folder");
    per_second(work.entries.len(), took)
}
