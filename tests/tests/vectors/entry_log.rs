// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vectors of what lies on disk: segment files and head files, opened from a folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use constancia_ledger::fault::Coded as _;
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{
    FileLog, HeadFile, LogNotice, MemoryRows, Position, RealDisk, RecordKind, Scanned, StoreError,
};
use serde_json::json;

use crate::compare;
use crate::file::{HeadCase, LogCase};
use crate::held::check_expected;
use crate::ledger::bytes_of;

/// Opens the files with no index to tell how far they were durable.
pub fn check_log(case: &LogCase) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in &case.files {
        std::fs::write(folder.path().join(name), bytes_of(text)).unwrap();
    }
    let (found, replica) = match open(folder.path()) {
        Ok((torn_bytes, replica)) => {
            let records = replica.log().count_records();
            (json!([null, records, count_lost(&replica), torn_bytes]), Some(replica))
        }
        Err(code) => (json!([code, null, 0, 0]), None),
    };
    let stated = json!([case.refused, case.records, case.lost, case.torn_bytes]);
    let mut differences: Vec<String> = compare("log", &stated, &found).into_iter().collect();
    if let (Some(expect), Some(replica)) = (&case.expect, replica) {
        differences.extend(check_expected(expect, &replica, &BTreeSet::new()));
    }
    differences
}

/// Reads the file as whoever is about to sign does.
pub fn check_head(case: &HeadCase) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("head");
    std::fs::write(&path, bytes_of(&case.file)).unwrap();
    let (ledger, key) = (case.ledger_id.parse().unwrap(), case.key.parse().unwrap());
    let found = match HeadFile::open_on(Arc::new(RealDisk), path, ledger, key) {
        Err(error) => json!([error.code(), null, null]),
        Ok(file) => {
            let head = file.head().expect("there is a file");
            json!([null, head.seq().to_string(), head.id().to_string()])
        }
    };
    compare("head", &json!([case.refused, case.seq, case.id]), &found).into_iter().collect()
}

/// How many bytes of an unfinished write were cut off, and the replica; or the code of the damage.
fn open(folder: &std::path::Path) -> Result<(u64, Replica), &'static str> {
    let code = |error: StoreError| error.code();
    let (log, notices) = FileLog::open(Arc::new(RealDisk), folder, None).map_err(code)?;
    let mut torn_bytes = 0;
    for notice in notices {
        match notice {
            LogNotice::TornTail { bytes, .. } => torn_bytes += bytes,
            LogNotice::Damage(_) => return Err("store.damaged"),
        }
    }
    let rows = Arc::new(MemoryRows::default());
    let (replica, recovery) = Replica::recover(Box::new(log), rows).map_err(code)?;
    if !recovery.gaps.is_empty() {
        return Err("store.damaged");
    }
    if !recovery.unlinked.is_empty() {
        return Err("store.unsound");
    }
    Ok((torn_bytes, replica))
}

fn count_lost(replica: &Replica) -> u64 {
    let mut lost = 0;
    let scanned = replica.log().scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(_, record) = scanned
            && record.kind == RecordKind::Lost
        {
            lost += 1;
        }
        Ok(true)
    });
    scanned.unwrap();
    lost
}
