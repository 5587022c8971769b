# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The entry log of a data folder (docs/format-log.md): segment files, their frames, and the ledger in them.

Refuses: a folder without segments; a layout of a later version; first lines, frames and numbers that are not
as they were written, segments that are missing, an end before the one that was noted; whole records that are
no entry of the ledger in its place, no fork proof and no payload of an entry before them. What an unfinished
write left at the end is no refusal but counted: with the index out of sight, by the same rule as a log that is
opened without one. Writes nothing.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from checks import digest, wire
from checks.entry import check_payload, check_payload_length, decode_signed_entry
from checks.fork import decode_fork_proof
from checks.refusal import Refused
from checks.replica import Replica
from checks.schema import load

ENTRY, FORK_PROOF, LATE_PAYLOAD, LOST, DROPPED = 1, 2, 3, 4, 5
LINE_BYTES = 181
RECORD_BYTES_MAX = 1_052_784

_SEGMENT_CONTEXT = "constancia v1 log segment"
_HEAD_CONTEXT = "constancia v1 log head"
_FRAME_CONTEXT = "constancia v1 log frame"
_END_CONTEXT = "constancia v1 log end"
_HEAD = struct.Struct(">8sQIBII4s")
_CHECKSUM_BYTES = 16
_NAME = re.compile(r"(\d{8})\.seg")
_LINE = re.compile(
    rb"(constancia-log-v1 ledger=([0-9a-f]{64}) segment=(\d{8}) first=(\d{20}) marker=([0-9a-f]{16}) check=)"
    rb"([0-9a-f]{16})\n"
)
_END = re.compile(
    rb"(constancia-log-end-v1 ledger=([0-9a-f]{64}) marker=([0-9a-f]{16}) segment=(\d{8}) offset=(\d{20})"
    rb" records=\d{20} check=)([0-9a-f]{16})\n"
)
_ANY_LAYOUT = re.compile(rb"(constancia-log-v(\d+) [^\n]*check=)([0-9a-f]{16})\n")


@dataclass(frozen=True)
class Record:
    number: int
    kind: int
    body: bytes


@dataclass
class Log:
    ledger_id: bytes
    marker: bytes
    segments: int
    records: list[Record] = field(default_factory=list)
    # Bytes that an unfinished write left.
    torn_bytes: int = 0

    @property
    def lost(self) -> int:
        """Records that a repair gave up."""
        return sum(record.kind == LOST for record in self.records)


@dataclass(frozen=True)
class _Head:
    number: int
    place: int
    kind: int
    length: int
    padding: int

    @property
    def frame_bytes(self) -> int:
        return _HEAD.size + self.length + self.padding + _CHECKSUM_BYTES


@dataclass(frozen=True)
class _Damage:
    start: int
    # The number that its first record should have.
    number: int
    reason: str


def read_folder(folder: Path) -> dict[str, bytes]:
    """What of a log folder says something: the segments and the end note."""
    if not folder.is_dir():
        raise Refused("store.no_ledger", f"{folder} is no folder")
    paths = [path for path in folder.iterdir() if path.name == "end" or _NAME.fullmatch(path.name)]
    return {path.name: path.read_bytes() for path in paths}


def read_log(files: dict[str, bytes]) -> Log:
    """Every record, in order."""
    segments = {int(found[1]): data for name, data in files.items() if (found := _NAME.fullmatch(name))}
    if not segments:
        raise Refused("store.damaged" if "end" in files else "store.no_ledger", "no segment file is there")
    for number, data in sorted(segments.items()):
        _refuse_newer(data, number)
    for number, due in zip(sorted(segments), range(len(segments)), strict=True):
        if number != due:
            raise Refused("store.damaged", f"the file of segment {due} is missing")
    log = None
    for number in range(len(segments)):
        log = _read_line(segments[number], number, log)
        if number + 1 < len(segments):
            _read_whole(log, segments[number], number)
    assert log is not None, "no segment"
    _read_last(log, segments[log.segments - 1], _read_end(files.get("end", b""), log))
    return log


