// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The decision that left the rules that this program knows: the state before it has the proposal as
//! open, and it passed. With the entry at which it did, that is all that is known from after it.

use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::event::governance::VoteChoice;
use constancia_ledger::event::name::Slug;
use constancia_ledger::id::EntryId;
use constancia_ledger::order::Moment;
use constancia_ledger::state::{Act, ProposalRecord, ProposalStatus, Signer, Standing, VoteRecord};
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use super::{BadAnswer, LedgerView, event_of};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::reference::key::find_granted;

impl LedgerView {
    /// Shows the raising proposal as passed, with the vote that decided it.
    ///
    /// # Errors
    /// Where the deciding entry cannot be read.
    pub(super) async fn settle_raise(&mut self, desk: &Desk) -> Result<(), Failure> {
        let Some(newer) = &self.newer else {
            return Ok(());
        };
        // Where the charter began with newer rules nothing raised them.
        let Some(at) = EntryId::from_slice(&newer.raised_at) else {
            return Ok(());
        };
        let proposal = newer.proposal.clone();
        let vote = self.read_vote(desk, &at).await?;
        let class = vote.as_ref().and_then(|vote| self.class_of(vote.act.member.as_str()));
        let mut records = self.governance.proposals.iter_mut();
        let raising = records.find(|record| record.act.entry.as_bytes() == proposal.as_ref());
        let Some(record) = raising else {
            return Err(BadAnswer { what: "newer_rules" }.into());
        };
        record.status = ProposalStatus::Passed { at };
        let Some(vote) = vote else {
            return Ok(());
        };
        let agrees = vote.choice == VoteChoice::Yes;
        count(record, &vote.act.member, agrees);
        for counted in record.classes.iter_mut().filter(|_| agrees) {
            if Some(counted.class) == class {
                counted.agreed = counted.agreed.saturating_add(1);
            }
        }
        record.votes.push(vote);
        Ok(())
    }

    /// The vote in an entry; none where it is an enactment.
    async fn read_vote(&self, desk: &Desk, id: &EntryId) -> Result<Option<VoteRecord>, Failure> {
        let view = desk.get_entry(&id.to_string()).await?;
        let Some(v1::Event { body: Some(Body::Vote(vote)), exercise }) = event_of(&view) else {
            return Ok(None);
        };
        let bad = || Failure::from(BadAnswer { what: "newer_rules" });
        let header = view.entry.as_ref().and_then(|entry| decode_header(&entry.header).ok());
        let header = header.ok_or_else(bad)?;
        let mut choices = [VoteChoice::Yes, VoteChoice::No, VoteChoice::Abstain].into_iter();
        let choice = choices.find(|choice| choice.number() == vote.choice).ok_or_else(bad)?;
        let key = header.author;
        let office = find_granted(self, &key).and_then(|granted| granted.record.office.clone());
        let act = Act {
            entry: *id,
            member: view.member.parse::<Slug>().map_err(|_no_slug| bad())?,
            signer: Signer { key, office },
            seq: header.seq,
            height: header.height,
            claimed_at: Moment::from_ms(header.claimed_at_ms),
            effective_at: Moment::from_ms(view.effective_ms),
            witnessed_at: view.witnessed_ms.map(Moment::from_ms),
            exercise: Some(exercise).filter(|why| !why.is_empty()),
        };
        Ok(Some(VoteRecord { act, choice, standing: Standing::Counted }))
    }
}

/// A member counts once, with its first vote.
fn count(record: &mut ProposalRecord, member: &Slug, agrees: bool) {
    record.outstanding.retain(|slug| slug != member);
    let list = if agrees { &mut record.agreed } else { &mut record.not_agreed };
    list.push(member.clone());
    list.sort();
}
