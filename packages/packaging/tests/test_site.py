"""When the module ``site`` can be left out."""

from __future__ import annotations

import os
import subprocess
import sys
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
        "parser.add_argument('--to', help='where to')\nparser.exit(1)",
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
        ("a.py", "print(help == 1)", "a.py uses help"),
        ("a.py", "exit(", "a.py uses what cannot be parsed here"),
    ],
)
def test_what_needs_it(tmp_path: Path, name: str, source: str, reason: str) -> None:
    (tmp_path / name).write_text(source)
    assert reasons_for_site([tmp_path / name]) == [reason]


@pytest.mark.parametrize("name", ["a.pth", "sitecustomize.py", "usercustomize.py"])
def test_what_it_would_not_find_is_no_reason(tmp_path: Path, name: str) -> None:
    """Beside a program and in the working folder, Python runs none of them, with or without it."""
    (tmp_path / name).write_text("import sys; sys.stdout.write('run')")
    (tmp_path / "__main__.py").touch()
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__main__.py").touch()
    for program in (["-m", "program"], [str(tmp_path)]):
        command = [sys.executable, "-s", *program]
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        result = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        )
        assert result.stdout == ""
    assert reasons_for_site([tmp_path / name]) == []
