// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Seeded people with fixed keys, the charter that they found a ledger with, and desks at which they
//! write. No clock: every entry is told its time.

use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::entry::{
    Draft, ForkProof, Kind, Payload, UnverifiedEntry, VerifiedEntry, decode_entry, sign_draft,
};
use constancia_ledger::event::Event;
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::replay::Replay;
use constancia_ledger::replica::{Ingested, Origin, Replica};
use constancia_ledger::store::{MemoryLog, MemoryRows};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use ed25519_dalek::SigningKey;
use prost::Message as _;

/// When every test ledger begins: 2024-01-01T06:00:00Z, midnight of the plan's day.
pub const FOUNDED_AT_MS: u64 = 1_704_088_800_000;

/// An hour.
pub const HOUR_MS: u64 = 3_600_000;

/// A day.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// A member, with the keys of its signatory and of its node. Person 0 is the founder and
/// responsible for the indicators `I-01` and `I-02`, person 1 for `I-03`.
#[derive(Clone, Debug)]
pub struct Person {
    /// Names the member: `miembro-00`.
    pub slug: String,
    /// What it is: of three, the last is civil society.
    pub class: v1::MemberClass,
    /// Signs submissions.
    pub sign: SigningKey,
    /// Signs submissions too, elsewhere.
    pub deputy: SigningKey,
    /// Acknowledges.
    pub node: SigningKey,
}

impl Person {
    /// Person number `n`, always the same.
    pub fn new(n: u8) -> Self {
        let key = |purpose: u8| {
            let mut seed = [purpose; 32];
            seed[0] = n;
            SigningKey::from_bytes(&seed)
        };
        Self {
            slug: format!("miembro-{n:02}"),
            class: if n % 3 == 2 {
                v1::MemberClass::CivilSociety
            } else {
                v1::MemberClass::Institution
            },
            sign: key(1),
            deputy: key(3),
            node: key(2),
        }
    }

    /// So many people.
    pub fn cast(count: u8) -> Vec<Self> {
        (0..count).map(Self::new).collect()
    }

    /// The signatory's public key.
    pub fn key(&self) -> PublicKey {
        public(&self.sign)
    }

    /// The node's public key.
    pub fn node_key(&self) -> PublicKey {
        public(&self.node)
    }
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

fn text(es: &str) -> v1::Text {
    v1::Text { es: es.to_owned(), ..v1::Text::default() }
}

/// A technical sheet, as short as may be.
pub fn indicator(id: &str, unit: &str, responsible: &str) -> v1::Indicator {
    v1::Indicator {
        id: id.to_owned(),
        pillar: "p".to_owned(),
        name: Some(text(&format!("Indicador {id}"))),
        unit: unit.to_owned(),
        kind: v1::IndicatorKind::Output.into(),
        direction: v1::Direction::Ascending.into(),
        scope: v1::IndicatorScope::Domestic.into(),
        standing: v1::IndicatorStanding::Plan.into(),
        responsible: Some(v1::Responsible {
            members: vec![responsible.to_owned()],
            none: None,
            source: None,
        }),
        ..v1::Indicator::default()
    }
}

/// A charter of a small plan: indicators `I-01` (victims), `I-02` (percent) and `I-03` (persons), one
/// line of action `L-1`; backdating, unanswered challenges and silence are judged at 30, 30 and 90
/// days.
pub fn charter(people: &[Person]) -> v1::Charter {
    let mut keys = Vec::new();
    for person in people {
        for (key, scope, office) in [
            (person.key(), v1::KeyScope::Sign, "Dirección General"),
            (public(&person.deputy), v1::KeyScope::Sign, "Subdirección"),
            (person.node_key(), v1::KeyScope::Acknowledge, ""),
        ] {
            keys.push(v1::KeyGrant {
                key: Bytes::copy_from_slice(key.as_bytes()),
                member: person.slug.clone(),
                scope: scope.into(),
                office: office.to_owned(),
                appointment: None,
            });
        }
    }
    keys.sort_by(|one, other| one.key.cmp(&other.key));
    v1::Charter {
        name: "prueba".to_owned(),
        plan: Some(plan(people)),
        members: people
            .iter()
            .map(|person| v1::Member {
                slug: person.slug.clone(),
                class: person.class.into(),
                name: Some(text(&format!("Miembro {}", person.slug))),
                source: None,
                url: String::new(),
            })
            .collect(),
        keys,
        rules: Some(v1::Rules {
            rules_version: 1,
            council: people.iter().map(|person| person.slug.clone()).collect(),
            quorum: u32::try_from(people.len() / 2 + 1).unwrap(),
            limits: Some(v1::FindingLimits {
                backdating_days: Some(30),
                challenge_days: Some(30),
                author_silent_days: Some(90),
                ..v1::FindingLimits::default()
            }),
            ..v1::Rules::default()
        }),
    }
}

fn plan(people: &[Person]) -> v1::Plan {
    let responsible = |n: usize| people.get(n).unwrap_or(&people[0]).slug.as_str();
    v1::Plan {
        id: "plan-de-prueba".to_owned(),
        title: Some(text("Plan de prueba")),
        utc_offset_minutes: -360,
        pillars: vec![v1::Pillar { id: "p".to_owned(), name: Some(text("Pilar")), source: None }],
        objectives: vec![v1::Objective {
            id: "O-1".to_owned(),
            pillar: "p".to_owned(),
            name: Some(text("Objetivo")),
            source: None,
        }],
        lines: vec![v1::LineOfAction {
            id: "L-1".to_owned(),
            objective: "O-1".to_owned(),
            name: Some(text("Línea")),
            ..v1::LineOfAction::default()
        }],
        indicators: vec![
            indicator("I-01", "victims", responsible(0)),
            indicator("I-02", "percent", responsible(0)),
            indicator("I-03", "persons", responsible(1)),
        ],
        ..v1::Plan::default()
    }
}

/// The charter's entry, signed by person 0 at [`FOUNDED_AT_MS`].
pub fn found_with(charter: v1::Charter, founder: &Person) -> v1::SignedEntry {
    let draft = Draft {
        seq: 0,
        prev: constancia_ledger::entry::Prev::Nothing,
        seen: Vec::new(),
        height: 0,
        claimed_at_ms: FOUNDED_AT_MS,
        kind: Kind::Governance,
        payload: payload(Body::Charter(charter), 0, ""),
    };
    let entry = sign_draft(draft, None, founder.key(), &founder.sign).unwrap();
    v1::SignedEntry::decode(entry.encode()).unwrap()
}

/// An event as a payload, with a salt that is always the same for a number.
pub fn payload(body: Body, seq: u64, exercise: &str) -> Payload {
    let event = v1::Event { exercise: exercise.to_owned(), body: Some(body) };
    let mut salt = [0; 16];
    salt[..8].copy_from_slice(&seq.to_be_bytes());
    Payload { bytes: event.encode_to_vec().into(), salt }
}

/// A replica in memory, at which people write.
#[derive(Debug)]
pub struct Desk {
    /// The replica.
    pub replica: Replica,
    /// Who may write.
    pub people: Vec<Person>,
    /// What events written here are marked with; empty: no exercise.
    pub exercise: String,
}

/// How an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It cites everything that the desk holds.
    All,
    /// It cites nothing but its own feed.
    Own,
}

