"""The ways in which this runtime can serve a function: the rows of most tables."""

from __future__ import annotations

import sys

from _compare import OURS


def kinds(module: str, name: str = "handler") -> dict[str, tuple[str, ...]]:
    """Return the commands that serve a function, by what to call them.

    Args:
        module: The module of the `def` handler; that of the `async def` one is called the same,
            with ``_async`` after it.
        name: The handler's name in both.
    """
    asynchronous = f"{module}_async.{name}"
    return {
        "`def`": (*OURS, f"{module}.{name}"),
        "`async def`": (*OURS, asynchronous),
        "`async def` (stream)": (sys.executable, "over_stream.py", asynchronous),
        "`async def` (aiohttp)": (sys.executable, "over_aiohttp.py", asynchronous),
    }
