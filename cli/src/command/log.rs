// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `log`: the entries in the ledger's order.

use clap::Args;
use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use serde_json::json;

use super::{Caller, Ended, FINE};
use crate::arguments::ViewArgs;
use crate::describe::Wording;
use crate::describe::line::summarize;
use crate::desk;
use crate::failure::Failure;
use crate::ledger_view::{LedgerView, event_of, tell_of_newer_rules};
use crate::moment;
use crate::past::read_view;
use crate::table::options::OptionError;
use crate::ui::Tone;
use crate::words::{events, faces};

/// Context of the digest of an order.
const ORDER_CONTEXT: &str = "constancia v1 order";

/// Options of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogArgs {
    #[arg(long, value_name = "SLUG")]
    member: Option<String>,
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    #[arg(long, value_name = "ID")]
    indicator: Option<String>,
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    last: Option<u64>,
    #[arg(long)]
    without_acknowledgements: bool,
    #[arg(long, conflicts_with_all = ["member", "event", "indicator", "last", "without_acknowledgements"])]
    digest: bool,
    #[command(flatten)]
    view: ViewArgs,
}

/// Runs the command.
///
/// # Errors
/// Where a filter names nothing that there is.
pub(crate) async fn run(caller: &Caller, args: LogArgs) -> Ended {
    let ui = caller.ui;
    let desk = desk::open(caller).await?;
    let ledger = LedgerView::read_known(&desk).await?;
    let request = build_request(&ledger, &args)?;
    if request.view.is_none() {
        tell_of_newer_rules(ui, &ledger);
    }
    if args.digest {
        return show_digest(caller, &desk, request).await;
    }
    let wording = Wording { lang: ui.lang, plan: Some(&ledger.plan), figures: None };
    let mut count: u64 = 0;
    desk.list_entries(request, &mut |view| {
        count = count.saturating_add(1);
        if ui.json {
            return ui.answer_json(&super::show::entry_json(&view));
        }
        ui.answer(&line_of(caller, wording, &view))
    })
    .await?;
    if count == 0 {
        ui.notice(&faces::no_entries(ui.lang));
    }
    Ok(FINE)
}

fn build_request(ledger: &LedgerView, args: &LogArgs) -> Result<v1::ListEntriesRequest, Failure> {
    let event = match &args.event {
        None => String::new(),
        Some(text) => match events::event_of(text) {
            Some(name) => name.to_owned(),
            None => {
                return Err(OptionError::UnknownEvent { found: text.clone() }.into());
            }
        },
    };
    if let Some(found) = &args.member {
        ledger.check_member(found)?;
    }
    if let Some(found) = &args.indicator {
        ledger.check_indicator(found)?;
    }
    Ok(v1::ListEntriesRequest {
        member: args.member.clone().unwrap_or_default(),
        event,
        indicator: args.indicator.clone().unwrap_or_default(),
        last: args.last.unwrap_or_default(),
        view: read_view(&args.view, ledger.plan.utc_offset_minutes)?,
        without_acknowledgements: args.without_acknowledgements,
    })
}

fn line_of(caller: &Caller, wording: Wording<'_>, view: &v1::EntryView) -> String {
    let ui = caller.ui;
    let id = EntryId::from_slice(&view.id).map_or_else(String::new, |id| id.short());
    let (name, text) = match event_of(view) {
        Some(event) => (
            events::event(ui.lang, crate::signing::place::event_name(&event)).to_owned(),
            summarize(wording, &event),
        ),
        None => (String::new(), String::new()),
    };
    let mut line = format!(
        "{:>5}  {id}  {}  {:<12}  {name}",
        view.place,
        moment::to_text(view.effective_ms),
        view.member,
    );
    if !text.is_empty() {
        line.push_str("  ");
        line.push_str(&text);
    }
    if view.standing != "counted" && view.standing != "listed" {
        let standing = events::standing_in_words(ui.lang, view);
        line.push_str(&ui.paint(Tone::Bad, &format!("  [{standing}]")));
    }
    line
}

/// The digest of the order: BLAKE3 over the entries' ids as they follow each other.
async fn show_digest(caller: &Caller, desk: &desk::Desk, request: v1::ListEntriesRequest) -> Ended {
    let ui = caller.ui;
    let mut hasher = blake3::Hasher::new_derive_key(ORDER_CONTEXT);
    let mut count: u64 = 0;
    desk.list_entries(request, &mut |view| {
        hasher.update(&view.id);
        count = count.saturating_add(1);
        Ok(())
    })
    .await?;
    let digest = hasher.finalize().to_hex().to_string();
    if ui.json {
        ui.answer_json(&json!({"order_digest": digest, "entries": count.to_string()}))?;
    } else {
        ui.answer(&digest)?;
        ui.notice(&faces::order_of(ui.lang, &count));
    }
    Ok(FINE)
}
