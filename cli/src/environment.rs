// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the command line takes from its surroundings: variables, folders, the clock, chance.
//!
//! Nothing else reads the environment, and nothing below the command line does at all.

use std::ffi::OsString;
use std::path::PathBuf;

use constancia_ledger::fault::Fault;
use constancia_node::clock::{Clock as _, SystemClock};

use crate::failure::{Explain, Failure};
use crate::words::{Lang, errors};

/// Chooses the language.
pub(crate) const LANG_VARIABLE: &str = "CONSTANCIA_LANG";
/// Chooses the data folder.
const DATA_VARIABLE: &str = "CONSTANCIA_DATA";
/// Says what a node logs.
const LOG_VARIABLE: &str = "CONSTANCIA_LOG";
/// Holds a key's passphrase, for scripts.
pub(crate) const PASSPHRASE_VARIABLE: &str = "CONSTANCIA_PASSPHRASE";

/// A variable, where it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A path in a variable, which need not be text.
fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Whether colour is unwanted (<https://no-color.org>).
pub(crate) fn is_plain() -> bool {
    variable("NO_COLOR").is_some()
}

/// The language before the arguments are parsed: `--lang`, then `CONSTANCIA_LANG`, then the
/// locale where it is English; else Spanish.
pub(crate) fn choose_lang(arguments: &[OsString]) -> Lang {
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str());
    let mut asked = None;
    while let Some(argument) = rest.next() {
        if argument == "--" {
            break;
        }
        if argument == "--lang" {
            asked = rest.next();
        } else if let Some(code) = argument.strip_prefix("--lang=") {
            asked = Some(code);
        }
    }
    let own = || variable(LANG_VARIABLE).and_then(|code| Lang::from_code(&code));
    let locale = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable).and_then(|locale| {
            let code = locale.split(['_', '.', '@']).next().unwrap_or_default().to_owned();
            Lang::from_code(&code)
        })
    };
    asked.and_then(Lang::from_code).or_else(own).or_else(locale).unwrap_or(Lang::Es)
}

/// The data folder where none is named: `CONSTANCIA_DATA`, or where this platform keeps a program's
/// data.
pub(crate) fn data_dir() -> PathBuf {
    path_variable(DATA_VARIABLE).unwrap_or_else(default_data_dir)
}

/// Where this platform keeps a program's data; the current directory where it does not say.
fn default_data_dir() -> PathBuf {
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA").or_else(|| variable("APPDATA")).map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| PathBuf::from(home).join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/share")))
    };
    base.unwrap_or_else(|| PathBuf::from(".")).join("constancia")
}

/// Writes the node's log to standard error: `CONSTANCIA_LOG` says what (`warn` where it says
/// nothing), as JSON where the caller reads JSON.
pub(crate) fn start_logging(json: bool) {
    let filter = variable(LOG_VARIABLE).unwrap_or_else(|| "warn".to_owned());
    let log = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr);
    // Where one is set up already, that one stays.
    if json {
        drop(log.json().try_init());
    } else {
        drop(log.try_init());
    }
}

/// This machine's clock, Unix milliseconds.
pub(crate) fn now_ms() -> u64 {
    SystemClock.now_ms()
}

/// `N` random bytes from the operating system.
///
/// # Errors
/// Where the system has none.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(cause) => Err(NoRandomness(cause).into()),
    }
}

#[derive(Debug)]
struct NoRandomness(getrandom::Error);

impl Explain for NoRandomness {
    fn code(&self) -> &'static str {
        "cli.no_randomness"
    }

    fn fault(&self) -> Fault {
        Fault::Unavailable
    }

    fn message(&self, lang: Lang) -> String {
        errors::no_randomness(lang, &self.0)
    }

    fn hint(&self, _lang: Lang) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(texts: &[&str]) -> Vec<OsString> {
        texts.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_argument_chooses_the_language_in_either_form() {
        assert_eq!(choose_lang(&arguments(&["status", "--lang", "en"])), Lang::En);
        assert_eq!(choose_lang(&arguments(&["--lang=en", "status"])), Lang::En);
        assert_eq!(choose_lang(&arguments(&["--lang", "es"])), Lang::Es);
    }
}
