# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Makes index.json again (format §9), member by member, from the entries of a ledger and the other documents.

Recomputed from the entries: format, ledger, rules_version, frontier, frontier_root, judged_at, pending, entries,
events. Recomputed from the documents: their digests; which there must be, from the plan's indicators. Taken as
given: the view; that the state is of an earlier frontier than the replica's, where it says so (all of that
frontier must be held); which events are invalid, from findings.json (L6) and, of entries beyond their key's end,
from how many index.json counts. Refuses an index.json that has other bytes than the one that it makes. Never judges
what the other documents say.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checks import digest, ledger, wire
from checks.authority import Authority
from checks.canonical_json import canonical, parse_canonical
from checks.entry import Entry
from checks.event import event_name
from checks.refusal import Refused
from checks.replica import Replica
from checks.standing import standings

Index = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS = ("budgets.json", "findings.json", "governance.json", "members.json", "plan.json", "reviews.json")
# What a key wrote there counts for nothing, and says nothing of when its member was last heard of.
BEYOND_END = ("forked", "void after_cut_off")
SHOWS_NO_EVENT = ("pending", "redacted", "unknown_event")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def check_index(replica: Replica, documents: dict[str, bytes]) -> None:
    """Of documents that state.py has checked, index.json among them."""
    stated = documents["index.json"]
    try:
        made = make_index(replica, documents)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Refused("state.unreadable", f"cannot make index.json again: {type(error).__name__}: {error}") from None
    if canonical(made) == stated:
        return
    index = parse_canonical(stated, "index.json")
    names = sorted({*made, *index})
    wrong = [name for name in names if made.get(name) != index.get(name)]
    shown = "; ".join(f"{name}: stated {_short(index.get(name))}, made {_short(made.get(name))}" for name in wrong)
    raise Refused("state.wrong_index", shown)


def make_index(replica: Replica, documents: dict[str, bytes]) -> Index:
    stated: Index = parse_canonical(documents["index.json"], "index.json")
    view = read_view(replica, stated)
    authority, order, whole, until_ms = view.authority, view.order, view.whole, view.until_ms
    encoded = ledger.encode_frontier(view.frontier)
    standing = standings(authority, whole, order, view.forked_seq)
    beyond = [entry for entry in order if standing[entry.id] in BEYOND_END]
    counts = [entry for entry in order if standing[entry.id] not in BEYOND_END]
    held = authority.holds(authority.cones.union([entry.id for entry in order]))
    times = ledger.times(replica, whole)
    judged_ms = until_ms if until_ms is not None else _median(replica, counts, times)
    findings = parse_canonical(documents["findings.json"], "findings.json")
    return {
        "format": 1,
        "ledger": order[0].id.hex(),
        "rules_version": held.rules["rules_version"],
        "frontier": record_of(view.frontier),
        "frontier_root": ledger.frontier_root(encoded).hex(),
        "view": stated["view"],
        "judged_at": moment(judged_ms),
        "pending": sorted(one.id.hex() for one in order if one.payload is None and not replica.is_redacted(one.id)),
        "entries": str(len(order)),
        "events": _events(replica, counts, beyond, _invalid(replica, findings, counts), stated["events"]),
        "documents": {name: digest.plain(documents[name]).hex() for name in _names(documents)},
    }


@dataclass(frozen=True)
class View:
    """The entries that a state is of."""

    authority: Authority
    frontier: wire.Message
    # All of the frontier's ledger, and of it what the view has, the charter first.
    whole: list[Entry]
    order: list[Entry]
    # The day that it ends at, if it does.
    until_ms: int | None
    forked_seq: dict[bytes, int]


def read_view(replica: Replica, index: Index) -> View:
    """Of an index.json that state.py has checked."""
    if replica.authority is None:
        raise Refused("store.no_ledger", "no charter is held")
    frontier = _frontier_of(replica, index["frontier"])
    whole = ledger.entries_at(replica, frontier)
    order, until_ms = _view(index["view"], whole, ledger.times(replica, whole))
    forked_seq = {head["key"]: head["forked_seq"] for head in frontier["heads"] if head["forked_seq"] is not None}
    return View(replica.authority, frontier, whole, order, until_ms, forked_seq)


def record_of(frontier: wire.Message) -> Index:
    """A frontier as index.json has it: what is absent is left out."""
    feeds = []
    for head in frontier["heads"]:
        feed: Index = {"key": head["key"].hex()}
        if head["id"]:
            feed |= {"seq": str(head["seq"]), "head": head["id"].hex()}
        if head["forked_seq"] is not None:
            feed["forked_seq"] = str(head["forked_seq"])
        feeds.append(feed)
    decisions = [one.hex() for one in frontier["decisions"]]
    return {"feeds": feeds, **({"decisions": decisions} if decisions else {})}


