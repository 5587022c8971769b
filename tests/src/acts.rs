// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What people do in tests, as bodies of events: short, and right unless a test spoils them.

use bytes::Bytes;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

/// The bytes of an id.
pub fn id_bytes(id: EntryId) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

/// A decimal.
pub fn decimal(text: &str) -> Option<v1::Decimal> {
    Some(v1::Decimal { text: text.to_owned() })
}

/// A period.
pub fn period(text: &str) -> Option<v1::Period> {
    Some(v1::Period { text: text.to_owned() })
}

/// The key of an observation of the report's period, broken down by sex where a code is given.
pub fn cell_key(sex: Option<&str>) -> v1::ObservationKey {
    v1::ObservationKey {
        period: None,
        dimensions: sex
            .map(|code| v1::DimensionValue {
                concept: "sex".to_owned(),
                code: code.to_owned(),
                criterion: String::new(),
            })
            .into_iter()
            .collect(),
    }
}

/// An observation with a value.
pub fn cell(sex: Option<&str>, value: &str) -> v1::Observation {
    v1::Observation {
        key: Some(cell_key(sex)),
        value: decimal(value),
        status: v1::ObsStatus::A.into(),
        ..v1::Observation::default()
    }
}

/// A report of the total alone.
pub fn report_of(indicator: &str, when: &str, value: &str) -> v1::Report {
    v1::Report {
        indicator: indicator.to_owned(),
        period: period(when),
        observations: vec![cell(None, value)],
        ..v1::Report::default()
    }
}

/// A report of the total alone.
pub fn report(indicator: &str, when: &str, value: &str) -> Body {
    Body::Report(report_of(indicator, when, value))
}

/// A correction of the total alone, since the source published other figures.
pub fn correction(replaces: EntryId, indicator: &str, when: &str, value: &str) -> Body {
    Body::Correction(v1::Correction {
        replaces: id_bytes(replaces),
        report: Some(report_of(indicator, when, value)),
        reason: v1::CorrectionReason::SourceRevised.into(),
        ..v1::Correction::default()
    })
}

/// A withdrawal.
pub fn withdrawal(report: EntryId) -> Body {
    Body::Withdrawal(v1::Withdrawal { report: id_bytes(report), reason: "error".to_owned() })
}

/// A confirmation.
pub fn attestation(report: EntryId) -> Body {
    Body::Attestation(v1::Attestation {
        report: id_bytes(report),
        verdict: v1::Verdict::Confirmed.into(),
        ..v1::Attestation::default()
    })
}

/// A challenge of the total for its arithmetic.
pub fn challenge(report: EntryId) -> Body {
    Body::Challenge(v1::Challenge {
        report: id_bytes(report),
        observation: Some(cell_key(None)),
        ground: v1::ChallengeGround::Arithmetic.into(),
        text: "no es el cociente".to_owned(),
        ..v1::Challenge::default()
    })
}

/// A response, naming a correction where there is one.
pub fn response(challenge: EntryId, correction: Option<EntryId>) -> Body {
    Body::Response(v1::Response {
        challenge: id_bytes(challenge),
        text: "se corrigió".to_owned(),
        correction: correction.map(id_bytes).unwrap_or_default(),
        ..v1::Response::default()
    })
}

/// The challenger takes the challenge back.
pub fn close_withdrawn(challenge: EntryId) -> Body {
    Body::Close(v1::Close {
        challenge: id_bytes(challenge),
        outcome: v1::CloseOutcome::Withdrawn.into(),
        ..v1::Close::default()
    })
}

/// The challenger accepts a correction.
pub fn close_accepted(challenge: EntryId, correction: EntryId) -> Body {
    Body::Close(v1::Close {
        challenge: id_bytes(challenge),
        outcome: v1::CloseOutcome::Accepted.into(),
        correction: id_bytes(correction),
        ..v1::Close::default()
    })
}

/// The council rules, by a proposal.
pub fn close_ruled(challenge: EntryId, proposal: EntryId) -> Body {
    Body::Close(v1::Close {
        challenge: id_bytes(challenge),
        outcome: v1::CloseOutcome::Ruled.into(),
        proposal: id_bytes(proposal),
        ..v1::Close::default()
    })
}

/// An approved budget for the line of action `L-1`.
pub fn budget(year: &str, amount: &str, replaces: Option<EntryId>) -> Body {
    Body::Budget(v1::Budget {
        fiscal_year: period(year),
        line: "L-1".to_owned(),
        stage: v1::BudgetStage::Approved.into(),
        amount: Some(v1::budget::Amount::Money(v1::Money {
            amount: decimal(amount),
            currency: "MXN".to_owned(),
            unit_multiplier: 0,
        })),
        replaces: replaces.map(id_bytes).unwrap_or_default(),
        ..v1::Budget::default()
    })
}

/// A member takes part under the charter.
pub fn acceptance(charter: EntryId) -> Body {
    Body::Acceptance(v1::Acceptance { charter: id_bytes(charter), note: None })
}

/// A proposal that would close a challenge of a report.
pub fn proposal(challenge: EntryId, report: EntryId) -> Body {
    Body::Proposal(v1::Proposal {
        decision: Some(v1::proposal::Decision::CloseChallenge(v1::CloseChallenge {
            challenge: id_bytes(challenge),
            upheld: true,
            report: id_bytes(report),
        })),
        ..v1::Proposal::default()
    })
}

/// A vote for a proposal.
pub fn vote(proposal: EntryId) -> Body {
    Body::Vote(v1::Vote {
        proposal: id_bytes(proposal),
        choice: v1::VoteChoice::Yes.into(),
        reason: None,
    })
}

/// A review of a year.
pub fn review(year: &str) -> Body {
    Body::Review(v1::Review {
        period: period(year),
        title: Some(v1::Text { es: "Revisión".to_owned(), ..v1::Text::default() }),
        ..v1::Review::default()
    })
}

/// A recommendation to a member.
pub fn recommendation(review: Option<EntryId>, addressee: &str) -> Body {
    Body::Recommendation(v1::Recommendation {
        review: review.map(id_bytes).unwrap_or_default(),
        addressees: vec![addressee.to_owned()],
        text: Some(v1::Text { es: "Publicar el anexo".to_owned(), ..v1::Text::default() }),
        ..v1::Recommendation::default()
    })
}
