# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Fork proofs (format §6): two signed headers of one key in one slot.

Refuses a proof that is not canonical, whose headers do not decode, have no prev, differ in author,
seq or prev, are one header or stand in the wrong order, or whose signatures do not hold for the
ledger that the proof names. Says nothing of what the proof does to the ledger: that is replica.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks import wire
from checks.entry import check_signature, decode_header, entry_id
from checks.refusal import Refused
from checks.schema import load


@dataclass(frozen=True)
class ForkProof:
    ledger_id: bytes
    key: bytes
    seq: int
    id_a: bytes
    id_b: bytes


def decode_fork_proof(data: bytes, expected: bytes | None = None) -> ForkProof:
    try:
        message = wire.decode(load(), "ForkProof", data)
    except wire.NotCanonical as error:
        raise Refused("fork.not_canonical", str(error)) from None
    return check_fork_proof(message, expected)


def check_fork_proof(message: wire.Message, expected: bytes | None = None) -> ForkProof:
    """For the ledger that is expected, or for whichever it names."""
    ledger_id: bytes = message["ledger_id"]
    if len(ledger_id) != 32:
        raise Refused("fork.ledger", f"ledger id: expected 32 bytes, found {len(ledger_id)}")
    if expected not in (None, ledger_id):
        raise Refused("fork.wrong_ledger", f"found ledger {ledger_id.hex()}")
    try:
        a = decode_header(message["header_a"])
        b = decode_header(message["header_b"])
    except Refused as refused:
        raise Refused("fork.decode", str(refused)) from None
    for signature in (message["signature_a"], message["signature_b"]):
        if len(signature) != 64:
            raise Refused("fork.decode", f"signature: expected 64 bytes, found {len(signature)}")
    if a.author != b.author:
        raise Refused("fork.two_keys", f"{a.author.hex()} and {b.author.hex()}")
    if a.is_first or b.is_first:
        raise Refused("fork.charter", "a header without prev proves no fork")
    if a.seq != b.seq:
        raise Refused("fork.two_slots", f"seq {a.seq} and seq {b.seq}")
    if a.prev != b.prev:
        raise Refused("fork.two_predecessors", f"{a.prev.hex()} and {b.prev.hex()}")
    id_a, id_b = entry_id(message["header_a"]), entry_id(message["header_b"])
    if id_a == id_b:
        raise Refused("fork.same_entry", f"both headers are {id_a.hex()}")
    if id_a > id_b:
        raise Refused("fork.not_canonical", "the header with the smaller id comes first")
    try:
        check_signature(a, message["header_a"], message["signature_a"], ledger_id)
        check_signature(b, message["header_b"], message["signature_b"], ledger_id)
    except Refused as refused:
        raise Refused("fork.verify", str(refused)) from None
    return ForkProof(ledger_id, a.author, a.seq, id_a, id_b)
