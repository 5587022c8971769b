// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Keys and values of the index's rows, and reading them back with a doubt about every byte.

use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint};

use super::sum::RowsSum;
use crate::chain::EntryFacts;
use crate::entry::Kind;
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::store::{Position, StoreError};

/// Keys of rows.
pub(crate) mod key {
    use crate::id::{EntryId, PublicKey};
    use crate::store::{ROW_KEY_BYTES_MAX, RowKey};

    const META: u8 = b'm';
    pub(crate) const PENDING: u8 = b'p';
    pub(crate) const FORK: u8 = b'f';
    pub(crate) const LANE: u8 = b'l';
    pub(crate) const ENTRY: u8 = b'e';
    pub(crate) const GOVERNING: u8 = b'g';
    pub(crate) const ARRIVAL: u8 = b'a';
    pub(crate) const SLOT: u8 = b's';
    pub(crate) const KEY_LANES: u8 = b'k';
    pub(crate) const SEEN: u8 = b'd';
    pub(crate) const SEEN_AT_HEAD: u8 = b'v';

    /// Of every row but meta; those with most rows first, so that the cores that go through them
    /// end together.
    pub(crate) const PREFIXES: [u8; 10] =
        [ENTRY, SLOT, ARRIVAL, SEEN, FORK, GOVERNING, KEY_LANES, LANE, PENDING, SEEN_AT_HEAD];

    pub(crate) fn meta() -> RowKey {
        join(&[&[META]])
    }

    pub(crate) fn entry(id: &EntryId) -> RowKey {
        join(&[&[ENTRY], id.as_bytes()])
    }

    pub(crate) fn arrival(arrival: u64) -> RowKey {
        join(&[&[ARRIVAL], &arrival.to_be_bytes()])
    }

    pub(crate) fn governing(arrival: u64) -> RowKey {
        join(&[&[GOVERNING], &arrival.to_be_bytes()])
    }

    pub(crate) fn slot(author: &PublicKey, seq: u64, lane: u32) -> RowKey {
        join(&[&[SLOT], author.as_bytes(), &seq.to_be_bytes(), &lane.to_be_bytes()])
    }

    pub(crate) fn lane(lane: u32) -> RowKey {
        join(&[&[LANE], &lane.to_be_bytes()])
    }

    pub(crate) fn key_lanes(author: &PublicKey) -> RowKey {
        join(&[&[KEY_LANES], author.as_bytes()])
    }

    pub(crate) fn seen_at_head(lane: u32) -> RowKey {
        join(&[&[SEEN_AT_HEAD], &lane.to_be_bytes()])
    }

    pub(crate) fn seen(of: u32, lane: u32, seq: u64) -> RowKey {
        join(&[&[SEEN], &of.to_be_bytes(), &lane.to_be_bytes(), &seq.to_be_bytes()])
    }

    pub(crate) fn pending(id: &EntryId) -> RowKey {
        join(&[&[PENDING], id.as_bytes()])
    }

    pub(crate) fn fork(author: &PublicKey) -> RowKey {
        join(&[&[FORK], author.as_bytes()])
    }

    /// A key after every key with this prefix: as long as a key may be.
    pub(crate) fn prefix_end(prefix: u8) -> RowKey {
        join(&[&[prefix], &[0xff; ROW_KEY_BYTES_MAX - 1]])
    }

    #[expect(clippy::expect_used, reason = "of each kind as long as is written above, 47 at most")]
    fn join(parts: &[&[u8]]) -> RowKey {
        RowKey::of(parts).expect("a short key")
    }
}

/// What the index covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Layout of the rows.
    pub layout: u32,
    /// The ledger.
    pub ledger: LedgerId,
    /// Entries held.
    pub entries: u64,
    /// Lanes there are.
    pub lanes: u32,
    /// The sum of all rows, without this one: one that is missing or stale is told by it.
    pub rows: RowsSum,
    /// End of the part of the log that the rows cover; it was durable when they were written.
    pub log_end: Position,
    /// Where the last covered record stands.
    pub last_record: Position,
}

