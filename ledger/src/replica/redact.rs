// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R30: a payload that the council had dropped leaves this replica's disk.
//!
//! The log comes first: each record that has the payload is written anew without it, beside the old
//! segment and renamed, so that at any crash there is the one or the other; then the index. What a
//! crash left undone is done when the replica is opened. Header and signature stay, and so does the
//! place of every other record. The files that the payload alone named go first: nobody could say
//! afterwards which they were.

use bytes::Bytes;
use constancia_proto::v1;
use prost::Message as _;

use super::{Replica, decode_late_payload};
use crate::event::attachment::list_evidence;
use crate::id::EntryId;
use crate::index::{Index as _, Staged};
use crate::store::{Gap, Position, Record, RecordKind, Scanned, StoreError};

impl Replica {
    /// Whether a decision that passed has an entry's payload dropped.
    pub fn is_redacted(&self, id: &EntryId) -> bool {
        self.law.authority.redaction(id).is_some()
    }

    /// Drops what decisions have had dropped and is still here.
    ///
    /// # Errors
    /// Where the disk refuses; what is left is dropped at the next call.
    pub(super) fn drop_redacted(&mut self) -> Result<(), StoreError> {
        let redacted: Vec<EntryId> = self.law.authority.redactions().keys().copied().collect();
        for id in redacted {
            let Some(row) = self.rows.entry(&id)? else {
                continue;
            };
            if row.facts.has_payload {
                self.remove_attachments(&id)?;
                self.rewrite_without(&id)?;
            } else if !self.rows.is_pending(&id)? {
                continue;
            }
            let mut staged = Staged::over(&*self.rows, self.ledger)?;
            staged.set_redacted(&id)?;
            self.rows.apply(staged.into_batch()?)?;
        }
        Ok(())
    }

    /// Removes the files that an entry's payload names and no other payload does that stays.
    fn remove_attachments(&self, id: &EntryId) -> Result<(), StoreError> {
        let Some(attachments) = &self.attachments else {
            return Ok(());
        };
        let payload = self.read_message(id)?.and_then(|message| message.payload);
        let mut named = payload.map(|payload| list_evidence(&payload)).unwrap_or_default();
        if named.is_empty() {
            return Ok(());
        }
        self.log.scan(Position::default(), &mut |scanned| {
            if let Scanned::Record(_, record) = scanned
                && let Some((other, payload)) = payload_of(&record)
                && !self.is_redacted(&other)
            {
                let stays = list_evidence(&payload);
                named.retain(|hash| !stays.contains(hash));
            }
            Ok(!named.is_empty())
        })?;
        named.iter().try_for_each(|hash| attachments.remove(hash))
    }

    /// Writes every record anew that has the payload: an entry may stand in the log twice, where the
    /// first was written and not acknowledged.
    fn rewrite_without(&mut self, id: &EntryId) -> Result<(), StoreError> {
        let mut gaps: Vec<(Gap, Record)> = Vec::new();
        let mut last: Option<(Position, Record)> = None;
        let mut take = |last: &mut Option<(Position, Record)>, to: Position| {
            if let Some((from, record)) = last.take() {
                let reason = "its payload was redacted".to_owned();
                gaps.push((Gap { from, to, records: Some(1), reason }, record));
            }
        };
        self.log.scan(Position::default(), &mut |scanned| {
            let at = match &scanned {
                Scanned::Record(position, _) => *position,
                Scanned::Gap(gap) => gap.from,
            };
            take(&mut last, at);
            if let Scanned::Record(position, record) = scanned {
                last = without_payload(id, &record).map(|record| (position, record));
            }
            Ok(true)
        })?;
        take(&mut last, self.log.end());
        for (gap, record) in gaps.into_iter().rev() {
            self.log.replace(&gap, &[record])?;
        }
        Ok(())
    }
}

/// The payload in a record, and whose it is.
fn payload_of(record: &Record) -> Option<(EntryId, Bytes)> {
    match record.kind {
        RecordKind::Entry => {
            let message = v1::SignedEntry::decode(record.bytes.clone()).ok()?;
            Some((EntryId::of_header(&message.header), message.payload?))
        }
        RecordKind::LatePayload => {
            let (entry, payload) = decode_late_payload(&record.bytes).ok()?;
            Some((entry, payload.bytes))
        }
        RecordKind::ForkProof | RecordKind::Lost | RecordKind::Dropped => None,
    }
}

/// The record without the payload of this entry; none where it has not got it.
fn without_payload(id: &EntryId, record: &Record) -> Option<Record> {
    match record.kind {
        RecordKind::Entry => {
            let message = v1::SignedEntry::decode(record.bytes.clone()).ok()?;
            if message.payload.is_none() || EntryId::of_header(&message.header) != *id {
                return None;
            }
            let bare = v1::SignedEntry { payload: None, salt: None, ..message };
            Some(Record { kind: RecordKind::Entry, bytes: bare.encode_to_vec().into() })
        }
        RecordKind::LatePayload => {
            let (entry, _) = decode_late_payload(&record.bytes).ok()?;
            let dropped = Record { kind: RecordKind::Dropped, bytes: Bytes::new() };
            (entry == *id).then_some(dropped)
        }
        RecordKind::ForkProof | RecordKind::Lost | RecordKind::Dropped => None,
    }
}
