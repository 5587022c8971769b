// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A replay of some entries, with the documents computed so far: only what was touched is computed
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::authority::Authority;
use super::compose::{
    compose_budgets, compose_governance, compose_indicator, compose_members, compose_plan,
    compose_reviews,
};
use super::findings::{Deadline, find_in_entry, find_in_indicator, find_in_ledger, sort_findings};
use super::fold::Fold;
use super::history::History;
use super::judge::Topic;
use super::ledger_at::LedgerAt;
use super::scene::Scene;
use super::view::Filter;
use crate::event::Indicator;
use crate::event::name::{IndicatorId, Slug};
use crate::id::LedgerId;
use crate::order::{Moment, Place};
use crate::state::{
    BudgetsDocument, Documents, Finding, FindingsDocument, FrontierRecord, GovernanceDocument,
    IndexDocument, IndicatorDocument, PlanDocument, ReviewsDocument, STATE_FORMAT, State,
    StateError, Written, indicator_name,
};

/// A replay with its documents.
#[derive(Debug)]
pub(super) struct Replayed {
    authority: Authority,
    fold: Fold,
    /// Topics whose documents must be computed again.
    stale: BTreeSet<Topic>,
    /// Entries whose findings must be computed again.
    unexamined: BTreeSet<usize>,
    entry_findings: BTreeMap<Place, Vec<Finding>>,
    indicators: BTreeMap<IndicatorId, Composed>,
    plan: Option<Arc<Written<PlanDocument>>>,
    governance: Option<Arc<Written<GovernanceDocument>>>,
    budgets: Option<Arc<Written<BudgetsDocument>>>,
    reviews: Option<Arc<Written<ReviewsDocument>>>,
}

/// An indicator's document, and what is noticed in it.
#[derive(Debug)]
struct Composed {
    written: Arc<Written<IndicatorDocument>>,
    findings: Vec<Finding>,
    deadlines: Vec<Deadline>,
}

impl Replayed {
    /// Nothing replayed yet.
    pub(super) fn new(authority: Authority) -> Self {
        Self {
            authority,
            fold: Fold::default(),
            stale: BTreeSet::new(),
            unexamined: BTreeSet::new(),
            entry_findings: BTreeMap::new(),
            indicators: BTreeMap::new(),
            plan: None,
            governance: None,
            budgets: None,
            reviews: None,
        }
    }

    /// Both passes over the entries of a view, from nothing. None where the charter is not among
    /// them.
    pub(super) fn from_nothing(history: &History, at: &LedgerAt, filter: Filter) -> Option<Self> {
        let viewed = || at.in_order().filter(|entry| filter.has(history, at, *entry));
        let mut replayed = Self::new(Authority::derive(history, at, viewed())?);
        for entry in viewed() {
            replayed.add(history, at, entry);
        }
        Some(replayed)
    }

    /// What pass one found.
    pub(super) const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What pass two filed.
    pub(super) const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Adds an entry whose ancestors have been added.
    pub(super) fn add(&mut self, history: &History, at: &LedgerAt, entry: usize) {
        let touched = self.fold.add(history, at, &self.authority, entry);
        self.unexamined.extend(touched);
        self.mark_stale(entry);
    }

    /// An entry's witnessed time has changed.
    pub(super) fn touch(&mut self, entry: usize) {
        self.unexamined.insert(entry);
        self.mark_stale(entry);
    }

    fn mark_stale(&mut self, entry: usize) {
        // What is void may be shown as void.
        if let Some(verdict) = self.fold.verdict(entry)
            && let Some(topic) = &verdict.topic
        {
            self.stale.insert(topic.clone());
        }
    }

    /// The state of what has been replayed.
    pub(super) fn state(
        &mut self,
        ledger: LedgerId,
        history: &History,
        at: &LedgerAt,
        filter: Filter,
    ) -> Result<State, StateError> {
        let judged_at = filter.judged_at().or_else(|| self.fold.median_time()).unwrap_or_default();
        self.compose_indicators(history, at)?;
        let findings = self.find(history, at, judged_at);
        let documents = self.compose_documents(history, at, findings)?;
        let frontier = at.frontier();
        let index = IndexDocument {
            format: STATE_FORMAT,
            ledger,
            rules_version: self.authority.rules().rules_version,
            frontier: FrontierRecord::from(frontier),
            frontier_root: frontier.root(),
            view: filter.record(),
            judged_at,
            pending: self.fold.pending().iter().copied().collect(),
            entries: self.fold.count(),
            events: self.fold.events().clone(),
            documents: documents.hashes(),
        };
        State::assemble(documents, index)
    }

