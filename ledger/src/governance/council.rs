// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The council and its quorum: who may vote, and how many must agree.
//!
//! Each member counts once. Who has no vote on a matter is not counted at all: the numbers are then
//! asked of the rest.

use std::collections::BTreeSet;

use super::Authority;
use crate::event::MemberClass;
use crate::event::name::Slug;

/// Who decides a matter.
#[derive(Clone, Debug)]
pub struct Council<'a> {
    authority: &'a Authority,
    /// Council members with a vote, ascending.
    voters: BTreeSet<&'a Slug>,
}

/// How many of a class must agree, and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassCount {
    /// The class.
    pub class: MemberClass,
    /// Needed.
    pub needed: usize,
    /// Agreed.
    pub agreed: usize,
}

/// R25: how many of so many voters must agree, by a quorum: as many as it says, and more than half.
pub fn count_needed(quorum: usize, voters: usize) -> usize {
    quorum.max((voters / 2).saturating_add(1))
}

impl<'a> Council<'a> {
    pub(super) fn new(authority: &'a Authority, recused: Option<&Slug>) -> Self {
        let seats = authority.rules.council.iter();
        let voters = seats
            .filter(|slug| Some(*slug) != recused && authority.member(slug).is_some())
            .collect();
        Self { authority, voters }
    }

    /// Council members with a vote, ascending.
    pub const fn voters(&self) -> &BTreeSet<&'a Slug> {
        &self.voters
    }

    /// Whether a member has a vote.
    pub fn has(&self, slug: &Slug) -> bool {
        self.voters.contains(slug)
    }

    /// How many must agree: the quorum of the rules and more than half. Of a council that has fewer
    /// voters than the quorum, since one has no vote, all of them.
    pub fn needed(&self) -> usize {
        let voters = self.voters.len();
        let quorum = usize::try_from(self.authority.rules.quorum).unwrap_or(usize::MAX);
        let seats = self.authority.rules.council.len();
        // The quorum may be no more than the seats; a recused member lowers what can be asked.
        let quorum = if voters < seats { quorum.min(voters) } else { quorum };
        count_needed(quorum, voters)
    }

    /// How many of each class with a quota must agree, and do; at most those of the class that vote.
    pub fn classes(&self, agreed: &BTreeSet<&Slug>) -> Vec<ClassCount> {
        let quotas = self.authority.rules.class_quotas.iter();
        quotas
            .map(|quota| {
                let is_of = |slug: &&&Slug| self.authority.class_of(slug) == Some(quota.class);
                let voting = self.voters.iter().filter(is_of).count();
                let needed = usize::try_from(quota.members).unwrap_or(usize::MAX);
                let full = self.voters.len() == self.authority.rules.council.len();
                ClassCount {
                    class: quota.class,
                    needed: if full { needed } else { needed.min(voting) },
                    agreed: agreed.iter().filter(|slug| self.has(slug)).filter(is_of).count(),
                }
            })
            .collect()
    }

    /// Whether those who agree are enough.
    pub fn is_complete(&self, agreed: &BTreeSet<&Slug>) -> bool {
        let count = agreed.iter().filter(|slug| self.has(slug)).count();
        !self.voters.is_empty()
            && count >= self.needed()
            && self.classes(agreed).iter().all(|class| class.agreed >= class.needed)
    }
}