impl Desk {
    /// A new ledger of so many people, with the charter alone.
    pub fn found(count: u8) -> Self {
        let people = Person::cast(count);
        let charter = found_with(charter(&people), &people[0]);
        Self::open(people, charter)
    }

    /// A new ledger with another charter.
    pub fn found_as(people: Vec<Person>, charter: v1::Charter) -> Self {
        let charter = found_with(charter, &people[0]);
        Self::open(people, charter)
    }

    fn open(people: Vec<Person>, charter: v1::SignedEntry) -> Self {
        let rows = Arc::new(MemoryRows::default());
        let charter = decode_entry(charter).unwrap();
        let replica = Replica::found(charter, Box::<MemoryLog>::default(), rows).unwrap();
        Self { replica, people, exercise: String::new() }
    }

    /// Another desk that holds the charter alone.
    #[must_use]
    pub fn beside(&self) -> Self {
        let charter = self.replica.read_message(&self.ledger().charter()).unwrap().unwrap();
        Self::open(self.people.clone(), charter)
    }

    /// The ledger.
    pub fn ledger(&self) -> LedgerId {
        self.replica.ledger()
    }

    /// A person's deputy signs an event, citing everything that the desk holds.
    pub fn write_as_deputy(&mut self, person: usize, at_ms: u64, body: Body) -> EntryId {
        let key = self.people[person].deputy.clone();
        self.write_with(&key, at_ms, body, Sight::All)
    }

    /// A person signs an event, citing everything that the desk holds.
    pub fn write(&mut self, person: usize, at_ms: u64, body: Body) -> EntryId {
        let key = self.people[person].sign.clone();
        self.write_with(&key, at_ms, body, Sight::All)
    }

    /// A person signs an event about held entries beyond their key's end, and cites them.
    pub fn write_about(
        &mut self,
        person: usize,
        at_ms: u64,
        body: Body,
        about: &[EntryId],
    ) -> EntryId {
        let key = self.people[person].sign.clone();
        let author = public(&key);
        let (_, kind) = Event::name_and_kind(&body);
        let place = self.replica.find_signing_place(&author, u64::MAX, about).unwrap();
        let draft = Draft {
            seq: place.seq,
            prev: place.prev,
            payload: payload(body, place.seq, &self.exercise),
            seen: place.seen,
            height: place.height,
            claimed_at_ms: at_ms.max(place.claimed_at_least_ms),
            kind,
        };
        let entry = sign_draft(draft, Some(self.ledger()), author, &key).unwrap();
        self.store(&entry)
    }

