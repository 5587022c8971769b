// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A state document has no largest size, so none may be too large to be read.

use std::process::Command;

use bytes::Bytes;
use constancia_ledger::entry::decode_entry;
use constancia_ledger::replay::View;
use constancia_ledger::replica::Origin;
use constancia_ledger::store::StoreFolder;
use constancia_node::limits::DOCUMENT_PIECE_BYTES;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::{cell, report_of};
use constancia_tests::people::{Desk, FOUNDED_AT_MS};

#[test]
fn a_document_larger_than_a_message_is_audited_whole() {
    let mut desk = Desk::found(3);
    let observations = (0..10_000).map(|at| cell(Some(&format!("C{at:04}")), "1")).collect();
    let report = v1::Report { observations, ..report_of("I-01", "2023", "1") };
    desk.write(0, FOUNDED_AT_MS, Body::Report(report.clone()));
    desk.write(0, FOUNDED_AT_MS + 1, Body::Report(report));
    let mut expected: Vec<(String, Bytes)> =
        desk.replay().state(&View::Frontier).unwrap().documents().collect();
    let largest = expected.iter().map(|(_, content)| content.len()).max().unwrap();
    assert!(largest > DOCUMENT_PIECE_BYTES, "the largest has {largest} bytes");

    let home = tempfile::tempdir().unwrap();
    let mut messages = desk.messages().into_iter();
    let charter = decode_entry(messages.next().unwrap()).unwrap();
    let ledger = OpenLedger::found(StoreFolder::new(home.path().join("data")), charter).unwrap();
    let offered = messages.map(decode_entry).collect();
    ledger.live.ingest_blocking(offered, Origin::Local).unwrap();
    drop(ledger);
    let output = Command::new(snapbox::cmd::cargo_bin("constancia"))
        .args(["--data", "data", "audit", "--out", "audit"])
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    expected.retain(|(name, content)| {
        let written = std::fs::read(home.path().join("audit").join(name)).unwrap();
        written != *content
    });
    assert!(expected.is_empty(), "not as they are: {:?}", expected[0].0);
}
