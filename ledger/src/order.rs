// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where an entry stands in the ledger's one order, and since when others hold it.
//!
//! The order is (height, author bytes, seq). Where a fork put two entries into one slot, the id
//! decides between them. Claimed time never orders anything.

mod moment;
mod witness;

use crate::chain::EntryFacts;
use crate::id::{EntryId, PublicKey};

pub use moment::{Moment, MomentError};
pub(crate) use witness::{Ancestry, Witnesses};

/// A place in the order. An entry always stands after its ancestors.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// 1 + the greatest height among the parents.
    #[serde(with = "crate::state::json::text")]
    pub height: u64,
    /// Whose feed.
    #[serde(with = "crate::state::json::text")]
    pub author: PublicKey,
    /// Place in the feed.
    #[serde(with = "crate::state::json::text")]
    pub seq: u64,
    /// Decides only between two entries of one slot.
    #[serde(with = "crate::state::json::text")]
    pub id: EntryId,
}

impl Place {
    /// The place of a held entry.
    pub const fn of(facts: &EntryFacts) -> Self {
        Self { height: facts.height, author: facts.author, seq: facts.seq, id: facts.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(height: u64, author: u8, seq: u64, id: u8) -> Place {
        Place {
            height,
            author: PublicKey::from_bytes([author; 32]),
            seq,
            id: EntryId::from_bytes([id; 32]),
        }
    }

    #[test]
    fn height_comes_first_then_author_then_seq_then_id() {
        let ordered = [
            place(0, 9, 9, 9),
            place(1, 1, 5, 9),
            place(1, 2, 0, 9),
            place(1, 2, 1, 8),
            place(1, 2, 1, 9),
        ];
        assert!(ordered.is_sorted());
    }
}