/// Where an entry stands in the log and in its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// What is known of it without reading it.
    pub facts: EntryFacts,
    /// Its lane.
    pub lane: u32,
    /// Its record in the log.
    pub position: Position,
    /// The record of its payload, where that arrived later.
    pub late_payload: Option<Position>,
}

/// A run of entries of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneRow {
    /// The key.
    pub author: PublicKey,
    /// Seq of the lane's first entry: 0 unless it branches off.
    pub first_seq: u64,
    /// Seq of its last entry.
    pub head_seq: u64,
    /// Its last entry.
    pub head: EntryId,
}

/// What a lane has seen of others at its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenRow {
    /// Ascending by lane.
    pub lanes: Vec<(u32, Sight)>,
}

/// How far one lane has seen another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The greatest seq of the other lane among the ancestors of this one's head.
    pub seq: u64,
    /// The seq of this lane at which that was first so.
    pub since: u64,
}

/// Bytes of the check over [`Meta`].
const META_CHECK_BYTES: usize = 8;

// Rows on disk. The sum of all rows tells that each is what was written; what is read several times
// for each entry that comes in is laid out so that reading it takes no memory.

#[derive(Clone, PartialEq, prost::Message)]
struct MetaMessage {
    #[prost(uint32, tag = "1")]
    layout: u32,
    #[prost(bytes = "vec", tag = "2")]
    ledger: Vec<u8>,
    #[prost(uint64, tag = "3")]
    entries: u64,
    #[prost(uint32, tag = "4")]
    lanes: u32,
    #[prost(uint32, tag = "5")]
    end_segment: u32,
    #[prost(uint64, tag = "6")]
    end_offset: u64,
    #[prost(uint32, tag = "7")]
    last_segment: u32,
    #[prost(uint64, tag = "8")]
    last_offset: u64,
    #[prost(uint64, tag = "9")]
    rows: u64,
    #[prost(bytes = "vec", tag = "10")]
    rows_joined: Vec<u8>,
    /// Over the message without it: where the log ends is believed before any other row is read.
    #[prost(bytes = "vec", tag = "11")]
    check: Vec<u8>,
}

impl MetaMessage {
    fn compute_check(&self) -> Vec<u8> {
        let unchecked = Self { check: Vec::new(), ..self.clone() }.encode_to_vec();
        blake3::hash(&unchecked).as_bytes().iter().take(META_CHECK_BYTES).copied().collect()
    }
}

impl Meta {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut message = MetaMessage {
            layout: self.layout,
            ledger: self.ledger.as_bytes().to_vec(),
            entries: self.entries,
            lanes: self.lanes,
            end_segment: self.log_end.segment,
            end_offset: self.log_end.offset,
            last_segment: self.last_record.segment,
            last_offset: self.last_record.offset,
            rows: self.rows.count,
            rows_joined: self.rows.joined.to_vec(),
            check: Vec::new(),
        };
        message.check = message.compute_check();
        message.encode_to_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let message = MetaMessage::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        if message.check != message.compute_check() {
            return Err(damaged("meta is not what was written".to_owned()));
        }
        let joined = message.rows_joined.try_into().ok();
        let joined = joined.ok_or_else(|| damaged("meta has no sum of the rows".to_owned()))?;
        Ok(Self {
            layout: message.layout,
            ledger: LedgerId::from_slice(&message.ledger)
                .ok_or_else(|| damaged("meta names no ledger".to_owned()))?,
            entries: message.entries,
            lanes: message.lanes,
            rows: RowsSum { count: message.rows, joined },
            log_end: Position { segment: message.end_segment, offset: message.end_offset },
            last_record: Position { segment: message.last_segment, offset: message.last_offset },
        })
    }
}

/// Bits of an entry row's first byte, beside the kind's number.
const HAS_PAYLOAD: u8 = 0x10;
const HAS_LATE_PAYLOAD: u8 = 0x20;
const KIND_BITS: u8 = 0x0f;

