"""Garbage collection while a function starts: next to none, since imported code stays.

Collections would look through all that was imported, again and again while more is. That takes a
seventh of the time of importing an AWS SDK.
"""

import gc
import os
import sys
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


# Now and not in `run`: this package's own modules are a part of what is imported.
if "AWS_LAMBDA_RUNTIME_API" in os.environ and "awslambdaric" not in sys.modules:
    collect_rarely()
