// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 5: entries, in the ledger's order, become a state.
//!
//! Two passes: governance first (`authority`), then everything else (`judge`, `fold`). A
//! document is a pure function of the events filed under it, of the authority and of the date T, so
//! that a replay that grows with every arrival gives what a replay from nothing gives. Nothing is
//! refused here: what does not count is void, and findings are data.

mod authority;
mod history;
mod ledger_at;
mod newer_rules;
mod past;
mod view;

mod judge;

mod attestation;
mod budget;
mod challenge;
mod governance;
mod report;
mod review;

mod compose;
mod findings;
mod fold;
mod replayed;
mod scene;

use crate::entry::Kind;
use crate::event::name::{IndicatorId, Slug};
use crate::event::{Charter, ParsedEvent};
use crate::fault::{Coded, Fault};
use crate::frontier::Frontier;
use crate::id::{EntryId, LedgerId, PublicKey};
use crate::order::{Moment, Place};
use crate::replica::Replica;
use crate::state::{Standing, State, StateError};
use crate::store::StoreError;
use history::{Content, History};
use judge::Topic;
use ledger_at::LedgerAt;
use replayed::Replayed;
use view::Filter;

pub use newer_rules::{NewerRules, Raised};
pub use view::View;

/// Version of the rules that this replay follows (`docs/rules.md`).
pub const RULES_VERSION: u32 = 1;

/// Why there is no state.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The documents cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The replica is of another ledger.
    #[error("expected ledger {expected}, found {found}")]
    OtherLedger {
        /// The replay's.
        expected: LedgerId,
        /// The replica's.
        found: LedgerId,
    },
    /// The ledger follows rules that this program does not know.
    #[error(
        "expected rules up to version {supported}, found version {found}: a newer program is needed"
    )]
    RulesVersion {
        /// The newest known.
        supported: u32,
        /// The ledger's.
        found: u32,
    },
    /// The view ends before the ledger begins.
    #[error("the view ends at {until}; the ledger {}", describe_beginning(*.began))]
    BeforeCharter {
        /// The end of the view.
        until: Moment,
        /// When the ledger began; absent where nothing has been read of it.
        began: Option<Moment>,
    },
    /// The frontier names a head that this replica does not hold.
    #[error("key {key} seq {seq}: head {head} is not held")]
    HeadNotHeld {
        /// The key.
        key: PublicKey,
        /// The head's place in the feed.
        seq: u64,
        /// The head.
        head: EntryId,
    },
    /// The frontier names as a head what stands elsewhere.
    #[error(
        "expected head {head} to be key {key} seq {seq}, found key {found_key} seq {found_seq}"
    )]
    WrongHead {
        /// The head.
        head: EntryId,
        /// The key that the frontier names.
        key: PublicKey,
        /// The seq that the frontier names.
        seq: u64,
        /// The entry's author.
        found_key: PublicKey,
        /// The entry's seq.
        found_seq: u64,
    },
    /// The frontier names a decision that this replica does not hold.
    #[error("decision {decision} is not held")]
    DecisionNotHeld {
        /// The entry.
        decision: EntryId,
    },
    /// The frontier names a fork that this replica has no proof of.
    #[error("key {key}: no proof of a fork at sequence number {seq} or below is held")]
    ForkNotHeld {
        /// The key.
        key: PublicKey,
        /// The forked slot.
        seq: u64,
    },
}

impl Coded for ReplayError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::State(error) => error.code(),
            Self::OtherLedger { .. } => "replay.other_ledger",
            Self::RulesVersion { .. } => "replay.rules_version",
            Self::BeforeCharter { .. } => "replay.before_charter",
            Self::HeadNotHeld { .. } => "replay.head_not_held",
            Self::WrongHead { .. } => "replay.wrong_head",
            Self::DecisionNotHeld { .. } => "replay.decision_not_held",
            Self::ForkNotHeld { .. } => "replay.fork_not_held",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::State(error) => error.fault(),
            Self::OtherLedger { .. } | Self::RulesVersion { .. } | Self::BeforeCharter { .. } => {
                Fault::Refused
            }
            Self::HeadNotHeld { .. } | Self::DecisionNotHeld { .. } | Self::ForkNotHeld { .. } => {
                Fault::Unavailable
            }
            Self::WrongHead { .. } => Fault::Malformed,
        }
    }
}

