// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The charter, which founds a ledger, and its acceptance by the members.

use std::collections::BTreeSet;

use constancia_proto::v1;

use super::error::{BrokenRule, EventError};
use super::field::{
    InField as _, Parsed, ascending, broken, each, entry_id, optional, required, required_label,
};
use super::limits::{KEYS_MAX, MEMBERS_MAX};
use super::member::{KeyGrant, KeyScope, Member};
use super::name::Slug;
use super::plan::Plan;
use super::rules::Rules;
use super::text::Text;
use crate::id::{EntryId, PublicKey};

/// The first entry: plan, members, keys and rules.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Charter {
    /// What people call this ledger.
    pub name: String,
    /// The plan that the ledger follows.
    pub plan: Plan,
    /// Ascending by slug.
    pub members: Vec<Member>,
    /// Ascending by key; each of a member that exists.
    pub keys: Vec<KeyGrant>,
    /// How decisions are taken. Every council member exists and every quota can be met.
    pub rules: Rules,
}

impl Charter {
    /// Checks a charter that `author` is about to sign or has signed.
    ///
    /// # Errors
    /// Whatever breaks a rule of the charter, and an author without a `sign` key in it.
    pub fn parse(raw: v1::Charter, author: &PublicKey) -> Result<Self, EventError> {
        let charter = Self::try_from(raw)?;
        charter.check_founder(author)?;
        Ok(charter)
    }

    /// Checks that `author` may sign under the charter.
    ///
    /// # Errors
    /// The author's key is not granted with scope `sign`.
    pub fn check_founder(&self, author: &PublicKey) -> Result<(), EventError> {
        let signs = |grant: &KeyGrant| grant.key == *author && grant.scope == KeyScope::Sign;
        if self.keys.iter().any(signs) {
            return Ok(());
        }
        broken("keys", BrokenRule::FounderWithoutKey { expected: author.to_string() })
    }

    /// The member with this slug.
    pub fn member(&self, slug: &Slug) -> Option<&Member> {
        self.members.iter().find(|member| member.slug == *slug)
    }

    /// Whether enough council members have a `sign` key for any decision ever to pass, one that
    /// grants more keys included.
    pub fn council_can_decide(&self) -> bool {
        let signing: BTreeSet<&Slug> = self
            .keys
            .iter()
            .filter(|grant| grant.scope == KeyScope::Sign)
            .map(|grant| &grant.member)
            .filter(|slug| self.rules.council.contains(slug))
            .collect();
        let enough =
            |count: usize, needed: u32| usize::try_from(needed).is_ok_and(|needed| count >= needed);
        let seats = |class| {
            let is_of_class = |slug: &&&Slug| self.member(slug).is_some_and(|it| it.class == class);
            signing.iter().filter(is_of_class).count()
        };
        enough(signing.len(), self.rules.quorum)
            && self.rules.class_quotas.iter().all(|quota| enough(seats(quota.class), quota.members))
    }
}

impl TryFrom<v1::Charter> for Charter {
    type Error = EventError;

    fn try_from(raw: v1::Charter) -> Result<Self, EventError> {
        let charter = Self {
            name: required_label("name", raw.name)?,
            plan: required("plan", raw.plan)?,
            members: each("members", raw.members, MEMBERS_MAX)?,
            keys: each("keys", raw.keys, KEYS_MAX)?,
            rules: required("rules", raw.rules)?,
        };
        ascending("members", &charter.members, |member| &member.slug)?;
        ascending("keys", &charter.keys, |grant| grant.key)?;
        for (index, grant) in charter.keys.iter().enumerate() {
            check_grant(&charter, grant)
                .map_err(|error| error.within_item(index).within("keys"))?;
        }
        charter.rules.check_members(&charter.members).in_field("rules")?;
        charter.plan.check_members(&charter.members).in_field("plan")?;
        Ok(charter)
    }
}

fn check_grant(charter: &Charter, grant: &KeyGrant) -> Parsed<()> {
    if charter.member(&grant.member).is_some() {
        return Ok(());
    }
    let found = grant.member.to_string();
    broken("member", BrokenRule::Unresolved { expected: "a member", found })
}

/// A member takes part under this charter.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Acceptance {
    /// The charter's entry.
    #[serde(serialize_with = "super::json::as_text")]
    pub charter: EntryId,
    /// What the member says with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl TryFrom<v1::Acceptance> for Acceptance {
    type Error = EventError;

    fn try_from(raw: v1::Acceptance) -> Result<Self, EventError> {
        Ok(Self { charter: entry_id("charter", &raw.charter)?, note: optional("note", raw.note)? })
    }
}

#[cfg(test)]
mod tests;
