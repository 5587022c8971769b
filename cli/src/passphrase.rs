// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where a key's passphrase comes from: a file, the environment, or somebody at the terminal.
//!
//! Never an argument: arguments are seen by every process of the machine.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use constancia_ledger::fault::Fault;
use zeroize::Zeroizing;

use crate::environment::{PASSPHRASE_VARIABLE, variable};
use crate::failure::{Explain, Failure, FileError};
use crate::ui::Ui;
use crate::words::{Lang, errors, signing};

/// Bytes of a passphrase file that are read: a longer first line is no passphrase.
const PASSPHRASE_BYTES_MAX: u64 = 4_096;

/// A secret that is wiped when it is no longer needed.
pub(crate) type Passphrase = Zeroizing<String>;

/// The passphrase of an existing key.
///
/// # Errors
/// Where there is nobody to ask and no other source.
pub(crate) fn ask_for(ui: Ui, key: &str, file: Option<&Path>) -> Result<Passphrase, Failure> {
    match given(file)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt(&signing::ask_passphrase(ui.lang, &key)),
    }
}

/// The passphrase of a new key, asked for twice.
///
/// # Errors
/// Where it is empty, the two differ, or there is nobody to ask.
pub(crate) fn choose_for(ui: Ui, key: &str, file: Option<&Path>) -> Result<Passphrase, Failure> {
    let passphrase = if let Some(passphrase) = given(file)? {
        passphrase
    } else {
        let first = prompt(&signing::choose_passphrase(ui.lang, &key))?;
        if *first != *prompt(&signing::repeat_passphrase(ui.lang))? {
            return Err(PassphraseError::Differ.into());
        }
        first
    };
    if passphrase.is_empty() { Err(PassphraseError::Empty.into()) } else { Ok(passphrase) }
}

/// From the file, or else the environment.
fn given(file: Option<&Path>) -> Result<Option<Passphrase>, Failure> {
    let Some(path) = file else {
        return Ok(variable(PASSPHRASE_VARIABLE).map(Zeroizing::new));
    };
    let text = Zeroizing::new(crate::files::read_text(path, PASSPHRASE_BYTES_MAX)?);
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}

fn prompt(question: &str) -> Result<Passphrase, Failure> {
    if !io::stdin().is_terminal() {
        return Err(PassphraseError::NobodyToAsk.into());
    }
    match rpassword::prompt_password(question) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(cause) => Err(FileError::reading(Path::new("tty"))(cause).into()),
    }
}

/// Why there is no passphrase.
#[derive(Debug)]
enum PassphraseError {
    Empty,
    Differ,
    NobodyToAsk,
}

impl Explain for PassphraseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "passphrase.empty",
            Self::Differ => "passphrase.differ",
            Self::NobodyToAsk => "passphrase.nobody_to_ask",
        }
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Empty => errors::passphrase_empty(lang),
            Self::Differ => errors::passphrase_differ(lang),
            Self::NobodyToAsk => errors::passphrase_nobody(lang),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Empty => Some(errors::passphrase_empty_hint(lang)),
            Self::Differ => None,
            Self::NobodyToAsk => Some(errors::passphrase_nobody_hint(lang)),
        }
    }
}
