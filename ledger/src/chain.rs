// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Step 3: a [`VerifiedEntry`] finds its place among what is held and becomes a [`LinkedEntry`].
//!
//! Pure: no clock, no local opinion. Refuses strangers' feeds, wrong predecessors, heights, tips and
//! times; holds back what has a parent missing; reports a slot that is already taken.
//! An entry that reaches a later room has every parent held before it.

use crate::entry::{Kind, Prev, VerifiedEntry};
use crate::fault::{Coded, Fault};
use crate::grants::Grants;
use crate::id::{EntryId, PublicKey};

/// What is known of a held entry without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryFacts {
    /// The entry.
    pub id: EntryId,
    /// Whose feed.
    pub author: PublicKey,
    /// Place in the feed.
    pub seq: u64,
    /// 1 + the greatest height among the parents.
    pub height: u64,
    /// The author's clock, Unix milliseconds.
    pub claimed_at_ms: u64,
    /// The greatest claimed time among the entry and its ancestors, Unix milliseconds.
    pub effective_at_ms: u64,
    /// What it is about.
    pub kind: Kind,
    /// Place in this replica's entry log, from 0.
    pub arrival: u64,
    /// Whether the payload is held.
    pub has_payload: bool,
}

/// What linking reads of a replica.
pub trait Held {
    /// What fails when reading.
    type Error;

    /// A held entry.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn facts(&self, id: &EntryId) -> Result<Option<EntryFacts>, Self::Error>;

    /// Every entry held in a slot; more than one only after a fork.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn slot(&self, key: &PublicKey, seq: u64) -> Result<Vec<EntryId>, Self::Error>;

    /// The next free seq above everything held of a key.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn next_seq(&self, key: &PublicKey) -> Result<u64, Self::Error>;

    /// Where the key ends, by its lowest proven fork or by decision.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn end(&self, key: &PublicKey) -> Result<Option<FeedEnd>, Self::Error>;
}

/// From where on a key's entries are not needed, unless somebody cites them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedEnd {
    /// The key forked at this seq.
    Forked(u64),
    /// The key was revoked or retired: the first seq that does not count.
    CutOff(u64),
}

impl FeedEnd {
    /// The lower of the two ends.
    pub const fn of(forked: Option<u64>, cut_off: Option<u64>) -> Option<Self> {
        match (forked, cut_off) {
            (Some(forked), Some(cut_off)) if cut_off < forked => Some(Self::CutOff(cut_off)),
            (Some(forked), _) => Some(Self::Forked(forked)),
            (None, Some(cut_off)) => Some(Self::CutOff(cut_off)),
            (None, None) => None,
        }
    }

    /// The first seq that is not needed.
    pub const fn seq(self) -> u64 {
        match self {
            Self::Forked(seq) | Self::CutOff(seq) => seq,
        }
    }
}

/// On what ground an entry comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Somebody offers it: what lies beyond a fork is not needed.
    Offered,
    /// Somebody else's entry that is held back has it as ancestor: it is kept, beyond a fork too.
    Cited,
    /// It stands in this replica's own log already.
    Kept,
}

/// An entry whose every parent is held, with what follows from them. Only [`link`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedEntry {
    entry: VerifiedEntry,
    parents: Vec<EntryFacts>,
    effective_at_ms: u64,
    rivals: Vec<EntryId>,
}

impl LinkedEntry {
    /// The verified entry.
    pub const fn entry(&self) -> &VerifiedEntry {
        &self.entry
    }

    /// What is known of its parents, the predecessor first; the charter has none.
    pub fn parents(&self) -> &[EntryFacts] {
        &self.parents
    }

    /// The greatest claimed time among the entry and its ancestors, Unix milliseconds.
    pub const fn effective_at_ms(&self) -> u64 {
        self.effective_at_ms
    }

    /// Other entries held in the same slot: evidence of a fork.
    pub fn rivals(&self) -> &[EntryId] {
        &self.rivals
    }
}

/// What became of an entry.
#[derive(Clone, Debug)]
pub enum Link {
    /// It has its place.
    Linked(Box<LinkedEntry>),
    /// The same entry is held already; its payload may still be new.
    AlreadyHeld(Box<VerifiedEntry>),
    /// These are missing: its parents, or its own payload (then its own id).
    HeldBack(Box<VerifiedEntry>, Vec<EntryId>),
    /// These stand in its slot already, and nobody cites it.
    Fork(Box<VerifiedEntry>, Vec<EntryId>),
    /// It lies beyond the key's end and nobody cites it.
    NotNeeded {
        /// Where the key ends.
        end: FeedEnd,
    },
}

