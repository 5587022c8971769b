// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Pass two, first half: whether each event counts.
//!
//! A right is proven by ancestors: a verdict depends on the entry, on its ancestors and on the
//! authority of pass one, so that nothing that arrives later in the ledger changes it. The rules of
//! each kind of event stand in a file of its own.

use super::authority::Authority;
use super::history::{Content, History, Record};
use super::ledger_at::LedgerAt;
use crate::entry::Kind;
use crate::event::name::{IndicatorId, Slug};
use crate::event::{Challenge, Correction, Event, KeyScope, Report};
use crate::fault::Coded as _;
use crate::governance;
use crate::id::EntryId;
use crate::state::{Standing, VoidCode, VoidReason};

/// What a counted event is filed under: each topic is one document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Charter, acceptances, decisions.
    Governance,
    /// One indicator.
    Indicator(IndicatorId),
    /// Money.
    Budgets,
    /// Consultations, reviews, recommendations, agreements.
    Reviews,
}

/// Whether an entry counts, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it counts.
    pub(super) standing: Standing,
    /// What it is about; none for acknowledgements and where it could not be told.
    pub(super) topic: Option<Topic>,
}

impl Verdict {
    /// Whether the event is part of the documents.
    pub(super) const fn is_shown(&self) -> bool {
        matches!(self.standing, Standing::Counted | Standing::Listed)
    }

    /// Whether documents say something of it: of what was redacted they say so.
    pub(super) const fn is_filed(&self) -> bool {
        self.is_shown() || matches!(self.standing, Standing::Redacted { .. })
    }
}

/// What the rule of an event finds.
pub(super) enum Ruling {
    /// It has its effect.
    Counts(Option<Topic>),
    /// It is kept without effect.
    Listed(Topic),
    /// It is void.
    Void(VoidReason, Option<Topic>),
}

impl From<VoidReason> for Ruling {
    fn from(reason: VoidReason) -> Self {
        Self::Void(reason, None)
    }
}

/// A reason that concerns no other entry.
pub(super) const fn void(code: VoidCode) -> VoidReason {
    VoidReason { code, named: None }
}

/// A reason that lies in an entry that the event names.
pub(super) const fn void_by(code: VoidCode, named: EntryId) -> VoidReason {
    VoidReason { code, named: Some(named) }
}

/// A report or correction that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    /// Its number.
    pub(super) entry: usize,
    /// The entry.
    pub(super) record: &'a Record,
    /// What it states.
    pub(super) report: &'a Report,
    /// What it says beyond that, in a correction.
    pub(super) correction: Option<&'a Correction>,
}

impl Statement<'_> {
    /// The indicator that it is about.
    pub(super) fn topic(&self) -> Topic {
        Topic::Indicator(self.report.indicator.clone())
    }
}

/// Judges entries, each after its ancestors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) history: &'a History,
    pub(super) at: &'a LedgerAt,
    pub(super) authority: &'a Authority,
    pub(super) verdicts: &'a Verdicts,
}

/// Verdicts so far, by number of entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdicts {
    by_entry: Vec<Option<Verdict>>,
}

impl Verdicts {
    /// The verdict on an entry; none where it has not been judged.
    pub(super) fn get(&self, entry: usize) -> Option<&Verdict> {
        self.by_entry.get(entry).and_then(Option::as_ref)
    }

    /// Keeps a verdict.
    pub(super) fn set(&mut self, entry: usize, verdict: Verdict) {
        if self.by_entry.len() <= entry {
            self.by_entry.resize(entry.saturating_add(1), None);
        }
        if let Some(slot) = self.by_entry.get_mut(entry) {
            *slot = Some(verdict);
        }
    }
}

