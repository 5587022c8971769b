# SPDX-License-Identifier: Apache-2.0 OR MIT
"""JSON vectors (tests/vectors/README.md): what a file states against what the checks find.

Refuses nothing of the ledger itself: it returns the differences as sentences. A vector file that does
not have the shape of that page, an unknown member included, is a difference too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks import digest, ledger
from checks.bundle import describe, take_items
from checks.canonical_json import parse_canonical
from checks.entry import Entry, decode_signed_entry
from checks.entry_log import read_log, take_log
from checks.event import event_name
from checks.fork import decode_fork_proof
from checks.governance_documents import check_governance
from checks.head_file import read_head_file
from checks.index import check_index
from checks.refusal import Refused
from checks.replica import Replica, Taken
from checks.state import check_state

FORMAT = "constancia vectors v1"
_STEP_MEMBERS = {
    "about",
    "entry",
    "fork_proof",
    "refused",
    "may_not_decode",
    "outcome",
    "id",
    "fields",
    "ancestors",
    "event",
}


class BadVector(Exception):
    """The file is no vector of tests/vectors/README.md."""


def check_file(path: Path) -> tuple[int, list[str]]:
    """How many cases the file has, and where they differ."""
    try:
        return check_vector(json.loads(path.read_text("utf-8")))
    except (BadVector, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return 0, [f"not a vector file: {type(error).__name__}: {error}"]


def check_vector(vector: dict[str, Any]) -> tuple[int, list[str]]:
    if vector.get("format") != FORMAT:
        raise BadVector(f"expected format {FORMAT!r}, found {vector.get('format')!r}")
    kind = vector.get("type")
    if kind == "ledger":
        _only(vector, {"format", "type", "name", "ledger_id", "steps", "expect"})
        return _check_ledger(vector)
    if kind == "authority":
        _only(vector, {"format", "type", "name", "cases"})
        differences = []
        for case in vector["cases"]:
            _only(case, {"about", "ledger_id", "steps", "expect"})
            differences += [f"{case['about']}: {one}" for one in _check_history(case)]
        return len(vector["cases"]), differences
    if kind not in _CASES:
        raise BadVector(f"does not know the type {kind!r}")
    _only(vector, {"format", "type", "name", "cases"})
    differences = []
    for case in vector["cases"]:
        differences += [f"{case['about']}: {one}" for one in _CASES[kind](case)]
    return len(vector["cases"]), differences


def _check_ledger(vector: dict[str, Any]) -> tuple[int, list[str]]:
    return len(vector["steps"]), _check_history(vector)


def _check_history(history: dict[str, Any]) -> list[str]:
    """Steps into one empty replica, and what is expected after them."""
    replica = Replica()
    differences = []
    for number, step in enumerate(history["steps"], start=1):
        _only(step, _STEP_MEMBERS)
        for difference in _check_step(replica, step):
            differences.append(f"step {number}, {step.get('about', '')}: {difference}")
    if replica.ledger_id is None:
        return [*differences, "no step brought a charter"]
    differences += _compare("ledger_id", history["ledger_id"], replica.ledger_id.hex())
    expect = dict(history.get("expect", {}))
    views = expect.pop("views", [])
    differences += _compare_described(expect, describe(replica))
    differences += [f"view {number}: {one}" for number, view in enumerate(views) for one in _check_view(replica, view)]
    return differences


def _check_step(replica: Replica, step: dict[str, Any]) -> list[str]:
    outcome, entry, code = "", None, None
    try:
        if "fork_proof" in step:
            is_new = replica.take_fork_proof(decode_fork_proof(bytes.fromhex(step["fork_proof"]), replica.ledger_id))
            outcome = (Taken.NEW if is_new else Taken.HELD).value
        else:
            entry = decode_signed_entry(bytes.fromhex(step["entry"]))
            outcome = replica.take_entry(entry).value
    except Refused as refused:
        code = refused.code
    if "refused" in step or code is not None:
        return _compare("refused", step.get("refused"), code)
    differences = _compare("outcome", step.get("outcome", Taken.NEW.value), outcome)
    if entry is None:
        return differences
    differences += _compare("id", step["id"], entry.id.hex())
    if "fields" in step:
        differences += _compare("fields", step["fields"], fields_of(entry))
    if "ancestors" in step:
        found = sorted(one.hex() for one in ledger.ancestors(replica, entry))
        differences += _compare("ancestors", step["ancestors"], found)
    if "event" in step:
        found_event = None if entry.payload is None else event_name(entry) or "unknown"
        differences += _compare("event", step["event"], found_event)
    return differences


def _check_view(replica: Replica, view: dict[str, Any]) -> list[str]:
    """The documents of one view: canonical, with their digests, and index.json as it is made again here."""
    _only(view, {"about", "at", "state_digest", "documents"})
    documents = {name: text.encode("utf-8") for name, text in view["documents"].items()}
    try:
        state = check_state(documents)
        check_index(replica, documents)
        check_governance(replica, documents)
    except Refused as refused:
        return [str(refused)]
    return _compare("state_digest", view["state_digest"], state.digest.hex())


def fields_of(entry: Entry) -> dict[str, Any]:
    """An entry taken apart, as the vectors show it."""
    header = entry.header
    return {
        "version": header.version,
        "author": header.author.hex(),
        "seq": str(header.seq),
        "prev": header.prev.hex(),
        "seen": [tip.hex() for tip in header.seen],
        "height": str(header.height),
        "claimed_at_ms": str(header.claimed_at_ms),
        "payload_hash": header.payload_hash.hex(),
        "payload_len": header.payload_len,
        "kind": header.kind,
        "header": entry.header_bytes.hex(),
        "signature": entry.signature.hex(),
        "payload": None if entry.payload is None else entry.payload.hex(),
        "salt": None if entry.salt is None else entry.salt.hex(),
    }


def _check_bundle(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "files", "refused", "may_not_decode", "expect"})
    replica, refused = Replica(), []
    try:
        for text in case["files"]:
            refused += take_items(replica, bytes.fromhex(text))
    except Refused as fatal:
        refused.append(fatal)
    differences = _compare("refused", case.get("refused", []), [one.code for one in refused])
    if "expect" in case:
        differences += _compare_described(case["expect"], describe(replica))
    return differences


def _check_fork_proof(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "fork_proof", "refused", "ledger_id", "key", "seq"})
    try:
        proof = decode_fork_proof(bytes.fromhex(case["fork_proof"]))
    except Refused as refused:
        return _compare("refused", case.get("refused"), refused.code)
    return _compare(
        "proof",
        [case.get("refused"), case.get("ledger_id"), case.get("key"), case.get("seq")],
        [None, proof.ledger_id.hex(), proof.key.hex(), str(proof.seq)],
    )


def _check_frontier(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "frontier", "refused", "root"})
    data = bytes.fromhex(case["frontier"])
    try:
        ledger.decode_frontier(data)
    except Refused as refused:
        return _compare("refused", case.get("refused"), refused.code)
    return _compare("root", [case.get("refused"), case.get("root")], [None, ledger.frontier_root(data).hex()])


def _check_document(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "document", "refused", "blake3"})
    data = bytes.fromhex(case["document"])
    try:
        parse_canonical(data, "the document")
    except Refused as refused:
        return _compare("refused", case.get("refused"), refused.code)
    return _compare("blake3", [case.get("refused"), case.get("blake3")], [None, digest.plain(data).hex()])


def _check_log(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "files", "refused", "records", "lost", "torn_bytes", "expect"})
    replica = Replica()
    try:
        log = read_log({name: bytes.fromhex(text) for name, text in case["files"].items()})
        take_log(replica, log)
    except Refused as refused:
        return _compare("refused", case.get("refused"), refused.code)
    return _compare(
        "log",
        [case.get("refused"), case.get("records"), case.get("lost", 0), case.get("torn_bytes", 0)],
        [None, len(log.records), log.lost, log.torn_bytes],
    ) + _compare_described(case["expect"], describe(replica))


def _check_head(case: dict[str, Any]) -> list[str]:
    _only(case, {"about", "file", "ledger_id", "key", "refused", "seq", "id"})
    ledger_id, key = bytes.fromhex(case["ledger_id"]), bytes.fromhex(case["key"])
    try:
        _, entry = read_head_file(bytes.fromhex(case["file"]), ledger_id, key)
    except Refused as refused:
        return _compare("refused", case.get("refused"), refused.code)
    found = [None, str(entry.header.seq), entry.id.hex()]
    return _compare("head", [case.get("refused"), case.get("seq"), case.get("id")], found)


_CASES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "bundle": _check_bundle,
    "fork_proof": _check_fork_proof,
    "frontier": _check_frontier,
    "document": _check_document,
    "log": _check_log,
    "head": _check_head,
}


def _compare_described(expect: dict[str, Any], found: dict[str, Any]) -> list[str]:
    _only(expect, set(found))
    return [one for name in sorted(expect) for one in _compare(name, expect[name], found[name])]


def _compare(what: str, stated: object, found: object) -> list[str]:
    return [] if stated == found else [f"{what}: the vector states {stated}, found {found}"]


def _only(value: dict[str, Any], members: set[str]) -> None:
    extra = sorted(set(value) - members)
    if extra:
        raise BadVector(f"does not know {', '.join(extra)}")
