"""Two calls, or two programs, that take turns in short rounds: what needs no Runtime API."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from timeit import timeit
from typing import TYPE_CHECKING

from _process import environment
from _row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ROUND_SECONDS = 0.05
_FIRST_CALLS = 10  # they generate code, and fill caches


@dataclass(frozen=True)
class Calls:
    """Measure the processor time of a call, without garbage collection."""

    what: str
    ours: Callable[[], object]
    peer: Callable[[], object]

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Call both in rounds, and yield a row.

        Args:
            pairs: The number of rounds.
            quick: True if a round is one call.
        """
        _microseconds(self.ours, _FIRST_CALLS)
        price = _microseconds(self.peer, _FIRST_CALLS)
        calls = 1 if quick else int(_ROUND_SECONDS * 1e6 / price) + 1
        both = [
            (_microseconds(self.ours, calls), _microseconds(self.peer, calls)) for _ in range(pairs)
        ]
        yield Row(what=self.what, unit="us", pairs=both)


def _microseconds(call: Callable[[], object], calls: int) -> float:
    # A clock that has not moved must not give zero: a ratio to it would be infinite.
    taken = (
        timeit(call, timer=time.process_time, number=calls)
        or time.get_clock_info("process_time").resolution
    )
    return taken / calls * 1e6


@dataclass(frozen=True)
class Programs:
    """Measure a program from start to end, minus an empty one."""

    what: str
    ours: str
    """Python's source."""
    peer: str
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Run both in turns, and yield a row.

        Args:
            pairs: The number of pairs.
            quick: True to skip the runs that compile byte code and warm the caches.
        """
        if not quick:
            self._milliseconds(self.ours)
            self._milliseconds(self.peer)
        runs = [
            [self._milliseconds(code) for code in ("pass", self.ours, self.peer)]
            for _ in range(pairs)
        ]
        empty = statistics.median(run[0] for run in runs)
        both = [(ours - empty, peer - empty) for _, ours, peer in runs]
        yield Row(what=self.what, unit="ms", pairs=both)

    def _milliseconds(self, code: str) -> float:
        start = time.perf_counter_ns()
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            input=self.stdin,
            env={**environment(), **self.environment},
            stdout=subprocess.DEVNULL,
        )
        return (time.perf_counter_ns() - start) / 1e6
