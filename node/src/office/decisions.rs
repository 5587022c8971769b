// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What would become of a decision if it passed now: the ledger's own judgement, before anybody
//! votes.
//!
//! A forecast: what passes before it may change it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use constancia_ledger::entry::Kind;
use constancia_ledger::event::governance::{Honoured, Proposal};
use constancia_ledger::event::{Decision, EventError};
use constancia_ledger::governance::{Effect, EffectKind, PutForward};
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_ledger::order::Place;
use constancia_ledger::replica::Replica;
use constancia_ledger::state::{VoidCode, VoidReason};
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use constancia_proto::v1::preview_decision_request::What;
use tonic::Status;

use super::Office;
use crate::failure::to_status;
use crate::request::{RequestError, fixed};

/// Stands for the entry that nobody has signed yet.
const NOT_SIGNED: EntryId = EntryId::from_bytes([0; 32]);

impl Office {
    pub(super) async fn preview(
        &self,
        request: v1::PreviewDecisionRequest,
    ) -> Result<v1::PreviewDecisionReply, Status> {
        self.require_sound()?;
        let what = request.what.ok_or(RequestError::FieldMissing { field: "what" })?;
        let question = match what {
            What::Proposal(id) => Question::Held(EntryId::from_bytes(fixed("proposal", &id)?)),
            What::Draft(draft) => {
                let proposal =
                    Proposal::try_from(draft).map_err(|error: EventError| to_status(&error))?;
                Question::Draft(proposal.decision)
            }
        };
        let answer = move |replica: &Replica| -> Result<Option<VoidReason>, Refusal> {
            let proposal = match question {
                Question::Held(id) => find_proposal(replica, id)?,
                Question::Draft(decision) => draft_proposal(replica, decision)?,
            };
            Ok(find_flaw(replica, proposal))
        };
        let flaw = self.inner.live.read(answer).await.map_err(|refusal| match refusal {
            Refusal::Request(error) => Status::from(error),
            Refusal::Store(error) => to_status(&error),
        })?;
        Ok(v1::PreviewDecisionReply {
            void_reason: flaw.map_or_else(String::new, |flaw| flaw.code().to_owned()),
            void_by: flaw
                .and_then(|flaw| flaw.named)
                .map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
        })
    }
}

/// Why there is no answer.
enum Refusal {
    Request(RequestError),
    Store(StoreError),
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

enum Question {
    Held(EntryId),
    Draft(Decision),
}

fn find_proposal(replica: &Replica, id: EntryId) -> Result<Arc<PutForward>, RequestError> {
    let act = replica.governance().act(&id);
    let proposal = act.and_then(|act| act.proposal()).map(Arc::clone);
    proposal.ok_or_else(|| RequestError::NoEntry { id: id.to_string() })
}

/// Whoever signs it cites everything held, so what it names is an ancestor if it is held. Who proposes
/// is not asked.
fn draft_proposal(replica: &Replica, decision: Decision) -> Result<Arc<PutForward>, Refusal> {
    let member = replica.authority().members().keys().next().cloned();
    let member = member.ok_or(RequestError::FieldMissing { field: "member" })?;
    let flaw = find_named_flaw(replica, &decision)?;
    Ok(Arc::new(PutForward { id: NOT_SIGNED, member, decision, flaw, recused: None }))
}

/// R23: what the decision names is held and bears it.
fn find_named_flaw(
    replica: &Replica,
    decision: &Decision,
) -> Result<Option<VoidReason>, StoreError> {
    match decision {
        Decision::RevokeKey { key, honoured: Some(honoured) } => {
            find_honoured_flaw(replica, key, honoured, 0)
        }
        Decision::ResolveFork { key, seq, honoured: Some(honoured) } => {
            find_honoured_flaw(replica, key, honoured, *seq)
        }
        Decision::Redact { entry, .. } => find_fact_flaw(replica, entry, VoidCode::NotRedactable),
        Decision::AdoptReview(review) => find_fact_flaw(replica, review, VoidCode::NamedOtherSort),
        Decision::CloseChallenge { challenge, report, .. } => {
            let flaw = find_fact_flaw(replica, challenge, VoidCode::NamedOtherSort)?;
            match flaw {
                Some(flaw) => Ok(Some(flaw)),
                None => find_fact_flaw(replica, report, VoidCode::NamedOtherSort),
            }
        }
        // Of amendments and the rest the authority itself judges all.
        Decision::RevokeKey { honoured: None, .. }
        | Decision::ResolveFork { honoured: None, .. }
        | Decision::AdmitMember { .. }
        | Decision::RetireMember(_)
        | Decision::GrantKey(_)
        | Decision::AmendPlan { .. }
        | Decision::AmendRules { .. }
        | Decision::Succession(_)
        | Decision::RaiseRulesVersion(_) => Ok(None),
    }
}

fn find_honoured_flaw(
    replica: &Replica,
    key: &PublicKey,
    honoured: &Honoured,
    from: u64,
) -> Result<Option<VoidReason>, StoreError> {
    let named = Some(honoured.id);
    let Some(row) = replica.find(&honoured.id)? else {
        return Ok(Some(VoidReason { code: VoidCode::NotAnAncestor, named }));
    };
    let facts = &row.facts;
    let is_own = facts.author == *key && facts.seq == honoured.seq && facts.seq >= from;
    Ok((!is_own).then_some(VoidReason { code: VoidCode::NotOfKey, named }))
}

fn find_fact_flaw(
    replica: &Replica,
    id: &EntryId,
    governance: VoidCode,
) -> Result<Option<VoidReason>, StoreError> {
    let named = Some(*id);
    Ok(match replica.find(id)? {
        None => Some(VoidReason { code: VoidCode::NotAnAncestor, named }),
        Some(row) if row.facts.kind == Kind::Governance => {
            Some(VoidReason { code: governance, named })
        }
        Some(_) => None,
    })
}

/// Why the decision would have no effect if it passed after everything that is held.
fn find_flaw(replica: &Replica, proposal: Arc<PutForward>) -> Option<VoidReason> {
    let id = proposal.id;
    let last_entries = list_last_entries(replica, &proposal.decision);
    let author = PublicKey::from_bytes([0; 32]);
    let effect = Effect {
        place: Place { height: u64::MAX, author, seq: 0, id: NOT_SIGNED },
        kind: EffectKind::Passed { proposal, last_entries },
    };
    let after = replica.authority().clone().after(&[&effect]);
    after.decided(&id).and_then(|decided| decided.void)
}

/// Of a member to be retired: the last entry held of each of its keys.
fn list_last_entries(
    replica: &Replica,
    decision: &Decision,
) -> BTreeMap<PublicKey, Option<Honoured>> {
    let Decision::RetireMember(slug) = decision else {
        return BTreeMap::new();
    };
    let keys = replica.authority().keys().iter();
    let own = keys.filter(|(_, standing)| standing.grant.member == *slug);
    own.map(|(key, _)| {
        let head = replica.frontier().feeds.get(key).and_then(|feed| feed.head);
        (*key, head.map(|(seq, id)| Honoured { seq, id }))
    })
    .collect()
}
