// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Counts the items of the large lists on the bytes, before anything is allocated for them.
//!
//! An empty item takes two bytes on the wire and up to two kilobytes decoded, so that a payload of
//! one mebibyte could ask every node for a gibibyte. Strict: what this refuses to read, no canonical
//! event contains, so refusing it before decoding changes nothing for an honest author.

use super::UnknownReason;
use crate::event::limits::{
    CODE_LISTS_MAX, CODES_MAX, INDICATORS_MAX, KEYS_MAX, LINES_MAX, MEMBERS_MAX, OBJECTIVES_MAX,
    OBSERVATIONS_MAX, PILLARS_MAX, PLAN_CHANGES_MAX, TARGETS_MAX, THEMES_MAX, VARIABLES_MAX,
};

/// A field that holds a message, as far as large lists are in it.
struct Field {
    name: &'static str,
    number: u64,
    /// 1 for a message that is no list: a second one would be merged into it.
    items_max: usize,
    inner: &'static [Field],
}

const fn one(name: &'static str, number: u64, inner: &'static [Field]) -> Field {
    Field { name, number, items_max: 1, inner }
}

const fn list(name: &'static str, number: u64, items_max: usize, inner: &'static [Field]) -> Field {
    Field { name, number, items_max, inner }
}

const EVENT: &[Field] = &[
    one("charter", 1, CHARTER),
    one("proposal", 3, PROPOSAL),
    one("report", 20, REPORT),
    one("correction", 21, &[one("report", 2, REPORT)]),
];
const CHARTER: &[Field] =
    &[one("plan", 2, PLAN), list("members", 3, MEMBERS_MAX, &[]), list("keys", 4, KEYS_MAX, &[])];
const PLAN: &[Field] = &[
    list("pillars", 10, PILLARS_MAX, &[]),
    list("objectives", 11, OBJECTIVES_MAX, &[]),
    list("lines", 12, LINES_MAX, &[]),
    list("indicators", 13, INDICATORS_MAX, INDICATOR),
    list("themes", 14, THEMES_MAX, &[]),
    list("code_lists", 15, CODE_LISTS_MAX, CODE_LIST),
];
const INDICATOR: &[Field] = &[
    one("method", 12, &[list("variables", 3, VARIABLES_MAX, &[])]),
    one("targets", 18, &[list("values", 1, TARGETS_MAX, &[])]),
    one("disaggregations", 21, &[list("list", 1, CODE_LISTS_MAX, &[])]),
];
const CODE_LIST: &[Field] = &[list("codes", 3, CODES_MAX, &[])];
const PROPOSAL: &[Field] = &[
    one("admit_member", 1, &[list("keys", 2, KEYS_MAX, &[])]),
    one("amend_plan", 5, &[list("changes", 2, PLAN_CHANGES_MAX, PLAN_CHANGE)]),
];
const PLAN_CHANGE: &[Field] =
    &[one("set_indicator", 1, INDICATOR), one("set_code_list", 11, CODE_LIST)];
const REPORT: &[Field] = &[list("observations", 4, OBSERVATIONS_MAX, &[])];

/// Refuses a payload with more items in a large list than the list may have.
pub(in crate::event) fn check_bounds(payload: &[u8]) -> Result<(), UnknownReason> {
    check_message(payload, EVENT)
}

/// As deep as the tables above, which is all the recursion there is.
fn check_message(mut bytes: &[u8], known: &'static [Field]) -> Result<(), UnknownReason> {
    let mut counted = vec![0_usize; known.len()];
    while !bytes.is_empty() {
        let (number, content) = read_field(&mut bytes).ok_or(UnknownReason::Damaged)?;
        let found = known.iter().zip(&mut counted).find(|(field, _)| field.number == number);
        let (Some((field, count)), Some(content)) = (found, content) else {
            continue;
        };
        *count = count.saturating_add(1);
        if *count > field.items_max {
            return Err(UnknownReason::TooManyItems { list: field.name, limit: field.items_max });
        }
        check_message(content, field.inner)?;
    }
    Ok(())
}

/// Takes one field off the front: its number, and its content where it is length-delimited.
fn read_field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let key = read_varint(bytes)?;
    let content = match key & 0b111 {
        0 => {
            read_varint(bytes)?;
            None
        }
        1 => {
            take(bytes, 8)?;
            None
        }
        2 => {
            let length = usize::try_from(read_varint(bytes)?).ok()?;
            Some(take(bytes, length)?)
        }
        5 => {
            take(bytes, 4)?;
            None
        }
        // Groups, which proto3 does not have, and what protobuf does not know.
        _ => return None,
    };
    Some((key >> 3, content))
}

