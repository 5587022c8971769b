// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A ledger like the ones that members keep: officials who report in sittings and cite what they
//! have seen, nodes that acknowledge, every figure another one. The same for the same size, always.

use bytes::Bytes;
use constancia_ledger::entry::{
    Header, Kind, Payload, Prev, UnverifiedEntry, decode_entry, verify::SIGNATURE_CONTEXT,
};
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_proto::v1;
use constancia_tests::acts;
use constancia_tests::network::Dice;
use constancia_tests::people::{FOUNDED_AT_MS, Person, charter, found_with, public};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use prost::Message as _;
use rayon::prelude::*;

/// Members, each with the keys of an official, of a deputy and of a node.
pub const MEMBERS: u8 = 24;
/// Indicators that each member answers for.
const INDICATORS_EACH: usize = 8;
/// Reports that an official signs in one sitting, at most.
const SITTING_MAX: usize = 20;
/// Tips of others that the first entry of a sitting cites, at most.
const CITED_MAX: usize = 3;
/// Entries after which a node acknowledges what it holds.
const ACKNOWLEDGE_EVERY: usize = 200;
/// Between two entries, on everybody's clock.
const STEP_MS: u64 = 60_000;
/// The first year that is reported about: there are more entries than months since 1900.
const FIRST_YEAR: usize = 1_900;

/// A ledger: its charter, and everything else in an order in which parents come first.
#[derive(Debug)]
pub struct Workload {
    /// The charter.
    pub charter: UnverifiedEntry,
    /// The ledger.
    pub ledger: LedgerId,
    /// Who writes.
    pub people: Vec<Person>,
    /// What they wrote.
    pub entries: Vec<v1::SignedEntry>,
}

/// One signature, ready to be checked with nothing left to do but the check.
#[derive(Debug)]
pub struct BareSignature {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

impl BareSignature {
    /// Checks it.
    pub fn holds(&self) -> bool {
        self.key.verify_strict(&self.message, &self.signature).is_ok()
    }
}

impl Workload {
    /// So many entries beside the charter.
    ///
    /// # Panics
    /// Where the charter is refused, which is an error in this program.
    pub fn new(count: usize) -> Self {
        let people = Person::cast(MEMBERS);
        let charter = found_with(make_charter(&people), &people[0]);
        let decoded = decode_entry(charter).expect("a charter");
        let ledger = LedgerId::of_charter(decoded.id());
        let entries = Scribe::new(&people, ledger).write(count);
        Self { charter: decoded, ledger, people, entries }
    }

    /// The entries, decoded.
    ///
    /// # Panics
    /// Where one is refused, which is an error in this program.
    pub fn decoded(&self) -> Vec<UnverifiedEntry> {
        self.entries.iter().map(|entry| decode_entry(entry.clone()).expect("an entry")).collect()
    }

    /// The entries' signatures, up to so many.
    ///
    /// # Panics
    /// Where an entry has none, which is an error in this program.
    pub fn bare_signatures(&self, count: usize) -> Vec<BareSignature> {
        self.entries.iter().take(count).map(|entry| bare_signature(entry, self.ledger)).collect()
    }

    /// What was signed and what belongs to it: headers, signatures, payloads, salts.
    pub fn signed_bytes(&self) -> usize {
        self.entries.iter().map(signed_bytes).sum()
    }

