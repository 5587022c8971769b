// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From an event to a signed entry that is stored: show, ask, sign, keep, submit, receipt.
//!
//! The private key stays in this process. The head file beside it is written before the entry
//! leaves, so a crash at any point neither loses the entry nor lets a slot be signed twice.

pub(crate) mod effect;
mod last;
pub(crate) mod outcome;
pub(crate) mod place;
pub(crate) mod plan_check;
pub(crate) mod receipt;
pub(crate) mod redacted_heads;
mod shown_heads;

use std::path::Path;

use bytes::Bytes;
use constancia_ledger::entry::{Draft, Payload, Prev, VerifiedEntry, sign_draft};
use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{
    Attachment, BrokenRule, Event, EventError, ParsedEvent, Plan, encode,
};
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::limits::SALT_BYTES;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use crate::arguments::{EventArgs, SigningArgs};
use crate::command::{Caller, Ended, FINE};
use crate::describe::{Wording, describe};
use crate::desk::Desk;
use crate::draft::{DraftFile, InvalidEvent};
use crate::environment::{now_ms, random_bytes};
use crate::failure::{Failure, Told};
use crate::figures::Figures;
use crate::foresight::{Foresight, Scene, foresee};
use crate::key_folder::{self, OpenKey};
use crate::ledger_view::{LedgerView, event_of};
use crate::moment;
use crate::reference::report_of;
use crate::table::checks::place_text;
use crate::ui::Ui;
use crate::words::{Lang, events as event_words, foresight as foresight_words, signing as words};

use effect::EffectCheck;
use last::check_last;
use place::SigningDesk;
use plan_check::{check_plan, warn_of_quotients};
use receipt::{Receipt, ReservedFile};
use shown_heads::ShownHeads;

/// Signs the events, or writes them to a draft where the arguments say so.
///
/// # Errors
/// Where an event breaks a rule, somebody says no, or the signature or its storing fails.
pub(crate) async fn sign_or_prepare(
    caller: &Caller,
    desk: &Desk,
    args: &EventArgs,
    events: Vec<v1::Event>,
) -> Ended {
    let mut events = events;
    if let Some(exercise) = &args.exercise {
        for event in &mut events {
            event.exercise.clone_from(exercise);
        }
    }
    check_events(&events)?;
    match &args.prepare {
        Some(path) => prepare(caller, desk, path, events).await,
        None => sign(caller, desk, &args.signing, &events).await,
    }
}

/// Every event keeps the rules of its fields.
pub(crate) fn check_events(events: &[v1::Event]) -> Result<(), Failure> {
    for event in events {
        if let Err(error) = ParsedEvent::try_from(event.clone()) {
            let name = event.body.as_ref().map_or("event", |body| Event::name_and_kind(body).0);
            return Err(InvalidEvent { place: name.to_owned(), error }.into());
        }
    }
    Ok(())
}

/// A file's name and type keep the rules before the file is kept.
pub(crate) fn check_attachment(path: &Path, attachment: &v1::Attachment) -> Result<(), Failure> {
    match Attachment::try_from(attachment.clone()) {
        Ok(_right) => Ok(()),
        Err(error) => Err(InvalidEvent { place: path.display().to_string(), error }.into()),
    }
}

/// Writes a draft for somebody else to sign, and shows what is in it.
async fn prepare(caller: &Caller, desk: &Desk, path: &Path, events: Vec<v1::Event>) -> Ended {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    let view = LedgerView::read(desk).await?;
    check_worth(desk, &view, None, lang, &events).await?;
    let figures = view.figures(desk, None, &events).await?;
    let wording = Wording { lang, plan: Some(&view.plan), figures: Some(&figures) };
    let draft = DraftFile {
        ledger: view.ledger,
        ledger_name: view.name.clone(),
        prepared_at: moment::to_text(now_ms()),
        events,
    };
    // All that can be refused is refused before there is a file.
    let scene = Scene { lang, desk, view: &view, member: None };
    let mut foresights = Vec::new();
    for event in &draft.events {
        foresights.push(foresee(scene, event).await?);
    }
    crate::draft::write(path, &draft)?;
    warn_of_quotients(ui, &view.plan, &draft.events);
    warn_of_standing_reports(ui, &figures, &draft.events);
    warn_of_dropped_observations(ui, desk, &draft.events).await?;
    for (event, foresight) in draft.events.iter().zip(&foresights) {
        if !ui.json {
            ui.answer_lines(&describe(wording, event))?;
            ui.answer_lines(&changes_in_words(lang, foresight))?;
            ui.answer("")?;
        }
        foresight.warnings.iter().for_each(|warning| ui.warn(warning));
    }
    if ui.json {
        ui.answer_json(&serde_json::json!({
            "draft": path.display().to_string(),
            "ledger_id": draft.ledger.to_string(),
            "events": draft.events.len(),
        }))?;
        return Ok(FINE);
    }
    ui.answer(&words::draft_written(lang, &path.display(), &draft.events.len()))?;
    ui.notice(&words::draft_next(lang, &path.display()));
    Ok(FINE)
}

