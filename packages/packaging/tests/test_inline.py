"""Programs that name their dependencies themselves, as `uv run` reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from hatch_lambda import BuildError, Options
from hatch_lambda._inline import with_own_dependencies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project

PROGRAM = """#!/usr/bin/env -S uv run
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "lambda-runtime",
#     "idna>=3",
# ]
# ///
import idna
from lambda_runtime import run


def handler(event: object) -> str:
    return idna.__version__


if __name__ == "__main__":
    run(handler)
"""


@pytest.mark.parametrize("home", ["", "src", "programs"])
def test_they_are_those_of_the_function(tmp_path: Path, home: str) -> None:
    path = tmp_path / home / "jobs" / "refund.py"
    path.parent.mkdir(parents=True)
    path.write_text(PROGRAM, "utf-8")
    root = "programs" if home == "programs" else None
    options = Options(name="refund", handler="jobs/refund.py", root=root)
    assert with_own_dependencies(options, tmp_path).dependencies == ("lambda-runtime", "idna>=3")
    for own in (
        replace(options, dependencies=("lambda-runtime",)),
        replace(options, requirements=("requirements.txt",)),
        replace(options, handler="jobs.refund.handler"),
        replace(options, handler="missing.py"),
    ):
        assert with_own_dependencies(own, tmp_path) == own


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ('">=3.11"', '">=3.14"', "requires-python = '>=3.14'"),
        ('">=3.11"', '"three"', "cannot be read"),
        ("dependencies = [", "dependencies = ", "cannot be read"),
        ("import idna", "# /// script\n# dependencies = []\n# ///\nimport idna", "2 blocks"),
    ],
)
def test_what_is_wrong_with_them_is_an_error(
    tmp_path: Path, wrong: str, right: str, message: str
) -> None:
    (tmp_path / "refund.py").write_text(PROGRAM.replace(wrong, right), "utf-8")
    with pytest.raises(BuildError, match=message):
        with_own_dependencies(Options(name="refund", handler="refund.py"), tmp_path)


def test_a_program_is_built_with_them(project: Callable[..., Project]) -> None:
    hello = project(
        'layout = "wrapper"\nhandler = "refund.py"\ncheck = false',
        dependencies=("certifi",),
        lock=False,
    )
    hello.write("refund.py", PROGRAM)
    with ZipFile(hello.build()) as archive:
        names = archive.namelist()
    assert {"refund.py", "idna/__init__.py"} <= {*names}
    assert "certifi/__init__.py" not in names
