// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `key rotate`: one key takes the place of another, in three steps that may lie weeks apart: the new
//! key is made and proposed, the council grants it, the old key is retired.
//!
//! Run again at any time: it looks where the ledger stands, does the step that can be done, or says
//! what is awaited. The old key ends only after the new one may write.

use std::path::{Path, PathBuf};

use clap::Args;
use constancia_ledger::event::KeyScope;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::state::{ProposalRecord, ProposalStatus};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use serde_json::json;

use crate::arguments::SigningArgs;
use crate::command::propose::key::key_bytes;
use crate::command::{Caller, Ended, FINE, text_in};
use crate::council::Tally;
use crate::desk::{self, Desk};
use crate::failure::{Explain, Failure};
use crate::key_folder::{self, KeyFile};
use crate::ledger_view::LedgerView;
use crate::passphrase;
use crate::reference::key::{GrantedKey, find_granted};
use crate::signing::place::check_right;
use crate::signing::{check_events, sign};
use crate::ui::{Tone, Ui};
use crate::words::{Lang, council, keys as words, refusals};

/// Options of a rotation.
#[derive(Clone, Debug, Args)]
pub(crate) struct RotateArgs {
    #[arg(value_name = "OLD")]
    which: String,
    #[arg(long, value_name = "NAME")]
    new: Option<String>,
    #[arg(long, conflicts_with = "new_passphrase_file")]
    no_passphrase: bool,
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", help_heading = "signing")]
    exercise: Option<String>,
    #[command(flatten)]
    signing: SigningArgs,
}

/// Where a rotation stands.
enum Step {
    /// Nobody has proposed the new key yet.
    Propose,
    /// The council has it before itself.
    Await(Box<ProposalRecord>),
    /// The new key may write; the old one may still.
    Retire,
    /// The old key has ended.
    Done { by: EntryId },
}

/// The two keys.
struct Pair<'a> {
    old: KeyFile,
    granted: GrantedKey<'a>,
    new: KeyFile,
}

/// Runs the command: the step that can be done now.
///
/// # Errors
/// Where the old key is not granted or the new one has ended, and what signing says.
pub(crate) async fn rotate(caller: &Caller, args: RotateArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let old = key_folder::show(&key_folder::locate(&caller.data, &args.which))?;
    let Some(granted) = find_granted(&view, &old.public) else {
        return Err(RotateError::NotGranted { name: old.name, key: old.public }.into());
    };
    let name = args.new.clone().unwrap_or_else(|| next_name(&old.name));
    let path = match &args.new {
        Some(name) => key_folder::locate(&caller.data, name),
        None => old.path.with_file_name(&name),
    };
    if !path.is_file() && granted.record.scope == KeyScope::Sign {
        // Before a new key is made for nothing.
        check_right(&desk, &old, &view, &[]).await?;
    }
    let new = find_or_make(caller, &args, &path, granted.record.scope)?;
    let pair = Pair { old, granted, new };
    check_successor(&view, &pair)?;
    match find_step(&desk, &view, &pair).await? {
        Step::Propose => propose(caller, &desk, &args, &pair).await,
        Step::Await(record) => {
            show_awaited(ui, &view, &pair, &record)?;
            Ok(FINE)
        }
        Step::Retire => retire(caller, &desk, &args, &pair).await,
        Step::Done { by } => {
            show_step(
                ui,
                &pair,
                "done",
                None,
                &words::rotated(ui.lang, &pair.new.name, &pair.old.name, &by.short()),
            )?;
            Ok(FINE)
        }
    }
}

/// What takes a key's place is another key and, where it is granted already, the same member's to do
/// the same with: the old one ends for good.
fn check_successor(view: &LedgerView, pair: &Pair<'_>) -> Result<(), RotateError> {
    let is_same = pair.new.public == pair.old.public;
    let fits = |new: &GrantedKey<'_>| {
        new.member.slug == pair.granted.member.slug && new.record.scope == pair.granted.record.scope
    };
    if is_same || find_granted(view, &pair.new.public).is_some_and(|new| !fits(&new)) {
        return Err(RotateError::NoSuccessor { name: pair.new.name.clone() });
    }
    Ok(())
}

