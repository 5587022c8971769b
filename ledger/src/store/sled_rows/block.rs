// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Many rows in one value: ascending by key, each key written as what differs from the one before.
//!
//! A row is three varints (bytes of the key shared with the row before, bytes of the key that
//! follow, bytes of the value and one more, 0 for a removed row), the rest of the key, the value.

use std::cmp::Ordering;
use std::ops::Range;

use prost::encoding::{decode_varint, encode_varint};

/// Bytes of a block, beyond which no further row is put into it: one read finds a row, and a walk
/// through the block costs less than the read.
const BLOCK_BYTES: usize = 4 << 10;

/// What the last row of a block may add to it without the block having to move: nearly all are less.
const ROW_BYTES: usize = 256;

/// What a row says: its key, and its value unless it was removed.
pub(super) type FoundRow = (Vec<u8>, Option<Vec<u8>>);

/// A block that is being filled.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    bytes: Vec<u8>,
    first_key: Vec<u8>,
    last_key: Vec<u8>,
}

impl BlockWriter {
    /// Puts a row behind those that are there.
    pub(super) fn push(&mut self, key: &[u8], value: Option<&[u8]>) {
        if self.bytes.is_empty() {
            self.first_key = key.to_vec();
            self.last_key.clear();
            self.bytes.reserve(BLOCK_BYTES + ROW_BYTES);
        }
        let same = self.last_key.iter().zip(key).take_while(|(one, other)| one == other).count();
        let rest = key.get(same..).unwrap_or_default();
        for number in [same, rest.len(), value.map_or(0, |value| value.len().saturating_add(1))] {
            encode_varint(u64::try_from(number).unwrap_or(u64::MAX), &mut self.bytes);
        }
        self.bytes.extend_from_slice(rest);
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.last_key.truncate(same);
        self.last_key.extend_from_slice(rest);
    }

    /// Whether the next row belongs into the next block.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK_BYTES
    }

    /// The block with its first key, where there is a row in it; the writer is empty again.
    pub(super) fn take(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        if self.bytes.is_empty() {
            return None;
        }
        Some((std::mem::take(&mut self.first_key), std::mem::take(&mut self.bytes)))
    }
}

/// What a row says of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<T> {
    /// It has this value.
    Is(T),
    /// It was removed.
    Removed,
}

impl<T> Said<T> {
    /// The value, if it has one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Removed => None,
        }
    }
}

/// What stands in a block is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockFault;

/// Reads a block row by row, without copying it.
#[derive(Debug)]
pub(super) struct BlockReader<B> {
    block: B,
    /// Where the next row begins.
    at: usize,
    key: Vec<u8>,
    /// Where the value stands of the row that was read last; none: the row was removed.
    value: Option<Range<usize>>,
}

impl<B: AsRef<[u8]>> BlockReader<B> {
    pub(super) const fn new(block: B) -> Self {
        Self { block, at: 0, key: Vec::new(), value: None }
    }

    /// Goes on to the next row; whether there is one.
    pub(super) fn read_next(&mut self) -> Result<bool, BlockFault> {
        let block = self.block.as_ref();
        let mut rest = Rest(block.get(self.at..).unwrap_or_default());
        if rest.0.is_empty() {
            return Ok(false);
        }
        let same = rest.take_number()?;
        let more = rest.take_number()?;
        let value = rest.take_number()?;
        let suffix = rest.take(more)?;
        // Keys ascend, and each shares with the one before all that it can: `find_row` finds no others,
        // and what nobody finds must not be there for whoever goes through all rows.
        let ascends = match self.key.get(same) {
            Some(before) => suffix.first().is_some_and(|first| before < first),
            None => same == self.key.len() && !suffix.is_empty(),
        };
        if !ascends {
            return Err(BlockFault);
        }
        self.key.truncate(same);
        self.key.extend_from_slice(suffix);
        let begin = block.len().saturating_sub(rest.0.len());
        let value = value.checked_sub(1);
        rest.take(value.unwrap_or_default())?;
        self.at = block.len().saturating_sub(rest.0.len());
        self.value = value.map(|_| begin..self.at);
        Ok(true)
    }

    /// The row that was read last: its key, and its value unless it was removed.
    pub(super) fn row(&self) -> (&[u8], Option<&[u8]>) {
        let value = self.value.clone();
        (&self.key, value.map(|value| self.block.as_ref().get(value).unwrap_or_default()))
    }

    /// The key of the row that was read last.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }
}

/// What is left of a block.
#[derive(Debug)]
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take_number(&mut self) -> Result<usize, BlockFault> {
        // One byte says it, nearly always.
        if let Some((&byte, rest)) = self.0.split_first()
            && byte < 0x80
        {
            self.0 = rest;
            return Ok(byte.into());
        }
        let number = decode_varint(&mut self.0).ok().and_then(|number| number.try_into().ok());
        number.ok_or(BlockFault)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], BlockFault> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(BlockFault)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// What the block says of a key, if anything. Looks at no byte of a key twice: what a row shares with
