# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of refusals, one file per step of format §3. Each entry has one defect, and is signed all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from checks import ed25519, wire
from checks.digest import PAYLOAD, derive
from checks.entry import FACT, GOVERNANCE, SIGNATURE_DOMAIN
from checks.schema import load
from selftest import spoiling
from selftest.building import (
    GROUP_ORDER,
    SMALL_ORDER,
    START_MS,
    Author,
    Built,
    ScalarAuthor,
    Scene,
    challenge,
    charter_body,
    compress,
    multiply,
    noncanonical_point,
    not_on_curve,
    order_eight,
    report,
)
from selftest.people import People, Vector, order_key
from selftest.steps import Steps

HEADER_FIELDS = (
    "version",
    "author",
    "seq",
    "prev",
    "seen",
    "height",
    "claimed_at_ms",
    "payload_hash",
    "payload_len",
    "kind",
)
# What a header says that lacks the field.
WITHOUT = {
    "version": "decode.unknown_version",
    "author": "decode.field_length",
    "seq": "verify.wrong_ledger",
    "prev": "decode.prev_missing",
    "seen": "chain.wrong_height",
    "height": "decode.height_zero",
    "claimed_at_ms": "chain.claimed_before_prev",
    "payload_hash": "decode.field_length",
    "payload_len": "decode.payload_length",
    "kind": "decode.unknown_kind",
}


def refused_header() -> Vector:
    """The encoding of each field of the header, spoilt in each way."""
    people = People()
    scene = people.scene()
    steps = Steps(scene, "headers that have another encoding than the canonical one (format §1, §2)")
    academy, fact = people.academy, report("1")
    a0 = scene.append(academy, fact)
    o0 = scene.append(people.observer, fact, seen=(a0,))
    steps.good("a feed begins", a0, "report")
    steps.good("and another, which has seen it", o0, "report")
    good = scene.build(academy, fact, seen=(o0,))
    code = "decode.header_not_canonical"

    def refused(about: str, code: str, change: Callable[[bytes], bytes], **extra: Any) -> None:
        steps.refused(about, code, scene.build(academy, fact, seen=(o0,), raw=change), **extra)

    for at, name in enumerate(HEADER_FIELDS):
        refused(f"without {name}", WITHOUT[name], partial(spoiling.without, at=at))
        # A second tip is another tip.
        two = "decode.seen_unsorted" if name == "seen" else code
        refused(f"{name} twice", two, partial(spoiling.twice, at=at))
        if at + 1 < len(HEADER_FIELDS):
            refused(f"{name} after {HEADER_FIELDS[at + 1]}", code, partial(spoiling.after_next, at=at))
        refused(f"{name}: a tag in two bytes", code, partial(spoiling.long_tag, at=at))
        refused(f"{name}: a number or length in one byte too many", code, partial(spoiling.long_number, at=at))
        # An empty tip is a tip; a version of 0 is another version, however it is written.
        empty = {"version": "decode.unknown_version", "seen": "decode.field_length"}.get(name, code)
        refused(f"{name}: nothing, written", empty, partial(spoiling.default, at=at))
        refused(f"{name}: another wire type", code, partial(spoiling.other_wire_type, at=at), may_not_decode=True)

    refused("a field 11", code, lambda h: h + b"\x58\x01")
    refused("a field 11, empty", code, lambda h: h + b"\x5a\x00")
    refused("the greatest field number there is", code, lambda h: h + b"\xf8\xff\xff\xff\x0f\x01")
    refused("version 2 and a field 11: a later version's", "decode.unknown_version", later_version)
    refused("kind beyond 32 bits", code, lambda h: h[:-1] + b"\x83\x80\x80\x80\x10")
    refused("version beyond 32 bits", code, lambda h: b"\x08\x81\x80\x80\x80\x10" + h[2:])
    may = {"may_not_decode": True}
    refused("a field 0", code, lambda h: h + b"\x00\x00", **may)
    refused("version as fixed32", code, lambda h: b"\x0d\x01\x00\x00\x00" + h[2:], **may)
    refused("version as fixed64", code, lambda h: b"\x09\x01" + bytes(7) + h[2:], **may)
    refused("the author as a group", code, lambda h: h[:2] + b"\x13\x14" + h[36:], **may)
    refused("the last byte missing", code, lambda h: h[:-1], **may)
    refused("the author's length beyond the end", code, lambda h: h[:3] + b"\xff\x01" + h[4:], **may)
    refused("kind beyond 64 bits", code, lambda h: h[:-1] + b"\x83\x80\x80\x80\x80\x80\x80\x80\x80\x02", **may)
    refused("kind in eleven bytes", code, lambda h: h[:-1] + b"\x83" + b"\x80" * 9 + b"\x00", **may)
    refused("no byte at all", "decode.unknown_version", lambda h: b"")
    steps.good("the entry that all of these were made from", scene.add(good), "report")
    return steps.vector({"outside": [], "forks": [], "waiting": []})


