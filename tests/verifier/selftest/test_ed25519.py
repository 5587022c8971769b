# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The strict checks: RFC 8032 vectors, every point of small order, and what the library alone would take."""

from __future__ import annotations

import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checks import ed25519
from checks.refusal import Refused
from selftest.building import (
    BASE,
    SMALL_ORDER,
    ScalarAuthor,
    challenge,
    compress,
    multiply,
    noncanonical_point,
    not_on_curve,
    order_eight,
)

# RFC 8032 §7.1, tests 1 to 3: key, message, signature.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


class Keys(unittest.TestCase):
    def test_all_eight_points_of_small_order_are_weak(self) -> None:
        encodings = {compress(multiply(factor, order_eight())) for factor in range(8)}
        self.assertEqual(len(encodings), 8)
        for encoded in encodings:
            self.assertEqual(ed25519.key_fault(encoded), "weak")

    def test_encodings_that_are_not_canonical_are_no_keys(self) -> None:
        p = ed25519.P
        for number in (p, p + 1, 2**255 - 1, 1 | 1 << 255, p - 1 | 1 << 255, (p + 1) | 1 << 255):
            self.assertEqual(ed25519.key_fault(number.to_bytes(32, "little")), "invalid", hex(number))
        self.assertEqual(ed25519.key_fault(noncanonical_point()), "invalid")

    def test_a_y_without_x_is_no_key(self) -> None:
        self.assertEqual(ed25519.key_fault(not_on_curve()), "invalid")

    def test_a_key_with_a_component_of_small_order_is_a_key(self) -> None:
        self.assertIsNone(ed25519.key_fault(ScalarAuthor("a", "b", torsion=True).key))

    def test_the_base_point_has_the_group_order(self) -> None:
        self.assertEqual(compress(multiply(ed25519.L, BASE)), SMALL_ORDER)
        self.assertNotEqual(compress(multiply(ed25519.L - 1, BASE)), SMALL_ORDER)


class Signatures(unittest.TestCase):
    def test_the_rfc_8032_vectors_hold(self) -> None:
        for key, message, signature in RFC_8032:
            ed25519.verify_strict(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message))

    def test_every_flipped_bit_is_refused(self) -> None:
        key, message, signature = (bytes.fromhex(text) for text in RFC_8032[2])
        for bit in range(512):
            changed = bytearray(signature)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused):
                ed25519.verify_strict(key, bytes(changed), message)

    def test_the_library_alone_takes_an_r_of_small_order(self) -> None:
        """So the check here is needed."""
        author = ScalarAuthor("a", "b")
        signature = author.sign_with_r(b"m", SMALL_ORDER)
        Ed25519PublicKey.from_public_bytes(author.key).verify(signature, b"m")
        with self.assertRaisesRegex(Refused, "R is of small order"):
            ed25519.verify_strict(author.key, signature, b"m")

    def test_the_library_alone_takes_a_key_of_small_order(self) -> None:
        """Key and R neutral, S zero: holds for every message."""
        signature = SMALL_ORDER + bytes(32)
        Ed25519PublicKey.from_public_bytes(SMALL_ORDER).verify(signature, b"anything")
        with self.assertRaises(Refused):
            ed25519.verify_strict(SMALL_ORDER, signature, b"anything")

    def test_the_equation_has_no_cofactor(self) -> None:
        for holds in (True, False):
            author = ScalarAuthor("a", "b", torsion=True, holds=holds)
            signature = author.sign(b"m")
            self.assertTrue(_holds(author.key, signature, b"m", 8))
            self.assertEqual(_holds(author.key, signature, b"m", 1), holds)
            try:
                ed25519.verify_strict(author.key, signature, b"m")
                found = True
            except Refused:
                found = False
            self.assertEqual(found, holds)

    def test_s_plus_the_group_order_is_refused(self) -> None:
        key, message, signature = (bytes.fromhex(text) for text in RFC_8032[1])
        s = int.from_bytes(signature[32:], "little") + ed25519.L
        changed = signature[:32] + s.to_bytes(32, "little")
        self.assertTrue(_holds(key, changed, message, 1))
        with self.assertRaisesRegex(Refused, "S is not below"):
            ed25519.verify_strict(key, changed, message)

    def test_the_library_agrees_with_plain_arithmetic(self) -> None:
        author = ScalarAuthor("c", "d")
        for number in range(8):
            message = bytes([number])
            signature = author.sign_from(message, number + 1)
            wrong = signature[:40] + bytes([signature[40] ^ number]) + signature[41:]
            self.assertEqual(_holds(author.key, wrong, message, 1), _library(author.key, wrong, message))


def _holds(key: bytes, signature: bytes, message: bytes, cofactor: int) -> bool:
    """cofactor·S·B = cofactor·(R + k·A), in plain arithmetic."""
    k = challenge(signature[:32], key, message)
    s = int.from_bytes(signature[32:], "little")
    right = ed25519.add(ed25519.decompress(signature[:32]), multiply(k, ed25519.decompress(key)))
    return compress(multiply(cofactor * s, BASE)) == compress(multiply(cofactor, right))


def _library(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


if __name__ == "__main__":
    unittest.main()
