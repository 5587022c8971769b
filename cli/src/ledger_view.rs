// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a command needs to know of the ledger: its name, plan, members, keys and decisions, as the
//! state has them.

mod raised;
mod read_once;

use bytes::Bytes;
use constancia_ledger::event::governance::{PlanChange, Succession};
use constancia_ledger::event::{Member, MemberClass, Plan};
use constancia_ledger::fault::Fault;
use constancia_ledger::governance::{amend_plan, hand_over};
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::state::{
    ChallengeRecord, GovernanceDocument, IndicatorDocument, MembersDocument, PlanDocument,
    PlanVersionRecord, State,
};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;
use serde::de::DeserializeOwned;

use crate::desk::Desk;
use crate::failure::{Explain, Failure, OrTold as _, Told};
use crate::figures::Figures;
use crate::json::from_json;
use crate::reference::report_of;
use crate::table::options::OptionError;
use crate::ui::Ui;
use crate::words::{Lang, errors, newer_rules};

use read_once::ReadOnce;

/// Names the charter's version of the plan.
const CHARTER: &str = "charter";

/// Documents that tell who may do what, by which plan.
const DOCUMENTS: [&str; 3] = ["plan.json", "members.json", "governance.json"];

/// Ledger, plan, members and decisions.
#[derive(Debug)]
pub(crate) struct LedgerView {
    /// Which ledger.
    pub(crate) ledger: LedgerId,
    /// What it is called.
    pub(crate) name: String,
    /// The plan in force.
    pub(crate) plan: Plan,
    /// Every version of the plan, the charter's first, the one in force last.
    pub(crate) versions: Vec<Version>,
    /// Who takes part or took part.
    pub(crate) members: Vec<Member>,
    /// Members and keys, as the state has them.
    pub(crate) people: MembersDocument,
    /// Rules and proposals, as the state has them.
    pub(crate) governance: GovernanceDocument,
    /// Rules that apply since and that this program does not know: all of this is from before them.
    pub(crate) newer: Option<v1::NewerRules>,
    read_once: ReadOnce,
}

/// A version of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// What made it, and when.
    pub(crate) record: PlanVersionRecord,
    /// The plan.
    pub(crate) plan: Plan,
}

impl LedgerView {
    /// Reads it from the state.
    ///
    /// # Errors
    /// Where there is no ledger, or its state cannot be computed.
    pub(crate) async fn read(desk: &Desk) -> Result<Self, Failure> {
        Self::read_at(desk, desk.get_status().await?, None).await
    }

    /// Reads it from the last state that this program can compute: where newer rules apply, the one
    /// before them, and that the decision for them passed. For what only looks, and says so: [`tell_of_newer_rules`].
    ///
    /// # Errors
    /// Where there is no ledger, or no state of it can be computed.
    pub(crate) async fn read_known(desk: &Desk) -> Result<Self, Failure> {
        let status = desk.get_status().await?;
        let newer = status.newer_rules.clone();
        let mut view = Self::read_at(desk, status, newer.as_ref().and_then(view_before)).await?;
        view.newer = newer;
        view.settle_raise(desk).await?;
        Ok(view)
    }

    /// The view that it was read from; none: everything that is held.
    pub(crate) fn known_view(&self) -> Option<v1::View> {
        self.newer.as_ref().and_then(view_before)
    }

    async fn read_at(
        desk: &Desk,
        status: v1::Status,
        view: Option<v1::View>,
    ) -> Result<Self, Failure> {
        let Some(ledger) = LedgerId::from_slice(&status.ledger_id) else {
            return Err(BadAnswer { what: "ledger_id" }.into());
        };
        let mut documents = Vec::new();
        let names = DOCUMENTS.map(ToOwned::to_owned).to_vec();
        let request = v1::GetDocumentsRequest { view, names };
        desk.get_documents(request, &mut |document| {
            documents.push((document.name, document.content));
            Ok(())
        })
        .await?;
        let [plan, people, governance] = DOCUMENTS;
        let people: MembersDocument = parse(&documents, people)?;
        let versions = read_versions(desk, parse(&documents, plan)?).await?;
        let Some(plan) = versions.last().map(|version| version.plan.clone()) else {
            return Err(BadAnswer { what: "plan.json" }.into());
        };
        let members = people.members.iter().map(|record| Member {
            slug: record.slug.clone(),
            class: record.class,
            name: record.name.clone(),
            source: None,
            url: None,
        });
        Ok(Self {
            ledger,
            name: status.name,
            plan,
            versions,
            members: members.collect(),
            people,
            governance: parse(&documents, governance)?,
            newer: None,
            read_once: ReadOnce::default(),
        })
    }

    /// What made the plan in force: the charter, or a proposal that passed.
    pub(crate) fn plan_version(&self) -> EntryId {
        self.versions.last().map_or(self.ledger.charter(), |version| version.record.version)
    }

