# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of ledgers: one in which everything goes well, one with a fork, one of payloads.

What each step expects is written here by hand, except ids, digests and ancestors (steps.py).
"""

from __future__ import annotations

from collections.abc import Callable

from blake3 import blake3

from checks import wire
from checks.entry import ACKNOWLEDGE, FACT, GOVERNANCE
from checks.schema import load
from selftest import spoiling
from selftest.building import DAY_MS, START_MS, Author, Message, Scene, acknowledge, fork_proof, report
from selftest.people import People, Vector, order_key
from selftest.steps import Head, Steps, frontier_expectation, times_by_definition


def ledger() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "thirteen entries by seven keys of four members, nothing refused")
    a0 = scene.append(people.academy, report("12.50"), at_ms=START_MS + DAY_MS)
    steps.good("a report, at seq 0 on the charter", a0, "report")
    f1 = scene.append(people.founder, report("7"), at_ms=START_MS + 2 * DAY_MS, seen=(a0,))
    steps.good("the founder's seq 1, having seen it", f1, "report")
    n0 = scene.append(people.node, acknowledge(), kind=ACKNOWLEDGE, seen=(f1,), at_ms=START_MS + 2 * DAY_MS)
    steps.good("a node of the same member acknowledges: no witness", n0, "acknowledge")
    o0 = scene.append(
        people.observer,
        {"challenge": {"report": f1.id, "ground": 6, "text": "¿Y las demás?", "contradicts": a0.id}},
        seen=(f1,),
        at_ms=START_MS + 9 * DAY_MS,
    )
    steps.good("a challenge by another member witnesses both reports", o0, "challenge")
    o1 = scene.append(people.observer, report("3.0", "2.4"), at_ms=o0.header["claimed_at_ms"])
    steps.good("equal claimed times in one feed, and an equal height with the next", o1, "report")
    p0 = scene.append(people.plain, report("1"), seen=tuple(sorted((o0, n0), key=lambda b: b.id)), at_ms=START_MS)
    steps.good("two ids seen, height 4 beside another of height 4; claims a time before all that it saw", p0, "report")
    m0 = scene.append(people.mixed, report("-0.50"), seen=(p0,), at_ms=START_MS + 3 * DAY_MS)
    steps.good("a key with a component of small order whose signature holds without the cofactor", m0, "report")
    x0 = scene.append(people.other_observer, b"\xfa\x7f\x02hi", seen=(o1,), at_ms=START_MS + 4 * DAY_MS)
    steps.good("an unknown event: a field that the schema lacks", x0, "unknown")
    x1 = scene.append(people.other_observer, b"", seen=(m0,), at_ms=START_MS + 5 * DAY_MS)
    steps.good("an unknown event: an empty payload, present", x1, "unknown")
    a1 = scene.append(people.academy, acknowledge(), at_ms=START_MS + 6 * DAY_MS)
    steps.good("an unknown event: an acknowledgement in an entry of kind fact", a1, "unknown")
    a2 = scene.append(people.academy, report("4"), seen=(scene.charter, x1), at_ms=START_MS + 10 * DAY_MS)
    pending = a2.without_payload()
    steps.good("a fact without its payload is pending; it cites the charter, needlessly", pending, None)
    a3 = scene.append(people.academy, report("5"), at_ms=START_MS + 10 * DAY_MS)
    steps.good("and a feed goes on after it", a3.without_payload(), None)
    steps.good("the late payload of the last one", a3, "report", outcome="payload")
    steps.good("an entry that is held already", f1, "report", outcome="held")
    order = sorted({b.id: b for b in scene.entries}.values(), key=order_key)
    ids = [built.id for built in order]
    expect = {
        "ledger_id": scene.ledger_id.hex(),
        "name": "Testigo",
        "rules_version": 1,
        "order": [one.hex() for one in ids],
        "order_digest": blake3(b"".join(ids), derive_key_context="constancia v1 order").hexdigest(),
        "pending": [a2.id.hex()],
        "unknown": [one.hex() for one in ids if one in (x0.id, x1.id, a1.id)],
        "outside": [],
        "forks": [],
        "times": times_by_definition(order, {author.key: author.member for author in people.all()}),
    }
    heads: list[Head] = [(key, scene.heads[key], None) for key in sorted(scene.heads)]
    return steps.vector({**expect, **frontier_expectation(heads)})


def fork() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "a key that forks at seq 1; of both branches what somebody else has cited")
    forker, founder = people.academy, people.founder
    a0 = scene.append(forker, report("1"))
    left = scene.build(forker, report("2"))
    left_next = scene.build(forker, report("3"), prev=left, header={"height": 3})
    left_third = scene.build(forker, report("3"), prev=left_next, header={"height": 4})
    right = scene.build(forker, report("9"))
    right_next = scene.build(forker, report("8"), prev=right, header={"height": 3})
    steps.good("before the fork", a0, "report")
    steps.good("one branch", scene.add(left), "report")
    steps.good("more of it", scene.add(left_next), "report")
    steps.taken("the other branch proves the fork and is not kept", right, "fork")
    steps.taken("nor the second time", right, "not_needed")
    steps.proof("the proof that follows", fork_proof(scene.ledger_id, left, right), outcome="held")
    steps.taken("nor is more of the first branch", left_third, "not_needed")
    steps.taken("nor more of the other branch, and its parent is not asked for", right_next, "not_needed")
    steps.taken("and does not bring it in by itself", right, "not_needed")
    f1 = scene.append(founder, report("5"), seen=(left,))
    steps.good("somebody had cited the first branch", f1, "report")
    o0 = scene.build(people.observer, report("5"), seen=(right_next,), header={"height": 4})
    steps.taken("somebody else the other branch: it waits for it", o0, "waits")
    steps.taken("which is needed now, and waits for its beginning", right_next, "waits")
    steps.good("so that the other branch is kept", right, "report")
    steps.good("with what waited", right_next, "report", outcome="held")
    steps.good("and who cited it", scene.add(o0), "report", outcome="held")
    zero = scene.build(founder, report("5"), prev=None, header={"seq": 0, "prev": scene.ledger_id, "height": 1})
    other_zero = scene.build(founder, report("6"), prev=None, header={"seq": 0, "prev": scene.ledger_id, "height": 1})
    founders = fork_proof(scene.ledger_id, zero, other_zero)
    steps.proof("two entries of the founder at seq 0 prove nothing", founders, refused="chain.founder_second_start")
    one, two = scene.build(people.stranger, report("1")), scene.build(people.stranger, report("2"))
    strangers = fork_proof(scene.ledger_id, one, two)
    steps.proof("a key without grant: it waits for the grant", strangers, outcome="held")
    elsewhere = b"\x07" * 32
    one, two = (
        scene.build(people.plain, report(value), ledger_id=elsewhere, header={"prev": elsewhere}) for value in "12"
    )
    steps.proof("of another ledger", fork_proof(elsewhere, one, two), refused="fork.wrong_ledger")
    third, fourth = scene.build(people.plain, report("1")), scene.build(people.plain, report("2"))
    steps.proof("a key that has written nothing that is held", fork_proof(scene.ledger_id, third, fourth))
    steps.taken("its branch entry, cited by nobody", third, "not_needed")
    order = sorted([scene.charter, a0, left, f1, right, right_next, o0], key=order_key)
    forked = {forker.key: 1, people.plain.key: 0}
    forked_heads: list[Head] = [
        (founder.key, f1, None),
        (forker.key, a0, 1),
        (people.observer.key, o0, None),
        (people.plain.key, None, 0),
    ]
    expect = {
        "order": [built.id.hex() for built in order],
        "outside": [left_next.id.hex()],
        "waiting": [],
        "forks": [{"key": key.hex(), "seq": str(forked[key])} for key in sorted(forked)],
        **frontier_expectation(sorted(forked_heads, key=lambda head: head[0])),
    }
    return steps.vector(expect)


def fork_seen_early() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "forks that come to light before their entries, and a lower one after a higher one")
    forker, founder, observer = people.academy, people.founder, people.observer
    a0 = scene.append(forker, report("1"))
    a1, a1_too = (scene.build(forker, report(value)) for value in "23")
    a2, a2_too = (scene.build(forker, report(value), prev=a1, header={"height": 3}) for value in "45")
    steps.good("before any fork", a0, "report")
    steps.proof("a proof for seq 2, of which nothing is held", fork_proof(scene.ledger_id, a2, a2_too))
    steps.proof("again", fork_proof(scene.ledger_id, a2, a2_too), outcome="held")
    steps.taken("at the fork: not needed, and its parent is not asked for", a2, "not_needed")
    steps.good("below the fork", scene.add(a1), "report")
    steps.taken("still not needed", a2_too, "not_needed")
    nowhere = scene.build(observer, report("1"), seen=(a0,))
    again = scene.build(forker, report("6"), prev=a0, seen=(nowhere,), header={"height": 3})
    steps.taken("a second entry at seq 1 proves the fork though its parent is missing", again, "waits")
    steps.proof("so that a proof for seq 1 is held", fork_proof(scene.ledger_id, a1, a1_too), outcome="held")
    early = scene.build(people.mixed, report("1"), seen=(nowhere,), header={"height": 3})
    in_time = scene.build(people.mixed, report("1"))
    steps.taken("a first entry whose parent is missing", early, "waits")
    steps.good("another one for its slot proves the fork just the same", scene.add(in_time), "report")
    o0 = scene.append(observer, report("7"), at_ms=START_MS + DAY_MS)
    steps.good("an entry that has not seen it", o0, "report")
    zero, zero_too = (scene.build(people.plain, report(value), seen=(o0,), at_ms=START_MS + DAY_MS) for value in "89")
    steps.good("seq 0 of another key", scene.add(zero), "report")
    steps.taken("and a second", zero_too, "fork")
    f1 = scene.append(founder, report("9"), seen=(zero, a1), at_ms=START_MS + 2 * DAY_MS)
    steps.good("who cites both forked keys", f1, "report")
    branch = scene.build(people.plain, report("3"), prev=zero_too, seen=(a0,), header={"height": 3})
    n0 = scene.build(people.node, acknowledge(), kind=ACKNOWLEDGE, seen=(branch,), header={"height": 4})
    steps.taken("who cites the end of the other branch", n0, "waits")
    steps.taken("brings it in, from the end", branch, "waits")
    steps.good("to the beginning", zero_too, "report")
    steps.good("with what waited", branch, "report", outcome="held")
    steps.good("and who cited it", scene.add(n0), "acknowledge", outcome="held")
    order = sorted([scene.charter, a0, a1, o0, zero, zero_too, branch, f1, n0], key=order_key)
    forked = {forker.key: 1, people.plain.key: 0, people.mixed.key: 0}
    heads: list[Head] = [
        (founder.key, f1, None),
        (forker.key, a0, 1),
        (observer.key, o0, None),
        (people.plain.key, None, 0),
        (people.mixed.key, None, 0),
        (people.node.key, n0, None),
    ]
    expect = {
        "order": [built.id.hex() for built in order],
        "outside": [in_time.id.hex()],
        "waiting": sorted(one.id.hex() for one in (again, early)),
        "forks": [{"key": key.hex(), "seq": str(forked[key])} for key in sorted(forked)],
        "times": times_by_definition(order, {author.key: author.member for author in people.all()}),
        **frontier_expectation(sorted(heads, key=lambda head: head[0])),
    }
    return steps.vector(expect)


def tips() -> Vector:
    """64 tips, the most that an entry may cite."""
    founder, others = Author("founder", "sre"), [Author(f"key {number}", "colmex") for number in range(64)]
    scene = Scene(founder, others)
    steps = Steps(scene, "an entry that cites 64 others")
    cited = [scene.append(author, acknowledge(), kind=ACKNOWLEDGE) for author in others]
    for built in cited:
        steps.taken(f"a tip at the height {built.header['height']}", built, "new")
    all_seen = scene.append(founder, acknowledge(), kind=ACKNOWLEDGE, seen=tuple(cited))
    steps.good("and who has seen all of them", all_seen, "acknowledge")
    order = sorted(scene.entries, key=order_key)
    return steps.vector({"order": [built.id.hex() for built in order], "outside": [], "forks": [], "waiting": []})


def events() -> Vector:
    people = People()
    scene = people.scene()
    steps = Steps(scene, "payloads: which are events, and which are unknown ones (format §1, §4)")
    schema = load()
    fact = wire.encode(schema, "Event", report("1"))
    vote = wire.encode(schema, "Event", {"vote": {"proposal": scene.ledger_id, "choice": 1}})
    nothing = wire.encode(schema, "Event", acknowledge())
    kinds = {FACT: people.academy, GOVERNANCE: people.founder, ACKNOWLEDGE: people.node}

    def payload(about: str, body: Message | bytes, name: str, kind: int = FACT) -> None:
        steps.event(about, scene.append(kinds[kind], body, kind=kind), name)

    def unknown(about: str, body: Message | bytes, kind: int = FACT) -> None:
        payload(about, body, "unknown", kind)

    payload("a report", fact, "report")
    payload("an exercise", {**report("1"), "exercise": "simulacro"}, "report")
    payload("an acknowledgement is empty, and there", nothing, "acknowledge", ACKNOWLEDGE)
    payload("a vote", vote, "vote", GOVERNANCE)
    payload("a choice that the schema lacks", vote_of(scene, b"\x09"), "vote", GOVERNANCE)
    payload("the choice -1, in ten bytes", vote_of(scene, b"\xff" * 9 + b"\x01"), "vote", GOVERNANCE)
    payload(
        "an optional number that is 0, and there", _rules({"limits": {"silent_periods": 0}}), "proposal", GOVERNANCE
    )
    payload("65 attachments: an invalid event, no unknown one", _with_list("evidence", 65), "report")
    for (name, field, limit), wrap in LISTS.items():
        kind = FACT if name in ("report", "correction") else GOVERNANCE
        payload(f"{name}: {limit} {field}", wrap({field: [{}] * limit}), name, kind)
        unknown(f"{name}: {limit + 1} {field}", wrap({field: [{}] * (limit + 1)}), kind)
    unknown("no byte", b"")
    unknown("an exercise of nothing", {"exercise": "simulacro"})
    unknown("no protobuf", b"\xff\xff\xff")
    unknown("a group", b"\xa3\x01\xa4\x01")
    unknown("a body that the schema lacks", b"\xfa\x7f\x02hi")
    unknown("a field that the schema lacks, beside a report", fact + b"\xfa\x7f\x00")
    unknown("a report twice", fact + fact)
    unknown("a report and a budget", fact + b"\xda\x01\x00")
    unknown("the exercise before the body", b"\xa2\x06\x01x" + fact)
    unknown("an empty exercise, written", fact + b"\xa2\x06\x00")
    unknown("an acknowledgement in a fact", nothing)
    unknown("a vote in a fact", vote)
    unknown("a report in governance", fact, GOVERNANCE)
    unknown("an acknowledgement in governance", nothing, GOVERNANCE)
    unknown("a report in an acknowledgement", fact, ACKNOWLEDGE)
    unknown("a vote in an acknowledgement", vote, ACKNOWLEDGE)
    for at, name in enumerate(("indicator", "period", "observations")):
        unknown(f"within a report: {name} after the next", _inner(fact, spoiling.after_next, at))
        unknown(f"within a report: {name}, a length in one byte too many", _inner(fact, spoiling.long_number, at))
        unknown(f"within a report: {name}, a tag in two bytes", _inner(fact, spoiling.long_tag, at))
    unknown("within a report: an indicator twice", _inner(fact, spoiling.twice, 0))
    unknown("within a report: no indicator, written", _inner(fact, spoiling.default, 0))
    unknown("within a report: a multiplier of 0, written", _inner(fact, spoiling.default, 3))
    unknown("within a report: the period as a number", _inner(fact, spoiling.other_wire_type, 1))
    unknown("a text that is not UTF-8", _nested(b"\x0a\x02\xc3\x28"))
    unknown("a surrogate in UTF-8", _nested(b"\x0a\x03\xed\xa0\x80"))
    unknown("a sint32 beyond 32 bits", _nested(b"\x48\x80\x80\x80\x80\x10"))
    unknown("a uint32 beyond 32 bits", b"\x1a\x08\x5a\x06\x08\x82\x80\x80\x80\x10", GOVERNANCE)
    unknown("a bool of 2", b"\x1a\x04\x0a\x02\x18\x02", GOVERNANCE)
    unknown("the choice -1 in five bytes", vote_of(scene, b"\xff\xff\xff\xff\x0f"), GOVERNANCE)
    unknown("two decisions in a proposal", b"\x1a\x07\x12\x03\x0a\x01x\x1a\x00", GOVERNANCE)
    order = sorted(scene.entries, key=order_key)
    names = {bytes.fromhex(step["id"]): step["event"] for step in steps.steps}
    return steps.vector({"unknown": [built.id.hex() for built in order if names[built.id] == "unknown"], "pending": []})


def _plan(inner: Message) -> Message:
    return {"charter": {"plan": inner}}


def _change(name: str) -> Callable[[Message], Message]:
    return lambda inner: {"proposal": {"amend_plan": {"changes": [{}, {name: inner}]}}}


def _indicator(name: str) -> Callable[[Message], Message]:
    return lambda inner: _plan({"indicators": [{}, {name: inner}]})


# Every list that is counted before decoding (format §4): event, field and limit, and where it stands.
LISTS: dict[tuple[str, str, int], Callable[[Message], Message]] = {
    ("charter", "members", 512): lambda inner: {"charter": inner},
    ("charter", "keys", 2_048): lambda inner: {"charter": inner},
    ("charter", "pillars", 64): _plan,
    ("charter", "objectives", 256): _plan,
    ("charter", "lines", 1_024): _plan,
    ("charter", "indicators", 1_024): _plan,
    ("charter", "themes", 256): _plan,
    ("charter", "code_lists", 64): _plan,
    ("charter", "codes", 4_096): lambda inner: _plan({"code_lists": [inner]}),
    ("charter", "variables", 32): _indicator("method"),
    ("charter", "values", 240): _indicator("targets"),
    ("charter", "list", 64): _indicator("disaggregations"),
    ("proposal", "keys", 2_048): lambda inner: {"proposal": {"admit_member": inner}},
    ("proposal", "changes", 2_048): lambda inner: {"proposal": {"amend_plan": inner}},
    ("proposal", "codes", 4_096): _change("set_code_list"),
    ("proposal", "variables", 32): lambda inner: _change("set_indicator")({"method": inner}),
    ("report", "observations", 10_000): lambda inner: {"report": inner},
    ("correction", "observations", 10_000): lambda inner: {"correction": {"report": inner}},
}


def vote_of(scene: Scene, choice: bytes) -> bytes:
    return _delimited(0x22, b"\x0a\x20" + scene.ledger_id + b"\x10" + choice)


def _rules(rules: Message) -> Message:
    return {"proposal": {"amend_rules": {"base": b"\x01" * 32, "rules": rules}}}


def _with_list(name: str, count: int) -> Message:
    return {"report": {"indicator": "1.1.1", "period": {"text": "2025"}, name: [{}] * count}}


def _inner(fact: bytes, spoil: Callable[[bytes, int], bytes], at: int) -> bytes:
    """A report with the encoding of one of its fields spoilt."""
    reader = wire.Reader(fact)
    reader.varint()
    return _nested(spoil(reader.take(reader.varint()), at))


def _nested(body: bytes) -> bytes:
    return b"\xa2\x01" + wire.varint(len(body)) + body


def _delimited(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + wire.varint(len(body)) + body
