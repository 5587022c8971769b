// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a key needs to know to sign its next entry, and taking the signed entry in.

use std::collections::BTreeSet;

use bytes::Bytes;
use constancia_ledger::chain::ChainError;
use constancia_ledger::entry::{Prev, decode_entry};
use constancia_ledger::fault::Coded as _;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::replica::{IngestError, Origin, Outcome, Replica};
use constancia_proto::v1;
use tonic::Status;

use super::Office;
use crate::address::PeerAddress;
use crate::error::NodeError;
use crate::failure::to_status;
use crate::heads::{AskedPeer, ask_heads};
use crate::limits::CLOCK_AHEAD_MS_MAX;
use crate::live_replica::run_blocking;
use crate::request::{RequestError, fixed};

impl Office {
    pub(super) async fn describe_place(
        &self,
        request: v1::GetSigningContextRequest,
    ) -> Result<v1::SigningContext, Status> {
        self.require_sound()?;
        let key = PublicKey::from_bytes(fixed("key", &request.key)?);
        let besides = request
            .besides
            .iter()
            .map(|id| Ok(EntryId::from_bytes(fixed("besides", id)?)))
            .collect::<Result<Vec<_>, RequestError>>()?;
        let last_signed = if request.last_signed.is_empty() {
            None
        } else {
            Some(EntryId::from_bytes(fixed("last_signed", &request.last_signed)?))
        };
        let now_ms = self.inner.clock.now_ms();
        let cite_until_ms = now_ms.saturating_add(CLOCK_AHEAD_MS_MAX);
        let asked = if request.ask_peers { self.ask_peers(key).await? } else { Vec::new() };
        let offset = median_offset_ms(&asked, now_ms);
        let peers = asked.iter().map(describe_peer).collect();
        self.inner
            .live
            .read(move |replica| {
                let place = replica
                    .find_signing_place(&key, cite_until_ms, &besides)
                    .map_err(|error| to_status(&error))?;
                let grant = replica.grants().find(&key);
                let head = match place.head {
                    Some(id) => replica.read_message(&id).map_err(|error| to_status(&error))?,
                    None => None,
                };
                let ledger = replica.ledger();
                let prev = match place.prev {
                    Prev::Nothing | Prev::Ledger(_) => Bytes::copy_from_slice(ledger.as_bytes()),
                    Prev::Entry(id) => Bytes::copy_from_slice(id.as_bytes()),
                };
                let feed = replica.frontier().feeds.get(&key);
                let cut_off = replica.authority().cut_off(&key);
                Ok(v1::SigningContext {
                    ledger_id: Bytes::copy_from_slice(ledger.as_bytes()),
                    member: grant.map(|grant| grant.member.clone()).unwrap_or_default(),
                    scope: grant.map_or(0, |grant| grant.scope.number()),
                    next_seq: place.seq,
                    prev,
                    seen: place
                        .seen
                        .iter()
                        .map(|id| Bytes::copy_from_slice(id.as_bytes()))
                        .collect(),
                    height: place.height,
                    claimed_at_least_ms: place.claimed_at_least_ms,
                    head,
                    forked_seq: feed.and_then(|feed| feed.forked_seq),
                    peers_clock_offset_ms: offset,
                    cut_off_seq: cut_off.map(|cut_off| cut_off.end()),
                    cut_off_by: cut_off.map_or_else(Bytes::new, |cut_off| {
                        Bytes::copy_from_slice(cut_off.by.as_bytes())
                    }),
                    left_out: u32::try_from(place.left_out).unwrap_or(u32::MAX),
                    peers,
                    last_signed_redacted: last_signed.is_some_and(|id| replica.is_redacted(&id)),
                })
            })
            .await
    }

    /// Asks every peer that this store knows how far a key's feed goes there.
    async fn ask_peers(&self, key: PublicKey) -> Result<Vec<AskedPeer>, Status> {
        let folder = self.inner.folder.clone();
        let known =
            run_blocking(move || folder.map_or_else(|| Ok(Vec::new()), |it| it.list_peers()));
        let known = known.await.map_err(|error| to_status(&error))?;
        let mut addresses: BTreeSet<PeerAddress> = BTreeSet::new();
        for address in known {
            // A line that is no address is an edit gone wrong: better said than passed over.
            addresses.insert(address.parse().map_err(|error: NodeError| error.to_status())?);
        }
        if let Some(peers) = &self.inner.running.peers {
            addresses.extend(peers.list_addresses());
        }
        let ledger = self.inner.live.ledger();
        Ok(ask_heads(ledger, key, addresses.into_iter().collect()).await)
    }

