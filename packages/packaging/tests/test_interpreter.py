"""The interpreter: its source, and the checks that it can run in Lambda."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import BuildError, Options
from hatch_lambda._interpreter import find

from .conftest import MACHINE, OTHER_MACHINE, PYTHON, linux, names, of_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project

pytestmark = linux
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


def options(**table: object) -> Options:
    table = {"handler": "app.handler", "python": PYTHON, **table}
    return Options.parse(table, {}, name="f", project=Path.cwd())


def test_a_folder_without_a_python_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=f"holds no Python {PYTHON}: it has no bin/python{PYTHON}"):
        find(options(interpreter=str(tmp_path)), tmp_path)


def test_a_wrong_folder_is_an_error_where_the_python_only_compiles(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        project("layout = 'wrapper'\ninterpreter = 'nowhere'", lock=False).build()
    assert f"nowhere holds no Python {PYTHON}" in capfd.readouterr().err


def test_a_python_of_another_architecture_is_an_error(tmp_path: Path) -> None:
    wrong = options(interpreter=sys.base_prefix, architecture=OTHER_MACHINE)
    with pytest.raises(BuildError, match=f"is {MACHINE}, and the function's architecture is"):
        find(wrong, tmp_path)


def test_a_python_that_needs_a_newer_c_library_is_an_error(
    project: Callable[..., Project], small_python: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = of_this_machine(small_python, glibc="2.2") + "\nparts = ['interpreter']"
    function = project(options, lock=False)
    with pytest.raises(SystemExit):
        function.build()
    error = capfd.readouterr().err
    assert "needs glibc 2." in error
    assert "provided.al2023 has 2.2: it would not start there" in error
    assert "interpreter that uv manages" in error


def test_an_interpreter_that_cannot_compile_is_an_error(
    project: Callable[..., Project],
    small_python: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is what compiles, also for the layout that leaves it at home."""
    monkeypatch.setenv("HATCH_LAMBDA_CACHE", "")
    broken = tmp_path / "python"
    shutil.copytree(small_python, broken)
    (broken / "lib" / f"python{PYTHON}" / "py_compile.py").unlink()
    options = of_this_machine(broken, layout="wrapper") + "\nparts = ['function']"
    with pytest.raises(SystemExit):
        project(options, lock=False).build()
    error = capfd.readouterr().err
    assert f"bin/python{PYTHON} cannot compile the modules" in error
    assert "No module named 'py_compile'" in error


def test_a_copy_of_a_python_finds_its_own_shared_library(
    project: Callable[..., Project], small_python: Path, tmp_path: Path
) -> None:
    """Such a program looks where it was built to be, and that may be gone."""
    moved = tmp_path / "python"
    shutil.copytree(small_python, moved)
    program = moved / "bin" / f"python{PYTHON}"
    built_for = str(Path(sys.base_prefix, "lib")).encode()
    program.write_bytes(program.read_bytes().replace(built_for, b"/" + b"x" * (len(built_for) - 1)))
    options = of_this_machine(moved, layout="wrapper") + "\nparts = ['function']"
    function = project(options, lock=False)
    assert f"__pycache__/app.{sys.implementation.cache_tag}.pyc" in names(function.build())


def test_for_another_machine_a_python_of_this_one_compiles(
    project: Callable[..., Project], small_python: Path
) -> None:
    options = of_this_machine(small_python, layout="wrapper", architecture=OTHER_MACHINE)
    function = project(options + "\nparts = ['function']", lock=False)
    assert f"__pycache__/app.{sys.implementation.cache_tag}.pyc" in names(function.build())


def mirror(folder: Path, machine: str) -> Path:
    """Offer a Python for uv to download: an archive of what `find` looks at, and its index."""
    home = folder / "python"
    (home / "bin").mkdir(parents=True)
    (home / "lib" / f"python{PYTHON}").mkdir(parents=True)
    program = bytearray(Path(sys.executable).resolve().read_bytes()[:64])
    program[18:20] = {"x86_64": b"\x3e\x00", "arm64": b"\xb7\x00"}[machine]
    program[32:64] = bytes(32)  # no segments, no sections
    (home / "bin" / f"python{PYTHON}").write_bytes(program)
    (home / "bin" / f"python{PYTHON}").chmod(0o755)
    library = home / "lib" / f"python{PYTHON}"
    (library / "os.py").touch()
    data = f"_sysconfigdata__linux_{MACHINES[machine]}-linux-gnu.py"  # uv puts its own paths there
    (library / data).write_text(
        "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"
    )
    archive = folder / "python.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(home, "python")
    major, minor = PYTHON.split(".")
    key = f"cpython-{PYTHON}.99-linux-{MACHINES[machine]}-gnu"
    index = {
        "name": "cpython",
        "arch": {"family": MACHINES[machine], "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": int(major),
        "minor": int(minor),
        "patch": 99,
        "prerelease": "",
        "url": archive.as_uri(),
        "sha256": None,
        "variant": None,
        "build": "20260101",
    }
    path = folder / "downloads.json"
    path.write_text(json.dumps({key: index}), "utf-8")
    return path


def test_uv_installs_an_interpreter_for_another_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(mirror(tmp_path, OTHER_MACHINE)))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "managed"))
    found = find(options(architecture=OTHER_MACHINE), tmp_path)
    assert found.parent == tmp_path / "managed"
    assert found.name == f"cpython-{PYTHON}.99-linux-{MACHINES[OTHER_MACHINE]}-gnu"


def test_a_download_that_fails_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = mirror(tmp_path, OTHER_MACHINE)
    (tmp_path / "python.tar.gz").unlink()
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(index))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "managed"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(BuildError, match="uv cannot install cpython-") as error:
        find(options(architecture=OTHER_MACHINE), tmp_path)
    assert "HATCH_LAMBDA_INTERPRETER" in str(error.value)
    shutil.rmtree(tmp_path / "managed", ignore_errors=True)
