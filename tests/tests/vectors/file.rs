// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The files of `tests/vectors/` as their README lays them out. Refuses a member that it does not
//! know, a type or format that it does not know, and a folder without files.

use std::collections::BTreeMap;
use std::fs;

use constancia_tests::sources::root;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A file.
pub enum Vector {
    Ledger(LedgerVector),
    Authority(CasesVector<HistoryCase>),
    Bundle(CasesVector<BundleCase>),
    ForkProof(CasesVector<ForkProofCase>),
    Frontier(CasesVector<FrontierCase>),
    Document(CasesVector<DocumentCase>),
    Log(CasesVector<LogCase>),
    Head(CasesVector<HeadCase>),
}

/// Entries and proofs, one after another into one replica.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerVector {
    #[serde(rename = "name")]
    _name: String,
    pub ledger_id: Value,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub expect: Expected,
}

/// What is held after all steps.
#[derive(Default, Deserialize)]
pub struct Expected {
    #[serde(default)]
    pub views: Vec<ViewStatement>,
    /// By name; which names there are, `held` knows.
    #[serde(flatten)]
    pub held: Map<String, Value>,
}

/// The documents of one view of the ledger.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewStatement {
    pub about: String,
    /// The frontier that the view is of, as text; else everything held.
    pub at: Option<String>,
    pub state_digest: Value,
    pub documents: BTreeMap<String, String>,
}

/// An entry or a fork proof.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub about: String,
    pub entry: Option<String>,
    pub fork_proof: Option<String>,
    pub refused: Option<Value>,
    #[serde(default)]
    pub may_not_decode: bool,
    pub outcome: Option<Value>,
    pub id: Option<Value>,
    pub fields: Option<Value>,
    pub ancestors: Option<Value>,
    // Null says that there is no payload.
    #[serde(default, deserialize_with = "present")]
    pub event: Option<Value>,
}

/// Cases, each for itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesVector<C> {
    #[serde(rename = "name")]
    _name: String,
    pub cases: Vec<C>,
}

/// A ledger whose members decide something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryCase {
    pub about: String,
    pub ledger_id: Value,
    pub steps: Vec<Step>,
    pub expect: Expected,
}

/// Whole files, one after another into one replica.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleCase {
    pub about: String,
    pub files: Vec<String>,
    #[serde(default)]
    pub refused: Vec<Value>,
    #[serde(default)]
    pub may_not_decode: bool,
    pub expect: Option<Map<String, Value>>,
}

/// A proof, judged alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForkProofCase {
    pub about: String,
    pub fork_proof: String,
    pub refused: Option<Value>,
    pub ledger_id: Option<Value>,
    pub key: Option<Value>,
    pub seq: Option<Value>,
}

/// A frontier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontierCase {
    pub about: String,
    pub frontier: String,
    pub refused: Option<Value>,
    pub root: Option<Value>,
}

/// Canonical JSON, or what is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCase {
    pub about: String,
    pub document: String,
    pub refused: Option<Value>,
    pub blake3: Option<Value>,
}

/// The files of a log folder, by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCase {
    pub about: String,
    pub files: BTreeMap<String, String>,
    pub refused: Option<Value>,
    pub records: Option<Value>,
    #[serde(default = "zero")]
    pub lost: Value,
    #[serde(default = "zero")]
    pub torn_bytes: Value,
    pub expect: Option<Map<String, Value>>,
}

/// A head file, and whose head is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadCase {
    pub about: String,
    pub file: String,
    pub ledger_id: String,
    pub key: String,
    pub refused: Option<Value>,
    pub seq: Option<Value>,
    pub id: Option<Value>,
}

