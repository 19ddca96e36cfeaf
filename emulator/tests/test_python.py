"""The Python that functions run with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 60
HOMES = ("VIRTUAL_ENV", "CONDA_PREFIX")


def make_environment(path: Path, *, complete: bool) -> Path:
    """Make a virtual environment; a complete one finds what this one does."""
    venv.create(path, symlinks=True)
    if complete:
        [packages] = path.glob("lib/python*/site-packages")
        (packages / "more.pth").write_text("\n".join(each for each in sys.path if each))
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project").resolve()
    make_environment(root / ".venv", complete=True)
    make_environment(root / "other", complete=True)
    make_environment(root / "bare", complete=False)
    (root / "src").mkdir()
    (root / "src" / "app.py").write_text("import sys\ndef handler(event): return sys.prefix\n")
    return root


def run(
    project: Path, *arguments: str, target: str = "app.handler", **env: str
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in HOMES}
    return subprocess.run(
        [sys.executable, "-m", "lambda_emulator", "invoke", target, *arguments],
        cwd=project / "src",
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def test_the_environment_of_the_project(project: Path) -> None:
    assert json.loads(run(project).stdout) == f"{project}/.venv"


def test_the_environment_that_is_active(project: Path) -> None:
    assert json.loads(run(project, VIRTUAL_ENV=f"{project}/other").stdout) == f"{project}/other"
    assert json.loads(run(project, VIRTUAL_ENV=sys.prefix).stdout) == sys.prefix


def test_an_environment_without_the_runtime(project: Path) -> None:
    assert json.loads(run(project, VIRTUAL_ENV=f"{project}/bare").stdout) == sys.prefix
    done = run(project, "--python", "../bare")
    assert done.returncode == 2
    assert "has no lambda-runtime, which runs handlers: install it there." in done.stderr


@pytest.mark.parametrize("path", ["../other", "../other/bin/python"])
def test_the_one_that_is_named(project: Path, path: str) -> None:
    assert json.loads(run(project, "--python", path).stdout) == f"{project}/other"


def test_the_one_that_is_named_in_the_settings(project: Path, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text((project / "src" / "app.py").read_text())
    settings = f"[tool.lambda-emulator]\npython = '{project}/other'\n"
    (tmp_path / "src" / "pyproject.toml").write_text(settings)
    assert json.loads(run(tmp_path).stdout) == f"{project}/other"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere", "There is no Python '/nowhere': name one with --python PATH."),
        ("no-such-python", "There is no Python 'no-such-python'"),
        ("..", "There is no Python in '..': name a virtual environment, or a Python itself."),
        ("/bin/ls", "'/bin/ls' does not work as a Python"),
        ("app.py", "does not work as a Python"),
    ],
)
def test_one_that_cannot_be_used(project: Path, path: str, words: str) -> None:
    done = run(project, "--python", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_one_that_is_too_old_and_is_named_by_its_version(project: Path, tmp_path: Path) -> None:
    python = tmp_path / "python3.9"
    python.write_text("""#!/bin/sh\necho '["3.9.1", []]'\n""")
    python.chmod(0o755)
    done = run(project, "--python", "3.9", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.stderr == (
        f"Error: The Python {python} has no lambda-runtime, which runs handlers:"
        " it is 3.9.1, and lambda-runtime needs 3.11 or newer.\n"
    )


def test_its_version_is_in_the_log(project: Path) -> None:
    log = run(project).stderr
    version = ".".join(map(str, sys.version_info[:3]))
    assert log.startswith(f"INIT_START Runtime Version: python:{version}.emulator.")
