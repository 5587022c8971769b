# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Sets of entries: the *cone* of an entry is its strict ancestors (rules.md, Authority).

A set is a number with a bit per entry, so that a cone is its parents' cones laid over each other. Refuses
nothing; an entry is added after its parents.
"""

from __future__ import annotations

from checks.entry import Entry

# A set of entries.
Cone = int


class Cones:
    def __init__(self) -> None:
        self._bit: dict[bytes, Cone] = {}
        # An entry and its ancestors.
        self._closure: dict[bytes, Cone] = {}
        # Of each key what it wrote: seq, id.
        self._feeds: dict[bytes, list[tuple[int, bytes]]] = {}

    def add(self, entry: Entry) -> None:
        cone = self.of(entry)
        self._bit[entry.id] = 1 << len(self._bit)
        self._closure[entry.id] = cone | self._bit[entry.id]
        self._feeds.setdefault(entry.header.author, []).append((entry.header.seq, entry.id))

    def copy(self) -> Cones:
        other = Cones()
        other._bit, other._closure = dict(self._bit), dict(self._closure)
        other._feeds = {key: list(feed) for key, feed in self._feeds.items()}
        return other

    def of(self, entry: Entry) -> Cone:
        """The strict ancestors of an entry whose parents were added."""
        cone = 0
        for parent in entry.header.parents:
            cone |= self._closure[parent]
        return cone

    def bit(self, one: bytes) -> Cone:
        return self._bit[one]

    def union(self, ids: list[bytes]) -> Cone:
        """Just these entries."""
        found = 0
        for one in ids:
            found |= self._bit[one]
        return found

    def has(self, cone: Cone, one: bytes) -> bool:
        return bool(cone & self._bit.get(one, 0))

    def fork_shown(self, cone: Cone, key: bytes) -> int | None:
        """The lowest seq of which the set has two entries of the key."""
        seqs = sorted(seq for seq, one in self._feeds.get(key, []) if self.has(cone, one))
        return next((seq for seq, after in zip(seqs, seqs[1:], strict=False) if seq == after), None)

    def end_of(self, cone: Cone, key: bytes) -> int:
        """The seq after the key's last entry in the set, on whatever branch."""
        return max((seq + 1 for seq, one in self._feeds.get(key, []) if self.has(cone, one)), default=0)

    def is_up_to(self, one: bytes, last: bytes) -> bool:
        """Whether an entry is another or an ancestor of it."""
        return self.has(self._closure.get(last, 0), one)

    def closure(self, one: bytes) -> Cone:
        """An entry and its ancestors."""
        return self._closure[one]

    def first_of(self, cone: Cone, key: bytes) -> bytes | None:
        """Where the key's feed begins in the set."""
        starts = [one for seq, one in self._feeds.get(key, []) if seq == 0 and self.has(cone, one)]
        return min(starts, default=None)
