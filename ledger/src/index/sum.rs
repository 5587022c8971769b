// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What all rows are, in a few bytes that change with every row: how a row that is missing, or is not
//! the newest, is told.
//!
//! The exclusive or of a digest of each row, so that a write changes the sum by the rows that it
//! changes. It finds what a database loses or mixes up. It is no signature: whoever can write rows
//! can write their sum too, and the log is what proves anything.

use blake3::Hasher;

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
        let mut hasher = Hasher::new();
        // Keys are short, so their length is a byte's worth: where key ends and value begins counts.
        hasher.update(&u64::try_from(key.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(key).update(value);
        let digest = hasher.finalize();
        for (joined, byte) in self.joined.iter_mut().zip(digest.as_bytes()) {
            *joined ^= byte;
        }
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
        let mut changed = whole;
        changed.add(b"c", b"3");
        changed.remove(b"a", b"1");
        assert_eq!(changed, sum(&[("c", "3"), ("b", "2")]));
    }
}
