// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How the ledger, the node and its peers stand.

use bytes::Bytes;
use constancia_ledger::id::EntryId;
use constancia_ledger::order::Moment;
use constancia_ledger::replay::{NewerRules, RULES_VERSION, Replay, View};
use constancia_ledger::state::{FindingRule, KeyRecord, ProposalStatus, State};
use constancia_proto::v1;
use tonic::Status;

use super::{Office, refuse_replay};
use crate::failure::to_status;
use crate::peers::Peers;

impl Office {
    pub(super) async fn answer_status(&self) -> Result<v1::Status, Status> {
        self.replay(|replay, office| {
            let mut status = office.describe_replica()?;
            if let Some(charter) = replay.charter() {
                status.name.clone_from(&charter.name);
            }
            // Rules that this program does not know: it stores and forwards, without a state.
            if let Some(newer) = replay.newer_rules() {
                describe_newer(replay, &newer, &mut status);
            } else {
                let state = replay.state(&View::Frontier);
                describe_state(&state.map_err(|error| refuse_replay(&error))?, &mut status);
            }
            Ok(status)
        })
        .await
    }

    fn describe_replica(&self) -> Result<v1::Status, Status> {
        let replica = self.inner.live.shared().read();
        let frontier = replica.frontier();
        let entries = replica.count_entries().map_err(|error| to_status(&error))?;
        let pending = replica.list_pending().map_err(|error| to_status(&error))?;
        let forked = frontier.feeds.values().filter(|feed| feed.forked_seq.is_some()).count();
        let running = &self.inner.running;
        Ok(v1::Status {
            ledger_id: Bytes::copy_from_slice(replica.ledger().as_bytes()),
            entries,
            frontier: Some(frontier.to_message()),
            frontier_root: Bytes::copy_from_slice(frontier.root().as_bytes()),
            pending_payloads: u64::try_from(pending.len()).unwrap_or(u64::MAX),
            forked_keys: u64::try_from(forked).unwrap_or(u64::MAX),
            peers: running.peers.as_ref().map(Peers::list).unwrap_or_default(),
            listen: running.listen.map(|address| address.to_string()).unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            charter_only: entries <= 1,
            ..v1::Status::default()
        })
    }
}

/// Since when there is no state, and which forks were settled before.
fn describe_newer(replay: &mut Replay, newer: &NewerRules, status: &mut v1::Status) {
    let raised = newer.raised.as_ref();
    let id = |id: EntryId| Bytes::copy_from_slice(id.as_bytes());
    status.newer_rules = Some(v1::NewerRules {
        version: newer.version,
        known: RULES_VERSION,
        proposal: raised.map_or_else(Bytes::new, |raised| id(raised.proposal)),
        raised_at: raised.map_or_else(Bytes::new, |raised| id(raised.at)),
        before: raised.map(|raised| raised.before.to_message()),
    });
    let before = raised.map(|raised| View::At(raised.before.clone()));
    if let Some(Ok(state)) = before.map(|view| replay.state(&view)) {
        status.forks_resolved = count_resolved(&state);
    }
}

fn describe_state(state: &State, status: &mut v1::Status) {
    status.state_digest = Bytes::copy_from_slice(state.digest().as_bytes());
    status.judged_at_ms = state.index().judged_at.as_ms();
    status.findings = u64::try_from(state.findings().findings.len()).unwrap_or(u64::MAX);
    describe_governance(state, status);
    status.members = state
        .members()
        .members
        .iter()
        .map(|member| v1::MemberStatus {
            slug: member.slug.to_string(),
            accepted: member.takes_part,
            reports: member.count("report"),
            corrections: member.count("correction"),
            challenges_open: member.challenges_open,
            entries: member.entries(),
            last_effective_ms: member.last_effective_at.map(Moment::as_ms),
            retired_by: member
                .retired_by
                .map_or_else(Bytes::new, |by| Bytes::copy_from_slice(by.as_bytes())),
        })
        .collect();
}

fn describe_governance(state: &State, status: &mut v1::Status) {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let proposals = &state.governance().proposals;
    let with = |wanted: fn(&ProposalStatus) -> bool| {
        count(proposals.iter().filter(|proposal| wanted(&proposal.status)).count())
    };
    status.proposals_open = with(ProposalStatus::is_unsettled);
    status.proposals_ready = with(|status| *status == ProposalStatus::Ready);
    let keys = || state.members().members.iter().flat_map(|member| &member.keys);
    status.keys_ended = count(keys().filter(|key| key.cut_off.is_some()).count());
    status.forks_resolved = count_resolved(state);
    status.plan_versions = count(state.plan().versions.len());
    let findings = &state.findings().findings;
    status.redacted =
        count(findings.iter().filter(|finding| finding.rule == FindingRule::L5).count());
}

/// Forks that the council has settled.
fn count_resolved(state: &State) -> u64 {
    let keys = state.members().members.iter().flat_map(|member| &member.keys);
    let settled = |key: &&KeyRecord| key.forked_seq.is_some() && key.resolution.is_some();
    u64::try_from(keys.filter(settled).count()).unwrap_or(u64::MAX)
}
