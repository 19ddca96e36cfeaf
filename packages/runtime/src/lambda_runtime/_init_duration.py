"""The time from a process's start to its first invocation."""

from __future__ import annotations

import os
import time

from . import _garbage

_INIT_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"


def init_duration() -> float | None:
    """Return how long the init phase of this process took: from its start to its first request.

    Returns:
        Seconds, in steps of the system's clock ticks, usually 10 ms; or None where that
        is not known: before the end of the phase, after the restore of a snapshot, in tests, and on
        systems without ``/proc``. A forked worker counts from its fork.
    """
    ended = _garbage.ended_at
    if ended is None or os.environ.get(_INIT_TYPE) == "snap-start":
        return None
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 (pathlib is not loaded)
            # Behind the program's name, which may hold anything: the 22nd field of all.
            started = int(file.read().rpartition(b")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
    except (AttributeError, OSError, ValueError, IndexError):
        return None
    duration = age - (time.monotonic() - ended)
    return duration if duration > 0 else None
