// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether an event would have an effect: what the replay would find void is not signed.
//!
//! A signed entry stays for ever, so a slip would stand in public as a finding. Asks whoever holds
//! the store for what the event names, and judges as `docs/rules.md` does: R8 and R11 to R18. Never
//! decides what counts: that is the replay's alone.

use constancia_ledger::event::{
    Challenge, Close, Correction, Event, Outcome, ParsedEvent, Report, Response,
};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::EntryId;
use constancia_ledger::state::{Standing, VoidCode};
use constancia_proto::v1;

use crate::desk::Desk;
use crate::failure::{Explain, Failure};
use crate::ledger_view::{LedgerView, event_of};
use crate::words::{Lang, errors, events as event_words};

/// How many corrections of corrections are followed: nobody corrects one figure more often.
const CORRECTIONS_FOLLOWED_MAX: usize = 1_000;

/// An entry that an event names.
struct Named {
    member: String,
    body: Event,
}

impl Named {
    /// The report in a report or correction.
    const fn report(&self) -> Option<&Report> {
        if let Event::Report(report) = &self.body {
            Some(report)
        } else if let Event::Correction(correction) = &self.body {
            Some(&correction.report)
        } else {
            None
        }
    }
}

/// Who would sign, and what is asked.
pub(crate) struct EffectCheck<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) view: &'a LedgerView,
    /// Slug of the member that signs; none while it is not known.
    pub(crate) member: Option<&'a str>,
}

impl EffectCheck<'_> {
    /// Refuses an event that would be void.
    ///
    /// # Errors
    /// [`EffectError`], or what whoever holds the store says.
    pub(crate) async fn check(&self, event: &v1::Event) -> Result<(), Failure> {
        let parsed = ParsedEvent::try_from(event.clone()).map_err(|error| {
            crate::draft::InvalidEvent { place: super::place::event_name(event).to_owned(), error }
        })?;
        match &parsed.body {
            Event::Acknowledge => Err(EffectError::NodesAcknowledge.into()),
            Event::Charter(_) => Err(void(&parsed.body, VoidCode::SecondCharter)),
            Event::Acceptance(acceptance) => {
                let is_charter = acceptance.charter == self.view.ledger.charter();
                require(&parsed.body, VoidCode::OtherCharter, is_charter)
            }
            Event::Correction(correction) => self.check_correction(&parsed.body, correction).await,
            Event::Withdrawal(withdrawal) => {
                let named = self.find(&parsed.body, withdrawal.report).await?;
                require_statement(&parsed.body, &named)?;
                require(&parsed.body, VoidCode::OtherMember, self.is_mine(&named))
            }
            Event::Attestation(attestation) => {
                let named = self.find(&parsed.body, attestation.report).await?;
                require_statement(&parsed.body, &named)?;
                require(&parsed.body, VoidCode::OwnAttestation, self.is_anothers(&named))
            }
            Event::Challenge(challenge) => self.check_challenge(&parsed.body, challenge).await,
            Event::Response(response) => self.check_response(&parsed.body, response).await,
            Event::Close(close) => self.check_close(&parsed.body, close).await,
            Event::Budget(budget) => match budget.replaces {
                None => Ok(()),
                Some(replaced) => {
                    let named = self.find(&parsed.body, replaced).await?;
                    let is_budget = matches!(named.body, Event::Budget(_));
                    require(&parsed.body, VoidCode::NamedOtherSort, is_budget)?;
                    require(&parsed.body, VoidCode::OtherMember, self.is_mine(&named))
                }
            },
            Event::Report(_)
            | Event::Proposal(_)
            | Event::Vote(_)
            | Event::Enact(_)
            | Event::KeyRetired(_)
            | Event::ProposalWithdrawn(_)
            | Event::Consultation(_)
            | Event::ConsultationSignOff(_)
            | Event::Review(_)
            | Event::Recommendation(_)
            | Event::RecommendationResponse(_)
            | Event::Agreement(_) => {
                for id in parsed.body.names() {
                    self.get(&parsed.body, id).await?;
                }
                Ok(())
            }
        }
    }

    /// R11.
    async fn check_correction(
        &self,
        event: &Event,
        correction: &Correction,
    ) -> Result<(), Failure> {
        let replaced = self.find(event, correction.replaces).await?;
        let old = require_statement(event, &replaced)?;
        require(event, VoidCode::OtherMember, self.is_mine(&replaced))?;
        let new = &correction.report;
        require(event, VoidCode::OtherIndicator, old.indicator == new.indicator)?;
        require(event, VoidCode::OtherPeriod, old.period == new.period)?;
        if let Some(challenge) = correction.challenge {
            let (_, disputed) = self.find_challenge(event, challenge).await?;
            if disputed != correction.replaces {
                self.require_correction_of(event, correction.replaces, disputed).await?;
            }
        }
        Ok(())
    }

    /// R15.
    async fn check_challenge(&self, event: &Event, challenge: &Challenge) -> Result<(), Failure> {
        let named = self.find(event, challenge.report).await?;
        let report = require_statement(event, &named)?;
        require(event, VoidCode::OwnChallenge, self.is_anothers(&named))?;
        let disputed = challenge.observation.as_ref().map(|key| key.coordinates(report.period));
        let exists = disputed.is_none_or(|disputed| {
            let mut keys = report.observations.iter().map(|observation| &observation.key);
            keys.any(|key| key.coordinates(report.period) == disputed)
        });
        require(event, VoidCode::NoSuchObservation, exists)?;
        if let Some(contradicts) = challenge.contradicts {
            let other = self.find(event, contradicts).await?;
            require_statement(event, &other)?;
        }
        Ok(())
    }

    /// R16.
    async fn check_response(&self, event: &Event, response: &Response) -> Result<(), Failure> {
        let (_, disputed) = self.find_challenge(event, response.challenge).await?;
        let statement = self.find(event, disputed).await?;
        require(event, VoidCode::NotChallenged, self.is_mine(&statement))?;
        match response.correction {
            None => Ok(()),
            Some(correction) => self.require_correction_of(event, correction, disputed).await,
        }
    }

    /// R17.
    async fn check_close(&self, event: &Event, close: &Close) -> Result<(), Failure> {
        let (challenger, disputed) = self.find_challenge(event, close.challenge).await?;
        match close.outcome {
            Outcome::Ruled { proposal } => {
                let named = self.find(event, proposal).await?;
                let is_proposal = matches!(named.body, Event::Proposal(_));
                require(event, VoidCode::NamedOtherSort, is_proposal)
            }
            Outcome::Withdrawn => {
                require(event, VoidCode::NotChallenger, self.is_mine(&challenger))
            }
            Outcome::Accepted { correction } => {
                require(event, VoidCode::NotChallenger, self.is_mine(&challenger))?;
                self.require_correction_of(event, correction, disputed).await
            }
        }
    }

    /// A named challenge, and the id of what it disputes.
    async fn find_challenge(
        &self,
        event: &Event,
        id: EntryId,
    ) -> Result<(Named, EntryId), Failure> {
        let named = self.find(event, id).await?;
        let Event::Challenge(challenge) = &named.body else {
            return Err(void(event, VoidCode::NamedOtherSort));
        };
        let disputed = challenge.report;
        Ok((named, disputed))
    }

    /// `correction` replaces `disputed`, directly or by way of others.
    async fn require_correction_of(
        &self,
        event: &Event,
        correction: EntryId,
        disputed: EntryId,
    ) -> Result<(), Failure> {
        let mut at = correction;
        for _ in 0..CORRECTIONS_FOLLOWED_MAX {
            let named = self.find(event, at).await?;
            require_statement(event, &named)?;
            let Event::Correction(correction) = &named.body else {
                break;
            };
            if correction.replaces == disputed {
                return Ok(());
            }
            at = correction.replaces;
        }
        Err(void(event, VoidCode::NotACorrectionOfIt))
    }

    /// An entry that is held and counts.
    async fn find(&self, event: &Event, id: EntryId) -> Result<Named, Failure> {
        let entry = self.get(event, id).await?;
        if entry.standing == Standing::Pending.code() {
            return Err(void(event, VoidCode::NamedPending));
        }
        let counts = [Standing::Counted.code(), Standing::Listed.code()];
        let body = event_of(&entry).and_then(|event| ParsedEvent::try_from(event).ok());
        match body {
            Some(parsed) if counts.contains(&entry.standing.as_str()) => {
                Ok(Named { member: entry.member, body: parsed.body })
            }
            Some(_) | None => Err(void(event, VoidCode::NamedDoesNotCount)),
        }
    }

    /// An entry that is held.
    async fn get(&self, event: &Event, id: EntryId) -> Result<v1::EntryView, Failure> {
        match self.desk.get_entry(&id.to_string()).await {
            Err(failure) if failure.code() == "request.no_entry" => {
                Err(EffectError::NotHeld { event: event.name(), id }.into())
            }
            answer => answer,
        }
    }

    /// Whoever signs wrote it; not known yet: it may be.
    fn is_mine(&self, named: &Named) -> bool {
        self.member.is_none_or(|member| member == named.member)
    }

    /// Somebody else wrote it; not known yet: it may be.
    fn is_anothers(&self, named: &Named) -> bool {
        self.member.is_none_or(|member| member != named.member)
    }
}

