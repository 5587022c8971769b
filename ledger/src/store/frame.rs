// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One record on disk: head, body, padding, checksum. Pure: bytes in, bytes out.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | marker: random, one per log |
//! | 8 | number of the record in the log, from 0 |
//! | 4 | place of the record in its batch, from 0 |
//! | 1 | kind |
//! | 4 | length of the body |
//! | 4 | length of the padding |
//! | 4 | head check: BLAKE3 derive-key [`HEAD_CONTEXT`] over the 29 bytes before |
//! | – | body |
//! | – | padding: zeros |
//! | 16 | checksum: BLAKE3 derive-key [`FRAME_CONTEXT`] over everything before |
//!
//! Numbers are big-endian. The head has a check of its own so that a damaged body does not take the
//! length with it. The marker lets a scan find the next frame after a damaged head; it is random so
//! that nobody who writes an entry can put a false frame into its payload. The number names what a
//! gap has swallowed. The place says that everything before the batch was durable when the record
//! was written. Padding fills the room of a longer record that was replaced, so that no other moves.

use bytes::Bytes;

use super::{Record, RecordKind};
use crate::digest::{Context, derive, derive_context};
use crate::limits::SIGNED_ENTRY_BYTES_MAX;

/// Context of the head check.
pub const HEAD_CONTEXT: &str = "constancia v1 log head";
/// Context of the checksum.
pub const FRAME_CONTEXT: &str = "constancia v1 log frame";
/// Bytes of a head.
pub(super) const HEAD_BYTES: usize = 33;
/// Bytes of a checksum: 128 bits are never right by chance.
pub(super) const CHECKSUM_BYTES: usize = 16;
/// Bytes of the body and the padding of one record: an encoded `SignedEntry` is the largest, a
/// `LatePayload` has its id in place of header and signature.
pub const RECORD_BYTES_MAX: usize = SIGNED_ENTRY_BYTES_MAX;

const HEAD_CHECKED_BYTES: usize = 29;
const HEAD_CHECK_BYTES: usize = 4;

/// What every frame of a log begins with: 8 random bytes, drawn when the log is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker(pub(super) [u8; 8]);

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the record in the log, from 0.
    pub(super) number: u64,
    /// Place of the record in the batch that was written with one sync, from 0.
    pub(super) place: u32,
    /// Number of the record's kind.
    pub(super) kind: u8,
    /// Bytes of the body.
    pub(super) length: u32,
    /// Zero bytes after the body.
    pub(super) padding: u32,
}

/// Why there is no whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameFault {
    /// Too few bytes for a head.
    HeadShort,
    /// No marker, or the head's check is wrong: nothing is known of what stood here.
    NoHead,
    /// The head is whole and says more than any record has.
    TooLong(u32),
    /// The head is whole, the body is cut off.
    BodyShort,
    /// The head is whole, the checksum is wrong.
    Checksum,
    /// Whole, but of a kind that this program does not know.
    UnknownKind(u8),
    /// Whole, but something stands where nothing may: in the padding, or for a record that is lost.
    NotEmpty,
}

impl FrameFault {
    /// In words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::HeadShort => "the record's head is cut off".to_owned(),
            Self::NoHead => "no record begins here: its head is damaged".to_owned(),
            Self::TooLong(length) => {
                format!("a record has at most {RECORD_BYTES_MAX} bytes, found length {length}")
            }
            Self::BodyShort => "the record is cut off".to_owned(),
            Self::Checksum => "the record's checksum does not match".to_owned(),
            Self::UnknownKind(kind) => format!("expected a record of kind 1 to 5, found {kind}"),
            Self::NotEmpty => {
                "the padding, or a record that is lost or dropped, is not empty".to_owned()
            }
        }
    }
}

impl Head {
    /// Bytes of the whole frame.
    pub(super) fn frame_bytes(&self) -> u64 {
        let around = HEAD_BYTES.saturating_add(CHECKSUM_BYTES);
        u64::try_from(around)
            .unwrap_or(u64::MAX)
            .saturating_add(self.length.into())
            .saturating_add(self.padding.into())
    }

    /// Bytes that the padding may have beside the body.
    pub(super) fn padding_max(&self) -> u32 {
        u32::try_from(RECORD_BYTES_MAX).unwrap_or(u32::MAX).saturating_sub(self.length)
    }

    /// Number of the first record of the batch: all before it were durable when this was written.
    pub(super) fn batch_first(&self) -> u64 {
        self.number.saturating_sub(self.place.into())
    }

    fn encode(&self, marker: Marker) -> [u8; HEAD_BYTES] {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        bytes.extend_from_slice(&marker.0);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.place.to_be_bytes());
        bytes.push(self.kind);
        bytes.extend_from_slice(&self.length.to_be_bytes());
        bytes.extend_from_slice(&self.padding.to_be_bytes());
        bytes.extend_from_slice(&head_check(&bytes));
        let mut head = [0; HEAD_BYTES];
        head.copy_from_slice(&bytes);
        head
    }

    /// Reads a head. Without a marker any is taken: to find out what a log's marker is.
    pub(super) fn decode(bytes: &[u8], marker: Option<Marker>) -> Result<Self, FrameFault> {
        if let Some(marker) = marker
            && bytes.len() >= marker.0.len()
            && !bytes.starts_with(&marker.0)
        {
            return Err(FrameFault::NoHead);
        }
        let head = bytes.get(..HEAD_BYTES).ok_or(FrameFault::HeadShort)?;
        let (checked, check) =
            head.split_at_checked(HEAD_CHECKED_BYTES).ok_or(FrameFault::HeadShort)?;
        if head_check(checked) != check {
            return Err(FrameFault::NoHead);
        }
        let mut rest = checked;
        let _marker: [u8; 8] = take(&mut rest)?;
        let number = u64::from_be_bytes(take(&mut rest)?);
        let place = u32::from_be_bytes(take(&mut rest)?);
        let [kind] = take(&mut rest)?;
        let length = u32::from_be_bytes(take(&mut rest)?);
        let padding = u32::from_be_bytes(take(&mut rest)?);
        let total = length.saturating_add(padding);
        if !usize::try_from(total).is_ok_and(|total| total <= RECORD_BYTES_MAX) {
            return Err(FrameFault::TooLong(total));
        }
        Ok(Self { number, place, kind, length, padding })
    }
}

