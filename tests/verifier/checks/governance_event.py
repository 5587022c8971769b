# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Governance events and the rules of their fields (format §4): what an entry of kind 1 says, if it says anything.

`governance_event` refuses nothing: an unknown event and an invalid one are both none. Not judged, so that an
invalid event may pass for a valid one: prose, names beyond slugs, sources, attachments, dates, what a second
charter says, and the parts of a plan that an amendment sets.
"""

from __future__ import annotations

import re
from itertools import pairwise

from checks import ed25519, wire
from checks.entry import GOVERNANCE, Entry
from checks.event import known_event

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH_MAX = 64
_CLASSES = range(1, 6)
_SCOPES = range(1, 3)
_CHOICES = range(1, 4)


class Invalid(Exception):
    """A field breaks its rule."""


def governance_event(entry: Entry) -> tuple[str, wire.Message] | None:
    """The body's field name and the body, of an event that is known and keeps its rules."""
    if entry.header.kind != GOVERNANCE or entry.payload is None:
        return None
    known = known_event(entry)
    if known is None:
        return None
    name, event = known
    try:
        _check(name, event[name])
    except Invalid:
        return None
    return name, event[name]


def decision_of(proposal: wire.Message) -> tuple[str, wire.Message]:
    """The decision's field name and the decision, of a valid proposal."""
    found = [(name, proposal[name]) for name in _DECISIONS if proposal[name] is not None]
    return found[0]


def _check(name: str, body: wire.Message) -> None:
    if name == "acceptance":
        _id(body["charter"])
    elif name in ("vote", "enact", "proposal_withdrawn"):
        _id(body["proposal"])
        if name == "vote":
            _one_of(body["choice"], _CHOICES)
    elif name == "key_retired":
        _key(body["key"])
    elif name == "proposal":
        found = [one for one in _DECISIONS if body[one] is not None]
        _holds(len(found) == 1)
        _DECISIONS[found[0]](body[found[0]])


def _admit_member(decision: wire.Message) -> None:
    member = _present(decision["member"])
    _slug(member["slug"])
    _one_of(member["class"], _CLASSES)
    _holds(bool(_present(member["name"])["es"]))
    for grant in decision["keys"]:
        _grant(grant)
        _holds(grant["member"] == member["slug"])
    _ascending([grant["key"] for grant in decision["keys"]])


def _revoke_key(decision: wire.Message) -> None:
    _key(decision["key"])
    _honoured(decision["honoured"])


def _amend_plan(decision: wire.Message) -> None:
    _id(decision["base"])
    _holds(bool(decision["changes"]))
    for change in decision["changes"]:
        _holds(any(value is not None for name, value in change.items() if name.startswith(("set_", "remove_"))))


def _amend_rules(decision: wire.Message) -> None:
    _id(decision["base"])
    rules = _present(decision["rules"])
    seats = len(rules["council"])
    _holds(rules["rules_version"] >= 1 and seats > 0 and seats // 2 < rules["quorum"] <= seats)
    for slug in rules["council"]:
        _slug(slug)
    _ascending(rules["council"])
    for quota in rules["class_quotas"]:
        _one_of(quota["class"], _CLASSES)
        _holds(quota["members"] >= 1)
    _distinct([quota["class"] for quota in rules["class_quotas"]])


def _succession(decision: wire.Message) -> None:
    _slug(decision["from"])
    _slug(decision["to"])
    _holds(decision["from"] != decision["to"])
    _distinct(decision["indicators"])


def _redact(decision: wire.Message) -> None:
    _id(decision["entry"])
    _present(decision["ground"])


def _close_challenge(decision: wire.Message) -> None:
    _id(decision["challenge"])
    _id(decision["report"])


_DECISIONS = {
    "admit_member": _admit_member,
    "retire_member": lambda decision: _slug(decision["member"]),
    "grant_key": lambda decision: _grant(_present(decision["grant"])),
    "revoke_key": _revoke_key,
    "amend_plan": _amend_plan,
    "amend_rules": _amend_rules,
    "succession": _succession,
    "resolve_fork": _revoke_key,
    "redact": _redact,
    "adopt_review": lambda decision: _id(decision["review"]),
    "raise_rules_version": lambda decision: _holds(decision["rules_version"] >= 2),
    "close_challenge": _close_challenge,
}


def _grant(grant: wire.Message) -> None:
    _key(grant["key"])
    _slug(grant["member"])
    _one_of(grant["scope"], _SCOPES)


def _honoured(honoured: wire.Message | None) -> None:
    if honoured is not None:
        _id(honoured["id"])


def _id(value: bytes) -> None:
    _holds(len(value) == 32)


def _key(value: bytes) -> None:
    _holds(len(value) == 32 and ed25519.key_fault(value) is None)


def _slug(value: str) -> None:
    _holds(len(value) <= _SLUG_LENGTH_MAX and _SLUG.fullmatch(value) is not None)


def _one_of(value: int, known: range) -> None:
    _holds(value in known)


def _present(value: wire.Message | None) -> wire.Message:
    if value is None:
        raise Invalid
    return value


def _ascending(values: list[bytes] | list[str]) -> None:
    _holds(all(one < after for one, after in pairwise(values)))  # type: ignore[operator]


def _distinct(values: list[int] | list[str]) -> None:
    _holds(len(set(values)) == len(values))


def _holds(rule: bool) -> None:
    if not rule:
        raise Invalid
