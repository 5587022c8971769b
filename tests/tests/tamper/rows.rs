// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every row of an index removed or changed, behind the back of the database's own checks: made anew
//! at opening, and named by verification where it happens to a replica that is open.

use constancia_ledger::store::{Row, Rows as _};
use constancia_tests::everything::Holding;

use crate::scene::{Whole, case, verify};

/// Every row, with what it is changed to: removed, and each of its bytes another.
fn lies(whole: &Whole) -> Vec<(String, Row, Option<Vec<u8>>)> {
    let rows = whole.scene().rows.range(&[0], &[255; 70], 1_000_000).unwrap();
    let mut lies = Vec::new();
    for (n, (key, value)) in rows.into_iter().enumerate() {
        let kind = char::from(key[0]);
        lies.push((format!("row {n} of kind {kind} removed"), (key, value.clone()), None));
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 1 << (at % 8);
            let name = format!("row {n} of kind {kind}, byte {at}");
            lies.push((name, (key, value.clone()), Some(changed)));
        }
    }
    lies
}

#[test]
fn an_index_with_any_row_removed_or_any_byte_of_it_changed_is_made_anew() {
    let whole = Whole::new();
    for (n, (name, (key, _), change)) in lies(&whole).into_iter().enumerate() {
        let is_meta = *key == *b"m";
        // Every lie about what the rows cover; of the many about single rows every seventh.
        if !is_meta && change.is_some() && n % 7 != 0 {
            continue;
        }
        let scene = whole.scene();
        scene.rows.apply(vec![(key, change)]).unwrap();
        case(&name, || {
            let (replica, recovery, _) = scene.open().unwrap();
            assert!(recovery.is_sound());
            assert!(recovery.rebuilt.is_some() || is_meta);
            assert!(Holding::of(&replica).unwrap() == *whole.everything.holding());
            assert!(verify(&replica).is_sound());
        });
    }
}

#[test]
fn any_row_removed_or_changed_while_a_replica_is_open_is_named_by_verification() {
    let whole = Whole::new();
    let scene = whole.scene();
    let (replica, _, _) = scene.open().unwrap();
    for (name, (key, value), change) in lies(&whole) {
        if *key == *b"m" {
            continue;
        }
        scene.rows.apply(vec![(key, change)]).unwrap();
        let damages = case(&name, || verify(&replica).damages);
        assert!(!damages.is_empty(), "{name} went unseen");
        assert!(damages.iter().all(|damage| damage.code == "store.index_damaged"), "{damages:?}");
        scene.rows.apply(vec![(key, Some(value))]).unwrap();
    }
    assert!(verify(&replica).is_sound());
}