/// Bytes of the frame of a body of this length, without padding.
pub(crate) fn measure_frame(body: usize) -> u64 {
    let around = HEAD_BYTES.saturating_add(CHECKSUM_BYTES);
    u64::try_from(around.saturating_add(body)).unwrap_or(u64::MAX)
}

/// Appends a frame to `out`. The record must not be longer than [`RECORD_BYTES_MAX`].
pub(super) fn encode_frame(out: &mut Vec<u8>, marker: Marker, head: &Head, body: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&head.encode(marker));
    out.extend_from_slice(body);
    let padding = usize::try_from(head.padding).unwrap_or(0);
    out.resize(out.len().saturating_add(padding), 0);
    let checksum = out.get(start..).map(checksum).unwrap_or_default();
    out.extend_from_slice(&checksum);
}

/// The record of a frame whose head is decoded already; `frame` begins with it.
pub(super) fn decode_frame(frame: &[u8], head: &Head) -> Result<Record, FrameFault> {
    let len = usize::try_from(head.frame_bytes()).ok().ok_or(FrameFault::BodyShort)?;
    let frame = frame.get(..len).ok_or(FrameFault::BodyShort)?;
    let (checked, found) = frame.split_last_chunk().ok_or(FrameFault::BodyShort)?;
    if checksum(checked) != *found {
        return Err(FrameFault::Checksum);
    }
    let kind = RecordKind::from_number(head.kind).ok_or(FrameFault::UnknownKind(head.kind))?;
    let length = usize::try_from(head.length).ok().ok_or(FrameFault::BodyShort)?;
    let (body, padding) = checked
        .get(HEAD_BYTES..)
        .and_then(|rest| rest.split_at_checked(length))
        .ok_or(FrameFault::BodyShort)?;
    if padding.iter().any(|byte| *byte != 0) || (kind.holds_nothing() && !body.is_empty()) {
        return Err(FrameFault::NotEmpty);
    }
    Ok(Record { kind, bytes: Bytes::copy_from_slice(body) })
}

/// The marker of the frame that begins here, if one does, whole.
pub(super) fn find_marker(bytes: &[u8]) -> Option<Marker> {
    let head = Head::decode(bytes, None).ok()?;
    decode_frame(bytes, &head).ok()?;
    bytes.first_chunk().copied().map(Marker)
}

fn head_check(checked: &[u8]) -> [u8; HEAD_CHECK_BYTES] {
    static PURPOSE: Context = Context::new(|| derive_context(HEAD_CONTEXT));
    truncate(derive(&PURPOSE, &[checked]))
}

fn checksum(checked: &[u8]) -> [u8; CHECKSUM_BYTES] {
    static PURPOSE: Context = Context::new(|| derive_context(FRAME_CONTEXT));
    truncate(derive(&PURPOSE, &[checked]))
}

fn truncate<const N: usize>(digest: [u8; 32]) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], FrameFault> {
    let (taken, after) = rest.split_first_chunk().ok_or(FrameFault::HeadShort)?;
    *rest = after;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: Marker = Marker(*b"\x01marker\xff");

    fn frame(body: &[u8], padding: u32) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        let head = Head { number: 7, place: 2, kind: 1, length, padding };
        let mut out = Vec::new();
        encode_frame(&mut out, MARKER, &head, body);
        out
    }

    fn read(frame: &[u8]) -> Result<Record, FrameFault> {
        decode_frame(frame, &Head::decode(frame, Some(MARKER))?)
    }

    #[test]
    fn a_frame_reads_back_with_and_without_padding() {
        for padding in [0, 1, 500] {
            let frame = frame(b"signed", padding);
            assert_eq!(frame.len(), 33 + 6 + usize::try_from(padding).unwrap() + 16);
            assert_eq!(&*read(&frame).unwrap().bytes, b"signed");
        }
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        let whole = frame(b"what was signed", 3);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                assert!(read(&flipped).is_err(), "byte {at} bit {bit}");
            }
            assert!(read(&whole[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_damaged_body_leaves_the_length_known() {
        let mut frame = frame(b"what was signed", 0);
        frame[40] ^= 1;
        assert_eq!(Head::decode(&frame, Some(MARKER)).unwrap().length, 15);
        assert_eq!(read(&frame), Err(FrameFault::Checksum));
    }

    #[test]
    fn a_frame_of_another_log_is_none_of_ours() {
        let frame = frame(b"x", 0);
        assert_eq!(Head::decode(&frame, Some(Marker([0; 8]))), Err(FrameFault::NoHead));
        assert_eq!(find_marker(&frame), Some(MARKER));
        assert_eq!(find_marker(&frame[1..]), None);
    }
}
