// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Putting records in place of damaged ones: the segment is written anew beside and renamed, so that
//! at any crash there is the old one or the new one.
//!
//! A record that is shorter than the room that it gets is padded, so that no other moves. How many
//! records are needed is known from the numbers of those around, and another count is refused:
//! a repair leaves no hole.

use std::sync::Arc;

use super::super::disk::{Piece, write_whole};
use super::super::frame::{Head, encode_frame};
use super::super::segment::{FrameReader, Met, Segment, SegmentHeader, segment_name};
use super::super::{Gap, Position, Record, StoreError};
use super::scan::frames_begin;
use super::{FileLog, State, create_segment, make_head, missing_segment};

/// A part of a segment that is to be written anew.
#[derive(Clone, Copy, Debug)]
struct Part {
    segment: u32,
    from: u64,
    to: u64,
    /// Number of the first record in it, and of the first after it, as far as they can be told.
    first: Option<u64>,
    after: Option<u64>,
    /// Bytes that the gap has: more than the file where its end is missing.
    room: u64,
    /// How far the log was durable; absent where the part is to be the end from now on.
    durable: Option<Position>,
}

impl Part {
    /// How far the log is durable with this many bytes in place of the part.
    fn find_durable(&self, bytes: u64) -> Position {
        let end = self.from.saturating_add(bytes);
        match self.durable {
            Some(durable) if durable.segment != self.segment || durable.offset < self.to => durable,
            Some(durable) => {
                let offset = durable.offset.saturating_sub(self.to).saturating_add(end);
                Position { offset, ..durable }
            }
            None => Position { segment: self.segment, offset: end },
        }
    }
}

impl FileLog {
    pub(super) fn replace_gap(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        if self.state == State::Poisoned {
            return Err(StoreError::Poisoned);
        }
        if !self.segments.contains_key(&gap.from.segment) {
            return self.replace_segments(gap, records);
        }
        let inserted_before = gap.from == gap.to && gap.from.offset == 0;
        if gap.from.offset == 0 && !inserted_before {
            return self.replace_header(gap.from.segment, records);
        }
        let part = self.find_part(gap)?;
        if let (Some(first), Some(after)) = (part.first, part.after) {
            check_count(gap, after.saturating_sub(first), records)?;
        }
        self.replace_part(&part, records)
    }

    /// Finds what a gap covers and which records belong there.
    fn find_part(&self, gap: &Gap) -> Result<Part, StoreError> {
        // What is missing before the first record of a segment stood at the end of the one before.
        let before_first = gap.from.offset == 0;
        let number = gap.from.segment.saturating_sub(u32::from(before_first));
        let segment = self.find_segment(number)?;
        let from = if before_first { segment.len } else { gap.from.offset.min(segment.len) };
        let end = if gap.to.segment == number { gap.to.offset } else { segment.len };
        let to = end.min(segment.len);
        // Who replaces what is missing at the end says that this is the end now.
        let is_end = to == segment.len && gap.to >= self.durable;
        let mut part = Part {
            segment: number,
            from,
            to,
            first: None,
            after: None,
            room: end.saturating_sub(from),
            durable: (!is_end).then_some(self.durable),
        };
        if self.find_numbers(&mut part, segment)? { Ok(part) } else { Err(no_gap(gap)) }
    }

