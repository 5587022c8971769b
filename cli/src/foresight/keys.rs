// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What becomes of a key's entries where the key ends or its fork is settled.

use std::collections::BTreeSet;

use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::event::KeyScope;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::{KeyRecord, ProposalStatus};
use constancia_proto::v1;

use super::decision::{honoured_line, short};
use super::{Scene, key_name, list_some, name_and_summary, seats};
use crate::failure::{Explain, Failure};
use crate::ledger_view::LedgerView;
use crate::reference::key::{find_granted, list_keys};
use crate::words::{Lang, errors, foresight as words, refusals};

/// An entry of a key that a decision makes void or brings back.
struct Touched {
    seq: u64,
    line: String,
}

/// The key ends after its last honoured entry; what it wrote later is void.
pub(super) async fn list_revocation(
    scene: Scene<'_>,
    revocation: &v1::RevokeKey,
) -> Result<Vec<String>, Failure> {
    let lang = scene.lang;
    let Some(key) = PublicKey::from_slice(&revocation.key) else {
        return Ok(Vec::new());
    };
    let mut lines = vec![honoured_line(scene, &key, revocation.honoured.as_ref())];
    let from = revocation.honoured.as_ref().map_or(0, |last| last.seq.saturating_add(1));
    let (void, stands) = list_counting(scene, &key, from).await?;
    if void.is_empty() {
        lines.push(words::nothing_void(lang));
    } else {
        lines.push(words::entries_void(lang, &void.len()));
        lines.extend(show(scene, &void));
    }
    if !stands.is_empty() {
        lines.push(words::entries_stand(lang, &stands.len()));
        lines.extend(show(scene, &stands));
    }
    lines.extend(other_keys_line(scene, &key));
    Ok(lines)
}

/// A retirement by this member would have an effect (R28).
///
/// # Errors
/// [`RetirementError`].
pub(super) fn check_retirement(scene: Scene<'_>, key: &PublicKey) -> Result<(), Failure> {
    let Some(granted) = find_granted(scene.view, key) else {
        return Ok(());
    };
    let owner = granted.member.slug.to_string();
    if scene.member.is_some_and(|member| member != owner) {
        return Err(RetirementError::NotOwn { key: *key, owner }.into());
    }
    match granted.record.cut_off {
        Some(end) => Err(RetirementError::Ended { key: *key, by: end.by }.into()),
        None => Ok(()),
    }
}

/// Why a key's retirement would have no effect.
#[derive(Debug)]
enum RetirementError {
    /// It is another member's.
    NotOwn { key: PublicKey, owner: String },
    /// It has ended.
    Ended { key: PublicKey, by: EntryId },
}

impl Explain for RetirementError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOwn { .. } => "retire.not_own_key",
            Self::Ended { .. } => "retire.ended",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotOwn { key, owner } => refusals::retire_not_own(lang, &key.short(), owner),
            Self::Ended { key, by } => refusals::retire_ended(lang, &key.short(), &by.short()),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        errors::hint(lang, self.code()).map(ToOwned::to_owned)
    }
}

/// The key ends after its last entry: nothing becomes void.
pub(super) fn list_retirement(scene: Scene<'_>, key: &PublicKey) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(granted) = find_granted(scene.view, key) {
        lines.extend(last_entry_line(scene, granted.record));
    }
    lines.push(words::retirement_is_final(scene.lang));
    lines.extend(other_keys_line(scene, key));
    lines
}

/// That a key ends after its last entry; none where it has ended already.
pub(super) fn last_entry_line(scene: Scene<'_>, key: &KeyRecord) -> Option<String> {
    if key.cut_off.is_some() {
        return None;
    }
    let name = key_name(scene, &key.key);
    Some(match key.head {
        Some(head) => words::key_ends_after(scene.lang, &name, &head.seq, &head.entry.short()),
        None => words::key_ends_unused(scene.lang, &name),
    })
}

/// That nobody of the member can sign any more.
fn other_keys_line(scene: Scene<'_>, key: &PublicKey) -> Option<String> {
    let granted = find_granted(scene.view, key)?;
    let member = granted.member.slug.as_str();
    let signs = |record: &KeyRecord| seats::signs(record) && record.key != *key;
    let is_last = granted.record.scope == KeyScope::Sign && !granted.member.keys.iter().any(signs);
    is_last.then(|| words::no_other_key(scene.lang, &scene.view.member_name(scene.lang, member)))
}

