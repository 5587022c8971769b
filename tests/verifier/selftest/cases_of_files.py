# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The sample vectors of bundles, fork proofs, frontiers and documents; cases.py has those of entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from blake3 import blake3

from checks import wire
from checks.entry import FACT, GOVERNANCE, SIGNATURE_DOMAIN
from checks.schema import load
from selftest.building import (
    GROUP_ORDER,
    SMALL_ORDER,
    Built,
    Message,
    Scene,
    bundle,
    bundle_end,
    charter_body,
    cut_bundle,
    encode_fork_proof,
    fork_proof,
    not_on_curve,
    report,
)
from selftest.people import People, Vector, order_key
from selftest.spoiling import after_next, default, long_number, long_tag, other_wire_type, split, twice, without


def bundles() -> list[Vector]:
    people = People()
    scene = people.scene()
    charter = scene.charter
    a0 = scene.append(people.academy, report("1"))
    a1, a1_too = scene.build(people.academy, report("2")), scene.build(people.academy, report("3"))
    proof = fork_proof(scene.ledger_id, a1, a1_too)
    o0 = scene.append(people.observer, report("4"), seen=(a0,))
    o1 = scene.build(people.observer, report("5"))
    ids = [built.id.hex() for built in sorted((charter, a0, o0), key=order_key)]
    whole = bundle(charter, a0, o0)
    salted = replace(charter, salt=bytes(16))
    elsewhere = fork_proof(
        b"\x07" * 32,
        scene.build(people.academy, report("2"), ledger_id=b"\x07" * 32),
        scene.build(people.academy, report("3"), ledger_id=b"\x07" * 32),
    )
    line = b"constancia-bundle-v1\n"
    first = whole[len(line) :]

    def case(about: str, code: str, *files: bytes, **extra: Any) -> Vector:
        return {"about": about, "files": [data.hex() for data in files], "refused": [code], **extra}

    def founded(about: str, code: str, **changes: Any) -> Vector:
        broken = Scene(people.founder, people.all()[1:], charter_body("Testigo", people.all(), **changes))
        return case(about, code, bundle(broken.charter))

    keys = charter_body("Testigo", people.all())["keys"]
    weak = {"key": SMALL_ORDER, "member": "sre", "scope": 1}
    invalid = {"key": not_on_curve(), "member": "sre", "scope": 1}
    not_founder = [grant for grant in keys if grant["key"] != people.founder.key]
    members = charter_body("Testigo", people.all())["members"]
    report_charter = scene.build(
        people.founder, report("1"), kind=GOVERNANCE, header={"seq": 0, "prev": b"", "height": 0}, ledger_id=b""
    )
    signed_itself = report_charter.with_signature(
        people.founder.sign(SIGNATURE_DOMAIN + report_charter.id + report_charter.header_bytes)
    )
    cut = cut_bundle(charter, a0, o0)
    flipped = bytearray(cut)
    flipped[-1] ^= 1
    left_next = scene.build(people.academy, report("2"), prev=a1, header={"height": 3})
    right_next = scene.build(people.academy, report("2"), prev=a1_too, header={"height": 3})
    f1 = scene.build(people.founder, report("5"), seen=(right_next,), header={"height": 4})
    branch_ids = [built.id.hex() for built in sorted((charter, a0, o0, a1_too, right_next, f1), key=order_key)]
    forks = [{"key": people.academy.key.hex(), "seq": "1"}]
    strangers = fork_proof(scene.ledger_id, *(scene.build(people.stranger, report(value)) for value in "12"))
    p0 = scene.build(people.plain, report("6"))
    entry_item = wire.encode(load(), "BundleItem", {"entry": a0.message})

    def item(body: bytes) -> bytes:
        return wire.varint(len(body)) + body

    def in_entry(spoil: Callable[[bytes, int], bytes], at: int) -> bytes:
        return b"\x0a" + item(spoil(a0.signed_entry, at))

    not_an_entry = wire.encode(load(), "BundleItem", {"entry": {**a0.message, "signature": b""}})
    vote = scene.build(people.founder, {"vote": {"proposal": scene.ledger_id, "choice": 1}}, kind=GOVERNANCE)
    return [
        {"about": "three entries", "files": [whole.hex()], "expect": {"order": ids, "outside": [], "forks": []}},
        {"about": "entries twice", "files": [bundle(charter, charter, a0, a0, o0).hex()], "expect": {"order": ids}},
        {"about": "one file twice", "files": [whole.hex(), whole.hex()], "expect": {"order": ids}},
        {"about": "a child before its parent", "files": [bundle(charter, o0, a0).hex()], "expect": {"order": ids}},
        {
            "about": "a bundle since a frontier, on the one before",
            "files": [bundle(charter, a0).hex(), bundle(charter, o0).hex()],
            "expect": {"order": ids},
        },
        {
            "about": "a proof before the charter",
            "files": [bundle(proof, charter, a0, o0).hex()],
            "expect": {"order": ids, "forks": forks},
        },
        {
            "about": "a proof since a frontier",
            "files": [whole.hex(), bundle(proof, charter).hex()],
            "expect": {"order": ids, "forks": forks},
        },
        {
            "about": "a payload since a frontier",
            "files": [bundle(charter, a0.without_payload()).hex(), whole.hex()],
            "expect": {"order": ids, "pending": []},
        },
        {
            "about": "both branches without a proof, and what follows them: one branch is held, none counts",
            "files": [bundle(charter, a0, o0, a1, left_next, a1_too, right_next).hex()],
            "expect": {
                "order": ids,
                "forks": forks,
                "outside": sorted(built.id.hex() for built in (a1, left_next)),
                "waiting": [],
            },
        },
        {
            "about": "the branch that somebody else cites, after its proof",
            "files": [bundle(proof, charter, a0, o0, a1, a1_too, right_next, f1).hex()],
            "expect": {"order": branch_ids, "forks": forks, "outside": [], "waiting": []},
        },
        {
            "about": "the branch that somebody else cites, all of the other one before it, without a proof",
            "files": [bundle(charter, a0, o0, a1, left_next, a1_too, right_next, f1).hex()],
            "expect": {
                "order": branch_ids,
                "forks": forks,
                "outside": sorted(built.id.hex() for built in (a1, left_next)),
                "waiting": [],
            },
        },
        {
            "about": "the branch that somebody else cites, children first, after the other one, without a proof",
            "files": [bundle(charter, f1, o0, right_next, a1, a1_too, a0).hex()],
            "expect": {"order": branch_ids, "forks": forks, "waiting": []},
        },
        {
            "about": "the branch that somebody else cites, after the other one, without a proof",
            "files": [bundle(charter, a0, o0, a1, a1_too, right_next, f1).hex()],
            "expect": {"order": branch_ids, "forks": forks, "outside": [a1.id.hex()], "waiting": []},
        },
        case("an empty file", "bundle.not_a_bundle", b""),
        case("another version", "bundle.not_a_bundle", whole.replace(b"v1", b"v2", 1)),
        case("a carriage return", "bundle.not_a_bundle", whole.replace(b"\n", b"\r\n", 1)),
        case("the end alone", "bundle.no_charter", line + bundle_end(0, 0)),
        case("a proof and the end", "bundle.no_charter", bundle(proof)),
        case("no end", "bundle.no_end", cut),
        case("no end, an entry less", "bundle.no_end", cut_bundle(charter, a0)),
        case("the last byte missing", "bundle.cut_off", whole[:-1]),
        case("an entry's last byte missing", "bundle.cut_off", cut[:-1]),
        case("a length cut off", "bundle.cut_off", cut + b"\x80"),
        case("a byte after the end", "bundle.after_end", whole + b"\x01"),
        case("an entry after the end", "bundle.after_end", whole + cut_bundle(charter)[len(line) :]),
        case("two ends", "bundle.after_end", whole + bundle_end(3, 0)),
        case("an end that counts an entry more", "bundle.counts", cut + bundle_end(4, 0)),
        case("an end that counts an entry less", "bundle.counts", cut + bundle_end(2, 0)),
        case("an end that counts a proof", "bundle.counts", cut + bundle_end(3, 1)),
        case(
            "a length in more bytes than needed",
            "bundle.length",
            line + first[:1] + bytes([first[1] | 0x80, 0]) + first[2:],
        ),
        case("a length of more than 64 bits", "bundle.length", cut + b"\xff" * 9 + b"\x02"),
        case("a length of 1,052,801", "bundle.item_too_long", cut + wire.varint(1_052_801)),
        case("a length of 1,052,800 and nothing", "bundle.cut_off", cut + wire.varint(1_052_800)),
        case("an empty item", "bundle.empty", cut + b"\x00"),
        case("an item with a field 4", "bundle.not_canonical", cut + b"\x02\x22\x00"),
        case("an end with a field 3", "bundle.not_canonical", cut + b"\x06\x1a\x04\x08\x03\x18\x01"),
        case("an end with 0 proofs, written", "bundle.not_canonical", cut + b"\x06\x1a\x04\x08\x03\x10\x00"),
        case("an end that counts nothing", "bundle.counts", cut + b"\x02\x1a\x00"),
        case("an item that is an entry and the end", "bundle.not_canonical", cut + item(entry_item + b"\x1a\x00")),
        case("an item that is two entries", "bundle.not_canonical", cut + item(entry_item * 2)),
        case("an item's tag in two bytes", "bundle.not_canonical", cut + item(b"\x8a\x00" + entry_item[1:])),
        case("an entry's length in one byte too many", "bundle.not_canonical", cut + item(long_number(entry_item, 0))),
        *(
            case(
                f"an entry in an item: {name} after the next",
                "bundle.not_canonical",
                cut + item(in_entry(after_next, at)),
            )
            for at, name in enumerate(("header", "signature", "payload"))
        ),
        case("an entry in an item: a salt twice", "bundle.not_canonical", cut + item(in_entry(twice, 3))),
        case(
            "an entry in an item: a field 5",
            "bundle.not_canonical",
            cut + item(in_entry(lambda e, _: e + b"\x2a\x00", 0)),
        ),
        case("an item that is no message", "bundle.not_canonical", cut + b"\x01\x0a", may_not_decode=True),
        case("an item that is a number", "bundle.not_canonical", cut + b"\x02\x08\x01", may_not_decode=True),
        case(
            "4,096 proofs of nothing, and no charter",
            "bundle.no_charter",
            line + b"\x02\x12\x00" * 4_096 + bundle_end(0, 4_096),
        ),
        case("4,097 proofs", "bundle.too_many_proofs", line + b"\x02\x12\x00" * 4_097),
        case("an entry without signature", "bundle.entry", cut + wire.varint(len(not_an_entry)) + not_an_entry),
        case("a byte of the last salt flipped", "verify.payload_hash", bytes(flipped) + bundle_end(3, 0)),
        case("the charter second", "bundle.charter_missing", bundle(a0, charter)),
        case("a since-bundle alone", "bundle.charter_missing", bundle(o0)),
        case("a since-bundle without what it stands on", "chain.parent_missing", bundle(charter, o0)),
        case("no charter, on another", "bundle.charter_missing", whole, bundle(o0)),
        case("another ledger's charter, on another", "bundle.wrong_ledger", whole, bundle(report_charter)),
        case("a proof after an entry", "bundle.proof_after_entry", bundle(charter, proof, a0)),
        {
            "about": "a grandchild of an entry that is nowhere",
            "files": [bundle(charter, o1, o0).hex()],
            "refused": ["chain.parent_missing", "chain.parent_missing"],
        },
        case(
            "a child of a wrong height before its parent",
            "chain.wrong_height",
            bundle(charter, scene.build(people.observer, report("4"), prev=o0, header={"height": 9}), o0, a0),
            expect={"order": ids, "waiting": []},
        ),
        case(
            "two parents, of which one is nowhere",
            "chain.parent_missing",
            bundle(charter, scene.build(people.founder, report("4"), seen=(o0, o1), header={"height": 4}), o0, a0),
            expect={"order": ids, "waiting": []},
        ),
        {
            "about": "an entry that is refused, and what stands on it; the rest is taken",
            "files": [bundle(charter, replace(a0, salt=bytes(16)), o0, p0).hex()],
            "refused": ["verify.payload_hash", "chain.parent_missing"],
            "expect": {"order": [charter.id.hex(), p0.id.hex()], "waiting": []},
        },
        {
            "about": "every entry out of place, by a key without grant; the charter is taken",
            "files": [bundle(charter, *(scene.build(people.stranger, report(value)) for value in "12")).hex()],
            "refused": ["chain.stranger", "chain.stranger"],
            "expect": {"order": [charter.id.hex()], "forks": [], "waiting": []},
        },
        {
            "about": "governance without payload, and whole after it",
            "files": [bundle(charter, vote.without_payload(), a0, vote).hex()],
            "expect": {"order": [b.id.hex() for b in sorted((charter, a0, vote), key=order_key)], "waiting": []},
        },
        {
            "about": "what waited in one file is forgotten with it",
            "files": [bundle(charter, o0).hex(), bundle(charter, a0).hex()],
            "refused": ["chain.parent_missing"],
            "expect": {"order": [charter.id.hex(), a0.id.hex()], "waiting": []},
        },
        case("a proof of another ledger", "fork.wrong_ledger", bundle(elsewhere, charter)),
        {
            "about": "a proof of a key without grant waits for the grant",
            "files": [bundle(strangers, charter).hex()],
            "expect": {"forks": []},
        },
        case("a proof that does not hold", "fork.verify", bundle({**proof, "signature_a": bytes(64)}, charter)),
        case("the charter with another salt", "store.bad_charter", bundle(salted)),
        case("the charter without payload", "store.bad_charter", bundle(charter.without_payload())),
        case("governance without payload", "chain.governance_without_payload", bundle(charter, vote.without_payload())),
        case("two charters", "verify.wrong_ledger", bundle(charter, Scene(people.academy, people.all()).charter)),
        case("a charter signed for nothing", "store.bad_charter", bundle(report_charter)),
        case("a charter that is a report", "store.bad_charter", bundle(signed_itself)),
        founded("keys descending", "store.bad_charter", keys=keys[::-1]),
        founded("a key twice", "store.bad_charter", keys=[keys[0], *keys]),
        founded("a weak key", "store.bad_charter", keys=[weak, *keys]),
        founded("a key that is not on the curve", "store.bad_charter", keys=[invalid, *keys]),
        founded("a key of 31 bytes", "store.bad_charter", keys=[{**keys[0], "key": b"\x01" * 31}, *keys]),
        founded("a key of no member", "store.bad_charter", keys=[{**keys[0], "member": "x"}, *keys[1:]]),
        founded("the founder without a key", "store.bad_charter", keys=not_founder),
        founded(
            "the founder with scope acknowledge",
            "store.bad_charter",
            keys=[{**grant, "scope": 2} for grant in keys],
        ),
        founded("members descending", "store.bad_charter", members=members[::-1]),
        founded("a member twice", "store.bad_charter", members=[members[0], *members]),
        founded("no keys", "store.bad_charter", keys=[]),
        founded("513 members", "store.bad_charter", members=[{}] * 513),
        case(
            "a charter that is not canonical",
            "store.bad_charter",
            bundle(first_entry(people, lambda e: e + b"\xa2\x06\x00")),
        ),
        case(
            "a charter with a field more",
            "store.bad_charter",
            bundle(first_entry(people, lambda e: e + b"\xfa\x7f\x00")),
        ),
        case(
            "a charter in an entry of kind fact",
            "store.bad_charter",
            bundle(first_entry(people, lambda e: e, kind=FACT)),
        ),
        case("an empty first payload", "store.bad_charter", bundle(first_entry(people, lambda e: b""))),
    ]


