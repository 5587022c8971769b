// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether a key may sign now, and where: its right, its feed, its head file.
//!
//! Refuses whatever could make the key sign one slot twice.

use std::path::PathBuf;

use bytes::Bytes;
use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{decode_entry, verify_entry};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::{EntryId, LedgerId, PublicKey};
use constancia_ledger::store::{HeadError, HeadFile, HeadVerdict, LockPatience, check_head};
use constancia_node::heads::UNPROVEN_HEAD;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use crate::arguments::SigningArgs;
use crate::desk::Desk;
use crate::failure::{Explain, Failure, Told};
use crate::key_folder::{KeyFile, OpenKey};
use crate::ledger_view::{LedgerView, event_of};
use crate::signing::redacted_heads;
use crate::ui::Ui;
use crate::words::{Lang, errors, refusals, signing as words};

/// How far this clock may be from the peers' before signing warns, milliseconds: ten minutes.
const CLOCK_OFFSET_MS_MAX: i64 = 600_000;

/// What a signature is made at.
pub(crate) struct SigningDesk<'a> {
    pub(crate) ui: Ui,
    pub(crate) view: &'a LedgerView,
    pub(crate) args: &'a SigningArgs,
    /// A peer that holds the same last entry of the key as this store.
    pub(crate) confirmed_by: Option<String>,
}

/// The name of an event in the schema.
pub(crate) fn event_name(event: &v1::Event) -> &'static str {
    event
        .body
        .as_ref()
        .map_or("event", |body| constancia_ledger::event::Event::name_and_kind(body).0)
}

/// The key is granted, has not ended or forked, and may sign these events.
///
/// # Errors
/// [`SigningError`].
pub(crate) async fn check_right(
    desk: &Desk,
    key: &KeyFile,
    view: &LedgerView,
    events: &[v1::Event],
) -> Result<v1::SigningContext, Failure> {
    let context = desk.get_signing_context(key.public.as_bytes(), Vec::new()).await?;
    let name = key.path.clone();
    if context.member.is_empty() {
        let error = SigningError::NotGranted { path: name, key: key.public, ledger: view.ledger };
        return Err(error.into());
    }
    let signs = context.scope == i32::from(v1::KeyScope::Sign);
    if !signs && !retires_itself(&key.public, events) {
        return Err(SigningError::NodeKey { path: name, member: context.member }.into());
    }
    if let Some(seq) = context.forked_seq {
        return Err(SigningError::Forked { path: name, seq }.into());
    }
    if let Some(end) = context.cut_off_seq {
        let by = find_end(desk, &context.cut_off_by).await?;
        return Err(SigningError::KeyEnded { path: name, end, by }.into());
    }
    Ok(context)
}

/// Whether the key does nothing but end itself, which a node's key may too (R28).
fn retires_itself(key: &PublicKey, events: &[v1::Event]) -> bool {
    let retires = |event: &v1::Event| match &event.body {
        Some(Body::KeyRetired(retired)) => retired.key == key.as_bytes().as_slice(),
        Some(_) | None => false,
    };
    !events.is_empty() && events.iter().all(retires)
}

/// What ended a key.
async fn find_end(desk: &Desk, by: &Bytes) -> Result<KeyEnd, Failure> {
    let id = EntryId::from_slice(by).ok_or_else(bad_context)?;
    let view = desk.get_entry(&id.to_string()).await?;
    let by_member = match event_of(&view).and_then(|event| event.body) {
        Some(Body::KeyRetired(_)) => Some(view.member),
        Some(_) | None => None,
    };
    Ok(KeyEnd { id, by_member })
}

/// What ended a key: its member, or the council.
#[derive(Debug)]
pub(crate) struct KeyEnd {
    /// The entry that retired it, or the proposal that passed.
    id: EntryId,
    /// Who retired it; none: the council decided.
    by_member: Option<String>,
}

/// Asked before anything is signed, once no peer holds more of the key's feed than this store, and
/// returns a peer that confirms the store's last entry of the key. A key that has signed nothing here
/// may have signed elsewhere: its first entry is no exception. Where there are peers and none answers,
/// somebody has to say that no backup was restored.
///
/// # Errors
/// `head.no_peer_answers`.
pub(crate) fn check_peers(
    ui: Ui,
    context: &v1::SigningContext,
    offline: bool,
) -> Result<Option<String>, Failure> {
    let here = context.next_seq.checked_sub(1);
    for peer in context.peers.iter().filter(|peer| peer.error_code == UNPROVEN_HEAD) {
        ui.warn(&words::head_not_proven(ui.lang, &peer.address));
    }
    let confirms =
        |peer: &&v1::PeerHead| peer.seq.is_some() && peer.seq == here && peer.id == context.prev;
    let answered = context.peers.iter().any(|peer| peer.error_code.is_empty());
    if answered {
        return Ok(context.peers.iter().find(confirms).map(|peer| peer.address.clone()));
    }
    if context.peers.is_empty() {
        ui.notice(&words::no_peer_known(ui.lang));
        return Ok(None);
    }
    if !offline {
        let count = context.peers.len();
        return Err(SigningError::NoPeerAnswers { count }.into());
    }
    ui.warn(&words::signing_offline(ui.lang));
    Ok(None)
}

