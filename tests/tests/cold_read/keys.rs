// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One key has one head file, by whatever name the key is used.

use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::verify_entry;
use constancia_ledger::store::{HeadError, HeadFile, HeadState, LockPatience};
use constancia_tests::forge::{Forged, public};
use constancia_tests::network::{charter, new_replica};

const SEED: u8 = 11;

#[cfg(unix)]
#[test]
fn a_key_used_by_a_link_has_the_head_of_the_key() {
    let home = tempfile::tempdir().unwrap();
    let ledger = new_replica(&charter(3)).ledger();
    let (key, link) = (home.path().join("firma"), home.path().join("alias"));
    std::fs::write(&key, "a key").unwrap();
    std::os::unix::fs::symlink(&key, &link).unwrap();
    let open = |path| HeadFile::open(path, ledger, public(SEED), LockPatience::None);
    let entry = Forged::after(SEED, ledger, None).entry();
    let entry = verify_entry(entry, ledger, &KnownKeys::new()).unwrap();
    let mut head = open(&key).unwrap();
    head.write(&entry).unwrap();
    assert!(matches!(open(&link), Err(HeadError::Busy { .. })), "two commands sign at once");
    drop(head);
    let head = open(&link).unwrap();
    assert_eq!(head.head().map(HeadState::id), Some(entry.id()));
}
