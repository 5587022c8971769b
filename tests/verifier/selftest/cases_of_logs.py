# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of entry logs and head files (docs/format-log.md): whole, torn and damaged."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checks import digest, wire
from checks.entry import GOVERNANCE
from checks.entry_log import DROPPED, ENTRY, FORK_PROOF, LATE_PAYLOAD, LINE_BYTES, LOST
from checks.schema import load
from selftest.building import Built, Scene, acknowledge, charter_body, encode_fork_proof, fork_proof, report
from selftest.histories import History, redact
from selftest.people import People, Vector, order_key

MARKER = bytes.fromhex("ff6d61726b657200")
Body = tuple[int, bytes]
Files = dict[str, bytes]


class Log:
    """Segment files in the making. Numbers, places and checks can each be told."""

    def __init__(self, ledger_id: bytes, marker: bytes = MARKER) -> None:
        self.ledger_id = ledger_id
        self.marker = marker
        self.number = 0
        self.segments: list[bytes] = []
        self.begin_segment()

    def begin_segment(self, **changes: Any) -> None:
        number = len(self.segments)
        fields: dict[str, Any] = {"layout": 1, "ledger_id": self.ledger_id, "segment": number, "first": self.number}
        fields |= {"marker": self.marker, **changes}
        self.segments.append(first_line(**fields))

    def batch(self, *bodies: Body) -> Log:
        """Written with one sync."""
        for place, (kind, body) in enumerate(bodies):
            self.frame(kind, body, place)
        return self

    def frame(self, kind: int, body: bytes, place: int = 0, padding: bytes = b"", number: int | None = None) -> None:
        number = self.number if number is None else number
        self.segments[-1] += frame(self.marker, number, place, kind, body, padding)
        self.number = number + 1

    def files(self, end: bool = True) -> Files:
        found = {f"{number:08}.seg": data for number, data in enumerate(self.segments)}
        return {**found, "end": self.end()} if end else found

    def end(self, segment: int | None = None, offset: int | None = None, records: int | None = None) -> bytes:
        records = self.number if records is None else records
        segment = len(self.segments) - 1 if segment is None else segment
        offset = len(self.segments[-1]) if offset is None else offset
        line = f"constancia-log-end-v1 ledger={self.ledger_id.hex()} marker={self.marker.hex()}"
        line += f" segment={segment:08} offset={offset:020} records={records:020} check="
        return checked(line, "constancia v1 log end")


def first_line(layout: int, ledger_id: bytes, segment: int, first: int, marker: bytes) -> bytes:
    line = f"constancia-log-v{layout} ledger={ledger_id.hex()} segment={segment:08} first={first:020}"
    return checked(f"{line} marker={marker.hex()} check=", "constancia v1 log segment")


def checked(line: str, context: str) -> bytes:
    return f"{line}{digest.derive(context, line.encode())[:8].hex()}\n".encode()


def frame(marker: bytes, number: int, place: int, kind: int, body: bytes, padding: bytes = b"") -> bytes:
    head = struct.pack(">8sQIBII", marker, number, place, kind, len(body), len(padding))
    head += digest.derive("constancia v1 log head", head)[:4]
    whole = head + body + padding
    return whole + digest.derive("constancia v1 log frame", whole)[:16]


