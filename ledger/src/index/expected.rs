// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which rows there have to be, as they follow from the log alone, and whether there are these and no
//! others.
//!
//! Entries are met in order of arrival and no row is looked up for any of them: what an entry newly
//! saw follows from what was met before, which is kept in memory. At the end every row is read once,
//! in order, and compared. A row is never taken for another because digests agree, so whoever writes
//! an index has nothing to forge: what is compared are the rows. It says yes or no; what is wrong,
//! [`RowCheck`](super::RowCheck) finds.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::check::{count, find, find_mut, must_governance_know};
use super::row::{decode_fork, decode_slot, encode_lanes, key, trailing_id, trailing_key};
use super::{EntryRow, Index as _, LaneRow, RowsSum, SeenRow, Sight};
use crate::chain::EntryFacts;
use crate::id::{EntryId, PublicKey};
use crate::store::{Position, Row, Rows, StoreError};

/// Rows of what was newly seen that are kept in memory: 16 bytes each, 64 MiB, and hardly ever five
/// times as much, where nobody has seen anybody twice. The entries of a ledger that has as many take
/// more than that themselves, unless somebody writes to make it so.
const SEEN_ROWS_MAX: u64 = 1 << 22;

/// Entries that were read from the log.
pub(crate) trait Logged: Sync + std::fmt::Debug {
    /// The entry that arrived as number `arrival`.
    fn arrived(&self, arrival: u64) -> Option<EntryFacts>;
}

/// What the log says as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogSays<'a> {
    /// Its entries.
    pub(crate) entries: &'a dyn Logged,
    /// Entries that were logged without their payload, as their rows have to be now, but for lanes.
    pub(crate) bare: &'a BTreeMap<EntryId, EntryRow>,
    /// The lowest fork of each key.
    pub(crate) forked: &'a BTreeMap<PublicKey, u64>,
    /// Entries whose payload is waited for.
    pub(crate) pending: &'a BTreeSet<EntryId>,
}

/// The rows of an index, as the log wants them.
#[derive(Debug, Default)]
pub(crate) struct ExpectedRows {
    /// Where each entry stands, by arrival.
    places: Vec<Place>,
    lanes: Vec<Lane>,
    /// Arrivals of entries that governance must know, ascending.
    governing: Vec<u64>,
    seen_rows: u64,
    /// Room to work in, by lane: how far the entry that is met has seen it.
    reach: Vec<Option<u64>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    lane: u32,
    position: Position,
}

#[derive(Debug)]
struct Lane {
    row: LaneRow,
    /// What it has seen at its head.
    sights: SeenRow,
    /// For each lane that it has seen: from which of its own seqs on how far, ascending.
    history: BTreeMap<u32, Vec<(u64, u64)>>,
}

impl ExpectedRows {
    /// Meets the next entry of the log; `parents` are its own, the predecessor first.
    pub(crate) fn meet(&mut self, facts: &EntryFacts, position: Position, parents: &[EntryFacts]) {
        // What a predecessor has seen, its lane has seen.
        let (lane, others) = match parents.split_first() {
            Some((prev, seen)) => match self.extend(facts, prev) {
                Some(lane) => (lane, seen),
                None => (self.begin_lane(facts), parents),
            },
            None => (self.begin_lane(facts), parents),
        };
        self.places.push(Place { lane, position });
        if must_governance_know(facts) {
            self.governing.push(facts.arrival);
        }
        if !others.is_empty() {
            self.see(lane, facts.seq, others);
        }
    }

    /// Whether there is more than is kept in memory: then nothing is said.
    pub(crate) const fn is_too_large(&self) -> bool {
        self.seen_rows > SEEN_ROWS_MAX
    }

    /// How many lanes there have to be.
    pub(crate) fn count_lanes(&self) -> u32 {
        u32::try_from(self.lanes.len()).unwrap_or(u32::MAX)
    }