def first_entry(people: People, change: Callable[[bytes], bytes], kind: int = GOVERNANCE) -> Built:
    """The founder's first entry, with another payload than the charter."""
    event = wire.encode(load(), "Event", {"charter": charter_body("Testigo", people.all())})
    header = {"seq": 0, "prev": b"", "height": 0}
    built = people.scene().build(people.founder, change(event), kind=kind, header=header, ledger_id=b"")
    return built.with_signature(people.founder.sign(built.signed(built.id)))


def fork_proofs() -> list[Vector]:
    people = People()
    scene = people.scene()
    a0 = scene.append(people.academy, report("1"))
    one, two = scene.build(people.academy, report("2")), scene.build(people.academy, report("3"))
    later = scene.build(people.academy, report("3"), header={"seq": 2})
    elsewhere = scene.build(people.academy, report("3"), header={"prev": b"\x01" * 32})
    stranger = scene.build(people.observer, report("3"), prev=a0)
    good = fork_proof(scene.ledger_id, one, two)
    swapped = {
        "ledger_id": scene.ledger_id,
        "header_a": good["header_b"],
        "signature_a": good["signature_b"],
        "header_b": good["header_a"],
        "signature_b": good["signature_a"],
    }
    again = Scene(people.academy, people.all())
    charters = fork_proof(
        again.ledger_id, again.charter, Scene(people.academy, people.all(), charter_body("x", people.all())).charter
    )

    def case(about: str, code: str, proof: Message | bytes) -> Vector:
        data = proof if isinstance(proof, bytes) else encode_fork_proof(proof)
        return {"about": about, "fork_proof": data.hex(), "refused": code}

    canonical = encode_fork_proof(good)
    fields = ("ledger_id", "header_a", "signature_a", "header_b", "signature_b")
    spoilt = [
        case(f"{name}{about}", "fork.not_canonical", spoil(canonical, at))
        for at, name in enumerate(fields)
        for about, spoil in (
            (" twice", twice),
            (" after the next", after_next),
            (", a tag in two bytes", long_tag),
            (", a length in one byte too many", long_number),
            (", nothing, written", default),
            (" as a number", other_wire_type),
        )
        if spoil is not after_next or at < 4
    ]
    empty = dict(zip(fields, ("fork.ledger", *["fork.decode"] * 4), strict=True))
    left_out = [case(f"without {name}", code, without(canonical, at)) for at, (name, code) in enumerate(empty.items())]
    s = int.from_bytes(two.signature[32:], "little")
    wide = two.signature[:32] + (s + GROUP_ORDER).to_bytes(32, "little")
    zeros = {
        value: scene.build(people.founder, report(value), header={"seq": 0, "prev": scene.ledger_id}) for value in "78"
    }
    version_2 = scene.build(people.academy, report("3"), header={"version": 2})
    by_nobody = [scene.build(people.academy, report(value), header={"author": not_on_curve()}) for value in "78"]

    return [
        {
            "about": "two entries at seq 1",
            "fork_proof": encode_fork_proof(good).hex(),
            "ledger_id": scene.ledger_id.hex(),
            "key": people.academy.key.hex(),
            "seq": "1",
        },
        {
            "about": "two entries of the founder at seq 0: alone it holds, in the ledger it is refused",
            "fork_proof": encode_fork_proof(fork_proof(scene.ledger_id, *zeros.values())).hex(),
            "ledger_id": scene.ledger_id.hex(),
            "key": people.founder.key.hex(),
            "seq": "0",
        },
        case("the greater id first", "fork.not_canonical", swapped),
        case("nothing", "fork.ledger", b""),
        *spoilt,
        *left_out,
        case("cut off", "fork.not_canonical", canonical[:-1]),
        case("a ledger id of 31 bytes", "fork.ledger", {**good, "ledger_id": scene.ledger_id[:31]}),
        case("a ledger id of 33 bytes", "fork.ledger", {**good, "ledger_id": scene.ledger_id + b"\x00"}),
        case("a header of version 2", "fork.decode", fork_proof(scene.ledger_id, one, version_2)),
        case("a header with a field 11", "fork.decode", {**good, "header_b": good["header_b"] + b"\x58\x01"}),
        case("S plus the group order", "fork.verify", fork_proof(scene.ledger_id, one, two.with_signature(wide))),
        case("by a key that is not on the curve", "fork.verify", fork_proof(scene.ledger_id, *by_nobody)),
        case("a charter and an entry at seq 0", "fork.charter", fork_proof(scene.ledger_id, scene.charter, zeros["7"])),
        case("one header twice", "fork.same_entry", fork_proof(scene.ledger_id, one, one)),
        case("two seqs", "fork.two_slots", fork_proof(scene.ledger_id, one, later)),
        case("two prevs", "fork.two_predecessors", fork_proof(scene.ledger_id, one, elsewhere)),
        case("two authors", "fork.two_keys", fork_proof(scene.ledger_id, one, stranger)),
        case("two charters", "fork.charter", charters),
        case("another ledger", "fork.verify", {**good, "ledger_id": b"\x07" * 32}),
        case("no ledger", "fork.ledger", {**good, "ledger_id": b""}),
        case("signatures swapped", "fork.verify", {**good, "signature_a": good["signature_b"]}),
        case("a signature of 63 bytes", "fork.decode", {**good, "signature_b": bytes(63)}),
        case("a signature of 65 bytes", "fork.decode", {**good, "signature_a": bytes(65)}),
        case("a header that does not decode", "fork.decode", {**good, "header_a": b"\x0b"}),
        case("a field 6", "fork.not_canonical", encode_fork_proof(good) + b"\x30\x01"),
    ]


