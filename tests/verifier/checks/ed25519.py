# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Ed25519, strictly: the checks that the library does not make, and the library for the equation.

OpenSSL (behind `cryptography`) checks S < L and the equation without the cofactor, comparing the
encoding of R byte for byte. It takes keys and R of small order, and keys whose encoding is not
canonical. So here, in plain Python: S below the group order; the key and R are canonical encodings
(RFC 8032 §5.1.3: y below p, no negative zero) of points of the curve, not of small order. The key may
have a component of small order; the equation without the cofactor decides then, as in verify_strict.

Public values only: nothing here is constant-time.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checks.refusal import Refused

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
_SQRT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

# Extended coordinates of RFC 8032 §5.1.4: x = X/Z, y = Y/Z, xy = T/Z.
Point = tuple[int, int, int, int]


class NotAPoint(Exception):
    """The 32 bytes are not the canonical encoding of a point of the curve."""


def verify_strict(key: bytes, signature: bytes, message: bytes) -> None:
    """Refuses unless the 64-byte signature by a key without key_fault holds for the message."""
    if int.from_bytes(signature[32:], "little") >= L:
        raise Refused("verify.bad_signature", "S is not below the group order")
    try:
        point = decompress(signature[:32])
    except NotAPoint as error:
        raise Refused("verify.bad_signature", f"R {error}") from None
    if is_small_order(point):
        raise Refused("verify.bad_signature", "R is of small order")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("verify.bad_signature", f"does not hold for key {key.hex()}") from None


@lru_cache(maxsize=65536)
def key_fault(key: bytes) -> str | None:
    """ "invalid" or "weak" where the 32 bytes may not be a key."""
    try:
        point = decompress(key)
    except NotAPoint:
        return "invalid"
    return "weak" if is_small_order(point) else None


def decompress(encoded: bytes) -> Point:
    """The point of a canonical encoding (RFC 8032 §5.1.3)."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        raise NotAPoint("has a y coordinate of p or more")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * _SQRT_OF_MINUS_1 % P
    if v * x * x % P != u:
        raise NotAPoint("is not on the curve")
    if x == 0 and sign == 1:
        raise NotAPoint("has a negative zero as x coordinate")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(p: Point, q: Point) -> Point:
    """RFC 8032 §5.1.4; complete, so it doubles too."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_small_order(point: Point) -> bool:
    """Whether eight times the point is the neutral element."""
    for _ in range(3):
        point = add(point, point)
    x, y, z, _ = point
    return x % P == 0 and (y - z) % P == 0
