// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Members, councils and the limits of findings.

use std::collections::BTreeMap;

use constancia_ledger::event::rules::FindingLimits;
use constancia_ledger::event::{BrokenRule, Member, MemberClass};
use constancia_proto::v1;

use super::structure::each;
use super::value::{Fields, Read, Value};
use super::wording::{Wording, read_decimal};

/// The version of the replay rules that a new ledger starts with.
const RULES_VERSION: u32 = 1;

/// A council that the file describes. Without a quorum it decides nothing: it is there to be compared.
#[derive(Clone, Debug)]
pub(super) struct Council {
    pub(super) members: Vec<String>,
    pub(super) quorum: Option<u32>,
    class_quotas: Vec<v1::ClassQuota>,
    source: Option<v1::Source>,
}

impl Council {
    /// The rules of a ledger that this council keeps.
    pub(super) fn rules(&self, quorum: u32, limits: Option<v1::FindingLimits>) -> v1::Rules {
        v1::Rules {
            rules_version: RULES_VERSION,
            council: self.members.clone(),
            quorum,
            class_quotas: self.class_quotas.clone(),
            source: self.source.clone(),
            limits,
        }
    }
}

/// The members, ascending by slug.
pub(super) fn read_members(file: &Fields<'_>, wording: &Wording) -> Read<Vec<v1::Member>> {
    let mut members = each(file, "members", |value| {
        let fields = value.fields(&["slug", "class", "es", "en", "translated", "source", "url"])?;
        let class = fields.need("class")?.choice(MemberClass::ALL, MemberClass::as_str)?;
        let member = v1::Member {
            slug: fields.text("slug")?,
            class: class.number(),
            name: Some(wording.name(&fields, "members")?),
            source: wording.source(&fields, "source")?,
            url: fields.text_or_empty("url")?,
        };
        value.checked::<_, Member>(member)
    })?;
    members.sort_by(|a, b| a.slug.cmp(&b.slug));
    for (member, next) in members.iter().zip(members.iter().skip(1)) {
        if member.slug == next.slug {
            let found = member.slug.clone();
            let rule = BrokenRule::Duplicate { found };
            return Err(file.need("members")?.rule(rule.into()));
        }
    }
    Ok(members)
}

/// The councils, by name.
pub(super) fn read_councils(
    file: &Fields<'_>,
    wording: &Wording,
) -> Read<BTreeMap<String, Council>> {
    let mut councils = BTreeMap::new();
    if let Some(value) = file.get("council") {
        for (name, value) in value.any_fields()?.entries() {
            councils.insert(name.to_owned(), read_council(&value, wording)?);
        }
    }
    Ok(councils)
}

fn read_council(value: &Value<'_>, wording: &Wording) -> Read<Council> {
    let fields = value.fields(&["members", "quorum", "class_quota", "source"])?;
    Ok(Council {
        members: fields.need("members")?.sorted_texts()?,
        quorum: fields.optional("quorum", Value::number)?,
        class_quotas: fields.optional("class_quota", read_quotas)?.unwrap_or_default(),
        source: wording.source(&fields, "source")?,
    })
}

/// A council as an amendment states it: what it leaves out stays as `rules` have it.
pub(super) fn read_seats(
    value: &Value<'_>,
    wording: &Wording,
    mut rules: v1::Rules,
) -> Read<v1::Rules> {
    let fields = value.fields(&["members", "quorum", "class_quota", "source"])?;
    if let Some(members) = fields.optional("members", Value::sorted_texts)? {
        rules.council = members;
    }
    if let Some(quorum) = fields.optional("quorum", Value::number)? {
        rules.quorum = quorum;
    }
    if let Some(value) = fields.get("class_quota") {
        rules.class_quotas = merge_quotas(&value, &rules.class_quotas)?;
    }
    if let Some(source) = wording.source(&fields, "source")? {
        rules.source = Some(source);
    }
    Ok(rules)
}

/// `{institution: 3}`: in the order of the classes, whatever the order in the file.
fn read_quotas(value: &Value<'_>) -> Read<Vec<v1::ClassQuota>> {
    merge_quotas(value, &[])
}

/// The quotas of a council that is amended: a class that is left out keeps what it has, `null` takes
/// its quota away.
fn merge_quotas(value: &Value<'_>, current: &[v1::ClassQuota]) -> Read<Vec<v1::ClassQuota>> {
    let fields =
        value.fields(&["institution", "civil_society", "academia", "oversight", "partner"])?;
    let mut quotas = Vec::new();
    for class in MemberClass::ALL {
        let number = class.number();
        let kept = current.iter().find(|quota| quota.class == number).map(|quota| quota.members);
        let members = merge(&fields, class.as_str(), kept, Value::number)?;
        quotas.extend(members.map(|members| v1::ClassQuota { class: number, members }));
    }
    Ok(quotas)
}

/// The limits that findings are judged by: one that is left out is as in `current`, `null` takes it
/// away.
pub(super) fn read_limits(
    value: &Value<'_>,
    current: v1::FindingLimits,
) -> Read<v1::FindingLimits> {
    let fields = value.fields(&[
        "backdating_days",
        "challenge_days",
        "silent_periods",
        "unspecified_share_percent",
        "consultation_months",
        "seen_by_members",
        "author_silent_days",
    ])?;
    let number = |key: &str, kept| merge(&fields, key, kept, Value::number);
    let limits = v1::FindingLimits {
        backdating_days: number("backdating_days", current.backdating_days)?,
        challenge_days: number("challenge_days", current.challenge_days)?,
        silent_periods: number("silent_periods", current.silent_periods)?,
        unspecified_share_percent: merge(
            &fields,
            "unspecified_share_percent",
            current.unspecified_share_percent,
            read_decimal,
        )?,
        consultation_months: number("consultation_months", current.consultation_months)?,
        seen_by_members: number("seen_by_members", current.seen_by_members)?,
        author_silent_days: number("author_silent_days", current.author_silent_days)?,
    };
    value.checked::<_, FindingLimits>(limits)
}

/// What a key says; `kept` where it is left out, nothing where it is `null`.
fn merge<'a, T>(
    fields: &Fields<'a>,
    key: &str,
    kept: Option<T>,
    read: impl FnOnce(&Value<'a>) -> Read<T>,
) -> Read<Option<T>> {
    match fields.get(key) {
        None => Ok(kept),
        Some(value) if value.is_nothing() => Ok(None),
        Some(value) => read(&value).map(Some),
    }
}
