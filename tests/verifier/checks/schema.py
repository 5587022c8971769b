# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Reads the .proto files: which messages there are and which fields they have.

Knows the part of proto3 that the project uses: messages, enums, oneof, optional, repeated, and the
scalars uint32, uint64, sint32, bool, string, bytes. Refuses (SchemaError) everything else, so that a
new construct in the schema stops the verifier instead of being misread. Services are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VARINT = 0
DELIMITED = 2

PROTO_FOLDER = Path(__file__).resolve().parents[3] / "proto" / "proto" / "constancia" / "v1"
PROTO_FILES = ("entry.proto", "event.proto", "plan.proto")

_NUMBERS = {"uint32", "uint64", "sint32", "bool"}
_DEFAULTS: dict[str, object] = {"bool": False, "string": "", "bytes": b""}
_TOKEN = re.compile(r'"[^"]*"|[\w.]+|[{}=;()\[\]]')


class SchemaError(Exception):
    """The .proto files use something that this reader does not know."""


@dataclass(frozen=True)
class Field:
    name: str
    number: int
    # A scalar, "enum", or the name of a message.
    type: str
    repeated: bool
    # Absent and default are two things: optional, member of a oneof, or a message.
    presence: bool
    oneof: str | None

    @property
    def wire_type(self) -> int:
        return VARINT if self.type in _NUMBERS or self.type == "enum" else DELIMITED

    @property
    def is_message(self) -> bool:
        return self.type not in _NUMBERS and self.type not in ("enum", "string", "bytes")

    @property
    def absent(self) -> object:
        """The value that stands for a field that is not written."""
        return None if self.presence else _DEFAULTS.get(self.type, 0)


Schema = dict[str, dict[int, Field]]


@cache
def load() -> Schema:
    """The schema of the checked-out .proto files: message name to fields by number."""
    return parse("\n".join((PROTO_FOLDER / name).read_text("utf-8") for name in PROTO_FILES))


def parse(text: str) -> Schema:
    tokens = _TOKEN.findall(re.sub(r"//[^\n]*", "", text))
    raw: dict[str, list[tuple[str, str, str, int, str | None]]] = {}
    enums: set[str] = set()
    at = 0

    def block(start: int) -> int:
        """Index after the block whose opening brace is at start."""
        depth = 0
        for index in range(start, len(tokens)):
            depth += {"{": 1, "}": -1}.get(tokens[index], 0)
            if depth == 0:
                return index + 1
        raise SchemaError("a block is not closed")

    def read_fields(start: int, end: int, oneof: str | None, into: list[tuple[str, str, str, int, str | None]]) -> None:
        index = start
        while index < end:
            if tokens[index] == "oneof":
                close = block(index + 2)
                read_fields(index + 3, close - 1, tokens[index + 1], into)
                index = close
                continue
            label = tokens[index] if tokens[index] in ("optional", "repeated") else ""
            index += 1 if label else 0
            kind, name, equals, number, stop = tokens[index : index + 5]
            if equals != "=" or stop != ";":
                raise SchemaError(f"cannot read the field near {kind} {name}")
            into.append((label, kind, name, int(number), oneof))
            index += 5

    while at < len(tokens):
        word = tokens[at]
        if word in ("syntax", "package", "import", "option"):
            at = tokens.index(";", at) + 1
        elif word in ("message", "enum", "service"):
            end = block(at + 2)
            if word == "enum":
                enums.add(tokens[at + 1])
            elif word == "message":
                read_fields(at + 3, end - 1, None, raw.setdefault(tokens[at + 1], []))
            at = end
        else:
            raise SchemaError(f"does not know {word}")

    schema: Schema = {}
    for message, fields in raw.items():
        schema[message] = {}
        for label, kind, name, number, oneof in fields:
            kind = "enum" if kind in enums else kind
            field = Field(name, number, kind, label == "repeated", False, oneof)
            if field.is_message and kind not in raw:
                raise SchemaError(f"{message}.{name} has the unknown type {kind}")
            if field.repeated and field.wire_type == VARINT:
                raise SchemaError(f"{message}.{name} repeats a number, which this reader does not know")
            presence = label == "optional" or oneof is not None or field.is_message
            if number in schema[message]:
                raise SchemaError(f"{message} has two fields {number}")
            schema[message][number] = Field(name, number, kind, field.repeated, presence, oneof)
    return schema
