# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Bundles and the ledger that they carry: tampering is named, arrival does not matter, limits are where they are."""

from __future__ import annotations

import random
import unittest
from dataclasses import replace

from checks import ledger
from checks.bundle import FIRST_LINE, describe, take_bundle
from checks.entry import decode_signed_entry
from checks.event import ITEMS_MAX
from checks.fork import check_fork_proof
from checks.refusal import Refused
from checks.replica import Replica, Taken
from selftest.building import Author, Built, Scene, acknowledge, bundle, fork_proof, report
from selftest.cases_of_ledgers import LISTS

ACADEMY, OBSERVER = Author("academy", "colmex"), Author("observer", "ocnf")
FOUNDER = Author("founder", "sre")


def scene() -> Scene:
    return Scene(FOUNDER, [ACADEMY, OBSERVER])


def replica_of(*items: Built) -> Replica:
    replica = Replica()
    for item in items:
        replica.take_entry(decode_signed_entry(item.signed_entry))
    return replica


class Tampering(unittest.TestCase):
    def setUp(self) -> None:
        ours = scene()
        ours.append(ACADEMY, report("1"))
        ours.append(OBSERVER, report("2"), seen=(ours.heads[ACADEMY.key],))
        self.scene = ours
        self.whole = bundle(*ours.entries)

    def test_a_flipped_bit_in_any_byte_of_a_bundle_is_refused(self) -> None:
        """Every third bit: two or three in each byte, and another place in it each time."""
        for bit in range(0, len(self.whole) * 8, 3):
            changed = bytearray(self.whole)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused, msg=f"bit {bit}"):
                take_bundle(Replica(), bytes(changed))

    def test_every_cut_bundle_is_refused(self) -> None:
        found = set()
        for length in range(len(FIRST_LINE), len(self.whole)):
            with self.assertRaises(Refused, msg=f"{length} bytes") as caught:
                take_bundle(Replica(), self.whole[:length])
            found.add(caught.exception.code)
        self.assertEqual(found, {"bundle.cut_off", "bundle.no_end"})

    def test_a_flipped_bit_in_any_byte_of_a_fork_proof_is_refused(self) -> None:
        one, two = (self.scene.build(ACADEMY, report(value)) for value in ("3", "4"))
        whole = bundle(fork_proof(self.scene.ledger_id, one, two), *self.scene.entries)
        end = len(whole) - len(self.whole) + len(FIRST_LINE)
        for bit in range(len(FIRST_LINE) * 8, end * 8, 3):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused, msg=f"bit {bit}"):
                take_bundle(Replica(), bytes(changed))


