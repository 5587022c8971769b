// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A forked key and an honest one that had seen a branch of it: however long the branch, and however
//! much builds on the honest entry, nobody is kept out of the ledger.

use std::sync::Arc;

use constancia_ledger::bundle::{BUNDLE_LINE, Imported, export, import, open_bundle};
use constancia_ledger::entry::decode_entry;
use constancia_ledger::exchange::ExchangeConfig;
use constancia_ledger::id::LedgerId;
use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_proto::v1::bundle_item::Item;
use constancia_tests::forge::{Forged, public};
use constancia_tests::network::{Network, charter, new_replica};
use prost::Message as _;

const FORKED: u8 = 11;
const HONEST: u8 = 101;

/// A feed from `previous` on.
fn feed(seed: u8, ledger: LedgerId, previous: Option<&Forged>, count: usize) -> Vec<Forged> {
    feed_with(seed, ledger, previous, count, &|entry| entry)
}

fn feed_with(
    seed: u8,
    ledger: LedgerId,
    previous: Option<&Forged>,
    count: usize,
    change: &dyn Fn(Forged) -> Forged,
) -> Vec<Forged> {
    let mut entries: Vec<Forged> = Vec::new();
    let mut before = previous.map(Forged::entry);
    for _ in 0..count {
        let next = change(Forged::after(seed, ledger, before.as_ref().map(|it| (it, 1_000))));
        before = Some(next.entry());
        entries.push(next);
    }
    entries
}

fn take(replica: &mut Replica, entries: &[Forged]) {
    for part in entries.chunks(2_048) {
        let offered = part.iter().map(|entry| Ok(entry.entry())).collect();
        replica.ingest(offered, Origin::Local).unwrap();
    }
}

/// A replica where an honest key cited a branch of `branch` entries and wrote `after` more, before
/// the fork came to light.
fn holder(branch: &[Forged], first: &[Forged], rival: &Forged, after: usize) -> Replica {
    let mut replica = new_replica(&charter(3));
    let ledger = replica.ledger();
    take(&mut replica, first);
    take(&mut replica, branch);
    let witness = Forged::after(HONEST, ledger, None).seeing(&branch[branch.len() - 1].entry());
    take(&mut replica, std::slice::from_ref(&witness));
    take(&mut replica, &feed(HONEST, ledger, Some(&witness), after));
    take(&mut replica, std::slice::from_ref(rival));
    assert_eq!(replica.list_fork_proofs().unwrap().len(), 1);
    replica
}

struct Scene {
    holder: Replica,
    /// Who had the other branch.
    other: Replica,
    /// Who had nothing.
    fresh: Replica,
}

fn scene(depth: usize, after: usize, change: &dyn Fn(Forged) -> Forged) -> Scene {
    let mut other = new_replica(&charter(3));
    let ledger = other.ledger();
    let first = feed(FORKED, ledger, None, 1);
    let branch = feed_with(FORKED, ledger, first.last(), depth, change);
    let rival = Forged::after(FORKED, ledger, Some((&first[0].entry(), 1_000)))
        .spoil(|header| header.claimed_at_ms = 5_000);
    take(&mut other, &first);
    take(&mut other, std::slice::from_ref(&rival));
    let holder = holder(&branch, &first, &rival, after);
    Scene { holder, other, fresh: new_replica(&charter(3)) }
}

fn merge(one: Replica, two: Replica, sessions: usize) -> Network {
    let mut network = Network::new(vec![one, two], 7);
    for _ in 0..sessions {
        let link = network.connect(0, 1, ExchangeConfig::default());
        network.settle().unwrap();
        network.cut(link);
        if network.converged() {
            break;
        }
    }
    network
}

#[test]
fn a_ledger_that_goes_on_after_a_cited_branch_can_be_joined() {
    let Scene { holder, other, fresh } = scene(2, 4_200, &|entry| entry);
    let network = merge(holder, fresh, 1);
    assert!(network.converged());
    let network = merge(network.replicas.into_iter().next().unwrap(), other, 1);
    assert!(network.converged());
}

#[test]
fn a_cited_branch_longer_than_what_may_wait_comes_in() {
    let Scene { holder, other, .. } = scene(5_000, 10, &|entry| entry);
    let network = merge(holder, other, 1);
    assert!(network.converged());
}

#[test]
fn a_cited_branch_larger_than_what_may_wait_comes_in() {
    let large = |mut entry: Forged| {
        entry.set_payload(vec![0; 1 << 20]);
        entry.spoil(|header| header.kind = 3)
    };
    let Scene { holder, other, .. } = scene(40, 10, &large);
    let network = merge(holder, other, 1);
    assert!(network.converged());
}

#[test]
fn a_bundle_with_a_long_cited_branch_is_taken_in_whole() {
    for (depth, after) in [(2, 4_200), (5_000, 10)] {
        let Scene { holder, mut other, .. } = scene(depth, after, &|entry| entry);
        let mut file = Vec::new();
        export(&holder, None, &mut file).unwrap();
        let bundle = open_bundle(&*file).unwrap();
        let log = Box::<MemoryLog>::default();
        let rows = Arc::new(MemoryRows::default());
        let mut fresh = Replica::found(bundle.charter().unwrap(), log, rows).unwrap();
        let imported: Imported = import(bundle, &mut fresh, &mut |_| ()).unwrap();
        assert_eq!((imported.refused_count, imported.held_back), (0, 0), "depth {depth}");
        assert_eq!(fresh.frontier(), holder.frontier(), "depth {depth}");
        let bundle = open_bundle(&*file).unwrap();
        import(bundle, &mut other, &mut |_| ()).unwrap();
        assert_eq!(other.frontier(), holder.frontier(), "depth {depth}");
    }
}

#[test]
fn a_cited_branch_that_is_not_whole_in_a_bundle_is_said_to_be_missing() {
    let Scene { holder, mut other, .. } = scene(3, 1, &|entry| entry);
    let mut file = Vec::new();
    export(&holder, None, &mut file).unwrap();
    // Without the entry in the middle of the branch, and with an end that counts one less.
    let (line, mut items) = split(&file);
    let middle = items.iter().position(|item| is_seq(item, FORKED, 2)).unwrap();
    items.remove(middle);
    if let Some(Item::End(end)) = &mut items.last_mut().unwrap().item {
        end.entries -= 1;
    }
    let mut file = line;
    for item in items {
        file.extend(item.encode_length_delimited_to_vec());
    }
    let imported = import(open_bundle(&*file).unwrap(), &mut other, &mut |_| ()).unwrap();
    // The branch's last entry, who cites it, and what follows.
    assert_eq!((imported.refused_count, imported.held_back), (3, 3));
    assert_eq!(imported.not_needed, 1);
    for refused in imported.refused {
        assert_eq!(refused.code, "chain.parent_missing");
    }
}

fn split(file: &[u8]) -> (Vec<u8>, Vec<v1::BundleItem>) {
    let (line, mut rest) = file.split_at(BUNDLE_LINE.len());
    let mut items = Vec::new();
    while !rest.is_empty() {
        items.push(v1::BundleItem::decode_length_delimited(&mut rest).unwrap());
    }
    (line.to_vec(), items)
}

fn is_seq(item: &v1::BundleItem, seed: u8, seq: u64) -> bool {
    let Some(Item::Entry(entry)) = &item.item else {
        return false;
    };
    let header = decode_entry(entry.clone()).unwrap().header().clone();
    header.author == public(seed) && header.seq == seq
}