/// The report in a named report or correction.
fn require_statement<'n>(event: &Event, named: &'n Named) -> Result<&'n Report, Failure> {
    named.report().ok_or_else(|| void(event, VoidCode::NamedOtherSort))
}

fn require(event: &Event, code: VoidCode, holds: bool) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(void(event, code)) }
}

fn void(event: &Event, code: VoidCode) -> Failure {
    EffectError::Void { event: event.name(), code }.into()
}

/// Why an event is not worth a signature.
#[derive(Debug)]
enum EffectError {
    /// The replay would find it void.
    Void { event: &'static str, code: VoidCode },
    /// It names an entry that is not held here.
    NotHeld { event: &'static str, id: EntryId },
    /// Acknowledgements are the nodes' own.
    NodesAcknowledge,
}

impl Explain for EffectError {
    fn code(&self) -> &'static str {
        match self {
            Self::Void { .. } => "sign.no_effect",
            Self::NotHeld { .. } => "sign.named_not_held",
            Self::NodesAcknowledge => "sign.nodes_acknowledge",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Void { .. } | Self::NodesAcknowledge => Fault::Refused,
            Self::NotHeld { .. } => Fault::Unavailable,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Void { event, code } => {
                let reason = crate::words::void_reasons::void_reason(lang, code.as_str());
                errors::sign_no_effect(lang, &event_words::event(lang, event), &reason)
            }
            Self::NotHeld { event, id } => {
                errors::sign_named_not_held(lang, &event_words::event(lang, event), &id.short())
            }
            Self::NodesAcknowledge => errors::sign_nodes_acknowledge(lang),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::Void { code: VoidCode::OtherMember, .. } => errors::sign_other_member_hint(lang),
            Self::Void { code: VoidCode::OwnAttestation | VoidCode::OwnChallenge, .. } => {
                errors::sign_own_hint(lang)
            }
            Self::Void { .. } => errors::sign_no_effect_hint(lang),
            Self::NotHeld { .. } => errors::sign_named_not_held_hint(lang),
            Self::NodesAcknowledge => errors::sign_nodes_acknowledge_hint(lang),
        })
    }
}
