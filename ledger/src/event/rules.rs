// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How decisions are taken, and the limits that findings are judged by.

use std::collections::BTreeMap;

use constancia_proto::v1;

use super::decimal::Decimal;
use super::error::{BrokenRule, EventError};
use super::field::{Parsed, ascending, broken, choice, distinct, each, in_range, optional};
use super::limits::MEMBERS_MAX;
use super::member::{Member, MemberClass};
use super::name::Slug;
use super::source::Source;

/// At least this many of one class must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ClassQuota {
    /// The class.
    pub class: MemberClass,
    /// At least 1.
    pub members: u32,
}

impl TryFrom<v1::ClassQuota> for ClassQuota {
    type Error = EventError;

    fn try_from(raw: v1::ClassQuota) -> Result<Self, EventError> {
        Ok(Self {
            class: choice("class", raw.class)?,
            members: in_range("members", raw.members, 1..=u32::MAX)?,
        })
    }
}

/// Limits beyond which a finding is made. None: the finding is not made.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct FindingLimits {
    /// L4: claimed before witnessed by more than this many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backdating_days: Option<u32>,
    /// O15: a challenge unanswered for more than this many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_days: Option<u32>,
    /// O2: silent for this many periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_periods: Option<u32>,
    /// O13: share of the category `_U` above this percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unspecified_share_percent: Option<Decimal>,
    /// P7: no consultation in this many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation_months: Option<u32>,
    /// L3: seen by fewer members than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by_members: Option<u32>,
    /// L7: an author silent for this many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_silent_days: Option<u32>,
}

impl TryFrom<v1::FindingLimits> for FindingLimits {
    type Error = EventError;

    fn try_from(raw: v1::FindingLimits) -> Result<Self, EventError> {
        let percent: Option<Decimal> =
            optional("unspecified_share_percent", raw.unspecified_share_percent)?;
        if let Some(percent) = percent.filter(|percent| !is_percentage(*percent)) {
            return broken(
                "unspecified_share_percent",
                BrokenRule::OutOfRange {
                    expected: "a percentage from 0 to 100".to_owned(),
                    found: percent.to_string(),
                },
            );
        }
        Ok(Self {
            backdating_days: raw.backdating_days,
            challenge_days: raw.challenge_days,
            silent_periods: raw.silent_periods,
            unspecified_share_percent: percent,
            consultation_months: raw.consultation_months,
            seen_by_members: raw.seen_by_members,
            author_silent_days: raw.author_silent_days,
        })
    }
}

fn is_percentage(number: Decimal) -> bool {
    !number.is_negative()
        && Decimal::from_whole(100).is_some_and(|hundred| number.compare(hundred).is_le())
}

/// How decisions are taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rules {
    /// Version of the replay rules, from 1.
    pub rules_version: u32,
    /// Ascending; at least one.
    pub council: Vec<Slug>,
    /// More than half of the council, at most all of it.
    pub quorum: u32,
    /// Each class at most once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub class_quotas: Vec<ClassQuota>,
    /// Where the rules come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What findings are judged by.
    pub limits: FindingLimits,
}

impl TryFrom<v1::Rules> for Rules {
    type Error = EventError;

    fn try_from(raw: v1::Rules) -> Result<Self, EventError> {
        let rules = Self {
            rules_version: in_range("rules_version", raw.rules_version, 1..=u32::MAX)?,
            council: each("council", raw.council, MEMBERS_MAX)?,
            quorum: raw.quorum,
            class_quotas: each("class_quotas", raw.class_quotas, MemberClass::ALL.len())?,
            source: optional("source", raw.source)?,
            limits: optional("limits", raw.limits)?.unwrap_or_default(),
        };
        if rules.council.is_empty() {
            return broken("council", BrokenRule::Missing { expected: "at least one member" });
        }
        ascending("council", &rules.council, |slug| slug)?;
        distinct("class_quotas", &rules.class_quotas, |quota| quota.class)?;
        let seats = u32::try_from(rules.council.len()).unwrap_or(u32::MAX);
        let smallest = (seats / 2).saturating_add(1);
        in_range("quorum", rules.quorum, smallest..=seats)?;
        Ok(rules)
    }
}

impl Rules {
    /// Checks the council against the members that there are.
    ///
    /// # Errors
    /// A council member that does not exist; a class quota above the seats that the class has.
    pub fn check_members(&self, members: &[Member]) -> Result<(), EventError> {
        let mut seats: BTreeMap<MemberClass, usize> = BTreeMap::new();
        for (index, slug) in self.council.iter().enumerate() {
            let Some(member) = members.iter().find(|member| member.slug == *slug) else {
                let rule = BrokenRule::Unresolved { expected: "a member", found: slug.to_string() };
                return Err(EventError::from(rule).within_item(index).within("council"));
            };
            let count = seats.entry(member.class).or_default();
            *count = count.saturating_add(1);
        }
        for (index, quota) in self.class_quotas.iter().enumerate() {
            check_quota(*quota, seats.get(&quota.class).copied().unwrap_or_default())
                .map_err(|error| error.within_item(index).within("class_quotas"))?;
        }
        Ok(())
    }
}

fn check_quota(quota: ClassQuota, seats: usize) -> Parsed<()> {
    if usize::try_from(quota.members).is_ok_and(|needed| needed <= seats) {
        return Ok(());
    }
    let (class, found) = (quota.class.as_str(), quota.members);
    broken("members", BrokenRule::QuotaTooGreat { class, seats, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(council: &[&str], quorum: u32) -> v1::Rules {
        v1::Rules {
            rules_version: 1,
            council: council.iter().map(|&slug| slug.to_owned()).collect(),
            quorum,
            ..v1::Rules::default()
        }
    }

    #[test]
    fn a_quorum_is_more_than_half_of_the_council_and_at_most_all_of_it() {
        let council = ["a", "b", "c", "d"];
        for (quorum, right) in [(2, false), (3, true), (4, true), (5, false)] {
            assert_eq!(Rules::try_from(raw(&council, quorum)).is_ok(), right, "{quorum}");
        }
        assert_eq!(
            Rules::try_from(raw(&["a", "b", "c"], 1)).unwrap_err().to_string(),
            "quorum: expected a number from 2 to 3, found 1"
        );
        assert!(Rules::try_from(raw(&["a"], 1)).is_ok());
    }

    #[test]
    fn the_council_is_ascending_and_not_empty() {
        assert_eq!(Rules::try_from(raw(&[], 1)).unwrap_err().path, "council");
        assert_eq!(Rules::try_from(raw(&["b", "a"], 2)).unwrap_err().path, "council[1]");
    }

    #[test]
    fn a_limit_in_percent_is_a_percentage() {
        let limit = |text: &str| {
            FindingLimits::try_from(v1::FindingLimits {
                unspecified_share_percent: Some(v1::Decimal { text: text.to_owned() }),
                ..v1::FindingLimits::default()
            })
        };
        assert!(limit("100.0").is_ok());
        assert!(limit("100.1").is_err());
        assert!(limit("-1").is_err());
    }
}