    pub(super) async fn take_entry(
        &self,
        request: v1::SubmitRequest,
    ) -> Result<v1::SubmitReply, Status> {
        self.require_sound()?;
        let message = request.entry.ok_or(RequestError::FieldMissing { field: "entry" })?;
        let entry = decode_entry(message).map_err(|error| to_status(&error))?;
        let (id, key, seq) = (entry.id(), entry.header().author, entry.header().seq);
        let prev = entry.header().prev;
        let ingested = self
            .inner
            .live
            .ingest(vec![Ok(entry)], Origin::Local)
            .await
            .map_err(|error| NodeError::Store(error).to_status())?;
        let outcome = ingested.outcomes.into_iter().next().map(|(_, outcome)| outcome);
        let refuse = |error: ChainError| to_status(&IngestError::Chain(error));
        let already_held = match outcome {
            Some(Outcome::Stored { .. } | Outcome::PayloadStored) => false,
            Some(Outcome::AlreadyHeld) | None => true,
            Some(Outcome::HeldBack { missing, .. }) => {
                let expected = self.find_next_seq(key).await;
                let gap = missing.first() == prev.parent().as_ref() && expected < seq;
                let error = if gap {
                    Some(ChainError::SequenceGap { key, expected, found: seq })
                } else {
                    ChainError::of_missing(key, seq, id, &missing)
                };
                let unheld = ChainError::ParentMissing { key, seq, missing: id };
                return Err(refuse(error.unwrap_or(unheld)));
            }
            Some(Outcome::Fork { key, seq }) => {
                return Err(refuse(ChainError::Forked { key, forked_seq: seq, seq }));
            }
            Some(Outcome::NotNeeded { end }) => {
                return Err(refuse(ChainError::of_end(key, seq, end)));
            }
            Some(Outcome::Refused(error)) => return Err(to_status(&error)),
        };
        let row = self.inner.live.read(move |replica| replica.find(&id)).await;
        let arrival = row.map_err(|error| to_status(&error))?.map_or(0, |row| row.facts.arrival);
        Ok(v1::SubmitReply { id: Bytes::copy_from_slice(id.as_bytes()), arrival, already_held })
    }

    /// The seq after the key's last entry here.
    async fn find_next_seq(&self, key: PublicKey) -> u64 {
        let find = move |replica: &Replica| {
            let head = replica.frontier().feeds.get(&key).and_then(|feed| feed.head);
            head.map_or(0, |(seq, _)| seq.saturating_add(1))
        };
        self.inner.live.read(find).await
    }

    pub(super) async fn acknowledge(&self) -> Result<v1::AcknowledgeNowReply, Status> {
        self.require_sound()?;
        let Some(acknowledger) = &self.inner.running.acknowledger else {
            return Err(NodeError::NoNodeKey.to_status());
        };
        let id = acknowledger.acknowledge().await.map_err(|error| error.to_status())?;
        let id = id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes()));
        Ok(v1::AcknowledgeNowReply { id })
    }
}

fn describe_peer(asked: &AskedPeer) -> v1::PeerHead {
    let head = asked.answer.as_ref().ok().and_then(|answer| answer.head);
    v1::PeerHead {
        address: asked.address.to_string(),
        error_code: asked.answer.as_ref().err().map_or("", |error| error.code()).to_owned(),
        seq: head.map(|(seq, _)| seq),
        id: head.map_or_else(Bytes::new, |(_, id)| Bytes::copy_from_slice(id.as_bytes())),
    }
}

/// How far this clock is from the median of the peers', milliseconds; of two in the middle the earlier.
fn median_offset_ms(asked: &[AskedPeer], now_ms: u64) -> Option<i64> {
    let answers = asked.iter().filter_map(|asked| asked.answer.as_ref().ok());
    let mut clocks: Vec<u64> = answers.map(|answer| answer.clock_ms).collect();
    clocks.sort_unstable();
    let median = clocks.get(clocks.len().saturating_sub(1) / 2)?;
    i64::try_from(i128::from(now_ms).saturating_sub(i128::from(*median))).ok()
}
