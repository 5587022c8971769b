// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What peers have shown of a key's feed and this store does not hold, kept beside the key: whoever
//! signs with `--offline` is not free of what a peer said moments before.
//!
//! A peer is believed what the key itself has signed, so nobody can put anything here that no sync
//! would ever bring. A line goes once the store holds its entry.

use std::path::{Path, PathBuf};

use constancia_ledger::id::{EntryId, LedgerId};
use constancia_proto::v1;

use crate::desk::Desk;
use crate::failure::{Failure, FileError};
use crate::files::{read_text, replace};
use crate::key_folder::KeyFile;
use crate::signing::place::{SigningError, bad_context};

/// Entries that are kept: one is enough to keep the key from signing, and each is some 100 bytes.
const SHOWN_MAX: usize = 64;

/// Digits of the ledger in the file's name, as in a head file's.
const LEDGER_DIGITS: usize = 16;

/// Bytes of the file that are read: [`SHOWN_MAX`] lines with the longest addresses.
const FILE_BYTES_MAX: u64 = 64 * 1_024;

/// An entry of the key that a peer has shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ShownHead {
    seq: u64,
    id: EntryId,
    /// Which peer.
    address: String,
}

impl ShownHead {
    fn of_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let seq = words.next()?.parse().ok()?;
        let id = EntryId::from_slice(&hex::decode(words.next()?).ok()?)?;
        let address = words.next()?.to_owned();
        if words.next().is_some() { None } else { Some(Self { seq, id, address }) }
    }

    fn to_line(&self) -> String {
        format!("{} {} {}\n", self.seq, self.id, self.address)
    }
}

/// What peers have shown of a key in a ledger and the store did not hold.
pub(super) struct ShownHeads {
    path: PathBuf,
    heads: Vec<ShownHead>,
}

impl ShownHeads {
    /// Reads what is kept.
    ///
    /// # Errors
    /// Where the file cannot be read, or is not what was written.
    pub(super) fn read(key_path: &Path, ledger: LedgerId) -> Result<Self, Failure> {
        let digits: String = ledger.to_string().chars().take(LEDGER_DIGITS).collect();
        let path = key_path.with_added_extension(format!("shown-{digits}"));
        let text = match read_text(&path, FILE_BYTES_MAX) {
            Ok(text) => text,
            Err(FileError::Unreadable { cause, .. })
                if cause.kind() == std::io::ErrorKind::NotFound =>
            {
                String::new()
            }
            Err(error) => return Err(error.into()),
        };
        match text.lines().map(ShownHead::of_line).collect() {
            Some(heads) => Ok(Self { path, heads }),
            None => Err(SigningError::ShownDamaged { path }.into()),
        }
    }

    /// Adds what the peers show now, and refuses where the store lacks any of it.
    ///
    /// # Errors
    /// `head.peer_ahead` and `head.peer_differs`; or where the file cannot be written.
    pub(super) async fn check(
        mut self,
        desk: &Desk,
        key: &KeyFile,
        context: &v1::SigningContext,
    ) -> Result<(), Failure> {
        let before = self.heads.clone();
        for peer in &context.peers {
            if let Some(seq) = peer.seq {
                let id = EntryId::from_slice(&peer.id).ok_or_else(bad_context)?;
                if self.heads.iter().all(|head| head.id != id) {
                    self.heads.push(ShownHead { seq, id, address: peer.address.clone() });
                }
            }
        }
        let mut lacking = Vec::new();
        for head in std::mem::take(&mut self.heads) {
            if context.prev != head.id.as_bytes().as_slice() && !is_held(desk, &head.id).await? {
                lacking.push(head);
            }
        }
        lacking.sort();
        lacking.truncate(SHOWN_MAX);
        if lacking != before {
            let lines: String = lacking.iter().map(ShownHead::to_line).collect();
            replace(&self.path, lines.as_bytes())?;
        }
        let Some(ShownHead { seq, address, .. }) = lacking.into_iter().next() else {
            return Ok(());
        };
        let path = key.path.clone();
        Err(if seq < context.next_seq {
            SigningError::PeerDiffers { path, address, seq }.into()
        } else {
            SigningError::PeerAhead { path, address, seq }.into()
        })
    }
}

async fn is_held(desk: &Desk, id: &EntryId) -> Result<bool, Failure> {
    match desk.get_entry(&id.to_string()).await {
        Ok(_entry) => Ok(true),
        Err(failure) if failure.code() == "request.no_entry" => Ok(false),
        Err(failure) => Err(failure),
    }
}
