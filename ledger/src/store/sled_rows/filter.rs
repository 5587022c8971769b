// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether a key may be among those of a run: "no" is certain, "yes" is wrong one time in a hundred
//! (a Bloom filter). Most keys that are asked for are those of new entries, which are in no run.

/// Bits for each key, and how many of them it sets: one wrong "yes" in about a hundred.
const BITS_PER_KEY: u64 = 10;
const PROBES: u64 = 7;

/// What filters know a key by: computed once for all that are asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyHash(u64);

impl KeyHash {
    pub(super) fn of(key: &[u8]) -> Self {
        Self(mix(key))
    }
}

/// A filter over the keys of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    bits: Vec<u8>,
}

impl Filter {
    /// Room for so many keys.
    pub(super) fn with_room(keys: u64) -> Self {
        let bytes = keys.saturating_mul(BITS_PER_KEY).div_ceil(8).max(8);
        Self { bits: vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)] }
    }

    /// A filter as it was kept.
    pub(super) const fn from_bytes(bits: Vec<u8>) -> Self {
        Self { bits }
    }

    /// To be kept.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bits
    }

    pub(super) fn insert(&mut self, key: KeyHash) {
        for (byte, mask) in probe(key, self.bits.len()) {
            if let Some(byte) = self.bits.get_mut(byte) {
                *byte |= mask;
            }
        }
    }

    pub(super) fn may_contain(&self, key: KeyHash) -> bool {
        probe(key, self.bits.len())
            .all(|(byte, mask)| self.bits.get(byte).is_some_and(|byte| byte & mask != 0))
    }
}

/// The bits of a key: byte and mask.
fn probe(KeyHash(hash): KeyHash, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(8).max(1);
    // Odd, so that the steps do not fall together.
    let step = hash.rotate_left(32) | 1;
    (0..PROBES).map(move |turn| {
        // The high half of the product: as even as a remainder, and no division.
        let hash = u128::from(hash.wrapping_add(step.wrapping_mul(turn)));
        let product = hash.wrapping_mul(u128::from(bits));
        let bit = product >> 64;
        let mask = 1_u8.rotate_left(u32::try_from(bit % 8).unwrap_or(0));
        (usize::try_from(bit / 8).unwrap_or(usize::MAX), mask)
    })
}

/// A hash that is the same on every machine and in every release, for a filter is kept on disk. It
/// need not resist anybody: keys that fall together cost time and nothing else.
fn mix(key: &[u8]) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for chunk in key.chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        hash = (hash ^ u64::from_be_bytes(word)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 33;
    }
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_never_denied_and_little_else_is_taken_for_it() {
        let mut filter = Filter::with_room(10_000);
        for n in 0..10_000_u32 {
            filter.insert(KeyHash::of(&[b"e", &n.to_be_bytes()[..]].concat()));
        }
        let filter = Filter::from_bytes(filter.as_bytes().to_vec());
        let mut wrong = 0;
        for n in 0..20_000_u32 {
            let found = filter.may_contain(KeyHash::of(&[b"e", &n.to_be_bytes()[..]].concat()));
            assert!(found || n >= 10_000);
            wrong += u32::from(found && n >= 10_000);
        }
        assert!(wrong < 200, "{wrong} of 10000");
    }
}
