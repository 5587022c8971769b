// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Who takes part, and with which keys.

use constancia_proto::v1;

use super::attachment::Attachment;
use super::choice::choice;
use super::error::{BrokenRule, EventError};
use super::field::{broken, choice, label, name, optional, public_key};
use super::name::Slug;
use super::source::{Source, url};
use super::text::{Language, Text, title};
use crate::id::PublicKey;

choice! {
    /// What a member is.
    MemberClass {
        /// A body of the state that carries the plan out.
        Institution = "institution",
        /// A civil-society organisation.
        CivilSociety = "civil_society",
        /// An academic body.
        Academia = "academia",
        /// A body that audits the state.
        Oversight = "oversight",
        /// An international partner.
        Partner = "partner",
    }
}

/// An institution, organisation or body that takes part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    /// Names it.
    pub slug: Slug,
    /// What it is.
    pub class: MemberClass,
    /// Always in Spanish, the first language of the ledger.
    pub name: Text,
    /// Where it is said that it takes part, or should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl TryFrom<v1::Member> for Member {
    type Error = EventError;

    fn try_from(raw: v1::Member) -> Result<Self, EventError> {
        let member = Self {
            slug: name("slug", raw.slug)?,
            class: choice("class", raw.class)?,
            name: title("name", raw.name)?,
            source: optional("source", raw.source)?,
            url: url("url", raw.url)?,
        };
        if member.name.wording(Language::Es).is_none() {
            return broken("name.es", BrokenRule::Missing { expected: "the name in Spanish" });
        }
        Ok(member)
    }
}

choice! {
    /// What a key may write.
    KeyScope {
        /// Anything: an official who signs submissions.
        Sign = "sign",
        /// Acknowledgements: a node.
        Acknowledge = "acknowledge",
    }
}

/// A key that a member may write with.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyGrant {
    /// Never of small order.
    #[serde(serialize_with = "super::json::as_text")]
    pub key: PublicKey,
    /// Whose key it is.
    pub member: Slug,
    /// What it may write.
    pub scope: KeyScope,
    /// The office that signs with it, not a person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The letter of appointment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Attachment>,
}

impl TryFrom<v1::KeyGrant> for KeyGrant {
    type Error = EventError;

    fn try_from(raw: v1::KeyGrant) -> Result<Self, EventError> {
        Ok(Self {
            key: public_key("key", &raw.key)?,
            member: name("member", raw.member)?,
            scope: choice("scope", raw.scope)?,
            office: label("office", raw.office)?,
            appointment: optional("appointment", raw.appointment)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_a_name_in_spanish() {
        let raw = |es: &str| v1::Member {
            slug: "sre".to_owned(),
            class: MemberClass::Institution.number(),
            name: Some(v1::Text {
                es: es.to_owned(),
                en: "Secretariat of Foreign Affairs".to_owned(),
                translated: Vec::new(),
            }),
            source: None,
            url: String::new(),
        };
        assert!(Member::try_from(raw("Secretaría de Relaciones Exteriores")).is_ok());
        assert_eq!(
            Member::try_from(raw("")).unwrap_err().to_string(),
            "name.es: expected the name in Spanish, found nothing"
        );
    }

    #[test]
    fn the_scope_of_a_key_must_be_chosen() {
        let raw = v1::KeyGrant {
            key: ed25519_dalek::SigningKey::from_bytes(&[1; 32])
                .verifying_key()
                .to_bytes()
                .to_vec()
                .into(),
            member: "sre".to_owned(),
            ..v1::KeyGrant::default()
        };
        assert_eq!(KeyGrant::try_from(raw).unwrap_err().path, "scope");
    }
}
