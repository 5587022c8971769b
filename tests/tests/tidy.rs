// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: the house rules that no compiler checks.

use std::fs;

use constancia_tests::sources::{list_files, root};

/// A longer file is two rooms.
const LINES_MAX: usize = 600;

#[test]
fn every_source_file_has_its_licence_its_header_and_one_room() {
    let files = list_files(".rs");
    assert!(files.len() > 50, "found {} source files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        if lines.next() != Some("// SPDX-License-Identifier: Apache-2.0 OR MIT") {
            wrong.push(format!("{}: first line is not the licence", path.display()));
        }
        if !lines.next().unwrap_or_default().starts_with("//! ") {
            wrong.push(format!("{}: no `//!` header", path.display()));
        }
        let count = text.lines().count();
        if count > LINES_MAX {
            wrong.push(format!("{}: {count} lines, at most {LINES_MAX}", path.display()));
        }
        if path.file_name().is_some_and(|name| {
            ["mod.rs", "utils.rs", "helpers.rs", "common.rs", "types.rs", "prelude.rs"]
                .iter()
                .any(|bad| name == *bad)
        }) {
            wrong.push(format!("{}: a name that says nothing", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = list_files(".md");
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        documents.push(root().join(name));
    }
    let mut broken = Vec::new();
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.starts_with("http") || file.is_empty();
            if !outside && !path.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
