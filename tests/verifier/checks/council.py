# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The council and its quorum (R24, R25): who has a vote, and how many must agree. Refuses nothing."""

from __future__ import annotations

from checks import wire


class Council:
    """The members with a seat, but for who has no vote on a matter."""

    def __init__(self, rules: wire.Message, present: dict[str, int], recused: str | None) -> None:
        """`present`: members that have not left, with their class."""
        self._rules = rules
        self._class_of = present
        self.voters = {slug for slug in rules["council"] if slug in present and slug != recused}

    @property
    def needed(self) -> int:
        """The quorum, and more than half. Where somebody has no vote, at most what the rest can give."""
        quorum: int = self._rules["quorum"]
        if len(self.voters) < len(self._rules["council"]):
            quorum = min(quorum, len(self.voters))
        return max(quorum, len(self.voters) // 2 + 1)

    def is_complete(self, agreed: set[str]) -> bool:
        voting = agreed & self.voters
        return bool(self.voters) and len(voting) >= self.needed and self._are_quotas_met(voting)

    def _are_quotas_met(self, voting: set[str]) -> bool:
        is_whole = len(self.voters) == len(self._rules["council"])
        for quota in self._rules.get("class_quotas", []):
            of_class = {slug for slug in self.voters if self._class_of[slug] == quota["class"]}
            needed = quota["members"] if is_whole else min(quota["members"], len(of_class))
            if len(voting & of_class) < needed:
                return False
        return True
