// SPDX-License-Identifier: Apache-2.0 OR MIT
//! BLAKE3 in key-derivation mode for purposes that every entry needs several times: the key that
//! follows from a context is computed once.

use std::sync::LazyLock;

use blake3::Hasher;
use blake3::hazmat::{ContextKey, HasherExt as _, hash_derive_key_context};

/// A context, and the key that follows from it.
pub(crate) type Context = LazyLock<ContextKey>;

/// The key of a context.
pub(crate) fn derive_context(context: &str) -> ContextKey {
    hash_derive_key_context(context)
}

/// The digest of these bytes, one part after another, for this purpose.
pub(crate) fn derive(context: &Context, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::new_from_context_key(context);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_key_derivation_mode() {
        let context = Context::new(|| derive_context("constancia test"));
        let expected = blake3::derive_key("constancia test", b"one two");
        assert_eq!(derive(&context, &[b"one", b" ", b"two"]), expected);
    }
}
