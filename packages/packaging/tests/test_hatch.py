"""The target, as hatch and hatchling find and run it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import LambdaBuilder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project


FUNCTION = "layout = 'wrapper'\nparts = ['function']"


def run(project: Project, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=project.folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_hatchling_builds_the_functions_that_are_named(project: Callable[..., Project]) -> None:
    functions = "[tool.hatch.build.targets.lambda.functions."
    several = project(
        f"{FUNCTION}\ninclude = ['*.py']\n{functions}one]\n{functions}two]\n", lock=False
    )
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t")
    result = run(several, *hatchling, "lambda:two")
    assert (result.returncode, result.stderr.count("dist/two.zip\n")) == (0, 1)
    lines = run(several, *hatchling, "lambda").stderr.splitlines()
    assert [line for line in lines if line.startswith("dist/")] == ["dist/one.zip", "dist/two.zip"]
    archives = [several.folder / "dist" / name for name in ("one.zip", "two.zip")]
    assert archives[0].read_bytes() == archives[1].read_bytes()  # the name is not in it


@pytest.mark.parametrize(
    ("options", "more", "message"),
    [
        ("layot = 'wrapper'", "", "has no option 'layot': did you mean layout?"),
        ("include = 'app.py'", "", "cannot be selected: Field `tool.hatch.build.targets.lambda.in"),
        ("force-include = { missing = 'there' }", "", "Forced include not found: "),
        ("hooks = { nowhere = {} }", "", "Unknown build hook: nowhere. A plugin has to be"),
        ("", "readme = 'README.md'", "pyproject.toml cannot be read. Readme file does not exist"),
    ],
)
def test_an_error_is_a_sentence_and_no_stack_trace(
    project: Callable[..., Project], options: str, more: str, message: str
) -> None:
    wrong = project(f"{FUNCTION}\n{options}", more=more, lock=False)
    result = run(wrong, sys.executable, "-m", "hatchling", "build", "-t", "lambda")
    assert result.returncode == 1
    assert result.stderr.startswith("hatch-lambda: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_what_only_an_index_refuses_is_packed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Direct references, and a version that the project's build backend cannot tell here."""
    direct = "idna @ git+https://git.example.com/idna"
    (tmp_path / "pyproject.toml").write_text(
        f"[project]\nname = 'orders'\ndynamic = ['version']\ndependencies = ['{direct}']", "utf-8"
    )
    assert LambdaBuilder(str(tmp_path)).metadata.core.dependencies == [direct]
    assert "importlib.metadata will not find orders" in capfd.readouterr().err


def test_a_table_of_functions_that_is_none_is_an_error(project: Callable[..., Project]) -> None:
    wrong = project("functions = ['one']", lock=False)
    result = run(wrong, sys.executable, "-m", "hatchling", "build", "-t", "lambda")
    assert result.returncode == 1
    assert "needs a table for each function" in result.stderr
