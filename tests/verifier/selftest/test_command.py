# SPDX-License-Identifier: Apache-2.0 OR MIT
"""verify.py as it is called: exit status, what it prints, and the folder of documents."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from blake3 import blake3

from checks import ledger
from checks.canonical_json import canonical
from checks.index import frontier_of_record
from selftest.building import Author, Scene, bundle, cut_bundle, report
from selftest.cases_of_logs import head_files, logs
from selftest.golden import golden, stored_views
from verify import main

FRONTIER = {"feeds": [{"forked_seq": "5", "head": "03" * 32, "key": "01" * 32, "seq": "4"}]}
FRONTIER_BYTES = bytes.fromhex("0a480a20" + "01" * 32 + "10041a20" + "03" * 32 + "2005")
FRONTIER_ROOT = blake3(FRONTIER_BYTES, derive_key_context="constancia v1 frontier").hexdigest()


def run(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
    return status, out.getvalue(), err.getvalue()


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def write(self, name: str, data: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path


class Bundle(InFolder):
    def setUp(self) -> None:
        super().setUp()
        self.founder, self.observer = Author("founder", "sre"), Author("observer", "ocnf")
        self.scene = Scene(self.founder, [self.observer])
        self.scene.append(self.observer, report("1"))
        self.path = self.write("l.bundle", bundle(*self.scene.entries))

    def test_a_good_bundle_prints_its_order(self) -> None:
        status, out, err = run("bundle", self.path)
        self.assertEqual((status, err), (0, ""))
        ids = [built.id for built in self.scene.entries]
        self.assertEqual(out.splitlines()[-2:], [one.hex() for one in ids])
        self.assertIn("order     " + blake3(b"".join(ids), derive_key_context="constancia v1 order").hexdigest(), out)

    def test_times_are_printed_on_request(self) -> None:
        charter, fact = self.scene.entries
        at = fact.header["claimed_at_ms"]
        self.assertIn(
            f"{charter.id.hex()}  {at}  {at}\n{fact.id.hex()}  {at}  -\n", run("bundle", self.path, "--times")[1]
        )
        self.assertNotIn("times", json.loads(run("bundle", self.path, "--json")[1]))
        self.assertIn("times", json.loads(run("bundle", self.path, "--json", "--times")[1]))

    def test_a_since_bundle_stands_on_the_one_before(self) -> None:
        since = self.write("since.bundle", bundle(self.scene.charter, self.scene.append(self.observer, report("2"))))
        self.assertEqual(run("bundle", since)[0], 1)
        status, out, _ = run("bundle", self.path, since, "--json")
        self.assertEqual((status, len(json.loads(out)["order"])), (0, 3))

    def test_another_ledger_than_asked_for_is_refused(self) -> None:
        self.assertEqual(run("bundle", self.path, "--ledger", self.scene.ledger_id.hex())[0], 0)
        status, out, err = run("bundle", self.path, "--ledger", "00" * 32, "--json")
        self.assertEqual((status, json.loads(out)["code"]), (1, "bundle.wrong_ledger"))
        self.assertIn("error: bundle.wrong_ledger: expected 00", err)

    def test_a_broken_bundle_names_code_and_item(self) -> None:
        data = bytearray(self.path.read_bytes())
        data[len(cut_bundle(*self.scene.entries)) - 1] ^= 1
        status, out, err = run("bundle", self.write("broken.bundle", bytes(data)))
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(err, r"^error: verify\.payload_hash: .* \(item 2\)\n$")

    def test_everything_that_is_refused_is_named(self) -> None:
        strangers = (self.scene.build(Author(name, "x"), report("1")) for name in ("a", "b"))
        status, out, err = run("bundle", self.write("two", bundle(self.scene.charter, *strangers)))
        self.assertEqual((status, out), (1, ""))
        self.assertEqual([line[-9:] for line in err.splitlines()], [" (item 2)", " (item 3)"])

    def test_usage_and_missing_files_exit_with_2(self) -> None:
        for arguments in ((), ("bundle",), ("bundle", self.folder / "none"), ("bundle", self.path, "--ledger", "XY")):
            self.assertEqual(run(*arguments)[0], 2)


class State(InFolder):
    def fill(self, documents: dict[str, str], **index: object) -> None:
        for name, text in documents.items():
            self.write(name, text)
        listed = {name: blake3(text.encode()).hexdigest() for name, text in documents.items()}
        whole = {"documents": listed, "format": 1, "frontier": FRONTIER, "frontier_root": FRONTIER_ROOT, **index}
        self.write("index.json", json.dumps(whole, sort_keys=True, separators=(",", ":")))

    def refused(self, code: str) -> None:
        status, out, _ = run("state", self.folder, "--json")
        self.assertEqual((status, json.loads(out)["code"]), (1, code))

    def test_a_good_folder_prints_the_digest_of_its_index(self) -> None:
        self.fill({"plan.json": "{}", "indicators/I-01.json": '{"a":"1"}'}, entries="1")
        status, out, _ = run("state", self.folder)
        self.assertEqual(status, 0)
        self.assertEqual(out.split()[0], blake3((self.folder / "index.json").read_bytes()).hexdigest())

    def test_a_changed_document_is_refused(self) -> None:
        self.fill({"plan.json": "{}"})
        self.write("plan.json", "[]")
        self.refused("state.wrong_hash")

    def test_a_missing_document_is_refused(self) -> None:
        self.fill({"plan.json": "{}"})
        (self.folder / "plan.json").unlink()
        self.refused("state.missing")

    def test_a_file_that_is_not_listed_is_refused(self) -> None:
        self.fill({"plan.json": "{}"})
        self.write("more.json", "{}")
        self.refused("state.not_listed")

    def test_a_document_that_is_not_canonical_is_refused(self) -> None:
        self.fill({"plan.json": "{ }"})
        self.refused("document.not_canonical")

    def test_a_document_that_is_not_json_is_refused(self) -> None:
        self.fill({"plan.json": "1.5"})
        self.refused("document.not_json")

    def test_an_index_that_is_not_canonical_is_refused(self) -> None:
        self.write("index.json", '{"documents": {}}')
        self.refused("document.not_canonical")

    def test_an_index_of_another_shape_is_refused(self) -> None:
        for text in ("[]", "{}", '{"documents":[]}', '{"documents":{"a.json":"00"}}', '{"documents":{"a.json":1}}'):
            with self.subTest(text):
                self.write("index.json", text)
                self.refused("state.unreadable")

    def test_a_frontier_that_does_not_say_what_its_root_says_is_refused(self) -> None:
        indexes: tuple[dict[str, Any], ...] = (
            {"frontier_root": "00" * 32},
            {"frontier": {"feeds": []}},
            {"frontier": {"feeds": [{"key": "01"}]}},
            {"frontier": []},
            {"format": 2},
        )
        for index in indexes:
            with self.subTest(index):
                self.fill({"plan.json": "{}"}, **index)
                status, out, _ = run("state", self.folder, "--json")
                self.assertEqual(status, 1)
                self.assertIn(json.loads(out)["code"], ("state.unreadable", "frontier.id"))

    def test_names_that_lead_elsewhere_are_refused(self) -> None:
        for name in (
            "../a.json",
            "/a.json",
            "a//b.json",
            "a/../b.json",
            "index.json",
            "a.txt",
            ".a.json",
            "a\\\\b.json",
        ):
            with self.subTest(name):
                self.write("index.json", f'{{"documents":{{"{name}":"{"0" * 64}"}}}}')
                self.refused("state.unreadable")

    def test_a_folder_without_index_is_refused(self) -> None:
        self.refused("state.missing")


class StateOfALedger(InFolder):
    """The golden ledger's documents beside its bundle: index.json is made again."""

    def setUp(self) -> None:
        super().setUp()
        self.bundle = self.write("golden", golden()[1])

    def fill(self, view: int, changes: dict[str, Any] | None = None) -> Path:
        documents = stored_views()[view]["documents"]
        index = {**json.loads(documents["index.json"]), **(changes or {})}
        for name, text in {**documents, "index.json": canonical(index).decode()}.items():
            self.write(f"{view}/{name}", text)
        return self.folder / str(view)

    def test_every_view_is_made_again(self) -> None:
        for view, stored in enumerate(stored_views()):
            status, out, err = run("state", self.fill(view), "--bundle", self.bundle, "--json")
            self.assertEqual((status, err), (0, ""), stored["about"])
            found = json.loads(out)
            self.assertEqual((found["state_digest"], found["index_made_again"]), (stored["state_digest"], True))

    def test_without_the_bundle_it_is_said_that_the_index_was_taken_as_given(self) -> None:
        folder = self.fill(0, {"entries": "999"})
        status, out, _ = run("state", folder)
        self.assertEqual((status, out.splitlines()[1]), (0, "index.json taken as given: no bundle"))

    def test_every_member_that_says_something_else_is_refused(self) -> None:
        index = json.loads(stored_views()[0]["documents"]["index.json"])
        events = {**index["events"], "report": str(int(index["events"]["report"]) + 1)}
        less = {**index["events"], "invalid_event": "2"}
        feeds = index["frontier"]["feeds"][:-1]
        others = {name: digest for name, digest in index["documents"].items() if name != "indicators/C-01.json"}
        altered: tuple[dict[str, Any], ...] = (
            {"ledger": "00" * 32},
            {"rules_version": 2},
            {"judged_at": "2024-12-03T18:00:00.001Z"},
            {"pending": []},
            {"entries": "45"},
            {"events": events},
            {"events": less},
            {"view": {"kind": "as_of", "until": "2024-07-03T18:00:00.000Z"}},
            {"more": 1},
            {"documents": others},
            {"frontier": {"feeds": feeds}, "frontier_root": _root_of(feeds)},
        )
        for changes in altered:
            with self.subTest(changes):
                folder = self.fill(0, changes)
                if "documents" in changes:
                    (folder / "indicators" / "C-01.json").unlink()
                status, out, _ = run("state", folder, "--bundle", self.bundle, "--json")
                self.assertEqual(status, 1)
                self.assertIn(json.loads(out)["code"], ("state.wrong_index", "state.unreadable"))

    def test_findings_that_hide_an_unknown_event_are_refused(self) -> None:
        findings = json.loads(stored_views()[0]["documents"]["findings.json"])
        findings["findings"] = [one for one in findings["findings"] if one["rule"] != "L6"]
        self.assertEqual(self.code_with("findings.json", findings), "state.wrong_index")

    def test_documents_that_say_something_else_of_authority_are_refused(self) -> None:
        documents = stored_views()[0]["documents"]
        members, governance = (json.loads(documents[f"{name}.json"]) for name in ("members", "governance"))
        first = members["members"][0]
        changes: tuple[dict[str, Any], ...] = (
            {"council": not first["council"]},
            {"retired_by": governance["rules_set_by"]},
            {"keys": []},
            {"keys": [{**first["keys"][0], "scope": "acknowledge"}]},
            {"keys": [{**first["keys"][0], "cut_off": {"by": governance["rules_set_by"]}}]},
        )
        for change in changes:
            altered = {"members": [{**first, **change}, *members["members"][1:]]}
            with self.subTest(change):
                self.assertEqual(self.code_with("members.json", altered), "state.wrong_authority")
        invented = {
            "act": {"entry": "00" * 32},
            "status": {"code": "open"},
            "needed": 3,
            "agreed": [],
            "not_agreed": [],
        }
        for other in ({"rules_set_by": "00" * 32}, {"proposals": [invented]}):
            with self.subTest(other):
                self.assertEqual(self.code_with("governance.json", governance | other), "state.wrong_authority")

    def code_with(self, name: str, document: Any) -> str:
        """With another document, which index.json has listed."""
        data = canonical(document)
        listed = json.loads(stored_views()[0]["documents"]["index.json"])["documents"]
        folder = self.fill(0, {"documents": {**listed, name: blake3(data).hexdigest()}})
        (folder / name).write_bytes(data)
        status, out, _ = run("state", folder, "--bundle", self.bundle, "--json")
        self.assertEqual(status, 1)
        code: str = json.loads(out)["code"]
        return code


