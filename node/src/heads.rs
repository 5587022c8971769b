// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How far a key's feed goes at the peers: asked before anything is signed, so that a store or a key
//! that came back from a backup does not sign a slot twice.
//!
//! Believes what the key itself has signed, and nothing else that a peer says.

use std::time::Duration;

use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{DecodeError, VerifyError, decode_entry, verify_entry};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::replica::Replica;
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::address::PeerAddress;
use crate::client::PeerConnection;
use crate::error::NodeError;

/// Time that peers get to answer: who signs waits for it.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(5);

/// The code of a peer that shows an entry that the key did not sign.
pub const UNPROVEN_HEAD: &str = "peer.unproven_head";

/// What a peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerHead {
    /// The entry of the greatest seq that it holds of the key, whose signature holds; none: it says
    /// that it holds nothing of it.
    pub head: Option<(u64, EntryId)>,
    /// Its clock, Unix milliseconds.
    pub clock_ms: u64,
}

/// What became of asking a peer.
#[derive(Debug)]
pub(crate) struct AskedPeer {
    /// The peer.
    pub(crate) address: PeerAddress,
    /// What it said, or why it said nothing that can be believed.
    pub(crate) answer: Result<PeerHead, NodeError>,
}

/// Why what a peer says of a key's feed is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadClaimError {
    /// It is no entry.
    #[error("it does not decode")]
    Decode(#[source] DecodeError),
    /// The key did not sign it in this ledger.
    #[error("it does not verify")]
    Verify(#[source] VerifyError),
    /// It is another key's.
    #[error("expected an entry of {expected}, found one of {found}")]
    OtherKey {
        /// The key that was asked about.
        expected: PublicKey,
        /// The entry's author.
        found: PublicKey,
    },
}

/// Asks peers, all at once, how far a key's feed goes.
pub(crate) async fn ask_heads(
    ledger: LedgerId,
    key: PublicKey,
    addresses: Vec<PeerAddress>,
) -> Vec<AskedPeer> {
    let mut asking = JoinSet::new();
    for address in addresses {
        asking.spawn(async move {
            let answer = timeout(HEAD_WAIT_MAX, ask_head(ledger, key, &address)).await;
            let answer = answer.unwrap_or_else(|_elapsed| {
                let (address, seconds) = (address.clone(), HEAD_WAIT_MAX.as_secs());
                Err(NodeError::Silent { address, seconds })
            });
            AskedPeer { address, answer }
        });
    }
    let mut asked = asking.join_all().await;
    asked.sort_by(|one, other| one.address.cmp(&other.address));
    asked
}

async fn ask_head(
    ledger: LedgerId,
    key: PublicKey,
    address: &PeerAddress,
) -> Result<PeerHead, NodeError> {
    PeerConnection::open(address).await?.fetch_head(ledger, &key).await
}

/// The greatest seq that a replica holds of a key, on whatever branch.
pub(crate) fn find_head(
    replica: &Replica,
    key: &PublicKey,
) -> Result<Option<(u64, EntryId)>, StoreError> {
    let last = replica.find_next_seq(key)?.checked_sub(1);
    let Some(seq) = last else {
        return Ok(None);
    };
    // Where the key forked in its last slot, the one that counts is named, if one does.
    let counted = replica.frontier().feeds.get(key).and_then(|feed| feed.head);
    if let Some(head) = counted.filter(|head| head.0 == seq) {
        return Ok(Some(head));
    }
    Ok(replica.find_slot(key, seq)?.first().map(|id| (seq, *id)))
}

/// [`find_head`]'s entry as a peer gets it: whoever asks needs proof of it, not what it says.
pub(crate) fn read_head(
    replica: &Replica,
    key: &PublicKey,
) -> Result<Option<v1::SignedEntry>, StoreError> {
    let Some((_, id)) = find_head(replica, key)? else {
        return Ok(None);
    };
    let Some(entry) = replica.read_message(&id)? else {
        let reason = format!("entry {id} has a slot and is missing");
        return Err(StoreError::IndexDamaged { reason });
    };
    Ok(Some(v1::SignedEntry { payload: None, salt: None, ..entry }))
}

/// The place of the entry by which a peer shows how far a key's feed goes: signed by the key, in this
/// ledger.
pub(crate) fn verify_head(
    ledger: LedgerId,
    key: &PublicKey,
    entry: v1::SignedEntry,
) -> Result<(u64, EntryId), HeadClaimError> {
    // A payload is not asked for, and proves nothing here.
    let bare = v1::SignedEntry { payload: None, salt: None, ..entry };
    let entry = decode_entry(bare).map_err(HeadClaimError::Decode)?;
    let found = entry.header().author;
    if found != *key {
        return Err(HeadClaimError::OtherKey { expected: *key, found });
    }
    let verified = verify_entry(entry, ledger, &KnownKeys::new());
    let verified = verified.map_err(HeadClaimError::Verify)?;
    Ok((verified.header().seq, verified.id()))
}
