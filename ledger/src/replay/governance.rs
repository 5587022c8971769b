// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R20: one charter, and its acceptances. Proposals, votes and key events have been judged by their
//! ancestors when they arrived.

use super::history::Record;
use super::judge::{Judge, Ruling, Topic, void, void_by};
use crate::event::Event;
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R20: one charter, accepted by its own id.
    pub(super) fn rule_governance(
        &self,
        record: &'a Record,
        event: &'a Event,
    ) -> Result<Ruling, VoidReason> {
        if let Event::Charter(_) = event {
            return if record.facts.id == self.authority.charter_entry() {
                Ok(Ruling::Counts(Some(Topic::Governance)))
            } else {
                Err(void(VoidCode::SecondCharter))
            };
        }
        if let Event::Acceptance(acceptance) = event {
            return if acceptance.charter == self.authority.charter_entry() {
                Ok(Ruling::Counts(Some(Topic::Governance)))
            } else {
                Err(void_by(VoidCode::OtherCharter, acceptance.charter))
            };
        }
        // R22 to R28: judged by its ancestors when it arrived.
        Ok(Ruling::Counts(Some(Topic::Governance)))
    }
}
