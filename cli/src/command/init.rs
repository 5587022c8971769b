// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `init`: writes and signs the charter, and founds the store.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use constancia_ledger::entry::{
    Draft, Kind, Payload, Prev, VerifiedEntry, decode_entry, sign_draft,
};
use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{Charter, EventError, KeyScope, encode};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::{LedgerId, PublicKey};
use constancia_ledger::limits::SALT_BYTES;
use constancia_ledger::store::{HeadFile, LockPatience, StoreFolder};
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, FINE};
use crate::describe::{Wording, describe};
use crate::draft::InvalidEvent;
use crate::environment::{now_ms, random_bytes};
use crate::failure::{Explain, Failure, OrTold as _, Told};
use crate::files::read_text;
use crate::key_folder::{self, OpenKey, read_public};
use crate::plan_file::{MEXICO_2021, PlanFile, PlanFileError, Problem, read_plan_file};
use crate::signing::place;
use crate::signing::receipt::{Receipt, ReservedFile};
use crate::table::checks::suggest;
use crate::ui::Ui;
use crate::words::{Lang, errors, signing as words};

/// Bytes of a plan file: a plan must fit a payload of one mebibyte.
pub(crate) const PLAN_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// The plan that comes with the program.
pub(crate) const BUILT_IN_PLAN: &str = "mexico-2021";

/// Options of founding a ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct InitArgs {
    #[arg(long, value_name = "FILE")]
    plan: String,
    #[arg(long, value_name = "SLUG=SIGN.pub[,NODE.pub]", required = true)]
    member: Vec<String>,
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[arg(long, value_name = "NAME")]
    council: Option<String>,
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[arg(long, value_name = "TEXT")]
    exercise: Option<String>,
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[arg(long, short = 'y')]
    yes: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the plan or the members are not right, a ledger is there, or signing fails.
pub(crate) async fn run(caller: &Caller, args: InitArgs) -> Ended {
    let ui = caller.ui;
    let folder = StoreFolder::new(&caller.data);
    refuse_ledger(caller).await?;
    let key_path = key_folder::locate_or_only(&caller.data, args.key.as_deref())?;
    let key = key_folder::show(&key_path)?;
    let raw = build_charter(ui.lang, &args)?;
    let charter = match Charter::parse(raw.clone(), &key.public) {
        Ok(charter) => charter,
        Err(error) => {
            return Err(InvalidEvent { place: args.plan, error }.into());
        }
    };
    let body = Some(Body::Charter(raw));
    let event = v1::Event { body, exercise: args.exercise.clone().unwrap_or_default() };
    crate::signing::check_events(std::slice::from_ref(&event))?;
    if !(ui.json && args.yes) {
        let wording = Wording { lang: ui.lang, plan: Some(&charter.plan), figures: None };
        for line in describe(wording, &event) {
            ui.notice(&line);
        }
        ui.notice("");
        ui.notice(&words::about_to_found(ui.lang, &charter.name, &charter.members.len()));
    }
    warn_of_council(ui, &charter);
    if !args.yes {
        place::ask(ui, 1)?;
    }
    let open = key_folder::open(ui, &key_path, args.passphrase_file.as_deref())?;
    let mut receipt_file = args.receipt.as_deref().map(ReservedFile::make).transpose()?;
    let entry = found(folder, &open, &event).await?;
    answer(caller, receipt_file.as_mut(), &charter, &event, &entry)?;
    Ok(FINE)
}

fn answer(
    caller: &Caller,
    receipt_file: Option<&mut ReservedFile>,
    charter: &Charter,
    event: &v1::Event,
    entry: &VerifiedEntry,
) -> Result<(), Failure> {
    let ui = caller.ui;
    let ledger = LedgerId::of_charter(entry.id());
    let author = entry.header().author;
    let member = charter.keys.iter().find(|grant| grant.key == author);
    let member = member.map_or_else(String::new, |grant| grant.member.to_string());
    let receipt =
        Receipt::new((ledger, &charter.name), &member, entry, event, charter.name.clone());
    receipt.show(ui)?;
    if let Some(file) = receipt_file {
        file.write(&[receipt])?;
    }
    ui.notice(&words::founded_next(ui.lang, &ledger));
    Ok(())
}

