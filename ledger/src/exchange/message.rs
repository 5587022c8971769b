// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages in and out: every count and length is checked before anything is done with it.

use bytes::Bytes;
use constancia_proto::v1;
use constancia_proto::v1::exchange_message::Message;
use prost::Message as _;

use super::ExchangeError;
use super::limits::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, CODE_BYTES_MAX, DECISIONS_MAX, FEEDS_MAX,
    FORK_PROOFS_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX, PROTOCOL_VERSION, WANT_IDS_MAX,
};
use crate::frontier::Frontier;
use crate::id::{EntryId, FrontierRoot, LedgerId};
use crate::replica::Replica;
use crate::store::StoreError;

/// Context of the digest over the forks held.
const FORK_ROOT_CONTEXT: &str = "constancia v1 fork root";

/// What a side says of itself at the beginning of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) root: FrontierRoot,
    /// Which keys forked where. Not the proofs' bytes: any proof for a slot says the same.
    pub(super) fork_root: Option<[u8; 32]>,
    pub(super) entries: u64,
    pub(super) feeds: u64,
    pub(super) pending_payloads: u64,
    pub(super) follow: bool,
}

impl Greeting {
    /// What this side says now.
    pub(super) fn of_replica(replica: &Replica, follow: bool) -> Result<Self, StoreError> {
        let frontier = replica.frontier();
        Ok(Self {
            root: frontier.root(),
            fork_root: hash_forks(frontier),
            entries: replica.count_entries()?,
            feeds: u64::try_from(frontier.feeds.len()).unwrap_or(u64::MAX),
            pending_payloads: count_pending(replica)?,
            follow,
        })
    }

    /// Reads the other side's.
    pub(super) fn from_message(hello: &v1::Hello, ledger: LedgerId) -> Result<Self, ExchangeError> {
        if hello.protocol != PROTOCOL_VERSION {
            return Err(ExchangeError::Protocol { found: hello.protocol });
        }
        let found = LedgerId::from_bytes(fixed("ledger_id", &hello.ledger_id)?);
        if found != ledger {
            return Err(ExchangeError::WrongLedger { expected: ledger, found });
        }
        let fork_root = if hello.fork_root.is_empty() {
            None
        } else {
            Some(fixed("fork_root", &hello.fork_root)?)
        };
        Ok(Self {
            root: FrontierRoot::from_bytes(fixed("frontier_root", &hello.frontier_root)?),
            fork_root,
            entries: hello.entries,
            feeds: hello.feeds,
            pending_payloads: hello.pending_payloads,
            follow: hello.follow,
        })
    }

    pub(super) fn to_message(&self, ledger: LedgerId) -> Message {
        Message::Hello(v1::Hello {
            protocol: PROTOCOL_VERSION,
            ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
            frontier_root: Bytes::copy_from_slice(self.root.as_bytes()),
            fork_root: self.fork_root.map_or_else(Bytes::new, |root| Bytes::copy_from_slice(&root)),
            entries: self.entries,
            feeds: self.feeds,
            pending_payloads: self.pending_payloads,
            follow: self.follow,
        })
    }
}

/// Number of entries whose payload has not arrived.
pub(super) fn count_pending(replica: &Replica) -> Result<u64, StoreError> {
    Ok(u64::try_from(replica.list_pending()?.len()).unwrap_or(u64::MAX))
}

/// `CaughtUp`, with the root as it is now.
pub(super) fn caught_up(root: FrontierRoot, pending_payloads: u64) -> Message {
    Message::CaughtUp(v1::CaughtUp {
        frontier_root: Bytes::copy_from_slice(root.as_bytes()),
        pending_payloads,
    })
}

/// The root that a `CaughtUp` states.
pub(super) fn parse_caught_up(message: &v1::CaughtUp) -> Result<FrontierRoot, ExchangeError> {
    Ok(FrontierRoot::from_bytes(fixed("frontier_root", &message.frontier_root)?))
}

/// Wants, split so that each keeps the limit.
pub(super) fn wants(entries: &[EntryId], payloads: &[EntryId]) -> Vec<Message> {
    let copy = |ids: &[EntryId]| -> Vec<Bytes> {
        ids.iter().map(|id| Bytes::copy_from_slice(id.as_bytes())).collect()
    };
    let of_entries = entries
        .chunks(WANT_IDS_MAX)
        .map(|ids| v1::Want { entries: copy(ids), payloads: Vec::new() });
    let of_payloads = payloads
        .chunks(WANT_IDS_MAX)
        .map(|ids| v1::Want { entries: Vec::new(), payloads: copy(ids) });
    of_entries.chain(of_payloads).map(Message::Want).collect()
}

