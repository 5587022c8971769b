// SPDX-License-Identifier: Apache-2.0 OR MIT
//! States compared, so that a test that fails says where.

use constancia_ledger::state::State;

/// What differs between two states, for people.
pub fn differences(one: &State, other: &State) -> Vec<String> {
    let pairs = one.documents().zip(other.documents());
    pairs
        .filter(|(one, other)| one != other)
        .map(|((name, one), (_, other))| format!("{name}\n{one:?}\n{other:?}"))
        .collect()
}