/// Why an entry has no place in this ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Nobody granted this key.
    #[error("key {key} is not granted in this ledger")]
    Stranger {
        /// The author.
        key: PublicKey,
    },
    /// The founder's feed begins with the charter.
    #[error("the founder's key {key} has one first entry, the charter")]
    FounderSecondStart {
        /// The founder's key.
        key: PublicKey,
    },
    /// An entry is missing in between.
    #[error("key {key}: expected sequence number {expected}, found {found}")]
    SequenceGap {
        /// The author.
        key: PublicKey,
        /// The next one.
        expected: u64,
        /// The entry's.
        found: u64,
    },
    /// `prev` is not the author's entry before this one.
    #[error(
        "key {key} seq {seq}: expected prev to be the author's entry {expected_seq}, found entry {found_seq} of {found_author} ({prev})"
    )]
    WrongPrev {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
        /// seq - 1.
        expected_seq: u64,
        /// What prev is.
        prev: EntryId,
        /// Whose entry prev is.
        found_author: PublicKey,
        /// Its seq.
        found_seq: u64,
    },
    /// Height does not follow from the parents.
    #[error("key {key} seq {seq}: expected height {expected}, found {found}")]
    WrongHeight {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
        /// 1 + the greatest height among the parents.
        expected: u64,
        /// The header's.
        found: u64,
    },
    /// A feed cites itself through `prev` alone.
    #[error("key {key} seq {seq}: seen lists {cited} of the author's own feed")]
    SeenOwnFeed {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
        /// The entry cited.
        cited: EntryId,
    },
    /// The author's clock ran backwards.
    #[error(
        "key {key} seq {seq}: expected a claimed time of at least {expected} ms, found {found}"
    )]
    ClaimedBeforePrev {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
        /// Claimed time of prev.
        expected: u64,
        /// The header's.
        found: u64,
    },
    /// The key forked: it can write no more.
    #[error(
        "key {key} forked at sequence number {forked_seq}: sequence number {seq} cannot be taken"
    )]
    Forked {
        /// The author.
        key: PublicKey,
        /// The lowest forked seq.
        forked_seq: u64,
        /// The entry's seq.
        seq: u64,
    },
    /// The key was revoked or retired: it can write no more.
    #[error(
        "key {key} was revoked or retired: its first {end} entries count, sequence number {seq} does not"
    )]
    CutOff {
        /// The author.
        key: PublicKey,
        /// The first seq that does not count.
        end: u64,
        /// The entry's seq.
        seq: u64,
    },
    /// Parents that this replica does not hold.
    #[error("key {key} seq {seq}: parent {missing} is not held")]
    ParentMissing {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
        /// The first missing parent.
        missing: EntryId,
    },
    /// Governance is never without payload.
    #[error("key {key} seq {seq}: a governance entry needs its payload")]
    GovernanceWithoutPayload {
        /// The author.
        key: PublicKey,
        /// The entry's seq.
        seq: u64,
    },
}

impl ChainError {
    /// Why a key writes no more.
    pub const fn of_end(key: PublicKey, seq: u64, end: FeedEnd) -> Self {
        match end {
            FeedEnd::Forked(forked_seq) => Self::Forked { key, forked_seq, seq },
            FeedEnd::CutOff(end) => Self::CutOff { key, end, seq },
        }
    }

    /// Why an entry that misses these is not taken in now: parents, or its own payload (its own id).
    pub fn of_missing(key: PublicKey, seq: u64, id: EntryId, missing: &[EntryId]) -> Option<Self> {
        let first = *missing.first()?;
        Some(if first == id {
            Self::GovernanceWithoutPayload { key, seq }
        } else {
            Self::ParentMissing { key, seq, missing: first }
        })
    }
}

impl Coded for ChainError {
    fn code(&self) -> &'static str {
        match self {
            Self::Stranger { .. } => "chain.stranger",
            Self::FounderSecondStart { .. } => "chain.founder_second_start",
            Self::SequenceGap { .. } => "chain.sequence_gap",
            Self::WrongPrev { .. } => "chain.wrong_prev",
            Self::WrongHeight { .. } => "chain.wrong_height",
            Self::SeenOwnFeed { .. } => "chain.seen_own_feed",
            Self::ClaimedBeforePrev { .. } => "chain.claimed_before_prev",
            Self::Forked { .. } => "chain.forked",
            Self::CutOff { .. } => "chain.cut_off",
            Self::ParentMissing { .. } => "chain.parent_missing",
            Self::GovernanceWithoutPayload { .. } => "chain.governance_without_payload",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            // This replica may lack the grant or the parent: never held against the sender.
            Self::Stranger { .. } | Self::CutOff { .. } => Fault::Refused,
            Self::SequenceGap { .. }
            | Self::ParentMissing { .. }
            | Self::GovernanceWithoutPayload { .. } => Fault::Unavailable,
            Self::Forked { .. } => Fault::Conflict,
            Self::FounderSecondStart { .. }
            | Self::WrongPrev { .. }
            | Self::WrongHeight { .. }
            | Self::SeenOwnFeed { .. }
            | Self::ClaimedBeforePrev { .. } => Fault::Malformed,
        }
    }
}

