"""Projects to build, with this repository's own packages as wheels."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from uv import find_uv_bin

from hatch_lambda import LambdaBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
OTHER_MACHINE = {"arm64": "x86_64"}.get(MACHINE, "arm64")
GLIBC = platform.libc_ver()[1] or "2.34"
HELLO = """
from lambda_runtime import Context


def handler(event: dict[str, str], context: Context) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
"""
linux = pytest.mark.skipif(
    sys.platform != "linux" or MACHINE not in {"x86_64", "arm64"},
    reason="the interpreter that is bundled is this one, and Lambda runs Linux on x86_64 and arm64",
)


@dataclass(frozen=True)
class Project:
    folder: Path

    def build(self, name: str = "hello") -> Path:
        """Build one function as hatchling does, and return what was built."""
        builder = LambdaBuilder(str(self.folder))
        (artifact,) = builder.build(directory=str(self.folder / "dist"), versions=[name])
        return Path(artifact)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


def uv(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_uv_bin(), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the wheels of the packages that a function needs."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in ("logging", "runtime"):
        source = ROOT / "packages" / name
        result = uv("build", "--quiet", "--wheel", "--out-dir", folder, source)
        if result.returncode:
            pytest.skip(f"{source} cannot be built, the index may be out of reach: {result.stderr}")
    names = {"lambda-logging": "lambda_logging-*.whl", "lambda-runtime": "lambda_runtime-*.whl"}
    return {name: next(folder.glob(pattern)) for name, pattern in names.items()}


def make_project(
    folder: Path,
    wheels: dict[str, Path],
    options: str = "",
    *,
    dependencies: tuple[str, ...] = (),
    sources: dict[str, str] | None = None,
    more: str = "",
    lock: bool = True,
) -> Project:
    """Write a project with one function, and lock its dependencies."""
    project = Project(folder)
    paths = {name: f'{{ path = "{path}" }}' for name, path in wheels.items()} | (sources or {})
    project.write("app.py", HELLO)
    project.write(
        "pyproject.toml",
        "\n".join(
            [
                "[build-system]",
                'requires = ["hatchling", "hatch-lambda"]',
                'build-backend = "hatchling.build"',
                "[project]",
                'name = "hello"',
                'version = "1"',
                'requires-python = ">=3.11"',
                f"dependencies = {[*wheels, *dependencies]!r}",
                more,
                "[tool.uv]",
                "package = false",
                "[tool.uv.sources]",
                *(f"{name} = {path}" for name, path in paths.items()),
                "[tool.hatch.build.targets.lambda]",
                *([] if "python =" in options else [f'python = "{PYTHON}"']),
                *([] if "handler" in options else ['handler = "app.handler"']),
                options,
            ]
        ),
    )
    if lock:
        result = uv("lock", "--quiet", cwd=folder)
        if result.returncode:
            pytest.skip(f"dependencies cannot be resolved, is the index there? {result.stderr}")
    return project


@pytest.fixture
def project(tmp_path: Path, wheels: dict[str, Path]) -> Callable[..., Project]:
    """Make a project: ``project(options, dependencies=(...), sources={...})``."""
    return partial(make_project, tmp_path / "hello", wheels)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Path:
    """Build a bundle with the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("bundle") / "hello"
    return make_project(folder, wheels, of_this_machine()).build()


def of_this_machine(**options: str) -> str:
    """Return the options that bundle the Python that runs the tests."""
    given = {
        "architecture": MACHINE,
        "glibc": GLIBC,
        "interpreter": sys.base_prefix,
        **options,
    }
    return "\n".join(f"{key} = {value!r}" for key, value in given.items())


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive as Lambda does, with the modes of its files."""
    with ZipFile(archive) as file:
        for info in file.infolist():
            path = Path(file.extract(info, folder))
            path.chmod(info.external_attr >> 16)
    return folder


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, env={**base, **environ}, capture_output=True, text=True, check=False
    )


def script(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def names(archive: Path) -> set[str]:
    with ZipFile(archive) as file:
        return set(file.namelist())
