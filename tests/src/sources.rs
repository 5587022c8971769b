// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The project's own files, for tests about the project.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of our own with this ending, below the crates and the documentation, sorted.
pub fn list_files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["proto", "ledger", "node", "cli", "tests", "docs"] {
        walk(&root().join(folder), ending, &mut found);
    }
    found.sort();
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            // Not ours: what builds and environments leave.
            if !name.starts_with('.') && name != "target" {
                walk(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}