impl Vector {
    /// The type's name, how many cases are good and how many bad.
    pub fn count(&self) -> (&'static str, usize, usize) {
        fn split(
            name: &'static str,
            bad: impl Iterator<Item = bool>,
        ) -> (&'static str, usize, usize) {
            let (bad, good): (Vec<bool>, Vec<bool>) = bad.partition(|bad| *bad);
            (name, good.len(), bad.len())
        }
        match self {
            Self::Ledger(file) => {
                split("ledger", file.steps.iter().map(|step| step.refused.is_some()))
            }
            Self::Authority(file) => {
                let is_refused = |step: &Step| step.refused.is_some();
                split("authority", file.cases.iter().map(|case| case.steps.iter().any(is_refused)))
            }
            Self::Bundle(file) => {
                split("bundle", file.cases.iter().map(|case| !case.refused.is_empty()))
            }
            Self::ForkProof(file) => {
                split("fork_proof", file.cases.iter().map(|case| case.refused.is_some()))
            }
            Self::Frontier(file) => {
                split("frontier", file.cases.iter().map(|case| case.refused.is_some()))
            }
            Self::Document(file) => {
                split("document", file.cases.iter().map(|case| case.refused.is_some()))
            }
            Self::Head(file) => split("head", file.cases.iter().map(|case| case.refused.is_some())),
            Self::Log(file) => split("log", file.cases.iter().map(|case| case.refused.is_some())),
        }
    }
}

/// Every file, by name.
pub fn read_folder() -> BTreeMap<String, Vector> {
    read_values()
        .into_iter()
        .map(|(name, value)| {
            let vector = parse(&name, value).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, vector)
        })
        .collect()
}

/// Every file as JSON, by name. A folder that is missing or empty is a failure.
pub fn read_values() -> BTreeMap<String, Value> {
    let folder = root().join("tests/vectors");
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "README.md" {
            continue;
        }
        let text = fs::read(&path).unwrap();
        let value = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        files.insert(name, value);
    }
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

/// Reads a file by its type.
pub fn parse(name: &str, mut value: Value) -> Result<Vector, String> {
    let members = value.as_object_mut().ok_or("expected an object")?;
    let format = members.remove("format");
    if format.as_ref().and_then(Value::as_str) != Some("constancia vectors v1") {
        return Err(format!("{name}: another format: {format:?}"));
    }
    let type_name = members.remove("type").unwrap_or_default();
    match type_name.as_str() {
        Some("ledger") => typed(value).map(Vector::Ledger),
        Some("authority") => typed(value).map(Vector::Authority),
        Some("bundle") => typed(value).map(Vector::Bundle),
        Some("fork_proof") => typed(value).map(Vector::ForkProof),
        Some("frontier") => typed(value).map(Vector::Frontier),
        Some("document") => typed(value).map(Vector::Document),
        Some("head") => typed(value).map(Vector::Head),
        Some("log") => typed(value).map(Vector::Log),
        _ => Err(format!("{name}: another type: {type_name}")),
    }
}

/// Where a file states a result, as JSON pointers, by kind of statement: of each the last.
pub fn statements(vector: &Value) -> BTreeMap<String, String> {
    const INPUT: &[&str] = &[
        "about",
        "entry",
        "fork_proof",
        "file",
        "files",
        "frontier",
        "document",
        "may_not_decode",
        "steps",
    ];
    // Of a head file: whose head is asked for.
    let asked: &[&str] = if vector["type"] == "head" { &["ledger_id", "key"] } else { &[] };
    let mut found = BTreeMap::new();
    for list in ["steps", "cases"] {
        for (index, one) in vector[list].as_array().into_iter().flatten().enumerate() {
            for name in one.as_object().unwrap().keys() {
                let base = format!("/{list}/{index}/{name}");
                if name == "expect" {
                    for inner in one[name].as_object().unwrap().keys() {
                        found.insert(format!("expect {inner}"), format!("{base}/{inner}"));
                    }
                } else if ![INPUT, asked].concat().contains(&name.as_str()) {
                    found.insert(name.clone(), base);
                }
            }
        }
    }
    for name in vector["expect"].as_object().into_iter().flat_map(Map::keys) {
        if name != "views" {
            found.insert(format!("whole {name}"), format!("/expect/{name}"));
        }
    }
    for (index, view) in vector["expect"]["views"].as_array().into_iter().flatten().enumerate() {
        let base = format!("/expect/views/{index}");
        found.insert("state_digest".to_owned(), format!("{base}/state_digest"));
        for name in view["documents"].as_object().unwrap().keys() {
            let pointer = format!("{base}/documents/{}", name.replace('/', "~1"));
            found.insert(format!("document {name}"), pointer);
        }
    }
    found
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn zero() -> Value {
    Value::from(0)
}

/// A member that is there, null too.
fn present<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(reader).map(Some)
}
