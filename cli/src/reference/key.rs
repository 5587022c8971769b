// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A granted key as people name it: a file, the first digits of the key, or the member that has only
//! one that signs.

use std::path::Path;

use constancia_ledger::event::KeyScope;
use constancia_ledger::fault::Fault;
use constancia_ledger::id::PublicKey;
use constancia_ledger::state::{KeyRecord, MemberRecord};

use crate::failure::{Explain, Failure};
use crate::key_folder;
use crate::ledger_view::LedgerView;
use crate::words::{Lang, refusals};

/// Digits that name a key: fewer are a slip more often than a name.
const DIGITS_MIN: usize = 4;

/// A key and whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GrantedKey<'a> {
    /// Its member.
    pub(crate) member: &'a MemberRecord,
    /// The key.
    pub(crate) record: &'a KeyRecord,
}

/// Finds the granted key that `text` names.
///
/// # Errors
/// Where there is none, or more than one.
pub(crate) fn find_key<'a>(
    data: &Path,
    view: &'a LedgerView,
    text: &str,
) -> Result<GrantedKey<'a>, Failure> {
    let found = text.to_owned();
    if let Some(key) = read_file(data, text)? {
        let granted = find_granted(view, &key);
        return granted.ok_or_else(|| KeyReferenceError::NotGranted { found, key }.into());
    }
    let digits = text.trim().to_lowercase();
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fits = |key: &GrantedKey<'_>| {
        let by_digits =
            is_hex && digits.len() >= DIGITS_MIN && key.record.key.to_string().starts_with(&digits);
        let signs = key.record.scope == KeyScope::Sign && key.record.cut_off.is_none();
        by_digits || (key.member.slug.as_str() == text && signs)
    };
    let fitting: Vec<GrantedKey<'_>> = list_keys(view).filter(fits).collect();
    match fitting.as_slice() {
        [only] => Ok(*only),
        [] if is_hex && digits.len() < DIGITS_MIN => {
            Err(KeyReferenceError::TooShort { found }.into())
        }
        [] if view.people.members.iter().any(|member| member.slug.as_str() == text) => {
            Err(KeyReferenceError::SignsNoMore { member: found }.into())
        }
        [] => Err(KeyReferenceError::Unknown { found }.into()),
        several => {
            let fitting = several
                .iter()
                .map(|key| format!("{} ({})", key.record.key.short(), key.member.slug));
            Err(KeyReferenceError::Several { found, fitting: fitting.collect() }.into())
        }
    }
}

/// The grant of a key, if it was ever granted.
pub(crate) fn find_granted<'a>(view: &'a LedgerView, key: &PublicKey) -> Option<GrantedKey<'a>> {
    list_keys(view).find(|granted| granted.record.key == *key)
}

/// Every key that was ever granted.
pub(crate) fn list_keys(view: &LedgerView) -> impl Iterator<Item = GrantedKey<'_>> {
    view.people
        .members
        .iter()
        .flat_map(|member| member.keys.iter().map(move |record| GrantedKey { member, record }))
}

/// The key in a file, private or public, where `text` names one.
fn read_file(data: &Path, text: &str) -> Result<Option<PublicKey>, Failure> {
    let path = Path::new(text);
    if path.is_file() && path.extension().is_some_and(|end| end == "pub") {
        return key_folder::read_public(path).map(Some);
    }
    let private = key_folder::locate(data, text);
    if private.is_file() {
        return Ok(Some(key_folder::show(&private)?.public));
    }
    Ok(None)
}

/// Why a text names no granted key.
#[derive(Debug)]
enum KeyReferenceError {
    Unknown {
        found: String,
    },
    /// A member is named that has no key in force that signs.
    SignsNoMore {
        member: String,
    },
    TooShort {
        found: String,
    },
    NotGranted {
        found: String,
        key: PublicKey,
    },
    Several {
        found: String,
        fitting: Vec<String>,
    },
}

impl Explain for KeyReferenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } | Self::SignsNoMore { .. } | Self::NotGranted { .. } => {
                "reference.unknown_key"
            }
            Self::TooShort { .. } => "reference.key_too_short",
            Self::Several { .. } => "reference.several_keys",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Unknown { found } => refusals::unknown_key(lang, found),
            Self::SignsNoMore { member } => refusals::member_signs_no_more(lang, member),
            Self::TooShort { found } => refusals::key_too_short(lang, found, &DIGITS_MIN),
            Self::NotGranted { found, key } => refusals::key_not_granted(lang, &key.short(), found),
            Self::Several { found, fitting } => {
                refusals::several_keys(lang, found, &fitting.join(", "))
            }
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Unknown { .. } | Self::NotGranted { .. } => {
                Some(refusals::unknown_key_hint(lang))
            }
            Self::SignsNoMore { .. } => Some(refusals::member_signs_no_more_hint(lang)),
            Self::TooShort { .. } | Self::Several { .. } => Some(refusals::several_keys_hint(lang)),
        }
    }
}
