"""The cold start of what hatch-lambda builds, against the same function with what pip installs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZipFile

from _compare import FIRST_POLL, OURS, Comparison
from _group import Group
from _installed import wheels
from _server import FUNCTIONS, Load
from uv import find_uv_bin

from hatch_lambda import LambdaBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _row import Row

_REQUIRED = ("lambda-logging", "lambda-runtime")
_MODULES = ("hello", "hello_async")
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class BundleComparison:
    """A function that is started as it was built, and as pip installs it."""

    what: str
    module: str
    in_runtime_image: bool = False
    """True if Python and dependencies are a runtime image's, and the archive is the function."""

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Start the function in both ways in turns, and yield a row.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        built, plain = (Path(each.name) for each in (_built(), _installed()))
        handler = f"{self.module}.handler"
        task = built / ("in_image" if self.in_runtime_image else self.module)
        bootstrap = (built / "image" if self.in_runtime_image else task) / "bootstrap"
        ours = ("env", f"LAMBDA_TASK_ROOT={task}", str(bootstrap), handler)
        # As in Lambda, byte code that does not come along cannot be kept.
        python = os.path.join(sys.base_prefix, "bin", f"python{_PYTHON}")  # noqa: PTH118 (a word)
        peer = (
            *("env", "--chdir", str(plain), "PYTHONDONTWRITEBYTECODE=1"),
            *(python, *OURS[1:], handler),
        )
        comparison = Comparison(self.what, ours, peer, Load(), [FIRST_POLL])
        yield from comparison.rows(pairs, quick=quick)


@cache
def _built() -> TemporaryDirectory[str]:
    """Build all functions, and lay each out as Lambda does, in a folder of its name."""
    folder = TemporaryDirectory()
    root = Path(folder.name)
    project = root / "project"
    project.mkdir()
    for module in _MODULES:
        shutil.copy(FUNCTIONS / f"{module}.py", project)
    sources = "\n".join(
        f'{each.name.partition("-")[0].replace("_", "-")} = {{ path = "{each}" }}'
        for each in wheels(_REQUIRED)
    )
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    functions = {module: ("bundle", module) for module in _MODULES}
    functions |= {"in_image": ("function", _MODULES[0]), "image": ("runtime", _MODULES[0])}
    table = "[tool.hatch.build.targets.lambda"
    (project / "pyproject.toml").write_text(
        f"""
[project]
name = "functions"
version = "0"
requires-python = ">=3.11"
dependencies = {list(_REQUIRED)}
[tool.uv]
package = false
[tool.uv.sources]
{sources}
{table}]
python = "{_PYTHON}"
architecture = "{architecture}"
glibc = "{platform.libc_ver()[1]}"
interpreter = "{sys.base_prefix}"
"""
        + "".join(
            f'{table}.functions.{name}]\nlayout = "{layout}"\nhandler = "{module}.handler"\n'
            for name, (layout, module) in functions.items()
        ),
        "utf-8",
    )
    subprocess.run([find_uv_bin(), "lock", "--quiet"], cwd=project, check=True)
    for name, path in zip(functions, map(Path, LambdaBuilder(str(project)).build()), strict=True):
        if path.is_dir():
            path.rename(root / name)
            continue
        with ZipFile(path) as file:
            for info in file.infolist():
                Path(file.extract(info, root / name)).chmod(info.external_attr >> 16)
    return folder


@cache
def _installed() -> TemporaryDirectory[str]:
    """Install the same packages with the same functions."""
    folder = TemporaryDirectory()
    install = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*install, "--target", folder.name, *wheels(_REQUIRED)], check=True)
    for module in _MODULES:
        shutil.copy(FUNCTIONS / f"{module}.py", folder.name)
    return folder


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
