// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A value of the file with its path, and the strict ways to take it apart.

use std::str::FromStr;

use constancia_ledger::event::{BrokenRule, EventError};

use super::error::{PlanFileError, Problem};
use super::node::{Content, Node};

/// The word for "a source says that there is none".
const NONE: &str = "none";

/// What reading returns.
pub(super) type Read<T> = Result<T, PlanFileError>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Value<'a> {
    node: &'a Node,
    path: String,
}

/// A map of which every key is known.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    value: Value<'a>,
    entries: &'a [(String, Node)],
}

impl<'a> Value<'a> {
    /// The whole file.
    pub(super) const fn root(node: &'a Node) -> Self {
        Self { node, path: String::new() }
    }

    /// An error here.
    pub(super) fn error(&self, problem: Problem) -> PlanFileError {
        PlanFileError::new(Some(self.node.place), &self.path, problem)
    }

    /// An error of the ledger's rules here.
    pub(super) fn rule(&self, error: EventError) -> PlanFileError {
        let EventError { path, rule } = error;
        // A name stands in the file without the message around it.
        let inner = path.strip_prefix("name.").unwrap_or(&path);
        PlanFileError::rule(self.node.descend(inner).place, &self.path, inner, rule)
    }

    /// An error of the ledger's rules in what the file leaves out here, at `path` from the file's root.
    pub(super) fn rule_in_force(&self, path: &str, rule: BrokenRule) -> PlanFileError {
        PlanFileError::new(Some(self.node.place), path, Problem::InForce(rule))
    }

    fn wrong_shape(&self, expected: &'static str) -> PlanFileError {
        let found = match &self.node.content {
            Content::Scalar(text) => format!("{text:?}"),
            content @ (Content::Nothing | Content::List(_) | Content::Map(_)) => {
                content.noun().to_owned()
            }
        };
        self.error(Problem::WrongShape { expected, found })
    }

    /// Whether it is a map.
    pub(super) const fn is_map(&self) -> bool {
        matches!(self.node.content, Content::Map(_))
    }

    /// Whether it is `null`, or a key without a value.
    pub(super) const fn is_nothing(&self) -> bool {
        matches!(self.node.content, Content::Nothing)
    }

    /// Whether it is the word `none`.
    pub(super) fn is_none(&self) -> bool {
        matches!(&self.node.content, Content::Scalar(text) if text == NONE)
    }

    /// The map with these keys and no other.
    pub(super) fn fields(&self, allowed: &'static [&'static str]) -> Read<Fields<'a>> {
        let fields = self.any_fields()?;
        for (key, node) in fields.entries {
            if !allowed.contains(&key.as_str()) {
                let problem = Problem::UnknownKey { found: key.clone(), allowed };
                return Err(PlanFileError::new(Some(node.place), &self.path, problem));
            }
        }
        Ok(fields)
    }

    /// The map, whatever its keys.
    pub(super) fn any_fields(&self) -> Read<Fields<'a>> {
        match &self.node.content {
            Content::Map(entries) => Ok(Fields { value: self.clone(), entries }),
            Content::Nothing | Content::Scalar(_) | Content::List(_) => {
                Err(self.wrong_shape("a map of keys and values"))
            }
        }
    }

    /// The items of the list.
    pub(super) fn items(&self) -> Read<Vec<Self>> {
        match &self.node.content {
            Content::List(nodes) => Ok(nodes
                .iter()
                .enumerate()
                .map(|(index, node)| Self { node, path: format!("{}[{index}]", self.path) })
                .collect()),
            Content::Nothing | Content::Scalar(_) | Content::Map(_) => {
                Err(self.wrong_shape("a list"))
            }
        }
    }

    /// The text: never empty.
    pub(super) fn text(&self) -> Read<String> {
        match &self.node.content {
            Content::Scalar(text) if !text.is_empty() => Ok(text.clone()),
            Content::Scalar(_) | Content::Nothing | Content::List(_) | Content::Map(_) => {
                Err(self.wrong_shape("a text"))
            }
        }
    }

    /// The texts of the list, sorted: the ledger wants its lists of names ascending.
    pub(super) fn sorted_texts(&self) -> Read<Vec<String>> {
        let mut texts = self.items()?.iter().map(Self::text).collect::<Read<Vec<_>>>()?;
        texts.sort_unstable();
        Ok(texts)
    }

    /// A whole number.
    pub(super) fn number<N: FromStr>(&self) -> Read<N> {
        match self.text()?.parse() {
            Ok(number) => Ok(number),
            Err(_not_a_number) => Err(self.wrong_shape("a whole number")),
        }
    }

    /// `true` or `false`.
    pub(super) fn truth(&self) -> Read<bool> {
        match self.text()?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.wrong_shape("true or false")),
        }
    }

    /// The number in the schema of one of the words in `choices`.
    pub(super) fn choice<T: Copy>(
        &self,
        choices: &'static [T],
        word: impl Fn(T) -> &'static str,
    ) -> Read<T> {
        let found = self.text()?;
        choices.iter().copied().find(|choice| word(*choice) == found).ok_or_else(|| {
            let allowed = choices.iter().map(|choice| word(*choice)).collect();
            self.error(Problem::UnknownWord { found, allowed })
        })
    }

    /// Returns `raw` if the ledger's rules accept it.
    pub(super) fn checked<R, T>(&self, raw: R) -> Read<R>
    where
        R: Clone,
        T: TryFrom<R, Error = EventError>,
    {
        match T::try_from(raw.clone()) {
            Ok(_) => Ok(raw),
            Err(error) => Err(self.rule(error)),
        }
    }
}

impl<'a> Fields<'a> {
    /// The map itself.
    pub(super) const fn value(&self) -> &Value<'a> {
        &self.value
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.entries.iter().map(|(key, node)| (key.as_str(), self.child(key, node)))
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let (key, node) = self.entries.iter().find(|(found, _)| found == key)?;
        Some(self.child(key, node))
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &'static str) -> Read<Value<'a>> {
        self.get(key).ok_or_else(|| self.value.error(Problem::MissingKey { key }))
    }

    /// The items of a list, none where the key is absent.
    pub(super) fn items(&self, key: &str) -> Read<Vec<Value<'a>>> {
        self.get(key).map_or_else(|| Ok(Vec::new()), |value| value.items())
    }

    /// The text of a key that must be there.
    pub(super) fn text(&self, key: &'static str) -> Read<String> {
        self.need(key)?.text()
    }

    /// The text of a key, empty where it is absent, as the schema has it.
    pub(super) fn text_or_empty(&self, key: &str) -> Read<String> {
        self.get(key).map_or_else(|| Ok(String::new()), |value| value.text())
    }

    /// What `read` makes of a key's value, if it is there.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Value<'a>) -> Read<T>,
    ) -> Read<Option<T>> {
        self.get(key).as_ref().map(read).transpose()
    }

    fn child(&self, key: &str, node: &'a Node) -> Value<'a> {
        let joint = if self.value.path.is_empty() { "" } else { "." };
        Value { node, path: format!("{}{joint}{key}", self.value.path) }
    }
}
