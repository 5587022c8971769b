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
use crate::words::{Lang, errors, refusals, signing};

/// Bytes of a passphrase file that are read: a longer first line is no passphrase.
const PASSPHRASE_BYTES_MAX: u64 = 4_096;

/// What a process ends with that Ctrl-C stopped, as shells have it.
#[cfg(unix)]
const INTERRUPTED: i32 = 130;

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
    let interrupts = Interrupts::hold()?;
    match rpassword::prompt_password(question) {
        Ok(text) => {
            interrupts.release();
            Ok(Zeroizing::new(text))
        }
        Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {
            Err(PassphraseError::Interrupted.into())
        }
        Err(cause) => Err(FileError::reading(Path::new("tty"))(cause).into()),
    }
}

/// Holds Ctrl-C back while the terminal shows nothing of what is typed. The prompt raises the signal
/// before it has put the terminal right, so it must not end the process there.
struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Interrupts {
    #[cfg(unix)]
    fn hold() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { signal: signal(SignalKind::interrupt())? })
    }

    /// Elsewhere the console puts itself right.
    #[cfg(not(unix))]
    fn hold() -> io::Result<Self> {
        Ok(Self {})
    }

    /// From now on it ends the process again, which it would not do by itself any more.
    #[cfg(unix)]
    fn release(mut self) {
        tokio::spawn(async move {
            self.signal.recv().await;
            std::process::exit(INTERRUPTED);
        });
    }

    #[cfg(not(unix))]
    fn release(self) {}
}

/// Why there is no passphrase.
#[derive(Debug)]
enum PassphraseError {
    Empty,
    Differ,
    Interrupted,
    NobodyToAsk,
}

impl Explain for PassphraseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "passphrase.empty",
            Self::Differ => "passphrase.differ",
            Self::Interrupted => "passphrase.interrupted",
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
            Self::Interrupted => refusals::passphrase_interrupted(lang),
            Self::NobodyToAsk => errors::passphrase_nobody(lang),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Empty => Some(errors::passphrase_empty_hint(lang)),
            Self::Differ | Self::Interrupted => None,
            Self::NobodyToAsk => Some(errors::passphrase_nobody_hint(lang)),
        }
    }
}
