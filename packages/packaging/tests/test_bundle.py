"""The layout ``bundle``: an archive that needs nothing but the C library."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from hatch_lambda._elf import inspect, is_elf
from hatch_lambda._program import START

from .conftest import (
    MACHINE,
    PYTHON,
    Project,
    environ_of_this_machine,
    init_error,
    linux,
    names,
    of_this_machine,
    run,
    script,
    tool,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = linux
MB = 1_000_000
UNCHECKED_HASH = 0b01
RUN = ["-c", "from lambda_runtime import run; run()"]


def test_it_is_small(bundle: Path) -> None:
    assert bundle.stat().st_size <= 16 * MB


def test_it_has_the_function_its_dependencies_and_an_interpreter(bundle: Path) -> None:
    assert {
        "__main__.py",
        "event.json",
        "bootstrap",
        "lambda_runtime/__init__.py",
        f"interpreter/bin/python{PYTHON}",
        f"interpreter/lib/python{PYTHON}/os.py",
    } <= names(bundle)
    assert any(name.startswith("lambda_runtime-") for name in names(bundle))  # metadata


def test_what_lambda_never_uses_is_left_out(bundle: Path) -> None:
    def is_waste(name: str) -> bool:
        folders = set(name.split("/")[:-1])
        return bool(
            folders & {"test", "tests", "idlelib", "tkinter", "ensurepip", "site-packages"}
        ) or name.endswith((".pyi", ".c", ".h", ".pyx", ".a", "/direct_url.json", "/uv_cache.json"))

    assert [name for name in names(bundle) if is_waste(name)] == []


def test_only_programs_can_be_started(bundle: Path) -> None:
    with ZipFile(bundle) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["bootstrap"] == modes[f"interpreter/bin/python{PYTHON}"] == 0o100755
    assert modes["__main__.py"] == modes["lambda_runtime/__init__.py"] == 0o100644


def test_every_module_has_byte_code_that_is_not_compared_with_its_source(bundle: Path) -> None:
    compiled = {name for name in names(bundle) if name.endswith(".pyc")}
    tag = sys.implementation.cache_tag
    for name in names(bundle):
        if name.endswith(".py"):
            folder, _, file = name.rpartition("/")
            byte_code = f"{folder}/__pycache__/{file[:-3]}.{tag}.pyc".lstrip("/")
            assert byte_code in compiled, name
            compiled.remove(byte_code)
    assert compiled == set()
    with ZipFile(bundle) as archive:
        code = archive.read(f"__pycache__/__main__.{tag}.pyc")
    assert code[:4] == importlib.util.MAGIC_NUMBER
    assert struct.unpack_from("<I", code, 4) == (UNCHECKED_HASH,)
    assert b"/var/task/__main__.py" in code  # what stack traces show


def test_every_binary_is_for_the_function_and_has_no_symbols(unpacked: Path) -> None:
    binaries = [path for path in unpacked.rglob("*") if path.is_file() and is_elf(path)]
    assert {inspect(path).architecture for path in binaries} == {MACHINE}
    assert [path for path in binaries if b".symtab" in path.read_bytes()] == []


def test_the_interpreter_has_its_libraries_with_it(unpacked: Path) -> None:
    program = "import bz2, ctypes, hashlib, lzma, sqlite3, ssl, zlib, sys; print(sys.prefix)"
    home = unpacked / "interpreter"
    result = run(
        home / "bin" / f"python{PYTHON}",
        "-S",
        "-c",
        program,
        LD_LIBRARY_PATH=str(home / "lib" / "shared"),
    )
    assert (result.stdout, result.stderr) == (f"{home}\n", "")


# The modules that the README lists as left out of the standard library.
LEFT_OUT = {"ensurepip", "idlelib", "test", "tkinter", "turtle", "turtledemo", "_tkinter"}
IMPORT_ALL = """
import contextlib, importlib, io, json, sys
outcomes = {}
for name in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            importlib.import_module(name)
            outcomes[name] = "imported"
        except Exception as error:
            outcomes[name] = f"{type(error).__name__}: {error}"