/// Finds an entry's place. The charter itself is linked by [`link_charter`].
///
/// # Errors
/// The outer error where the store cannot be read; the inner one where the entry breaks a rule.
pub fn link<H: Held>(
    entry: VerifiedEntry,
    held: &H,
    grants: &Grants,
    admission: Admission,
) -> Result<Result<Link, ChainError>, H::Error> {
    if held.facts(&entry.id())?.is_some() {
        return Ok(Ok(Link::AlreadyHeld(Box::new(entry))));
    }
    let (key, seq) = (entry.header().author, entry.header().seq);
    if admission == Admission::Offered
        && let Some(end) = held.end(&key)?
        && seq >= end.seq()
        && (matches!(end, FeedEnd::Forked(_)) || held.slot(&key, seq)?.is_empty())
    {
        // Before its parents are looked for: nobody needs them for it. Another entry in its slot is no
        // news where the fork is proven there or below.
        return Ok(Ok(Link::NotNeeded { end }));
    }
    let mut rivals = held.slot(&key, seq)?;
    rivals.retain(|id| *id != entry.id());
    let parents = match collect_parents(&entry, held)? {
        Ok(parents) => parents,
        Err(missing) => return Ok(Ok(Link::HeldBack(Box::new(entry), missing))),
    };
    let header = entry.header();
    if grants.find(&key).is_none() {
        return Ok(Err(ChainError::Stranger { key }));
    }
    if let Err(error) = check_place(&entry, &parents) {
        return Ok(Err(error));
    }
    // A second entry in a slot is evidence, without its payload too: of what, the caller sees, who
    // holds both.
    if admission == Admission::Offered && !rivals.is_empty() {
        return Ok(Ok(Link::Fork(Box::new(entry), rivals)));
    }
    if header.kind == Kind::Governance && entry.payload().is_none() {
        let own = vec![entry.id()];
        return Ok(Ok(Link::HeldBack(Box::new(entry), own)));
    }
    let effective_at_ms =
        parents.iter().map(|parent| parent.effective_at_ms).fold(header.claimed_at_ms, u64::max);
    Ok(Ok(Link::Linked(Box::new(LinkedEntry { entry, parents, effective_at_ms, rivals }))))
}

/// Links the charter: it has no parents, and what it grants is read from its payload by the caller.
pub fn link_charter(entry: VerifiedEntry) -> Option<LinkedEntry> {
    let effective_at_ms = entry.header().claimed_at_ms;
    (entry.header().prev == Prev::Nothing).then_some(LinkedEntry {
        entry,
        parents: Vec::new(),
        effective_at_ms,
        rivals: Vec::new(),
    })
}

fn collect_parents<H: Held>(
    entry: &VerifiedEntry,
    held: &H,
) -> Result<Result<Vec<EntryFacts>, Vec<EntryId>>, H::Error> {
    let mut parents = Vec::with_capacity(entry.header().seen.len().saturating_add(1));
    let mut missing = Vec::new();
    for id in entry.header().parents() {
        match held.facts(&id)? {
            Some(facts) => parents.push(facts),
            None => missing.push(id),
        }
    }
    Ok(if missing.is_empty() { Ok(parents) } else { Err(missing) })
}

fn check_place(entry: &VerifiedEntry, parents: &[EntryFacts]) -> Result<(), ChainError> {
    let header = entry.header();
    let (key, seq) = (header.author, header.seq);
    let Some((prev, seen)) = parents.split_first() else {
        return Err(ChainError::FounderSecondStart { key });
    };
    match header.prev {
        // An entry without prev that is not this ledger's charter fails verification already.
        Prev::Nothing => return Err(ChainError::FounderSecondStart { key }),
        Prev::Ledger(_) => {
            if prev.author == key {
                return Err(ChainError::FounderSecondStart { key });
            }
        }
        Prev::Entry(id) => {
            let expected_seq = seq.saturating_sub(1);
            if prev.author != key || prev.seq != expected_seq {
                return Err(ChainError::WrongPrev {
                    key,
                    seq,
                    expected_seq,
                    prev: id,
                    found_author: prev.author,
                    found_seq: prev.seq,
                });
            }
            if header.claimed_at_ms < prev.claimed_at_ms {
                return Err(ChainError::ClaimedBeforePrev {
                    key,
                    seq,
                    expected: prev.claimed_at_ms,
                    found: header.claimed_at_ms,
                });
            }
        }
    }
    if let Some(own) = seen.iter().find(|parent| parent.author == key) {
        return Err(ChainError::SeenOwnFeed { key, seq, cited: own.id });
    }
    let expected = parents.iter().map(|parent| parent.height).max().unwrap_or(0).saturating_add(1);
    if header.height != expected {
        return Err(ChainError::WrongHeight { key, seq, expected, found: header.height });
    }
    Ok(())
}
