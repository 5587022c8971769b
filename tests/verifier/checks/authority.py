# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Who may do what (rules.md, R22 to R28): each governance entry is judged once, by its strict ancestors alone.

Follows what is held, every entry after its parents: whose its key is, whether its author had the right to what a
governance entry says, and what took effect at it. A void act is no refusal: it is kept, with the reason. What holds
for a set of entries: holding.py; what counts at a frontier: standing.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks import wire
from checks.cones import Cone, Cones
from checks.entry import GOVERNANCE, Entry
from checks.event import SCOPE_SIGN, Charter
from checks.governance_event import decision_of, governance_event
from checks.holding import Effect, Holding, Place, PutForward

YES = 1


@dataclass(frozen=True)
class Owner:
    """Whose a key is, by the grant that the first entry of its feed proves."""

    member: str
    scope: int


@dataclass(frozen=True)
class Act:
    """A governance entry that is a valid event."""

    place: Place
    member: str
    name: str
    body: wire.Message
    # Why it has no effect, by its own ancestors.
    void: str | None
    put: PutForward | None


class Authority:
    def __init__(self, charter: Entry, body: Charter) -> None:
        self._charter_id, self._charter = charter.id, body.body
        self._of_charter = {grant["key"]: Owner(grant["member"], grant["scope"]) for grant in body.body["keys"]}
        self.cones = Cones()
        self.owners: dict[bytes, Owner] = {}
        # By entry; a proposal's votes and what takes it back by the proposal.
        self.acts: dict[bytes, Act] = {}
        self.effects: dict[bytes, Effect] = {}
        self._entries: dict[bytes, Entry] = {}
        self._known: dict[Cone, Holding] = {}
        self._take(charter, self._of_charter[charter.header.author])

    def copy(self) -> Authority:
        other = Authority.__new__(Authority)
        other.__dict__.update(self.__dict__)
        other.cones = self.cones.copy()
        other.owners, other.acts, other.effects = dict(self.owners), dict(self.acts), dict(self.effects)
        other._entries, other._known = dict(self._entries), {}
        return other

    # Whose a key is.

    def owner_for(self, entry: Entry) -> Owner | None:
        """Whose entry it is; none of a stranger's. Its parents are held."""
        known = self._of_charter.get(entry.header.author)
        if known is not None:
            return known
        if entry.header.seq == 0:
            key = self.holds(self.cones.of(entry)).keys.get(entry.header.author)
            return None if key is None else Owner(key.member, key.scope)
        prev = self._entries.get(entry.header.prev)
        return self.owners[prev.id] if prev is not None and prev.header.author == entry.header.author else None

    def is_granted(self, key: bytes) -> bool:
        """By anything that is held, whatever an entry's own ancestors say."""
        return key in self.current.keys

    def take(self, entry: Entry) -> None:
        """An entry that has its place, of an owner."""
        owner = self.owner_for(entry)
        assert owner is not None, "an entry of a stranger"
        self._take(entry, owner)

    # What holds.

    @property
    def current(self) -> Holding:
        """After everything that is held."""
        return self.holds(-1)

    def holds(self, cone: Cone) -> Holding:
        effects = self.cones.union(list(self.effects)) & cone
        if effects not in self._known:
            within = [effect for one, effect in self.effects.items() if self.cones.has(effects, one)]
            self._known[effects] = Holding(self._charter_id, self._charter).apply(within)
        return self._known[effects]

    def may_decide(self, entry: Entry) -> bool:
        """As far as can be told while ancestors are missing."""
        event = governance_event(entry)
        if event is None:
            return False
        name, body = event
        if name == "key_retired":
            known = self.current.keys.get(body["key"])
            if known is None or known.end is None or known.end.seq > 0:
                return True
            decided = self.current.decided.get(known.end.by)
            ended_at = known.end.by if decided is None else decided.at
            return place_of(entry) < self.effects[ended_at].place
        if name not in ("vote", "enact"):
            return False
        if body["proposal"] in self.acts and self.acts[body["proposal"]].put is None:
            return False
        decided = self.current.decided.get(body["proposal"])
        return decided is None or place_of(entry) < self.effects[decided.at].place

    # How an act is judged.

    def _take(self, entry: Entry, owner: Owner) -> None:
        self.owners[entry.id] = owner
        self._entries[entry.id] = entry
        event = governance_event(entry)
        if event is not None and not entry.header.is_first:
            cone = self.cones.of(entry)
            judge = _Judge(self, entry, owner, cone)
            act, effect = judge.judge(*event)
            self.acts[entry.id] = act
            if effect is not None:
                self.effects[entry.id] = effect
        self.cones.add(entry)

    def entry(self, one: bytes) -> Entry | None:
        return self._entries.get(one)


