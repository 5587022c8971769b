// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Takes a bundle's entries into a replica, batch by batch, through the one ingest.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use constancia_proto::v1;

use super::{
    BundleError, IMPORT_BATCH_BYTES, IMPORT_BATCH_ENTRIES, OpenBundle, REFUSED_LISTED_MAX,
    SPARE_BYTES_MAX, SPARE_ENTRY_BYTES,
};
use crate::chain::ChainError;
use crate::entry::{DecodeError, UnverifiedEntry};
use crate::fault::Coded as _;
use crate::id::{EntryId, LedgerId};
use crate::replica::{IngestError, Ingested, Origin, Outcome, Replica, SharedReplica};
use crate::store::StoreError;

/// What takes entries in: a replica of one's own, or one that others use too.
pub trait Intake {
    /// The ledger.
    fn ledger(&self) -> LedgerId;

    /// Takes entries in, as [`Replica::ingest`] does.
    ///
    /// # Errors
    /// Where the store fails.
    fn take_entries(
        &mut self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    ) -> Result<Ingested, Arc<StoreError>>;

    /// Takes fork proofs in, as [`Replica::ingest_proofs`] does.
    ///
    /// # Errors
    /// Where the store fails.
    fn take_proofs(
        &mut self,
        proofs: &[v1::ForkProof],
    ) -> Result<Vec<Result<bool, IngestError>>, Arc<StoreError>>;

    /// Forgets what still waits for a parent: it was reported, and the file can be read again.
    fn forget_waiting(&mut self);
}

impl Intake for Replica {
    fn ledger(&self) -> LedgerId {
        self.ledger()
    }

    fn take_entries(
        &mut self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    ) -> Result<Ingested, Arc<StoreError>> {
        self.ingest(entries, Origin::Local).map_err(Arc::new)
    }

    fn take_proofs(
        &mut self,
        proofs: &[v1::ForkProof],
    ) -> Result<Vec<Result<bool, IngestError>>, Arc<StoreError>> {
        self.ingest_proofs(proofs).map_err(Arc::new)
    }

    fn forget_waiting(&mut self) {
        self.drop_origin(Origin::Local);
    }
}

impl Intake for SharedReplica {
    fn ledger(&self) -> LedgerId {
        self.ledger()
    }

    fn take_entries(
        &mut self,
        entries: Vec<Result<UnverifiedEntry, DecodeError>>,
    ) -> Result<Ingested, Arc<StoreError>> {
        self.ingest(entries, Origin::Local)
    }

    fn take_proofs(
        &mut self,
        proofs: &[v1::ForkProof],
    ) -> Result<Vec<Result<bool, IngestError>>, Arc<StoreError>> {
        self.ingest_proofs(proofs).map_err(Arc::new)
    }

    fn forget_waiting(&mut self) {
        self.drop_origin(Origin::Local);
    }
}

/// What an import has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Entries stored, and payloads that were pending.
    pub accepted: u64,
    /// Entries held already.
    pub already_held: u64,
    /// Entries that lack a parent: it is neither held nor in the bundle.
    pub held_back: u64,
    /// Keys whose fork came to light.
    pub forks: u64,
    /// Entries beyond a fork that nobody cites: not an error, and not kept.
    pub not_needed: u64,
    /// Items refused, in the order of the file; of more than a thousand those found first.
    pub refused: Vec<RefusedItem>,
    /// How many items were refused.
    pub refused_count: u64,
    /// Bytes read, for progress.
    pub bytes: u64,
}

/// An item that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedItem {
    /// Where it begins, bytes from the start of the file; absent for a fork proof.
    pub offset: Option<u64>,
    /// The entry, where it is one.
    pub id: Option<EntryId>,
    /// The stable code of the reason.
    pub code: &'static str,
    /// The reason in words.
    pub message: String,
}

/// Takes the rest of a bundle in. `progress` is called after each batch.
///
/// # Errors
/// Where the bundle is of another ledger or breaks the format, or the store fails. Everything
/// before that stays; importing again is harmless.
pub fn import<R: Read>(
    bundle: OpenBundle<R>,
    intake: &mut dyn Intake,
    progress: &mut dyn FnMut(&Imported),
) -> Result<Imported, BundleError> {
    let (expected, found) = (intake.ledger(), bundle.ledger());
    if expected != found {
        return Err(BundleError::WrongLedger { expected, found });
    }
    let imported = import_items(bundle, intake, progress);
    intake.forget_waiting();
    imported
}

