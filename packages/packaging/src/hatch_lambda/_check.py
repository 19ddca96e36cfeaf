"""A start of what was built, in the archive's own layout, as far as this machine can run it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from ._start import SECONDS, Attempt, arguments, attempt
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._archive import Entry
    from ._options import Options

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: what managed runtimes bring.
MANAGED = {
    *("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"),
    *("awslambdaric", "simplejson", "snapshot_restore_py"),
}
_LINES = 40
_MISSING = re.compile(r"No module named '(\w+)")


class Checks:
    """Starts functions side by side, while others are built.

    Args:
        work: A folder for what is started.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2))
        self._running: list[tuple[Future[str], Callable[[], None]]] = []

    def start(
        self,
        options: Options,
        entries: Mapping[str, Entry],
        python: Path,
        discard: Callable[[], None],
    ) -> None:
        """Begin to start a function.

        Args:
            options: The options.
            entries: The files of its archive.
            python: A Python of its version that runs here.
            discard: Called if it does not start.
        """
        folder = Path(mkdtemp(prefix="check-", dir=self._work))
        future = self._pool.submit(check, options, entries, python, folder)
        self._running.append((future, discard))

    def results(self) -> list[str]:
        """Wait for all, and return a sentence for each.

        Raises:
            BuildError: Some do not start; the message has the traceback of each.
        """
        sentences: list[str] = []
        failures: list[str] = []
        for future, discard in self._running:
            try:
                sentences.append(future.result())
            except BuildError as error:
                discard()
                failures.append(str(error))
        if failures:
            raise BuildError("\n\n".join(failures))
        return sentences

    def close(self) -> None:
        """Let what has begun come to its end, and begin no more."""
        self._pool.shutdown(cancel_futures=True)


def why_not(options: Options) -> str | None:
    """Return why a function cannot be started on this machine, or None.

    Args:
        options: The options, with the target.
    """
    if not {"dependencies", "function"} <= set(options.parts):
        return "the archive holds only a part of the function"
    if options.layout == "function":
        return "the runtime that starts the function is not in its archive"
    here = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    if sys.platform != "linux" or here != options.architecture:
        return f"this machine cannot run programs for {options.architecture}"
    name, version = platform.libc_ver()
    if name != "glibc" or _version(version) < _version(options.glibc):
        return f"it may need glibc {options.glibc}, and this machine has {name} {version}"
    return None


def check(options: Options, entries: Mapping[str, Entry], python: Path, folder: Path) -> str:
    """Start a function as Lambda does, up to its first request for an invocation.

    Args:
        options: The options.
        entries: The files of its archive.
        python: A Python of its version that runs here.
        folder: An empty folder.

    Returns:
        A sentence about the start.

    Raises:
        BuildError: It does not start; the message has its traceback.
    """
    task = folder / "task"
    task.mkdir()
    interpreter = entries.get(f"interpreter/bin/python{options.minor}")
    if interpreter:
        (task / "interpreter").symlink_to(interpreter.path.parents[1])
    lay_out_task(entries, task)
    handler = options.handler or ""
    if (task / "wrapper").exists():
        bare = _bare_python(python, options, folder / "python")
        command: list[str | Path] = [task / "wrapper", bare, "/var/runtime/bootstrap.py"]
    elif (task / "bootstrap").exists():
        if not (task / "interpreter").exists():  # which a layer brings
            _bare_python(python, options, task / "interpreter")
        command = [task / "bootstrap"]
    else:
        bare = _bare_python(python, options, folder / "python")
        command = [bare, *arguments(task, handler)]
    own = {"AWS_LAMBDA_FUNCTION_NAME": options.name, "_HANDLER": handler}
    result = attempt(command, task, own | dict(options.environment))
    if result.milliseconds is not None:
        return f"{options.name}: starts here, in {result.milliseconds:.0f} ms"
    trace = "\n".join(_traceback(result)).replace(str(task), "/var/task")
    missing = _MISSING.search(trace)
    if options.runtime.startswith("python") and missing and missing[1] in MANAGED:
        return f"{options.name}: not started: it needs {missing[1]}, which {options.runtime} has"
    layer = (
        f"The option without leaves out {', '.join(options.without)}: if a layer brings "
        f"{missing[1]}, build with check = false.\n"
        if missing and options.without
        else ""
    )
    raise BuildError(
        f"{options.name} does not start:\n{trace}\n{layer}"
        "Put the variables that it needs into the option environment, or set them for the build. "
        "check = false, or --no-check, builds it without this start."
    )


def deployed(name: str) -> str:
    """Return the name of a file in Lambda; an image's build context has folders for its layers."""
    return name.removeprefix("dependencies/").removeprefix("function/")


def lay_out_task(entries: Mapping[str, Entry], task: Path) -> None:
    """Put the files of an archive, but for its interpreter, where they are in Lambda.

    Args:
        entries: The files of the archive.
        task: The folder that stands for ``/var/task``.
    """
    files = {
        task / deployed(name): entry
        for name, entry in entries.items()
        if not name.startswith("interpreter/")
    }
    for folder in {path.parent for path in files}:
        folder.mkdir(parents=True, exist_ok=True)
    for path, entry in files.items():
        _place(entry, path)


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _place(entry: Entry, path: Path) -> None:
    if entry.group != "function":
        try:
            path.hardlink_to(entry.path)
        except OSError:  # another file system
            pass
        else:
            return
    shutil.copyfile(entry.path, path)
    path.chmod(entry.mode)


def _bare_python(python: Path, options: Options, folder: Path) -> Path:
    """Make an environment of a Python that has the standard library and nothing else."""
    program = folder / "bin" / f"python{options.minor}"
    program.parent.mkdir(parents=True)
    program.symlink_to(python.resolve())
    home = f"home = {python.resolve().parent}\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(home, "utf-8")
    return program


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
    elif not result.code or not result.output:
        yield (
            f"It has ended with exit code {result.code}, and has not asked for an invocation: a "
            "program has to call lambda_runtime.run."
        )
