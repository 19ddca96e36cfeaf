"""The promises of the package as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lambda_testing

README = Path(__file__).parents[1] / "README.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
# Plugins that the snippets do not use take longer to load than the snippets take.
OTHERS = ("anyio", "cacheprovider", "faker", "hypothesispytest", "xdist")


def python(code: str, directory: Path | None = None) -> None:
    """Run code in a process of its own, warnings being errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_readme_tells_the_truth(snippet: str, tmp_path: Path) -> None:
    name = snippet.partition("\n")[0].removeprefix("# ")
    if name.startswith("test_"):
        (tmp_path / name).write_text(snippet)
        # Without a folder of its own, it would clear those of sessions that have ended.
        options = [f"--basetemp={tmp_path / 'own'}", *(f"-pno:{each}" for each in OTHERS)]
        python(f"import pytest; exit(pytest.main({[*options, name]}))", tmp_path)
    else:
        python(snippet)


def test_the_readme_has_snippets() -> None:
    assert SNIPPETS


def test_every_public_name_is_there() -> None:
    assert [name for name in lambda_testing.__all__ if not hasattr(lambda_testing, name)] == []
    assert set(lambda_testing.__all__) <= set(dir(lambda_testing))
    with pytest.raises(AttributeError, match="'lambda_testing' has no attribute 'Missing'"):
        _ = getattr(lambda_testing, "Missing")  # noqa: B009 - a type checker knows it is not there


def test_aiohttp_waits_for_the_first_server() -> None:
    python(
        "import sys\n"
        "from lambda_testing import FakeRuntimeAPI, Function, Invocation, Outcome, Reply\n"
        "assert 'aiohttp' not in sys.modules\n"
        "FakeRuntimeAPI().close()\n"
        "assert 'aiohttp' in sys.modules\n"
    )
