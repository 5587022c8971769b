# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Tests of the verifier that need no Rust: entries are built and signed here. Run with unittest."""
