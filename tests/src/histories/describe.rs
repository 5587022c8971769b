// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Histories for people: a line per entry, with what the model says of it.

use constancia_ledger::event::name::Slug;
use constancia_ledger::event::{Decision, Event};
use constancia_ledger::id::EntryId;

use super::world::Plotted;

impl std::fmt::Debug for Plotted {
    /// A line per entry, with what the model says of it, so that a failure can be followed by hand.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rules = self.charter.rules.as_ref().unwrap();
        let view = self.model.view(&self.model.list_forks());
        writeln!(f, "council {:?}, quorum {}", rules.council, rules.quorum)?;
        for (line, message) in self.lines.iter().zip(&self.messages[1..]) {
            let id = EntryId::of_header(&message.header);
            let said = match view.standings.get(&id) {
                Some(standing) => standing.as_str(),
                None if self.model.has_place(&id) => "not in the ledger",
                None => "no place",
            };
            let status = view.proposals.get(&id).map(|status| status.word.as_str());
            writeln!(f, "{line} => {said} {}", status.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Plotted {
    /// An entry for people.
    pub(super) fn describe(&self, id: EntryId) -> String {
        let header = self.model.header(&id);
        let parents: Vec<String> = header.parents().map(|parent| parent.short()).collect();
        let says = match self.model.event(&id) {
            Some(Event::Proposal(it)) => self.describe_decision(&it.decision),
            Some(Event::Vote(it)) => format!("votes {} on {}", it.choice, it.proposal.short()),
            Some(Event::Enact(it)) => format!("enacts {}", it.proposal.short()),
            Some(Event::ProposalWithdrawn(it)) => format!("takes back {}", it.proposal.short()),
            Some(Event::KeyRetired(it)) => format!("retires {}", self.name(&it.key)),
            Some(Event::Correction(it)) => format!("corrects {}", it.replaces.short()),
            Some(Event::Challenge(it)) => format!("challenges {}", it.report.short()),
            Some(other) => other.name().to_owned(),
            None => "says nothing".to_owned(),
        };
        format!(
            "{} {}:{} height {} after {parents:?} {says}",
            id.short(),
            self.name(&header.author),
            header.seq,
            header.height,
        )
    }

    fn describe_decision(&self, decision: &Decision) -> String {
        let detail = match decision {
            Decision::AdmitMember { member, keys, council } => {
                let keys: Vec<String> = keys.iter().map(|grant| self.name(&grant.key)).collect();
                format!("{} with {keys:?}, seat {council}", member.slug)
            }
            Decision::RetireMember(slug) => slug.to_string(),
            Decision::GrantKey(grant) => format!("{} to {}", self.name(&grant.key), grant.member),
            Decision::RevokeKey { key, honoured } => {
                let last = honoured.map(|it| (it.seq, it.id.short()));
                format!("{} after {last:?}", self.name(key))
            }
            Decision::ResolveFork { key, seq, honoured } => {
                let last = honoured.map(|it| (it.seq, it.id.short()));
                format!("{} at {seq}, honours {last:?}", self.name(key))
            }
            Decision::AmendPlan { base, .. } => format!("of {}", base.short()),
            Decision::AmendRules { base, rules } => {
                let council: Vec<&str> = rules.council.iter().map(Slug::as_str).collect();
                format!("of {}: {} of {council:?}", base.short(), rules.quorum)
            }
            Decision::Redact { entry, .. } => entry.short(),
            Decision::AdoptReview(review) => review.short(),
            Decision::CloseChallenge { challenge, report, .. } => {
                format!("{} of {}", challenge.short(), report.short())
            }
            Decision::Succession(it) => format!("{} to {}", it.from, it.to),
            Decision::RaiseRulesVersion(version) => version.to_string(),
        };
        format!("proposes {} {detail}", decision.name())
    }
}
