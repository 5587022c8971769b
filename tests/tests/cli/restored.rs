// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The whole story of a restored backup, with real processes: back up, write on, restore, try to sign,
//! sync, sign. No slot is signed twice.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use constancia_tests::folder::copy_folder;
use constancia_tests::forge::Forged;
use constancia_tests::liar::Liar;
use serde_json::Value;

use crate::Desk;

/// A node that another party runs, until it is dropped.
struct Node {
    child: Child,
    address: String,
}

impl Node {
    fn serve(desk: &Desk, data: &str) -> Self {
        let mut command = desk.command();
        command.args(["--data", data, "--json", "serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { child, address: said["listen"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn report(year: u32) -> String {
    format!("--data sspc report --indicator C-01 --period {year} --value 851 --yes")
}

#[test]
fn a_restored_backup_signs_nothing_twice() {
    let desk = Desk::founded();
    desk.ok("--data sspc export all.constancia");
    desk.ok("--data other join all.constancia");
    let node = Node::serve(&desk, "other");
    let sync = format!("--data sspc sync {}", node.address);
    desk.ok(&report(2020));
    desk.ok(&sync);
    copy_folder(&desk.path("sspc"), &desk.path("backup"));

    desk.ok(&report(2021));
    desk.ok(&report(2022));
    desk.ok(&sync);
    let written = desk.entries("sspc");
    fs::remove_dir_all(desk.path("sspc")).unwrap();
    copy_folder(&desk.path("backup"), &desk.path("sspc"));

    // Everything on this machine agrees with itself: the peer alone knows better.
    assert_eq!(desk.error(&report(2023)), ("head.peer_ahead".to_owned(), 3));
    assert_eq!(desk.entries("sspc"), written - 2);
    desk.ok(&sync);
    assert_eq!(desk.entries("sspc"), written);
    desk.ok(&report(2023));
    desk.ok(&sync);
    assert_eq!(desk.entries("sspc"), written + 1);
    desk.ok("--data sspc verify");

    // Where nobody answers, somebody has to say that no backup was restored.
    drop(node);
    assert_eq!(desk.error(&report(2024)), ("head.no_peer_answers".to_owned(), 3));
    desk.ok(&format!("{} --offline", report(2024)));
    desk.ok("--data other verify");
    desk.ok("--data sspc verify");
}

#[test]
fn what_a_peer_has_shown_stays_known_when_nobody_answers_any_more() {
    let desk = Desk::founded();
    desk.ok("--data sspc export all.constancia");
    desk.ok("--data other join all.constancia");
    let node = Node::serve(&desk, "other");
    let sync = format!("--data sspc sync {}", node.address);
    desk.ok(&sync);
    copy_folder(&desk.path("sspc"), &desk.path("backup"));
    desk.ok(&report(2021));
    desk.ok(&report(2022));
    desk.ok(&sync);
    fs::remove_dir_all(desk.path("sspc")).unwrap();
    copy_folder(&desk.path("backup"), &desk.path("sspc"));

    let before = desk.entries("sspc");
    assert_eq!(desk.error(&report(2023)), ("head.peer_ahead".to_owned(), 3));
    drop(node);
    let offline = format!("{} --offline", report(2023));
    assert_eq!(desk.error(&offline), ("head.peer_ahead".to_owned(), 3));
    assert_eq!(desk.entries("sspc"), before, "nothing was signed");
    // Once it is here, by whatever way, nothing is known any more that is not held.
    desk.ok("--data other export later.constancia");
    desk.ok("--data sspc import later.constancia");
    desk.ok(&format!("{offline} --adopt-head"));
    assert_eq!(desk.entries("sspc"), before + 3);
}

#[test]
fn a_peer_that_shows_another_entry_than_this_store_has_keeps_the_key_from_signing() {
    let desk = Desk::founded();
    desk.ok("--data sspc export all.constancia");
    desk.ok("--data other join all.constancia");
    copy_folder(&desk.path("sspc"), &desk.path("backup"));
    desk.ok(&report(2021));
    desk.ok("--data sspc export one.constancia");
    desk.ok("--data other import one.constancia");
    fs::remove_dir_all(desk.path("sspc")).unwrap();
    copy_folder(&desk.path("backup"), &desk.path("sspc"));
    // Signed where no peer was known, and so above what the peer holds of the key.
    desk.ok(&report(2022));
    desk.ok(&report(2023));

    let node = Node::serve(&desk, "other");
    fs::write(desk.path("sspc/peers"), format!("{}\n", node.address)).unwrap();
    assert_eq!(desk.error(&report(2024)), ("head.peer_differs".to_owned(), 1));
    drop(node);
    let offline = format!("{} --offline", report(2024));
    assert_eq!(desk.error(&offline), ("head.peer_differs".to_owned(), 1));
}

#[test]
fn a_peer_that_claims_what_the_key_never_signed_keeps_nobody_from_signing() {
    let desk = Desk::founded();
    desk.ok("--data sspc export all.constancia");
    desk.ok("--data other join all.constancia");
    let keys: Value = serde_json::from_str(&desk.ok("--data sspc --json key list")).unwrap();
    let key = hex::decode(keys["key"].as_str().unwrap()).unwrap();
    let status: Value = serde_json::from_str(&desk.ok("--data sspc --json status")).unwrap();
    let ledger = LedgerId::from_bytes(
        hex::decode(status["ledger_id"].as_str().unwrap()).unwrap().try_into().unwrap(),
    );
    // A seq that no sync will ever bring.
    let claim = Forged::after(200, ledger, None).spoil(|header| {
        (header.author, header.seq) = (key.into(), 1 << 63);
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let head = v1::KeyHead { entry: Some(claim.sign()), clock_ms: 0 };
    let liar = runtime.block_on(Liar::open(head));

    // Alone it is as if it had not answered; beside another it is passed over, and named.
    fs::write(desk.path("sspc/peers"), format!("{}\n", liar.address())).unwrap();
    assert_eq!(desk.error(&report(2020)), ("head.no_peer_answers".to_owned(), 3));
    desk.ok(&format!("{} --offline", report(2020)));
    let node = Node::serve(&desk, "other");
    desk.ok(&format!("--data sspc sync {}", node.address));
    let output = desk.run(&report(2021));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("{} claims an entry", liar.address())), "{said}");
    assert_eq!(desk.entries("sspc"), 3);
}

#[test]
fn a_restored_key_does_not_sign_its_first_entry_again() {
    let desk = Desk::of_three();
    // What the backup has: the key without its head file, and a bundle of before it ever signed.
    copy_folder(&desk.path("dc/keys"), &desk.path("backup"));
    desk.ok("--data dc accept --yes");
    desk.ok("--data dc export later.bundle");
    desk.ok("--data sre import later.bundle");
    fs::remove_dir_all(desk.path("dc")).unwrap();
    copy_folder(&desk.path("backup"), &desk.path("dc/keys"));
    desk.ok("--data dc join first.bundle");

    let node = Node::serve(&desk, "sre");
    fs::write(desk.path("dc/peers"), format!("{}\n", node.address)).unwrap();
    assert_eq!(desk.error("--data dc accept --yes"), ("head.peer_ahead".to_owned(), 3));
    drop(node);
    assert_eq!(desk.error("--data dc accept --yes"), ("head.peer_ahead".to_owned(), 3));
    assert_eq!(desk.entries("dc"), 1, "nothing was signed");
}

#[test]
fn a_keys_first_entry_too_says_that_nobody_confirms_it() {
    let desk = Desk::of_three();
    let output = desk.run("--data dc accept --yes");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("this data knows no peer"), "{said}");
}
