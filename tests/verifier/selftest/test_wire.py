# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Canonical protobuf: what is taken encodes to itself, what is off by anything is refused."""

from __future__ import annotations

import random
import unittest

from checks import schema, wire
from checks.schema import SchemaError, load


class Schema(unittest.TestCase):
    def test_the_proto_files_are_read_whole(self) -> None:
        messages = load()
        self.assertEqual([messages["Header"][n].name for n in sorted(messages["Header"])][-2:], ["payload_len", "kind"])
        self.assertTrue(messages["SignedEntry"][3].presence)
        self.assertFalse(messages["SignedEntry"][1].presence)
        self.assertEqual(messages["Event"][33].oneof, "body")
        self.assertEqual(messages["Vote"][2].type, "enum")
        self.assertIsNone(messages["Event"][100].oneof)

    def test_what_the_reader_does_not_know_stops_it(self) -> None:
        for text in (
            "message A { map<string, string> b = 1; }",
            "message A { double b = 1; }",
            "message A { repeated uint32 b = 1; }",
            "message A { B b = 1; }",
            "message A { bool b = 1; bool c = 1; }",
            "extend A { }",
        ):
            with self.subTest(text), self.assertRaises(SchemaError):
                schema.parse(text)


class Numbers(unittest.TestCase):
    def test_the_greatest_number_is_read(self) -> None:
        self.assertEqual(wire.Reader(b"\xff" * 9 + b"\x01").varint(), 2**64 - 1)

    def test_numbers_that_are_too_long_or_too_great_are_refused(self) -> None:
        for data in (b"", b"\x80", b"\x80\x00", b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01"):
            with self.subTest(data.hex()), self.assertRaises(wire.NotCanonical):
                wire.Reader(data).varint()

    def test_signed_numbers_and_enums_keep_their_sign(self) -> None:
        for value in (-(2**31), -3, 3, 2**31 - 1):
            data = wire.encode(load(), "Money", {"unit_multiplier": value})
            self.assertEqual(wire.decode(load(), "Money", data)["unit_multiplier"], value)
        vote = b"\x10" + b"\xff" * 9 + b"\x01"
        self.assertEqual(wire.decode(load(), "Vote", vote)["choice"], -1)

    def test_numbers_out_of_their_type_are_refused(self) -> None:
        for name, data in (
            ("Money", b"\x18\x80\x80\x80\x80\x10"),
            ("Vote", b"\x10\xff\xff\xff\xff\x0f"),
            ("AdmitMember", b"\x18\x02"),
            ("AdmitMember", b"\x18\x00"),
        ):
            with self.subTest(f"{name} {data.hex()}"), self.assertRaises(wire.NotCanonical):
                wire.decode(load(), name, data)


class Presence(unittest.TestCase):
    def test_a_set_optional_field_keeps_its_default(self) -> None:
        for name, data in (("FrontierHead", b"\x20\x00"), ("SignedEntry", b"\x1a\x00"), ("PlanChange", b"\x12\x00")):
            with self.subTest(name):
                self.assertEqual(wire.encode(load(), name, wire.decode(load(), name, data)), data)

    def test_an_empty_message_is_present(self) -> None:
        self.assertEqual(wire.decode(load(), "Event", b"\x82\x01\x00")["acknowledge"], {})

    def test_an_empty_element_of_a_list_stays(self) -> None:
        self.assertEqual(wire.decode(load(), "Frontier", b"\x12\x00\x12\x00")["decisions"], [b"", b""])

    def test_two_members_of_a_oneof_are_refused(self) -> None:
        with self.assertRaises(wire.NotCanonical):
            wire.decode(load(), "Event", b"\x12\x00\x1a\x00")

    def test_text_that_is_not_utf8_is_refused(self) -> None:
        for text in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80"):
            with self.subTest(text.hex()), self.assertRaises(wire.NotCanonical):
                wire.decode(load(), "Decimal", b"\x0a" + wire.varint(len(text)) + text)


class Fuzz(unittest.TestCase):
    def test_what_is_taken_encodes_to_itself(self) -> None:
        """Random bytes near valid messages: refused as NotCanonical or taken and equal, never another error."""
        random_bytes = random.Random(4)
        charter = wire.encode(
            load(), "Event", {"charter": {"name": "x", "keys": [{"key": b"\x01", "scope": 1}], "rules": {"quorum": 2}}}
        )
        taken = 0
        for _ in range(20_000):
            data = bytearray(charter)
            for _ in range(random_bytes.randint(1, 3)):
                data[random_bytes.randrange(len(data))] = random_bytes.randrange(256)
            try:
                event = wire.decode(load(), "Event", bytes(data))
            except wire.NotCanonical:
                continue
            taken += 1
            self.assertEqual(wire.encode(load(), "Event", event), bytes(data))
        self.assertGreater(taken, 100)


if __name__ == "__main__":
    unittest.main()
