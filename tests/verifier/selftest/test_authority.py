# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The histories of authority come out the same from a file in any order, and each rule is missed where it is left out.

That they hold step by step: test_vectors.py.
"""

from __future__ import annotations

import random
import unittest
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest import mock

from checks import authority, council, holding, standing
from checks.bundle import describe, take_items
from checks.cones import Cones
from checks.event import SCOPE_SIGN
from checks.replica import Replica
from checks.vectors import check_vector
from selftest.cases import all_vectors
from selftest.histories import bundle_of_steps
from selftest.people import Vector

# What an order of arrival may change: what was held before it was known not to be needed.
BY_ARRIVAL = {"outside", "waiting"}


def histories() -> list[Vector]:
    cases: list[Vector] = all_vectors()["authority.json"]["cases"]
    return cases


def differences() -> list[str]:
    return check_vector(all_vectors()["authority.json"])[1]


class Bundles(unittest.TestCase):
    def compare(self, history: Vector, data: bytes) -> None:
        replica = Replica()
        self.assertEqual([str(one) for one in take_items(replica, data)], [])
        found = describe(replica)
        for name in set(history["expect"]) - BY_ARRIVAL:
            self.assertEqual(found[name], history["expect"][name], name)

    def test_a_bundle_of_a_history_says_the_same(self) -> None:
        for history in histories():
            with self.subTest(history["about"]):
                self.compare(history, bundle_of_steps(history["steps"]))

    def test_and_so_does_one_in_any_order(self) -> None:
        for seed in range(3):
            for history in histories():
                with self.subTest(f"{seed}: {history['about']}"):
                    charter, *steps = history["steps"]
                    random.Random(seed).shuffle(steps)
                    self.compare(history, bundle_of_steps([charter, *steps]))


class LeftOut(unittest.TestCase):
    """Each rule left out once: some history says that it is missed."""

    def missed(self, target: object, name: str, instead: Callable[..., Any]) -> None:
        with mock.patch.object(target, name, instead):
            self.assertNotEqual(differences(), [], name)

    def test_nothing_left_out(self) -> None:
        self.assertEqual(differences(), [])

    def test_a_rule_of_acts(self) -> None:
        judge = authority._Judge
        for name in ("_voted", "_withdrawal_fault", "_retirement_fault", "_honoured_fault"):
            with self.subTest(name):
                self.missed(judge, name, lambda *_: None)

    def test_a_reason_why_a_vote_is_void(self) -> None:
        fault = authority._Judge._vote_fault
        for reason in ("named_does_not_count", "recused", "not_on_council", "already_decided", "proposal_withdrawn"):

            def all_others(judge: authority._Judge, proposal: bytes, but: str = reason) -> str | None:
                found = fault(judge, proposal)
                return None if found == but else found

            with self.subTest(reason):
                self.missed(authority._Judge, "_vote_fault", all_others)

    def test_the_order_of_a_key_s_end_and_fork(self) -> None:
        self.missed(authority._Judge, "_key_fault", lambda *_: None)
        self.missed(authority._Judge, "_right", lambda *_: None)
        self.missed(Cones, "fork_shown", lambda *_: None)

    def test_the_quorum(self) -> None:
        self.missed(council.Council, "_are_quotas_met", lambda *_: True)
        self.missed(council.Council, "needed", property(lambda one: len(one.voters) // 2 + 1))  # type: ignore[arg-type]
        self.missed(holding.Holding, "_can_decide", lambda _: True)

    def test_the_smallest_end(self) -> None:
        def last_one_wins(held: holding.Holding, key: bytes, end: holding.End) -> bool:
            if key in held.keys:
                held.keys[key] = replace(held.keys[key], end=end)
            return key in held.keys

        self.missed(holding.Holding, "_cut", last_one_wins)
        self.missed(holding.Holding, "is_ended", lambda *_: False)

    def test_who_has_no_vote(self) -> None:
        def everybody(held: holding.Holding, _: str | None = None) -> council.Council:
            present = {slug: one.member_class for slug, one in held.members.items() if one.retired_by is None}
            return council.Council(held.rules, present, None)

        self.missed(holding.Holding, "council", everybody)

    def test_each_decision(self) -> None:
        for name in ("admit_member", "retire_member", "grant_key", "revoke_key", "amend_plan", "amend_rules"):
            with self.subTest(name):
                self.missed(holding.Holding, f"_{name}", lambda *_: None)
        for name in ("succession", "resolve_fork", "redact", "adopt_review", "close_challenge"):
            with self.subTest(name):
                self.missed(holding.Holding, f"_{name}", lambda *_: None)

    def test_what_is_proven_by_ancestors_alone(self) -> None:
        self.missed(authority.Authority, "holds", _everything(authority.Authority.holds))
        self.missed(Cones, "has", lambda cones, _, one: one in cones._bit)

    def test_what_passed_stands(self) -> None:
        self.missed(authority.Authority, "may_decide", lambda *_: False)
        self.missed(holding.Holding, "decisive", lambda _: set())
        self.missed(standing, "_restored", lambda *_: set())

    def test_the_scope_of_a_key(self) -> None:
        signs = authority.Owner("sre", SCOPE_SIGN)
        self.missed(
            authority.Authority, "owner_for", lambda one, entry: one._of_charter.get(entry.header.author, signs)
        )


def _everything(holds: Callable[..., holding.Holding]) -> Callable[..., holding.Holding]:
    return lambda one, _: holds(one, -1)


if __name__ == "__main__":
    unittest.main()
