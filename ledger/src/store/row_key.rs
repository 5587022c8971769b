// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The key of a row, without memory of its own: keys are made and compared dozens of times for each
//! entry, and to follow a pointer to each would cost more than to compare them.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use super::StoreError;

/// Bytes of a key, at most. The longest of the index is that of a slot: 45.
pub const ROW_KEY_BYTES_MAX: usize = 47;

/// Up to [`ROW_KEY_BYTES_MAX`] bytes, in the order of byte strings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RowKey {
    /// The key, zeros up to the last byte, and there how many of them are the key: in the order of
    /// these bytes a key stands before those that go on where it ends.
    bytes: [u8; ROW_KEY_BYTES_MAX + 1],
}

impl RowKey {
    /// These bytes, one part after another; none where they are more than a key may have.
    pub fn of(parts: &[&[u8]]) -> Option<Self> {
        let mut bytes = [0; ROW_KEY_BYTES_MAX + 1];
        let mut len: usize = 0;
        for part in parts {
            let end = len.checked_add(part.len()).filter(|end| *end <= ROW_KEY_BYTES_MAX)?;
            bytes.get_mut(len..end)?.copy_from_slice(part);
            len = end;
        }
        *bytes.last_mut()? = u8::try_from(len).ok()?;
        Some(Self { bytes })
    }

    fn words(&self) -> impl Iterator<Item = u64> {
        let (words, _) = self.bytes.as_chunks();
        words.iter().map(|word| u64::from_be_bytes(*word))
    }
}

impl TryFrom<&[u8]> for RowKey {
    type Error = StoreError;

    fn try_from(key: &[u8]) -> Result<Self, StoreError> {
        Self::of(&[key]).ok_or_else(|| StoreError::Index {
            reason: format!("a key of {} bytes, at most {ROW_KEY_BYTES_MAX} expected", key.len()),
        })
    }
}

impl Deref for RowKey {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let len = self.bytes.last().copied().map_or(0, usize::from);
        self.bytes.get(..len).unwrap_or_default()
    }
}

impl Borrow<[u8]> for RowKey {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl Ord for RowKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.words().cmp(other.words())
    }
}

impl PartialOrd for RowKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_stand_in_the_order_of_their_bytes(
            one in prop::collection::vec(0..3_u8, 0..=ROW_KEY_BYTES_MAX),
            same in 0..=ROW_KEY_BYTES_MAX,
            rest in prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..4),
        ) {
            let mut other = [&one[..same.min(one.len())], &rest].concat();
            other.truncate(ROW_KEY_BYTES_MAX);
            let keys = [&one, &other].map(|bytes| RowKey::try_from(&**bytes).unwrap());
            prop_assert_eq!(keys[0].cmp(&keys[1]), one.cmp(&other));
            prop_assert_eq!(keys[0] == keys[1], one == other);
            prop_assert_eq!(&*keys[0], &*one);
        }
    }

    #[test]
    fn a_key_that_is_too_long_is_refused() {
        assert!(RowKey::try_from(&[0; ROW_KEY_BYTES_MAX][..]).is_ok());
        assert!(RowKey::try_from(&[0; ROW_KEY_BYTES_MAX + 1][..]).is_err());
        assert_eq!(RowKey::of(&[&[1; 40], &[2; 8]]), None);
    }
}
