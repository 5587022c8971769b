// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: every error code that the programs can give is explained in `docs/errors.md`, and nothing
//! else is.
//!
//! Method: codes are the string literals of the form `word.word` inside functions named `code`,
//! and of public constants.

use std::collections::BTreeSet;
use std::fs;

use constancia_tests::sources::{list_files, root};

fn is_code(text: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    matches!(text.split('.').collect::<Vec<_>>().as_slice(), [step, rule] if word(step) && word(rule))
}

/// The body of each function named `code`, from its signature to the closing brace at its indent.
fn bodies_of_code(text: &str) -> Vec<String> {
    let mut bodies = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let signature = line.trim_start();
        if !(signature.contains("fn code(") && signature.ends_with('{')) {
            continue;
        }
        let indent = line.len() - signature.len();
        let body: Vec<&str> = lines[start + 1..]
            .iter()
            .take_while(|line| **line != format!("{}}}", " ".repeat(indent)))
            .copied()
            .collect();
        bodies.push(body.join("\n"));
    }
    bodies
}

#[test]
fn the_documented_codes_are_the_codes_in_the_source() {
    let mut in_source = BTreeSet::new();
    for path in list_files(".rs") {
        let text = fs::read_to_string(&path).unwrap();
        // A code that comes from no error of ours is a constant.
        let constants = text.lines().filter(|line| line.starts_with("pub const "));
        for body in bodies_of_code(&text).into_iter().chain(constants.map(str::to_owned)) {
            in_source.extend(
                body.split('"').skip(1).step_by(2).filter(|text| is_code(text)).map(str::to_owned),
            );
        }
    }
    assert!(in_source.len() > 50, "found {} codes", in_source.len());
    let document = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let documented: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = in_source.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&in_source).collect();
    assert!(missing.is_empty() && stale.is_empty(), "missing {missing:?}\nstale {stale:?}");
}