print(json.dumps(outcomes))
"""


def test_the_whole_standard_library_is_there(unpacked: Path) -> None:
    modules = sorted(sys.stdlib_module_names - LEFT_OUT - {"antigravity"})  # opens a browser
    home = unpacked / "interpreter"

    def outcomes(python: Path, **environ: str) -> dict[str, str]:
        result = subprocess.run(
            [python, "-I", "-S", "-W", "ignore", "-c", IMPORT_ALL],
            input=json.dumps(modules),
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        return {str(name): str(outcome) for name, outcome in json.loads(result.stdout).items()}

    libraries = str(home / "lib" / "shared")
    program = Path("bin", f"python{PYTHON}")
    found = outcomes(home / program, LD_LIBRARY_PATH=libraries)
    assert found == outcomes(Path(sys.base_prefix, program))
    assert {found["_pyio"], found["pydoc_data"], found["venv"]} == {"imported"}


def test_no_module_of_the_standard_library_is_missing(bundle: Path) -> None:
    library = Path(sys.base_prefix, "lib", f"python{PYTHON}")
    ignored = {*LEFT_OUT, "site-packages", "__pycache__", "tests"}
    there = names(bundle)
    for path in library.rglob("*.py"):
        name = path.relative_to(library)
        if not ignored & {*name.parts, path.stem} and not name.parts[0].startswith("config-"):
            assert f"interpreter/lib/python{PYTHON}/{name.as_posix()}" in there


def test_the_same_inputs_are_the_same_bytes(
    clone: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Elsewhere, at another time, with other settings of the user's, and not by hatch."""
    again = tmp_path / "elsewhere" / "clone"
    shutil.copytree(clone, again, ignore=shutil.ignore_patterns("dist"))
    os.utime(again / "samples" / "hello" / "__main__.py", (1_000_000_000, 1_000_000_000))
    for name, value in environ_of_this_machine().items():
        monkeypatch.setenv(name, value)
    settings = {"TMPDIR": str(tmp_path / "elsewhere"), "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"}
    settings |= {"SOURCE_DATE_EPOCH": "1000000000", "HATCH_LAMBDA_CACHE": ""}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", None)
    mask = os.umask(0o077)
    try:
        archive = Project(again / "samples").build("hello")
    finally:
        os.umask(mask)
    assert archive.read_bytes() == bundle.read_bytes()


def start(task: Path, folder: Path, *arguments: str, **environ: str) -> list[str]:
    """Return what the bootstrap would start: a wrapper shows it instead of doing it."""
    show = script(folder / "show", '#!/bin/sh\nprintf "%s\\n" "$@"\n')
    wrapper = {"AWS_LAMBDA_EXEC_WRAPPER": str(show), "LAMBDA_TASK_ROOT": str(task)}
    result = run(task / "bootstrap", *arguments, **{**wrapper, **environ})
    assert result.stderr == ""
    return result.stdout.splitlines()


@pytest.mark.parametrize(
    ("handler", "program"),
    [
        ("app.handler", RUN),
        ("orders/app.handler", RUN),
        ("bootstrap", ["{task}/__main__.py"]),
        ("", ["{task}/__main__.py"]),
        ("program.py", ["{task}/program.py"]),
        ("orders/__main__.py", ["-c", *START.splitlines(), "{task}", "orders/__main__.py"]),
    ],
)
def test_the_bootstrap_serves_the_handler(
    unpacked: Path, tmp_path: Path, handler: str, program: list[str]
) -> None:
    python = f"{unpacked}/interpreter/bin/python{PYTHON}"
    expected = [python, "-s", "-B", *(part.replace("{task}", str(unpacked)) for part in program)]
    assert start(unpacked, tmp_path, _HANDLER=handler) == expected
    assert start(unpacked, tmp_path, handler) == expected  # the command of an image


@pytest.mark.parametrize(
    ("handler", "served"), [("app.handler", "app.handler"), ("", "__main__.py")]
)
def test_a_wrapper_is_told_the_handler_and_may_name_another(
    unpacked: Path, tmp_path: Path, handler: str, served: str
) -> None:
    """As OpenTelemetry's and Datadog's do: the runtime reads the variable when it starts."""
    show = script(tmp_path / "show", '#!/bin/sh\necho "$_HANDLER $*"\n')
    environ = {"AWS_LAMBDA_EXEC_WRAPPER": str(show), "LAMBDA_TASK_ROOT": str(unpacked)}
    words = run(unpacked / "bootstrap", _HANDLER=handler, **environ).stdout.split()
    assert words[0] == served
    assert handler not in words[1:]


