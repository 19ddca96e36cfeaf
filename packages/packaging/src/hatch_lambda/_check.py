"""A start of what was built, in the archive's own layout, as far as this machine can run it."""

from __future__ import annotations

import os
import platform
import re
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from signal import strsignal
from tempfile import mkdtemp
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from ._provided import runtime_of
from ._sandbox import Sandbox, deployed
from ._start import SECONDS, Attempt, attempt
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._archive import Entry
    from ._layers import Layers
    from ._options import Options

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: what managed runtimes bring.
MANAGED = {
    *("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"),
    *("awslambdaric", "simplejson", "snapshot_restore_py"),
}
_LINES = 40
_NO_FILE = re.compile(r"FileNotFoundError: .*'/var/task/")
_MISSING = re.compile(r"No module named '(\w+)")


class _Running(NamedTuple):
    """A check that has begun, or waits for others."""

    result: Future[str]
    ended: Event
    discard: Callable[[], None]


class Checks:
    """Starts functions side by side, while others are built.

    Args:
        work: A folder for the started program.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2))
        self._running: list[_Running] = []

    def start(
        self,
        options: Options,
        entries: Mapping[str, Entry],
        layers: Layers,
        python: Path,
        discard: Callable[[], None],
    ) -> None:
        """Begin to start a function.

        Args:
            options: The options.
            entries: The files of its archive.
            layers: Those of its layers.
            python: A Python of its version that runs here.
            discard: Called if it does not start.
        """
        folder = Path(mkdtemp(prefix="check-", dir=self._work))
        ended = Event()
        result = self._pool.submit(check, options, entries, layers, python, folder, ended)
        self._running.append(_Running(result, ended, discard))

    def results(self) -> list[str]:
        """Wait for all, and return a sentence for each.

        Raises:
            BuildError: Some do not start; the message has the traceback of each.
        """
        sentences: list[str] = []
        failures: list[str] = []
        for running in self._running:
            try:
                sentences.append(running.result.result())
            except BuildError as error:
                running.discard()
                failures.append(str(error))
        if failures:
            raise BuildError("\n\n".join(failures))
        return sentences

    def close(self) -> None:
        """End what has begun, begin no more, and discard all that has not started."""
        for running in self._running:
            running.ended.set()
        self._pool.shutdown(cancel_futures=True)
        for running in self._running:
            if running.result.cancelled() or running.result.exception():
                running.discard()


def why_not(options: Options) -> str | None:
    """Return why a function cannot be started on this machine, or None.

    Args:
        options: The options, with the target.
    """
    complete = "dependencies" in options.parts or options.layers
    if "function" not in options.parts or not complete:
        return "the archive holds only a part of the function"
    if options.layout == "function" and runtime_of(options) is None:
        return (
            "the runtime that starts the function is not in its archive, nor beside a file that "
            "the option provided names"
        )
    here = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    if sys.platform != "linux" or here != options.architecture:
        return f"this machine cannot run programs for {options.architecture}"
    name, version = platform.libc_ver()
    if name != "glibc" or _version(version) < _version(options.glibc):
        return f"it may need glibc {options.glibc}, and this machine has {name} {version}"
    return None


def check(
    options: Options,
    entries: Mapping[str, Entry],
    layers: Layers,
    python: Path,
    folder: Path,
    ended: Event,
) -> str:
    """Start a function as Lambda does, up to its first request for an invocation.

    Args:
        options: The options.
        entries: The files of its archive.
        layers: Those of its layers.
        python: A Python of its version that runs here.
        folder: An empty folder.
        ended: Is set when the start has ended; or before, to end it.

    Returns:
        A sentence about the start.

    Raises:
        BuildError: It does not start; the message has its traceback.
    """
    sandbox = Sandbox(options, folder, layers, python)
    sandbox.lay_out(entries)
    own = {"AWS_LAMBDA_FUNCTION_NAME": options.name, "_HANDLER": options.handler or ""}
    variables = {**sandbox.variables, **own, **dict(options.environment)}
    result = attempt(sandbox.command(), sandbox.task, variables, ended)
    if result.milliseconds is not None:
        return f"{options.name}: starts here, in {result.milliseconds:.0f} ms"
    trace = sandbox.as_in_lambda("\n".join(_traceback(result)))
    missing = _MISSING.search(trace)
    if options.runtime.startswith("python") and missing and missing[1] in MANAGED:
        return f"{options.name}: not started: it needs {missing[1]}, which {options.runtime} has"
    advice = (
        "Put the variables that it needs into the option environment, or set them for the build. "
    )
    if "Runtime." in (result.error or {}).get("errorType", ""):  # of the runtime, or an import
        advice = ""
    if missing:
        packed = [*map(deployed, entries), *layers.modules]
        there = {name.split("/")[0].split(".")[0] for name in packed} | sys.stdlib_module_names
        advice = (
            f"Add the package that has {missing[1]} to the function's dependencies; if a layer "
            "brings it, name that with the option layers; if it is the project's own, name it with "
            "force-include. "
            if missing[1] not in there
            else ""
        )
    elif _NO_FILE.search(trace):
        advice = "If it is a file of the project, name it with the option force-include. "
    raise BuildError(
        f"{options.name} does not start:\n{trace}\n{advice}"
        "check = false, or --no-check, builds it without this start."
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _traceback(result: Attempt) -> Iterator[str]:
    """Yield the lines of the traceback that a function has reported, or of what it has written."""
    error = result.error
    if error:
        if trace := error.get("stackTrace"):
            yield "Traceback (most recent call last):"
            yield from (str(part).rstrip("\n") for part in trace)
        yield f"{error.get('errorType')}: {error.get('errorMessage')}"
        return
    yield from (line.rstrip("\n") for line in result.output[-_LINES:])
    if result.code is None:
        yield f"It has not asked for an invocation in {SECONDS} seconds."
    elif result.code < 0:
        yield f"Signal {-result.code} has ended it: {strsignal(-result.code)}."
    elif not result.code or not result.output:
        yield (
            f"It has ended with exit code {result.code}, and has not asked for an invocation: a "
            "program has to call lambda_runtime.run."
        )
