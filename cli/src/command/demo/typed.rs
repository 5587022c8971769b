// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Commands that the demo types at a party's desk: parsed and run as anybody's are, with the same
//! checks before a signature, and shown as they would be typed.
//!
//! Whatever the commands say themselves is left out: the demo looks at the state for what became of
//! them.

use std::path::Path;
use std::sync::Arc;

use super::DemoError;
use crate::command::{self, Caller, Ended, FINE};
use crate::failure::{Failure, exit_code};
use crate::help;
use crate::ui::Ui;
use crate::words::{Lang, demo as words};

/// What a command is typed at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    /// How the demo speaks.
    pub(super) ui: Ui,
    /// The data folder, in the demo's own.
    pub(super) data: &'a Path,
    /// The file of the key that signs.
    pub(super) key: &'a str,
}

impl Desk<'_> {
    /// Types a command, and gives what it ends with.
    pub(super) async fn type_in(self, line: &[&str]) -> Ended {
        self.show(line);
        let ended = self.run(line).await;
        self.tell(&ended);
        ended
    }

    /// Types a command that signs, as the exercise that it is.
    pub(super) async fn sign(self, line: &[&str], exercise: &str) -> Ended {
        self.show(&[line, &["--key", self.key]].concat());
        let ended = self.sign_unseen(line, exercise).await;
        self.tell(&ended);
        ended
    }

    /// The same, where the line has been shown already.
    pub(super) async fn sign_unseen(self, line: &[&str], exercise: &str) -> Ended {
        let how = ["--key", self.key, "--yes", "--exercise", exercise];
        self.run(&[line, &how].concat()).await
    }

    /// Shows a command as it is typed in the demo's folder; a person would answer the question that
    /// comes before a signature, and an exercise is said to be one at each event.
    fn show(self, line: &[&str]) {
        let name = self.data.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let folder = self.data.parent().map(|root| format!("{}/", root.display()));
        let line = join(line).replace(&folder.unwrap_or_default(), "");
        self.ui.notice(&words::typed(self.ui.lang, &name, &line));
    }

    /// Says how a command ended that found something or was refused.
    fn tell(self, ended: &Ended) {
        if exit(ended) != FINE {
            let code = refusal(ended);
            let code = if code.is_empty() { code } else { format!(" [{code}]") };
            self.ui.notice(&words::typed_ended(self.ui.lang, &exit(ended), &code));
        }
    }

    async fn run(self, line: &[&str]) -> Ended {
        let words = std::iter::once("constancia").chain(line.iter().copied());
        let words: Vec<_> = words.map(Into::into).collect();
        // The record is in Spanish, whatever the demo speaks.
        let lang = Lang::Es;
        let Ok(parsed) = help::parse(lang, &words) else {
            return Err(DemoError::BadCommand { line: join(line) }.into());
        };
        let ui = Ui::silent(lang);
        let caller = Caller { ui, data: self.data.to_owned(), scratch: Arc::default() };
        // A command may be the demo itself, so the compiler wants it on the heap.
        Box::pin(command::run(&caller, parsed.command)).await
    }
}

/// The command found nothing wrong.
pub(super) fn expect_fine(ended: Ended, line: &[&str]) -> Result<(), Failure> {
    match ended? {
        FINE => Ok(()),
        _ => Err(DemoError::BadCommand { line: join(line) }.into()),
    }
}

/// The code of the error that a command ended with; empty where it did not fail.
pub(super) fn refusal(ended: &Ended) -> String {
    ended.as_ref().err().map(|failure| failure.code().to_owned()).unwrap_or_default()
}

/// The exit code of a command.
pub(super) fn exit(ended: &Ended) -> u8 {
    match ended {
        Ok(code) => *code,
        Err(failure) => exit_code(failure.fault()),
    }
}

/// Shows a command that several parties type, each at its own desk.
pub(super) fn show_for_each(ui: Ui, names: &[&str], line: &[&str]) {
    ui.notice(&words::typed_by_each(ui.lang, &join(line), &names.join(", ")));
}

/// A line as it is typed: what has spaces in it stands in quotes.
fn join(line: &[&str]) -> String {
    let words = line
        .iter()
        .map(|word| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() });
    words.collect::<Vec<String>>().join(" ")
}
