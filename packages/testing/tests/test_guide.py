"""The guide is a project whose tests pass."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "testing.md"
BLOCK = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = (
    {block["name"]: block["text"] for block in BLOCK.finditer(GUIDE.read_text("utf-8"))}
    if GUIDE.exists()
    else {}
)
CONFIG = "[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n"
# Modules that the guide does not use take longer to load than its tests take.
PLUGINS = [f"-pno:{name}" for name in ("cacheprovider", "faker", "hypothesispytest", "xdist")]
NEEDED = {"test_orders.py": "cattrs", "test_batch.py": "lambda_events"}

pytestmark = pytest.mark.skipif(not FILES, reason="the guide is not in the package")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "pytest.ini").write_text(CONFIG)
    return tmp_path


def run(project: Path, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_tests_of_the_guide_pass(project: Path) -> None:
    missing = [name for name, package in NEEDED.items() if find_spec(package) is None]
    # Sessions that share a folder for temporary files clear it, each while others use it.
    own = f"--basetemp={project / 'own'}"
    ignored = (f"--ignore={name}" for name in missing)
    printed = run(project, "-m", "pytest", own, *PLUGINS, *ignored)
    for name in FILES:
        if name.startswith("test_") and name not in missing:
            assert re.search(rf"^{name} [.s]+ ", printed, re.MULTILINE)


def test_it_works_without_pytest(project: Path) -> None:
    assert run(project, "without_pytest.py") == ""


def test_every_block_is_a_file_and_is_tried() -> None:
    text = GUIDE.read_text("utf-8")
    assert text.count("```python") == len(FILES)
    helpers = {name for name in FILES if not name.startswith("test_")}
    used = "\n".join(text for name, text in FILES.items() if name.startswith("test_"))
    assert {name for name in helpers if name.removesuffix(".py") not in used} == {
        "without_pytest.py"
    }
