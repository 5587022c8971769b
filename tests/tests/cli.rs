// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: the command line says what its transcripts say, in both languages, and every bad input ends
//! in a clear error with a code, a hint and an exit code, with nothing lost.
//!
//! Method: the built binary runs in a folder of its own. `transcripts/{es,en}` are read by people and
//! by trycmd; what needs a second process or a damaged file is here.

#[path = "cli/bad_bundles.rs"]
mod bad_bundles;
#[path = "cli/council.rs"]
mod council;
#[path = "cli/decisions.rs"]
mod decisions;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/drafts.rs"]
mod drafts;
#[path = "cli/foresight.rs"]
mod foresight;
#[path = "cli/newer_rules.rs"]
mod newer_rules;
#[path = "cli/processes.rs"]
mod processes;
#[path = "cli/redacted.rs"]
mod redacted;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/restored.rs"]
mod restored;
#[path = "cli/which_ledger.rs"]
mod which_ledger;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use constancia_ledger::store::{LockPatience, StoreFolder, StoreLock};
use constancia_tests::folder::copy_folder;
use serde_json::Value;
use tempfile::TempDir;

/// The plan of the transcripts.
const PLAN: &str = include_str!("../transcripts/en/founding.in/plan.yaml");

fn binary() -> PathBuf {
    snapbox::cmd::cargo_bin("constancia")
}

/// A folder in which somebody works with the program, in English.
struct Desk {
    dir: TempDir,
}

impl Desk {
    /// With nothing in it.
    fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With a ledger that `sspc` founded, and its key `firma`.
    fn founded() -> Self {
        let desk = Self::empty();
        fs::write(desk.path("plan.yaml"), PLAN).unwrap();
        desk.ok("--data sspc key new firma --no-passphrase");
        desk.ok("--data sspc init --plan plan.yaml --member sspc=sspc/keys/firma.pub --yes");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program in this folder, with nothing of the surroundings.
    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .current_dir(self.dir.path())
            .env("CONSTANCIA_LANG", "en")
            .env_remove("CONSTANCIA_DATA")
            .env_remove("CONSTANCIA_PASSPHRASE");
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command().args(line.split(' ')).output().unwrap()
    }

    /// Runs a command that works, and gives its answer.
    fn ok(&self, line: &str) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that fails, and gives the error's code and the exit code.
    fn error(&self, line: &str) -> (String, i32) {
        let output = self.run(&format!("--json {line}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = said.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{line}\n{said}"));
        let code = output.status.code().unwrap();
        assert_eq!(error["error"]["exit_code"], code, "{said}");
        (error["error"]["code"].as_str().unwrap().to_owned(), code)
    }

    fn entries(&self, data: &str) -> u64 {
        let status: Value =
            serde_json::from_str(&self.ok(&format!("--data {data} --json status"))).unwrap();
        status["entries"].as_str().unwrap().parse().unwrap()
    }

    /// Changes one byte of a file.
    fn flip(&self, name: &str, from_end: usize) {
        let mut bytes = fs::read(self.path(name)).unwrap();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        fs::write(self.path(name), bytes).unwrap();
    }
}

const REPORT: &str = "--data sspc report --indicator C-01 --period 2023 --value 851 --yes";

fn run_transcripts(lang: &str) {
    trycmd::TestCases::new()
        .register_bin("constancia", trycmd::schema::Bin::Path(binary()))
        .env("CONSTANCIA_LANG", lang)
        .env("CONSTANCIA_DATA", "")
        .env("NO_COLOR", "1")
        .timeout(std::time::Duration::from_mins(2))
        .case(format!("transcripts/{lang}/*.md"));
}

#[test]
fn the_transcripts_in_spanish_are_what_the_program_says() {
    run_transcripts("es");
}

#[test]
fn the_transcripts_in_english_are_what_the_program_says() {
    run_transcripts("en");
}

#[test]
fn a_store_that_another_process_holds_is_said_to_be_locked_and_nothing_is_signed() {
    let desk = Desk::founded();
    let folder = StoreFolder::new(desk.path("sspc"));
    let lock = StoreLock::acquire(&folder.lock_path(), LockPatience::None).unwrap();
    assert_eq!(desk.error(REPORT), ("store.locked".to_owned(), 3));
    drop(lock);
    assert_eq!(desk.entries("sspc"), 1);
}

#[test]
fn a_changed_byte_of_a_bundle_is_named_and_ends_in_4() {
    let desk = Desk::founded();
    desk.ok(REPORT);
    desk.ok("--data sspc export all.bundle");
    // Within the last entry's payload, before the end of the file.
    desk.flip("all.bundle", 60);
    for command in ["verify --bundle all.bundle", "audit --bundle all.bundle"] {
        let output = desk.run(command);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{command}\n{said}");
        let said = format!("{said}{}", String::from_utf8_lossy(&output.stdout));
        assert!(said.contains("all.bundle") && said.contains("byte"), "{said}");
        assert!(!said.contains("All is well"), "{said}");
    }
}

#[test]
fn a_changed_byte_of_the_store_is_named_by_file_and_place_and_ends_in_4() {
    let desk = Desk::founded();
    desk.ok(REPORT);
    desk.ok("--data sspc correct C-01/2023 --reason source_revised --value 852 --yes");
    let segment = first_file(&desk.path("sspc/log"), "seg");
    let name = segment.strip_prefix(desk.dir.path()).unwrap().display().to_string();
    // In the report: neither the charter nor a tail that a crash could have torn.
    desk.flip(&name, 420);
    let output = desk.run("--data sspc verify");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("damaged:") && said.contains(".seg"), "{said}");
    assert_eq!(desk.error("--data sspc status"), ("store.damaged".to_owned(), 4));
}

