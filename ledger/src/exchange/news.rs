// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What landed in this replica since a round, but for what the other side brought.

use std::collections::BTreeMap;

use crate::id::EntryId;
use crate::replica::Replica;
use crate::store::StoreError;

/// A walk along the order of arrival.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Arrival of the next entry to look at.
    cursor: u64,
    /// Arrivals that the other side brought, from start to before end. Few runs: a batch lands
    /// in one piece.
    theirs: BTreeMap<u64, u64>,
}

impl News {
    /// Forgets what came before: the other side has it, or is told in the round that begins.
    pub(super) fn start_at(&mut self, arrival: u64) {
        self.cursor = arrival;
        self.theirs = self.theirs.split_off(&arrival);
    }

    /// The other side has the entry that arrived as this number.
    pub(super) fn skip(&mut self, arrival: u64) {
        if arrival < self.cursor {
            return;
        }
        let mut start = arrival;
        let mut end = arrival.saturating_add(1);
        if let Some((&before, &before_end)) = self.theirs.range(..=arrival).next_back()
            && before_end >= start
        {
            start = before;
            end = end.max(before_end);
        }
        if let Some(after_end) = self.theirs.remove(&end) {
            end = after_end;
        }
        self.theirs.insert(start, end);
    }

    /// The next entry to send.
    pub(super) fn peek(&mut self, replica: &Replica) -> Result<Option<EntryId>, StoreError> {
        let count = replica.count_entries()?;
        while self.cursor < count {
            if let Some((_, &end)) = self.theirs.range(..=self.cursor).next_back()
                && end > self.cursor
            {
                self.cursor = end;
                self.theirs = self.theirs.split_off(&end);
                continue;
            }
            if let Some(id) = replica.find_arrival(self.cursor)?
                && is_offered(replica, &id)?
            {
                return Ok(Some(id));
            }
            self.advance();
        }
        Ok(None)
    }

    /// Goes on to the next one.
    pub(super) const fn advance(&mut self) {
        self.cursor = self.cursor.saturating_add(1);
    }
}

/// What lies beyond its key's end is not offered, unless it decided something: who needs it asks by id.
fn is_offered(replica: &Replica, id: &EntryId) -> Result<bool, StoreError> {
    let Some(row) = replica.find(id)? else {
        return Ok(false);
    };
    let end = replica.find_end(&row.facts.author);
    Ok(end.is_none_or(|end| row.facts.seq < end.seq()) || replica.frontier().decisions.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_touch_are_joined() {
        let mut news = News::default();
        for arrival in [5, 7, 6, 1, 6, 0, 9] {
            news.skip(arrival);
        }
        assert_eq!(news.theirs.into_iter().collect::<Vec<_>>(), [(0, 2), (5, 8), (9, 10)]);
    }

    #[test]
    fn what_lies_before_the_cursor_is_not_kept() {
        let mut news = News::default();
        news.start_at(10);
        news.skip(9);
        news.skip(10);
        assert_eq!(news.theirs.into_iter().collect::<Vec<_>>(), [(10, 11)]);
    }
}
