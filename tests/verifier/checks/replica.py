# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What is held, and the one way in (format §3).

`take_entry` goes through the steps of §3 in their order. It refuses entries of another ledger, signatures
and payloads that do not hold, keys that neither the charter nor the entry's ancestors grant and broken chains
(prev, seen, height, claimed time); what is refused changes nothing. It keeps apart what waits for a parent, or,
governance, for its own payload, and drops what is not needed: a second entry in a slot, which proves the fork,
and what a key wrote at or beyond its end, unless somebody cites it or something took effect at it.
`take_fork_proof` refuses proofs of another ledger and about the founder's seq 0, and keeps apart those of keys
without grant. `take_logged` is for an entry log, where what stands has been taken in before.

Does not bound what waits: that is a rule for peers, and this reads files.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from checks.authority import Authority, place_of
from checks.entry import GOVERNANCE, Entry, check_payload, check_signature
from checks.event import Charter, read_charter
from checks.fork import ForkProof
from checks.refusal import Refused

# Fork proofs of keys without grant that are kept (format §6): more would let anybody fill the memory.
WAITING_PROOFS_MAX = 4096


class Taken(Enum):
    NEW = "new"
    HELD = "held"
    # The entry was held without its payload; now it has it.
    PAYLOAD = "payload"
    # Parents are missing, or the payload of a governance entry.
    WAITS = "waits"
    # Not kept: a second entry in a slot. The fork is proven now.
    FORK = "fork"
    # Not kept: at or beyond its key's end, by a proven fork or by decision.
    NOT_NEEDED = "not_needed"


