// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Writes a bundle: all of the ledger that this replica holds, or what a frontier lacks.
//!
//! What was stored and lies outside the ledger (a branch beyond a fork that nobody cites) stays out.

use std::io::Write;

use constancia_proto::v1;
use constancia_proto::v1::bundle_item::Item;
use prost::Message as _;

use super::{BUNDLE_LINE, BundleError};
use crate::frontier::Frontier;
use crate::id::EntryId;
use crate::index::EntryRow;
use crate::replica::Replica;
use crate::store::StoreError;

/// Bytes of the file made at a time by [`export`].
const CHUNK_BYTES: usize = 1 << 20;

/// Writes a bundle piece by piece, so that the replica is held only while a piece is made. Entries
/// that arrive after the beginning stay out.
#[derive(Debug)]
pub struct Exporter {
    since: Option<Frontier>,
    begun: bool,
    ended: bool,
    next_arrival: u64,
    end_arrival: u64,
    entries: u64,
    fork_proofs: u64,
}

impl Exporter {
    /// Begins: everything, or only what `since` lacks. The charter is in every bundle.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn begin(replica: &Replica, since: Option<Frontier>) -> Result<Self, StoreError> {
        let end_arrival = replica.count_entries()?;
        Ok(Self {
            since,
            begun: false,
            ended: false,
            next_arrival: 0,
            end_arrival,
            entries: 0,
            fork_proofs: 0,
        })
    }

    /// The next piece of the file, a little over `bytes` long; none at the end.
    ///
    /// # Errors
    /// Where the store cannot be read, or holds something else than it held.
    pub fn next_chunk(
        &mut self,
        replica: &Replica,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut chunk = Vec::new();
        if !self.begun {
            self.begun = true;
            chunk.extend_from_slice(BUNDLE_LINE);
            for proof in replica.list_fork_proofs()? {
                append_item(&mut chunk, Item::ForkProof(proof.to_message()));
                self.fork_proofs = self.fork_proofs.saturating_add(1);
            }
        }
        while chunk.len() < bytes && self.next_arrival < self.end_arrival {
            let arrival = self.next_arrival;
            self.next_arrival = arrival.saturating_add(1);
            if let Some(id) = replica.find_arrival(arrival)?
                && let Some(row) = replica.find(&id)?
                && self.is_included(replica, &row)?
                && let Some(entry) = replica.read_message(&id)?
            {
                append_item(&mut chunk, Item::Entry(entry));
                self.entries = self.entries.saturating_add(1);
            }
        }
        if self.next_arrival >= self.end_arrival && !self.ended {
            self.ended = true;
            let end = v1::BundleEnd { entries: self.entries, fork_proofs: self.fork_proofs };
            append_item(&mut chunk, Item::End(end));
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Entries written so far.
    pub const fn count_entries(&self) -> u64 {
        self.entries
    }

    fn is_included(&self, replica: &Replica, row: &EntryRow) -> Result<bool, StoreError> {
        let is_charter = row.facts.height == 0;
        if is_charter {
            return Ok(true);
        }
        if !belongs(replica, replica.frontier(), row)? {
            return Ok(false);
        }
        match &self.since {
            None => Ok(true),
            Some(since) => Ok(!belongs(replica, since, row)?),
        }
    }
}

/// Writes a whole bundle; returns the number of its entries.
///
/// # Errors
/// Where the store cannot be read or the sink not be written.
pub fn export(
    replica: &Replica,
    since: Option<Frontier>,
    sink: &mut dyn Write,
) -> Result<u64, BundleError> {
    let mut exporter = Exporter::begin(replica, since)?;
    while let Some(chunk) = exporter.next_chunk(replica, CHUNK_BYTES)? {
        sink.write_all(&chunk).map_err(BundleError::Write)?;
    }
    sink.flush().map_err(BundleError::Write)?;
    Ok(exporter.count_entries())
}

/// Whether an entry belongs to the ledger at a frontier: a tip, or an ancestor of one. A tip that
/// this replica lacks says nothing about what it builds on.
fn belongs(replica: &Replica, frontier: &Frontier, row: &EntryRow) -> Result<bool, StoreError> {
    // The feed's own head answers nearly always.
    let head = frontier.feeds.get(&row.facts.author).and_then(|feed| feed.head);
    if let Some((seq, id)) = head
        && (row.facts.id == id
            || (row.facts.seq < seq && replica.is_ancestor(&row.facts.id, &id)?))
    {
        return Ok(true);
    }
    is_cited(replica, frontier, row.facts.id)
}

fn is_cited(replica: &Replica, frontier: &Frontier, id: EntryId) -> Result<bool, StoreError> {
    for tip in frontier.tips() {
        if tip == id || replica.is_ancestor(&id, &tip)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn append_item(chunk: &mut Vec<u8>, item: Item) {
    chunk.extend(v1::BundleItem { item: Some(item) }.encode_length_delimited_to_vec());
}