fn describe_beginning(began: Option<Moment>) -> String {
    match began {
        Some(began) => format!("began at {began}"),
        None => "has not been read".to_owned(),
    }
}

/// What a call of [`Replay::catch_up`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Entries read.
    pub entries: u64,
    /// Payloads read that had been pending.
    pub payloads: u64,
    /// Whether everything was replayed again: a fork came to light, or a pending payload arrived.
    pub from_nothing: bool,
}

/// An entry of a view, with what the replay made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it stands in the ledger's order; with id, author, seq and height.
    pub place: Place,
    /// Number in the view's order, from 0.
    pub number: u64,
    /// Place in this replica's entry log, from 0: says nothing of other replicas.
    pub arrival: u64,
    /// Whose key wrote it.
    pub member: Slug,
    /// What the header says that it is about.
    pub kind: Kind,
    /// The event's name in the schema; none where it is pending, unknown or invalid.
    pub event: Option<&'static str>,
    /// The indicator that it is about.
    pub indicator: Option<IndicatorId>,
    /// Why it is an exercise; none: it is none.
    pub exercise: Option<String>,
    /// The author's clock.
    pub claimed_at: Moment,
    /// The greatest claimed time among the entry and its ancestors.
    pub effective_at: Moment,
    /// Since when another member holds it.
    pub witnessed_at: Option<Moment>,
    /// Whether it counts. None: by rules that this program does not know.
    pub standing: Option<Standing>,
}

/// Follows a replica and keeps its state.
#[derive(Debug)]
pub struct Replay {
    ledger: LedgerId,
    history: History,
    at: LedgerAt,
    replayed: Option<Replayed>,
    state: Option<State>,
}

/// A view that is ready to be looked at.
enum Resolved<'a> {
    Current(&'a LedgerAt, &'a Replayed),
    Past(&'a LedgerAt, Box<Replayed>),
    Pinned(Box<(LedgerAt, Replayed)>),
}

impl Resolved<'_> {
    /// The version of the rules at the end of the view.
    fn rules_version(&self) -> u32 {
        let replayed = match self {
            Resolved::Current(_, replayed) => replayed,
            Resolved::Past(_, replayed) => &**replayed,
            Resolved::Pinned(pinned) => &pinned.1,
        };
        replayed.authority().rules().rules_version
    }
}

impl Replay {
    /// Nothing replayed yet.
    pub fn new(ledger: LedgerId) -> Self {
        Self {
            ledger,
            history: History::default(),
            at: LedgerAt::default(),
            replayed: None,
            state: None,
        }
    }

    /// Reads what arrived since the last call, with every check that it passed when it came in.
    ///
    /// # Errors
    /// Where the store cannot be read or holds something else than it held. What was read before
    /// stays as it was.
    pub fn catch_up(&mut self, replica: &Replica) -> Result<CaughtUp, ReplayError> {
        if replica.ledger() != self.ledger {
            let (expected, found) = (self.ledger, replica.ledger());
            return Err(ReplayError::OtherLedger { expected, found });
        }
        let entries = self.history.read_arrivals(replica)?;
        let redacted = self.history.redact(replica);
        let payloads = self.read_payloads(replica)?;
        let frontier = replica.frontier();
        let from_nothing = payloads > 0 || redacted || !self.at.grows_into(frontier);
        if from_nothing {
            self.at = LedgerAt::new(&self.history, frontier);
            self.replayed = None;
            self.state = None;
        } else if self.at.frontier() != frontier {
            let advance = self.at.advance(&self.history, frontier);
            self.state = None;
            self.grow(&advance);
        }
        if self.replayed.is_none() {
            self.replayed = Replayed::from_nothing(&self.history, &self.at, Filter::All);
        }
        Ok(CaughtUp { entries, payloads, from_nothing })
    }