def frontier_of_record(record: Index) -> wire.Message:
    """The message that index.json's frontier says, checked as one from outside."""
    heads = [
        {
            "key": bytes.fromhex(feed["key"]),
            "seq": int(feed.get("seq", "0")),
            "id": bytes.fromhex(feed.get("head", "")),
            "forked_seq": int(feed["forked_seq"]) if "forked_seq" in feed else None,
        }
        for feed in record["feeds"]
    ]
    decisions = [bytes.fromhex(one) for one in record.get("decisions", [])]
    return ledger.decode_frontier(ledger.encode_frontier({"heads": heads, "decisions": decisions}))


def moment(ms: int) -> str:
    at = _EPOCH + timedelta(milliseconds=ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z".rjust(24, "0")


def ms_of_moment(text: str) -> int:
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is no time in UTC with milliseconds")
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def _frontier_of(replica: Replica, record: Index) -> wire.Message:
    """The replica's own, or an earlier one of which everything is held."""
    own = ledger.frontier_message(replica)
    stated = frontier_of_record(record)
    if stated == own:
        return own
    for head in stated["heads"]:
        if head["id"]:
            held = replica.entries.get(head["id"])
            if held is None or (held.header.author, held.header.seq) != (head["key"], head["seq"]):
                raise Refused("state.wrong_index", f"head {head['id'].hex()} of the frontier is not held in its place")
        forked_seq = head["forked_seq"]
        if forked_seq is not None and not replica.forked_seq.get(head["key"], forked_seq + 1) <= forked_seq:
            raise Refused("state.wrong_index", f"no fork of {head['key'].hex()} at seq {forked_seq} is proven")
    for decision in stated["decisions"]:
        if decision not in replica.entries:
            raise Refused("state.wrong_index", f"decision {decision.hex()} of the frontier is not held")
    return stated


def _view(view: Index, whole: list[Entry], times: dict[bytes, ledger.Times]) -> tuple[list[Entry], int | None]:
    """The entries of the view, and its end."""
    if view == {"kind": "frontier"}:
        return whole, None
    until_ms = ms_of_moment(view["until"])
    if view == {"kind": "as_claimed", "until": view["until"]}:
        return [entry for entry in whole if times[entry.id].effective_ms <= until_ms], until_ms
    if view != {"kind": "as_of", "until": view["until"]}:
        raise ValueError(f"does not know the view {view!r}")
    witnessed = ((entry, times[entry.id].witnessed_ms) for entry in whole)
    return [entry for entry, at_ms in witnessed if at_ms is not None and at_ms <= until_ms], until_ms


def _median(replica: Replica, counts: list[Entry], times: dict[bytes, ledger.Times]) -> int:
    """Over members, of their latest effective time; of two in the middle the earlier."""
    assert replica.authority is not None, "entries without a charter"
    latest: dict[str, int] = {}
    for entry in counts:
        member = replica.authority.owners[entry.id].member
        latest[member] = max(latest.get(member, 0), times[entry.id].effective_ms)
    return sorted(latest.values())[(len(latest) - 1) // 2]


def _invalid(replica: Replica, findings: Index, counts: list[Entry]) -> set[bytes]:
    """Invalid events as L6 names them. The unknown ones that it names must be those that are unknown here."""
    named: dict[str, set[bytes]] = {"invalid": set(), "unknown": set()}
    for finding in findings["findings"]:
        if finding["rule"] == "L6":
            named[finding["parameters"]["kind"]].add(bytes.fromhex(finding["subject"]["entry"]))
    shown = {entry.id: _name(replica, entry) for entry in counts}
    unknown = {one for one, name in shown.items() if name == "unknown_event"}
    known = {one for one, name in shown.items() if name not in SHOWS_NO_EVENT}
    if named["unknown"] != unknown or not named["invalid"] <= known:
        raise Refused("state.wrong_index", "findings.json names other unknown or invalid events (L6) than there are")
    return named["invalid"]


def _events(
    replica: Replica, counts: list[Entry], beyond: list[Entry], invalid: set[bytes], stated: Index
) -> dict[str, str]:
    """Events by name. Of entries beyond an end no finding says whether their event is invalid: the counts may."""
    found = Counter("invalid_event" if entry.id in invalid else _name(replica, entry) for entry in counts)
    ended = Counter(_name(replica, entry) for entry in beyond)
    for name, number in list(ended.items()):
        if name in SHOWS_NO_EVENT:
            continue
        invalid_ones = (found + ended)[name] - int(stated.get(name, "0"))
        if 0 < invalid_ones <= number:
            ended[name] -= invalid_ones
            ended["invalid_event"] += invalid_ones
    return {name: str(number) for name, number in (found + ended).items()}


def _name(replica: Replica, entry: Entry) -> str:
    if replica.is_redacted(entry.id):
        return "redacted"
    return "pending" if entry.payload is None else event_name(entry) or "unknown_event"


def _names(documents: dict[str, bytes]) -> list[str]:
    """Every document that there must be."""
    plan = parse_canonical(documents["plan.json"], "plan.json")
    return sorted([*_ALWAYS, *(f"indicators/{indicator['id']}.json" for indicator in plan["plan"]["indicators"])])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"
