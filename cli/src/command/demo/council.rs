// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The council in the demo: votes that decide one after another, and an indicator that both sides of
//! a cut network adopt without seeing each other's votes.

use constancia_ledger::replay::View;
use constancia_ledger::state::{ProposalRecord, ProposalStatus, State};

use super::acts::DECIDED;
use super::facts::{ClassTally, Decision, PlanVersion, Tally};
use super::story::{Story, is_institution};
use super::typed::{expect_fine, show_for_each};
use super::{DemoError, PARTIES};
use crate::failure::Failure;
use crate::words::demo as words;

/// Who proposes an indicator, and which: the plan's file has it among `proposed_indicators`.
const PROPOSER: &str = "data-civica";
pub(super) const INDICATOR: &str = "P-05";
const REASON: &str =
    "Sin la relación entre víctima y agresor no se sabe qué homicidios son feminicidios";
/// Who is for it on each side of the cut, and who is not.
const FOR_IT: [&str; 5] = ["sre", "sspc", "inmujeres", "data-civica", "intersecta"];
const AGAINST_IT: &str = "sedena";
/// Who completes the decision once all votes are in sight.
const ENACTOR: &str = "sre";

impl Story {
    /// A civil-society organisation proposes an indicator; the votes are cast on two sides of a cut
    /// network, so that no entry has seen them all, and somebody enacts.
    pub(super) async fn adopt(&mut self) -> Result<(), Failure> {
        let before = self.state(PROPOSER, View::Frontier).await?;
        let line = ["propose", "amend-plan", "--from-proposed", INDICATOR, "--reason", REASON];
        self.sign_at(PROPOSER, &line).await?;
        self.network.agree(|_| true).await?;

        let proposal = format!("amend-plan/{INDICATOR}");
        self.ui.notice(&words::note_cut(self.ui.lang));
        self.network.cut(|one, other| is_institution(one) != is_institution(other)).await?;
        self.vote(&proposal, "yes", &FOR_IT).await?;
        self.vote(&proposal, "no", &[AGAINST_IT]).await?;
        self.network.agree(is_institution).await?;
        self.network.agree(|slug| !is_institution(slug)).await?;
        let institutions = find_record(&self.state(ENACTOR, View::Frontier).await?, "amend_plan")?;
        let others = find_record(&self.state(PROPOSER, View::Frontier).await?, "amend_plan")?;

        self.network.join(|one, other| is_institution(one) != is_institution(other))?;
        self.network.agree(|_| true).await?;
        self.ui.notice(&words::note_joined(self.ui.lang));
        let joined = find_record(&self.state(PROPOSER, View::Frontier).await?, "amend_plan")?;
        self.sign_at(ENACTOR, &["enact", &proposal]).await?;
        self.network.agree(|_| true).await?;

        let mut holding: usize = 0;
        for slug in PARTIES {
            let state = self.state(slug, View::Frontier).await?;
            holding = holding.saturating_add(usize::from(state.indicator(INDICATOR).is_some()));
        }
        let after = self.state(PROPOSER, View::Frontier).await?;
        let record = find_record(&after, "amend_plan")?;
        let facts = &mut self.facts.council;
        INDICATOR.clone_into(&mut facts.indicator);
        facts.seats = count_seats(&after);
        facts.institutions_alone = tally(&institutions);
        facts.others_alone = tally(&others);
        joined.status.code().clone_into(&mut facts.status_joined);
        ENACTOR.clone_into(&mut facts.enacted_by);
        facts.decision = decision(&record);
        facts.plan_before = plan_version(&before);
        facts.plan_after = plan_version(&after);
        facts.nodes_with_indicator = holding;
        Ok(())
    }

    /// These members vote yes, the last when it has the other votes in sight: its vote decides.
    /// `apart` is not on the network meanwhile.
    pub(super) async fn decide(
        &self,
        proposal: &str,
        voters: &[&str],
        apart: Option<&str>,
    ) -> Result<Decision, Failure> {
        self.network.agree(|slug| Some(slug) != apart).await?;
        let Some((last, first)) = voters.split_last() else {
            return Err(DemoError::Vanished { what: proposal.to_owned() }.into());
        };
        self.vote(proposal, "yes", first).await?;
        self.network.agree(|slug| Some(slug) != apart).await?;
        self.vote(proposal, "yes", &[last]).await?;
        self.network.agree(|slug| Some(slug) != apart).await?;
        let state = self.state(last, View::Frontier).await?;
        let kind = proposal.split('/').next().unwrap_or_default().replace('-', "_");
        Ok(decision(&find_record(&state, &kind)?))
    }

    /// These members vote, each at its own desk; the command is shown once.
    async fn vote(&self, proposal: &str, choice: &str, voters: &[&str]) -> Result<(), Failure> {
        let line = ["vote", proposal, choice];
        if let [only] = voters {
            return self.sign_at(only, &line).await;
        }
        show_for_each(self.ui, voters, &line);
        for voter in voters {
            let party = self.network.party(voter)?;
            let signed = party.desk(self.ui).sign_unseen(&line, DECIDED).await;
            expect_fine(signed, &line)?;
        }
        Ok(())
    }
}

/// The last proposal of a kind of decision.
fn find_record(state: &State, kind: &str) -> Result<ProposalRecord, Failure> {
    let mut records = state.governance().proposals.iter().rev();
    let found = records.find(|record| record.decision == kind);
    Ok(found.cloned().ok_or(DemoError::Vanished { what: kind.to_owned() })?)
}

fn decision(record: &ProposalRecord) -> Decision {
    let passed_at = match &record.status {
        ProposalStatus::Passed { at } | ProposalStatus::PassedVoid { at, .. } => at.to_string(),
        ProposalStatus::Open
        | ProposalStatus::Ready
        | ProposalStatus::Blocked
        | ProposalStatus::Withdrawn { .. }
        | ProposalStatus::Void => String::new(),
    };
    Decision {
        proposal: record.act.entry.to_string(),
        proposer: record.act.member.to_string(),
        status: record.status.code().to_owned(),
        votes: tally(record),
        passed_at,
    }
}

fn tally(record: &ProposalRecord) -> Tally {
    let classes = record.classes.iter().map(|class| ClassTally {
        class: class.class.as_str().to_owned(),
        needed: class.needed,
        agreed: class.agreed,
    });
    Tally {
        needed: record.needed,
        agreed: record.agreed.iter().map(ToString::to_string).collect(),
        not_agreed: record.not_agreed.iter().map(ToString::to_string).collect(),
        classes: classes.collect(),
    }
}

fn count_seats(state: &State) -> usize {
    state.members().members.iter().filter(|member| member.council).count()
}

fn plan_version(state: &State) -> PlanVersion {
    let plan = state.plan();
    let indicators = plan.plan.get("indicators").and_then(serde_json::Value::as_array);
    PlanVersion {
        number: plan.versions.len(),
        set_by: plan.version.to_string(),
        indicators: indicators.map_or(0, Vec::len),
    }
}