def logs() -> list[Vector]:
    scene = _Scene()
    whole = scene.log().files()
    last = whole["00000001.seg"]
    sizes = _frames(last)
    end_of = {count: LINE_BYTES + sum(sizes[:count]) for count in range(len(sizes) + 1)}
    # The last batch has the last two frames of segment 1.
    torn_at = end_of[len(sizes) - 2]

    def good(about: str, files: Files, built: list[Built], **found: Any) -> Vector:
        order = [one.id.hex() for one in sorted(built, key=order_key)]
        expect = {"order": order, "pending": [], "waiting": []}
        return {"about": about, "files": _hex(files), **found, "expect": expect}

    def case(about: str, code: str, files: Files) -> Vector:
        return {"about": about, "files": _hex(files), "refused": code}

    def changed(about: str, code: str, at: int, segment: int = 1) -> Vector:
        """A bit of a segment flipped, and the end note there."""
        name = f"{segment:08}.seg"
        return case(about, code, {**whole, name: _flip(whole[name], at)})

    def with_last(data: bytes, end: bytes = b"") -> Files:
        """Another last segment, and no end note unless one is given."""
        return {"00000000.seg": whole["00000000.seg"], "00000001.seg": data, **({"end": end} if end else {})}

    def cut(size: int, end: bytes = b"") -> Files:
        return with_last(last[:size], end)

    def spoilt(about: str, code: str, change: Callable[[Log], object]) -> Vector:
        """One record more, in a batch of its own, with every check right."""
        log = scene.log()
        change(log)
        return case(about, code, log.files())

    def record(about: str, code: str, kind: int, body: bytes) -> Vector:
        return spoilt(about, code, lambda log: log.batch((kind, body)))

    everything = scene.held
    before = scene.before_last_batch
    noted = scene.log().end(segment=1, offset=torn_at, records=8)
    other_marker = Log(scene.ledger_id, bytes(8)).end(segment=9)
    return [
        good("two segments, every kind of record", whole, everything, records=10, lost=1),
        good("without an end note", scene.log().files(end=False), everything, records=10, lost=1),
        good("an end note cut off says nothing", {**whole, "end": whole["end"][:-2]}, everything, records=10, lost=1),
        good("another log's end note says nothing", {**whole, "end": other_marker}, everything, records=10, lost=1),
        good("an end note from before the last batch", {**whole, "end": noted}, everything, records=10, lost=1),
        good(
            "an empty last segment",
            scene.log(lambda log: log.begin_segment()).files(),
            everything,
            records=10,
            lost=1,
        ),
        good(
            "an entry twice, whole the second time",
            scene.log(scene.write_again).files(),
            [*everything, scene.more],
            records=12,
            lost=1,
        ),
        good(
            "a frame cut off at the end",
            cut(len(last) - 1),
            everything[:-1],
            records=9,
            lost=1,
            torn_bytes=sizes[-1] - 1,
        ),
        good(
            "the last batch cut off in its first frame",
            cut(torn_at + 40, noted),
            before,
            records=8,
            lost=1,
            torn_bytes=40,
        ),
        _redacted(),
        # The four zeros that it ends in may as well be room.
        good("a head cut off", cut(torn_at + 20), before, records=8, lost=1, torn_bytes=16),
        good(
            "zeros that were never synced, or room",
            with_last(last[:torn_at] + bytes(500)),
            before,
            records=8,
            lost=1,
        ),
        good("room behind the last record", with_last(last + bytes(4_096), whole["end"]), everything, records=10, lost=1),
        good(
            "a frame cut off, in room",
            with_last(last[:-1] + bytes(4_096)),
            everything[:-1],
            records=9,
            lost=1,
            torn_bytes=sizes[-1],
        ),
        good(
            "something in the room that is no frame",
            with_last(last + bytes(90) + b"\1" + bytes(90), whole["end"]),
            everything,
            records=10,
            lost=1,
            torn_bytes=91,
        ),
        good(
            "the first frame of the last batch never written, the second there",
            with_last(last[:torn_at] + bytes(sizes[-2]) + last[-sizes[-1] :]),
            before,
            records=8,
            lost=1,
            torn_bytes=sizes[-2] + sizes[-1],
        ),
        good(
            "a damaged last record, and part of a head after it: neither may ever have been written",
            with_last(_flip(last, torn_at - 1)[: torn_at + 20]),
            before,
            records=7,
            torn_bytes=sizes[-3] + 16,
        ),
        case(
            "zeros where records were durable",
            "store.damaged",
            with_last(last[:torn_at] + bytes(len(last) - torn_at + 500), whole["end"]),
        ),
        case(
            "zeros behind the records of a segment that is not the last",
            "store.damaged",
            {**whole, "00000000.seg": whole["00000000.seg"] + bytes(500)},
        ),
        case("nothing", "store.no_ledger", {}),
        case("an end note and no segment", "store.damaged", {"end": whole["end"]}),
        case("the first segment missing", "store.damaged", _without(whole, "00000000.seg")),
        case(
            "a segment in between missing",
            "store.damaged",
            _without(scene.log(_two_more_segments).files(), "00000002.seg"),
        ),
        case("the last segment missing, and noted", "store.damaged", _without(whole, "00000001.seg")),
        case("the end before the noted one", "store.damaged", cut(torn_at, whole["end"])),
        case("a torn frame before the noted end", "store.damaged", cut(len(last) - 1, whole["end"])),
        case("an empty segment file", "store.damaged", {**whole, "00000001.seg": b""}),
        case("a first line cut off", "store.damaged", {**whole, "00000001.seg": last[: LINE_BYTES - 1]}),
        changed("a digit of the ledger in a first line", "store.damaged", 30),
        changed("a digit of the segment in a first line", "store.damaged", 97),
        changed("a digit of the marker in a first line", "store.damaged", 140),
        changed("a digit of the check in a first line", "store.damaged", 170),
        changed("the layout in a first line", "store.damaged", len("constancia-log-v")),
        case("a later layout", "store.newer_layout", {**whole, "00000001.seg": scene.line(layout=2) + b"anything"}),
        case(
            "a first line of another segment",
            "store.damaged",
            {**whole, "00000001.seg": scene.line(segment=2) + last[LINE_BYTES:]},
        ),
        case(
            "a first line of another ledger",
            "store.damaged",
            {**whole, "00000001.seg": scene.line(ledger_id=bytes(32)) + last[LINE_BYTES:]},
        ),
        case(
            "a first line of another log",
            "store.damaged",
            {**whole, "00000001.seg": scene.line(marker=bytes(8)) + last[LINE_BYTES:]},
        ),
        case(
            "a first line that says that records are missing",
            "store.damaged",
            {**whole, "00000001.seg": scene.line(first=99) + last[LINE_BYTES:]},
        ),
        changed("a marker", "store.damaged", LINE_BYTES),
        changed("a number", "store.damaged", LINE_BYTES + 15),
        changed("a place", "store.damaged", LINE_BYTES + 19),
        changed("a kind", "store.damaged", LINE_BYTES + 20),
        changed("a length", "store.damaged", LINE_BYTES + 24),
        changed("a padding", "store.damaged", LINE_BYTES + 28),
        changed("a head's check", "store.damaged", LINE_BYTES + 30),
        changed("a body", "store.damaged", LINE_BYTES + 50),
        changed("a checksum", "store.damaged", end_of[1] - 1),
        changed("a body in the first segment", "store.damaged", LINE_BYTES + 50, segment=0),
        case(
            "a damaged record before a later batch, and no end note",
            "store.damaged",
            with_last(_flip(last, LINE_BYTES + 50)),
        ),
        case(
            "a damaged record before the head of a later batch, and no end note",
            "store.damaged",
            with_last(_flip(last, torn_at - 1)[: torn_at + 40]),
        ),
        case("a frame taken out", "store.damaged", {**whole, "00000001.seg": last[:LINE_BYTES] + last[end_of[1] :]}),
        case("a frame put in twice", "store.damaged", {**whole, "00000001.seg": last[: end_of[1]] + last[LINE_BYTES:]}),
        case("two frames the other way round", "store.damaged", {**whole, "00000001.seg": _swapped(last, end_of)}),
        spoilt(
            "a number left out",
            "store.damaged",
            lambda log: log.frame(ENTRY, scene.more.signed_entry, number=log.number + 1),
        ),
        spoilt(
            "a frame of another log",
            "store.damaged",
            lambda log: _append(log, frame(bytes(8), log.number, 0, ENTRY, b"")),
        ),
        record("a record of kind 6", "store.damaged", 6, b""),
        record("a lost record with a body", "store.damaged", LOST, b"x"),
        record("a dropped record with a body", "store.damaged", DROPPED, b"x"),
        spoilt(
            "padding that is not zeros",
            "store.damaged",
            lambda log: log.frame(ENTRY, scene.more.signed_entry, padding=b"\x00\x01"),
        ),
        record("a body that is no message", "store.unsound", ENTRY, b"\xff"),
        record("an entry that is not canonical", "store.unsound", ENTRY, scene.more.signed_entry + b"\x2a\x00"),
        record(
            "an entry whose signature does not hold",
            "store.unsound",
            ENTRY,
            scene.more.with_signature(bytes(64)).signed_entry,
        ),
        record(
            "an entry whose parent does not stand before it", "store.unsound", ENTRY, scene.child_of_more.signed_entry
        ),
        record("an entry of a wrong height", "store.unsound", ENTRY, scene.wrong_height.signed_entry),
        record("an entry by a key without grant", "store.unsound", ENTRY, scene.stranger.signed_entry),
        record("governance without payload", "store.unsound", ENTRY, scene.governance.signed_entry),
        record("another charter", "store.unsound", ENTRY, scene.other_charter.signed_entry),
        record("a fork proof that is not canonical", "store.unsound", FORK_PROOF, scene.proof + b"\x30\x01"),
        record("a fork proof that does not hold", "store.unsound", FORK_PROOF, scene.false_proof),
        record("the payload of an entry that is not there", "store.unsound", LATE_PAYLOAD, late_payload(scene.more)),
        record(
            "a late payload that is not canonical",
            "store.unsound",
            LATE_PAYLOAD,
            late_payload(scene.pending) + b"\x22\x00",
        ),
        spoilt(
            "a late payload of another length than its header states",
            "store.unsound",
            lambda log: log.batch(
                (ENTRY, scene.misstated.without_payload().signed_entry), (LATE_PAYLOAD, late_payload(scene.misstated))
            ),
        ),
        record("another payload than was signed", "store.unsound", LATE_PAYLOAD, late_payload(scene.pending, b"x")),
        case("a first record that is no entry", "store.bad_charter", Log(scene.ledger_id).batch((LOST, b"")).files()),
        case(
            "a first record that is no charter",
            "store.bad_charter",
            Log(scene.ledger_id).batch((ENTRY, scene.more.signed_entry)).files(),
        ),
    ]