/// Shows the events in words, asks, signs and stores them, and gives a receipt for each.
///
/// # Errors
/// As [`sign_or_prepare`].
pub(crate) async fn sign(
    caller: &Caller,
    desk: &Desk,
    args: &SigningArgs,
    events: &[v1::Event],
) -> Ended {
    let (ui, lang) = (caller.ui, caller.ui.lang);
    let key_path = key_folder::locate_or_only(&caller.data, args.key.as_deref())?;
    let key = key_folder::show(&key_path)?;
    let view = LedgerView::read(desk).await?;
    let context = place::check_right(desk, &key, &view, events).await?;
    check_worth(desk, &view, Some(&context.member), lang, events).await?;
    let figures = view.figures(desk, Some(&context.member), events).await?;
    let wording = Wording { lang, plan: Some(&view.plan), figures: Some(&figures) };
    let scene = Scene { lang, desk, view: &view, member: Some(&context.member) };
    let mut foresights = Vec::new();
    for event in events {
        foresights.push(foresee(scene, event).await?);
    }
    if !(ui.json && args.yes) {
        show_before_signing(caller, wording, (&view, &context.member), events, &foresights);
    }
    for warning in foresights.iter().flat_map(|foresight| &foresight.warnings) {
        ui.warn(warning);
    }
    warn_of_quotients(ui, &view.plan, events);
    tell_of_authority(ui, &view.plan, &context.member, events);
    warn_of_standing_reports(ui, &figures, events);
    warn_of_dropped_observations(ui, desk, events).await?;
    let asked = desk.ask_peers(key.public.as_bytes()).await?;
    let heads = ShownHeads::read(&key.path, view.ledger)?;
    heads.check(desk, &key, &asked).await?;
    let confirmed_by = place::check_peers(ui, &asked, args.offline)?;
    place::warn_of_clock(ui, &asked);
    place::warn_of_left_out(ui, &context);
    if !args.yes {
        place::ask(ui, events.len())?;
    }
    let open = key_folder::open(ui, &key_path, args.passphrase_file.as_deref())?;
    let mut receipt_file = args.receipt.as_deref().map(ReservedFile::make).transpose()?;
    let signing = SigningDesk { ui, view: &view, args, confirmed_by };
    let mut receipts = Vec::new();
    let mut entries = Vec::new();
    let mut failed = None;
    for event in events {
        let entry = match sign_one(&signing, desk, &open, event).await {
            Ok(entry) => entry,
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        };
        let summary = crate::describe::line::summarize(wording, event);
        let receipt =
            Receipt::new((view.ledger, &view.name), &context.member, &entry, event, summary);
        receipt.show(ui)?;
        receipts.push(receipt);
        entries.push(entry.id());
    }
    write_receipts(caller, args, receipt_file.as_mut(), &receipts)?;
    match failed {
        None => {
            outcome::show(caller, desk, events, &entries).await?;
            Ok(FINE)
        }
        Some(failure) => {
            if events.len() > 1 {
                ui.warn(&words::signed_some(lang, &receipts.len(), &events.len()));
            }
            Err(failure)
        }
    }
}

fn write_receipts(
    caller: &Caller,
    args: &SigningArgs,
    file: Option<&mut ReservedFile>,
    receipts: &[Receipt],
) -> Result<(), Failure> {
    if let (Some(path), Some(file)) = (&args.receipt, file)
        && !receipts.is_empty()
    {
        file.write(receipts)?;
        caller.ui.notice(&words::receipt_written(caller.ui.lang, &path.display()));
    }
    Ok(())
}