def _root_of(feeds: list[dict[str, Any]]) -> str:
    return ledger.frontier_root(ledger.encode_frontier(frontier_of_record({"feeds": feeds}))).hex()


class OnDisk(InFolder):
    def put(self, case: dict[str, Any]) -> None:
        for name, text in case["files"].items():
            self.write(f"log/{name}", bytes.fromhex(text))

    def test_a_log_prints_its_ledger_and_what_was_torn(self) -> None:
        case = next(one for one in logs() if one.get("torn_bytes"))
        self.put(case)
        status, out, err = run("log", self.folder)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"{case['records']} records, 1 lost, {case['torn_bytes']} torn_bytes", out)
        self.assertEqual(out.split()[-1], case["expect"]["order"][-1])
        found = json.loads(run("log", self.folder, "--json")[1])
        self.assertEqual((found["log"]["records"], found["order"]), (case["records"], case["expect"]["order"]))

    def test_a_damaged_log_is_refused(self) -> None:
        self.put(next(one for one in logs() if one.get("refused") == "store.damaged"))
        status, out, _ = run("log", self.folder, "--json")
        self.assertEqual((status, json.loads(out)["code"]), (1, "store.damaged"))

    def test_a_folder_without_a_log_is_refused(self) -> None:
        self.assertEqual(json.loads(run("log", self.folder, "--json")[1])["code"], "store.no_ledger")

    def test_a_head_file_says_what_the_key_signed_last(self) -> None:
        good, bad = (next(one for one in head_files() if ("refused" in one) is refused) for refused in (False, True))
        path = self.write("head", bytes.fromhex(good["file"]))
        expected = [good[name] for name in ("ledger_id", "key", "seq", "id")]
        self.assertEqual(run("head", path)[1].split(), expected)
        path = self.write("head", bytes.fromhex(bad["file"]))
        self.assertEqual(run("head", path)[0], 1)


class Vectors(InFolder):
    def test_a_difference_is_printed_and_exits_with_1(self) -> None:
        case = {"about": "a", "document": "7b7d", "blake3": "00"}
        vector = {"format": "constancia vectors v1", "type": "document", "name": "n", "cases": [case]}
        self.write("v.json", json.dumps(vector))
        status, out, err = run("vectors", self.folder)
        self.assertEqual((status, out), (1, "1 files, 1 cases, 1 differences\n"))
        self.assertIn("error: v.json: a: blake3", err)

    def test_files_that_are_no_vectors_are_differences(self) -> None:
        for text in ("", "{}", "[]", '{"format":"constancia vectors v1","type":"other"}', '{"format":2}'):
            with self.subTest(text):
                self.write("v.json", text)
                self.assertEqual(run("vectors", self.folder)[0], 1)

    def test_a_folder_without_vectors_is_refused(self) -> None:
        status, out, _ = run("vectors", self.folder, "--json")
        self.assertEqual((status, json.loads(out)["code"]), (1, "vectors.none"))


if __name__ == "__main__":
    unittest.main()
