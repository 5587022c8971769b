# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The head file beside a private key (docs/format-log.md): the last entry that the key signed in a ledger.

Refuses a file that is not as it was written, or of another ledger or key than asked for; and an entry that does
not decode, is by another key, or whose signature or payload does not hold. Knows no store: which entry comes next
is not judged.
"""

from __future__ import annotations

import re

from checks import digest
from checks.entry import Entry, check_payload, check_signature, decode_signed_entry
from checks.refusal import Refused

_CONTEXT = "constancia v1 head file"
_LINE = re.compile(
    rb"(constancia-head-v1 ledger=([0-9a-f]{64}) key=([0-9a-f]{64}) length=(0|[1-9]\d*) check=)([0-9a-f]{32})\n"
)


def read_head_file(data: bytes, ledger_id: bytes | None = None, key: bytes | None = None) -> tuple[bytes, Entry]:
    """The ledger, and the entry."""
    found = _LINE.match(data)
    if found is None:
        raise Refused("head.damaged", "the first line is not as it was written")
    body = data[found.end() :]
    check = digest.derive(_CONTEXT, found[1] + body)[:16].hex().encode()
    if len(body) != int(found[4]) or check != found[5]:
        raise Refused("head.damaged", "the entry is not as it was written")
    stated_ledger, stated_key = bytes.fromhex(found[2].decode()), bytes.fromhex(found[3].decode())
    if ledger_id not in (None, stated_ledger):
        raise Refused("head.wrong_ledger", f"found {stated_ledger.hex()}")
    try:
        entry = decode_signed_entry(body)
    except Refused as refused:
        raise Refused("head.damaged", str(refused)) from None
    if key not in (None, stated_key) or entry.header.author != stated_key:
        raise Refused("head.wrong_key", f"the file is of {stated_key.hex()}, the entry by {entry.header.author.hex()}")
    try:
        check_signature(entry.header, entry.header_bytes, entry.signature, stated_ledger)
        if entry.payload is not None and entry.salt is not None:
            check_payload(entry.header, entry.payload, entry.salt)
    except Refused as refused:
        raise Refused("head.damaged", str(refused)) from None
    return stated_ledger, entry
