# SPDX-License-Identifier: Apache-2.0 OR MIT
"""RFC 8785 for what the state documents use: objects, arrays, text, integers, true, false, null.

Refuses text that is not UTF-8 or not JSON, numbers with a fraction, an exponent or beyond 2^53 - 1,
a name twice in one object, lone surrogates, and every text that differs from its canonical form.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from checks.refusal import Refused

INTEGER_MAX = 2**53 - 1
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def parse_canonical(data: bytes, what: str) -> Any:
    """The value of a canonical document; `what` names it in a refusal."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        encoded = canonical(value)
    except (ValueError, RecursionError) as error:
        raise Refused("document.not_json", f"{what}: {error}") from None
    if encoded != data:
        pairs = enumerate(zip(encoded, data, strict=False))
        at = next((i for i, (a, b) in pairs if a != b), min(len(encoded), len(data)))
        raise Refused("document.not_canonical", f"{what} differs from its canonical form at byte {at}")
    return value


def canonical(value: Any) -> bytes:
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise ValueError(f"the integer {value} is beyond 2^53 - 1")
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(_text(element) for element in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    raise ValueError(f"no canonical form for {type(value).__name__}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"the number {text} is not an integer")
