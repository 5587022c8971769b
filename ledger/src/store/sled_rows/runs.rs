// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rows in a database that is good at keeping a few large values and bad at keeping many small ones.
//!
//! What is written stays in memory until there is enough of it; then it becomes a *run*: all of it,
//! ascending by key, in blocks, each block a value of the database. A run never changes. Where
//! several of about one size have come together they are merged into one, so a million entries
//! are a handful of runs. Which runs there are stands in one value, written with the last part of
//! the newest: a run is there whole or not at all. What is in memory when a process is killed is
//! read from the log again.

mod merge;
mod message;

use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use prost::Message as _;

use super::super::{Row, RowChange, RowKey};
use super::block::{BlockFault, BlockWriter, FoundRow, Said, find_row, last_row};
use super::filter::{Filter, KeyHash};
use merge::{Merge, Source};
use message::{HeadMessage, LongBlockMessage, ManifestMessage, RunMessage};

/// Rows in memory that become a run: some ten thousand entries, read from the log again within a
/// second where they are lost.
pub(super) const RUN_ROWS: usize = 1 << 16;
/// Runs of about one size that are merged into one: how much larger the next size is.
const RUNS_PER_SIZE: usize = 4;
/// Bytes that the database is given at a time.
const WRITE_BYTES: usize = 4 << 20;
/// Bytes of a value of the database, at most: a longer block or head is cut into pieces. See
/// `SEGMENT_BYTES`.
const VALUE_BYTES_MAX: usize = 16 << 10;

const MANIFEST_KEY: &[u8] = b"M";
const BLOCK_PREFIX: u8 = b'B';
const HEAD_PREFIX: u8 = b'H';
/// Of what follows the first piece of a block.
const REST_PREFIX: u8 = b'R';

/// What fails.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database.
    Database(sled::Error),
    /// Something is not what was written; in words.
    Damaged(String),
}

impl From<sled::Error> for Fault {
    fn from(error: sled::Error) -> Self {
        Self::Database(error)
    }
}

impl From<BlockFault> for Fault {
    fn from(_: BlockFault) -> Self {
        Self::Damaged("a block is not as it was written".to_owned())
    }
}

impl From<prost::DecodeError> for Fault {
    fn from(error: prost::DecodeError) -> Self {
        Self::Damaged(format!("the list of a run: {error}"))
    }
}

/// A run, as far as it is kept in memory.
#[derive(Debug)]
struct Run {
    number: u32,
    rows: u64,
    /// Of each block, ascending.
    first_keys: Vec<Vec<u8>>,
    last_key: Vec<u8>,
    filter: Filter,
    /// For each block that is longer than a value may be the numbers of its further pieces.
    long_blocks: BTreeMap<u32, Range<u32>>,
    /// Pieces of its head in the database.
    pieces: u32,
}

/// The rows of a database: runs, oldest first, and what is in no run yet.
#[derive(Debug)]
pub(super) struct Runs {
    fresh: BTreeMap<RowKey, Option<Vec<u8>>>,
    listed: Vec<Run>,
    next_number: u32,
    run_rows: usize,
    /// Bytes given to the database since it was opened.
    written_bytes: u64,
}

impl Runs {
    /// Reads which runs there are.
    pub(super) fn open(db: &sled::Db, run_rows: usize) -> Result<Self, Fault> {
        let manifest = match db.get(MANIFEST_KEY)? {
            Some(bytes) => ManifestMessage::decode(&*bytes)?,
            None => ManifestMessage::default(),
        };
        let listed =
            manifest.runs.iter().map(|run| Run::read(db, run)).collect::<Result<_, _>>()?;
        let next_number = manifest.next_number;
        Ok(Self { fresh: BTreeMap::new(), listed, next_number, run_rows, written_bytes: 0 })
    }