def later_version(header: bytes) -> bytes:
    return b"\x08\x02" + header[2:] + b"\x58\x01"


def refused_decode() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "entries that do not decode (format §2)")
    academy = people.academy
    fact = report("1")

    def header(about: str, code: str, **values: Any) -> None:
        steps.refused(about, code, scene.build(academy, fact, header=values))

    header("version 2", "decode.unknown_version", version=2)
    for length in (31, 33):
        one = b"\x01" * length
        header(f"an author of {length} bytes", "decode.field_length", author=one)
        header(f"a prev of {length} bytes", "decode.field_length", prev=one)
        header(f"an id of {length} bytes in seen", "decode.field_length", seen=[one])
        header(f"a payload hash of {length} bytes", "decode.field_length", payload_hash=one)
    header("a payload hash of 16 bytes", "decode.field_length", payload_hash=b"\x01" * 16)
    header("an empty id in seen", "decode.field_length", seen=[b""])
    header("an id of 31 bytes beside a good one", "decode.field_length", seen=[b"\x01" * 32, b"\x02" * 31])
    header("one id twice in seen", "decode.seen_unsorted", seen=[b"\x01" * 32] * 2)
    header("seen descending", "decode.seen_unsorted", seen=[b"\x02" * 32, b"\x01" * 32])
    header("the last of 64 ids seen out of order", "decode.seen_unsorted", seen=[*_tips(63), b"\x00" * 32])
    header("65 ids in seen", "decode.seen_too_many", seen=_tips(65))
    room = 4_096 - len(scene.build(academy, fact, header={"prev": b"\x01" * 4_000}).header_bytes) + 4_000
    header("a header of 4,096 bytes", "decode.field_length", prev=b"\x01" * room)
    header("a header of 4,097 bytes", "decode.header_too_long", prev=b"\x01" * (room + 1))
    header("prev and height 0", "decode.height_zero", height=0)
    header("a claimed time in the year 10000", "decode.claimed_too_late", claimed_at_ms=253_402_300_800_000)
    header("the greatest number as claimed time", "decode.claimed_too_late", claimed_at_ms=2**64 - 1)
    header("a stated payload of 1 MiB and 1 byte", "decode.payload_too_long", payload_len=1_048_577)
    header("the greatest number as payload length", "decode.payload_too_long", payload_len=2**32 - 1)
    header("kind 4", "decode.unknown_kind", kind=4)
    header("the greatest number as kind", "decode.unknown_kind", kind=2**32 - 1)
    header("no prev, seq 1", "decode.prev_missing", prev=b"", seq=1, height=0, kind=1)
    header("no prev, height 1", "decode.prev_missing", prev=b"", kind=1)
    header("no prev, one seen", "decode.prev_missing", prev=b"", height=0, seen=[b"\x01" * 32], kind=1)

    good = scene.build(academy, fact)
    message = good.message

    def entry(about: str, code: str, **parts: Any) -> None:
        steps.refused(about, code, wire.encode(load(), "SignedEntry", {**message, **parts}))

    entry("a signature of 63 bytes", "decode.field_length", signature=good.signature[:63])
    entry("a signature of 65 bytes", "decode.field_length", signature=good.signature + b"\x00")
    entry("no signature", "decode.field_length", signature=b"")
    entry("a payload without salt", "decode.payload_half", salt=None)
    entry("a salt without payload", "decode.payload_half", payload=None)
    entry("an empty payload without salt", "decode.payload_half", payload=b"", salt=None)
    entry("an empty salt without payload", "decode.payload_half", payload=None, salt=b"")
    entry("a salt of 15 bytes", "decode.field_length", salt=b"\x01" * 15)
    entry("a salt of 17 bytes", "decode.field_length", salt=b"\x01" * 17)
    entry("an empty salt", "decode.field_length", salt=b"")
    entry("an empty payload where one is stated", "decode.payload_length", payload=b"")
    entry("no header", "decode.unknown_version", header=b"")
    code, may = "decode.entry_not_canonical", {"may_not_decode": True}
    data = good.signed_entry
    for at, name in enumerate(("header", "signature", "payload", "salt")):
        steps.refused(f"an entry: {name} twice", code, spoiling.twice(data, at))
        if at < 3:
            steps.refused(f"an entry: {name} after the next", code, spoiling.after_next(data, at))
        steps.refused(f"an entry: {name}, a tag in two bytes", code, spoiling.long_tag(data, at))
        steps.refused(f"an entry: {name}, a length in one byte too many", code, spoiling.long_number(data, at))
        steps.refused(f"an entry: {name} as a number", code, spoiling.other_wire_type(data, at), **may)
    steps.refused("an entry: no header, written", code, spoiling.default(data, 0))
    steps.refused("an entry: no signature, written", code, spoiling.default(data, 1))
    steps.refused("an entry with a field 5", code, data + b"\x2a\x00")
    steps.refused("an entry cut off", code, data[:-1], **may)
    steps.refused("an entry and a zero byte", code, data + b"\x00", **may)
    steps.refused("no bytes at all", "decode.unknown_version", b"")
    steps.good("the entry that all of these were made from", scene.add(good), "report")
    late = scene.append(people.observer, fact, at_ms=253_402_300_799_999)
    steps.good("a claimed time at the end of the year 9999", late, "report")
    large = scene.append(academy, fact, header={"payload_len": 1_048_576}).without_payload()
    steps.good("a stated payload of 1 MiB, pending", large, None)
    ids = [built.id.hex() for built in sorted(scene.entries, key=order_key)]
    return steps.vector({"order": ids, "outside": [], "forks": [], "waiting": [], "pending": [large.id.hex()]})


