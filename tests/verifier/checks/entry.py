# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Steps 1 to 3 of format §3: an entry on its own, with no other entry in sight.

Refuses: headers that are too long, not canonical or break a rule of the table in §2; a payload without
the stated length; a payload without salt or a salt without payload; authors that are no key and
signatures that do not hold for the ledger (strictly, see ed25519.py); payloads without the stated hash.
Never looks at parents, grants or slots: that is replica.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from checks import digest, ed25519, wire
from checks.refusal import Refused
from checks.schema import load

SIGNED_ENTRY_BYTES_MAX = 1_052_784
HEADER_BYTES_MAX = 4096
PAYLOAD_BYTES_MAX = 1024 * 1024
SEEN_MAX = 64
# 9999-12-31T23:59:59.999Z
CLAIMED_AT_MS_MAX = 253_402_300_799_999
SIGNATURE_DOMAIN = b"constancia/v1/entry\0"

GOVERNANCE, ACKNOWLEDGE, FACT = 1, 2, 3


@dataclass(frozen=True)
class Header:
    version: int
    author: bytes
    seq: int
    prev: bytes
    seen: tuple[bytes, ...]
    height: int
    claimed_at_ms: int
    payload_hash: bytes
    payload_len: int
    kind: int

    @property
    def is_first(self) -> bool:
        """Without prev: the charter, or nothing of this ledger."""
        return self.prev == b""

    @property
    def parents(self) -> tuple[bytes, ...]:
        """prev, then seen; none in the charter."""
        return (*((self.prev,) if self.prev else ()), *self.seen)


@dataclass(frozen=True)
class Entry:
    id: bytes
    header: Header
    header_bytes: bytes
    signature: bytes
    payload: bytes | None
    salt: bytes | None

    def with_payload(self, payload: bytes | None, salt: bytes | None) -> Entry:
        return replace(self, payload=payload, salt=salt)


def entry_id(header_bytes: bytes) -> bytes:
    return digest.derive(digest.ENTRY_ID, header_bytes)


def decode_signed_entry(data: bytes) -> Entry:
    """From a SignedEntry message as files hold it."""
    if len(data) > SIGNED_ENTRY_BYTES_MAX:
        raise Refused("decode.entry_too_long", f"at most {SIGNED_ENTRY_BYTES_MAX} bytes, found {len(data)}")
    try:
        message = wire.decode(load(), "SignedEntry", data)
    except wire.NotCanonical as error:
        raise Refused("decode.entry_not_canonical", str(error)) from None
    return entry_of_message(message)


def entry_of_message(message: wire.Message) -> Entry:
    """From the four parts of a decoded SignedEntry."""
    header_bytes: bytes = message["header"]
    signature: bytes = message["signature"]
    payload: bytes | None = message["payload"]
    salt: bytes | None = message["salt"]
    header = decode_header(header_bytes)
    _expect_length("signature", signature, 64)
    if (payload is None) != (salt is None):
        raise Refused("decode.payload_half", "payload and salt come together or not at all")
    if payload is not None and salt is not None:
        _expect_length("salt", salt, 16)
        check_payload_length(header, payload)
    return Entry(entry_id(header_bytes), header, header_bytes, signature, payload, salt)


def decode_header(data: bytes) -> Header:
    """The rules of §2 that a header can break alone, but for the author being a key: check_signature."""
    if len(data) > HEADER_BYTES_MAX:
        raise Refused("decode.header_too_long", f"at most {HEADER_BYTES_MAX} bytes, found {len(data)}")
    version = wire.read_number(load(), "Header", data, field=1)
    if version not in (1, None):
        raise Refused("decode.unknown_version", f"expected version 1, found {version}")
    try:
        message = wire.decode(load(), "Header", data)
    except wire.NotCanonical as error:
        raise Refused("decode.header_not_canonical", str(error)) from None
    header = Header(**{**message, "seen": tuple(message["seen"])})
    _expect_length("author", header.author, 32)
    if header.prev:
        _expect_length("prev", header.prev, 32)
    if len(header.seen) > SEEN_MAX:
        raise Refused("decode.seen_too_many", f"at most {SEEN_MAX} ids, found {len(header.seen)}")
    for tip in header.seen:
        _expect_length("id in seen", tip, 32)
    for one, next_one in pairwise(header.seen):
        if one >= next_one:
            raise Refused("decode.seen_unsorted", f"{next_one.hex()} stands after {one.hex()}")
    if header.is_first and (header.seq, header.height, header.seen) != (0, 0, ()):
        raise Refused(
            "decode.prev_missing",
            f"without prev: expected seq 0, height 0, nothing seen; "
            f"found seq {header.seq}, height {header.height}, {len(header.seen)} seen",
        )
    if header.prev and header.height == 0:
        raise Refused("decode.height_zero", "only the charter has height 0")
    if header.claimed_at_ms > CLAIMED_AT_MS_MAX:
        raise Refused("decode.claimed_too_late", f"at most {CLAIMED_AT_MS_MAX}, found {header.claimed_at_ms}")
    _expect_length("payload hash", header.payload_hash, 32)
    if header.payload_len > PAYLOAD_BYTES_MAX:
        raise Refused("decode.payload_too_long", f"at most {PAYLOAD_BYTES_MAX} bytes, stated {header.payload_len}")
    if header.kind not in (GOVERNANCE, ACKNOWLEDGE, FACT):
        raise Refused("decode.unknown_kind", f"expected kind 1, 2 or 3, found {header.kind}")
    return header


def check_signature(header: Header, header_bytes: bytes, signature: bytes, ledger_id: bytes) -> None:
    """Step 2: the entry names this ledger where it stands at seq 0, and is signed for it."""
    named = entry_id(header_bytes) if header.is_first else header.prev if header.seq == 0 else ledger_id
    if named != ledger_id:
        raise Refused("verify.wrong_ledger", f"expected ledger {ledger_id.hex()}, found {named.hex()}")
    fault = ed25519.key_fault(header.author)
    if fault is not None:
        raise Refused("verify.weak_key", f"the author's key {header.author.hex()} is {fault}")
    ed25519.verify_strict(header.author, signature, SIGNATURE_DOMAIN + ledger_id + header_bytes)


def check_payload_length(header: Header, payload: bytes) -> None:
    if len(payload) != header.payload_len:
        raise Refused("decode.payload_length", f"the header states {header.payload_len} bytes, found {len(payload)}")


def check_payload(header: Header, payload: bytes, salt: bytes) -> None:
    """Of a payload with the stated length."""
    found = digest.derive(digest.PAYLOAD, salt + payload)
    if found != header.payload_hash:
        raise Refused("verify.payload_hash", f"the header states {header.payload_hash.hex()}, found {found.hex()}")


def _expect_length(what: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise Refused("decode.field_length", f"{what}: expected {length} bytes, found {len(value)}")