def _redacted() -> Vector:
    """The council had two payloads dropped: one that stood in its entry's record, one that came late."""
    story = History("redacted")
    first, late = story.report(story.academy), story.report(story.women)
    by = {
        first.id: story.pass_(story.sre, redact(first)),
        late.id: story.pass_(story.sre, redact(late), voters=[story.sre, story.civic, story.academy]),
    }
    log = Log(story.scene.ledger_id)
    for built in story.scene.entries:
        kept = built.without_payload() if built in (first, late) else built
        room = len(built.signed_entry) - len(kept.signed_entry) if built is first else 0
        log.frame(ENTRY, kept.signed_entry, padding=bytes(room))
        if built is late:
            log.frame(DROPPED, b"", padding=bytes(len(late_payload(late))))
    expect = story.case()["expect"]
    redacted = {one.hex(): proposal.id.hex() for one, proposal in by.items()}
    stated = {"order_digest": expect["order_digest"], "pending": [], "waiting": [], "redacted": redacted}
    about = "redacted: a record without its payload, padded, and one dropped"
    return {"about": about, "files": _hex(log.files()), "records": log.number, "expect": stated}


class _Scene:
    """A ledger with a fork, something pending and something late; its log in two segments."""

    def __init__(self) -> None:
        people = People()
        scene = people.scene()
        self.scene = scene
        self.ledger_id = scene.ledger_id
        self.a0 = scene.append(people.academy, report("1"))
        self.pending = scene.append(people.observer, report("2"), seen=(self.a0,))
        left, self.right = (scene.build(people.academy, report(value)) for value in "34")
        self.proof = encode_fork_proof(fork_proof(scene.ledger_id, left, self.right))
        self.cites = scene.append(people.founder, acknowledge(), kind=2, seen=(self.right,), header={"height": 3})
        self.padded = scene.append(people.plain, report("5"))
        self.last = scene.append(people.node, acknowledge(), kind=2, seen=(self.padded,))
        self.before_last_batch = [scene.charter, self.a0, self.pending, self.right, self.cites]
        self.held = [*self.before_last_batch, self.padded, self.last]
        self.more = scene.build(people.other_observer, report("6"))
        self.misstated = scene.build(people.other_observer, report("6"), header={"payload_len": 3})
        self.child_of_more = scene.build(people.other_observer, report("7"), prev=self.more, header={"height": 2})
        self.wrong_height = scene.build(people.other_observer, report("7"), header={"height": 9})
        self.stranger = scene.build(people.stranger, report("7"))
        accepted = {"acceptance": {"charter": scene.ledger_id}}
        self.governance = scene.build(people.other_observer, accepted, kind=GOVERNANCE).without_payload()
        self.other_charter = Scene(people.academy, people.all()).charter
        one, two = (scene.build(people.other_observer, report(value)) for value in "89")
        self.false_proof = encode_fork_proof(fork_proof(scene.ledger_id, one, two.with_signature(bytes(64))))

    def log(self, change: Callable[[Log], object] = lambda log: None) -> Log:
        log = Log(self.ledger_id)
        log.batch((ENTRY, self.scene.charter.signed_entry))
        log.batch((ENTRY, self.a0.signed_entry), (ENTRY, self.pending.without_payload().signed_entry))
        log.begin_segment()
        log.batch((FORK_PROOF, self.proof), (ENTRY, self.right.signed_entry), (ENTRY, self.cites.signed_entry))
        log.batch((LATE_PAYLOAD, late_payload(self.pending)), (LOST, b""))
        log.frame(ENTRY, self.padded.signed_entry, place=0, padding=bytes(7))
        log.frame(ENTRY, self.last.signed_entry, place=1)
        change(log)
        return log

    def write_again(self, log: Log) -> None:
        """Written and not acknowledged, then written again."""
        log.batch((ENTRY, self.more.without_payload().signed_entry))
        log.batch((ENTRY, self.more.signed_entry))

    def line(self, **changes: Any) -> bytes:
        fields = {"layout": 1, "ledger_id": self.ledger_id, "segment": 1, "first": 3, "marker": MARKER}
        return first_line(**{**fields, **changes})


