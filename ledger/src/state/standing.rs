// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether an entry counts, and why not.
//!
//! Codes and parameters only: the words for people are the faces'.

use serde::{Deserialize, Serialize};

use crate::id::EntryId;

/// Whether an entry counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Standing {
    /// It has its effect.
    Counted,
    /// It is listed and has no effect yet: a decision, a vote, a ruling.
    Listed,
    /// Its key forked at or before it.
    Forked,
    /// Its payload has not arrived.
    Pending,
    /// Its payload was dropped by decision of the council.
    Redacted {
        /// The proposal.
        #[serde(with = "crate::state::json::text")]
        decision: EntryId,
    },
    /// This program does not know such an event.
    UnknownEvent,
    /// Its contents break a rule.
    InvalidEvent {
        /// Code of the rule: `event.not_a_decimal`.
        rule: String,
        /// Where, with the names of the schema.
        path: String,
    },
    /// Its author had no right to it, or what it names does not bear it.
    Void {
        /// Why.
        reason: VoidReason,
    },
}

impl Standing {
    /// The word for it: `counted`, `listed`, `forked`, `pending`, `redacted`, `unknown_event`,
    /// `invalid_event`, `void`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Listed => "listed",
            Self::Forked => "forked",
            Self::Pending => "pending",
            Self::Redacted { .. } => "redacted",
            Self::UnknownEvent => "unknown_event",
            Self::InvalidEvent { .. } => "invalid_event",
            Self::Void { .. } => "void",
        }
    }

    /// Why it does not count, as a code; absent where the standing says all.
    pub fn reason_code(&self) -> Option<&str> {
        match self {
            Self::Counted
            | Self::Listed
            | Self::Forked
            | Self::Pending
            | Self::Redacted { .. }
            | Self::UnknownEvent => None,
            Self::InvalidEvent { rule, .. } => Some(rule),
            Self::Void { reason } => Some(reason.code()),
        }
    }
}

macro_rules! void_reasons {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, $rule:literal; )+) => {
        /// Why an event is void, each by one rule of `docs/rules.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum VoidCode {
            $( $(#[$doc])* $variant, )+
        }

        impl VoidCode {
            /// Every reason.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The code: `not_an_ancestor`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $code, )+
                }
            }

            /// The rule: `R7`.
            pub const fn rule(self) -> &'static str {
                match self {
                    $( Self::$variant => $rule, )+
                }
            }
        }
    };
}

void_reasons! {
    /// The key may only acknowledge.
    Scope = "scope", "R6";
    /// What it names is no ancestor of it.
    NotAnAncestor = "not_an_ancestor", "R7";
    /// The payload of what it names has not arrived.
    NamedPending = "named_pending", "R7";
    /// What it names is another sort of event.
    NamedOtherSort = "named_other_sort", "R8";
    /// What it names does not count itself.
    NamedDoesNotCount = "named_does_not_count", "R8";
    /// The plan has no such indicator.
    UnknownIndicator = "unknown_indicator", "R9";
    /// There is no such version of the plan.
    UnknownPlanVersion = "unknown_plan_version", "R9";
    /// It changes another member's statement.
    OtherMember = "other_member", "R11";
    /// It corrects a report of another indicator.
    OtherIndicator = "other_indicator", "R11";
    /// It corrects a report of another period.
    OtherPeriod = "other_period", "R11";
    /// A member attests its own report.
    OwnAttestation = "own_attestation", "R14";
    /// A member challenges its own report.
    OwnChallenge = "own_challenge", "R15";
    /// The report has no such observation.
    NoSuchObservation = "no_such_observation", "R15";
    /// Only the challenged member responds.
    NotChallenged = "not_challenged", "R16";
    /// The correction does not replace the challenged report.
    NotACorrectionOfIt = "not_a_correction_of_it", "R16";
    /// Only the challenger withdraws or accepts.
    NotChallenger = "not_challenger", "R17";
    /// The plan has no such line of action.
    UnknownLine = "unknown_line", "R18";
    /// Only who took part signs a consultation off.
    NotAParticipant = "not_a_participant", "R19";
    /// Only an addressee answers a recommendation.
    NotAnAddressee = "not_an_addressee", "R19";
    /// A ledger has one charter, its first entry.
    SecondCharter = "second_charter", "R20";
    /// It accepts another entry than the charter.
    OtherCharter = "other_charter", "R20";
    /// The key had ended, by revocation or retirement, before it.
    AfterCutOff = "after_cut_off", "R22";
    /// Its own ancestors show that its key had forked at or before it.
    ForkShown = "fork_shown", "R22";
    /// Its member has no seat in the council.
    NotOnCouncil = "not_on_council", "R24";
    /// Its member has no vote on this proposal.
    Recused = "recused", "R24";
    /// Its member had voted on this proposal.
    AlreadyVoted = "already_voted", "R24";
    /// The proposal had passed, or its effect is there already.
    AlreadyDecided = "already_decided", "R24";
    /// The proposal had been taken back.
    ProposalWithdrawn = "proposal_withdrawn", "R24";
    /// Its ancestors do not complete the quorum.
    QuorumNotMet = "quorum_not_met", "R25";
    /// Only the proposer's member takes a proposal back.
    NotProposer = "not_proposer", "R23";
    /// Only the key itself or its member retires it.
    NotOwnKey = "not_own_key", "R28";
    /// There is such a member already.
    MemberExists = "member_exists", "R26";
    /// There is no such member, or it has left.
    UnknownMember = "unknown_member", "R26";
    /// The key is granted already.
    KeyGranted = "key_granted", "R26";
    /// No such key is granted.
    UnknownKey = "unknown_key", "R26";
    /// The entry to be honoured is none of the key's, or stands elsewhere.
    NotOfKey = "not_of_key", "R26";
    /// It amends another version than the one in force.
    OtherVersion = "other_version", "R26";
    /// The plan that it would make breaks a rule.
    BrokenPlan = "broken_plan", "R26";
    /// The rules that it would make break a rule.
    BrokenRules = "broken_rules", "R26";
    /// The council could not meet its quorum afterwards.
    QuorumLost = "quorum_lost", "R26";
    /// Governance is never redacted.
    NotRedactable = "not_redactable", "R30";
    /// The rules in force are that version or a later one.
    NotHigher = "not_higher", "R26";
    /// What it names has been redacted, so that nobody can judge it.
    NamedRedacted = "named_redacted", "R30";
    /// The council's decision is about another challenge, or has not passed.
    NotRuled = "not_ruled", "R17";
}

impl std::str::FromStr for VoidCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| format!("expected a reason why an event is void, found {text:?}"))
    }
}

impl std::fmt::Display for VoidCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an event is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoidReason {
    /// Which reason.
    #[serde(with = "crate::state::json::text")]
    pub code: VoidCode,
    /// The entry that it names and that does not bear it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::state::json::optional_text"
    )]
    pub named: Option<EntryId>,
}

impl VoidReason {
    /// The code: `not_an_ancestor`.
    pub const fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// The rule: `R7`.
    pub const fn rule(&self) -> &'static str {
        self.code.rule()
    }
}