def take_log(replica: Replica, log: Log) -> None:
    """Every record has its place. What is not an entry's own fault stands in the message with its code."""
    if not log.records or log.records[0].kind != ENTRY:
        raise Refused("store.bad_charter", "the first record is no entry")
    for record in log.records:
        try:
            _take_record(replica, record)
        except Refused as refused:
            if refused.code in ("store.bad_charter", "store.no_ledger"):
                raise Refused("store.bad_charter", refused.message) from None
            raise Refused("store.unsound", f"record {record.number}: {refused}") from None
    if replica.ledger_id != log.ledger_id:
        raise Refused("store.unsound", f"the log says that it is of ledger {log.ledger_id.hex()}")


def _take_record(replica: Replica, record: Record) -> None:
    if record.kind == ENTRY:
        replica.take_logged(decode_signed_entry(record.body))
    elif record.kind == FORK_PROOF:
        replica.take_fork_proof(decode_fork_proof(record.body, replica.ledger_id))
    elif record.kind == LATE_PAYLOAD:
        _take_late_payload(replica, record.body)


def _take_late_payload(replica: Replica, body: bytes) -> None:
    try:
        late = wire.decode(load(), "LatePayload", body)
    except wire.NotCanonical as error:
        raise Refused("decode.entry_not_canonical", str(error)) from None
    held = replica.entries.get(late["entry_id"])
    if held is None:
        raise Refused("chain.parent_missing", f"the payload's entry {late['entry_id'].hex()} does not stand before it")
    if len(late["salt"]) != 16:
        raise Refused("decode.field_length", f"salt: expected 16 bytes, found {len(late['salt'])}")
    check_payload_length(held.header, late["payload"])
    check_payload(held.header, late["payload"], late["salt"])
    if held.payload is None:
        replica.entries[held.id] = held.with_payload(late["payload"], late["salt"])


def _refuse_newer(data: bytes, number: int) -> None:
    found = _ANY_LAYOUT.match(data[:512])
    if found and int(found[2]) > 1 and _line_check(_SEGMENT_CONTEXT, found[1]) == found[3]:
        raise Refused("store.newer_layout", f"segment {number} has layout {int(found[2])}, expected 1")


def _read_line(data: bytes, number: int, log: Log | None) -> Log:
    found = _LINE.match(data[:LINE_BYTES])
    if found is None or _line_check(_SEGMENT_CONTEXT, found[1]) != found[6]:
        raise Refused("store.damaged", f"the first line of segment {number} is not as it was written")
    ledger_id, marker = bytes.fromhex(found[2].decode()), bytes.fromhex(found[5].decode())
    due = log.records[-1].number + 1 if log and log.records else 0
    if log is None:
        log = Log(ledger_id, marker, 0)
    stated = (ledger_id, marker, int(found[3]), int(found[4]))
    if stated != (log.ledger_id, log.marker, number, due):
        raise Refused(
            "store.damaged", f"the first line of segment {number} is another segment's, or records are missing"
        )
    log.segments = number + 1
    return log


def _read_whole(log: Log, data: bytes, segment: int) -> None:
    """A segment after which there is another one: nothing in it is unfinished."""
    at = LINE_BYTES
    while at < len(data):
        head = _read_head(data, at, log.marker)
        body = "no record begins here" if head is None else _read_body(data, at, head)
        if head is None or isinstance(body, str):
            raise Refused("store.damaged", f"segment {segment} byte {at}: {_reason(body)}")
        _add(log, head, body, segment, at)
        at += head.frame_bytes