fn first_file(folder: &Path, extension: &str) -> PathBuf {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files.remove(0)
}

#[test]
fn a_key_whose_head_is_ahead_of_the_store_signs_nothing_until_the_rest_is_fetched() {
    let desk = Desk::founded();
    copy_folder(&desk.path("sspc"), &desk.path("backup"));
    desk.ok(REPORT);
    desk.ok("--data sspc correct C-01/2023 --reason source_revised --value 852 --yes");
    desk.ok("--data sspc export all.bundle");

    // The store comes from a backup; the key does not.
    fs::remove_dir_all(desk.path("sspc/log")).unwrap();
    fs::remove_dir_all(desk.path("sspc/index")).unwrap();
    copy_folder(&desk.path("backup/log"), &desk.path("sspc/log"));
    assert_eq!(desk.error(REPORT), ("head.store_behind".to_owned(), 3));
    assert_eq!(desk.entries("sspc"), 1);
    desk.ok("--data sspc import all.bundle");
    desk.ok("--data sspc withdraw C-01/2023 --reason trial --yes");
    assert_eq!(desk.entries("sspc"), 4);
}

#[test]
fn an_entry_that_was_signed_but_not_stored_is_delivered_by_the_next_signature() {
    let desk = Desk::founded();
    copy_folder(&desk.path("sspc"), &desk.path("backup"));
    desk.ok(REPORT);
    // As after a crash between the head file and the store: only the key knows of it.
    fs::remove_dir_all(desk.path("sspc/log")).unwrap();
    fs::remove_dir_all(desk.path("sspc/index")).unwrap();
    copy_folder(&desk.path("backup/log"), &desk.path("sspc/log"));
    let next = "--data sspc report --indicator C-01 --period 2022 --value 959 --yes";
    desk.ok(next);
    assert_eq!(desk.entries("sspc"), 3);
    assert!(desk.ok("--data sspc history C-01").contains("851"));
}

#[test]
fn a_key_without_its_head_file_signs_only_after_somebody_confirms() {
    let desk = Desk::founded();
    desk.ok(REPORT);
    let head = fs::read_dir(desk.path("sspc/keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains(".head-") && !name.contains(".lock")
        })
        .unwrap();
    fs::remove_file(head).unwrap();
    let next = "--data sspc withdraw C-01/2023 --reason trial --yes";
    assert_eq!(desk.error(next), ("head.key_behind".to_owned(), 2));
    desk.ok(&format!("{next} --adopt-head"));
    assert_eq!(desk.entries("sspc"), 3);
}

#[test]
fn a_draft_that_was_changed_is_shown_as_changed_or_refused() {
    let desk = Desk::founded();
    desk.ok("--data sspc report --indicator C-01 --period 2023 --value 851 --prepare draft.json");
    let draft = fs::read_to_string(desk.path("draft.json")).unwrap();
    fs::write(desk.path("more.json"), draft.replace("851", "951")).unwrap();
    let output = desk.run("--data sspc sign more.json");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("2023 total: 951"), "{said}");
    for (old, new) in [("\"A\"", "\"Ω\""), ("indicator", "indicador"), ("851", "8,51")] {
        fs::write(desk.path("wrong.json"), draft.replace(old, new)).unwrap();
        let (code, exit) = desk.error("--data sspc sign wrong.json --yes");
        assert!(code.starts_with("draft.") || code.starts_with("event."), "{code}");
        assert_eq!(exit, 2);
    }
    assert_eq!(desk.entries("sspc"), 1);
}

#[test]
fn an_audit_writes_documents_whose_index_hashes_to_the_digest() {
    let desk = Desk::founded();
    desk.ok(REPORT);
    let summary: Value =
        serde_json::from_str(&desk.ok("--data sspc --json audit --out documents")).unwrap();
    let index = fs::read(desk.path("documents/index.json")).unwrap();
    let digest = constancia_ledger::id::StateDigest::from_bytes(*blake3::hash(&index).as_bytes());
    assert_eq!(summary["state_digest"], digest.to_string());
    let listed: Value = serde_json::from_slice(&index).unwrap();
    let count = listed["documents"].as_object().unwrap().len();
    assert!(count >= 6, "{listed}");
}

#[test]
fn a_past_state_is_pinned_by_a_frontier() {
    let desk = Desk::founded();
    desk.ok(REPORT);
    let before: Value = serde_json::from_str(&desk.ok("--data sspc --json audit")).unwrap();
    let frontier = desk.ok("--data sspc status --frontier");
    fs::write(desk.path("frontier.txt"), &frontier).unwrap();
    desk.ok("--data sspc correct C-01/2023 --reason source_revised --value 852 --yes");
    for at in [frontier.trim(), "frontier.txt"] {
        let then = desk.ok(&format!("--data sspc --json audit --at {at}"));
        let then: Value = serde_json::from_str(&then).unwrap();
        assert_eq!(then["state_digest"], before["state_digest"]);
    }
    desk.ok("--data sspc export since.bundle --since frontier.txt");
    let answer = desk.ok("--data sspc --json import since.bundle");
    let reply: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(reply["accepted"], "0");
}
