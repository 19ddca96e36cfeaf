"""An empty project, with nothing but the wheels: as users have it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ["packages/logging", "packages/runtime", "packages/testing"]
TOOLS = ["pytest-xdist>=3.6", "pytest-asyncio>=1.3"]
UV = os.environ.get("UV") or shutil.which("uv")

APP = """
    def handler(event, context): return [event, context.function_name]
    async def work(event): return event
"""
TESTS = """
    import app, pytest
    def test_invoke(invoke): assert invoke(app.handler, 1).value == [1, "test-function"]
    @pytest.mark.asyncio
    async def test_loop(invoke, lambda_process):
        assert (await invoke.on_loop(app.work, 1)).value == invoke(app.work, 1).value == 1
        assert (await lambda_process("app.work").enqueue(1)).json() == 1
    @pytest.mark.lambda_function(name="orders")
    def test_context(lambda_context): assert app.handler(1, lambda_context) == [1, "orders"]
    def test_make(make_lambda_context): assert make_lambda_context(tenant_id="a").tenant_id == "a"
    def test_process(lambda_process): assert lambda_process("app.handler").invoke(1).init_duration
    def test_api(runtime_api): assert runtime_api.state == "Started"
    def test_client(lambda_client): pass
"""
CONFIG = """
    [pytest]
    filterwarnings = error
    asyncio_default_fixture_loop_scope = function
"""

pytestmark = pytest.mark.skipif(
    UV is None or not (ROOT / "uv.lock").exists(), reason="needs uv, and the whole workspace"
)


def uv(*arguments: str | Path) -> str:
    """Run uv; what it has to fetch, it takes from its cache if that is enough."""
    assert UV is not None
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    if pyenv := shutil.which("pyenv"):  # its commands find the interpreters that are named here
        found = subprocess.run(
            [pyenv, "versions", "--bare"], capture_output=True, text=True, check=False
        )
        environment["PYENV_VERSION"] = ":".join(found.stdout.split())
    for mode in ("--offline", "--no-offline"):
        result = subprocess.run(
            [UV, mode, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode == 0:
            return result.stdout.strip()
    pytest.skip(f"uv cannot do it here: {result.stderr}")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheels")
    for package in PACKAGES:
        uv("build", "--quiet", "--wheel", "--no-sources", "--out-dir", folder, ROOT / package)
    return sorted(folder.glob("*.whl"))


@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_each_fixture_works_in_an_empty_project(
    version: str, wheels: list[Path], tmp_path: Path
) -> None:
    python = uv("python", "find", "--no-project", "--system", version)
    uv("venv", "--quiet", "--python", python, tmp_path / "venv")
    environment = tmp_path / "venv" / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", environment, *wheels, *TOOLS)
    project = tmp_path / "project"
    project.mkdir()
    for name, text in (("app.py", APP), ("test_app.py", TESTS), ("pytest.ini", CONFIG)):
        (project / name).write_text(dedent(text))
    for options in (
        ["-o", "asyncio_mode=auto"],
        ["-n2"],
    ):  # pytest-asyncio's other mode is "strict"
        # Sessions that share a folder for temporary files clear it, each while others use it.
        result = subprocess.run(
            [environment, "-m", "pytest", "-rs", f"--basetemp={tmp_path / 'own'}", *options],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "6 passed, 1 skipped" in result.stdout, result.stdout + result.stderr
        assert "no emulator is installed" in result.stdout
