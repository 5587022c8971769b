# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What a refusal is: a stable code and a sentence that names the rule and both values.

Every check of this package ends in `Refused` or in nothing. tests/vectors/README.md lists the codes.
"""

from __future__ import annotations


class Refused(Exception):
    """The bytes break a rule of docs/format.md."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        # What else was refused after it, where the rest was looked at.
        self.also: list[Refused] = []
