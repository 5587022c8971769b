# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Canonical protobuf (format §1): the one encoding of a message, and the reader of nothing else.

Refuses (NotCanonical): cut-off input, numbers with more bytes than needed or out of their type's
range, unknown fields, wrong wire types, fields out of order or repeated, two members of a oneof,
written defaults, text that is not UTF-8. Afterwards it encodes what it read and compares: the
document's own definition, as a second check on the first.
"""

from __future__ import annotations

from typing import Any

from checks.schema import DELIMITED, VARINT, Field, Schema

Message = dict[str, Any]
# Bytes of a value by wire type: 64 bits, length-delimited, 32 bits.
_LENGTHS = {1: 8, DELIMITED: 0, 5: 4}


class NotCanonical(Exception):
    """The bytes are not the canonical encoding of a message of this type."""


class Reader:
    """Reads numbers and byte strings off a buffer, never past its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def done(self) -> bool:
        return self.at == len(self.data)

    def varint(self, minimal: bool = True) -> int:
        start = self.at
        value = 0
        for index in range(10):
            if self.done():
                raise NotCanonical(f"the number at byte {start} is cut off")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                if minimal and byte == 0 and index > 0:
                    raise NotCanonical(f"the number at byte {start} has more bytes than it needs")
                if value >> 64:
                    break
                return value
        raise NotCanonical(f"the number at byte {start} is greater than 64 bits")

    def take(self, length: int) -> bytes:
        left = len(self.data) - self.at
        if length > left:
            raise NotCanonical(f"expected {length} bytes at byte {self.at}, found {left}")
        self.at += length
        return self.data[self.at - length : self.at]


def decode(schema: Schema, name: str, data: bytes) -> Message:
    """The message, with every field of the schema in it: [] for none, None for absent."""
    message = _read(schema, name, data)
    if encode(schema, name, message) != data:
        raise NotCanonical(f"{name} encodes to other bytes")
    return message


def encode(schema: Schema, name: str, message: Message) -> bytes:
    """The canonical bytes. A field that the dictionary lacks is absent."""
    out = bytearray()
    for number in sorted(schema[name]):
        field = schema[name][number]
        value = message.get(field.name, [] if field.repeated else field.absent)
        if not field.repeated and value == field.absent:
            continue
        for element in value if field.repeated else [value]:
            out += varint(number << 3 | field.wire_type)
            if field.wire_type == VARINT:
                out += varint(_to_varint(field.type, element))
            else:
                body = _to_bytes(schema, field, element)
                out += varint(len(body)) + body
    return bytes(out)


def read_number(schema: Schema, name: str, data: bytes, field: int) -> int | None:
    """What a protobuf reader makes of a uint32 field, whatever stands beside it; None where it gives up.

    For the version alone, which is judged before the bytes as a whole: a later one may have other fields.
    """
    reader, found = Reader(data), 0
    try:
        while not reader.done():
            tag = reader.varint(minimal=False)
            number, wire_type = tag >> 3, tag & 7
            known = schema[name].get(number)
            if number == 0 or (known is not None and known.wire_type != wire_type):
                return None
            if wire_type not in (VARINT, *_LENGTHS):
                return None
            if wire_type == VARINT:
                value = reader.varint(minimal=False)
                found = value & 0xFFFFFFFF if number == field else found
            else:
                reader.take(_LENGTHS[wire_type] or reader.varint(minimal=False))
    except NotCanonical:
        return None
    return found


def varint(value: int) -> bytes:
    """The number in the fewest bytes."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read(schema: Schema, name: str, data: bytes) -> Message:
    fields = schema[name]
    message: Message = {f.name: [] if f.repeated else f.absent for f in fields.values()}
    reader = Reader(data)
    last = 0
    chosen: set[str] = set()
    while not reader.done():
        tag = reader.varint()
        number, wire_type = tag >> 3, tag & 7
        field = fields.get(number)
        if field is None:
            raise NotCanonical(f"{name} has no field {number}")
        where = f"{name}.{field.name}"
        if wire_type != field.wire_type:
            raise NotCanonical(f"{where} has wire type {field.wire_type}, found {wire_type}")
        if number < last:
            raise NotCanonical(f"{where} (field {number}) stands after field {last}")
        if number == last and not field.repeated:
            raise NotCanonical(f"{where} stands twice")
        last = number
        if field.oneof is not None:
            if field.oneof in chosen:
                raise NotCanonical(f"{name}.{field.oneof} is set twice")
            chosen.add(field.oneof)
        value = _read_value(schema, field, where, reader)
        if field.repeated:
            message[field.name].append(value)
        elif not field.presence and value == field.absent:
            raise NotCanonical(f"{where} has its default value and must be left out")
        else:
            message[field.name] = value
    return message


def _read_value(schema: Schema, field: Field, where: str, reader: Reader) -> Any:
    if field.wire_type == VARINT:
        return _from_varint(field.type, where, reader.varint())
    body = reader.take(reader.varint())
    if field.is_message:
        return _read(schema, field.type, body)
    if field.type == "string":
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            raise NotCanonical(f"{where} is not UTF-8") from None
    return body


def _from_varint(kind: str, where: str, value: int) -> int | bool:
    if kind == "uint64":
        return value
    if kind == "enum":
        # An int32: a negative one is written as 64 bits. Values that the schema does not name stay.
        signed = value - (1 << 64) if value >> 63 else value
        if not -(1 << 31) <= signed < 1 << 31:
            raise NotCanonical(f"{where} is out of range: {value}")
        return signed
    if value > (1 if kind == "bool" else 0xFFFFFFFF):
        raise NotCanonical(f"{where} is out of range: {value}")
    if kind == "bool":
        return value == 1
    if kind == "sint32":
        return value >> 1 ^ -(value & 1)
    return value


def _to_varint(kind: str, value: int) -> int:
    if kind == "sint32":
        return value << 1 if value >= 0 else -value * 2 - 1
    return value & 0xFFFFFFFFFFFFFFFF


def _to_bytes(schema: Schema, field: Field, value: Any) -> bytes:
    if field.is_message:
        return encode(schema, field.type, value)
    return value.encode("utf-8") if field.type == "string" else bytes(value)
