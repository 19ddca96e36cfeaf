"""Projects that `lambda-emulator new` creates: their tests, linters, builds and deployments."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
KINDS = ("http", "sqs", "stream", "web", "scheduled", "durable")
# Plugins of this workspace that projects do not use take longer to load than their tests take.
PLUGINS = [f"-pno:{name}" for name in ("cacheprovider", "faker", "hypothesispytest", "xdist")]
# `uv run` sets them for the workspace, which a project is not a member of.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PYTEST_", "VIRTUAL_ENV"))
}


def run(*command: str | Path, cwd: Path) -> str:
    result = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("new")
    for kind in KINDS:
        name = f"{kind}-orders"
        run(BIN / "lambda-emulator", "new", name, "--template", kind, cwd=folder)
    return [folder / f"{kind}-orders" for kind in KINDS]


def test_their_tests_pass(projects: list[Path], tmp_path: Path) -> None:
    for number, project in enumerate(projects):
        options = ("-q", *PLUGINS, f"--basetemp={tmp_path / str(number)}")
        assert " passed" in run(sys.executable, "-m", "pytest", *options, cwd=project)


def test_the_event_is_handled(projects: list[Path]) -> None:
    command = ("invoke", "http-orders", "-e", "event.json")
    answer = run(BIN / "lambda-emulator", *command, cwd=projects[0])
    assert json.loads(answer)["statusCode"] == 201


def test_the_durable_function_is_executed(projects: list[Path]) -> None:
    project = projects[KINDS.index("durable")]
    command = [str(BIN / "lambda-emulator"), "run", "--port", "0", "--timeout", "60"]
    with subprocess.Popen(
        command, cwd=project, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as emulator:
        assert emulator.stderr is not None
        try:
            found = re.search(r"'(http:.*)'", emulator.stderr.readline())
            assert found, "the first line shows how to invoke it"
            event = (project / "event.json").read_bytes()
            with urlopen(Request(found[1], event), timeout=60) as answer:
                assert json.load(answer) == {"id": 17, "status": "shipped"}
        finally:
            emulator.terminate()


def test_they_are_well_formed(projects: list[Path]) -> None:
    folder = projects[0].parent
    run(BIN / "ruff", "check", "--no-cache", cwd=folder)
    run(BIN / "ruff", "format", "--no-cache", "--check", cwd=folder)
    run(BIN / "cfn-lint", *(project / "template.yaml" for project in projects), cwd=folder)
    for project in projects:
        settings = tomllib.loads((project / "pyproject.toml").read_text())
        for source in settings["tool"]["uv"]["sources"].values():
            assert Path(source["path"]).is_relative_to(ROOT)
            assert (Path(source["path"]) / "pyproject.toml").is_file()


def test_its_workflow_pins_what_this_repository_pins() -> None:
    def actions(path: Path) -> set[str]:
        return set(re.findall(r"uses: (\S+ # \S+)", path.read_text()))

    folder = ROOT / "emulator/src/lambda_emulator/_new/templates/common/.github/workflows"
    [workflow] = folder.iterdir()
    assert actions(workflow)
    assert actions(workflow) <= actions(ROOT / ".github/workflows/ci.yml")
    run(BIN / "zizmor", "--offline", "--quiet", workflow, cwd=ROOT)
