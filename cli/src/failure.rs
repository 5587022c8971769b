// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a command failed, in the caller's language, and the exit code that follows.
//!
//! Each step has its own error enum that implements [`Explain`]; errors of the ledger and of a node
//! come through [`Told`].

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use constancia_ledger::fault::{Coded, Fault};
use serde_json::{Value, json};

use crate::ui::plain;
use crate::words::{Lang, errors};

/// What an error must be able to say.
pub(crate) trait Explain: fmt::Debug + Send {
    /// The stable code.
    fn code(&self) -> &str;
    /// Whose fault it is.
    fn fault(&self) -> Fault;
    /// What went wrong and where, in one line.
    fn message(&self, lang: Lang) -> String;
    /// More lines, one per thing that is wrong.
    fn details(&self, _lang: Lang) -> Vec<String> {
        Vec::new()
    }
    /// What to do.
    fn hint(&self, lang: Lang) -> Option<String>;
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure(Box<dyn Explain>);

impl<E: Explain + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// Turns what the ledger or a node says into a [`Failure`].
pub(crate) trait OrTold<T> {
    /// The value, or what was said.
    ///
    /// # Errors
    /// What was said.
    fn or_told(self) -> Result<T, Failure>;
    /// The same, with the place: a file, an address.
    ///
    /// # Errors
    /// What was said.
    fn or_told_at(self, place: &dyn fmt::Display) -> Result<T, Failure>;
}

impl<T, E: Coded> OrTold<T> for Result<T, E> {
    fn or_told(self) -> Result<T, Failure> {
        self.map_err(|error| Told::of(&error).into())
    }

    fn or_told_at(self, place: &dyn fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Told::of(&error).at(place).into())
    }
}

impl Failure {
    /// The stable code.
    pub(crate) fn code(&self) -> &str {
        self.0.code()
    }

    /// What went wrong and where.
    pub(crate) fn message(&self, lang: Lang) -> String {
        self.0.message(lang)
    }

    /// More lines.
    pub(crate) fn details(&self, lang: Lang) -> Vec<String> {
        self.0.details(lang)
    }

    /// What to do.
    pub(crate) fn hint(&self, lang: Lang) -> Option<String> {
        let from_table = || errors::hint(lang, self.code()).map(ToOwned::to_owned);
        // Who said no, or left, needs no advice.
        let is_asked_for = matches!(self.code(), "sign.said_no" | "cli.output_closed");
        self.0.hint(lang).or_else(|| from_table().filter(|_| !is_asked_for))
    }

    /// Whose fault it is.
    pub(crate) fn fault(&self) -> Fault {
        self.0.fault()
    }

    /// Whether nothing went wrong but the reader of standard output left, as `head` does.
    pub(crate) fn is_closed_output(&self) -> bool {
        self.code() == "cli.output_closed"
    }

    /// One object with everything.
    pub(crate) fn to_json(&self, lang: Lang) -> Value {
        json!({
            "error": {
                "code": self.code(),
                "fault": fault_name(self.fault()),
                "message": self.message(lang),
                "details": self.details(lang),
                "hint": self.hint(lang),
                "exit_code": exit_code(self.fault()),
            }
        })
    }
}

/// 0 is fine; 1 a finding; 2 usage; 3 unavailable, try again; 4 corrupt.
pub(crate) const fn exit_code(fault: Fault) -> u8 {
    match fault {
        Fault::Conflict => EXIT_FINDING,
        Fault::Malformed | Fault::Refused => 2,
        Fault::Unavailable => 3,
        Fault::Corrupt => EXIT_CORRUPT,
    }
}

/// The command worked and found something.
pub(crate) const EXIT_FINDING: u8 = 1;
/// Something stored is not what it was.
pub(crate) const EXIT_CORRUPT: u8 = 4;

const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Malformed => "malformed",
        Fault::Refused => "refused",
        Fault::Conflict => "conflict",
        Fault::Unavailable => "unavailable",
        Fault::Corrupt => "corrupt",
    }
}

/// An error of the ledger or of a node: its code is translated, its values are kept as they came.
#[derive(Debug)]
pub(crate) struct Told {
    code: String,
    fault: Fault,
    message: String,
    place: Option<String>,
}

impl Told {
    /// What a [`Coded`] error says, with its causes.
    pub(crate) fn of(error: &(impl Coded + ?Sized)) -> Self {
        Self {
            code: error.code().to_owned(),
            fault: error.fault(),
            message: with_causes(error),
            place: None,
        }
    }

    /// What a node answered.
    pub(crate) fn of_status(status: &tonic::Status) -> Self {
        let failure = constancia_node::failure::Failure::from_status(status);
        Self {
            code: failure.code,
            fault: failure.fault,
            message: plain(&failure.message),
            place: None,
        }
    }

    /// Says that something is not what it was, for whoever asked just that.
    #[must_use]
    pub(crate) fn into_corrupt(self) -> Self {
        Self { fault: Fault::Corrupt, ..self }
    }

