// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verification that finds everything sound reads the log once.

use constancia_ledger::replica::{Replica, VerifyReport};

/// Records that verification checks at a time; it says after each time how far it is.
const RECORDS_AT_A_TIME: u64 = 1_024;

/// Verifies a replica that is sound: without looking for what is wrong.
///
/// # Panics
/// Where something is wrong, or the log was read a second time.
pub fn verify_at_once(replica: &Replica) -> VerifyReport {
    let mut said = 0;
    let report = replica.verify_stored(&mut |_, _| said += 1).expect("a disk");
    assert!(report.is_sound(), "{:?}", report.damages);
    let parts = replica.log().count_records() / RECORDS_AT_A_TIME + 1;
    assert_eq!(said, parts + 1, "the log was read a second time");
    report
}