    /// Computes again what was touched of the indicators.
    fn compose_indicators(&mut self, history: &History, at: &LedgerAt) -> Result<(), StateError> {
        let authority = &self.authority;
        let scene = Scene { history, at, authority, fold: &self.fold };
        for (id, indicator) in list_indicators(authority) {
            let touched = self.stale.remove(&Topic::Indicator(id.clone()));
            if !touched && self.indicators.contains_key(&id) {
                continue;
            }
            let document = compose_indicator(scene, indicator);
            let (findings, deadlines) =
                find_in_indicator(&document, authority.limits().challenge_days);
            let written = Written::write(&indicator_name(&id), document)?;
            self.indicators.insert(id, Composed { written, findings, deadlines });
        }
        Ok(())
    }

    /// Everything that is noticed, at T.
    fn find(&mut self, history: &History, at: &LedgerAt, judged_at: Moment) -> FindingsDocument {
        let scene = Scene { history, at, authority: &self.authority, fold: &self.fold };
        for entry in std::mem::take(&mut self.unexamined) {
            let place = history.record(entry).place();
            let findings = find_in_entry(scene, entry);
            if findings.is_empty() {
                self.entry_findings.remove(&place);
            } else {
                self.entry_findings.insert(place, findings);
            }
        }
        let mut findings = find_in_ledger(scene, judged_at);
        findings.extend(self.entry_findings.values().flatten().cloned());
        for composed in self.indicators.values() {
            findings.extend(composed.findings.iter().cloned());
            findings.extend(composed.deadlines.iter().filter_map(|due| due.judge(judged_at)));
        }
        sort_findings(&mut findings);
        FindingsDocument { judged_at, findings }
    }

    fn compose_documents(
        &mut self,
        history: &History,
        at: &LedgerAt,
        findings: FindingsDocument,
    ) -> Result<Documents, StateError> {
        let scene = Scene { history, at, authority: &self.authority, fold: &self.fold };
        if self.stale.remove(&Topic::Governance) {
            self.governance = None;
        }
        if self.stale.remove(&Topic::Budgets) {
            self.budgets = None;
        }
        if self.stale.remove(&Topic::Reviews) {
            self.reviews = None;
        }
        let members = compose_members(scene, &self.count_open_challenges());
        Ok(Documents {
            plan: keep(&mut self.plan, "plan.json", || compose_plan(scene))?,
            members: Written::write("members.json", members)?,
            governance: keep(&mut self.governance, "governance.json", || {
                compose_governance(scene)
            })?,
            indicators: self
                .indicators
                .iter()
                .map(|(id, composed)| (id.clone(), Arc::clone(&composed.written)))
                .collect(),
            budgets: keep(&mut self.budgets, "budgets.json", || compose_budgets(scene))?,
            reviews: keep(&mut self.reviews, "reviews.json", || compose_reviews(scene))?,
            findings: Written::write("findings.json", findings)?,
        })
    }

    fn count_open_challenges(&self) -> BTreeMap<Slug, u64> {
        let mut counts: BTreeMap<Slug, u64> = BTreeMap::new();
        for composed in self.indicators.values() {
            for challenge in &composed.written.document().challenges {
                if !challenge.standing.is_closed() {
                    let count = counts.entry(challenge.challenged.clone()).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        counts
    }
}

/// Every indicator that some version of the plan has, as the last that has it says.
fn list_indicators(authority: &Authority) -> BTreeMap<IndicatorId, &Indicator> {
    let versions = authority.plan_versions().iter();
    let indicators = versions.flat_map(|version| &version.plan.indicators);
    indicators.map(|indicator| (indicator.id.clone(), indicator)).collect()
}

/// A document that is kept, or else computed and kept.
fn keep<D: serde::Serialize>(
    kept: &mut Option<Arc<Written<D>>>,
    name: &str,
    compose: impl FnOnce() -> D,
) -> Result<Arc<Written<D>>, StateError> {
    if let Some(written) = kept {
        return Ok(Arc::clone(written));
    }
    let written = Written::write(name, compose())?;
    *kept = Some(Arc::clone(&written));
    Ok(written)
}
