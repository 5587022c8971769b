// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R7 to R19: what a fact names bears it. Reports, corrections, withdrawals, attestations,
//! challenges, responses, closes, budgets and reviews; other facts name nothing in these histories.

use std::collections::{BTreeMap, BTreeSet};

use constancia_ledger::event::challenge::Outcome;
use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{Close, Correction, Decision, Event, Report};
use constancia_ledger::id::EntryId;
use constancia_ledger::state::VoidCode;

use super::view::Standings;
use super::{Holding, Model};

/// What a thing that is named must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Statement,
    Challenge,
    Budget,
}

/// An event on its way to be judged, with what the view says of what stands before it.
struct Case<'a> {
    model: &'a Model,
    id: EntryId,
    standings: &'a Standings,
    /// Entries whose payload was dropped, whatever else is the matter with them.
    dropped: &'a BTreeMap<EntryId, EntryId>,
    /// What holds among its ancestors.
    holding: Holding,
}

type Checked = Result<(), VoidCode>;

fn check(right: bool, code: VoidCode) -> Checked {
    if right { Ok(()) } else { Err(code) }
}

impl Model {
    /// Whether a fact counts, or is only listed.
    pub(super) fn judge_fact(
        &self,
        id: EntryId,
        event: &Event,
        standings: &Standings,
        dropped: &BTreeMap<EntryId, EntryId>,
    ) -> Result<&'static str, VoidCode> {
        let holding = self.holds(&self.judged[&id].cone);
        let case = Case { model: self, id, standings, dropped, holding };
        case.check_named(event)?;
        case.check_contents(event)
    }
}

