// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A payload that the council had dropped does not stay in the head file of the key that signed it.
//!
//! The header stays, and with it the key's protection: nothing is signed for its slot again.

use std::path::{Path, PathBuf};

use constancia_ledger::id::{LedgerId, PublicKey};
use constancia_ledger::store::{HeadFile, HeadState, LockPatience};

use crate::command::Caller;
use crate::desk::Desk;
use crate::failure::{Failure, OrTold as _};
use crate::key_folder;

/// Drops such payloads from the head files of the keys in the data folder, in the ledger that is open.
/// Whoever opened the ledger wants something else: a file that cannot be read or written now, because
/// its key is signing or its store is damaged, waits for the next time.
pub(crate) async fn drop_payloads(caller: &Caller, desk: &Desk) {
    for key in key_folder::list(&caller.data).unwrap_or_default() {
        if has_head_file(&key.path) {
            let _next_time = drop_payload_of(desk, &key.path, key.public).await;
        }
    }
}

/// Drops the payload from a head file, where a decision has had it dropped.
///
/// # Errors
/// Where whoever holds the store fails, or the disk refuses.
pub(crate) async fn drop_payload(
    desk: &Desk,
    key: &PublicKey,
    file: &mut HeadFile,
) -> Result<(), Failure> {
    let last_signed = file.head().map(HeadState::id).filter(|_| file.has_payload());
    if let Some(last_signed) = last_signed
        && desk.is_redacted(key, &last_signed).await?
    {
        file.drop_payload().or_told()?;
    }
    Ok(())
}

async fn drop_payload_of(desk: &Desk, key_path: &Path, key: PublicKey) -> Result<(), Failure> {
    let context = desk.get_signing_context(key.as_bytes(), Vec::new()).await?;
    let Some(ledger) = LedgerId::from_slice(&context.ledger_id) else {
        return Ok(());
    };
    if !HeadFile::path_for(key_path, ledger).exists() {
        return Ok(());
    }
    let mut file = HeadFile::open(key_path, ledger, key, LockPatience::None).or_told()?;
    drop_payload(desk, &key, &mut file).await
}

/// Whether the key has signed in some ledger.
fn has_head_file(key_path: &Path) -> bool {
    let beside: PathBuf = key_path.with_added_extension("head-");
    let beginning = beside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = key_path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    files
        .into_iter()
        .flatten()
        .flatten()
        .any(|file| file.file_name().to_string_lossy().starts_with(&beginning))
}