class Arrival(unittest.TestCase):
    def test_every_order_of_arrival_gives_the_same(self) -> None:
        ours = scene()
        shuffle = random.Random(7)
        authors = [FOUNDER, ACADEMY, OBSERVER]
        for number in range(40):
            author = shuffle.choice(authors)
            seen = [ours.heads[other.key] for other in authors if other is not author and other.key in ours.heads]
            kind = shuffle.choice((2, 3))
            event = acknowledge() if kind == 2 else report(str(number))
            tips = tuple(one for one in seen if shuffle.random() < 0.5 and one.id != ours.ledger_id)
            ours.append(author, event, kind=kind, seen=tips)
        expected = describe(replica_of(*ours.entries))
        for _ in range(20):
            replica, waiting = Replica(), [decode_signed_entry(built.signed_entry) for built in ours.entries[1:]]
            replica.take_entry(decode_signed_entry(ours.charter.signed_entry))
            shuffle.shuffle(waiting)
            while waiting:
                entry = waiting.pop(0)
                self.assertIn(replica.take_entry(entry), (Taken.NEW, Taken.WAITS))
            self.assertEqual(describe(replica), expected)

    def test_what_is_refused_changes_nothing(self) -> None:
        ours = scene()
        a0 = ours.append(ACADEMY, report("1"))
        replica = replica_of(*ours.entries)
        before = describe(replica)
        for bad in (
            ours.build(ACADEMY, report("2"), header={"height": 9}),
            ours.build(ACADEMY, report("2"), header={"claimed_at_ms": 1}),
            ours.build(Author("stranger", "x"), report("2")),
            ours.build(OBSERVER, report("2"), seen=(a0,), ledger_id=b""),
        ):
            with self.assertRaises(Refused):
                replica.take_entry(decode_signed_entry(bad.signed_entry))
            self.assertEqual(describe(replica), before)

    def test_a_proof_takes_what_is_held_out_of_the_ledger(self) -> None:
        ours = scene()
        a0, a1 = ours.append(ACADEMY, report("1")), ours.append(ACADEMY, report("2"))
        other = ours.build(ACADEMY, report("3"), prev=a0)
        replica = replica_of(*ours.entries)
        replica.take_fork_proof(check_fork_proof(fork_proof(ours.ledger_id, a1, other)))
        self.assertEqual(describe(replica)["outside"], [a1.id.hex()])
        self.assertEqual(replica.take_entry(decode_signed_entry(other.signed_entry)), Taken.NOT_NEEDED)
        cites = ours.append(OBSERVER, report("4"), seen=(a1,))
        replica.take_entry(decode_signed_entry(cites.signed_entry))
        self.assertEqual(describe(replica)["outside"], [])
        again = ours.build(ACADEMY, report("5"), prev=None, header={"seq": 0, "prev": ours.ledger_id, "height": 1})
        replica.take_fork_proof(check_fork_proof(fork_proof(ours.ledger_id, a0, again)))
        replica.take_fork_proof(check_fork_proof(fork_proof(ours.ledger_id, a1, other)))
        found = describe(replica)
        self.assertEqual(found["forks"], [{"key": ACADEMY.key.hex(), "seq": "0"}])
        self.assertEqual(found["outside"], [])

    def test_a_late_payload_must_be_the_stated_one(self) -> None:
        ours = scene()
        a0 = ours.append(ACADEMY, report("1"))
        replica = replica_of(ours.charter, a0.without_payload())
        self.assertEqual(describe(replica)["pending"], [a0.id.hex()])
        wrong = replace(a0, salt=bytes(16))
        with self.assertRaisesRegex(Refused, "verify.payload_hash"):
            replica.take_entry(decode_signed_entry(wrong.signed_entry))
        self.assertEqual(replica.take_entry(decode_signed_entry(a0.signed_entry)), Taken.PAYLOAD)
        self.assertEqual(describe(replica)["pending"], [])

    def test_what_is_sent_of_an_entry_that_is_held_must_hold(self) -> None:
        """Steps 2 and 3 come before step 4."""
        ours = scene()
        a0 = ours.append(ACADEMY, report("1"))
        for replica in (replica_of(*ours.entries), replica_of(ours.charter, a0.without_payload())):
            for bad in (a0.with_signature(bytes(64)), replace(a0, salt=bytes(16))):
                with self.assertRaises(Refused):
                    replica.take_entry(decode_signed_entry(bad.signed_entry))

    def test_a_fork_is_proven_while_parents_are_missing(self) -> None:
        """Else two forked keys whose branches cite each other would hide each other's fork."""
        ours = scene()
        a0 = ours.append(ACADEMY, report("1"))
        o0 = ours.build(OBSERVER, report("2"))
        again = ours.build(ACADEMY, report("3"), header={"seq": 0, "prev": ours.ledger_id, "seen": [o0.id]})
        replica = replica_of(*ours.entries)
        self.assertEqual(replica.take_entry(decode_signed_entry(again.signed_entry)), Taken.WAITS)
        self.assertEqual(replica.forked_seq, {ACADEMY.key: 0})
        self.assertNotIn(a0.id.hex(), describe(replica)["order"])

    def test_another_key_brings_a_branch_in_whoever_its_member_is(self) -> None:
        node = Author("academy node", "colmex", scope=2)
        for witness in (node, OBSERVER):
            ours = Scene(FOUNDER, [ACADEMY, OBSERVER, node])
            a0, branch = (ours.build(ACADEMY, report(value)) for value in "12")
            cites = ours.build(witness, acknowledge(), kind=2, seen=(branch,), header={"height": 2})
            replica = Replica()
            take_bundle(replica, bundle(ours.charter, a0, branch, cites))
            found = describe(replica)
            self.assertEqual(set(found["order"]), {one.id.hex() for one in (ours.charter, branch, cites)})
            self.assertEqual(found["outside"], [a0.id.hex()])

    def test_nothing_is_taken_before_a_charter(self) -> None:
        ours = scene()
        a0 = ours.append(ACADEMY, report("1"))
        proof = fork_proof(ours.ledger_id, *(ours.build(ACADEMY, report(value)) for value in "23"))
        with self.assertRaisesRegex(Refused, "store.no_ledger"):
            Replica().take_entry(decode_signed_entry(a0.signed_entry))
        with self.assertRaisesRegex(Refused, "store.no_ledger"):
            Replica().take_fork_proof(check_fork_proof(proof))