    /// Finds the numbers of the records that belong into a part; whether one begins where it does.
    fn find_numbers(&self, part: &mut Part, segment: &Segment) -> Result<bool, StoreError> {
        let (from, to) = (part.from, part.to);
        let mut expected = segment.header.as_ref().ok().map(|header| header.first);
        let mut is_boundary = from == frames_begin();
        let mut reader = FrameReader::new(segment, self.marker, frames_begin(), segment.len);
        let mut note = |at: u64, expected: Option<u64>, number: Option<u64>| {
            if at == from {
                is_boundary = true;
                part.first = expected.or(number);
            }
            // At a gap of no bytes, what follows says where it ends.
            if at == to && at >= from {
                part.after = number.or(expected.filter(|_| from < to));
            }
        };
        while let Some(met) = reader.read_next()? {
            let (begin, head) = match met {
                Met::Frame(begin, _, head, _) => (begin, Some(head)),
                Met::Damage(begin, _, head, _) => (begin, head),
            };
            // One with a lower number belongs elsewhere and says nothing of this place.
            let number = head.map(|head| head.number);
            let number = number.filter(|found| expected <= Some(*found));
            note(begin, expected, number);
            expected = number.map(|number| number.saturating_add(1)).or(expected);
        }
        let next = self.segments.get(&part.segment.saturating_add(1));
        let next = next.and_then(|next| next.header.as_ref().ok());
        let next_first = next.map(|next| next.first);
        note(segment.len, expected, next_first);
        if to == segment.len && next_first.is_none() {
            part.after = None;
        }
        Ok(is_boundary)
    }

    fn find_segment(&self, number: u32) -> Result<&Segment, StoreError> {
        let segment = self.segments.get(&number);
        segment.ok_or_else(|| missing_segment(number))
    }

    fn replace_part(&mut self, part: &Part, records: &[Record]) -> Result<(), StoreError> {
        let is_tail = part.segment == self.end.segment && part.to >= self.end.offset;
        let first = match (part.first, part.after) {
            (Some(first), _) => first,
            (None, Some(after)) => {
                after.saturating_sub(u64::try_from(records.len()).unwrap_or(u64::MAX))
            }
            (None, None) => self.next_record,
        };
        let frames = self.encode_into_room(records, first, part.room)?;
        if is_tail && part.from < self.end.offset {
            self.keep_tail(part.from)?;
        }
        self.end_note.remove(&*self.disk)?;
        let segment = self.find_segment(part.segment)?;
        let written = write_whole(
            &*self.disk,
            &segment.path,
            &[
                Piece::Copy(&*segment.file, 0, part.from),
                Piece::Bytes(&frames),
                Piece::Copy(&*segment.file, part.to, segment.len),
            ],
        );
        match written {
            Ok(()) => {
                let frames = u64::try_from(frames.len()).unwrap_or(u64::MAX);
                self.open_again(part.find_durable(frames))
            }
            // Renamed or not: the file tells.
            Err(error) => self.open_again(self.durable).and(Err(error)),
        }
    }

    /// Opens the files anew after one of them has been replaced.
    fn open_again(&mut self, durable: Position) -> Result<(), StoreError> {
        self.state = State::Poisoned;
        let (log, _) = Self::open(Arc::clone(&self.disk), &self.folder, Some(durable))?;
        *self = log.with_segment_bytes(self.segment_bytes);
        Ok(())
    }

    /// Encodes frames, each its own batch: what stands around them is durable. Padded to the room
    /// that they have, from the last on, as far as padding goes.
    fn encode_into_room(
        &self,
        records: &[Record],
        first: u64,
        room: u64,
    ) -> Result<Vec<u8>, StoreError> {
        let mut heads = Vec::with_capacity(records.len());
        let mut number = first;
        for record in records {
            heads.push(make_head(record, number, 0)?);
            number = number.saturating_add(1);
        }
        let needed = heads.iter().map(Head::frame_bytes).sum();
        let mut spare = room.saturating_sub(needed);
        for head in heads.iter_mut().rev() {
            head.padding = u32::try_from(spare).unwrap_or(u32::MAX).min(head.padding_max());
            spare = spare.saturating_sub(head.padding.into());
        }
        let mut frames = Vec::new();
        for (head, record) in heads.iter().zip(records) {
            encode_frame(&mut frames, self.marker, head, &record.bytes);
        }
        Ok(frames)
    }

