// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The plan file: what people write a plan, its members and its rules in, before they are signed.
//!
//! YAML, strict: an unknown key is refused with its path and the keys that may stand there; a
//! repeated key, an alias and a merge key are refused. Everything is checked by the ledger's own
//! rules, so what is read here can be signed.
//!
//! **Three values.** A key that is left out: unknown. The word `none`, or `{none: {source, note}}`:
//! a source says that there is none. Anything else: the value.
//!
//! **Names.** `es` and `en`; `translated: [es]` marks a wording as the ledger's own translation. The
//! top-level map `translated` does so for the names in a whole part of the file, and an entry's own
//! `translated`, an empty one too, goes before it. Longer texts are maps of the same three keys.
//!
//! **Sources.** `assumption`, perhaps with a reason in parentheses; or the name of a source that the
//! top-level map `sources` describes (`kind`, `citation`, `url`, `published_on`, `accessed_on`),
//! perhaps with a place in it in parentheses: `brief (recommendation 1)`; or such a description itself.
//!
//! ```yaml
//! plan: mx-pan-1325-2021           # id
//! title: {es: …, en: …}
//! source: brief                    # of the plan; `source` may stand at every entry below
//! presented: "2021-01-11"          # dates: a year, a month or a day
//! overall_review_due: "2024"
//! overall_review_due_source: brief
//! utc_offset: "-06:00"             # where the plan's day begins; fixed
//! declared: {pillars: 4, objectives: 10, lines_of_action: 16, indicators: 23}
//! financing: {committed_amount: none, note: {en: …}, source: brief}
//!                                  # or committed_amount: {amount: "1.5", currency: MXN, unit_multiplier: 6}
//! suppression: {threshold: 5, zeros_shown: true}
//! sources: {brief: {kind: published, citation: …}}
//! translated: {objectives: [es]}
//! members:
//!   - {slug: sre, class: institution, es: …, en: …, url: …}
//! council:                         # by name; one of them is chosen when the charter is made
//!   demo: {members: [sre, …], quorum: 5, class_quota: {institution: 3}}
//! limits: {backdating_days: 30}    # that findings are judged by; left out: that finding is not made
//! pillars: [{id: prevention, es: …, en: …}]
//! objectives: [{id: O-1, pillar: prevention, es: …, en: …}]
//! lines_of_action: [{id: L-1, objective: O-1, es: …, en: …, beyond_members: true}]
//! classification_source: assumption  # of line, kind, scope and direction of all indicators
//! indicators:
//!   - id: I-01
//!     line: L-1                    # or objective, or pillar
//!     es: …
//!     en: …
//!     definition: {es: …, en: …}
//!     kind: output                 # training awareness process output outcome impact
//!     dimension: efficacy          # efficacy efficiency quality economy
//!     unit: persons
//!     unit_multiplier: 0           # power of ten
//!     unit_of_count: {es: …, en: …}
//!     method: {text: {es: …}, formula: 100 * F / W, variables: [{symbol: F, es: …, unit: victims}]}
//!     direction: ascending         # ascending descending
//!     accumulation: per_period     # per_period cumulative
//!     periodicity: quarterly       # monthly quarterly half_yearly yearly once
//!     due_days: 30
//!     baseline: {period: "2020", value: "10"}                       # or none
//!     targets: [{period: "2024", value: "25"}]                      # or none
//!     thresholds: {on_track: "0.95", behind: "0.60"}
//!     responsible: [sre]                                            # or none
//!     responsible_source: assumption
//!     disaggregations: [sex, {concept: age, required: true, criterion: …}]   # or none
//!     means_of_verification: {es: …, en: …}                         # or none
//!     scope: domestic              # domestic foreign
//!     themes: [T-1]
//!     global_ref: S/2010/498       # or a list
//!     denominator: 32              # fixed
//! context_indicators: …            # not in the plan: published elsewhere, followed by observers
//! proposed_indicators: …           # not in the charter: amendments that somebody may propose
//! themes_demanded: [{id: T-1, es: …, en: …}]
//! code_lists:
//!   - {concept: sex, es: …, en: …, codes: [{id: F, es: …, en: …}]}
//! ```

mod changes;
mod council;
mod error;
mod node;
mod sheet;
mod structure;
mod value;
mod wording;

use std::collections::BTreeMap;

use constancia_ledger::event::indicator::IndicatorStanding;
use constancia_ledger::event::{Charter, EventError, Member, Plan, Rules};
use constancia_proto::v1;

use council::Council;
use value::{Fields, Read, Value};
use wording::Wording;

pub(crate) use changes::{read_changes_file, read_rules_file};
pub(crate) use error::{PlanFileError, Problem};

/// The plan of the demonstration: Mexico's first National Action Plan on Women, Peace and Security.
pub(crate) const MEXICO_2021: &str = include_str!("../plans/mexico-2021.yaml");

const KEYS: &[&str] = &[
    "plan",
    "title",
    "source",
    "presented",
    "overall_review_due",
    "overall_review_due_source",
    "utc_offset",
    "declared",
    "financing",
    "suppression",
    "sources",
    "translated",
    "members",
    "council",
    "limits",
    "pillars",
    "objectives",
    "lines_of_action",
    "classification_source",
    "indicators",
    "context_indicators",
    "proposed_indicators",
    "themes_demanded",
    "code_lists",
];

/// A plan file that the ledger's rules accept.
#[derive(Clone, Debug)]
pub(crate) struct PlanFile {
    /// The plan, with its context indicators.
    pub(crate) plan: v1::Plan,
    /// Ascending by slug.
    pub(crate) members: Vec<v1::Member>,
    /// Not part of the plan: what somebody may propose to add.
    pub(crate) proposed_indicators: Vec<v1::Indicator>,
    councils: BTreeMap<String, Council>,
    limits: Option<v1::FindingLimits>,
}

