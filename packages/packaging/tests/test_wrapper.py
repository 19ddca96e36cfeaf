"""The layout ``wrapper``: for managed runtimes, which have a Python."""

from __future__ import annotations

import marshal
import sys
from pathlib import Path

import pytest

from hatch_lambda._elf import inspect, is_elf
from hatch_lambda._start import measure

from .conftest import (
    MACHINE,
    OTHER_MACHINE,
    PYTHON,
    linux,
    make_project,
    names,
    run,
    script,
    shared,
    unpack,
)

MB = 1_000_000


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> dict[str, Path]:
    """Build the same function for both architectures."""
    tables = [
        f"[tool.hatch.build.targets.lambda.functions.{machine}]\narchitecture = {machine!r}"
        for machine in ("x86_64", "arm64")
    ]

    def build(folder: Path) -> None:
        project = make_project(folder, wheels, "\n".join(["layout = 'wrapper'", *tables]))
        for machine in ("x86_64", "arm64"):
            project.build(machine)

    folder = shared(tmp_path_factory, "wrapper", build)
    return {machine: folder / "dist" / f"{machine}.zip" for machine in ("x86_64", "arm64")}


@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_it_is_small(built: dict[str, Path], machine: str) -> None:
    assert built[machine].stat().st_size <= 2.5 * MB


@linux
def test_it_is_tiny_without_what_it_does_not_import(samples: Path) -> None:
    """It has neither aiohttp nor what aiohttp brings, nor docstrings that nothing reads."""
    archive = samples / "hello.zip"
    assert archive.stat().st_size < 0.5 * MB
    assert not {"aiohttp", "attr", "multidict", "yarl"} & {
        name.split("/")[0] for name in names(archive)
    }


@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_binaries_are_of_its_architecture(
    built: dict[str, Path], machine: str, tmp_path: Path
) -> None:
    files = unpack(built[machine], tmp_path).rglob("*")
    binaries = [path for path in files if path.is_file() and is_elf(path)]
    assert {inspect(path).architecture for path in binaries} == {machine}


def test_modules_are_the_same_on_both(built: dict[str, Path]) -> None:
    modules = [
        {name for name in names(archive) if name.endswith((".py", ".pyc"))}
        for archive in built.values()
    ]
    assert modules[0] == modules[1]
    assert not any(name.startswith("interpreter/") for name in names(built["arm64"]))


@pytest.mark.parametrize(
    ("handler", "program"),
    [
        ("app.handler", ["-c", "from lambda_runtime import run; run()"]),
        ("__main__.py", ["{task}/__main__.py"]),
        ("program.py", ["{task}/program.py"]),
    ],
)
def test_the_wrapper_starts_this_runtime_with_lambdas_python(
    built: dict[str, Path], tmp_path: Path, handler: str, program: list[str]
) -> None:
    task = unpack(built[OTHER_MACHINE], tmp_path / "task")
    python = script(tmp_path / "python", '#!/bin/sh\nprintf "%s\\n" "$PYTHONPATH" "$@"\n')
    environ = {"LAMBDA_TASK_ROOT": str(task), "_HANDLER": handler, "PYTHONPATH": "/var/runtime"}
    result = run(task / "wrapper", python, "/var/runtime/bootstrap.py", **environ)
    assert result.stdout.splitlines() == [
        f"/opt/python/lib/python{PYTHON}/site-packages:/opt/python:/var/runtime",
        *(part.format(task=task) for part in program),
    ]


def test_only_the_functions_own_code_has_columns(built: dict[str, Path], tmp_path: Path) -> None:
    task = unpack(built[MACHINE], tmp_path / "task")
    tag = f"cpython-{PYTHON.replace('.', '')}"

    def columns(module: str, cache: str) -> set[int | None]:
        code = marshal.loads((task / cache / f"{module}.{tag}.pyc").read_bytes()[16:])
        lines = [*code.co_positions()]
        assert {line for line, *_ in lines} - {None}
        return {column for _, _, column, _ in lines}

    assert columns("_run", "lambda_runtime/__pycache__") == {None}
    assert columns("app", "__pycache__") - {None}


@linux
def test_it_starts(built: dict[str, Path], tmp_path: Path) -> None:
    """It asks for an invocation, and loads what is in the archive."""
    task = unpack(built[MACHINE], tmp_path / "task")
    start = measure(Path(sys.executable), task, "app.handler")
    assert {"lambda_runtime", "app"} <= start.imports.keys()


def test_a_wrapper_for_another_python_says_so(built: dict[str, Path], tmp_path: Path) -> None:
    task = unpack(built[MACHINE], tmp_path / "task")
    python = script(tmp_path / "python3.99", "#!/bin/sh\necho started\n")
    result = run(task / "wrapper", python, "/var/runtime/bootstrap.py", LAMBDA_TASK_ROOT=str(task))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"wrapper: the archive is for Python {PYTHON}, and this is python3.99" in result.stderr
    python = script(tmp_path / f"python{PYTHON}", "#!/bin/sh\necho started\n")
    assert run(task / "wrapper", python, LAMBDA_TASK_ROOT=str(task)).stdout == "started\n"
