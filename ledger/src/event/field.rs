// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How one field of a message becomes one field of a domain value.
//!
//! Every function here names the field in the error that it returns; nothing else does.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::error::{BrokenRule, EventError, shown};
use super::limits::{LABEL_BYTES_MAX, PROSE_BYTES_MAX};
use crate::id::{EntryId, PublicKey};

/// What parsing returns.
pub(super) type Parsed<T> = Result<T, EventError>;

/// Says in which field an error was found.
pub(super) trait InField {
    fn in_field(self, field: &str) -> Self;
}

impl<T> InField for Parsed<T> {
    fn in_field(self, field: &str) -> Self {
        self.map_err(|error| error.within(field))
    }
}

/// An error in `field`.
pub(super) fn broken<T>(field: &str, rule: BrokenRule) -> Parsed<T> {
    Err(EventError::from(rule).within(field))
}

/// A message that must be there.
pub(super) fn required<R, T>(field: &'static str, raw: Option<R>) -> Parsed<T>
where
    T: TryFrom<R, Error = EventError>,
{
    match raw {
        Some(raw) => T::try_from(raw).in_field(field),
        None => broken(field, BrokenRule::Missing { expected: "a value" }),
    }
}

/// A message that may be absent: unknown.
pub(super) fn optional<R, T>(field: &str, raw: Option<R>) -> Parsed<Option<T>>
where
    T: TryFrom<R, Error = EventError>,
{
    raw.map(T::try_from).transpose().in_field(field)
}

/// Every item of a list of at most `count_max`.
pub(super) fn each<R, T>(field: &str, raw: Vec<R>, count_max: usize) -> Parsed<Vec<T>>
where
    T: TryFrom<R, Error = EventError>,
{
    each_by(field, raw, count_max, T::try_from)
}

/// Every item of a list of at most `count_max`, parsed by `parse`.
pub(super) fn each_by<R, T>(
    field: &str,
    raw: Vec<R>,
    count_max: usize,
    parse: impl Fn(R) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    if raw.len() > count_max {
        return broken(field, BrokenRule::TooMany { limit: count_max, found: raw.len() });
    }
    raw.into_iter()
        .enumerate()
        .map(|(index, item)| parse(item).map_err(|error| error.within_item(index)))
        .collect::<Parsed<_>>()
        .in_field(field)
}

/// A slug, id or code that must be there.
pub(super) fn name<T>(field: &str, raw: String) -> Parsed<T>
where
    T: TryFrom<String, Error = EventError>,
{
    if raw.is_empty() {
        return broken(field, BrokenRule::Missing { expected: "a name" });
    }
    T::try_from(raw).in_field(field)
}

/// A slug, id or code, or the empty text for none.
pub(super) fn optional_name<T>(field: &str, raw: String) -> Parsed<Option<T>>
where
    T: TryFrom<String, Error = EventError>,
{
    if raw.is_empty() { Ok(None) } else { T::try_from(raw).map(Some).in_field(field) }
}

/// A choice that must be made.
pub(super) fn choice<T>(field: &str, number: i32) -> Parsed<T>
where
    T: TryFrom<i32, Error = EventError>,
{
    T::try_from(number).in_field(field)
}

/// A choice, or unspecified for unknown.
pub(super) fn optional_choice<T>(field: &str, number: i32) -> Parsed<Option<T>>
where
    T: TryFrom<i32, Error = EventError>,
{
    if number == 0 { Ok(None) } else { choice(field, number).map(Some) }
}

/// The id of an entry.
pub(super) fn entry_id(field: &str, raw: &[u8]) -> Parsed<EntryId> {
    if raw.is_empty() {
        return broken(field, BrokenRule::Missing { expected: "the id of an entry" });
    }
    match EntryId::from_slice(raw) {
        Some(id) => Ok(id),
        None => broken(field, BrokenRule::Length { expected: 32, found: raw.len() }),
    }
}

/// The id of an entry, or no bytes for none.
pub(super) fn optional_entry_id(field: &str, raw: &[u8]) -> Parsed<Option<EntryId>> {
    if raw.is_empty() { Ok(None) } else { entry_id(field, raw).map(Some) }
}

/// A public key that could have signed something: a point, and not of small order.
pub(super) fn public_key(field: &str, raw: &[u8]) -> Parsed<PublicKey> {
    let Some(key) = PublicKey::from_slice(raw) else {
        return broken(field, BrokenRule::Length { expected: 32, found: raw.len() });
    };
    if key.to_verifying_key().is_none() {
        return broken(field, BrokenRule::NotAKey { found: key.to_string() });
    }
    Ok(key)
}

/// Exactly `N` bytes.
pub(super) fn bytes<const N: usize>(field: &str, raw: &[u8]) -> Parsed<[u8; N]> {
    match <[u8; N]>::try_from(raw) {
        Ok(bytes) => Ok(bytes),
        Err(_other_length) => broken(field, BrokenRule::Length { expected: N, found: raw.len() }),
    }
}

/// A text of one line, or empty for none.
pub(super) fn label(field: &str, raw: String) -> Parsed<Option<String>> {
    written(raw, LABEL_BYTES_MAX, &[]).in_field(field)
}

/// A text of one line that must be there.
pub(super) fn required_label(field: &str, raw: String) -> Parsed<String> {
    label(field, raw)?
        .ok_or_else(|| EventError::from(BrokenRule::Missing { expected: "a text" }).within(field))
}

/// A text of several lines, or empty for none.
pub(super) fn prose(field: &str, raw: String) -> Parsed<Option<String>> {
    written(raw, PROSE_BYTES_MAX, &['\n', '\t']).in_field(field)
}

/// A text of several lines that must be there.
pub(super) fn required_prose(field: &str, raw: String) -> Parsed<String> {
    prose(field, raw)?
        .ok_or_else(|| EventError::from(BrokenRule::Missing { expected: "a text" }).within(field))
}

/// Nothing that makes a terminal or a page show something else than what is signed: no control
/// character but `allowed`, no line or paragraph separator, and none that turns the direction of
/// writing round.
fn written(raw: String, bytes_max: usize, allowed: &[char]) -> Parsed<Option<String>> {
    if raw.is_empty() {
        return Ok(None);
    }
    if raw.len() > bytes_max {
        return Err(BrokenRule::TextTooLong { limit: bytes_max, found: raw.len() }.into());
    }
    let misleading = |character: char| {
        (character.is_control() && !allowed.contains(&character))
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}')
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(found) = raw.chars().find(|character| misleading(*character)) {
        return Err(BrokenRule::ControlCharacter { found: u32::from(found) }.into());
    }
    if raw.trim().is_empty() {
        return Err(BrokenRule::Blank.into());
    }
    Ok(Some(raw))
}

/// Refuses a list whose keys do not ascend strictly.
pub(super) fn ascending<'a, T, K>(
    field: &str,
    items: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Parsed<()>
where
    K: Ord + Display,
{
    let mut previous: Option<K> = None;
    for (index, item) in items.iter().enumerate() {
        let found = key(item);
        if let Some(previous) = previous.filter(|previous| *previous >= found) {
            let rule = if previous == found {
                BrokenRule::Duplicate { found: found.to_string() }
            } else {
                BrokenRule::NotAscending {
                    previous: previous.to_string(),
                    found: found.to_string(),
                }
            };
            return Err(EventError::from(rule).within_item(index).within(field));
        }
        previous = Some(found);
    }
    Ok(())
}

/// Refuses a list in which two items have the same key.
pub(super) fn distinct<'a, T, K>(
    field: &str,
    items: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Parsed<()>
where
    K: Ord + Display,
{
    let mut found = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let key = key(item);
        if found.contains(&key) {
            let rule = BrokenRule::Duplicate { found: shown(&key.to_string()) };
            return Err(EventError::from(rule).within_item(index).within(field));
        }
        found.insert(key);
    }
    Ok(())
}

