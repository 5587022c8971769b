// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Who did something, with which key, and when.

use serde::{Deserialize, Serialize};

use crate::event::name::Slug;
use crate::id::{EntryId, PublicKey};
use crate::order::{Moment, Place};

/// The entry behind something that the state shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The entry.
    #[serde(with = "crate::state::json::text")]
    pub entry: EntryId,
    /// Whose key wrote it.
    pub member: Slug,
    /// The key, and who holds it.
    pub signer: Signer,
    /// Place in the feed.
    #[serde(with = "crate::state::json::text")]
    pub seq: u64,
    /// 1 + the greatest height among the parents: with author and seq the place in the order.
    #[serde(with = "crate::state::json::text")]
    pub height: u64,
    /// The author's clock.
    pub claimed_at: Moment,
    /// The greatest claimed time among the entry and its ancestors.
    pub effective_at: Moment,
    /// Since when another member holds it; absent: no other member's entry shows that it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed_at: Option<Moment>,
    /// Why it is an exercise; absent: it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
}

impl Act {
    /// Where it stands in the ledger's order.
    pub const fn place(&self) -> Place {
        Place { height: self.height, author: self.signer.key, seq: self.seq, id: self.entry }
    }
}

/// The key that signed, and the office that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The key.
    #[serde(with = "crate::state::json::text")]
    pub key: PublicKey,
    /// The office, as the key's grant names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
}