impl<'a> Judge<'a> {
    /// Judges an entry whose ancestors have been judged.
    pub(super) fn judge(&self, entry: usize) -> Verdict {
        let record = self.history.record(entry);
        // What passed stands, wherever the entry stands at which it did; and the charter, whatever
        // becomes of its author's key.
        if record.facts.height > 0 && !self.authority.is_decisive(&record.facts.id) {
            let governs = record.facts.kind == Kind::Governance;
            let topic = governs.then_some(Topic::Governance);
            if self.at.is_forked(record) && !self.authority.is_restored(entry) {
                return Verdict { standing: Standing::Forked, topic };
            }
            if let Some(by) = self.authority.ended_by(record) {
                let reason = void_by(VoidCode::AfterCutOff, by);
                return Verdict { standing: Standing::Void { reason }, topic };
            }
        }
        let event = match &record.content {
            Content::Pending => {
                return Verdict { standing: Standing::Pending, topic: None };
            }
            Content::Redacted(redaction) => {
                let topic = redaction.indicator.clone().map(Topic::Indicator);
                return Verdict { standing: Standing::Redacted { decision: redaction.by }, topic };
            }
            Content::Unknown => {
                return Verdict { standing: Standing::UnknownEvent, topic: None };
            }
            Content::Invalid(error) => {
                let rule = error.code().to_owned();
                let path = error.path.clone();
                return Verdict { standing: Standing::InvalidEvent { rule, path }, topic: None };
            }
            Content::Known(event) => &event.body,
        };
        let ruling = match self.check_right(record, event) {
            Ok(()) => self.rule(record, event),
            Err(reason) if record.act.is_some() => Ruling::Void(reason, Some(Topic::Governance)),
            Err(reason) => reason.into(),
        };
        match ruling {
            Ruling::Counts(topic) => Verdict { standing: Standing::Counted, topic },
            Ruling::Listed(topic) => Verdict { standing: Standing::Listed, topic: Some(topic) },
            Ruling::Void(reason, topic) => Verdict { standing: Standing::Void { reason }, topic },
        }
    }

    /// R6 and R7: the key may write such an event, and what it names is among its ancestors.
    ///
    /// Governance has been judged when it arrived, whatever payloads of facts are held.
    fn check_right(&self, record: &Record, event: &Event) -> Result<(), VoidReason> {
        if let Some(judged) = record.act {
            return judged;
        }
        if !matches!(event, Event::Acknowledge) && record.scope != KeyScope::Sign {
            return Err(void(VoidCode::Scope));
        }
        for (id, number) in &record.names {
            match number.map(|number| &self.history.record(number).content) {
                None => return Err(void_by(VoidCode::NotAnAncestor, *id)),
                Some(Content::Pending) => return Err(void_by(VoidCode::NamedPending, *id)),
                Some(Content::Redacted(_)) if !replaces(event, id) => {
                    return Err(void_by(VoidCode::NamedRedacted, *id));
                }
                Some(
                    Content::Redacted(_)
                    | Content::Unknown
                    | Content::Invalid(_)
                    | Content::Known(_),
                ) => {}
            }
        }
        Ok(())
    }

