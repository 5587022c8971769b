// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: whatever is done to a large ledger takes as little memory as to a small one: opening it
//! without an index, verifying it, writing and reading a bundle of it, merging it.
//!
//! Method: a ledger of many large payloads, several times larger than what the process may ever have
//! used, as the system counts it. Only Linux says so; elsewhere this is left out, and says so. One
//! test, because a process has one memory.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::Path;

use constancia_ledger::bundle::{export, import, open_bundle};
use constancia_ledger::entry::decode_entry;
use constancia_ledger::replica::Origin;
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::merge::sync_once;
use constancia_node::open_ledger::OpenLedger;
use constancia_tests::network::{Dice, charter, make_large_entry};
use constancia_tests::nodes::{address, config, found, start};

const MEBIBYTE: usize = 1 << 20;
/// Entries, each with nearly the largest payload.
const ENTRIES: usize = 320;
/// What the process may use beyond what it began with: half the ledger. It takes a third, most of it
/// the windows of both ends of a merge.
const MEBIBYTES_MAX: usize = 160;

/// The most memory that this process has ever had, mebibytes.
fn read_peak() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes / 1_024)
}

/// What the process has used since, at most, is within the limit.
fn assert_within(step: &str, began_with: usize) {
    let used = read_peak().unwrap() - began_with;
    eprintln!("{step}: {used} MiB at most so far");
    assert!(used <= MEBIBYTES_MAX, "{step}: {used} MiB, at most {MEBIBYTES_MAX}");
}

fn open(folder: &StoreFolder) -> OpenLedger {
    OpenLedger::open(folder.clone(), LockPatience::JustKilled).unwrap()
}

fn fill(folder: &Path) {
    let ledger = found(folder, &charter(4));
    let mut dice = Dice::new(1);
    for n in 0..ENTRIES {
        let seed = if n % 2 == 0 { 11 } else { 12 };
        let entry = make_large_entry(&ledger.live.shared().read(), seed, MEBIBYTE - 64, &mut dice);
        let offered = vec![decode_entry(entry.to_message())];
        ledger.live.shared().ingest(offered, Origin::Local).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_ledger_takes_no_more_memory_than_a_small_one() {
    let Some(began_with) = read_peak() else {
        eprintln!("left out: this system does not say how much memory a process has used");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let folder = StoreFolder::new(home.path().join("large"));
    fill(folder.root());
    let entries = u64::try_from(ENTRIES + 1).unwrap();
    assert_within("writing", began_with);

    fs::remove_dir_all(folder.index_path()).unwrap();
    let ledger = open(&folder);
    assert_eq!(ledger.recovery.caught_up, entries);
    assert_within("opening without an index", began_with);

    let report = ledger.live.shared().read().verify_stored(&mut |_, _| ()).unwrap();
    assert!(report.is_sound() && report.entries == entries);
    assert_within("verifying", began_with);

    let bundle = home.path().join("all.bundle");
    let mut file = BufWriter::new(File::create(&bundle).unwrap());
    assert_eq!(export(&ledger.live.shared().read(), None, &mut file).unwrap(), entries);
    drop(file);
    assert_within("writing a bundle", began_with);

    let read = found(&home.path().join("read"), &charter(4));
    let file = BufReader::new(File::open(&bundle).unwrap());
    let opened = open_bundle(file).unwrap();
    let mut shared = read.live.shared().clone();
    let imported = import(opened, &mut shared, &mut |_| ()).unwrap();
    assert_eq!((imported.accepted, imported.refused_count), (entries - 1, 0));
    drop((read, shared));
    assert_within("reading a bundle", began_with);

    // Both ends are in this process.
    let peer = start(ledger, config(&[])).await;
    let merged = found(&home.path().join("merged"), &charter(4));
    let outcome = sync_once(&merged.live, &address(&peer), &mut |_| ()).await.unwrap();
    assert!(outcome.in_sync && outcome.tally.received == entries - 1);
    assert_within("merging", began_with);
    peer.shutdown().await.unwrap();
}
