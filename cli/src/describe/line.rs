// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An event in one line, for lists.

use constancia_ledger::id::EntryId;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::decision::decision_line;
use super::{Wording, figure_text, json_word, money_text};
use crate::table::checks::place_text;
use crate::ui::plain;
use crate::words::{Lang, choices, events};

/// The event in one line, without its name. It may be an event that breaks the rules of its fields.
pub(crate) fn summarize(wording: Wording<'_>, event: &v1::Event) -> String {
    plain(&line_of(wording, event))
}

fn line_of(wording: Wording<'_>, event: &v1::Event) -> String {
    let lang = wording.lang;
    let Some(body) = &event.body else {
        return events::unknown_event(lang);
    };
    let line = summarize_fact(lang, body).unwrap_or_else(|| summarize_other(wording, body));
    if event.exercise.is_empty() {
        line
    } else {
        format!("{line} [{}]", events::exercise_mark(lang, &event.exercise)).trim().to_owned()
    }
}

/// Reports and what is said about them; none for other events.
fn summarize_fact(lang: Lang, body: &Body) -> Option<String> {
    Some(match body {
        Body::Report(report) => report_line(lang, report),
        Body::Correction(correction) => {
            let report = correction.report.clone().unwrap_or_default();
            events::correction_line(lang, &report_line(lang, &report), &short(&correction.replaces))
        }
        Body::Withdrawal(withdrawal) => about(lang, &withdrawal.report, &withdrawal.reason),
        Body::Attestation(attestation) => {
            let verdict = json_word("Verdict", attestation.verdict);
            about(lang, &attestation.report, choices::choice(lang, "Verdict", &verdict))
        }
        Body::Challenge(challenge) => {
            let ground = json_word("ChallengeGround", challenge.ground);
            let ground = choices::choice(lang, "ChallengeGround", &ground);
            about(lang, &challenge.report, &format!("{ground}: {}", first_line(&challenge.text)))
        }
        Body::Response(response) => about(lang, &response.challenge, &response.text),
        Body::Close(close) => {
            let outcome = json_word("CloseOutcome", close.outcome);
            about(lang, &close.challenge, choices::choice(lang, "CloseOutcome", &outcome))
        }
        Body::Budget(budget) => budget_line(lang, budget),
        Body::Charter(_)
        | Body::Acceptance(_)
        | Body::Proposal(_)
        | Body::Vote(_)
        | Body::Enact(_)
        | Body::KeyRetired(_)
        | Body::ProposalWithdrawn(_)
        | Body::Acknowledge(_)
        | Body::Consultation(_)
        | Body::ConsultationSignOff(_)
        | Body::Review(_)
        | Body::Recommendation(_)
        | Body::RecommendationResponse(_)
        | Body::Agreement(_) => return None,
    })
}

fn summarize_other(wording: Wording<'_>, body: &Body) -> String {
    let lang = wording.lang;
    match body {
        Body::Charter(charter) => {
            let indicators = charter.plan.as_ref().map_or(0, |plan| plan.indicators.len());
            events::charter_line(lang, &charter.name, &charter.members.len(), &indicators)
        }
        Body::Acceptance(acceptance) => optional_text(lang, acceptance.note.as_ref()),
        Body::Proposal(proposal) => {
            let decision = decision_line(lang, proposal);
            match optional_text(lang, proposal.reason.as_ref()).as_str() {
                "" => decision,
                reason => events::proposal_line(lang, &decision, &reason),
            }
        }
        Body::Vote(vote) => {
            let choice = json_word("VoteChoice", vote.choice);
            about(lang, &vote.proposal, choices::choice(lang, "VoteChoice", &choice))
        }
        Body::Enact(enact) => events::about_entry_only(lang, &short(&enact.proposal)),
        Body::KeyRetired(retired) => about(lang, &retired.key, &retired.reason),
        Body::ProposalWithdrawn(withdrawn) => about(lang, &withdrawn.proposal, &withdrawn.reason),
        Body::Consultation(consultation) => optional_text(lang, consultation.subject.as_ref()),
        Body::ConsultationSignOff(sign_off) => {
            about(lang, &sign_off.consultation, &optional_text(lang, sign_off.comment.as_ref()))
        }
        Body::Review(review) => optional_text(lang, review.title.as_ref()),
        Body::Recommendation(recommendation) => optional_text(lang, recommendation.text.as_ref()),
        Body::RecommendationResponse(response) => {
            let answer = json_word("RecommendationAnswer", response.answer);
            let answer = choices::choice(lang, "RecommendationAnswer", &answer);
            about(lang, &response.recommendation, answer)
        }
        Body::Agreement(agreement) => optional_text(lang, agreement.title.as_ref()),
        Body::Acknowledge(_)
        | Body::Report(_)
        | Body::Correction(_)
        | Body::Withdrawal(_)
        | Body::Attestation(_)
        | Body::Challenge(_)
        | Body::Response(_)
        | Body::Close(_)
        | Body::Budget(_) => String::new(),
    }
}

fn report_line(lang: Lang, report: &v1::Report) -> String {
    let period = report.period.as_ref().map_or("", |period| period.text.as_str());
    match report.observations.as_slice() {
        [only] => {
            let key = only.key.clone().unwrap_or_default();
            let place = place_text(&key, period);
            events::value_line(lang, &report.indicator, &place, &figure_text(lang, only))
        }
        several => events::values_line(lang, &report.indicator, &period, &several.len()),
    }
}

fn budget_line(lang: Lang, budget: &v1::Budget) -> String {
    let year = budget.fiscal_year.as_ref().map_or("", |period| period.text.as_str());
    let stage = json_word("BudgetStage", budget.stage);
    let amount = match &budget.amount {
        Some(v1::budget::Amount::Money(money)) => money_text(money),
        Some(v1::budget::Amount::None(_)) | None => {
            crate::words::fields::label(lang, "Budget", "none").to_owned()
        }
    };
    events::budget_line(lang, &year, &choices::choice(lang, "BudgetStage", &stage), &amount)
}

fn about(lang: Lang, entry: &[u8], text: &str) -> String {
    let entry = short(entry);
    match first_line(text) {
        "" => events::about_entry_only(lang, &entry),
        text => events::about_entry(lang, &entry, &text),
    }
}

fn optional_text(lang: Lang, text: Option<&v1::Text>) -> String {
    let wording = text.map_or("", |text| {
        let (first, second) = lang.pick((&text.es, &text.en), (&text.en, &text.es));
        if first.is_empty() { second } else { first }
    });
    first_line(wording).to_owned()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The first digits of an id.
fn short(id: &[u8]) -> String {
    EntryId::from_slice(id).map_or_else(|| hex::encode(id), |id| id.short())
}
