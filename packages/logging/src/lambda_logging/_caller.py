"""The line of code that a record comes from."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = __file__[: -len("_caller.py")]


def caller() -> FrameType:
    """Return the frame that called this package."""
    frame = sys._getframe(1)  # noqa: SLF001 (what logging uses too)
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def location() -> str:
    """Return the place that called this package, as ``file:function:line``."""
    frame = caller()
    return f"{frame.f_code.co_filename}:{frame.f_code.co_name}:{frame.f_lineno}"
