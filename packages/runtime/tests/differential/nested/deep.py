"""A module below the handler's: the stack goes through several files."""

from __future__ import annotations

from typing import NoReturn

from . import deeper


def outer() -> NoReturn:
    inner()


def inner() -> NoReturn:
    deeper.fail()