def _tips(count: int) -> list[bytes]:
    return [bytes([number]) * 32 for number in range(1, count + 1)]


def refused_signature() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "keys, signatures and payloads that do not hold (format §2)")
    academy = people.academy
    _refuse_keys(steps, people)
    held = scene.append(people.observer, report("0"))
    steps.good("an entry to be sent again", held, "report")
    without = scene.append(people.observer, report("0.5")).without_payload()
    steps.good("an entry without its payload", without, None)
    good = scene.build(academy, report("1"))
    code = "verify.bad_signature"
    elsewhere = scene.build(academy, report("1"), ledger_id=b"\x07" * 32)
    steps.refused("signed for another ledger", code, elsewhere)
    steps.refused("no ledger id in what was signed", code, scene.build(academy, report("1"), ledger_id=b""))
    steps.refused("by another key", code, good.with_signature(people.observer.sign(good.signed(scene.ledger_id))))
    steps.refused("over the header alone", code, good.with_signature(academy.sign(good.header_bytes)))
    unsplit = SIGNATURE_DOMAIN[:-1] + scene.ledger_id + good.header_bytes
    steps.refused("without the zero byte", code, good.with_signature(academy.sign(unsplit)))
    _refuse_numbers(steps, good)
    by_scalar = _refuse_points(steps, people)

    for salt, payload, about, code in (
        (good.salt, b"\x01" + (good.payload or b"")[1:], "another payload of the same length", "verify.payload_hash"),
        (bytes(16), good.payload, "another salt", "verify.payload_hash"),
        (good.salt, (good.payload or b"") + b"\x01", "a longer payload", "decode.payload_length"),
        (good.salt, (good.payload or b"")[:-1], "a shorter payload", "decode.payload_length"),
    ):
        steps.refused(about, code, replace(good, payload=payload, salt=salt))
    lying = scene.build(academy, report("1"), header={"payload_len": 3})
    steps.refused("a header that states another length", "decode.payload_length", lying)
    unhashed = scene.build(academy, report("1"), header={"payload_hash": b"\x01" * 32})
    steps.refused("a header that states another hash", "verify.payload_hash", unhashed)
    payload = good.payload or b""
    unsalted = scene.build(academy, report("1"), header={"payload_hash": derive(PAYLOAD, payload)})
    steps.refused("a hash without salt", "verify.payload_hash", unsalted)
    behind = scene.build(academy, report("1"), header={"payload_hash": derive(PAYLOAD, payload + (good.salt or b""))})
    steps.refused("a hash with the salt behind", "verify.payload_hash", behind)

    # What the signature says comes before whether the entry is held (format §3).
    code = "verify.bad_signature"
    steps.refused("held already, with a signature that does not hold", code, held.with_signature(bytes(64)))
    steps.refused("held already, with another salt", "verify.payload_hash", replace(held, salt=bytes(16)))
    whole = scene.heads[people.observer.key]
    steps.refused("a late payload with another salt", "verify.payload_hash", replace(whole, salt=bytes(16)))
    steps.refused("a late payload with a signature that does not hold", code, whole.with_signature(bytes(64)))

    steps.good("a good entry", scene.add(by_scalar), "report")
    again = by_scalar.with_signature(people.plain.sign_from(by_scalar.signed(scene.ledger_id), 7))
    steps.taken("another valid signature on the same header is the same entry", again, "held")
    return steps.vector({"outside": [], "forks": [], "waiting": [], "pending": [without.id.hex()]})


