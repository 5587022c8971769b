// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the demo found: every figure in it was computed by the nodes, none is written here.

use serde::Serialize;

use crate::command::FINE;
use crate::failure::EXIT_FINDING;

/// Everything that the demo shows at its end; what `--json` prints.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Facts {
    /// The ledger.
    pub(super) ledger_id: String,
    /// Events that the officials signed.
    pub(super) signed: Signed,
    /// The network cut in two and joined.
    pub(super) partition: Partition,
    /// A figure challenged and corrected.
    pub(super) challenge: Challenge,
    /// An indicator proposed and adopted.
    pub(super) council: Council,
    /// A key revoked, and what it signed afterwards.
    pub(super) revocation: Revocation,
    /// A fork made on purpose, proven and settled.
    pub(super) fork: Fork,
    /// Femicide victims of 2023, publication after publication.
    pub(super) vintages: Vec<Vintage>,
    /// One byte changed.
    pub(super) tampering: Tampering,
    /// The ledger rebuilt from a file.
    pub(super) audit: Audit,
    /// The nine nodes at the end.
    pub(super) nodes: Vec<Node>,
    /// Findings of the replay, by rule.
    pub(super) findings: Vec<(String, u64)>,
    /// All acts are an exercise.
    pub(super) exercise: bool,
    /// How long it took.
    pub(super) seconds: String,
}

