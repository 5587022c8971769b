# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Whom the sample vectors are about. Refuses nothing."""

from __future__ import annotations

from typing import Any

from selftest.building import Author, Built, ScalarAuthor, Scene

Vector = dict[str, Any]


class People:
    """The same eight keys in every case."""

    def __init__(self) -> None:
        self.founder = Author("founder", "sre")
        self.node = Author("sre node", "sre", scope=2)
        self.academy = Author("academy", "colmex")
        self.observer = Author("observer", "ocnf")
        self.other_observer = Author("other observer", "ocnf")
        self.plain = ScalarAuthor("plain scalar", "unam")
        self.mixed = ScalarAuthor("mixed order", "unam", torsion=True)
        self.mixed_failing = ScalarAuthor("mixed order, failing", "unam", torsion=True, holds=False)
        self.stranger = Author("stranger", "nobody")

    def all(self) -> list[Author]:
        return [
            self.founder,
            self.node,
            self.academy,
            self.observer,
            self.other_observer,
            self.plain,
            self.mixed,
            self.mixed_failing,
        ]

    def scene(self) -> Scene:
        return Scene(self.founder, self.all()[1:])


def order_key(built: Built) -> tuple[int, bytes, int, bytes]:
    return built.header["height"], built.header["author"], built.header["seq"], built.id