/// Warns where this clock is far from the peers'.
pub(crate) fn warn_of_clock(ui: Ui, context: &v1::SigningContext) {
    let offset = context.peers_clock_offset_ms.unwrap_or_default();
    if offset.unsigned_abs() > CLOCK_OFFSET_MS_MAX.unsigned_abs() {
        let minutes = offset.checked_div(60_000).unwrap_or_default();
        ui.warn(&words::clock_differs(ui.lang, &minutes));
    }
}

/// Warns where the entry cannot cite everything that is held.
pub(crate) fn warn_of_left_out(ui: Ui, context: &v1::SigningContext) {
    if context.left_out > 0 {
        ui.warn(&words::tips_left_out(ui.lang, &context.left_out));
    }
}

/// Asks whether to sign.
///
/// # Errors
/// Where somebody says no, or nobody can be asked.
pub(crate) fn ask(ui: Ui, count: usize) -> Result<(), Failure> {
    if !ui.can_ask() {
        return Err(SigningError::NobodyToAsk.into());
    }
    let question = match count {
        1 => words::ask_sign(ui.lang),
        _ => words::ask_sign_several(ui.lang, &count),
    };
    if ui.confirm(&question)? { Ok(()) } else { Err(SigningError::SaidNo.into()) }
}

impl SigningDesk<'_> {
    /// Takes hold of the key's head file, brings it and the store in step, and says where the next
    /// entry stands. The file is held until the entry is written.
    ///
    /// # Errors
    /// `head.*` where signing could fork the feed.
    pub(crate) async fn take_place(
        &self,
        desk: &Desk,
        key: &OpenKey,
        besides: Vec<Bytes>,
    ) -> Result<(HeadFile, v1::SigningContext), Failure> {
        let ledger = self.view.ledger;
        let patience = LockPatience::JustKilled;
        let opened = HeadFile::open(&key.path, ledger, key.public, patience);
        let mut head = opened.map_err(|error| Told::of(&error))?;
        redacted_heads::drop_payload(desk, &key.public, &mut head).await?;
        let mut context = desk.get_signing_context(key.public.as_bytes(), besides.clone()).await?;
        match check_head(key.public, head.head(), store_head(&context)?) {
            Ok(HeadVerdict::InStep) => {}
            Ok(HeadVerdict::ReingestHead(entry)) => {
                self.ui.notice(&words::delivering_head(self.ui.lang, &entry.id()));
                desk.submit(entry.to_message()).await?;
                context = desk.get_signing_context(key.public.as_bytes(), besides.clone()).await?;
                let again = check_head(key.public, head.head(), store_head(&context)?);
                again.map_err(|error| Told::of(&error))?;
            }
            Err(error @ HeadError::KeyBehind { .. }) => {
                // The key came from a backup. Somebody says that it is used nowhere else, or a peer
                // that holds its latest entry confirms that this is it.
                match &self.confirmed_by {
                    _ if self.args.adopt_head => {
                        let seq = self.adopt(&mut head, &context)?;
                        self.ui.warn(&words::head_adopted(self.ui.lang, &seq));
                    }
                    Some(peer) => {
                        let seq = self.adopt(&mut head, &context)?;
                        self.ui.warn(&words::head_confirmed(self.ui.lang, peer, &seq));
                    }
                    None => return Err(Told::of(&error).into()),
                }
            }
            Err(error) => return Err(Told::of(&error).into()),
        }
        Ok((head, context))
    }

    /// Takes the store's head as the key's, as somebody has confirmed.
    fn adopt(&self, head: &mut HeadFile, context: &v1::SigningContext) -> Result<u64, Failure> {
        let Some(entry) = context.head.clone() else {
            return Err(bad_context());
        };
        let decoded = decode_entry(entry).map_err(|error| Told::of(&error))?;
        let verified = verify_entry(decoded, self.view.ledger, &KnownKeys::new());
        let verified = verified.map_err(|error| Told::of(&error))?;
        head.adopt(&verified).map_err(|error| Told::of(&error))?;
        Ok(verified.header().seq)
    }
}

/// Seq and id of the key's last entry in the store.
fn store_head(context: &v1::SigningContext) -> Result<Option<(u64, EntryId)>, Failure> {
    let Some(seq) = context.next_seq.checked_sub(1) else {
        return Ok(None);
    };
    let id = |prev: &Bytes| EntryId::from_slice(prev);
    Ok(Some((seq, id(&context.prev).ok_or_else(bad_context)?)))
}

/// A signing context that contradicts itself.
pub(crate) fn bad_context() -> Failure {
    SigningError::BadContext.into()
}

