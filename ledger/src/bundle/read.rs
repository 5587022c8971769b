// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads a bundle strictly, item by item.

use std::io::Read;

use bytes::Bytes;
use constancia_proto::v1;
use constancia_proto::v1::bundle_item::Item;
use prost::Message as _;

use super::{BUNDLE_LINE, BundleError, FORK_PROOFS_MAX, ITEM_BYTES_MAX};
use crate::entry::{Prev, UnverifiedEntry, decode_entry};
use crate::id::LedgerId;
use crate::replica::check_charter;

/// The longest varint of a length that fits the limit, and one byte to see that it is too long.
const LENGTH_BYTES_MAX: u32 = 10;

/// A bundle whose charter has been read; its other entries have not.
#[derive(Debug)]
pub struct OpenBundle<R> {
    items: Items<R>,
    charter: UnverifiedEntry,
    charter_offset: u64,
    fork_proofs: Vec<v1::ForkProof>,
    entries: u64,
    ended: bool,
}

impl<R: Read> OpenBundle<R> {
    /// The ledger that the charter founds.
    pub const fn ledger(&self) -> LedgerId {
        LedgerId::of_charter(self.charter.id())
    }

    /// The charter, for a new replica that begins with it.
    ///
    /// # Errors
    /// [`BundleError::BadCharter`] where it founds none.
    pub fn charter(&self) -> Result<UnverifiedEntry, BundleError> {
        let offset = self.charter_offset;
        match check_charter(&self.charter) {
            Ok(()) => Ok(self.charter.clone()),
            Err(reason) => Err(BundleError::BadCharter { offset, reason }),
        }
    }

    /// The charter, which nobody has checked, and where its item begins, bytes from the start of the
    /// file.
    pub(super) const fn first_entry(&self) -> (u64, &UnverifiedEntry) {
        (self.charter_offset, &self.charter)
    }

    /// The fork proofs at the beginning, as they were found.
    pub fn fork_proofs(&self) -> &[v1::ForkProof] {
        &self.fork_proofs
    }

    /// Bytes read so far.
    pub const fn offset(&self) -> u64 {
        self.items.offset
    }

    /// The next entry and where its item begins, bytes from the start of the file; none at the end.
    ///
    /// # Errors
    /// Where the file cannot be read, or the item is not exactly an entry's canonical bytes.
    pub fn next_entry(&mut self) -> Result<Option<(u64, UnverifiedEntry)>, BundleError> {
        if self.ended {
            return Ok(None);
        }
        match self.items.next()? {
            None => Err(BundleError::NoEnd { offset: self.items.offset }),
            Some((offset, Item::ForkProof(_))) => Err(BundleError::ProofAfterEntry { offset }),
            Some((offset, Item::Entry(entry))) => {
                let entry =
                    decode_entry(entry).map_err(|source| BundleError::Entry { offset, source })?;
                self.entries = self.entries.saturating_add(1);
                Ok(Some((offset, entry)))
            }
            Some((offset, Item::End(end))) => {
                self.check_end(offset, &end)?;
                self.ended = true;
                Ok(None)
            }
        }
    }

    /// The end says how many items there are, and nothing follows it.
    fn check_end(&mut self, offset: u64, end: &v1::BundleEnd) -> Result<(), BundleError> {
        let fork_proofs = u64::try_from(self.fork_proofs.len()).unwrap_or(u64::MAX);
        if (end.entries, end.fork_proofs) != (self.entries, fork_proofs) {
            return Err(BundleError::Counts {
                expected_entries: end.entries,
                entries: self.entries,
                expected_proofs: end.fork_proofs,
                proofs: fork_proofs,
            });
        }
        match self.items.fill(&mut [0])? {
            0 => Ok(()),
            _ => Err(BundleError::AfterEnd { offset }),
        }
    }
}

/// Reads a bundle's line, its fork proofs and its charter.
///
/// # Errors
/// Where this is no bundle, or its first items break the format.
pub fn open_bundle<R: Read>(reader: R) -> Result<OpenBundle<R>, BundleError> {
    let mut items = Items { reader, offset: 0 };
    items.read_line()?;
    let mut fork_proofs = Vec::new();
    loop {
        match items.next()? {
            None | Some((_, Item::End(_))) => return Err(BundleError::NoCharter),
            Some((offset, Item::ForkProof(proof))) => {
                if fork_proofs.len() >= FORK_PROOFS_MAX {
                    return Err(BundleError::TooManyProofs { offset });
                }
                fork_proofs.push(proof);
            }
            Some((offset, Item::Entry(entry))) => {
                let charter =
                    decode_entry(entry).map_err(|source| BundleError::Entry { offset, source })?;
                if charter.header().prev != Prev::Nothing {
                    return Err(BundleError::CharterMissing { offset });
                }
                return Ok(OpenBundle {
                    items,
                    charter,
                    charter_offset: offset,
                    fork_proofs,
                    entries: 1,
                    ended: false,
                });
            }
        }
    }
}

/// Items, one after the other.
#[derive(Debug)]
struct Items<R> {
    reader: R,
    offset: u64,
}

impl<R: Read> Items<R> {
    fn read_line(&mut self) -> Result<(), BundleError> {
        let mut line = [0; BUNDLE_LINE.len()];
        match self.fill(&mut line)? {
            read if read == line.len() && line == BUNDLE_LINE => Ok(()),
            _ => Err(BundleError::NotABundle),
        }
    }

    fn next(&mut self) -> Result<Option<(u64, Item)>, BundleError> {
        let offset = self.offset;
        let Some(length) = self.read_length(offset)? else {
            return Ok(None);
        };
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= ITEM_BYTES_MAX)
            .ok_or(BundleError::ItemTooLong { offset, found: length })?;
        let mut bytes = vec![0; length];
        if self.fill(&mut bytes)? < length {
            return Err(BundleError::CutOff { offset });
        }
        let bytes = Bytes::from(bytes);
        let message = v1::BundleItem::decode(bytes.clone())
            .map_err(|source| BundleError::NotAnItem { offset, source })?;
        if message.encode_to_vec() != bytes {
            return Err(BundleError::NotCanonical { offset });
        }
        match message.item {
            Some(item) => Ok(Some((offset, item))),
            None => Err(BundleError::Empty { offset }),
        }
    }

    /// Reads a minimal varint; none at the end of the file.
    fn read_length(&mut self, offset: u64) -> Result<Option<u64>, BundleError> {
        let mut length: u64 = 0;
        for place in 0..LENGTH_BYTES_MAX {
            let mut byte = [0];
            if self.fill(&mut byte)? == 0 {
                return if place == 0 { Ok(None) } else { Err(BundleError::CutOff { offset }) };
            }
            let [byte] = byte;
            let bits = u64::from(byte & 0x7f);
            length = place
                .checked_mul(7)
                .and_then(|shift| bits.checked_shl(shift).filter(|high| high >> shift == bits))
                .map(|high| length | high)
                .ok_or(BundleError::Length { offset })?;
            if byte < 0x80 {
                // A last byte of zero could have been left out.
                let minimal = byte != 0 || place == 0;
                return if minimal {
                    Ok(Some(length))
                } else {
                    Err(BundleError::Length { offset })
                };
            }
        }
        Err(BundleError::Length { offset })
    }

    /// Reads until the buffer is full or the file ends; returns the bytes read.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, BundleError> {
        let mut filled: usize = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => break,
                Ok(read) => filled = filled.saturating_add(read),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(BundleError::Read { offset: self.offset, source });
                }
            }
        }
        let read = u64::try_from(filled).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(read);
        Ok(filled)
    }
}
