"""A build writes its results whole, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hatch_lambda._archive import Entry, lay_out, write
from hatch_lambda._output import whole

from .conftest import MACHINE, linux, names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project


@pytest.mark.parametrize("target", ["a.zip", "folder"])
def test_what_fails_leaves_what_was_there(tmp_path: Path, target: str) -> None:
    make = write if target == "a.zip" else lay_out
    path = tmp_path / "source"
    path.write_text("one", "utf-8")
    there, missing = Entry(path, "function"), Entry(tmp_path / "missing", "function")
    (tmp_path / "dist").mkdir()
    make(tmp_path / "dist" / target, {"one": there})
    with pytest.raises(FileNotFoundError):
        make(tmp_path / "dist" / target, {"one": there, "two": missing})
    with suppress(KeyboardInterrupt), whole(tmp_path / "dist" / target) as made:
        made.write_text("a part", "utf-8")
        raise KeyboardInterrupt
    (kept,) = (tmp_path / "dist").iterdir()
    assert kept.name == target
    assert (names(kept) if kept.is_file() else {each.name for each in kept.iterdir()}) == {"one"}


def test_builds_at_the_same_time_leave_one_whole_folder(tmp_path: Path) -> None:
    def build(number: int) -> None:
        for _ in range(20):
            with whole(tmp_path / "image") as folder:
                folder.mkdir()
                for name in ("one", "two"):
                    (folder / name).write_text(str(number), "utf-8")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(build, range(4)))
    one, two = sorted((tmp_path / "image").iterdir())
    assert one.read_text("utf-8") == two.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [tmp_path / "image"]


@linux
def test_an_interrupt_ends_what_has_begun(project: Callable[..., Project], tmp_path: Path) -> None:
    """A function whose start takes long is ended; neither files nor processes are left."""
    function = project(
        f"layout = 'wrapper'\narchitecture = {MACHINE!r}\nhandler = 'main.py'\n"
        "parts = ['function']\nlayers = ['layer']",
        lock=False,
    )
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    function.write("layer/python/one.py", "")
    function.write(
        "main.py",
        f"import os, time\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n",
    )
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "hatchling", "build", "-t", "lambda"],
        cwd=function.folder,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as build:
        started = int(begun.read_text("utf-8"))
        build.terminate()
    assert build.returncode == 128 + signal.SIGTERM
    assert not any((tmp_path / "tmp").iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)
    assert not any((function.folder / "dist").glob(".hello*"))
