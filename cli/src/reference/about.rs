// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An entry named by what it is about: the report that stands for an indicator and period, or the
//! challenge against it that is not closed.

use std::collections::BTreeMap;

use constancia_ledger::event::Period;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::EntryId;
use constancia_ledger::state::{IndicatorDocument, StatementRecord};

use crate::desk::Desk;
use crate::failure::{Explain, Failure};
use crate::ledger_view::LedgerView;
use crate::words::{Lang, errors};

/// Whether events of these kinds are named by what they are about.
pub(super) fn can_name(wanted: &[&str]) -> bool {
    wanted.iter().any(|event| ["report", "correction", "challenge"].contains(event))
}

/// An entry that fits.
struct Fitting {
    id: EntryId,
    /// Who wrote it.
    author: String,
    /// Whose figure it is about: of a challenge not its author's.
    of: String,
}

/// Finds the one entry that `INDICATOR/PERIOD[@MEMBER]` names among the wanted events.
///
/// # Errors
/// Where there is none, or more than one.
pub(super) async fn find(desk: &Desk, text: &str, wanted: &[&str]) -> Result<EntryId, Failure> {
    let (about, member) = match text.trim().split_once('@') {
        Some((about, member)) => (about, Some(member)),
        None => (text.trim(), None),
    };
    let (indicator, period) = about.split_once('/').unwrap_or((about, ""));
    let Ok(period) = period.parse::<Period>() else {
        let found = text.to_owned();
        return Err(AboutError::NotAReference { found }.into());
    };
    let ledger = LedgerView::read_known(desk).await?;
    ledger.check_indicator(indicator)?;
    let state = ledger.state(desk).await?;
    let mut fitting = match state.indicator(indicator) {
        Some(document) if wanted.contains(&"challenge") => open_challenges(document, period),
        Some(document) => standing_statements(document, period, wanted),
        None => Vec::new(),
    };
    fitting.retain(|fit| member.is_none_or(|member| fit.of == member || fit.author == member));
    match fitting.as_slice() {
        [only] => Ok(only.id),
        [] => {
            let (about, indicator) = (text.to_owned(), indicator.to_owned());
            Err(AboutError::None { about, indicator }.into())
        }
        several => {
            let told_apart = |fit: &&Fitting| {
                member.is_none() && several.iter().filter(|other| other.of == fit.of).count() == 1
            };
            let example = several.iter().find(told_apart).map(|fit| format!("{about}@{}", fit.of));
            let fitting = several.iter().map(|fit| format!("{} ({})", fit.id.short(), fit.author));
            let fitting = fitting.collect();
            Err(AboutError::Several { about: text.to_owned(), fitting, example }.into())
        }
    }
}

/// Reports and corrections of the period that nothing replaced and nobody withdrew: of each member
/// the last, which takes the place of those before it.
fn standing_statements(
    document: &IndicatorDocument,
    period: Period,
    wanted: &[&str],
) -> Vec<Fitting> {
    let stands = |statement: &&StatementRecord| {
        statement.period == period
            && statement.replaced_by.is_empty()
            && statement.withdrawals.is_empty()
            && (statement.correction.is_some() || wanted.contains(&"report"))
    };
    let found = document.statements.iter().filter(stands);
    let mut last: BTreeMap<String, EntryId> = BTreeMap::new();
    for statement in found {
        last.insert(statement.act.member.to_string(), statement.act.entry);
    }
    last.into_iter().map(|(author, id)| Fitting { id, of: author.clone(), author }).collect()
}

/// Challenges of the period's reports that are not closed.
fn open_challenges(document: &IndicatorDocument, period: Period) -> Vec<Fitting> {
    let of_period = |statement: &EntryId| {
        document.statement(statement).is_some_and(|statement| statement.period == period)
    };
    let found = document
        .challenges
        .iter()
        .filter(|challenge| !challenge.standing.is_closed() && of_period(&challenge.statement));
    found
        .map(|challenge| Fitting {
            id: challenge.act.entry,
            author: challenge.act.member.to_string(),
            of: challenge.challenged.to_string(),
        })
        .collect()
}

/// Why nothing, or too much, is about that.
#[derive(Debug)]
enum AboutError {
    NotAReference {
        found: String,
    },
    None {
        about: String,
        indicator: String,
    },
    Several {
        about: String,
        fitting: Vec<String>,
        /// A name that fits one of them alone.
        example: Option<String>,
    },
}

impl Explain for AboutError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAReference { .. } => "reference.not_a_reference",
            Self::None { .. } => "reference.nothing_about",
            Self::Several { .. } => "reference.several_about",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotAReference { .. } => Fault::Malformed,
            Self::None { .. } | Self::Several { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotAReference { found } => errors::not_a_reference(lang, found),
            Self::None { about, .. } => errors::nothing_about(lang, about),
            Self::Several { about, fitting, .. } => {
                errors::several_about(lang, about, &fitting.join(", "))
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotAReference { .. } => Some(errors::reference_hint(lang)),
            Self::None { indicator, .. } => Some(errors::nothing_about_hint(lang, indicator)),
            Self::Several { example: Some(example), .. } => {
                Some(errors::several_about_hint(lang, example))
            }
            Self::Several { example: None, .. } => Some(errors::several_alike_hint(lang)),
        }
    }
}
