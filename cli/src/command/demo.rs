// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `demo`: what a newcomer runs first. Nine real nodes on this machine keep the Mexican plan.
//!
//! Prints nothing that the nodes did not compute, and says which acts are an exercise: all of them
//! are, for none of the organisations took part, and some figures are in error on purpose.

mod acts;
mod council;
mod facts;
mod figures;
mod fork;
mod network;
mod party;
mod revocation;
mod story;
mod summary;
mod typed;

use std::path::{Path, PathBuf};

use clap::Args;
use constancia_ledger::entry::{Draft, Payload, Prev, UnverifiedEntry, decode_entry, sign_draft};
use constancia_ledger::event::encode;
use constancia_ledger::fault::{Coded, Fault};
use constancia_ledger::id::LedgerId;
use constancia_ledger::limits::SALT_BYTES;
use constancia_node::clock::{Clock as _, SystemClock};
use constancia_node::node::wait_for_signal;
use constancia_proto::v1;

use super::{Caller, Ended};
use crate::environment::random_bytes;
use crate::failure::{EXIT_FINDING, Explain, Failure, FileError, Told};
use crate::files::{Readers, make_dir};
use crate::plan_file::{MEXICO_2021, read_plan_file};
use crate::words::{Lang, demo as words};
use facts::Facts;
use network::Network;
use party::Party;
use story::Story;

/// The parties: five institutions, three civil-society organisations, one auditor.
const PARTIES: [&str; 9] = [
    "sre",
    "sedena",
    "semar",
    "sspc",
    "inmujeres",
    "data-civica",
    "intersecta",
    "jtmx",
    "auditoria",
];
/// Who writes the charter.
const FOUNDER: &str = "sre";
/// The council of the plan file that the demo's ledger keeps.
const COUNCIL: &str = "demo";
/// What the ledger is called.
const NAME: &str = "Plan 1325 de México (demostración)";
/// Steps of the story.
const STEPS: usize = 11;

/// Options of the demonstration.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Whatever the demonstration meets.
pub(crate) async fn run(caller: &Caller, args: DemoArgs) -> Ended {
    let ui = caller.ui;
    let root = match &args.keep {
        Some(keep) => new_folder(keep)?,
        None => make_scratch(caller)?,
    };
    let start = SystemClock.now_ms();
    ui.notice(&words::intro(ui.lang));
    // Whoever interrupts it gets the prompt back, and no folder of keys is left behind.
    let mut facts = tokio::select! {
        facts = tell(caller, &root) => facts?,
        () = wait_for_signal() => return Err(DemoError::Interrupted.into()),
    };
    let tenths = SystemClock.now_ms().saturating_sub(start).div_euclid(100);
    facts.seconds = format!("{}.{}", tenths.div_euclid(10), tenths.rem_euclid(10));
    if ui.json {
        ui.answer_json(&serde_json::to_value(&facts).unwrap_or_default())?;
    } else {
        summary::show(ui, &facts, args.keep.as_deref())?;
    }
    Ok(if facts.is_sound() { super::FINE } else { EXIT_FINDING })
}

/// A folder that is gone when the program ends, also where somebody stops it.
fn make_scratch(caller: &Caller) -> Result<PathBuf, Failure> {
    let made = tempfile::Builder::new().prefix("constancia-demo-").tempdir();
    let scratch = made.map_err(FileError::writing(&std::env::temp_dir()))?;
    Ok(caller.scratch.get_or_init(|| scratch).path().to_owned())
}

/// Tells the story.
async fn tell(caller: &Caller, root: &Path) -> Result<Facts, Failure> {
    let ui = caller.ui;
    let mut number: usize = 0;
    let mut step = |text: String| {
        number = number.saturating_add(1);
        ui.notice(&words::step(ui.lang, &number, &STEPS, &text));
    };
    let series = figures::read_series().map_err(|cause| DemoError::BadSample { cause })?;
    let (months, mut years): (Vec<_>, Vec<_>) = series.into_iter().partition(figures::is_monthly);
    let vanished = || DemoError::Vanished { what: figures::FEMICIDES.to_owned() };
    let last_revision = figures::take_last_revision(&mut years).ok_or_else(vanished)?;

    step(words::step_found(ui.lang));
    let mut story = found(caller, root).await?;
    step(words::step_accept(ui.lang));
    story.accept(FOUNDER).await?;
    step(words::step_report(ui.lang));
    story.report(years).await?;
    story.budget().await?;
    step(words::step_partition(ui.lang));
    story.part(months).await?;
    step(words::step_heal(ui.lang));
    story.heal().await?;
    step(words::step_challenge(ui.lang));
    story.challenge().await?;
    step(words::step_adopt(ui.lang));
    story.adopt().await?;
    step(words::step_revoke(ui.lang));
    story.revoke(&last_revision).await?;
    step(words::step_fork(ui.lang));
    story.fork(root).await?;
    step(words::step_tamper(ui.lang));
    story.tamper().await?;
    step(words::step_audit(ui.lang));
    story.audit(&root.join("plan.constancia")).await?;
    Ok(story.facts)
}

