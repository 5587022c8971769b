// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The machine stops at every single call while a repair puts records back: there is the old segment
//! or the new one, the repair can be done again, and no record that was whole is touched.

use std::path::PathBuf;

use constancia_ledger::replica::{RepairReport, Replica};
use constancia_ledger::store::{StoreError, Unsynced};
use constancia_tests::everything::{Everything, Holding, take};

use crate::machine::{Machine, OUTCOMES};

fn segment_path(segment: u32) -> PathBuf {
    PathBuf::from(format!("/ledger/log/{segment:08}.seg"))
}

fn repair(replica: &mut Replica, everything: &Everything) -> Result<RepairReport, StoreError> {
    let peer = &everything.holding().entries;
    replica.repair(&mut |ids| ids.iter().filter_map(|id| peer.get(id).cloned()).collect())
}

/// What is damaged: one record, the end of a segment, a first line, the end of the log, two segments.
fn damages() -> [(&'static str, fn(&Machine)); 5] {
    [
        ("a record", |machine| machine.disk.flip(&segment_path(2), 300, 1)),
        ("the end of a segment", |machine| {
            machine.disk.change(&segment_path(2), |bytes| bytes.truncate(500));
        }),
        ("a first line", |machine| machine.disk.flip(&segment_path(3), 60, 1)),
        ("the end of the log", |machine| {
            machine.disk.change(&segment_path(5), |bytes| bytes.truncate(200));
        }),
        ("two segments", |machine| {
            machine.disk.flip(&segment_path(1), 460, 1);
            machine.disk.change(&segment_path(2), |bytes| bytes.truncate(20));
        }),
    ]
}

#[test]
fn stopped_at_any_call_of_a_repair_it_can_be_done_again_and_everything_is_there() {
    let everything = Everything::new();
    let whole = Machine::new();
    assert_eq!(whole.run(&everything), Some(everything.acts.len()));
    for (name, damage) in damages() {
        let mut stops = 0;
        for stop in 0.. {
            let mut is_over = false;
            for takes_effect in [false, true] {
                let machine = whole.restart(Unsynced::Kept);
                damage(&machine);
                let (mut replica, _) = machine.open().unwrap();
                machine.disk.stop_at(stop, takes_effect);
                let repaired = repair(&mut replica, &everything);
                drop(replica);
                is_over = !machine.disk.has_stopped();
                assert_eq!(is_over, repaired.is_ok(), "{name} {stop}");
                for unsynced in OUTCOMES {
                    let after = machine.restart(unsynced);
                    assert_can_be_repaired(&after, &everything, Index::Kept);
                    let after = machine.restart(unsynced).without_index();
                    assert_can_be_repaired(&after, &everything, Index::Lost);
                }
            }
            if is_over {
                stops = stop;
                break;
            }
        }
        assert!(stops >= 5, "{name}: {stops} calls");
    }
}

/// Whether the index came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Index {
    Kept,
    Lost,
}

/// Whatever of the repair is done, the rest can be: in the end everything is there.
fn assert_can_be_repaired(machine: &Machine, everything: &Everything, index: Index) {
    let (mut replica, _) = machine.open().unwrap();
    let report = repair(&mut replica, everything).unwrap();
    assert_eq!(report.remaining, []);
    drop(replica);
    let (mut replica, recovery) = machine.open().unwrap();
    assert!(recovery.is_sound());
    if index == Index::Lost {
        // Nobody knows what nobody cites any more: given up or cut off, and said; the next exchange
        // brings it.
        for act in &everything.acts {
            take(&mut replica, act).unwrap();
        }
    } else {
        assert_eq!(report.given_up, []);
    }
    assert!(Holding::of(&replica).unwrap() == *everything.holding());
    assert!(replica.verify_stored(&mut |_, _| ()).unwrap().is_sound());
}
