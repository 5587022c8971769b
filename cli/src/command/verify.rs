// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `verify`: reads and checks everything stored, or a bundle, and names what is not right.

use std::collections::BTreeMap;

use clap::Args;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_proto::v1;
use serde_json::{Value, json};

use super::{Caller, Ended, FINE};
use crate::arguments::BundleArgs;
use crate::bundle_desk::{self, Reading};
use crate::desk;
use crate::failure::{EXIT_CORRUPT, EXIT_FINDING, Failure};
use crate::json::to_full_json;
use crate::ledger_view::{LedgerView, tell_of_newer_rules};
use crate::reference::key::find_granted;
use crate::ui::{Tone, Ui};
use crate::words::{errors, faces};

/// Options of a verification.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    bundle: BundleArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the store or the bundle cannot be read at all.
pub(crate) async fn run(caller: &Caller, args: VerifyArgs) -> Ended {
    let (desk, reading) = bundle_desk::open(caller, &args.bundle).await?;
    verify(caller, &desk, reading.as_ref()).await
}

async fn verify(caller: &Caller, desk: &desk::Desk, reading: Option<&Reading>) -> Ended {
    let ui = caller.ui;
    let mut last = v1::VerifyProgress::default();
    let bar = ui.progress();
    desk.verify(&mut |progress| {
        bar.say(faces::verify_progress(ui.lang, &progress.checked, &progress.total));
        last = progress;
        Ok(())
    })
    .await?;
    drop(bar);
    let settled = list_settled(ui, desk, &last).await;
    if ui.json {
        ui.answer_json(&to_verdict_json(&last, reading))?;
    } else {
        show(ui, &last, reading, &settled)?;
    }
    let code = reading.map_or(FINE, Reading::exit_code);
    Ok(code.max(if !last.damages.is_empty() {
        EXIT_CORRUPT
    } else if settled.len() == last.forked_keys.len() {
        FINE
    } else {
        EXIT_FINDING
    }))
}

/// What a verification found, and of a bundle which ledger it has and what was refused in it.
fn to_verdict_json(result: &v1::VerifyProgress, reading: Option<&Reading>) -> Value {
    let mut value = to_full_json("VerifyProgress", result);
    if let (Value::Object(fields), Some(reading)) = (&mut value, reading) {
        reading.add_ledger_json(fields);
        fields.insert("refused".to_owned(), reading.refused_json());
        fields.insert("held_back".to_owned(), json!(reading.count_waiting().to_string()));
    }
    value
}

/// Of the forked keys, those whose fork the council has settled, with the decision. A damaged store
/// says nothing of it.
async fn list_settled(
    ui: Ui,
    desk: &desk::Desk,
    result: &v1::VerifyProgress,
) -> BTreeMap<PublicKey, EntryId> {
    let mut settled = BTreeMap::new();
    if result.forked_keys.is_empty() || !result.damages.is_empty() {
        return settled;
    }
    if let Ok(view) = LedgerView::read_known(desk).await {
        tell_of_newer_rules(ui, &view);
        let forked = result.forked_keys.iter().filter_map(|key| PublicKey::from_slice(key));
        for key in forked {
            let resolution = find_granted(&view, &key).and_then(|key| key.record.resolution);
            settled.extend(resolution.map(|end| (key, end.by)));
        }
    }
    settled
}

fn show(
    ui: Ui,
    result: &v1::VerifyProgress,
    reading: Option<&Reading>,
    settled: &BTreeMap<PublicKey, EntryId>,
) -> Result<(), Failure> {
    if let Some(reading) = reading {
        reading.show_ledger(ui)?;
    }
    for line in reading.iter().flat_map(|reading| reading.lines(ui.lang)) {
        ui.answer(&ui.paint(Tone::Bad, &line))?;
    }
    for damage in &result.damages {
        show_damage(ui, damage)?;
    }
    for key in &result.forked_keys {
        let by = PublicKey::from_slice(key).and_then(|key| settled.get(&key));
        let key = hex::encode(key);
        match by {
            Some(by) => ui.answer(&faces::forked_key_settled(ui.lang, &key, &by.short()))?,
            None => ui.answer(&ui.paint(Tone::Bad, &faces::forked_key(ui.lang, &key)))?,
        }
    }
    if result.pending_payloads > 0 {
        ui.answer(&faces::pending_payloads(ui.lang, &result.pending_payloads))?;
    }
    if !result.damages.is_empty() {
        ui.notice(&faces::repair_hint(ui.lang));
        return ui.answer(&faces::verified_damaged(
            ui.lang,
            &result.checked,
            &result.damages.len(),
        ));
    }
    let refused = reading.map_or(0, Reading::count_refused);
    if refused > 0 {
        let text = faces::verified_refused(ui.lang, &result.checked, &refused);
        return ui.answer(&ui.paint(Tone::Bad, &text));
    }
    let waiting = reading.map_or(0, Reading::count_waiting);
    if waiting > 0 {
        ui.notice(&faces::waiting_hint(ui.lang));
        return ui.answer(&faces::verified_in_part(ui.lang, &result.checked, &waiting));
    }
    if result.forked_keys.is_empty() {
        let text = faces::verified(ui.lang, &result.checked);
        return ui.answer(&ui.paint(Tone::Good, &text));
    }
    if settled.len() == result.forked_keys.len() {
        let text = faces::verified_settled(ui.lang, &result.checked, &settled.len());
        return ui.answer(&ui.paint(Tone::Good, &text));
    }
    ui.answer(&faces::verified_forks(ui.lang, &result.checked, &result.forked_keys.len()))
}

/// One damaged place: what, in which file, where, which entry.
pub(crate) fn show_damage(ui: Ui, damage: &v1::Damage) -> Result<(), Failure> {
    let entry = if damage.entry_id.is_empty() {
        faces::unknown_entry(ui.lang)
    } else {
        hex::encode(&damage.entry_id)
    };
    let place = faces::damage_place(ui.lang, &damage.file, &damage.offset, &entry);
    let head = ui.paint(Tone::Bad, &faces::damaged(ui.lang));
    let said = errors::as_said(ui.lang, &damage.message);
    ui.answer(&format!("{head} {place}: {said} [{}]", damage.code))
}
