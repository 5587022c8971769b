#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Both implementations on the same files: compare.py BINARY runs the demo and says where they differ.

From the demo: one bundle, the data folders of its parties with their logs and head files, the audited state in
several views, and bundles that are damaged on purpose. From tests/vectors/: the bundles of one file, good and
bad, the golden ledger's documents, and the histories of authority, each as a bundle. The binary is asked through
its command line alone. Exit status: 0 they agree, 1 they differ, 2 the binary cannot be run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from checks import ledger, wire
from checks.bundle import FIRST_LINE, describe, take_bundle, take_items
from checks.canonical_json import canonical
from checks.entry_log import read_folder as read_log_folder
from checks.entry_log import read_log, take_log
from checks.governance_documents import check_governance
from checks.head_file import read_head_file
from checks.index import make_index, moment, record_of
from checks.refusal import Refused
from checks.replica import Replica
from checks.state import check_state, read_folder
from checks.vectors import fields_of
from selftest.building import bundle_end
from selftest.cases import FOLDER as VECTORS
from selftest.golden import golden, stored_views
from selftest.histories import bundle_of_steps

# Where the binary does not do what format.md says, by what the vector is about; to be emptied.
KNOWN: dict[str, str] = {}
HEAD_FILE = re.compile(r"\.head-[0-9a-f]{16}$")
# Where a vector says that a decoder may give up on its bytes.
NOT_DECODED = {"bundle.not_an_item": "bundle.not_canonical"}


class NoAnswer(Exception):
    """The binary printed something else than the one object that it was asked for."""


