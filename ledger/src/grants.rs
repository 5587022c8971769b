// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whose keys may write: what decides whether a feed is stored at all.
//!
//! A stranger's feed is never stored. Whether what a granted key wrote *counts* is not decided
//! here but by the replay.

use std::collections::BTreeMap;

use crate::entry::verify::KnownKeys;
use crate::event::KeyScope;
use crate::id::PublicKey;

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The member's slug.
    pub member: String,
    /// What the key may do.
    pub scope: KeyScope,
}

/// The keys that the ledger grants, by key.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    by_key: BTreeMap<PublicKey, Grant>,
    known: KnownKeys,
}

impl Grants {
    /// Records a grant. The first grant of a key says whose it is; a later one changes nothing.
    pub fn add(&mut self, key: PublicKey, grant: Grant) {
        if let Some(point) = key.to_verifying_key() {
            self.by_key.entry(key).or_insert(grant);
            self.known.insert(key, point);
        }
    }

    /// Whose key it is, if it is anybody's.
    pub fn find(&self, key: &PublicKey) -> Option<&Grant> {
        self.by_key.get(key)
    }

    /// Every grant, ascending by key.
    pub fn iter(&self) -> impl Iterator<Item = (&PublicKey, &Grant)> {
        self.by_key.iter()
    }

    /// The keys, decompressed, for verification.
    pub const fn known_keys(&self) -> &KnownKeys {
        &self.known
    }
}
