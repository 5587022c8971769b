// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The node's own entries: "I hold what this entry has as ancestors".
//!
//! Written when there is something to acknowledge, at most once per interval, or when somebody asks.
//! Cites nothing whose effective time is far ahead of this node's clock. The head file is durable
//! before the entry is stored, so that a restored backup does not fork the node's feed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use constancia_ledger::chain::ChainError;
use constancia_ledger::entry::{
    Draft, Kind, Payload, SignError, VerifiedEntry, decode_entry, sign_draft,
};
use constancia_ledger::event::{self, KeyScope};
use constancia_ledger::fault::Coded as _;

use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::replica::{Origin, Outcome, Replica, SigningPlace};
use constancia_ledger::store::{HeadError, HeadFile, HeadVerdict, LockPatience, check_head};
use constancia_proto::v1;
use ed25519_dalek::{Signature, Signer};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::error::NodeError;
use crate::failure::join_causes;
use crate::heads::{ask_heads, find_head};
use crate::limits::CLOCK_AHEAD_MS_MAX;
use crate::live_replica::{LiveReplica, run_blocking};
use crate::peers::Peers;

/// The key that a node acknowledges with.
#[derive(Clone)]
pub struct NodeKey {
    /// Its public half.
    pub public: PublicKey,
    /// Signs.
    pub signer: Arc<dyn Signer<Signature> + Send + Sync>,
    /// The private key's file: the head file stands beside it. None keeps no head file, which only
    /// a key that is made anew for each test may do.
    pub key_path: Option<PathBuf>,
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Wait after an acknowledgement that failed: a disk that was full may have room again.
const RETRY_WAIT: Duration = Duration::from_mins(1);

/// Writes acknowledgements.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledger {
    live: LiveReplica,
    key: NodeKey,
    clock: Arc<dyn Clock>,
    peers: Peers,
    /// Somebody has said that no peer need be asked.
    offline: bool,
    /// One at a time: two would take the same slot.
    turn: Arc<Mutex<()>>,
}

impl Acknowledger {
    /// Refuses a key that the ledger does not grant with scope acknowledge.
    pub(crate) async fn new(
        live: LiveReplica,
        key: NodeKey,
        clock: Arc<dyn Clock>,
        (peers, offline): (Peers, bool),
    ) -> Result<Self, NodeError> {
        let public = key.public;
        let granted = live
            .read(move |replica| {
                let grant = replica.grants().find(&public);
                grant.is_some_and(|grant| grant.scope == KeyScope::Acknowledge)
            })
            .await;
        if granted {
            Ok(Self { live, key, clock, peers, offline, turn: Arc::default() })
        } else {
            Err(NodeError::NotANodeKey { key: public })
        }
    }

    /// Writes an acknowledgement if there is something to acknowledge; returns its id.
    pub(crate) async fn acknowledge(&self) -> Result<Option<EntryId>, NodeError> {
        let _turn = self.turn.lock().await;
        let confirmed = self.check_peers().await?;
        let this = self.clone();
        run_blocking(move || this.acknowledge_blocking(confirmed)).await
    }

