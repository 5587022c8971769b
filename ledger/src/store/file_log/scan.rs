// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading a log from a place on, past damage: every record, and every gap with what it swallowed.

use super::super::frame::Head;
use super::super::segment::{FrameReader, Met, SEGMENT_HEADER_BYTES, Segment};
use super::super::{Gap, Position, Record, Scanned, StoreError};
use super::FileLog;
use super::open::missing_end;

/// Where the frames of a segment begin.
pub(super) fn frames_begin() -> u64 {
    u64::try_from(SEGMENT_HEADER_BYTES).unwrap_or(u64::MAX)
}

type Visit<'a> = &'a mut dyn FnMut(Scanned) -> Result<bool, StoreError>;

/// Follows the numbers of the records, which say how many a gap has swallowed.
struct Scan<'a> {
    visit: Visit<'a>,
    /// Number that the next record should have; not known before the first.
    expected: Option<u64>,
    /// Damage whose number of records the next head tells.
    open_gap: Option<Gap>,
    /// Where a segment ended whose last number is not known to be its last, and where the frames of
    /// the next one begin: only a later number tells whether anything is missing, and where.
    loose_end: Option<(Position, Position)>,
    /// Where the segment before the one at hand ends, if it was read too.
    segment_end: Option<Position>,
    stopped: bool,
}

impl FileLog {
    pub(super) fn scan_from(&self, from: Position, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut scan = Scan {
            visit,
            expected: (from == Position::default()).then_some(0),
            open_gap: None,
            loose_end: None,
            segment_end: None,
            stopped: false,
        };
        let mut next = from.segment;
        for (number, segment) in self.segments.range(from.segment..) {
            if *number > next {
                scan.meet_missing(next, *number)?;
                scan.segment_end = None;
            }
            let start = if *number == from.segment { from.offset } else { 0 };
            self.scan_segment(&mut scan, *number, segment, start)?;
            if scan.stopped {
                return Ok(());
            }
            next = number.saturating_add(1);
            let offset = segment.len.max(frames_begin());
            scan.segment_end = Some(Position { segment: *number, offset });
        }
        if self.end < self.durable {
            scan.meet_end(self.end, self.durable);
        }
        scan.close_gap(None)
    }

    fn scan_segment(
        &self,
        scan: &mut Scan<'_>,
        number: u32,
        segment: &Segment,
        start: u64,
    ) -> Result<(), StoreError> {
        let at = |offset| Position { segment: number, offset };
        let mut offset = start;
        if start < frames_begin() {
            offset = frames_begin();
            let line = match &segment.header {
                Ok(header) => scan.check_first(header.first),
                Err(reason) => Err(reason.clone()),
            };
            match line {
                Ok(first) => scan.meet_segment(first, at(0))?,
                Err(reason) => {
                    let (from, to) = (at(0), at(offset));
                    let gap = Gap { from, to, records: Some(0), reason };
                    scan.meet_damaged_line(gap)?;
                }
            }
        }
        let mut reader = FrameReader::new(segment, self.marker, offset, segment.len);
        while !scan.stopped
            && let Some(met) = reader.read_next()?
        {
            match met {
                Met::Frame(from, to, head, record) => {
                    scan.meet_record(at(from), at(to), &head, record)?;
                }
                Met::Damage(from, to, head, fault) => {
                    let reason = fault.reason();
                    let gap = Gap { from: at(from), to: at(to), records: None, reason };
                    scan.meet_gap(gap, head)?;
                }
            }
        }
        Ok(())
    }
}

