// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Nine parties and the connections between them: joined, cut in two, joined again.

use std::time::Duration;

use constancia_ledger::entry::UnverifiedEntry;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;

use super::DemoError;
use super::party::Party;
use crate::failure::Failure;

/// How often agreement is asked for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long agreement is waited for: many times what nine nodes on one machine take.
const AGREEMENT_WAIT_MAX: Duration = Duration::from_mins(1);

/// The parties, and the ledger that they keep.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) ledger: LedgerId,
    pub(super) parties: Vec<Party>,
}

impl Network {
    /// Founds every party's copy with the charter, starts the nodes and joins them.
    pub(super) async fn start(
        ledger: LedgerId,
        mut parties: Vec<Party>,
        charter: &UnverifiedEntry,
    ) -> Result<Self, Failure> {
        for party in &mut parties {
            party.found(charter.clone()).await?;
        }
        let network = Self { ledger, parties };
        network.join(|_, _| true)?;
        Ok(network)
    }

    /// The party with this slug.
    pub(super) fn party(&self, slug: &str) -> Result<&Party, Failure> {
        let vanished = || DemoError::Vanished { what: slug.to_owned() };
        Ok(self.parties.iter().find(|party| party.slug == slug).ok_or_else(vanished)?)
    }

    /// The same, to stop and start it.
    pub(super) fn party_mut(&mut self, slug: &str) -> Result<&mut Party, Failure> {
        let vanished = || DemoError::Vanished { what: slug.to_owned() };
        Ok(self.parties.iter_mut().find(|party| party.slug == slug).ok_or_else(vanished)?)
    }

    /// Connects every pair that `among` allows; the later party calls the earlier.
    pub(super) fn join(&self, among: impl Fn(&str, &str) -> bool) -> Result<(), Failure> {
        for (caller, called) in self.pairs() {
            if among(caller.slug, called.slug) {
                caller.node()?.add_peer(&called.address()?);
            }
        }
        Ok(())
    }

    /// Cuts every connection between pairs that `among` allows.
    pub(super) async fn cut(&self, among: impl Fn(&str, &str) -> bool) -> Result<(), Failure> {
        for (caller, called) in self.pairs() {
            if among(caller.slug, called.slug) {
                caller.node()?.drop_peer(&called.address()?).await;
            }
        }
        Ok(())
    }

    /// Waits until these parties hold the same ledger and nothing is on its way, and gives what
    /// each says of itself.
    pub(super) async fn agree(
        &self,
        members: impl Fn(&str) -> bool,
    ) -> Result<Vec<(&'static str, v1::Status)>, Failure> {
        let agreed = async {
            loop {
                let statuses = self.statuses(&members).await?;
                let (_, first) = statuses
                    .first()
                    .ok_or_else(|| DemoError::Vanished { what: "parties".to_owned() })?;
                let same = statuses.iter().all(|(_, status)| {
                    status.frontier_root == first.frontier_root && status.pending_payloads == 0
                });
                if same {
                    // Acknowledgements still on their way would change the root at once: the same
                    // answer twice is agreement.
                    let root = first.frontier_root.clone();
                    tokio::time::sleep(LOOK_AGAIN).await;
                    let again = self.statuses(&members).await?;
                    if again.iter().all(|(_, status)| status.frontier_root == root) {
                        return Ok(again);
                    }
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        match tokio::time::timeout(AGREEMENT_WAIT_MAX, agreed).await {
            Ok(statuses) => statuses,
            Err(_elapsed) => Err(DemoError::NoAgreement.into()),
        }
    }

    /// Stops every node.
    pub(super) async fn stop(&mut self) -> Result<(), Failure> {
        for party in &mut self.parties {
            party.stop().await?;
        }
        Ok(())
    }

    async fn statuses(
        &self,
        members: &impl Fn(&str) -> bool,
    ) -> Result<Vec<(&'static str, v1::Status)>, Failure> {
        let mut statuses = Vec::new();
        for party in self.parties.iter().filter(|party| members(party.slug)) {
            statuses.push((party.slug, party.status().await?));
        }
        Ok(statuses)
    }

    fn pairs(&self) -> impl Iterator<Item = (&Party, &Party)> {
        self.parties.iter().enumerate().flat_map(|(place, caller)| {
            self.parties.iter().take(place).map(move |called| (caller, called))
        })
    }
}