/// the one before it has been compared already.
pub(super) fn find_row(block: &[u8], key: &[u8]) -> Result<Option<Said<Vec<u8>>>, BlockFault> {
    let mut rest = Rest(block);
    // Bytes that the row before, which was less, shares with the key.
    let mut matched: usize = 0;
    while !rest.0.is_empty() {
        let same = rest.take_number()?;
        let more = rest.take_number()?;
        let value = rest.take_number()?;
        let suffix = rest.take(more)?;
        let value = match value.checked_sub(1) {
            Some(len) => Said::Is(rest.take(len)?),
            None => Said::Removed,
        };
        // Where it shares more with the row before than that does with the key, it is less too.
        if same > matched {
            continue;
        }
        if same < matched {
            return Ok(None);
        }
        let wanted = key.get(matched..).unwrap_or_default();
        match suffix.cmp(wanted) {
            Ordering::Less => {
                let more = suffix.iter().zip(wanted).take_while(|(one, other)| one == other);
                matched = matched.saturating_add(more.count());
            }
            Ordering::Equal => {
                return Ok(Some(match value {
                    Said::Is(value) => Said::Is(value.to_vec()),
                    Said::Removed => Said::Removed,
                }));
            }
            Ordering::Greater => return Ok(None),
        }
    }
    Ok(None)
}

/// The greatest row in `from..=to`.
pub(super) fn last_row(
    block: &[u8],
    from: &[u8],
    to: &[u8],
) -> Result<Option<FoundRow>, BlockFault> {
    let mut reader = BlockReader::new(block);
    // The row before the one that is read next, where it is within.
    let (mut key, mut value) = (Vec::new(), None);
    let mut is_found = false;
    while reader.read_next()? && reader.key() <= to {
        if reader.key() >= from {
            key.clear();
            key.extend_from_slice(reader.key());
            value.clone_from(&reader.value);
            is_found = true;
        }
    }
    let value = value.and_then(|value| block.get(value)).map(<[u8]>::to_vec);
    Ok(is_found.then_some((key, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<FoundRow> {
        let mut rows: Vec<FoundRow> = (0..200_u32)
            .map(|n| {
                let value = vec![7; usize::try_from(n).unwrap().saturating_mul(3)];
                ([b"key", &n.to_be_bytes()[..]].concat(), (n % 5 != 0).then_some(value))
            })
            .collect();
        rows.push((vec![0xff; 300], Some(Vec::new())));
        rows
    }

    fn write(rows: &[FoundRow]) -> Vec<u8> {
        let mut writer = BlockWriter::default();
        for (key, value) in rows {
            writer.push(key, value.as_deref());
        }
        let (first, block) = writer.take().unwrap();
        assert_eq!(first, rows[0].0);
        assert!(writer.take().is_none());
        block
    }

    fn list(block: &[u8]) -> Result<Vec<FoundRow>, BlockFault> {
        let mut rows = Vec::new();
        let mut reader = BlockReader::new(block);
        while reader.read_next()? {
            let (key, value) = reader.row();
            rows.push((key.to_vec(), value.map(<[u8]>::to_vec)));
        }
        Ok(rows)
    }

    #[test]
    fn what_was_put_in_comes_out() {
        let block = write(&rows());
        assert_eq!(list(&block).unwrap(), rows());
        for (key, value) in rows() {
            assert_eq!(find_row(&block, &key).unwrap().unwrap().value(), value);
        }
        for absent in [&b"key"[..], b"", b"key\0\0\0\x05\0", b"kez", &[0xff; 299], &[0xff; 301]] {
            assert_eq!(find_row(&block, absent).unwrap(), None, "{absent:?}");
        }
        let last = |from: &[u8], to: &[u8]| last_row(&block, from, to).unwrap();
        let (from, to) = (&rows()[3].0, &rows()[8].0);
        assert_eq!(last(from, to), Some(rows()[8].clone()));
        assert_eq!(last(from, &[&to[..], &[0]].concat()), Some(rows()[8].clone()));
        assert_eq!(last(&[], &[0xff; 400]), rows().pop());
        assert_eq!(last(&[&to[..], &[0]].concat(), &[&to[..], &[1]].concat()), None);
        assert_eq!(last(&[], &[]), None);
    }

    #[test]
    fn rows_that_a_look_up_would_miss_are_a_fault() {
        let row = |same: u8, rest: &[u8]| {
            let lengths = [same, u8::try_from(rest.len()).unwrap(), 1];
            [&lengths[..], rest].concat()
        };
        let list_with = |second: &[u8]| list(&[&row(0, b"key"), second].concat());
        assert_eq!(list_with(&row(2, b"z")).unwrap().len(), 2);
        assert_eq!(list_with(&row(3, b"a")).unwrap().len(), 2);
        // Less than the one before, the same, sharing more than they do and less than they do.
        for second in [row(2, b"a"), row(2, b"y"), row(3, b""), row(4, b"z"), row(0, b"kez")] {
            assert_eq!(list_with(&second), Err(BlockFault), "{second:?}");
        }
    }

    #[test]
    fn a_block_that_is_cut_off_gives_fewer_rows_or_a_fault() {
        let block = write(&rows());
        for len in 0..block.len() {
            if let Ok(found) = list(&block[..len]) {
                assert_eq!(found, rows()[..found.len()]);
            }
        }
    }
}
