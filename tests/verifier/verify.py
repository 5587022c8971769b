#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Constancia's second verifier: docs/format.md in Python, sharing nothing with the first but the .proto files.

    verify.py bundle FILE… [--ledger ID] [--times] [--json]    later files stand on the earlier ones
    verify.py state DIR [--bundle FILE]… [--json]              the folder of `audit --out DIR`, of this ledger
    verify.py log DIR [--times] [--json]                       the entry log of a data folder
    verify.py head FILE… [--json]                              the head files beside private keys
    verify.py vectors DIR [--json]                             every *.json below DIR

Exit status: 0 fine, 1 refused (`error: code: message` on standard error), 2 usage or unreadable file.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from checks import entry_log
from checks.bundle import describe, raise_first, take_items
from checks.entry_log import read_log, take_log
from checks.governance_documents import check_governance
from checks.head_file import read_head_file
from checks.index import check_index
from checks.refusal import Refused
from checks.replica import Replica
from checks.state import check_state, read_folder
from checks.vectors import check_file


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except Refused as refused:
        if options.json:
            print(json.dumps({"ok": False, "code": refused.code, "message": refused.message}))
        for one in [refused, *refused.also]:
            print(f"error: {one}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _bundle(options: argparse.Namespace) -> int:
    _print_ledger(describe(_replica_of(options.files, options.ledger)), options)
    return 0


def _log(options: argparse.Namespace) -> int:
    log = read_log(entry_log.read_folder(options.folder / "log"))
    replica = Replica()
    take_log(replica, log)
    counts = {"segments": log.segments, "records": len(log.records), "lost": log.lost, "torn_bytes": log.torn_bytes}
    if not options.json:
        print("log       " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    _print_ledger({**describe(replica), **({"log": counts} if options.json else {})}, options)
    return 0


def _head(options: argparse.Namespace) -> int:
    for path in options.files:
        ledger_id, entry = read_head_file(path.read_bytes())
        found = {"ledger_id": ledger_id.hex(), "key": entry.header.author.hex(), "seq": str(entry.header.seq)}
        found["id"] = entry.id.hex()
        print(json.dumps({"ok": True, **found}) if options.json else "  ".join(found.values()))
    return 0


def _replica_of(files: list[Path], expected: str | None) -> Replica:
    """The files, each on the ones before it."""
    replica = Replica()
    refused: list[Refused] = []
    for path in files:
        refused += take_items(replica, path.read_bytes())
        if expected is not None and replica.ledger_id is not None and replica.ledger_id.hex() != expected:
            raise Refused("bundle.wrong_ledger", f"expected {expected}, found {replica.ledger_id.hex()}")
    raise_first(refused)
    return replica


def _print_ledger(found: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        if not options.times:
            del found["times"]
        print(json.dumps({"ok": True, **found}, ensure_ascii=False))
        return
    print(f"ledger    {found['ledger_id']}  {found['name']}")
    counts = ", ".join(f"{len(found[name])} {name}" for name in ("pending", "unknown", "outside", "waiting"))
    print(f"entries   {len(found['order'])}; {counts}")
    for fork in found["forks"]:
        print(f"fork      {fork['key']} at seq {fork['seq']}")
    print(f"frontier  {found['frontier_root']}")
    print(f"order     {found['order_digest']}")
    for one in found["order"]:
        at = found["times"][one]
        print(f"{one}  {at['effective_ms']}  {at['witnessed_ms'] or '-'}" if options.times else one)


def _state(options: argparse.Namespace) -> int:
    documents = read_folder(options.folder)
    state = check_state(documents)
    if options.bundle:
        replica = _replica_of(options.bundle, None)
        check_index(replica, documents)
        check_governance(replica, documents)
    found = {"state_digest": state.digest.hex(), "documents": state.listed, "index_made_again": bool(options.bundle)}
    if options.json:
        print(json.dumps({"ok": True, **found}))
    else:
        print(f"{state.digest.hex()}  {len(state.listed)} documents")
        print(
            "index.json and authority made again from the bundle"
            if options.bundle
            else "index.json taken as given: no bundle"
        )
    return 0


def _vectors(options: argparse.Namespace) -> int:
    paths = sorted(options.folder.rglob("*.json"))
    if not paths:
        raise Refused("vectors.none", f"no *.json below {options.folder}")
    cases, differences = 0, []
    for path in paths:
        count, found = check_file(path)
        cases += count
        differences += [{"file": path.relative_to(options.folder).as_posix(), "difference": one} for one in found]
    if options.json:
        print(json.dumps({"ok": not differences, "files": len(paths), "cases": cases, "differences": differences}))
    else:
        print(f"{len(paths)} files, {cases} cases, {len(differences)} differences")
    for one in differences:
        print(f"error: {one['file']}: {one['difference']}", file=sys.stderr)
    return 1 if differences else 0


def _ledger_id(text: str) -> str:
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError("a ledger id has 64 hexadecimal digits, lower case")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.py", description="Verifies Constancia's files from docs/format.md.")
    commands = parser.add_subparsers(required=True)
    bundle = commands.add_parser("bundle", help="bundle files, each standing on the earlier ones")
    bundle.add_argument("files", nargs="+", type=Path, metavar="FILE")
    bundle.add_argument("--ledger", type=_ledger_id, metavar="ID", help="refuse any other ledger")
    bundle.set_defaults(run=_bundle)
    log = commands.add_parser("log", help="the entry log of a data folder")
    log.add_argument("folder", type=Path, metavar="DIR")
    log.set_defaults(run=_log)
    for command in (bundle, log):
        command.add_argument("--times", action="store_true", help="effective and witnessed times, Unix milliseconds")
    head = commands.add_parser("head", help="the head files beside private keys")
    head.add_argument("files", nargs="+", type=Path, metavar="FILE")
    head.set_defaults(run=_head)
    state = commands.add_parser("state", help="the folder of `audit --out DIR`")
    state.add_argument("folder", type=Path, metavar="DIR")
    state.add_argument(
        "--bundle",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="make index.json again from this ledger",
    )
    state.set_defaults(run=_state)
    vectors = commands.add_parser("vectors", help="every *.json below DIR")
    vectors.add_argument("folder", type=Path, metavar="DIR")
    vectors.set_defaults(run=_vectors)
    for command in (bundle, state, log, head, vectors):
        command.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
