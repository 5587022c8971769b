// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `propose grant-key` and `revoke-key`, which are also `key grant` and `key revoke`.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use constancia_ledger::entry::decode::decode_header;
use constancia_ledger::event::KeyScope;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_proto::v1;
use constancia_proto::v1::proposal::Decision;

use super::{ProposalArgs, put_forward};
use crate::command::{Caller, Ended, STATEMENTS};
use crate::desk::{self, Desk};
use crate::evidence;
use crate::failure::{Explain, Failure, OrTold as _};
use crate::key_folder::read_public;
use crate::ledger_view::{BadAnswer, LedgerView};
use crate::reference;
use crate::reference::key::find_key;
use crate::table::options::parse_choice;
use crate::words::{Lang, refusals};

/// The word for "nothing of it counts".
const NONE: &str = "none";

/// Options of a grant.
#[derive(Clone, Debug, Args)]
pub(crate) struct GrantArgs {
    #[arg(value_name = "SLUG")]
    slug: String,
    #[arg(value_name = "KEY.pub")]
    public: PathBuf,
    #[arg(long, value_name = "SCOPE", default_value = "sign")]
    scope: String,
    #[arg(long, value_name = "TEXT")]
    office: Option<String>,
    #[arg(long, value_name = "FILE")]
    appointment: Option<PathBuf>,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Options of a revocation.
#[derive(Clone, Debug, Args)]
pub(crate) struct RevokeArgs {
    #[arg(value_name = "KEY")]
    which: String,
    #[arg(long, value_name = "ENTRY|none")]
    honour: Option<String>,
    #[command(flatten)]
    proposal: ProposalArgs,
}

/// Puts a grant before the council.
///
/// # Errors
/// Where the member or the file is none, and what signing says.
pub(crate) async fn grant(caller: &Caller, args: GrantArgs) -> Ended {
    let scope = parse_choice(caller.ui.lang, "--scope", "KeyScope", &args.scope)?;
    let key = read_public(&args.public)?;
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    view.check_member(&args.slug)?;
    let appointment = match &args.appointment {
        Some(file) => Some(evidence::keep(&caller.data, &desk, file, "").await?),
        None => None,
    };
    let grant = v1::KeyGrant {
        key: key_bytes(&key),
        member: args.slug,
        scope: KeyScope::from_text(scope).map_or(0, KeyScope::number),
        office: args.office.unwrap_or_default(),
        appointment,
    };
    let decision = Decision::GrantKey(v1::GrantKey { grant: Some(grant) });
    put_forward(caller, &desk, &args.proposal, decision).await
}

/// Puts a revocation before the council.
///
/// # Errors
/// Where the key or the entry is none, and what signing says.
pub(crate) async fn revoke(caller: &Caller, args: RevokeArgs) -> Ended {
    let desk = desk::open(caller).await?;
    let view = LedgerView::read(&desk).await?;
    let granted = find_key(&caller.data, &view, &args.which)?;
    let honoured = match &args.honour {
        Some(text) => find_honoured(&desk, &granted.record.key, text).await?,
        None => {
            granted.record.head.map(|head| v1::Honoured { seq: head.seq, id: id_of(&head.entry) })
        }
    };
    let key = key_bytes(&granted.record.key);
    let decision = Decision::RevokeKey(v1::RevokeKey { key, honoured });
    put_forward(caller, &desk, &args.proposal, decision).await
}

/// The last entry of a key that is to count: an entry of that key, or none.
///
/// # Errors
/// Where the entry is another key's.
pub(crate) async fn find_honoured(
    desk: &Desk,
    key: &PublicKey,
    text: &str,
) -> Result<Option<v1::Honoured>, Failure> {
    if text == NONE {
        return Ok(None);
    }
    let view = if let Some(view) = find_on_branch(desk, key, text).await? {
        view
    } else {
        let digits = reference::to_digits(desk, text, STATEMENTS).await?;
        desk.get_entry(&digits).await?
    };
    let Some(id) = EntryId::from_slice(&view.id) else {
        return Err(BadAnswer { what: "id" }.into());
    };
    let header = decode_header(&view.entry.unwrap_or_default().header).or_told()?;
    if header.author != *key {
        let error = HonourError { entry: id, key: *key, found: header.author };
        return Err(error.into());
    }
    Ok(Some(v1::Honoured { seq: header.seq, id: id_of(&id) }))
}

/// An entry beyond the key's fork, where no view of the ledger finds it by its first digits.
async fn find_on_branch(
    desk: &Desk,
    key: &PublicKey,
    text: &str,
) -> Result<Option<v1::EntryView>, Failure> {
    let digits = text.to_lowercase();
    let forks = desk.list_forks(key.as_bytes()).await?;
    let mut fitting = forks
        .into_iter()
        .flat_map(|fork| fork.entries)
        .filter(|view| hex::encode(&view.id).starts_with(&digits));
    let only = fitting.next();
    Ok(if fitting.next().is_none() { only } else { None })
}

/// A key's bytes as the schema has them.
pub(crate) fn key_bytes(key: &PublicKey) -> Bytes {
    Bytes::copy_from_slice(key.as_bytes())
}

fn id_of(id: &EntryId) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

/// The entry to be honoured is another key's.
#[derive(Debug)]
struct HonourError {
    entry: EntryId,
    key: PublicKey,
    found: PublicKey,
}

impl Explain for HonourError {
    fn code(&self) -> &'static str {
        "option.other_key"
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        let (entry, key, found) = (self.entry.short(), self.key.short(), self.found.short());
        refusals::honoured_of_other_key(lang, &entry, &key, &found)
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(refusals::honoured_hint(lang))
    }
}
