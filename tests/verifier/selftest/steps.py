# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the ledger vectors are put together from: steps, and what is expected after them.

Ids, digests, ancestors, times and frontiers are computed here by their definition, without checks/.
"""

from __future__ import annotations

from typing import Any

from blake3 import blake3

from checks.vectors import FORMAT
from selftest.building import Built, Message, Scene, encode_fork_proof
from selftest.people import Vector

# Key, last entry below the fork, forked seq.
Head = tuple[bytes, Built | None, int | None]


class Steps:
    """A ledger vector in the making."""

    def __init__(self, scene: Scene, name: str) -> None:
        self.scene = scene
        self.name = name
        self.steps: list[Vector] = []
        self.parents: dict[bytes, list[bytes]] = {}
        self.good("the charter", scene.charter, event="charter")

    def good(self, about: str, built: Built, event: str | None, **extra: Any) -> None:
        self.event(about, built, event)
        ancestors = sorted(one.hex() for one in self.ancestors(built.id))
        self.steps[-1] |= {"fields": fields(built), "ancestors": ancestors, **extra}

    def event(self, about: str, built: Built, event: str | None) -> None:
        """An entry that is good, of which only the payload matters."""
        header = built.header
        self.parents[built.id] = [*([header["prev"]] if header["prev"] else []), *header["seen"]]
        step = {"about": about, "entry": built.signed_entry.hex(), "id": built.id.hex(), "event": event}
        self.steps.append(step)

    def taken(self, about: str, built: Built, outcome: str) -> None:
        """An entry that is not held afterwards, or waits, or comes in through another."""
        step = {"about": about, "entry": built.signed_entry.hex(), "id": built.id.hex(), "outcome": outcome}
        self.steps.append(step)
        self.parents[built.id] = [built.header["prev"], *built.header["seen"]]

    def waits(self, about: str, built: Built) -> None:
        self.taken(about, built, "waits")

    def still_waiting(self) -> list[str]:
        """Where nothing that waits was released."""
        return sorted(step["id"] for step in self.steps if step.get("outcome") == "waits")

    def refused(self, about: str, code: str, entry: Built | bytes, **extra: Any) -> None:
        data = entry if isinstance(entry, bytes) else entry.signed_entry
        self.steps.append({"about": about, "entry": data.hex(), "refused": code, **extra})

    def proof(self, about: str, proof: Message | bytes, **extra: Any) -> None:
        data = proof if isinstance(proof, bytes) else encode_fork_proof(proof)
        self.steps.append({"about": about, "fork_proof": data.hex(), **extra})

    def vector(self, expect: Vector) -> Vector:
        return {
            "format": FORMAT,
            "type": "ledger",
            "name": self.name,
            "ledger_id": self.scene.ledger_id.hex(),
            "steps": self.steps,
            "expect": expect,
        }

    def ancestors(self, one: bytes) -> set[bytes]:
        direct = set(self.parents[one])
        return direct.union(*(self.ancestors(parent) for parent in direct))


def cases(kind: str, name: str, found: list[Vector]) -> Vector:
    return {"format": FORMAT, "type": kind, "name": name, "cases": found}


def frontier_expectation(heads: list[Head], decisions: list[bytes] | None = None) -> Vector:
    """Frontier bytes put together by hand."""
    encoded = b""
    for key, built, forked_seq in heads:
        head = b"\x0a\x20" + key
        if built is not None:
            seq = built.header["seq"]
            assert seq < 128
            head += (b"\x10" + bytes([seq]) if seq else b"") + b"\x1a\x20" + built.id
        head += b"" if forked_seq is None else b"\x20" + bytes([forked_seq])
        encoded += b"\x0a" + bytes([len(head)]) + head
    encoded += b"".join(b"\x12\x20" + one for one in decisions or [])
    root = blake3(encoded, derive_key_context="constancia v1 frontier").hexdigest()
    return {"frontier": encoded.hex(), "frontier_root": root}


def times_by_definition(order: list[Built], member_of: dict[bytes, str]) -> Vector:
    """Format §5 word for word, with whole ancestor sets."""
    parents = {b.id: [*([b.header["prev"]] if b.header["prev"] else []), *b.header["seen"]] for b in order}
    by_id = {b.id: b for b in order}
    ancestors: dict[bytes, set[bytes]] = {}
    for b in order:
        ancestors[b.id] = set(parents[b.id]).union(*(ancestors[parent] for parent in parents[b.id]))
    effective = {
        one: max(by_id[each].header["claimed_at_ms"] for each in {one, *above}) for one, above in ancestors.items()
    }
    result = {}
    for b in order:
        witnesses = [
            effective[other.id]
            for other in order
            if b.id in ancestors[other.id] and member_of[other.header["author"]] != member_of[b.header["author"]]
        ]
        if not b.header["prev"]:
            witnesses.append(effective[b.id])
        result[b.id.hex()] = {
            "effective_ms": str(effective[b.id]),
            "witnessed_ms": str(min(witnesses)) if witnesses else None,
        }
    return result


def fields(built: Built) -> Vector:
    header = built.header
    return {
        **{name: header[name] for name in ("version", "payload_len", "kind")},
        **{name: str(header[name]) for name in ("seq", "height", "claimed_at_ms")},
        **{name: header[name].hex() for name in ("author", "prev", "payload_hash")},
        "seen": [one.hex() for one in header["seen"]],
        "header": built.header_bytes.hex(),
        "signature": built.signature.hex(),
        "payload": None if built.payload is None else built.payload.hex(),
        "salt": None if built.salt is None else built.salt.hex(),
    }
