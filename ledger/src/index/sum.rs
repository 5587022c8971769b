// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What all rows are, in a few bytes that change with every row: how a row that is missing, or is not
//! the newest, is told.
//!
//! The exclusive or of a digest of each row, so that a write changes the sum by the rows that it
//! changes. It finds what a database loses or mixes up. It is no signature: whoever can write rows
//! can write their sum too, and the log is what proves anything.

use std::io::Write as _;

use blake3::{Hash, Hasher};

const BYTES: usize = 16;

/// The sum of all rows but `Meta`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsSum {
    /// Rows there are.
    pub count: u64,
    /// The digests of all of them, joined.
    pub(crate) joined: [u8; BYTES],
}

impl RowsSum {
    /// Adds a row.
    pub(crate) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.count = self.count.saturating_add(1);
        self.join(key, value);
    }

    /// Takes out a row that was added.
    pub(crate) fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.count = self.count.saturating_sub(1);
        self.join(key, value);
    }

    /// The sum of the rows of both.
    #[must_use]
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.count = self.count.saturating_add(other.count);
        for (joined, byte) in self.joined.iter_mut().zip(other.joined) {
            *joined ^= byte;
        }
        self
    }

    fn join(&mut self, key: &[u8], value: &[u8]) {
        let digest = hash_row(key, value);
        for (joined, byte) in self.joined.iter_mut().zip(digest.as_bytes()) {
            *joined ^= byte;
        }
    }
}

/// Bytes of a row that are put together on the stack: nearly all rows have fewer.
const SHORT_ROW_BYTES: usize = 256;

fn hash_row(key: &[u8], value: &[u8]) -> Hash {
    // Keys are short, so their length is a byte's worth: where key ends and value begins counts.
    let key_len = u64::try_from(key.len()).unwrap_or(u64::MAX).to_be_bytes();
    let mut short = [0; SHORT_ROW_BYTES];
    let mut rest = &mut short[..];
    let fits = [&key_len, key, value].iter().all(|part| rest.write_all(part).is_ok());
    let room = rest.len();
    match short.get(..SHORT_ROW_BYTES.saturating_sub(room)).filter(|_| fits) {
        // What is hashed in one go needs no hasher, which is larger than most rows.
        Some(row) => blake3::hash(row),
        None => Hasher::new().update(&key_len).update(key).update(value).finalize(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[(&str, &str)]) -> RowsSum {
        let mut sum = RowsSum::default();
        for (key, value) in rows {
            sum.add(key.as_bytes(), value.as_bytes());
        }
        sum
    }

    #[test]
    fn the_sum_depends_on_every_row_and_on_no_order() {
        let whole = sum(&[("a", "1"), ("b", "2")]);
        assert_eq!(sum(&[("b", "2"), ("a", "1")]), whole);
        for other in
            [sum(&[("a", "1")]), sum(&[("a", "2"), ("b", "2")]), sum(&[("a", "1"), ("b2", "")])]
        {
            assert_ne!(other, whole);
        }
        // On both sides of what is put together on the stack, where a row ends counts.
        let long = |value: usize, key: usize| sum(&[(&"k".repeat(key), &"k".repeat(value))]);
        for bytes in SHORT_ROW_BYTES - 12..SHORT_ROW_BYTES + 3 {
            assert_ne!(long(bytes, 1), long(bytes - 1, 2));
            assert_ne!(long(bytes, 1), long(bytes + 1, 1));
        }
        let mut changed = whole;
        changed.add(b"c", b"3");
        changed.remove(b"a", b"1");
        assert_eq!(changed, sum(&[("c", "3"), ("b", "2")]));
    }
}
