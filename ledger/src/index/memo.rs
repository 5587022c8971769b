// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What has been read of rows while a batch is staged, decoded: nearly every entry follows one that
//! came just before it, and is asked for several times.
//!
//! Says nothing that the rows do not say: whoever changes a row changes what is remembered of it.

#[expect(clippy::disallowed_types, reason = "asked by key alone, never gone through")]
use std::collections::HashMap;

use super::EntryRow;
use crate::id::{EntryId, PublicKey};

/// Rows that are there, by what they are asked for.
#[expect(clippy::disallowed_types, reason = "asked by key alone, never gone through")]
#[derive(Debug, Default)]
pub(super) struct Memo {
    entries: HashMap<EntryId, EntryRow>,
    /// For each key the next seq above all that is held of it.
    next_seqs: HashMap<PublicKey, u64>,
}

impl Memo {
    pub(super) fn entry(&self, id: &EntryId) -> Option<EntryRow> {
        self.entries.get(id).copied()
    }

    pub(super) fn set_entry(&mut self, row: EntryRow) {
        self.entries.insert(row.facts.id, row);
    }

    pub(super) fn next_seq(&self, author: &PublicKey) -> Option<u64> {
        self.next_seqs.get(author).copied()
    }

    pub(super) fn set_next_seq(&mut self, author: PublicKey, next: u64) {
        self.next_seqs.insert(author, next);
    }

    /// An entry of this key has its place at this seq.
    pub(super) fn note_seq(&mut self, author: &PublicKey, seq: u64) {
        if let Some(next) = self.next_seqs.get_mut(author) {
            *next = seq.saturating_add(1).max(*next);
        }
    }
}
