// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A proposal named by what it asks for: `revoke-key`, or `revoke-key/sspc` where several do; of those
//! that are not settled, or else of all. What is no digits is meant as such a name.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::fault::Fault;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::ProposalRecord;
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;
use constancia_proto::v1::proposal::Decision;

use super::key::find_granted;
use crate::desk::Desk;
use crate::failure::{Explain, Failure};
use crate::ledger_view::LedgerView;
use crate::table::checks::suggest;
use crate::words::{Lang, council, errors, refusals};

/// Finds the proposal that `text` names; none where `text` is the beginning of an id.
///
/// # Errors
/// Where no proposal is of that kind, or several are.
pub(super) async fn find(desk: &Desk, text: &str) -> Result<Option<EntryId>, Failure> {
    let (decision, subject) = match text.split_once('/') {
        Some((decision, subject)) => (decision, Some(subject)),
        None => (text, None),
    };
    let decision = decision.replace('-', "_");
    let is_decision = crate::json::pool()
        .and_then(|pool| pool.get_message_by_name("constancia.v1.Proposal"))
        .and_then(|proposal| proposal.get_field_by_name(&decision))
        .is_some_and(|field| field.containing_oneof().is_some());
    if !is_decision && super::is_hex(text) {
        return Ok(None);
    }
    let view = LedgerView::read_known(desk).await?;
    let mut fitting: Vec<&ProposalRecord> = Vec::new();
    for record in &view.governance.proposals {
        if record.decision == decision {
            let proposal = view.proposal(desk, &record.act.entry).await?;
            let subjects = list_subjects(&view, &proposal);
            if subject.is_none_or(|subject| subjects.iter().any(|known| known == subject)) {
                fitting.push(record);
            }
        }
    }
    if fitting.iter().any(|record| record.status.is_unsettled()) {
        fitting.retain(|record| record.status.is_unsettled());
    }
    match fitting.as_slice() {
        [only] => Ok(Some(only.act.entry)),
        [] => {
            let names = list_names(desk, &view).await?.into_values().collect();
            Err(ProposalError::None { about: text.to_owned(), names }.into())
        }
        several => {
            let names = list_names(desk, &view).await?;
            let example = several.iter().find_map(|record| names.get(&record.act.entry).cloned());
            let fitting = several
                .iter()
                .map(|record| format!("{} ({})", record.act.entry.short(), record.act.member));
            let fitting = fitting.collect();
            Err(ProposalError::Several { about: text.to_owned(), fitting, example }.into())
        }
    }
}

/// What people may call the proposals that are not settled: `revoke-key/sspc`, or `amend-rules` where
/// there is nothing to name besides. None for those that would share their name.
///
/// # Errors
/// Where the ledger cannot be read.
pub(crate) async fn list_names(
    desk: &Desk,
    view: &LedgerView,
) -> Result<BTreeMap<EntryId, String>, Failure> {
    let mut names = BTreeMap::new();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for record in view.governance.proposals.iter().filter(|it| it.status.is_unsettled()) {
        let proposal = view.proposal(desk, &record.act.entry).await?;
        let decision = record.decision.replace('_', "-");
        let subjects = list_subjects(view, &proposal);
        let name = match subjects.iter().find(|subject| !subject.is_empty()) {
            Some(subject) => format!("{decision}/{subject}"),
            None => decision.clone(),
        };
        let mut all: BTreeSet<String> =
            subjects.iter().map(|subject| format!("{decision}/{subject}")).collect();
        all.insert(decision);
        for name in all {
            let count = uses.entry(name).or_default();
            *count = count.saturating_add(1);
        }
        names.insert(record.act.entry, name);
    }
    names.retain(|_, name| uses.get(name) == Some(&1));
    Ok(names)
}

/// What a proposal is about, as people name it: members and indicators.
fn list_subjects(view: &LedgerView, proposal: &v1::Proposal) -> Vec<String> {
    let owner = |key: &[u8]| {
        let key = PublicKey::from_slice(key)?;
        find_granted(view, &key).map(|granted| granted.member.slug.to_string())
    };
    let Some(decision) = &proposal.decision else {
        return Vec::new();
    };
    match decision {
        Decision::AdmitMember(admission) => {
            admission.member.iter().map(|member| member.slug.clone()).collect()
        }
        Decision::RetireMember(retirement) => vec![retirement.member.clone()],
        Decision::GrantKey(granting) => {
            granting.grant.iter().map(|grant| grant.member.clone()).collect()
        }
        Decision::RevokeKey(revocation) => owner(&revocation.key).into_iter().collect(),
        Decision::ResolveFork(resolution) => owner(&resolution.key).into_iter().collect(),
        Decision::AmendPlan(amendment) => amendment
            .changes
            .iter()
            .filter_map(|change| match &change.change {
                Some(Change::SetIndicator(indicator)) => Some(indicator.id.clone()),
                Some(Change::RemoveIndicator(id)) => Some(id.clone()),
                Some(_) | None => None,
            })
            .collect(),
        Decision::Succession(succession) => {
            vec![succession.from.clone(), succession.to.clone()]
        }
        Decision::Redact(redaction) => vec![redaction.indicator.clone()],
        Decision::AmendRules(_)
        | Decision::AdoptReview(_)
        | Decision::RaiseRulesVersion(_)
        | Decision::CloseChallenge(_) => Vec::new(),
    }
}

/// Why nothing, or too much, asks for that.
#[derive(Debug)]
enum ProposalError {
    None {
        about: String,
        names: Vec<String>,
    },
    Several {
        about: String,
        fitting: Vec<String>,
        /// A name that fits one of them alone.
        example: Option<String>,
    },
}

impl Explain for ProposalError {
    fn code(&self) -> &'static str {
        match self {
            Self::None { .. } => "reference.no_such_proposal",
            Self::Several { .. } => "reference.several_proposals",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::None { about, .. } => refusals::no_such_proposal(lang, about),
            Self::Several { about, fitting, .. } => {
                refusals::several_proposals(lang, about, &fitting.join(", "))
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::None { names, .. } if names.is_empty() => council::council_hint(lang),
            Self::None { about, names } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                suggest(lang, about, &names)
            }
            Self::Several { example: Some(example), .. } => {
                refusals::several_proposals_hint(lang, example)
            }
            Self::Several { example: None, .. } => errors::several_alike_hint(lang),
        })
    }
}
