// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A short ledger with everything in it that a log can hold, as acts that a replica takes in one by
//! one, and what a replica holds after each of them.
//!
//! Entries alone and several at once, a child before its parent, a payload that comes late and one
//! that never comes, a fork that the replica sees itself and one that it is told of.

use std::collections::BTreeMap;

use constancia_ledger::entry::{ForkProof, UnverifiedEntry, VerifiedEntry, decode_entry};
use constancia_ledger::id::{EntryId, FrontierRoot, PublicKey};
use constancia_ledger::index::Index as _;
use constancia_ledger::replica::{Origin, Replica};
use constancia_ledger::store::StoreError;
use constancia_proto::v1;

use crate::network::{charter, make_entry, new_replica, put};

const FOUNDER: u8 = 10;
const WRITER: u8 = 11;
const FORKER: u8 = 12;
const NODE: u8 = 101;
const OTHER_FORKER: u8 = 102;

/// What is handed to a replica at once, and acknowledged at once.
#[derive(Clone, Debug)]
pub enum Act {
    /// Entries, some of them perhaps without their payload.
    Entries(Vec<v1::SignedEntry>),
    /// A fork proof.
    Proof(Box<v1::ForkProof>),
}

/// What a replica holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Every entry, byte for byte as it is sent.
    pub entries: BTreeMap<EntryId, v1::SignedEntry>,
    /// Every forked key, and from where on.
    pub forked: BTreeMap<PublicKey, u64>,
    /// The frontier root.
    pub root: FrontierRoot,
}

impl Holding {
    /// What this replica holds.
    ///
    /// # Errors
    /// Where the store says something else than it did.
    pub fn of(replica: &Replica) -> Result<Self, StoreError> {
        let mut ids = Vec::new();
        replica.rows().walk_entries(&mut |row| {
            ids.push(row.facts.id);
            Ok(true)
        })?;
        let mut entries = BTreeMap::new();
        for id in ids {
            // Both ways of reading: to send it, and through every check of an entry from outside.
            let message = replica.read_message(&id)?.expect("it has a row");
            assert_eq!(replica.read_entry(&id)?.expect("it has a row").to_message(), message);
            entries.insert(id, message);
        }
        let proofs = replica.list_fork_proofs()?;
        let forked = proofs.iter().map(|proof| (proof.key(), proof.seq())).collect();
        Ok(Self { entries, forked, root: replica.frontier().root() })
    }

    /// Whether everything in `less` is in this: an entry may have got its payload meanwhile.
    pub fn covers(&self, less: &Self) -> bool {
        let has_entry = |(id, message): (&EntryId, &v1::SignedEntry)| {
            self.entries
                .get(id)
                .is_some_and(|held| held == message || without_payload(held) == *message)
        };
        let has_fork =
            |(key, seq): (&PublicKey, &u64)| self.forked.get(key).is_some_and(|held| held <= seq);
        less.entries.iter().all(has_entry) && less.forked.iter().all(has_fork)
    }
}

/// An entry as it comes where its payload does not.
pub fn without_payload(message: &v1::SignedEntry) -> v1::SignedEntry {
    v1::SignedEntry { payload: None, salt: None, ..message.clone() }
}

/// A ledger, act by act.
#[derive(Clone, Debug)]
pub struct Everything {
    /// The first entry.
    pub charter: UnverifiedEntry,
    /// What follows.
    pub acts: Vec<Act>,
    /// What a replica holds after none of the acts, after one, after two …
    pub after: Vec<Holding>,
}

impl Everything {
    /// Always the same ledger.
    pub fn new() -> Self {
        let charter = charter(3);
        let mut made =
            Making { replica: new_replica(&charter), acts: Vec::new(), after: Vec::new() };
        made.look();

        made.entries(&[WRITER]);
        made.entries(&[FOUNDER, NODE, WRITER]);
        let late = make_entry(&made.replica, NODE, 1);
        made.act(Act::Entries(vec![without_payload(&late.to_message())]));
        made.entries(&[FORKER]);
        made.act(Act::Entries(vec![late.to_message()]));
        made.backwards(WRITER);
        let rivals = [2, 3].map(|salt| make_entry(&made.replica, FORKER, salt));
        made.act(Act::Entries(vec![rivals[0].to_message()]));
        made.act(Act::Entries(vec![rivals[1].to_message()]));
        let rivals = [4, 5].map(|salt| make_entry(&made.replica, OTHER_FORKER, salt));
        let proof = ForkProof::of_entries(made.replica.ledger(), &rivals[0], &rivals[1]).unwrap();
        made.act(Act::Proof(Box::new(proof.to_message())));
        let never = make_entry(&made.replica, NODE, 6);
        made.act(Act::Entries(vec![without_payload(&never.to_message())]));
        made.entries(&[FOUNDER]);
        Self { charter, acts: made.acts, after: made.after }
    }

    /// What a replica holds in the end.
    pub fn holding(&self) -> &Holding {
        self.after.last().expect("at least the charter")
    }
}

impl Default for Everything {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes an act in; what it brings is durable when this returns.
///
/// # Errors
/// Where the store fails.
pub fn take(replica: &mut Replica, act: &Act) -> Result<(), StoreError> {
    match act {
        Act::Entries(messages) => {
            let offered = messages.iter().cloned().map(decode_entry).collect();
            replica.ingest(offered, Origin::Local).map(drop)
        }
        Act::Proof(proof) => replica.ingest_proofs(std::slice::from_ref(&**proof)).map(drop),
    }
}

struct Making {
    replica: Replica,
    acts: Vec<Act>,
    after: Vec<Holding>,
}

impl Making {
    fn look(&mut self) {
        self.after.push(Holding::of(&self.replica).unwrap());
    }

    fn act(&mut self, act: Act) {
        take(&mut self.replica, &act).unwrap();
        self.acts.push(act);
        self.look();
    }

    /// The next entries of these keys, each citing those before it, in one act.
    fn entries(&mut self, seeds: &[u8]) {
        let made = self.write(seeds);
        self.acts.push(Act::Entries(made.iter().map(VerifiedEntry::to_message).collect()));
        self.look();
    }

    /// Two entries of a key in one act, the second first.
    fn backwards(&mut self, seed: u8) {
        let mut made = self.write(&[seed, seed]);
        made.reverse();
        self.acts.push(Act::Entries(made.iter().map(VerifiedEntry::to_message).collect()));
        self.look();
    }

    fn write(&mut self, seeds: &[u8]) -> Vec<VerifiedEntry> {
        let mut made = Vec::new();
        for seed in seeds {
            let entry = make_entry(&self.replica, *seed, 9);
            put(&mut self.replica, std::slice::from_ref(&entry));
            made.push(entry);
        }
        made
    }
}
