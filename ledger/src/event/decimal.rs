// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Exact decimal numbers, with the decimals that were signed, and ratios checked without division.
//!
//! Never a float: 25.2 stays 25.2 on every machine, and 25.20 keeps its zero.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use constancia_proto::v1;

use super::error::{BrokenRule, EventError, shown};
use super::limits::{DECIMAL_DIGITS_MAX, UNIT_MULTIPLIER_MAX};
use super::name::Unit;

/// An exact decimal of at most 18 digits.
///
/// Equality is that of the text: 25.2 and 25.20 differ, since a source published one of them.
/// To compare the numbers, use [`compare`](Self::compare).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits, without the point.
    digits: i64,
    /// How many of them stand after the point.
    decimals: u8,
}

impl Decimal {
    /// The whole number `number`, or none where it has more than 18 digits.
    pub fn from_whole(number: i64) -> Option<Self> {
        let digits = number.unsigned_abs().checked_ilog10().unwrap_or(0);
        (usize::try_from(digits).ok()? < DECIMAL_DIGITS_MAX)
            .then_some(Self { digits: number, decimals: 0 })
    }

    /// How many digits stand after the point, trailing zeros included.
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// Whether the number is zero, however many decimals it has.
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether the number is below zero.
    pub const fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// The number for exact arithmetic.
    pub fn to_big(self) -> BigDecimal {
        BigDecimal::new(BigInt::from(self.digits), i64::from(self.decimals))
    }

    /// Compares the numbers: 25.2 and 25.20 are equal here.
    pub fn compare(self, other: Self) -> Ordering {
        self.to_big().cmp(&other.to_big())
    }
}

impl FromStr for Decimal {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        match parse_decimal(text) {
            Some(decimal) => Ok(decimal),
            None => Err(BrokenRule::NotADecimal { found: shown(text) }.into()),
        }
    }
}

fn parse_decimal(text: &str) -> Option<Decimal> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (unsigned, ""),
    };
    let superfluous_zero = whole.starts_with('0') && whole != "0";
    let count = whole.len().checked_add(fraction.len())?;
    if whole.is_empty() || superfluous_zero || count > DECIMAL_DIGITS_MAX {
        return None;
    }
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: i64 = format!("{sign}{whole}{fraction}").parse().ok()?;
    if digits == 0 && !sign.is_empty() {
        return None;
    }
    Some(Decimal { digits, decimals: u8::try_from(fraction.len()).ok()? })
}

impl TryFrom<v1::Decimal> for Decimal {
    type Error = EventError;