    /// The state of a view.
    ///
    /// # Errors
    /// A view without the charter, a frontier that is not held, rules that this program does not
    /// know; before the first [`catch_up`](Self::catch_up) there is no charter in any view.
    pub fn state(&mut self, view: &View) -> Result<State, ReplayError> {
        if *view == View::Frontier
            && let Some(state) = &self.state
        {
            return Ok(state.clone());
        }
        let filter = filter_of(view);
        let resolved = self.resolve(view)?;
        let found = resolved.rules_version();
        if found > RULES_VERSION {
            return Err(ReplayError::RulesVersion { supported: RULES_VERSION, found });
        }
        match resolved {
            Resolved::Past(at, mut replayed) => {
                Ok(replayed.state(self.ledger, &self.history, at, filter)?)
            }
            Resolved::Pinned(pinned) => {
                let (at, mut replayed) = *pinned;
                Ok(replayed.state(self.ledger, &self.history, &at, filter)?)
            }
            Resolved::Current(..) => {
                let Some(replayed) = &mut self.replayed else {
                    return Err(self.before_charter(filter));
                };
                let state = replayed.state(self.ledger, &self.history, &self.at, filter)?;
                self.state = Some(state.clone());
                Ok(state)
            }
        }
    }

    /// Every entry of a view, in the ledger's order; without a verdict where the view follows rules
    /// that this program does not know.
    ///
    /// # Errors
    /// A view without the charter, a frontier that is not held.
    pub fn log(&self, view: &View) -> Result<Vec<LogLine>, ReplayError> {
        Ok(match self.resolve(view)? {
            Resolved::Current(at, replayed) => self.list(at, replayed),
            Resolved::Past(at, replayed) => self.list(at, &replayed),
            Resolved::Pinned(pinned) => self.list(&pinned.0, &pinned.1),
        })
    }

    /// The rules of the ledger at the frontier, where this program does not know them.
    pub fn newer_rules(&self) -> Option<NewerRules> {
        newer_rules::find(&self.history, &self.at, self.replayed.as_ref()?)
    }

    /// The event of a held entry; none where it is not held, pending, unknown or invalid.
    pub fn event(&self, id: &EntryId) -> Option<&ParsedEvent> {
        match &self.history.record(self.history.find(id)?).content {
            Content::Known(event) => Some(event),
            Content::Pending | Content::Redacted(_) | Content::Unknown | Content::Invalid(_) => {
                None
            }
        }
    }

    /// The charter; none before the first [`catch_up`](Self::catch_up).
    pub fn charter(&self) -> Option<&Charter> {
        self.replayed.as_ref().map(|replayed| replayed.authority().charter())
    }

    /// The frontier of the last [`catch_up`](Self::catch_up).
    pub const fn frontier(&self) -> &Frontier {
        self.at.frontier()
    }