    /// The version of the plan in force as a report names it: nothing for the charter's own.
    pub(crate) fn named_version(&self) -> Bytes {
        match self.versions.as_slice() {
            [_, .., last] => Bytes::copy_from_slice(last.record.version.as_bytes()),
            [_] | [] => Bytes::new(),
        }
    }

    /// The version that `text` names, as a report has it: `charter`, or the first digits of the id of
    /// the proposal that made it.
    ///
    /// # Errors
    /// With the versions that there are.
    pub(crate) fn find_version(&self, text: &str) -> Result<Bytes, Failure> {
        let amended = self.versions.get(1..).unwrap_or_default();
        let ids: Vec<EntryId> = amended.iter().map(|version| version.record.version).collect();
        if text == CHARTER {
            return Ok(Bytes::new());
        }
        let fits = |id: &&EntryId| text.len() >= 4 && id.to_string().starts_with(text);
        let fitting: Vec<&EntryId> = ids.iter().filter(fits).collect();
        if let [only] = fitting.as_slice() {
            return Ok(Bytes::copy_from_slice(only.as_bytes()));
        }
        let known = ids.iter().map(EntryId::short).chain([CHARTER.to_owned()]).collect();
        Err(OptionError::UnknownVersion { found: text.to_owned(), known }.into())
    }

    /// The number of a version of the plan, from 1; the charter's where none is named.
    pub(crate) fn version_number(&self, version: Option<EntryId>) -> Option<usize> {
        let Some(version) = version else {
            return Some(1);
        };
        let place = self.versions.iter().position(|known| known.record.version == version)?;
        place.checked_add(1)
    }

    /// The rules in force, as the schema has them.
    pub(crate) fn governance_rules(&self) -> v1::Rules {
        from_json("Rules", &self.governance.rules).unwrap_or_default()
    }

    /// What a member is.
    pub(crate) fn class_of(&self, slug: &str) -> Option<MemberClass> {
        self.people.member(slug).map(|member| member.class)
    }

    /// A member's name in words, with its slug.
    pub(crate) fn member_name(&self, lang: Lang, slug: &str) -> String {
        let known = self.members.iter().find(|member| member.slug.as_str() == slug);
        match known {
            Some(member) => format!("{} ({slug})", member.name.best(lang.of_texts())),
            None => slug.to_owned(),
        }
    }

    /// The plan has this indicator.
    ///
    /// # Errors
    /// With the nearest names.
    pub(crate) fn check_indicator(&self, id: &str) -> Result<(), Failure> {
        let known = self.plan.indicators.iter().map(|indicator| indicator.id.as_str());
        if known.clone().any(|known| known == id) {
            return Ok(());
        }
        let known = known.map(ToOwned::to_owned).collect();
        Err(OptionError::UnknownIndicator { found: id.to_owned(), known }.into())
    }

    /// The ledger has this member, or had it.
    ///
    /// # Errors
    /// With the name of every member that is left.
    pub(crate) fn check_member(&self, slug: &str) -> Result<(), Failure> {
        if self.people.member(slug).is_some() {
            return Ok(());
        }
        let present = self.people.members.iter().filter(|member| member.retired_by.is_none());
        let known = present.map(|member| member.slug.to_string()).collect();
        Err(OptionError::UnknownMember { found: slug.to_owned(), known }.into())
    }

    /// The figures that the observations of these events stand beside, seen from `member`, or from
    /// the responsible member where none is named.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub(crate) async fn figures(
        &self,
        desk: &Desk,
        member: Option<&str>,
        events: &[v1::Event],
    ) -> Result<Figures, Failure> {
        let wanted: Vec<String> = events
            .iter()
            .filter_map(|event| Some(report_of(event.body.as_ref()?)?.indicator.clone()))
            .collect();
        if wanted.is_empty() {
            return Ok(Figures::default());
        }
        let state = self.state(desk).await?;
        let documents: Vec<&IndicatorDocument> =
            wanted.iter().filter_map(|id| state.indicator(id)).collect();
        Ok(Figures::of(member, &documents))
    }
}

/// The ledger before rules that this program does not know; none where it began with them.
fn view_before(newer: &v1::NewerRules) -> Option<v1::View> {
    let at = newer.before.clone().map(v1::view::At::Frontier)?;
    Some(v1::View { at: Some(at) })
}

/// Says that what is shown is from before rules that this program does not know.
pub(crate) fn tell_of_newer_rules(ui: Ui, view: &LedgerView) {
    if let Some(newer) = &view.newer {
        let at = EntryId::from_slice(&newer.raised_at).map_or_else(String::new, |id| id.short());
        ui.warn(&newer_rules::shown_before(ui.lang, &newer.version, &at, &newer.known));
    }
}

fn parse<D: DeserializeOwned>(
    documents: &[(String, Bytes)],
    name: &'static str,
) -> Result<D, Failure> {
    let found = documents.iter().find(|(known, _)| known == name);
    let content = found.map_or(&[][..], |(_, content)| content);
    serde_json::from_slice(content).map_err(|_other_layout| BadAnswer { what: name }.into())
}