/// Why nothing was signed.
#[derive(Debug)]
pub(crate) enum SigningError {
    /// The ledger grants nothing to this key.
    NotGranted { path: PathBuf, key: PublicKey, ledger: LedgerId },
    /// A node's key signs nothing but acknowledgements.
    NodeKey { path: PathBuf, member: String },
    /// The key has forked and can write no more.
    Forked { path: PathBuf, seq: u64 },
    /// The key was revoked or retired and can write no more.
    KeyEnded { path: PathBuf, end: u64, by: KeyEnd },
    /// A peer holds entries of the key that this store lacks.
    PeerAhead { path: PathBuf, address: String, seq: u64 },
    /// A peer holds another entry of the key in its last slot.
    PeerDiffers { path: PathBuf, address: String, seq: u64 },
    /// The file that keeps what peers showed of the key is not what was written.
    ShownDamaged { path: PathBuf },
    /// None of the peers that this store knows answers.
    NoPeerAnswers { count: usize },
    /// The draft is for another ledger.
    OtherLedger { draft: LedgerId, draft_name: String, here: LedgerId },
    /// Somebody was asked and said no.
    SaidNo,
    /// There is no terminal to ask at.
    NobodyToAsk,
    /// Whoever holds the store answered nonsense.
    BadContext,
}

impl Explain for SigningError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotGranted { .. } => "sign.not_granted",
            Self::NodeKey { .. } => "sign.node_key",
            Self::Forked { .. } => "sign.forked",
            Self::KeyEnded { .. } => "sign.key_ended",
            Self::PeerAhead { .. } => "head.peer_ahead",
            Self::PeerDiffers { .. } => "head.peer_differs",
            Self::ShownDamaged { .. } => "head.shown_damaged",
            Self::NoPeerAnswers { .. } => "head.no_peer_answers",
            Self::OtherLedger { .. } => "sign.other_ledger",
            Self::SaidNo => "sign.said_no",
            Self::NobodyToAsk => "sign.nobody_to_ask",
            Self::BadContext => "sign.bad_context",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Forked { .. } | Self::PeerDiffers { .. } => Fault::Conflict,
            Self::PeerAhead { .. } | Self::NoPeerAnswers { .. } => Fault::Unavailable,
            Self::BadContext | Self::ShownDamaged { .. } => Fault::Corrupt,
            Self::NotGranted { .. }
            | Self::NodeKey { .. }
            | Self::KeyEnded { .. }
            | Self::OtherLedger { .. }
            | Self::SaidNo
            | Self::NobodyToAsk => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotGranted { path, key, ledger } => {
                errors::sign_not_granted(lang, &path.display(), &key.short(), &ledger.short())
            }
            Self::NodeKey { path, member } => errors::sign_node_key(lang, &path.display(), member),
            Self::Forked { path, seq } => errors::sign_forked(lang, &path.display(), seq),
            Self::KeyEnded { path, end, by } => {
                let by = match &by.by_member {
                    Some(member) => refusals::sign_ended_by_member(lang, member, &by.id.short()),
                    None => refusals::sign_ended_by_council(lang, &by.id.short()),
                };
                refusals::sign_key_ended(lang, &path.display(), end, &by)
            }
            Self::PeerAhead { path, address, seq } => {
                errors::sign_peer_ahead(lang, &path.display(), address, seq)
            }
            Self::PeerDiffers { path, address, seq } => {
                errors::sign_peer_differs(lang, &path.display(), address, seq)
            }
            Self::ShownDamaged { path } => refusals::shown_damaged(lang, &path.display()),
            Self::NoPeerAnswers { count } => errors::sign_no_peer(lang, count),
            Self::OtherLedger { draft, draft_name, here } => {
                errors::sign_other_ledger(lang, draft_name, &draft.short(), &here.short())
            }
            Self::SaidNo => errors::sign_said_no(lang),
            Self::NobodyToAsk => errors::sign_nobody(lang),
            Self::BadContext => errors::sign_bad_context(lang),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotGranted { .. } => Some(errors::sign_not_granted_hint(lang)),
            Self::NodeKey { .. } => Some(errors::sign_node_key_hint(lang)),
            Self::Forked { .. } => Some(errors::sign_forked_hint(lang)),
            Self::KeyEnded { .. } => Some(refusals::sign_key_ended_hint(lang)),
            Self::PeerAhead { address, .. } => Some(errors::sign_peer_ahead_hint(lang, address)),
            Self::PeerDiffers { address, .. } => {
                Some(errors::sign_peer_differs_hint(lang, address))
            }
            Self::NoPeerAnswers { .. } => Some(errors::sign_no_peer_hint(lang)),
            Self::OtherLedger { .. } => Some(errors::sign_other_ledger_hint(lang)),
            Self::NobodyToAsk => Some(errors::sign_nobody_hint(lang)),
            Self::SaidNo | Self::BadContext | Self::ShownDamaged { .. } => None,
        }
    }
}