impl Scan<'_> {
    fn give(&mut self, scanned: Scanned) -> Result<(), StoreError> {
        if !self.stopped {
            self.stopped = !(self.visit)(scanned)?;
        }
        Ok(())
    }

    fn meet_record(
        &mut self,
        from: Position,
        to: Position,
        head: &Head,
        record: Record,
    ) -> Result<(), StoreError> {
        if let Some(expected) = self.expected
            && head.number < expected
        {
            // Whole, but it belongs elsewhere: taken as a record it would stand twice.
            let reason = format!("expected record number {expected}, found {}", head.number);
            self.close_gap(None)?;
            return self.give(Scanned::Gap(Gap { from, to, records: Some(0), reason }));
        }
        self.meet_number(head.number, from)?;
        self.expected = Some(head.number.saturating_add(1));
        self.give(Scanned::Record(from, record))
    }

    /// Closes the open gap at a place where the next record has this number.
    fn meet_number(&mut self, number: u64, at: Position) -> Result<(), StoreError> {
        let missing = self.expected.and_then(|expected| number.checked_sub(expected));
        let loose_end = self.loose_end.take();
        match (&mut self.open_gap, missing) {
            (Some(gap), _) if loose_end.is_some() => gap.to = at,
            (None, Some(missing)) if missing > 0 => {
                let reason = format!("{missing} records before number {number} are missing");
                let from = match loose_end {
                    None => at,
                    // The next segment's own first record is there: so they stood before it.
                    Some((end, begin)) if at <= begin => end,
                    Some((_, begin)) => begin,
                };
                self.open_gap = Some(Gap { from, to: at, records: None, reason });
            }
            (_, _) => {}
        }
        self.close_gap(missing)?;
        self.expected = self.expected.max(Some(number));
        Ok(())
    }

    /// The first line of a segment tells how many records the one before should have. Those that are
    /// missing stood at its end, which may have been cut off: the gap reaches to the new segment.
    fn meet_segment(&mut self, first: u64, at: Position) -> Result<(), StoreError> {
        self.meet_border(at);
        self.meet_number(first, at)
    }

    /// Another segment begins: what is missing may have stood at the end of the one before.
    fn meet_border(&mut self, at: Position) {
        let begin = Position { offset: frames_begin(), ..at };
        let reaches = |gap: &Gap| self.segment_end.is_some_and(|end| gap.to >= end);
        if self.open_gap.as_ref().is_none_or(reaches) {
            self.loose_end = self.loose_end.or(self.segment_end.map(|end| (end, begin)));
        }
    }

    /// A segment whose first record has a lower number than is due says something wrong.
    fn check_first(&self, first: u64) -> Result<u64, String> {
        match self.expected {
            Some(expected) if first < expected => {
                Err(format!("expected first record number {expected}, found {first}"))
            }
            Some(_) | None => Ok(first),
        }
    }

    /// A damaged first line is a gap of its own, with which no record is lost.
    fn meet_damaged_line(&mut self, line: Gap) -> Result<(), StoreError> {
        self.meet_border(line.from);
        if self.loose_end.is_none() {
            self.close_gap(None)?;
        }
        self.give(Scanned::Gap(line))
    }

    fn meet_gap(&mut self, gap: Gap, head: Option<Head>) -> Result<(), StoreError> {
        match head {
            // A whole head tells which record is damaged.
            Some(head) if self.expected.is_none_or(|expected| expected <= head.number) => {
                self.meet_number(head.number, gap.from)?;
                self.expected = Some(head.number.saturating_add(1));
                self.give(Scanned::Gap(Gap { records: Some(1), ..gap }))
            }
            Some(_) | None => {
                self.close_gap(None)?;
                self.loose_end = None;
                self.open_gap = Some(gap);
                Ok(())
            }
        }
    }

    fn meet_missing(&mut self, from: u32, to: u32) -> Result<(), StoreError> {
        self.close_gap(None)?;
        self.open_gap = Some(Gap {
            from: Position { segment: from, offset: 0 },
            to: Position { segment: to, offset: 0 },
            records: None,
            reason: "the segment file is missing".to_owned(),
        });
        Ok(())
    }

    /// The log ends before it should.
    fn meet_end(&mut self, end: Position, durable: Position) {
        match &mut self.open_gap {
            Some(gap) => gap.to = durable,
            None => self.open_gap = Some(missing_end(end, durable)),
        }
    }

    fn close_gap(&mut self, records: Option<u64>) -> Result<(), StoreError> {
        match self.open_gap.take() {
            Some(gap) => self.give(Scanned::Gap(Gap { records, ..gap })),
            None => Ok(()),
        }
    }
}