/// Every version of the plan: the charter's, and what each decision made of it.
async fn read_versions(desk: &Desk, document: PlanDocument) -> Result<Vec<Version>, Failure> {
    let bad = || Failure::from(BadAnswer { what: "plan" });
    let charter = read_charter(desk).await?;
    let mut plan = Plan::try_from(charter.plan.unwrap_or_default()).or_told()?;
    let mut versions: Vec<Version> = Vec::new();
    for record in document.versions {
        if !versions.is_empty() {
            let entry = desk.get_entry(&record.version.to_string()).await?;
            let Some(Body::Proposal(proposal)) = event_of(&entry).and_then(|event| event.body)
            else {
                return Err(bad());
            };
            plan = change(&plan, proposal.decision).ok_or_else(bad)?;
        }
        versions.push(Version { record, plan: plan.clone() });
    }
    Ok(versions)
}

/// The plan after a decision that makes a version of it; none where it makes none.
pub(crate) fn change(plan: &Plan, decision: Option<Decision>) -> Option<Plan> {
    match decision? {
        Decision::AmendPlan(amendment) => {
            let changes = amendment.changes.into_iter().map(PlanChange::try_from);
            let changes: Vec<PlanChange> = changes.collect::<Result<_, _>>().ok()?;
            amend_plan(plan, &changes).map(|(plan, _)| plan)
        }
        Decision::Succession(succession) => {
            Some(hand_over(plan, &Succession::try_from(succession).ok()?))
        }
        Decision::AdmitMember(_)
        | Decision::RetireMember(_)
        | Decision::GrantKey(_)
        | Decision::RevokeKey(_)
        | Decision::AmendRules(_)
        | Decision::ResolveFork(_)
        | Decision::Redact(_)
        | Decision::AdoptReview(_)
        | Decision::RaiseRulesVersion(_)
        | Decision::CloseChallenge(_) => None,
    }
}

/// The charter as it was signed.
///
/// # Errors
/// Where it cannot be read.
async fn read_charter(desk: &Desk) -> Result<v1::Charter, Failure> {
    let mut found = None;
    let request = v1::ListEntriesRequest { event: "charter".to_owned(), ..Default::default() };
    desk.list_entries(request, &mut |view| {
        if let Some(Body::Charter(charter)) = event_of(&view).and_then(|event| event.body) {
            found.get_or_insert(charter);
        }
        Ok(())
    })
    .await?;
    found.ok_or_else(|| BadAnswer { what: "charter" }.into())
}

/// The event of an entry; none where its payload is not there or is no event.
pub(crate) fn event_of(view: &v1::EntryView) -> Option<v1::Event> {
    use prost::Message as _;
    let payload = view.entry.as_ref()?.payload.clone()?;
    v1::Event::decode(payload).ok()
}

/// Every document of the state, checked against `index.json`.
///
/// # Errors
/// Where the view names no past of this ledger, or the documents are not what the index says.
pub(crate) async fn read_state(desk: &Desk, view: Option<v1::View>) -> Result<State, Failure> {
    let documents = read_documents(desk, view).await?;
    match State::read(documents) {
        Ok(state) => Ok(state),
        Err(error) => Err(Told::of(&error).into()),
    }
}

/// A challenge, as the state has it.
pub(crate) fn find_challenge<'a>(state: &'a State, id: &EntryId) -> Option<&'a ChallengeRecord> {
    let mut challenges = state.indicators().flat_map(|indicator| &indicator.challenges);
    challenges.find(|challenge| challenge.act.entry == *id)
}

/// Every document of the state as it came, `index.json` last.
///
/// # Errors
/// Where the view names no past of this ledger.
pub(crate) async fn read_documents(
    desk: &Desk,
    view: Option<v1::View>,
) -> Result<Vec<(String, Bytes)>, Failure> {
    let mut documents: Vec<(String, Vec<Bytes>)> = Vec::new();
    let request = v1::GetDocumentsRequest { view, names: Vec::new() };
    desk.get_documents(request, &mut |v1::Document { name, content }| {
        match documents.last_mut().filter(|(last, _)| *last == name) {
            Some((_, pieces)) => pieces.push(content),
            None => documents.push((name, vec![content])),
        }
        Ok(())
    })
    .await?;
    Ok(documents.into_iter().map(|(name, pieces)| (name, join(pieces))).collect())
}

/// The pieces of a document, one after another.
fn join(mut pieces: Vec<Bytes>) -> Bytes {
    match pieces.len() {
        1 => pieces.remove(0),
        _ => pieces.concat().into(),
    }
}

/// Whoever holds the store answered something that cannot be.
#[derive(Debug)]
pub(crate) struct BadAnswer {
    pub(crate) what: &'static str,
}

impl Explain for BadAnswer {
    fn code(&self) -> &'static str {
        "desk.bad_answer"
    }

    fn fault(&self) -> Fault {
        Fault::Corrupt
    }

    fn message(&self, lang: Lang) -> String {
        errors::desk_bad_answer(lang, &self.what)
    }

    fn hint(&self, _lang: Lang) -> Option<String> {
        None
    }
}