class _Judge:
    """An act on its way in, with what its ancestors say."""

    def __init__(self, authority: Authority, entry: Entry, owner: Owner, cone: Cone) -> None:
        self.authority = authority
        self.cones = authority.cones
        self.entry = entry
        self.owner = owner
        self.cone = cone
        self.held = authority.holds(cone)

    def judge(self, name: str, body: wire.Message) -> tuple[Act, Effect | None]:
        put = self._put_forward(body) if name == "proposal" else None
        void = self._right(name, body) or self._void(name, body)
        effect = None
        place = place_of(self.entry)
        if void is None and name in ("vote", "enact"):
            effect = self._passing(place, name, body)
            if effect is None and name == "enact":
                void = "quorum_not_met"
        elif void is None and name == "key_retired":
            effect = Effect(place, retires=body["key"], ends={body["key"]: self.cones.end_of(self.cone, body["key"])})
        return Act(place, self.owner.member, name, body, void, put), effect

    def _right(self, name: str, body: wire.Message) -> str | None:
        """R22: a key in force, with scope sign unless it retires itself."""
        void = self._key_fault(self.entry.header.author, self.entry.header.seq)
        own = name == "key_retired" and body["key"] == self.entry.header.author
        return void or (None if self.owner.scope == SCOPE_SIGN or own else "scope")

    def _key_fault(self, key: bytes, seq: int) -> str | None:
        if self.held.is_ended(key, seq):
            return "after_cut_off"
        forked = self.cones.fork_shown(self.cone, key)
        return "fork_shown" if forked is not None and seq >= forked else None

    def _void(self, name: str, body: wire.Message) -> str | None:
        if name == "charter":
            return "second_charter"
        if name == "acceptance":
            return None if body["charter"] == self.authority._charter_id else "other_charter"
        if name in ("vote", "enact"):
            return self._vote_fault(body["proposal"]) or (self._voted(body["proposal"]) if name == "vote" else None)
        if name == "proposal_withdrawn":
            return self._withdrawal_fault(body["proposal"])
        return self._retirement_fault(body["key"]) if name == "key_retired" else None

    def _vote_fault(self, proposal: bytes) -> str | None:
        """R24: a seat and a vote, on a proposal that is open among the ancestors."""
        named = self._named_proposal(proposal)
        if isinstance(named, str):
            return named
        act, put = named
        if put.recused == self.owner.member:
            return "recused"
        if self.owner.member not in self.held.council().voters:
            return "not_on_council"
        if proposal in self.held.decided:
            return "already_decided"
        if not self._counts(act):
            return "named_does_not_count"
        return "proposal_withdrawn" if self._said("proposal_withdrawn", proposal) else None

    def _named_proposal(self, proposal: bytes) -> tuple[Act, PutForward] | str:
        """R8, R24: what is voted on or taken back is a proposal among the ancestors, and not void; else why not."""
        if not self.cones.has(self.cone, proposal):
            return "not_an_ancestor"
        act = self.authority.acts.get(proposal)
        if act is None or act.put is None:
            return "named_other_sort"
        return (act, act.put) if act.void is None else "named_does_not_count"

    def _voted(self, proposal: bytes) -> str | None:
        own = [act for act in self._said("vote", proposal) if act.member == self.owner.member]
        return "already_voted" if own else None

    def _said(self, name: str, proposal: bytes) -> list[Act]:
        """Acts on a proposal that count by what the ancestors show, in the ledger's order."""
        acts = [act for act in self.authority.acts.values() if act.name == name and act.body["proposal"] == proposal]
        return sorted((act for act in acts if self._counts(act)), key=lambda act: act.place)

    def _counts(self, act: Act) -> bool:
        """It had its right, and its key has neither ended nor forked before it, but for a branch that is honoured."""
        _, key, seq, one = act.place
        if act.void is not None or not self.cones.has(self.cone, one):
            return False
        fault = self._key_fault(key, seq)
        _, honoured, _ = self.held.settled.get(key, (0, None, b""))
        return fault is None or (fault == "fork_shown" and honoured is not None and self.cones.is_up_to(one, honoured))

    def _withdrawal_fault(self, proposal: bytes) -> str | None:
        """R23: who proposed takes it back, before it passed."""
        named = self._named_proposal(proposal)
        if isinstance(named, str):
            return named
        act, _ = named
        if act.member != self.owner.member:
            return "not_proposer"
        return "already_decided" if proposal in self.held.decided else None

    def _retirement_fault(self, key: bytes) -> str | None:
        """R28: the key itself or its member, where that leaves less."""
        if key != self.entry.header.author:
            member = self._member_of(key)
            if member != self.owner.member:
                return "unknown_key" if member is None else "not_own_key"
        end = self.held.end_of(key)
        return "already_decided" if end is not None and end <= self.cones.end_of(self.cone, key) else None

    def _member_of(self, key: bytes) -> str | None:
        """Whose a key is: by where its feed begins among the ancestors, else by what holds."""
        first = self.cones.first_of(self.cone, key)
        known = self.held.keys.get(key)
        return self.authority.owners[first].member if first is not None else None if known is None else known.member

    def _passing(self, place: Place, name: str, body: wire.Message) -> Effect | None:
        """R25: with its ancestors the act completes the quorum."""
        put = self.authority.acts[body["proposal"]].put
        assert put is not None, "a vote on no proposal"
        # Of a member's votes the first in the order.
        choices: dict[str, int] = {}
        for act in self._said("vote", put.id):
            choices.setdefault(act.member, act.body["choice"])
        if name == "vote":
            choices.setdefault(self.owner.member, body["choice"])
        agreed = {member for member, choice in choices.items() if choice == YES}
        if not self.held.council(put.recused).is_complete(agreed):
            return None
        ends = {}
        if put.kind == "retire_member":
            slug = put.decision["member"]
            own = [key for key, known in self.held.keys.items() if slug in (known.member, self._member_of(key))]
            ends = {key: self.cones.end_of(self.cone, key) for key in own}
        return Effect(place, proposal=put, ends=ends)

    def _put_forward(self, body: wire.Message) -> PutForward:
        """R23: a proposal, with what its ancestors say of what it names."""
        kind, decision = decision_of(body)
        flaw, recused = None, None
        if kind in ("revoke_key", "resolve_fork"):
            since = decision["seq"] if kind == "resolve_fork" else 0
            flaw = self._honoured_fault(decision["key"], decision["honoured"], since)
            if kind == "resolve_fork":
                recused = self._member_of(decision["key"])
                flaw = flaw or self._branch_fault(decision["key"], decision["honoured"])
        elif kind == "redact":
            flaw, recused = self._named(decision["entry"], "not_redactable")
        elif kind == "close_challenge":
            flaw, _ = self._named(decision["challenge"], "named_other_sort")
            other, recused = self._named(decision["report"], "named_other_sort")
            flaw = flaw or other
        elif kind == "adopt_review":
            flaw, _ = self._named(decision["review"], "named_other_sort")
        elif kind in ("amend_plan", "amend_rules") and not self.cones.has(self.cone, decision["base"]):
            flaw = "not_an_ancestor"
        return PutForward(self.entry.id, self.owner.member, kind, decision, flaw, recused)

    def _named(self, one: bytes, if_governance: str) -> tuple[str | None, str | None]:
        """What is wrong with a named entry, and whose it is."""
        entry = self.authority.entry(one) if self.cones.has(self.cone, one) else None
        if entry is None:
            return "not_an_ancestor", None
        return (if_governance if entry.header.kind == GOVERNANCE else None), self.authority.owners[one].member

    def _branch_fault(self, key: bytes, honoured: wire.Message | None) -> str | None:
        """R29: whoever wrote a branch that is honoured had not seen the other."""
        branch = 0 if honoured is None else self.cones.closure(honoured["id"])
        return "fork_shown" if self.cones.fork_shown(branch, key) is not None else None

    def _honoured_fault(self, key: bytes, honoured: wire.Message | None, since: int) -> str | None:
        if honoured is None:
            return None
        entry = self.authority.entry(honoured["id"]) if self.cones.has(self.cone, honoured["id"]) else None
        if entry is None:
            return "not_an_ancestor"
        header = entry.header
        return None if (header.author, header.seq) == (key, honoured["seq"]) and header.seq >= since else "not_of_key"


def place_of(entry: Entry) -> Place:
    return entry.header.height, entry.header.author, entry.header.seq, entry.id