/// The plan bears every event, each would have its effect, and none is judged by rules that this
/// program does not know: what is signed stays for ever.
async fn check_worth(
    desk: &Desk,
    view: &LedgerView,
    member: Option<&str>,
    lang: Lang,
    events: &[v1::Event],
) -> Result<(), Failure> {
    check_reasons(events)?;
    check_plan(lang, &view.plan, events)?;
    let effect = EffectCheck { desk, view, member };
    for event in events {
        effect.check(event).await?;
    }
    check_last(desk, view, events).await
}

/// Whoever takes a proposal back says why. The ledger bears a withdrawal without a reason; whoever
/// reads it later does not.
fn check_reasons(events: &[v1::Event]) -> Result<(), Failure> {
    let is_mute = |event: &v1::Event| matches!(&event.body, Some(Body::ProposalWithdrawn(it)) if it.reason.is_empty());
    if events.iter().any(is_mute) {
        let place = "proposal_withdrawn".to_owned();
        let rule = BrokenRule::Missing { expected: "a text" };
        let error = EventError { path: "proposal_withdrawn.reason".to_owned(), rule };
        return Err(InvalidEvent { place, error }.into());
    }
    Ok(())
}

/// A second report of one period takes the place of the first without saying why; a correction
/// says it. Also what is seen by whoever repeats a command that had worked.
fn warn_of_standing_reports(ui: Ui, figures: &Figures, events: &[v1::Event]) {
    for event in events {
        if let Some(Body::Report(report)) = &event.body {
            let period = report.period.as_ref().map_or("", |period| period.text.as_str());
            if let Some(entry) = figures.standing_report(&report.indicator, period) {
                let about = format!("{}/{period}", report.indicator);
                ui.warn(&words::report_stands(ui.lang, &about, &entry.short()));
            }
        }
    }
}

/// Whoever is not responsible for an indicator gives a measurement of its own beside the official
/// one: no slip, but worth knowing for whoever meant another indicator.
fn tell_of_authority(ui: Ui, plan: &Plan, member: &str, events: &[v1::Event]) {
    for report in events.iter().filter_map(|event| report_of(event.body.as_ref()?)) {
        let known = plan.indicators.iter().find(|known| known.id.as_str() == report.indicator);
        let responsible = known.and_then(|indicator| indicator.responsible.value());
        let members = responsible.map(|it| it.members.iter().map(Slug::as_str).collect::<Vec<_>>());
        if let Some(members) = members.filter(|members| !members.contains(&member)) {
            let responsible = members.join(", ");
            ui.notice(&words::independent_report(ui.lang, &report.indicator, &responsible));
        }
    }
}

/// A correction replaces a report whole: what it leaves out has no value any more, and nobody would
/// see that in what it says.
async fn warn_of_dropped_observations(
    ui: Ui,
    desk: &Desk,
    events: &[v1::Event],
) -> Result<(), Failure> {
    for event in events {
        let Some(Body::Correction(correction)) = &event.body else {
            continue;
        };
        let replaced = desk.get_entry(&hex::encode(&correction.replaces)).await?;
        let replaced = event_of(&replaced).and_then(|event| event.body);
        let old = replaced.as_ref().and_then(report_of).map(list_places).unwrap_or_default();
        let new = correction.report.as_ref().map(list_places).unwrap_or_default();
        let dropped: Vec<String> = old.into_iter().filter(|place| !new.contains(place)).collect();
        if !dropped.is_empty() {
            ui.warn(&words::observations_dropped(ui.lang, &dropped.join("; ")));
        }
    }
    Ok(())
}

/// Where a report has observations, in words.
fn list_places(report: &v1::Report) -> Vec<String> {
    let period = report.period.as_ref().map_or("", |period| period.text.as_str());
    let places = report.observations.iter().map(|observation| {
        let key = observation.key.clone().unwrap_or_default();
        format!("{} {}", report.indicator, place_text(&key, period))
    });
    places.collect()
}

