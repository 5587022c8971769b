# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Builds entries, proofs and bundles, good ones and broken ones, from fixed seeds: the same bytes every time.

Signs whatever it is told to sign and refuses nothing; what it builds is for checks/ to judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checks import digest, ed25519, wire
from checks.bundle import FIRST_LINE
from checks.entry import FACT, GOVERNANCE, SIGNATURE_DOMAIN, entry_id
from checks.schema import load

Message = dict[str, Any]
START_MS = 1_767_225_600_000
DAY_MS = 86_400_000


class Author:
    """A key made from a name, and where its feed stands."""

    def __init__(self, name: str, member: str, scope: int = 1) -> None:
        self.name = name
        self.member = member
        self.scope = scope
        self._private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.key = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


class ScalarAuthor(Author):
    """A key whose scalar is at hand, for signatures that no library makes.

    With torsion the key is aB + T with T of order 8: allowed, and where verifiers with and without the
    cofactor part. `holds` says whether its signatures hold without; with the cofactor all of them do.
    """

    def __init__(self, name: str, member: str, torsion: bool = False, holds: bool = True) -> None:
        super().__init__(name, member)
        self._torsion = torsion
        self._holds = holds
        self._scalar = int.from_bytes(hashlib.sha512(name.encode()).digest(), "little") % ed25519.L
        point = multiply(self._scalar, BASE)
        self.key = compress(ed25519.add(point, order_eight()) if torsion else point)

    def sign(self, message: bytes) -> bytes:
        return self.sign_from(message, 1)

    def sign_from(self, message: bytes, nonce: int) -> bytes:
        while True:
            r = compress(multiply(nonce, BASE))
            k = challenge(r, self.key, message)
            if not self._torsion or (k % 8 == 0) == self._holds:
                return r + scalar(nonce + k * self._scalar)
            nonce += 1

    def sign_with_r(self, message: bytes, r: bytes) -> bytes:
        """Holds by the equation where r encodes the neutral element."""
        return r + scalar(challenge(r, self.key, message) * self._scalar)


@dataclass(frozen=True)
class Built:
    id: bytes
    header: Message
    header_bytes: bytes
    signature: bytes
    payload: bytes | None
    salt: bytes | None

    @property
    def message(self) -> Message:
        return {"header": self.header_bytes, "signature": self.signature, "payload": self.payload, "salt": self.salt}

    @property
    def signed_entry(self) -> bytes:
        return wire.encode(load(), "SignedEntry", self.message)

    def signed(self, ledger_id: bytes) -> bytes:
        """What the signature is over."""
        return SIGNATURE_DOMAIN + ledger_id + self.header_bytes

    def without_payload(self) -> Built:
        return replace(self, payload=None, salt=None)

    def with_signature(self, signature: bytes) -> Built:
        return replace(self, signature=signature)


class Scene:
    """A ledger in the making."""

    def __init__(
        self, founder: Author, others: list[Author], charter: Message | None = None, at_ms: int = START_MS
    ) -> None:
        authors = [founder, *others]
        body = charter if charter is not None else charter_body("Testigo", authors)
        self.heights: dict[bytes, int] = {}
        self.heads: dict[bytes, Built] = {}
        self.ledger_id = b""
        self.entries: list[Built] = []
        self.charter = self.add(self.build(founder, {"charter": body}, kind=GOVERNANCE, at_ms=at_ms))
        self.ledger_id = self.charter.id

    def build(
        self,
        author: Author,
        event: Message | bytes,
        kind: int = FACT,
        seen: tuple[Built, ...] = (),
        prev: Built | None = None,
        at_ms: int | None = None,
        payload: bool = True,
        salt: bytes | None = None,
        header: Message | None = None,
        raw: Callable[[bytes], bytes] = lambda data: data,
        ledger_id: bytes | None = None,
    ) -> Built:
        """An entry at the author's head, or after prev. `header` overrides fields, `raw` the bytes, before signing."""
        body = event if isinstance(event, bytes) else wire.encode(load(), "Event", event)
        before = prev or self.heads.get(author.key)
        parents = [before.id if before else self.ledger_id, *(one.id for one in seen)]
        salt = salt if salt is not None else hashlib.sha256(body + author.key + parents[0]).digest()[:16]
        fields: Message = {
            "version": 1,
            "author": author.key,
            "seq": before.header["seq"] + 1 if before else 0,
            "prev": parents[0],
            "seen": sorted(one.id for one in seen),
            "height": 1 + max(self.heights.get(parent, 0) for parent in parents) if parents[0] else 0,
            "claimed_at_ms": at_ms
            if at_ms is not None
            else before.header["claimed_at_ms"] + 1000
            if before
            else START_MS,
            "payload_hash": digest.derive(digest.PAYLOAD, salt + body),
            "payload_len": len(body),
            "kind": kind,
        }
        fields.update(header or {})
        header_bytes = raw(wire.encode(load(), "Header", fields))
        one = entry_id(header_bytes)
        domain = ledger_id if ledger_id is not None else self.ledger_id or one
        signature = author.sign(SIGNATURE_DOMAIN + domain + header_bytes)
        return Built(one, fields, header_bytes, signature, body if payload else None, salt if payload else None)

    def add(self, built: Built, is_head: bool = True) -> Built:
        self.entries.append(built)
        self.heights[built.id] = built.header["height"]
        if is_head:
            self.heads[built.header["author"]] = built
        return built

    def replace(self, built: Built) -> Built:
        """Another copy of the last entry."""
        self.entries[-1] = built
        self.heads[built.header["author"]] = built
        return built

    def append(self, author: Author, event: Message | bytes, **options: Any) -> Built:
        return self.add(self.build(author, event, **options))


