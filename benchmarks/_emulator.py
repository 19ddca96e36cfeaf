"""The emulator against AWS's: warm invocations through boto3, and the time to the first answer."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from _emulators import aws, client, ours
from _group import Group
from _row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_INVOCATIONS = 1000
_PATH = "/2015-03-31/functions/{}/invocations"


class Warm:
    """One client that invokes a function again and again."""

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Invoke through both in turns, and yield a row.

        Args:
            pairs: The number of pairs.
            quick: True to invoke a few times only.
        """
        count = 3 if quick else _INVOCATIONS
        with ours("echo.handler") as our_url, aws("echo.handler") as their_url:
            sides = ((client(our_url), "echo"), (client(their_url), "function"))
            for each, name in sides:
                _median_ms(each, name, count)
            both = []
            for _ in range(pairs):
                mine, theirs = (_median_ms(each, name, count) for each, name in sides)
                both.append((mine, theirs))
        yield Row(what="warm invocation through boto3, median", unit="ms", pairs=both)


def _median_ms(lambda_client: Any, name: str, count: int) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        lambda_client.invoke(FunctionName=name, Payload=b'{"a": 1}')["Payload"].read()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


class Start:
    """From the command to the first answer of a function."""

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:  # noqa: ARG002 (it is quick)
        """Start both in turns, and yield a row.

        Args:
            pairs: The number of pairs.
            quick: Changes nothing.
        """
        both = [(_first_ms(ours, "hello"), _first_ms(aws, "function")) for _ in range(pairs)]
        yield Row(what="start to first answer", unit="ms", pairs=both)


def _first_ms(emulator: Callable[[str], AbstractContextManager[str]], name: str) -> float:
    start = time.perf_counter()
    with emulator("hello.handler") as url:
        with urlopen(url + _PATH.format(name), b"{}") as answer:
            answer.read()
        return (time.perf_counter() - start) * 1000


GROUP = Group(
    title="The emulator",
    measurements=[Warm(), Start()],
    ours="lambda-emulator",
    peer="AWS's RIE",
    distributions=("lambda-emulator",),
    pairs=9,
)
