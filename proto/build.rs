// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Compiles every file in `proto/constancia/v1` with protox, so no `protoc` is needed.
//!
//! Messages are always generated; the tonic client and server only with the feature `grpc`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message as _;

/// The root that `import` lines in the `.proto` files are relative to.
const IMPORT_ROOT: &str = "proto";
/// The one package there is.
const PACKAGE_DIR: &str = "proto/constancia/v1";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={IMPORT_ROOT}");

    let descriptors = protox::compile(list_proto_files()?, [IMPORT_ROOT])?;

    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out_dir.join("descriptors.bin"), descriptors.encode_to_vec())?;

    let with_grpc = env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .bytes(".")
        // A hash map's order would differ from run to run.
        .btree_map(".")
        .build_client(with_grpc)
        .build_server(with_grpc)
        .compile_fds(descriptors)?;
    Ok(())
}

/// Every `.proto` file of the package, sorted so that the descriptor set is the same everywhere.
fn list_proto_files() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(PACKAGE_DIR))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
