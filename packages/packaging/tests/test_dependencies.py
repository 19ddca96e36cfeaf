"""The choice of dependencies to install, and the errors for those that cannot be installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from .conftest import ELF_MACHINES, OTHER_MACHINE, PYTHON, elf, make_wheel, names, uv

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project

OPTIONS = "layout = 'wrapper'\ncheck = false"
SMALL = f"{OPTIONS}\nwithout = ['aiohttp']"


def distributions(archive: Path) -> set[str]:
    return {name.split("-")[0] for name in names(archive) if name.endswith(".dist-info/METADATA")}


def failure(project: Project, capfd: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as exit_:
        project.build()
    assert exit_.value.code == 1
    error = capfd.readouterr().err
    assert error.startswith("hatch-lambda: ")
    return error


def test_versions_are_those_of_the_lock(project: Callable[..., Project]) -> None:
    locked = project(SMALL, dependencies=("idna",))
    uv("lock", "--quiet", "--upgrade-package", "idna==3.7", cwd=locked.folder)
    with ZipFile(locked.build()) as archive:
        assert "idna-3.7.dist-info/METADATA" in archive.namelist()


def test_without_a_lock_the_projects_requirements_count(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    unlocked = project(OPTIONS, lock=False)
    unlocked.write("poetry.lock", "")
    requirements = unlocked.folder / "pyproject.toml"
    # Sources are uv's, for projects that it locks; without them the wheels are named directly.
    text = requirements.read_text("utf-8")
    for line in text.splitlines():
        name, _, path = line.partition(' = { path = "')
        if path:
            wheel = path.removesuffix('" }')
            text = text.replace(f"'{name}'", f"'{name} @ file://{wheel}'").replace(f"{line}\n", "")
    requirements.write_text(text + "\n[tool.hatch.metadata]\nallow-direct-references = true\n")
    assert {"lambda_runtime", "aiohttp"} <= distributions(unlocked.build())
    log = capfd.readouterr().err
    assert "hatch-lambda: poetry.lock is not read, and there is no uv.lock: the archive" in log
    assert "run `poetry export --output requirements.txt`, and name that file" in log


def test_the_lock_is_read_without_looking_for_a_python(
    project: Callable[..., Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = project(SMALL)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "pythons"))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    assert "lambda_runtime" in distributions(locked.build())


def test_a_lock_that_is_out_of_date_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    stale = project(OPTIONS)
    path = stale.folder / "pyproject.toml"
    path.write_text(
        path.read_text("utf-8").replace("'lambda-logging'", "'lambda-logging', 'attrs'")
    )
    error = failure(stale, capfd)
    assert "cannot be read from the lock file" in error
    assert "uv lock" in error


def test_a_dependency_without_a_wheel_is_named(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    error = failure(project(OPTIONS, dependencies=("uwsgi",)), capfd)
    assert f"uwsgi has no wheel for Python {PYTHON} on x86_64 with glibc" in error
    assert "without = ['uwsgi']" in error


@pytest.mark.parametrize("tag", [f"cp{PYTHON.replace('.', '')}", "cp310"])
def test_a_path_to_a_wheel_for_another_system_is_named(
    tag: str,
    project: Callable[..., Project],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As is the wheel of a package in the source tree that has compiled modules."""
    monkeypatch.setenv("COLUMNS", "40")
    name = f"compiled-1-{tag}-{tag}-linux_s390x.whl"
    make_wheel(tmp_path, "compiled", {"compiled.py": b""}).rename(tmp_path / name)
    wrong = project(OPTIONS, lock=False)
    toml = wrong.folder / "pyproject.toml"
    requirement = f"'compiled @ file://{tmp_path / name}', 'lambda-runtime'"
    toml.write_text(toml.read_text("utf-8").replace("'lambda-runtime'", requirement), "utf-8")
    assert "compiled has no wheel for Python" in failure(wrong, capfd)


def test_a_module_that_a_package_hides_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    hidden = project(f"{SMALL}\nhandler = 'lambda_runtime.handler'")
    hidden.write("lambda_runtime.py", "handler = print\n")
    assert "lambda_runtime.py is hidden by a package of the dependencies" in failure(hidden, capfd)


def test_extras_groups_and_what_is_left_out(project: Callable[..., Project]) -> None:
    more = "[project.optional-dependencies]\nextra = ['cattrs']\n"
    more += "[dependency-groups]\nsome = ['yarl']\ndev = ['structlog']\n"
    chosen = "\nextras = ['extra']\ngroups = ['some']\nwithout = ['aiohttp']"
    installed = distributions(project(OPTIONS + chosen, more=more).build())
    assert {"cattrs", "yarl", "lambda_runtime"} <= installed
    assert not {"aiohttp", "frozenlist", "structlog"} & installed