/// Refuses a number outside `range`.
pub(super) fn in_range<N>(field: &str, number: N, range: std::ops::RangeInclusive<N>) -> Parsed<N>
where
    N: PartialOrd + Display,
{
    if range.contains(&number) {
        return Ok(number);
    }
    let expected = format!("a number from {} to {}", range.start(), range.end());
    broken(field, BrokenRule::OutOfRange { expected, found: number.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule_of(text: &str) -> Option<BrokenRule> {
        prose("text", text.to_owned()).err().map(|error| error.rule)
    }

    #[test]
    fn text_that_could_deceive_a_reader_is_refused() {
        assert_eq!(rule_of("dos\nlíneas\tcon tabulador"), None);
        assert_eq!(rule_of("\u{1b}[2Kfoo"), Some(BrokenRule::ControlCharacter { found: 0x1b }));
        assert_eq!(rule_of("a\u{202e}b"), Some(BrokenRule::ControlCharacter { found: 0x202e }));
        assert_eq!(rule_of(" \n "), Some(BrokenRule::Blank));
    }

    #[test]
    fn a_label_has_one_line() {
        let error = label("name", "dos\nlíneas".to_owned()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "name: expected printable text, found the control character U+000A"
        );
    }

    #[test]
    fn a_text_beyond_its_limit_is_refused() {
        let found = PROSE_BYTES_MAX + 1;
        let rule = BrokenRule::TextTooLong { limit: PROSE_BYTES_MAX, found };
        assert_eq!(rule_of(&"a".repeat(found)), Some(rule));
    }

    #[test]
    fn order_and_repetition_are_told_apart() {
        let unordered = ascending("list", &[1, 3, 2], |number| *number).unwrap_err();
        assert_eq!(unordered.to_string(), "list[2]: expected ascending order, found 2 after 3");
        let repeated = ascending("list", &[1, 3, 3], |number| *number).unwrap_err();
        assert_eq!(repeated.to_string(), "list[2]: expected each once, found 3 again");
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let error = public_key("key", &identity).unwrap_err();
        assert!(matches!(error.rule, BrokenRule::NotAKey { .. }));
    }
}
