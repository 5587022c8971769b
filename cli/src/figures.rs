// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The figures that a new one stands beside: whoever signs sees what changes.

use std::collections::BTreeMap;

use constancia_ledger::event::Decimal;
use constancia_ledger::id::EntryId;
use constancia_ledger::state::indicator::{Authority, IndicatorDocument, Vintage};
use constancia_proto::v1;

use crate::describe::json_word;
use crate::words::{Lang, choices, signing};

/// A figure that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figure {
    value: Option<Decimal>,
    /// Status letter.
    status: &'static str,
}

/// The figures that stand, per indicator and observation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// By indicator and place: the member's own.
    own: BTreeMap<(String, String), Figure>,
    /// By indicator and place: another member's, with its slug.
    others: BTreeMap<(String, String), (String, Figure)>,
    /// By indicator and period: the member's own report or correction that stands.
    reports: BTreeMap<(String, String), EntryId>,
}

impl Figures {
    /// The figures of these indicators, seen from `member`; from the responsible member where none
    /// is named.
    pub(crate) fn of(member: Option<&str>, documents: &[&IndicatorDocument]) -> Self {
        let mut figures = Self::default();
        for document in documents {
            for series in &document.series {
                let Some(vintage) = series.current() else {
                    continue;
                };
                let key = (document.id.to_string(), series.observation.to_string());
                let is_own = match member {
                    Some(member) => series.member.as_str() == member,
                    None => vintage.authority == Authority::Official,
                };
                if is_own {
                    figures.own.insert(key, figure_of(vintage));
                } else {
                    figures.others.insert(key, (series.member.to_string(), figure_of(vintage)));
                }
            }
            let standing = document.statements.iter().filter(|statement| {
                statement.replaced_by.is_empty()
                    && statement.withdrawals.is_empty()
                    && match member {
                        Some(member) => statement.act.member.as_str() == member,
                        None => statement.authority == Authority::Official,
                    }
            });
            for statement in standing {
                let key = (document.id.to_string(), statement.period.to_string());
                figures.reports.insert(key, statement.act.entry);
            }
        }
        figures
    }

    /// The member's report or correction that stands for a period.
    pub(crate) fn standing_report(&self, indicator: &str, period: &str) -> Option<EntryId> {
        self.reports.get(&(indicator.to_owned(), period.to_owned())).copied()
    }

    /// What `observation` changes, in words: ` (851 → 852, +1)`.
    pub(crate) fn change(
        &self,
        lang: Lang,
        indicator: &str,
        place: &str,
        observation: &v1::Observation,
    ) -> String {
        let key = (indicator.to_owned(), place.to_owned());
        let new = observation.value.as_ref().and_then(|value| value.text.parse::<Decimal>().ok());
        let mut text = match self.own.get(&key) {
            None => signing::first_figure(lang),
            Some(last) => change_text(lang, last, new, &json_word("ObsStatus", observation.status)),
        };
        if let Some((member, other)) = self.others.get(&key) {
            text.push_str("; ");
            text.push_str(&signing::other_figure(lang, member, &figure_text(lang, other)));
        }
        format!(" ({text})")
    }
}

fn figure_of(vintage: &Vintage) -> Figure {
    Figure { value: vintage.value, status: vintage.status.as_str() }
}

fn figure_text(lang: Lang, figure: &Figure) -> String {
    match figure.value {
        Some(value) => value.to_string(),
        None => choices::choice(lang, "ObsStatus", figure.status).to_owned(),
    }
}

fn change_text(lang: Lang, last: &Figure, new: Option<Decimal>, status: &str) -> String {
    match (last.value, new) {
        (Some(old), Some(new)) if old == new && last.status == status => {
            signing::same_figure(lang, &old)
        }
        (Some(old), Some(new)) if old.compare(new).is_eq() => {
            signing::same_number(lang, &old, &new)
        }
        (Some(old), Some(new)) => signing::changed_figure(lang, &old, &new, &difference(old, new)),
        (_, new) => {
            let new = new.map_or_else(
                || choices::choice(lang, "ObsStatus", status).to_owned(),
                |new| new.to_string(),
            );
            signing::changed_text(lang, &figure_text(lang, last), &new)
        }
    }
}

/// The exact difference, with its sign.
#[expect(clippy::arithmetic_side_effects, reason = "decimals of any size: nothing overflows")]
pub(crate) fn difference(old: Decimal, new: Decimal) -> String {
    let difference = (new.to_big() - old.to_big()).to_plain_string();
    match difference.strip_prefix('-') {
        Some(digits) => format!("−{digits}"),
        None => format!("+{difference}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: &str) -> Figure {
        Figure { value: value.parse().ok(), status: if value.is_empty() { "Q" } else { "A" } }
    }

    #[test]
    fn the_change_is_exact_and_has_its_sign() {
        let change = |old: &str, new: &str| {
            change_text(
                Lang::En,
                &figure(old),
                new.parse().ok(),
                if new.is_empty() { "Q" } else { "A" },
            )
        };
        assert_eq!(change("851", "852"), "851 → 852, +1");
        assert_eq!(change("33.7", "25.2"), "33.7 → 25.2, −8.5");
        assert_eq!(change("0.1", "0.3"), "0.1 → 0.3, +0.2");
        assert!(change("851", "851").starts_with("same as the last"));
        assert!(change("25.2", "25.20").contains("same number"));
        assert_eq!(change("4", ""), "4 → missing: suppressed");
    }
}
