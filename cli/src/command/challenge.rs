// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `challenge`: a member disputes an exact observation, or a report as a whole.

use clap::Args;
use constancia_ledger::event::challenge::ChallengeGround;
use constancia_ledger::event::{Period, Plan};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, STATEMENTS, id_bytes};
use crate::arguments::{EventArgs, EvidenceArgs};
use crate::desk;
use crate::evidence;
use crate::failure::Failure;
use crate::ledger_view::LedgerView;
use crate::reference::{self, Named};
use crate::signing::sign_or_prepare;
use crate::table::checks::place_text;
use crate::table::decimal;
use crate::table::options::{OptionError, parse_by, parse_choice};
use crate::words::Lang;

/// Options of a challenge.
#[derive(Clone, Debug, Args)]
pub(crate) struct ChallengeArgs {
    #[arg(value_name = "ENTRY")]
    entry: String,
    #[arg(long, value_name = "GROUND")]
    ground: String,
    #[arg(long, value_name = "TEXT")]
    text: String,
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    #[arg(long, value_name = "CONCEPT=CODE")]
    by: Vec<String>,
    #[arg(long, conflicts_with_all = ["period", "by", "proposed_value"])]
    whole: bool,
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    proposed_value: Option<String>,
    #[arg(long, value_name = "ENTRY")]
    contradicts: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// Runs the command.
///
/// # Errors
/// Where the entry or the observation does not exist, and what signing says.
pub(crate) async fn run(caller: &Caller, args: ChallengeArgs) -> Ended {
    let lang = caller.ui.lang;
    let ground = parse_choice(lang, "--ground", "ChallengeGround", &args.ground)?;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let named = reference::find(&desk, &args.entry, STATEMENTS).await?;
    super::show_named(caller, &named);
    let observation =
        if args.whole { None } else { Some(find_observation(lang, &view.plan, &named, &args)?) };
    let contradicts = match &args.contradicts {
        Some(entry) => id_bytes(reference::find(&desk, entry, STATEMENTS).await?.id),
        None => bytes::Bytes::new(),
    };
    let challenge = v1::Challenge {
        report: id_bytes(named.id),
        observation,
        ground: ChallengeGround::from_text(ground).map_or(0, ChallengeGround::number),
        text: args.text,
        proposed_value: decimal(args.proposed_value.as_deref().unwrap_or_default()),
        contradicts,
        evidence: evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?,
    };
    let event = v1::Event { body: Some(Body::Challenge(challenge)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}

/// The observation that the options name; the only one where they name none.
fn find_observation(
    lang: Lang,
    plan: &Plan,
    named: &Named,
    args: &ChallengeArgs,
) -> Result<v1::ObservationKey, Failure> {
    let report = reference::report_of(&named.body).cloned().unwrap_or_default();
    let report_period = report.period.as_ref().map_or("", |period| period.text.as_str());
    let keys: Vec<v1::ObservationKey> =
        report.observations.iter().map(|one| one.key.clone().unwrap_or_default()).collect();
    let places: Vec<String> = keys.iter().map(|key| place_text(key, report_period)).collect();
    if args.period.is_none() && args.by.is_empty() {
        return match keys.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(OptionError::WhichObservation { places }.into()),
        };
    }
    let period = match args.period.as_deref() {
        Some(text) => match text.parse::<Period>() {
            Ok(period) => period.to_string(),
            Err(error) => {
                return Err(OptionError::Value { option: "--period", error }.into());
            }
        },
        None => report_period.to_owned(),
    };
    let key = v1::ObservationKey {
        period: (period != report_period).then_some(v1::Period { text: period }),
        dimensions: parse_by(lang, plan, &args.by)?,
    };
    let wanted = place_text(&key, report_period);
    if places.contains(&wanted) {
        Ok(key)
    } else {
        Err(OptionError::NoSuchObservation { wanted, places }.into())
    }
}