    /// What holds where an entry was written.
    pub(super) fn law(&self, record: &Record) -> &'a governance::Authority {
        // Every record has its past; the authority of the view stands in only for the compiler.
        self.history.authority_at(record).unwrap_or(self.authority)
    }

    fn rule(&self, record: &'a Record, event: &'a Event) -> Ruling {
        let ruling = match event {
            Event::Acknowledge => Ok(Ruling::Counts(None)),
            Event::Charter(_)
            | Event::Acceptance(_)
            | Event::Proposal(_)
            | Event::Vote(_)
            | Event::Enact(_)
            | Event::KeyRetired(_)
            | Event::ProposalWithdrawn(_) => self.rule_governance(record, event),
            Event::Report(report) => self.rule_report(record, report),
            Event::Correction(correction) => self.rule_correction(record, correction),
            Event::Withdrawal(withdrawal) => self.rule_withdrawal(record, withdrawal),
            Event::Attestation(attestation) => self.rule_attestation(record, attestation),
            Event::Challenge(challenge) => self.rule_challenge(record, challenge),
            Event::Response(response) => self.rule_response(record, response),
            Event::Close(close) => self.rule_close(record, close),
            Event::Budget(budget) => self.rule_budget(record, budget),
            Event::Consultation(_)
            | Event::ConsultationSignOff(_)
            | Event::Review(_)
            | Event::Recommendation(_)
            | Event::RecommendationResponse(_)
            | Event::Agreement(_) => self.rule_review(record, event),
        };
        ruling.unwrap_or_else(Ruling::from)
    }

    /// The member whose key wrote an entry.
    pub(super) fn member(&self, record: &Record) -> &'a Slug {
        self.history.member_slug(record.member)
    }

    /// R8: an entry that the event names, which [`check_right`](Self::check_right) has found among
    /// its ancestors, and which counts or is listed.
    pub(super) fn named(
        &self,
        record: &Record,
        id: EntryId,
    ) -> Result<(usize, &'a Event), VoidReason> {
        let Some(number) = record.names.get(&id).copied().flatten() else {
            return Err(void_by(VoidCode::NotAnAncestor, id));
        };
        let named = self.history.record(number);
        let Some(event) = named.event() else {
            let redacted = matches!(named.content, Content::Redacted(_));
            let code = if redacted { VoidCode::NamedRedacted } else { VoidCode::NamedOtherSort };
            return Err(void_by(code, id));
        };
        if self.verdicts.get(number).is_some_and(Verdict::is_shown) {
            Ok((number, event))
        } else {
            Err(void_by(VoidCode::NamedDoesNotCount, id))
        }
    }

    /// A named report or correction.
    pub(super) fn named_statement(
        &self,
        record: &Record,
        id: EntryId,
    ) -> Result<Statement<'a>, VoidReason> {
        let (entry, event) = self.named(record, id)?;
        let named = self.history.record(entry);
        match statement_of(event) {
            Some((report, correction)) => {
                Ok(Statement { entry, record: named, report, correction })
            }
            None => Err(void_by(VoidCode::NamedOtherSort, id)),
        }
    }

    /// A named challenge, and the statement that it disputes.
    pub(super) fn named_challenge(
        &self,
        record: &Record,
        id: EntryId,
    ) -> Result<(&'a Record, &'a Challenge, Statement<'a>), VoidReason> {
        let (entry, event) = self.named(record, id)?;
        let Event::Challenge(challenge) = event else {
            return Err(void_by(VoidCode::NamedOtherSort, id));
        };
        let challenging = self.history.record(entry);
        let statement = self.named_statement(challenging, challenge.report)?;
        Ok((challenging, challenge, statement))
    }

    /// A named correction that, directly or by way of others, replaces a statement.
    pub(super) fn named_correction_of(
        &self,
        record: &Record,
        id: EntryId,
        statement: &Statement<'_>,
    ) -> Result<(), VoidReason> {
        let mut correction = self.named_statement(record, id)?;
        while let Some(body) = correction.correction {
            correction = self.named_statement(correction.record, body.replaces)?;
            if correction.entry == statement.entry {
                return Ok(());
            }
        }
        Err(void_by(VoidCode::NotACorrectionOfIt, id))
    }
}

/// Whether an event takes the place of what it names: that may have been redacted.
fn replaces(event: &Event, id: &EntryId) -> bool {
    matches!(event, Event::Correction(correction) if correction.replaces == *id)
}

/// The report in a report or correction, and what the correction says beyond it.
pub(super) fn statement_of(event: &Event) -> Option<(&Report, Option<&Correction>)> {
    match event {
        Event::Report(report) => Some((report, None)),
        Event::Correction(correction) => Some((&correction.report, Some(correction))),
        Event::Charter(_)
        | Event::Acceptance(_)
        | Event::Proposal(_)
        | Event::Vote(_)
        | Event::Enact(_)
        | Event::KeyRetired(_)
        | Event::ProposalWithdrawn(_)
        | Event::Acknowledge
        | Event::Withdrawal(_)
        | Event::Attestation(_)
        | Event::Challenge(_)
        | Event::Response(_)
        | Event::Close(_)
        | Event::Budget(_)
        | Event::Consultation(_)
        | Event::ConsultationSignOff(_)
        | Event::Review(_)
        | Event::Recommendation(_)
        | Event::RecommendationResponse(_)
        | Event::Agreement(_) => None,
    }
}
