// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A folder copied whole, as a backup is.

use std::fs;
use std::path::Path;

/// Copies a folder with everything in it; what stands in the target stays or is overwritten.
///
/// # Panics
/// Where the disk refuses.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
