// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `members.json`: who takes part, with which keys, and what each has written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::act::Act;
use crate::event::attachment::Attachment;
use crate::event::name::Slug;
use crate::event::{KeyScope, MemberClass, Text};
use crate::id::{EntryId, PublicKey};
use crate::order::Moment;

/// Members, ascending by slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembersDocument {
    /// Ascending by slug.
    pub members: Vec<MemberRecord>,
}

impl MembersDocument {
    /// The member with this slug.
    pub fn member(&self, slug: &str) -> Option<&MemberRecord> {
        self.members.iter().find(|member| member.slug.as_str() == slug)
    }
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRecord {
    /// Names it.
    pub slug: Slug,
    /// What it is.
    pub class: MemberClass,
    /// Its name.
    pub name: Text,
    /// What admitted it: the charter, or a proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub admitted_by: EntryId,
    /// The proposal that retired it; absent: it is a member.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub retired_by: Option<EntryId>,
    /// Whether it has a seat in the council.
    pub council: bool,
    /// Whether it takes part: the founder, and whoever accepted the charter.
    pub takes_part: bool,
    /// Its acceptances of the charter, in the ledger's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptances: Vec<AcceptanceRecord>,
    /// Ascending by key.
    pub keys: Vec<KeyRecord>,
    /// Events that count, by name (`report`, `correction`, `acknowledge` …).
    #[serde(with = "crate::state::json::counts")]
    pub events: BTreeMap<String, u64>,
    /// Challenges of its figures that are not closed.
    #[serde(with = "crate::state::json::text")]
    pub challenges_open: u64,
    /// The latest effective time of its entries; absent: it never wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_effective_at: Option<Moment>,
}

impl MemberRecord {
    /// How many of its events of this name count.
    pub fn count(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or_default()
    }

    /// How many entries its keys have in the ledger, whether they count or not.
    pub fn entries(&self) -> u64 {
        self.keys.iter().fold(0, |sum, key| sum.saturating_add(key.entries))
    }
}

/// A member took part under the charter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceRecord {
    /// Who and when.
    pub act: Act,
    /// What the member says with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// A key and its feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// The key.
    #[serde(with = "crate::state::json::text")]
    pub key: PublicKey,
    /// What it may write.
    pub scope: KeyScope,
    /// The office that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The letter of appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Attachment>,
    /// What granted it: the charter, or a proposal that passed.
    #[serde(with = "crate::state::json::text")]
    pub granted_by: EntryId,
    /// The key's lowest proven fork: nothing from there on counts.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub forked_seq: Option<u64>,
    /// How the council settled the fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<EndRecord>,
    /// Where the key ended, by revocation or retirement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<EndRecord>,
    /// Its entries in the ledger.
    #[serde(with = "crate::state::json::text")]
    pub entries: u64,
    /// Its last entry that is not beyond a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadRecord>,
}

/// Where a feed ends by decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndRecord {
    /// The proposal, or the entry that retired the key.
    #[serde(with = "crate::state::json::text")]
    pub by: EntryId,
    /// Seq of the last entry that counts; absent: none does.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub honoured_seq: Option<u64>,
    /// That entry.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub honoured: Option<EntryId>,
}

/// The last entry of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadRecord {
    /// Place in the feed.
    #[serde(with = "crate::state::json::text")]
    pub seq: u64,
    /// The entry.
    #[serde(with = "crate::state::json::text")]
    pub entry: EntryId,
    /// The greatest claimed time among the entry and its ancestors.
    pub effective_at: Moment,
}
