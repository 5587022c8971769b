# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What follows from what is held: frontier, the ledger at it, order, digests, times (format §5, §7).

Refuses nothing but frontiers from outside (`decode_frontier`) that are not canonical or not in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from checks import digest, wire
from checks.authority import place_of
from checks.entry import Entry
from checks.refusal import Refused
from checks.replica import Replica
from checks.schema import load


@dataclass(frozen=True)
class Times:
    effective_ms: int
    # None: not witnessed.
    witnessed_ms: int | None


def frontier_message(replica: Replica) -> wire.Message:
    """One head per key that has something below its end or is known to have forked; decisions beside them."""
    last: dict[bytes, Entry] = {}
    for entry in replica.entries.values():
        author, seq = entry.header.author, entry.header.seq
        if not replica.is_at_end(entry) and (author not in last or seq > last[author].header.seq):
            last[author] = entry
    keys = set(last) | set(replica.forked_seq)
    heads: list[wire.Message] = [
        {
            "key": key,
            "seq": last[key].header.seq if key in last else 0,
            "id": last[key].id if key in last else b"",
            "forked_seq": replica.forked_seq.get(key),
        }
        for key in sorted(keys)
    ]
    return {"heads": heads, "decisions": _decisions(replica, [head["id"] for head in heads if head["id"]])}


def _decisions(replica: Replica, heads: list[bytes]) -> list[bytes]:
    """Where a decision passed or a key retired, beside the heads and their ancestors."""
    if replica.authority is None:
        return []
    reached = {one.id for one in _closure(replica, heads)}
    return sorted(replica.authority.current.decisive() - reached)


def encode_frontier(message: wire.Message) -> bytes:
    return wire.encode(load(), "Frontier", message)


def decode_frontier(data: bytes) -> wire.Message:
    try:
        message = wire.decode(load(), "Frontier", data)
    except wire.NotCanonical as error:
        raise Refused("frontier.text", str(error)) from None
    heads = message["heads"]
    for head in heads:
        if len(head["key"]) != 32 or len(head["id"]) not in (0, 32):
            raise Refused("frontier.id", "a key has 32 bytes, an id 32 or none")
        if not head["id"] and head["seq"] != 0:
            raise Refused("frontier.id", f"a head without id has seq 0, found {head['seq']}")
        if not head["id"] and head["forked_seq"] is None:
            raise Refused("frontier.empty", "a head without id has a fork")
        if head["id"] and head["forked_seq"] is not None and head["seq"] >= head["forked_seq"]:
            raise Refused("frontier.head_above_fork", f"seq {head['seq']}, forked at {head['forked_seq']}")
    keys = [head["key"] for head in heads]
    if any(len(decision) != 32 for decision in message["decisions"]):
        raise Refused("frontier.decisions", "a decision's id has 32 bytes")
    for code, ids in (("frontier.unsorted", keys), ("frontier.decisions", message["decisions"])):
        if any(one >= next_one for one, next_one in pairwise(ids)):
            raise Refused(code, "heads are ascending by key, decisions by id, each once")
    return message


def frontier_root(encoded: bytes) -> bytes:
    return digest.derive(digest.FRONTIER, encoded)


def entries_at(replica: Replica, frontier: wire.Message) -> list[Entry]:
    """The heads, the decisions and all their ancestors, in the ledger's order."""
    heads = [head["id"] for head in frontier["heads"] if head["id"]]
    return sorted(_closure(replica, heads + frontier["decisions"]), key=place_of)


def _closure(replica: Replica, wanted: list[bytes]) -> list[Entry]:
    """These and all their ancestors."""
    found: dict[bytes, Entry] = {}
    wanted = list(wanted)
    while wanted:
        entry = replica.entries[wanted.pop()]
        if entry.id not in found:
            found[entry.id] = entry
            wanted.extend(entry.header.parents)
    return list(found.values())


def order_digest(order: list[Entry]) -> bytes:
    return digest.derive(digest.ORDER, b"".join(entry.id for entry in order))


def ancestors(replica: Replica, entry: Entry) -> set[bytes]:
    found: set[bytes] = set()
    wanted = list(entry.header.parents)
    while wanted:
        one = wanted.pop()
        if one not in found:
            found.add(one)
            wanted.extend(replica.entries[one].header.parents)
    return found


def times(replica: Replica, order: list[Entry]) -> dict[bytes, Times]:
    """Effective and witnessed times of the entries of one ledger, given in its order."""
    assert replica.authority is not None, "entries without a charter"
    owners = replica.authority.owners
    effective: dict[bytes, int] = {}
    for entry in order:
        parents = (effective[parent] for parent in entry.header.parents)
        effective[entry.id] = max(entry.header.claimed_at_ms, *parents, 0)
    # Per entry, the least effective time among its descendants by member. Two members are enough: one
    # of them is not the entry's own.
    descendants: dict[bytes, dict[str, int]] = {entry.id: {} for entry in order}
    for entry in reversed(order):
        upward = dict(descendants[entry.id])
        _keep_least(upward, owners[entry.id].member, effective[entry.id])
        for parent in entry.header.parents:
            for member, at_ms in upward.items():
                _keep_least(descendants[parent], member, at_ms)
    result: dict[bytes, Times] = {}
    for entry in order:
        own = owners[entry.id].member
        others = [at_ms for member, at_ms in descendants[entry.id].items() if member != own]
        if entry.header.is_first:
            others.append(effective[entry.id])
        result[entry.id] = Times(effective[entry.id], min(others, default=None))
    return result


def _keep_least(least: dict[str, int], member: str, at_ms: int) -> None:
    least[member] = min(at_ms, least.get(member, at_ms))
    if len(least) > 2:
        del least[max(least, key=lambda one: least[one])]