fn import_items<R: Read>(
    mut bundle: OpenBundle<R>,
    intake: &mut dyn Intake,
    progress: &mut dyn FnMut(&Imported),
) -> Result<Imported, BundleError> {
    let mut import = Import {
        intake,
        imported: Imported::default(),
        spare: BTreeMap::new(),
        spare_bytes: 0,
        waiting: BTreeMap::new(),
        offsets: BTreeMap::new(),
    };
    import.take_proofs(bundle.fork_proofs())?;
    let (offset, charter) = bundle.first_entry();
    let mut batch = vec![(offset, charter.clone())];
    let mut batch_begin = bundle.offset();
    loop {
        let next = bundle.next_entry()?;
        let is_end = next.is_none();
        batch.extend(next);
        let bytes = bundle.offset().saturating_sub(batch_begin);
        let full = batch.len() >= IMPORT_BATCH_ENTRIES
            || usize::try_from(bytes).map_or(true, |bytes| bytes >= IMPORT_BATCH_BYTES);
        if full || is_end {
            import.take_batch(std::mem::take(&mut batch))?;
            batch_begin = bundle.offset();
            import.imported.bytes = batch_begin;
            progress(&import.imported);
        }
        if is_end {
            return import.finish();
        }
    }
}

struct Import<'a> {
    intake: &'a mut dyn Intake,
    imported: Imported,
    /// Entries beyond a fork, for the case that a later entry cites them.
    spare: BTreeMap<EntryId, UnverifiedEntry>,
    spare_bytes: usize,
    /// Entries held back: where they begin, and what the refusal says should nothing come.
    waiting: BTreeMap<EntryId, Waiting>,
    /// Where the entries of the batch at hand begin.
    offsets: BTreeMap<EntryId, u64>,
}

/// An entry held back.
struct Waiting {
    entry: UnverifiedEntry,
    offset: Option<u64>,
    missing: Vec<EntryId>,
}

