// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Files outside the ledger that events name by hash.

use std::collections::BTreeSet;
use std::fmt;

use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use prost::Message as _;

use super::decode::bounds::check_bounds;
use super::error::{BrokenRule, EventError, shown};
use super::field::{Parsed, bytes, distinct, each, prose, required_label};
use super::limits::EVIDENCE_MAX;
use crate::limits::SALT_BYTES;

/// BLAKE3 of an attachment's salt and content: what peers ask for it by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentHash([u8; 32]);

impl AttachmentHash {
    /// Takes 32 bytes as they are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for AttachmentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for AttachmentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachmentHash({self})")
    }
}

impl serde::Serialize for AttachmentHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A file kept outside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Attachment {
    /// File name, without directories.
    pub name: String,
    /// RFC 6838.
    pub media_type: String,
    /// Bytes.
    #[serde(serialize_with = "super::json::as_text")]
    pub length: u64,
    /// Hashed before the content, so that the hash of a guessable file tells nothing.
    #[serde(serialize_with = "super::json::as_hex")]
    pub salt: [u8; SALT_BYTES],
    /// Of salt and content.
    pub hash: AttachmentHash,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl TryFrom<v1::Attachment> for Attachment {
    type Error = EventError;

    fn try_from(raw: v1::Attachment) -> Result<Self, EventError> {
        let attachment = Self {
            name: required_label("name", raw.name)?,
            media_type: required_label("media_type", raw.media_type)?,
            length: raw.length,
            salt: bytes("salt", &raw.salt)?,
            hash: AttachmentHash(bytes("hash", &raw.hash)?),
            description: prose("description", raw.description)?,
        };
        if !is_file_name(&attachment.name) {
            let rule = BrokenRule::NotAFileName { found: shown(&attachment.name) };
            return Err(EventError::from(rule).within("name"));
        }
        if !is_media_type(&attachment.media_type) {
            let rule = BrokenRule::NotAMediaType { found: shown(&attachment.media_type) };
            return Err(EventError::from(rule).within("media_type"));
        }
        Ok(attachment)
    }
}

/// The attachments of an event: each once.
pub(super) fn evidence(raw: Vec<v1::Attachment>) -> Parsed<Vec<Attachment>> {
    let evidence: Vec<Attachment> = each("evidence", raw, EVIDENCE_MAX)?;
    distinct("evidence", &evidence, |attachment| attachment.hash)?;
    Ok(evidence)
}

/// Hashes of the files that a payload names as evidence, also where its event breaks a rule: whoever
/// removes a file asks.
pub fn list_evidence(payload: &[u8]) -> BTreeSet<AttachmentHash> {
    let event = check_bounds(payload).ok().and_then(|()| v1::Event::decode(payload).ok());
    let named = event.as_ref().and_then(|event| event.body.as_ref()).map_or(&[][..], evidence_of);
    let hashes = named.iter().filter_map(|file| (&*file.hash).try_into().ok());
    hashes.map(AttachmentHash).collect()
}

fn evidence_of(body: &Body) -> &[v1::Attachment] {
    match body {
        Body::Proposal(event) => &event.evidence,
        Body::Report(event) => &event.evidence,
        Body::Correction(event) => event.report.as_ref().map_or(&[], |report| &report.evidence),
        Body::Attestation(event) => &event.evidence,
        Body::Challenge(event) => &event.evidence,
        Body::Response(event) => &event.evidence,
        Body::Budget(event) => &event.evidence,
        Body::Consultation(event) => &event.evidence,
        Body::Review(event) => &event.evidence,
        Body::Recommendation(event) => &event.evidence,
        Body::RecommendationResponse(event) => &event.evidence,
        Body::Agreement(event) => &event.evidence,
        Body::Charter(_)
        | Body::Acceptance(_)
        | Body::Vote(_)
        | Body::Enact(_)
        | Body::KeyRetired(_)
        | Body::ProposalWithdrawn(_)
        | Body::Acknowledge(_)
        | Body::Withdrawal(_)
        | Body::Close(_)
        | Body::ConsultationSignOff(_) => &[],
    }
}

/// Whoever saves the file under this name must stay in the directory that he chose.
fn is_file_name(name: &str) -> bool {
    !name.contains(['/', '\\', ':']) && name != "." && name != ".."
}

fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        (1..=127).contains(&name.len())
            && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(name: &str, media_type: &str) -> v1::Attachment {
        v1::Attachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            length: 3,
            salt: vec![7; 16].into(),
            hash: vec![8; 32].into(),
            description: String::new(),
        }
    }

    #[test]
    fn a_file_name_cannot_leave_its_directory() {
        assert!(Attachment::try_from(raw("víctimas 2024.csv", "text/csv")).is_ok());
        for wrong in ["../a", "a/b", "a\\b", "C:a", "..", "."] {
            let error = Attachment::try_from(raw(wrong, "text/csv")).unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotAFileName { .. }), "{wrong}");
        }
    }

    #[test]
    fn a_media_type_has_two_parts() {
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert!(Attachment::try_from(raw("a", sheet)).is_ok());
        for wrong in ["text", "text/", "/csv", "text/csv; charset=utf-8", "text/csv/x"] {
            let error = Attachment::try_from(raw("a", wrong)).unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotAMediaType { .. }), "{wrong}");
        }
    }

    #[test]
    fn a_salt_of_another_length_is_refused() {
        let mut short = raw("a", "text/csv");
        short.salt = vec![7; 15].into();
        let error = Attachment::try_from(short).unwrap_err();
        assert_eq!(error.to_string(), "salt: expected 16 bytes, found 15");
    }

    #[test]
    fn one_file_is_evidence_once() {
        let error = evidence(vec![raw("a", "text/csv"), raw("b", "text/csv")]).unwrap_err();
        assert_eq!(error.path, "evidence[1]");
    }
}
