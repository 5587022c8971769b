// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What this side sends: entries offered to find a fork, entries asked for by id, entries that the
//! other side lacks, news; in batches, under a window of unacknowledged bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use constancia_proto::v1;
use prost::Message as _;

use super::limits::{BATCHES_IN_FLIGHT_MAX, BRANCH_RUN_MAX, WANT_IDS_PER_ROUND_MAX};
use super::message::{at_most, parse_refusals};
use super::missing::Missing;
use super::news::News;
use super::search::{Answer, Search};
use super::{ExchangeConfig, ExchangeError};
use crate::chain::ChainError;
use crate::entry::decode::decode_header;
use crate::fault::Coded as _;
use crate::frontier::Frontier;
use crate::id::{EntryId, PublicKey};
use crate::replica::{ReadAhead, Replica};
use crate::store::StoreError;

/// A batch that the other side has not acknowledged yet.
#[derive(Debug)]
struct InFlight {
    number: u64,
    bytes: usize,
    entries: usize,
    probes: Vec<(PublicKey, u64, EntryId)>,
}

/// The next entry to send, and where it comes from.
enum Source {
    Probe(PublicKey, u64),
    Answer,
    Missing { arrival: u64 },
    News,
}

/// The sending half of a session.
#[derive(Debug)]
pub(super) struct Sending {
    config: ExchangeConfig,
    last_number: u64,
    in_flight: VecDeque<InFlight>,
    bytes_in_flight: usize,
    /// Entries asked for by id, to be sent next.
    answers: VecDeque<EntryId>,
    /// Ids answered or queued in this round: an id is answered once.
    answered: BTreeSet<EntryId>,
    /// Payloads that the other side wants and this one lacks as well.
    awaited: BTreeSet<EntryId>,
    wanted_ids: usize,
    theirs: Frontier,
    missing: Missing,
    searches: BTreeMap<PublicKey, Search>,
    pub(super) news: News,
    pub(super) sent: u64,
    pub(super) refused_by_peer: u64,
}

impl Sending {
    pub(super) fn new(config: ExchangeConfig) -> Self {
        Self {
            config,
            last_number: 0,
            in_flight: VecDeque::new(),
            bytes_in_flight: 0,
            answers: VecDeque::new(),
            answered: BTreeSet::new(),
            awaited: BTreeSet::new(),
            wanted_ids: 0,
            theirs: Frontier::default(),
            missing: Missing::default(),
            searches: BTreeMap::new(),
            news: News::default(),
            sent: 0,
            refused_by_peer: 0,
        }
    }

    /// Forgets what an earlier round left over.
    pub(super) fn begin_round(&mut self) {
        self.answered.clear();
        self.wanted_ids = 0;
        self.missing = Missing::default();
        self.searches.clear();
    }

    /// Plans what the other side's frontier lacks.
    pub(super) fn plan(&mut self, replica: &Replica, theirs: Frontier) -> Result<(), StoreError> {
        (self.missing, self.searches) = Missing::compare(replica, &theirs)?;
        self.theirs = theirs;
        // What decided and is neither head nor ancestor of one is found by no feed.
        for decision in replica.frontier().decisions.difference(&self.theirs.decisions.clone()) {
            self.answer_with_branch(replica, *decision)?;
        }
        // What arrives from now on is news.
        self.news.start_at(replica.count_entries()?);
        Ok(())
    }

    /// Takes a Want in.
    pub(super) fn want(
        &mut self,
        replica: &Replica,
        entries: &[EntryId],
        payloads: &[EntryId],
    ) -> Result<(), ExchangeError> {
        self.wanted_ids =
            self.wanted_ids.saturating_add(entries.len()).saturating_add(payloads.len());
        at_most("wanted ids in a round", WANT_IDS_PER_ROUND_MAX, self.wanted_ids)?;
        for id in entries {
            self.answer_with_branch(replica, *id)?;
        }
        for id in payloads {
            let Some(row) = replica.find(id)? else {
                continue;
            };
            if !row.facts.has_payload {
                self.awaited.insert(*id);
            } else if self.answered.insert(*id) {
                self.answers.push_back(*id);
            }
        }
        Ok(())
    }