impl EntryRow {
    /// One byte of flags, the author, then numbers.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let facts = &self.facts;
        let kind = u8::try_from(facts.kind.number()).unwrap_or(KIND_BITS) & KIND_BITS;
        let payload = if facts.has_payload { HAS_PAYLOAD } else { 0 };
        let late = if self.late_payload.is_some() { HAS_LATE_PAYLOAD } else { 0 };
        let mut bytes = Vec::with_capacity(96);
        bytes.push(kind | payload | late);
        bytes.extend_from_slice(facts.author.as_bytes());
        let numbers = [
            facts.seq,
            facts.height,
            facts.claimed_at_ms,
            facts.effective_at_ms,
            facts.arrival,
            self.lane.into(),
            self.position.segment.into(),
            self.position.offset,
        ];
        let late = self.late_payload.map(|late| [late.segment.into(), late.offset]);
        for number in numbers.into_iter().chain(late.into_iter().flatten()) {
            encode_varint(number, &mut bytes);
        }
        bytes
    }

    pub(crate) fn decode(id: EntryId, bytes: &[u8]) -> Result<Self, StoreError> {
        let broken = || damaged(format!("the row of entry {id} is not as it was written"));
        let mut fields = Fields(bytes);
        let read = fields.take::<1>().and_then(|[flags]| {
            let author = PublicKey::from_bytes(fields.take()?);
            let facts = EntryFacts {
                id,
                author,
                seq: fields.number()?,
                height: fields.number()?,
                claimed_at_ms: fields.number()?,
                effective_at_ms: fields.number()?,
                kind: Kind::from_number((flags & KIND_BITS).into())?,
                arrival: fields.number()?,
                has_payload: flags & HAS_PAYLOAD != 0,
            };
            let lane = fields.small_number()?;
            let position = fields.position()?;
            let has_late = flags & HAS_LATE_PAYLOAD != 0;
            let late_payload = if has_late { Some(fields.position()?) } else { None };
            Some(Self { facts, lane, position, late_payload })
        });
        read.filter(|_| fields.is_at_end()).ok_or_else(broken)
    }
}

impl LaneRow {
    /// Author and head, then numbers.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(84);
        bytes.extend_from_slice(self.author.as_bytes());
        bytes.extend_from_slice(self.head.as_bytes());
        encode_varint(self.first_seq, &mut bytes);
        encode_varint(self.head_seq, &mut bytes);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut fields = Fields(bytes);
        let read = fields.take().map(PublicKey::from_bytes).and_then(|author| {
            let head = EntryId::from_bytes(fields.take()?);
            let (first_seq, head_seq) = (fields.number()?, fields.number()?);
            Some(Self { author, first_seq, head_seq, head })
        });
        let broken = || damaged("the row of a lane is not as it was written".to_owned());
        read.filter(|_| fields.is_at_end()).ok_or_else(broken)
    }
}

impl SeenRow {
    /// How far a lane has been seen.
    pub fn find(&self, lane: u32) -> Option<Sight> {
        let place = self.lanes.binary_search_by_key(&lane, |(lane, _)| *lane).ok()?;
        self.lanes.get(place).map(|(_, sight)| *sight)
    }

    /// Notes how far a lane has been seen.
    pub fn set(&mut self, lane: u32, sight: Sight) {
        match self.lanes.binary_search_by_key(&lane, |(lane, _)| *lane) {
            Ok(place) => {
                if let Some((_, known)) = self.lanes.get_mut(place) {
                    *known = sight;
                }
            }
            Err(place) => self.lanes.insert(place, (lane, sight)),
        }
    }