    /// Whether peers hold more of this node's feed than its store, which then came from a backup: it is
    /// fetched before anything is signed. Where there are peers and none answers, nobody knows.
    ///
    /// Returns whether a peer confirms the last entry here.
    async fn check_peers(&self) -> Result<bool, NodeError> {
        let addresses = self.peers.list_addresses();
        if addresses.is_empty() || self.offline {
            return Ok(false);
        }
        let key = self.key.public;
        let asked = ask_heads(self.live.ledger(), key, addresses).await;
        let here = self.live.read(move |replica| find_head(replica, &key)).await?;
        let (mut answered, mut confirmed) = (false, false);
        for peer in asked {
            let answer = match peer.answer {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::warn!(
                        peer = %peer.address,
                        code = error.code(),
                        error = join_causes(&error),
                        "a peer does not say how far this node's feed goes there"
                    );
                    continue;
                }
            };
            answered = true;
            confirmed |= answer.head.is_some() && answer.head == here;
            if answer.head.map(|(seq, _)| seq) > here.map(|(seq, _)| seq) {
                let (address, seq) = (peer.address, answer.head.map_or(0, |(seq, _)| seq));
                return Err(NodeError::PeerAhead { address, key, seq });
            }
        }
        if answered { Ok(confirmed) } else { Err(NodeError::NoPeerAnswers) }
    }

    /// Acknowledges what lands, at most once per interval, until stopped.
    pub(crate) async fn run(self, interval: Duration, mut stop: watch::Receiver<bool>) {
        let mut landed = self.live.watch_landed();
        let mut earliest = Instant::now();
        loop {
            landed.borrow_and_update();
            tokio::select! {
                () = sleep_until(earliest) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let wait = match self.acknowledge().await {
                Ok(Some(id)) => {
                    tracing::debug!(%id, "acknowledged");
                    interval
                }
                // Nothing was written: what lands next need not wait.
                Ok(None) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(
                        code = error.code(),
                        error = join_causes(&error),
                        "cannot acknowledge"
                    );
                    interval.min(RETRY_WAIT)
                }
            };
            let now = Instant::now();
            earliest = now.checked_add(wait).unwrap_or(now);
            tokio::select! {
                changed = landed.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    fn acknowledge_blocking(&self, confirmed: bool) -> Result<Option<EntryId>, NodeError> {
        let now_ms = self.clock.now_ms();
        let cite_until_ms = now_ms.saturating_add(CLOCK_AHEAD_MS_MAX);
        let mut head_file = self.open_head_file()?;
        if let Some(head_file) = &mut head_file {
            self.drop_redacted_head(head_file)?;
            match self.find_unstored_head(head_file) {
                Ok(None) => {}
                Ok(Some(entry)) => self.put(&entry)?,
                // The key came from a backup, and whoever holds its latest entry says that this is it.
                Err(NodeError::Head(error))
                    if confirmed && matches!(*error, HeadError::KeyBehind { .. }) =>
                {
                    self.adopt_head(head_file)?;
                }
                Err(error) => return Err(error),
            }
        }
        let place = {
            let replica = self.live.shared().read();
            if !replica.has_unacknowledged(&self.key.public, cite_until_ms)? {
                return Ok(None);
            }
            replica.find_signing_place(&self.key.public, cite_until_ms, &[])?
        };
        if let Some(end) = place.end {
            let error = ChainError::of_end(self.key.public, place.seq, end);
            return Err(NodeError::Refused { id: None, source: Box::new(error.into()) });
        }
        let entry = self.sign(place, now_ms)?;
        if let Some(head_file) = &mut head_file {
            head_file.write(&entry)?;
        }
        self.put(&entry)?;
        Ok(Some(entry.id()))
    }

    /// What a decision has had dropped does not stay beside the key.
    fn drop_redacted_head(&self, file: &mut HeadFile) -> Result<(), NodeError> {
        let redacted = file.head().is_some_and(|head| {
            let replica: &Replica = &self.live.shared().read();
            replica.is_redacted(&head.id())
        });
        if redacted {
            file.drop_payload()?;
        }
        Ok(())
    }

    /// Takes the store's last entry of the key as the key's.
    fn adopt_head(&self, file: &mut HeadFile) -> Result<(), NodeError> {
        let head = {
            let replica: &Replica = &self.live.shared().read();
            match replica.frontier().feeds.get(&self.key.public).and_then(|feed| feed.head) {
                Some((_, id)) => replica.read_entry(&id)?,
                None => None,
            }
        };
        if let Some(head) = head {
            file.adopt(&head)?;
            tracing::warn!(
                seq = head.header().seq,
                "the key came from a backup: a peer confirms its latest entry"
            );
        }
        Ok(())
    }

    fn open_head_file(&self) -> Result<Option<HeadFile>, NodeError> {
        let Some(path) = &self.key.key_path else {
            return Ok(None);
        };
        let (ledger, key) = (self.live.ledger(), self.key.public);
        Ok(Some(HeadFile::open(path, ledger, key, LockPatience::JustKilled)?))
    }

    /// The last signed entry, where a crash kept it from the store.
    fn find_unstored_head(&self, file: &HeadFile) -> Result<Option<VerifiedEntry>, NodeError> {
        let store_head = {
            let replica: &Replica = &self.live.shared().read();
            replica.frontier().feeds.get(&self.key.public).and_then(|feed| feed.head)
        };
        match check_head(self.key.public, file.head(), store_head)? {
            HeadVerdict::InStep => Ok(None),
            HeadVerdict::ReingestHead(entry) => Ok(Some(*entry)),
        }
    }

    fn sign(&self, place: SigningPlace, now_ms: u64) -> Result<VerifiedEntry, NodeError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(NodeError::Random)?;
        let event = v1::Event {
            exercise: String::new(),
            body: Some(v1::event::Body::Acknowledge(v1::Acknowledge {})),
        };
        let draft = Draft {
            seq: place.seq,
            prev: place.prev,
            seen: place.seen,
            height: place.height,
            claimed_at_ms: now_ms.max(place.claimed_at_least_ms),
            kind: Kind::Acknowledge,
            payload: Payload { bytes: event::encode(&event).into(), salt },
        };
        let signed: Result<VerifiedEntry, SignError> =
            sign_draft(draft, Some(self.live.ledger()), self.key.public, &*self.key.signer);
        Ok(signed?)
    }

    fn put(&self, entry: &VerifiedEntry) -> Result<(), NodeError> {
        let offered = vec![decode_entry(entry.to_message())];
        let ingested = self.live.ingest_blocking(offered, Origin::Local)?;
        match ingested.outcomes.into_iter().next() {
            Some((id, Outcome::Refused(error))) => {
                Err(NodeError::Refused { id, source: Box::new(error) })
            }
            Some(_) | None => Ok(()),
        }
    }
}