def _refuse_keys(steps: Steps, people: People) -> None:
    """Authors that are no key."""
    points = {f"{factor} times a point of order 8": compress(multiply(factor, order_eight())) for factor in range(8)}
    p = ed25519.P
    numbers = {
        "y = p, which is 0": p,
        "y = p + 1, which is 1": p + 1,
        "y = 1 with the sign bit: a negative zero": 1 | 1 << 255,
        "y = p - 1 with the sign bit: a negative zero": p - 1 | 1 << 255,
        "the greatest number": 2**256 - 1,
    }
    authors = {
        **points,
        **{about: number.to_bytes(32, "little") for about, number in numbers.items()},
        "a y of p or more, of a point that is not of small order": noncanonical_point(),
        "a y that no point of the curve has": not_on_curve(),
    }
    for about, author in authors.items():
        built = steps.scene.build(people.academy, report("1"), header={"author": author})
        # With R neutral and S zero the equation holds for every key of small order.
        steps.refused(f"author: {about}", "verify.weak_key", built.with_signature(SMALL_ORDER + bytes(32)))


def _refuse_numbers(steps: Steps, good: Built) -> None:
    code, r = "verify.bad_signature", good.signature[:32]
    s = int.from_bytes(good.signature[32:], "little")
    for about, number in (
        ("S plus the group order", s + GROUP_ORDER),
        ("S plus 14 times the group order", s + 14 * GROUP_ORDER),
        ("S and the highest bit", s | 1 << 255),
        ("S negated", GROUP_ORDER - s),
        ("S is the group order", GROUP_ORDER),
        ("S is zero", 0),
    ):
        steps.refused(about, code, good.with_signature(r + number.to_bytes(32, "little")))
    steps.refused("a bit of R flipped", code, good.with_signature(bytes([r[0] ^ 1]) + good.signature[1:]))
    steps.refused("a bit of S flipped", code, good.with_signature(good.signature[:40] + _flip(good.signature[40:])))
    steps.refused("all zeros", code, good.with_signature(bytes(64)))


def _refuse_points(steps: Steps, people: People) -> Built:
    """Signatures that verifiers less strict than this take. Returns an entry by the key whose scalar is known."""
    scene, code = steps.scene, "verify.bad_signature"
    built = scene.build(people.plain, report("1"))
    message = built.signed(scene.ledger_id)
    for about, r in (
        ("R neutral, where the equation holds", SMALL_ORDER),
        ("R neutral, not canonical, where the equation holds", (ed25519.P + 1).to_bytes(32, "little")),
        ("R neutral with the sign bit, where the equation holds", SMALL_ORDER[:31] + b"\x80"),
    ):
        steps.refused(about, code, built.with_signature(people.plain.sign_with_r(message, r)))
    small, signature = _small_r(steps, people.mixed)
    steps.refused("R of order 8, where the equation holds", code, small.with_signature(signature))
    failing = scene.build(people.mixed_failing, report("1"))
    steps.refused("holds with the cofactor alone", code, failing)
    return built


def _small_r(steps: Steps, key: ScalarAuthor) -> tuple[Built, bytes]:
    """By a key with a component T of order 8: S = ka and R = -kT, for the first entry whose k allows it."""
    scene = steps.scene
    for later in range(1_000):
        built = scene.build(key, report("1"), at_ms=START_MS + later)
        for factor in (1, 3, 5, 7):
            r = compress(multiply(factor, order_eight()))
            k = challenge(r, key.key, built.signed(scene.ledger_id))
            if (k + factor) % 8 == 0:
                return built, key.sign_with_r(built.signed(scene.ledger_id), r)
    raise AssertionError("no such entry")


