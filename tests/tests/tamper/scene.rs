// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A replica to damage, and what it held when all was well.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use constancia_ledger::entry::decode_signed_entry;
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{Recovery, Replica, VerifyReport};
use constancia_ledger::store::{
    CrashDisk, EntryLog, FileLog, LogNotice, MemoryRows, Position, Record, RecordKind, Rows,
    Scanned, StoreError,
};
use constancia_proto::v1;
use constancia_tests::everything::{Everything, take};
use prost::Message as _;

/// Small enough that the ledger makes several segments.
const SEGMENT_BYTES: u64 = 900;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from("/ledger/log")
}

pub(crate) fn segment_path(segment: u32) -> PathBuf {
    folder().join(format!("{segment:08}.seg"))
}

pub(crate) fn end_note_path() -> PathBuf {
    folder().join("end")
}

/// A record of the log as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) position: Position,
    pub(crate) record: Record,
    /// The entry that it holds, or whose payload it brings.
    pub(crate) entry: Option<EntryId>,
}

/// A store on a disk in memory.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) disk: CrashDisk,
    pub(crate) rows: Arc<MemoryRows>,
}

/// A store, and what it held.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) everything: Everything,
    pub(crate) written: Vec<Written>,
    pub(crate) segments: Vec<Vec<u8>>,
    /// Record number at which the last batch begins.
    pub(crate) last_batch: usize,
    scene: Scene,
}

impl Whole {
    pub(crate) fn new() -> Self {
        let everything = Everything::new();
        let (disk, rows) = (CrashDisk::default(), Arc::new(MemoryRows::default()));
        let ledger = LedgerId::of_charter(everything.charter.id());
        let log = FileLog::create(Arc::new(disk.clone()), &folder(), ledger, *b"markmark").unwrap();
        let log = Box::new(log.with_segment_bytes(SEGMENT_BYTES));
        let shared_rows = Arc::clone(&rows) as Arc<dyn Rows>;
        let mut replica = Replica::found(everything.charter.clone(), log, shared_rows).unwrap();
        let mut last_batch = 0;
        for act in &everything.acts {
            last_batch = usize::try_from(replica.log().count_records()).unwrap();
            take(&mut replica, act).unwrap();
        }
        let written = list_records(replica.log());
        // A log that is open may have room laid out.
        drop(replica);
        let segments = (0..).map_while(|segment| disk.read(&segment_path(segment))).collect();
        Self { everything, written, segments, last_batch, scene: Scene { disk, rows } }
    }

    /// The store, to damage.
    pub(crate) fn scene(&self) -> Scene {
        Scene { disk: self.scene.disk.copy(), rows: copy_rows(&*self.scene.rows) }
    }

    /// The record in whose frame a byte lies; none in a segment's first line.
    pub(crate) fn record_at(&self, segment: u32, offset: usize) -> Option<usize> {
        let offset = u64::try_from(offset).unwrap();
        let before = |written: &Written| {
            written.position.segment == segment && written.position.offset <= offset
        };
        self.written.iter().rposition(before)
    }

    /// Where the frame of a record ends, in bytes of its segment.
    pub(crate) fn frame_end(&self, n: usize) -> usize {
        let segment = self.written[n].position.segment;
        let next = self.written.get(n + 1).filter(|next| next.position.segment == segment);
        let end = next.map(|next| usize::try_from(next.position.offset).unwrap());
        end.unwrap_or(self.segments[usize::try_from(segment).unwrap()].len())
    }

    /// Every record but these stands in a log as it was written, in order.
    pub(crate) fn assert_rest_stands(&self, log: &dyn EntryLog, lost: &[usize]) {
        let found = list_records(log);
        let kept = self.written.iter().enumerate().filter(|(n, _)| !lost.contains(n));
        let kept: Vec<&Written> = kept.map(|(_, written)| written).collect();
        let places = |all: &[&Written]| all.iter().map(|one| one.position).collect::<Vec<_>>();
        let found: Vec<&Written> = found.iter().collect();
        assert_eq!(places(&found), places(&kept));
        assert!(found.iter().zip(kept).all(|(found, kept)| found.record == kept.record));
    }

    /// The same records stand in a log, in whatever order.
    pub(crate) fn assert_same_records(&self, log: &dyn EntryLog) {
        let sort = |written: &[Written]| {
            let mut records: Vec<_> =
                written.iter().map(|one| (one.record.kind, one.record.bytes.clone())).collect();
            records.sort();
            records
        };
        assert!(sort(&list_records(log)) == sort(&self.written));
    }

    /// Every entry whose record is not lost reads back byte for byte, through the replica.
    pub(crate) fn assert_rest_reads(&self, replica: &Replica, lost: &[usize]) {
        let lost: Vec<EntryId> = lost.iter().filter_map(|n| self.written[*n].entry).collect();
        for (id, expected) in &self.everything.holding().entries {
            match replica.read_message(id) {
                Ok(found) => assert_eq!(found.as_ref(), Some(expected), "{id}"),
                Err(StoreError::Damaged { entry, .. }) => {
                    assert!(lost.contains(id), "{id} is not readable");
                    assert_eq!(entry, Some(*id));
                }
                Err(other) => panic!("{id}: {other}"),
            }
        }
    }
}

impl Scene {
    pub(crate) fn without_index(mut self) -> Self {
        self.rows = Arc::new(MemoryRows::default());
        self
    }

    pub(crate) fn without_end_note(self) -> Self {
        self.disk.change(&end_note_path(), Vec::clear);
        self
    }

    pub(crate) fn open_log(&self) -> Result<(FileLog, Vec<LogNotice>), StoreError> {
        let durable = self.rows.meta().ok().flatten().map(|meta| meta.log_end);
        FileLog::open(Arc::new(self.disk.clone()), &folder(), durable)
    }

    pub(crate) fn open(&self) -> Result<(Replica, Recovery, Vec<LogNotice>), StoreError> {
        let (log, notices) = self.open_log()?;
        let rows = Arc::clone(&self.rows) as Arc<dyn Rows>;
        let (replica, recovery) =
            Replica::recover(Box::new(log.with_segment_bytes(SEGMENT_BYTES)), rows)?;
        Ok((replica, recovery, notices))
    }
}

pub(crate) fn verify(replica: &Replica) -> VerifyReport {
    replica.verify_stored(&mut |_, _| ()).unwrap()
}

/// Runs a case; a panic in it is told with its name.
pub(crate) fn case<T>(name: &str, run: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => done,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            panic!("{name}: {}", said.unwrap_or("a panic"));
        }
    }
}

fn list_records(log: &dyn EntryLog) -> Vec<Written> {
    let mut written = Vec::new();
    log.scan(Position::default(), &mut |scanned| {
        if let Scanned::Record(position, record) = scanned {
            let entry = match record.kind {
                RecordKind::Entry => Some(decode_signed_entry(&record.bytes).unwrap().id()),
                RecordKind::LatePayload => {
                    let late = v1::LatePayload::decode(record.bytes.clone()).unwrap();
                    EntryId::from_slice(&late.entry_id)
                }
                RecordKind::ForkProof | RecordKind::Lost | RecordKind::Dropped => None,
            };
            written.push(Written { position, record, entry });
        }
        Ok(true)
    })
    .unwrap();
    written
}

fn copy_rows(rows: &dyn Rows) -> Arc<MemoryRows> {
    let all = rows.range(&[0], &[255; 70], 1_000_000).unwrap();
    let copy = MemoryRows::default();
    copy.apply(all.into_iter().map(|(key, value)| (key, Some(value))).collect()).unwrap();
    Arc::new(copy)
}