    /// The sum of all rows, where they are those that there have to be, row for row. Of proofs of
    /// forks it looks only at whose they are.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn sum_if_equal(
        &self,
        rows: &dyn Rows,
        log: LogSays<'_>,
    ) -> Result<Option<RowsSum>, StoreError> {
        let kinds = key::PREFIXES.into_par_iter().with_max_len(1);
        let kinds = kinds.map(|prefix| self.sum_kind(rows, log, prefix));
        kinds.try_reduce(
            || Some(RowsSum::default()),
            |one, other| Ok(one.zip(other).map(|(one, other)| one.with(other))),
        )
    }

    fn sum_kind(
        &self,
        rows: &dyn Rows,
        log: LogSays<'_>,
        prefix: u8,
    ) -> Result<Option<RowsSum>, StoreError> {
        let entries = count(self.places.len());
        match prefix {
            key::ENTRY => {
                let holds = |key: &[u8], value: &[u8]| self.is_entry(log, key, value);
                sum_distinct(rows, prefix, entries, holds)
            }
            key::SLOT => {
                let holds = |key: &[u8], value: &[u8]| self.is_slot(log, key, value);
                sum_distinct(rows, prefix, entries, holds)
            }
            key::ARRIVAL => sum_listed(
                rows,
                prefix,
                (0..entries).map(|arrival| {
                    let id = log.entries.arrived(arrival).map(|facts| facts.id.as_bytes().to_vec());
                    (key::arrival(arrival), id.unwrap_or_default())
                }),
            ),
            key::GOVERNING => sum_listed(
                rows,
                prefix,
                self.governing.iter().map(|arrival| {
                    let id =
                        log.entries.arrived(*arrival).map(|facts| facts.id.as_bytes().to_vec());
                    (key::governing(*arrival), id.unwrap_or_default())
                }),
            ),
            key::LANE => {
                let lanes = (0..).zip(&self.lanes);
                sum_listed(rows, prefix, lanes.map(|(n, lane)| (key::lane(n), lane.row.encode())))
            }
            key::KEY_LANES => {
                let mut of_keys: BTreeMap<PublicKey, Vec<u32>> = BTreeMap::new();
                for (number, lane) in (0..).zip(&self.lanes) {
                    of_keys.entry(lane.row.author).or_default().push(number);
                }
                let lanes = of_keys.iter();
                sum_listed(
                    rows,
                    prefix,
                    lanes.map(|(author, lanes)| (key::key_lanes(author), encode_lanes(lanes))),
                )
            }
            key::SEEN => sum_listed(rows, prefix, self.list_seen()),
            key::SEEN_AT_HEAD => {
                let lanes = (0..).zip(&self.lanes);
                let seeing = lanes.filter(|(_, lane)| !lane.sights.lanes.is_empty());
                sum_listed(
                    rows,
                    prefix,
                    seeing.map(|(n, lane)| (key::seen_at_head(n), lane.sights.encode())),
                )
            }
            key::PENDING => {
                let pending = log.pending.iter();
                sum_listed(rows, prefix, pending.map(|id| (key::pending(id), Vec::new())))
            }
            key::FORK => sum_distinct(rows, prefix, count(log.forked.len()), |key, value| {
                let (seq, _proof) = decode_fork(value.to_vec())?;
                Ok(log.forked.get(&trailing_key(key)?) == Some(&seq))
            }),
            // Nobody asks for a kind that is none.
            _ => Ok(None),
        }
    }

    fn is_entry(&self, log: LogSays<'_>, key: &[u8], value: &[u8]) -> Result<bool, StoreError> {
        let id = trailing_id(key)?;
        let found = EntryRow::decode(id, value)?;
        // By the arrival that the row says: it is the log's, or the row is wrong.
        let facts = log.entries.arrived(found.facts.arrival).filter(|facts| facts.id == id);
        let Some(facts) = facts.filter(|_| key.get(1..) == Some(id.as_bytes())) else {
            return Ok(false);
        };
        let Some(Place { lane, position }) = self.place(&facts) else {
            return Ok(false);
        };
        let bare = log.bare.get(&id).filter(|_| !facts.has_payload);
        let expected = match bare {
            Some(bare) => EntryRow { lane, ..*bare },
            None => EntryRow { facts, lane, position, late_payload: None },
        };
        Ok(found == expected)
    }

    fn is_slot(&self, log: LogSays<'_>, key: &[u8], value: &[u8]) -> Result<bool, StoreError> {
        let (id, arrival) = decode_slot(value)?;
        let facts = log.entries.arrived(arrival).filter(|facts| facts.id == id);
        let placed = facts.and_then(|facts| Some((facts, self.place(&facts)?)));
        Ok(placed
            .is_some_and(|(facts, place)| *key == *key::slot(&facts.author, facts.seq, place.lane)))
    }

    /// What each entry was the first of its lane to see, in the order of the rows.
    fn list_seen(&self) -> impl Iterator<Item = Row> {
        (0..).zip(&self.lanes).flat_map(|(of, lane)| {
            lane.history.iter().flat_map(move |(other, notes)| {
                notes.iter().map(move |(since, how_far)| {
                    (key::seen(of, *other, *since), how_far.to_be_bytes().to_vec())
                })
            })
        })
    }

    fn place(&self, facts: &EntryFacts) -> Option<Place> {
        self.places.get(usize::try_from(facts.arrival).ok()?).copied()
    }

    /// Goes on with the lane of the predecessor, where that is its head.
    fn extend(&mut self, facts: &EntryFacts, prev: &EntryFacts) -> Option<u32> {
        let number = self.place(prev)?.lane;
        let lane = &mut find_mut(&mut self.lanes, number)?.row;
        if lane.author != facts.author || lane.head != prev.id {
            return None;
        }
        (lane.head, lane.head_seq) = (facts.id, facts.seq);
        Some(number)
    }

    fn begin_lane(&mut self, facts: &EntryFacts) -> u32 {
        let number = self.count_lanes();
        let row = LaneRow {
            author: facts.author,
            first_seq: facts.seq,
            head_seq: facts.seq,
            head: facts.id,
        };
        self.lanes.push(Lane { row, sights: SeenRow::default(), history: BTreeMap::new() });
        self.reach.push(None);
        number
    }

    /// Notes what an entry is the first of its lane to have seen of other lanes, through these
    /// parents.
    fn see(&mut self, lane: u32, seq: u64, parents: &[EntryFacts]) {
        let known = find(&self.lanes, lane).map_or(&[][..], |own| &*own.sights.lanes);
        for (other, sight) in known {
            set(&mut self.reach, *other, Some(sight.seq));
        }
        let mut newly = BTreeSet::new();
        for parent in parents {
            let of = self.place(parent).map(|place| place.lane).filter(|of| *of != lane);
            let Some((of, through)) = of.and_then(|of| Some((of, find(&self.lanes, of)?))) else {
                continue;
            };
            for (other, how_far) in through.seen_at(parent.seq).chain([(of, parent.seq)]) {
                if other != lane
                    && let Some(reach) = find_mut(&mut self.reach, other)
                    && *reach < Some(how_far)
                {
                    *reach = Some(how_far);
                    newly.insert(other);
                }
            }
        }
        let Some(own) = find_mut(&mut self.lanes, lane) else {
            return;
        };
        for other in newly {
            if let Some(how_far) = find(&self.reach, other).copied().flatten() {
                own.sights.set(other, Sight { seq: how_far, since: seq });
                // Nearly always more follow, but where none do there may be millions of these.
                let notes = own.history.entry(other).or_insert_with(|| Vec::with_capacity(1));
                notes.push((seq, how_far));
                self.seen_rows = self.seen_rows.saturating_add(1);
            }
        }
        for (other, _) in &own.sights.lanes {
            set(&mut self.reach, *other, None);
        }
    }
}

