// SPDX-License-Identifier: Apache-2.0 OR MIT
//! R10, R12: an indicator's statements become series of vintages, with what was said against them.

use std::collections::BTreeMap;

use crate::event::name::Slug;
use crate::event::observation::{Coordinates, Observation};
use crate::event::{
    Attestation, Challenge, Close, Correction, Event, Indicator, Outcome, Report, Response,
};
use crate::governance::PlanVersion;
use crate::id::EntryId;
use crate::replay::history::Content;
use crate::replay::judge::{Topic, statement_of};
use crate::replay::scene::{Scene, content};
use crate::state::{
    AttestationRecord, Authority, ChallengeRecord, ChallengeStanding, CloseKind, CloseRecord,
    CorrectionRecord, DefinitionRecord, IndicatorDocument, RedactionRecord, ResponseRecord, Series,
    StatementRecord, Vintage, WithdrawalRecord,
};

/// `indicators/<id>.json`.
pub(in crate::replay) fn compose_indicator(
    scene: Scene<'_>,
    indicator: &Indicator,
) -> IndicatorDocument {
    let mut draft = Draft::default();
    for entry in scene.fold.topic(&Topic::Indicator(indicator.id.clone())) {
        draft.add(scene, entry);
    }
    draft.settle(scene);
    let series = draft.compose_series();
    let responsible = indicator.responsible.value();
    IndicatorDocument {
        id: indicator.id.clone(),
        name: indicator.name.clone(),
        unit: indicator.unit.clone(),
        unit_multiplier: indicator.unit_multiplier,
        standing: indicator.standing,
        responsible: responsible.map(|it| it.members.clone()).unwrap_or_default(),
        removed_by: find_removal(scene, indicator),
        versions: list_versions(scene, indicator),
        statements: draft.statements,
        series,
        challenges: draft.challenges,
        redactions: draft.redactions,
    }
}

/// The version of the plan that has the indicator no more.
fn find_removal(scene: Scene<'_>, indicator: &Indicator) -> Option<EntryId> {
    let has =
        |version: &PlanVersion| version.plan.indicators.iter().any(|it| it.id == indicator.id);
    let mut removed_by = None;
    for version in scene.authority.plan_versions().iter().rev() {
        if has(version) {
            break;
        }
        removed_by = Some(version.id);
    }
    removed_by
}

/// R31: every version of the indicator's technical sheet.
fn list_versions(scene: Scene<'_>, indicator: &Indicator) -> Vec<DefinitionRecord> {
    let mut versions = Vec::new();
    let mut before: Option<&Indicator> = None;
    for version in scene.authority.plan_versions() {
        let Some(sheet) = version.plan.indicators.iter().find(|it| it.id == indicator.id) else {
            continue;
        };
        if before == Some(sheet) {
            continue;
        }
        versions.push(DefinitionRecord {
            plan_version: version.id,
            redefined: before.is_some_and(|before| sheet.redefines(before)),
            declared_break: version.declared_breaks.contains(&indicator.id),
            sheet: content(sheet),
        });
        before = Some(sheet);
    }
    versions
}

/// What has been read of an indicator's events, in the ledger's order: what an event names always
/// stands before it.
#[derive(Default)]
struct Draft<'a> {
    statements: Vec<StatementRecord>,
    reports: Vec<&'a Report>,
    challenges: Vec<ChallengeRecord>,
    redactions: Vec<RedactionRecord>,
    /// Where the statement or challenge of an entry is in its list.
    places: BTreeMap<EntryId, usize>,
}

impl<'a> Draft<'a> {
    fn add(&mut self, scene: Scene<'a>, entry: usize) {
        if let Content::Redacted(redaction) = &scene.record(entry).content {
            self.redactions.push(RedactionRecord {
                act: scene.act(entry),
                decision: redaction.by,
                period: redaction.period,
            });
        }
        let Some(event) = scene.record(entry).event() else {
            return;
        };
        if let Some((report, correction)) = statement_of(event) {
            self.add_statement(scene, entry, report, correction);
        }
        match event {
            Event::Withdrawal(withdrawal) => {
                let record =
                    WithdrawalRecord { act: scene.act(entry), reason: withdrawal.reason.clone() };
                if let Some(statement) = self.statement(&withdrawal.report) {
                    statement.withdrawals.push(record);
                }
            }
            Event::Attestation(attestation) => self.add_attestation(scene, entry, attestation),
            Event::Challenge(challenge) => self.add_challenge(scene, entry, challenge),
            Event::Response(response) => self.add_response(scene, entry, response),
            Event::Close(close) => self.add_close(scene, entry, close),
            Event::Report(_)
            | Event::Correction(_)
            | Event::Charter(_)
            | Event::Acceptance(_)
            | Event::Proposal(_)
            | Event::Vote(_)
            | Event::Enact(_)
            | Event::KeyRetired(_)
            | Event::ProposalWithdrawn(_)
            | Event::Acknowledge
            | Event::Budget(_)
            | Event::Consultation(_)
            | Event::ConsultationSignOff(_)
            | Event::Review(_)
            | Event::Recommendation(_)
            | Event::RecommendationResponse(_)
            | Event::Agreement(_) => {}
        }
    }