/// Ids of entries and of payloads wanted.
pub(super) fn parse_want(want: &v1::Want) -> Result<(Vec<EntryId>, Vec<EntryId>), ExchangeError> {
    let found = want.entries.len().saturating_add(want.payloads.len());
    at_most("wanted ids in a message", WANT_IDS_MAX, found)?;
    let parse = |ids: &[Bytes]| -> Result<Vec<EntryId>, ExchangeError> {
        ids.iter().map(|id| Ok(EntryId::from_bytes(fixed("wanted id", id)?))).collect()
    };
    Ok((parse(&want.entries)?, parse(&want.payloads)?))
}

/// Fork proofs, split so that each message keeps the limit.
pub(super) fn fork_proofs(proofs: &[v1::ForkProof]) -> Vec<Message> {
    proofs
        .chunks(FORK_PROOFS_PER_MESSAGE_MAX)
        .map(|proofs| Message::ForkProofs(v1::ForkProofs { proofs: proofs.to_vec() }))
        .collect()
}

/// Checks the number of fork proofs in a message.
pub(super) fn check_fork_proofs(message: &v1::ForkProofs) -> Result<(), ExchangeError> {
    if message.proofs.is_empty() {
        return Err(ExchangeError::NothingIn { message: "fork_proofs" });
    }
    at_most("fork proofs in a message", FORK_PROOFS_PER_MESSAGE_MAX, message.proofs.len())
}

/// The other side's frontier.
pub(super) fn parse_frontier(message: &v1::Frontier) -> Result<Frontier, ExchangeError> {
    at_most("feeds in a frontier", FEEDS_MAX, message.heads.len())?;
    at_most("decisions in a frontier", DECISIONS_MAX, message.decisions.len())?;
    Frontier::from_message(message).map_err(ExchangeError::Frontier)
}

/// Checks a batch's counts; returns its bytes.
pub(super) fn measure_batch(batch: &v1::Batch) -> Result<usize, ExchangeError> {
    if batch.entries.is_empty() {
        return Err(ExchangeError::NothingIn { message: "batch" });
    }
    at_most("entries in a batch", BATCH_ENTRIES_MAX, batch.entries.len())?;
    let bytes = batch.entries.iter().map(v1::SignedEntry::encoded_len).sum();
    at_most("bytes of entries in a batch", BATCH_BYTES_MAX, bytes)?;
    Ok(bytes)
}

/// Ids of entries that the other side did not store, and why.
pub(super) fn parse_refusals(
    stored: &v1::Stored,
    entries: usize,
) -> Result<Vec<(Option<EntryId>, &str)>, ExchangeError> {
    at_most("refusals of a batch's entries", entries, stored.refusals.len())?;
    let mut refusals = Vec::with_capacity(stored.refusals.len());
    for refusal in &stored.refusals {
        at_most("bytes of a refusal's code", CODE_BYTES_MAX, refusal.code.len())?;
        at_most("bytes of a refusal's message", MESSAGE_BYTES_MAX, refusal.message.len())?;
        let id = if refusal.id.is_empty() {
            None
        } else {
            Some(EntryId::from_bytes(fixed("refused id", &refusal.id)?))
        };
        refusals.push((id, refusal.code.as_str()));
    }
    Ok(refusals)
}

/// A message's name, for errors.
pub(super) const fn name(message: &Message) -> &'static str {
    match message {
        Message::Hello(_) => "hello",
        Message::ForkProofs(_) => "fork_proofs",
        Message::Frontier(_) => "frontier",
        Message::FrontierBuckets(_) => "frontier_buckets",
        Message::BucketRequest(_) => "bucket_request",
        Message::Want(_) => "want",
        Message::Batch(_) => "batch",
        Message::Stored(_) => "stored",
        Message::CaughtUp(_) => "caught_up",
        Message::Error(_) => "error",
    }
}

/// Refuses more than the limit.
pub(super) const fn at_most(
    what: &'static str,
    limit: usize,
    found: usize,
) -> Result<(), ExchangeError> {
    if found <= limit { Ok(()) } else { Err(ExchangeError::TooMany { what, limit, found }) }
}

fn fixed(field: &'static str, bytes: &[u8]) -> Result<[u8; 32], ExchangeError> {
    <[u8; 32]>::try_from(bytes).ok().ok_or(ExchangeError::FieldLength {
        field,
        expected: 32,
        found: bytes.len(),
    })
}

/// Digest over the keys that forked and where; none where no key did.
fn hash_forks(frontier: &Frontier) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key(FORK_ROOT_CONTEXT);
    let mut any = false;
    for (key, feed) in &frontier.feeds {
        if let Some(seq) = feed.forked_seq {
            hasher.update(key.as_bytes()).update(&seq.to_be_bytes());
            any = true;
        }
    }
    any.then(|| *hasher.finalize().as_bytes())
}