    /// Reads pending payloads that have arrived.
    fn read_payloads(&mut self, replica: &Replica) -> Result<u64, ReplayError> {
        let pending = self.history.pending().clone();
        if pending.is_empty() {
            return Ok(0);
        }
        let still = replica.list_pending()?;
        let mut count = 0_u64;
        for (id, entry) in pending {
            if still.binary_search(&id).is_err() && self.history.read_payload(replica, entry)? {
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// Replays what a step of the frontier brought.
    fn grow(&mut self, advance: &ledger_at::Advance) {
        let Some(replayed) = &mut self.replayed else {
            return;
        };
        // Pass one: another authority is another replay.
        let authority = authority::Authority::derive(&self.history, &self.at, self.at.in_order());
        if authority.as_ref() != Some(replayed.authority()) {
            self.replayed = None;
            return;
        }
        for entry in &advance.added {
            replayed.add(&self.history, &self.at, *entry);
        }
        for entry in &advance.fallen {
            replayed.touch(*entry);
        }
    }

    fn resolve(&self, view: &View) -> Result<Resolved<'_>, ReplayError> {
        let filter = filter_of(view);
        let resolved = match view {
            View::Frontier => {
                self.replayed.as_ref().map(|replayed| Resolved::Current(&self.at, replayed))
            }
            View::AsOf(_) | View::AsClaimed(_) => {
                let replayed = Replayed::from_nothing(&self.history, &self.at, filter);
                replayed.map(|replayed| Resolved::Past(&self.at, Box::new(replayed)))
            }
            View::At(frontier) => {
                self.check_frontier(frontier)?;
                let at = LedgerAt::new(&self.history, frontier);
                let replayed = Replayed::from_nothing(&self.history, &at, filter);
                replayed.map(|replayed| Resolved::Pinned(Box::new((at, replayed))))
            }
        };
        resolved.ok_or_else(|| self.before_charter(filter))
    }

    /// Whether everything that a frontier names is held.
    fn check_frontier(&self, frontier: &Frontier) -> Result<(), ReplayError> {
        for (key, feed) in &frontier.feeds {
            if let Some((seq, head)) = feed.head {
                let entry = self.history.find(&head).ok_or(ReplayError::HeadNotHeld {
                    key: *key,
                    seq,
                    head,
                })?;
                let facts = &self.history.record(entry).facts;
                if facts.author != *key || facts.seq != seq {
                    return Err(ReplayError::WrongHead {
                        head,
                        key: *key,
                        seq,
                        found_key: facts.author,
                        found_seq: facts.seq,
                    });
                }
            }
            if let Some(seq) = feed.forked_seq {
                // A proof for a lower slot has taken the place of the one for this slot.
                let known = self.at.frontier().feeds.get(key).and_then(|feed| feed.forked_seq);
                if known.is_none_or(|known| known > seq) {
                    return Err(ReplayError::ForkNotHeld { key: *key, seq });
                }
            }
        }
        match frontier.decisions.iter().find(|decision| self.history.find(decision).is_none()) {
            Some(decision) => Err(ReplayError::DecisionNotHeld { decision: *decision }),
            None => Ok(()),
        }
    }

    /// The view has no charter: says when the ledger began.
    fn before_charter(&self, filter: Filter) -> ReplayError {
        let charter = self.history.find(&self.ledger.charter());
        let began = charter
            .map(|charter| Moment::from_ms(self.history.record(charter).facts.effective_at_ms));
        ReplayError::BeforeCharter { until: filter.judged_at().unwrap_or_default(), began }
    }

    fn list(&self, at: &LedgerAt, replayed: &Replayed) -> Vec<LogLine> {
        let (fold, authority) = (replayed.fold(), replayed.authority());
        let is_known = authority.rules().rules_version <= RULES_VERSION;
        fold.in_order()
            .zip(0_u64..)
            .map(|(entry, number)| {
                let record = self.history.record(entry);
                let verdict = fold.verdict(entry);
                let topic = verdict.and_then(|verdict| verdict.topic.as_ref());
                LogLine {
                    place: record.place(),
                    number,
                    arrival: record.facts.arrival,
                    member: self.history.member_slug(record.member).clone(),
                    kind: record.facts.kind,
                    event: record.event().map(crate::event::Event::name),
                    indicator: match topic {
                        Some(Topic::Indicator(id)) => Some(id.clone()),
                        Some(Topic::Governance | Topic::Budgets | Topic::Reviews) | None => None,
                    },
                    exercise: record.exercise().map(str::to_owned),
                    claimed_at: Moment::from_ms(record.facts.claimed_at_ms),
                    effective_at: Moment::from_ms(record.facts.effective_at_ms),
                    witnessed_at: at.witnessed_at(entry),
                    standing: verdict
                        .map_or(Some(Standing::Pending), |verdict| Some(verdict.standing.clone()))
                        .filter(|standing| is_known || says_what_is_held(standing)),
                }
            })
            .collect()
    }
}

/// Whether a standing says what became of the payload, which no rules of the replay decide.
const fn says_what_is_held(standing: &Standing) -> bool {
    matches!(standing, Standing::Pending | Standing::Redacted { .. })
}

const fn filter_of(view: &View) -> Filter {
    match view {
        View::Frontier | View::At(_) => Filter::All,
        View::AsOf(until) => Filter::WitnessedBy(*until),
        View::AsClaimed(until) => Filter::EffectiveBy(*until),
    }
}
