// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 6: the state, a set of canonical JSON documents, and the digest that names it.
//!
//! RFC 8785 JSON; decimals, digests and 64-bit integers are text; times are RFC 3339 in UTC with
//! milliseconds. `index.json` lists the BLAKE3 of every other document, and its own BLAKE3 is the
//! state digest. Nothing here depends on who computes it, or when.

pub mod act;
pub mod budgets;
pub mod challenge;
pub mod findings;
pub mod governance;
pub mod index;
pub mod indicator;
pub mod members;
pub mod plan;
pub mod reviews;
pub mod standing;

pub(crate) mod json;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::event::name::IndicatorId;
use crate::fault::{Coded, Fault};
use crate::id::StateDigest;

pub use act::{Act, Signer};
pub use budgets::{BudgetRecord, BudgetsDocument};
pub use challenge::{ChallengeRecord, ChallengeStanding, CloseKind, CloseRecord, ResponseRecord};
pub use findings::{Finding, FindingRule, FindingsDocument, Subject};
pub use governance::{
    ClassRecord, GovernanceDocument, ListedEvent, ProposalRecord, ProposalStatus, VoteRecord,
};
pub use index::{FeedRecord, FrontierRecord, IndexDocument, STATE_FORMAT, ViewRecord};
pub use indicator::{
    AttestationRecord, Authority, CorrectionRecord, DefinitionRecord, IndicatorDocument,
    RedactionRecord, Series, StatementRecord, Vintage, WithdrawalRecord,
};
pub use members::{
    AcceptanceRecord, EndRecord, HeadRecord, KeyRecord, MemberRecord, MembersDocument,
};
pub use plan::{PlanDocument, PlanVersionRecord, SuccessionRecord};
pub use reviews::ReviewsDocument;
pub use standing::{Standing, VoidCode, VoidReason};

const BUDGETS: &str = "budgets.json";
const FINDINGS: &str = "findings.json";
const GOVERNANCE: &str = "governance.json";
const INDEX: &str = "index.json";
const MEMBERS: &str = "members.json";
const PLAN: &str = "plan.json";
const REVIEWS: &str = "reviews.json";

/// Why documents are no state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A document could not be written.
    #[error("document {name} could not be written")]
    Unwritable {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A document is missing.
    #[error("document {name} is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A document that `index.json` does not list.
    #[error("document {name} is not listed in index.json")]
    NotListed {
        /// Its name.
        name: String,
    },
    /// A document is not what `index.json` says.
    #[error("document {name}: expected BLAKE3 {expected}, found {found}")]
    WrongHash {
        /// Its name.
        name: String,
        /// The hash in `index.json`.
        expected: String,
        /// The document's.
        found: String,
    },
    /// A document does not have the layout that this program reads.
    #[error("document {name} does not have the layout of format {STATE_FORMAT}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Coded for StateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unwritable { .. } => "state.unwritable",
            Self::Missing { .. } => "state.missing",
            Self::NotListed { .. } => "state.not_listed",
            Self::WrongHash { .. } => "state.wrong_hash",
            Self::Unreadable { .. } => "state.unreadable",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Unwritable { .. } | Self::WrongHash { .. } => Fault::Corrupt,
            Self::Missing { .. } | Self::NotListed { .. } | Self::Unreadable { .. } => {
                Fault::Malformed
            }
        }
    }
}

/// A document with its canonical bytes.
#[derive(Clone, Debug)]
pub(crate) struct Written<D> {
    document: D,
    bytes: Bytes,
    hash: String,
}

impl<D: Serialize> Written<D> {
    /// Writes a document.
    pub(crate) fn write(name: &str, document: D) -> Result<Arc<Self>, StateError> {
        let bytes = serde_json_canonicalizer::to_vec(&document)
            .map_err(|source| StateError::Unwritable { name: name.to_owned(), source })?;
        let hash = blake3::hash(&bytes).to_hex().to_string();
        Ok(Arc::new(Self { document, bytes: bytes.into(), hash }))
    }
}

impl<D> Written<D> {
    /// The document.
    pub(crate) const fn document(&self) -> &D {
        &self.document
    }
}

/// The documents of a state, but for `index.json`.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) plan: Arc<Written<PlanDocument>>,
    pub(crate) members: Arc<Written<MembersDocument>>,
    pub(crate) governance: Arc<Written<GovernanceDocument>>,
    pub(crate) indicators: BTreeMap<IndicatorId, Arc<Written<IndicatorDocument>>>,
    pub(crate) budgets: Arc<Written<BudgetsDocument>>,
    pub(crate) reviews: Arc<Written<ReviewsDocument>>,
    pub(crate) findings: Arc<Written<FindingsDocument>>,
}

impl Documents {
    /// Name, bytes and hash of each.
    fn list(&self) -> Vec<(String, &Bytes, &str)> {
        fn line<'a, D>(name: &str, written: &'a Written<D>) -> (String, &'a Bytes, &'a str) {
            (name.to_owned(), &written.bytes, &written.hash)
        }
        let mut list = vec![
            line(BUDGETS, &self.budgets),
            line(FINDINGS, &self.findings),
            line(GOVERNANCE, &self.governance),
            line(MEMBERS, &self.members),
            line(PLAN, &self.plan),
            line(REVIEWS, &self.reviews),
        ];
        let indicators = self.indicators.iter();
        list.extend(indicators.map(|(id, written)| line(&indicator_name(id), written)));
        list.sort_by(|one, other| one.0.cmp(&other.0));
        list
    }

    /// The hash of each, by name.
    pub(crate) fn hashes(&self) -> BTreeMap<String, String> {
        self.list().into_iter().map(|(name, _, hash)| (name, hash.to_owned())).collect()
    }
}

