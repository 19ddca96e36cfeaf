"""A bundle in a root file system without any Python, under AWS's own emulator."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from .conftest import PYTHON, linux, unpack
from .rie import invoke, serve

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = linux


@pytest.fixture
def root(unpacked: Path, system: Path) -> Path:
    """Add the bundle to a file system."""
    shutil.copytree(unpacked, system / "var" / "task")
    return system


def test_it_serves_invocations_where_there_is_no_python(root: Path) -> None:
    pythons = [
        path for path in root.rglob("python*") if path.is_file() and os.access(path, os.X_OK)
    ]
    assert pythons == [root / "var" / "task" / "interpreter" / "bin" / f"python{PYTHON}"]
    with serve(root) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})
        assert invoke(port, {"name": "Żaneta ☃"}) == (200, {"message": "Hello Żaneta ☃!"})


def test_a_module_of_the_function_that_is_missing_is_reported(root: Path) -> None:
    with serve(root, _HANDLER="missing.handler") as port:
        status, error = invoke(port, {})
    assert status == 502
    assert error["errorType"] == "Runtime.ImportModuleError"


def test_an_interpreter_that_is_missing_is_reported(root: Path) -> None:
    (root / "var" / "task" / "interpreter").rename(root / "elsewhere")
    with serve(root) as port:
        try:
            _, error = invoke(port, {})
        except ValueError:  # AWS's emulator answers nothing if the process ends too soon for it
            _, error = invoke(port, {})
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert f"there is no Python {PYTHON} in /var/task/interpreter" in error["errorMessage"]


def test_interpreter_and_dependencies_may_be_in_layers(root: Path) -> None:
    task, layers = root / "var" / "task", root / "opt"
    (layers / "python").mkdir(parents=True)
    (task / "interpreter").rename(layers / "interpreter")
    for path in list(task.iterdir()):
        if path.name not in {"__main__.py", "bootstrap"}:
            path.rename(layers / "python" / path.name)
    with serve(root) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})


def test_a_wrapper_takes_the_place_of_the_managed_runtime(root: Path, samples: Path) -> None:
    task, python = root / "var" / "task", root / "var" / "lang"
    (task / "interpreter").rename(python)
    shutil.rmtree(task)
    unpack(samples / "hello.zip", task)
    command = ("/var/task/wrapper", f"/var/lang/bin/python{PYTHON}", "/var/runtime/bootstrap.py")
    environ = {
        "LD_LIBRARY_PATH": "/lib64:/var/lang/lib/shared",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_HANDLER": "__main__.py",
    }
    with serve(root, *command, **environ) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})