def _read_last(log: Log, data: bytes, end: tuple[int, int] | None) -> None:
    segment, at = log.segments - 1, LINE_BYTES
    damage: list[_Damage] = []
    # Records before this one were durable, for a record of a later batch can be read.
    durable_before = 0
    expected = log.records[-1].number + 1 if log.records else 0
    # Zeros behind what is known to have been durable are room for records to come.
    noted = min(end[1], len(data)) if end is not None and end[0] == segment else 0
    room_at = max(len(data.rstrip(b"\0")), noted)
    while at < room_at:
        head = _read_head(data, at, log.marker)
        body = "no record begins here" if head is None else _read_body(data, at, head)
        if head is not None:
            expected = max(expected, head.number)
            durable_before = max(durable_before, head.number - head.place)
        if head is not None and not isinstance(body, str):
            if not damage:
                _add(log, head, body, segment, at)
            at += head.frame_bytes
        else:
            damage.append(_Damage(at, expected, _reason(body)))
            at = _resume(data, at, head, log.marker, room_at)
        expected += head is not None
    for one in damage:
        is_durable = end is not None and (segment, one.start) < end
        if is_durable or one.number < durable_before:
            raise Refused("store.damaged", f"segment {segment} byte {one.start}: {one.reason}")
        log.torn_bytes, at = at - one.start, one.start
        break
    if end is not None and (segment, at) < end:
        raise Refused(
            "store.damaged", f"the log ends before segment {end[0]} byte {end[1]}, up to which it was durable"
        )


def _reason(body: bytes | str) -> str:
    return body if isinstance(body, str) else "no record begins here"


def _add(log: Log, head: _Head, body: bytes, segment: int, at: int) -> None:
    due = log.records[-1].number + 1 if log.records else 0
    if head.number != due:
        raise Refused("store.damaged", f"segment {segment} byte {at}: expected record {due}, found {head.number}")
    log.records.append(Record(head.number, head.kind, body))


def _read_head(data: bytes, at: int, marker: bytes) -> _Head | None:
    """Whether a head stands here."""
    if len(data) - at < _HEAD.size:
        return None
    found, number, place, kind, length, padding, check = _HEAD.unpack_from(data, at)
    if found != marker or digest.derive(_HEAD_CONTEXT, data[at : at + _HEAD.size - 4])[:4] != check:
        return None
    return _Head(number, place, kind, length, padding) if length + padding <= RECORD_BYTES_MAX else None


def _read_body(data: bytes, at: int, head: _Head) -> bytes | str:
    """The body, or what is wrong."""
    end = at + head.frame_bytes - _CHECKSUM_BYTES
    if end + _CHECKSUM_BYTES > len(data):
        return "the record is cut off"
    if digest.derive(_FRAME_CONTEXT, data[at:end])[:_CHECKSUM_BYTES] != data[end : end + _CHECKSUM_BYTES]:
        return "the checksum does not match"
    begin = at + _HEAD.size
    body = data[begin : begin + head.length]
    if any(data[begin + head.length : end]) or (head.kind in (LOST, DROPPED) and body):
        return "the padding, or what was lost or dropped, is not empty"
    return body if head.kind in (ENTRY, FORK_PROOF, LATE_PAYLOAD, LOST, DROPPED) else f"a record of kind {head.kind}"


def _resume(data: bytes, at: int, head: _Head | None, marker: bytes, room_at: int) -> int:
    """Where reading goes on after damage: where the damaged head says, or at the next head that is found."""
    if head is not None:
        after = at + head.frame_bytes
        if room_at <= after <= len(data) or _read_head(data, after, marker) is not None:
            return after
    at = data.find(marker, at + 1)
    while at >= 0 and _read_head(data, at, marker) is None:
        at = data.find(marker, at + 1)
    return at if at >= 0 else room_at


def _read_end(note: bytes, log: Log) -> tuple[int, int] | None:
    """How far the log was durable: a lower bound. A note that cannot be read, or another log's, says nothing."""
    found = _END.fullmatch(note)
    if found is None or _line_check(_END_CONTEXT, found[1]) != found[6]:
        return None
    if (found[2].decode(), found[3].decode()) != (log.ledger_id.hex(), log.marker.hex()):
        return None
    return int(found[4]), int(found[5])


def _line_check(context: str, line: bytes) -> bytes:
    return digest.derive(context, line)[:8].hex().encode()
