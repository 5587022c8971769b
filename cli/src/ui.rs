// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What people see: the answer on standard output, progress and notices on standard error.
//!
//! The only file that writes to either. Colour only on a terminal, and never where `NO_COLOR` is set.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use indicatif::ProgressBar;
use serde_json::Value;

use crate::failure::Failure;
use crate::words::{Lang, faces};

/// How to speak to whoever called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    /// Which language.
    pub(crate) lang: Lang,
    /// One JSON object per line instead of words.
    pub(crate) json: bool,
    audience: Audience,
    colour_out: bool,
    colour_err: bool,
}

/// Who gets to see what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// Whoever called the program.
    Caller,
    /// A command gave the command, and looks at the ledger for what became of it.
    Nobody,
}

/// What a piece of text means, where a terminal can show it by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A heading.
    Strong,
    /// As it should be.
    Good,
    /// To be looked at.
    Warning,
    /// Wrong.
    Bad,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "1;31",
        }
    }
}

impl Ui {
    /// Speaks `lang`, in words or JSON; `plain` forbids colour.
    pub(crate) fn new(lang: Lang, json: bool, plain: bool) -> Self {
        Self {
            lang,
            json,
            audience: Audience::Caller,
            colour_out: !plain && !json && io::stdout().is_terminal(),
            colour_err: !plain && !json && io::stderr().is_terminal(),
        }
    }

    /// Says nothing, asks nobody: for a command that another gives, and whose outcome is all it wants.
    pub(crate) const fn silent(lang: Lang) -> Self {
        Self { lang, json: false, audience: Audience::Nobody, colour_out: false, colour_err: false }
    }

    /// `text` in its tone, for standard output.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        paint(self.colour_out, tone, text)
    }

    /// A line of the answer.
    ///
    /// # Errors
    /// Where standard output is closed or full.
    pub(crate) fn answer(self, line: &str) -> Result<(), Failure> {
        if self.audience == Audience::Nobody {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        Ok(out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"))?)
    }

    /// Lines of the answer.
    ///
    /// # Errors
    /// Where standard output is closed or full.
    pub(crate) fn answer_lines(self, lines: &[String]) -> Result<(), Failure> {
        lines.iter().try_for_each(|line| self.answer(line))
    }

    /// An object of the answer, on one line.
    ///
    /// # Errors
    /// Where standard output is closed or full.
    pub(crate) fn answer_json(self, value: &Value) -> Result<(), Failure> {
        self.answer(&value.to_string())
    }

    /// A notice or progress: not part of the answer.
    pub(crate) fn notice(self, line: &str) {
        if self.audience == Audience::Caller {
            write_err(line);
        }
    }

    /// A notice that deserves attention.
    pub(crate) fn warn(self, line: &str) {
        let word = paint(self.colour_err, Tone::Warning, &faces::warning(self.lang));
        self.notice(&format!("{word} {line}"));
    }

    /// The failure that ends the command.
    pub(crate) fn fail(self, failure: &Failure) {
        if self.json {
            write_err(&failure.to_json(self.lang).to_string());
            return;
        }
        let error = paint(self.colour_err, Tone::Bad, "error:");
        // Names and values in it may be anybody's.
        write_err(&format!("{error} {} [{}]", plain(&failure.message(self.lang)), failure.code()));
        for line in failure.details(self.lang) {
            write_err(&format!("  {}", plain(&line)));
        }
        if let Some(hint) = failure.hint(self.lang) {
            let word = paint(self.colour_err, Tone::Good, &faces::hint(self.lang));
            write_err(&format!("{word} {hint}"));
        }
    }

    /// Asks a question that is answered with yes or no; anything but a yes is a no.
    ///
    /// # Errors
    /// Where standard input cannot be read.
    pub(crate) fn confirm(self, question: &str) -> Result<bool, Failure> {
        let choice = self.lang.pick("[s/N]", "[y/N]");
        let mut err = io::stderr().lock();
        err.write_all(format!("{question} {choice} ").as_bytes())?;
        err.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        let answer = line.trim().to_lowercase();
        Ok(["s", "si", "sí", "y", "yes"].contains(&answer.as_str()))
    }

    /// Whether somebody can be asked.
    pub(crate) fn can_ask(self) -> bool {
        self.audience == Audience::Caller && io::stdin().is_terminal()
    }

    /// A line that shows progress as it changes, and is gone in the end; nothing where standard
    /// error is no terminal.
    pub(crate) fn progress(self) -> Progress {
        let shown = !self.json && self.audience == Audience::Caller && io::stderr().is_terminal();
        Progress(shown.then(ProgressBar::new_spinner))
    }
}

/// A line of progress.
#[derive(Debug)]
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Says how far it is.
    pub(crate) fn say(&self, text: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(text);
            bar.tick();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A text that others wrote, without what makes a terminal show something else.
pub(crate) fn plain(text: &str) -> String {
    let misleading = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}')
            || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if misleading(letter) { '\u{fffd}' } else { letter }).collect()
}

fn paint(colour: bool, tone: Tone, text: &str) -> String {
    if colour { format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()) } else { text.to_owned() }
}

/// Standard error may be closed; then there is nobody to tell.
fn write_err(line: &str) {
    let mut err = io::stderr().lock();
    let _nobody_listens = err.write_all(line.as_bytes()).and_then(|()| err.write_all(b"\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_moves_no_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(plain("Víctimas de feminicidio"), "Víctimas de feminicidio");
    }
}