impl Import<'_> {
    fn take_proofs(&mut self, proofs: &[v1::ForkProof]) -> Result<(), BundleError> {
        for outcome in self.intake.take_proofs(proofs).map_err(BundleError::Store)? {
            match outcome {
                Ok(true) => self.imported.forks = self.imported.forks.saturating_add(1),
                Ok(false) => {}
                Err(error) => self.refuse(None, None, error.code(), error.to_string()),
            }
        }
        Ok(())
    }

    fn take_batch(&mut self, batch: Vec<(u64, UnverifiedEntry)>) -> Result<(), BundleError> {
        self.offsets = batch.iter().map(|(offset, entry)| (entry.id(), *offset)).collect();
        let batch: Vec<UnverifiedEntry> = batch.into_iter().map(|(_, entry)| entry).collect();
        self.take_until_settled(&batch)
    }

    fn take_until_settled(&mut self, batch: &[UnverifiedEntry]) -> Result<(), BundleError> {
        let mut missing = self.take_entries(batch)?;
        // What is held back may need what was not needed until now. Of a long branch as much comes
        // in at a time as may wait: again, as long as some of it does.
        loop {
            let cited = self.list_cited(missing);
            if cited.is_empty() {
                return Ok(());
            }
            let before = self.imported.accepted;
            self.take_entries(&cited)?;
            let waiting = batch.iter().filter(|entry| self.waiting.contains_key(&entry.id()));
            let waiting: Vec<UnverifiedEntry> = waiting.cloned().collect();
            missing = self.take_entries(&waiting)?;
            if self.imported.accepted == before {
                return Ok(());
            }
        }
    }

    /// Takes entries in; returns the parents that some of them wait for.
    fn take_entries(
        &mut self,
        entries: &[UnverifiedEntry],
    ) -> Result<BTreeSet<EntryId>, BundleError> {
        let offered: Vec<_> = entries.iter().cloned().map(Ok).collect();
        let ingested = self.intake.take_entries(offered).map_err(BundleError::Store)?;
        let mut wanted = BTreeSet::new();
        for (entry, (_, outcome)) in entries.iter().zip(ingested.outcomes) {
            self.take_outcome(entry, outcome, &mut wanted);
        }
        for id in &ingested.released {
            self.note_held(id);
            self.imported.accepted = self.imported.accepted.saturating_add(1);
        }
        let forks = u64::try_from(ingested.forked.len()).unwrap_or(u64::MAX);
        self.imported.forks = self.imported.forks.saturating_add(forks);
        Ok(wanted)
    }

    fn take_outcome(
        &mut self,
        entry: &UnverifiedEntry,
        outcome: Outcome,
        wanted: &mut BTreeSet<EntryId>,
    ) {
        let id = entry.id();
        match outcome {
            Outcome::Stored { .. } | Outcome::PayloadStored => {
                self.note_held(&id);
                self.imported.accepted = self.imported.accepted.saturating_add(1);
            }
            // Whoever else writes to the replica may have brought what it waited for.
            Outcome::AlreadyHeld if self.waiting.contains_key(&id) => {
                self.note_held(&id);
                self.imported.accepted = self.imported.accepted.saturating_add(1);
            }
            Outcome::AlreadyHeld => {
                self.note_held(&id);
                self.imported.already_held = self.imported.already_held.saturating_add(1);
            }
            Outcome::HeldBack { missing, .. } => {
                wanted.extend(missing.iter().copied());
                let before = self.waiting.get(&id).and_then(|waiting| waiting.offset);
                let offset = before.or_else(|| self.offsets.get(&id).copied());
                self.waiting.insert(id, Waiting { entry: entry.clone(), offset, missing });
            }
            Outcome::Fork { .. } | Outcome::NotNeeded { .. } => {
                self.waiting.remove(&id);
                if !self.spare.contains_key(&id) {
                    self.imported.not_needed = self.imported.not_needed.saturating_add(1);
                    self.keep_spare(entry);
                }
            }
            Outcome::Refused(error) => {
                let offset = self.waiting.remove(&id).and_then(|waiting| waiting.offset);
                self.refuse(Some(id), offset, error.code(), error.to_string());
            }
        }
    }

    fn keep_spare(&mut self, entry: &UnverifiedEntry) {
        let bytes = self.spare_bytes.saturating_add(spare_bytes(entry));
        if bytes <= SPARE_BYTES_MAX {
            self.spare_bytes = bytes;
            self.spare.insert(entry.id(), entry.clone());
        }
    }

    /// The entry is held: nothing is missing for it, and it was needed.
    fn note_held(&mut self, id: &EntryId) {
        self.waiting.remove(id);
        if let Some(entry) = self.spare.remove(id) {
            self.spare_bytes = self.spare_bytes.saturating_sub(spare_bytes(&entry));
            self.imported.not_needed = self.imported.not_needed.saturating_sub(1);
        }
    }

    /// Entries beyond a fork that are cited after all, and what they build on, through what waits itself:
    /// children first, since each is stored only once something waits for it.
    fn list_cited(&self, mut wanted: BTreeSet<EntryId>) -> Vec<UnverifiedEntry> {
        let mut listed = BTreeSet::new();
        let mut cited = Vec::new();
        while let Some(id) = wanted.pop_first() {
            if !listed.insert(id) {
                continue;
            }
            if let Some(waiting) = self.waiting.get(&id) {
                wanted.extend(waiting.missing.iter().copied());
            } else if let Some(entry) = self.spare.get(&id) {
                wanted.extend(entry.header().parents());
                cited.push(entry.clone());
            }
        }
        cited.sort_by_key(|entry| std::cmp::Reverse(entry.header().height));
        cited
    }

    fn refuse(
        &mut self,
        id: Option<EntryId>,
        offset: Option<u64>,
        code: &'static str,
        message: String,
    ) {
        self.imported.refused_count = self.imported.refused_count.saturating_add(1);
        if self.imported.refused.len() < REFUSED_LISTED_MAX {
            let offset = offset.or_else(|| self.offsets.get(&id?).copied());
            self.imported.refused.push(RefusedItem { offset, id, code, message });
        }
    }

    fn finish(mut self) -> Result<Imported, BundleError> {
        self.offer_waiting()?;
        self.drop_branches();
        let mut waiting: Vec<_> = std::mem::take(&mut self.waiting).into_iter().collect();
        waiting.sort_by_key(|(_, waiting)| waiting.offset);
        for (id, Waiting { entry, offset, missing }) in waiting {
            if self.spare.contains_key(&id) {
                // Needed after all, and it could not be had whole.
                self.imported.not_needed = self.imported.not_needed.saturating_sub(1);
            }
            let (key, seq) = (entry.header().author, entry.header().seq);
            if let Some(error) = ChainError::of_missing(key, seq, id, &missing) {
                self.imported.held_back = self.imported.held_back.saturating_add(1);
                self.refuse(Some(id), offset, error.code(), error.to_string());
            }
        }
        self.imported.refused.sort_by_key(|item| item.offset);
        Ok(self.imported)
    }

    /// Offers once more what waits, as long as that helps. So each is reported for what it is: what had
    /// its parents come and was refused or not needed then, and what it lacks by now.
    fn offer_waiting(&mut self) -> Result<(), BundleError> {
        loop {
            let before = self.waiting.len();
            let waiting: Vec<UnverifiedEntry> =
                self.waiting.values().map(|waiting| waiting.entry.clone()).collect();
            self.take_until_settled(&waiting)?;
            if self.waiting.len() >= before {
                return Ok(());
            }
        }
    }

    /// What follows an entry that was not needed is not needed either: an honest bundle may bring
    /// the other branch of a fork.
    fn drop_branches(&mut self) {
        let mut children: BTreeMap<EntryId, Vec<EntryId>> = BTreeMap::new();
        for (child, waiting) in &self.waiting {
            for parent in &waiting.missing {
                children.entry(*parent).or_default().push(*child);
            }
        }
        let mut left_out: Vec<EntryId> =
            self.spare.keys().filter(|id| !self.waiting.contains_key(id)).copied().collect();
        while let Some(id) = left_out.pop() {
            for child in children.remove(&id).unwrap_or_default() {
                if self.waiting.remove(&child).is_some() {
                    self.imported.not_needed = self.imported.not_needed.saturating_add(1);
                    left_out.push(child);
                }
            }
        }
    }
}

/// What an entry that is kept for later counts for, its payload included.
fn spare_bytes(entry: &UnverifiedEntry) -> usize {
    let header = entry.header();
    usize::try_from(header.payload_len).unwrap_or(usize::MAX).saturating_add(SPARE_ENTRY_BYTES)
}
