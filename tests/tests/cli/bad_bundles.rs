// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries that no honest program signs, and files that are no whole bundle: each is named with its
//! code, says what to do, ends in its exit code, and leaves what was there.

use std::fs;

use bytes::Bytes;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use constancia_proto::v1::bundle_item::Item;
use constancia_tests::forge::{Forged, small_charter};
use prost::Message as _;
use serde_json::Value;

use crate::Desk;

const LINE: &[u8] = b"constancia-bundle-v1\n";

/// A bundle of these entries, whole.
fn bundle(entries: &[v1::SignedEntry]) -> Vec<u8> {
    let mut file = LINE.to_vec();
    let items = entries.iter().cloned().map(Item::Entry);
    let end = v1::BundleEnd { entries: entries.len() as u64, fork_proofs: 0 };
    for item in items.chain([Item::End(end)]) {
        file.extend(v1::BundleItem { item: Some(item) }.encode_length_delimited_to_vec());
    }
    file
}

/// A ledger of a charter and one entry, kept in the folder `a`.
struct Scene {
    desk: Desk,
    ledger: LedgerId,
    charter: v1::SignedEntry,
    first: Forged,
    good: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let desk = Desk::empty();
        let charter = Forged::charter(10, small_charter(3));
        let ledger = LedgerId::of_charter(charter.entry().id());
        let first = Forged::after(11, ledger, None);
        let good = bundle(&[charter.sign(), first.sign()]);
        fs::write(desk.path("good.bundle"), &good).unwrap();
        desk.ok("--data a join good.bundle");
        Self { desk, ledger, charter: charter.sign(), first, good }
    }

    /// The author's next entry, with everything right.
    fn next(&self) -> Forged {
        Forged::after(11, self.ledger, Some((&self.first.entry(), 1_000)))
    }

    /// Writes a bundle of the charter, the first entry and these.
    fn write(&self, more: &[v1::SignedEntry]) {
        let known = [self.charter.clone(), self.first.sign()];
        fs::write(self.desk.path("bad.bundle"), bundle(&[&known, more].concat())).unwrap();
    }

    /// Runs a command in both languages and gives what it says in each, with its exit code.
    fn run(&self, line: &str) -> (Vec<String>, Option<i32>) {
        let mut said = Vec::new();
        let mut code = None;
        for lang in ["es", "en"] {
            let line = line.replace("LANG", lang);
            let output = self.desk.run(&format!("--lang {lang} {line}"));
            let text = [output.stdout, output.stderr].concat();
            said.push(String::from_utf8(text).unwrap());
            code = output.status.code();
        }
        (said, code)
    }
}

#[test]
fn an_entry_that_breaks_a_rule_is_named_and_never_passed_over() {
    let scene = Scene::new();
    let other_ledger = LedgerId::of_charter(scene.first.entry().id());
    let mut changed_payload = scene.next().sign();
    changed_payload.payload = Some(vec![1, 2, 3].into());
    let mut changed_signature = scene.next().sign();
    let mut signature = changed_signature.signature.to_vec();
    signature[3] ^= 1;
    changed_signature.signature = signature.into();
    let charter_id = scene.ledger.charter();
    let wrong_prev =
        scene.next().spoil(|header| header.prev = Bytes::copy_from_slice(charter_id.as_bytes()));
    let cases = [
        ("chain.stranger", Forged::after(99, scene.ledger, None).sign()),
        ("chain.wrong_prev", wrong_prev.sign()),
        ("chain.wrong_height", scene.next().spoil(|header| header.height = 9).sign()),
        ("chain.claimed_before_prev", scene.next().spoil(|header| header.claimed_at_ms = 1).sign()),
        ("verify.payload_hash", changed_payload),
        ("verify.bad_signature", changed_signature),
        ("verify.wrong_ledger", Forged::after(12, other_ledger, None).sign()),
    ];
    for (code, entry) in cases {
        scene.write(&[entry]);
        for command in ["verify", "audit"] {
            let (said, exit) = scene.run(&format!("{command} --bundle bad.bundle"));
            assert_eq!(exit, Some(4), "{code}: {said:?}");
            for said in said {
                assert!(said.contains(code) && said.contains("byte"), "{said}");
                assert!(!said.contains("Todo en orden") && !said.contains("All is well"), "{said}");
            }
        }
        let verdict = scene.desk.run("--json verify --bundle bad.bundle");
        let verdict: Value = serde_json::from_slice(&verdict.stdout).unwrap();
        assert_eq!(verdict["refused"][0]["code"], code);
        assert_eq!((&verdict["refused"][1], &verdict["held_back"]), (&Value::Null, &"0".into()));
        let (said, exit) = scene.run("--data a import bad.bundle");
        assert_eq!(exit, Some(1), "{said:?}");
        assert!(said.iter().all(|said| said.contains(code)), "{said:?}");
        let (_, exit) = scene.run(&format!("--data {code} join bad.bundle"));
        assert_ne!(exit, Some(0), "{code}");
        assert_eq!(scene.desk.entries("a"), 2, "{code}");
    }
}