    /// Bytes given to the database since it was opened.
    pub(super) const fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Whether there is not one row.
    pub(super) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.listed.is_empty()
    }

    pub(super) fn get(&self, db: &sled::Db, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        // What is too long for a key has no row.
        let Some(short) = RowKey::of(&[key]) else {
            return Ok(None);
        };
        if let Some(value) = self.fresh.get(&short) {
            return Ok(value.clone());
        }
        let hash = KeyHash::of(key);
        for run in self.listed.iter().rev() {
            if let Some(said) = run.get(db, key, hash)? {
                return Ok(said.value());
            }
        }
        Ok(None)
    }

    /// The greatest key in `from..=to`, with its value.
    pub(super) fn last_in(
        &self,
        db: &sled::Db,
        from: &[u8],
        to: &[u8],
    ) -> Result<Option<Row>, Fault> {
        let bounds = (Bound::Included(from), Bound::Included(to));
        let fresh = self.fresh.range::<[u8], _>(bounds).next_back();
        let mut last = fresh.map(|(key, value)| (*key, value.clone()));
        for run in self.listed.iter().rev() {
            // Of two rows with one key the newer one, which was met first, counts.
            if let Some((key, value)) = run.last_in(db, from, to)? {
                let key = key_of(&key)?;
                if last.as_ref().is_none_or(|last| last.0 < key) {
                    last = Some((key, value));
                }
            }
        }
        match last {
            Some((key, Some(value))) => Ok(Some((key, value))),
            // Removed: what stands before it has to be looked for.
            Some((_, None)) => {
                let mut last = None;
                self.visit(db, (from, to), usize::MAX, |key, value| {
                    last = Some((key_of(key)?, value.to_vec()));
                    Ok(())
                })?;
                Ok(last)
            }
            None => Ok(None),
        }
    }

    /// Visits up to `limit` rows in `from..=to`, ascending.
    pub(super) fn visit(
        &self,
        db: &sled::Db,
        (from, to): (&[u8], &[u8]),
        limit: usize,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let bounds = (Bound::Included(from), Bound::Included(to));
        let mut sources = vec![Source::memory(self.fresh.range::<[u8], _>(bounds))];
        for run in self.listed.iter().rev().filter(|run| run.may_reach(from, to)) {
            let begin = run.find_block(from);
            let end = run.find_block(to).saturating_add(1).min(run.first_keys.len());
            sources.push(Source::run(run, db, begin..end, (from, to)));
        }
        let mut merge = Merge::of(sources)?;
        let mut left = limit;
        while left > 0
            && let Some((key, value)) = merge.read_next()?
        {
            if let Some(value) = value {
                visit(key, value)?;
                left = left.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// Takes changes in, in order; what has come together may become a run.
    pub(super) fn apply(&mut self, db: &sled::Db, batch: Vec<RowChange>) -> Result<(), Fault> {
        self.fresh.extend(batch);
        if self.fresh.len() >= self.run_rows { self.flush(db) } else { Ok(()) }
    }

    /// Makes a run of what is in memory, which stays there if that fails.
    pub(super) fn flush(&mut self, db: &sled::Db) -> Result<(), Fault> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let count = u64::try_from(self.fresh.len()).unwrap_or(u64::MAX);
        let mut writer = RunWriter::begin(db, self.next_number, count);
        for (key, value) in &self.fresh {
            writer.push(key, value.as_deref())?;
        }
        let kept = self.listed.len();
        self.finish_run(writer, kept)?;
        self.fresh.clear();
        while let Some(from) = self.find_merge() {
            self.merge_from(db, from)?;
        }
        Ok(())
    }

    /// Puts a new run in place of those from the `kept`-th on.
    fn finish_run(&mut self, writer: RunWriter<'_>, kept: usize) -> Result<(), Fault> {
        let next_number = self.next_number.wrapping_add(1);
        let kept_runs = self.listed.get(..kept).unwrap_or_default();
        let list = kept_runs.iter().map(Run::to_message).collect();
        let (run, bytes) = writer.finish(list, next_number)?;
        self.written_bytes = self.written_bytes.saturating_add(bytes);
        self.next_number = next_number;
        self.listed.truncate(kept);
        self.listed.push(run);
        Ok(())
    }

    /// Where the newest runs that are about one size begin, if there are enough of them.
    fn find_merge(&self) -> Option<usize> {
        let size = self.size_of(self.listed.last()?);
        let begin = self.listed.iter().rposition(|run| self.size_of(run) > size);
        let begin = begin.map_or(0, |larger| larger.saturating_add(1));
        (self.listed.len().saturating_sub(begin) >= RUNS_PER_SIZE).then_some(begin)
    }

    fn size_of(&self, run: &Run) -> u32 {
        let base = u64::try_from(RUNS_PER_SIZE).unwrap_or(u64::MAX);
        let least = u64::try_from(self.run_rows).unwrap_or(u64::MAX);
        run.rows.checked_div(least).and_then(|times| times.checked_ilog(base)).unwrap_or(0)
    }

    fn merge_from(&mut self, db: &sled::Db, begin: usize) -> Result<(), Fault> {
        let old = self.listed.get(begin..).unwrap_or_default();
        let rows = old.iter().map(|run| run.rows).fold(0, u64::saturating_add);
        let sources = old
            .iter()
            .rev()
            .map(|run| Source::run(run, db, 0..run.first_keys.len(), (&[], &run.last_key)));
        let mut merge = Merge::of(sources.collect())?;
        let mut writer = RunWriter::begin(db, self.next_number, rows);
        while let Some((key, value)) = merge.read_next()? {
            // Nothing older is left that a removed row would have to hide.
            if value.is_some() || begin > 0 {
                writer.push(key, value)?;
            }
        }
        let merged: Vec<sled::Batch> = old.iter().map(Run::removal).collect();
        drop(merge);
        self.finish_run(writer, begin)?;
        for batch in merged {
            db.apply_batch(batch)?;
        }
        Ok(())
    }

    /// Removes what a process left that was killed while it wrote a run.
    pub(super) fn sweep(&self, db: &sled::Db) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        let keys =
            [BLOCK_PREFIX, HEAD_PREFIX, REST_PREFIX].map(|prefix| db.scan_prefix([prefix]).keys());
        for key in keys.into_iter().flatten() {
            let key = key?;
            let number = key.get(1..).and_then(|rest| rest.first_chunk());
            let number = number.map(|bytes| u32::from_be_bytes(*bytes));
            if !self.listed.iter().any(|run| Some(run.number) == number) {
                batch.remove(key);
            }
        }
        Ok(db.apply_batch(batch)?)
    }
}