class Limits(unittest.TestCase):
    def test_there_is_a_vector_of_every_list_that_is_counted(self) -> None:
        counted = {(name.split(".")[1], limit) for name, limit in ITEMS_MAX.items()}
        self.assertEqual({(field, limit) for _, field, limit in LISTS}, counted)

    def test_a_message_larger_than_any_entry_is_not_read(self) -> None:
        for length, code in ((1_052_784, "decode.entry_not_canonical"), (1_052_785, "decode.entry_too_long")):
            with self.assertRaisesRegex(Refused, code):
                decode_signed_entry(b"\xff" * length)

    def test_a_payload_of_one_mebibyte_is_taken_and_one_byte_more_is_not(self) -> None:
        ours = scene()
        largest = ours.build(ACADEMY, bytes(1024 * 1024))
        replica_of(ours.charter, largest)
        larger = ours.build(ACADEMY, bytes(1024 * 1024 + 1), header={"payload_len": 1024 * 1024})
        with self.assertRaisesRegex(Refused, "decode.payload_length"):
            decode_signed_entry(larger.signed_entry)

    def test_64_tips_and_the_greatest_numbers_fit_in_a_header(self) -> None:
        greatest = {"seq": 2**64 - 1, "height": 2**64 - 1, "claimed_at_ms": 253_402_300_799_999, "payload_len": 2**20}
        seen = [bytes([number]) * 32 for number in range(64)]
        built = scene().build(ACADEMY, report("1"), header={**greatest, "seen": seen})
        self.assertEqual(decode_signed_entry(built.without_payload().signed_entry).header.height, 2**64 - 1)
        self.assertLess(len(built.header_bytes), 4096)

    def test_64_tips_are_taken(self) -> None:
        others = [Author(f"key {number}", "colmex") for number in range(64)]
        ours = Scene(FOUNDER, others)
        tips = tuple(ours.append(author, report("1")) for author in others)
        ours.append(FOUNDER, report("2"), seen=tips)
        self.assertEqual(len(describe(replica_of(*ours.entries))["order"]), 66)

    def test_the_order_of_one_slot_is_by_id(self) -> None:
        ours = scene()
        one, two = (ours.build(ACADEMY, report(value)) for value in "23")
        replica = replica_of(ours.charter)
        replica.take_fork_proof(check_fork_proof(fork_proof(ours.ledger_id, one, two)))
        cites = ours.append(OBSERVER, report("4"), seen=(one, two), header={"height": 2})
        for built in (cites, one, two):
            replica.take_entry(decode_signed_entry(built.signed_entry))
        order = [entry.id for entry in ledger.entries_at(replica, ledger.frontier_message(replica))]
        self.assertEqual(order, [ours.ledger_id, *sorted((one.id, two.id)), cites.id])


if __name__ == "__main__":
    unittest.main()
