# SPDX-License-Identifier: Apache-2.0 OR MIT
"""BLAKE3 as the format uses it: one derive-key context per purpose. Refuses nothing."""

from __future__ import annotations

from blake3 import blake3

ENTRY_ID = "constancia v1 entry id"
PAYLOAD = "constancia v1 payload"
FRONTIER = "constancia v1 frontier"
ORDER = "constancia v1 order"


def derive(context: str, data: bytes) -> bytes:
    """BLAKE3 in key-derivation mode, 32 bytes."""
    return blake3(data, derive_key_context=context).digest()


def plain(data: bytes) -> bytes:
    """BLAKE3 without key or context, as `b3sum` prints it."""
    return blake3(data).digest()
