// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The frontier: which ledger a replica holds, and its root.
//!
//! Order, state and digest come from the entries that the frontier names and their ancestors, and
//! from nothing else that a replica holds.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use crate::fault::{Coded, Fault};
use crate::id::{EntryId, FRONTIER_CONTEXT, FrontierRoot, IdError, PublicKey};

/// Where one feed stands. At least one of the two is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedHead {
    /// Seq and id of the last entry held within the key's cut-off and below its fork.
    pub head: Option<(u64, EntryId)>,
    /// The key's lowest forked seq, where a fork is proven.
    pub forked_seq: Option<u64>,
}

/// Which ledger a replica holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    /// One per key that has written or is known to have forked.
    pub feeds: BTreeMap<PublicKey, FeedHead>,
    /// Entries at which a decision passed or a key retired that are neither a head nor an ancestor
    /// of one.
    pub decisions: BTreeSet<EntryId>,
}

/// Why a message is no frontier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// A key or id has the wrong length.
    #[error("heads[{index}]: not an identifier")]
    Id {
        /// Place in the list.
        index: usize,
        /// What is wrong.
        #[source]
        source: IdError,
    },
    /// Keys out of order or twice.
    #[error("heads are ascending by key and distinct, found {found} out of place")]
    Unsorted {
        /// The key out of place.
        found: PublicKey,
    },
    /// Neither head nor fork: the feed would not be listed.
    #[error("feed {key} has neither a head nor a fork")]
    Empty {
        /// The key.
        key: PublicKey,
    },
    /// A head at or beyond the fork does not count.
    #[error("feed {key}: expected a head below seq {forked_seq}, found seq {found}")]
    HeadAboveFork {
        /// The key.
        key: PublicKey,
        /// The lowest forked seq.
        forked_seq: u64,
        /// The head's.
        found: u64,
    },
    /// Decisions out of order, twice, or no ids.
    #[error("decisions are ascending, distinct entry ids")]
    Decisions,
    /// The text is not hexadecimal protobuf.
    #[error("expected a frontier as hexadecimal text")]
    Text,
}

impl Coded for FrontierError {
    fn code(&self) -> &'static str {
        match self {
            Self::Id { .. } => "frontier.id",
            Self::Unsorted { .. } => "frontier.unsorted",
            Self::Empty { .. } => "frontier.empty",
            Self::HeadAboveFork { .. } => "frontier.head_above_fork",
            Self::Decisions => "frontier.decisions",
            Self::Text => "frontier.text",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }
}

impl Frontier {
    /// The canonical message: keys and decisions ascending.
    pub fn to_message(&self) -> v1::Frontier {
        v1::Frontier {
            heads: self
                .feeds
                .iter()
                .map(|(key, feed)| v1::FrontierHead {
                    key: Bytes::copy_from_slice(key.as_bytes()),
                    seq: feed.head.map_or(0, |(seq, _)| seq),
                    id: feed
                        .head
                        .map_or_else(Bytes::new, |(_, id)| Bytes::copy_from_slice(id.as_bytes())),
                    forked_seq: feed.forked_seq,
                })
                .collect(),
            decisions: self
                .decisions
                .iter()
                .map(|id| Bytes::copy_from_slice(id.as_bytes()))
                .collect(),
        }
    }

    /// Reads a message from outside.
    ///
    /// # Errors
    /// Everything in [`FrontierError`].
    pub fn from_message(message: &v1::Frontier) -> Result<Self, FrontierError> {
        let mut feeds = BTreeMap::new();
        for (index, head) in message.heads.iter().enumerate() {
            let id_error = |source| FrontierError::Id { index, source };
            let key = PublicKey::try_from(&*head.key).map_err(id_error)?;
            if feeds.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(FrontierError::Unsorted { found: key });
            }
            let feed = FeedHead {
                // A seq without an id would be lost in silence: it is no canonical message.
                head: if head.id.is_empty() && head.seq == 0 {
                    None
                } else {
                    Some((head.seq, EntryId::try_from(&*head.id).map_err(id_error)?))
                },
                forked_seq: head.forked_seq,
            };
            if feed.head.is_none() && feed.forked_seq.is_none() {
                return Err(FrontierError::Empty { key });
            }
            if let (Some((found, _)), Some(forked_seq)) = (feed.head, feed.forked_seq)
                && found >= forked_seq
            {
                return Err(FrontierError::HeadAboveFork { key, forked_seq, found });
            }
            feeds.insert(key, feed);
        }
        let mut decisions = BTreeSet::new();
        for bytes in &message.decisions {
            let id = EntryId::from_slice(bytes).ok_or(FrontierError::Decisions)?;
            if decisions.last().is_some_and(|last| *last >= id) {
                return Err(FrontierError::Decisions);
            }
            decisions.insert(id);
        }
        Ok(Self { feeds, decisions })
    }

    /// Digest of the canonical message: BLAKE3 derive-key `constancia v1 frontier`.
    pub fn root(&self) -> FrontierRoot {
        let bytes = self.to_message().encode_to_vec();
        FrontierRoot::from_bytes(blake3::derive_key(FRONTIER_CONTEXT, &bytes))
    }

    /// The canonical message as hexadecimal text: how a past state is pinned.
    pub fn to_text(&self) -> String {
        hex::encode(self.to_message().encode_to_vec())
    }

    /// Reads [`to_text`](Self::to_text).
    ///
    /// # Errors
    /// Everything in [`FrontierError`].
    pub fn from_text(text: &str) -> Result<Self, FrontierError> {
        let bytes = hex::decode(text.trim()).ok().ok_or(FrontierError::Text)?;
        let message = v1::Frontier::decode(&*bytes).ok().ok_or(FrontierError::Text)?;
        if message.encode_to_vec() != bytes {
            return Err(FrontierError::Text);
        }
        Self::from_message(&message)
    }

    /// Ids of every head and decision: the ledger is these and their ancestors.
    pub fn tips(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.feeds
            .values()
            .filter_map(|feed| feed.head.map(|(_, id)| id))
            .chain(self.decisions.iter().copied())
    }
}