    /// A person signs an event without having seen anything new.
    pub fn write_blind(&mut self, person: usize, at_ms: u64, body: Body) -> EntryId {
        let key = self.people[person].sign.clone();
        self.write_with(&key, at_ms, body, Sight::Own)
    }

    /// A person's node acknowledges everything that the desk holds.
    pub fn acknowledge(&mut self, person: usize, at_ms: u64) -> EntryId {
        let key = self.people[person].node.clone();
        self.write_with(&key, at_ms, Body::Acknowledge(v1::Acknowledge {}), Sight::All)
    }

    /// Signs with any key, and takes the entry in.
    pub fn write_with(
        &mut self,
        key: &SigningKey,
        at_ms: u64,
        body: Body,
        sight: Sight,
    ) -> EntryId {
        let entry = self.sign(key, at_ms, body, sight);
        self.store(&entry)
    }

    fn store(&mut self, entry: &VerifiedEntry) -> EntryId {
        let message = v1::SignedEntry::decode(entry.encode()).unwrap();
        let ingested = self.take([message]);
        assert!(
            matches!(ingested.outcomes[0].1, constancia_ledger::replica::Outcome::Stored { .. }),
            "{ingested:?}"
        );
        entry.id()
    }

    /// Signs with any key; the desk does not hold the entry yet. The claimed time is raised to the
    /// previous entry's where it is below.
    pub fn sign(&self, key: &SigningKey, at_ms: u64, body: Body, sight: Sight) -> VerifiedEntry {
        let author = public(key);
        let (_, kind) = Event::name_and_kind(&body);
        let place = self.replica.find_signing_place(&author, u64::MAX, &[]).unwrap();
        let payload = payload(body, place.seq, &self.exercise);
        self.sign_payload(key, at_ms, (kind, payload), sight)
    }

    /// Signs any bytes as an event of this kind, and takes the entry in.
    pub fn write_raw(&mut self, key: &SigningKey, at_ms: u64, bytes: &[u8], kind: Kind) -> EntryId {
        let payload = Payload { bytes: Bytes::copy_from_slice(bytes), salt: [3; 16] };
        let entry = self.sign_payload(key, at_ms, (kind, payload), Sight::All);
        self.store(&entry)
    }

    fn sign_payload(
        &self,
        key: &SigningKey,
        at_ms: u64,
        (kind, payload): (Kind, Payload),
        sight: Sight,
    ) -> VerifiedEntry {
        let author = public(key);
        let place = self.replica.find_signing_place(&author, u64::MAX, &[]).unwrap();
        let height_of = |id: &EntryId| self.replica.find(id).unwrap().unwrap().facts.height;
        let own = place.prev.parent().map_or(0, |prev| height_of(&prev));
        let (seen, height) = match sight {
            Sight::All => (place.seen, place.height),
            Sight::Own => (Vec::new(), own + 1),
        };
        let draft = Draft {
            seq: place.seq,
            prev: place.prev,
            seen,
            height,
            claimed_at_ms: at_ms.max(place.claimed_at_least_ms),
            kind,
            payload,
        };
        sign_draft(draft, Some(self.ledger()), author, key).unwrap()
    }

    /// Takes messages in, as from anybody.
    pub fn take(&mut self, messages: impl IntoIterator<Item = v1::SignedEntry>) -> Ingested {
        let offered: Vec<Result<UnverifiedEntry, _>> =
            messages.into_iter().map(decode_entry).collect();
        self.replica.ingest(offered, Origin::Local).unwrap()
    }

    /// Every entry held, in order of arrival.
    pub fn messages(&self) -> Vec<v1::SignedEntry> {
        let count = self.replica.count_entries().unwrap();
        (0..count)
            .map(|arrival| {
                let id = self.replica.find_arrival(arrival).unwrap().unwrap();
                self.replica.read_message(&id).unwrap().unwrap()
            })
            .collect()
    }

    /// Takes in all that another desk holds, fork proofs first.
    pub fn sync_from(&mut self, other: &Self) {
        let proofs: Vec<_> =
            other.replica.list_fork_proofs().unwrap().iter().map(ForkProof::to_message).collect();
        self.replica.ingest_proofs(&proofs).unwrap();
        self.take(other.messages());
    }

    /// Closes the replica and opens it again from its log alone.
    #[must_use]
    pub fn restart(self) -> Self {
        let (log, _) = self.replica.into_store();
        let (replica, recovery) = Replica::recover(log, Arc::new(MemoryRows::default())).unwrap();
        assert!(recovery.is_sound(), "{recovery:?}");
        Self { replica, people: self.people, exercise: self.exercise }
    }

    /// A replay from nothing of what the desk holds.
    pub fn replay(&self) -> Replay {
        let mut replay = Replay::new(self.ledger());
        replay.catch_up(&self.replica).unwrap();
        replay
    }
}
