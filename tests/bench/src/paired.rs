// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Two things measured in turns.
//!
//! The limits are ratios, because a machine is never as fast as it was a minute ago and never
//! quite alone. So what is measured and what it is measured against take turns within one run, each
//! turn gives one ratio, and the median of the ratios counts.

use std::fmt;
use std::time::{Duration, Instant};

/// A watch that runs.
#[derive(Clone, Copy, Debug)]
pub struct Watch(Instant);

impl Watch {
    /// Starts one.
    #[expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has run.
    pub fn read(self) -> Duration {
        self.0.elapsed()
    }
}

/// How long something took.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let watch = Watch::start();
    let done = work();
    (done, watch.read())
}

/// So many in this time, per second.
pub fn per_second(count: usize, took: Duration) -> f64 {
    as_float(count) / took.as_secs_f64()
}

/// A count as a number to divide by.
pub fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// The middle of several measurements, and how far they spread.
#[derive(Clone, Debug)]
pub struct Spread {
    sorted: Vec<f64>,
}

impl Spread {
    /// Of these.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Self { sorted }
    }

    /// The middle one; of an even number, the mean of the middle two.
    pub fn median(&self) -> f64 {
        let count = self.sorted.len();
        let (low, high) = (count.saturating_sub(1) / 2, count / 2);
        match (self.sorted.get(low), self.sorted.get(high)) {
            (Some(low), Some(high)) => low.midpoint(*high),
            (_, _) => f64::NAN,
        }
    }

    /// The least.
    pub fn least(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(f64::NAN)
    }

    /// The greatest.
    pub fn greatest(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(f64::NAN)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// Each one divided by this.
    #[must_use]
    pub fn over(&self, divisor: f64) -> Self {
        Self::of(self.sorted.iter().map(|value| value / divisor))
    }
}

impl fmt::Display for Spread {
    /// As many digits as tell something: `1.04 (0.98–1.10)`, `31 200 (29 900–32 000)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: f64| {
            if value.abs() >= 1_000.0 {
                group_digits(value)
            } else if value.abs() >= 20.0 {
                format!("{value:.1}")
            } else {
                format!("{value:.2}")
            }
        };
        f.write_str(&shown(self.median()))?;
        if self.count() > 1 {
            write!(f, " ({}–{})", shown(self.least()), shown(self.greatest()))?;
        }
        Ok(())
    }
}

fn group_digits(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// What was measured, per second, what it was measured against, and turn by turn their ratio.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What is measured.
    pub measured: Spread,
    /// What it is measured against.
    pub against: Spread,
    /// Their ratio, turn by turn.
    pub ratio: Spread,
}

/// Measures in turns: `against`, `measured`, `against`, `measured` … `against`. Each turn of
/// `measured` is held against the mean of those around it. Both give a number per second.
pub fn compare(
    turns: usize,
    mut measured: impl FnMut() -> f64,
    mut against: impl FnMut() -> f64,
) -> Pair {
    let mut rates = Vec::new();
    let mut around = vec![against()];
    let mut ratios = Vec::new();
    for _ in 0..turns {
        let rate = measured();
        let before = around.last().copied().unwrap_or(f64::NAN);
        let after = against();
        around.push(after);
        rates.push(rate);
        ratios.push(rate / before.midpoint(after));
    }
    Pair { measured: Spread::of(rates), against: Spread::of(around), ratio: Spread::of(ratios) }
}
