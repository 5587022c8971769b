// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What happened: the decoded payload of an entry, parsed into domain types.
//!
//! Every value here keeps the rules of its fields, whoever wrote it; whether its author had the right
//! to say it, and whether what it names exists, is for the replay. Nothing here reads a clock, a
//! store or another entry.

pub mod decode;
pub mod limits;

mod choice;
mod error;
mod field;
mod json;

pub mod attachment;
pub mod date;
pub mod decimal;
pub mod name;
pub mod period;
pub mod source;
pub mod text;

pub mod charter;
pub mod governance;
pub mod indicator;
pub mod member;
pub mod plan;
pub mod rules;

pub mod agreement;
pub mod budget;
pub mod challenge;
pub mod consultation;
pub mod observation;
pub mod report;
pub mod review;

mod named;

use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use crate::entry::Kind;
use field::{InField as _, Parsed, broken, label};

pub use agreement::Agreement;
pub use attachment::{Attachment, AttachmentHash};
pub use budget::{Budget, Money};
pub use challenge::{Challenge, Close, Outcome, Response};
pub use charter::{Acceptance, Charter};
pub use consultation::{Consultation, ConsultationSignOff};
pub use date::PartialDate;
pub use decimal::Decimal;
pub use decode::{Decoded, UnknownReason, decode, encode};
pub use error::{BrokenRule, EventError};
pub use governance::{Decision, Enact, KeyRetired, Proposal, ProposalWithdrawn, Vote};
pub use indicator::Indicator;
pub use member::{KeyGrant, KeyScope, Member, MemberClass};
pub use observation::{Coordinates, ObsStatus, Observation, ObservationKey};
pub use period::Period;
pub use plan::Plan;
pub use report::{Attestation, Correction, Report, Withdrawal};
pub use review::{Recommendation, RecommendationResponse, Review};
pub use rules::Rules;
pub use source::{Source, Stated};
pub use text::{Language, Text};

/// An event, and whether it is an exercise.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ParsedEvent {
    /// This act is an exercise, and why. Shown wherever the event is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub body: Event,
}

/// What happened. One variant per body of the schema.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A ledger is founded.
    Charter(Box<Charter>),
    /// A member takes part under the charter.
    Acceptance(Acceptance),
    /// A decision is put before the council.
    Proposal(Box<Proposal>),
    /// A council member votes.
    Vote(Vote),
    /// A decision whose votes were cast side by side is completed.
    Enact(Enact),
    /// A key ends without a vote.
    KeyRetired(KeyRetired),
    /// A proposal is taken back.
    ProposalWithdrawn(ProposalWithdrawn),
    /// The author holds what the entry has as ancestors.
    Acknowledge,
    /// What an indicator was in a period.
    Report(Box<Report>),
    /// A report is replaced.
    Correction(Box<Correction>),
    /// A report is withdrawn.
    Withdrawal(Withdrawal),
    /// Another member checked a report.
    Attestation(Attestation),
    /// An observation is disputed.
    Challenge(Challenge),
    /// The challenged member answers.
    Response(Response),
    /// A challenge ends.
    Close(Close),
    /// Money for the plan.
    Budget(Box<Budget>),
    /// Who was consulted on what.
    Consultation(Box<Consultation>),
    /// A participant says whether it was so.
    ConsultationSignOff(ConsultationSignOff),
    /// A review of the plan.
    Review(Review),
    /// Something is recommended.
    Recommendation(Recommendation),
    /// An addressee answers.
    RecommendationResponse(RecommendationResponse),
    /// A cooperation beyond the members' power.
    Agreement(Box<Agreement>),
}

impl TryFrom<v1::Event> for ParsedEvent {
    type Error = EventError;

    fn try_from(raw: v1::Event) -> Result<Self, EventError> {
        let Some(body) = raw.body else {
            return broken("body", BrokenRule::Missing { expected: "what happened" });
        };
        let (name, _kind) = Event::name_and_kind(&body);
        Ok(Self {
            exercise: label("exercise", raw.exercise)?,
            body: Event::parse(body).in_field(name)?,
        })
    }
}

