// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rows that are read together, on memory that is used again for those that follow: whoever goes
//! through an index of millions asks for none for each.

/// Rows, in the order in which they were put in.
#[derive(Clone, Debug, Default)]
pub struct RowPage {
    /// Key, value, key, value.
    bytes: Vec<u8>,
    /// Where the key and the value of each row end.
    ends: Vec<(usize, usize)>,
}

impl RowPage {
    /// Takes all rows out.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Puts a row behind the others.
    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push((key_end, self.bytes.len()));
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Key and value of each.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut begin = 0;
        self.ends.iter().map(move |(key_end, end)| {
            let key = self.bytes.get(begin..*key_end).unwrap_or_default();
            begin = *end;
            (key, self.bytes.get(*key_end..*end).unwrap_or_default())
        })
    }

    /// The key of the last.
    pub fn last_key(&self) -> Option<&[u8]> {
        let (key_end, _) = self.ends.last()?;
        let before = self.ends.len().checked_sub(2).and_then(|before| self.ends.get(before));
        self.bytes.get(before.map_or(0, |(_, end)| *end)..*key_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_in_its_order() {
        let mut page = RowPage::default();
        for _ in 0..2 {
            page.clear();
            assert_eq!((page.is_empty(), page.last_key()), (true, None));
            for (key, value) in [("a", "one"), ("", ""), ("b", "")] {
                page.push(key.as_bytes(), value.as_bytes());
                assert_eq!(page.last_key(), Some(key.as_bytes()));
            }
            let rows: Vec<_> = page.rows().collect();
            assert_eq!(rows, [(&b"a"[..], &b"one"[..]), (b"", b""), (b"b", b"")]);
            assert_eq!(page.len(), 3);
        }
    }
}