    /// The next entries of a key that has written nothing yet, citing nothing: for writers who do
    /// not know of each other.
    pub fn write_alone(&self, key: &SigningKey, count: usize) -> Vec<v1::SignedEntry> {
        let mut feed = Feed::new(key);
        let drafts = (0..count)
            .map(|number| {
                let at_ms = FOUNDED_AT_MS + STEP_MS;
                feed.write(self.ledger, Vec::new(), 0, (at_ms, Kind::Fact, report(number, 0)))
            })
            .collect();
        sign_all(drafts, self.ledger, std::slice::from_ref(key))
    }
}

/// Bytes of an entry's header, signature, payload and salt, without any framing.
pub fn signed_bytes(entry: &v1::SignedEntry) -> usize {
    let optional = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
    entry.header.len() + entry.signature.len() + optional(&entry.payload) + optional(&entry.salt)
}

fn bare_signature(entry: &v1::SignedEntry, ledger: LedgerId) -> BareSignature {
    let header = v1::Header::decode(entry.header.clone()).expect("a header");
    let author = header.author.as_ref().try_into().expect("a key");
    BareSignature {
        key: VerifyingKey::from_bytes(author).expect("a point"),
        message: message_to_sign(ledger, &entry.header),
        signature: Signature::from_slice(&entry.signature).expect("a signature"),
    }
}

fn message_to_sign(ledger: LedgerId, header: &[u8]) -> Vec<u8> {
    [SIGNATURE_CONTEXT, ledger.as_bytes(), header].concat()
}

/// The charter of the tests, with a longer plan.
fn make_charter(people: &[Person]) -> v1::Charter {
    let mut charter = charter(people);
    let Some(plan) = &mut charter.plan else {
        return charter;
    };
    let Some(model) = plan.indicators.first().cloned() else {
        return charter;
    };
    plan.indicators = (0..people.len() * INDICATORS_EACH)
        .map(|number| {
            let mut indicator = model.clone();
            indicator.id = indicator_id(number);
            if let Some(responsible) = &mut indicator.responsible {
                responsible.members = vec![people[number / INDICATORS_EACH].slug.clone()];
            }
            indicator
        })
        .collect();
    charter
}

fn indicator_id(number: usize) -> String {
    format!("I-{number:03}")
}

/// The n-th report of a member: one indicator and one month after another, with a total and its
/// breakdown by sex.
fn report(number: usize, member: usize) -> Bytes {
    let indicator = member * INDICATORS_EACH + number % INDICATORS_EACH;
    let month = number / INDICATORS_EACH;
    let when = format!("{:04}-{:02}", FIRST_YEAR + month / 12, 1 + month % 12);
    let women = 17 + number % 400;
    let men = 11 + number % 300;
    let mut report = acts::report_of(&indicator_id(indicator), &when, &(women + men).to_string());
    report.observations.push(acts::cell(Some("F"), &women.to_string()));
    report.observations.push(acts::cell(Some("M"), &men.to_string()));
    encode(v1::event::Body::Report(report))
}

fn encode(body: v1::event::Body) -> Bytes {
    v1::Event { exercise: String::new(), body: Some(body) }.encode_to_vec().into()
}

/// One key's feed, as far as it is written.
struct Feed {
    author: PublicKey,
    head: Option<(u64, EntryId)>,
    height: u64,
    claimed_at_ms: u64,
    reports: usize,
}

/// A header and its payload, not signed yet.
struct Unsigned {
    author: PublicKey,
    header: Bytes,
    payload: Payload,
}

impl Feed {
    fn new(key: &SigningKey) -> Self {
        Self { author: public(key), head: None, height: 0, claimed_at_ms: 0, reports: 0 }
    }

    /// The next entry; `seen_height` is the greatest height of what it cites.
    fn write(
        &mut self,
        ledger: LedgerId,
        mut seen: Vec<EntryId>,
        seen_height: u64,
        (at_ms, kind, bytes): (u64, Kind, Bytes),
    ) -> Unsigned {
        seen.sort_unstable();
        let seq = self.head.map_or(0, |(seq, _)| seq + 1);
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&seq.to_be_bytes());
        salt[8..].copy_from_slice(&self.author.as_bytes()[..8]);
        let payload = Payload { bytes, salt };
        self.height = self.height.max(seen_height) + 1;
        self.claimed_at_ms = self.claimed_at_ms.max(at_ms);
        let header = Header {
            author: self.author,
            seq,
            prev: self.head.map_or(Prev::Ledger(ledger), |(_, id)| Prev::Entry(id)),
            seen,
            height: self.height,
            claimed_at_ms: self.claimed_at_ms,
            payload_hash: payload.hash(),
            payload_len: u32::try_from(payload.bytes.len()).expect("a short payload"),
            kind,
        }
        .encode();
        self.head = Some((seq, EntryId::of_header(&header)));
        Unsigned { author: self.author, header, payload }
    }
}

