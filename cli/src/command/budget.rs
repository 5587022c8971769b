// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `budget`: money for a line of action or programme, at one stage of the fiscal year.

use clap::Args;
use constancia_ledger::event::budget::{BudgetAllocation, BudgetStage, PriceBasis};
use constancia_proto::v1;
use constancia_proto::v1::budget::Amount;
use constancia_proto::v1::event::Body;

use super::{Caller, Ended, id_bytes};
use crate::arguments::{EventArgs, EvidenceArgs, SourceArgs};
use crate::desk;
use crate::evidence;
use crate::failure::Failure;
use crate::ledger_view::LedgerView;
use crate::reference;
use crate::signing::sign_or_prepare;
use crate::table::decimal;
use crate::table::options::{OptionError, parse_choice, parse_source};
use crate::words::Lang;

/// Options of a budget.
#[derive(Clone, Debug, Args)]
pub(crate) struct BudgetArgs {
    #[arg(long, value_name = "YEAR")]
    year: String,
    #[arg(long, value_name = "STAGE")]
    stage: String,
    #[arg(long, value_name = "ID")]
    line: Option<String>,
    #[arg(long, value_name = "TEXT")]
    programme: Option<String>,
    #[command(flatten)]
    amount: AmountArgs,
    #[arg(long, value_name = "MXN")]
    currency: Option<String>,
    #[arg(long, value_name = "POWER", default_value_t = 0, allow_hyphen_values = true)]
    multiplier: i32,
    #[arg(long, value_name = "BASIS")]
    prices: Option<String>,
    #[arg(long, value_name = "YEAR")]
    base_year: Option<String>,
    #[arg(long, value_name = "KIND")]
    allocation: Option<String>,
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[arg(long, value_name = "ENTRY")]
    replaces: Option<String>,
    #[arg(long, value_name = "TEXT", requires = "replaces")]
    explanation: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    event: EventArgs,
}

/// How much, or that the source says that there is none.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct AmountArgs {
    #[arg(long, value_name = "NUMBER", requires = "currency")]
    amount: Option<String>,
    #[arg(long)]
    none: bool,
}

/// Runs the command.
///
/// # Errors
/// Where a value is not right, and what signing says.
pub(crate) async fn run(caller: &Caller, args: BudgetArgs) -> Ended {
    let lang = caller.ui.lang;
    let mut budget = build(lang, &args)?;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    if !budget.line.is_empty() {
        let lines = view.plan.lines.iter().map(|line| line.id.as_str());
        if !lines.clone().any(|line| line == budget.line) {
            let known = lines.map(ToOwned::to_owned).collect();
            return Err(OptionError::UnknownLine { found: budget.line, known }.into());
        }
    }
    if let Some(entry) = &args.replaces {
        budget.replaces = id_bytes(reference::find(&desk, entry, &["budget"]).await?.id);
    }
    budget.evidence = evidence::collect(&caller.data, &desk, &args.evidence.evidence).await?;
    let event = v1::Event { body: Some(Body::Budget(budget)), exercise: String::new() };
    sign_or_prepare(caller, &desk, &args.event, vec![event]).await
}

/// What the options say by themselves.
fn build(lang: Lang, args: &BudgetArgs) -> Result<v1::Budget, Failure> {
    let stage = parse_choice(lang, "--stage", "BudgetStage", &args.stage)?;
    let prices = match &args.prices {
        Some(text) => PriceBasis::from_text(parse_choice(lang, "--prices", "PriceBasis", text)?),
        None => None,
    };
    let allocation = match &args.allocation {
        Some(text) => {
            let word = parse_choice(lang, "--allocation", "BudgetAllocation", text)?;
            BudgetAllocation::from_text(word)
        }
        None => None,
    };
    let source = parse_source(lang, &args.source)?;
    let amount = match &args.amount.amount {
        Some(text) => Amount::Money(v1::Money {
            amount: decimal(text),
            currency: args.currency.clone().unwrap_or_default(),
            unit_multiplier: args.multiplier,
        }),
        None => Amount::None(v1::NoneStated { source: source.clone(), note: None }),
    };
    Ok(v1::Budget {
        fiscal_year: Some(v1::Period { text: args.year.clone() }),
        line: args.line.clone().unwrap_or_default(),
        programme: args.programme.clone().map(|text| super::text_in(lang, text)),
        stage: BudgetStage::from_text(stage).map_or(0, BudgetStage::number),
        amount: Some(amount),
        price_basis: prices.map_or(0, PriceBasis::number),
        base_year: args.base_year.clone().map(|text| v1::Period { text }),
        allocation: allocation.map_or(0, BudgetAllocation::number),
        source,
        comment: args.comment.clone().unwrap_or_default(),
        explanation: args.explanation.clone().unwrap_or_default(),
        ..v1::Budget::default()
    })
}
