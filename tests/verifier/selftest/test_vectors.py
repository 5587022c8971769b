# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The vectors are what cases.py builds, hold, and reach every code of their README."""

from __future__ import annotations

import json
import re
import unittest
from functools import cache
from pathlib import Path
from typing import Any

from checks.vectors import BadVector, check_file, check_vector
from selftest.cases import FOLDER, all_vectors, text_of
from selftest.golden import NAME, golden, stored_views
from selftest.people import Vector

VERIFIER = Path(__file__).resolve().parents[1]
# Reached by test_ledger.py and test_command.py: folders, great sizes and options are no vectors.
NOT_IN_VECTORS = {"vectors.none", "decode.entry_too_long"}


@cache
def every_vector() -> dict[str, Vector]:
    """Of the golden ledger everything is built here but its documents."""
    vector, _ = golden()
    return {**all_vectors(), NAME: {**vector, "expect": {**vector["expect"], "views": stored_views()}}}


class Vectors(unittest.TestCase):
    def test_the_vectors_are_what_the_cases_build(self) -> None:
        for name, vector in every_vector().items():
            with self.subTest(name):
                self.assertEqual((FOLDER / name).read_text("utf-8"), text_of(vector))

    def test_the_vectors_hold(self) -> None:
        paths = sorted(FOLDER.glob("*.json"))
        self.assertEqual({path.name for path in paths}, set(every_vector()))
        for path in paths:
            with self.subTest(path.name):
                cases, differences = check_file(path)
                self.assertGreater(cases, 0)
                self.assertEqual(differences, [])

    def test_every_code_is_listed_and_reached(self) -> None:
        source = "".join(path.read_text("utf-8") for path in [*VERIFIER.glob("checks/*.py"), VERIFIER / "verify.py"])
        used = {code for code in re.findall(r'"([a-z_]+\.[a-z_]+)"', source) if not code.endswith(FILE_ENDINGS)}
        listed = _codes(FOLDER / "README.md")
        self.assertEqual(used, listed)
        own = {
            code
            for code in listed
            if re.search(rf"`{code}` \|.* \* \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
        }
        self.assertEqual(listed - _codes(FOLDER.parents[1] / "docs" / "errors.md"), own)
        reached = set(re.findall(r'"refused": \[?"([a-z_.]+)"', json.dumps(every_vector())))
        not_reached = {code for code in listed - reached if not code.startswith(("state.", "event."))}
        self.assertEqual(not_reached, NOT_IN_VECTORS)


FILE_ENDINGS = (".json", ".proto", ".py")
# What a step or case is about, and its bytes: no statements.
INPUT = {"about", "entry", "fork_proof", "file", "files", "frontier", "document", "expect", "may_not_decode", "steps"}


class WrongVectors(unittest.TestCase):
    """A vector that states something else is not passed over."""

    def test_an_altered_statement_is_a_difference(self) -> None:
        """Each kind of statement once, in the smallest file that has it."""
        seen = set()
        for name, vector in sorted(every_vector().items(), key=lambda item: len(text_of(item[1]))):
            for kind, path in _statements(vector).items():
                if (vector["type"], kind) in seen:
                    continue
                seen.add((vector["type"], kind))
                with self.subTest(f"{name} {path}"):
                    copy = json.loads(json.dumps(vector))
                    holder = copy
                    for key in path[:-1]:
                        holder = holder[key]
                    holder[path[-1]] = "other"
                    if path[0] == "cases":
                        copy["cases"] = [copy["cases"][path[1]]]
                    self.assertNotEqual(check_vector(copy)[1], [])
        self.assertGreater(len(seen), 30)

    def test_another_format_or_type_is_a_difference(self) -> None:
        for change in ({"format": "constancia vectors v2"}, {"type": "other"}):
            with self.assertRaises(BadVector):
                check_vector({**all_vectors()["frontier.json"], **change})

    def test_a_member_that_is_not_known_is_a_difference(self) -> None:
        vector = {**all_vectors()["frontier.json"], "case": []}
        with self.assertRaisesRegex(BadVector, "does not know case"):
            check_vector(vector)


def _codes(path: Path) -> set[str]:
    found = re.findall(r"^\| `([a-z_]+\.[a-z_]+)`", path.read_text("utf-8"), re.MULTILINE)
    return {code for code in found if not code.endswith(FILE_ENDINGS)}


def _statements(vector: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Where the vector states a result, by kind of statement: of each the last."""
    found: dict[str, tuple[Any, ...]] = {}
    for member in ("steps", "cases"):
        for index, one in enumerate(vector.get(member, [])):
            for name in set(one) - INPUT - ({"ledger_id", "key"} if vector["type"] == "head" else set()):
                found[name] = (member, index, name)
            for name in one.get("expect", {}):
                found[f"expect {name}"] = (member, index, "expect", name)
    for name in set(vector.get("expect", {})) - {"views"}:
        found[f"whole {name}"] = ("expect", name)
    for index, view in enumerate(vector.get("expect", {}).get("views", [])):
        found["state_digest"] = ("expect", "views", index, "state_digest")
        for name in view["documents"]:
            found[f"document {name}"] = ("expect", "views", index, "documents", name)
    return found


if __name__ == "__main__":
    unittest.main()