/// Writes the ledger.
struct Scribe {
    ledger: LedgerId,
    keys: Vec<SigningKey>,
    /// Officials first, then nodes.
    feeds: Vec<Feed>,
    /// For each feed, how many entries of each other one it has cited.
    cited: Vec<Vec<u64>>,
    dice: Dice,
}

impl Scribe {
    fn new(people: &[Person], ledger: LedgerId) -> Self {
        let officials = people.iter().map(|person| person.sign.clone());
        let nodes = people.iter().map(|person| person.node.clone());
        let keys: Vec<SigningKey> = officials.chain(nodes).collect();
        let mut feeds: Vec<Feed> = keys.iter().map(Feed::new).collect();
        // The founder's first entry is the charter.
        feeds[0].head = Some((0, ledger.charter()));
        feeds[0].claimed_at_ms = FOUNDED_AT_MS;
        let cited = vec![vec![0; keys.len()]; keys.len()];
        Self { ledger, keys, feeds, cited, dice: Dice::new(7) }
    }

    fn write(mut self, count: usize) -> Vec<v1::SignedEntry> {
        let members = self.keys.len() / 2;
        let mut drafts = Vec::with_capacity(count);
        let mut next_acknowledgement = ACKNOWLEDGE_EVERY;
        while drafts.len() < count {
            let official = self.dice.below(members);
            let sitting = 1 + self.dice.below(SITTING_MAX);
            for place in 0..sitting {
                let cites = if place == 0 { CITED_MAX } else { 0 };
                let number = self.feeds[official].reports;
                self.feeds[official].reports += 1;
                let what = (Kind::Fact, report(number, official));
                self.add(&mut drafts, official, cites, what);
            }
            if drafts.len() >= next_acknowledgement {
                next_acknowledgement += ACKNOWLEDGE_EVERY;
                let node = members + self.dice.below(members);
                let body = v1::event::Body::Acknowledge(v1::Acknowledge {});
                self.add(&mut drafts, node, usize::MAX, (Kind::Acknowledge, encode(body)));
            }
        }
        drafts.truncate(count);
        sign_all(drafts, self.ledger, &self.keys)
    }

    fn add(
        &mut self,
        drafts: &mut Vec<Unsigned>,
        author: usize,
        cites: usize,
        (kind, bytes): (Kind, Bytes),
    ) {
        let at_ms = FOUNDED_AT_MS + STEP_MS * u64::try_from(drafts.len()).unwrap_or(0);
        let (seen, height) = self.cite(author, cites);
        // The charter, where nothing else is seen, is at height 0.
        drafts.push(self.feeds[author].write(self.ledger, seen, height, (at_ms, kind, bytes)));
    }

    /// Heads of others that this author has not cited yet, up to so many, from any of them on.
    fn cite(&mut self, author: usize, most: usize) -> (Vec<EntryId>, u64) {
        let mut seen = Vec::new();
        let mut height = 0;
        let begin = self.dice.below(self.feeds.len());
        for step in 0..self.feeds.len() {
            let other = (begin + step) % self.feeds.len();
            let feed = &self.feeds[other];
            if let Some((seq, id)) = feed.head
                && other != author
                && seen.len() < most
                && self.cited[author][other] <= seq
            {
                self.cited[author][other] = seq + 1;
                height = feed.height.max(height);
                seen.push(id);
            }
        }
        (seen, height)
    }
}

/// Ids do not depend on signatures, so these are made on all cores.
fn sign_all(drafts: Vec<Unsigned>, ledger: LedgerId, keys: &[SigningKey]) -> Vec<v1::SignedEntry> {
    drafts
        .into_par_iter()
        .map(|draft| {
            let key = keys.iter().find(|key| public(key) == draft.author).expect("a key");
            let signature = key.sign(&message_to_sign(ledger, &draft.header));
            v1::SignedEntry {
                header: draft.header,
                signature: Bytes::copy_from_slice(&signature.to_bytes()),
                payload: Some(draft.payload.bytes),
                salt: Some(Bytes::copy_from_slice(&draft.payload.salt)),
            }
        })
        .collect()
}