def test_the_bootstrap_calls_a_wrapper_that_may_have_arguments(unpacked: Path) -> None:
    wrapper = "/bin/echo wrapped"
    result = run(
        unpacked / "bootstrap", AWS_LAMBDA_EXEC_WRAPPER=wrapper, LAMBDA_TASK_ROOT=str(unpacked)
    )
    assert result.stdout.startswith(f"wrapped {unpacked}/interpreter/bin/python")


def test_site_is_left_out_where_nothing_needs_it(unpacked: Path, tmp_path: Path) -> None:
    task = tmp_path / "task"
    task.mkdir()
    for name in ("bootstrap", "interpreter"):
        (task / name).symlink_to(unpacked / name)
    program = "import sys; print(sys.flags.no_site, sys.flags.dont_write_bytecode)\n"
    (task / "flags.py").write_text(program)
    environ = {"LAMBDA_TASK_ROOT": str(task), "_HANDLER": "flags.py"}
    assert run(task / "bootstrap", **environ).stdout == "1 1\n"
    agent = {"PYTHONPATH": str(tmp_path)}  # that of a monitoring agent has a sitecustomize
    assert run(task / "bootstrap", **environ, **agent).stdout == "0 1\n"


def test_a_bootstrap_without_an_interpreter_says_so(unpacked: Path, tmp_path: Path) -> None:
    result = run(unpacked / "bootstrap", LAMBDA_TASK_ROOT=str(tmp_path))
    assert result.returncode == 1
    assert f"there is no Python {PYTHON} in {tmp_path}/interpreter" in result.stderr
    assert "add the layer with the interpreter" in result.stderr


@pytest.mark.parametrize("shell", [["bash"], ["bash", "--posix"]], ids=" ".join)
def test_a_start_that_fails_is_told_to_the_runtime_api(
    unpacked: Path, tmp_path: Path, shell: list[str]
) -> None:
    task = tmp_path / "tâche"
    command = [tool(shell[0]), *shell[1:], str(unpacked / "bootstrap")]
    code, _, error = init_error(*command, LAMBDA_TASK_ROOT=str(task))
    assert code == 1
    assert error["errorMessage"].startswith(f"bootstrap: there is no Python {PYTHON} in {task}/")


@pytest.mark.parametrize("shell", [["bash"], ["bash", "--posix"]], ids=" ".join)
def test_a_bootstrap_of_another_machine_says_so(
    unpacked: Path, tmp_path: Path, shell: list[str]
) -> None:
    program = tmp_path / "interpreter" / "bin" / f"python{PYTHON}"
    program.parent.mkdir(parents=True)
    script(program, "\x7fELF and nothing else")
    command = [tool(shell[0]), *shell[1:], str(unpacked / "bootstrap")]
    code, log, error = init_error(*command, LAMBDA_TASK_ROOT=str(tmp_path))
    assert code == 126
    assert f"{program} cannot be started: the archive is for {MACHINE} with glibc" in log
    assert "cannot be started" in error["errorMessage"]


def test_a_wrapper_that_is_not_there_is_named(unpacked: Path, tmp_path: Path) -> None:
    environ = {
        "AWS_LAMBDA_EXEC_WRAPPER": f"{tmp_path}/agent --option",
        "LAMBDA_TASK_ROOT": str(unpacked),
    }
    result = run(unpacked / "bootstrap", **environ)
    assert result.returncode == 127
    assert f"there is no program {tmp_path}/agent: is the layer missing" in result.stderr
    assert "glibc" not in result.stderr


def test_a_file_that_two_parts_have_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    colliding = project(
        of_this_machine(layout="wrapper")
        + "\nwithout = ['aiohttp']\ninclude = ['app.py', 'ujson*']"
    )
    (installed,) = [
        name
        for name in names(colliding.build())
        if name.startswith("ujson") and name.endswith(".so")
    ]
    colliding.write(installed, "mine")
    with pytest.raises(SystemExit):
        colliding.build()
    assert f"{installed} belongs to" in capfd.readouterr().err


def test_a_symbolic_link_is_followed(project: Callable[..., Project]) -> None:
    options = "\nparts = ['function']\ninclude = ['*.py', '*.txt']"
    linked = project(of_this_machine(layout="wrapper") + options, lock=False)
    target = linked.write("real.txt", "text")
    Path(linked.folder / "link.txt").symlink_to(target)
    with ZipFile(linked.build()) as archive:
        assert archive.read("link.txt") == b"text"
