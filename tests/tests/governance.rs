// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: R22 to R31, each on the smallest history that shows it: who may decide what, where keys end,
//! how forks are settled, what a redaction leaves.
//!
//! Method: people with fixed keys write at desks in memory; the state and what other desks come to are
//! read.

#[path = "governance/council.rs"]
mod council;
#[path = "governance/ends.rs"]
mod ends;
#[path = "governance/redaction.rs"]
mod redaction;
#[path = "governance/redaction_files.rs"]
mod redaction_files;
#[path = "governance/redaction_on_disk.rs"]
mod redaction_on_disk;
#[path = "governance/versions.rs"]
mod versions;

use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::replay::View;
use constancia_ledger::state::{ProposalStatus, State};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use constancia_tests::acts::{id_bytes, vote};
use constancia_tests::people::{DAY_MS, Desk, FOUNDED_AT_MS};

/// When most things happen.
const AT: u64 = FOUNDED_AT_MS + DAY_MS;

fn state(desk: &Desk) -> State {
    desk.replay().state(&View::Frontier).unwrap()
}

fn standing(desk: &Desk, entry: EntryId) -> String {
    let log = desk.replay().log(&View::Frontier).unwrap();
    let line = log.into_iter().find(|line| line.place.id == entry);
    let Some(line) = line else {
        return "not in the ledger".to_owned();
    };
    let standing = line.standing.unwrap();
    match standing.reason_code() {
        Some(reason) => format!("{} {reason}", standing.code()),
        None => standing.code().to_owned(),
    }
}

fn status(desk: &Desk, proposal: EntryId) -> ProposalStatus {
    let state = state(desk);
    let found = state.governance().proposals.iter().find(|it| it.act.entry == proposal);
    found.unwrap().status.clone()
}

/// Where a proposal stands, and why it is void: `passed_void other_version`.
fn outcome(desk: &Desk, proposal: EntryId) -> String {
    match status(desk, proposal) {
        ProposalStatus::PassedVoid { reason, .. } => format!("passed_void {}", reason.code()),
        other => other.code().to_owned(),
    }
}

fn propose(decision: Decision) -> Body {
    Body::Proposal(v1::Proposal { decision: Some(decision), ..v1::Proposal::default() })
}

fn key_bytes(key: &PublicKey) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(key.as_bytes())
}

fn grant(key: &PublicKey, member: &str) -> v1::KeyGrant {
    v1::KeyGrant {
        key: key_bytes(key),
        member: member.to_owned(),
        scope: v1::KeyScope::Sign.into(),
        ..v1::KeyGrant::default()
    }
}

fn grant_key(key: &PublicKey, member: &str) -> Body {
    propose(Decision::GrantKey(v1::GrantKey { grant: Some(grant(key, member)) }))
}

fn revoke(key: &PublicKey, honoured: Option<(u64, EntryId)>) -> Body {
    let honoured = honoured.map(|(seq, id)| v1::Honoured { seq, id: id_bytes(id) });
    propose(Decision::RevokeKey(v1::RevokeKey { key: key_bytes(key), honoured }))
}

fn retire_key(key: &PublicKey) -> Body {
    Body::KeyRetired(v1::KeyRetired { key: key_bytes(key), reason: String::new() })
}

fn enact(proposal: EntryId) -> Body {
    Body::Enact(v1::Enact { proposal: id_bytes(proposal) })
}

/// These people vote yes one after another, each having seen the others.
fn pass(desk: &mut Desk, proposal: EntryId, voters: &[usize]) -> EntryId {
    let mut last = proposal;
    for person in voters {
        last = desk.write(*person, AT, vote(proposal));
    }
    last
}
