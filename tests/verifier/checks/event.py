# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What a payload says (format §4): which event it is, and whether a charter founds a ledger.

`event_name` refuses nothing: an event that it does not understand is *unknown*, which is no error.
`read_charter` refuses a charter that is no Charter event, whose members or keys are not ascending,
whose keys are no keys, weak, or of a member that it does not list, or that does not grant its author's
own key with scope sign. Judges nothing else of an event's fields: an invalid event is not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from checks import ed25519, wire
from checks.entry import ACKNOWLEDGE, FACT, GOVERNANCE, Entry
from checks.refusal import Refused
from checks.schema import load

SCOPE_SIGN = 1

# Lists that are counted before decoding (format §4), by message and field.
ITEMS_MAX = {
    "Charter.members": 512,
    "Charter.keys": 2_048,
    "Plan.pillars": 64,
    "Plan.objectives": 256,
    "Plan.lines": 1_024,
    "Plan.indicators": 1_024,
    "Plan.themes": 256,
    "Plan.code_lists": 64,
    "Method.variables": 32,
    "Targets.values": 240,
    "Disaggregations.list": 64,
    "CodeList.codes": 4_096,
    "AdmitMember.keys": 2_048,
    "AmendPlan.changes": 2_048,
    "Report.observations": 10_000,
}


@dataclass(frozen=True)
class Charter:
    name: str
    rules_version: int
    # As it was signed.
    body: wire.Message


def event_name(entry: Entry) -> str | None:
    """The body's field name; None where the event is unknown. The entry has its payload."""
    known = known_event(entry)
    return None if known is None else known[0]


def read_charter(entry: Entry) -> Charter:
    if entry.header.kind != GOVERNANCE:
        raise Refused("event.other_kind", f"a charter has kind 1, found {entry.header.kind}")
    try:
        charter = wire.decode(load(), "Event", entry.payload or b"")["charter"]
    except wire.NotCanonical as error:
        raise Refused("event.not_canonical", str(error)) from None
    if charter is None:
        raise Refused("event.other_kind", "the payload of an entry without prev is no Charter event")
    _check_lists("Charter", charter)
    slugs = [member["slug"] for member in charter["members"]]
    if any(one >= next_one for one, next_one in pairwise(slugs)):
        raise Refused("event.not_ascending", "members are ascending by slug, each once")
    last = b""
    for grant in charter["keys"]:
        key = grant["key"]
        if len(key) != 32:
            raise Refused("event.length", f"a key has 32 bytes, found {len(key)}")
        fault = ed25519.key_fault(key)
        if fault is not None:
            raise Refused("event.not_a_key", f"{key.hex()} is {fault}")
        if key <= last:
            raise Refused("event.not_ascending", f"{key.hex()} stands after {last.hex()}")
        if grant["member"] not in slugs:
            raise Refused("event.unresolved", f"{key.hex()} is granted to {grant['member']!r}, no member")
        last = key
    own = [grant for grant in charter["keys"] if grant["key"] == entry.header.author]
    if not own or own[0]["scope"] != SCOPE_SIGN:
        raise Refused("event.founder_without_key", "the charter grants its author's key with scope sign")
    rules = charter["rules"]
    return Charter(charter["name"], 0 if rules is None else rules["rules_version"], charter)


def known_event(entry: Entry) -> tuple[str, wire.Message] | None:
    """The body's field name and the event, where it is no unknown one. The entry has its payload."""
    try:
        event = wire.decode(load(), "Event", entry.payload or b"")
        _check_lists("Event", event)
    except (wire.NotCanonical, Refused):
        return None
    for field in load()["Event"].values():
        if field.oneof == "body" and event[field.name] is not None:
            return (field.name, event) if _kind_of_body(field.number) == entry.header.kind else None
    return None


def _kind_of_body(number: int) -> int:
    if number <= 15:
        return GOVERNANCE
    return ACKNOWLEDGE if number <= 19 else FACT


def _check_lists(name: str, message: wire.Message) -> None:
    """No list has more items than it may have."""
    for field in load()[name].values():
        value = message[field.name]
        limit = ITEMS_MAX.get(f"{name}.{field.name}")
        if limit is not None and len(value) > limit:
            raise Refused("event.too_many_items", f"{name}.{field.name}: at most {limit}, found {len(value)}")
        if field.is_message and value is not None:
            for element in value if field.repeated else [value]:
                _check_lists(field.type, element)