/// Reads a plan file.
pub(crate) fn read_plan_file(text: &str) -> Read<PlanFile> {
    let root = node::read_node(text)?;
    let file = Value::root(&root).fields(KEYS)?;
    let wording = Wording::read(&file)?;

    let indicators = |part, standing| sheet::read_indicators(&file, part, standing, &wording);
    let planned = indicators("indicators", IndicatorStanding::Plan)?;
    let context = indicators("context_indicators", IndicatorStanding::Context)?;
    let proposed_indicators = indicators("proposed_indicators", IndicatorStanding::Plan)?;
    let parts = Parts { planned: planned.len(), context: context.len() };

    let mut plan = structure::read_structure(&file, &wording)?;
    plan.indicators = planned.into_iter().chain(context).collect();
    let read = PlanFile {
        plan,
        members: council::read_members(&file, &wording)?,
        proposed_indicators,
        councils: council::read_councils(&file, &wording)?,
        limits: file.optional("limits", |value| {
            council::read_limits(value, v1::FindingLimits::default())
        })?,
    };
    check_plan(&file, &read, &parts)?;
    check_councils(&file, &read)?;
    Ok(read)
}

impl PlanFile {
    /// The councils that the file describes.
    pub(crate) fn council_names(&self) -> Vec<&str> {
        self.councils.keys().map(String::as_str).collect()
    }

    /// The rules of a ledger that the council of this name keeps.
    pub(crate) fn rules(&self, council: &str) -> Read<v1::Rules> {
        let Some(chosen) = self.councils.get(council) else {
            let known = self.councils.keys().cloned().collect();
            let problem = Problem::UnknownCouncil { found: council.to_owned(), known };
            return Err(PlanFileError::new(None, "council", problem));
        };
        let Some(quorum) = chosen.quorum else {
            let path = format!("council.{council}");
            return Err(PlanFileError::new(None, &path, Problem::MissingKey { key: "quorum" }));
        };
        Ok(chosen.rules(quorum, self.limits.clone()))
    }

    /// The charter of a new ledger, with keys in whatever order they were given.
    pub(crate) fn charter(
        &self,
        name: &str,
        mut keys: Vec<v1::KeyGrant>,
        council: &str,
    ) -> Read<v1::Charter> {
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        let charter = v1::Charter {
            name: name.to_owned(),
            plan: Some(self.plan.clone()),
            members: self.members.clone(),
            keys,
            rules: Some(self.rules(council)?),
        };
        match Charter::try_from(charter.clone()) {
            Ok(_) => Ok(charter),
            Err(error) => {
                let EventError { path, rule } = error;
                Err(PlanFileError::new(None, &path, Problem::Rule(rule)))
            }
        }
    }
}

/// How many indicators of the whole plan come from which part of the file.
struct Parts {
    planned: usize,
    context: usize,
}

/// Checks ids and references over the whole plan, proposed indicators included.
fn check_plan(file: &Fields<'_>, read: &PlanFile, parts: &Parts) -> Read<()> {
    let mut whole = read.plan.clone();
    whole.indicators.extend(read.proposed_indicators.iter().cloned());
    let in_file = |error: EventError| {
        let EventError { path, rule } = error;
        let path = path_in_file(&path, parts);
        file.value().rule(EventError { path, rule })
    };
    let plan = Plan::try_from(whole).map_err(in_file)?;
    plan.check_members(&domain_members(file, read)?).map_err(in_file)
}

/// Checks every council that can decide.
fn check_councils(file: &Fields<'_>, read: &PlanFile) -> Read<()> {
    let members = domain_members(file, read)?;
    for (name, council) in &read.councils {
        let in_council = |error: EventError| {
            let EventError { path, rule } = error;
            // The ledger has the members sorted, so its index is not the file's.
            let field = if path.starts_with("council") { "members" } else { &path };
            let path = format!("council.{name}.{field}");
            file.value().rule(EventError { path, rule })
        };
        if let Some(quorum) = council.quorum {
            let rules = Rules::try_from(council.rules(quorum, None)).map_err(in_council)?;
            rules.check_members(&members).map_err(in_council)?;
        }
    }
    Ok(())
}

fn domain_members(file: &Fields<'_>, read: &PlanFile) -> Read<Vec<Member>> {
    let members = read.members.iter().cloned().map(Member::try_from);
    members.collect::<Result<_, _>>().map_err(|error| file.value().rule(error))
}

/// Where the file has what the plan has at `path`.
fn path_in_file(path: &str, parts: &Parts) -> String {
    let (first, rest) = match path.find(['.', '[']).and_then(|end| path.split_at_checked(end)) {
        Some((first, rest)) => (first, rest),
        None => (path, ""),
    };
    let renamed = match first {
        "id" => "plan",
        "presented_on" => "presented",
        "review_due_on" => "overall_review_due",
        "review_due_source" => "overall_review_due_source",
        "utc_offset_minutes" => "utc_offset",
        "lines" => "lines_of_action",
        "themes" => "themes_demanded",
        "indicators" => return indicator_in_file(rest, parts).unwrap_or_else(|| path.to_owned()),
        same => same,
    };
    format!("{renamed}{rest}")
}

/// `rest` is what follows `indicators`: `[12].unit`.
fn indicator_in_file(rest: &str, parts: &Parts) -> Option<String> {
    let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let index: usize = index.parse().ok()?;
    let (part, index) = match index.checked_sub(parts.planned) {
        None => ("indicators", index),
        Some(index) => match index.checked_sub(parts.context) {
            None => ("context_indicators", index),
            Some(index) => ("proposed_indicators", index),
        },
    };
    Some(format!("{part}[{index}]{rest}"))
}

#[cfg(test)]
mod tests;
