// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The store in memory: for reading a bundle, for tests and for simulation.
//!
//! Touches no disk and loses everything when dropped.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::RwLock;

use super::{EntryLog, Gap, Position, Record, Row, RowChange, RowKey, Rows, Scanned, StoreError};

/// An entry log in memory.
#[derive(Debug, Default)]
pub struct MemoryLog {
    records: Vec<Record>,
}

impl MemoryLog {
    /// The record that stands at a position, by its place in the list.
    fn find(&self, position: Position) -> Option<&Record> {
        self.records.get(usize::try_from(position.offset).ok()?)
    }
}

impl EntryLog for MemoryLog {
    fn append(&mut self, records: &[Record]) -> Result<Vec<Position>, StoreError> {
        let mut positions = Vec::with_capacity(records.len());
        for record in records {
            positions.push(self.end());
            self.records.push(record.clone());
        }
        Ok(positions)
    }

    fn read(&self, position: Position) -> Result<Record, StoreError> {
        self.find(position).cloned().ok_or_else(|| StoreError::Damaged {
            file: "memory".to_owned(),
            position,
            entry: None,
            reason: "no record at this place".to_owned(),
        })
    }

    fn end(&self) -> Position {
        Position { segment: 0, offset: u64::try_from(self.records.len()).unwrap_or(u64::MAX) }
    }

    fn count_records(&self) -> u64 {
        self.end().offset
    }

    fn scan(
        &self,
        from: Position,
        visit: &mut dyn FnMut(Scanned) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut position = from;
        while let Some(record) = self.find(position) {
            if !visit(Scanned::Record(position, record.clone()))? {
                break;
            }
            position.offset = position.offset.saturating_add(1);
        }
        Ok(())
    }

    fn fits(&self, gap: &Gap, records: &[Record]) -> bool {
        let room = gap.to.offset.checked_sub(gap.from.offset);
        room == u64::try_from(records.len()).ok()
    }

    fn replace(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        let at = |position: Position| usize::try_from(position.offset).unwrap_or(usize::MAX);
        let (from, to) = (at(gap.from), at(gap.to).min(self.records.len()));
        if from > to {
            return Err(StoreError::NoGap { file: "memory".to_owned(), position: gap.from });
        }
        self.records.splice(from..to, records.iter().cloned());
        Ok(())
    }
}

/// Index rows in memory.
#[derive(Debug, Default)]
pub struct MemoryRows {
    rows: RwLock<BTreeMap<RowKey, Vec<u8>>>,
}

impl MemoryRows {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<RowKey, Vec<u8>>> {
        self.rows.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<RowKey, Vec<u8>>> {
        self.rows.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn between<'a>(from: &'a [u8], to: &'a [u8]) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
    (Bound::Included(from), Bound::Included(to))
}

impl Rows for MemoryRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().get(key).cloned())
    }

    fn last_in(&self, from: &[u8], to: &[u8]) -> Result<Option<Row>, StoreError> {
        if from > to {
            return Ok(None);
        }
        let rows = self.read();
        let last = rows.range::<[u8], _>(between(from, to)).next_back();
        Ok(last.map(|(key, value)| (*key, value.clone())))
    }

    fn range(&self, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let rows = self.read();
        let found = rows.range::<[u8], _>(between(from, to)).take(limit);
        Ok(found.map(|(key, value)| (*key, value.clone())).collect())
    }

    fn apply(&self, batch: Vec<RowChange>) -> Result<(), StoreError> {
        let mut rows = self.write();
        for (key, value) in batch {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.write().clear();
        Ok(())
    }
}