def test_an_extra_that_is_not_there_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    assert "no extra 'nothing'" in failure(project(OPTIONS + "\nextras = ['nothing']"), capfd)


def test_a_package_of_the_same_source_tree_is_built(project: Callable[..., Project]) -> None:
    nearby = project(
        SMALL, dependencies=("nearby",), sources={"nearby": '{ path = "nearby" }'}, lock=False
    )
    nearby.write(
        "nearby/pyproject.toml",
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[project]\nname = 'nearby'\nversion = '1'\n"
        "[project.entry-points.group]\nname = 'nearby:value'\n",
    )
    nearby.write("nearby/nearby.py", "value = 1\n")
    assert uv("lock", "--quiet", cwd=nearby.folder).returncode == 0
    archive = nearby.build()
    with ZipFile(archive) as file:
        record = file.read("nearby-1.dist-info/RECORD").decode()
        entry_points = file.read("nearby-1.dist-info/entry_points.txt").decode()
    assert "nearby.py" in names(archive)
    assert entry_points == "[group]\nname = nearby:value\n"
    # No path of this machine, and no file that is not there.
    assert {line.split(",")[0] for line in record.splitlines()} <= names(archive)


def test_a_runtime_is_needed(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    error = failure(project(OPTIONS + "\nwithout = ['lambda-runtime']"), capfd)
    assert "uv add lambda-runtime" in error


def test_a_binary_for_another_machine_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    foreign = project(SMALL + "\ninclude = ['*']\nexclude = ['dist']")
    elf = bytearray(64)
    elf[:20] = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xf3\x00"  # RISC-V
    (foreign.folder / "tool").write_bytes(elf)
    error = failure(foreign, capfd)
    assert "tool, of function, is for EM_RISCV, and the function is for x86_64" in error
    assert "drop = ['tool']" in error


@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_of_binaries_for_several_machines_those_of_others_are_left_out(
    project: Callable[..., Project], universal: Path, machine: str
) -> None:
    options = f"{SMALL}\narchitecture = {machine!r}\nparts = ['dependencies']"
    function = project(
        options,
        dependencies=("universal",),
        sources={"universal": f'{{ path = "{universal}" }}'},
    )
    archive = function.build()
    found = {name for name in names(archive) if name.startswith(("universal/bin", "universal/net"))}
    assert found == {
        f"universal/bin/{machine}/tool",
        "universal/bin/filter.o",
        "universal/net/managed.dll",
    }
    with ZipFile(archive) as file:
        machines = {
            int.from_bytes(data[18:20], "little")
            for name in file.namelist()
            if (data := file.read(name)).startswith(b"\x7fELF")
        }
    assert machines == {ELF_MACHINES[machine], ELF_MACHINES["BPF"]}


def test_a_single_binary_for_another_machine_is_the_wrong_one(
    project: Callable[..., Project], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = elf("arm64")
    files = {"wrong/tool": other, "wrong/a [1]/tool": other, "wrong/notes/tool/a.txt": b""}
    wheel = make_wheel(tmp_path, "wrong", files)
    function = project(
        OPTIONS + "\nparts = ['dependencies']",
        dependencies=("wrong",),
        sources={"wrong": f'{{ path = "{wheel}" }}'},
    )
    error = failure(function, capfd)
    assert "tool, of wrong, is for arm64, and the function is for x86_64. So are 1 more." in error
    assert r"drop = ['/wrong/a\\ \\[1\\]/tool', '/wrong/tool']" in error


def test_programs_beside_the_function_stay_as_they_are(project: Callable[..., Project]) -> None:
    options = f"{OPTIONS}\nglibc = '2.99'\nparts = ['function']\ninclude = ['app.py', 'bin/']"
    function = project(options, lock=False)
    files = {
        "bin/here": Path(sys.executable).resolve().read_bytes(),
        "bin/there": elf(OTHER_MACHINE, b"a program in a program"),
        "bin/tests/case.pyi": b"mine",
    }
    for name, data in files.items():
        function.write(name, "").write_bytes(data)
    with ZipFile(function.build()) as archive:
        assert {name: archive.read(name) for name in files} == files


def test_a_version_that_the_project_does_not_take_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    newer = project("python = '3.13'", lock=False)
    path = newer.folder / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace(">=3.11", ">=3.14"))
    error = failure(newer, capfd)
    assert "requires-python = '>=3.14', and the function's Python is 3.13" in error