impl Event {
    /// The name of the event in the schema: `report`, `key_retired`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Charter(_) => "charter",
            Self::Acceptance(_) => "acceptance",
            Self::Proposal(_) => "proposal",
            Self::Vote(_) => "vote",
            Self::Enact(_) => "enact",
            Self::KeyRetired(_) => "key_retired",
            Self::ProposalWithdrawn(_) => "proposal_withdrawn",
            Self::Acknowledge => "acknowledge",
            Self::Report(_) => "report",
            Self::Correction(_) => "correction",
            Self::Withdrawal(_) => "withdrawal",
            Self::Attestation(_) => "attestation",
            Self::Challenge(_) => "challenge",
            Self::Response(_) => "response",
            Self::Close(_) => "close",
            Self::Budget(_) => "budget",
            Self::Consultation(_) => "consultation",
            Self::ConsultationSignOff(_) => "consultation_sign_off",
            Self::Review(_) => "review",
            Self::Recommendation(_) => "recommendation",
            Self::RecommendationResponse(_) => "recommendation_response",
            Self::Agreement(_) => "agreement",
        }
    }

    /// The kind that the header of its entry must announce.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Charter(_)
            | Self::Acceptance(_)
            | Self::Proposal(_)
            | Self::Vote(_)
            | Self::Enact(_)
            | Self::KeyRetired(_)
            | Self::ProposalWithdrawn(_) => Kind::Governance,
            Self::Acknowledge => Kind::Acknowledge,
            Self::Report(_)
            | Self::Correction(_)
            | Self::Withdrawal(_)
            | Self::Attestation(_)
            | Self::Challenge(_)
            | Self::Response(_)
            | Self::Close(_)
            | Self::Budget(_)
            | Self::Consultation(_)
            | Self::ConsultationSignOff(_)
            | Self::Review(_)
            | Self::Recommendation(_)
            | Self::RecommendationResponse(_)
            | Self::Agreement(_) => Kind::Fact,
        }
    }

    /// Name and kind of a body that has not been parsed.
    pub const fn name_and_kind(body: &Body) -> (&'static str, Kind) {
        match body {
            Body::Charter(_) => ("charter", Kind::Governance),
            Body::Acceptance(_) => ("acceptance", Kind::Governance),
            Body::Proposal(_) => ("proposal", Kind::Governance),
            Body::Vote(_) => ("vote", Kind::Governance),
            Body::Enact(_) => ("enact", Kind::Governance),
            Body::KeyRetired(_) => ("key_retired", Kind::Governance),
            Body::ProposalWithdrawn(_) => ("proposal_withdrawn", Kind::Governance),
            Body::Acknowledge(_) => ("acknowledge", Kind::Acknowledge),
            Body::Report(_) => ("report", Kind::Fact),
            Body::Correction(_) => ("correction", Kind::Fact),
            Body::Withdrawal(_) => ("withdrawal", Kind::Fact),
            Body::Attestation(_) => ("attestation", Kind::Fact),
            Body::Challenge(_) => ("challenge", Kind::Fact),
            Body::Response(_) => ("response", Kind::Fact),
            Body::Close(_) => ("close", Kind::Fact),
            Body::Budget(_) => ("budget", Kind::Fact),
            Body::Consultation(_) => ("consultation", Kind::Fact),
            Body::ConsultationSignOff(_) => ("consultation_sign_off", Kind::Fact),
            Body::Review(_) => ("review", Kind::Fact),
            Body::Recommendation(_) => ("recommendation", Kind::Fact),
            Body::RecommendationResponse(_) => ("recommendation_response", Kind::Fact),
            Body::Agreement(_) => ("agreement", Kind::Fact),
        }
    }

    fn parse(body: Body) -> Parsed<Self> {
        Ok(match body {
            Body::Charter(raw) => Self::Charter(Box::new(raw.try_into()?)),
            Body::Acceptance(raw) => Self::Acceptance(raw.try_into()?),
            Body::Proposal(raw) => Self::Proposal(Box::new(raw.try_into()?)),
            Body::Vote(raw) => Self::Vote(raw.try_into()?),
            Body::Enact(raw) => Self::Enact(raw.try_into()?),
            Body::KeyRetired(raw) => Self::KeyRetired(raw.try_into()?),
            Body::ProposalWithdrawn(raw) => Self::ProposalWithdrawn(raw.try_into()?),
            Body::Acknowledge(v1::Acknowledge {}) => Self::Acknowledge,
            Body::Report(raw) => Self::Report(Box::new(raw.try_into()?)),
            Body::Correction(raw) => Self::Correction(Box::new(raw.try_into()?)),
            Body::Withdrawal(raw) => Self::Withdrawal(raw.try_into()?),
            Body::Attestation(raw) => Self::Attestation(raw.try_into()?),
            Body::Challenge(raw) => Self::Challenge(raw.try_into()?),
            Body::Response(raw) => Self::Response(raw.try_into()?),
            Body::Close(raw) => Self::Close(raw.try_into()?),
            Body::Budget(raw) => Self::Budget(Box::new(raw.try_into()?)),
            Body::Consultation(raw) => Self::Consultation(Box::new(raw.try_into()?)),
            Body::ConsultationSignOff(raw) => Self::ConsultationSignOff(raw.try_into()?),
            Body::Review(raw) => Self::Review(raw.try_into()?),
            Body::Recommendation(raw) => Self::Recommendation(raw.try_into()?),
            Body::RecommendationResponse(raw) => Self::RecommendationResponse(raw.try_into()?),
            Body::Agreement(raw) => Self::Agreement(Box::new(raw.try_into()?)),
        })
    }
}
