// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Bytes on disk, against the bytes that were signed: header, signature, payload and salt.

use std::path::Path;

use constancia_bench::ground::{count_bytes, new_folder, store_folder};
use constancia_bench::paired::{Spread, as_float};
use constancia_bench::workload::{Workload, signed_bytes};
use constancia_node::open_ledger::OpenLedger;

use super::Size;
use super::sheet::{Limit, Sheet};
use super::verify::fill;

pub(crate) fn measure(root: &Path, size: Size, sheet: &mut Sheet) {
    let work = Workload::new(size.of(100_000));
    let home = new_folder(root);
    let folder = store_folder(&home, "1");
    let ledger = OpenLedger::found(folder.clone(), work.charter.clone()).expect("a store");
    fill(&ledger, &work);
    // Closed, so that the index is written as far as it ever is.
    drop(ledger);
    let charter = OpenLedger::in_memory(work.charter.clone()).expect("a charter");
    let charter_id = charter.live.ledger().charter();
    let charter = charter.live.shared().read().read_message(&charter_id).expect("a charter");
    let signed = as_float(work.signed_bytes() + charter.as_ref().map_or(0, signed_bytes));
    let bytes = |path: &Path| as_float(usize::try_from(count_bytes(path)).unwrap_or(usize::MAX));
    let log = bytes(&folder.log_path());
    let index = bytes(&folder.index_path());
    let one = |value: f64| Spread::of([value]);
    sheet.add("bytes of the log ÷ signed bytes", Limit::AtMost(1.3), &one(log / signed), "");
    sheet.add("bytes of the index ÷ signed bytes", Limit::None, &one(index / signed), "");
    let entries = as_float(work.entries.len() + 1);
    sheet.add("signed bytes", Limit::None, &one(signed / entries), "an entry");
    sheet.add("log", Limit::None, &one(log / entries), "bytes an entry");
    sheet.add("index", Limit::None, &one(index / entries), "bytes an entry");
}
