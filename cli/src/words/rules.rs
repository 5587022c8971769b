// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What would be right where a field of an event breaks a rule: the words of `BrokenRule`.
//!
//! The English text is the ledger's own; the Spanish says the same with the same values.

use constancia_ledger::event::BrokenRule;

use super::{Lang, errors, words};

/// The rule and what was found.
pub(crate) fn broken_rule(lang: Lang, rule: &BrokenRule) -> String {
    if let BrokenRule::NotADecimal { found } = rule
        && found.contains(',')
    {
        return decimal_comma(lang, found);
    }
    errors::as_said(lang, &rule.to_string())
}

words! {
    /// The most common slip of a Spanish spreadsheet.
    decimal_comma(found) {
        es: "se esperaba un número con punto decimal y sin separador de millares, como 25.2 o 1234; se encontró «{found}» con coma",
        en: "expected a number with a decimal point and no thousands separator, such as 25.2 or 1234, found “{found}” with a comma",
    }
}
