// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads the command line, with its help and its errors in the caller's language.
//!
//! The grammar is in `arguments.rs` and the commands' files; the words are in `words/help.rs`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};
use constancia_ledger::fault::Fault;

use crate::arguments::Arguments;
use crate::failure::{Explain, Failure, exit_code};
use crate::nearest::nearest;
use crate::ui::Ui;
use crate::words::{Lang, help as words};

/// Parses the arguments.
///
/// # Errors
/// Help and version, which are an answer; and a command line that is not right.
pub(crate) fn parse(lang: Lang, arguments: &[OsString]) -> Result<Arguments, Box<Message>> {
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let message = |error| Box::new(Message { error, wants_json });
    let matches = command(lang).try_get_matches_from(arguments).map_err(message)?;
    Arguments::from_arg_matches(&matches).map_err(message)
}

/// The grammar with its words.
pub(crate) fn command(lang: Lang) -> Command {
    localize(lang, Arguments::command(), "")
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .global(true)
                .action(ArgAction::Help)
                .help(words::help_option(lang))
                .help_heading(words::heading(lang, "general")),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(words::version_option(lang))
                .help_heading(words::heading(lang, "general")),
        )
        .disable_version_flag(true)
}

/// Puts the words of a command, its options and its own commands.
fn localize(lang: Lang, command: Command, path: &str) -> Command {
    let about = words::of_command(lang, path).unwrap_or_default();
    let mut command = command
        .about(about)
        .disable_help_flag(true)
        .help_template(words::help_template(lang))
        .subcommand_help_heading(words::heading(lang, "commands"));
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in ids {
        command = command.mut_arg(&id, |arg| {
            let heading = match arg.get_help_heading() {
                Some(heading) => words::heading(lang, heading),
                None if arg.is_positional() => words::heading(lang, "arguments"),
                None => words::heading(lang, "options"),
            };
            let text = words::of_option(lang, path, &id).unwrap_or_default();
            let takes_values = arg.get_action().takes_values();
            let name =
                arg.get_value_names().and_then(|names| words::value_name(lang, names.first()?));
            let arg = arg.help(text).help_heading(heading);
            let arg = match name {
                Some(name) => arg.value_name(name),
                None => arg,
            };
            if takes_values {
                // The words say what may be written, in the caller's language.
                arg.hide_default_value(true).hide_possible_values(true)
            } else {
                arg
            }
        });
    }
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |sub| localize(lang, sub, &path));
    }
    command
}

/// Help or version, which somebody asked for, or what is wrong with the command line.
#[derive(Debug)]
pub(crate) struct Message {
    error: clap::Error,
    wants_json: bool,
}

impl Message {
    /// Whether the caller reads JSON.
    pub(crate) const fn wants_json(&self) -> bool {
        self.wants_json
    }

    /// Says it: help on standard output, what is wrong on standard error.
    pub(crate) fn show(&self, ui: Ui) -> ExitCode {
        let asked = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
        if asked.contains(&self.error.kind()) {
            let text = words::in_words(ui.lang, &self.error.to_string());
            let closed = ui.answer(text.trim_end());
            return match closed {
                Err(failure) if !failure.is_closed_output() => {
                    ui.fail(&failure);
                    ExitCode::from(exit_code(failure.fault()))
                }
                Ok(()) | Err(_) => ExitCode::SUCCESS,
            };
        }
        let failure = Failure::from(UsageError::of(ui.lang, &self.error));
        ui.fail(&failure);
        ExitCode::from(exit_code(failure.fault()))
    }
}

/// What is wrong with the command line.
#[derive(Debug)]
struct UsageError {
    kind: ErrorKind,
    /// The option, command or argument.
    what: String,
    /// What was given, or must be.
    value: String,
    /// Something that may have been meant.
    near: Option<String>,
    /// The library's own words, for what the catalogue does not have.
    plain: String,
    usage: Option<String>,
}

