// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is filed becomes documents: a pure function each.

mod governance;
mod indicator;

use std::collections::BTreeMap;

use super::judge::Topic;
use super::scene::{Scene, content};
use crate::event::governance::Honoured;
use crate::event::name::Slug;
use crate::event::{Event, MemberClass};
use crate::governance::KeyStanding;
use crate::id::EntryId;
use crate::order::Moment;
use crate::state::{
    AcceptanceRecord, Authority as Standing, BudgetRecord, BudgetsDocument, EndRecord, HeadRecord,
    KeyRecord, MemberRecord, MembersDocument, PlanDocument, PlanVersionRecord, ReviewsDocument,
    SuccessionRecord,
};

pub(super) use governance::compose_governance;
pub(super) use indicator::compose_indicator;

/// `plan.json`.
pub(super) fn compose_plan(scene: Scene<'_>) -> PlanDocument {
    let authority = scene.authority;
    let versions = authority.plan_versions().iter().map(|version| {
        let passed_at = scene.history.find(&version.passed_at);
        let effective_ms = passed_at.map_or(0, |entry| scene.record(entry).facts.effective_at_ms);
        PlanVersionRecord {
            version: version.id,
            passed_at: version.passed_at,
            effective_at: Moment::from_ms(effective_ms),
        }
    });
    let successions = authority.successions().iter();
    PlanDocument {
        version: authority.plan_version(),
        versions: versions.collect(),
        successions: successions
            .map(|(by, succession)| SuccessionRecord { by: *by, content: content(succession) })
            .collect(),
        plan: content(authority.plan()),
    }
}

/// `members.json`, given how many challenges of each member's figures are not closed.
pub(super) fn compose_members(
    scene: Scene<'_>,
    challenges_open: &BTreeMap<Slug, u64>,
) -> MembersDocument {
    let authority = scene.authority;
    let mut acceptances: BTreeMap<&Slug, Vec<AcceptanceRecord>> = BTreeMap::new();
    for entry in scene.fold.topic(&Topic::Governance) {
        let record = scene.record(entry);
        if let Some(Event::Acceptance(acceptance)) = record.event() {
            let (act, note) = (scene.act(entry), acceptance.note.clone());
            let list = acceptances.entry(scene.member(record)).or_default();
            list.push(AcceptanceRecord { act, note });
        }
    }
    let founder = scene.member(scene.record(authority.charter_number()));
    let mut tallies: BTreeMap<&Slug, _> = BTreeMap::new();
    for (number, tally) in scene.fold.members() {
        tallies.insert(scene.history.member_slug(*number), tally);
    }
    let mut keys: BTreeMap<&Slug, Vec<KeyRecord>> = BTreeMap::new();
    for standing in authority.keys().values() {
        let list = keys.entry(&standing.grant.member).or_default();
        list.push(compose_key(scene, standing));
    }
    let members = authority.members().iter().map(|(slug, standing)| {
        let member = &standing.member;
        let accepted = acceptances.remove(slug).unwrap_or_default();
        let tally = tallies.get(slug);
        MemberRecord {
            slug: slug.clone(),
            class: member.class,
            name: member.name.clone(),
            admitted_by: standing.admitted_by,
            retired_by: standing.retired_by,
            council: authority.rules().council.contains(slug),
            takes_part: founder == slug || !accepted.is_empty(),
            acceptances: accepted,
            keys: keys.remove(slug).unwrap_or_default(),
            events: tally.map(|tally| tally.events.clone()).unwrap_or_default(),
            challenges_open: challenges_open.get(slug).copied().unwrap_or_default(),
            last_effective_at: tally.and_then(|tally| tally.last_effective_at),
        }
    });
    MembersDocument { members: members.collect() }
}

fn compose_key(scene: Scene<'_>, standing: &KeyStanding) -> KeyRecord {
    let grant = &standing.grant;
    let end = |by, honoured: Option<Honoured>| EndRecord {
        by,
        honoured_seq: honoured.map(|it| it.seq),
        honoured: honoured.map(|it| it.id),
    };
    let resolution = scene.authority.resolution(&grant.key);
    let tally = scene.fold.key(&grant.key);
    let feed = scene.at.frontier().feeds.get(&grant.key);
    KeyRecord {
        key: grant.key,
        scope: grant.scope,
        office: grant.office.clone(),
        appointment: grant.appointment.clone(),
        granted_by: standing.granted_by,
        forked_seq: feed.and_then(|feed| feed.forked_seq),
        resolution: resolution.map(|it| end(it.by, it.honoured)),
        cut_off: standing.cut_off.map(|it| end(it.by, it.honoured)),
        entries: tally.entries,
        head: tally.head.map(|(seq, entry)| {
            let facts = &scene.record(entry).facts;
            let effective_at = Moment::from_ms(facts.effective_at_ms);
            HeadRecord { seq, entry: facts.id, effective_at }
        }),
    }
}

/// `budgets.json`.
pub(super) fn compose_budgets(scene: Scene<'_>) -> BudgetsDocument {
    let mut budgets: Vec<BudgetRecord> = Vec::new();
    let mut places: BTreeMap<EntryId, usize> = BTreeMap::new();
    for entry in scene.fold.topic(&Topic::Budgets) {
        let record = scene.record(entry);
        let Some(Event::Budget(budget)) = record.event() else {
            continue;
        };
        if let Some(replaced) = budget.replaces
            && let Some(place) = places.get(&replaced).copied()
            && let Some(earlier) = budgets.get_mut(place)
        {
            earlier.current = false;
            earlier.replaced_by.push(record.facts.id);
        }
        places.insert(record.facts.id, budgets.len());
        let class = scene.authority.class_of(scene.member(record));
        budgets.push(BudgetRecord {
            act: scene.act(entry),
            authority: match class {
                Some(MemberClass::Institution) => Standing::Official,
                Some(
                    MemberClass::CivilSociety
                    | MemberClass::Academia
                    | MemberClass::Oversight
                    | MemberClass::Partner,
                )
                | None => Standing::Independent,
            },
            current: true,
            fiscal_year: budget.fiscal_year,
            line: budget.line.clone(),
            stage: budget.stage,
            content: content(&**budget),
            replaced_by: Vec::new(),
        });
    }
    BudgetsDocument { budgets }
}

/// `reviews.json`.
pub(super) fn compose_reviews(scene: Scene<'_>) -> ReviewsDocument {
    let listed = scene.fold.topic(&Topic::Reviews);
    ReviewsDocument { events: listed.filter_map(|entry| scene.list_event(entry)).collect() }
}