/// Makes the parties and the charter, and starts the nodes.
async fn found(caller: &Caller, root: &Path) -> Result<Story, Failure> {
    let mut parties = Vec::new();
    for slug in PARTIES {
        parties.push(Party::new(caller, root, slug)?);
    }
    let plan = read_plan_file(MEXICO_2021).map_err(|error| Told::of(&error))?;
    let grants = parties.iter().flat_map(Party::grants).collect();
    let charter = plan.charter(NAME, grants, COUNCIL).map_err(|error| Told::of(&error))?;
    let founder = parties
        .iter()
        .find(|party| party.slug == FOUNDER)
        .ok_or(DemoError::Vanished { what: FOUNDER.to_owned() })?;
    let (ledger, entry) = sign_charter(founder, charter)?;
    let network = Network::start(ledger, parties, &entry).await?;
    let facts = Facts { ledger_id: ledger.to_string(), exercise: true, ..Facts::default() };
    Ok(Story { ui: caller.ui, network, facts })
}

fn sign_charter(
    founder: &Party,
    charter: v1::Charter,
) -> Result<(LedgerId, UnverifiedEntry), Failure> {
    let key = founder.signing_key();
    let event = acts::charter(charter);
    let draft = Draft {
        seq: 0,
        prev: Prev::Nothing,
        seen: Vec::new(),
        height: 0,
        claimed_at_ms: SystemClock.now_ms(),
        kind: constancia_ledger::entry::Kind::Governance,
        payload: Payload { bytes: encode(&event).into(), salt: random_bytes::<SALT_BYTES>()? },
    };
    let entry = sign_draft(draft, None, key.public, &key.signer).map_err(|e| Told::of(&e))?;
    let ledger = LedgerId::of_charter(entry.id());
    founder.keep_head(ledger, &entry)?;
    let decoded = decode_entry(entry.to_message()).map_err(|error| Told::of(&error))?;
    Ok((ledger, decoded))
}

/// A folder of our own: a demonstration never writes among somebody's data.
fn new_folder(path: &Path) -> Result<PathBuf, Failure> {
    let taken = path.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(FileError::NotEmpty { path: path.to_owned() }.into());
    }
    make_dir(path, Readers::Owner)?;
    Ok(path.to_owned())
}

/// What an error of the ledger or a node says.
fn told(error: &(impl Coded + ?Sized)) -> Failure {
    Told::of(error).into()
}

/// What a refused call says.
fn refused(status: &tonic::Status) -> Failure {
    Told::of_status(status).into()
}

/// What only the demonstration can run into.
#[derive(Debug)]
pub(crate) enum DemoError {
    /// The nodes do not come to the same frontier.
    NoAgreement,
    /// Somebody stopped it.
    Interrupted,
    /// Something that was just made is not there.
    Vanished { what: String },
    /// A data file of the program is not what it was.
    BadSample { cause: csv::Error },
    /// A command of the demonstration is none, or finds what it should not.
    BadCommand { line: String },
}

impl Explain for DemoError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoAgreement => "demo.no_agreement",
            Self::Interrupted => "demo.interrupted",
            Self::Vanished { .. } => "demo.vanished",
            Self::BadSample { .. } => "demo.bad_sample",
            Self::BadCommand { .. } => "demo.bad_command",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NoAgreement | Self::Interrupted => Fault::Unavailable,
            Self::Vanished { .. } | Self::BadSample { .. } | Self::BadCommand { .. } => {
                Fault::Corrupt
            }
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NoAgreement => words::no_agreement(lang),
            Self::Interrupted => words::interrupted(lang),
            Self::Vanished { what } => words::vanished(lang, what),
            Self::BadSample { cause } => words::bad_sample(lang, cause),
            Self::BadCommand { line } => words::bad_command(lang, line),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::Interrupted => words::interrupted_hint(lang),
            Self::NoAgreement
            | Self::Vanished { .. }
            | Self::BadSample { .. }
            | Self::BadCommand { .. } => words::try_again(lang),
        })
    }
}
