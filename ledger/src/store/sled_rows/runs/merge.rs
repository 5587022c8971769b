// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rows of several runs, and those in memory, in one order; each read where it stands.
//!
//! Whoever goes through a run is given no row that a look-up would not find: what is gone through is
//! compared with the log, and must not be something else than what is answered.

use std::collections::btree_map;
use std::ops::Range;

use super::super::block::BlockReader;
use super::super::filter::KeyHash;
use super::{Fault, Run};
use crate::store::RowKey;

/// A row's key, and its value unless it was removed.
pub(super) type Seen<'a> = (&'a [u8], Option<&'a [u8]>);

/// Rows of one place, ascending.
pub(super) enum Source<'a> {
    Memory(MemoryWalk<'a>),
    Run(RunWalk<'a>),
}

/// Goes through rows in memory.
pub(super) struct MemoryWalk<'a> {
    rows: btree_map::Range<'a, RowKey, Option<Vec<u8>>>,
    row: Option<Seen<'a>>,
}

/// Goes through the rows of a run.
pub(super) struct RunWalk<'a> {
    run: &'a Run,
    db: &'a sled::Db,
    /// Blocks that are to be read after the one at hand.
    blocks: Range<usize>,
    from: &'a [u8],
    to: &'a [u8],
    reader: Option<BlockReader<sled::IVec>>,
}

impl<'a> Source<'a> {
    /// Rows in memory, in their order.
    pub(super) fn memory(rows: btree_map::Range<'a, RowKey, Option<Vec<u8>>>) -> Self {
        Self::Memory(MemoryWalk { rows, row: None })
    }

    /// Rows of these blocks of a run, in `from..=to`, removed ones among them.
    pub(super) const fn run(
        run: &'a Run,
        db: &'a sled::Db,
        blocks: Range<usize>,
        (from, to): (&'a [u8], &'a [u8]),
    ) -> Self {
        Self::Run(RunWalk { run, db, blocks, from, to, reader: None })
    }

    fn step(&mut self) -> Result<(), Fault> {
        match self {
            Self::Memory(walk) => {
                walk.row = walk.rows.next().map(|(key, value)| (&**key, value.as_deref()));
                Ok(())
            }
            Self::Run(walk) => walk.step(),
        }
    }

    fn row(&self) -> Option<Seen<'_>> {
        match self {
            Self::Memory(walk) => walk.row,
            Self::Run(walk) => walk.reader.as_ref().map(BlockReader::row),
        }
    }
}

impl RunWalk<'_> {
    fn step(&mut self) -> Result<(), Fault> {
        loop {
            if let Some(reader) = &mut self.reader
                && reader.read_next()?
            {
                if reader.key() > self.to {
                    self.end();
                    return Ok(());
                }
                if reader.key() >= self.from {
                    return self.check();
                }
            } else if !self.begin_block()? {
                return Ok(());
            }
        }
    }

    /// Goes on with the next block, up to its first row; false where there is none.
    fn begin_block(&mut self) -> Result<bool, Fault> {
        let Some(block) = self.blocks.next() else {
            self.end();
            return Ok(false);
        };
        let bytes = self.run.block(self.db, block)?;
        let mut reader = BlockReader::new(bytes.clone());
        reader.read_next()?;
        if self.run.first_keys.get(block).is_none_or(|first| **first != *reader.key()) {
            return Err(unfindable());
        }
        self.reader = Some(BlockReader::new(bytes));
        Ok(true)
    }

    fn end(&mut self) {
        (self.reader, self.blocks) = (None, 0..0);
    }

    /// Whether a look-up finds the row at hand.
    fn check(&self) -> Result<(), Fault> {
        let key = self.reader.as_ref().map(BlockReader::key).unwrap_or_default();
        let is_within = match self.run.first_keys.get(self.blocks.start) {
            Some(next) => *key < **next,
            None => *key <= *self.run.last_key,
        };
        if is_within && self.run.filter.may_contain(KeyHash::of(key)) {
            Ok(())
        } else {
            Err(unfindable())
        }
    }
}

fn unfindable() -> Fault {
    Fault::Damaged("a run does not find its own rows".to_owned())
}

/// Rows of several sources in one order; of those with one key the first source's.
pub(super) struct Merge<'a> {
    sources: Vec<Source<'a>>,
    /// The source whose row was given last.
    given: Option<usize>,
}

impl<'a> Merge<'a> {
    pub(super) fn of(mut sources: Vec<Source<'a>>) -> Result<Self, Fault> {
        for source in &mut sources {
            source.step()?;
        }
        Ok(Self { sources, given: None })
    }

    pub(super) fn read_next(&mut self) -> Result<Option<Seen<'_>>, Fault> {
        if let Some(given) = self.given.take()
            && let Some(source) = self.sources.get_mut(given)
        {
            source.step()?;
        }
        let rows = self.sources.iter().enumerate();
        let keys = rows.filter_map(|(place, source)| Some((source.row()?.0, place)));
        // Of rows with one key the first source's.
        let Some((_, first)) = keys.min() else {
            return Ok(None);
        };
        self.given = Some(first);
        let (sources, hidden) =
            self.sources.split_at_mut_checked(first.saturating_add(1)).unwrap_or_default();
        let row = sources.last().and_then(Source::row);
        for source in hidden {
            if let (Some((key, _)), Some((other, _))) = (row, source.row())
                && key == other
            {
                source.step()?;
            }
        }
        Ok(row)
    }
}
