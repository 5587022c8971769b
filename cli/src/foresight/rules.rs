// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What an amendment of the rules changes.

use constancia_proto::v1;
use serde_json::Value;

use crate::describe::{json_word, source_text};
use crate::json::to_json;
use crate::words::{Lang, choices, fields, foresight as words};

/// What changes from the rules in force to `after`.
pub(super) fn list_amendment(lang: Lang, before: &v1::Rules, after: &v1::Rules) -> Vec<String> {
    let mut lines = Vec::new();
    let changed = |label: &str, old: &str, new: &str| words::changes_to(lang, &label, &old, &new);
    if before.quorum != after.quorum {
        let label = fields::label(lang, "Rules", "quorum");
        lines.push(changed(label, &before.quorum.to_string(), &after.quorum.to_string()));
    }
    if before.council != after.council {
        lines.push(seats_line(lang, &before.council, &after.council));
    }
    if before.class_quotas != after.class_quotas {
        let label = fields::label(lang, "Rules", "class_quotas");
        lines.push(changed(label, &quotas_text(lang, before), &quotas_text(lang, after)));
    }
    let limits =
        |rules: &v1::Rules| to_json("FindingLimits", &rules.limits.clone().unwrap_or_default());
    let (old, new) = (limits(before), limits(after));
    let mut names: Vec<&String> = [&old, &new]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::keys)
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| old.get(*name) != new.get(*name)) {
        let label = fields::label(lang, "FindingLimits", name);
        lines.push(changed(label, &limit_text(lang, &old, name), &limit_text(lang, &new, name)));
    }
    if before.source != after.source {
        let label = fields::label(lang, "Rules", "source");
        let text = |rules: &v1::Rules| {
            let source = rules.source.as_ref().map(|source| source_text(lang, source));
            source.unwrap_or_else(|| words::no_source(lang))
        };
        lines.push(changed(label, &text(before), &text(after)));
    }
    if lines.is_empty() {
        lines.push(words::rules_same(lang));
    }
    lines
}

fn seats_line(lang: Lang, before: &[String], after: &[String]) -> String {
    let joined = after.iter().filter(|slug| !before.contains(slug)).map(|slug| format!("+{slug}"));
    let left = before.iter().filter(|slug| !after.contains(slug)).map(|slug| format!("−{slug}"));
    let marks: Vec<String> = joined.chain(left).collect();
    let label = fields::label(lang, "Rules", "council");
    format!("{label}: {} → {} ({})", before.len(), after.len(), marks.join(" "))
}

fn quotas_text(lang: Lang, rules: &v1::Rules) -> String {
    let quotas = rules.class_quotas.iter().map(|quota| {
        let class = json_word("MemberClass", quota.class);
        format!("{} {}", choices::choice(lang, "MemberClass", &class), quota.members)
    });
    let quotas: Vec<String> = quotas.collect();
    if quotas.is_empty() { words::no_limit(lang) } else { quotas.join(", ") }
}

fn limit_text(lang: Lang, limits: &Value, name: &str) -> String {
    match limits.get(name) {
        None | Some(Value::Null) => words::no_limit(lang),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
            value.to_string()
        }
    }
}