def _flip(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def refused_chain() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "entries out of their place (format §3)")
    academy, observer, founder = people.academy, people.observer, people.founder
    a0 = scene.append(academy, report("1"))
    steps.good("the academy's seq 0", a0, "report")
    a1 = scene.append(academy, report("2"))
    steps.good("and seq 1", a1, "report")
    o0 = scene.append(observer, report("3"), seen=(a0,))
    steps.good("the observer's seq 0", o0, "report")
    nowhere = b"\x01" * 32

    def refused(about: str, code: str, author: Author, **options: Any) -> None:
        steps.refused(about, code, scene.build(author, report("4"), **options))

    steps.waits("a prev that nobody holds", scene.build(academy, report("4"), header={"seq": 9, "prev": nowhere}))
    steps.waits("an unknown id in seen", scene.build(people.other_observer, report("4"), header={"seen": [nowhere]}))
    stranger = scene.build(people.stranger, report("4"))
    steps.refused("a key without grant", "chain.stranger", stranger)
    steps.waits(
        "and what it builds on that, which nobody holds", scene.build(people.stranger, report("4"), prev=stranger)
    )
    refused(
        "seq 0 on an entry that is not the charter", "verify.wrong_ledger", people.plain, prev=a1, header={"seq": 0}
    )
    refused("seq 0 on an id that nobody holds", "verify.wrong_ledger", people.plain, header={"prev": nowhere})
    refused("no prev: another ledger's charter, or nothing", "verify.wrong_ledger", academy, header=_first(FACT))
    refused("the same, by the founder", "verify.wrong_ledger", founder, header=_first(GOVERNANCE))
    other = Scene(founder, people.all()[1:], charter_body("Otro", people.all()))
    steps.refused("another charter of the same founder", "verify.wrong_ledger", other.charter)
    refused("seq 3 on seq 1", "chain.wrong_prev", academy, header={"seq": 3})
    refused("seq 1 on seq 1", "chain.wrong_prev", academy, header={"seq": 1})
    refused("seq 2 on seq 0", "chain.wrong_prev", academy, prev=a0, header={"seq": 2})
    refused("the greatest seq on seq 1", "chain.wrong_prev", academy, header={"seq": 2**64 - 1})
    refused("prev of another feed", "chain.wrong_prev", academy, prev=o0, header={"seq": 2})
    refused("prev of another feed, at the seq before", "chain.wrong_prev", observer, prev=a0)
    refused("seq 1 on the charter, not the founder's", "chain.wrong_prev", people.plain, header={"seq": 1})
    refused("an own entry in seen", "chain.seen_own_feed", academy, seen=(a0,))
    refused("prev in seen", "chain.seen_own_feed", academy, seen=(a1,))
    refused("an own entry beside another in seen", "chain.seen_own_feed", academy, seen=(a0, o0))
    refused("the founder's charter in seen", "chain.seen_own_feed", founder, seen=(scene.charter,))
    refused("a height one too great", "chain.wrong_height", academy, header={"height": 4})
    refused("a height one too small", "chain.wrong_height", academy, header={"height": 2})
    refused("the greatest height", "chain.wrong_height", academy, header={"height": 2**64 - 1})
    refused(
        "a height that passes over what was seen", "chain.wrong_height", people.plain, seen=(o0,), header={"height": 1}
    )
    refused("a height that adds up prev and seen", "chain.wrong_height", academy, seen=(o0,), header={"height": 4})
    before = a1.header["claimed_at_ms"] - 1
    refused("a millisecond before the entry before", "chain.claimed_before_prev", academy, at_ms=before)
    refused("the year 1970", "chain.claimed_before_prev", academy, at_ms=0)
    refused("the founder's seq 0 on the charter", "chain.founder_second_start", founder, header={"seq": 0})
    accepted = scene.build(founder, {"acceptance": {"charter": scene.ledger_id}}, kind=GOVERNANCE)
    steps.taken("governance without payload waits for itself", accepted.without_payload(), "waits")
    on_it = scene.build(founder, report("4"), prev=accepted, header={"height": 2})
    steps.taken("and what builds on it for it", on_it, "waits")
    steps.good("until it comes whole", scene.add(accepted), "acceptance")
    steps.good("with what waited", scene.add(on_it), "report", outcome="held")
    misplaced = scene.build(
        founder, {"acceptance": {"charter": scene.ledger_id}}, kind=GOVERNANCE, header={"height": 9}
    )
    steps.refused("governance without payload, out of its place", "chain.wrong_height", misplaced.without_payload())
    steps.good("and the feed goes on", scene.append(academy, report("4")), "report")
    order = sorted(scene.entries, key=order_key)
    waiting = sorted(set(steps.still_waiting()) - {accepted.id.hex(), on_it.id.hex()})
    return steps.vector({"order": [built.id.hex() for built in order], "outside": [], "waiting": waiting})


def _first(kind: int) -> dict[str, Any]:
    return {"prev": b"", "seq": 0, "height": 0, "kind": kind}
