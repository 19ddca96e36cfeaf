"""The module that fails."""

from __future__ import annotations

from typing import NoReturn


def fail() -> NoReturn:
    raise LookupError("a message from a statement on several lines")
