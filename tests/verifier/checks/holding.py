# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What holds for a set of entries: the charter and the effects among them, in the ledger's order (R26 to R31).

Each decision that passed is applied, or is void with a reason, by what holds just before it. Who is responsible
after a succession is not followed: it makes no plan more or less sound. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from checks import council, wire
from checks.event import SCOPE_SIGN
from checks.plan import amend, is_sound

# Height, author, seq, id.
Place = tuple[int, bytes, int, bytes]


@dataclass(frozen=True)
class PutForward:
    """A proposal, with what its ancestors say of what it names."""

    id: bytes
    member: str
    # The decision's name in the schema, and the decision.
    kind: str
    decision: wire.Message
    # Why it is void even if it passes.
    flaw: str | None
    # Who has no vote on it.
    recused: str | None


@dataclass(frozen=True)
class Effect:
    """At this entry a proposal could pass, or a key was retired."""

    place: Place
    proposal: PutForward | None = None
    retires: bytes | None = None
    # Of the retired key, or of each key of a member that the decision retires: the first seq that no longer counts.
    ends: dict[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    member_class: int
    admitted_by: bytes
    retired_by: bytes | None = None


@dataclass(frozen=True)
class End:
    """The first seq that does not count, and what ended the key: a proposal, or the entry that retired it."""

    seq: int
    by: bytes


@dataclass(frozen=True)
class Key:
    member: str
    scope: int
    granted_by: bytes
    end: End | None = None


@dataclass(frozen=True)
class Decided:
    at: bytes
    void: str | None


class Holding:
    def __init__(self, charter_id: bytes, charter: wire.Message) -> None:
        self.members = {member["slug"]: Member(member["class"], charter_id) for member in charter["members"]}
        self.keys = {grant["key"]: Key(grant["member"], grant["scope"], charter_id) for grant in charter["keys"]}
        # Keys of a grant that passed and is void: where that was not seen they may have begun a feed all the same.
        self.never_granted: set[bytes] = set()
        self.rules: wire.Message = charter["rules"] or {"rules_version": 0, "council": [], "quorum": 0}
        self.rules_set_by = charter_id
        self.plan: wire.Message = charter["plan"] or {}
        # What made each version, the one in force last.
        self.plan_versions = [charter_id]
        self.decided: dict[bytes, Decided] = {}
        # Entries that retired a key and found it ending later or not at all.
        self.retired_at: set[bytes] = set()
        # Entry to the decision that dropped its payload.
        self.redacted: dict[bytes, bytes] = {}
        # Key to the forked seq, the last honoured entry and the decision.
        self.settled: dict[bytes, tuple[int, bytes | None, bytes]] = {}
        # Reviews adopted and challenges ruled on, by what decided.
        self.ruled: dict[bytes, bytes] = {}

    def apply(self, effects: list[Effect]) -> Holding:
        """The effects in the ledger's order, whatever order they are given in."""
        for effect in sorted(effects, key=lambda one: one.place):
            if effect.proposal is None:
                for key, seq in effect.ends.items():
                    if self._cut(key, End(seq, effect.place[3])):
                        self.retired_at.add(effect.place[3])
            elif effect.proposal.id not in self.decided:
                void = effect.proposal.flaw or self._decide(effect.proposal, effect)
                self.decided[effect.proposal.id] = Decided(effect.place[3], void)
                if void is not None:
                    self.never_granted |= {grant["key"] for grant in _grants(effect.proposal)} - set(self.keys)
        return self

    def is_ended(self, key: bytes, seq: int) -> bool:
        end = self.end_of(key)
        return end is not None and seq >= end

    def end_of(self, key: bytes) -> int | None:
        known = self.keys.get(key)
        if known is None:
            return 0 if key in self.never_granted else None
        return None if known.end is None else known.end.seq

    def council(self, recused: str | None = None) -> council.Council:
        present = {slug: one.member_class for slug, one in self.members.items() if one.retired_by is None}
        return council.Council(self.rules, present, recused)

    def _decide(self, proposal: PutForward, effect: Effect) -> str | None:
        """Why the decision is void; nothing where it has its effect."""
        rule = getattr(self, f"_{proposal.kind}")
        if proposal.kind not in ("admit_member", "retire_member", "revoke_key", "amend_rules"):
            reason: str | None = rule(proposal, effect)
            return reason
        before = (dict(self.members), dict(self.keys), self.rules, self.rules_set_by)
        reason = rule(proposal, effect) or (None if self._can_decide() else "quorum_lost")
        if reason is not None:
            self.members, self.keys, self.rules, self.rules_set_by = before
        return reason

    def _can_decide(self) -> bool:
        able = {key.member for key in self.keys.values() if key.scope == SCOPE_SIGN and key.end is None}
        return self.council().is_complete(able)

    def _cut(self, key: bytes, end: End) -> bool:
        """The smallest end wins; of equal ones the first in the order. Whether this one does."""
        known = self.keys.get(key)
        if known is None or (known.end is not None and end.seq >= known.end.seq):
            return False
        self.keys[key] = replace(known, end=end)
        return True

    def decisive(self) -> set[bytes]:
        """At these something took effect: they stand wherever they are."""
        return {one.at for one in self.decided.values()} | self.retired_at

    def _set_rules(self, by: bytes, **changes: object) -> None:
        self.rules = {**self.rules, **changes}
        self.rules_set_by = by

    def _is_present(self, slug: str) -> bool:
        return slug in self.members and self.members[slug].retired_by is None

    def _admit_member(self, proposal: PutForward, _: Effect) -> str | None:
        member, keys = proposal.decision["member"], proposal.decision["keys"]
        if member["slug"] in self.members:
            return "member_exists"
        if any(grant["key"] in self.keys for grant in keys):
            return "key_granted"
        self.members[member["slug"]] = Member(member["class"], proposal.id)
        self._grant(proposal)
        if proposal.decision["council"]:
            self._set_rules(proposal.id, council=sorted([*self.rules["council"], member["slug"]]))
        return None

    def _retire_member(self, proposal: PutForward, effect: Effect) -> str | None:
        slug = proposal.decision["member"]
        if not self._is_present(slug):
            return "unknown_member"
        self.members[slug] = replace(self.members[slug], retired_by=proposal.id)
        for key, known in list(self.keys.items()):
            if known.member == slug or key in effect.ends:
                self._cut(key, End(effect.ends.get(key, 0), proposal.id))
        if slug in self.rules["council"]:
            self._set_rules(proposal.id, council=[one for one in self.rules["council"] if one != slug])
        return None

    def _grant_key(self, proposal: PutForward, _: Effect) -> str | None:
        grant = proposal.decision["grant"]
        if grant["key"] in self.keys:
            return "key_granted"
        if not self._is_present(grant["member"]):
            return "unknown_member"
        self._grant(proposal)
        return None

    def _grant(self, proposal: PutForward) -> None:
        for grant in _grants(proposal):
            self.never_granted.discard(grant["key"])
            self.keys[grant["key"]] = Key(grant["member"], grant["scope"], proposal.id)

    def _revoke_key(self, proposal: PutForward, effect: Effect) -> str | None:
        key, honoured = proposal.decision["key"], proposal.decision["honoured"]
        if key not in self.keys:
            return "unknown_key"
        seq, known = (0 if honoured is None else honoured["seq"] + 1), self.keys[key].end
        if known is not None and known.seq <= seq:
            return "already_decided"
        self._cut(key, End(seq, proposal.id))
        return None

    def _amend_plan(self, proposal: PutForward, _: Effect) -> str | None:
        if proposal.decision["base"] != self.plan_versions[-1]:
            return "other_version"
        plan = amend(self.plan, proposal.decision["changes"])
        if plan is None or not is_sound(plan, set(self.members)):
            return "broken_plan"
        self.plan = plan
        self.plan_versions.append(proposal.id)
        return None

    def _amend_rules(self, proposal: PutForward, _: Effect) -> str | None:
        rules = proposal.decision["rules"]
        if proposal.decision["base"] != self.rules_set_by:
            return "other_version"
        classes = [self.members[slug].member_class for slug in rules["council"] if self._is_present(slug)]
        fits = len(classes) == len(rules["council"]) and all(
            quota["members"] <= classes.count(quota["class"]) for quota in rules["class_quotas"]
        )
        if not fits or rules["rules_version"] != self.rules["rules_version"]:
            return "broken_rules"
        self.rules, self.rules_set_by = rules, proposal.id
        return None

    def _succession(self, proposal: PutForward, _: Effect) -> str | None:
        succession = proposal.decision
        if succession["from"] not in self.members or not self._is_present(succession["to"]):
            return "unknown_member"
        known = {indicator["id"] for indicator in self.plan.get("indicators", [])}
        if not known.issuperset(succession["indicators"]):
            return "unknown_indicator"
        self.plan_versions.append(proposal.id)
        return None

    def _resolve_fork(self, proposal: PutForward, _: Effect) -> str | None:
        key, seq, honoured = (proposal.decision[name] for name in ("key", "seq", "honoured"))
        if key not in self.keys:
            return "unknown_key"
        if key in self.settled and self.settled[key][0] <= seq:
            return "already_decided"
        self.settled[key] = (seq, None if honoured is None else honoured["id"], proposal.id)
        return None

    def _redact(self, proposal: PutForward, _: Effect) -> str | None:
        return _once(self.redacted, proposal.decision["entry"], proposal.id)

    def _adopt_review(self, proposal: PutForward, _: Effect) -> str | None:
        if proposal.decision["review"] in self.redacted:
            return "named_redacted"
        return _once(self.ruled, proposal.decision["review"], proposal.id)

    def _close_challenge(self, proposal: PutForward, _: Effect) -> str | None:
        if proposal.decision["challenge"] in self.redacted or proposal.decision["report"] in self.redacted:
            return "named_redacted"
        return _once(self.ruled, proposal.decision["challenge"], proposal.id)

    def _raise_rules_version(self, proposal: PutForward, _: Effect) -> str | None:
        version = proposal.decision["rules_version"]
        if version <= self.rules["rules_version"]:
            return "not_higher"
        self._set_rules(proposal.id, rules_version=version)
        return None


def _grants(proposal: PutForward) -> list[wire.Message]:
    if proposal.kind == "admit_member":
        keys: list[wire.Message] = proposal.decision["keys"]
        return keys
    return [proposal.decision["grant"]] if proposal.kind == "grant_key" else []


def _once(decided: dict[bytes, bytes], what: bytes, by: bytes) -> str | None:
    if what in decided:
        return "already_decided"
    decided[what] = by
    return None
