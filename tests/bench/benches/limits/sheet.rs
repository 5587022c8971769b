// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What was measured, as lines while it runs and as tables at the end.

use constancia_bench::paired::Spread;

/// A limit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// None: measured to be known.
    None,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Sheet {
    rows: Vec<String>,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// A line for whoever is watching.
    #[expect(clippy::unused_self, reason = "output goes through the sheet")]
    pub(crate) fn say(&self, line: &str) {
        println!("{line}");
    }

    /// A row of the table.
    pub(crate) fn add(&mut self, what: &str, limit: Limit, measured: &Spread, unit: &str) {
        let median = measured.median();
        let (limit, verdict) = match limit {
            Limit::AtLeast(least) => (format!("≥ {least}"), met(median >= least)),
            Limit::AtMost(most) => (format!("≤ {most}"), met(median <= most)),
            Limit::None => ("–".to_owned(), "–"),
        };
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let row = format!("| {what} | {limit} | {measured}{unit} | {verdict} |");
        self.say(&row);
        self.rows.push(row);
    }

    /// The table.
    pub(crate) fn print(&self) {
        self.say("\n| what | limit | median (least–greatest) | met |\n|---|---|---|---|");
        for row in &self.rows {
            self.say(row);
        }
    }
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "**no**" }
}