/// `firma` → `firma-2` → `firma-3`: the same at every run.
fn next_name(old: &str) -> String {
    let counted = old.rsplit_once('-').and_then(|(stem, number)| {
        let next = number.parse::<u32>().ok()?.checked_add(1)?;
        Some(format!("{stem}-{next}"))
    });
    counted.unwrap_or_else(|| format!("{old}-2"))
}

fn find_or_make(
    caller: &Caller,
    args: &RotateArgs,
    path: &Path,
    scope: KeyScope,
) -> Result<KeyFile, Failure> {
    let ui = caller.ui;
    if path.is_file() {
        return key_folder::show(path);
    }
    key_folder::check_free(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let passphrase = if args.no_passphrase {
        None
    } else {
        Some(passphrase::choose_for(ui, &name, args.new_passphrase_file.as_deref())?)
    };
    let key = key_folder::create(path, passphrase.as_ref())?;
    ui.notice(&words::made(ui.lang, &key.name, &key.public.short()));
    if !key.protected && scope == KeyScope::Sign {
        ui.warn(&crate::words::faces::key_unprotected(ui.lang));
    }
    Ok(key)
}

async fn find_step(desk: &Desk, view: &LedgerView, pair: &Pair<'_>) -> Result<Step, Failure> {
    let ended = pair.granted.record.cut_off;
    match find_granted(view, &pair.new.public) {
        Some(new) if new.record.cut_off.is_some() => {
            Err(RotateError::NewEnded { name: pair.new.name.clone() }.into())
        }
        Some(_) => Ok(ended.map_or(Step::Retire, |end| Step::Done { by: end.by })),
        None => {
            for record in view.governance.proposals.iter().rev() {
                let waits = matches!(record.status, ProposalStatus::Open | ProposalStatus::Ready);
                if waits
                    && record.decision == "grant_key"
                    && grants(&view.proposal(desk, &record.act.entry).await?, &pair.new.public)
                {
                    return Ok(Step::Await(Box::new(record.clone())));
                }
            }
            Ok(Step::Propose)
        }
    }
}

fn grants(proposal: &v1::Proposal, key: &PublicKey) -> bool {
    match &proposal.decision {
        Some(Decision::GrantKey(granting)) => {
            granting.grant.as_ref().is_some_and(|grant| grant.key == key.as_bytes().as_slice())
        }
        Some(_) | None => false,
    }
}

/// Step 1: the new key is put before the council, signed with the old one.
async fn propose(caller: &Caller, desk: &Desk, args: &RotateArgs, pair: &Pair<'_>) -> Ended {
    let ui = caller.ui;
    let record = pair.granted.record;
    let grant = v1::KeyGrant {
        key: key_bytes(&pair.new.public),
        member: pair.granted.member.slug.to_string(),
        scope: record.scope.number(),
        office: record.office.clone().unwrap_or_default(),
        appointment: None,
    };
    let reason = words::rotation_reason(ui.lang, &pair.old.public.short());
    let proposal = v1::Proposal {
        decision: Some(Decision::GrantKey(v1::GrantKey { grant: Some(grant) })),
        reason: Some(text_in(ui.lang, reason)),
        evidence: Vec::new(),
    };
    ui.notice(&words::step_one(ui.lang, &pair.new.name));
    sign_step(caller, desk, (args, pair, &pair.old), Body::Proposal(proposal)).await?;
    ui.notice(&words::after_step_one(ui.lang, &pair.old.name));
    Ok(FINE)
}

/// Step 3: the old key ends, by the new one.
async fn retire(caller: &Caller, desk: &Desk, args: &RotateArgs, pair: &Pair<'_>) -> Ended {
    let ui = caller.ui;
    let reason = words::retirement_reason(ui.lang, &pair.new.public.short());
    let retired = v1::KeyRetired { key: key_bytes(&pair.old.public), reason };
    ui.notice(&words::step_three(ui.lang, &pair.new.name, &pair.old.name));
    sign_step(caller, desk, (args, pair, &pair.new), Body::KeyRetired(retired)).await?;
    let done = match pair.granted.record.scope {
        KeyScope::Sign => words::after_step_three,
        KeyScope::Acknowledge => words::after_step_three_node,
    };
    show_step(ui, pair, "retired", None, &done(ui.lang, &pair.old.name, &pair.new.name))?;
    Ok(FINE)
}

/// Signs with the key that is named; else with `key` where it signs, else with the only one that is
/// there.
async fn sign_step(
    caller: &Caller,
    desk: &Desk,
    (args, pair, key): (&RotateArgs, &Pair<'_>, &KeyFile),
    body: Body,
) -> Ended {
    let exercise = args.exercise.clone().unwrap_or_default();
    let events = [v1::Event { body: Some(body), exercise }];
    check_events(&events)?;
    let mut signing = args.signing.clone();
    if signing.key.is_none() && pair.granted.record.scope == KeyScope::Sign {
        signing.key = Some(key.path.display().to_string());
    }
    sign(caller, desk, &signing, &events).await
}

/// Step 2: who is awaited.
fn show_awaited(
    ui: Ui,
    view: &LedgerView,
    pair: &Pair<'_>,
    record: &ProposalRecord,
) -> Result<(), Failure> {
    let lang = ui.lang;
    let id = record.act.entry;
    if record.status == ProposalStatus::Ready {
        let text = format!(
            "{} {}",
            words::step_two(lang, &pair.new.name),
            council::outcome_ready(lang, &id.short())
        );
        return show_step(ui, pair, "ready", Some(id), &text);
    }
    let tally = Tally::of(record);
    let mut text = words::awaited(
        lang,
        &words::step_two(lang, &pair.new.name),
        &id.short(),
        &tally.in_words(lang),
    );
    if let Some(names) = tally.outstanding_in_words(lang, view) {
        text = format!("{text}; {names}");
    }
    show_step(ui, pair, "awaited", Some(id), &text)
}

fn show_step(
    ui: Ui,
    pair: &Pair<'_>,
    state: &str,
    proposal: Option<EntryId>,
    text: &str,
) -> Result<(), Failure> {
    if ui.json {
        return ui.answer_json(&json!({
            "state": state,
            "old": pair.old.public.to_string(),
            "new": pair.new.public.to_string(),
            "proposal": proposal.map(|id| id.to_string()),
        }));
    }
    ui.answer(&ui.paint(Tone::Strong, text))
}

/// Why a rotation cannot go on.
#[derive(Debug)]
enum RotateError {
    NotGranted { name: String, key: PublicKey },
    NewEnded { name: String },
    NoSuccessor { name: String },
}

impl Explain for RotateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotGranted { .. } => "rotate.not_granted",
            Self::NewEnded { .. } => "rotate.new_ended",
            Self::NoSuccessor { .. } => "rotate.no_successor",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotGranted { name, key } => refusals::key_not_granted(lang, &key.short(), name),
            Self::NewEnded { name } => refusals::rotate_new_ended(lang, name),
            Self::NoSuccessor { name } => refusals::rotate_no_successor(lang, name),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotGranted { .. } => Some(refusals::unknown_key_hint(lang)),
            Self::NewEnded { .. } | Self::NoSuccessor { .. } => {
                Some(refusals::rotate_new_ended_hint(lang))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_name_is_the_same_at_every_run() {
        assert_eq!(next_name("firma"), "firma-2");
        assert_eq!(next_name("firma-2"), "firma-3");
        assert_eq!(next_name("sre-firma"), "sre-firma-2");
    }
}