impl Case<'_> {
    fn member(&self, id: EntryId) -> &Slug {
        &self.model.owner(&id).member
    }

    fn is_own(&self, id: EntryId) -> bool {
        self.member(id) == self.member(self.id)
    }

    /// R7, R30: everything named is an ancestor and can be read. Of several the lowest id says why not.
    fn check_named(&self, event: &Event) -> Checked {
        let version = |report: &Report| report.plan_version;
        let mut corrected = None;
        let named: Vec<Option<EntryId>> = match event {
            Event::Report(it) => vec![version(it)],
            Event::Correction(it) => {
                corrected = Some(it.replaces);
                vec![Some(it.replaces), version(&it.report), it.challenge]
            }
            Event::Withdrawal(it) => vec![Some(it.report)],
            Event::Attestation(it) => vec![Some(it.report)],
            Event::Challenge(it) => vec![Some(it.report), it.contradicts],
            Event::Response(it) => vec![Some(it.challenge), it.correction],
            Event::Close(it) => match it.outcome {
                Outcome::Withdrawn => vec![Some(it.challenge)],
                Outcome::Accepted { correction } => vec![Some(it.challenge), Some(correction)],
                Outcome::Ruled { proposal } => vec![Some(it.challenge), Some(proposal)],
            },
            Event::Budget(it) => vec![it.replaces],
            _ => Vec::new(),
        };
        let named: BTreeSet<EntryId> = named.into_iter().flatten().collect();
        for id in named {
            check(self.model.judged[&self.id].cone.contains(&id), VoidCode::NotAnAncestor)?;
            let is_pending = self.model.told[&id].event.is_none() && !self.is_dropped(id);
            check(!is_pending, VoidCode::NamedPending)?;
            let unreadable = self.is_dropped(id) && corrected != Some(id);
            check(!unreadable, VoidCode::NamedRedacted)?;
        }
        Ok(())
    }

    fn is_dropped(&self, id: EntryId) -> bool {
        self.dropped.contains_key(&id)
    }

    /// R8: it is of that sort, and counts.
    fn named(&self, sort: Sort, id: EntryId) -> Checked {
        check(!self.is_dropped(id), VoidCode::NamedRedacted)?;
        let event = self.model.event(&id);
        check(event.is_some(), VoidCode::NamedOtherSort)?;
        let counts = matches!(self.standings[&id].as_str(), "counted" | "listed");
        check(counts, VoidCode::NamedDoesNotCount)?;
        let found = match event {
            Some(Event::Report(_) | Event::Correction(_)) => Some(Sort::Statement),
            Some(Event::Challenge(_)) => Some(Sort::Challenge),
            Some(Event::Budget(_)) => Some(Sort::Budget),
            _ => None,
        };
        check(found == Some(sort), VoidCode::NamedOtherSort)
    }

    /// What a challenge disputes.
    fn disputed(&self, challenge: EntryId) -> Result<EntryId, VoidCode> {
        self.named(Sort::Challenge, challenge)?;
        let Some(Event::Challenge(event)) = self.model.event(&challenge) else {
            panic!("a challenge");
        };
        self.named(Sort::Statement, event.report)?;
        Ok(event.report)
    }

    fn report(&self, statement: EntryId) -> &Report {
        match self.model.event(&statement) {
            Some(Event::Report(report)) => report,
            Some(Event::Correction(correction)) => &correction.report,
            other => panic!("a statement, found {other:?}"),
        }
    }

    /// Whether a statement replaces another, directly or by way of others.
    fn replaces(&self, statement: EntryId, other: EntryId) -> Checked {
        self.named(Sort::Statement, statement)?;
        match self.model.event(&statement) {
            Some(Event::Correction(it)) if it.replaces == other => Ok(()),
            Some(Event::Correction(it)) => self.replaces(it.replaces, other),
            _ => Err(VoidCode::NotACorrectionOfIt),
        }
    }

    fn check_contents(&self, event: &Event) -> Result<&'static str, VoidCode> {
        match event {
            Event::Report(report) => self.check_report(report)?,
            Event::Correction(correction) => self.check_correction(correction)?,
            Event::Withdrawal(withdrawal) => {
                self.named(Sort::Statement, withdrawal.report)?;
                check(self.is_own(withdrawal.report), VoidCode::OtherMember)?;
            }
            Event::Attestation(attestation) => {
                self.named(Sort::Statement, attestation.report)?;
                check(!self.is_own(attestation.report), VoidCode::OwnAttestation)?;
            }
            Event::Challenge(challenge) => {
                self.named(Sort::Statement, challenge.report)?;
                check(!self.is_own(challenge.report), VoidCode::OwnChallenge)?;
                let report = self.report(challenge.report);
                let has = challenge.observation.as_ref().is_none_or(|key| {
                    let wanted = key.coordinates(report.period);
                    let mut cells = report.observations.iter();
                    cells.any(|cell| cell.key.coordinates(report.period) == wanted)
                });
                check(has, VoidCode::NoSuchObservation)?;
                if let Some(other) = challenge.contradicts {
                    self.named(Sort::Statement, other)?;
                }
            }
            Event::Response(response) => {
                let disputed = self.disputed(response.challenge)?;
                check(self.is_own(disputed), VoidCode::NotChallenged)?;
                if let Some(correction) = response.correction {
                    self.replaces(correction, disputed)?;
                }
            }
            Event::Close(close) => return self.check_close(close),
            Event::Budget(budget) => {
                let lines = &self.holding.plan.lines;
                let known =
                    budget.line.as_ref().is_none_or(|id| lines.iter().any(|it| it.id == *id));
                check(known, VoidCode::UnknownLine)?;
                if let Some(replaces) = budget.replaces {
                    self.named(Sort::Budget, replaces)?;
                    check(self.is_own(replaces), VoidCode::OtherMember)?;
                }
            }
            _ => {}
        }
        Ok("counted")
    }

    /// R9.
    fn check_report(&self, report: &Report) -> Checked {
        let mut sheets = self.holding.plan.indicators.iter();
        check(sheets.any(|sheet| sheet.id == report.indicator), VoidCode::UnknownIndicator)?;
        let known = report.plan_version.is_none_or(|it| self.holding.plan_versions.contains(&it));
        check(known, VoidCode::UnknownPlanVersion)
    }

    /// R11, R30.
    fn check_correction(&self, correction: &Correction) -> Checked {
        self.check_report(&correction.report)?;
        let replaced = correction.replaces;
        if self.is_dropped(replaced) {
            check(self.is_own(replaced), VoidCode::OtherMember)?;
            // Nobody can tell what it had replaced.
            return match correction.challenge {
                Some(challenge) => {
                    self.disputed(challenge)?;
                    Err(VoidCode::NotACorrectionOfIt)
                }
                None => Ok(()),
            };
        }
        self.named(Sort::Statement, replaced)?;
        check(self.is_own(replaced), VoidCode::OtherMember)?;
        let (old, new) = (self.report(replaced), &correction.report);
        check(old.indicator == new.indicator, VoidCode::OtherIndicator)?;
        check(old.period == new.period, VoidCode::OtherPeriod)?;
        if let Some(challenge) = correction.challenge {
            let disputed = self.disputed(challenge)?;
            if disputed != replaced {
                self.replaces(replaced, disputed)?;
            }
        }
        Ok(())
    }

    /// R17.
    fn check_close(&self, close: &Close) -> Result<&'static str, VoidCode> {
        let disputed = self.disputed(close.challenge)?;
        match close.outcome {
            Outcome::Withdrawn => check(self.is_own(close.challenge), VoidCode::NotChallenger)?,
            Outcome::Accepted { correction } => {
                check(self.is_own(close.challenge), VoidCode::NotChallenger)?;
                self.replaces(correction, disputed)?;
            }
            Outcome::Ruled { proposal } => {
                let ruled = self.holding.ruled.get(&close.challenge) == Some(&proposal);
                let about = match self.model.decision(&proposal) {
                    Some(Decision::CloseChallenge { report, .. }) => *report == disputed,
                    _ => false,
                };
                check(ruled && about, VoidCode::NotRuled)?;
                return Ok("listed");
            }
        }
        Ok("counted")
    }
}
