// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A proposal before the council: how the votes stand, what is missing, and whether a vote would
//! have any effect.
//!
//! Pure functions over what the state says; the ledger's own judgement is final.

use constancia_ledger::event::MemberClass;
use constancia_ledger::event::governance::VoteChoice;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::EntryId;
use constancia_ledger::state::{ProposalRecord, ProposalStatus};

use crate::failure::{Explain, Failure};
use crate::ledger_view::LedgerView;
use crate::words::{Lang, choices, council as words, errors};

/// How the votes on a proposal stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Members that agree.
    agreed: Vec<String>,
    /// How many must.
    needed: usize,
    /// Class, how many of it agree, how many must.
    classes: Vec<(MemberClass, usize, usize)>,
    /// Members that may still vote.
    outstanding: Vec<String>,
}

impl Tally {
    /// The votes as the state counts them.
    pub(crate) fn of(record: &ProposalRecord) -> Self {
        let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let classes = record.classes.iter();
        Self {
            agreed: record.agreed.iter().map(ToString::to_string).collect(),
            needed: number(record.needed),
            classes: classes
                .map(|class| (class.class, number(class.agreed), number(class.needed)))
                .collect(),
            outstanding: record.outstanding.iter().map(ToString::to_string).collect(),
        }
    }

    /// The votes after one more member votes so.
    pub(crate) fn with(mut self, view: &LedgerView, member: &str, choice: VoteChoice) -> Self {
        self.outstanding.retain(|slug| slug != member);
        if choice == VoteChoice::Yes {
            self.add(view, member);
        }
        self
    }

    /// Whether enough agree.
    pub(crate) fn is_complete(&self) -> bool {
        self.agreed.len() >= self.needed
            && self.classes.iter().all(|(_, agreed, needed)| agreed >= needed)
    }

    /// Whether enough could agree if all who may still vote did.
    pub(crate) fn can_pass(&self, view: &LedgerView) -> bool {
        let mut all = self.clone();
        for member in &self.outstanding {
            all.add(view, member);
        }
        all.is_complete()
    }

    fn add(&mut self, view: &LedgerView, member: &str) {
        if self.agreed.iter().any(|slug| slug == member) {
            return;
        }
        self.agreed.push(member.to_owned());
        let class = view.class_of(member);
        for (quota, agreed, _) in &mut self.classes {
            if Some(*quota) == class {
                *agreed = agreed.saturating_add(1);
            }
        }
    }

    /// `2 of 3 in favour (institution 1 of 2)`.
    pub(crate) fn in_words(&self, lang: Lang) -> String {
        let count = words::in_favour(lang, &self.agreed.len(), &self.needed);
        let classes: Vec<String> = self
            .classes
            .iter()
            .map(|(class, agreed, needed)| {
                let class = choices::choice(lang, "MemberClass", class.as_str());
                words::of_class(lang, &class, agreed, needed)
            })
            .collect();
        if classes.is_empty() { count } else { format!("{count} ({})", classes.join(", ")) }
    }

    /// Who may still vote, by name; none where nobody may.
    pub(crate) fn outstanding_in_words(&self, lang: Lang, view: &LedgerView) -> Option<String> {
        let names: Vec<String> =
            self.outstanding.iter().map(|slug| view.member_name(lang, slug)).collect();
        if names.is_empty() { None } else { Some(words::not_voted(lang, &names.join(", "))) }
    }
}

/// The proposal of this entry.
///
/// # Errors
/// Where the ledger has none.
pub(crate) fn find_proposal<'a>(
    view: &'a LedgerView,
    id: &EntryId,
) -> Result<&'a ProposalRecord, Failure> {
    let found = view.governance.proposals.iter().find(|record| record.act.entry == *id);
    found.ok_or_else(|| CouncilError::NoProposal { proposal: *id }.into())
}

/// A vote or an enactment can have an effect: the proposal counts and is not settled.
///
/// # Errors
/// [`CouncilError`], as R24 says.
pub(crate) fn check_unsettled(record: &ProposalRecord) -> Result<(), Failure> {
    let proposal = record.act.entry;
    let error = match &record.status {
        ProposalStatus::Passed { at } | ProposalStatus::PassedVoid { at, .. } => {
            CouncilError::Decided { proposal, at: *at }
        }
        ProposalStatus::Withdrawn { by } => CouncilError::Withdrawn { proposal, by: *by },
        ProposalStatus::Void => CouncilError::Void { proposal },
        ProposalStatus::Open | ProposalStatus::Ready | ProposalStatus::Blocked => return Ok(()),
    };
    Err(error.into())
}

