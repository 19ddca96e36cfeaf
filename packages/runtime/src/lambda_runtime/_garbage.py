"""Garbage collection while a function starts: next to none, since what is made then is there to stay.

To look through all that was imported, again and again while more is, takes a seventh of the time
that importing an AWS SDK takes.
"""

import gc
from gc import freeze

__all__ = ["collect_rarely", "freeze", "start_to_collect"]

# Not never: what a start throws away must not pile up without end.
_RARELY = 50_000
_usual = gc.get_threshold()


def collect_rarely() -> None:
    """Put collections off, until `start_to_collect`."""
    gc.set_threshold(_RARELY, *_usual[1:])


def start_to_collect() -> None:
    """Collect as usual, unless the function has other wishes, and leave out what is there now."""
    if gc.get_threshold()[0] == _RARELY:
        gc.set_threshold(*_usual)
    freeze()