class Comparison:
    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.count = 0
        self.differences: list[str] = []

    def run(self, *arguments: object) -> tuple[list[dict[str, Any]], str]:
        """The objects on standard output, and standard error."""
        command = [self.binary, "--json", "--lang", "en", *map(str, arguments)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CONSTANCIA_")}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return lines, done.stderr

    def one(self, *arguments: object) -> dict[str, Any]:
        lines, errors = self.run(*arguments)
        if len(lines) != 1 or "error" in lines[0]:
            raise NoAnswer(f"{' '.join(map(str, arguments))}: {_short(lines)} {errors.strip()}")
        return lines[0]

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """A comparison that cannot be made is a difference like any other, and the rest goes on."""
        try:
            yield
        except (NoAnswer, Refused, LookupError, TypeError, ValueError, OSError, subprocess.SubprocessError) as error:
            self.count += 1
            self.differences.append(f"{what}: cannot be compared: {type(error).__name__}: {error}")

    def same(self, what: str, ours: object, theirs: object) -> None:
        self.count += 1
        if ours != theirs:
            self.differences.append(f"{what}: here {_short(ours)}, the binary {_short(theirs)}")

    def stated(self, what: str, stated: object, ours: object) -> None:
        self.count += 1
        if stated != ours:
            self.differences.append(f"{what}: stated {_short(stated)}, here {_short(ours)}")

    def codes(self, path: Path) -> list[str]:
        """What the binary refuses of a bundle."""
        lines, errors = self.run("audit", "--bundle", path)
        # Items that are refused are listed beside the state, which the rest makes; an error ends it.
        found = [item["code"] for line in lines for item in line.get("refused", [])]
        return found + [line["error"]["code"] for line in [*lines, *_objects(errors)] if "error" in line]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not os.access(arguments[0], os.X_OK):
        print("error: compare.py BINARY: expected a program that can be run", file=sys.stderr)
        return 2
    both = Comparison(str(Path(arguments[0]).resolve()))
    with tempfile.TemporaryDirectory() as folder:
        with both.part("demo"):
            _compare_demo(both, Path(folder))
        with both.part("golden ledger"):
            _compare_golden(both, Path(folder))
        _compare_vectors(both, Path(folder))
        _compare_histories(both, Path(folder))
    for difference in both.differences:
        print(f"error: {difference}", file=sys.stderr)
    print(f"{both.count} comparisons, {len(both.differences)} differences")
    return 1 if both.differences else 0


def _compare_demo(both: Comparison, folder: Path) -> None:
    both.run("demo", "--keep", folder / "demo")
    path = folder / "demo" / "plan.constancia"
    replica = Replica()
    take_bundle(replica, path.read_bytes())
    found = describe(replica)
    print(f"demo: {len(found['order'])} entries, order {found['order_digest']}, frontier {found['frontier_root']}")
    parties = sorted(one for one in (folder / "demo").iterdir() if one.is_dir())
    both.same("parties", True, len(parties) > 1)
    for party in parties:
        with both.part(party.name):
            _compare_folder(both, found, party)
        with both.part(f"{party.name}, on disk"):
            _compare_disk(both, found, party)
    with both.part("log"):
        _compare_log(both, replica, found, parties[0])
    with both.part("state"):
        _compare_state(both, replica, found, path, folder / "state")
    with both.part("exports"):
        _compare_exports(both, found, path.read_bytes(), parties[0], folder)
    with both.part("damaged bundles"):
        _compare_damaged(both, path.read_bytes(), folder / "damaged")


def _compare_folder(both: Comparison, found: dict[str, Any], party: Path) -> None:
    name = party.name
    digest = both.one("log", "--digest", "--data", party)
    both.same(f"{name}: order digest", found["order_digest"], digest["order_digest"])
    both.same(f"{name}: entries", str(len(found["order"])), digest["entries"])
    status = both.one("status", "--data", party)
    both.same(f"{name}: ledger id", found["ledger_id"], status["ledger_id"])
    both.same(f"{name}: frontier root", found["frontier_root"], status["frontier_root"])
    both.same(f"{name}: frontier", _frontier_of(found), status["frontier"])


def _compare_disk(both: Comparison, found: dict[str, Any], party: Path) -> None:
    """The party's segment files say what the bundle says; its keys' head files, what its log says."""
    name, replica = party.name, Replica()
    log = read_log(read_log_folder(party / "log"))
    take_log(replica, log)
    both.same(f"{name}: the log's ledger", describe(replica), found)
    both.same(f"{name}: torn bytes, lost records", [log.torn_bytes, log.lost], [0, 0])
    files = sorted(path for path in (party / "keys").iterdir() if HEAD_FILE.search(path.name))
    both.same(f"{name}: has head files", bool(files), True)
    for path in files:
        _, entry = read_head_file(path.read_bytes(), replica.ledger_id)
        # The last that the key signed, wherever it stands: a revoked or forked key's is beyond what counts.
        places = [one.header.seq for one in replica.entries.values() if one.header.author == entry.header.author]
        both.same(f"{name}: {path.name}", (True, entry.header.seq), (entry.id in replica.entries, max(places)))


def _compare_log(both: Comparison, replica: Replica, found: dict[str, Any], party: Path) -> None:
    lines, _ = both.run("log", "--data", party)
    both.same("log: order", found["order"], [line["id"] for line in lines])
    for line in lines:
        at = found["times"].get(line["id"], {})
        both.same(f"{line['id']}: effective time", at.get("effective_ms"), line["effective_ms"])
        both.same(f"{line['id']}: witnessed time", at.get("witnessed_ms"), line.get("witnessed_ms"))
        if line["id"] not in found["times"]:
            continue
        fields = fields_of(replica.entries[bytes.fromhex(line["id"])])
        for name in ("header", "signature", "payload", "salt"):
            both.same(f"{line['id']}: {name}", fields[name], line["entry"].get(name))
        for name in ("author", "seq", "seen", "height", "claimed_at_ms", "payload_hash"):
            both.same(f"{line['id']}: {name}", fields[name], line["header"][name])


def _compare_state(both: Comparison, replica: Replica, found: dict[str, Any], path: Path, out: Path) -> None:
    """index.json is made again here, from the bundle and the other documents, in several views."""
    times = sorted(int(at["effective_ms"]) for at in found["times"].values())
    views: tuple[list[str], ...] = (
        [],
        ["--as-of", moment(times[len(times) // 3])],
        ["--as-claimed", moment(times[len(times) // 2])],
    )
    for number, options in enumerate(views):
        about = " ".join(["state", *options])
        audited = both.one("audit", "--bundle", path, "--out", out / str(number), *options)
        both.same(f"{about}: refused", [], audited.get("refused", []))
        documents = read_folder(out / str(number))
        both.same(f"{about}: digest", check_state(documents).digest.hex(), audited["state_digest"])
        made = canonical(make_index(replica, documents))
        both.same(f"{about}: index.json", made.decode("utf-8"), documents["index.json"].decode("utf-8"))
        with both.part(f"{about}: authority"):
            check_governance(replica, documents)
            both.count += 1


def _compare_exports(both: Comparison, found: dict[str, Any], data: bytes, party: Path, folder: Path) -> None:
    """A whole bundle, and one since the frontier of the first half of the demo's."""
    both.one("export", folder / "whole", "--data", party)
    replica = Replica()
    take_bundle(replica, (folder / "whole").read_bytes())
    both.same("export", found, describe(replica))
    items = _items(data)
    half = items[: len(items) // 2]
    replica = Replica()
    proofs = sum(_is_proof(item) for item in half)
    take_bundle(replica, FIRST_LINE + b"".join(half) + bundle_end(len(half) - proofs, proofs))
    since = ledger.encode_frontier(ledger.frontier_message(replica)).hex()
    (folder / "since").write_text(since, "ascii")
    both.one("export", folder / "rest", "--since", folder / "since", "--data", party)
    take_bundle(replica, (folder / "rest").read_bytes())
    both.same("export --since", found, describe(replica))


def _compare_damaged(both: Comparison, data: bytes, path: Path) -> None:
    items = _items(data)
    cases = {
        "no end": data[: -len(items[-1])],
        "an item less": FIRST_LINE + b"".join(items[:-2]) + items[-1],
        "cut within the last entry": data[: -len(items[-1]) - 1],
        "a byte after the end": data + b"\0",
        "the end twice": data + items[-1],
        "another first line": b"C" + data[1:],
        "a salt changed": data[: -len(items[-1]) - 1] + bytes([data[-len(items[-1]) - 1] ^ 1]) + items[-1],
    }
    for about, damaged in cases.items():
        path.write_bytes(damaged)
        both.same(f"damaged, {about}", _our_codes(damaged), both.codes(path))


def _compare_vectors(both: Comparison, folder: Path) -> None:
    for case in json.loads((VECTORS / "bundle.json").read_text("utf-8"))["cases"]:
        if len(case["files"]) == 1:
            with both.part(f"vector, {case['about']}"):
                _compare_vector(both, case, folder / "vector")


def _compare_vector(both: Comparison, case: dict[str, Any], path: Path) -> None:
    """What is stated, what is found here and what the binary finds: each pair that differs is reported."""
    path.write_bytes(bytes.fromhex(case["files"][0]))
    about, ours, theirs = case["about"], _our_codes(path.read_bytes()), both.codes(path)
    both.stated(f"vector, {about}", case.get("refused", []), ours)
    if case.get("may_not_decode"):
        theirs = [NOT_DECODED.get(code, code) for code in theirs]
    if about in KNOWN:
        if theirs == ours:
            print(f"no difference any more, to be taken out of KNOWN: {about}")
        else:
            print(f"known difference: {about}: {KNOWN[about]}")
        return
    both.same(f"vector, {about}", ours, theirs)
    if not ours and not theirs:
        replica = Replica()
        take_bundle(replica, path.read_bytes())
        found, audited = describe(replica), both.one("audit", "--bundle", path)
        both.same(f"vector, {about}: frontier root", found["frontier_root"], audited["frontier_root"])
        both.same(f"vector, {about}: entries", str(len(found["order"])), audited["entries"])


def _compare_golden(both: Comparison, folder: Path) -> None:
    """The documents of the golden ledger, as the command line writes them."""
    path = folder / "golden"
    path.write_bytes(golden()[1])
    for number, view in enumerate(stored_views()):
        out = folder / f"golden {number}"
        index = json.loads(view["documents"]["index.json"])["view"]
        options = {"as_of": "--as-of", "as_claimed": "--as-claimed", "frontier": "--at"}
        value = index.get("until", view.get("at"))
        both.one("audit", "--bundle", path, "--out", out, *([options[index["kind"]], value] if value else []))
        documents = {name: data.decode("utf-8") for name, data in read_folder(out).items()}
        for name in sorted({*documents, *view["documents"]}):
            both.stated(f"golden, {view['about']}: {name}", view["documents"].get(name), documents.get(name))


def _compare_histories(both: Comparison, folder: Path) -> None:
    """Who decided what: index.json of each is made again, in several views."""
    path = folder / "history"
    for number, case in enumerate(json.loads((VECTORS / "authority.json").read_text("utf-8"))["cases"]):
        with both.part(f"history, {case['about']}"):
            path.write_bytes(bundle_of_steps(case["steps"]))
            replica = Replica()
            take_bundle(replica, path.read_bytes())
            _compare_state(both, replica, describe(replica), path, folder / f"history {number}")


def _our_codes(data: bytes) -> list[str]:
    try:
        return [refused.code for refused in take_items(Replica(), data)]
    except Refused as refused:
        return [refused.code]


def _frontier_of(found: dict[str, Any]) -> dict[str, Any]:
    """The frontier as the binary's JSON has it: absent members are left out."""
    record = record_of(ledger.decode_frontier(bytes.fromhex(found["frontier"])))
    heads = [{"id" if name == "head" else name: value for name, value in feed.items()} for feed in record["feeds"]]
    return {"heads": heads, "decisions": record.get("decisions", [])}


def _items(data: bytes) -> list[bytes]:
    """The items of a good bundle with their lengths, the end last."""
    reader = wire.Reader(data)
    reader.at = len(FIRST_LINE)
    items = []
    while not reader.done():
        start = reader.at
        reader.take(reader.varint())
        items.append(data[start : reader.at])
    return items


def _is_proof(item: bytes) -> bool:
    """Whether an item is a fork proof: field 2 of its message."""
    reader = wire.Reader(item)
    return reader.take(reader.varint())[:1] == b"\x12"


def _objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
