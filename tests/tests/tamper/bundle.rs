// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every byte of a bundle changed, every length cut: refused with a code that names the place, or
//! the one entry that was changed is.

use std::sync::Arc;

use constancia_ledger::bundle::{BundleError, Imported, export, import, open_bundle};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::replica::Replica;
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_tests::everything::{Everything, Holding, take};
use constancia_tests::network::new_replica;

use crate::scene::case;

fn written() -> (Holding, Vec<u8>) {
    let everything = Everything::new();
    let mut replica = new_replica(&everything.charter);
    for act in &everything.acts {
        take(&mut replica, act).unwrap();
    }
    let mut file = Vec::new();
    export(&replica, None, &mut file).unwrap();
    let (copy, _) = read_into_new(&file).unwrap();
    (Holding::of(&copy).unwrap(), file)
}

fn read_into_new(file: &[u8]) -> Result<(Replica, Imported), BundleError> {
    let bundle = open_bundle(file)?;
    let log = Box::new(MemoryLog::default());
    let mut replica = Replica::found(bundle.charter()?, log, Arc::new(MemoryRows::default()))?;
    let imported = import(bundle, &mut replica, &mut |_| ())?;
    Ok((replica, imported))
}

/// The changed file is refused, or what was changed in it is, and nothing else got in than what was
/// written.
fn assert_noticed(name: &str, whole: &Holding, file: &[u8]) {
    match case(name, || read_into_new(file)) {
        Err(error) => {
            let code = error.code();
            let own = ["bundle.", "store.bad_charter"].iter().any(|kind| code.starts_with(kind));
            assert!(own, "{name}: {code}");
        }
        Ok((copy, imported)) => {
            assert!(imported.refused_count > 0, "{name} went unseen");
            let codes: Vec<_> = imported.refused.iter().map(|refused| refused.code).collect();
            assert!(codes.iter().all(|code| !code.is_empty()), "{name}: {codes:?}");
            let held = Holding::of(&copy).unwrap();
            assert!(whole.covers(&held), "{name} let something else in");
            assert_ne!(held, *whole, "{name}: refused, and in all the same");
        }
    }
}

#[test]
fn every_flipped_byte_of_a_bundle_is_noticed() {
    let (whole, file) = written();
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1 << (at % 8);
        assert_noticed(&format!("byte {at}"), &whole, &changed);
    }
}

#[test]
fn a_bundle_cut_at_every_length_is_refused_and_says_where_it_ends() {
    let (_, file) = written();
    for len in 0..file.len() {
        let name = format!("cut to {len}");
        let error = case(&name, || read_into_new(&file[..len])).map(|_| ()).expect_err(&name);
        assert!(error.code().starts_with("bundle."), "{name}: {}", error.code());
    }
}

#[test]
fn every_byte_put_in_or_taken_out_of_a_bundle_is_noticed() {
    let (whole, file) = written();
    for at in 0..=file.len() {
        let mut longer = file.clone();
        longer.insert(at, 0x0a);
        assert_noticed(&format!("a byte put in at {at}"), &whole, &longer);
        if at < file.len() {
            let mut shorter = file.clone();
            shorter.remove(at);
            assert_noticed(&format!("byte {at} taken out"), &whole, &shorter);
        }
    }
}