/// The file name of an indicator's document.
pub(crate) fn indicator_name(id: &IndicatorId) -> String {
    format!("indicators/{id}.json")
}

/// What the ledger says, at a frontier and in a view. Cheap to clone.
#[derive(Clone, Debug)]
pub struct State {
    documents: Documents,
    index: Arc<Written<IndexDocument>>,
}

impl State {
    pub(crate) fn assemble(documents: Documents, index: IndexDocument) -> Result<Self, StateError> {
        Ok(Self { documents, index: Written::write(INDEX, index)? })
    }

    /// Names this state: the BLAKE3 of `index.json`, as `b3sum` prints it.
    pub fn digest(&self) -> StateDigest {
        StateDigest::from_bytes(*blake3::hash(&self.index.bytes).as_bytes())
    }

    /// What the state was computed from.
    pub fn index(&self) -> &IndexDocument {
        self.index.document()
    }

    /// The plan in force.
    pub fn plan(&self) -> &PlanDocument {
        self.documents.plan.document()
    }

    /// Members and keys.
    pub fn members(&self) -> &MembersDocument {
        self.documents.members.document()
    }

    /// Charter, rules, decisions.
    pub fn governance(&self) -> &GovernanceDocument {
        self.documents.governance.document()
    }

    /// Every indicator of the plan, ascending by id.
    pub fn indicators(&self) -> impl Iterator<Item = &IndicatorDocument> {
        self.documents.indicators.values().map(|written| written.document())
    }

    /// An indicator of the plan, by its id.
    pub fn indicator(&self, id: &str) -> Option<&IndicatorDocument> {
        self.documents.indicators.get(id).map(|written| written.document())
    }

    /// Money.
    pub fn budgets(&self) -> &BudgetsDocument {
        self.documents.budgets.document()
    }

    /// Consultations, reviews, recommendations, agreements.
    pub fn reviews(&self) -> &ReviewsDocument {
        self.documents.reviews.document()
    }

    /// What the replay noticed.
    pub fn findings(&self) -> &FindingsDocument {
        self.documents.findings.document()
    }

    /// Name and canonical bytes of every document, ascending by name, `index.json` last.
    pub fn documents(&self) -> impl Iterator<Item = (String, Bytes)> {
        let list = self.documents.list().into_iter();
        let list: Vec<_> = list.map(|(name, bytes, _)| (name, bytes.clone())).collect();
        list.into_iter().chain([(INDEX.to_owned(), self.index.bytes.clone())])
    }

    /// Reads a state back from its documents: every hash is checked, and nothing may be missing or
    /// left over.
    ///
    /// # Errors
    /// Everything in [`StateError`].
    pub fn read(documents: impl IntoIterator<Item = (String, Bytes)>) -> Result<Self, StateError> {
        let mut files: BTreeMap<String, Bytes> = documents.into_iter().collect();
        let index_bytes =
            files.remove(INDEX).ok_or_else(|| StateError::Missing { name: INDEX.to_owned() })?;
        let index: Arc<Written<IndexDocument>> = parse(INDEX, index_bytes)?;
        let mut reader = Reader { files, expected: index.document().documents.clone() };
        let indicators = reader
            .expected
            .keys()
            .filter(|name| name.starts_with("indicators/"))
            .cloned()
            .collect::<Vec<_>>();
        let mut by_id = BTreeMap::new();
        for name in indicators {
            let written: Arc<Written<IndicatorDocument>> = reader.take(&name)?;
            by_id.insert(written.document().id.clone(), written);
        }
        let documents = Documents {
            plan: reader.take(PLAN)?,
            members: reader.take(MEMBERS)?,
            governance: reader.take(GOVERNANCE)?,
            indicators: by_id,
            budgets: reader.take(BUDGETS)?,
            reviews: reader.take(REVIEWS)?,
            findings: reader.take(FINDINGS)?,
        };
        match reader.files.into_keys().next() {
            Some(name) => Err(StateError::NotListed { name }),
            None => Ok(Self { documents, index }),
        }
    }
}

/// Documents on their way back, with the hashes that they must have.
struct Reader {
    files: BTreeMap<String, Bytes>,
    expected: BTreeMap<String, String>,
}

impl Reader {
    fn take<D: DeserializeOwned>(&mut self, name: &str) -> Result<Arc<Written<D>>, StateError> {
        let bytes =
            self.files.remove(name).ok_or_else(|| StateError::Missing { name: name.to_owned() })?;
        let expected = self
            .expected
            .remove(name)
            .ok_or_else(|| StateError::NotListed { name: name.to_owned() })?;
        let written = parse(name, bytes)?;
        if written.hash == expected {
            Ok(written)
        } else {
            let found = written.hash.clone();
            Err(StateError::WrongHash { name: name.to_owned(), expected, found })
        }
    }
}

fn parse<D: DeserializeOwned>(name: &str, bytes: Bytes) -> Result<Arc<Written<D>>, StateError> {
    let document = serde_json::from_slice(&bytes)
        .map_err(|source| StateError::Unreadable { name: name.to_owned(), source })?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    Ok(Arc::new(Written { document, bytes, hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_canonical_and_named_by_its_plain_blake3() {
        let document = ReviewsDocument { events: Vec::new() };
        let written = Written::write(REVIEWS, document).unwrap();
        assert_eq!(&written.bytes[..], br#"{"events":[]}"#);
        assert_eq!(written.hash, blake3::hash(br#"{"events":[]}"#).to_hex().to_string());
    }

    #[test]
    fn an_unknown_field_is_no_document_of_this_format() {
        let read: Result<Arc<Written<ReviewsDocument>>, StateError> =
            parse(REVIEWS, Bytes::from_static(br#"{"events":[],"more":1}"#));
        assert!(matches!(read, Err(StateError::Unreadable { .. })));
    }
}
