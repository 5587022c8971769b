// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Constancia against its limits, each a ratio of two things measured in turns within this run.
//!
//! `cargo bench -p constancia-bench --bench limits` runs everything; names behind `--` choose
//! (`-- verify sync`), `small` makes everything a tenth as large. Nothing here fails: what misses a
//! limit is printed as missed. What it means and what came out stands in `docs/performance.md`.

mod append;
mod disk;
mod opening;
mod peers;
mod sheet;
mod sync;
mod verify;

use std::path::Path;

use constancia_bench::ground::{describe_machine, is_in_memory};
use sheet::Sheet;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Everything is divided by this.
    divisor: usize,
    /// Turns of each comparison.
    turns: usize,
}

impl Size {
    fn of(self, whole: usize) -> usize {
        whole / self.divisor
    }
}

type Measurement = fn(&Path, Size, &mut Sheet);

const MEASUREMENTS: [(&str, Measurement); 8] = [
    ("verify", verify::measure),
    ("append", append::measure_single),
    ("writers", append::measure_writers),
    ("sync", sync::measure),
    ("disk", disk::measure),
    ("reopen", opening::measure_reopening),
    ("replay", opening::measure_replay),
    ("peers", peers::measure),
];

fn main() {
    // The folder is on the disk that the build is on.
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let chosen: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let size = if chosen.iter().any(|word| word == "small") {
        Size { divisor: 10, turns: 3 }
    } else {
        Size { divisor: 1, turns: 5 }
    };
    let names: Vec<&String> = chosen.iter().filter(|word| *word != "small").collect();
    let mut sheet = Sheet::new();
    sheet.say(&describe_machine(root));
    if is_in_memory(root) {
        sheet.say("This folder is in memory: nothing durable can be measured in it.");
    }
    for (name, measure) in MEASUREMENTS {
        if names.is_empty() || names.iter().any(|chosen| *chosen == name) {
            measure(root, size, &mut sheet);
        }
    }
    sheet.say(&describe_machine(root));
    sheet.print();
}
