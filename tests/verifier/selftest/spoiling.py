# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Takes an encoded message apart into its fields and spoils the encoding of one of them, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from checks import wire
from checks.schema import VARINT


def split(data: bytes) -> list[bytes]:
    """Each field of a message with its tag, as it stands."""
    reader, fields = wire.Reader(data), []
    while not reader.done():
        start = reader.at
        if reader.varint() & 7 == VARINT:
            reader.varint()
        else:
            reader.take(reader.varint())
        fields.append(data[start : reader.at])
    return fields


def without(data: bytes, at: int) -> bytes:
    fields = split(data)
    return b"".join([*fields[:at], *fields[at + 1 :]])


def twice(data: bytes, at: int) -> bytes:
    fields = split(data)
    return b"".join([*fields[: at + 1], fields[at], *fields[at + 1 :]])


def after_next(data: bytes, at: int) -> bytes:
    """The field stands after the one that follows it."""
    fields = split(data)
    fields[at], fields[at + 1] = fields[at + 1], fields[at]
    return b"".join(fields)


def long_tag(data: bytes, at: int) -> bytes:
    """The tag has a byte more than it needs."""
    return _change(data, at, lambda tag, rest: _longer(tag) + rest)


def long_number(data: bytes, at: int) -> bytes:
    """The number, or the length of the bytes, has a byte more than it needs."""

    def change(tag: bytes, rest: bytes) -> bytes:
        reader = wire.Reader(rest)
        reader.varint()
        return tag + _longer(rest[: reader.at]) + rest[reader.at :]

    return _change(data, at, change)


def default(data: bytes, at: int) -> bytes:
    """0, or no bytes, written though it could be left out."""
    return _change(data, at, lambda tag, rest: tag + b"\x00")


def other_wire_type(data: bytes, at: int) -> bytes:
    """A number where bytes are due, bytes where a number is due."""
    return _change(data, at, lambda tag, rest: bytes([tag[0] ^ 2]) + (b"\x01\x01" if tag[0] & 7 == VARINT else b"\x01"))


def _change(data: bytes, at: int, change: Callable[[bytes, bytes], bytes]) -> bytes:
    fields = split(data)
    reader = wire.Reader(fields[at])
    reader.varint()
    fields[at] = change(fields[at][: reader.at], fields[at][reader.at :])
    return b"".join(fields)


def _longer(number: bytes) -> bytes:
    return number[:-1] + bytes([number[-1] | 0x80, 0])
