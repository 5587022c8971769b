# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Histories of authority in the making: who wrote what, having seen what, and what is expected of it.

What is expected is written by hand where a history is told, and put together here without checks/: a default that
a history does not change is what the charter says.
"""

from __future__ import annotations

from typing import Any

from blake3 import blake3

from checks.bundle import FIRST_LINE
from checks.entry import ACKNOWLEDGE, FACT, GOVERNANCE
from checks.schema import load
from checks.wire import decode
from selftest.building import (
    START_MS,
    Author,
    Built,
    Message,
    Scene,
    acknowledge,
    bundle_end,
    bundle_item,
    charter_body,
)
from selftest.people import Vector, order_key
from selftest.steps import Head, Steps, frontier_expectation

YES, NO, ABSTAIN = 1, 2, 3
INSTITUTION, CIVIL_SOCIETY, ACADEMIA, PARTNER = 1, 2, 3, 5
CLASSES = {
    "colmex": ACADEMIA,
    "data-civica": CIVIL_SOCIETY,
    "inmujeres": INSTITUTION,
    "onu": PARTNER,
    "sre": INSTITUTION,
}
COUNCIL = ["colmex", "data-civica", "inmujeres", "sre"]
# Who votes where nobody else is named.
THREE = ["sre", "inmujeres", "data-civica"]
ASSUMED: Message = {"kind": 2}


def rules(**changes: Any) -> Message:
    """Three of four, of them at least one institution and one of civil society."""
    quotas = [{"class": INSTITUTION, "members": 1}, {"class": CIVIL_SOCIETY, "members": 1}]
    return {
        "rules_version": 1,
        "council": COUNCIL,
        "quorum": 3,
        "class_quotas": quotas,
        "source": ASSUMED,
        "limits": {},
    } | changes


def report(value: str) -> Message:
    """Of an indicator that the plan lacks: what authority says of it is the same."""
    observation = {"key": {}, "value": {"text": value}, "status": 1}
    return {"report": {"indicator": "1-1-1-a", "period": {"text": "2025"}, "observations": [observation]}}


def member(slug: str, member_class: int) -> Message:
    return {"slug": slug, "class": member_class, "name": {"es": slug}}


def grant(author: Author) -> Message:
    return {"key": author.key, "member": author.member, "scope": author.scope}


def honoured(built: Built) -> Message:
    return {"seq": built.header["seq"], "id": built.id}


def grant_key(author: Author) -> Message:
    return {"grant_key": {"grant": grant(author)}}


def revoke(author: Author, last: Built | None) -> Message:
    return {"revoke_key": {"key": author.key, **({} if last is None else {"honoured": honoured(last)})}}


def bundle_of_steps(steps: list[Vector]) -> bytes:
    """A bundle of what a history brings, but for what is refused."""
    proofs = [decode(load(), "ForkProof", bytes.fromhex(one["fork_proof"])) for one in steps if "fork_proof" in one]
    entries = [one for one in steps if "entry" in one and "refused" not in one]
    messages = [decode(load(), "SignedEntry", bytes.fromhex(one["entry"])) for one in entries]
    items = [{"fork_proof": proof} for proof in proofs] + [{"entry": message} for message in messages]
    return FIRST_LINE + b"".join(bundle_item(item) for item in items) + bundle_end(len(entries), len(proofs))


def redact(built: Built) -> Message:
    return {"redact": {"entry": built.id, "ground": ASSUMED}}


class History:
    """Five members, four of them on the council, seven keys of the charter, and two keys beside it."""

    def __init__(self, about: str, **rule_changes: Any) -> None:
        self.about = about
        self.sre = Author("council sre", "sre")
        self.node = Author("council sre node", "sre", scope=2)
        self.women = Author("council inmujeres", "inmujeres")
        self.deputy = Author("council inmujeres deputy", "inmujeres")
        self.civic = Author("council data-civica", "data-civica")
        self.academy = Author("council colmex", "colmex")
        self.partner = Author("council onu", "onu")
        self.new = Author("council sre, second", "sre")
        self.later = Author("council later", "later")
        authors = [self.sre, self.node, self.women, self.deputy, self.civic, self.academy, self.partner]
        charter = charter_body(about, authors, rules=rules(**rule_changes))
        charter["members"] = [member(slug, CLASSES[slug]) for slug in sorted(CLASSES)]
        self.scene = Scene(self.sre, authors[1:], charter)
        self.steps = Steps(self.scene, about)
        self.tips: list[Built] = [self.scene.charter]
        self.standings: dict[bytes, str] = {self.scene.ledger_id: "counted"}
        self.outside: set[bytes] = set()
        self.proposals: dict[bytes, Vector] = {}
        self.rules_set_by = self.scene.ledger_id
        self.plan_versions = [self.scene.ledger_id]
        self.redacted: dict[bytes, bytes] = {}
        self.decisions: list[Built] = []
        self.forks: dict[bytes, int] = {}
        self.ends: dict[bytes, int] = {}
        charter_id = self.scene.ledger_id.hex()
        self.keys: dict[bytes, Vector] = {
            one.key: {"member": one.member, "scope": one.scope, "granted_by": charter_id} for one in authors
        }
        self.members: dict[str, Vector] = {
            slug: {"admitted_by": charter_id, "council": slug in rule_changes.get("council", COUNCIL)}
            for slug in sorted(CLASSES)
        }

    # What happens. `expected` is the standing; none says that authority takes nothing from a fact.

    def write(
        self,
        about: str,
        author: Author,
        event: Message,
        expected: str | None = "counted",
        kind: int = GOVERNANCE,
        seen: tuple[Built, ...] | None = None,
        **step: Any,
    ) -> Built:
        """Whoever writes has seen every tip that there is, or just these."""
        built = self.build(author, event, kind, seen)
        return self.tell(about, built, expected, **step)

    def build(
        self,
        author: Author,
        event: Message,
        kind: int = GOVERNANCE,
        seen: tuple[Built, ...] | None = None,
        prev: Built | None = None,
    ) -> Built:
        before = prev or self.scene.heads.get(author.key)
        known = self.steps.ancestors(before.id) | {before.id} if before else {self.scene.ledger_id}
        tips = self.tips if seen is None else list(seen)
        cited = tuple(one for one in tips if one.id not in known and one.header["author"] != author.key)
        at_ms = max(built.header["claimed_at_ms"] for built in [*self.scene.entries, self.scene.charter]) + 1000
        return self.scene.build(author, event, kind=kind, seen=cited, prev=before, at_ms=max(at_ms, START_MS))

    def tell(self, about: str, built: Built, expected: str | None, is_head: bool = True, **step: Any) -> Built:
        """What is refused, or not needed, is nobody's head and no tip."""
        outcome = step.get("outcome", "new")
        self.steps.steps.append({"about": about, "entry": built.signed_entry.hex(), "id": built.id.hex(), **step})
        self.steps.parents[built.id] = [built.header["prev"], *built.header["seen"]]
        if "refused" in step:
            del self.steps.steps[-1]["id"]
            return built
        if outcome in ("fork", "not_needed"):
            self.scene.heights[built.id] = built.header["height"]
            return built
        if built.id not in {one.id for one in self.scene.entries}:
            self.scene.add(built, is_head=is_head)
        if expected is not None:
            self.standings[built.id] = expected
        parents = self.steps.parents[built.id]
        self.tips = [one for one in self.tips if one.id not in {*parents, built.id}] + ([built] if is_head else [])
        return built

    def let_go(self, built: Built) -> None:
        """What waited is not held after all."""
        self.scene.entries = [one for one in self.scene.entries if one.id != built.id]

    def propose(self, author: Author, decision: Message, expected: str = "counted", **options: Any) -> Built:
        name = next(iter(decision))
        about = options.pop("about", f"{author.member} proposes: {name.replace('_', ' ')}")
        return self.write(about, author, {"proposal": decision}, expected, **options)

    def vote(
        self, author: Author, proposal: Built, expected: str = "counted", choice: int = YES, **options: Any
    ) -> Built:
        said = {YES: "yes", NO: "no", ABSTAIN: "neither"}.get(choice, "something unknown")
        about = options.pop("about", f"{author.member} votes {said}")
        return self.write(about, author, {"vote": {"proposal": proposal.id, "choice": choice}}, expected, **options)

    def enact(self, author: Author, proposal: Built, expected: str = "counted", **options: Any) -> Built:
        return self.write(f"{author.member} enacts", author, {"enact": {"proposal": proposal.id}}, expected, **options)

    def withdraw(self, author: Author, proposal: Built, expected: str = "counted", **options: Any) -> Built:
        event = {"proposal_withdrawn": {"proposal": proposal.id}}
        return self.write(f"{author.member} takes the proposal back", author, event, expected, **options)

    def retire(self, author: Author, key: Author, expected: str = "counted", **options: Any) -> Built:
        event = {"key_retired": {"key": key.key}}
        return self.write(f"{author.member} retires {key.name}", author, event, expected, **options)

    def report(self, author: Author, expected: str | None = None, **options: Any) -> Built:
        about = options.pop("about", f"{author.name} reports")
        return self.write(about, author, report("1"), expected, kind=FACT, **options)

    def acknowledge(self, author: Author, expected: str | None = None, **options: Any) -> Built:
        about = options.pop("about", f"{author.name} acknowledges")
        return self.write(about, author, acknowledge(), expected, kind=ACKNOWLEDGE, **options)

    def pass_(self, author: Author, decision: Message, void: str = "", voters: list[Author] | None = None) -> Built:
        """Three vote, one after another, and the decision passes at the third vote."""
        proposal = self.propose(author, decision)
        voters = voters or [self.sre, self.women, self.civic]
        last = [self.vote(one, proposal) for one in voters][-1]
        agreed = sorted(one.member for one in voters)
        self.passed(proposal, last, void, agreed=agreed)
        return proposal

    def pass_by(self, author: Author, decision: Message, seen: tuple[Built, ...]) -> Built:
        """The same, by people who have seen nothing but this and one another's votes."""
        proposal = self.propose(author, decision, seen=seen)
        last = proposal
        for voter in (self.sre, self.academy, self.civic):
            last = self.vote(voter, proposal, seen=(last,))
        self.passed(proposal, last, agreed=["sre", "colmex", "data-civica"])
        return proposal

    def later_of(self, slug: str) -> Author:
        """A second key of a member."""
        return Author(f"council {slug}, later", slug)

    # What is expected.

    def stands(
        self, proposal: Built, status: str, agreed: list[str], not_agreed: list[str] | None = None, **more: Any
    ) -> None:
        self.proposals[proposal.id] = {
            "status": status,
            "needed": 3,
            "agreed": sorted(agreed),
            "not_agreed": sorted(not_agreed or []),
            **more,
        }

    def passed(self, proposal: Built, at: Built, void: str = "", **more: Any) -> None:
        status = f"passed_void {void}" if void else "passed"
        self.stands(proposal, status, at=at.id.hex(), **{"agreed": [], **more})

    def granted(self, author: Author, by: Built) -> None:
        self.keys[author.key] = {"member": author.member, "scope": author.scope, "granted_by": by.id.hex()}

    def ended(self, author: Author, seq: int, by: Built) -> None:
        """At the first seq that no longer counts."""
        self.keys[author.key]["end"] = {"seq": str(seq), "by": by.id.hex()}
        self.ends[author.key] = seq

    def forked(self, author: Author, seq: int) -> None:
        self.forks[author.key] = seq

    def case(self) -> Vector:
        held = self.scene.entries
        order = sorted((one for one in held if one.id not in self.outside), key=order_key)
        heads: list[Head] = []
        for key in sorted({one.header["author"] for one in held} | set(self.forks)):
            end = min(self.forks.get(key, 1 << 64), self.ends.get(key, 1 << 64))
            own = [one for one in held if one.header["author"] == key and one.header["seq"] < end]
            if own or key in self.forks:
                head = max(own, key=lambda one: one.header["seq"]) if own else None
                heads.append((key, head, self.forks.get(key)))
        ids = [one.id for one in order]
        expect = {
            "order_digest": blake3(b"".join(ids), derive_key_context="constancia v1 order").hexdigest(),
            "forks": [{"key": key.hex(), "seq": str(seq)} for key, seq in sorted(self.forks.items())],
            "outside": sorted(one.hex() for one in self.outside),
            "waiting": [],
            **frontier_expectation(heads, sorted(one.id for one in self.decisions)),
            "standings": {one.hex(): self.standings[one] for one in ids if one in self.standings},
            "proposals": {one.hex(): self.proposals[one] for one in ids if one in self.proposals},
            "members": self.members,
            "keys": {key.hex(): one for key, one in sorted(self.keys.items())},
            "rules_set_by": self.rules_set_by.hex(),
            "plan_versions": [one.hex() for one in self.plan_versions],
            "redacted": {one.hex(): by.hex() for one, by in self.redacted.items()},
        }
        return {
            "about": self.about,
            "ledger_id": self.scene.ledger_id.hex(),
            "steps": [{"entry": self.steps.steps[0]["entry"], "id": self.steps.steps[0]["id"], "about": "the charter"}]
            + self.steps.steps[1:],
            "expect": expect,
        }
