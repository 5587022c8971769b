// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Files that show a figure: hashed with a salt, kept beside the store, named by an event.

use std::path::{Path, PathBuf};

use constancia_ledger::fault::Fault;
use constancia_ledger::id::hash_attachment;
use constancia_ledger::limits::SALT_BYTES;
use constancia_ledger::store::{ATTACHMENT_BYTES_MAX, StoreFolder};
use constancia_proto::v1;

use crate::desk::Desk;
use crate::environment::random_bytes;
use crate::failure::{Explain, Failure, FileError};
use crate::files::{Readers, make_dir, read_bytes, read_text, write_new};
use crate::json::{from_json, to_json};
use crate::words::{Lang, errors};

/// Bytes of a note on an attachment.
const NOTE_BYTES_MAX: u64 = 64 * 1_024;

/// Media types by the end of the file's name; anything else is `application/octet-stream`.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("csv", "text/csv"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// Keeps each file, or finds what `attach` kept, by the first digits of its hash.
///
/// # Errors
/// Where a file cannot be read or kept, or no kept file has such a hash.
pub(crate) async fn collect(
    data: &Path,
    desk: &Desk,
    items: &[String],
) -> Result<Vec<v1::Attachment>, Failure> {
    let mut attachments = Vec::new();
    for item in items {
        let path = Path::new(item);
        let attachment =
            if path.is_file() { keep(data, desk, path, "").await? } else { find_note(data, item)? };
        attachments.push(attachment);
    }
    Ok(attachments)
}

/// Hashes a file with a new salt and keeps it beside the store.
///
/// # Errors
/// Where it cannot be read or kept.
pub(crate) async fn keep(
    data: &Path,
    desk: &Desk,
    path: &Path,
    description: &str,
) -> Result<v1::Attachment, Failure> {
    let content = read_bytes(path, ATTACHMENT_BYTES_MAX)?;
    let salt = random_bytes::<SALT_BYTES>()?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let attachment = v1::Attachment {
        name: name.unwrap_or_default(),
        media_type: media_type(path).to_owned(),
        length: u64::try_from(content.len()).unwrap_or(u64::MAX),
        salt: salt.to_vec().into(),
        hash: hash_attachment(&salt, &content).to_vec().into(),
        description: description.to_owned(),
    };
    crate::signing::check_attachment(path, &attachment)?;
    desk.put_attachment(&attachment, &content).await?;
    write_note(data, &attachment)?;
    Ok(attachment)
}

fn media_type(path: &Path) -> &'static str {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    MEDIA_TYPES
        .iter()
        .find(|(known, _)| *known == end)
        .map_or("application/octet-stream", |(_, media_type)| media_type)
}

/// What `attach` kept is noted, so that an event can name it later by its hash.
fn write_note(data: &Path, attachment: &v1::Attachment) -> Result<(), Failure> {
    let folder = StoreFolder::new(data);
    make_dir(&folder.evidence_path(), Readers::Default)?;
    let path = folder.evidence_note_path(&attachment.hash);
    let text = format!("{:#}\n", to_json("Attachment", attachment));
    Ok(write_new(&path, text.as_bytes(), Readers::Default)?)
}

fn find_note(data: &Path, item: &str) -> Result<v1::Attachment, Failure> {
    let folder = StoreFolder::new(data).evidence_path();
    let digits = item.trim().to_lowercase();
    let is_hash = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            is_hash && name.is_some_and(|name| name.starts_with(&digits))
        })
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(path), true) => {
            let text = read_text(&path, NOTE_BYTES_MAX)?;
            match serde_json::from_str(&text) {
                Ok(value) => Ok(from_json("Attachment", &value)?),
                Err(_not_json) => Err(FileError::NotText { path }.into()),
            }
        }
        (_, _) => Err(NoEvidence { item: item.to_owned() }.into()),
    }
}

/// Neither a file nor a hash of a kept one.
#[derive(Debug)]
struct NoEvidence {
    item: String,
}

impl Explain for NoEvidence {
    fn code(&self) -> &'static str {
        "evidence.not_found"
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        errors::evidence_not_found(lang, &self.item)
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::evidence_not_found_hint(lang))
    }
}