impl Run {
    fn read(db: &sled::Db, message: &RunMessage) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        read_pieces(
            db,
            (HEAD_PREFIX, message.number),
            0..message.pieces,
            "head of a run",
            &mut bytes,
        )?;
        let head = HeadMessage::decode(&*bytes)?;
        if !head.first_keys.is_sorted_by(|one, next| one < next) {
            return Err(Fault::Damaged("the blocks of a run are not in order".to_owned()));
        }
        Ok(Self {
            number: message.number,
            rows: head.rows,
            first_keys: head.first_keys,
            last_key: head.last_key,
            filter: Filter::from_bytes(head.filter),
            long_blocks: head
                .long_blocks
                .iter()
                .map(|long| (long.block, long.from..long.to))
                .collect(),
            pieces: message.pieces,
        })
    }

    const fn to_message(&self) -> RunMessage {
        RunMessage { number: self.number, pieces: self.pieces }
    }

    /// What the run says of a key, if anything.
    fn get(
        &self,
        db: &sled::Db,
        key: &[u8],
        hash: KeyHash,
    ) -> Result<Option<Said<Vec<u8>>>, Fault> {
        if !self.filter.may_contain(hash) || !self.may_reach(key, key) {
            return Ok(None);
        }
        let block = self.block(db, self.find_block(key))?;
        Ok(find_row(&block, key)?)
    }

    fn last_in(&self, db: &sled::Db, from: &[u8], to: &[u8]) -> Result<Option<FoundRow>, Fault> {
        if !self.may_reach(from, to) {
            return Ok(None);
        }
        let block = self.block(db, self.find_block(to))?;
        Ok(last_row(&block, from, to)?)
    }

    /// Whether the run has keys on both sides of the range's ends.
    fn may_reach(&self, from: &[u8], to: &[u8]) -> bool {
        let begins = self.first_keys.first().is_some_and(|first| **first <= *to);
        begins && *self.last_key >= *from
    }

    /// The block in which a key stands, if it stands anywhere.
    fn find_block(&self, key: &[u8]) -> usize {
        self.first_keys.partition_point(|first| **first <= *key).saturating_sub(1)
    }

    fn block(&self, db: &sled::Db, block: usize) -> Result<sled::IVec, Fault> {
        let block = u32::try_from(block).unwrap_or(u32::MAX);
        let found = db.get(run_key(BLOCK_PREFIX, self.number, block))?;
        let first = found.ok_or_else(|| missing("block"))?;
        let Some(further) = self.long_blocks.get(&block) else {
            return Ok(first);
        };
        let mut bytes = first.to_vec();
        read_pieces(
            db,
            (REST_PREFIX, self.number),
            further.clone(),
            "piece of a block",
            &mut bytes,
        )?;
        Ok(bytes.into())
    }

    fn list_long_blocks(&self) -> Vec<LongBlockMessage> {
        let long = self.long_blocks.iter();
        long.map(|(block, further)| LongBlockMessage {
            block: *block,
            from: further.start,
            to: further.end,
        })
        .collect()
    }

    /// Further pieces of all its blocks.
    fn count_further(&self) -> u32 {
        self.long_blocks.last_key_value().map_or(0, |(_, further)| further.end)
    }

    /// Removes everything of the run.
    fn removal(&self) -> sled::Batch {
        let mut batch = sled::Batch::default();
        let blocks = u32::try_from(self.first_keys.len()).unwrap_or(u32::MAX);
        let (pieces, further) = (self.pieces, self.count_further());
        for (prefix, parts) in
            [(BLOCK_PREFIX, blocks), (HEAD_PREFIX, pieces), (REST_PREFIX, further)]
        {
            for part in 0..parts {
                batch.remove(run_key(prefix, self.number, part).to_vec());
            }
        }
        batch
    }
}