    /// Payloads that the other side waits for and that have arrived here meanwhile are sent.
    pub(super) fn serve_awaited(&mut self, replica: &Replica) -> Result<(), StoreError> {
        let mut served = Vec::new();
        for id in &self.awaited {
            if replica.find(id)?.is_some_and(|row| row.facts.has_payload) {
                served.push(*id);
            }
        }
        for id in served {
            self.awaited.remove(&id);
            self.answers.push_back(id);
        }
        Ok(())
    }

    /// The next batch within the window, if there is anything to send. News only where `live`.
    pub(super) fn next_batch(
        &mut self,
        replica: &Replica,
        live: bool,
    ) -> Result<Option<v1::Batch>, StoreError> {
        if self.bytes_in_flight >= self.config.window_bytes
            || self.in_flight.len() >= BATCHES_IN_FLIGHT_MAX
        {
            return Ok(None);
        }
        let mut entries = Vec::new();
        let mut probes = Vec::new();
        let mut total: usize = 0;
        let mut ahead = ReadAhead::of(replica);
        while entries.len() < self.config.batch_entries {
            let Some((source, id)) = self.find_next(replica, live, &probes)? else {
                break;
            };
            let entry = match source {
                Source::Missing { arrival } => ahead.read(&id, arrival)?,
                Source::Probe(..) | Source::Answer | Source::News => replica.read_message(&id)?,
            };
            if let Some(entry) = entry {
                let bytes = entry.encoded_len();
                if !entries.is_empty() && total.saturating_add(bytes) > self.config.batch_bytes {
                    break;
                }
                total = total.saturating_add(bytes);
                entries.push(entry);
            }
            match source {
                Source::Probe(key, seq) => probes.push((key, seq, id)),
                Source::Answer => drop(self.answers.pop_front()),
                Source::Missing { .. } => self.missing.advance(replica)?,
                Source::News => self.news.advance(),
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let number = self.last_number.saturating_add(1);
        self.last_number = number;
        self.bytes_in_flight = self.bytes_in_flight.saturating_add(total);
        self.sent = self.sent.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        self.in_flight.push_back(InFlight { number, bytes: total, entries: entries.len(), probes });
        Ok(Some(v1::Batch { number, entries }))
    }

    /// Takes an acknowledgement in.
    pub(super) fn stored(&mut self, stored: &v1::Stored) -> Result<(), ExchangeError> {
        let expected = self.in_flight.front().map_or(0, |batch| batch.number);
        let Some(batch) = self.in_flight.pop_front().filter(|batch| batch.number == stored.number)
        else {
            let found = stored.number;
            return Err(ExchangeError::Number { message: "stored", expected, found });
        };
        self.bytes_in_flight = self.bytes_in_flight.saturating_sub(batch.bytes);
        let refusals = parse_refusals(stored, batch.entries)?;
        self.refused_by_peer =
            self.refused_by_peer.saturating_add(u64::try_from(refusals.len()).unwrap_or(u64::MAX));
        for (key, seq, id) in batch.probes {
            let answer = match refusals.iter().find(|(refused, _)| *refused == Some(id)) {
                None => Answer::Held,
                Some((_, code)) if *code == FORKED_CODE => Answer::Forked,
                Some(_) => Answer::NotHeld,
            };
            if let Some(search) = self.searches.get_mut(&key)
                && !search.take_answer(seq, answer)
            {
                self.searches.remove(&key);
            }
        }
        Ok(())
    }

    /// Whether everything sent is acknowledged.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Whether everything that this round asked of this side is sent and acknowledged.
    pub(super) fn is_done(&self) -> bool {
        self.in_flight.is_empty()
            && self.answers.is_empty()
            && self.searches.is_empty()
            && self.missing.peek().is_none()
    }

    fn find_next(
        &mut self,
        replica: &Replica,
        live: bool,
        probes: &[(PublicKey, u64, EntryId)],
    ) -> Result<Option<(Source, EntryId)>, StoreError> {
        if let Some((key, seq, id)) = self.find_probe(replica, probes)? {
            return Ok(Some((Source::Probe(key, seq), id)));
        }
        if let Some(id) = self.answers.front() {
            return Ok(Some((Source::Answer, *id)));
        }
        if let Some((id, arrival)) = self.missing.peek() {
            return Ok(Some((Source::Missing { arrival }, id)));
        }
        if live && let Some(id) = self.news.peek(replica)? {
            return Ok(Some((Source::News, id)));
        }
        Ok(None)
    }

    /// An entry to offer in a search that waits for no answer.
    fn find_probe(
        &mut self,
        replica: &Replica,
        probes: &[(PublicKey, u64, EntryId)],
    ) -> Result<Option<(PublicKey, u64, EntryId)>, StoreError> {
        let mut over = Vec::new();
        let mut found = None;
        for (key, search) in &self.searches {
            let waits = probes.iter().chain(self.in_flight.iter().flat_map(|batch| &batch.probes));
            if waits.into_iter().any(|(asked, _, _)| asked == key) {
                continue;
            }
            let slot = search.next_slot();
            let id = match slot {
                Some(seq) => replica.find_slot(key, seq)?.first().map(|id| (seq, *id)),
                None => None,
            };
            if let Some((seq, id)) = id {
                found = Some((*key, seq, id));
                break;
            }
            over.push(*key);
        }
        for key in over {
            self.searches.remove(&key);
        }
        Ok(found)
    }

    /// Queues an entry asked for by id, and behind it the entries of its branch that the other side
    /// is not known to hold: child before parent, because beyond a fork an entry is stored only
    /// once something that cites it waits for it.
    fn answer_with_branch(&mut self, replica: &Replica, id: EntryId) -> Result<(), StoreError> {
        let mut next = Some(id);
        let mut run: usize = 0;
        while let Some(id) = next.take() {
            // Whoever asks faster than he takes in has to ask again.
            let full = self.answers.len() >= WANT_IDS_PER_ROUND_MAX;
            if full || run >= BRANCH_RUN_MAX || !self.answered.insert(id) {
                break;
            }
            let Some(row) = replica.find(&id)? else {
                break;
            };
            self.answers.push_back(id);
            run = run.saturating_add(1);
            let (key, seq) = (row.facts.author, row.facts.seq);
            // Below the key's end the other side's frontier says what it holds.
            let floor = match replica.find_end(&key) {
                Some(end) if seq >= end.seq() => end.seq(),
                Some(_) | None => self
                    .theirs
                    .feeds
                    .get(&key)
                    .and_then(|feed| feed.head)
                    .map_or(0, |(seq, _)| seq.saturating_add(1)),
            };
            if seq <= floor {
                break;
            }
            // The predecessor is held: where its slot has one entry, that is it, and nothing is read
            // from the disk before it is sent.
            next = if let [only] = *replica.find_slot(&key, seq.saturating_sub(1))? {
                Some(only)
            } else {
                let header = replica.read_message(&id)?;
                let header = header.and_then(|message| decode_header(&message.header).ok());
                header.and_then(|header| header.prev.parent())
            };
        }
        Ok(())
    }
}

/// The code with which a slot that is taken is reported.
pub(super) const FORKED_CODE: &str = "chain.forked";

/// The refusal that a receiver reports of an entry in a slot that is taken.
pub(super) fn refuse_forked(key: PublicKey, seq: u64, forked_seq: u64) -> (&'static str, String) {
    let error = ChainError::Forked { key, forked_seq, seq };
    (error.code(), error.to_string())
}
