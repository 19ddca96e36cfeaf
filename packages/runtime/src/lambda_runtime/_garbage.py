"""Garbage collection while a function starts: next to none, since imported code stays.

Collections would look through all that was imported, again and again while more is. That takes a
seventh of the time of importing an AWS SDK.
"""

import gc
import os
import sys
from gc import freeze
from time import monotonic

__all__ = ["collect_rarely", "freeze", "import_large", "start_to_collect"]

# Not never: what a start throws away must not pile up without end. With what belongs to it, an
# object of an import takes 400 to 500 bytes: these would fill about a third of the memory.
_OBJECTS_PER_MB = 800
_MOST_OBJECTS = 400_000


_megabytes = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
if not _megabytes.isdecimal():
    _megabytes = "128"  # the least that a function has
_usual = gc.get_threshold()
_rare = (min(int(_megabytes[:6]) * _OBJECTS_PER_MB, _MOST_OBJECTS), *_usual[1:])
ended_at: float | None = None
"""The end of this process's init phase, in seconds of `time.monotonic`."""


def collect_rarely() -> None:
    """Put collections off, until `start_to_collect`."""
    gc.set_threshold(*_rare)


def start_to_collect() -> None:
    """End the init phase: collect as usual, unless the function has other wishes.

    Objects of the start are left out.
    """
    global ended_at  # noqa: PLW0603 (once in a process)
    ended_at = monotonic()
    if gc.get_threshold() == _rare:
        gc.set_threshold(*_usual)
    freeze()


def import_large(name: str) -> None:
    """Import a package of many modules while the function runs, without collections meanwhile.

    Args:
        name: The package's name.

    Raises:
        ImportError: It cannot be imported.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        __import__(name)
    finally:
        if was_enabled:
            gc.enable()


# Now and not in `run`: this package's own modules are a part of what is imported.
if "AWS_LAMBDA_RUNTIME_API" in os.environ and "awslambdaric" not in sys.modules:
    collect_rarely()