    fn statement(&mut self, id: &EntryId) -> Option<&mut StatementRecord> {
        self.places.get(id).and_then(|place| self.statements.get_mut(*place))
    }

    fn challenge(&mut self, id: &EntryId) -> Option<&mut ChallengeRecord> {
        self.places.get(id).and_then(|place| self.challenges.get_mut(*place))
    }

    fn add_statement(
        &mut self,
        scene: Scene<'a>,
        entry: usize,
        report: &'a Report,
        correction: Option<&'a Correction>,
    ) {
        let act = scene.act(entry);
        let record = scene.record(entry);
        // R10: whether the member is responsible where it speaks, not where we look.
        let law = scene.history.authority_at(record).unwrap_or(scene.authority);
        let responsible = law.is_responsible(&act.member, &report.indicator);
        if let Some(correction) = correction {
            if let Some(replaced) = self.statement(&correction.replaces) {
                replaced.replaced_by.push(act.entry);
            }
            if let Some(id) = correction.challenge
                && let Some(challenge) = self.challenge(&id)
            {
                challenge.corrections.push(act.entry);
                answer(challenge);
            }
        }
        self.places.insert(act.entry, self.statements.len());
        self.reports.push(report);
        self.statements.push(StatementRecord {
            act,
            authority: if responsible { Authority::Official } else { Authority::Independent },
            plan_version: report.plan_version,
            period: report.period,
            cutoff: report.cutoff,
            method: report.method.clone(),
            source: report.source.clone(),
            comment: report.comment.clone(),
            evidence: report.evidence.clone(),
            correction: correction.map(|correction| CorrectionRecord {
                replaces: correction.replaces,
                reason: correction.reason,
                explanation: correction.explanation.clone(),
                challenge: correction.challenge,
            }),
            replaced_by: Vec::new(),
            withdrawals: Vec::new(),
            attestations: Vec::new(),
            challenges: Vec::new(),
        });
    }

    fn add_attestation(&mut self, scene: Scene<'a>, entry: usize, attestation: &Attestation) {
        let record = AttestationRecord {
            act: scene.act(entry),
            verdict: attestation.verdict,
            method: attestation.method.clone(),
            comment: attestation.comment.clone(),
            evidence: attestation.evidence.clone(),
        };
        if let Some(statement) = self.statement(&attestation.report) {
            statement.attestations.push(record);
        }
    }

    fn add_challenge(&mut self, scene: Scene<'a>, entry: usize, challenge: &Challenge) {
        let act = scene.act(entry);
        let Some(statement) = self.statement(&challenge.report) else {
            return;
        };
        let challenged = statement.act.member.clone();
        let period = statement.period;
        if challenge.observation.is_none() {
            statement.challenges.push(act.entry);
        }
        self.places.insert(act.entry, self.challenges.len());
        self.challenges.push(ChallengeRecord {
            act,
            standing: ChallengeStanding::Open,
            challenged,
            statement: challenge.report,
            observation: challenge.observation.as_ref().map(|key| key.coordinates(period)),
            ground: challenge.ground,
            text: challenge.text.clone(),
            proposed_value: challenge.proposed_value,
            contradicts: challenge.contradicts,
            evidence: challenge.evidence.clone(),
            responses: Vec::new(),
            corrections: Vec::new(),
            closes: Vec::new(),
        });
    }

    fn add_response(&mut self, scene: Scene<'a>, entry: usize, response: &Response) {
        let record = ResponseRecord {
            act: scene.act(entry),
            text: response.text.clone(),
            correction: response.correction,
            evidence: response.evidence.clone(),
        };
        if let Some(challenge) = self.challenge(&response.challenge) {
            challenge.responses.push(record);
            answer(challenge);
        }
    }

    fn add_close(&mut self, scene: Scene<'a>, entry: usize, close: &Close) {
        let (outcome, by) = match close.outcome {
            Outcome::Withdrawn => (CloseKind::Withdrawn, None),
            Outcome::Accepted { correction } => (CloseKind::Accepted, Some(correction)),
            Outcome::Ruled { proposal } => (CloseKind::RulingNoted, Some(proposal)),
        };
        let record = CloseRecord { act: scene.act(entry), outcome, by, text: close.text.clone() };
        if let Some(challenge) = self.challenge(&close.challenge) {
            challenge.closes.push(record);
        }
    }

