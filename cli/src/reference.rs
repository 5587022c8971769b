// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries as people name them: the first digits of an id, as many as it takes; or what they are
//! about: `C-01/2023`, with the member where several report it, `C-01/2023@sspc`; of a proposal what it
//! asks for, `revoke-key/sspc`.

mod about;
pub(crate) mod key;
pub(crate) mod ledger;
mod proposal;

pub(crate) use proposal::list_names;

use constancia_ledger::event::Event;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use crate::desk::Desk;
use crate::failure::{Explain, Failure};
use crate::ledger_view::event_of;
use crate::words::{Lang, council, errors, events};

/// An entry that somebody named, with its event.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The whole id.
    pub(crate) id: EntryId,
    /// Who wrote it.
    pub(crate) member: String,
    /// What it says.
    pub(crate) body: Body,
}

/// Finds the entry that `text` names and that is one of `wanted`, events by name.
///
/// # Errors
/// Where there is none, more than one, or it is another event.
pub(crate) async fn find(
    desk: &Desk,
    text: &str,
    wanted: &'static [&'static str],
) -> Result<Named, Failure> {
    let digits = to_digits(desk, text, wanted).await?;
    let view = desk.get_entry(&digits).await?;
    let Some(id) = EntryId::from_slice(&view.id) else {
        return Err(crate::ledger_view::BadAnswer { what: "id" }.into());
    };
    let Some(body) = event_of(&view).and_then(|event| event.body) else {
        return Err(ReferenceError::NoPayload { id }.into());
    };
    let found = Event::name_and_kind(&body).0;
    if !wanted.contains(&found) {
        return Err(ReferenceError::OtherEvent { id, found, wanted }.into());
    }
    Ok(Named { id, member: view.member, body })
}

/// The first digits of the id of the entry that `text` names.
///
/// # Errors
/// Where it names none, or is about several.
pub(crate) async fn to_digits(
    desk: &Desk,
    text: &str,
    wanted: &'static [&'static str],
) -> Result<String, Failure> {
    let digits = match find_by_subject(desk, text, wanted).await? {
        Some(id) => id.to_string(),
        None => text.trim().to_lowercase(),
    };
    if !is_hex(&digits) {
        return Err(ReferenceError::NotAnId { found: text.to_owned(), wanted }.into());
    }
    Ok(digits)
}

/// Whether a text can be the beginning of an id.
fn is_hex(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The entry that `text` names by what it is about; none where it can only be an id.
async fn find_by_subject(
    desk: &Desk,
    text: &str,
    wanted: &'static [&'static str],
) -> Result<Option<EntryId>, Failure> {
    if wanted == ["proposal"] {
        return proposal::find(desk, text).await;
    }
    if text.contains('/') && about::can_name(wanted) {
        return about::find(desk, text, wanted).await.map(Some);
    }
    Ok(None)
}

/// The report inside a report or correction.
pub(crate) fn report_of(body: &Body) -> Option<&v1::Report> {
    if let Body::Report(report) = body {
        Some(report)
    } else if let Body::Correction(correction) = body {
        correction.report.as_ref()
    } else {
        None
    }
}

/// Why a reference names nothing that can be used.
#[derive(Debug)]
enum ReferenceError {
    NotAnId { found: String, wanted: &'static [&'static str] },
    NoPayload { id: EntryId },
    OtherEvent { id: EntryId, found: &'static str, wanted: &'static [&'static str] },
}

impl Explain for ReferenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAnId { .. } => "reference.not_an_id",
            Self::NoPayload { .. } => "reference.no_payload",
            Self::OtherEvent { .. } => "reference.other_event",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotAnId { .. } => Fault::Malformed,
            Self::NoPayload { .. } => Fault::Unavailable,
            Self::OtherEvent { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotAnId { found, .. } => errors::reference_not_an_id(lang, found),
            Self::NoPayload { id } => errors::reference_no_payload(lang, &id.short()),
            Self::OtherEvent { id, found, wanted } => {
                let wanted: Vec<&str> =
                    wanted.iter().map(|name| events::event(lang, name)).collect();
                let found = events::event(lang, found);
                errors::reference_other_event(lang, &id.short(), &wanted.join(" / "), &found)
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::OtherEvent { wanted: ["proposal"], .. } => Some(council::council_hint(lang)),
            Self::NotAnId { wanted, .. } | Self::OtherEvent { wanted, .. } => {
                Some(hint_at(lang, wanted))
            }
            Self::NoPayload { .. } => Some(errors::reference_no_payload_hint(lang)),
        }
    }
}

/// How entries of these events are named.
fn hint_at(lang: Lang, wanted: &[&str]) -> String {
    match wanted {
        [only] if !about::can_name(wanted) => {
            errors::reference_by_id_hint(lang, &events::event(lang, only))
        }
        _ => errors::reference_hint(lang),
    }
}