def late_payload(built: Built, payload: bytes | None = None) -> bytes:
    parts = {"entry_id": built.id, "payload": payload or built.payload, "salt": built.salt}
    return wire.encode(load(), "LatePayload", parts)


def head_files() -> list[Vector]:
    people = People()
    scene = people.scene()
    a0 = scene.append(people.academy, report("1"))
    a1 = scene.append(people.academy, report("2"))
    elsewhere = Scene(people.founder, people.all()[1:], charter_body("Otro", people.all()))
    whole = head_file(scene.ledger_id, a1)
    body = whole.index(b"\n") + 1

    def good(about: str, built: Built) -> Vector:
        asked = {"ledger_id": scene.ledger_id.hex(), "key": built.header["author"].hex()}
        data = head_file(scene.ledger_id, built)
        return {"about": about, "file": data.hex(), **asked, "seq": str(built.header["seq"]), "id": built.id.hex()}

    def case(about: str, code: str, data: bytes) -> Vector:
        asked = {"ledger_id": scene.ledger_id.hex(), "key": people.academy.key.hex()}
        return {"about": about, "file": data.hex(), **asked, "refused": code}

    unsigned = a1.with_signature(bytes(64))
    return [
        good("a founder's charter", scene.charter),
        good("seq 0", a0),
        good("seq 1", a1),
        case("nothing", "head.damaged", b""),
        case("no line feed", "head.damaged", whole.replace(b"\n", b" ", 1)),
        case("another layout", "head.damaged", whole.replace(b"v1", b"v2", 1)),
        case("a digit of the ledger", "head.damaged", _flip(whole, 30)),
        case("a digit of the key", "head.damaged", _flip(whole, 110)),
        case("a digit of the length", "head.damaged", _flip(whole, whole.index(b"length=") + 7)),
        case("a digit of the check", "head.damaged", _flip(whole, body - 5)),
        case("a byte of the entry", "head.damaged", _flip(whole, body + 60)),
        case("cut off", "head.damaged", whole[:-1]),
        case("a byte more", "head.damaged", whole + b"\x00"),
        case("a length with a leading zero", "head.damaged", whole.replace(b"length=", b"length=0", 1)),
        case("of another ledger", "head.wrong_ledger", head_file(elsewhere.ledger_id, a1)),
        case("of another key", "head.wrong_key", head_file(scene.ledger_id, scene.charter)),
        case(
            "of this key, an entry by another",
            "head.wrong_key",
            head_file(scene.ledger_id, scene.charter, people.academy.key),
        ),
        case("an entry whose signature does not hold", "head.damaged", head_file(scene.ledger_id, unsigned)),
        case("an entry with another salt", "head.damaged", head_file(scene.ledger_id, replace(a1, salt=bytes(16)))),
    ]