#[test]
fn a_gap_in_a_feed_is_told_as_what_is_missing_and_nothing_behind_it_is_stored() {
    let scene = Scene::new();
    let middle = scene.next().entry();
    let last = Forged::after(11, scene.ledger, Some((&middle, 1_000)));
    scene.write(&[last.sign()]);
    let (said, exit) = scene.run("verify --bundle bad.bundle");
    assert_eq!(exit, Some(1), "{said:?}");
    assert!(said[0].contains("porque faltan entradas anteriores: 1"), "{said:?}");
    assert!(said[1].contains("because earlier entries are missing: 1"), "{said:?}");
    let verdict = scene.desk.run("--json verify --bundle bad.bundle");
    let verdict: Value = serde_json::from_slice(&verdict.stdout).unwrap();
    assert_eq!(verdict["refused"][0]["code"], "chain.parent_missing");
    assert_eq!(verdict["held_back"], "1");
    for command in ["--data a import bad.bundle", "--data b join bad.bundle"] {
        let output = scene.desk.run(command);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command} {said}");
        assert!(said.contains("were not stored, because earlier ones are missing: 1"), "{said}");
    }
    assert_eq!(scene.desk.entries("a"), 2);
    assert_eq!(scene.desk.entries("b"), 2);
    // With what was missing it is taken in.
    scene.write(&[scene.next().sign(), last.sign()]);
    scene.desk.ok("--data a import bad.bundle");
    assert_eq!(scene.desk.entries("a"), 4);
}

#[test]
fn an_entry_beyond_a_limit_or_of_another_version_ends_the_reading() {
    let scene = Scene::new();
    let mut too_long = scene.next();
    too_long.set_payload(vec![0; 1_048_577]);
    let newer = scene.next().spoil(|header| header.version = 2);
    for (entry, verdict) in [(too_long.sign(), 4), (newer.sign(), 2)] {
        scene.write(&[entry]);
        let (said, exit) = scene.run("verify --bundle bad.bundle");
        assert_eq!(exit, Some(verdict), "{said:?}");
        let (imported, exit) = scene.run("--data a import bad.bundle");
        assert_eq!(exit, Some(2), "{imported:?}");
        for said in said.iter().chain(&imported) {
            assert!(said.contains("[bundle.entry]") && said.contains("byte "), "{said}");
            assert!(said.contains("ayuda: ") || said.contains("hint: "), "{said}");
        }
        assert_eq!(scene.desk.entries("a"), 2);
    }
}

