// SPDX-License-Identifier: Apache-2.0 OR MIT
//! All that a document is computed from.

use super::authority::Authority;
use super::fold::Fold;
use super::history::{History, Record};
use super::ledger_at::LedgerAt;
use crate::event::name::Slug;
use crate::order::Moment;
use crate::state::{Act, ListedEvent, Signer, Standing};

/// What documents are computed from: they depend on nothing else but the date T.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) history: &'a History,
    pub(super) at: &'a LedgerAt,
    pub(super) authority: &'a Authority,
    pub(super) fold: &'a Fold,
}

impl<'a> Scene<'a> {
    /// The entry with this number.
    pub(super) fn record(&self, entry: usize) -> &'a Record {
        self.history.record(entry)
    }

    /// The member whose key wrote the entry.
    pub(super) fn member(&self, record: &Record) -> &'a Slug {
        self.history.member_slug(record.member)
    }

    /// Who wrote an entry, with which key, and when.
    pub(super) fn act(&self, entry: usize) -> Act {
        let record = self.record(entry);
        let facts = &record.facts;
        Act {
            entry: facts.id,
            member: self.member(record).clone(),
            signer: self.signer(record),
            seq: facts.seq,
            height: facts.height,
            claimed_at: Moment::from_ms(facts.claimed_at_ms),
            effective_at: Moment::from_ms(facts.effective_at_ms),
            witnessed_at: self.at.witnessed_at(entry),
            exercise: record.exercise().map(str::to_owned),
        }
    }

    /// The key that wrote an entry, and its office.
    pub(super) fn signer(&self, record: &Record) -> Signer {
        let key = record.facts.author;
        let office = self.authority.key(&key).and_then(|key| key.grant.office.clone());
        Signer { key, office }
    }

    /// An event as it was signed.
    pub(super) fn list_event(&self, entry: usize) -> Option<ListedEvent> {
        let event = self.record(entry).event()?;
        let standing = self.fold.verdict(entry).map_or(Standing::Listed, |it| it.standing.clone());
        Some(ListedEvent {
            act: self.act(entry),
            event: event.name().to_owned(),
            standing,
            content: content(event),
            adopted_by: self.authority.adoption(&self.record(entry).facts.id),
        })
    }
}

/// What was signed, with the field names of the schema.
pub(super) fn content<T: serde::Serialize>(value: &T) -> serde_json::Value {
    // The types of events write themselves as objects with text keys: nothing can fail.
    serde_json::to_value(value).unwrap_or_default()
}