    /// R17: of the closes that have an effect, a decision of the council among them, the first in the
    /// order decides.
    fn settle(&mut self, scene: Scene<'a>) {
        for challenge in &mut self.challenges {
            let ruling = scene.authority.ruling(&challenge.act.entry);
            // A decision about another statement than the disputed one decides nothing.
            let ruling = ruling.filter(|ruling| ruling.report == challenge.statement);
            if let Some(ruling) = ruling
                && let Some(passed_at) = scene.history.find(&ruling.passed_at)
            {
                let (act, by) = (scene.act(passed_at), Some(ruling.by));
                let outcome = CloseKind::Ruled;
                challenge.closes.push(CloseRecord { act, outcome, by, text: None });
                challenge.closes.sort_by_key(|close| close.act.place());
            }
            let standing = challenge.deciding_close().and_then(|close| match close.outcome {
                CloseKind::Withdrawn => Some(ChallengeStanding::Withdrawn),
                CloseKind::Accepted => Some(ChallengeStanding::Accepted),
                CloseKind::Ruled => ruling.map(|ruling| {
                    if ruling.upheld {
                        ChallengeStanding::Upheld
                    } else {
                        ChallengeStanding::Dismissed
                    }
                }),
                CloseKind::RulingNoted => None,
            });
            challenge.standing = standing.unwrap_or(challenge.standing);
        }
    }

    fn compose_series(&self) -> Vec<Series> {
        let mut disputed: BTreeMap<(EntryId, Coordinates), Vec<EntryId>> = BTreeMap::new();
        for challenge in &self.challenges {
            if let Some(observation) = &challenge.observation {
                let list = disputed.entry((challenge.statement, observation.clone())).or_default();
                list.push(challenge.act.entry);
            }
        }
        let mut cells: BTreeMap<(Coordinates, &Slug), Vec<Vintage>> = BTreeMap::new();
        for (statement, report) in self.statements.iter().zip(&self.reports) {
            for observation in &report.observations {
                let coordinates = observation.key.coordinates(report.period);
                let mut vintage = compose_vintage(statement, report, observation);
                let cell = (vintage.entry, coordinates);
                vintage.challenges = disputed.remove(&cell).unwrap_or_default();
                cells.entry((cell.1, &statement.act.member)).or_default().push(vintage);
            }
        }
        cells
            .into_iter()
            .map(|((observation, member), mut vintages)| {
                mark_current(&mut vintages);
                Series { observation, member: member.clone(), vintages }
            })
            .collect()
    }
}

fn compose_vintage(
    statement: &StatementRecord,
    report: &Report,
    observation: &Observation,
) -> Vintage {
    let correction = statement.correction.as_ref();
    Vintage {
        entry: statement.act.entry,
        authority: statement.authority,
        current: false,
        value: observation.value(),
        ratio: observation.ratio(),
        status: observation.status,
        comment: observation.comment.clone(),
        plan_version: report.plan_version,
        unit: report.unit.clone(),
        unit_multiplier: report.unit_multiplier,
        cutoff: report.cutoff,
        published_on: report.source.as_ref().and_then(|source| source.published_on),
        effective_at: statement.act.effective_at,
        witnessed_at: statement.act.witnessed_at,
        signer: statement.act.signer.clone(),
        reason: correction.map(|correction| correction.reason),
        exercise: statement.act.exercise.clone(),
        superseded_by: statement.replaced_by.first().copied(),
        withdrawn_by: statement.withdrawals.first().map(|withdrawal| withdrawal.act.entry),
        challenges: Vec::new(),
    }
}

/// A challenge has been answered, unless it is closed already.
const fn answer(challenge: &mut ChallengeRecord) {
    if matches!(challenge.standing, ChallengeStanding::Open) {
        challenge.standing = ChallengeStanding::Answered;
    }
}

/// R12: what is neither withdrawn nor named by a correction stands; of several that stand the last
/// in the order is current, and takes the place of those before.
fn mark_current(vintages: &mut [Vintage]) {
    let mut later: Option<EntryId> = None;
    for vintage in vintages.iter_mut().rev() {
        if vintage.superseded_by.is_some() || vintage.withdrawn_by.is_some() {
            continue;
        }
        match later {
            None => vintage.current = true,
            Some(later) => vintage.superseded_by = Some(later),
        }
        later = Some(vintage.entry);
    }
}