impl Lane {
    /// How far the entry at this seq has seen each lane.
    fn seen_at(&self, seq: u64) -> impl Iterator<Item = (u32, u64)> {
        self.sights.lanes.iter().filter_map(move |(other, sight)| {
            if sight.since <= seq {
                return Some((*other, sight.seq));
            }
            let notes = self.history.get(other)?;
            let after = notes.partition_point(|(since, _)| *since <= seq);
            let (_, how_far) = notes.get(after.checked_sub(1)?)?;
            Some((*other, *how_far))
        })
    }
}

/// The sum of the rows of a kind, where they are these.
fn sum_listed(
    rows: &dyn Rows,
    prefix: u8,
    mut expected: impl Iterator<Item = Row>,
) -> Result<Option<RowsSum>, StoreError> {
    let (mut sum, mut is_equal) = (RowsSum::default(), true);
    rows.walk(prefix, &mut |key, value| {
        is_equal = expected.next().is_some_and(|row| (&*row.0, &*row.1) == (key, value));
        sum.add(key, value);
        Ok(is_equal)
    })?;
    Ok((is_equal && expected.next().is_none()).then_some(sum))
}

/// The sum of the rows of a kind, where each is one of those that there have to be, none is there
/// twice, and there are as many: then it is these.
fn sum_distinct(
    rows: &dyn Rows,
    prefix: u8,
    expected: u64,
    is_expected: impl Fn(&[u8], &[u8]) -> Result<bool, StoreError>,
) -> Result<Option<RowsSum>, StoreError> {
    let (mut sum, mut is_equal) = (RowsSum::default(), true);
    let mut last: Vec<u8> = Vec::new();
    rows.walk(prefix, &mut |key, value| {
        is_equal = *last < *key && is_expected(key, value)?;
        last.clear();
        last.extend_from_slice(key);
        sum.add(key, value);
        Ok(is_equal)
    })?;
    Ok((is_equal && sum.count == expected).then_some(sum))
}

fn set<T>(of_lanes: &mut [T], lane: u32, value: T) {
    if let Some(place) = find_mut(of_lanes, lane) {
        *place = value;
    }
}
