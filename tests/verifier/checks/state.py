# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The documents of `audit --out DIR`: index.json names the BLAKE3 of every document beside it.

Refuses: an index.json that is missing, not canonical, of another format, without `documents`, or whose
frontier has another root than it states; a document that is missing, not canonical, has another digest,
or has a name that leads out of the folder; a document that index.json does not list. The state digest is the
BLAKE3 of index.json (format §9). Whether index.json is that of a ledger: index.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks import digest, ledger
from checks.canonical_json import parse_canonical
from checks.index import frontier_of_record
from checks.refusal import Refused

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\.json")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class State:
    digest: bytes
    # Name to BLAKE3, as index.json lists them.
    listed: dict[str, str]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name in it. Links are not followed out of it."""
    if not (folder / "index.json").is_file():
        raise Refused("state.missing", f"{folder / 'index.json'} is missing")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    for path in paths:
        if path.is_symlink():
            raise Refused("state.not_listed", f"{path.relative_to(folder).as_posix()} is a link")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def check_state(documents: dict[str, bytes]) -> State:
    if "index.json" not in documents:
        raise Refused("state.missing", "index.json is missing")
    index = parse_canonical(documents["index.json"], "index.json")
    listed = _listed(index)
    _check_frontier(index)
    for name, stated in listed.items():
        data = documents.get(name)
        if data is None:
            raise Refused("state.missing", f"{name} is listed and not there")
        found = digest.plain(data).hex()
        if found != stated:
            raise Refused("state.wrong_hash", f"{name}: index.json states {stated}, found {found}")
        parse_canonical(data, name)
    for name in documents:
        if name != "index.json" and name not in listed:
            raise Refused("state.not_listed", f"{name} is there and not listed")
    return State(digest.plain(documents["index.json"]), listed)


def _listed(index: object) -> dict[str, str]:
    documents = index.get("documents") if isinstance(index, dict) else None
    if not isinstance(documents, dict):
        raise Refused("state.unreadable", "expected an object with an object `documents`")
    for name, stated in documents.items():
        if not _NAME.fullmatch(name) or name == "index.json":
            raise Refused("state.unreadable", f"{name!r} is no name of a document")
        if not isinstance(stated, str) or not _DIGEST.fullmatch(stated):
            raise Refused("state.unreadable", f"{name}: expected 64 hexadecimal digits, found {stated!r}")
    return documents


def _check_frontier(index: dict[str, Any]) -> None:
    """The frontier as JSON says the same as the frontier root."""
    try:
        if index["format"] != 1:
            raise Refused("state.unreadable", f"expected format 1, found {index['format']}")
        frontier = frontier_of_record(index["frontier"])
        stated = index["frontier_root"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("state.unreadable", f"expected a frontier: {type(error).__name__}: {error}") from None
    found = ledger.frontier_root(ledger.encode_frontier(frontier)).hex()
    if found != stated:
        raise Refused("state.unreadable", f"the frontier has the root {found}, index.json states {stated}")
