// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A data folder on the real disk: made once, held once, opened again.

use constancia_ledger::id::hash_attachment;
use constancia_ledger::store::{
    EntryLog as _, LockPatience, OpenStore, RowsFound, StoreError, StoreFolder,
};

use crate::scene::{MARKER, ledger, records, scan_records};

fn open(folder: &StoreFolder) -> Result<OpenStore, StoreError> {
    folder.clone().open(LockPatience::None, &|_| None)
}

#[test]
fn a_folder_is_made_once_and_opened_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = StoreFolder::new(parent.path().join("deep/data"));
    assert!(matches!(open(&folder), Err(StoreError::NoLedger { .. })));
    assert!(!folder.root().exists(), "a mistyped path stays as it is");
    let mut store = folder.clone().create(ledger(), MARKER).unwrap();
    store.log.append(&records(0, 3)).unwrap();
    drop(store);
    let refused = folder.clone().create(ledger(), MARKER).unwrap_err();
    assert!(matches!(refused, StoreError::LedgerExists { .. }), "{refused}");
    let store = open(&folder).unwrap();
    assert_eq!(scan_records(&store.log), records(0, 3));
    assert_eq!((store.rows_found, store.notices.len()), (RowsFound::Sealed, 0));
}

#[test]
fn a_folder_is_held_once_and_says_by_whom() {
    let parent = tempfile::tempdir().unwrap();
    let folder = StoreFolder::new(parent.path().join("data"));
    let mut store = folder.clone().create(ledger(), MARKER).unwrap();
    store.lock.set_address("127.0.0.1:4711").unwrap();
    for refused in [open(&folder), folder.clone().create(ledger(), MARKER)] {
        let refused = refused.unwrap_err();
        let StoreError::Locked { holder, .. } = &refused else {
            panic!("{refused}");
        };
        assert_eq!(holder.address.as_deref(), Some("127.0.0.1:4711"));
    }
    drop(store);
    open(&folder).unwrap();
}

#[test]
fn an_attachment_is_what_its_hash_says() {
    let parent = tempfile::tempdir().unwrap();
    let folder = StoreFolder::new(parent.path());
    let (salt, content) = ([5; 16], b"evidence");
    let hash = hash_attachment(&salt, content);
    assert_eq!(folder.get_attachment(&hash, &salt).unwrap(), None);
    let refused = folder.put_attachment(&hash, &salt, b"another").unwrap_err();
    assert!(matches!(refused, StoreError::AttachmentHash { .. }));
    for _ in 0..2 {
        folder.put_attachment(&hash, &salt, content).unwrap();
        assert_eq!(folder.get_attachment(&hash, &salt).unwrap().unwrap(), content);
    }
    let file = std::fs::read_dir(folder.attachments_path()).unwrap().next().unwrap().unwrap();
    std::fs::write(file.path(), b"evidencf").unwrap();
    let damaged = folder.get_attachment(&hash, &salt).unwrap_err();
    assert!(matches!(damaged, StoreError::AttachmentDamaged { .. }));
    // What is damaged is put back.
    folder.put_attachment(&hash, &salt, content).unwrap();
    assert_eq!(folder.get_attachment(&hash, &salt).unwrap().unwrap(), content);
}
