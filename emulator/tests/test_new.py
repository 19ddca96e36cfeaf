"""New projects: the files that the command writes, and the names that it takes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("http", "sqs", "stream", "web", "scheduled")
FILES = {
    ".github/workflows/ci.yml",
    ".gitignore",
    "README.md",
    "app.py",
    "event.json",
    "pyproject.toml",
    "template.yaml",
    "tests/test_app.py",
}


def new(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lambda_emulator", "new", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_project_is_created(tmp_path: Path) -> None:
    result = new(tmp_path, "late-orders", "--template", "sqs")
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "late-orders"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == FILES
    assert {line.removeprefix("late-orders/") for line in result.stdout.splitlines()} == FILES
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["name"] == "late-orders"
    assert project["tool"]["lambda-emulator"]["functions"]["late-orders"]["target"] == "app.handler"
    template = (folder / "template.yaml").read_text()
    assert "LateOrders:" in template
    assert "ReportBatchItemFailures" in template


def test_the_templates_are_listed(tmp_path: Path) -> None:
    result = new(tmp_path, "--list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(KINDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Orders"], "lower-case letters"),
        (["a--b"], "lower-case letters"),
        (["class"], "lower-case letters"),
        (["taken"], "exists already"),
        (["orders", "--template", "htp"], "did you mean http?"),
        ([], "Missing argument 'FOLDER'"),
    ],
)
def test_what_cannot_be_created_is_refused(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "app.py").touch()
    result = new(tmp_path, *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
