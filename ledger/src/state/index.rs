// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `index.json`: what the state was computed from, and the digest of every document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::frontier::{FeedHead, Frontier};
use crate::id::{EntryId, FrontierRoot, LedgerId, PublicKey};
use crate::order::Moment;

/// Version of the layout of the state documents.
pub const STATE_FORMAT: u32 = 1;

/// Names the state: its BLAKE3 is the state digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexDocument {
    /// Version of the layout of the documents.
    pub format: u32,
    /// The ledger.
    #[serde(with = "crate::state::json::text")]
    pub ledger: LedgerId,
    /// Version of the replay rules.
    pub rules_version: u32,
    /// What the ledger is at.
    pub frontier: FrontierRecord,
    /// The frontier's digest.
    #[serde(with = "crate::state::json::text")]
    pub frontier_root: FrontierRoot,
    /// Which of its entries were replayed.
    pub view: ViewRecord,
    /// The date T that "overdue" is judged at.
    pub judged_at: Moment,
    /// Entries replayed whose payload has not arrived, ascending.
    #[serde(with = "crate::state::json::texts")]
    pub pending: Vec<EntryId>,
    /// Entries replayed.
    #[serde(with = "crate::state::json::text")]
    pub entries: u64,
    /// Events by name, whether they count or not; `unknown_event` and `invalid_event` besides.
    #[serde(with = "crate::state::json::counts")]
    pub events: BTreeMap<String, u64>,
    /// BLAKE3 of every other document, in hexadecimal digits, by name.
    pub documents: BTreeMap<String, String>,
}

/// Which entries of the ledger at the frontier were replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ViewRecord {
    /// All.
    Frontier,
    /// Those that others held by then.
    AsOf {
        /// Witnessed by then.
        until: Moment,
    },
    /// Those that say to be from then or before.
    AsClaimed {
        /// Effective by then.
        until: Moment,
    },
}

/// A frontier in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontierRecord {
    /// Ascending by key.
    pub feeds: Vec<FeedRecord>,
    /// Entries at which a decision passed that are neither head nor ancestor of one, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::state::json::texts")]
    pub decisions: Vec<EntryId>,
}

/// Where a feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedRecord {
    /// The key.
    #[serde(with = "crate::state::json::text")]
    pub key: PublicKey,
    /// Seq of its last entry below its fork; absent: it has none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub seq: Option<u64>,
    /// That entry.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub head: Option<EntryId>,
    /// The key's lowest proven fork.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub forked_seq: Option<u64>,
}

impl From<&Frontier> for FrontierRecord {
    fn from(frontier: &Frontier) -> Self {
        Self {
            feeds: frontier
                .feeds
                .iter()
                .map(|(key, feed)| FeedRecord {
                    key: *key,
                    seq: feed.head.map(|(seq, _)| seq),
                    head: feed.head.map(|(_, id)| id),
                    forked_seq: feed.forked_seq,
                })
                .collect(),
            decisions: frontier.decisions.iter().copied().collect(),
        }
    }
}

impl From<&FrontierRecord> for Frontier {
    fn from(record: &FrontierRecord) -> Self {
        Self {
            feeds: record
                .feeds
                .iter()
                .map(|feed| {
                    let head = feed.seq.zip(feed.head);
                    (feed.key, FeedHead { head, forked_seq: feed.forked_seq })
                })
                .collect(),
            decisions: record.decisions.iter().copied().collect(),
        }
    }
}