/// A vote or an enactment by this member would have an effect.
///
/// # Errors
/// [`CouncilError`], as R24 says.
pub(crate) fn check_right(
    view: &LedgerView,
    record: &ProposalRecord,
    member: &str,
) -> Result<(), Failure> {
    check_unsettled(record)?;
    let proposal = record.act.entry;
    if record.recused.as_ref().is_some_and(|slug| slug.as_str() == member) {
        return Err(CouncilError::Recused { proposal, member: member.to_owned() }.into());
    }
    if view.people.member(member).is_some_and(|member| member.council) {
        Ok(())
    } else {
        Err(CouncilError::NotOnCouncil { member: member.to_owned() }.into())
    }
}

/// The member has not voted on it yet.
///
/// # Errors
/// Where it has: a vote cannot be changed.
pub(crate) fn check_first_vote(record: &ProposalRecord, member: &str) -> Result<(), Failure> {
    let earlier = record.agreed.iter().chain(&record.not_agreed);
    if earlier.clone().any(|slug| slug.as_str() == member) {
        let is_ready = record.status == ProposalStatus::Ready;
        let (proposal, member) = (record.act.entry, member.to_owned());
        return Err(CouncilError::AlreadyVoted { proposal, member, is_ready }.into());
    }
    Ok(())
}

/// Why a vote, an enactment or a withdrawal would have no effect.
#[derive(Debug)]
pub(crate) enum CouncilError {
    /// The ledger has no such proposal.
    NoProposal { proposal: EntryId },
    /// The member has no seat.
    NotOnCouncil { member: String },
    /// The member has no vote on the matter.
    Recused { proposal: EntryId, member: String },
    /// The member has voted.
    AlreadyVoted { proposal: EntryId, member: String, is_ready: bool },
    /// It has passed.
    Decided { proposal: EntryId, at: EntryId },
    /// It was taken back.
    Withdrawn { proposal: EntryId, by: EntryId },
    /// It counts for nothing itself.
    Void { proposal: EntryId },
    /// An enactment that would complete nothing.
    QuorumNotMet { proposal: EntryId, missing: String, can_pass: bool },
    /// Only the proposer's member takes it back.
    NotProposer { proposal: EntryId, proposer: String },
}

impl Explain for CouncilError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoProposal { .. } => "council.no_proposal",
            Self::NotOnCouncil { .. } => "council.no_seat",
            Self::Recused { .. } => "council.recused",
            Self::AlreadyVoted { .. } => "council.already_voted",
            Self::Decided { .. } => "council.decided",
            Self::Withdrawn { .. } => "council.withdrawn",
            Self::Void { .. } => "council.void",
            Self::QuorumNotMet { .. } => "council.quorum_not_met",
            Self::NotProposer { .. } => "council.not_proposer",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NoProposal { proposal } => words::no_proposal(lang, &proposal.short()),
            Self::NotOnCouncil { member } => words::no_seat(lang, member),
            Self::Recused { proposal, member } => words::recused(lang, member, &proposal.short()),
            Self::AlreadyVoted { proposal, member, .. } => {
                words::already_voted(lang, member, &proposal.short())
            }
            Self::Decided { proposal, at } => words::decided(lang, &proposal.short(), &at.short()),
            Self::Withdrawn { proposal, by } => {
                words::taken_back(lang, &proposal.short(), &by.short())
            }
            Self::Void { proposal } => words::void_proposal(lang, &proposal.short()),
            Self::QuorumNotMet { proposal, missing, .. } => {
                words::quorum_not_met(lang, &proposal.short(), missing)
            }
            Self::NotProposer { proposal, proposer } => {
                words::not_proposer(lang, &proposal.short(), proposer)
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NoProposal { .. } => Some(words::council_hint(lang)),
            Self::AlreadyVoted { proposal, is_ready: true, .. } => {
                Some(words::enact_hint(lang, &proposal.short()))
            }
            Self::AlreadyVoted { .. } => Some(words::already_voted_hint(lang)),
            Self::QuorumNotMet { can_pass: false, .. } => Some(words::blocked_line(lang)),
            Self::QuorumNotMet { proposal, .. } => Some(words::vote_hint(lang, &proposal.short())),
            Self::NotOnCouncil { .. }
            | Self::Recused { .. }
            | Self::Decided { .. }
            | Self::Withdrawn { .. }
            | Self::Void { .. }
            | Self::NotProposer { .. } => errors::hint(lang, self.code()).map(ToOwned::to_owned),
        }
    }
}