impl UsageError {
    fn of(lang: Lang, error: &clap::Error) -> Self {
        let get = |kind| error.get(kind).map(text_of).unwrap_or_default();
        let argument = words::in_words(lang, &get(ContextKind::InvalidArg));
        let subcommand = get(ContextKind::InvalidSubcommand);
        let near = [
            ContextKind::SuggestedArg,
            ContextKind::SuggestedSubcommand,
            ContextKind::SuggestedValue,
        ];
        let plain = error.to_string();
        let plain = plain.lines().next().unwrap_or_default();
        Self {
            kind: error.kind(),
            what: if argument.is_empty() {
                subcommand.clone()
            } else {
                list_choices(lang, &argument)
            },
            value: [ContextKind::InvalidValue, ContextKind::PriorArg]
                .into_iter()
                .map(get)
                .find(|value| !value.is_empty())
                .unwrap_or_default(),
            near: near_command(&subcommand)
                .or_else(|| near.into_iter().map(get).find(|name| !name.is_empty())),
            plain: plain.strip_prefix("error: ").unwrap_or(plain).to_owned(),
            usage: error
                .get(ContextKind::Usage)
                .map(|usage| words::in_words(lang, &text_of(usage))),
        }
    }
}

/// Of options that exclude each other the library says `<--one|--other <VALUE>>`.
fn list_choices(lang: Lang, argument: &str) -> String {
    match argument.strip_prefix("<--").and_then(|rest| rest.strip_suffix('>')) {
        Some(choices) => format!("--{choices}").replace('|', words::or(lang)),
        None => argument.to_owned(),
    }
}

/// The command that was probably meant.
fn near_command(found: &str) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    let command = Arguments::command();
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    nearest(found, names.into_iter()).first().map(|name| (*name).to_owned())
}

fn text_of(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string().trim().to_owned(),
        ContextValue::None
        | ContextValue::Bool(_)
        | ContextValue::StyledStrs(_)
        | ContextValue::Number(_)
        | _ => value.to_string(),
    }
}

impl Explain for UsageError {
    fn code(&self) -> &'static str {
        "cli.usage"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        if self.kind == ErrorKind::UnknownArgument {
            words::unknown_argument(lang, &self.what)
        } else if self.kind == ErrorKind::InvalidSubcommand {
            words::unknown_command(lang, &self.what)
        } else if self.kind == ErrorKind::MissingRequiredArgument {
            words::missing_argument(lang, &self.what)
        } else if self.kind == ErrorKind::MissingSubcommand
            || self.kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        {
            words::missing_command(lang)
        } else if self.kind == ErrorKind::ArgumentConflict {
            words::conflict(lang, &self.what, &self.value)
        } else if [ErrorKind::InvalidValue, ErrorKind::ValueValidation].contains(&self.kind) {
            if self.value.is_empty() {
                words::no_value(lang, &self.what)
            } else {
                words::invalid_value(lang, &self.what, &self.value)
            }
        } else if self.kind == ErrorKind::InvalidUtf8 {
            words::not_utf8(lang)
        } else {
            self.plain.clone()
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        let usage = self.usage.as_deref().map(|usage| {
            usage.trim_start_matches("Usage:").trim().lines().next().unwrap_or_default().to_owned()
        });
        let is_value = [ErrorKind::InvalidValue, ErrorKind::ValueValidation].contains(&self.kind);
        if let Some(expected) = words::expected_value(lang, &self.what).filter(|_| is_value) {
            return Some(expected.to_owned());
        }
        match (&self.near, usage) {
            (Some(near), _) => Some(words::did_you_mean(lang, near)),
            (None, Some(usage)) if !usage.is_empty() => Some(words::usage_is(lang, &usage)),
            (None, _) => Some(words::see_help(lang)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_words(command: &Command, path: &str) {
        for lang in [Lang::Es, Lang::En] {
            assert!(words::of_command(lang, path).is_some(), "command {path:?}");
            for arg in command
                .get_arguments()
                .filter(|arg| arg.get_id() != "help" && arg.get_id() != "version")
            {
                let id = arg.get_id().as_str();
                assert!(words::of_option(lang, path, id).is_some(), "option {path:?} {id}");
            }
        }
        for sub in command.get_subcommands() {
            let name = sub.get_name();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
            check_words(sub, &path);
        }
    }

    #[test]
    fn every_command_and_option_has_its_words() {
        check_words(&Arguments::command(), "");
    }

    #[test]
    fn the_grammar_is_sound() {
        command(Lang::Es).debug_assert();
        command(Lang::En).debug_assert();
    }

    #[test]
    fn a_slip_on_the_command_line_is_said_in_spanish() {
        let arguments: Vec<OsString> =
            ["constancia", "reprot"].into_iter().map(OsString::from).collect();
        let message = parse(Lang::Es, &arguments).unwrap_err();
        let error = UsageError::of(Lang::Es, &message.error);
        assert!(error.message(Lang::Es).contains("reprot"), "{error:?}");
        assert!(error.hint(Lang::Es).unwrap().contains("report"), "{error:?}");
    }
}