/// Writes a run, block by block.
struct RunWriter<'a> {
    db: &'a sled::Db,
    run: Run,
    writer: BlockWriter,
    batch: sled::Batch,
    batch_bytes: usize,
    written_bytes: u64,
}

impl<'a> RunWriter<'a> {
    fn begin(db: &'a sled::Db, number: u32, rows: u64) -> Self {
        let run = Run {
            number,
            rows: 0,
            first_keys: Vec::new(),
            last_key: Vec::new(),
            filter: Filter::with_room(rows),
            long_blocks: BTreeMap::new(),
            pieces: 0,
        };
        let (writer, batch) = (BlockWriter::default(), sled::Batch::default());
        Self { db, run, writer, batch, batch_bytes: 0, written_bytes: 0 }
    }

    fn push(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
        self.writer.push(key, value);
        self.run.filter.insert(KeyHash::of(key));
        self.run.rows = self.run.rows.saturating_add(1);
        self.run.last_key.clear();
        self.run.last_key.extend_from_slice(key);
        if self.writer.is_full() {
            self.end_block();
        }
        if self.batch_bytes >= WRITE_BYTES {
            self.db.apply_batch(std::mem::take(&mut self.batch))?;
            self.batch_bytes = 0;
        }
        Ok(())
    }

    fn end_block(&mut self) {
        if let Some((first_key, block)) = self.writer.take() {
            let number = u32::try_from(self.run.first_keys.len()).unwrap_or(u32::MAX);
            self.run.first_keys.push(first_key);
            let mut pieces = block.chunks(VALUE_BYTES_MAX);
            if let Some(first) = pieces.next() {
                self.put(&run_key(BLOCK_PREFIX, self.run.number, number), first);
            }
            let from = self.run.count_further();
            let mut to = from;
            for piece in pieces {
                self.put(&run_key(REST_PREFIX, self.run.number, to), piece);
                to = to.saturating_add(1);
            }
            if from < to {
                self.run.long_blocks.insert(number, from..to);
            }
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) {
        let bytes = key.len().saturating_add(value.len());
        self.batch_bytes = self.batch_bytes.saturating_add(bytes);
        self.written_bytes =
            self.written_bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.batch.insert(key, value);
    }

    /// Ends the run and lists it behind the others: from now on it is there.
    fn finish(mut self, mut list: Vec<RunMessage>, next_number: u32) -> Result<(Run, u64), Fault> {
        self.end_block();
        let head = HeadMessage {
            rows: self.run.rows,
            first_keys: self.run.first_keys.clone(),
            last_key: self.run.last_key.clone(),
            filter: self.run.filter.as_bytes().to_vec(),
            long_blocks: self.run.list_long_blocks(),
        }
        .encode_to_vec();
        for piece in head.chunks(VALUE_BYTES_MAX) {
            self.put(&run_key(HEAD_PREFIX, self.run.number, self.run.pieces), piece);
            self.run.pieces = self.run.pieces.saturating_add(1);
        }
        list.push(self.run.to_message());
        let manifest = ManifestMessage { runs: list, next_number }.encode_to_vec();
        self.put(MANIFEST_KEY, &manifest);
        self.db.apply_batch(self.batch)?;
        Ok((self.run, self.written_bytes))
    }
}

/// Adds these pieces of a run, one behind the other; `what` they are pieces of, where one is missing.
fn read_pieces(
    db: &sled::Db,
    (prefix, run): (u8, u32),
    pieces: Range<u32>,
    what: &str,
    bytes: &mut Vec<u8>,
) -> Result<(), Fault> {
    for piece in pieces {
        let piece = db.get(run_key(prefix, run, piece))?;
        bytes.extend_from_slice(&piece.ok_or_else(|| missing(what))?);
    }
    Ok(())
}

fn run_key(prefix: u8, run: u32, part: u32) -> [u8; 9] {
    let mut key = [prefix; 9];
    let numbers = run.to_be_bytes().into_iter().chain(part.to_be_bytes());
    for (to, from) in key.iter_mut().skip(1).zip(numbers) {
        *to = from;
    }
    key
}

/// The key of a row that was read.
pub(super) fn key_of(key: &[u8]) -> Result<RowKey, Fault> {
    let found = key.len();
    RowKey::of(&[key]).ok_or_else(|| Fault::Damaged(format!("a key of {found} bytes")))
}

fn missing(what: &str) -> Fault {
    Fault::Damaged(format!("a {what} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with one run of several blocks.
    fn open() -> (sled::Db, Runs) {
        let db = sled::Config::new().temporary(true).open().unwrap();
        let mut runs = Runs::open(&db, RUN_ROWS).unwrap();
        let key = |n: u32| RowKey::of(&[&n.to_be_bytes()]).unwrap();
        let rows = (0..2_000).map(|n| (key(n), Some(vec![7; 20])));
        runs.apply(&db, rows.collect()).unwrap();
        runs.flush(&db).unwrap();
        assert!(runs.listed[0].first_keys.len() > 3);
        (db, runs)
    }

    #[test]
    fn rows_that_a_look_up_would_miss_are_damage() {
        let lies: [fn(&mut Run); 4] = [
            |run| run.filter = Filter::with_room(1),
            |run| run.first_keys[1] = [&*run.first_keys[1], &[0]].concat(),
            |run| run.first_keys[1][3] -= 1,
            |run| run.last_key[3] -= 1,
        ];
        let list = |db: &sled::Db, runs: &Runs| {
            let mut rows = 0;
            let count = |_: &[u8], _: &[u8]| {
                rows += 1;
                Ok(())
            };
            runs.visit(db, (&[], &[0xff; 4]), usize::MAX, count).map(|()| rows)
        };
        for lie in lies {
            let (db, mut runs) = open();
            assert_eq!(list(&db, &runs).unwrap(), 2_000);
            lie(&mut runs.listed[0]);
            assert!(matches!(list(&db, &runs), Err(Fault::Damaged(_))));
        }
    }
}
