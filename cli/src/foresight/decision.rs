// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What follows from each kind of decision.

use constancia_ledger::id::{EntryId, PublicKey};
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::{Scene, key_name, keys, plan, redaction, rules, seats};
use crate::describe::line::summarize;
use crate::describe::{Wording, json_word};
use crate::failure::Failure;
use crate::ledger_view::{change, event_of};
use crate::words::{choices, events, foresight as words};

/// What a decision changes if it passes now and has its effect.
///
/// # Errors
/// Where the ledger cannot be read.
pub(crate) async fn list_changes(
    scene: Scene<'_>,
    proposal: &v1::Proposal,
) -> Result<Vec<String>, Failure> {
    let (lang, view) = (scene.lang, scene.view);
    let Some(decision) = &proposal.decision else {
        return Ok(Vec::new());
    };
    Ok(match decision {
        Decision::AdmitMember(admission) => list_admission(scene, admission),
        Decision::RetireMember(retirement) => {
            let mut lines = vec![words::leaves(lang, &view.member_name(lang, &retirement.member))];
            let record = view.people.member(&retirement.member);
            if record.is_some_and(|member| member.council) {
                let left = view.governance_rules().council.len().saturating_sub(1);
                lines.push(words::seat_goes(lang, &left));
            }
            lines.extend(plan::list_left_indicators(scene, &retirement.member));
            for key in record.map(|member| member.keys.as_slice()).unwrap_or_default() {
                lines.extend(keys::last_entry_line(scene, key));
            }
            lines
        }
        Decision::GrantKey(granting) => {
            let grant = granting.grant.clone().unwrap_or_default();
            vec![grant_line(scene, &grant)]
        }
        Decision::RevokeKey(revocation) => {
            let mut lines = keys::list_revocation(scene, revocation).await?;
            let key = PublicKey::from_slice(&revocation.key);
            lines.extend(key.iter().flat_map(|key| seats::list_silenced(scene, key)));
            lines
        }
        Decision::AmendPlan(amendment) => match change(&view.plan, proposal.decision.clone()) {
            Some(changed) => plan::list_amendment(scene, amendment, &changed),
            None => vec![words::amends_nothing(lang)],
        },
        Decision::AmendRules(amendment) => {
            let changed = amendment.rules.clone().unwrap_or_default();
            rules::list_amendment(lang, &view.governance_rules(), &changed)
        }
        Decision::Succession(succession) => {
            let changed = change(&view.plan, proposal.decision.clone());
            plan::list_succession(scene, succession, changed.as_ref())
        }
        Decision::ResolveFork(resolution) => keys::list_resolution(scene, resolution).await?,
        Decision::Redact(redaction) => redaction::list_redaction(scene, redaction).await?,
        Decision::AdoptReview(adoption) => list_adoption(scene, adoption).await?,
        Decision::RaiseRulesVersion(raise) => {
            vec![words::rules_version_rises(lang, &raise.rules_version)]
        }
        Decision::CloseChallenge(ruling) => {
            let verdict =
                if ruling.upheld { events::upheld(lang) } else { events::not_upheld(lang) };
            vec![words::challenge_closes(lang, &short(&ruling.challenge), &verdict)]
        }
    })
}

fn list_admission(scene: Scene<'_>, admission: &v1::AdmitMember) -> Vec<String> {
    let lang = scene.lang;
    let member = admission.member.clone().unwrap_or_default();
    let class = json_word("MemberClass", member.class);
    let class = choices::choice(lang, "MemberClass", &class).to_owned();
    let name = member.name.unwrap_or_default();
    let name = lang.pick(&name.es, if name.en.is_empty() { &name.es } else { &name.en });
    let name = format!("{name} ({})", member.slug);
    let mut lines = vec![words::joins(lang, &name, &class)];
    if admission.council {
        let seats = scene.view.governance_rules().council.len().saturating_add(1);
        lines.push(words::gets_seat(lang, &seats));
    }
    lines.extend(admission.keys.iter().map(|grant| grant_line(scene, grant)));
    lines
}

fn grant_line(scene: Scene<'_>, grant: &v1::KeyGrant) -> String {
    let lang = scene.lang;
    let key = PublicKey::from_slice(&grant.key).map_or_else(String::new, |key| key.short());
    let scope = json_word("KeyScope", grant.scope);
    let scope = choices::choice(lang, "KeyScope", &scope);
    words::key_granted(lang, &key, &scene.view.member_name(lang, &grant.member), &scope)
}

/// Which review, with its title: an id tells nobody what is adopted.
async fn list_adoption(
    scene: Scene<'_>,
    adoption: &v1::AdoptReview,
) -> Result<Vec<String>, Failure> {
    let lang = scene.lang;
    let entry = scene.desk.get_entry(&hex::encode(&adoption.review)).await?;
    let wording = Wording { lang, plan: Some(&scene.view.plan), figures: None };
    let title = event_of(&entry).map_or_else(String::new, |event| summarize(wording, &event));
    let member = scene.view.member_name(lang, &entry.member);
    Ok(vec![words::review_adopted(lang, &short(&adoption.review), &member, &title)])
}

/// A key with its member, and up to where it counts.
pub(super) fn honoured_line(
    scene: Scene<'_>,
    key: &PublicKey,
    honoured: Option<&v1::Honoured>,
) -> String {
    let name = key_name(scene, key);
    match honoured {
        Some(honoured) => {
            words::key_ends_after(scene.lang, &name, &honoured.seq, &short(&honoured.id))
        }
        None => words::key_ends_before_all(scene.lang, &name),
    }
}

pub(super) fn short(id: &[u8]) -> String {
    EntryId::from_slice(id).map_or_else(|| hex::encode(id), |id| id.short())
}
