// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verification of everything stored, against `verify_strict` and nothing else.
//!
//! `cores × bare verify_strict` is what the processor could do if there were no log to read, no
//! hash to compute, no chain to follow and no index to compare.

use std::path::Path;

use constancia_bench::ground::{cores, new_folder, processor_seconds, store_folder};
use constancia_bench::paired::{Spread, as_float, compare, per_second, time};
use constancia_bench::workload::{BareSignature, Workload};
use constancia_ledger::replica::{Origin, Replica};
use constancia_node::open_ledger::OpenLedger;
use rayon::prelude::*;

use super::Size;
use super::sheet::{Limit, Sheet};

/// What full verification has to reach of cores × bare `verify_strict`.
pub(crate) const FULL_VERIFY_LEAST: f64 = 0.85;
/// Signatures of one turn.
const SIGNATURES: usize = 20_000;

pub(crate) fn measure(root: &Path, size: Size, sheet: &mut Sheet) {
    let count = size.of(100_000);
    let work = Workload::new(count);
    let signatures = work.bare_signatures(size.of(SIGNATURES));
    let home = new_folder(root);
    let ledger =
        OpenLedger::found(store_folder(&home, "1"), work.charter.clone()).expect("a store");
    fill(&ledger, &work);
    let shared = ledger.live.shared().read();
    let mut cost = Vec::new();
    let pair = compare(
        size.turns,
        || {
            let before = processor_seconds();
            let took = verify_once(&shared);
            if let (Some(before), Some(after)) = (before, processor_seconds()) {
                cost.push((after - before) * 1e6 / as_float(count + 1));
            }
            per_second(count + 1, took)
        },
        || bare_rate(&signatures),
    );
    let cores = as_float(cores());
    sheet.add(
        "full verify ÷ (cores × bare verify_strict)",
        Limit::AtLeast(FULL_VERIFY_LEAST),
        &pair.ratio.over(cores),
        "",
    );
    sheet.add("full verify", Limit::None, &pair.measured, "entries/s");
    sheet.add("bare verify_strict, one core", Limit::None, &pair.against, "signatures/s");
    sheet.add("full verify, processor time", Limit::None, &Spread::of(cost), "µs an entry");
    // On a machine that others use, all cores are less than cores × one: then this tells more.
    let all = compare(
        size.turns,
        || per_second(count + 1, verify_once(&shared)),
        || bare_rate_on_all_cores(&signatures),
    );
    sheet.add("full verify ÷ bare verify_strict on all cores at once", Limit::None, &all.ratio, "");
}

fn verify_once(replica: &Replica) -> std::time::Duration {
    let (report, took) = time(|| replica.verify_stored(&mut |_, _| ()).expect("a disk"));
    assert!(report.is_sound(), "{:?}", report.damages.first());
    took
}

/// Fills a replica in large batches.
pub(crate) fn fill(ledger: &OpenLedger, work: &Workload) {
    for batch in work.decoded().chunks(8_192) {
        let offered = batch.iter().cloned().map(Ok).collect();
        let ingested = ledger.live.ingest_blocking(offered, Origin::Local).expect("a disk");
        assert!(ingested.outcomes.iter().all(|(_, outcome)| is_stored(outcome)));
    }
}

fn is_stored(outcome: &constancia_ledger::replica::Outcome) -> bool {
    matches!(outcome, constancia_ledger::replica::Outcome::Stored { .. })
}

/// Signatures per second on one core.
pub(crate) fn bare_rate(signatures: &[BareSignature]) -> f64 {
    let (hold, took) = time(|| signatures.iter().all(BareSignature::holds));
    assert!(hold);
    per_second(signatures.len(), took)
}

pub(crate) fn bare_rate_on_all_cores(signatures: &[BareSignature]) -> f64 {
    let (hold, took) = time(|| signatures.par_iter().all(BareSignature::holds));
    assert!(hold);
    per_second(signatures.len(), took)
}