/// A council whose quorum the given keys cannot meet decides nothing, ever: not even to grant a key to
/// a member that was left out.
fn warn_of_council(ui: Ui, charter: &Charter) {
    let can_sign = |slug: &&Slug| {
        charter.keys.iter().any(|grant| grant.member == **slug && grant.scope == KeyScope::Sign)
    };
    let (able, unable): (Vec<&Slug>, Vec<&Slug>) = charter.rules.council.iter().partition(can_sign);
    let list =
        |slugs: &[&Slug]| slugs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let of_class = |class| {
        let of_it = |slug: &&&Slug| charter.member(slug).is_some_and(|it| it.class == class);
        able.iter().filter(of_it).count()
    };
    let reaches = |wanted: u32, found: usize| usize::try_from(wanted).is_ok_and(|n| found >= n);
    let rules = &charter.rules;
    let is_met = reaches(rules.quorum, able.len())
        && rules.class_quotas.iter().all(|quota| reaches(quota.members, of_class(quota.class)));
    if !is_met {
        ui.warn(&words::council_never_meets(ui.lang, &able.len(), &rules.quorum, &list(&unable)));
    } else if !unable.is_empty() {
        ui.warn(&words::council_without_key(ui.lang, &list(&unable)));
    }
}

/// A folder that has a ledger is not founded again.
async fn refuse_ledger(caller: &Caller) -> Result<(), Failure> {
    match crate::desk::open(caller).await {
        Ok(_desk) => Err(InitError::LedgerExists { data: caller.data.clone() }.into()),
        Err(failure) if failure.code() == "store.no_ledger" => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The charter from the plan file and the members' public keys.
fn build_charter(lang: Lang, args: &InitArgs) -> Result<v1::Charter, Failure> {
    let file = read_plan(&args.plan)?;
    let mut keys: Vec<v1::KeyGrant> = Vec::new();
    for item in &args.member {
        for grant in read_grants(item)? {
            check_grant(&file, &keys, &grant)?;
            keys.push(grant);
        }
    }
    let council = match &args.council {
        Some(council) => council.clone(),
        None => match file.council_names().as_slice() {
            [only] => (*only).to_owned(),
            names => {
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                return Err(InitError::WhichCouncil { names }.into());
            }
        },
    };
    let title = file.plan.title.clone().unwrap_or_default();
    let name = args.name.clone().unwrap_or_else(|| {
        let (first, second) = lang.pick((&title.es, &title.en), (&title.en, &title.es));
        if first.is_empty() { second.clone() } else { first.clone() }
    });
    file.charter(&name, keys, &council).map_err(|error| told_of_plan(&args.plan, error))
}

/// The plan has the member, and no key is given twice.
fn check_grant(
    file: &PlanFile,
    given: &[v1::KeyGrant],
    grant: &v1::KeyGrant,
) -> Result<(), Failure> {
    if !file.members.iter().any(|member| member.slug == grant.member) {
        let known = file.members.iter().map(|member| member.slug.clone()).collect();
        return Err(InitError::NoSuchMember { found: grant.member.clone(), known }.into());
    }
    match given.iter().find(|other| other.key == grant.key) {
        None => Ok(()),
        Some(other) => {
            let key = PublicKey::from_slice(&grant.key).map_or_else(String::new, |key| key.short());
            let members = format!("{}, {}", other.member, grant.member);
            Err(InitError::SameKey { key, members }.into())
        }
    }
}

/// What is wrong in a plan file, with its line.
fn told_of_plan(plan: &str, error: PlanFileError) -> Failure {
    match error.problem {
        Problem::Rule(rule) => {
            let place = match error.place {
                Some(place) => format!("{plan}:{}:{}", place.line, place.column),
                None => plan.to_owned(),
            };
            InvalidEvent { place, error: EventError { path: error.path, rule } }.into()
        }
        Problem::NotYaml { .. }
        | Problem::UnknownKey { .. }
        | Problem::MissingKey { .. }
        | Problem::WrongShape { .. }
        | Problem::UnknownWord { .. }
        | Problem::UnknownSource { .. }
        | Problem::UnknownCouncil { .. }
        | Problem::InForce(_) => Told::of(&error).at(plan).into(),
    }
}

/// A plan file, or the plan that comes with the program.
///
/// # Errors
/// Where it cannot be read or is not right.
pub(crate) fn read_plan(plan: &str) -> Result<PlanFile, Failure> {
    let path = Path::new(plan);
    let text = if plan == BUILT_IN_PLAN && !path.exists() {
        MEXICO_2021.to_owned()
    } else {
        read_text(path, PLAN_BYTES_MAX)?
    };
    read_plan_file(&text).map_err(|error| told_of_plan(plan, error))
}

/// `sre=sign.pub,node.pub`: the member's keys, of which the second acknowledges.
fn read_grants(item: &str) -> Result<Vec<v1::KeyGrant>, Failure> {
    let wrong = || InitError::Member { found: item.to_owned() };
    let (slug, files) = item.split_once('=').ok_or_else(wrong)?;
    let files: Vec<&str> = files.split(',').map(str::trim).collect();
    let scopes = [v1::KeyScope::Sign, v1::KeyScope::Acknowledge];
    if slug.is_empty() || files.len() > scopes.len() || files.iter().any(|file| file.is_empty()) {
        return Err(wrong().into());
    }
    let mut grants = Vec::new();
    for (file, scope) in files.iter().zip(scopes) {
        let key: PublicKey = read_public(Path::new(file))?;
        grants.push(v1::KeyGrant {
            key: Bytes::copy_from_slice(key.as_bytes()),
            member: slug.to_owned(),
            scope: scope.into(),
            ..v1::KeyGrant::default()
        });
    }
    Ok(grants)
}

/// Signs the charter, writes the key's head file, and founds the store with it.
async fn found(
    folder: StoreFolder,
    key: &OpenKey,
    event: &v1::Event,
) -> Result<VerifiedEntry, Failure> {
    let draft = Draft {
        seq: 0,
        prev: Prev::Nothing,
        seen: Vec::new(),
        height: 0,
        claimed_at_ms: now_ms(),
        kind: Kind::Governance,
        payload: Payload { bytes: encode(event).into(), salt: random_bytes::<SALT_BYTES>()? },
    };
    let entry = sign_draft(draft, None, key.public, &key.signer).or_told()?;
    let ledger = LedgerId::of_charter(entry.id());
    let patience = LockPatience::JustKilled;
    let mut head = HeadFile::open(&key.path, ledger, key.public, patience).or_told()?;
    head.write(&entry).or_told()?;
    let charter = decode_entry(entry.to_message()).or_told()?;
    super::in_background(move || OpenLedger::found(folder, charter).or_told()).await?;
    Ok(entry)
}

/// Why no ledger was founded.
#[derive(Debug)]
enum InitError {
    LedgerExists { data: PathBuf },
    Member { found: String },
    NoSuchMember { found: String, known: Vec<String> },
    SameKey { key: String, members: String },
    WhichCouncil { names: Vec<String> },
}

impl Explain for InitError {
    fn code(&self) -> &'static str {
        match self {
            Self::LedgerExists { .. } => "init.ledger_exists",
            Self::Member { .. } | Self::NoSuchMember { .. } => "init.member",
            Self::SameKey { .. } => "init.same_key",
            Self::WhichCouncil { .. } => "init.which_council",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Member { .. } => Fault::Malformed,
            Self::LedgerExists { .. }
            | Self::NoSuchMember { .. }
            | Self::SameKey { .. }
            | Self::WhichCouncil { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::LedgerExists { data } => errors::ledger_exists(lang, &data.display()),
            Self::Member { found } => errors::init_member(lang, found),
            Self::NoSuchMember { found, .. } => errors::init_no_such_member(lang, found),
            Self::SameKey { key, members } => errors::init_same_key(lang, key, members),
            Self::WhichCouncil { names } => errors::which_council(lang, &names.join(", ")),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::LedgerExists { .. } => Some(errors::ledger_exists_hint(lang)),
            Self::Member { .. } => Some(errors::init_member_hint(lang)),
            Self::NoSuchMember { found, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Some(suggest(lang, found, &known))
            }
            Self::SameKey { .. } => Some(errors::init_same_key_hint(lang)),
            Self::WhichCouncil { .. } => None,
        }
    }
}
