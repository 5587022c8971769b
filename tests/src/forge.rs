// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Signs anything: entries that honest software would never sign, for tests of refusals.
//!
//! Works on raw messages, so every field can be wrong on its own while the signature holds.

use bytes::Bytes;
use constancia_ledger::entry::{UnverifiedEntry, decode_entry};
use constancia_ledger::id::{EntryId, LedgerId, PayloadHash, PublicKey};
use constancia_proto::v1;
use ed25519_dalek::{Signer as _, SigningKey};
use prost::Message as _;

/// A key from one seed byte.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The public half of [`key`].
pub fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(key(seed).verifying_key().to_bytes())
}

/// A raw header that can be spoilt before it is signed.
#[derive(Clone, Debug)]
pub struct Forged {
    /// The header as it will be encoded.
    pub header: v1::Header,
    /// The payload.
    pub payload: Vec<u8>,
    /// Its salt.
    pub salt: Vec<u8>,
    seed: u8,
    ledger: Option<LedgerId>,
}

impl Forged {
    /// The next entry of a feed, with everything right. `previous` is none at seq 0.
    pub fn after(seed: u8, ledger: LedgerId, previous: Option<(&UnverifiedEntry, u64)>) -> Self {
        let payload = v1::Event {
            exercise: String::new(),
            body: Some(v1::event::Body::Acknowledge(v1::Acknowledge {})),
        }
        .encode_to_vec();
        let (prev, seq, height) = match previous {
            Some((entry, _)) => {
                let header = entry.header();
                (entry.id(), header.seq + 1, header.height + 1)
            }
            None => (ledger.charter(), 0, 1),
        };
        let mut forged = Self {
            header: v1::Header {
                version: 1,
                author: Bytes::copy_from_slice(public(seed).as_bytes()),
                seq,
                prev: Bytes::copy_from_slice(prev.as_bytes()),
                seen: Vec::new(),
                height,
                claimed_at_ms: previous.map_or(1_000, |(_, claimed)| claimed),
                payload_hash: Bytes::new(),
                payload_len: 0,
                kind: 2,
            },
            payload: Vec::new(),
            salt: vec![7; 16],
            seed,
            ledger: Some(ledger),
        };
        forged.set_payload(payload);
        forged
    }

    /// The founder's first entry with this event.
    pub fn charter(seed: u8, charter: v1::Charter) -> Self {
        let payload =
            v1::Event { exercise: String::new(), body: Some(v1::event::Body::Charter(charter)) }
                .encode_to_vec();
        let mut forged = Self {
            header: v1::Header {
                version: 1,
                author: Bytes::copy_from_slice(public(seed).as_bytes()),
                claimed_at_ms: 1_000,
                kind: 1,
                ..v1::Header::default()
            },
            payload: Vec::new(),
            salt: vec![7; 16],
            seed,
            ledger: None,
        };
        forged.set_payload(payload);
        forged
    }

    /// Replaces the payload; hash and length follow.
    pub fn set_payload(&mut self, payload: Vec<u8>) {
        let hash = PayloadHash::of(&self.salt, &payload);
        self.header.payload_hash = Bytes::copy_from_slice(hash.as_bytes());
        self.header.payload_len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.payload = payload;
    }

    /// Cites an entry of another feed; the height follows.
    #[must_use]
    pub fn seeing(mut self, entry: &UnverifiedEntry) -> Self {
        self.header.seen.push(Bytes::copy_from_slice(entry.id().as_bytes()));
        self.header.seen.sort();
        self.header.height = self.header.height.max(entry.header().height + 1);
        self
    }

    /// Changes the header before it is signed.
    #[must_use]
    pub fn spoil(mut self, change: impl FnOnce(&mut v1::Header)) -> Self {
        change(&mut self.header);
        self
    }

    /// Signs the header as it stands.
    pub fn sign(&self) -> v1::SignedEntry {
        self.sign_bytes(self.header.encode_to_vec())
    }

    /// Signs other header bytes than the canonical ones.
    pub fn sign_bytes(&self, header: Vec<u8>) -> v1::SignedEntry {
        let ledger =
            self.ledger.unwrap_or_else(|| LedgerId::of_charter(EntryId::of_header(&header)));
        let message = [b"constancia/v1/entry\0".as_slice(), ledger.as_bytes(), &header].concat();
        v1::SignedEntry {
            header: header.into(),
            signature: Bytes::copy_from_slice(&key(self.seed).sign(&message).to_bytes()),
            payload: Some(self.payload.clone().into()),
            salt: Some(self.salt.clone().into()),
        }
    }

    /// Signs and decodes.
    /// Panics where the entry does not decode: use [`sign`](Self::sign) then.
    pub fn entry(&self) -> UnverifiedEntry {
        decode_entry(self.sign()).expect("the forged entry decodes")
    }
}

/// A small valid charter: members `alfa`, `beta`, … with one sign key and one node key each.
///
/// Member number n signs with seed 10 + n, its node with seed 100 + n.
pub fn small_charter(members: u8) -> v1::Charter {
    let slug = |n: u8| format!("miembro-{n:03}");
    let text =
        |es: &str| Some(v1::Text { es: es.to_owned(), en: es.to_owned(), translated: vec![] });
    let mut keys = Vec::new();
    for n in 0..members {
        for (seed, scope) in [(10 + n, v1::KeyScope::Sign), (100 + n, v1::KeyScope::Acknowledge)] {
            keys.push(v1::KeyGrant {
                key: Bytes::copy_from_slice(public(seed).as_bytes()),
                member: slug(n),
                scope: scope.into(),
                ..v1::KeyGrant::default()
            });
        }
    }
    keys.sort_by(|one, other| one.key.cmp(&other.key));
    v1::Charter {
        name: "prueba".to_owned(),
        plan: Some(v1::Plan {
            id: "plan-de-prueba".to_owned(),
            title: text("Plan de prueba"),
            utc_offset_minutes: -360,
            pillars: vec![v1::Pillar { id: "p".to_owned(), name: text("Pilar"), source: None }],
            indicators: vec![v1::Indicator {
                id: "I-01".to_owned(),
                pillar: "p".to_owned(),
                name: text("Indicador"),
                unit: "persons".to_owned(),
                kind: v1::IndicatorKind::Output.into(),
                direction: v1::Direction::Ascending.into(),
                scope: v1::IndicatorScope::Domestic.into(),
                standing: v1::IndicatorStanding::Plan.into(),
                responsible: Some(v1::Responsible {
                    members: vec![slug(0)],
                    none: None,
                    source: None,
                }),
                ..v1::Indicator::default()
            }],
            ..v1::Plan::default()
        }),
        members: (0..members)
            .map(|n| v1::Member {
                slug: slug(n),
                class: v1::MemberClass::Institution.into(),
                name: text("Miembro"),
                source: None,
                url: String::new(),
            })
            .collect(),
        keys,
        rules: Some(v1::Rules {
            rules_version: 1,
            council: (0..members).map(slug).collect(),
            quorum: u32::from(members / 2 + 1),
            ..v1::Rules::default()
        }),
    }
}
