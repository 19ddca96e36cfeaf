"""The cold start of what hatch-lambda builds, beside the same function with what pip installs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZipFile

from _compare import FIRST_POLL, OURS, Comparison
from _group import Group
from _server import FUNCTIONS, Load
from uv import find_uv_bin

from hatch_lambda import LambdaBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _row import Row

_PACKAGES = Path(__file__).parents[1] / "packages"
_REQUIRED = ("lambda-logging", "lambda-runtime")
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class BundleComparison:
    """A function that is built, and then started in both ways."""

    what: str
    module: str
    in_runtime_image: bool = False
    """True if Python and dependencies are a runtime image's, and the archive is the function."""

    def rows(self, pairs: int, *, quick: bool = False) -> Iterator[Row]:
        """Build the function, start it in turns, and yield a row.

        Args:
            pairs: How often.
            quick: Whether to cut the load down to what shows that it works.
        """
        with TemporaryDirectory() as name:
            folder = Path(name)
            wheels = {package: _wheel(package, folder / package) for package in _REQUIRED}
            comparison = Comparison(
                self.what,
                _built(folder / "bundle", self.module, wheels, in_image=self.in_runtime_image),
                _installed(folder / "plain", self.module, wheels),
                Load(),
                [FIRST_POLL],
            )
            yield from comparison.rows(pairs, quick=quick)


def _wheel(package: str, folder: Path) -> Path:
    """Build a package of this repository."""
    source = _PACKAGES / package.removeprefix("lambda-")
    build = [find_uv_bin(), "build", "--quiet", "--wheel"]
    subprocess.run([*build, "--out-dir", folder, source], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _built(
    folder: Path, module: str, wheels: dict[str, Path], *, in_image: bool
) -> tuple[str, ...]:
    """Build a function, lay it out as Lambda does, and return what starts it."""
    folder.mkdir()
    shutil.copy(FUNCTIONS / f"{module}.py", folder)
    sources = "\n".join(f'{name} = {{ path = "{wheel}" }}' for name, wheel in wheels.items())
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    layouts = {"function": "function", "image": "runtime"} if in_image else {"function": "bundle"}
    table = "[tool.hatch.build.targets.lambda"
    (folder / "pyproject.toml").write_text(
        f"""
[project]
name = "{module}"
version = "0"
requires-python = ">=3.11"
dependencies = {list(_REQUIRED)}
[tool.uv]
package = false
[tool.uv.sources]
{sources}
{table}]
handler = "{module}.handler"
python = "{_PYTHON}"
architecture = "{architecture}"
glibc = "{platform.libc_ver()[1]}"
interpreter = "{sys.base_prefix}"
"""
        + "".join(
            f'{table}.functions.{name}]\nlayout = "{each}"\n' for name, each in layouts.items()
        ),
        "utf-8",
    )
    subprocess.run([find_uv_bin(), "lock", "--quiet"], cwd=folder, check=True)
    archive, *image = map(Path, LambdaBuilder(str(folder)).build())
    task = folder / "task"
    with ZipFile(archive) as file:
        for info in file.infolist():
            Path(file.extract(info, task)).chmod(info.external_attr >> 16)
    bootstrap = (image[0] if image else task) / "bootstrap"
    return ("env", f"LAMBDA_TASK_ROOT={task}", str(bootstrap), f"{module}.handler")


def _installed(folder: Path, module: str, wheels: dict[str, Path]) -> tuple[str, ...]:
    """Install the same packages, and return what starts the function beside them.

    As in Lambda, byte code that does not come along cannot be kept.
    """
    install = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*install, "--target", folder, *wheels.values()], check=True)
    shutil.copy(FUNCTIONS / f"{module}.py", folder)
    python = os.path.join(sys.base_prefix, "bin", f"python{_PYTHON}")  # noqa: PTH118 (a word)
    return (
        *("env", "--chdir", str(folder), "PYTHONDONTWRITEBYTECODE=1"),
        *(python, *OURS[1:], f"{module}.handler"),
    )


GROUP = Group(
    title="A bundle of hatch-lambda",
    measurements=[
        BundleComparison("`def`", "hello"),
        BundleComparison("`def`, in a runtime image", "hello", in_runtime_image=True),
        BundleComparison("`async def`", "hello_async"),
    ],
    ours="hatch-lambda",
    peer="pip install",
    distributions=("hatch-lambda", "lambda-runtime"),
)
