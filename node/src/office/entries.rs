// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries with what the replay made of them: the log, and one entry by its id.

use bytes::Bytes;
use constancia_ledger::entry::Kind;
use constancia_ledger::event::name::IndicatorId;
use constancia_ledger::frontier::Frontier;
use constancia_ledger::id::EntryId;
use constancia_ledger::order::Moment;
use constancia_ledger::replay::{LogLine, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::state::Standing;
use constancia_ledger::store::StoreError;
use constancia_proto::v1;
use tokio_stream::StreamExt as _;
use tonic::Status;

use super::{Answers, Office, refuse_replay};
use crate::failure::to_status;
use crate::request::RequestError;

/// Hexadecimal digits that name an entry: fewer are a slip more often than a name.
const PREFIX_DIGITS_MIN: usize = 4;

/// Standing of an entry of which rules decide that this program does not know.
const NOT_JUDGED: &str = "not_judged";

/// Standing of an entry that is held but lies outside the ledger at the frontier.
const OUTSIDE: &str = "outside";

impl Office {
    pub(super) async fn list(
        &self,
        request: v1::ListEntriesRequest,
    ) -> Result<Answers<v1::EntryView>, Status> {
        let view = parse_view(request.view.as_ref())?;
        let lines = self
            .replay(move |replay, _| {
                let mut lines = replay.log(&view).map_err(|error| refuse_replay(&error))?;
                lines.retain(|line| is_asked_for(line, &request));
                let last = usize::try_from(request.last).unwrap_or(usize::MAX);
                if last > 0 && lines.len() > last {
                    lines.drain(..lines.len().saturating_sub(last));
                }
                Ok(lines)
            })
            .await?;
        let live = self.inner.live.clone();
        // Read one by one as they are taken: a long log is never in memory whole.
        let views = tokio_stream::iter(lines).then(move |line| {
            let live = live.clone();
            async move {
                let id = line.place.id;
                let entry = live.read(move |replica| replica.read_message(&id)).await;
                entry.map(|entry| describe(&line, entry)).map_err(|error| to_status(&error))
            }
        });
        Ok(Box::pin(views))
    }

    pub(super) async fn find_entry(&self, text: String) -> Result<v1::EntryView, Status> {
        let text = text.trim().to_ascii_lowercase();
        let is_hex = text.chars().all(|digit| digit.is_ascii_hexdigit());
        if !is_hex || text.len() < PREFIX_DIGITS_MIN || text.len() > 64 {
            return Err(RequestError::NotAnId { found: text }.into());
        }
        self.replay(move |replay, office| {
            let lines = replay.log(&View::Frontier).map_err(|error| refuse_replay(&error))?;
            let mut found: Vec<&LogLine> =
                lines.iter().filter(|line| line.place.id.to_string().starts_with(&text)).collect();
            found.sort_by_key(|line| line.place.id);
            match found.as_slice() {
                [] => office.find_outside(&text),
                [line] => {
                    let entry = office.read_message(&line.place.id)?;
                    Ok(describe(line, entry))
                }
                [first, second, ..] => Err(RequestError::Ambiguous {
                    count: found.len(),
                    first: first.place.id.to_string(),
                    second: second.place.id.to_string(),
                    id: text,
                }
                .into()),
            }
        })
        .await
    }

    /// An entry beyond a fork that nobody cites: held, but no part of the ledger.
    fn find_outside(&self, text: &str) -> Result<v1::EntryView, Status> {
        let missing = || Status::from(RequestError::NoEntry { id: text.to_owned() });
        let id: EntryId = text.parse().ok().ok_or_else(missing)?;
        let replica = self.inner.live.shared().read();
        let found = describe_outside(&replica, &id).map_err(|error| to_status(&error))?;
        found.ok_or_else(missing)
    }

    fn read_message(&self, id: &EntryId) -> Result<Option<v1::SignedEntry>, Status> {
        let replica = self.inner.live.shared().read();
        replica.read_message(id).map_err(|error| to_status(&error))
    }
}

/// An entry that is held and no part of the ledger.
pub(super) fn describe_outside(
    replica: &Replica,
    id: &EntryId,
) -> Result<Option<v1::EntryView>, StoreError> {
    let Some(row) = replica.find(id)? else {
        return Ok(None);
    };
    let member = replica.grants().find(&row.facts.author).map(|grant| grant.member.clone());
    Ok(Some(v1::EntryView {
        id: Bytes::copy_from_slice(id.as_bytes()),
        entry: replica.read_message(id)?,
        member: member.unwrap_or_default(),
        effective_ms: row.facts.effective_at_ms,
        standing: OUTSIDE.to_owned(),
        arrival: row.facts.arrival,
        ..v1::EntryView::default()
    }))
}

/// Which past is meant.
pub(super) fn parse_view(view: Option<&v1::View>) -> Result<View, RequestError> {
    Ok(match view.and_then(|view| view.at.as_ref()) {
        None => View::Frontier,
        Some(v1::view::At::AsOfMs(ms)) => View::AsOf(Moment::from_ms(*ms)),
        Some(v1::view::At::AsClaimedMs(ms)) => View::AsClaimed(Moment::from_ms(*ms)),
        Some(v1::view::At::Frontier(frontier)) => View::At(Frontier::from_message(frontier)?),
    })
}

fn is_asked_for(line: &LogLine, request: &v1::ListEntriesRequest) -> bool {
    let indicator = line.indicator.as_ref().map(IndicatorId::as_str);
    (request.member.is_empty() || line.member.as_str() == request.member)
        && (request.event.is_empty() || line.event == Some(request.event.as_str()))
        && (request.indicator.is_empty() || indicator == Some(request.indicator.as_str()))
        && !(request.without_acknowledgements && line.kind == Kind::Acknowledge)
}

pub(super) fn describe(line: &LogLine, entry: Option<v1::SignedEntry>) -> v1::EntryView {
    let mut entry = entry;
    if let (Some(Standing::Redacted { .. }), Some(entry)) = (&line.standing, &mut entry) {
        // Whether or not this replica has dropped it already, it is shown to nobody.
        entry.payload = None;
        entry.salt = None;
    }
    let standing = line.standing.as_ref();
    v1::EntryView {
        id: Bytes::copy_from_slice(line.place.id.as_bytes()),
        entry,
        member: line.member.to_string(),
        place: line.number,
        effective_ms: line.effective_at.as_ms(),
        witnessed_ms: line.witnessed_at.map(Moment::as_ms),
        standing: standing.map_or(NOT_JUDGED, Standing::code).to_owned(),
        standing_reason: standing.and_then(Standing::reason_code).unwrap_or_default().to_owned(),
        arrival: line.arrival,
        standing_by: standing
            .and_then(cause_of)
            .map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
    }
}

/// The entry that a standing is due to.
const fn cause_of(standing: &Standing) -> Option<EntryId> {
    match standing {
        Standing::Redacted { decision } => Some(*decision),
        Standing::Void { reason } => reason.named,
        Standing::Counted
        | Standing::Listed
        | Standing::Forked
        | Standing::Pending
        | Standing::UnknownEvent
        | Standing::InvalidEvent { .. } => None,
    }
}