impl Facts {
    /// Whether everything came out as it must: else the demo ends as a finding.
    pub(super) fn is_sound(&self) -> bool {
        let parties = self.nodes.len();
        let (revocation, fork) = (&self.revocation, &self.fork);
        let decisions =
            [&self.council.decision, &revocation.decision, &revocation.grant, &fork.decision];
        let passed = decisions.iter().all(|decision| decision.status == "passed");
        let is_void = revocation.later_standing == "void"
            && revocation.value_after == revocation.value_before
            && !revocation.refused_with.is_empty();
        let is_settled = !fork.refused_with.is_empty()
            && fork.proof_check_exit == FINE
            && fork.nodes_with_proof == parties
            && fork.value_unsettled.is_empty()
            && fork.value_settled == fork.value_before
            && fork.audit_exit_unsettled == EXIT_FINDING
            && fork.audit_exit_settled == FINE
            && fork.nodes_with_same_state == parties;
        let is_repaired = self.tampering.damages_after_repair == 0;
        let is_held = self.council.nodes_with_indicator == parties;
        passed && is_held && is_void && is_settled && is_repaired && self.audit.same_as_all_nodes
    }
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Signed {
    pub(super) acceptances: u64,
    pub(super) reports: u64,
    pub(super) corrections: u64,
    pub(super) budgets: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Partition {
    pub(super) institutions_digest: String,
    pub(super) institutions_entries: u64,
    pub(super) others_digest: String,
    pub(super) others_entries: u64,
    pub(super) healed_digest: String,
    pub(super) healed_entries: u64,
    pub(super) healed_in_ms: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Challenge {
    pub(super) entry: String,
    pub(super) numerator: String,
    pub(super) denominator: String,
    pub(super) reported: String,
    pub(super) corrected: String,
    /// Standing of the challenge in the state.
    pub(super) standing: String,
    /// The date before the correction that the state was rebuilt at, RFC 3339.
    pub(super) as_of: String,
    /// The figure in that state.
    pub(super) value_as_of: String,
    /// Whether the replay found the quotient wrong before anybody challenged it.
    pub(super) found_by_replay: bool,
}

/// What the council was asked, and how it voted.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Decision {
    pub(super) proposal: String,
    pub(super) proposer: String,
    /// Where it stands in the end: `passed`.
    pub(super) status: String,
    pub(super) votes: Tally,
    /// The entry that completed it: a vote or an enactment.
    pub(super) passed_at: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Tally {
    /// The quorum.
    pub(super) needed: u32,
    /// Members.
    pub(super) agreed: Vec<String>,
    pub(super) not_agreed: Vec<String>,
    /// Classes with a quota.
    pub(super) classes: Vec<ClassTally>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ClassTally {
    pub(super) class: String,
    pub(super) needed: u32,
    pub(super) agreed: u32,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Council {
    pub(super) indicator: String,
    pub(super) seats: usize,
    pub(super) decision: Decision,
    /// The votes as each side of the cut saw them.
    pub(super) institutions_alone: Tally,
    pub(super) others_alone: Tally,
    /// Where the proposal stood when both sides had all votes: `ready`.
    pub(super) status_joined: String,
    pub(super) enacted_by: String,
    pub(super) plan_before: PlanVersion,
    pub(super) plan_after: PlanVersion,
    pub(super) nodes_with_indicator: usize,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct PlanVersion {
    pub(super) number: usize,
    /// The charter, or the proposal that passed.
    pub(super) set_by: String,
    pub(super) indicators: usize,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Revocation {
    pub(super) member: String,
    pub(super) key: String,
    pub(super) decision: Decision,
    /// The last entry of the key that counts.
    pub(super) honoured: String,
    /// What the key was used to change.
    pub(super) indicator: String,
    pub(super) period: String,
    /// What it signed afterwards.
    pub(super) later_entry: String,
    pub(super) later_value: String,
    /// What became of that: `void`, why, and by which decision.
    pub(super) later_standing: String,
    pub(super) later_reason: String,
    pub(super) later_standing_by: String,
    /// The figure in the state before and after that entry arrived.
    pub(super) value_before: String,
    pub(super) value_after: String,
    /// The code of the refusal when the key tries once more.
    pub(super) refused_with: String,
    /// The key that goes on, and what it signed.
    pub(super) new_key: String,
    pub(super) grant: Decision,
    pub(super) next_entry: String,
    pub(super) value_next: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Fork {
    pub(super) member: String,
    pub(super) key: String,
    /// The slot.
    pub(super) seq: String,
    pub(super) indicator: String,
    pub(super) period: String,
    /// What the network was told.
    pub(super) entry: String,
    pub(super) value: String,
    /// What the copy signed.
    pub(super) other_entry: String,
    pub(super) other_value: String,
    /// The code of the refusal while the copy could ask a peer.
    pub(super) refused_with: String,
    /// Exit codes of the commands.
    pub(super) import_exit: u8,
    pub(super) proof_check_exit: u8,
    pub(super) audit_exit_unsettled: u8,
    pub(super) audit_exit_settled: u8,
    pub(super) nodes_with_proof: usize,
    /// Standing of what the network was told, while nobody has settled the fork: `forked`.
    pub(super) standing_unsettled: String,
    /// The figure in the state; empty: none counts.
    pub(super) value_before: String,
    pub(super) value_unsettled: String,
    pub(super) value_settled: String,
    /// The entry that the council honours.
    pub(super) honoured: String,
    pub(super) decision: Decision,
    /// The state that the nodes had once it was settled.
    pub(super) state_digest: String,
    pub(super) nodes_with_same_state: usize,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Vintage {
    pub(super) cutoff: String,
    pub(super) value: String,
    pub(super) current: bool,
    pub(super) entry: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Tampering {
    pub(super) node: String,
    pub(super) file: String,
    pub(super) changed_byte: u64,
    /// What verification said.
    pub(super) code: String,
    pub(super) message: String,
    pub(super) named_entry: String,
    pub(super) changed_entry: String,
    pub(super) repaired_from: String,
    pub(super) repaired: u64,
    pub(super) damages_after_repair: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Audit {
    pub(super) bundle_bytes: u64,
    pub(super) entries: u64,
    pub(super) digest: String,
    /// Whether the auditor's digest is the one of every node.
    pub(super) same_as_all_nodes: bool,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Node {
    pub(super) slug: String,
    pub(super) entries: u64,
    pub(super) frontier_root: String,
    pub(super) state_digest: String,
}
