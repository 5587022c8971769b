// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The machine stops at every single call to its disk while a ledger is founded and everything that a
//! log can hold is taken in: entries alone and together, roll-over to a new segment, a late payload,
//! fork proofs.

use constancia_ledger::fault::Coded as _;
use constancia_ledger::store::{DiskFault, Unsynced};
use constancia_tests::everything::{Everything, take};

use crate::machine::{Machine, OUTCOMES};

fn count_calls(everything: &Everything) -> u64 {
    let machine = Machine::new();
    assert_eq!(machine.run(everything), Some(everything.acts.len()));
    machine.disk.count_calls()
}

#[test]
fn stopped_at_any_call_to_the_disk_everything_acknowledged_is_there_and_the_ledger_goes_on() {
    let everything = Everything::new();
    let calls = count_calls(&everything);
    assert!(calls > 60, "{calls} calls");
    for stop in 0..calls {
        for takes_effect in [false, true] {
            let machine = Machine::new();
            machine.disk.stop_at(stop, takes_effect);
            let acknowledged = machine.run(&everything);
            assert!(machine.disk.has_stopped());
            for unsynced in OUTCOMES {
                let after = machine.restart(unsynced);
                match acknowledged {
                    Some(acknowledged) => {
                        after.assert_goes_on(&everything, acknowledged);
                        // The note of the log's end may say less than the index did.
                        let after = machine.restart(unsynced).without_index();
                        after.assert_goes_on(&everything, acknowledged);
                    }
                    None => after.assert_founded_or_not(&everything),
                }
            }
        }
    }
}

#[test]
fn stopped_again_while_it_opens_nothing_is_lost_either() {
    let everything = Everything::new();
    let calls = count_calls(&everything);
    // Stopped in the middle of an append, whose torn tail the opening cuts off, and at the end.
    for first in [calls / 3, calls / 2, calls - 2] {
        let machine = Machine::new();
        machine.disk.stop_at(first, false);
        let acknowledged = machine.run(&everything).unwrap();
        for outcome in OUTCOMES {
            let torn = machine.restart(outcome);
            for stop in 0..12 {
                for takes_effect in [false, true] {
                    let again = torn.restart(Unsynced::Kept).without_index();
                    again.disk.stop_at(stop, takes_effect);
                    drop(again.open());
                    for unsynced in OUTCOMES {
                        again.restart(unsynced).assert_goes_on(&everything, acknowledged);
                    }
                }
            }
        }
    }
}

/// The process lives on after a sync has failed: it goes on, or says that the log must be opened
/// again, because what the disk holds is unknown.
#[test]
fn after_any_failed_sync_nothing_acknowledged_is_lost_and_the_ledger_goes_on() {
    let everything = Everything::new();
    let mut poisoned = 0;
    for sync in 0.. {
        let machine = Machine::new();
        machine.disk.add_fault(DiskFault::SyncFails(sync));
        let Ok(mut replica) = machine.found(&everything) else {
            machine.restart(Unsynced::Kept).assert_founded_or_not(&everything);
            continue;
        };
        let mut acknowledged = 0;
        let mut failures = 0;
        while let Some(act) = everything.acts.get(acknowledged) {
            match take(&mut replica, act) {
                Ok(()) => acknowledged += 1,
                Err(error) if error.code() == "store.poisoned" => {
                    poisoned += 1;
                    break;
                }
                Err(error) => {
                    assert_eq!(error.code(), "store.io");
                    failures += 1;
                    assert_eq!(failures, 1, "the disk is whole again");
                }
            }
        }
        drop(replica);
        for unsynced in [Unsynced::Lost, Unsynced::Kept] {
            machine.restart(unsynced).assert_goes_on(&everything, acknowledged);
        }
        if failures == 0 {
            break;
        }
    }
    assert!(poisoned >= everything.acts.len(), "a failed sync of an append always stops the log");
}
