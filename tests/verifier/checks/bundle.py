# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Bundle files (format §8), and what can be said of the ledger that they carry.

A file that breaks the format is refused from there on: another first line, item lengths that are not minimal
or too great, cut-off items, items that are empty or not canonical, entries that do not decode, fork proofs
after an entry or too many, a first entry that is no charter or another ledger's, a file without end, an end
that counts other items or is not the last. An item that fork.py or replica.py refuses, or an entry whose
parent is neither held nor in the file, is refused alone, and the rest is taken. Names the item. A writer puts
parents first; this reader takes entries in any order. Does not bound what waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checks import ledger, wire
from checks.entry import Entry, entry_of_message
from checks.event import event_name
from checks.fork import check_fork_proof
from checks.refusal import Refused
from checks.replica import Replica, Taken
from checks.schema import load
from checks.standing import describe_authority

FIRST_LINE = b"constancia-bundle-v1\n"
ITEM_BYTES_MAX = 1_052_800
FORK_PROOFS_MAX = 4_096


def take_bundle(replica: Replica, data: bytes) -> None:
    """Takes in whatever can be, then ends with what was refused, if anything was."""
    raise_first(take_items(replica, data))


def raise_first(refused: list[Refused]) -> None:
    for first in refused[:1]:
        first.also = refused[1:]
        raise first


def take_items(replica: Replica, data: bytes) -> list[Refused]:
    """Takes in whatever can be; what is refused of it."""
    # Proofs stand before the charter that says for which ledger and which keys they count.
    proofs: list[tuple[int, wire.Message]] = []
    intake = _Intake(replica)
    ended = False
    for number, body, is_last in _items(data):
        with _naming_item(number):
            item = _decode_item(body)
            if item["fork_proof"] is not None:
                if intake.entries:
                    raise Refused("bundle.proof_after_entry", "fork proofs come before entries")
                if len(proofs) == FORK_PROOFS_MAX:
                    raise Refused("bundle.too_many_proofs", f"at most {FORK_PROOFS_MAX} fork proofs, found more")
                proofs.append((number, item["fork_proof"]))
                continue
            if item["end"] is not None:
                _check_end(item["end"], intake.entries, len(proofs))
                if not is_last:
                    raise Refused("bundle.after_end", "something follows the end")
                ended = True
                break
            if item["entry"] is None:
                raise Refused("bundle.empty", "an item is an entry, a fork proof or the end")
            intake.take(_decode_entry(item["entry"]), number, proofs)
    if not ended:
        raise Refused("bundle.no_end", "the file ends between two items, without its end")
    return intake.finish()


