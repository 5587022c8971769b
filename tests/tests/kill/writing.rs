// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A process that signs, and one that takes a bundle in, killed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use constancia_ledger::id::EntryId;
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::open_ledger::OpenLedger;
use constancia_tests::network::Dice;
use constancia_tests::program::Desk;
use serde_json::Value;

/// Kills of a process that signs.
const KILLS: usize = 60;
/// Rows of the table that each process signs one by one: more than it gets to.
const ROWS: u32 = 60;
/// Most lines that a process lives for.
const LINES_MAX: usize = 10;
/// Most looks, a millisecond each, that it lives for beyond them: an entry takes a few.
const LOOKS_MAX: usize = 30;

const SIGN: &str = "--data sspc --json report --csv figures.csv --yes";

/// A table with a figure for each of so many months.
fn write_table(desk: &Desk) {
    let mut table = "indicator,period,value\n".to_owned();
    for month in 0..ROWS {
        let (year, month) = (1990 + month / 12, 1 + month % 12);
        writeln!(table, "C-01,{year}-{month:02},{}", year - 1_000 + month).unwrap();
    }
    fs::write(desk.path("figures.csv"), table).unwrap();
}

/// The receipts among the lines, seq and id: each is an acknowledgement.
fn read_receipts(lines: &[String], acknowledged: &mut BTreeMap<u64, EntryId>) {
    for line in lines {
        // A process that is killed in the middle of a line acknowledged nothing with it.
        let Ok(receipt) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let seq = receipt["seq"].as_str().unwrap().parse().unwrap();
        let id = receipt["id"].as_str().unwrap().parse().unwrap();
        let before = acknowledged.insert(seq, id);
        assert!(before.is_none(), "slot {seq} was signed twice");
    }
}

#[test]
fn a_process_killed_while_it_signs_loses_nothing_acknowledged_and_signs_no_slot_twice() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::new(home.path());
    desk.found();
    write_table(&desk);
    let mut dice = Dice::new(9);
    let mut acknowledged = BTreeMap::new();
    let mut kills = 0;
    while kills < KILLS {
        let mut process = desk.start(SIGN);
        // Some die before they have signed anything.
        for _ in 0..dice.below(LINES_MAX) {
            if process.next_line().is_none() {
                break;
            }
        }
        process.poll(dice.below(LOOKS_MAX));
        let (lines, was_killed) = process.kill();
        read_receipts(&lines, &mut acknowledged);
        kills += usize::from(was_killed);
        if kills % 8 == 0 {
            assert_all_there(&desk, &acknowledged);
        }
    }
    assert!(acknowledged.len() > KILLS, "{} entries", acknowledged.len());
    assert_all_there(&desk, &acknowledged);

    // Signing goes on, to the end of the table.
    let lines = desk.ok(SIGN);
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), usize::try_from(ROWS).unwrap());
    read_receipts(&lines, &mut acknowledged);
    desk.ok("--data sspc verify");
    let status = desk.json("--data sspc status");
    assert_eq!(status["forked_keys"], "0");
    assert_all_there(&desk, &acknowledged);
}

/// Every entry that was acknowledged stands in its slot, alone; nothing is a hole before it.
fn assert_all_there(desk: &Desk, acknowledged: &BTreeMap<u64, EntryId>) {
    let folder = StoreFolder::new(desk.path("sspc"));
    let ledger = OpenLedger::open(folder, LockPatience::JustKilled).unwrap();
    assert!(ledger.recovery.is_sound(), "{:?}", ledger.recovery);
    let replica = ledger.live.shared().read();
    assert!(replica.list_fork_proofs().unwrap().is_empty());
    let (key, feed) = replica.frontier().feeds.iter().next().unwrap();
    let head = feed.head.unwrap().0;
    for seq in 0..=head {
        let slot = replica.find_slot(key, seq).unwrap();
        assert_eq!(slot.len(), 1, "slot {seq}");
        if let Some(id) = acknowledged.get(&seq) {
            assert_eq!(slot, [*id], "slot {seq}");
        }
        assert!(replica.read_entry(&slot[0]).unwrap().unwrap().payload().is_some());
    }
    assert!(acknowledged.keys().all(|seq| *seq <= head));
    // The charter, and nothing but this feed.
    assert_eq!(replica.count_entries().unwrap(), head + 1);
}

#[test]
fn a_process_killed_while_it_takes_a_bundle_in_can_do_it_again() {
    const IMPORT_KILLS: usize = 12;
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::new(home.path());
    desk.found();
    desk.ok("--data sspc export empty.bundle");
    write_table(&desk);
    for _ in 0..5 {
        desk.ok(SIGN);
    }
    desk.ok("--data sspc export all.bundle");
    desk.ok("--data oficial join empty.bundle");
    let mut dice = Dice::new(10);
    let mut kills = 0;
    for round in 0.. {
        let mut process = desk.start("--data oficial --json import all.bundle");
        // Whoever takes everything in before it is killed is given less time.
        process.poll(dice.below(120 / (1 + round / 10)));
        kills += usize::from(process.kill().1);
        if kills == IMPORT_KILLS {
            break;
        }
    }
    let reply = desk.json("--data oficial import all.bundle");
    let count = |name: &str| reply[name].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(count("accepted") + count("already_held"), 1 + 5 * u64::from(ROWS));
    let [one, other] = ["sspc", "oficial"].map(|data| desk.json(&format!("--data {data} status")));
    assert_eq!(one["frontier_root"], other["frontier_root"]);
    assert_eq!(one["entries"], other["entries"]);
    desk.ok("--data oficial verify");
}