    fn try_from(raw: v1::Decimal) -> Result<Self, EventError> {
        raw.text.parse()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let decimals = usize::from(self.decimals);
        let width = decimals.saturating_add(1);
        let digits = format!("{:0width$}", self.digits.unsigned_abs());
        let (whole, fraction) =
            digits.split_at_checked(digits.len().saturating_sub(decimals)).unwrap_or_default();
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The power of ten that a figure is multiplied by: 6 where figures are in millions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct UnitMultiplier(i8);

impl UnitMultiplier {
    /// Figures stand as they are.
    pub const ONE: Self = Self(0);

    /// The exponent of ten.
    pub const fn exponent(self) -> i8 {
        self.0
    }
}

impl TryFrom<i32> for UnitMultiplier {
    type Error = EventError;

    fn try_from(exponent: i32) -> Result<Self, EventError> {
        match i8::try_from(exponent) {
            Ok(exponent) if exponent.unsigned_abs() <= UNIT_MULTIPLIER_MAX.unsigned_abs() => {
                Ok(Self(exponent))
            }
            Ok(_) | Err(_) => Err(BrokenRule::OutOfRange {
                expected: format!(
                    "a power of ten from -{UNIT_MULTIPLIER_MAX} to {UNIT_MULTIPLIER_MAX}"
                ),
                found: exponent.to_string(),
            }
            .into()),
        }
    }
}

/// How many times smaller than the quotient a value's unit makes it: 25.2 percent is 0.252.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotientScale(i8);

impl QuotientScale {
    /// The scale of values in `unit`, multiplied by ten to the power `multiplier`.
    ///
    /// `percent` is 10⁻², `per_1000` 10⁻³, and so on to `per_1000000`; any other unit is 1.
    pub fn of_unit(unit: &Unit, multiplier: UnitMultiplier) -> Self {
        let exponent: i8 = match unit.as_str() {
            "percent" | "per_100" => -2,
            "per_1000" => -3,
            "per_10000" => -4,
            "per_100000" => -5,
            "per_1000000" => -6,
            _ => 0,
        };
        Self(exponent.saturating_add(multiplier.0))
    }
}

/// Whether `value` is `numerator` over `denominator`, rounded to the value's own decimals.
///
/// A quotient that lies exactly between two values may be rounded away from zero, as spreadsheets
/// do, or to the even neighbour, as statistics packages do. By cross-multiplication: no division, no
/// float. Nothing is the quotient of a zero denominator.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "i64 sums of a few small numbers; the big integers have no bound to overflow"
)]
pub fn quotient_matches(
    value: Decimal,
    numerator: Decimal,
    denominator: Decimal,
    scale: QuotientScale,
) -> bool {
    if denominator.is_zero() {
        return false;
    }
    // In units of the value's last decimal, the quotient is dividend / divisor.
    let exponent = i64::from(denominator.decimals) - i64::from(numerator.decimals)
        + i64::from(value.decimals)
        - i64::from(scale.0);
    let power = BigInt::from(10).pow(u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX));
    let mut dividend = BigInt::from(numerator.digits);
    let mut divisor = BigInt::from(denominator.digits);
    if exponent < 0 {
        divisor *= power;
    } else {
        dividend *= power;
    }
    if divisor.sign() == Sign::Minus {
        dividend = -dividend;
        divisor = -divisor;
    }

    let product = BigInt::from(value.digits) * &divisor;
    let twice_off = BigInt::from(2) * (&product - &dividend);
    match twice_off.magnitude().cmp(divisor.magnitude()) {
        Ordering::Less => true,
        Ordering::Greater => false,
        Ordering::Equal => {
            let away_from_zero = product.magnitude() > dividend.magnitude();
            away_from_zero || value.digits % 2 == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn scale(unit: &str, multiplier: i32) -> QuotientScale {
        QuotientScale::of_unit(&unit.parse().unwrap(), multiplier.try_into().unwrap())
    }

    fn matches(value: &str, numerator: &str, denominator: &str, unit: &str) -> bool {
        quotient_matches(decimal(value), decimal(numerator), decimal(denominator), scale(unit, 0))
    }

    #[test]
    fn the_signed_text_is_kept() {
        for text in ["0", "25.2", "25.20", "-3", "0.00", "-0.5", "0.10", "999999999999999999"] {
            assert_eq!(decimal(text).to_string(), text);
        }
    }

    #[test]
    fn only_the_canonical_text_is_a_decimal() {
        let wrong = [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "-0",
            "-0.0",
            "01",
            "00",
            "+1",
            "1e3",
            "1,5",
            "1 000",
            " 1",
            "1.2.3",
            "--1",
            "½",
            "١",
            "1234567890123456789",
            "0.123456789012345678",
        ];
        for text in wrong {
            let error = text.parse::<Decimal>().unwrap_err();
            assert!(matches!(error.rule, BrokenRule::NotADecimal { .. }), "{text:?}");
        }
    }

    #[test]
    fn numbers_compare_without_regard_to_trailing_zeros() {
        assert_eq!(decimal("25.2").compare(decimal("25.20")), Ordering::Equal);
        assert_ne!(decimal("25.2"), decimal("25.20"));
        assert_eq!(decimal("-1.5").compare(decimal("0")), Ordering::Less);
        assert_eq!(decimal("10").compare(decimal("9.999")), Ordering::Greater);
    }

    #[test]
    fn a_whole_number_of_more_than_18_digits_is_none() {
        assert_eq!(Decimal::from_whole(-851).map(|d| d.to_string()), Some("-851".to_owned()));
        assert_eq!(Decimal::from_whole(0), Some(decimal("0")));
        assert_eq!(Decimal::from_whole(1_000_000_000_000_000_000), None);
        assert_eq!(Decimal::from_whole(i64::MIN), None);
    }

    #[test]
    fn femicides_among_killed_women_are_25_2_percent_and_not_33_7() {
        assert!(matches("25.2", "947", "3754", "percent"));
        assert!(matches("25.23", "947", "3754", "percent"));
        assert!(!matches("33.7", "947", "3754", "percent"));
        assert!(matches("33.7", "947", "2807", "percent"));
    }

    #[test]
    fn a_tie_may_go_away_from_zero_or_to_the_even_neighbour() {
        assert!(matches("12.5", "1", "8", "percent"));
        assert!(matches("13", "1", "8", "percent"));
        assert!(matches("12", "1", "8", "percent"));
        assert!(matches("38", "3", "8", "percent"));
        assert!(!matches("37", "3", "8", "percent"));
        assert!(matches("-38", "-3", "8", "percent"));
        assert!(!matches("-37", "3", "-8", "percent"));
    }

    #[test]
    fn the_unit_and_its_multiplier_set_the_scale() {
        assert!(matches("0.25", "947", "3754", "ratio"));
        assert!(matches("25226", "947", "3754", "per_100000"));
        let millions =
            quotient_matches(decimal("2.5"), decimal("5000000"), decimal("2"), scale("persons", 6));
        assert!(millions);
    }

    #[test]
    fn nothing_is_the_quotient_of_a_zero_denominator() {
        assert!(!matches("0", "0", "0", "percent"));
        assert!(!matches("0", "5", "0.00", "percent"));
    }

    proptest! {
        #[test]
        fn every_decimal_reads_back_as_itself(
            digits in -999_999_999_999_999_999_i64..=999_999_999_999_999_999,
            decimals in 0_u8..=17,
        ) {
            let decimal = Decimal { digits, decimals };
            prop_assert_eq!(decimal.to_string().parse::<Decimal>().unwrap(), decimal);
        }

        #[test]
        fn any_text_is_refused_or_read_back_unchanged(text in "-?[0-9.]{0,20}") {
            if let Ok(decimal) = text.parse::<Decimal>() {
                prop_assert_eq!(decimal.to_string(), text);
            }
        }

        #[test]
        fn the_quotient_agrees_with_rounding_half_up(
            numerator in 0_u32..=1_000_000,
            denominator in 1_u32..=1_000_000,
        ) {
            // Tenths of a percent, rounded half up by integer division.
            let (n, d) = (i64::from(numerator), i64::from(denominator));
            let tenths = n.strict_mul(2_000).strict_add(d).strict_div(d.strict_mul(2));
            let percentage = |digits| Decimal { digits, decimals: 1 };
            let numerator = Decimal { digits: n, decimals: 0 };
            let denominator = Decimal { digits: d, decimals: 0 };
            let percent = scale("percent", 0);
            prop_assert!(quotient_matches(percentage(tenths), numerator, denominator, percent));
            let off_by_two = percentage(tenths.strict_add(2));
            prop_assert!(!quotient_matches(off_by_two, numerator, denominator, percent));
        }
    }
}