    /// Writes a segment's first line anew.
    fn replace_header(&mut self, number: u32, records: &[Record]) -> Result<(), StoreError> {
        let gap = Gap {
            from: Position { segment: number, offset: 0 },
            to: Position { segment: number, offset: frames_begin() },
            records: Some(0),
            reason: String::new(),
        };
        check_count(&gap, 0, records)?;
        let segment = self.find_segment(number)?;
        let first = self.find_first(number)?;
        let (ledger, marker) = (self.ledger, self.marker);
        let line = SegmentHeader { ledger, segment: number, first, marker }.encode();
        let written = write_whole(
            &*self.disk,
            &segment.path,
            &[
                Piece::Bytes(&line),
                Piece::Copy(&*segment.file, frames_begin().min(segment.len), segment.len),
            ],
        );
        // What a first line that was cut off has taken with it is still missing.
        self.open_again(self.durable).and(written)
    }

    /// Number of the first record of a segment whose first line does not say.
    fn find_first(&self, number: u32) -> Result<u64, StoreError> {
        if number == 0 {
            return Ok(0);
        }
        let own = match self.segments.get(&number) {
            Some(own) => FrameReader::new(own, self.marker, frames_begin(), own.len).read_next()?,
            None => None,
        };
        // What stands at its very beginning is certain; the segment before may have lost its end.
        if let Some(Met::Frame(begin, _, head, _)) = &own
            && *begin == frames_begin()
        {
            return Ok(head.number);
        }
        if let Some(before) = self.segments.get(&number.saturating_sub(1))
            && let Ok(header) = &before.header
        {
            let mut next = header.first;
            let mut reader = FrameReader::new(before, self.marker, frames_begin(), before.len);
            while let Some(met) = reader.read_next()? {
                next = match met {
                    Met::Frame(_, _, head, _) | Met::Damage(_, _, Some(head), _) => {
                        next.max(head.number.saturating_add(1))
                    }
                    Met::Damage(_, _, None, _) => next,
                };
            }
            return Ok(next);
        }
        match own {
            Some(Met::Frame(_, _, head, _) | Met::Damage(_, _, Some(head), _)) => Ok(head.number),
            Some(Met::Damage(_, _, None, _)) | None => Err(missing_segment(number)),
        }
    }

    /// Writes segments whose files are missing: all records go into the first of them.
    fn replace_segments(&mut self, gap: &Gap, records: &[Record]) -> Result<(), StoreError> {
        let after = self.segments.get(&gap.to.segment).and_then(|next| next.header.as_ref().ok());
        let Some(after) = after.map(|header| header.first) else {
            return Err(no_gap(gap));
        };
        let first = self.find_first(gap.from.segment)?;
        check_count(gap, after.saturating_sub(first), records)?;
        let frames = self.encode_into_room(records, first, 0)?;
        // The last first: until all are there, the first is still missing, and named.
        for number in (gap.from.segment.saturating_add(1)..gap.to.segment).rev() {
            let (ledger, marker) = (self.ledger, self.marker);
            let header = SegmentHeader { ledger, segment: number, first: after, marker };
            let segment = create_segment(&*self.disk, &self.folder, &header)?;
            self.segments.insert(number, segment);
        }
        let number = gap.from.segment;
        let (ledger, marker) = (self.ledger, self.marker);
        let line = SegmentHeader { ledger, segment: number, first, marker }.encode();
        let path = self.folder.join(segment_name(number));
        write_whole(&*self.disk, &path, &[Piece::Bytes(&line), Piece::Bytes(&frames)])?;
        self.open_again(self.durable)
    }
}

fn check_count(gap: &Gap, expected: u64, records: &[Record]) -> Result<(), StoreError> {
    let found = u64::try_from(records.len()).unwrap_or(u64::MAX);
    if expected == found {
        Ok(())
    } else {
        Err(StoreError::RepairCount {
            file: segment_name(gap.from.segment),
            position: gap.from,
            expected,
            found,
        })
    }
}

fn no_gap(gap: &Gap) -> StoreError {
    StoreError::NoGap { file: segment_name(gap.from.segment), position: gap.from }
}