class _Intake:
    """The entries of one file, in its order."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.entries = 0
        # By item.
        self.refused: list[tuple[int, Refused]] = []
        # Read and not kept because of a fork: a later entry may have them as ancestors all the same.
        self.spare: dict[bytes, Entry] = {}
        # In which item each entry stands first.
        self.items: dict[bytes, int] = {}

    def take(self, entry: Entry, number: int, proofs: list[tuple[int, wire.Message]]) -> None:
        if self.entries == 0:
            self._check_charter(entry)
            if self.replica.ledger_id is None:
                self.replica.take_entry(entry)
            for at, proof in proofs:
                with self._refusing(at):
                    self.replica.take_fork_proof(check_fork_proof(proof, self.replica.ledger_id))
        self.entries += 1
        self.items.setdefault(entry.id, number)
        with self._refusing(number):
            self._offer(entry)
        self._offer_spare(entry)

    def finish(self) -> list[Refused]:
        """What waits still is on a branch that nobody else cites, or lacks something."""
        self._offer_waiting()
        self._drop_branches()
        for entry in self.replica.waiting.values():
            missing = self.replica.missing_parents(entry)
            with self._refusing(self.items[entry.id]):
                if missing:
                    raise Refused("chain.parent_missing", f"{entry.id.hex()} needs its parent {missing[0].hex()}")
                raise Refused("chain.governance_without_payload", f"{entry.id.hex()} is never without payload")
        self.replica.waiting.clear()
        return [refused for _, refused in sorted(self.refused, key=lambda one: one[0])]

    def _offer_waiting(self) -> None:
        """Once more, as long as that helps: a fork may have come to light since."""
        before = len(self.replica.waiting) + 1
        while len(self.replica.waiting) < before:
            before = len(self.replica.waiting)
            for entry in list(self.replica.waiting.values()):
                with self._refusing(self.items[entry.id]):
                    self._offer(entry)
                self._offer_spare(entry)

    def _offer_spare(self, entry: Entry) -> None:
        """Its parents come as if asked for; children first, for each is kept once something waits for it."""
        if entry.id in self.replica.waiting:
            for ancestor in sorted(self._spare_ancestors(entry), key=lambda one: -one.header.height):
                with self._refusing(self.items[ancestor.id]):
                    self._offer(ancestor)

    def _offer(self, entry: Entry) -> None:
        self.spare.pop(entry.id, None)
        if self.replica.take_entry(entry) in (Taken.FORK, Taken.NOT_NEEDED):
            self.spare[entry.id] = entry
            self.replica.waiting.pop(entry.id, None)
        for dropped, refused in self.replica.dropped:
            if refused is None:
                self.spare[dropped.id] = dropped
            else:
                with self._refusing(self.items[dropped.id]):
                    raise refused
        self.replica.dropped.clear()

    def _drop_branches(self) -> None:
        """What follows an entry that was not needed is not needed either."""
        left_out = list(self.spare)
        while left_out:
            parent = left_out.pop()
            for child in [one for one in self.replica.waiting.values() if parent in one.header.parents]:
                del self.replica.waiting[child.id]
                left_out.append(child.id)

    def _spare_ancestors(self, entry: Entry) -> list[Entry]:
        """Through what waits itself."""
        found: list[Entry] = []
        wanted, looked_at = list(entry.header.parents), {entry.id}
        while wanted:
            one = wanted.pop()
            parent = self.spare.get(one) or self.replica.waiting.get(one)
            if parent is not None and one not in looked_at:
                looked_at.add(one)
                wanted.extend(parent.header.parents)
                found += [parent] if one in self.spare else []
        return found

    def _check_charter(self, entry: Entry) -> None:
        if not entry.header.is_first:
            raise Refused("bundle.charter_missing", "the first entry is not a charter")
        if self.replica.ledger_id is not None and entry.id != self.replica.ledger_id:
            raise Refused("bundle.wrong_ledger", f"expected {self.replica.ledger_id.hex()}, found {entry.id.hex()}")

    @contextmanager
    def _refusing(self, number: int) -> Iterator[None]:
        """An item that is refused alone."""
        try:
            with _naming_item(number):
                yield
        except Refused as refused:
            self.refused.append((number, refused))


def describe(replica: Replica) -> dict[str, Any]:
    """Everything that two implementations have to agree on, ready for JSON. 64-bit integers are text."""
    if replica.ledger_id is None or replica.charter is None or replica.authority is None:
        raise Refused("store.no_ledger", "no charter is held")
    frontier = ledger.frontier_message(replica)
    encoded = ledger.encode_frontier(frontier)
    order = ledger.entries_at(replica, frontier)
    inside = {entry.id for entry in order}
    times = ledger.times(replica, order)
    with_payload = [entry for entry in order if entry.payload is not None]
    return {
        "ledger_id": replica.ledger_id.hex(),
        "name": replica.charter.name,
        "rules_version": replica.charter.rules_version,
        "order": [entry.id.hex() for entry in order],
        "order_digest": ledger.order_digest(order).hex(),
        "frontier": encoded.hex(),
        "frontier_root": ledger.frontier_root(encoded).hex(),
        "forks": [{"key": key.hex(), "seq": str(seq)} for key, seq in sorted(replica.forked_seq.items())],
        "pending": [one.id.hex() for one in order if one.payload is None and not replica.is_redacted(one.id)],
        "unknown": [entry.id.hex() for entry in with_payload if event_name(entry) is None],
        "outside": sorted(one.hex() for one in replica.entries if one not in inside),
        "waiting": sorted(one.hex() for one in replica.waiting),
        "times": {
            one.hex(): {
                "effective_ms": str(at.effective_ms),
                "witnessed_ms": None if at.witnessed_ms is None else str(at.witnessed_ms),
            }
            for one, at in times.items()
        },
        **describe_authority(replica.authority, order, order, replica.forked_seq),
    }


def _decode_item(body: bytes) -> wire.Message:
    try:
        return wire.decode(load(), "BundleItem", body)
    except wire.NotCanonical as error:
        raise Refused("bundle.not_canonical", str(error)) from None


def _decode_entry(message: wire.Message) -> Entry:
    try:
        return entry_of_message(message)
    except Refused as refused:
        raise Refused("bundle.entry", str(refused)) from None


def _check_end(end: wire.Message, entries: int, fork_proofs: int) -> None:
    if entries == 0:
        raise Refused("bundle.no_charter", "the file holds no entry")
    stated = end["entries"], end["fork_proofs"]
    if stated != (entries, fork_proofs):
        counted = f"the end counts {stated[0]} entries and {stated[1]} proofs"
        raise Refused("bundle.counts", f"{counted}, found {entries} and {fork_proofs}")


@contextmanager
def _naming_item(number: int) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise Refused(refused.code, f"{refused.message} (item {number})") from None


def _items(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each item, and whether the file ends with it."""
    if not data.startswith(FIRST_LINE):
        raise Refused("bundle.not_a_bundle", f"expected {FIRST_LINE!r}, found {data[: len(FIRST_LINE)]!r}")
    reader = wire.Reader(data)
    reader.at = len(FIRST_LINE)
    number = 0
    while not reader.done():
        number += 1
        with _naming_item(number):
            body = _item(reader)
        yield number, body, reader.done()


def _item(reader: wire.Reader) -> bytes:
    start = reader.at
    try:
        length = reader.varint()
    except wire.NotCanonical as error:
        cut_off = reader.done() and reader.at - start < 10 and reader.data[-1] >= 0x80
        raise Refused("bundle.cut_off" if cut_off else "bundle.length", str(error)) from None
    if length > ITEM_BYTES_MAX:
        raise Refused("bundle.item_too_long", f"at most {ITEM_BYTES_MAX} bytes, found {length}")
    try:
        return reader.take(length)
    except wire.NotCanonical as error:
        raise Refused("bundle.cut_off", str(error)) from None
