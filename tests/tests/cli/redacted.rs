// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A redaction on the machine of whoever signed: nothing of the payload stays in the data folder, and the
//! key is protected as before.

use std::fs;
use std::path::{Path, PathBuf};

use constancia_tests::folder::copy_folder;
use serde_json::Value;

use crate::Desk;

/// What nobody may find any more.
const SECRET: &str = "Morelos-12";

impl Desk {
    /// With a ledger in which `sspc` signed a report, its last entry, that the council had redacted,
    /// and with a backup of `sspc` from before. The import that brought the decision was the last command.
    fn with_redacted_report() -> Self {
        let desk = Self::of_three();
        desk.ok("--data sspc report --indicator C-01 --period 2022 --value 1 --yes");
        copy_folder(&desk.path("sspc"), &desk.path("backup"));
        desk.ok("--data sspc withdraw C-01/2022 --reason trial --yes");
        fs::write(desk.path("case.txt"), SECRET).unwrap();
        desk.ok(&format!(
            "--data sspc report --indicator C-01 --period 2023 --value 851 --report-comment {SECRET} \
             --evidence case.txt --yes"
        ));
        assert!(!desk.find_secret("sspc/keys").is_empty());
        desk.give("sspc", "dc");
        desk.ok("--data dc redact C-01/2023 --ground law --yes");
        desk.ok("--data dc vote redact yes --yes");
        desk.give("dc", "sre");
        desk.ok("--data sre vote redact yes --yes");
        desk.give("sre", "sspc");
        desk
    }

    /// Files below a folder that have the secret.
    fn find_secret(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        find_below(&self.path(folder), &mut found);
        found
    }
}

fn find_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_below(&path, found);
        } else if fs::read(&path).unwrap().windows(SECRET.len()).any(|it| it == SECRET.as_bytes()) {
            found.push(path);
        }
    }
}

#[test]
fn nothing_of_a_redacted_payload_stays_with_whoever_signed_it() {
    let desk = Desk::with_redacted_report();
    desk.ok("--data sspc status");
    assert_eq!(desk.find_secret("sspc"), Vec::<PathBuf>::new());
    let notes = fs::read_dir(desk.path("sspc/evidence")).unwrap().count();
    assert_eq!(notes, 0, "the note of the file went with it");
    desk.ok("--data sspc report --indicator C-01 --period 2024 --value 797 --yes");
    desk.ok("--data sspc verify");
}

#[test]
fn a_head_file_without_payload_still_keeps_the_key_from_forking() {
    let desk = Desk::with_redacted_report();
    desk.ok("--data sspc status");
    // The store comes from a backup; the key does not.
    for part in ["log", "index"] {
        fs::remove_dir_all(desk.path("sspc").join(part)).unwrap();
    }
    copy_folder(&desk.path("backup/log"), &desk.path("sspc/log"));
    let next = "--data sspc report --indicator C-01 --period 2024 --value 797 --yes";
    assert_eq!(desk.error(next), ("head.store_behind".to_owned(), 3));
    desk.give("sre", "sspc");
    desk.ok(next);
    let forks = desk.ok("--data sspc --json status");
    let status: Value = serde_json::from_str(&forks).unwrap();
    assert_eq!(status["forked_keys"], "0");
}
