// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a plan file is refused: line, path, what was found and what would be right.

use std::fmt;

use constancia_ledger::event::BrokenRule;
use constancia_ledger::fault::{Coded, Fault};

use super::node::Place;

/// Why a plan file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanFileError {
    /// None where the whole file is meant.
    pub(crate) place: Option<Place>,
    /// With the names of the file: `indicators[3].kind`. Empty where the whole file is meant.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// Not YAML, or YAML that could be read in two ways.
    #[error("not readable as YAML: {reason}")]
    NotYaml {
        /// What the reader says.
        reason: String,
    },
    /// A key that the format does not have there.
    #[error("unknown key {found:?}, expected one of: {}", allowed.join(", "))]
    UnknownKey {
        /// The key found.
        found: String,
        /// The keys that may stand there.
        allowed: &'static [&'static str],
    },
    /// A key that must be there is not.
    #[error("expected the key {key:?}, found none")]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A list where a map belongs, and the like.
    #[error("expected {expected}, found {found}")]
    WrongShape {
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A word that is not among the choices.
    #[error("unknown word {found:?}, expected one of: {}", allowed.join(", "))]
    UnknownWord {
        /// The word found.
        found: String,
        /// The words that may stand there.
        allowed: Vec<&'static str>,
    },
    /// A source that the file does not describe.
    #[error(
        "unknown source {found:?}, expected assumption, or one described under sources: {}",
        listed(known)
    )]
    UnknownSource {
        /// The source found.
        found: String,
        /// The sources that the file describes.
        known: Vec<String>,
    },
    /// A council that the file does not describe.
    #[error("unknown council {found:?}, expected one of: {}", listed(known))]
    UnknownCouncil {
        /// The council asked for.
        found: String,
        /// The councils that the file describes.
        known: Vec<String>,
    },
    /// A rule that holds for the plan itself, whatever it was read from.
    #[error(transparent)]
    Rule(BrokenRule),
    /// The same of a value that the file does not say.
    #[error("{0}, which is in force: the file leaves it out")]
    InForce(BrokenRule),
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "(there are none)".to_owned() } else { names.join(", ") }
}

impl PlanFileError {
    pub(super) fn new(place: Option<Place>, path: &str, problem: Problem) -> Self {
        Self { place, path: path.to_owned(), problem }
    }

    /// An error of the ledger's rules at `inner` in the value at `path`.
    pub(super) fn rule(place: Place, path: &str, inner: &str, rule: BrokenRule) -> Self {
        let joint =
            if path.is_empty() || inner.is_empty() || inner.starts_with('[') { "" } else { "." };
        Self {
            place: Some(place),
            path: format!("{path}{joint}{inner}"),
            problem: Problem::Rule(rule),
        }
    }
}

impl fmt::Display for PlanFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "line {}, column {}: ", place.line, place.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.problem)
    }
}

// The problem is printed as part of the error, so it is not its source as well.
impl std::error::Error for PlanFileError {}

impl Coded for PlanFileError {
    fn code(&self) -> &'static str {
        match &self.problem {
            Problem::NotYaml { .. } => "plan_file.not_yaml",
            Problem::UnknownKey { .. } => "plan_file.unknown_key",
            Problem::MissingKey { .. } => "plan_file.missing_key",
            Problem::WrongShape { .. } => "plan_file.wrong_shape",
            Problem::UnknownWord { .. } => "plan_file.unknown_word",
            Problem::UnknownSource { .. } => "plan_file.unknown_source",
            Problem::UnknownCouncil { .. } => "plan_file.unknown_council",
            Problem::Rule(rule) | Problem::InForce(rule) => rule.code(),
        }
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }
}
