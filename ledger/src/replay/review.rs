// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R19: consultations, reviews, recommendations and agreements are listed as they were signed.

use super::history::Record;
use super::judge::{Judge, Ruling, Topic, void_by};
use crate::event::Event;
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R19: what the event names is of the right sort; who took part signs off, who is addressed
    /// answers, who agreed replaces.
    pub(super) fn rule_review(
        &self,
        record: &'a Record,
        event: &'a Event,
    ) -> Result<Ruling, VoidReason> {
        let member = self.member(record);
        if let Event::ConsultationSignOff(sign_off) = event {
            let id = sign_off.consultation;
            match self.named(record, id)? {
                (_, Event::Consultation(held)) if held.participants.contains(member) => {}
                (_, Event::Consultation(_)) => {
                    return Err(void_by(VoidCode::NotAParticipant, id));
                }
                (_, _) => return Err(void_by(VoidCode::NamedOtherSort, id)),
            }
        }
        if let Event::Recommendation(recommendation) = event
            && let Some(id) = recommendation.review
            && !matches!(self.named(record, id)?, (_, Event::Review(_)))
        {
            return Err(void_by(VoidCode::NamedOtherSort, id));
        }
        if let Event::RecommendationResponse(response) = event {
            let id = response.recommendation;
            match self.named(record, id)? {
                (_, Event::Recommendation(asked)) if asked.addressees.contains(member) => {}
                (_, Event::Recommendation(_)) => {
                    return Err(void_by(VoidCode::NotAnAddressee, id));
                }
                (_, _) => return Err(void_by(VoidCode::NamedOtherSort, id)),
            }
        }
        if let Event::Agreement(agreement) = event
            && let Some(id) = agreement.replaces
        {
            let (replaced, named) = self.named(record, id)?;
            if !matches!(named, Event::Agreement(_)) {
                return Err(void_by(VoidCode::NamedOtherSort, id));
            }
            if self.history.record(replaced).member != record.member {
                return Err(void_by(VoidCode::OtherMember, id));
            }
        }
        Ok(Ruling::Counts(Some(Topic::Reviews)))
    }
}
