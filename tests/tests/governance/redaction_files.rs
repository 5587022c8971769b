// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R30 beside the log: the files that a redacted payload alone named go with it, from every folder, and
//! no peer gets them; a node's head file does not keep it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use constancia_ledger::entry::decode_entry;
use constancia_ledger::id::hash_attachment;
use constancia_ledger::replica::Origin;
use constancia_ledger::store::{HeadFile, HeadState, LockPatience, StoreFolder};
use constancia_node::acknowledger::NodeKey;
use constancia_node::client::PeerConnection;
use constancia_node::node::NodeConfig;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_tests::acts::report_of;
use constancia_tests::nodes::{address, config, found, start};
use constancia_tests::people::Desk;
use tempfile::tempdir;

use super::redaction::{SECRET, redact};
use super::{AT, pass, retire_key, standing};

const SALT: [u8; 16] = [7; 16];
/// What the redacted report alone names, and what another one names too.
const ALONE: &[u8] = b"the file of one report";
const SHARED: &[u8] = b"the file of two reports";

fn hash(content: &[u8]) -> [u8; 32] {
    hash_attachment(&SALT, content)
}

fn report(when: &str, value: &str, files: &[&[u8]]) -> Body {
    let evidence = files.iter().map(|content| v1::Attachment {
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        length: u64::try_from(content.len()).unwrap(),
        salt: SALT.to_vec().into(),
        hash: hash(content).to_vec().into(),
        description: String::new(),
    });
    Body::Report(v1::Report { evidence: evidence.collect(), ..report_of("I-01", when, value) })
}

/// What was written until a redaction, and the decision.
fn history() -> (Vec<v1::SignedEntry>, Vec<v1::SignedEntry>) {
    let mut desk = Desk::found(4);
    let reported = desk.write(0, AT, report("2023", SECRET, &[ALONE, SHARED]));
    desk.write(1, AT, report("2022", "1", &[SHARED]));
    let before = desk.messages();
    let proposed = desk.write(1, AT, redact(reported));
    pass(&mut desk, proposed, &[1, 2, 3]);
    let decision = desk.messages().into_iter().skip(before.len()).collect();
    (before, decision)
}

/// A folder that holds everything until the redaction, with both files.
fn keep(folder: &Path, before: &[v1::SignedEntry]) -> OpenLedger {
    let charter = decode_entry(before[0].clone()).unwrap();
    let ledger = found(folder, &charter);
    for content in [ALONE, SHARED] {
        let folder = ledger.folder.as_ref().unwrap();
        folder.put_attachment(&hash(content), &SALT, content).unwrap();
        fs::create_dir_all(folder.evidence_path()).unwrap();
        fs::write(folder.evidence_note_path(&hash(content)), "a.txt").unwrap();
    }
    take(&ledger, &before[1..]).unwrap();
    ledger
}

fn take(ledger: &OpenLedger, messages: &[v1::SignedEntry]) -> Result<(), String> {
    let offered = messages.iter().cloned().map(decode_entry).collect();
    let ingested = ledger.live.ingest_blocking(offered, Origin::Local);
    ingested.map(|_| ()).map_err(|error| error.to_string())
}

/// Whether the folder has a file, and whether it has its note.
fn has(folder: &StoreFolder, content: &[u8]) -> (bool, bool) {
    let file = folder.get_attachment(&hash(content), &SALT).unwrap();
    (file.is_some(), folder.evidence_note_path(&hash(content)).exists())
}

fn log_has_secret(folder: &StoreFolder) -> bool {
    let files = fs::read_dir(folder.log_path()).unwrap();
    files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .any(|bytes| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_redacted_report_alone_named_is_gone_and_no_peer_gets_it() {
    let (before, decision) = history();
    let home = tempdir().unwrap();
    let ledger = keep(&home.path().join("1"), &before);
    let folder = ledger.folder.clone().unwrap();
    assert_eq!((has(&folder, ALONE), has(&folder, SHARED)), ((true, true), (true, true)));
    take(&ledger, &decision).unwrap();
    assert_eq!((has(&folder, ALONE), has(&folder, SHARED)), ((false, false), (true, true)));
    let other = StoreFolder::new(home.path().join("2"));
    let ledger_id = ledger.live.ledger();
    let node = start(ledger, config(&[])).await;
    let connection = PeerConnection::open(&address(&node)).await.unwrap();
    let fetch = async |content: &[u8]| {
        connection.fetch_attachment(ledger_id, (hash(content), SALT), &other).await.unwrap()
    };
    assert_eq!((fetch(ALONE).await, fetch(SHARED).await), (false, true));
    node.shutdown().await.unwrap();
}

#[test]
fn a_file_that_could_not_be_removed_keeps_the_payload_that_names_it_until_the_next_opening() {
    let (before, decision) = history();
    let home = tempdir().unwrap();
    let ledger = keep(home.path(), &before);
    let folder = ledger.folder.clone().unwrap();
    // As on a disk that refuses: what stands there cannot be removed.
    let path = folder.attachments_path().join(hex::encode(hash(ALONE)));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    take(&ledger, &decision).unwrap_err();
    assert!(log_has_secret(&folder));
    drop(ledger);

    fs::remove_dir(&path).unwrap();
    folder.put_attachment(&hash(ALONE), &SALT, ALONE).unwrap();
    let ledger = OpenLedger::open(folder.clone(), LockPatience::JustKilled).unwrap();
    ledger.require_sound().unwrap();
    assert_eq!((has(&folder, ALONE), has(&folder, SHARED)), ((false, false), (true, true)));
    assert!(!log_has_secret(&folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_s_head_file_keeps_no_redacted_payload_although_its_key_signs_no_more() {
    let mut desk = Desk::found(4);
    let acknowledged = desk.acknowledge(0, AT);
    let head = desk.replica.read_entry(&acknowledged).unwrap().unwrap();
    let own = desk.people[0].node_key();
    desk.write(0, AT, retire_key(&own));
    let proposed = desk.write(1, AT, redact(acknowledged));
    pass(&mut desk, proposed, &[1, 2, 3]);
    assert_eq!(standing(&desk, acknowledged), "redacted");

    let home = tempdir().unwrap();
    let key_path = home.path().join("node.key");
    let open = || HeadFile::open(&key_path, desk.ledger(), own, LockPatience::JustKilled).unwrap();
    open().adopt(&head).unwrap();
    assert!(open().has_payload());
    let messages = desk.messages();
    let charter = decode_entry(messages[0].clone()).unwrap();
    let ledger = found(&home.path().join("ledger"), &charter);
    take(&ledger, &messages[1..]).unwrap();
    let signer = Arc::new(desk.people[0].node.clone());
    let key = NodeKey { public: own, signer, key_path: Some(key_path.clone()) };
    let node = start(ledger, NodeConfig { key: Some(key), ..config(&[]) }).await;
    let request = v1::AcknowledgeNowRequest {};
    let reply = node.client().acknowledge_now(request).await.unwrap().into_inner();
    assert!(reply.id.is_empty(), "it wrote nothing that would take the head's place");
    node.shutdown().await.unwrap();
    let file = open();
    assert_eq!((file.has_payload(), file.head().map(HeadState::id)), (false, Some(acknowledged)));
}
