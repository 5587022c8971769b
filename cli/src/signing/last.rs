// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A vote on rules that this program does not know is the last of what is signed together: what follows
//! it would be judged by those rules (R4), and nobody could say here whether it counts.
//!
//! Asked of each such vote and enactment, whether it seems to decide or not: others may vote while
//! this is being signed.

use constancia_ledger::fault::Fault;
use constancia_ledger::id::EntryId;
use constancia_ledger::replay::RULES_VERSION;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;
use constancia_proto::v1::proposal::Decision;

use super::place::event_name;
use crate::desk::Desk;
use crate::failure::{Explain, Failure};
use crate::ledger_view::LedgerView;
use crate::words::{Lang, events as event_words, newer_rules as words};

/// Nothing follows a vote that may raise the rules beyond this program.
///
/// # Errors
/// `sign.not_last`; or where what is voted on is no proposal.
pub(super) async fn check_last(
    desk: &Desk,
    view: &LedgerView,
    events: &[v1::Event],
) -> Result<(), Failure> {
    for ((event, next), place) in events.iter().zip(events.iter().skip(1)).zip(1..) {
        let voted_on = match &event.body {
            Some(Body::Vote(vote)) => EntryId::from_slice(&vote.proposal),
            Some(Body::Enact(enact)) => EntryId::from_slice(&enact.proposal),
            Some(_) | None => None,
        };
        let Some(id) = voted_on else {
            continue;
        };
        if let Some(Decision::RaiseRulesVersion(raise)) = view.proposal(desk, &id).await?.decision
            && raise.rules_version > RULES_VERSION
        {
            let (event, next) = (event_name(event), event_name(next));
            let version = raise.rules_version;
            return Err(NotLast { event, place, version, next }.into());
        }
    }
    Ok(())
}

/// Something follows the vote.
#[derive(Debug)]
struct NotLast {
    event: &'static str,
    /// From 1.
    place: usize,
    version: u32,
    next: &'static str,
}

impl Explain for NotLast {
    fn code(&self) -> &'static str {
        "sign.not_last"
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        let event = event_words::event(lang, self.event);
        let next = event_words::event(lang, self.next);
        words::not_last(lang, &event, &self.place, &self.version, &next)
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(words::not_last_hint(lang))
    }
}
