// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the other side's frontier lacks of what this replica holds, in order of arrival.
//!
//! Arrival puts every parent before its child. Feeds are merged lazily: nothing is held in memory
//! but a few entry ids for each feed.

use std::collections::{BTreeMap, VecDeque};

use super::search::Search;
use crate::frontier::{FeedHead, Frontier};
use crate::id::{EntryId, PublicKey};
use crate::replica::Replica;
use crate::store::StoreError;

/// Where one feed's next entry to send stands.
#[derive(Debug)]
struct Cursor {
    key: PublicKey,
    seq: u64,
    last_seq: u64,
    id: EntryId,
    /// The entries after it with their places in the log, as far as they have been looked up.
    following: VecDeque<(EntryId, u64)>,
}

/// Entries of a feed that are looked up at a time.
const RUN_ENTRIES: usize = 64;

/// Entries that the other side lacks, by arrival.
#[derive(Debug, Default)]
pub(super) struct Missing {
    by_arrival: BTreeMap<u64, Cursor>,
}

/// What there is to do about one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FeedPlan {
    /// The other side has all that this side has.
    Nothing,
    /// It lacks these.
    Send { first_seq: u64, last_seq: u64 },
    /// Its head is not on this side's branch.
    Search { below: u64 },
}

impl Missing {
    /// Compares the frontiers: what to send, and in which feeds the branches part.
    pub(super) fn compare(
        replica: &Replica,
        theirs: &Frontier,
    ) -> Result<(Self, BTreeMap<PublicKey, Search>), StoreError> {
        let mut missing = Self::default();
        let mut searches = BTreeMap::new();
        for (key, feed) in &replica.frontier().feeds {
            match plan_feed(replica, key, feed, theirs.feeds.get(key))? {
                FeedPlan::Nothing => {}
                FeedPlan::Send { first_seq, last_seq } => {
                    missing.add(replica, *key, (first_seq, last_seq), VecDeque::new())?;
                }
                FeedPlan::Search { below } => {
                    searches.insert(*key, Search::below(below));
                }
            }
        }
        Ok((missing, searches))
    }

    /// The next entry to send, and its place in the log.
    pub(super) fn peek(&self) -> Option<(EntryId, u64)> {
        self.by_arrival.first_key_value().map(|(arrival, cursor)| (cursor.id, *arrival))
    }

    /// Goes on to the next one.
    pub(super) fn advance(&mut self, replica: &Replica) -> Result<(), StoreError> {
        if let Some((_, cursor)) = self.by_arrival.pop_first()
            && cursor.seq < cursor.last_seq
        {
            let seqs = (cursor.seq.saturating_add(1), cursor.last_seq);
            self.add(replica, cursor.key, seqs, cursor.following)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        replica: &Replica,
        key: PublicKey,
        (seq, last_seq): (u64, u64),
        mut following: VecDeque<(EntryId, u64)>,
    ) -> Result<(), StoreError> {
        // Below the key's end a slot has one entry. An end that came to light meanwhile ends the
        // feed: the other side gets the proof, or the decision.
        if replica.find_end(&key).is_some_and(|end| end.seq() <= seq) {
            return Ok(());
        }
        if following.is_empty() {
            following = replica.find_run(&key, (seq, last_seq), RUN_ENTRIES)?.into();
        }
        if let Some((id, arrival)) = following.pop_front() {
            self.by_arrival.insert(arrival, Cursor { key, seq, last_seq, id, following });
        }
        Ok(())
    }
}

fn plan_feed(
    replica: &Replica,
    key: &PublicKey,
    mine: &FeedHead,
    theirs: Option<&FeedHead>,
) -> Result<FeedPlan, StoreError> {
    let Some((my_seq, my_id)) = mine.head else {
        return Ok(FeedPlan::Nothing);
    };
    let (their_head, their_fork) = match theirs {
        Some(feed) => (feed.head, feed.forked_seq),
        None => (None, None),
    };
    let first_seq = match their_head {
        None => 0,
        // The other side looks whether my head is on its branch.
        Some((seq, _)) if seq > my_seq => return Ok(FeedPlan::Nothing),
        Some((seq, id)) if seq == my_seq => {
            // Both see it: the side with the smaller head searches.
            return Ok(if my_id < id {
                FeedPlan::Search { below: seq }
            } else {
                FeedPlan::Nothing
            });
        }
        Some((seq, id)) => {
            if !replica.find_slot(key, seq)?.contains(&id) {
                return Ok(FeedPlan::Search { below: seq });
            }
            seq.saturating_add(1)
        }
    };
    let last_seq = match their_fork {
        None => my_seq,
        Some(0) => return Ok(FeedPlan::Nothing),
        Some(forked) => my_seq.min(forked.saturating_sub(1)),
    };
    Ok(if first_seq <= last_seq {
        FeedPlan::Send { first_seq, last_seq }
    } else {
        FeedPlan::Nothing
    })
}