/// What a signature changes, below its heading; nothing where nothing is foreseen.
fn changes_in_words(lang: Lang, foresight: &Foresight) -> Vec<String> {
    if foresight.lines.is_empty() {
        return Vec::new();
    }
    let heading = foresight_words::what_changes(lang);
    let lines = foresight.lines.iter().map(|line| format!("  {line}"));
    std::iter::once(heading).chain(lines).collect()
}

/// What is about to be signed, on standard error: the answer is the receipt.
fn show_before_signing(
    caller: &Caller,
    wording: Wording<'_>,
    (view, member): (&LedgerView, &str),
    events: &[v1::Event],
    foresights: &[Foresight],
) {
    let ui = caller.ui;
    ui.notice(&words::about_to_sign(ui.lang, &view.member_name(ui.lang, member), &view.name));
    for (event, foresight) in events.iter().zip(foresights) {
        ui.notice("");
        for line in describe(wording, event) {
            ui.notice(&line);
        }
        for line in changes_in_words(ui.lang, foresight) {
            ui.notice(&line);
        }
    }
    ui.notice("");
}

/// Signs one event where the key's feed stands now, and stores it.
async fn sign_one(
    signing: &SigningDesk<'_>,
    desk: &Desk,
    key: &OpenKey,
    event: &v1::Event,
) -> Result<VerifiedEntry, Failure> {
    let (mut head, context) = signing.take_place(desk, key, list_besides(event)).await?;
    let entry = seal(signing.view.ledger, &context, key, event)?;
    head.write(&entry).map_err(|error| Told::of(&error))?;
    match desk.submit(entry.to_message()).await {
        Ok(_reply) => Ok(entry),
        Err(failure) => {
            // The head file has it: the next signature delivers it first.
            let name = event_words::event(signing.ui.lang, place::event_name(event));
            signing.ui.warn(&words::signed_not_stored(signing.ui.lang, &name, &entry.id()));
            Err(failure)
        }
    }
}

/// Entries that a proposal is about and that nobody else may cite: beyond a fork, or a key's end.
fn list_besides(event: &v1::Event) -> Vec<Bytes> {
    let Some(Body::Proposal(proposal)) = &event.body else {
        return Vec::new();
    };
    let honoured = |honoured: &Option<v1::Honoured>| honoured.as_ref().map(|it| it.id.clone());
    let named = match &proposal.decision {
        Some(Decision::RevokeKey(revocation)) => honoured(&revocation.honoured),
        Some(Decision::ResolveFork(resolution)) => honoured(&resolution.honoured),
        Some(Decision::Redact(redaction)) => Some(redaction.entry.clone()),
        Some(
            Decision::AdmitMember(_)
            | Decision::RetireMember(_)
            | Decision::GrantKey(_)
            | Decision::AmendPlan(_)
            | Decision::AmendRules(_)
            | Decision::Succession(_)
            | Decision::AdoptReview(_)
            | Decision::RaiseRulesVersion(_)
            | Decision::CloseChallenge(_),
        )
        | None => None,
    };
    named.into_iter().collect()
}

/// Makes the entry: payload with a new salt, header, signature.
pub(crate) fn seal(
    ledger: LedgerId,
    context: &v1::SigningContext,
    key: &OpenKey,
    event: &v1::Event,
) -> Result<VerifiedEntry, Failure> {
    let salt = random_bytes::<SALT_BYTES>()?;
    let id = |bytes: &Bytes| EntryId::from_slice(bytes).ok_or_else(place::bad_context);
    let prev = match context.next_seq {
        0 => Prev::Ledger(ledger),
        _ => Prev::Entry(id(&context.prev)?),
    };
    let kind = match &event.body {
        Some(body) => Event::name_and_kind(body).1,
        None => return Err(place::bad_context()),
    };
    let draft = Draft {
        seq: context.next_seq,
        prev,
        seen: context.seen.iter().map(id).collect::<Result<_, _>>()?,
        height: context.height,
        claimed_at_ms: now_ms().max(context.claimed_at_least_ms),
        kind,
        payload: Payload { bytes: encode(event).into(), salt },
    };
    match sign_draft(draft, Some(ledger), key.public, &key.signer) {
        Ok(entry) => Ok(entry),
        Err(error) => Err(Told::of(&error).into()),
    }
}
