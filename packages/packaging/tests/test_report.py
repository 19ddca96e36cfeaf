"""``--report``: what parts weigh, and what their imports take."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .conftest import MACHINE, OTHER_MACHINE, PYTHON, linux, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project


def report(project: Project) -> tuple[str, str]:
    command = [sys.executable, "-m", "hatch_lambda", "--report", "--project", str(project.folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout, result.stderr


def options(machine: str = MACHINE) -> str:
    return f"layout = 'wrapper'\narchitecture = {machine!r}"


@linux
@pytest.mark.parametrize("handler", ["app.handler", "program.py"])
def test_it_says_what_a_cold_start_imports(
    project: Callable[..., Project], handler: str, tmp_path: Path
) -> None:
    shared = {name: {f"space/{name}/__init__.py": b""} for name in ("first", "middle", "unused")}
    wheels = {name: make_wheel(tmp_path, name, files) for name, files in shared.items()}
    function = project(
        options() + f"\nhandler = {handler!r}\ninclude = ['*.py']",
        dependencies=tuple(wheels),
        sources={name: f'{{ path = "{path}" }}' for name, path in wheels.items()},
    )
    function.write("app.py", "import space.first, space.middle\nhandler = print\n")
    function.write("program.py", "import app\nfrom lambda_runtime import run\nrun(app.handler)\n")
    paths, text = report(function)
    assert paths == f"{function.folder}/dist/hello.zip\n"
    assert text.startswith(f"hello: wrapper for Python {PYTHON} on {MACHINE}")
    sizes, imports, unused = text.split("\n\n")[1:]
    assert sizes.splitlines()[0].split() == ["what", "files", "unzipped", "zipped"]
    assert {"aiohttp", "lambda_runtime", "function", "all"} <= {
        line.split()[0] for line in sizes.splitlines()
    }
    assert {"lambda_runtime", "function", "Python's"} <= {
        line.split()[0] for line in imports.splitlines()
    }
    assert "to the first poll" in imports
    dropped = {line.split()[0] for line in unused.splitlines()[1:]}
    assert "aiohttp" in dropped  # a `def` handler does not load it
    assert not {"lambda_runtime", "lambda_logging", "function", "hello"} & dropped
    assert {"first", "middle", "unused"} & dropped == {"unused"}  # of one namespace
    # One line for each that may be left out, with what nothing else needs.
    (along,) = (line for line in unused.splitlines() if "aiosignal" in line)
    assert along.startswith("  with ")
    assert {"multidict,", "yarl", "frozenlist,", "propcache,", "attrs,"} <= set(along.split())


@linux
def test_a_function_that_does_not_start_says_why(project: Callable[..., Project]) -> None:
    function = project(options() + "\nwithout = ['aiohttp']\ncheck = false")
    function.write("app.py", "handler = print\nraise ValueError('no table')\n")
    _, text = report(function)
    assert "Import times are not measured: it does not start here." in text
    assert "ValueError: no table" in text


def test_for_another_machine_there_are_only_sizes(project: Callable[..., Project]) -> None:
    _, text = report(project(options(OTHER_MACHINE) + "\nwithout = ['aiohttp']"))
    assert f"not measured: this machine cannot run programs for {OTHER_MACHINE}." in text
    assert f"hello: not started: this machine cannot run programs for {OTHER_MACHINE}" in text


def test_a_part_of_a_function_is_not_started(project: Callable[..., Project]) -> None:
    _, text = report(project(options() + "\nparts = ['function']", lock=False))
    assert "not measured: the archive holds only a part of the function." in text


def test_what_was_left_out_has_a_line_for_each_folder_and_kind(
    project: Callable[..., Project], universal: Path
) -> None:
    function = project(
        options() + "\nwithout = ['aiohttp']\ndrop = ['*.txt']",
        dependencies=("universal",),
        sources={"universal": f'{{ path = "{universal}" }}'},
    )
    _, text = report(function)
    lines = {" ".join(line.split()) for line in text.splitlines()}
    assert "left out files unzipped kind" in lines
    assert {
        "universal: universal/tests/ 2 1.0 KiB tests",
        "universal: universal/*.pyi 1 0.5 KiB type stubs",
        "universal: universal/*.txt 1 0.0 KiB option drop",
        "all: py.typed 2 0.0 KiB markers for type checkers and installers",
        f"universal: universal/bin/{OTHER_MACHINE}/tool 1 0.1 KiB binaries for {OTHER_MACHINE}",
        "universal: universal/bin/macos/tool 1 0.0 KiB binaries for macOS",
    } <= lines