def frontiers() -> list[Vector]:
    key, other, one = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
    head: Message = {"key": key, "seq": 4, "id": one}
    forked: Message = {"key": other, "forked_seq": 0}

    def data(*heads: Message, decisions: tuple[bytes, ...] = ()) -> bytes:
        return wire.encode(load(), "Frontier", {"heads": list(heads), "decisions": list(decisions)})

    def good(about: str, encoded: bytes) -> Vector:
        root = blake3(encoded, derive_key_context="constancia v1 frontier").hexdigest()
        return {"about": about, "frontier": encoded.hex(), "root": root}

    def case(about: str, code: str, encoded: bytes) -> Vector:
        return {"about": about, "frontier": encoded.hex(), "refused": code}

    def in_head(spoil: Callable[[bytes, int], bytes], at: int) -> bytes:
        inner = spoil(wire.encode(load(), "FrontierHead", {**head, "forked_seq": 5}), at)
        return b"\x0a" + wire.varint(len(inner)) + inner

    def too_great(inner: bytes, at: int) -> bytes:
        fields = split(inner)
        fields[at] = b"\x10" + b"\xff" * 9 + b"\x02"
        return b"".join(fields)

    return [
        good("nothing", b""),
        good("one head", data(head)),
        good("a head and a key forked at seq 0", data(head, forked)),
        good("a head below its fork", data({**head, "forked_seq": 5})),
        good("two decisions", data(head, decisions=(key, other))),
        case("heads descending", "frontier.unsorted", data(forked, head)),
        case("one key twice", "frontier.unsorted", data(head, head)),
        case("decisions descending", "frontier.decisions", data(head, decisions=(other, key))),
        case("a key of 31 bytes", "frontier.id", data({**head, "key": key[:31]})),
        case("an id of 31 bytes", "frontier.id", data({**head, "id": one[:31]})),
        case("a decision of 31 bytes", "frontier.decisions", data(decisions=(key[:31],))),
        case("no id and no fork", "frontier.empty", data({"key": key})),
        case("no id and a seq", "frontier.id", data({"key": key, "seq": 1, "forked_seq": 2})),
        case("a head at its fork", "frontier.head_above_fork", data({**head, "forked_seq": 4})),
        case("a key of 33 bytes", "frontier.id", data({**head, "key": key + b"\x00"})),
        case("no key", "frontier.id", data({**head, "key": b""})),
        case("an id of 33 bytes", "frontier.id", data({**head, "id": one + b"\x00"})),
        case("an empty head", "frontier.id", data({})),
        case("a decision of 33 bytes", "frontier.decisions", data(decisions=(key + b"\x00",))),
        case("an empty decision", "frontier.decisions", data(decisions=(b"",))),
        case("one decision twice", "frontier.decisions", data(decisions=(key, key))),
        case("a head above its fork", "frontier.head_above_fork", data({**head, "forked_seq": 3})),
        case("a field 3", "frontier.text", data(head) + b"\x18\x01"),
        case("decisions before heads", "frontier.text", after_next(data(head, decisions=(key,)), 0)),
        case("a length in one byte too many", "frontier.text", long_number(data(head), 0)),
        case("a tag in two bytes", "frontier.text", long_tag(data(head), 0)),
        case("cut off", "frontier.text", data(head)[:-1]),
        case("a head as a number", "frontier.text", b"\x08\x01"),
        *(
            case(f"within a head: {name}{about}", "frontier.text", in_head(spoil, at))
            for at, name in enumerate(("key", "seq", "id", "forked_seq"))
            for about, spoil in (
                (" twice", twice),
                (" after the next", after_next),
                (", one byte too many", long_number),
            )
            if spoil is not after_next or at < 3
        ),
        case("within a head: a field 5", "frontier.text", in_head(lambda inner, _: inner + b"\x28\x01", 0)),
        case("within a head: no id, written", "frontier.text", in_head(default, 2)),
        case("within a head: the seq beyond 64 bits", "frontier.text", in_head(too_great, 1)),
        case("seq 0 written", "frontier.text", b"\x0a\x24\x0a\x20" + key + b"\x10\x00"),
    ]


