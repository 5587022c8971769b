// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose admit-member`, `retire-member`, `succession`: who takes part, and who answers for what.

use std::path::{Path, PathBuf};

use clap::Args;
use constancia_ledger::event::{MemberClass, PartialDate};
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::key::key_bytes;
use super::{ProposalArgs, put_forward};
use crate::arguments::SourceArgs;
use crate::command::{Caller, Ended};
use crate::desk;
use crate::failure::Failure;
use crate::key_folder::read_public;
use crate::ledger_view::LedgerView;
use crate::table::options::{OptionError, parse_choice, parse_source};

/// Options of an admission.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdmitArgs {
    #[arg(value_name = "SLUG")]
    slug: String,
    #[arg(long, value_name = "CLASS")]
    class: String,
    #[arg(long, value_name = "TEXT")]
    name_es: String,
    #[arg(long, value_name = "TEXT")]
    name_en: Option<String>,
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[arg(long, value_name = "FILE")]
    sign_key: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    node_key: Vec<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    office: Option<String>,
    #[arg(long)]
    council: bool,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Options of a member's retirement.
#[derive(Clone, Debug, Args)]
pub(crate) struct RetireArgs {
    #[arg(value_name = "SLUG")]
    slug: String,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Options of a succession.
#[derive(Clone, Debug, Args)]
pub(crate) struct SuccessionArgs {
    #[arg(value_name = "FROM")]
    from: String,
    #[arg(value_name = "TO")]
    to: String,
    #[arg(long, value_name = "ID")]
    indicator: Vec<String>,
    #[arg(long, value_name = "DATE")]
    effective_on: Option<String>,
    #[command(flatten)]
    legal_basis: SourceArgs,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts an admission before the council.
///
/// # Errors
/// Where a key is none, and what signing says.
pub(crate) async fn admit(caller: &Caller, args: AdmitArgs) -> Ended {
    let lang = caller.ui.lang;
    let class = parse_choice(lang, "--class", "MemberClass", &args.class)?;
    let source = parse_source(lang, &args.source)?;
    let mut keys =
        read_grants(&args.slug, &args.sign_key, v1::KeyScope::Sign, args.office.as_deref())?;
    keys.extend(read_grants(&args.slug, &args.node_key, v1::KeyScope::Acknowledge, None)?);
    keys.sort_by(|one, other| one.key.cmp(&other.key));
    let name =
        v1::Text { es: args.name_es, en: args.name_en.unwrap_or_default(), translated: Vec::new() };
    let member = v1::Member {
        slug: args.slug,
        class: MemberClass::from_text(class).map_or(0, MemberClass::number),
        name: Some(name),
        source,
        url: args.url.unwrap_or_default(),
    };
    let desk = desk::open(caller).await?;
    let admission = v1::AdmitMember { member: Some(member), keys, council: args.council };
    put_forward(caller, &desk, &args.proposal, Decision::AdmitMember(admission)).await
}

/// Puts a member's retirement before the council.
///
/// # Errors
/// Where there is no such member, and what signing says.
pub(crate) async fn retire(caller: &Caller, args: RetireArgs) -> Ended {
    let desk = desk::open(caller).await?;
    LedgerView::read(&desk).await?.check_member(&args.slug)?;
    let decision = Decision::RetireMember(v1::RetireMember { member: args.slug });
    put_forward(caller, &desk, &args.proposal, decision).await
}

/// Puts a succession before the council.
///
/// # Errors
/// Where a member or an indicator is none, and what signing says.
pub(crate) async fn succeed(caller: &Caller, args: SuccessionArgs) -> Ended {
    let lang = caller.ui.lang;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    view.check_member(&args.from)?;
    view.check_member(&args.to)?;
    for indicator in &args.indicator {
        view.check_indicator(indicator)?;
    }
    let effective_on = match &args.effective_on {
        Some(text) => match text.parse::<PartialDate>() {
            Ok(date) => Some(v1::Date { text: date.to_string() }),
            Err(error) => {
                return Err(OptionError::Value { option: "--effective-on", error }.into());
            }
        },
        None => None,
    };
    let succession = v1::Succession {
        from: args.from,
        to: args.to,
        indicators: args.indicator,
        effective_on,
        legal_basis: parse_source(lang, &args.legal_basis)?,
    };
    put_forward(caller, &desk, &args.proposal, Decision::Succession(succession)).await
}

fn read_grants(
    slug: &str,
    files: &[PathBuf],
    scope: v1::KeyScope,
    office: Option<&str>,
) -> Result<Vec<v1::KeyGrant>, Failure> {
    let read = |file: &Path| -> Result<v1::KeyGrant, Failure> {
        Ok(v1::KeyGrant {
            key: key_bytes(&read_public(file)?),
            member: slug.to_owned(),
            scope: scope.into(),
            office: office.unwrap_or_default().to_owned(),
            appointment: None,
        })
    };
    files.iter().map(|file| read(file)).collect()
}
