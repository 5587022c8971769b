// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which entries an event names. Each must be an ancestor of the entry that names it: whoever speaks
//! of something has seen it.

use super::governance::Honoured;
use super::{Decision, Event, Outcome, Report};
use crate::id::EntryId;

impl Event {
    /// The proposal at hand, where the event may complete the quorum: a vote, an enactment.
    pub fn decides(&self) -> Option<EntryId> {
        if let Self::Vote(vote) = self {
            return Some(vote.proposal);
        }
        if let Self::Enact(enact) = self { Some(enact.proposal) } else { None }
    }

    /// Every entry that the event names, in the order of the fields.
    pub fn names(&self) -> Vec<EntryId> {
        match self {
            Self::Charter(_)
            | Self::KeyRetired(_)
            | Self::Acknowledge
            | Self::Consultation(_)
            | Self::Review(_) => Vec::new(),
            Self::Acceptance(event) => vec![event.charter],
            Self::Proposal(event) => named_by_decision(&event.decision),
            Self::Vote(event) => vec![event.proposal],
            Self::Enact(event) => vec![event.proposal],
            Self::ProposalWithdrawn(event) => vec![event.proposal],
            Self::Report(event) => named_by_report(event),
            Self::Correction(event) => [event.replaces]
                .into_iter()
                .chain(named_by_report(&event.report))
                .chain(event.challenge)
                .collect(),
            Self::Withdrawal(event) => vec![event.report],
            Self::Attestation(event) => vec![event.report],
            Self::Challenge(event) => [event.report].into_iter().chain(event.contradicts).collect(),
            Self::Response(event) => {
                [event.challenge].into_iter().chain(event.correction).collect()
            }
            Self::Close(event) => [event.challenge]
                .into_iter()
                .chain(match event.outcome {
                    Outcome::Withdrawn => None,
                    Outcome::Accepted { correction } => Some(correction),
                    Outcome::Ruled { proposal } => Some(proposal),
                })
                .collect(),
            Self::Budget(event) => event.replaces.into_iter().collect(),
            Self::ConsultationSignOff(event) => vec![event.consultation],
            Self::Recommendation(event) => event.review.into_iter().collect(),
            Self::RecommendationResponse(event) => vec![event.recommendation],
            Self::Agreement(event) => event.replaces.into_iter().collect(),
        }
    }
}

fn named_by_report(report: &Report) -> Vec<EntryId> {
    report.plan_version.into_iter().collect()
}

fn named_by_decision(decision: &Decision) -> Vec<EntryId> {
    match decision {
        Decision::AdmitMember { .. }
        | Decision::RetireMember(_)
        | Decision::GrantKey(_)
        | Decision::Succession(_)
        | Decision::RaiseRulesVersion(_) => Vec::new(),
        Decision::RevokeKey { honoured, .. } | Decision::ResolveFork { honoured, .. } => {
            honoured.map(|Honoured { id, .. }| id).into_iter().collect()
        }
        Decision::AmendPlan { base, .. } | Decision::AmendRules { base, .. } => vec![*base],
        Decision::Redact { entry, .. } => vec![*entry],
        Decision::AdoptReview(review) => vec![*review],
        Decision::CloseChallenge { challenge, report, .. } => vec![*challenge, *report],
    }
}

#[cfg(test)]
mod tests {
    use constancia_proto::v1;
    use constancia_proto::v1::event::Body;

    use crate::event::ParsedEvent;

    fn id(byte: u8) -> bytes::Bytes {
        vec![byte; 32].into()
    }

    fn named(body: Body) -> Vec<u8> {
        let raw = v1::Event { body: Some(body), exercise: String::new() };
        let names = ParsedEvent::try_from(raw).unwrap().body.names();
        names.iter().map(|name| name.as_bytes()[0]).collect()
    }

    #[test]
    fn a_correction_names_all_that_it_refers_to() {
        let report = v1::Report {
            indicator: "C-01".to_owned(),
            period: Some(v1::Period { text: "2023".to_owned() }),
            observations: vec![v1::Observation {
                status: v1::ObsStatus::L.into(),
                ..v1::Observation::default()
            }],
            plan_version: id(2),
            ..v1::Report::default()
        };
        let correction = v1::Correction {
            replaces: id(1),
            report: Some(report),
            reason: v1::CorrectionReason::Arithmetic.into(),
            explanation: String::new(),
            challenge: id(3),
        };
        assert_eq!(named(Body::Correction(correction)), [1, 2, 3]);
    }

    #[test]
    fn a_close_names_the_challenge_and_what_settles_it() {
        let close = v1::Close {
            challenge: id(1),
            outcome: v1::CloseOutcome::Accepted.into(),
            correction: id(2),
            ..v1::Close::default()
        };
        assert_eq!(named(Body::Close(close)), [1, 2]);
    }

    #[test]
    fn a_decision_names_the_entry_that_it_is_about() {
        let redact = v1::Redact {
            entry: id(7),
            ground: Some(v1::Source {
                kind: v1::SourceKind::Published.into(),
                citation: "LGPDPPSO, artículo 43".to_owned(),
                ..v1::Source::default()
            }),
            ..v1::Redact::default()
        };
        let decision = Some(v1::proposal::Decision::Redact(redact));
        let proposal = v1::Proposal { decision, ..v1::Proposal::default() };
        assert_eq!(named(Body::Proposal(proposal)), [7]);
    }

    #[test]
    fn an_acknowledgement_names_nothing() {
        assert!(named(Body::Acknowledge(v1::Acknowledge {})).is_empty());
    }
}
