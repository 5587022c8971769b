# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What authority says of the ledger at a frontier: what counts, what became of proposals, who is who (R22 to R30).

`describe_authority` is for governance: of facts and acknowledgements it says only what the rules of authority take
from them. Refuses nothing. Given the whole ledger, of it the entries of the view,
both in order, and the forks that are proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checks.authority import YES, Act, Authority
from checks.entry import ACKNOWLEDGE, GOVERNANCE, Entry
from checks.event import SCOPE_SIGN, event_name
from checks.holding import Holding, Key, PutForward

COUNTED = "counted"


@dataclass(frozen=True)
class _View:
    authority: Authority
    order: list[Entry]
    forked_seq: dict[bytes, int]
    held: Holding
    # At these something took effect: what passed stands.
    decisive: set[bytes]
    # Beyond a fork, and counting as the council settled it.
    restored: set[bytes]
    standings: dict[bytes, str]


def describe_authority(
    authority: Authority, whole: list[Entry], order: list[Entry], forked_seq: dict[bytes, int]
) -> dict[str, Any]:
    """Ready for JSON; ids and keys are hexadecimal, 64-bit integers text, what is unknown absent."""
    view = _view(authority, whole, order, forked_seq)
    held = view.held
    proposals = [act for act in (authority.acts.get(entry.id) for entry in order) if act is not None and act.put]
    shown = {one.hex(): word for one, word in view.standings.items() if _is_shown(view, one, word)}
    return {
        "standings": shown,
        "proposals": {act.put.id.hex(): _proposal(view, act, act.put) for act in proposals if act.put is not None},
        "members": {
            slug: {
                "admitted_by": one.admitted_by.hex(),
                **({"retired_by": one.retired_by.hex()} if one.retired_by is not None else {}),
                "council": slug in held.rules["council"],
            }
            for slug, one in sorted(held.members.items())
        },
        "keys": {key.hex(): _key(held, key, one) for key, one in sorted(held.keys.items())},
        "rules_set_by": held.rules_set_by.hex(),
        "plan_versions": [one.hex() for one in held.plan_versions],
        "redacted": {
            entry.id.hex(): authority.current.redacted[entry.id].hex()
            for entry in order
            if view.standings[entry.id] == "redacted"
        },
    }


def standings(
    authority: Authority, whole: list[Entry], order: list[Entry], forked_seq: dict[bytes, int]
) -> dict[bytes, str]:
    """`void` with its reason. Of facts and acknowledgements as far as these rules judge them."""
    return _view(authority, whole, order, forked_seq).standings


def _view(authority: Authority, whole: list[Entry], order: list[Entry], forked_seq: dict[bytes, int]) -> _View:
    held = authority.holds(authority.cones.union([entry.id for entry in order]))
    decisive = held.decisive()
    # A view has today's forks, and today's way of settling them.
    today = authority.holds(authority.cones.union([entry.id for entry in whole]))
    view = _View(authority, order, forked_seq, held, decisive, _restored(authority, today, forked_seq), {})
    for entry in order:
        view.standings[entry.id] = _standing(view, entry)
    return view


def _restored(authority: Authority, today: Holding, forked_seq: dict[bytes, int]) -> set[bytes]:
    """R29: from the honoured entry back to the fork."""
    found = set()
    for key, (_, honoured, _) in today.settled.items():
        entry = None if honoured is None else authority.entry(honoured)
        while entry is not None and entry.header.author == key and entry.header.seq >= forked_seq.get(key, 0):
            found.add(entry.id)
            entry = authority.entry(entry.header.prev)
    return found


def _standing(view: _View, entry: Entry) -> str:
    key, seq = entry.header.author, entry.header.seq
    if entry.header.is_first:
        return COUNTED
    if entry.id not in view.decisive:
        if seq >= view.forked_seq.get(key, seq + 1) and entry.id not in view.restored:
            return "forked"
        if view.held.is_ended(key, seq):
            return "void after_cut_off"
    if entry.id in view.authority.current.redacted:
        # In every view, of whatever day (R30).
        return "redacted"
    if entry.payload is None:
        return "pending"
    if event_name(entry) is None:
        return "unknown_event"
    if entry.header.kind == GOVERNANCE:
        act = view.authority.acts.get(entry.id)
        return "invalid_event" if act is None else COUNTED if act.void is None else f"void {act.void}"
    is_allowed = entry.header.kind == ACKNOWLEDGE or view.authority.owners[entry.id].scope == SCOPE_SIGN
    return COUNTED if is_allowed else "void scope"


def _is_shown(view: _View, one: bytes, word: str) -> bool:
    """Of what is no governance only what these rules take from it."""
    entry = view.authority.entry(one)
    is_governance = entry is not None and entry.header.kind == GOVERNANCE
    return is_governance or word in ("forked", "redacted") or word.startswith("void ")


def _key(held: Holding, key: bytes, known: Key) -> dict[str, Any]:
    found: dict[str, Any] = {
        "member": known.member,
        "scope": known.scope,
        "granted_by": known.granted_by.hex(),
    }
    if known.end is not None:
        found["end"] = {"seq": str(known.end.seq), "by": known.end.by.hex()}
    if key in held.settled:
        _, honoured, by = held.settled[key]
        found["settled"] = {"by": by.hex(), **({"honoured": honoured.hex()} if honoured is not None else {})}
    return found


def _proposal(view: _View, act: Act, put: PutForward) -> dict[str, Any]:
    council = view.held.council(put.recused)
    votes: dict[str, int] = {}
    for vote in _that_count(view, "vote", put.id):
        if vote.member in council.voters:
            votes.setdefault(vote.member, vote.body["choice"])
    agreed = {member for member, choice in votes.items() if choice == YES}
    hopeful = agreed | (council.voters - set(votes))
    taken_back = _that_count(view, "proposal_withdrawn", put.id)
    decided = view.held.decided.get(put.id)
    found: dict[str, Any]
    if decided is not None:
        found = {"status": "passed" if decided.void is None else f"passed_void {decided.void}", "at": decided.at.hex()}
    elif view.standings[put.id] != COUNTED:
        found = {"status": "void"}
    elif taken_back:
        found = {"status": "withdrawn", "at": taken_back[0].place[3].hex()}
    elif council.is_complete(agreed):
        found = {"status": "ready"}
    else:
        found = {"status": "open" if council.is_complete(hopeful) else "blocked"}
    recused = {} if put.recused is None else {"recused": put.recused}
    return {
        **found,
        "needed": council.needed,
        "agreed": sorted(agreed),
        "not_agreed": sorted(set(votes) - agreed),
    } | recused


def _that_count(view: _View, name: str, proposal: bytes) -> list[Act]:
    """Acts on a proposal that count, in the ledger's order."""
    acts = [view.authority.acts[entry.id] for entry in view.order if entry.id in view.authority.acts]
    acts = [act for act in acts if act.name == name and act.body["proposal"] == proposal]
    return [act for act in acts if view.standings[act.place[3]] == COUNTED]
