// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R9, R11, R13: reports, corrections and withdrawals.

use super::history::{Content, Record};
use super::judge::{Judge, Ruling, Topic, void, void_by};
use crate::event::{Correction, Report, Withdrawal};
use crate::id::EntryId;
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R9: the plan has the indicator, and the figures follow a version of the plan that there is.
    pub(super) fn rule_report(
        &self,
        record: &'a Record,
        report: &'a Report,
    ) -> Result<Ruling, VoidReason> {
        let law = self.law(record);
        if law.indicator(&report.indicator).is_none() {
            return Err(void(VoidCode::UnknownIndicator));
        }
        if let Some(version) = report.plan_version
            && !law.plan_versions().iter().any(|known| known.id == version)
        {
            return Err(void_by(VoidCode::UnknownPlanVersion, version));
        }
        Ok(Ruling::Counts(Some(Topic::Indicator(report.indicator.clone()))))
    }

    /// R11: a member corrects its own statement, of the same indicator and period.
    pub(super) fn rule_correction(
        &self,
        record: &'a Record,
        correction: &'a Correction,
    ) -> Result<Ruling, VoidReason> {
        let ruling = self.rule_report(record, &correction.report)?;
        if let Some(redacted) = self.find_redacted(record, correction.replaces) {
            // What it said nobody knows any more; whose it was its header says.
            let code = if redacted.member != record.member {
                VoidCode::OtherMember
            } else if let Some(challenge) = correction.challenge {
                // Nobody can tell any more what it had replaced.
                self.named_challenge(record, challenge)?;
                VoidCode::NotACorrectionOfIt
            } else {
                return Ok(ruling);
            };
            return Err(void_by(code, correction.replaces));
        }
        let replaced = self.named_statement(record, correction.replaces)?;
        let code = if replaced.record.member != record.member {
            VoidCode::OtherMember
        } else if replaced.report.indicator != correction.report.indicator {
            VoidCode::OtherIndicator
        } else if replaced.report.period != correction.report.period {
            VoidCode::OtherPeriod
        } else {
            if let Some(id) = correction.challenge {
                let (_, _, disputed) = self.named_challenge(record, id)?;
                if disputed.entry != replaced.entry {
                    self.named_correction_of(record, correction.replaces, &disputed)?;
                }
            }
            return Ok(ruling);
        };
        Err(void_by(code, correction.replaces))
    }

    /// A named ancestor whose payload was dropped by decision.
    fn find_redacted(&self, record: &Record, id: EntryId) -> Option<&'a Record> {
        let named = self.history.record(record.names.get(&id).copied().flatten()?);
        matches!(named.content, Content::Redacted(_)).then_some(named)
    }

    /// R13: a member withdraws its own statement.
    pub(super) fn rule_withdrawal(
        &self,
        record: &'a Record,
        withdrawal: &'a Withdrawal,
    ) -> Result<Ruling, VoidReason> {
        let withdrawn = self.named_statement(record, withdrawal.report)?;
        if withdrawn.record.member == record.member {
            Ok(Ruling::Counts(Some(withdrawn.topic())))
        } else {
            Err(void_by(VoidCode::OtherMember, withdrawal.report))
        }
    }
}
