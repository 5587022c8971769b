// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R14: attestations.

use super::history::Record;
use super::judge::{Judge, Ruling, void_by};
use crate::event::Attestation;
use crate::state::{VoidCode, VoidReason};

impl<'a> Judge<'a> {
    /// R14: another member than the reporter attests.
    pub(super) fn rule_attestation(
        &self,
        record: &'a Record,
        attestation: &'a Attestation,
    ) -> Result<Ruling, VoidReason> {
        let statement = self.named_statement(record, attestation.report)?;
        let topic = Some(statement.topic());
        Ok(if statement.record.member == record.member {
            let reason = void_by(VoidCode::OwnAttestation, attestation.report);
            Ruling::Void(reason, topic)
        } else {
            Ruling::Counts(topic)
        })
    }
}
