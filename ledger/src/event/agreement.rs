// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A cooperation that an action needs beyond the members' power.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::date::PartialDate;
use super::error::{BrokenRule, EventError};
use super::field::{Parsed, broken, distinct, each, optional, optional_entry_id};
use super::limits::{LINES_MAX, MEMBERS_MAX, PARTIES_MAX};
use super::name::{LineId, Slug};
use super::source::Source;
use super::text::{Text, title};
use crate::id::EntryId;

/// Members agree with parties outside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Agreement {
    /// Its title.
    pub title: Text,
    /// Members who signed it: at least one.
    pub members: Vec<Slug>,
    /// States, countries, bodies: at least one.
    pub parties: Vec<Text>,
    /// Lines of action that it serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineId>,
    /// From when on it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<PartialDate>,
    /// Until when it holds; never before it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
    /// The agreement itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// Where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The agreement that it replaces.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub replaces: Option<EntryId>,
}

impl TryFrom<v1::Agreement> for Agreement {
    type Error = EventError;

    fn try_from(raw: v1::Agreement) -> Result<Self, EventError> {
        let agreement = Self {
            title: title("title", raw.title)?,
            members: each("members", raw.members, MEMBERS_MAX)?,
            parties: each("parties", raw.parties, PARTIES_MAX)?,
            lines: each("lines", raw.lines, LINES_MAX)?,
            from: optional("from", raw.from)?,
            until: optional("until", raw.until)?,
            evidence: evidence(raw.evidence)?,
            source: optional("source", raw.source)?,
            replaces: optional_entry_id("replaces", &raw.replaces)?,
        };
        distinct("members", &agreement.members, |slug| slug)?;
        distinct("lines", &agreement.lines, |id| id)?;
        check_sides(&agreement)?;
        check_term(&agreement)?;
        Ok(agreement)
    }
}

fn check_sides(agreement: &Agreement) -> Parsed<()> {
    if agreement.members.is_empty() {
        return broken("members", BrokenRule::Missing { expected: "a member that signed it" });
    }
    if agreement.parties.is_empty() {
        return broken("parties", BrokenRule::Missing { expected: "a party besides the members" });
    }
    Ok(())
}

fn check_term(agreement: &Agreement) -> Parsed<()> {
    match (agreement.from, agreement.until) {
        (Some(from), Some(until)) if until.last_day() < from.first_day() => {
            let expected = format!("a date not before {from}");
            broken("until", BrokenRule::OutOfRange { expected, found: until.to_string() })
        }
        (_, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(from: &str, until: &str) -> v1::Agreement {
        let text = |es: &str| v1::Text { es: es.to_owned(), ..v1::Text::default() };
        v1::Agreement {
            title: Some(text("Convenio")),
            members: vec!["sspc".to_owned()],
            parties: vec![text("Estado de Chihuahua")],
            from: Some(v1::Date { text: from.to_owned() }),
            until: Some(v1::Date { text: until.to_owned() }),
            ..v1::Agreement::default()
        }
    }

    #[test]
    fn an_agreement_does_not_end_before_it_begins() {
        assert!(Agreement::try_from(raw("2024-06", "2024")).is_ok());
        assert_eq!(Agreement::try_from(raw("2024-06", "2023")).unwrap_err().path, "until");
    }

    #[test]
    fn an_agreement_has_a_party_besides_the_members() {
        let alone = v1::Agreement { parties: Vec::new(), ..raw("2024", "2025") };
        assert_eq!(Agreement::try_from(alone).unwrap_err().path, "parties");
    }
}