def documents() -> list[Vector]:
    def good(about: str, text: str) -> Vector:
        data = text.encode()
        return {"about": about, "document": data.hex(), "blake3": blake3(data).hexdigest()}

    def case(about: str, text: str | bytes, code: str = "document.not_canonical") -> Vector:
        data = text if isinstance(text, bytes) else text.encode()
        return {"about": about, "document": data.hex(), "refused": code}

    return [
        good("all kinds", '{"a":[1,-2,0],"b":"12.50","c":{"d":null,"e":true,"f":false}}'),
        good("escapes", '"\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7fé\u2028🦎"'),
        good("names by UTF-16 units, not code points", '{"€":1,"🦎":2,"\ufb33":3}'),
        good("an empty object", "{}"),
        good("the greatest integer", "9007199254740991"),
        case("a final newline", "{}\n"),
        case("a space", '{"a": 1}'),
        case("names out of order", '{"b":1,"a":2}'),
        case("names by code points", '{"€":1,"\ufb33":3,"🦎":2}'),
        case("a needless escape", '"\\u00e9"'),
        case("an escaped slash", '"\\/"'),
        case("upper-case hexadecimal", '"\\u001F"'),
        case("minus zero", "-0"),
        case("a name twice", '{"a":1,"a":1}', "document.not_json"),
        case("a fraction", "1.5", "document.not_json"),
        case("an exponent", "1e3", "document.not_json"),
        case("an integer beyond 2^53 - 1", "9007199254740992", "document.not_json"),
        case("NaN", "NaN", "document.not_json"),
        case("a lone surrogate", '"\\ud83e"', "document.not_json"),
        case("a byte order mark", b"\xef\xbb\xbf{}", "document.not_json"),
        case("not UTF-8", b'"\xe9"', "document.not_json"),
        case("two values", "{}{}", "document.not_json"),
        case("no byte at all", "", "document.not_json"),
    ]
