// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R15, R16, R17: challenges, responses and closes.

use super::history::Record;
use super::judge::{Judge, Ruling, void_by};
use crate::event::{Challenge, Close, Outcome, Response};
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R15: another member than the reporter disputes an observation that the statement has.
    pub(super) fn rule_challenge(
        &self,
        record: &'a Record,
        challenge: &'a Challenge,
    ) -> Result<Ruling, VoidReason> {
        let statement = self.named_statement(record, challenge.report)?;
        let topic = Some(statement.topic());
        if statement.record.member == record.member {
            let reason = void_by(VoidCode::OwnChallenge, challenge.report);
            return Ok(Ruling::Void(reason, topic));
        }
        let period = statement.report.period;
        let disputed = challenge.observation.as_ref().map(|key| key.coordinates(period));
        let exists = disputed.is_none_or(|disputed| {
            let mut keys = statement.report.observations.iter().map(|it| &it.key);
            keys.any(|key| key.coordinates(period) == disputed)
        });
        if !exists {
            let reason = void_by(VoidCode::NoSuchObservation, challenge.report);
            return Ok(Ruling::Void(reason, topic));
        }
        if let Some(contradicts) = challenge.contradicts {
            self.named_statement(record, contradicts)?;
        }
        Ok(Ruling::Counts(topic))
    }

    /// R16: the challenged member responds; a correction that it names replaces what is disputed.
    pub(super) fn rule_response(
        &self,
        record: &'a Record,
        response: &'a Response,
    ) -> Result<Ruling, VoidReason> {
        let (_, _, disputed) = self.named_challenge(record, response.challenge)?;
        if disputed.record.member != record.member {
            let reason = void_by(VoidCode::NotChallenged, response.challenge);
            return Ok(Ruling::Void(reason, Some(disputed.topic())));
        }
        if let Some(correction) = response.correction {
            self.named_correction_of(record, correction, &disputed)?;
        }
        Ok(Ruling::Counts(Some(disputed.topic())))
    }

    /// R17: the challenger withdraws, or accepts a correction that replaces what is disputed. That the
    /// council ruled is repeated only once it has.
    pub(super) fn rule_close(
        &self,
        record: &'a Record,
        close: &'a Close,
    ) -> Result<Ruling, VoidReason> {
        let (challenging, _, disputed) = self.named_challenge(record, close.challenge)?;
        let topic = disputed.topic();
        let is_challenger = challenging.member == record.member;
        match close.outcome {
            Outcome::Ruled { proposal } => {
                let ruling = self.law(record).ruling(&close.challenge);
                let statement = disputed.record.facts.id;
                // The decision itself closes the challenge; this says it to the parties.
                match ruling {
                    Some(ruling) if ruling.by == proposal && ruling.report == statement => {
                        Ok(Ruling::Listed(topic))
                    }
                    Some(_) | None => {
                        let reason = void_by(VoidCode::NotRuled, proposal);
                        Ok(Ruling::Void(reason, Some(topic)))
                    }
                }
            }
            Outcome::Withdrawn | Outcome::Accepted { .. } if !is_challenger => {
                let reason = void_by(VoidCode::NotChallenger, close.challenge);
                Ok(Ruling::Void(reason, Some(topic)))
            }
            Outcome::Withdrawn => Ok(Ruling::Counts(Some(topic))),
            Outcome::Accepted { correction } => {
                self.named_correction_of(record, correction, &disputed)?;
                Ok(Ruling::Counts(Some(topic)))
            }
        }
    }
}
