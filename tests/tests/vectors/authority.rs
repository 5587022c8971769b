// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What authority makes of a ledger, as the vectors' `expect` says it, from the documents of its state.

use std::collections::BTreeMap;

use constancia_ledger::entry::Kind;
use constancia_ledger::replay::LogLine;
use constancia_ledger::state::{
    EndRecord, KeyRecord, MemberRecord, ProposalRecord, ProposalStatus, Standing, State, VoidCode,
};
use serde_json::{Map, Value, json};

/// Standings, proposals, members, keys, versions and redactions.
pub fn describe_authority(log: &[LogLine], state: &State) -> Map<String, Value> {
    let members = &state.members().members;
    let keys = members
        .iter()
        .flat_map(|member| member.keys.iter().map(|key| (key.key, describe_key(member, key))))
        .collect::<BTreeMap<_, _>>();
    let versions = state.plan().versions.iter().map(|it| it.version.to_string());
    let described = json!({
        "standings": log.iter().filter_map(describe_standing).collect::<Map<_, _>>(),
        "proposals": state.governance().proposals.iter().map(describe_proposal).collect::<Map<_, _>>(),
        "members": members.iter().map(describe_member).collect::<Map<_, _>>(),
        "keys": keys.into_iter().map(|(key, it)| (key.to_string(), it)).collect::<Map<_, _>>(),
        "rules_set_by": state.governance().rules_set_by.to_string(),
        "plan_versions": versions.collect::<Vec<_>>(),
        "redacted": log.iter().filter_map(describe_redaction).collect::<Map<_, _>>(),
    });
    described.as_object().unwrap().clone()
}

/// Of governance; of anything else only where the rules of authority take something from it.
fn describe_standing(line: &LogLine) -> Option<(String, Value)> {
    let standing = line.standing.as_ref()?;
    let (word, by_authority) = match standing {
        Standing::Void { reason } => {
            let by_authority = matches!(reason.code, VoidCode::Scope | VoidCode::AfterCutOff);
            (format!("void {}", reason.code()), by_authority)
        }
        Standing::Forked | Standing::Redacted { .. } => (standing.code().to_owned(), true),
        Standing::Counted
        | Standing::Listed
        | Standing::Pending
        | Standing::UnknownEvent
        | Standing::InvalidEvent { .. } => (standing.code().to_owned(), false),
    };
    let shown = line.kind == Kind::Governance || by_authority;
    shown.then(|| (line.place.id.to_string(), json!(word)))
}

fn describe_redaction(line: &LogLine) -> Option<(String, Value)> {
    let Some(Standing::Redacted { decision }) = line.standing else {
        return None;
    };
    Some((line.place.id.to_string(), json!(decision.to_string())))
}

fn describe_proposal(record: &ProposalRecord) -> (String, Value) {
    let (status, at) = match &record.status {
        ProposalStatus::Passed { at } => ("passed".to_owned(), Some(at)),
        ProposalStatus::PassedVoid { at, reason } => {
            (format!("passed_void {}", reason.code()), Some(at))
        }
        ProposalStatus::Withdrawn { by } => ("withdrawn".to_owned(), Some(by)),
        ProposalStatus::Open
        | ProposalStatus::Ready
        | ProposalStatus::Blocked
        | ProposalStatus::Void => (record.status.code().to_owned(), None),
    };
    let mut described = json!({
        "status": status,
        "needed": record.needed,
        "agreed": record.agreed,
        "not_agreed": record.not_agreed,
    });
    if let Some(at) = at {
        described["at"] = json!(at.to_string());
    }
    if let Some(recused) = &record.recused {
        described["recused"] = json!(recused);
    }
    (record.act.entry.to_string(), described)
}

fn describe_member(record: &MemberRecord) -> (String, Value) {
    let mut described =
        json!({ "admitted_by": record.admitted_by.to_string(), "council": record.council });
    if let Some(by) = &record.retired_by {
        described["retired_by"] = json!(by.to_string());
    }
    (record.slug.to_string(), described)
}

fn describe_key(member: &MemberRecord, record: &KeyRecord) -> Value {
    let mut described = json!({
        "member": member.slug,
        "scope": record.scope.number(),
        "granted_by": record.granted_by.to_string(),
    });
    if let Some(EndRecord { by, honoured_seq, .. }) = &record.cut_off {
        let end = honoured_seq.map_or(0, |seq| seq + 1);
        described["end"] = json!({ "seq": end.to_string(), "by": by.to_string() });
    }
    if let Some(EndRecord { by, honoured, .. }) = &record.resolution {
        described["settled"] = json!({ "by": by.to_string() });
        if let Some(honoured) = honoured {
            described["settled"]["honoured"] = json!(honoured.to_string());
        }
    }
    described
}
