"""When the module ``site`` can be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatch_lambda._site import reasons_for_site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.exit(1)",
        "def exit(): ...\nexit()",
        "from os import _exit as exit\nexit(1)",
        "def f(help): return help",
        "quit = 1\nprint(quit)",
        "text = 'exit()'",
    ],
)
def test_code_that_defines_its_names_does_not_need_it(tmp_path: Path, source: str) -> None:
    (tmp_path / "a.py").write_text(source)
    assert reasons_for_site([tmp_path / "a.py"]) == []


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("a.py", "exit(1)", "a.py uses exit"),
        ("a.py", "import sys\nquit()", "a.py uses quit"),
        ("a.py", "exit(", "a.py uses what cannot be parsed here"),
        ("a.pth", "import a", "a.pth is run by it"),
        ("sitecustomize.py", "", "sitecustomize.py is run by it"),
    ],
)
def test_what_needs_it(tmp_path: Path, name: str, source: str, reason: str) -> None:
    (tmp_path / name).write_text(source)
    assert reasons_for_site([tmp_path / name]) == [reason]