#[test]
fn a_file_that_is_no_whole_bundle_says_so_and_what_to_do() {
    let scene = Scene::new();
    let cut = |bytes: usize| scene.good[..scene.good.len() - bytes].to_vec();
    let too_long = [LINE, &[0xff, 0xff, 0xff, 0x7f], &[0; 50]].concat();
    let cases = [
        ("bundle.no_end", 4, cut(5)),
        ("bundle.cut_off", 4, cut(200)),
        ("bundle.after_end", 4, [scene.good.clone(), vec![1, 2, 3]].concat()),
        ("bundle.charter_missing", 4, bundle(&[scene.first.sign()])),
        ("bundle.item_too_long", 4, too_long),
        ("bundle.not_a_bundle", 2, b"constancia-bundle-v2\nabc".to_vec()),
        ("bundle.not_a_bundle", 2, Vec::new()),
    ];
    for (code, verdict, bytes) in cases {
        fs::write(scene.desk.path("bad.bundle"), bytes).unwrap();
        for (line, expected) in [
            ("verify --bundle bad.bundle", verdict),
            ("audit --bundle bad.bundle", verdict),
            ("--data a import bad.bundle", 2),
            ("--data b-LANG join bad.bundle", 2),
        ] {
            let (said, exit) = scene.run(line);
            assert_eq!(exit, Some(expected), "{line} {said:?}");
            for said in said {
                assert!(said.contains(&format!("[{code}]")), "{line} {said}");
                assert!(said.contains("ayuda: ") || said.contains("hint: "), "{line} {said}");
            }
            for half in ["b-es", "b-en"] {
                let _not_there = fs::remove_dir_all(scene.desk.path(half));
            }
        }
    }
    assert_eq!(scene.desk.entries("a"), 2);
}

#[test]
fn whichever_byte_of_a_bundle_changes_its_verification_does_not_end_well() {
    let scene = Scene::new();
    for at in (0..scene.good.len()).step_by(23) {
        let mut bytes = scene.good.clone();
        bytes[at] ^= 1;
        fs::write(scene.desk.path("bad.bundle"), bytes).unwrap();
        let output = scene.desk.run("verify --bundle bad.bundle");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(matches!(output.status.code(), Some(2 | 4)), "byte {at}: {said}");
        assert!(!said.contains("All is well"), "byte {at}: {said}");
    }
}

#[test]
fn a_bundle_that_proves_a_fork_is_joined_with_a_finding() {
    let scene = Scene::new();
    let other = scene.next().spoil(|header| header.claimed_at_ms += 5);
    scene.write(&[scene.next().sign(), other.sign()]);
    for command in ["verify", "audit"] {
        let (said, exit) = scene.run(&format!("{command} --bundle bad.bundle"));
        assert_eq!(exit, Some(1), "{said:?}");
    }
    let output = scene.desk.run("--data b join bad.bundle");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("proven forks: 1"), "{said}");
}

#[test]
fn a_folder_given_as_a_bundle_is_said_to_be_one() {
    let scene = Scene::new();
    fs::create_dir(scene.desk.path("folder")).unwrap();
    for command in ["verify --bundle folder", "--data a import folder", "--data b join folder"] {
        let refused = scene.desk.error(command);
        assert_eq!(refused, ("file.unreadable".to_owned(), 2), "{command}");
    }
}

#[test]
fn a_bundle_whose_charter_was_changed_is_blamed_and_nothing_that_is_stored() {
    let scene = Scene::new();
    let mut changed = scene.good.clone();
    changed[100] ^= 1;
    fs::write(scene.desk.path("changed.bundle"), changed).unwrap();
    for command in ["verify --bundle changed.bundle", "--data b join changed.bundle"] {
        let refused = scene.desk.error(command);
        assert_eq!(refused, ("store.bad_charter".to_owned(), 4), "{command}");
        let output = scene.desk.run(&format!("--lang es {command}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("changed.bundle: el acta constitutiva no vale"), "{said}");
        assert!(said.contains("del byte 21 no funda ningún registro: la firma"), "{said}");
    }
}

#[test]
fn a_damaged_bundle_is_told_in_the_caller_s_language_and_what_was_not_checked() {
    let scene = Scene::new();
    let mut cut = scene.good.clone();
    cut.truncate(cut.len() - 9);
    fs::write(scene.desk.path("cut.bundle"), cut).unwrap();
    for command in ["verify --bundle cut.bundle", "--data a import cut.bundle"] {
        let output = scene.desk.run(&format!("--lang es {command}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("dentro del elemento del byte"), "{said}");
        assert!(said.contains("no se comprobó"), "{said}");
        let output = scene.desk.run(command);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("was not checked"), "{said}");
    }
}
