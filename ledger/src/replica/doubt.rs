// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether an index is to be trusted: it is held against the log before anything is read from it.
//!
//! Any doubt means that it is made anew. Damage in the log is no doubt about the index: the index
//! still knows which entry stood there.

use crate::entry::decode_signed_entry;
use crate::id::{EntryId, LedgerId};
use crate::index::{INDEX_LAYOUT, Index, Meta, RowsSum};
use crate::store::{EntryLog, Gap, Position, Record, Rows, Scanned, StoreError};

/// The damage in the log, looked for once and only when something cannot be read. Read from the
/// log's start, where it is certain what begins where: an index may point into the middle of a whole
/// record, and what a segment lost at its end only the next one tells.
pub(super) struct Gaps<'a> {
    log: &'a dyn EntryLog,
    found: Option<Vec<Gap>>,
}

impl<'a> Gaps<'a> {
    pub(super) const fn of(log: &'a dyn EntryLog) -> Self {
        Self { log, found: None }
    }

    /// The damage in which a position lies.
    pub(super) fn find(&mut self, position: Position) -> Result<Option<Gap>, StoreError> {
        self.find_first(&|gap| gap.from <= position && position < gap.to)
    }

    fn find_first(&mut self, is_it: &dyn Fn(&Gap) -> bool) -> Result<Option<Gap>, StoreError> {
        let gaps = match self.found.take() {
            Some(gaps) => gaps,
            None => list_gaps(self.log)?,
        };
        let found = gaps.iter().find(|gap| is_it(gap)).cloned();
        self.found = Some(gaps);
        Ok(found)
    }
}

fn list_gaps(log: &dyn EntryLog) -> Result<Vec<Gap>, StoreError> {
    let mut gaps = Vec::new();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Gap(gap) = scanned {
            gaps.push(gap);
        }
        Ok(true)
    })?;
    Ok(gaps)
}

/// Checks the index against the log; the error says why it is not to be trusted. Where the log
/// itself is damaged, the index is not to blame: it knows what stood there.
pub(super) fn doubt_index(
    log: &dyn EntryLog,
    rows: &dyn Rows,
    ledger: LedgerId,
    gaps: &mut Gaps<'_>,
    damaged: &mut Vec<Position>,
) -> Result<Meta, String> {
    let meta = match rows.meta() {
        Ok(Some(meta)) => meta,
        Ok(None) => return Err("it is missing".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    if meta.layout != INDEX_LAYOUT {
        return Err(format!("expected layout {INDEX_LAYOUT}, found {}", meta.layout));
    }
    if meta.ledger != ledger {
        return Err(format!("expected ledger {ledger}, found {}", meta.ledger));
    }
    if !rows.is_sealed() {
        let found = rows.sum_rows().map_err(|error| error.to_string())?;
        if found != meta.rows {
            return Err(describe_difference(meta.rows, found));
        }
    }
    if meta.log_end > log.end() {
        match gaps.find_first(&|gap| gap.to >= meta.log_end).map_err(|error| error.to_string())? {
            Some(gap) => damaged.push(gap.from),
            None => return Err("it covers more than the log holds".to_owned()),
        }
    }
    read_covered(log, meta.last_record, gaps, damaged)
        .map_err(|error| format!("its last record: {error}"))?;
    let lanes = rows.lanes().map_err(|error| error.to_string())?;
    if u32::try_from(lanes.len()) != Ok(meta.lanes) {
        return Err(format!("expected {} lanes, found {}", meta.lanes, lanes.len()));
    }
    let last = meta.entries.checked_sub(1).and_then(|last| rows.arrived(last).ok().flatten());
    let heads = lanes.iter().map(|(_, lane)| lane.head).chain(last);
    let mut checked = 0_u32;
    for head in heads {
        check_head(log, rows, &head, gaps, damaged)?;
        checked = checked.saturating_add(1);
    }
    if last.is_none() || checked == 0 {
        return Err("it has no last entry".to_owned());
    }
    Ok(meta)
}

/// What is wrong with rows whose sum is another one than was written.
pub(super) fn describe_difference(expected: RowsSum, found: RowsSum) -> String {
    if expected.count == found.count {
        "one of its rows is not the one that was written last".to_owned()
    } else {
        format!("expected {} rows, found {}", expected.count, found.count)
    }
}

fn check_head(
    log: &dyn EntryLog,
    rows: &dyn Rows,
    head: &EntryId,
    gaps: &mut Gaps<'_>,
    damaged: &mut Vec<Position>,
) -> Result<(), String> {
    let row = rows
        .entry(head)
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("it lacks head {head}"))?;
    let record = read_covered(log, row.position, gaps, damaged)
        .map_err(|error| format!("head {head}: {error}"))?;
    let Some(record) = record else {
        return Ok(());
    };
    match decode_signed_entry(&record.bytes) {
        Ok(entry) if entry.id() == *head => Ok(()),
        Ok(entry) => Err(format!("expected head {head} at its place, found {}", entry.id())),
        Err(error) => Err(format!("head {head}: {error}")),
    }
}

/// Reads a record that the index covers. Nothing where the log is damaged there; an error where no
/// record ever began there, which is the index's fault.
fn read_covered(
    log: &dyn EntryLog,
    position: Position,
    gaps: &mut Gaps<'_>,
    damaged: &mut Vec<Position>,
) -> Result<Option<Record>, StoreError> {
    let error = match log.read(position) {
        Ok(record) => return Ok(Some(record)),
        Err(error) => error,
    };
    if matches!(error, StoreError::Damaged { .. }) && gaps.find(position)?.is_some() {
        if !damaged.contains(&position) {
            damaged.push(position);
        }
        return Ok(None);
    }
    Err(error)
}
