"""The clocks of a function under test, which go on while a test stops those of `time`.

freezegun replaces `time.time` and `time.monotonic`. A process that a test starts keeps the real
time, and its deadline has to come.
"""

from __future__ import annotations

import time

_MONOTONIC: int = getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC)  # the first on macOS


def monotonic() -> float:
    """Return the seconds of the clock that `time.monotonic` has when nobody has replaced it."""
    return time.clock_gettime(_MONOTONIC)


def now() -> float:
    """Return the seconds since the epoch."""
    return time.clock_gettime(time.CLOCK_REALTIME)
