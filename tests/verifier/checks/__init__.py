# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A second implementation of docs/format.md, sharing nothing with the first but the .proto files."""
