"""New projects: the files that the command writes, and the names that it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KINDS = ("http", "sqs", "stream", "web", "scheduled", "durable")
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


def new(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lambda_emulator", "new", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
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


def test_a_durable_function_runs_where_lambda_has_durable_executions(tmp_path: Path) -> None:
    assert new(tmp_path, "orders", "--template", "durable").returncode == 0
    folder = tmp_path / "orders"
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["tool"]["lambda-emulator"]["functions"]["orders"]["durable"] is True
    assert project["tool"]["hatch"]["build"]["targets"]["lambda"]["layout"] == "wrapper"
    template = (folder / "template.yaml").read_text()
    assert "Runtime: python3.13" in template
    assert "AWS_LAMBDA_EXEC_WRAPPER: /var/task/wrapper" in template
    readme = (folder / "README.md").read_text()
    assert "/functions/orders/invocations?Qualifier=$LATEST'" in readme


GIT = "https://git.example/lambda"
INDEX: dict[str, Any] = {"url": f"{GIT}/x.whl", "archive_info": {}}
ORIGINS = [
    (
        {"url": GIT, "vcs_info": {"vcs": "git", "commit_id": "abc123"}},
        {"git": GIT, "subdirectory": "packages/runtime", "rev": "abc123"},
        f"hatch-lambda @ git+{GIT}@abc123#subdirectory=packages/packaging",
    ),
    (
        {"url": "file:///a%20%22clone%22/emulator", "dir_info": {"editable": True}},
        {"path": '/a "clone"/packages/runtime', "editable": True},
        "hatch-lambda @ file:///a%20%22clone%22/packages/packaging",
    ),
    (INDEX, None, "hatch-lambda"),
]


@pytest.mark.parametrize(("origin", "source", "builder"), ORIGINS)
def test_the_packages_come_from_where_the_emulator_came_from(
    tmp_path: Path, origin: dict[str, Any], source: dict[str, Any] | None, builder: str
) -> None:
    installed = tmp_path / "lambda_emulator-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.4\nName: lambda-emulator\n")
    (installed / "direct_url.json").write_text(json.dumps(origin))
    assert new(tmp_path, "orders", environment={"PYTHONPATH": str(tmp_path)}).returncode == 0
    tool = tomllib.loads((tmp_path / "orders/pyproject.toml").read_text())["tool"]
    sources = tool["uv"].get("sources", {})
    assert sources.get("lambda-runtime") == source
    assert tool["hatch"]["envs"]["hatch-build"]["dependencies"] == [builder]


def test_the_packages_come_from_the_folder_with_the_emulators_wheel(tmp_path: Path) -> None:
    wheels = tmp_path / "my wheels"
    wheels.mkdir()
    (wheels / "hatch_lambda-1.0-py3-none-any.whl").touch()
    installed = tmp_path / "lambda_emulator-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.4\nName: lambda-emulator\n")
    wheel = (wheels / "lambda_emulator-1.0-py3-none-any.whl").as_uri()
    (installed / "direct_url.json").write_text(json.dumps({"url": wheel, "archive_info": {}}))
    assert new(tmp_path, "orders", environment={"PYTHONPATH": str(tmp_path)}).returncode == 0
    tool = tomllib.loads((tmp_path / "orders/pyproject.toml").read_text())["tool"]
    # All packages: lambda-logging, which no project names, must not be somebody else's.
    assert tool["uv"]["index"] == [{"name": "wheels", "url": str(wheels), "format": "flat"}]
    assert tool["hatch"]["envs"]["hatch-build"]["dependencies"] == [
        f"hatch-lambda @ {(wheels / 'hatch_lambda-1.0-py3-none-any.whl').as_uri()}"
    ]


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