class Replica:
    """Entries that passed every check, by id, and the fork proofs that count."""

    def __init__(self) -> None:
        self.ledger_id: bytes | None = None
        self.founder = b""
        self.charter: Charter | None = None
        self.authority: Authority | None = None
        self.entries: dict[bytes, Entry] = {}
        self.slots: dict[tuple[bytes, int], set[bytes]] = {}
        # Key to its lowest proven fork.
        self.forked_seq: dict[bytes, int] = {}
        # Keys without grant of which a fork is proven, and where: nothing follows from it yet.
        self.awaiting_grant: dict[bytes, int] = {}
        self.waiting: dict[bytes, Entry] = {}
        # What had waited and has no place: why, or none where a fork makes it superfluous.
        self.dropped: list[tuple[Entry, Refused | None]] = []

    def take_entry(self, entry: Entry) -> Taken:
        if self.ledger_id is None:
            return self._take_charter(entry)
        _check_alone(entry, self.ledger_id)
        held = self.entries.get(entry.id)
        if held is not None:
            return self._take_late_payload(held, entry)
        taken = self._place(entry)
        if taken is Taken.NEW:
            self._place_waiting()
        return taken

    def take_logged(self, entry: Entry) -> Taken:
        """Of an entry log: its parents stand before it, and what lies beyond a fork was kept for a reason."""
        if self.ledger_id is None:
            return self._take_charter(entry)
        _check_alone(entry, self.ledger_id)
        if entry.id in self.entries:
            return self._take_late_payload(self.entries[entry.id], entry)
        missing = self.missing_parents(entry)
        if missing:
            raise Refused("chain.parent_missing", f"{entry.id.hex()} needs its parent {missing[0].hex()}")
        self._check_granted(entry)
        self._check_chain(entry)
        if _lacks_payload(entry):
            raise Refused("chain.governance_without_payload", f"{entry.id.hex()} is governance, never without payload")
        self._prove_fork(entry)
        self._hold(entry)
        return Taken.NEW

    def missing_parents(self, entry: Entry) -> list[bytes]:
        return [parent for parent in entry.header.parents if parent not in self.entries]

    def is_at_end(self, entry: Entry) -> bool:
        """At or beyond its key's end: a proven fork, or a cut-off of what is held."""
        return self._is_at_fork(entry) or self._authority().current.is_ended(entry.header.author, entry.header.seq)

    def is_redacted(self, one: bytes) -> bool:
        return self.authority is not None and one in self.authority.current.redacted

    def take_fork_proof(self, proof: ForkProof) -> bool:
        """Whether the fork, or so low a fork of the key, was not known."""
        if self.ledger_id is None:
            raise Refused("store.no_ledger", "a fork proof comes before any charter")
        if proof.ledger_id != self.ledger_id:
            raise Refused("fork.wrong_ledger", f"expected {self.ledger_id.hex()}, found {proof.ledger_id.hex()}")
        if proof.key == self.founder and proof.seq == 0:
            raise Refused("chain.founder_second_start", "the founder's seq 0 is the charter and cannot fork")
        if not self._authority().is_granted(proof.key):
            self._await_grant(proof.key, proof.seq)
            return False
        return self._record_fork(proof.key, proof.seq)

    def _await_grant(self, key: bytes, seq: int) -> None:
        if len(self.awaiting_grant.keys() | {key}) > WAITING_PROOFS_MAX:
            raise Refused("chain.stranger", f"no grant for key {key.hex()}, and {WAITING_PROOFS_MAX} proofs wait")
        self.awaiting_grant[key] = min(seq, self.awaiting_grant.get(key, seq))

    def _take_charter(self, entry: Entry) -> Taken:
        if not entry.header.is_first:
            raise Refused("store.no_ledger", f"{entry.id.hex()} comes before any charter")
        try:
            _check_alone(entry, entry.id)
            if _lacks_payload(entry):
                raise Refused("chain.governance_without_payload", f"{entry.id.hex()} has no payload")
            self.charter = read_charter(entry)
        except Refused as refused:
            raise Refused("store.bad_charter", str(refused)) from None
        self.ledger_id = entry.id
        self.founder = entry.header.author
        self.authority = Authority(entry, self.charter)
        self._hold(entry)
        return Taken.NEW

    def _take_late_payload(self, held: Entry, entry: Entry) -> Taken:
        if held.payload is not None or entry.payload is None or entry.salt is None or self.is_redacted(held.id):
            return Taken.HELD
        self.entries[held.id] = held.with_payload(entry.payload, entry.salt)
        return Taken.PAYLOAD

    def _place(self, entry: Entry) -> Taken:
        """Steps 5 to 8."""
        missing = self.missing_parents(entry)
        if not missing:
            self._check_granted(entry)
        is_cited = False
        if self._is_beyond_end(entry):
            is_cited = self._is_cited(entry)
            tried = None if is_cited else self._try_to_decide(entry)
            if tried is not None:
                return tried
        if not is_cited and self.is_at_end(entry) and (self._is_at_fork(entry) or not self._rivals(entry)):
            # Before its parents are looked for: nobody needs them for it.
            return Taken.NOT_NEEDED
        if missing:
            self._prove_fork(entry)
            return self._wait(entry)
        self._check_chain(entry)
        if not is_cited and self._rivals(entry):
            return self._only_evidence(entry)
        if _lacks_payload(entry):
            return self._wait(entry)
        self._prove_fork(entry)
        self._hold(entry)
        return Taken.NEW

    def _only_evidence(self, entry: Entry) -> Taken:
        return Taken.FORK if self._prove_fork(entry) else Taken.NOT_NEEDED

    def _wait(self, entry: Entry) -> Taken:
        """Of a copy with payload and one without, the one with it is kept."""
        before = self.waiting.get(entry.id)
        if before is None or before.payload is None:
            self.waiting[entry.id] = entry
        return Taken.WAITS

    def _place_waiting(self) -> None:
        """What waited and has its parents now."""
        ready = True
        while ready:
            ready = False
            for entry in list(self.waiting.values()):
                if entry.id in self.waiting and not self.missing_parents(entry):
                    ready = self._place_one_waiting(entry) or ready

    def _place_one_waiting(self, entry: Entry) -> bool:
        """Whether it has a place."""
        try:
            taken = self._place(entry)
            if taken is Taken.WAITS:
                return False
            if taken is not Taken.NEW:
                self.dropped.append((entry, None))
        except Refused as refused:
            taken = Taken.NOT_NEEDED
            self.dropped.append((entry, refused))
        self.waiting.pop(entry.id, None)
        return taken is Taken.NEW

    def _check_granted(self, entry: Entry) -> None:
        """By the charter, or, where its feed begins, by what holds for its ancestors (R22)."""
        key, authority = entry.header.author, self._authority()
        if authority.owner_for(entry) is None and (entry.header.seq == 0 or not authority.is_granted(key)):
            raise Refused("chain.stranger", f"no grant for key {entry.header.author.hex()}")

    def _check_chain(self, entry: Entry) -> None:
        header = entry.header
        prev = self.entries[header.prev]
        if header.seq == 0:
            if header.author == self.founder:
                raise Refused("chain.founder_second_start", "the founder's seq 0 is the charter")
        elif prev.header.author != header.author:
            raise Refused("chain.wrong_prev", f"prev was written by {prev.header.author.hex()}")
        elif prev.header.seq != header.seq - 1:
            raise Refused("chain.wrong_prev", f"expected prev at seq {header.seq - 1}, found {prev.header.seq}")
        if header.seq > 0 and header.claimed_at_ms < prev.header.claimed_at_ms:
            raise Refused(
                "chain.claimed_before_prev",
                f"expected at least {prev.header.claimed_at_ms}, found {header.claimed_at_ms}",
            )
        for tip in header.seen:
            if self.entries[tip].header.author == header.author:
                raise Refused("chain.seen_own_feed", f"{tip.hex()} is the author's own")
        height = 1 + max(self.entries[parent].header.height for parent in header.parents)
        if header.height != height:
            raise Refused("chain.wrong_height", f"expected height {height}, found {header.height}")

    def _is_beyond_end(self, entry: Entry) -> bool:
        """At or beyond its key's end, or in a slot that another entry has."""
        return self.is_at_end(entry) or bool(self._rivals(entry))

    def _is_at_fork(self, entry: Entry) -> bool:
        forked_seq = self.forked_seq.get(entry.header.author)
        return forked_seq is not None and entry.header.seq >= forked_seq

    def _rivals(self, entry: Entry) -> set[bytes]:
        return self.slots.get((entry.header.author, entry.header.seq), set()) - {entry.id}

    def _is_cited(self, entry: Entry) -> bool:
        """Whether an entry that waits, by a granted key and with a place of its own, has it as ancestor."""
        key, seq = entry.header.author, entry.header.seq
        for child in self._waiting_descendants(entry):
            own_branch = child.header.author == key and child.header.seq >= seq
            if not own_branch and not self._is_beyond_end(child):
                return True
        return False

    def _waiting_descendants(self, entry: Entry) -> Iterator[Entry]:
        """By granted keys."""
        open_ids, seen = [entry.id], {entry.id}
        while open_ids:
            parent = open_ids.pop()
            for child in self.waiting.values():
                granted = self._authority().is_granted(child.header.author)
                if parent in child.header.parents and child.id not in seen and granted:
                    seen.add(child.id)
                    open_ids.append(child.id)
                    yield child

    def _try_to_decide(self, entry: Entry) -> Taken | None:
        """What passed stands, with its ancestors. None where nothing may be decided at the entry or beyond it."""
        family = [entry, *self._waiting_descendants(entry)]
        deciders = sorted((one for one in family if self._authority().may_decide(one)), key=place_of)
        if not deciders:
            return None
        let_go, still_waiting = {entry.id: entry}, set[bytes]()
        for decider in deciders:
            branch = self._waiting_below(decider, entry)
            lacking = any(self._lacks_among(one, branch) for one in branch.values())
            if not lacking and self._decides(decider, branch):
                if entry.id in branch:
                    return Taken.NEW
            elif lacking:
                still_waiting |= set(branch)
            let_go |= branch
        for one in let_go.values():
            if one.id not in still_waiting and one.id != entry.id and self.waiting.pop(one.id, None) is not None:
                self.dropped.append((one, None))
        if still_waiting:
            self._prove_fork(entry)
            return self._wait(entry)
        self.waiting.pop(entry.id, None)
        return self._only_evidence(entry)

    def _waiting_below(self, last: Entry, come: Entry) -> dict[bytes, Entry]:
        """What waits, or has just come, of an entry and its ancestors."""
        found: dict[bytes, Entry] = {}
        wanted = [last.id]
        while wanted:
            one = wanted.pop()
            entry = come if one == come.id else self.waiting.get(one)
            if entry is not None and one not in found:
                found[one] = entry
                wanted.extend(entry.header.parents)
        return found

    def _lacks_among(self, entry: Entry, branch: dict[bytes, Entry]) -> bool:
        return _lacks_payload(entry) or any(parent not in branch for parent in self.missing_parents(entry))

    def _decides(self, last: Entry, branch: dict[bytes, Entry]) -> bool:
        """All of them are held if something takes effect at the last one, else none."""
        before = dict(self.__dict__)
        self.entries, self.forked_seq, self.waiting = dict(self.entries), dict(self.forked_seq), dict(self.waiting)
        self.slots = {slot: set(ids) for slot, ids in self.slots.items()}
        self.awaiting_grant, self.authority = dict(self.awaiting_grant), self._authority().copy()
        try:
            for one in sorted(branch.values(), key=place_of):
                self._check_granted(one)
                self._check_chain(one)
                self._prove_fork(one)
                self._hold(one)
        except Refused:
            self.__dict__.update(before)
            return False
        if last.id not in self.authority.current.decisive():
            self.__dict__.update(before)
            return False
        return True

    def _prove_fork(self, entry: Entry) -> bool:
        """Whether the entry and one that is held in its slot, on one prev, prove a fork that was not known."""
        if any(self.entries[rival].header.prev == entry.header.prev != b"" for rival in self._rivals(entry)):
            return self._record_fork(entry.header.author, entry.header.seq)
        return False

    def _record_fork(self, key: bytes, seq: int) -> bool:
        known = self.forked_seq.get(key)
        if known is not None and known <= seq:
            return False
        self.forked_seq[key] = seq
        return True

    def _hold(self, entry: Entry) -> None:
        self.waiting.pop(entry.id, None)
        self.entries[entry.id] = entry
        key, seq = entry.header.author, entry.header.seq
        self.slots.setdefault((key, seq), set()).add(entry.id)
        # What waits for a parent has a place in its feed all the same.
        waiting = (one.header for one in self.waiting.values())
        if any((one.author, one.seq, one.prev) == (key, seq, entry.header.prev) for one in waiting):
            self._record_fork(key, seq)
        if not entry.header.is_first:
            self._authority().take(entry)
        for granted in [one for one in self.awaiting_grant if self._authority().is_granted(one)]:
            self._record_fork(granted, self.awaiting_grant.pop(granted))

    def _authority(self) -> Authority:
        assert self.authority is not None, "a ledger id without a charter"
        return self.authority


def _check_alone(entry: Entry, ledger_id: bytes) -> None:
    """Steps 2 and 3."""
    check_signature(entry.header, entry.header_bytes, entry.signature, ledger_id)
    if entry.payload is not None and entry.salt is not None:
        check_payload(entry.header, entry.payload, entry.salt)


def _lacks_payload(entry: Entry) -> bool:
    return entry.payload is None and entry.header.kind == GOVERNANCE
