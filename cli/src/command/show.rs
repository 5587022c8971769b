// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `show ID`: one entry in words, whole.

use clap::Args;
use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::event::ParsedEvent;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use serde_json::{Value, json};

use super::{Caller, Ended, FINE};
use crate::describe::{Wording, describe};
use crate::desk;
use crate::failure::{Failure, OrTold as _};
use crate::json::{to_full_json, to_json};
use crate::ledger_view::{LedgerView, event_of};
use crate::moment;
use crate::reference;
use crate::ui::Tone;
use crate::words::{events, faces};

/// Events that can be named by what they are about.
const SHOWN: &[&str] = &["report", "correction", "proposal"];

/// Options of showing.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowArgs {
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such entry, or more than one begins like that.
pub(crate) async fn run(caller: &Caller, args: ShowArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let id = reference::to_digits(&desk, &args.id, SHOWN).await?;
    let view = desk.get_entry(&id).await?;
    if ui.json {
        ui.answer_json(&entry_json(&view))?;
        return Ok(FINE);
    }
    let ledger = LedgerView::read_known(&desk).await?;
    show_header(caller, &ledger, &view)?;
    match event_of(&view) {
        None => match EntryId::from_slice(&view.standing_by) {
            Some(by) if view.standing == "redacted" => {
                ui.answer(&events::payload_redacted(ui.lang, &by))?;
            }
            Some(_) | None => ui.answer(&events::payload_pending(ui.lang))?,
        },
        Some(event) => {
            if ParsedEvent::try_from(event.clone()).is_ok() {
                let wording = Wording { lang: ui.lang, plan: Some(&ledger.plan), figures: None };
                ui.answer_lines(&describe(wording, &event))?;
            } else {
                // Not by the rules: it may hold characters that turn a terminal's mind.
                ui.answer(&events::unknown_event(ui.lang))?;
                ui.answer(&format!("{:#}", to_json("Event", &event)))?;
            }
        }
    }
    Ok(FINE)
}

/// The entry with its header and event decoded.
pub(crate) fn entry_json(view: &v1::EntryView) -> Value {
    let mut value = to_full_json("EntryView", view);
    let header = view.entry.as_ref().and_then(|entry| decode_header(&entry.header).ok());
    let decoded = header.map(|header| {
        json!({
            "author": header.author.to_string(),
            "seq": header.seq.to_string(),
            "seen": header.seen.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "height": header.height.to_string(),
            "claimed_at_ms": header.claimed_at_ms.to_string(),
            "payload_hash": header.payload_hash.to_string(),
        })
    });
    if let Value::Object(fields) = &mut value {
        fields.insert("header".to_owned(), decoded.unwrap_or_default());
        let event = event_of(view).map(|event| to_json("Event", &event));
        fields.insert("event".to_owned(), event.unwrap_or_default());
    }
    value
}

fn show_header(caller: &Caller, ledger: &LedgerView, view: &v1::EntryView) -> Result<(), Failure> {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    ui.answer(&faces::show_entry(lang, &ui.paint(Tone::Strong, &hex::encode(&view.id))))?;
    ui.answer(&faces::show_member(lang, &ledger.member_name(lang, &view.member)))?;
    if let Some(entry) = &view.entry {
        let header = decode_header(&entry.header).or_told()?;
        ui.answer(&faces::show_key(lang, &header.author, &header.seq))?;
        ui.answer(&faces::show_claimed(lang, &moment::to_text(header.claimed_at_ms)))?;
    }
    ui.answer(&faces::show_effective(lang, &moment::to_text(view.effective_ms)))?;
    match view.witnessed_ms {
        Some(ms) => ui.answer(&faces::show_witnessed(lang, &moment::to_text(ms)))?,
        None => ui.answer(&faces::show_unwitnessed(lang))?,
    }
    ui.answer(&faces::show_place(lang, &view.place))?;
    let standing = events::standing_in_words(lang, view);
    let tone = if view.standing == "counted" { Tone::Good } else { Tone::Bad };
    ui.answer(&faces::show_standing(lang, &ui.paint(tone, &standing)))?;
    ui.answer("")
}
