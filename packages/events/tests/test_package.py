"""The promises of the package as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lambda_events
from lambda_events._names import HOME

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
HEAVY = set(
    "asyncio attr attrs cattrs dataclasses datetime enum inspect json logging re typing".split()  # noqa: SIM905 - it is no longer than a line
)


def python(code: str) -> str:
    """Run code in a process of its own, warnings being errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_readme_tells_the_truth(snippet: str) -> None:
    python(snippet)


def test_the_readme_has_snippets() -> None:
    assert SNIPPETS


def test_what_checkers_read_runs() -> None:
    python((HERE / "typing_api.py").read_text())


def test_every_public_name_is_there() -> None:
    names: list[str] = vars(lambda_events)["__getattr__"]("__all__")
    assert [name for name in names if not hasattr(lambda_events, name)] == []
    assert {*names} == {*dir(lambda_events)} == {*HOME}
    with pytest.raises(AttributeError, match="'lambda_events' has no attribute 'Missing'"):
        _ = getattr(lambda_events, "Missing")  # noqa: B009 - a type checker knows it is not there


def test_a_type_checker_sees_every_public_name() -> None:
    source = Path(lambda_events.__file__).read_text()
    seen = dict(re.findall(r"(\w+) as (\w+)", source))
    assert sorted(seen) == sorted(seen.values()) == sorted(HOME)


def test_an_event_loads_its_own_module_and_nothing_heavy() -> None:
    """The modules that a cold start loads; ujson, which writes, imports others of its own."""
    loaded = python(
        "import sys\n"
        "before = set(sys.modules)\n"
        "from lambda_events import SQSEvent, dumps, loads\n"
        'event = loads(b\'{"Records": [{"messageId": "1", "body": "{}"}]}\', SQSEvent)\n'
        "record = event.records[0]\n"
        "assert (record.message_id, record.payload) == ('1', {})\n"
        "assert record.attributes.sender_id is None\n"
        "assert 'ujson' not in sys.modules\n"
        "to_read = set(sys.modules); import ujson; before.update(set(sys.modules) - to_read)\n"
        "assert dumps(event)\n"
        "print(*set(sys.modules) - before)\n"
    ).split()
    ours = {name for name in loaded if name.startswith("lambda_events.")}
    assert {name for name in ours if "._" not in name} == {
        "lambda_events.errors",
        "lambda_events.sqs",
    }
    assert set(loaded) & HEAVY == set()