    /// Says where: a file, an address.
    #[must_use]
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(place.to_string());
        self
    }
}

impl Explain for Told {
    fn code(&self) -> &str {
        &self.code
    }

    fn fault(&self) -> Fault {
        self.fault
    }

    fn message(&self, lang: Lang) -> String {
        let message = match errors::title(lang, &self.code) {
            Some(title) => title.to_owned(),
            None => errors::as_said(lang, &self.message),
        };
        match &self.place {
            Some(place) => format!("{place}: {message}"),
            None => message,
        }
    }

    /// Where the catalogue has said it in a sentence, the values as the ledger says them.
    fn details(&self, lang: Lang) -> Vec<String> {
        match errors::title(lang, &self.code) {
            Some(_) => vec![errors::as_said(lang, &self.message)],
            None => Vec::new(),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        errors::hint(lang, &self.code).map(ToOwned::to_owned)
    }
}

/// An error and its causes in one line.
pub(crate) fn with_causes(error: &(impl std::error::Error + ?Sized)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        // Some libraries say their cause themselves.
        let said = next.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = next.source();
    }
    text
}

/// A file that cannot be used.
#[derive(Debug)]
pub(crate) enum FileError {
    /// It cannot be read.
    Unreadable { path: PathBuf, cause: io::Error },
    /// It cannot be written.
    Unwritable { path: PathBuf, cause: io::Error },
    /// It is there already and is not overwritten.
    Exists { path: PathBuf },
    /// The directory is there and not empty.
    NotEmpty { path: PathBuf },
    /// It is larger than what is read of such a file.
    TooLarge { path: PathBuf, limit: u64 },
    /// It is not UTF-8.
    NotText { path: PathBuf },
}

impl FileError {
    /// Reading `path` failed.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Unreadable { path, cause }
    }

    /// Writing `path` failed.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| {
            if cause.kind() == io::ErrorKind::AlreadyExists {
                Self::Exists { path }
            } else {
                Self::Unwritable { path, cause }
            }
        }
    }
}

impl Explain for FileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "file.unreadable",
            Self::Unwritable { .. } => "file.unwritable",
            Self::Exists { .. } => "file.exists",
            Self::NotEmpty { .. } => "file.not_empty",
            Self::TooLarge { .. } => "file.too_large",
            Self::NotText { .. } => "file.not_text",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Unwritable { .. } => Fault::Unavailable,
            Self::Unreadable { .. }
            | Self::Exists { .. }
            | Self::NotEmpty { .. }
            | Self::TooLarge { .. }
            | Self::NotText { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable { path, cause } => {
                errors::file_unreadable(lang, &path.display(), &said(lang, cause))
            }
            Self::Unwritable { path, cause } => {
                errors::file_unwritable(lang, &path.display(), &said(lang, cause))
            }
            Self::Exists { path } => errors::file_exists(lang, &path.display()),
            Self::NotEmpty { path } => errors::file_not_empty(lang, &path.display()),
            Self::TooLarge { path, limit } => errors::file_too_large(lang, &path.display(), limit),
            Self::NotText { path } => errors::file_not_text(lang, &path.display()),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Unreadable { .. } | Self::TooLarge { .. } => None,
            Self::Unwritable { .. } => Some(errors::file_unwritable_hint(lang)),
            Self::Exists { .. } | Self::NotEmpty { .. } => Some(errors::file_exists_hint(lang)),
            Self::NotText { path } if path.extension().is_some_and(|end| end == "csv") => {
                Some(errors::file_not_csv_text_hint(lang))
            }
            Self::NotText { .. } => Some(errors::file_not_text_hint(lang)),
        }
    }
}

/// The common causes in the caller's language; the others as the system says them, and said to be so.
fn said(lang: Lang, cause: &io::Error) -> String {
    let kind = cause.kind();
    if kind == io::ErrorKind::NotFound {
        errors::io_not_found(lang)
    } else if kind == io::ErrorKind::PermissionDenied {
        errors::io_permission(lang)
    } else if kind == io::ErrorKind::IsADirectory {
        errors::io_directory(lang)
    } else if kind == io::ErrorKind::NotADirectory {
        errors::io_not_directory(lang)
    } else if kind == io::ErrorKind::StorageFull {
        errors::io_full(lang)
    } else {
        errors::as_said(lang, &cause.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        StreamError(cause).into()
    }
}

/// Standard input or output failed.
#[derive(Debug)]
struct StreamError(io::Error);

impl Explain for StreamError {
    fn code(&self) -> &'static str {
        if self.0.kind() == io::ErrorKind::BrokenPipe { "cli.output_closed" } else { "cli.stream" }
    }

    fn fault(&self) -> Fault {
        Fault::Unavailable
    }

    fn message(&self, lang: Lang) -> String {
        errors::stream(lang, &said(lang, &self.0))
    }

    fn hint(&self, _lang: Lang) -> Option<String> {
        None
    }
}