def charter_body(name: str, authors: list[Author], **changes: Any) -> Message:
    members = sorted({author.member for author in authors})
    body: Message = {
        "name": name,
        "members": [{"slug": slug, "class": 1, "name": {"es": slug, "en": slug}} for slug in members],
        "keys": [
            {"key": author.key, "member": author.member, "scope": author.scope, "office": author.name}
            for author in sorted(authors, key=lambda one: one.key)
        ],
        "plan": {"id": "plan", "title": {"es": name, "en": name}, "source": {"kind": 2}},
        "rules": {"rules_version": 1, "council": members, "quorum": len(members), "source": {"kind": 2}},
    }
    return {**body, **changes}


def report(value: str, indicator: str = "1.1.1", period: str = "2025") -> Message:
    return {
        "report": {
            "indicator": indicator,
            "period": {"text": period},
            "observations": [{"key": {}, "value": {"text": value}, "status": 1}],
            "unit_multiplier": -3,
        }
    }


def acknowledge() -> Message:
    return {"acknowledge": {}}


def fork_proof(ledger_id: bytes, one: Built, other: Built) -> Message:
    a, b = sorted((one, other), key=lambda built: built.id)
    return {
        "ledger_id": ledger_id,
        "header_a": a.header_bytes,
        "signature_a": a.signature,
        "header_b": b.header_bytes,
        "signature_b": b.signature,
    }


def encode_fork_proof(proof: Message) -> bytes:
    return wire.encode(load(), "ForkProof", proof)


def bundle(*items: Built | Message) -> bytes:
    """A bundle of entries and fork proofs in the order given, with its end."""
    entries = sum(isinstance(item, Built) for item in items)
    return cut_bundle(*items) + bundle_end(entries, len(items) - entries)


def cut_bundle(*items: Built | Message) -> bytes:
    """A bundle without its end."""
    return FIRST_LINE + b"".join(
        bundle_item({"entry": item.message} if isinstance(item, Built) else {"fork_proof": item}) for item in items
    )


def bundle_end(entries: int, fork_proofs: int) -> bytes:
    return bundle_item({"end": {"entries": entries, "fork_proofs": fork_proofs}})


def bundle_item(item: Message) -> bytes:
    body = wire.encode(load(), "BundleItem", item)
    return wire.varint(len(body)) + body


# Curve arithmetic that only an attacker needs.

BASE = ed25519.decompress(bytes.fromhex("58" + "66" * 31))
GROUP_ORDER = ed25519.L
SMALL_ORDER = bytes.fromhex("01" + "00" * 31)


def multiply(factor: int, point: ed25519.Point) -> ed25519.Point:
    result: ed25519.Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = ed25519.add(result, point)
        point = ed25519.add(point, point)
        factor >>= 1
    return result


def compress(point: ed25519.Point) -> bytes:
    inverse = pow(point[2], -1, ed25519.P)
    x, y = point[0] * inverse % ed25519.P, point[1] * inverse % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def order_eight() -> ed25519.Point:
    """A point of order 8: the group order times a point that is not in the subgroup."""
    for y in range(2, 1000):
        try:
            point = multiply(ed25519.L, ed25519.decompress(y.to_bytes(32, "little")))
        except ed25519.NotAPoint:
            continue
        if not _is_neutral(multiply(4, point)):
            return point
    raise AssertionError("no point of order 8 found")


def noncanonical_point() -> bytes:
    """p + y for the least y that is a point not of small order: dalek decodes it, RFC 8032 does not."""
    for y in range(2, 19):
        try:
            point = ed25519.decompress(y.to_bytes(32, "little"))
        except ed25519.NotAPoint:
            continue
        if not ed25519.is_small_order(point):
            return (ed25519.P + y).to_bytes(32, "little")
    raise AssertionError("no such point")


def not_on_curve() -> bytes:
    for y in range(2, 1000):
        encoded = y.to_bytes(32, "little")
        if ed25519.key_fault(encoded) == "invalid":
            return encoded
    raise AssertionError("no such y")


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ed25519.L


def scalar(value: int) -> bytes:
    return (value % ed25519.L).to_bytes(32, "little")


def _is_neutral(point: ed25519.Point) -> bool:
    return point[0] % ed25519.P == 0 and (point[1] - point[2]) % ed25519.P == 0
