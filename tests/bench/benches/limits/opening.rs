// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Opening a large store again, making its index anew, and replaying a ledger from nothing.

use std::path::Path;

use constancia_bench::ground::{new_folder, store_folder};
use constancia_bench::paired::{Spread, per_second, time};
use constancia_bench::workload::Workload;
use constancia_ledger::replay::{Replay, View};
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::open_ledger::OpenLedger;

use super::Size;
use super::sheet::{Limit, Sheet};
use super::verify::fill;

pub(crate) fn measure_reopening(root: &Path, size: Size, sheet: &mut Sheet) {
    let count = size.of(1_000_000);
    let home = new_folder(root);
    let folder = store_folder(&home, "1");
    {
        let work = Workload::new(count);
        let ledger = OpenLedger::found(folder.clone(), work.charter.clone()).expect("a store");
        fill(&ledger, &work);
    }
    let mut opened = Vec::new();
    let mut closed = Vec::new();
    for _ in 0..size.turns {
        let (ledger, took) = time(|| open(&folder));
        assert_eq!(ledger.recovery.rebuilt, None);
        opened.push(took.as_secs_f64());
        let ((), took) = time(|| drop(ledger));
        closed.push(took.as_secs_f64());
    }
    let what = "reopening 1 000 000 entries, clean index";
    sheet.add(what, Limit::AtMost(1.0), &Spread::of(opened), "s");
    sheet.add("closing it again", Limit::None, &Spread::of(closed), "s");
    std::fs::remove_dir_all(folder.index_path()).expect("an index");
    let (ledger, took) = time(|| open(&folder));
    assert!(ledger.recovery.rebuilt.is_some());
    let rate = Spread::of([per_second(count, took)]);
    sheet.add("making the index anew", Limit::None, &rate, "entries/s");
}

fn open(folder: &StoreFolder) -> OpenLedger {
    let ledger = OpenLedger::open(folder.clone(), LockPatience::None).expect("a store");
    assert!(ledger.recovery.is_sound());
    ledger
}

pub(crate) fn measure_replay(root: &Path, size: Size, sheet: &mut Sheet) {
    let count = size.of(100_000);
    let work = Workload::new(count);
    let home = new_folder(root);
    let ledger =
        OpenLedger::found(store_folder(&home, "1"), work.charter.clone()).expect("a store");
    fill(&ledger, &work);
    let replica = ledger.live.shared().read();
    let (mut replayed, mut composed) = (Vec::new(), Vec::new());
    for _ in 0..size.turns {
        let mut replay = Replay::new(replica.ledger());
        let (caught_up, took) = time(|| replay.catch_up(&replica).expect("a replay"));
        assert_eq!(caught_up.entries, u64::try_from(count + 1).unwrap_or(0));
        replayed.push(took.as_secs_f64());
        let (state, took) = time(|| replay.state(&View::Frontier).expect("a state"));
        drop(state);
        composed.push(took.as_secs_f64());
    }
    sheet.add("replay of 100 000 entries from nothing", Limit::None, &Spread::of(replayed), "s");
    sheet.add("writing its documents", Limit::None, &Spread::of(composed), "s");
}