/// Up to the honoured entry its branch counts again.
pub(super) async fn list_resolution(
    scene: Scene<'_>,
    resolution: &v1::ResolveFork,
) -> Result<Vec<String>, Failure> {
    let lang = scene.lang;
    let Some(key) = PublicKey::from_slice(&resolution.key) else {
        return Ok(Vec::new());
    };
    let forks = scene.desk.list_forks(key.as_bytes()).await?;
    let entries: Vec<v1::EntryView> = forks.into_iter().flat_map(|fork| fork.entries).collect();
    let name = key_name(scene, &key);
    let mut lines = Vec::new();
    match &resolution.honoured {
        None => lines.push(words::fork_counts_nothing(lang, &name, &resolution.seq)),
        Some(honoured) => {
            let entry = short(&honoured.id);
            lines.push(words::fork_counts_to(lang, &name, &honoured.seq, &entry));
            let back = list_branch(scene, &entries, &honoured.id);
            lines.push(words::entries_back(lang, &back.len()));
            lines.extend(show(scene, &back));
        }
    }
    lines.push(words::fork_writes_no_more(lang));
    Ok(lines)
}

/// The entries of the branch that ends at `last`, the first first.
fn list_branch(scene: Scene<'_>, entries: &[v1::EntryView], last: &[u8]) -> Vec<Touched> {
    let mut branch = Vec::new();
    let mut next = last.to_vec();
    while let Some(view) = entries.iter().find(|view| view.id == next) {
        let header = view.entry.as_ref().and_then(|entry| decode_header(&entry.header).ok());
        let Some(header) = header else {
            break;
        };
        branch.push(Touched { seq: header.seq, line: entry_line(scene, header.seq, view) });
        match header.prev.parent() {
            Some(prev) => next = prev.as_bytes().to_vec(),
            None => break,
        }
    }
    branch.reverse();
    branch
}

/// Entries of a key from `from` on that count: those that would not any more, and those at which
/// something took effect, for what passed stands.
async fn list_counting(
    scene: Scene<'_>,
    key: &PublicKey,
    from: u64,
) -> Result<(Vec<Touched>, Vec<Touched>), Failure> {
    let Some(granted) = find_granted(scene.view, key) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let member = granted.member.slug.to_string();
    let decisive = list_decisive(scene.view);
    let (mut void, mut standing) = (Vec::new(), Vec::new());
    let request = v1::ListEntriesRequest { member, ..Default::default() };
    scene
        .desk
        .list_entries(request, &mut |view| {
            let header = view.entry.as_ref().and_then(|entry| decode_header(&entry.header).ok());
            let counts = ["counted", "listed"].contains(&view.standing.as_str());
            let stands = EntryId::from_slice(&view.id).is_some_and(|id| decisive.contains(&id));
            if let Some(header) = header
                && header.author == *key
                && header.seq >= from
                && counts
            {
                let line = entry_line(scene, header.seq, &view);
                let found = if stands { &mut standing } else { &mut void };
                found.push(Touched { seq: header.seq, line });
            }
            Ok(())
        })
        .await?;
    void.sort_by_key(|entry| entry.seq);
    standing.sort_by_key(|entry| entry.seq);
    Ok((void, standing))
}

/// Entries at which decisions passed and keys ended.
fn list_decisive(view: &LedgerView) -> BTreeSet<EntryId> {
    let passed = view.governance.proposals.iter().filter_map(|record| match &record.status {
        ProposalStatus::Passed { at } | ProposalStatus::PassedVoid { at, .. } => Some(*at),
        ProposalStatus::Open
        | ProposalStatus::Ready
        | ProposalStatus::Blocked
        | ProposalStatus::Withdrawn { .. }
        | ProposalStatus::Void => None,
    });
    let ended = list_keys(view).filter_map(|key| key.record.cut_off.map(|end| end.by));
    // The charter stands whatever becomes of its author's key.
    passed.chain(ended).chain([view.governance.charter.entry]).collect()
}

fn entry_line(scene: Scene<'_>, seq: u64, view: &v1::EntryView) -> String {
    let (name, summary) = name_and_summary(scene, view);
    format!("#{seq} {} {name} {summary}", short(&view.id)).trim_end().to_owned()
}

fn show(scene: Scene<'_>, entries: &[Touched]) -> Vec<String> {
    list_some(scene.lang, entries.iter().map(|entry| &entry.line))
}