def head_file(ledger_id: bytes, built: Built, key: bytes | None = None) -> bytes:
    key = key or built.header["author"]
    body = built.signed_entry
    line = f"constancia-head-v1 ledger={ledger_id.hex()} key={key.hex()} length={len(body)} check=".encode()
    return line + digest.derive("constancia v1 head file", line + body)[:16].hex().encode() + b"\n" + body


def _frames(segment: bytes) -> list[int]:
    """The bytes of each frame."""
    sizes, at = [], LINE_BYTES
    while at < len(segment):
        length, padding = struct.unpack_from(">II", segment, at + 21)
        sizes.append(33 + length + padding + 16)
        at += sizes[-1]
    return sizes


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _swapped(segment: bytes, end_of: dict[int, int]) -> bytes:
    first, second = segment[LINE_BYTES : end_of[1]], segment[end_of[1] : end_of[2]]
    return segment[:LINE_BYTES] + second + first + segment[end_of[2] :]


def _append(log: Log, data: bytes) -> None:
    log.segments[-1] += data


def _two_more_segments(log: Log) -> None:
    log.begin_segment()
    log.begin_segment()


def _without(files: Files, name: str) -> Files:
    return {one: data for one, data in files.items() if one != name}


def _hex(files: Files) -> dict[str, str]:
    return {name: data.hex() for name, data in files.items()}