    /// Three numbers for each lane.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (lane, sight) in &self.lanes {
            for number in [(*lane).into(), sight.seq, sight.since] {
                encode_varint(number, &mut bytes);
            }
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut fields = Fields(bytes);
        let mut lanes = Vec::new();
        while !fields.is_at_end() {
            let lane = fields.small_number().zip(fields.number()).zip(fields.number());
            let ((lane, seq), since) = lane.ok_or_else(|| {
                damaged("what a lane has seen is not as it was written".to_owned())
            })?;
            lanes.push((lane, Sight { seq, since }));
        }
        Ok(Self { lanes })
    }
}

/// A row's value, field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        decode_varint(&mut self.0).ok()
    }

    fn small_number(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    fn position(&mut self) -> Option<Position> {
        Some(Position { segment: self.small_number()?, offset: self.number()? })
    }

    const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

pub(crate) fn encode_lanes(lanes: &[u32]) -> Vec<u8> {
    lanes.iter().flat_map(|lane| lane.to_be_bytes()).collect()
}

pub(crate) fn decode_lanes(bytes: &[u8]) -> Result<Vec<u32>, StoreError> {
    let (lanes, rest) = bytes.as_chunks();
    if rest.is_empty() {
        Ok(lanes.iter().map(|lane| u32::from_be_bytes(*lane)).collect())
    } else {
        Err(damaged("the lanes of a key are cut off".to_owned()))
    }
}

pub(crate) fn encode_fork(seq: u64, proof: &[u8]) -> Vec<u8> {
    [&seq.to_be_bytes(), proof].concat()
}

pub(crate) fn decode_fork(mut value: Vec<u8>) -> Result<(u64, Vec<u8>), StoreError> {
    let seq = value
        .first_chunk::<8>()
        .map(|bytes| u64::from_be_bytes(*bytes))
        .ok_or_else(|| damaged("a fork row is too short".to_owned()))?;
    value.drain(..8);
    Ok((seq, value))
}

pub(crate) fn decode_id(value: &[u8]) -> Result<EntryId, StoreError> {
    EntryId::from_slice(value).ok_or_else(|| damaged("expected an entry id".to_owned()))
}

/// What a slot's row says: the entry, and its place in the log, so that who follows a feed in order of
/// arrival reads no other row.
pub(crate) fn encode_slot(id: &EntryId, arrival: u64) -> Vec<u8> {
    [&id.as_bytes()[..], &arrival.to_be_bytes()].concat()
}

pub(crate) fn decode_slot(value: &[u8]) -> Result<(EntryId, u64), StoreError> {
    let (id, arrival) =
        value.split_last_chunk().ok_or_else(|| damaged("a slot's row is too short".to_owned()))?;
    Ok((decode_id(id)?, u64::from_be_bytes(*arrival)))
}

pub(crate) fn split_u64(value: &[u8]) -> Result<u64, StoreError> {
    value
        .last_chunk::<8>()
        .map(|bytes| u64::from_be_bytes(*bytes))
        .ok_or_else(|| damaged("expected a number".to_owned()))
}

pub(crate) fn trailing_u32(key: &[u8]) -> Result<u32, StoreError> {
    key.last_chunk::<4>()
        .map(|bytes| u32::from_be_bytes(*bytes))
        .ok_or_else(|| damaged("a key is too short".to_owned()))
}

/// The seq of a slot: its key is prefix, author, seq, lane.
pub(crate) fn slot_seq(key: &[u8]) -> Result<u64, StoreError> {
    split_u64(key.get(..key.len().saturating_sub(4)).unwrap_or_default())
}

pub(crate) fn trailing_id(key: &[u8]) -> Result<EntryId, StoreError> {
    key.last_chunk::<32>()
        .map(|bytes| EntryId::from_bytes(*bytes))
        .ok_or_else(|| damaged("a key is too short".to_owned()))
}

pub(crate) fn trailing_key(key: &[u8]) -> Result<PublicKey, StoreError> {
    trailing_id(key).map(|id| PublicKey::from_bytes(*id.as_bytes()))
}

pub(crate) fn damaged(reason: String) -> StoreError {
    StoreError::IndexDamaged { reason }
}