/// A varint in its shortest form.
fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        let shifted = bits.checked_shl(shift)?;
        if shifted.checked_shr(shift) != Some(bits) {
            return None;
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            let padded = byte == 0 && shift > 0;
            return if padded { None } else { Some(value) };
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use constancia_proto::v1;
    use constancia_proto::v1::event::Body;
    use prost::Message as _;

    use super::*;

    fn check(body: Body) -> Result<(), UnknownReason> {
        check_bounds(&v1::Event { body: Some(body), exercise: String::new() }.encode_to_vec())
    }

    fn too_many(list: &'static str, limit: usize) -> Result<(), UnknownReason> {
        Err(UnknownReason::TooManyItems { list, limit })
    }

    fn amend(changes: Vec<v1::PlanChange>) -> Body {
        let amend = v1::AmendPlan { base: bytes::Bytes::new(), changes };
        let decision = Some(v1::proposal::Decision::AmendPlan(amend));
        Body::Proposal(v1::Proposal { decision, ..v1::Proposal::default() })
    }

    fn charter(plan: v1::Plan) -> Body {
        Body::Charter(v1::Charter { plan: Some(plan), ..v1::Charter::default() })
    }

    #[test]
    fn a_list_may_have_as_many_items_as_its_limit() {
        let changes = |count| amend(vec![v1::PlanChange::default(); count]);
        assert_eq!(check(changes(PLAN_CHANGES_MAX)), Ok(()));
        let limit = PLAN_CHANGES_MAX;
        assert_eq!(check(changes(limit.strict_add(1))), too_many("changes", limit));
    }

    #[test]
    fn the_table_has_the_numbers_of_the_schema() {
        let observations = vec![v1::Observation::default(); OBSERVATIONS_MAX.strict_add(1)];
        let report = v1::Report { observations, ..v1::Report::default() };
        let correction = v1::Correction { report: Some(report.clone()), ..Default::default() };
        let limit = OBSERVATIONS_MAX;
        assert_eq!(check(Body::Report(report)), too_many("observations", limit));
        assert_eq!(check(Body::Correction(correction)), too_many("observations", limit));

        let keys = vec![v1::KeyGrant::default(); KEYS_MAX.strict_add(1)];
        let body = Body::Charter(v1::Charter { keys, ..v1::Charter::default() });
        assert_eq!(check(body), too_many("keys", KEYS_MAX));
        let members = vec![v1::Member::default(); MEMBERS_MAX.strict_add(1)];
        let body = Body::Charter(v1::Charter { members, ..v1::Charter::default() });
        assert_eq!(check(body), too_many("members", MEMBERS_MAX));

        let indicators = vec![v1::Indicator::default(); INDICATORS_MAX.strict_add(1)];
        let body = charter(v1::Plan { indicators, ..v1::Plan::default() });
        assert_eq!(check(body), too_many("indicators", INDICATORS_MAX));
        let themes = vec![v1::Theme::default(); THEMES_MAX.strict_add(1)];
        let body = charter(v1::Plan { themes, ..v1::Plan::default() });
        assert_eq!(check(body), too_many("themes", THEMES_MAX));
    }

    #[test]
    fn lists_within_an_indicator_are_counted_wherever_it_stands() {
        let indicator = |count| v1::Indicator {
            targets: Some(v1::Targets {
                values: vec![v1::PeriodValue::default(); count],
                none: None,
            }),
            ..v1::Indicator::default()
        };
        let limit = TARGETS_MAX;
        let indicators = vec![indicator(limit), indicator(limit.strict_add(1))];
        let body = charter(v1::Plan { indicators, ..v1::Plan::default() });
        assert_eq!(check(body), too_many("values", limit));
        let change = v1::plan_change::Change::SetIndicator(indicator(limit.strict_add(1)));
        let change = v1::PlanChange { change: Some(change), ..v1::PlanChange::default() };
        assert_eq!(check(amend(vec![change])), too_many("values", limit));
    }

    #[test]
    fn a_message_that_would_be_merged_with_another_is_refused() {
        // Field 20, report, twice.
        let twice = [0xa2, 0x01, 0x00, 0xa2, 0x01, 0x00];
        assert_eq!(check_bounds(&twice), too_many("report", 1));
    }

    #[test]
    fn a_varint_has_one_form() {
        let read = |mut bytes: &[u8]| read_varint(&mut bytes);
        assert_eq!(read(&[0x00]), Some(0));
        assert_eq!(read(&[0xac, 0x02]), Some(300));
        assert_eq!(
            read(&[0xff; 9].iter().copied().chain([0x01]).collect::<Vec<_>>()),
            Some(u64::MAX)
        );
        assert_eq!(read(&[0xff; 9].iter().copied().chain([0x02]).collect::<Vec<_>>()), None);
        for wrong in [&[0x80][..], &[0x80, 0x00], &[0xac, 0x82, 0x00], &[], &[0xff; 11]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn damage_and_groups_are_refused() {
        for wrong in [&[0xa2][..], &[0xa2, 0x01, 0x05, 0x00], &[0x0b, 0x0c], &[0x09, 0x00]] {
            assert_eq!(check_bounds(wrong), Err(UnknownReason::Damaged), "{wrong:?}");
        }
    }
}
