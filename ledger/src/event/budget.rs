// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Money: what was committed, approved, modified or spent, and for what.

use constancia_proto::v1;

use super::attachment::{Attachment, evidence};
use super::choice::choice;
use super::decimal::{Decimal, UnitMultiplier};
use super::error::{BrokenRule, EventError};
use super::field::{
    InField as _, Parsed, broken, choice, name, optional, optional_choice, optional_entry_id,
    optional_name, prose, required,
};
use super::name::{Currency, LineId};
use super::period::Period;
use super::source::{Source, Stated};
use super::text::Text;
use crate::id::EntryId;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Money {
    /// In the currency, times the multiplier.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
    /// Power of ten that the amount is multiplied by: 6 for millions.
    pub unit_multiplier: UnitMultiplier,
}

impl TryFrom<v1::Money> for Money {
    type Error = EventError;

    fn try_from(raw: v1::Money) -> Result<Self, EventError> {
        let unit_multiplier = UnitMultiplier::try_from(raw.unit_multiplier);
        Ok(Self {
            amount: required("amount", raw.amount)?,
            currency: name("currency", raw.currency)?,
            unit_multiplier: unit_multiplier.in_field("unit_multiplier")?,
        })
    }
}

choice! {
    /// How far the money has come.
    BudgetStage {
        /// Promised.
        Committed = "committed",
        /// Approved by the legislature.
        Approved = "approved",
        /// Approved, then changed.
        Modified = "modified",
        /// Spent.
        Spent = "spent",
    }
}

choice! {
    /// Prices of which time an amount is in, as the schema numbers it.
    PriceBasis {
        /// Of the fiscal year itself.
        Current = "current",
        /// Of a base year.
        Constant = "constant",
    }
}

choice! {
    /// Whether the money is for this plan alone.
    BudgetAllocation {
        /// For this plan alone.
        Earmarked = "earmarked",
        /// For more than this plan.
        Shared = "shared",
    }
}

/// Prices of which time an amount is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Prices {
    /// Of the fiscal year itself.
    Current,
    /// Of a base year.
    Constant {
        /// The base year.
        base_year: Period,
    },
}

/// An institution states money for the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Budget {
    /// What time it is for.
    pub fiscal_year: Period,
    /// None: not tied to a line of action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// What the money is for, where it is no line of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<Text>,
    /// How far the money has come.
    pub stage: BudgetStage,
    /// The amount, or that there is none; never unknown, which would say nothing.
    pub amount: Stated<Money>,
    /// None: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// None: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation: Option<BudgetAllocation>,
    /// Where the amount was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Files that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Attachment>,
    /// What the reader must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The budget entry that it replaces.
    #[serde(
        serialize_with = "super::json::as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub replaces: Option<EntryId>,
    /// Why it replaces that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

impl TryFrom<v1::Budget> for Budget {
    type Error = EventError;

    fn try_from(raw: v1::Budget) -> Result<Self, EventError> {
        let amount = match raw.amount {
            Some(v1::budget::Amount::Money(money)) => {
                Stated::Value(required("money", Some(money))?)
            }
            Some(v1::budget::Amount::None(none)) => Stated::None(required("none", Some(none))?),
            None => {
                return broken("money", BrokenRule::Missing { expected: "an amount, or none" });
            }
        };
        let budget = Self {
            fiscal_year: required("fiscal_year", raw.fiscal_year)?,
            line: optional_name("line", raw.line)?,
            programme: optional("programme", raw.programme)?,
            stage: choice("stage", raw.stage)?,
            amount,
            prices: parse_prices(raw.price_basis, raw.base_year)?,
            allocation: optional_choice("allocation", raw.allocation)?,
            source: optional("source", raw.source)?,
            evidence: evidence(raw.evidence)?,
            comment: prose("comment", raw.comment)?,
            replaces: optional_entry_id("replaces", &raw.replaces)?,
            explanation: prose("explanation", raw.explanation)?,
        };
        if budget.explanation.is_some() && budget.replaces.is_none() {
            let reason = "it explains why a budget entry is replaced, and none is named";
            return broken("explanation", BrokenRule::Unexpected { reason });
        }
        Ok(budget)
    }
}

fn parse_prices(basis: i32, base_year: Option<v1::Period>) -> Parsed<Option<Prices>> {
    match (optional_choice("price_basis", basis)?, base_year) {
        (Some(PriceBasis::Constant), base_year) => {
            Ok(Some(Prices::Constant { base_year: required("base_year", base_year)? }))
        }
        (Some(PriceBasis::Current), None) => Ok(Some(Prices::Current)),
        (None, None) => Ok(None),
        (Some(PriceBasis::Current) | None, Some(_)) => {
            let reason = "only constant prices have a base year";
            broken("base_year", BrokenRule::Unexpected { reason })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> v1::Budget {
        let money = v1::Money {
            amount: Some(v1::Decimal { text: "346077017893".to_owned() }),
            currency: "MXN".to_owned(),
            unit_multiplier: 0,
        };
        v1::Budget {
            fiscal_year: Some(v1::Period { text: "2023".to_owned() }),
            stage: BudgetStage::Approved.number(),
            amount: Some(v1::budget::Amount::Money(money)),
            ..v1::Budget::default()
        }
    }

    fn path_of(raw: v1::Budget) -> Option<String> {
        Budget::try_from(raw).err().map(|error| error.path)
    }

    #[test]
    fn a_budget_states_an_amount_or_none() {
        assert_eq!(path_of(raw()), None);
        let none = Some(v1::budget::Amount::None(v1::NoneStated::default()));
        assert_eq!(path_of(v1::Budget { amount: none, ..raw() }), None);
        assert_eq!(path_of(v1::Budget { amount: None, ..raw() }).as_deref(), Some("money"));
    }

    #[test]
    fn constant_prices_name_their_year_and_others_do_not() {
        let year = Some(v1::Period { text: "2018".to_owned() });
        let priced = |basis: i32, base_year| v1::Budget { price_basis: basis, base_year, ..raw() };
        let constant = PriceBasis::Constant.number();
        assert_eq!(path_of(priced(constant, year.clone())), None);
        assert_eq!(path_of(priced(constant, None)).as_deref(), Some("base_year"));
        assert_eq!(path_of(priced(0, year)).as_deref(), Some("base_year"));
    }

    #[test]
    fn a_currency_has_three_capital_letters() {
        let money = v1::Money {
            amount: Some(v1::Decimal { text: "1".to_owned() }),
            currency: "mxn".to_owned(),
            unit_multiplier: 0,
        };
        let amount = Some(v1::budget::Amount::Money(money));
        assert_eq!(path_of(v1::Budget { amount, ..raw() }).as_deref(), Some("money.currency"));
    }
}
