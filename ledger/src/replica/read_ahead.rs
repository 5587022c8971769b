// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries one after another in the order of the log, as who sends all of them reads them: many with
//! one read of the disk, and no look-up for each.
//!
//! Decides nothing: each is what [`Replica::read_message`] gives, which is asked wherever the log says
//! less than the index does.

use std::collections::VecDeque;

use constancia_proto::v1;
use prost::Message as _;

use super::{Replica, check_payload};
use crate::id::EntryId;
use crate::index::Index as _;
use crate::store::{Record, RecordKind, Scanned, StoreError};

/// Entries that have to follow one another before more is read than is asked for: a read ahead costs
/// what some ten look-ups do.
const FOLLOWING_MIN: usize = 32;
/// Entries read ahead, at most: some hundred KiB of small ones.
const ENTRIES_MAX: usize = 1_024;
/// Bytes of records read ahead, at most.
const BYTES_MAX: usize = 512 << 10;

/// A replica that nobody writes to meanwhile, and what has been read ahead of its log.
#[derive(Debug)]
pub struct ReadAhead<'a> {
    replica: &'a Replica,
    ahead: VecDeque<(EntryId, v1::SignedEntry)>,
    /// Arrival of the entry that was asked for last.
    last: Option<u64>,
    /// How many have been asked for, each of which arrived right after the one before.
    following: usize,
}

impl<'a> ReadAhead<'a> {
    /// Nothing read yet.
    pub const fn of(replica: &'a Replica) -> Self {
        Self { replica, ahead: VecDeque::new(), last: None, following: 0 }
    }

    /// The entry that arrived as this number, as it is stored, to be sent.
    ///
    /// # Errors
    /// As [`Replica::read_message`].
    pub fn read(
        &mut self,
        id: &EntryId,
        arrival: u64,
    ) -> Result<Option<v1::SignedEntry>, StoreError> {
        let follows = self.last.is_some_and(|last| last.checked_add(1) == Some(arrival));
        self.last = Some(arrival);
        self.following = if follows { self.following.saturating_add(1) } else { 0 };
        if self.following >= FOLLOWING_MIN && self.ahead.is_empty() {
            self.fill(id)?;
        }
        let next = self.ahead.pop_front();
        if next.as_ref().is_some_and(|(next, _)| next != id) {
            self.ahead.clear();
        }
        match next {
            // One without payload may have it elsewhere; one with another is for the index to name.
            Some((next, message))
                if next == *id && message.payload.is_some() && check_payload(&message).is_ok() =>
            {
                Ok(Some(message))
            }
            Some(_) | None => self.replica.read_message(id),
        }
    }

    /// Reads as many as have followed already, this one first: no more is read in vain than has been
    /// read for good.
    fn fill(&mut self, id: &EntryId) -> Result<(), StoreError> {
        let Some(row) = self.replica.rows.entry(id)? else {
            return Ok(());
        };
        let most = self.following.min(ENTRIES_MAX);
        let (ahead, mut bytes) = (&mut self.ahead, 0_usize);
        let read = self.replica.log.scan(row.position, &mut |scanned| {
            // Damage is named where it is met by who asks for the entry; and what is no entry may be
            // followed by a thousand more that are none, each of a megabyte.
            let Scanned::Record(_, Record { kind: RecordKind::Entry, bytes: record }) = scanned
            else {
                return Ok(false);
            };
            bytes = bytes.saturating_add(record.len());
            let Ok(message) = v1::SignedEntry::decode(record) else {
                return Ok(false);
            };
            ahead.push_back((EntryId::of_header(&message.header), message));
            Ok(ahead.len() < most && bytes < BYTES_MAX)
        });
        if read.is_err() {
            // Of whatever cannot be read further on, this entry knows nothing.
            self.following = 0;
        }
        Ok(())
    }
}
