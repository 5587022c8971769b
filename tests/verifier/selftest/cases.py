# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The vectors: `python -m selftest.cases` writes tests/vectors; test_vectors.py compares and checks them.

Keys come from fixed seeds, so the bytes are always the same. golden.json, for which the first implementation
is needed, is written by golden.py.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from selftest.cases_of_authority import decisions
from selftest.cases_of_files import bundles, documents, fork_proofs, frontiers
from selftest.cases_of_forks import forks
from selftest.cases_of_keys import keys
from selftest.cases_of_ledgers import events, fork, fork_seen_early, ledger, tips
from selftest.cases_of_logs import head_files, logs
from selftest.cases_refused import refused_chain, refused_decode, refused_header, refused_signature
from selftest.people import Vector
from selftest.steps import cases

FOLDER = Path(__file__).resolve().parents[2] / "vectors"


@cache
def all_vectors() -> dict[str, Vector]:
    return {
        "ledger.json": ledger(),
        "tips.json": tips(),
        "events.json": events(),
        "refused_header.json": refused_header(),
        "refused_decode.json": refused_decode(),
        "refused_signature.json": refused_signature(),
        "refused_chain.json": refused_chain(),
        "fork.json": fork(),
        "fork_seen_early.json": fork_seen_early(),
        "authority.json": cases(
            "authority", "how decisions pass, keys end and payloads are dropped", decisions() + keys() + forks()
        ),
        "bundle.json": cases("bundle", "bundles, good and broken", bundles()),
        "fork_proof.json": cases("fork_proof", "fork proofs, alone", fork_proofs()),
        "frontier.json": cases("frontier", "frontiers", frontiers()),
        "document.json": cases("document", "canonical JSON", documents()),
        "head.json": cases("head", "head files, whole and damaged", head_files()),
        "log.json": cases("log", "entry logs, whole, torn and damaged", logs()),
    }


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, vector in all_vectors().items():
        (folder / name).write_text(text_of(vector), "utf-8")


def text_of(vector: Vector) -> str:
    return json.dumps(vector, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write(FOLDER)
